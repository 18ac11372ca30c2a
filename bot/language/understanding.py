"""Reading one message: normalise, lex, split into clauses, fill the slots."""

from __future__ import annotations

from datetime import date

from bot.language.commands import command, option
from bot.language.normalise import normalise
from bot.language.reading import Reading

LAST_NOTICE = 2025


def read(text: str, today: date, *, asking: str | None = None, review_year: int | None = None) -> Reading:
    """What `text` says, as of `today`. `asking` is the pending question, in whose light bare answers are read;
    `review_year` is what 近三年 counts back from (default: this year, at most the newest notice's)."""
    normal = normalise(text)
    given = command(normal)
    if given is None and asking is not None:
        number = option(normal)
        given = f"option:{number}" if number else None
    return Reading(command=given)
