"""Reading one message: normalise, lex, see what holds of whom, and fill the slots."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

from bot.reading.claims.hours import read_hours
from bot.reading.claims.ledger import ClaimedHours
from bot.reading.claims.order import in_order
from bot.reading.claims.stream import stream
from bot.reading.imperatives import command, edited, option
from bot.reading.leftover import Leftover, texts
from bot.reading.lexing.lexer import lex
from bot.reading.lexing.normalise import normalise
from bot.reading.lexing.settling import settle
from bot.reading.lexing.tokens import Token, spelt
from bot.reading.notes import Notes
from bot.reading.reading import Claim, Reading
from bot.reading.roles.age import read_age, settle_birth
from bot.reading.roles.asked import in_light, read_answer
from bot.reading.roles.circumstances import read_circumstances
from bot.reading.roles.employment import read_level, read_place, read_sector
from bot.reading.roles.gate import hold_reliefs, hold_some
from bot.reading.roles.moments import moments
from bot.reading.roles.person import read_birth, read_kin, read_sex

_MOST_OTHERS = 12
_USUAL = 3  # years that 每年 means where nobody says
_CHINESE = re.compile("[\u3400-\u9fff]")


def read(
    text: str, today: date, *, asking: str | None = None, review_year: int | None = None, years: int = _USUAL
) -> Reading:
    """What `text` says, as of `today`. `asking` is the pending question, in whose light bare answers are read;
    `review_year` is what 近三年 counts back from (default: this year), `years` how many 每年 and 都 are."""
    normal = normalise(text)
    last = review_year or today.year
    window = tuple(range(last - years + 1, last + 1))
    tokens = settle(lex(normal, today, window), today, window)
    if asking is not None:
        tokens = in_light(tokens, normal, today, asking)
    others = [t for t in tokens if t.other]
    own = Notes(_own(tokens) if others else tokens, normal, today, window, asking)
    spoken = own.by_kind.keys() | {kind for t in others for kind in t.senses}
    _fill(own)
    given = _commanded(own)
    everybody = _everybody(others, own) if any(t.is_("person") for t in others) else []
    theirs = next((one for one in everybody if one.facts or one.claims), everybody[0]) if everybody else None
    wholly = theirs is not None and not own.told() and not _speaks_of_self(own.tokens)
    told = theirs if wholly and theirs is not None else own
    left = Leftover(tokens, told, heard=wholly or (theirs is not None and theirs.told()))
    return _reading(
        told,
        other=theirs.facts if theirs is not None else None,
        others=tuple(
            _reading(
                one, about="other", who=_called(one), unheeded=texts(Leftover(one.tokens, one, heard=True).unheeded)
            )
            for one in everybody
            if one.told()
        ),
        about="other" if wholly else "self",
        question="ask" in spoken or "?" in normal,
        asks_result="ask" in spoken and any(t.is_("ask", "result") for t in tokens),
        adding="adding" in spoken and any(t.is_("adding") and t.text != "还有" for t in tokens),
        command=given,
        own=spelt(own.tokens),
        unread=texts(left.unread),
        unheeded=texts(left.unheeded),
        unknown=texts(left.unknown),
    )


def _commanded(own: Notes) -> str | None:
    """What the message commands; and what it says as an answer to the pending question is noted."""
    given, fact = command(own.text), edited(own.text)
    if given is None and fact:
        given = f"edit:{fact}"
    if own.asking is not None:
        number = option(own.text)
        if given is None and number and number <= _most_options(own.asking):
            given = f"option:{number}"
        read_answer(own, given)
    if own.asking in (None, "review") and not _CHINESE.search(own.text):
        own.claims = [c for c in own.claims if c.years is not None]
        own.doubts = [d for d in own.doubts if d.fact != "history"]  # {{7*7}}, 7 7: of no year, and nobody asked
    return given


def _reading(notes: Notes, **more: Any) -> Reading:
    """What was noted of one person, with what else is known of the message."""
    return Reading(
        facts=notes.facts,
        words=notes.words,
        doubts=tuple(notes.doubts),
        claims=tuple(notes.claims),
        denied=tuple(notes.denied),
        by_year=notes.by_year,
        **more,
    )


def _everybody(others: list[Token], own: Notes) -> list[Notes]:
    """What is said of each of the others, with what is said of all."""
    apart: dict[int, list[Token]] = {}
    for token in others:
        apart.setdefault(token.who, []).append(token)
    found = []
    for said in list(apart.values())[:_MOST_OTHERS]:
        one = Notes(said + [t for t in others if t.shared and t not in said], own.text, own.today, own.window)
        _fill(one)
        found.append(one)
    return found


def _own(tokens: list[Token]) -> list[Token]:
    """What is said of the asker, with what is said of all where the asker told something."""
    mine = [t for t in tokens if not t.other]
    told = any(t.kind == "number" or t.of("sex", "level") for t in mine)
    return [t for t in tokens if not t.other or t.shared] if told else mine


def noted(normal: str, today: date, asking: str | None = None) -> Notes:
    """The spans of a normalised message as they stand before any role is given."""
    window = (today.year - 2, today.year - 1, today.year)
    tokens = settle(lex(normal, today, window), today, window)
    return Notes([t for t in tokens if not t.other], normal, today, window, asking)


def _most_options(asking: str) -> int:
    """The highest number that can mean an option: where numbers are the answer there is none."""
    if asking in ("birth", "age", "birth_day", "recognition_years", "review_year") or asking.startswith("history."):
        return 0
    return 12


def _fill(notes: Notes) -> None:
    read_age(notes)
    read_sex(notes)
    if notes.has("date", "years"):
        notes.moments = moments(notes)
        read_birth(notes)
        settle_birth(notes)
    read_level(notes)
    read_place(notes)
    read_sector(notes)
    read_circumstances(notes)
    hold_reliefs(notes)
    if notes.has("number", "duration", "state", "but") or (notes.has("cat") and notes.has("done")):
        _read_history(notes)
        hold_some(notes)
    read_kin(notes)


def _read_history(notes: Notes) -> None:
    years, category = _asked_hours(notes.asking)
    counted = any(t.unit == "年" for t in notes.words_of("duration"))  # 两年都满了: of which two was not said
    if (
        years == ()
        and not counted
        and not notes.has("years")
        and any(t.text[0] in "都全" for t in notes.words_of("all", "state"))
    ):
        years = notes.window  # 公需都够，专业没学, asked about all years
    hours = ClaimedHours(notes.window, notes.today.year, notes.text, years, category)
    read_hours(hours, in_order(stream(notes.tokens, notes.window)))
    told = {y for c in hours.claims for y in c.years or ()}
    every = tuple(sorted(told)) if len(told) > 1 else None
    hours.claims = [
        replace(c, years=every)
        if every and c.years is None and c.kind == "full" and set(c.words) & set("全都均")
        else c
        for c in hours.claims
    ]  # 公需全齐，专业22年55，23年50
    but = [Claim(t.value[0], t.value[1], t.value[2], None, t.text) for t in notes.words_of("but") if not t.off]
    notes.claims = [*hours.claims, *but]
    notes.doubts += hours.doubts


def _asked_hours(asking: str | None) -> tuple[tuple[int, ...] | None, str | None]:
    """The years and the category that a pending question about hours names."""
    if asking is None or not asking.startswith("history"):
        return None, None
    _, _, rest = asking.partition(".")
    year, _, category = rest.partition(".")
    return ((int(year),) if year.isdigit() else ()), category or None


def _called(one: Notes) -> str:
    """张姐, 我同事."""
    named = one.words_of("person")
    return named[0].text if named else ""


def _speaks_of_self(tokens: list[Token]) -> bool:
    """True where a clause has the asker for its subject and says something of the trade (我在市里)."""
    mine = {t.clause for t in tokens if t.is_("self")}
    return any(
        (t.clause in mine and t.of("place", "sector", "level", "title", "sex", "cat"))
        or (t.clause in mine and (t.kind == "number" or t.is_("ask")))
        for t in tokens
    )
