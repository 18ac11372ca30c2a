"""A result as one page that is complete in itself: to keep, to show to HR, to print on A4; legible in grey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from bot.telling.facts_in_words import CATEGORY_NAMES, number_words
from bot.telling.result import dropped_years, result_context
from rules import Packs, PolicyPack

WIDTH = 200
"""Of a full bar, in the drawing's own units."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One year and category: what it is called, how it stands in words, how much of the bar is filled (0 to WIDTH)."""

    name: str
    says: str
    filled: float


def page(assessment: Mapping[str, Any], facts: Mapping[str, Any], packs: Packs, today: date) -> bytes:
    """The page as HTML in UTF-8, without anything from elsewhere."""
    pack = next(pack for pack in packs.by_year.values() if pack.id == assessment["policy"]["id"])
    seen = result_context(assessment, facts, pack, today)
    text: str = _template().render(
        **seen, drawn=_bars(assessment, facts, pack), width=WIDTH, day=today, assessment=assessment
    )
    return text.encode()


def _bars(assessment: Mapping[str, Any], facts: Mapping[str, Any], pack: PolicyPack) -> list[Bar]:
    history, requirement = facts.get("history"), assessment.get("requirement")
    if not requirement or not isinstance(history, Mapping):
        return []
    bars = []
    dropped = dropped_years(assessment, facts)
    for year in sorted({*requirement["years"], *dropped}):
        row = history.get(str(year)) or {}
        for category, name in CATEGORY_NAMES.items():
            needed, had = pack.requirement[category], row.get(category)
            if year in dropped:
                bars.append(Bar(f"{year}年{name}", "这一年不要求", 0.0))
            elif category not in row:
                bars.append(Bar(f"{year}年{name}", "没问到", 0.0))
            elif had is None:
                bars.append(Bar(f"{year}年{name}", f"记不清 / {needed}", 0.0))
            else:
                filled = min(1.0, float(had) / float(needed)) * WIDTH
                bars.append(Bar(f"{year}年{name}", f"{number_words(had)} / {needed} 学时", round(filled, 1)))
    return bars


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = Path(__file__).parents[1] / "templates"
    return Environment(loader=FileSystemLoader(folder), undefined=StrictUndefined, autoescape=True).get_template(
        "keepsake.html.j2"
    )
