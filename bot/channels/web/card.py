"""A result as something to look at: for each year and category the hours there are against those needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CATEGORIES = {"general": "公需", "professional": "专业"}
TONES = {"met": "fine", "waived": "fine", "short": "short"}


@dataclass(frozen=True, slots=True)
class Notice:
    """What a result says of a notice: its name, and the hours asked by year and category (`{"2024": {"general": 30}}`)."""

    name: str
    hours: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Bar:
    """Hours of one year and category. `had` None: cannot be remembered; `counts` False: this year is not looked at."""

    year: str
    category: str
    had: float | None
    needed: float | None
    missing: float
    counts: bool
    note: str

    @property
    def share(self) -> float:
        """How much of the bar is filled, 0 to 1."""
        if self.had is None:
            return 0.0
        return 1.0 if not self.needed else min(1.0, self.had / self.needed)

    @property
    def says(self) -> str:
        """The bar in words, for those who listen."""
        had = "学时记不清" if self.had is None else f"已有{number(self.had)}学时"
        needed = f"，要求{number(self.needed)}学时" if self.needed is not None and self.counts else ""
        return f"{self.year}年{self.category}：{had}{needed}，{self.note}"


def number(value: float | None) -> str:
    """Hours without a needless point: 60, 59.5."""
    return "?" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def table_of(history: Any, rejected: list[Any]) -> dict[str, dict[str, float | None]]:
    """Hours by year and category as the person told them; None where one part cannot be remembered."""
    if isinstance(history, Mapping):
        return {
            str(year): {name: (cells or {}).get(name, 0 if cells is not None else None) for name in CATEGORIES}
            for year, cells in history.items()
        }
    table: dict[str, dict[str, float | None]] = {}
    for index, record in enumerate(history or ()):
        row = table.setdefault(str(record.get("year")), dict.fromkeys(CATEGORIES, 0))
        name, hours = record.get("category"), record.get("hours")
        if index in rejected or record.get("record", index) in rejected or name not in row:
            continue
        row[name] = None if hours is None or row[name] is None else row[name] + hours
    return table


def note_of(had: float | None, missing: float, counts: bool, dropped: bool) -> str:
    """The one word at the end of a bar."""
    if not counts:
        return "这一年不要求" if dropped else "这次不看这一年"
    if missing:
        return f"还差{number(missing)}"
    return "记不清" if had is None else "够了"


def bars_of(facts: Mapping[str, Any], assessment: Mapping[str, Any], notice: Notice | None) -> list[Bar]:
    """A bar for each year and category required, and for those told beside; none where nothing is required."""
    if "requirement" not in assessment:
        return []
    asked = {str(year) for year in assessment["requirement"]["years"]}
    any_one = assessment["requirement"]["mode"] == "any_one_year"
    short: Mapping[str, Mapping[str, float]] = assessment.get("short") or {}
    table = table_of(facts.get("history"), [one.get("record") for one in assessment.get("rejected", ())])
    reliefs = {relief["id"] for relief in assessment.get("reliefs", ())}
    dropped = {str(year) for year in facts.get("epidemic_years") or ()} if "epidemic_year" in reliefs else set()
    bars = []
    for year in sorted(asked | set(table)):
        for name, label in CATEGORIES.items():
            needed = notice.hours.get(year, {}).get(name) if notice else None
            missing = short.get(year, {}).get(name, 0)
            had = table.get(year, {}).get(name, 0)
            if (
                had is not None
                and needed is not None
                and year in asked
                and (missing or not any_one)
                and "bounds" not in assessment
            ):
                had = (
                    max(had, needed) if not missing else needed - missing
                )  # what the rules counted, deemed hours included
            if any_one and not missing and had is not None and needed is not None:
                missing = max(0, needed - had)
            counts = year in asked
            bars.append(Bar(year, label, had, needed, missing, counts, note_of(had, missing, counts, year in dropped)))
    return bars


def tone(assessment: Mapping[str, Any]) -> str:
    """`fine`, `short` or `open`: which of three looks the verdict has, never its only sign."""
    return TONES.get(str(assessment.get("status")), "open")
