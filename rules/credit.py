"""Training records → what is missing in each year, what is deemed complete, and what was rejected by which clause.

Hours are exact: whole numbers stay whole, halves and quarters are floats where all of a history is made of such, everything else
is a Decimal.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from rules.facts import CATEGORIES
from rules.policy import Check, Deficit, Hours, PolicyPack, SourceRule

_Cells = frozenset[tuple[int, int]]  # (year, index of the category)
_NO_CELLS: _Cells = frozenset()
_NO_LINES: list[dict[str, Any]] = []
NOTHING: Deficit = (0, 0, 0)


class Credit(NamedTuple):
    """What training is worth, as what is missing after it.

    `deficits`: of each year in which something was done; in any other everything is missing (`PolicyPack.untrained`).
    `complete`: the years without a deficit, a bit each (`PolicyPack.bits`). `unknown`: of which some hours are not remembered;
    `deemed`: what is complete without hours. `rejected` is as an assessment lists it; `touched` are the contested points on
    which some record hung; `unfilled`: the deficits if what is deemed complete does not fill the year's total (reading.md A30).
    """

    deficits: dict[int, Deficit]
    complete: int
    unknown: _Cells = _NO_CELLS
    deemed: _Cells = _NO_CELLS
    rejected: list[dict[str, Any]] = _NO_LINES
    touched: frozenset[str] = frozenset()
    unfilled: dict[int, Deficit] | None = None

    @property
    def deemed_years(self) -> tuple[int, ...]:
        """The years in which something is deemed complete, ascending."""
        return tuple(sorted({year for year, _ in self.deemed})) if self.deemed else ()


def plain_credit(pack: PolicyPack, history: list[Any], last_year: int) -> Credit | None:
    """Checks and counts in one go a history of nothing but plain records: year, category, whole hours and a source that asks no
    more.

    None for any other, which takes the long way: `check_history`, then `credit`.
    """
    done: dict[int, int] = {}  # by year the hours of both categories in one number
    sources, bits, known = pack.plain_sources, pack.bits, pack.deficits
    low, high = pack.limits.hours
    try:
        for record in history:
            year, hours = record["year"], record["hours"]
            if (
                len(record) != 4 or type(year) is not int or year > last_year or type(hours) is not int
                or not low <= hours <= high or record["source"] not in sources
            ):  # fmt: skip
                return None
            done[year] = done.get(year, 0) + hours * _PLACES[record["category"]]
    except (KeyError, TypeError):
        return None
    complete = 0
    deficits: dict[int, Deficit] = {}
    for year, both in done.items():
        deficits[year] = deficit = known.get(both) or _after(pack, both)
        if deficit is NOTHING:
            complete |= bits.get(year, 0)
    return Credit(deficits, complete)


def _after(pack: PolicyPack, both: int) -> Deficit:
    """What is missing after the hours of both categories, remembered."""
    need_general, need_professional, _ = pack.untrained
    general, professional = divmod(both, _PLACES[_GENERAL])
    one, other = max(need_general - general, 0), max(need_professional - professional, 0)
    if len(pack.deficits) >= _REMEMBERED:
        pack.deficits.clear()
    deficit = pack.deficits[both] = (one, other, one + other) if one or other else NOTHING
    return deficit


def plain_table(pack: PolicyPack, history: dict[Any, Any], last_year: int) -> Credit | None:
    """Checks and counts in one go a table whose rows give both categories, in hours or as not remembered.

    None for any other, which takes the long way: `check_history`, then `credit`.
    """
    need_general, need_professional, _ = pack.untrained
    low, high = pack.limits.hours
    bits = pack.bits
    deficits: dict[int, Deficit] = {}
    unknown: list[tuple[int, int]] = []
    complete = 0
    for written, row in history.items():
        year = _YEARS.get(written, last_year + 1)
        if year > last_year or type(row) is not dict or len(row) != 2:
            return None
        try:
            one, other = row[_GENERAL], row[_PROFESSIONAL]
        except KeyError:
            return None
        if one is None:  # the same twice rather than in a loop: this is run for everybody on a roster
            unknown.append((year, 0))
            one = need_general
        elif (type(one) is int or _quarters(one)) and low <= one <= high:
            one = need_general - one if one < need_general else 0
        else:
            return None
        if other is None:
            unknown.append((year, 1))
            other = need_professional
        elif (type(other) is int or _quarters(other)) and low <= other <= high:
            other = need_professional - other if other < need_professional else 0
        else:
            return None
        if one or other:
            deficits[year] = one, other, one + other
        else:
            deficits[year] = NOTHING
            complete |= bits.get(year, 0)
    return Credit(deficits, complete, frozenset(unknown)) if unknown else Credit(deficits, complete)


def _quarters(value: Any) -> bool:
    """Whether a float says exactly what was written, and sums of its like do so too."""
    return type(value) is float and (value * 4).is_integer()


def exact(value: int | float | Decimal) -> Hours:
    """The number as it was written: 59.1 is 59.1, not its binary neighbour."""
    return value if type(value) is int else Decimal(repr(value)) if type(value) is float else Decimal(value)


_GENERAL, _PROFESSIONAL = CATEGORIES
_YEARS = {str(year): year for year in range(1990, 2100)}  # as they are usually written
_INDEX = {name: number for number, name in enumerate(CATEGORIES)}
_PLACES = {_GENERAL: 1 << 40, _PROFESSIONAL: 1}  # the hours of either category in one number
_REMEMBERED = 20_000


class _Counting:
    """Training as it is counted, record by record."""

    def __init__(self) -> None:
        self.hours: tuple[dict[int, Any], dict[int, Any]] = ({}, {})
        self.unknown: set[tuple[int, int]] = set()
        self.deemed: set[tuple[int, int]] = set()
        self.rejected: list[dict[str, Any]] = []
        self.touched: set[str] = set()

    def add(self, year: int, category: int, hours: Any) -> None:
        """Count hours, or note that they are not remembered (None)."""
        row = self.hours[category]
        if hours is None:
            self.unknown.add((year, category))
            row.setdefault(year, 0)
        else:
            row[year] = row.get(year, 0) + exact(hours)

    def credit(self, pack: PolicyPack) -> Credit:
        """What is missing after all that was counted."""
        years = {*self.hours[0], *self.hours[1], *(year for year, _ in self.deemed)}
        deficits = {year: self._deficit(pack, year, True) for year in years}
        unfilled = {year: self._deficit(pack, year, False) for year in years} if self.deemed else None
        complete = sum(pack.bits.get(year, 0) for year, deficit in deficits.items() if not deficit[2])
        return Credit(
            deficits, complete, frozenset(self.unknown), frozenset(self.deemed), self.rejected, frozenset(self.touched), unfilled
        )  # fmt: skip

    def _deficit(self, pack: PolicyPack, year: int, fills_total: bool) -> Deficit:
        need_general, need_professional, need = pack.untrained
        had_general, had_professional = self.hours[0].get(year, 0), self.hours[1].get(year, 0)
        general = 0 if (year, 0) in self.deemed else max(need_general - had_general, 0)
        professional = max(need_professional - had_professional, 0)
        if (year, 1) in self.deemed:
            total = max(need - had_general - had_professional - general, 0)
            professional = 0 if fills_total else min(professional, total)
        return general, professional, general + professional


def credit(
    pack: PolicyPack, history: list[dict[str, Any]] | dict[str, Any], profile: Mapping[str, Any], apply: str = ""
) -> Credit:
    """What `history` (checked) is worth to somebody of this profile.

    `apply` names one contested point that is to be read the other way.
    """
    done = _Counting()
    if isinstance(history, dict):
        for year, row in history.items():
            for name, index in _INDEX.items():
                if row is None:
                    done.add(int(year), index, None)
                elif name in row:
                    done.add(int(year), index, row[name])
        return done.credit(pack)
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
    return done.credit(pack)


def _reject(done: _Counting, number: int, record: Mapping[str, Any], clause: str, says: str) -> None:
    name = record.get("record")
    done.rejected.append({"record": number if name is None else name, "clause": clause, "says": says})


def _count(
    pack: PolicyPack,
    done: _Counting,
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
    pack: PolicyPack,
    done: _Counting,
    record: Mapping[str, Any],
    rule: SourceRule,
    profile: Mapping[str, Any],
    apply: str,
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
