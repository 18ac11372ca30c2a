"""The years of a result, each with a bar for every category: what there is, is asked, is missing. The one rule for all drawings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any, Literal

from bot.telling.facts_in_words import number_words, years_words
from bot.telling.sentences import said
from rules import Notice
from rules.notice import Effect, kept
from rules.registry import FACTS, REGISTRY
from rules.verdict import ANY

Hours = Mapping[str, Any]  # by category
_OF_YEARS = tuple(fact.id for fact in FACTS.values() if fact.kind == "years")
State = Literal["full", "deemed", "short", "open", "untold", "idle", "dropped"]
"""`open`: hours that cannot be remembered; `untold`: never asked, and no matter; `idle`: not full, and no matter;
`dropped`: of a year that a relief takes out."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Hours of one year and category. `had` is None where they cannot be remembered or were never asked for."""

    id: str
    category: str
    had: Any
    needed: Any
    missing: Any
    state: State

    @property
    def share(self) -> float:
        """How much of the bar is filled, 0 to 1."""
        if self.state == "deemed":
            return 1.0
        if self.had is None or self.state == "dropped":
            return 0.0
        return min(1.0, float(self.had) / float(self.needed)) if self.needed else 1.0

    @property
    def note(self) -> str:
        """The word at the end of a bar."""
        return said("bars", self.state, hours=number_words(self.missing))

    @property
    def sum(self) -> str:
        """20/30; what cannot be said in numbers is left to the note."""
        return (
            ""
            if self.had is None or self.state == "dropped"
            else f"{number_words(self.had)}/{number_words(self.needed)}"
        )

    @property
    def says(self) -> str:
        """The bar in words, for those who listen."""
        hours = said("bars", "sum", had=number_words(self.had), needed=number_words(self.needed)) if self.sum else ""
        return said("bars", "says", category=self.category, sum=hours, note=self.note)


@dataclass(frozen=True)
class Year:
    """One year's bars, in the order of the notice's categories."""

    year: int
    bars: tuple[Bar, ...]

    @cached_property
    def row(self) -> Row:
        """The row that it has where it is drawn alone."""
        return Row(f"{self.year}年", self.bars, "")

    @cached_property
    def state(self) -> str:
        """The state that all its bars share, `none` where nothing was learned, else `mixed`."""
        states = {bar.state for bar in self.bars}
        if states <= {"full", "deemed"}:
            return "full"
        if states == {"short"} and not any(bar.had for bar in self.bars):
            return "none"
        if states & {"idle", "untold"} and states != {"untold"} and not states & {"short", "open", "dropped"}:
            return "idle"
        return states.pop() if len(states) == 1 and states <= {"open", "untold", "idle", "dropped"} else "mixed"

    @property
    def missing(self) -> dict[str, Any]:
        """Hours by the category's id, none of zero."""
        return {bar.id: bar.missing for bar in self.bars if bar.state == "short"}


def years_of(
    assessment: Mapping[str, Any], facts: Mapping[str, Any], notice: Notice, memo: dict[Any, Any] | None = None
) -> tuple[Year, ...]:
    """The years that the result looks at and those that a relief drops, in the order of time; none where nothing is asked or told.
    `memo`: for many people under one notice, what was counted for those before."""
    asked, history = assessment.get("requirement"), facts.get("history")
    if not asked or history is None:
        return ()
    given, alike = (assessment, facts, notice, asked), () if memo is None else _alike(assessment, facts, asked)
    count = kept(memo, alike, _BarCount, *given) if memo is not None and alike else _BarCount(*given)
    return count.all(count.years, told_hours(history, assessment.get("rejected", ())), assessment.get("short") or {})


def duty_of(assessment: Mapping[str, Any], facts: Mapping[str, Any], notice: Notice) -> tuple[Year, ...]:
    """The years of the duty that a relief of the review leaves in place; none of which nobody told."""
    duty = assessment.get("annual_duty")
    if not duty or facts.get("history") is None:
        return ()
    as_asked = {"mode": "every_year", "years": duty["years"]}
    standing = {**duty, "reliefs": [one for one in assessment.get("reliefs", ()) if one["effect"] == "deem"]}
    told = told_hours(facts["history"])
    years = [year for year in duty["years"] if year in told or duty["status"] == "met"]
    return _BarCount(standing, facts, notice, as_asked).all(years, told, duty.get("short") or {})


def _alike(assessment: Mapping[str, Any], facts: Mapping[str, Any], asked: Mapping[str, Any]) -> tuple[Any, ...]:
    """What people share whose years of the same hours are drawn alike; nothing for whom records decide."""
    if type(facts["history"]) is not dict:
        return ()
    reliefs = [one["id"] for one in assessment.get("reliefs", ())]
    of_years = [(name, *facts[name]) for name in _OF_YEARS if facts.get(name)]
    hours = asked.get("hours", {}).items()
    return (assessment["status"], facts.get("title_level"), asked["mode"], *asked["years"], *hours, *reliefs, *of_years)


def dropped_years(assessment: Mapping[str, Any], facts: Mapping[str, Any], notice: Notice) -> set[int]:
    """The years that a relief takes out of what is asked of every year."""
    asked = assessment.get("requirement") or {}
    if asked.get("mode") != "every_year":
        return set()
    sources = {effect.years for effect in _effects(assessment, notice, "drop_years")}
    return {int(year) for name in sources for year in facts.get(name) or ()} - set(asked["years"])


def _effects(assessment: Mapping[str, Any], notice: Notice, kind: str) -> list[Effect]:
    """The effects of that kind among the reliefs that apply."""
    held = {one["id"] for one in assessment.get("reliefs", ())}
    return [relief.effect for relief in notice.reliefs if relief.id in held and relief.kind == kind]


class _BarCount:
    """Counts the bars of results that are asked the same, as the rules counted them: what they say is missing is missing."""

    def __init__(
        self, assessment: Mapping[str, Any], facts: Mapping[str, Any], notice: Notice, asked: Mapping[str, Any]
    ) -> None:
        self.asked, self.status = asked, assessment["status"]
        self.years = sorted({*asked["years"], *dropped_years(assessment, facts, notice)})
        hours, usual = asked.get("hours", {}), notice.ask(facts.get("title_level"))
        self.usual = dict(zip(notice.category_ids, usual.floors, strict=True)), usual.total
        self.lower = ({**notice.requirement, **hours}, hours.get("total", sum(hours.values()))) if hours else self.usual
        names = [effect.years for effect in _effects(assessment, notice, "lower")]
        self.lowered = {int(year) for name in names if name for year in facts.get(name) or ()}
        self.some = bool(names) and all(names)  # other hours in these years alone
        self.fills_total = notice.knobs.deemed_fills_total
        self.names = {each.id: each.short for each in notice.categories}
        self.every = asked["mode"] == "every_year"
        self.deemed = _deemed(assessment, facts, notice)
        self._made: dict[Any, Year] = {}

    def all(self, years: Iterable[int], told: Mapping[int, Hours], short: Mapping[str, Hours]) -> tuple[Year, ...]:
        """Those years, by the hours told of them and missing."""
        return tuple([self.year(year, told.get(year) or {}, short.get(str(year)) or {}) for year in years])

    def year(self, year: int, told: Hours, short: Hours) -> Year:
        """One year; of the same hours the same."""
        return kept(self._made, (year, *told.items(), None, *short.items()), self._year, year, told, short)

    def asks(self, year: int) -> tuple[Mapping[str, Any], Any]:
        """Hours of the year by category, and in all."""
        return self.usual if self.some and year not in self.lowered else self.lower

    def _year(self, year: int, told: Hours, short: Hours) -> Year:
        bars = tuple(self.bar(year, name, told, short) for name in self.names)
        return Year(year, bars + tuple(self.beside(year, bars, short)))

    def beside(self, year: int, bars: tuple[Bar, ...], short: Hours) -> Iterator[Bar]:
        """Hours of any category, where more is asked in all than by the floors, and some of them are missing."""
        whole, filled = self.asks(year)[1], 0
        floors = [
            bar for bar in bars if bar.state != "deemed" or self.fills_total
        ]  # of the others hours fill it as they are
        for bar in bars:
            filled += max(bar.had or 0, bar.needed) if bar in floors else bar.had or 0
        rest = whole - sum(bar.needed for bar in floors)
        missing = short.get(ANY, 0)
        surely = self.every and self.status in ("met", "short")
        if rest > 0 and not missing and not surely and {bar.state for bar in bars} <= {"full", "deemed"}:
            missing = max(whole - filled, 0)
        if missing:
            state: State = "short" if short or self.status == "uncertain" else "idle"
            rest = max(rest, missing)
            yield Bar(ANY, said("bars", "any_category"), rest - missing, rest, missing, state)

    def bar(self, year: int, name: str, row: Hours, short: Hours) -> Bar:
        """One year and category."""
        needed, had = self.asks(year)[0][name], row.get(name)

        def made(state: State, had: Any = had, missing: Any = 0) -> Bar:
            return Bar(name, self.names[name], had, needed, missing, state)

        if year not in self.asked["years"]:
            return made("dropped")
        missing = short.get(name, 0)
        needed = max(needed, missing)
        if missing:
            return made("short", needed - missing, missing)
        if (year, name) in self.deemed and (had is None or had < needed):
            return made("deemed")
        if self.every and self.status in ("met", "short"):  # asked for and not missing: done, whatever was told
            return made("full", max(had or 0, needed))
        if had is None and name in row:
            return made("open")
        if had is not None and had >= needed:
            return made("full")
        if self.status == "uncertain":
            return made("short", had or 0, needed - (had or 0))
        return made("untold") if name not in row else made("idle")


def _deemed(assessment: Mapping[str, Any], facts: Mapping[str, Any], notice: Notice) -> set[tuple[int, str]]:
    categories = [name for effect in _effects(assessment, notice, "deem") for name in effect.categories]
    rejected = [line.get("record") for line in assessment.get("rejected", ())]
    history = facts.get("history")
    passed = [] if isinstance(history, Mapping) else [
        record["year"] for at, record in enumerate(history or ())
        if record.get("source") == "qualification_exam" and record.get("record", at) not in rejected
    ]  # fmt: skip
    return {(int(year), name) for year in (*passed, *facts.get("exam_years", ())) for name in categories}


def told_hours(history: Any, rejected: Iterable[Mapping[str, Any]] = ()) -> dict[int, dict[str, Any]]:
    """Hours by year and category as they were told; None where they cannot be remembered. Records rejected are left out."""
    if isinstance(history, Mapping):
        return {
            int(year): dict.fromkeys(REGISTRY.categories) if row is None else dict(row) for year, row in history.items()
        }
    gone = [line.get("record") for line in rejected]
    table: dict[int, dict[str, Any]] = {}
    for at, record in enumerate(history):
        if record.get("record", at) in gone or at in gone or record.get("source") == "qualification_exam":
            continue
        row, name, hours = table.setdefault(int(record["year"]), {}), record.get("category"), record.get("hours")
        row[name] = None if hours is None or row.get(name, 0) is None else row.get(name, 0) + hours
    return table


# ---------------------------------------------------------------- rows to draw


@dataclass(frozen=True)
class Row:
    """A row of a drawing: one year with its bars, or like years in a few words."""

    label: str
    bars: tuple[Bar, ...]
    words: str

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The row as lines of text; what is full stands behind the last."""
        full = "".join(f"，{bar.category}{bar.note}" for bar in self.bars if bar.state == "full")
        drawn = [f"{self.label}{bar.category} {_drawn(bar)}" for bar in self.bars if bar.state != "full"]
        return (*drawn[:-1], drawn[-1] + full) if drawn else (f"{self.label}{self.words}",)


def rows_of(years: Iterable[Year]) -> tuple[Row, ...]:
    """Bars only where part is there and part is missing; years of the same state share a row."""
    alike: dict[str, list[int]] = {}
    rows: list[tuple[int, Row]] = []
    for year in years:
        if year.state == "mixed":
            rows.append((year.year, year.row))
        else:
            alike.setdefault(year.state, []).append(year.year)
    rows += [(each[0], _shared(state, *each)) for state, each in alike.items()]
    return tuple([row for _, row in sorted(rows, key=itemgetter(0))])


@lru_cache(1_000)
def _shared(state: str, *years: int) -> Row:
    return Row(years_words(years), (), said("bars", f"{state}_year"))


CELLS = 6


def bar_lines(years: Iterable[Year]) -> tuple[list[str], bool]:
    """The rows as lines of text, and whether what is asked of every category stands in them."""
    years = tuple(years)
    lines = [line for row in rows_of(years) for line in row.lines]
    shown = {bar.id for year in years if year.state == "mixed" for bar in year.bars if bar.state != "full" and bar.sum}
    return lines, bool(years) and shown == {bar.id for bar in years[0].bars}


def brief_lines(years: Iterable[Year]) -> tuple[list[str], list[str]]:
    """The rows as lines of text without bars, a year a line: 2024年公需差10、专业记不清; and with one line for all such years."""
    rows, told = rows_of(years), ("short", "open", "deemed")
    alike = [f"{row.label}{row.words}" for row in rows if not row.bars]
    each = {
        row.label: "、".join(f"{bar.category}{bar.note}" for bar in row.bars if bar.state in told)
        for row in rows
        if row.bars
    }
    parts = said("bars", "some_years", years=years_words(int(label[:4]) for label in each)) if each else ""
    return [f"{row.label}{row.words or each[row.label]}" for row in rows], alike + [parts] * bool(each)


def _drawn(bar: Bar) -> str:
    if not bar.sum:
        return bar.note
    full = int(bar.share * CELLS)
    cells = f"{'█' * full}{'░' * (CELLS - full)} " if bar.had else ""  # of nothing nothing is drawn
    return f"{cells}{bar.sum}{f' {bar.note}' if bar.state in ('short', 'deemed') else ''}"
