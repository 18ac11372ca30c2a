"""One person's case: an ordered log of accepted answers that is only ever added to, folded into facts.

Cases and entries are values: a change makes new ones, so that a step back, an offer or an undo costs no copying.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from rules import Packs, PolicyPack
from rules.registry import CATEGORIES, FACTS, parts_of

Case = dict[str, Any]  # {"log": [entry], "path": [question], "skipped": [question], "screened": bool}
Entry = dict[
    str, Any
]  # {"asked", "set", "words", "said", "message"}, and where they matter "unset", "claims", "skip", "screened"
Values = dict[str, Any]  # path -> value, as folded from the log

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


def new_case() -> Case:
    """A case in which nothing is known."""
    return {"log": [], "path": [], "skipped": [], "screened": False}


def with_entry(case: Case, entry: Entry) -> Case:
    """The case after one more accepted answer: what it tells is no longer left open."""
    told = {root_of(path) for path in entry["set"]}
    if entry.get("screened") or entry.get("claims") or told.intersection(CIRCUMSTANCES):
        told.add("circumstances")
    skipped = [name for name in case["skipped"] if root_of(name) not in told]
    skipped += [name for name in entry.get("skip", ()) if name not in skipped]
    screened = case["screened"] or bool(entry.get("screened"))
    return {**case, "log": [*case["log"], entry], "skipped": skipped, "screened": screened}


def is_known(path: str) -> bool:
    """Whether a fact, or a part of one, is any of this release's."""
    root, *parts = path.split(".")
    if root == "history":
        return len(parts) == 2 and parts[0].isdecimal() and parts[1] in CATEGORIES
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
    for entry in case["log"]:
        for name in entry.get("unset", ()):
            for path in [path for path in values if path == name or path.startswith(f"{name}.")]:
                del values[path]
        for path, value in entry["set"].items():
            root = path.partition(".")[0]
            if root in AGES:
                for other in AGES:
                    values.pop(other, None)
            if is_known(path):
                values[path] = value
    return values


def claims_of(case: Case) -> frozenset[str]:
    """Circumstances somebody said they have, whether or not their details are known."""
    claims: set[str] = set()
    for entry in case["log"]:
        claims.difference_update(entry.get("unset", ()))
        claims.update(entry.get("claims", ()))
    return frozenset(claims)


def circumstances_of(case: Case) -> list[str]:
    """The special circumstances that stand, by the roots under which they are taken back."""
    values = fold(case)
    held = set(claims_of(case))
    held |= {"route"} if values.get("route") in ONLY_WITH.values() else set()
    held |= {"grassroots"} if values.get("grassroots") else set()
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


def facts_of(values: Values, pack: PolicyPack, today: date) -> dict[str, Any]:
    """The facts in the contract's shape, in one order whatever the order of the answers."""
    facts: dict[str, Any] = {}
    for key in ORDER:
        if key in values and applies(key, values):
            facts[key] = values[key]
    if "said_age" in values:
        age = settled_age(values, pack, today)
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
        table.setdefault(year, {})[category] = values[path]
    if table:
        facts["history"] = table
    return {key: facts[key] for key in ORDER if key in facts}


def applies(path: str, values: Values) -> bool:
    """Whether a value bears on the way that is taken: the years of 考核认定 are kept, but do not count in a review."""
    route = values.get("route", "review")
    return bool(ONLY_WITH.get(path, route) == route)


def settled_age(values: Values, pack: PolicyPack, today: date) -> int | None:
    """The age on the day of application of somebody who told an age on some day; None where a threshold lies between the two.

    An age said is the age on the day it is said; on another day it is one of two.
    """
    age, said_on = values["said_age"][0], date.fromisoformat(values["said_age"][1])
    on = date.fromisoformat(values["review_date"]) if "review_date" in values else pack.application_day(today)
    if on == said_on:
        return int(age)
    youngest = _years_between(_back(said_on, age + 1) + timedelta(days=1), on)
    oldest = _years_between(_back(said_on, age), on)
    low, high = min(youngest, oldest), max(youngest, oldest)
    if any(low < threshold <= high for threshold in pack.thresholds):
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


def asked_years(values: Values, pack: PolicyPack) -> list[int]:
    """The years whose hours bear on the ordinary rule of this person, ascending."""
    last = pack.review_year
    if values.get("purpose") == "annual_duty":
        return [last]
    if values.get("route") == "recognition":
        return list(
            range(last - int(values.get("recognition_years", pack.limits["recognition_years"][1])) + 1, last + 1)
        )
    by_level = pack.years["review"].by_level or {}
    count = by_level.get(values.get("title_level", ""), max(by_level.values()))
    return list(range(last - count + 1, last + 1))


def pack_of(packs: Packs, values: Values) -> PolicyPack:
    """The pack of the year that is asked about."""
    return packs.by_year.get(values.get("review_year", packs.newest.review_year), packs.newest)
