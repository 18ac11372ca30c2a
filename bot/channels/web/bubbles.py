"""Replies as the page's templates draw them: a result as its card, a question with its form, the check page as a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from bot.channels.web.safe_html import followable, linked
from bot.messages import Choice, Exchange, Link, Reply
from bot.telling.result import Result

Tell = Callable[[Exchange], Result]
"""The result that a turn told."""
ON_THE_CARD = (".go:learn", ".go:card", ".go:policy", ".go:explain", ".go:keep", ".go:remind")
"""How the ids end of buttons that the card of a result has in a better form."""


@dataclass(frozen=True, slots=True)
class Bubble:
    """One reply as the template draws it: `result` and `look` in place of the text where there is something to draw."""

    html: Markup
    links: Sequence[Link] = ()
    result: Result | None = None
    look: Mapping[str, Any] | None = None
    aside: Sequence[Choice] = ()
    choices: Sequence[Choice] = ()  # of an answer; those of the pending prompt stand at the foot of the page


def bubbles(exchange: Exchange, tell: Tell) -> list[Bubble]:
    """The replies of one turn."""
    return [bubble(exchange, reply, tell) for reply in exchange.replies]


def bubble(exchange: Exchange, reply: Reply, tell: Tell) -> Bubble:
    """One reply."""
    links = [link for link in reply.links if followable(link.url)]
    if reply.result and exchange.assessment is not None:
        return Bubble(Markup(""), result=tell(exchange), look=reply.look)
    own = () if is_prompt(reply) else reply.choices
    return Bubble(linked(reply.text), links, look=reply.look, choices=own, aside=reply.aside)


def is_prompt(reply: Reply) -> bool:
    """Whether its buttons are those of what is pending."""
    return reply.numbered or (reply.look is not None and reply.look["kind"] in ("question", "review", "result"))


def pending(exchange: Exchange) -> Reply | None:
    """The prompt that the turn ends with."""
    return next((reply for reply in reversed(exchange.replies) if is_prompt(reply)), None)


def choices_of(exchange: Exchange) -> list[Choice]:
    """The buttons at the foot of the page: what is pending, but for what its bubble holds itself."""
    prompt = pending(exchange)
    if prompt is None:
        return []
    beside = ON_THE_CARD if prompt.result else ()
    edits = prompt.look is not None and prompt.look["kind"] == "review"
    return [
        choice for choice in prompt.choices
        if not choice.id.endswith(beside) and not (edits and ".edit:" in choice.id)
    ]  # fmt: skip


def edits_of(exchange: Exchange) -> dict[str, str]:
    """The ids of the buttons 改 by the question each puts again."""
    prompt = pending(exchange)
    choices = prompt.choices if prompt is not None else ()
    return {choice.id.partition(".edit:")[2]: choice.id for choice in choices if ".edit:" in choice.id}


def form_of(exchange: Exchange) -> Mapping[str, Any] | None:
    """What the pending question offers to fill in."""
    prompt = pending(exchange)
    form: Mapping[str, Any] | None = None if prompt is None or prompt.look is None else prompt.look.get("form")
    return form
