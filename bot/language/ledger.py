"""What was said of hours so far, by year and category, and the doubts about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.language.reading import Doubt
from bot.language.stream import Item

if TYPE_CHECKING:
    from bot.language.block import Block

NEEDED = {"general": 30, "professional": 60}
"""What 学满, 差20 and the like are reckoned from: hours a year, clause 一(二)."""
MOST = 8784
BOTH = ("general", "professional")
JOINS = frozenset(("", "/", "+", ",", "、", "和", "-", "—", "&", ";", "比", "加", "，", "跟", "与"))

Cell = tuple[int, str]


@dataclass(slots=True)
class Hours:
    """`cells`: (year, category) → hours, None = can't remember or a range; `words` per cell; `doubts` to be asked."""

    window: tuple[int, ...]
    today_year: int
    text: str
    asked_years: tuple[int, ...] | None = None  # the years that the pending question is about
    asked_category: str | None = None
    cells: dict[Cell, float | None] = field(default_factory=dict)
    words: dict[Cell, str] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    order: tuple[str, ...] = BOTH
    headed: bool = False  # the order was given by a heading
    fixing: bool = False
    last_row: dict[str, float | None] = field(default_factory=dict)
    blocked: set[Cell] = field(default_factory=set)
    turned: list[tuple[Block, list[Item], str]] = field(default_factory=list)  # pairs that may be the wrong way round
    rows_in_order: int = 0
    dated: bool = False  # some year was named
    dated_rows: bool = False  # other years have hours of their own: 23年无 is one of these rows

    def doubt(
        self, years: tuple[int, ...] | None, words: str, reason: str, category: str | None = None, hint: object = None
    ) -> None:
        """Something about these years that must be asked; `hint` gets the year."""
        for year in years or (None,):
            fact = "history" if year is None else f"history.{year}" + (f".{category}" if category else "")
            known = {"year": year, "category": category} if category else {"year": year}
            self.doubts.append(Doubt(fact, words, reason, known | hint if isinstance(hint, dict) else known))

    def put(self, years: tuple[int, ...] | None, category: str, value: float | None, words: str) -> None:
        """Set one category of these years, unless that is impossible or contradicts what was said before."""
        if years is None:
            self.doubt(None, words, "no_year", hint={"category": category, "hours": value})
            return
        for year in years:
            if year > self.today_year:
                self.doubt((year,), words, "future_year", category)
                continue
            cell = (year, category)
            if cell in self.cells and self.cells[cell] != value and not self.fixing:
                del self.cells[cell]
                self.blocked.add(cell)
                self.doubt((year,), words, "conflict", category)
            elif cell not in self.blocked:
                self.cells[cell] = value
                self.words[cell] = words
                self.last_row[category] = value
