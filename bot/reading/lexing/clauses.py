"""What a span's neighbours make of it: misheard words, dates in two parts, denials."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from bot.reading.lexing.lexicon import kinds, lexicon, limits
from bot.reading.lexing.sounds import sounds_like
from bot.reading.lexing.tokens import NOWHERE, Token, at, joined, spelt, year_like

_SAID = {name: frozenset(words) for name, words in limits()["of_years"].items()}
_LONGEST = 100  # spans in a clause: nobody says more without a breath
_CONTENT = tuple(kinds()["deniable"])


def number_clauses(tokens: list[Token]) -> None:
    """Numbers the stretches between separators; one without end is cut, so that looking round in it stays cheap."""
    clause, end = 0, _LONGEST
    for i, token in enumerate(tokens):
        if (token.kind == "sep" and token.text not in ":+-/~—") or i >= end:
            clause, end = clause + 1, i + 1 + _LONGEST
        token.clause = clause


def significant(tokens: list[Token], i: int, step: int, *, seps: bool = False) -> Token:
    """The next token from `i` in direction `step` that is neither filler nor (unless `seps`) a separator."""
    j = i + step
    while 0 <= j < len(tokens):
        token = tokens[j]
        if token.kind == "sep":
            if seps:
                return token
        elif token.kind != "word" or "fill" not in token.senses or len(token.senses) > 1:
            return token
        j += step
    return NOWHERE


def _drop(token: Token) -> None:
    token.kind, token.senses, token.soft = "other", {}, False


def confirm(tokens: list[Token]) -> None:
    """A misheard word holds only where its neighbours expect it; a short title only where it is a word of its own."""
    context: bool | None = None
    short = limits()["titles_applied_for"]
    _rungs(tokens)
    for i, token in enumerate(tokens):
        said = token.text if token.kind == "other" or token.is_("none") or token.is_("person", "boss") else ""
        if said in short and significant(tokens, i, -1).is_("apply"):
            token.kind, token.senses = "word", MappingProxyType({"title": short[said]})  # 报副主任, 升主管
        if token.soft and token.is_("cat"):
            ahead, behind = significant(tokens, i, 1), significant(tokens, i, -1, seps=True)
            expected = (ahead.kind == "number" and ahead.unit in ("", "hours")) or ahead.of(
                "state", "short", "done", "cat"
            )
            counted = (behind.kind == "number" and behind.unit == "hours") or behind.is_("cat")
            if not expected and not counted:
                context = _of_hours(tokens) if context is None else context
                if not context or token.text in lexicon().words:
                    _drop(token)
        elif token.soft or (len(token.text) <= 2 and ("title" in token.senses or "level" in token.senses)):
            before, after = at(tokens, i - 1), at(tokens, i + 1)
            if any(t.kind in ("other", "junk") for t in (before, after)) and not _joined(before, after):
                _drop(token)


def _rungs(tokens: list[Token]) -> None:
    """二级报一级, 一级教师想评高级: the rungs of the teachers' ladder, where the message is a teacher's."""
    said = limits()["rungs"]
    found = [i for i, t in enumerate(tokens) if t.text in said and (t.kind == "number" or t.is_("level", "senior"))]
    if not found or not re.search(limits()["teaching"], spelt(tokens)):
        return
    counted = any(tokens[i].kind == "number" for i in found) or any(t.is_("title") for t in tokens)
    for i in found:
        beside = [significant(tokens, i, step) for step in (-1, 1)]
        if counted and any(t.is_("apply") for t in beside):
            token = tokens[i]
            token.kind, token.senses, token.unit = "word", MappingProxyType({"title": said[token.text]}), ""


def _of_hours(tokens: list[Token]) -> bool:
    """True where the message speaks of hours by other words than the one in doubt."""
    return any(t.is_("cat") and not t.soft for t in tokens) or (
        any(t.kind == "number" for t in tokens) and any(t.kind == "years" or t.is_("year") for t in tokens)
    )


def _joined(before: Token, after: Token) -> bool:
    """True where the unknown text around is only in front and ends a phrase of its own (林业 + 高工)."""
    if after.kind in ("other", "junk"):
        return False
    return before.kind == "other" and (len(before.text) >= 2 or sounds_like(before.text, "报"))


def date_words(tokens: list[Token], today: date, window: tuple[int, ...]) -> None:
    this_year = any(t.is_("year", "0") or (t.kind == "years" and t.value == (today.year,)) for t in tokens)
    for i, token in enumerate(tokens):
        said = token.senses.get("year")
        if said and at(tokens, i - 1).text in _SAID["and"] and year_like(first := at(tokens, i - 2)):
            first.kind, first.value, first.unit = "years", (2000 + int(first.text),), "bare"  # 24和今年没学
        if token.text in _SAID["two_before"] and this_year:  # 前两年满了，今年没学: the two years before this one
            token.kind, token.value, token.unit = "years", (today.year - 2, today.year - 1), "window"
            continue
        if said is None or said in ("vague", "within"):
            continue
        token.kind = "years"
        if said in ("every", "lately"):
            token.value, token.unit = window, "window"
        else:
            token.value, token.unit = (today.year + int(said),), "relative"


UNTIL = _SAID["until"]


def join_years(tokens: list[Token], today: date) -> list[Token]:
    """22年到今年, 2022年以来: every year in between."""
    out: list[Token] = []
    for token in tokens:
        last, before = at(out, len(out) - 1), at(out, len(out) - 2)
        since = "since" in token.senses and last.kind == "years" and last.unit != "window"
        if since and last.value[0] < today.year:
            last.value, last.text, last.unit = (
                tuple(range(last.value[0], today.year + 1)),
                last.text + token.text,
                "list",
            )
        elif (
            token.kind == "years" and last.text in UNTIL
            and before.kind == "years" and before.value[-1] < token.value[0] <= before.value[-1] + 8
        ):  # fmt: skip
            out.pop()
            before.value, before.unit = tuple(range(before.value[0], token.value[-1] + 1)), "list"
            before.text += last.text + token.text
        else:
            out.append(token)
    return out


def join_dates(tokens: list[Token]) -> list[Token]:
    """今年 and 3月 make one date; 生 behind a bare year is kept apart."""
    out: list[Token] = []
    for token in tokens:
        last = at(out, len(out) - 1)
        if token.kind == "date" and token.value.year is None and last.kind == "years" and len(last.value) == 1:
            unit = "relative" if last.unit == "relative" else ""
            out[-1] = joined("date", [last, token], value=replace(token.value, year=last.value[0]), unit=unit)
        else:
            out.append(token)
    return out


def negate(tokens: list[Token]) -> None:
    for i, token in enumerate(tokens):
        if token.is_("neg"):
            _deny_next(tokens, i)
        elif token.is_("wrong"):
            ahead = significant(tokens, i, 1, seps=True)
            if ahead.kind in ("number", "years") or ahead.of(*_CONTENT):
                ahead.negated = True


def _deny_next(tokens: list[Token], i: int) -> None:
    strong = tokens[i].text not in _SAID["weak_denials"]
    for token in tokens[i + 1 : i + 6]:
        if token.kind == "sep" or token.kind == "other" or token.is_("held"):
            if token.is_("held"):
                token.negated = True
            return
        if token.is_("apply", "job") or token.is_("postdoc", "host"):
            token.negated = True
            if token.is_("apply"):
                return
            continue
        if token.kind in ("number", "years", "date", "duration"):
            token.negated = strong or token.kind == "number"
            return
        if token.of(*_CONTENT):
            token.negated = True
            return
        if token.of("self", "person", "ask"):
            return
