"""One person's case: an ordered log of accepted answers, folded into facts; and what is still worth asking.

Only facts are kept, the place in the conversation is computed: the next question is the first that can still change the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from rules import Packs, PolicyPack, assess

Case = dict[str, Any]  # {"log": [entry], "path": [question], "skipped": [question], "screened": bool}
Values = dict[str, Any]  # path -> value, as folded from the log

ORDER = (
    "sex", "birth", "age", "title_level", "route", "sector", "purpose", "review_year", "review_date", "unit_scope",
    "grassroots", "grassroots_graduate", "recognition_years", "school_teacher", "highly_skilled", "postdoc",
    "epidemic_years", "transfer", "tenure_start", "history",
)  # fmt: skip
POSTDOC = ("grant", "project", "left_station", "stayed_in_region")
CATEGORIES = ("general", "professional")
# What the screening question is about; `route` stands for 破格 and 考核认定.
CIRCUMSTANCES = ("route", "grassroots", "grassroots_graduate", "postdoc", "transfer", "epidemic_years", "tenure_start")
QUESTIONS = (
    "sector", "circumstances", "title_level", "birth", "birth_day", "sex", "grassroots_graduate", "recognition_years",
    "tenure_start", "transfer", "postdoc", "epidemic_years", "history",
)  # fmt: skip
MAY_APPLY = ("met", "waived")
ONLY_WITH = {"tenure_start": "exceptional", "grassroots_graduate": "recognition", "recognition_years": "recognition"}


def new_case() -> Case:
    """A case in which nothing is known."""
    return {"log": [], "path": [], "skipped": [], "screened": False}


# ---------------------------------------------------------------- the fold


def fold(case: Case) -> Values:
    """Every value that stands, by path; a later answer replaces an earlier one."""
    values: Values = {}
    for entry in case["log"]:
        for path in entry.get("unset", ()):
            values.pop(path, None)
        for path, value in entry["set"].items():
            if path in ("birth", "age", "said_age", "birth_year"):
                for other in ("birth", "age", "said_age", "birth_year"):
                    values.pop(other, None)
            values[path] = value
    return values


def flatten(facts: Mapping[str, Any]) -> Values:
    """Facts of the contract's shape as paths: `history.2024.general`, `postdoc.grant`."""
    values: Values = {}
    for key, value in facts.items():
        if key == "history":
            for year, row in value.items():
                for category, hours in (row or dict.fromkeys(CATEGORIES)).items():
                    values[f"history.{year}.{category}"] = hours
        elif key == "postdoc":
            values.update({f"postdoc.{name}": flag for name, flag in value.items()})
        else:
            values[key] = value
    return values


def facts_of(values: Values, pack: PolicyPack, today: date) -> dict[str, Any]:
    """The facts in the contract's shape, in one order whatever the order of the answers."""
    facts: dict[str, Any] = {}
    route = values.get("route", "review")
    for key in ORDER:
        if key in values and ONLY_WITH.get(key, route) == route:
            facts[key] = values[key]
    if "said_age" in values:
        age = settled_age(values, pack, today)
        if age is not None:
            facts["age"] = age
    if "birth" in facts:
        facts.pop("age", None)
    postdoc = {name: values[f"postdoc.{name}"] for name in POSTDOC if f"postdoc.{name}" in values}
    if postdoc:
        facts["postdoc"] = postdoc
    table: dict[str, dict[str, Any]] = {}
    for path in sorted(path for path in values if path.startswith("history.")):
        _, year, category = path.split(".")
        table.setdefault(year, {})[category] = values[path]
    if table:
        facts["history"] = table
    return {key: facts[key] for key in ORDER if key in facts}


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


# ---------------------------------------------------------------- what is still worth asking


def asked_years(values: Values, pack: PolicyPack) -> list[int]:
    """The years whose hours bear on the ordinary rule of this person, ascending."""
    last = pack.review_year
    if values.get("purpose") == "annual_duty":
        return [last]
    if values.get("route") == "recognition":
        return list(range(last - int(values.get("recognition_years", pack.limits.recognition_years[1])) + 1, last + 1))
    by_level = pack.years["review"].by_level or {}
    count = by_level.get(values.get("title_level", ""), max(by_level.values()))
    return list(range(last - count + 1, last + 1))


def open_assessment(packs: Packs, case: Case, values: Values, today: date) -> dict[str, Any]:
    """The assessment in which hours not mentioned are unknown, not zero."""
    pack = pack_of(packs, values)
    facts = facts_of(values, pack, today)
    if "history" in facts:
        facts["history"] = _with_unmentioned(facts["history"], asked_years(values, pack))
    return assess(packs, facts, today)


def _with_unmentioned(
    table: Mapping[str, Mapping[str, Any]], years: Iterable[int], hours: Any = None
) -> dict[str, dict[str, Any]]:
    """The table with `hours` for everything that was not mentioned."""
    rows = {year: dict(row) for year, row in table.items()}
    for year in years:
        row = rows.setdefault(str(year), {})
        for category in CATEGORIES:
            row.setdefault(category, hours)
    return dict(sorted(rows.items()))


def pack_of(packs: Packs, values: Values) -> PolicyPack:
    """The pack of the year that is asked about."""
    return packs.by_year.get(values.get("review_year", packs.newest.review_year), packs.newest)


def questions(packs: Packs, case: Case, today: date) -> list[str]:
    """What can still change the result, in the order in which it is best asked; empty when the answer stands."""
    values = fold(case)
    pack = pack_of(packs, values)
    standing = open_assessment(packs, case, values, today)
    if standing["status"] == "refused":
        return []
    skipped = set(case["skipped"])
    wanted = set(standing.get("needs", ()))
    settled = standing["status"] in MAY_APPLY
    route_known = "route" in values or case["screened"]
    annual = values.get("purpose") == "annual_duty"
    recognition = values.get("route") == "recognition"
    if not annual and not recognition and not case["screened"] and not (settled and "route" in values):
        wanted.add("circumstances")
    if recognition and not annual and "grassroots_graduate" not in values:
        wanted = {"grassroots_graduate"}
    if not annual and not recognition and not (settled and route_known):
        wanted |= {name for name in _claims(case) if _open_claim(packs, name, values, today)}
    if "history" in wanted or standing["status"] == "uncertain" or "history" in {path.split(".")[0] for path in values}:
        wanted.discard("history")
        history = _history_question(packs, case, values, pack, standing, today)
        wanted |= {history} if history else set()
    rank = {name: place for place, name in enumerate(QUESTIONS)}
    ordered = sorted(wanted - skipped, key=lambda name: (rank[name.split(".")[0]], name))
    return [name for name in ordered if name.split(".")[0] not in skipped or "." in name]


def _claims(case: Case) -> set[str]:
    """Circumstances somebody said they have, whose details are still open."""
    return {name for entry in case["log"] for name in entry.get("claims", ())}


def _open_claim(packs: Packs, name: str, values: Values, today: date) -> bool:
    """Whether the details of a claimed circumstance are missing and could still help."""
    if name == "postdoc":
        missing = [part for part in POSTDOC if f"postdoc.{part}" not in values]
        if not missing or any(values.get(f"postdoc.{part}") is False for part in ("left_station", "stayed_in_region")):
            return False
        if values.get("title_level") in ("junior", "middle"):
            return False
        return not (values.get("postdoc.grant") is False and values.get("postdoc.project") is False)
    return name not in values


def _history_question(
    packs: Packs, case: Case, values: Values, pack: PolicyPack, standing: Mapping[str, Any], today: date
) -> str | None:
    """`history` while nothing is told; then the first year, or one category of it, whose hours would still change the result."""
    told = {path for path in values if path.startswith("history.")}
    if not told:
        return "history" if "history" in standing.get("needs", ()) and "history" not in case["skipped"] else None
    if standing["status"] not in ("uncertain", "needs"):
        return None
    facts = facts_of(values, pack, today)
    for year in asked_years(values, pack):
        missing = [category for category in CATEGORIES if f"history.{year}.{category}" not in told]
        if (
            not missing
            or f"history.{year}" in case["skipped"]
            or not _year_matters(packs, facts, year, values, pack, today)
        ):
            continue
        return f"history.{year}" if len(missing) == len(CATEGORIES) else f"history.{year}.{missing[0]}"
    return None


def _year_matters(
    packs: Packs, facts: Mapping[str, Any], year: int, values: Values, pack: PolicyPack, today: date
) -> bool:
    """Whether the hours of one year, none or all, would give another result."""
    results = []
    for hours in (0, max(pack.requirement.values())):
        table = _with_unmentioned(facts["history"], [year], hours)
        one = assess(packs, {**facts, "history": _with_unmentioned(table, asked_years(values, pack))}, today)
        results.append((one["status"] in MAY_APPLY, one.get("short_total"), one.get("bounds"), one.get("short")))
    return results[0] != results[1]
