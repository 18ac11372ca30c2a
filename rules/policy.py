"""What a policy pack holds: every value of one notice with the clause it comes from, and how its open points are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from rules.conditions import Test

_OLDEST = 200  # nobody older applies


Hours = Any  # int, float or Decimal: never the last two in what one person has done
Deficit = tuple[Hours, Hours, Hours]
"""What is missing of one year: general, professional, both."""


class PolicyError(Exception):
    """A policy document is wrong: the file, the id of the line, the reason."""

    def __init__(self, file: str, line: str, reason: str) -> None:
        super().__init__(f"{file}: {line}: {reason}")
        self.file, self.line, self.reason = file, line, reason


class Clause(NamedTuple):
    says: str
    quotes: tuple[str, ...]  # the operative words, as printed


class Limits(NamedTuple):
    """The range of each answer, both ends included."""

    age: tuple[int, int]
    hours: tuple[int, int]
    minutes: tuple[int, int]
    epidemic_years: tuple[int, int]
    recognition_years: tuple[int, int]


class Knobs(NamedTuple):
    """How contested points are read; each is set by one `[[reading]]` of the pack."""

    look_back_ends: int  # years before the review year at which the look-back ends: 0 or -1
    birthday: str  # next_day | same_day
    age_on: str  # review_date | year_end
    any_of: str  # ordinary | look_back
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


class Reading(NamedTuple):
    id: str
    clause: str
    asks: str
    chosen: str
    why: str
    instead: tuple[str, ...]


class Relief(NamedTuple):
    id: str
    clause: str
    says: str
    missing: str
    quiet_without: str
    kind: str
    effect: dict[str, Any]
    test: Test
    line: dict[str, str]  # as an assessment lists it


class YearsRule(NamedTuple):
    """How many years are looked at: by level, by a number the person gives, or fixed."""

    clause: str
    by_level: dict[str, int] | None
    fact: str
    fixed: int
    test: Test | None
    otherwise: str


class Check(NamedTuple):
    """One condition a record must meet to count; `reading`: lifted when that point is read the other way;
    `only_reading`: asked only then."""

    kind: str  # flag | fact | year | never
    name: str
    wanted: Any
    isnt: bool
    when_flag: str
    reading: str
    only_reading: str
    says: str


class SourceRule(NamedTuple):
    id: str
    clause: str
    categories: frozenset[str]
    wrong_category: str
    wrong_category_reading: str
    outside_region: bool
    deems: str
    checks: tuple[Check, ...]
    asks_nothing: bool  # both categories, no check in the chosen reading


@dataclass(frozen=True, slots=True)
class Place:
    """A platform or an office: whom to call about what."""

    id: str
    name: str
    clause: str
    what_for: str
    phones: tuple[str, ...]
    url: str = ""
    email: str = ""
    apps: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    audience: str = "everybody"


@dataclass(frozen=True)
class PolicyPack:
    """One notice. Hours per year, years of age, dates; everything with the clause it comes from."""

    id: str
    sha256: str
    region: str
    review_year: int
    source: dict[str, Any]
    clauses: dict[str, Clause]
    window: tuple[date, date]
    window_clause: str
    applications: tuple[date, date]
    requirement: dict[str, int]
    requirement_clause: str
    years: dict[str, YearsRule]
    limits: Limits
    minutes_a_hour: int
    minutes_test: Test
    minutes_line: tuple[str, str, str]  # clause, reading, says
    counting: dict[str, dict[str, str]]
    sources: dict[str, SourceRule]
    reliefs: tuple[Relief, ...]
    knobs: Knobs
    readings: tuple[Reading, ...]
    alternatives: tuple[Alternative, ...]
    platforms: tuple[Place, ...]
    contacts: tuple[Place, ...]
    shown: dict[str, list[dict[str, Any]]]
    not_covered: dict[str, dict[str, str]]
    thresholds: tuple[int, ...]  # the ages at which any relief turns
    # What was worked out already, each limited in size by whoever fills it.
    memo: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    cases: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    births: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    duties: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    deficits: dict[int, Deficit] = field(default_factory=dict, compare=False, repr=False)
    waits: dict[Any, dict[str, str]] = field(default_factory=dict, compare=False, repr=False)
    views: dict[Any, object] = field(default_factory=dict, compare=False, repr=False)

    # Made of the above: what an assessment shows as it stands, and the sources whose records count as they stand.
    policy_line: dict[str, str] = field(init=False)
    window_lines: tuple[dict[str, Any], dict[str, Any]] = field(init=False)  # closed, open
    plain_sources: frozenset[str] = field(init=False)
    steps: tuple[int, ...] = field(init=False)  # for each age the highest threshold reached
    untrained: Deficit = field(init=False)  # what is missing of a year in which nothing was done
    bits: dict[int, int] = field(init=False)  # the years that sets of years are remembered by, a bit each

    def __post_init__(self) -> None:
        opens, closes = (day.isoformat() for day in self.window)
        derived = {
            "policy_line": {"id": self.id, "sha256": self.sha256},
            "window_lines": tuple({"opens": opens, "closes": closes, "open": is_open} for is_open in (False, True)),
            "steps": tuple(
                max((each for each in (0, *self.thresholds) if each <= age), default=0) for age in range(_OLDEST)
            ),
            "untrained": (*self.requirement.values(), sum(self.requirement.values())),
            "bits": {
                year: 1 << place for place, year in enumerate(range(self.review_year - 101, self.review_year + 3))
            },
            "plain_sources": frozenset(rule.id for rule in self.sources.values() if rule.asks_nothing),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)  # the pack is frozen once it is made

    def application_day(self, today: date) -> date:
        """Today, kept within the review year."""
        first, last = date(self.review_year, 1, 1), date(self.review_year, 12, 31)
        return min(max(today, first), last)

    def contact(self, id: str) -> Place:
        """The platform or office of that id. Raises: KeyError."""
        for place in (*self.platforms, *self.contacts):
            if place.id == id:
                return place
        raise KeyError(id)


@dataclass(frozen=True)
class Packs:
    """All packs loaded, by review year."""

    by_year: dict[int, PolicyPack]
    shapes: dict[tuple[str, ...], Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def newest(self) -> PolicyPack:
        """The pack of the latest review year."""
        return self.by_year[max(self.by_year)]
