"""Which spans of a message have a role to be decided."""

from __future__ import annotations

from bot.reading.lexing.lexicon import limits
from bot.reading.notes import Notes

_AGES = range(18, 100)


def numbers(notes: Notes) -> list[int]:
    """Where numbers without a unit stand that may be an age."""
    found: list[int] = []
    if notes.asking in (None, "birth", "age", "birth_day") and all(
        t.kind in ("number", "sep", "other") or t.is_("fill") or t.is_("neg") or t.is_("fix") for t in notes.tokens
    ):
        return found  # 47: nothing, while nothing is asked
    for i, token in notes.indexed("number"):
        value = token.value if token.value is not None else (token.bounds or (0,))[0]
        if token.unit == "" and value in _AGES and not token.used and not _owned(notes, i):
            found.append(i)
    return found


def _owned(notes: Notes, i: int) -> bool:
    """2024—42, 25年60, 24年：50: the number of a year that is named is no age."""
    ahead = notes.tokens[i + 1 : i + 3]
    if len(ahead) == 2 and ahead[0].text == "(" and ahead[1].kind == "years":
        return True  # 30(2024)
    if i and notes.tokens[i - 1].kind == "number" and notes.tokens[i - 1].end == notes.tokens[i].start:
        return True  # 三十五十都有可能
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
