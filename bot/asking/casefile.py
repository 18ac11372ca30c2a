"""One person's case: an ordered log of accepted answers that is only ever added to, folded into facts.

Cases and entries are values: a change makes new ones, so that a step back, an offer or an undo costs no copying.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from rules import Candidates, Library, Notice, Refused
from rules.registry import CATEGORIES, FACTS, YES_NO, parts_of

Values = dict[str, Any]  # path -> value, as folded from the log


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted answer: the question that it answers, the values that it sets and the words that they came from.

    `claimed`: hours told as what is missing, by path; `claims`: circumstances without their details; `unset`: what it takes back;
    `skip`: what it leaves open; `screened`: it answers the screening question; `year`: the review year by whose notice `claimed` was
    told, 0 while none was settled.
    """

    asked: str = ""
    set: Values = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    said: str = ""
    message: str = ""
    claimed: dict[str, float] = field(default_factory=dict)
    claims: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    screened: bool = False
    year: int = 0


@dataclass(frozen=True, slots=True)
class Remark:
    """A message of which some words were not heeded, and the paths that it set all the same; none where nothing was read.

    `words`: those that weigh on what is beside them; `unknown`: those that are not known at all; `at`: how long the log was, where
    the next answer settles it; `about`: the fact that it weighs on where it decides, of everything where none is named.
    """

    said: str
    words: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    at: int | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """The log, the questions that lie behind in the order in which they were put, those left open, and what was not wholly heeded."""

    log: tuple[Entry, ...] = ()
    path: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    screened: bool = False
    remarks: tuple[Remark, ...] = ()


ORDER = tuple(fact.id for fact in FACTS.values() if fact.kind != "part")
# What the screening question is about, and what counts only beside one of its answers; `route` stands for 破格 and 考核认定.
CIRCUMSTANCES = tuple(
    fact.id for fact in FACTS.values() if fact.circumstance or (fact.with_ is not None and fact.kind != "whole")
)
DETAILED = tuple(
    fact.id for fact in FACTS.values() if fact.circumstance and fact.ask
)  # claimed first, told in detail then
AGES = ("birth", "age", "said_age", "birth_year")  # one of them stands at a time
ONLY_WITH = {fact.id: fact.with_[1] for fact in FACTS.values() if fact.with_ is not None}
KNOWN = frozenset((*ORDER, *AGES))


def with_entry(case: Case, entry: Entry) -> Case:
    """The case after one more accepted answer: what it tells is no longer left open."""
    told = {root_of(path) for path in entry.set}
    if entry.screened or entry.claims or told.intersection(CIRCUMSTANCES):
        told.add("circumstances")
    skipped = [name for name in case.skipped if root_of(name) not in told]
    skipped += [name for name in entry.skip if name not in skipped]
    return replace(case, log=(*case.log, entry), skipped=tuple(skipped), screened=case.screened or entry.screened)


def is_known(path: str) -> bool:
    """Whether a fact, or a part of one, is any of this release's."""
    root, *parts = path.split(".")
    if root == "history":
        return len(parts) == 2 and parts[0].isdecimal() and parts[1].isidentifier()
    if parts and root in KNOWN and FACTS[root].kind == "flags":
        return parts[0] in parts_of(root)
    return root in KNOWN and not parts


def root_of(path: str) -> str:
    """The fact that a path, or a question, is about."""
    root = path.partition(".")[0]
    return "birth" if root in AGES or root == "birth_day" else root


# ---------------------------------------------------------------- the fold


def fold(case: Case) -> Values:
    """Every value that stands, by path; a later answer replaces an earlier one. Facts that no release knows any more are left out."""
    values: Values = {}
    for entry in case.log:
        for name in entry.unset:
            for path in [path for path in values if path == name or path.startswith(f"{name}.")]:
                del values[path]
        for path, value in entry.set.items():
            root = path.partition(".")[0]
            if root in AGES:
                for other in AGES:
                    values.pop(other, None)
            if is_known(path):
                values[path] = value
    return values


def hours_of(case: Case, notice: Notice) -> Values:
    """Hours that were told as what is missing of what a year asks (学满了, 差20), by this notice; a later answer in numbers stands.

    What was full by the notice of another year is what that one asked, as it was read back then.
    """
    claimed: dict[str, tuple[float, str | None]] = {}
    level: str | None = None
    for entry in case.log:
        for name in entry.unset:
            claimed = {path: told for path, told in claimed.items() if not f"{path}.".startswith(f"{name}.")}
        level = entry.set.get("title_level", level)
        claimed = {path: told for path, told in claimed.items() if path not in entry.set}
        if entry.year in (0, notice.review_year):
            claimed |= {path: (missing, level) for path, missing in entry.claimed.items()}
    hours: Values = {}
    for path, (missing, then) in claimed.items():
        year, _, category = path.rpartition(".")
        ask = notice.ask(then or level)  # full is what was asked of the level that they spoke of
        asked = dict(zip(notice.category_ids, ask.floors, strict=True))
        if category in asked:
            left = max(asked[category] - missing, 0)
            hours[path] = int(left) if left == int(left) else left
            if category == notice.category_ids[-1] and not any(
                claimed.get(f"{year}.{each}", (1,))[0] for each in asked
            ):
                hours[path] += ask.total - sum(ask.floors)  # a year that is full has what is asked in all
    return hours


def values_of(library: Library, case: Case, today: date) -> Values:
    """Every value that stands, with hours as the notice of the case has them."""
    values = fold(case)
    return values | hours_of(case, notice_of(library, values, today))


def claims_of(case: Case) -> frozenset[str]:
    """Circumstances somebody said they have, whether or not their details are known."""
    claims: set[str] = set()
    for entry in case.log:
        claims.difference_update(entry.unset)
        claims.update(entry.claims)
    return frozenset(claims)


def special_under(notice: Notice) -> frozenset[str]:
    """The facts that are special circumstances under a notice."""
    return frozenset(CIRCUMSTANCES) | {name for name in YES_NO if name in notice.facts}


def circumstances_of(case: Case, notice: Notice) -> list[str]:
    """The special circumstances that stand, by the roots under which they are taken back."""
    values = fold(case)
    held = set(claims_of(case))
    held |= {"route"} if values.get("route") in ONLY_WITH.values() else set()
    held |= {name for name in YES_NO if values.get(name) and name in special_under(notice)}
    held |= {path.partition(".")[0] for path in values if path.partition(".")[0] in DETAILED}
    return sorted(held)


def flatten(facts: Mapping[str, Any]) -> Values:
    """Facts of the contract's shape as paths: `history.2024.general`, `postdoc.grant`."""
    values: Values = {}
    for key, value in facts.items():
        if key == "history":
            for year, row in value.items():
                for category, hours in (row or dict.fromkeys(CATEGORIES)).items():
                    values[f"history.{year}.{category}"] = hours
        elif isinstance(value, dict):
            values.update({f"{key}.{name}": flag for name, flag in value.items()})
        else:
            values[key] = value
    return values


def facts_of(values: Values, notice: Notice, today: date) -> dict[str, Any]:
    """The facts in the contract's shape, in one order whatever the order of the answers."""
    facts: dict[str, Any] = {}
    for key in ORDER:
        if key in values and applies(key, values):
            facts[key] = values[key]
    if "said_age" in values:
        age = settled_age(values, notice, today)
        if age is not None:
            facts["age"] = age
    if "birth" in facts:
        facts.pop("age", None)
    for fact in (each for each in FACTS.values() if each.kind == "flags"):
        told = {part: values[f"{fact.id}.{part}"] for part in parts_of(fact.id) if f"{fact.id}.{part}" in values}
        if told:
            facts[fact.id] = told
    table: dict[str, dict[str, Any]] = {}
    for path in sorted(path for path in values if path.startswith("history.")):
        _, year, category = path.split(".")
        if category in notice.categories_known:  # another notice may have categories of its own
            table.setdefault(year, {})[category] = values[path]
    if table:
        facts["history"] = table
    if notice.estimate_for is not None:
        facts["estimate"] = True
    return {key: facts[key] for key in ORDER if key in facts}


def applies(path: str, values: Values) -> bool:
    """Whether a value bears on the way that is taken: the years of 考核认定 are kept, but do not count in a review."""
    route = values.get("route", "review")
    return bool(ONLY_WITH.get(path, route) == route)


def settled_age(values: Values, notice: Notice, today: date) -> int | None:
    """The age on the day of application of somebody who told an age on some day; None where a threshold lies between the two.

    An age said is the age on the day it is said; on another day it is one of two.
    """
    age, said_on = values["said_age"][0], date.fromisoformat(values["said_age"][1])
    on = date.fromisoformat(values["review_date"]) if "review_date" in values else notice.application_day(today)
    if on == said_on:
        return int(age)
    youngest = _years_between(_back(said_on, age + 1) + timedelta(days=1), on)
    oldest = _years_between(_back(said_on, age), on)
    low, high = min(youngest, oldest), max(youngest, oldest)
    if any(low < threshold <= high for threshold in notice.thresholds):
        return None
    return min(max(int(age), low), high)  # nothing turns between the two: keep what was said


def _back(day: date, years: int) -> date:
    """The same day so many years earlier."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)


def _years_between(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def asked_years(values: Values, notice: Notice) -> list[int]:
    """The years whose hours bear on the ordinary rule of this person, ascending."""
    annual = values.get("purpose") == "annual_duty"
    rule = notice.years["annual_duty" if annual else values.get("route", "review")]
    last, count = notice.review_year, rule.fixed
    if rule.by_level:
        return list(notice.review_years(values.get("title_level"), values.get("route", "review")))
    if rule.fact:
        count = int(values.get(rule.fact, notice.limits[rule.fact][1]))
        last += notice.knobs.recognition_ends
    return list(range(last - count + 1, last + 1))


def screened(notice: Notice, values: Values) -> set[str]:
    """The circumstances on which this notice hangs something that can still hold of this person, by the values of their buttons."""
    known: dict[str, Any] = {name: values[name] for name in ("sex", "title_level") if name in values}
    known |= {"review_year": notice.review_year, "ordinary_years": tuple(asked_years(values, notice))}
    may = [relief for relief in notice.reliefs if relief.when.possible(known, notice.limits)]
    facts = {name.partition(".")[0] for relief in may for name in relief.when.facts}
    facts |= {name for rule in notice.years.values() if rule.when is not None for name in rule.when.facts}
    exam = notice.sources.get("qualification_exam")
    facts |= {"exam_years"} if exam is not None and exam.deems else set()
    found = {fact.id for fact in FACTS.values() if fact.screen and {fact.id, fact.year} & facts}
    routes = {fact.with_[1] for fact in FACTS.values() if fact.with_ is not None and {fact.id, fact.year} & facts}
    return found | routes


# ---------------------------------------------------------------- the notice that a case is about


_WHERE = ("region", "area", "review_year", "review_date")


def choice_of(library: Library, values: Values, today: date) -> Candidates:
    """The notices that a case may be about; a year without one is answered by the last one's rules."""
    named = {name: values[name] for name in _WHERE if name in values}
    try:
        return library.choose({**named, "estimate": True}, today)
    except Refused:  # a place or a year that was loaded once
        return library.choose({}, today)


def notice_of(library: Library, values: Values, today: date) -> Notice:
    """The notice of a case; of one that may be about several, the one to go on with."""
    return choice_of(library, values, today).notice


def years_offered(library: Library, values: Values, today: date) -> tuple[int, ...]:
    """The review years between which a person is asked on a day: those in whose application period it lies; where there is none,
    the last with a notice and the day's own year."""
    region = values.get("region") or library.regions[0]
    found = library.open_on(today, region)
    if found:
        return found
    last = notice_of(library, {name: values[name] for name in ("region",) if name in values}, today).review_year
    return (last, today.year) if today.year > last else (last,)


def year_open(library: Library, values: Values, today: date) -> bool:
    """Whether the day alone does not tell which year is meant."""
    return "review_year" not in values and len(years_offered(library, values, today)) > 1
