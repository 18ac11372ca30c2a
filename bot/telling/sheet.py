"""A result as one sheet to keep, to show to HR, to print: what stands on it, part by part, and as plain text."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from bot.telling import templates
from bot.telling.result import Result


class Part(NamedTuple):
    """A paragraph and how it is written: quiet, verdict, line, heading, plain, place, small, ends, back or mark; `bars` has no text."""

    style: str
    text: str


def parts(result: Result, address: str = "") -> list[Part]:
    """The sheet from top to bottom; `address` is where its QR code leads."""
    lines = _template().render(r=result, address=address).splitlines()
    return [Part(*(" ".join(piece.split()) for piece in line.split("|", 1))) for line in lines if line.strip()]


def plain(result: Result, address: str = "") -> bytes:
    """The sheet as lines of text in UTF-8."""
    bars = "\n".join(result.bars)
    return "\n\n".join(part.text or bars for part in parts(result, address) if part.text or bars).encode()


@cache
def _template() -> Any:
    return templates().get_template("sheet.j2")
