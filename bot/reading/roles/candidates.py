"""Which spans of a message have a role to be decided."""

from __future__ import annotations

from bot.reading.notes import Notes

_AGES = range(18, 100)


def numbers(notes: Notes) -> list[int]:
    """Where numbers without a unit stand that may be an age."""
    found: list[int] = []
    if notes.asking in (None, "birth", "age", "birth_day") and all(
        t.kind in ("number", "sep", "other") or t.is_("fill") for t in notes.tokens
    ):
        return found  # 47: nothing, while nothing is asked
    for i, token in notes.indexed("number"):
        value = token.value if token.value is not None else (token.bounds or (0,))[0]
        if token.unit == "" and value in _AGES and not token.used:
            found.append(i)
    return found


def levels(notes: Notes) -> list[int]:
    """Where levels and titles stand that are neither asked nor denied."""
    return [i for i, token in notes.indexed("level", "title") if not token.off and not token.negated]
