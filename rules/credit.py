"""Training records → hours per year and category, what is deemed complete, and what was rejected by which clause.

Hours are exact: whole numbers stay whole, everything else is a Decimal.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rules.facts import CATEGORIES
from rules.policy import Check, PolicyPack, SourceRule

Hours = int | Decimal


class Credit:
    """What has been done. `hours` holds for general and for professional the hours of each year; `unknown` the (year,
    index of the category) of which some hours are not remembered; `deemed` likewise what is complete without hours; `rejected`
    is as an assessment lists it; `touched` are the contested points on which some record hung."""

    __slots__ = ("deemed", "deficits", "hours", "rejected", "touched", "unknown")

    def __init__(self) -> None:
        self.hours: tuple[dict[int, Hours], dict[int, Hours]] = ({}, {})
        self.unknown: set[tuple[int, int]] = set()
        self.deemed: set[tuple[int, int]] = set()
        self.rejected: list[dict[str, Any]] = []
        self.touched: set[str] = set()
        self.deficits: dict[int, tuple[Hours, Hours, Hours]] = {}  # of years looked at already

    def add(self, year: int, category: int, hours: Any) -> None:
        """Count hours, or note that they are not remembered (None)."""
        row = self.hours[category]
        if hours is None:
            self.unknown.add((year, category))
            row.setdefault(year, 0)
        else:
            row[year] = row.get(year, 0) + (hours if type(hours) is int else exact(hours))

    @property
    def deemed_years(self) -> tuple[int, ...]:
        """The years in which something is deemed complete, ascending."""
        return tuple(sorted({year for year, _ in self.deemed})) if self.deemed else ()


def plain_credit(pack: PolicyPack, history: list[Any], last_year: int) -> Credit | None:
    """Checks and counts in one go a history of nothing but plain records: year, category, hours and a source that asks no more.

    None for any other, which takes the long way: `check_history`, then `credit`.
    """
    done = Credit()
    rows = {CATEGORIES[0]: done.hours[0], CATEGORIES[1]: done.hours[1]}
    sources = pack.plain_sources
    low, high = pack.limits.hours
    try:
        for record in history:
            year, hours = record["year"], record["hours"]
            if (
                len(record) != 4 or type(year) is not int or year > last_year or type(hours) is not int
                or not low <= hours <= high or record["source"] not in sources
            ):  # fmt: skip
                return None
            row = rows[record["category"]]
            row[year] = row.get(year, 0) + hours
    except (KeyError, TypeError):
        return None
    return done


def plain_table(pack: PolicyPack, history: dict[Any, Any], last_year: int) -> Credit | None:
    """Checks and counts in one go a table whose rows give both categories, in hours or as not remembered.

    None for any other, which takes the long way: `facts.check_history`, then `credit`.
    """
    done = Credit()
    general, professional = done.hours
    low, high = pack.limits.hours
    for written, row in history.items():
        year = _YEARS.get(written, last_year + 1)
        if year > last_year or type(row) is not dict or len(row) != 2:
            return None
        try:
            one, other = row[_GENERAL], row[_PROFESSIONAL]
        except KeyError:
            return None
        if type(one) is int and type(other) is int and low <= one <= high and low <= other <= high:
            general[year], professional[year] = one, other
            continue
        for index, rows, hours in ((0, general, one), (1, professional, other)):
            if hours is None:
                done.unknown.add((year, index))
                rows[year] = 0
            elif (type(hours) is int or type(hours) is float) and low <= hours <= high:
                rows[year] = exact(hours)
            else:
                return None
    return done


def exact(value: int | float | Decimal) -> Hours:
    """The number as it was written: 59.5 is 59.5, not its binary neighbour."""
    return value if type(value) is int else Decimal(repr(value)) if type(value) is float else Decimal(value)


_GENERAL, _PROFESSIONAL = CATEGORIES
_YEARS = {str(year): year for year in range(1990, 2100)}  # as they are usually written
_INDEX = {name: number for number, name in enumerate(CATEGORIES)}


def credit(
    pack: PolicyPack, history: list[dict[str, Any]] | dict[str, Any], profile: Mapping[str, Any], apply: str = ""
) -> Credit:
    """What `history` (checked) is worth to somebody of this profile.

    `apply` names one contested point that is to be read the other way.
    """
    done = Credit()
    if isinstance(history, dict):
        for year, row in history.items():
            for name, index in _INDEX.items():
                if row is None:
                    done.add(int(year), index, None)
                elif name in row:
                    done.add(int(year), index, row[name])
        return done
    seen: set[str] = set()
    for number, record in enumerate(history):
        rule = pack.sources.get(record["source"])
        if rule is not None and rule.asks_nothing and len(record) == 4 and "hours" in record and apply != "A31":
            done.add(record["year"], _INDEX[record["category"]], record["hours"])
            continue
        known = record.get("record")
        if known is not None:
            if known in seen:
                _reject(done, number, record, pack.counting["twice"]["clause"], pack.counting["twice"]["says"])
                continue
            seen.add(known)
        _count(pack, done, number, record, rule, profile, apply)
    return done


def _reject(done: Credit, number: int, record: Mapping[str, Any], clause: str, says: str) -> None:
    name = record.get("record")
    done.rejected.append({"record": number if name is None else name, "clause": clause, "says": says})


def _count(
    pack: PolicyPack,
    done: Credit,
    number: int,
    record: Mapping[str, Any],
    rule: SourceRule | None,
    profile: Mapping[str, Any],
    apply: str,
) -> None:
    """Count one record, or reject it by the first clause that stands against it."""
    if rule is None:
        _reject(done, number, record, pack.requirement_clause, "这类培训不在通知列出的种类里")
        return
    fault = _fault(pack, done, record, rule, profile, apply)
    if fault is not None:
        _reject(done, number, record, *fault)
        return
    index = _INDEX[record.get("category") or rule.deems]
    if CATEGORIES[index] not in rule.categories:
        index = 1 - index  # only reached when the point is read as moving the hours
    year = record["year"]
    if rule.deems:
        done.deemed.add((year, index))
        return
    hours = record.get("hours")
    minutes = record.get("minutes")
    if hours is None and minutes is not None:
        clause, reading, says = pack.minutes_line
        if not pack.minutes_test(profile) and apply != reading:
            done.touched.add(reading)
            _reject(done, number, record, clause, says)
            return
        whole = pack.minutes_test(profile)  # elsewhere only the other reading gets here
        if whole and exact(minutes) % pack.minutes_a_hour:
            done.touched.add(reading)
        if whole and apply == reading:
            hours = exact(float(exact(minutes) / Decimal(pack.minutes_a_hour)))
        else:
            hours = int(exact(minutes) // pack.minutes_a_hour)
    done.add(year, index, hours)


def _fault(
    pack: PolicyPack, done: Credit, record: Mapping[str, Any], rule: SourceRule, profile: Mapping[str, Any], apply: str
) -> tuple[str, str] | None:
    """The clause and sentence that stand against a record, or None."""
    if record.get("verified") is False:
        return pack.counting["verified"]["clause"], pack.counting["verified"]["says"]
    if record.get("in_region") is False and not rule.outside_region and not rule.deems:
        line = pack.counting["in_region"]
        done.touched.add(line["reading"])
        if apply != line["reading"]:
            return line["clause"], line["says"]
    category = record.get("category")
    if category is not None and category not in rule.categories:
        done.touched.add(rule.wrong_category_reading)
        if apply != rule.wrong_category_reading or not apply:
            return rule.clause, rule.wrong_category
    for check in rule.checks:
        if check.only_reading:
            if not _meets(check, record, profile):
                done.touched.add(check.only_reading)
                if apply == check.only_reading:
                    return rule.clause, check.says
        elif not _meets(check, record, profile):
            if check.reading:
                done.touched.add(check.reading)
                if apply == check.reading:
                    continue
            return rule.clause, check.says
    return None


def _meets(check: Check, record: Mapping[str, Any], profile: Mapping[str, Any]) -> bool:
    if check.when_flag and not record.get(check.when_flag):
        return True
    if check.kind == "never":
        return False
    if check.kind == "year":
        return bool(record["year"] < profile["review_year"])
    have = record.get(check.name) if check.kind == "flag" else profile.get(check.name)
    if check.isnt:
        return bool(have != check.wanted)
    return have in check.wanted if isinstance(check.wanted, list) else bool(have == check.wanted)
