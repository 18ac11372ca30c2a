"""A result as one sheet to keep, to show to HR, to print: what stands on it, part by part, and as a page complete in itself."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from bot.telling import TEMPLATES
from bot.telling.bars import rows_of
from bot.telling.result import Result


class Part(NamedTuple):
    """A paragraph and how it is written: quiet, verdict, line, heading, plain, small, ends, back or mark; `bars` has no text."""

    style: str
    text: str


def parts(result: Result, address: str = "") -> list[Part]:
    """The sheet from top to bottom; `address` is where its QR code leads."""
    lines = _templates().get_template("sheet.j2").render(r=result, address=address).splitlines()
    return [Part(*(" ".join(piece.split()) for piece in line.split("|", 1))) for line in lines if line.strip()]


def page(result: Result) -> bytes:
    """The sheet as HTML in UTF-8, without anything from elsewhere."""
    template = _templates().get_template("keepsake.html.j2")
    text: str = template.render(r=result, parts=parts(result), rows=rows_of(result.years or result.duty))
    return text.encode()


@cache
def _templates() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = TEMPLATES
    return Environment(
        loader=FileSystemLoader(folder), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        autoescape=lambda name: name is not None and ".html" in name,
    )  # fmt: skip
