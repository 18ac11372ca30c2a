"""A result as one page that is complete in itself: to keep, to show to HR, to print on A4; legible in grey."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from bot.telling.result import Result


def page(result: Result) -> bytes:
    """The page as HTML in UTF-8, without anything from elsewhere."""
    text: str = _template().render(r=result)
    return text.encode()


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = Path(__file__).parents[1] / "templates"
    return Environment(loader=FileSystemLoader(folder), undefined=StrictUndefined, autoescape=True).get_template(
        "keepsake.html.j2"
    )
