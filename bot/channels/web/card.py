"""A result as something to look at: for each year and category the hours there are against those needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CATEGORIES = {"general": "公需", "professional": "专业"}
TONES = {"met": "fine", "waived": "fine", "short": "short"}


@dataclass(frozen=True, slots=True)
class Notice:
    """What a result says of a notice: its name, and the hours a year that it asks for in each category."""

    name: str
    hours: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Bar:
    """Hours of one year and category. `had` None: cannot be remembered; `counts` False: a relief drops this year."""

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
        whole = self.needed or self.had + self.missing
        return min(1.0, self.had / whole) if whole else 1.0

    @property
    def says(self) -> str:
        """The bar in words, for those who listen."""
        had = "学时记不清" if self.had is None else f"已有{number(self.had)}学时"
        needed = f"，要求{number(self.needed)}学时" if self.needed is not None and self.counts else ""
        return f"{self.year}年{self.category}：{had}{needed}" + (
            f"，{self.note}" if self.note and self.had is not None else ""
        )


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
        if record.get("source") == "qualification_exam":
            continue  # deems a category complete, whatever its hours
        row[name] = None if hours is None or row[name] is None else row[name] + hours
    return table


def note_of(had: float | None, missing: float | None, matters: bool) -> str:
    """The one word at the end of a bar; nothing where nothing is known."""
    if missing is None:
        return "记不清" if had is None else ""
    if missing:
        return f"还差{number(missing)}" if matters else "没满，不影响"
    return "够了"


def dropped_years(facts: Mapping[str, Any], assessment: Mapping[str, Any]) -> set[str]:
    """The years that a relief takes out of the requirement."""
    reliefs = {relief["id"] for relief in assessment.get("reliefs", ())}
    return {str(year) for year in facts.get("epidemic_years") or ()} if "epidemic_year" in reliefs else set()


class Drawing:
    """One result's bars, from the facts it rests on, the assessment, and the hours that its notice asks for."""

    def __init__(self, facts: Mapping[str, Any], assessment: Mapping[str, Any], notice: Notice | None) -> None:
        requirement = assessment.get("requirement") or {"years": [], "mode": ""}
        self.status = assessment.get("status")
        self.asked = {str(year) for year in requirement["years"]}
        self.any_one = requirement["mode"] == "any_one_year"
        self.complete = requirement["mode"] == "every_year" and "bounds" not in assessment
        self.short: Mapping[str, Mapping[str, float]] = assessment.get("short") or {}
        self.hours = notice.hours if notice else {}
        self.told = table_of(facts.get("history"), [one.get("record") for one in assessment.get("rejected", ())])
        self.dropped = dropped_years(facts, assessment) - self.asked if self.asked else set()

    def hours_of(self, year: str, name: str) -> tuple[float | None, float | None]:
        """What there is and what is missing, as the rules counted it; None where it is not known."""
        had, needed = self.told.get(year, {}).get(name, 0), self.hours.get(name)
        missing = self.short.get(year, {}).get(name)
        if missing:
            return (had if needed is None else needed - missing), missing
        if self.complete:  # required and not short: done, or deemed done
            return (had if needed is None else max(had or 0, needed)), 0
        if had is None or needed is None:
            return had, None
        return had, max(0, needed - had)

    def bar(self, year: str, name: str) -> Bar:
        """The bar of one year and category."""
        needed, matters = self.hours.get(name), self.status != "met"
        if year not in self.asked:
            return Bar(year, CATEGORIES[name], self.told.get(year, {}).get(name, 0), needed, 0, False, "这一年不要求")
        had, missing = self.hours_of(year, name)
        lacks = missing if missing and matters else 0
        if year not in self.told and not matters and missing:
            return Bar(year, CATEGORIES[name], had, needed, lacks, True, "没问到，不影响")
        return Bar(year, CATEGORIES[name], had, needed, lacks, True, note_of(had, missing, matters))

    def bars(self) -> list[Bar]:
        """Those of the years required, and of the years that a relief drops, in the order of time."""
        return [self.bar(year, name) for year in sorted(self.asked | self.dropped) for name in CATEGORIES]

    def beside(self) -> list[str]:
        """A line for each year told of that this result does not look at."""
        lines = []
        for year in sorted(set(self.told) - self.asked - self.dropped) if self.asked else ():
            cells = self.told[year]
            told = "，".join(
                f"{CATEGORIES[name]}{'记不清' if cells[name] is None else number(cells[name])}" for name in CATEGORIES
            )
            lines.append(f"{year}年：{told}。这次不看这一年。")
        return lines


def tone(assessment: Mapping[str, Any]) -> str:
    """`fine`, `short` or `open`: which of three looks the verdict has, never its only sign."""
    return TONES.get(str(assessment.get("status")), "open")
