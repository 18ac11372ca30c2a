"""What one notice says: every value with the clause it comes from, and how its open points are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple, TypeVar

from rules.ages import Birth, day_reached
from rules.conditions import Condition, compile_condition, record_condition
from rules.document import Mark
from rules.registry import REGISTRY, phrases

_OLDEST = 200  # nobody older applies

Hours = Any  # int or Decimal, exact


# What a document may write, beside the type: a word of a closed list, by what the list is called, or a range.
Cited = Annotated[str, "clause"]
Point = Annotated[str, "reading"]
YearsFact = Annotated[str, "fact of years"]
Level = Annotated[str, "level"]
Categories = tuple[Annotated[str, "category"], ...]
When = Annotated[Condition, Mark(by=compile_condition)]
Natural = Annotated[int, range(10**9)]
Positive = Annotated[int, range(1, 10**9)]
Years = Annotated[int, range(1, 101)]  # how many anything looks back
NOTHING: Mapping[str, Any] = MappingProxyType({})

SCOPES = ("review", "exceptional", "recognition", "annual_duty")
# What an effect must say, and what it may.
EFFECTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "waive": ((), ()), "any_k_of": (("k",), ("hours",)), "restrict_to": (("origin",), ()), "drop_years": (("years",), ()),
    "lower": (("hours",), ("years",)), "deem": (("category",), ()),
}  # fmt: skip


# The parts of a document that judge anybody, beside the sources of training.
_JUDGING = (
    "review_year", "requirement", "category", "years", "limits", "minutes", "counting", "relief", "reading", "not_covered",
)  # fmt: skip
_KEPT = 20_000
Made = TypeVar("Made")


def kept(memo: dict[Any, Any], key: Any, make: Callable[..., Made], *given: Any) -> Made:
    """What was made for the key before, else made of `given` now. The one rule of all memos: what is full is forgotten and starts anew."""
    found: Made | None = memo.get(key)
    if found is None:
        found = make(*given)
        if len(memo) >= _KEPT:
            memo.clear()
        memo[key] = found
    return found


class Source(NamedTuple):
    """The document itself. `second_hand`: we have its facts, not its text, so that nothing of it can be quoted."""

    title: str
    number: str
    date: date
    sha256: str = ""
    second_hand: bool = False


class Clause(NamedTuple):
    """A clause in our words, with the operative words as printed."""

    says: str
    quote: str = ""
    also: tuple[str, ...] = ()

    @property
    def quotes(self) -> tuple[str, ...]:
        """All that is quoted."""
        return (*filter(None, (self.quote,)), *self.also)


class Period(NamedTuple):
    """From one day to another, both included: when training counts for the review year, or when people apply."""

    begins: Annotated[date, Mark(("opens", "from"))]
    ends: Annotated[date, Mark(("closes", "until"))]
    clause: Cited


class Called(NamedTuple):
    """What a category is called."""

    name: str
    short: str


class Category(NamedTuple):
    """A kind of hours, and how many of them a year asks at least."""

    id: str
    name: str
    short: str
    hours: int


class Required(NamedTuple):
    """Hours a year by category, and in all (`total`) where that is more; for a level, those that it has otherwise."""

    clause: Cited
    hours: Annotated[Mapping[Annotated[str, "category or total"], Natural], Mark(rest=True)]
    by_level: Mapping[Level, Mapping[Annotated[str, "category or total"], Natural]] = NOTHING


class Ask(NamedTuple):
    """What one year asks: hours at least of each category, in the notice's order, and in all."""

    floors: tuple[Hours, ...]
    total: Hours


class Limit(NamedTuple):
    """The least and the most that an answer may be."""

    low: Annotated[Natural, Mark(("from",))]
    high: Annotated[Natural, Mark(("until",))]


class Knobs(NamedTuple):
    """How contested points are read; each is set by one `[[reading]]` of the notice."""

    look_back_ends: int  # years before the review year at which the look-back ends: 0 or -1
    birthday: Annotated[str, "birthday"]  # next_day | same_day
    age_on: Annotated[str, "age_on"]  # review_date | year_end
    any_of: Annotated[str, "any_of"]  # ordinary | look_back
    waivers_lift_duty: bool
    waivers_reach_recognition: bool
    recognition_ends: int
    transfer_from: int
    tenure_from: int
    capped: bool
    dropped_counts_as_done: bool
    open_year_promised: bool
    deemed_fills_total: bool
    epidemic_last: int  # the last year that can be one of 疫情防控
    by_calendar: bool  # whether an application in the next year is of that year's review


class Alternative(NamedTuple):
    """Another way to read a contested point: other knobs, or checks of training lifted or added (`apply`)."""

    id: str
    says: str
    knobs: Knobs
    apply: str  # "" or the id of the reading whose checks are read the other way


Setting = Annotated[Mapping[str, Any], Mark(("set",), some=Knobs)]


class Instead(NamedTuple):
    """Another way to read a point, as written: the knobs that it sets otherwise, or the id whose checks are read the other way."""

    says: str
    apply: str = ""
    setting: Setting = NOTHING


class OpenPoint(NamedTuple):
    """A contested point, how it is read and why."""

    id: str
    clause: Cited
    asks: str
    chosen: str
    why: str
    setting: Setting = NOTHING
    instead: tuple[Instead, ...] = ()


class Effect(NamedTuple):
    """What a relief does, of the closed set in `rules.reliefs`; what does not bear on its kind is empty."""

    kind: Annotated[str, "effect"]
    k: Years = 0
    years: YearsFact = ""  # which years
    origin: Annotated[str, "origin"] = ""  # transfer | tenure
    categories: Annotated[Categories, Mark(("category",))] = ()
    hours: Mapping[Annotated[str, "category or total"], Natural] = NOTHING


class Relief(NamedTuple):
    """A relief: for whom, what it does, and what is said of it to whom it holds and to whom it does not."""

    id: str
    clause: Cited
    says: str
    missing: Annotated[str, Mark(filled=("need", "wait"))]
    effect: Effect
    when: When
    quiet_without: Annotated[str, "fact"] = ""
    this_year_only: bool = False

    @property
    def kind(self) -> str:
        """The word of its effect."""
        return self.effect.kind

    @property
    def line(self) -> dict[str, str]:
        """As an assessment lists it."""
        return {"id": self.id, "clause": self.clause, "effect": self.effect.kind, "says": self.says}


class YearsRule(NamedTuple):
    """How many years are looked at: by level, by a number the person gives, or fixed; `otherwise`: of whom `when` does not hold."""

    clause: Cited
    by_level: Annotated[Mapping[Level, Years], Mark(rest=True)]
    when: When | None = None
    otherwise: Annotated[str, "not_covered"] = ""
    fact: Annotated[str, "number of years"] = ""
    fixed: Annotated[Years, Mark(("count",))] = 0


class Check(NamedTuple):
    """One condition a record must meet to count; `reading`: lifted when that point is read the other way;
    `only_reading`: asked only then."""

    says: str
    when: Annotated[Condition, Mark(by=record_condition, rest=True)]
    reading: Point = ""
    only_reading: Point = ""

    @property
    def never(self) -> bool:
        """Whether no record meets it."""
        return not self.when.leaves


class Otherwise(NamedTuple):
    """What is said of hours filed under a category in which their source does not count."""

    says: str = ""
    reading: Point = ""


class SourceRule(NamedTuple):
    """How training of one source counts. `an_event`: hours that each record is worth; `at_most`: hours a year from this source."""

    id: str
    clause: Cited
    categories: tuple[Annotated[str, "category of hours"], ...]
    wrong_category: Otherwise = Otherwise()
    checks: tuple[Check, ...] = ()
    outside_region: bool = False
    deems: Categories = ()
    an_event: Annotated[Positive, Mark(("hours_an_event",))] = 0
    at_most: Positive = 0


class Counting(NamedTuple):
    """A rule for records of every source."""

    clause: Cited
    says: str
    reading: Point = ""


class Minutes(NamedTuple):
    """How minutes become hours, and for whom."""

    clause: Cited
    a_hour: Positive
    when: When
    says: str
    reading: Point = ""


class Contact(NamedTuple):
    """A platform or an office: whom to call about what."""

    id: str
    name: str
    clause: Cited
    what_for: Annotated[str, Mark(("for",))]
    phones: tuple[str, ...]
    url: str = ""
    email: str = ""
    apps: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    audience: Annotated[str, "audience"] = "everybody"

    @property
    def line(self) -> dict[str, Any]:
        """As an assessment lists it."""
        return {"name": self.name, "phones": list(self.phones), "for": self.what_for}


@dataclass(frozen=True, eq=False, kw_only=True)
class Document:
    """All that a document may write: hours a year, years of age, dates; everything with the clause it comes from.

    `area` is empty for a region's own.
    """

    id: str
    region: str
    region_name: str
    area: str = ""
    area_name: str = ""
    review_year: Annotated[int, range(1000, 9001)]
    source: Source
    clauses: Mapping[str, Clause]
    window: Period
    applications: Period
    called: Annotated[Mapping[str, Called] | None, Mark(("category",))] = None
    required: Annotated[Required, Mark(("requirement",))]
    years: Annotated[Mapping[Annotated[str, "scope"], YearsRule], Mark(every=True)]
    limits: Annotated[Mapping[Annotated[str, "limit"], Limit], Mark(every=True, cites=True)]
    minutes: Minutes
    counting: Annotated[Mapping[Annotated[str, "counting"], Counting], Mark(every=True)]
    source_rules: Annotated[tuple[SourceRule, ...], Mark(("source_rule",))]
    reliefs: Annotated[tuple[Relief, ...], Mark(("relief",))]
    readings: Annotated[tuple[OpenPoint, ...], Mark(("reading",))]
    platforms: Annotated[tuple[Contact, ...], Mark(("platform",))]
    contacts: Annotated[tuple[Contact, ...], Mark(("contact",))]
    show: Annotated[Mapping[Annotated[str, "status"], tuple[str, ...]], Mark(every=True)]
    not_covered: Mapping[str, Counting]


@dataclass(frozen=True, eq=False, kw_only=True)
class Notice(Document):
    """One notice, and what it comes from.

    `estimate_for`: the year for which it is moved, where that year has no notice; `lapsed` are then the reliefs that it granted for
    its own year alone. `local_closes`: of a region's, the areas by name where training closes on another day.
    """

    sha256: str
    extends: tuple[str, ...]
    own_clauses: frozenset[str]
    document: Mapping[str, Any] = field(repr=False)
    estimate_for: int | None = None
    lapsed: tuple[Relief, ...] = ()
    local_closes: Mapping[str, date] = field(default_factory=dict)
    plans: dict[Any, Any] = field(default_factory=dict, repr=False)  # the facts read, and `rules.plan.plan_of` them
    births: dict[Any, Any] = field(default_factory=dict, repr=False)  # those that were read, with the ages reached

    @cached_property
    def sources(self) -> Mapping[str, SourceRule]:
        """How training counts, by source."""
        return {rule.id: rule for rule in self.source_rules}

    @cached_property
    def categories(self) -> tuple[Category, ...]:
        """The kinds of hours that it asks, in the order in which they are counted."""
        called = {**REGISTRY.categories, **(self.called or {})}
        return tuple(
            Category(name, *called[name], hours)
            for name in called
            if (hours := self.required.hours.get(name)) is not None
        )

    @cached_property
    def asks(self) -> Mapping[str, Ask]:
        """What a year asks, by level; "" where none differs."""
        usual = self._ask(self.required.hours, None)
        return {"": usual, **{level: self._ask(row, usual) for level, row in self.required.by_level.items()}}

    def _ask(self, hours: Mapping[str, int], usual: Ask | None) -> Ask:
        """What such hours come to; those not named are the usual ones, and in all too where no category is named."""
        floors = tuple(hours.get(category.id, category.hours) for category in self.categories)
        least = sum(floors)
        total = usual.total if usual is not None and floors == usual.floors else least
        return Ask(floors, hours.get("total", max(total, least)))

    @cached_property
    def knobs(self) -> Knobs:
        """How its open points are read."""
        return Knobs(**{name: value for point in self.readings for name, value in point.setting.items()})

    @cached_property
    def alternatives(self) -> tuple[Alternative, ...]:
        """The other ways to read them."""
        return tuple(
            Alternative(point.id, other.says, self.knobs._replace(**other.setting), other.apply)
            for point in self.readings
            for other in point.instead
        )

    @cached_property
    def shown(self) -> Mapping[str, tuple[Contact, ...]]:
        """By status the platforms and offices that an assessment carries."""
        lines = {"platforms": self.platforms, **{place.id: (place,) for place in self.contacts}}
        return {status: tuple(place for name in names for place in lines[name]) for status, names in self.show.items()}

    @cached_property
    def policy_line(self) -> dict[str, Any]:
        """How an assessment names it."""
        line = {"id": self.id, "sha256": self.sha256, "extends": [*self.extends], "estimate_for": self.estimate_for}
        return {name: value for name, value in line.items() if value}

    @cached_property
    def year_end(self) -> date:
        """The last day of the review year."""
        return date(self.review_year, 12, 31)

    @cached_property
    def thresholds(self) -> tuple[int, ...]:
        """The ages at which any relief turns, ascending."""
        return tuple(sorted(frozenset().union(*(relief.when.ages for relief in self.reliefs))))

    @cached_property
    def steps(self) -> tuple[int, ...]:
        """For each age the highest threshold reached, 0 for none: between two of them nothing turns."""
        return tuple(max((each for each in (0, *self.thresholds) if each <= age), default=0) for age in range(_OLDEST))

    @cached_property
    def category_ids(self) -> tuple[str, ...]:
        """The categories in the order in which hours are counted."""
        return tuple(category.id for category in self.categories)

    @cached_property
    def plain(self) -> Mapping[tuple[str, str], int]:
        """The sources and categories of which a record without flags counts as it stands, whoever has it and however open points are
        read, with the place of the category."""
        return {
            (id, name): self.places[name]
            for id, rule in self.sources.items()
            for name in self.places.keys() & rule.categories
            if not (rule.deems or rule.an_event or rule.at_most)
            and all(REGISTRY.flags.keys() >= {*check.when.facts} and check.when.test({}) for check in rule.checks)
        }

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Of each category its place in the order in which hours are counted."""
        return {name: place for place, name in enumerate(self.category_ids)}

    @cached_property
    def categories_known(self) -> frozenset[str]:
        """The categories that a record may name, those that have no effect here included."""
        return frozenset((*self.places, *REGISTRY.categories))

    @cached_property
    def sources_known(self) -> frozenset[str]:
        """The sources that a record may name, those that never count here included."""
        return frozenset((*self.sources, *REGISTRY.sources))

    @cached_property
    def short_names(self) -> Mapping[str, str]:
        """What each category is called in a few signs, those that have no effect here included."""
        return {id: short for id, (_, short) in REGISTRY.categories.items()} | {
            one.id: one.short for one in self.categories
        }

    @property
    def requirement(self) -> dict[str, int]:
        """Hours a year by category."""
        return {category.id: category.hours for category in self.categories}

    @property
    def total(self) -> int:
        """Hours a year in all."""
        return int(self.asks[""].total)

    @property
    def facts(self) -> frozenset[str]:
        """The facts, and parts of facts, on which any of its reliefs hangs."""
        return frozenset(name for relief in self.reliefs for name in relief.when.facts)

    def ask(self, level: str | None) -> Ask:
        """What a year asks of somebody applying for that level."""
        return self.asks.get(level or "", self.asks[""])

    def line(self, clause: str) -> dict[str, str]:
        """A clause as an assessment lists it."""
        return {"clause": clause, "says": self.clauses[clause].says}

    def look_back(self, level: str | None) -> int:
        """How many years the review of that level looks at; of an unknown one, the most that any does."""
        return len(self.review_years(level))

    @cached_property
    def closing(self) -> dict[str, str]:
        """The end of the training period, as an assessment lists what time changes."""
        closes = self.window[1]
        says = phrases()["closes"].format(year=self.review_year, month=closes.month, day=closes.day)
        return {"from": (closes + timedelta(days=1)).isoformat(), "id": "window_closes", "says": says}

    def day_reached(self, birth: Birth, age: int) -> date:
        """The day on which an age is surely reached, as this notice counts birthdays."""
        return day_reached(birth, age, self.knobs.birthday == "same_day")

    def application_day(self, today: date) -> date:
        """Today, kept within the review year and the application period."""
        first, last = date(self.review_year, 1, 1), date(self.review_year, 12, 31)
        return min(max(today, first, self.applications[0]), max(last, self.applications[0]))

    def judged_otherwise(self, other: Notice) -> list[str]:
        """The parts of the document and the sources of training by which another notice of the same year judges otherwise."""
        one, two = _judging(self.document), _judging(other.document)
        return [name for name in {**one, **two} if one.get(name) != two.get(name)]

    def contact(self, id: str) -> Contact:
        """The platform or office of that id; of an office that the notice does not name, whom one asks then."""
        named = [place for place in (*self.platforms, *self.contacts) if place.id == id]
        return named[0] if named else Contact(id, phrases()["no_office"], "", phrases()["no_office_for"], ())

    def review_years(self, level: str | None, route: str = "review") -> range:
        """The years that the review of that level looks at, ascending; of an unknown one, the most that any does."""
        by_level = self.years[route].by_level
        count = by_level.get(level or "", max(by_level.values(), default=1))
        end = self.review_year + self.knobs.look_back_ends + 1
        return range(end - count, end)


def _judging(body: Mapping[str, Any]) -> dict[str, str]:
    """What judges, by part of the document and by source: equal texts judge alike. A reading that sets nothing only says something."""
    parts = {**body, "reading": [row for row in body["reading"] if row.keys() & {"set", "instead"}]}
    return {name: repr(parts.get(name)) for name in _JUDGING} | {row["id"]: repr(row) for row in body["source_rule"]}
