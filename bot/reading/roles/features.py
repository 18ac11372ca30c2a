"""Which spans may be an age or a level applied for, and the evidence about one: what stands beside it, in its clause, in the message."""

from __future__ import annotations

import re
from typing import Any

from bot.reading.lexing.lexicon import kinds, limits
from bot.reading.lexing.tokens import Token
from bot.reading.notes import Notes

_EVIDENCE = kinds()["evidence"]
_KINDS = tuple(_EVIDENCE["kinds"])
_NUMBERED = frozenset(_EVIDENCE["counting"])
_PERSONAL = tuple(_EVIDENCE["personal"])
_WORDS = frozenset(_EVIDENCE["spelt"])  # kinds whose very word tells
_AGES = range(18, 100)


def kind_of(token: Token | None) -> str:
    """The one word for what a span is."""
    if token is None:
        return "-"
    if token.kind == "word":
        if token.other and "person" in token.senses:
            return "self:我"  # of whom the half of the message is that is theirs
        for kind in _KINDS:
            if kind in token.senses:
                return f"{kind}:{token.text}" if kind in _WORDS else kind
        return "fill"
    if token.kind == "years":
        return f"years:{token.unit}"
    if token.kind == "number":
        return f"number:{token.unit}"
    if token.kind == "other":
        return "?" if len(token.text) > 2 else f"?{token.text}"
    return token.kind


def _silent(token: Token) -> bool:
    return token.kind == "sep" or (token.kind == "word" and "fill" in token.senses and kind_of(token) == "fill")


def _beside(tokens: list[Token], i: int, step: int) -> tuple[Token | None, Token | None]:
    """The first two spans in one direction that say something."""
    found: list[Token] = []
    j = i + step
    while 0 <= j < len(tokens) and len(found) < 2:
        if not _silent(tokens[j]):
            found.append(tokens[j])
        j += step
    return (found[0] if found else None), (found[1] if len(found) > 1 else None)


def _touching(tokens: list[Token], j: int) -> str:
    """What stands right beside: a mark, an end, a small word."""
    if not 0 <= j < len(tokens):
        return "end"
    if tokens[j].kind == "sep" and tokens[j].unit == "soft":
        return ","  # a space is as good as a comma
    return tokens[j].text if len(tokens[j].text) <= 2 and _silent(tokens[j]) else kind_of(tokens[j])


def around(notes: Notes, i: int) -> list[str]:
    """Evidence that is the same for every kind of span."""
    tokens, token = notes.tokens, notes.tokens[i]
    before, before2 = _beside(tokens, i, -1)
    ahead, ahead2 = _beside(tokens, i, 1)
    same_b = before is not None and before.clause == token.clause
    same_a = ahead is not None and ahead.clause == token.clause
    b, a = kind_of(before) + (" |" if not same_b else ""), kind_of(ahead) + (" |" if not same_a else "")
    left, right = _touching(tokens, i - 1), _touching(tokens, i + 1)
    out = [
        f"b {b}",
        f"a {a}",
        f"l {left}",
        f"r {right}",
        f"ba {b} {a}",
        f"lr {left} {right}",
        f"b2 {kind_of(before2)} {b}",
        f"a2 {a} {kind_of(ahead2)}",
    ]
    inside = [t for t in notes.clause(token) if t is not token and not _silent(t)]
    out += [f"c {kind}" for kind in sorted({kind_of(t).partition(":")[0] for t in inside})]
    if not inside:
        out += ["alone", f"alone {b} {a}"]
    return out


def _overview(notes: Notes) -> dict[str, Any]:
    """What the message as a whole says, worked out once."""
    if not notes.overview:
        tokens = notes.tokens
        levels = [t for t in tokens if t.of("level", "title") and not t.off]
        notes.overview = {
            "numbers": sum(t.kind == "number" for t in tokens),
            "ages": sum(t.unit == "age" for t in tokens),
            "counted": any(t.of(*_NUMBERED) for t in tokens),
            "personal": min(3, sum(t.of(*_PERSONAL) for t in tokens)),
            "dated": any(t.kind == "years" and t.unit != "relative" for t in tokens),
            "levels": {id(t): n for n, t in enumerate(levels)},
            "applying": any(t.is_("apply", "word") or t.is_("apply", "job") for t in tokens),
            "held": any(t.is_("held") or t.is_("time", "now") for t in tokens),
        }
    return notes.overview


def of_number(notes: Notes, i: int) -> list[str]:
    """Evidence whether a number is the age of the person."""
    tokens, token = notes.tokens, notes.tokens[i]
    value = token.value if token.value is not None else (token.bounds or (0,))[0]
    size = "young" if value < 30 else "middle" if value < 63 else "old" if value < 76 else "none"
    size = "round" if value in (20, 30, 60, 90) else size
    known = _overview(notes)
    said, counted, personal = known["numbers"] - 1, known["counted"], known["personal"]
    other_age = known["ages"] > (token.unit == "age")
    dated = known["dated"]
    script = "digit" if token.text[0].isascii() else "han"
    out = around(notes, i)
    out += [
        f"v {size}",
        f"s {script} {size}",
        f"u {token.unit}",
        f"n {min(3, said)}",
        f"h {counted}",
        f"p {personal}",
        f"hp {counted} {personal} {min(2, said)}",
    ]
    out += [f"d {dated} {counted}"] + (["other age"] if other_age else [])
    if notes.asking is not None:
        out.append("q " + notes.asking.partition(".")[0])
    if any(t.is_("fix") for t in _beside(tokens, i, -1) if t is not None):
        out.append(f"fix {counted}")
    if _in_force(tokens, i):
        out.append("in force")
    return out


def _in_force(tokens: list[Token], i: int) -> bool:
    """True where a category said before still holds: 专业 23年 60 24年 60 25年 60."""
    for t in reversed(tokens[max(0, i - 40) : i]):
        if t.is_("cat"):
            return True
        if not (t.kind in ("sep", "number", "years") or t.of("state", "unit", "all") or kind_of(t) == "fill"):
            return False
    return False


def _years(token: Token) -> tuple[int, ...]:
    return tuple(token.value) if token.kind == "years" else (token.value.year or 9999,)


def of_level(notes: Notes, i: int) -> list[str]:
    """Evidence whether a level or a title is the one applied for."""
    token = notes.tokens[i]
    known = _overview(notes)
    place, last = known["levels"].get(id(token), 0), len(known["levels"]) - 1
    rank = "one" if last == 0 else "first" if place == 0 else "last" if place == last else "mid"
    kind = "level" if token.is_("level") else "title"
    applying, held = known["applying"], known["held"]
    base = around(notes, i)
    out = [*base, f"k {kind}", f"rk {rank} {kind}", f"ap {applying} {held} {rank} {kind}", f"ask {notes.asking}"]
    out += [f"{kind} {one}" for one in base[:4]] + (
        [f"w {token.text}"] if kind == "title" and len(token.text) < 3 else []
    )
    clause = notes.clause(token)
    verbs = [t for t in clause if t.is_("apply", "word") and not t.negated]
    if verbs:
        out.append(f"verb {'before' if verbs[-1].start < token.start else 'after'} {rank}")
    earlier = [t for t in clause if t.start < token.start]
    if any(t.kind in ("years", "date") and max(_years(t)) < notes.today.year for t in earlier):
        out.append(f"of a year gone by {verbs[-1].text if verbs else ''}")
    if any(t.kind == "number" and t.unit == "things" for t in earlier):
        out.append("counted")
    if any(t.text == "的时候" or t.is_("time", "past") for t in earlier):
        out.append("then")
    if any(t.is_("apply") and t.negated for t in clause):
        out.append("not applying")
    return out


def numbers(notes: Notes) -> list[int]:
    """Where numbers without a unit stand that may be an age."""
    found: list[int] = []
    if notes.asking in (None, "birth", "age", "birth_day") and all(
        t.kind in ("number", "sep", "other") or t.of("fill", "neg", "fix") for t in notes.tokens
    ):
        return found  # 47: nothing, while nothing is asked
    for i, token in notes.indexed("number"):
        value = token.value if token.value is not None else (token.bounds or (0,))[0]
        if token.unit == "" and value in _AGES and not token.used and not _owned(notes, i):
            found.append(i)
    return found


def _owned(notes: Notes, i: int) -> bool:
    """2024—42, 25年60, 24年：50: the number of a year that is named is no age."""
    if re.search(limits()["of_training"], notes.text[max(0, notes.tokens[i].start - 14) : notes.tokens[i].start]):
        return True  # 校本培训60
    ahead = notes.tokens[i + 1 : i + 3]
    if len(ahead) == 2 and ahead[0].text == "(" and ahead[1].kind == "years":
        return True  # 30(2024)
    after = [t for t in notes.tokens[i + 1 : i + 4] if t.kind != "sep"]
    if len(after) > 1 and after[0].text in limits()["which_is"] and (after[1].kind == "years" or after[1].is_("cat")):
        return True  # 55 是今年的专业
    paired = False
    for before in reversed(notes.tokens[max(0, i - 5) : i]):
        if before.kind == "years":
            return paired or before.unit != "relative"
        paired = paired or before.kind == "number"  # 今年30 60
        if before.kind != "number" and not (before.kind == "sep" and before.text in " :-—/~+"):
            return False
    return False


def levels(notes: Notes) -> list[int]:
    """Where levels and titles stand that are neither asked nor denied."""
    return [i for i, token in notes.indexed("level", "title") if not token.off and not token.negated]
