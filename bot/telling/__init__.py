"""A result, computed once, and every word and picture of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment


def templates(*, trimmed: bool = True, **shared: Any) -> Environment:
    """The templates of everything that is read: HTML is escaped, plain text goes out as it is. `trimmed`: a line that holds nothing but
    a tag leaves no line; `shared`: what all of them know by name."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from bot.telling.bars import rows_of

    found = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")), undefined=StrictUndefined,
        autoescape=lambda name: name is not None and ".html" in name, trim_blocks=trimmed, lstrip_blocks=trimmed,
    )  # fmt: skip
    found.globals.update(shared, rows_of=rows_of)
    return found
