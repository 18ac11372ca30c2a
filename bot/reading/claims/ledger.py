"""What was said of hours so far, as claims, and the doubts about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.reading.reading import Claim, Doubt

BOTH = ("general", "professional")
JOINS = frozenset(("", "/", "+", ",", "、", "和", "-", "—", "&", ";", "比", "加", "，", "跟", "与"))
VALUES = frozenset(("hours", "full", "none", "unknown"))

Years = tuple[int, ...] | None
Value = tuple[str, Any]  # kind and amount of a claim


@dataclass(slots=True)
class ClaimedHours:
    """`claims` in the order in which they were said; `doubts` to be asked."""

    window: tuple[int, ...]
    today_year: int
    text: str
    asked_years: Years = None  # the years that the pending question is about
    asked_category: str | None = None
    claims: list[Claim] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    order: tuple[str, ...] = BOTH
    headed: bool = False  # the order was given by a heading
    fixing: bool = False
    last_row: dict[str, Value] = field(default_factory=dict)
    blocked: set[tuple[int, str]] = field(default_factory=set)
    dated: bool = False  # some year was named
    vague: Years = None  # 这几年: how many of them was not said
    spans: dict[tuple[int, ...], int] = field(default_factory=dict)  # years that were not named but counted back

    def doubt(
        self, years: Years, words: str, reason: str, category: str | None = None, hint: Mapping[str, Any] | None = None
    ) -> None:
        """Something about these years that must be asked; `hint` gets the year."""
        for year in years or (None,):
            fact = "history" if year is None else f"history.{year}" + (f".{category}" if category else "")
            known = {"year": year, "category": category} if category else {"year": year}
            self.doubts.append(Doubt(fact, words, reason, {**known, **(hint or {})}))

    def put(self, years: Years, category: str | None, value: Value, words: str) -> None:
        """Note one claim, which takes the place of what it corrects."""
        kind, amount = value
        if years is not None and years == self.vague and kind not in ("none", "unknown"):
            self.doubt(None, words, "no_year")
            return
        if self.fixing and years is not None and kind in VALUES:
            self.withdraw(years, [category] if category else list(BOTH))
        if years is not None:
            years = tuple(y for y in years if (y, category or "") not in self.blocked)
        if years != ():
            self.claims.append(Claim(years, category, kind, amount, words, self.spans.get(years or (), 0)))
        if kind in VALUES and years is not None:
            self.last_row |= dict.fromkeys([category] if category else BOTH, value)

    def withdraw(self, years: Years, categories: list[str]) -> bool:
        """Take back what was claimed of no more than these years and categories; whether there was anything."""
        found = [
            claim for claim in self.claims
            if claim.kind in VALUES and claim.years and set(claim.years) <= set(years or ())
            and (claim.category in categories or (claim.category is None and len(categories) == len(BOTH)))
        ]  # fmt: skip
        self.claims = [claim for claim in self.claims if claim not in found]
        return bool(found)
