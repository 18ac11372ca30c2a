"""Replies as the page's templates draw them: bubbles, and the card of a result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bot.channels.web.card import Bar, Drawing, Notice, tone
from bot.channels.web.markup import followable, labelled, linked, prompted, without_bars
from bot.messages import Choice, Exchange, Link, Reply


@dataclass(frozen=True, slots=True)
class Card:
    """The looks of a result: verdict, bars, and what its page shows beside them."""

    verdict: str
    detail: str  # what the verdict holds in brackets, set smaller
    tone: str
    any_one: bool  # one of the years is enough
    bars: Sequence[Bar]
    beside: Sequence[str]


@dataclass(frozen=True, slots=True)
class Bubble:
    """One reply as the template draws it; `card` where it is the result."""

    html: Markup
    links: Sequence[Link]
    card: Card | None
    again: bool = False  # the result that was told before, in one line


def bubbles(exchange: Exchange, notice: Notice | None, shown: str) -> list[Bubble]:
    """The replies of one turn; a result told again, after `shown`, is only pointed at."""
    return [
        Bubble(linked(verdict_of(reply)), (), None, again=True)
        if reply.result and reply.text == shown
        else bubble(exchange, reply, notice)
        for reply in exchange.replies
    ]


def bubble(exchange: Exchange, reply: Reply, notice: Notice | None) -> Bubble:
    """One reply; a result gets its card, and its first line becomes the verdict."""
    links = [link for link in reply.links if followable(link.url)]
    if not reply.result or exchange.assessment is None:
        return Bubble(prompted(reply.text) if reply.choices else linked(reply.text), links, None)
    drawing = Drawing(exchange.facts, exchange.assessment, notice)
    rest = reply.text.partition("\n")[2]
    verdict, bracket, detail = verdict_of(reply).partition("（")
    look = tone(exchange.assessment)
    card = Card(verdict, bracket + detail, look, drawing.any_one, drawing.bars(), drawing.beside())
    return Bubble(labelled(without_bars(rest) if card.bars else rest.strip()), links, card)


def choices_of(exchange: Exchange) -> list[Choice]:
    """The buttons under the newest turn."""
    return [choice for reply in exchange.replies for choice in reply.choices]


def verdict_of(reply: Reply) -> str:
    """The first line of a result."""
    return reply.text.partition("\n")[0]


def told_before(past: Sequence[Exchange]) -> str:
    """The text of the newest result told so far, or nothing."""
    return next((reply.text for exchange in reversed(past) for reply in exchange.replies if reply.result), "")
