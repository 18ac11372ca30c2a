"""What was claimed of hours, turned into hours by a notice; what the notice cannot settle is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol

from bot import reading as reader
from bot.reading import Claim, Doubt, Reading
from rules.registry import REGISTRY

_LIMITING = frozenset(
    ("several_numbers", "partial", "unrecognised", "unclear", "no_year", "no_category", "limited", "range")
)
_UNDONE = frozenset(("partial", "no_category"))  # of a year, which speak against hours that are full
_TAKING_BACK = frozenset(("unrecognised", "unclear", "several_numbers"))
_CELLS = frozenset(("hours", "full", "half", "none", "unknown", "short", "owed"))


class Terms(Protocol):
    """What is needed of a notice: the hours a year that it asks of each category, and the year that it is for."""

    @property
    def requirement(self) -> Mapping[str, int]: ...
    @property
    def review_year(self) -> int: ...
    @property
    def short_names(self) -> Mapping[str, str]: ...
    def look_back(self, level: str | None) -> int: ...


def read(text: str, today: date, notice: Terms, *, asking: str | None = None) -> Reading:
    """What `text` says, its claims turned into hours by the notice that the case is about."""
    rest, own = _own_hours(text, notice)
    found = reader.read(rest, today, asking=asking, review_year=notice.review_year, years=notice.look_back(None))
    if not own:
        return told(found, notice, today)
    usual = {name: hours for name, hours in notice.requirement.items() if name not in own}
    return _with_own(told(found, _Without(usual, notice), today), own, (asking or "").split(".")[1:2])


@dataclass(frozen=True, slots=True)
class _Without:
    """A notice as if it had not the categories of its own that a message names: 都学满了，就校本没学."""

    requirement: Mapping[str, int]
    notice: Terms

    @property
    def review_year(self) -> int:
        return self.notice.review_year

    @property
    def short_names(self) -> Mapping[str, str]:
        return self.notice.short_names

    def look_back(self, level: str | None) -> int:
        return self.notice.look_back(level)


def _own_hours(text: str, notice: Terms) -> tuple[str, dict[str, tuple[float | None, str]]]:
    """The text without what it says of categories that this notice alone has; hours, or None where there are none, and the words."""
    own: dict[str, tuple[float | None, str]] = {}
    for id, short in notice.short_names.items():
        if id not in REGISTRY.categories and short in text:
            match = re.search(rf"{re.escape(short)}\w{{0,3}}?(\d+(?:\.\d+)?)?(?:个?学时|个)?", text)
            assert match is not None
            number = None if match[1] is None else float(match[1])
            own[id] = (int(number) if number is not None and number == int(number) else number), match[0]
            text = text.replace(match[0], "") if number is not None else text
    return text, own


def _with_own(reading: Reading, own: Mapping[str, tuple[float | None, str]], asked: Sequence[str]) -> Reading:
    """The same hours of an own category for each year that the message tells of; asked where it tells of none, or no number."""
    history = {year: dict(row) for year, row in reading.facts.get("history", {}).items()} or {
        year: {} for year in asked
    }
    words, doubts = dict(reading.words), list(reading.doubts)
    for id, (hours, said) in own.items():
        if hours is None or not history:
            doubts.append(Doubt("history", said, "no_year" if hours is not None else "partial"))
            continue
        for year in history:
            history[year][id] = hours
            words[f"history.{year}.{id}"] = said
    told_of = {year: row for year, row in history.items() if row}
    facts = reading.facts | ({"history": told_of} if told_of else {})
    return replace(reading, facts=facts, words=words, doubts=tuple(doubts))


def told(reading: Reading, notice: Terms, today: date) -> Reading:
    """The reading with `history` among its facts, and the doubts that come from reckoning."""
    if reading.others:
        reading = replace(reading, others=tuple(told(other, notice, today) for other in reading.others))
    if not reading.claims:
        return reading
    sheet = _Sheet(notice.requirement, today.year)
    sheet.turned = any(claim.amount == tuple(notice.requirement.values())[::-1] for claim in reading.claims)
    for claim in reading.claims:
        sheet.take(claim)
    sheet.limit(reading)
    history: dict[str, dict[str, Any]] = {}
    words = dict(reading.words)
    for (year, category), cell in sorted(sheet.cells.items()):
        history.setdefault(str(year), {})[category] = cell.value
        words[f"history.{year}.{category}"] = cell.words
    claimed = {f"history.{y}.{c}": cell.missing for (y, c), cell in sheet.cells.items() if cell.missing is not None}
    facts = reading.facts | ({"history": history} if history else {})
    doubts = {repr(doubt): doubt for doubt in (*reading.doubts, *sheet.doubts)}
    return replace(reading, claimed=claimed, facts=facts, words=words, doubts=tuple(doubts.values()))


@dataclass(frozen=True, slots=True)
class _Cell:
    value: float | None
    words: str
    breadth: int  # of how many cells the same was said in one breath
    missing: float | None = None  # where it was told as what is missing of what a year asks


@dataclass(slots=True)
class _Sheet:
    """Hours by year and category."""

    need: Mapping[str, int]
    today_year: int
    cells: dict[tuple[int, str], _Cell] = field(default_factory=dict)
    blocked: set[tuple[int, str]] = field(default_factory=set)
    doubts: list[Doubt] = field(default_factory=list)
    in_order: bool = False  # some pair of numbers stood in the order of the notice
    turned: bool = False  # some pair is what is asked, the other way round

    def take(self, claim: Claim) -> None:
        """One claim more."""
        if claim.kind in ("but", "void", "lack"):
            return
        categories = [claim.category] if claim.category else list(self.need)
        if claim.years is None:
            self._undated(claim, categories)
        elif claim.kind in _CELLS and not (claim.kind == "short" and claim.category is None):
            for year in claim.years:
                for category in categories:
                    self._put(year, category, claim, len(claim.years) * len(categories))
        else:
            for year in claim.years:
                self._whole(year, claim)

    def doubt(self, year: int | None, category: str | None, words: str, reason: str, **hint: object) -> None:
        """Something to be asked."""
        fact = "history" + (f".{year}" if year else "") + (f".{category}" if year and category else "")
        known: dict[str, object] = {"year": year, "category": category} if category else {"year": year}
        self.doubts.append(Doubt(fact, words, reason, known | hint))

    def _undated(self, claim: Claim, categories: list[str]) -> None:
        if claim.kind in ("hours", "full", "none", "owed"):
            for category in categories:
                hours = {"full": self.need[category], "none": 0}.get(claim.kind, claim.amount)
                self.doubt(None, category, claim.words, "no_year", hours=hours)
        elif claim.kind == "short":
            self.doubt(
                None, claim.category, claim.words, "no_year" if claim.category else "no_category", short=claim.amount
            )
        elif claim.kind in ("total", "number"):
            self.doubt(None, None, claim.words, "bare_total", total=claim.amount)
        else:
            self.doubt(None, None, claim.words, "no_year")

    def _put(self, year: int, category: str, claim: Claim, breadth: int) -> None:
        need, amount = self.need.get(category, 0), claim.amount
        hours = amount if isinstance(amount, (int, float)) else 0
        if year > self.today_year:
            self.doubt(year, category, claim.words, "future_year")
        elif claim.kind == "short" and hours > need:
            self.doubt(year, category, claim.words, "impossible_hours", short=hours)
        elif claim.kind == "owed" and hours < need:
            self.doubt(year, category, claim.words, "done_or_owed", amount=hours)
        else:
            value = {"full": need, "none": 0, "half": need / 2, "unknown": None, "short": need - hours}.get(
                claim.kind, hours
            )
            missing = {"full": 0.0, "short": hours}.get(claim.kind)
            self.put((year, category), _Cell(value, claim.words, breadth, missing))

    def put(self, where: tuple[int, str], cell: _Cell) -> None:
        """What was said of fewer years and categories goes before what was said of more; of as many: asked."""
        had = self.cells.get(where)
        if had is not None and had.value != cell.value and had.breadth == cell.breadth:
            del self.cells[where]
            self.blocked.add(where)
            self.doubt(*where, f"{had.words} / {cell.words}" if had.words != cell.words else cell.words, "conflict")
        elif had is not None and had.value and cell.value == 0 and cell.breadth > had.breadth:
            del self.cells[where]  # 2025年30/60，这三年我都没学
            self.blocked.add(where)
            self.doubt(*where, f"{had.words} / {cell.words}", "conflict")
        elif where not in self.blocked and (had is None or cell.breadth <= had.breadth):
            self.cells[where] = cell

    def _whole(self, year: int, claim: Claim) -> None:
        """A pair, a total, or a number of no category."""
        if isinstance(claim.amount, tuple):
            self._pair(year, claim, claim.amount)
            return
        amount = claim.amount or 0
        known = {c: self.cells[year, c].value for c in self.need if (year, c) in self.cells}
        values = [v for v in known.values() if v is not None]
        open_ = [c for c in self.need if c not in known]
        if claim.kind == "short":
            missing = sum(max(0, self.need[c] - (v or 0)) for c, v in known.items())
            if open_ or len(values) < len(known) or missing != amount:
                self.doubt(year, None, claim.words, "no_category", short=amount)
        elif claim.kind == "total" and len(open_) == 1 and len(values) == len(known) > 0:
            if amount < sum(values):
                self.doubt(year, open_[0], claim.words, "conflict")
            else:
                self.put((year, open_[0]), _Cell(amount - sum(values), claim.words, 1))
        elif (open_ and not values) or (claim.kind == "number" and (open_ or sum(values) != amount)):
            self.doubt(year, None, claim.words, "bare_total", total=amount)

    def _pair(self, year: int, claim: Claim, amounts: tuple[float, float]) -> None:
        """30/60 is general and professional; 60/30 may be meant the other way round, unless other rows give the order."""
        first, second = amounts
        needs = list(self.need.values())
        if len(needs) != len(amounts):
            self.doubt(year, None, claim.words, "bare_total", total=first + second)
            return
        turned = first >= needs[1] and 0 < second <= needs[0] and first > second
        other_way = second == needs[0] or not (self.in_order or claim.kind == "row")
        if (self.turned and first > second) or (turned and other_way):
            self.doubt(year, None, claim.words, "reversed_pair", first=first, second=second)
            return
        self.in_order = self.in_order or first < second
        for category, amount in zip(self.need, amounts, strict=True):
            self._put(year, category, replace(claim, kind="hours", amount=amount), len(claim.years or ()))

    def limit(self, reading: Reading) -> None:
        """What limits a claim limits it: 除了2024年专业, 但2024年没核定, 疫情那年没学."""
        for claim in reading.claims:
            if claim.kind in ("but", "void", "lack"):
                years = claim.years or tuple({y for (y, _), cell in self.cells.items() if cell.breadth > 1})
                categories = [claim.category] if claim.category else list(self.need)
                breadth = len(claim.years) * len(categories) if claim.years and claim.kind != "void" else 0
                reason = "unrecognised" if claim.kind == "void" else "limited"
                for year in years:
                    out = [c for c in categories if self._take_out((year, c), breadth, claim.kind == "lack")]
                    if out == list(self.need):
                        self.doubt(year, None, claim.words, reason)
                    else:
                        for category in out:
                            self.doubt(year, category, claim.words, reason)
        for doubt in (*reading.doubts, *self.doubts):
            if doubt.reason in _LIMITING and doubt.fact.startswith("history"):
                self._limited_by(doubt)

    def _limited_by(self, doubt: Doubt) -> None:
        _, year, category = [*doubt.fact.split("."), "", ""][:3]
        if not category and isinstance(doubt.hint, dict):
            category = doubt.hint.get("category") or ""
        for where, cell in list(self.cells.items()):
            named = (not year or where[0] == int(year)) and (not category or where[1] == category)
            told_of = len(self.need) if year and not category else 1
            exact = bool(year and category) and doubt.reason in _TAKING_BACK
            opposed = bool(year) and doubt.reason in _UNDONE and self._full(where, cell)  # 24年30/60，24年没学完
            if named and cell.value and (exact or opposed or cell.breadth > (told_of if year else len(self.need))):
                del self.cells[where]
                if not year:
                    self.doubt(where[0], None, doubt.words, "limited")

    def _full(self, where: tuple[int, str], cell: _Cell) -> bool:
        return cell.value is not None and cell.value >= self.need.get(where[1], 0)

    def _take_out(self, where: tuple[int, str], breadth: int, lacking: bool) -> bool:
        """Whether this year and category are open, now that a wider claim does not hold of them, nor, `lacking`, a number that is full."""
        cell = self.cells.get(where)
        if cell is not None and (cell.breadth > breadth or cell.missing == 0 or (lacking and self._full(where, cell))):
            del self.cells[where]
        return where not in self.cells
