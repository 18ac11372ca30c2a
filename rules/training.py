"""Training → exact hours by year and category, what is deemed complete, and what was rejected by which clause.

Hours are whole numbers where they were written as such, everything else is a Decimal: sums are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from rules.facts import Refused
from rules.notice import Check, Hours, Notice, SourceRule
from rules.phrases import phrases
from rules.registry import REGISTRY

RECORD_KEYS = frozenset(("year", "category", "hours", "minutes", "source", "record", *REGISTRY.flags))
_PLAIN_KEYS = frozenset(("year", "category", "hours", "source"))
_DEFAULTS = {"verified": True, **dict.fromkeys((flag for flag in REGISTRY.flags if flag != "verified"), False)}
EXAM = "qualification_exam"
Cells = frozenset[tuple[int, int]]  # (year, place of the category in the notice's order)
_NONE: Cells = frozenset()


class Training(NamedTuple):
    """What training is worth: hours by year, in the notice's order of categories.

    `unknown`: of which some hours are not remembered; `deemed`: complete without hours; `rejected`: as an assessment lists it;
    `touched`: the contested points on which some record hung.
    """

    hours: Mapping[int, tuple[Hours, ...]]
    unknown: Cells = _NONE
    deemed: Cells = _NONE
    rejected: tuple[dict[str, Any], ...] = ()
    touched: frozenset[str] = frozenset()

    @property
    def deemed_years(self) -> tuple[int, ...]:
        """The years in which something is deemed complete, ascending."""
        return tuple(sorted({year for year, _ in self.deemed})) if self.deemed else ()


# ---------------------------------------------------------------- checked


def check_history(notice: Notice, history: Any, last_year: int) -> None:
    """Refuse a history of another shape, or of years after `last_year`.

    Raises: Refused.
    """
    if type(history) is dict:
        _check_table(notice, history, last_year)
    elif type(history) is list:
        _check_records(notice, history, last_year)
    else:
        raise Refused("invalid_type", "history")


def _check_amount(value: Any, field: str, bounds: tuple[int, int], kind: str) -> None:
    if type(value) is not int and type(value) is not float and type(value) is not Decimal:
        raise Refused("invalid_type", field, kind)
    if not bounds[0] <= value <= bounds[1]:
        raise Refused("invalid_hours", field, kind)


def _check_table(notice: Notice, history: dict[str, Any], last_year: int) -> None:
    known, bounds = {*notice.category_ids, *REGISTRY.categories}, notice.limits["hours"]
    for year, row in history.items():
        if len(year) != 4 or not (year.isascii() and year.isdigit()):
            raise Refused("invalid_value", f"history.{year}", "year")
        if int(year) > last_year:
            raise Refused("history_in_future", f"history.{year}")
        if row is None:
            continue
        if type(row) is not dict:
            raise Refused("invalid_type", f"history.{year}", "history")
        for category, hours in row.items():
            if category not in known:
                raise Refused("unknown_field", f"history.{year}.{category}")
            if hours is not None:
                _check_amount(hours, f"history.{year}.{category}", bounds, "hours")


def _check_records(notice: Notice, history: list[Any], last_year: int) -> None:
    low, high = notice.limits["hours"]
    categories, sources = {*notice.category_ids, *REGISTRY.categories}, {*notice.sources, *REGISTRY.sources}
    named: dict[str, dict[str, Any]] = {}
    for number, record in enumerate(history):
        if type(record) is not dict:
            raise Refused("invalid_type", f"history[{number}]", "history")
        get = record.get
        year, source, category, hours = get("year"), get("source"), get("category"), get("hours")
        if type(year) is not int:
            raise Refused("invalid_value" if year is None else "invalid_type", f"history[{number}].year", "year")
        if year > last_year:
            raise Refused("history_in_future", f"history[{number}].year")
        if type(source) is not str or source not in sources:
            code = "invalid_value" if source is None or type(source) is str else "invalid_type"
            raise Refused(code, f"history[{number}].source", "source")
        if type(category) is not str or category not in categories:
            if category is not None and type(category) is not str:
                raise Refused("invalid_type", f"history[{number}].category", "category")
            if category is not None or _own_category(notice, source) is None:
                raise Refused("invalid_value", f"history[{number}].category", "category")
        if hours is not None and not (type(hours) is int and low <= hours <= high):
            _check_amount(hours, f"history[{number}].hours", (low, high), "hours")
        if not record.keys() <= _PLAIN_KEYS:
            _check_extras(notice, record, number, named)


def _own_category(notice: Notice, source: str) -> str | None:
    """The category of a record that need not name one: what the source deems complete, or the only one in which it counts."""
    rule = notice.sources.get(source)
    if source == EXAM or (rule is not None and rule.deems):
        return rule.deems[0] if rule is not None and rule.deems else ""
    if rule is not None and rule.an_event and len(rule.categories) == 1:
        return rule.categories[0]
    return None


def _check_extras(notice: Notice, record: dict[str, Any], number: int, named: dict[str, dict[str, Any]]) -> None:
    for key, value in record.items():
        if key not in RECORD_KEYS:
            raise Refused("unknown_field", f"history[{number}].{key}")
        if value is None or key in _PLAIN_KEYS:
            continue
        if key == "minutes":
            _check_amount(value, f"history[{number}].minutes", notice.limits["minutes"], "minutes")
        elif key == "record":
            if type(value) is not str:
                raise Refused("invalid_type", f"history[{number}].record", "record")
            first = named.setdefault(value, record)
            if first is not record and _filled(notice, first) != _filled(notice, record):
                raise Refused("invalid_value", f"history[{number}].record", "record_twice")
        elif type(value) is not bool:
            raise Refused("invalid_type", f"history[{number}].{key}", "flag")


def _filled(notice: Notice, record: dict[str, Any]) -> dict[str, Any]:
    """The record with every default spelled out; null says no more than leaving it out."""
    stated = {key: value for key, value in record.items() if value is not None}
    return {**_DEFAULTS, "category": _own_category(notice, record["source"]), **stated}


# ---------------------------------------------------------------- counted


def exact(value: int | float | Decimal) -> Hours:
    """The number as it was written: 59.1 is 59.1, not its binary neighbour."""
    return value if type(value) is int else Decimal(repr(value)) if type(value) is float else Decimal(value)


class _Count:
    """Training as it is counted, record by record, for somebody of one profile."""

    def __init__(self, notice: Notice, profile: Mapping[str, Any], apply: str) -> None:
        self.notice, self.profile, self.apply = notice, profile, apply
        self.place = {name: number for number, name in enumerate(notice.category_ids)}
        self.hours: dict[int, list[Hours]] = {}
        self.unknown: set[tuple[int, int]] = set()
        self.deemed: set[tuple[int, int]] = set()
        self.rejected: list[dict[str, Any]] = []
        self.touched: set[str] = set()
        self.by_source: dict[tuple[str, int], Hours] = {}

    def add(self, year: int, category: str, hours: Any) -> None:
        """Count hours, or note that they are not remembered (None). A category that this notice does not have has no effect."""
        place = self.place.get(category)
        if place is None:
            return
        row = self.hours.get(year)
        if row is None:
            row = self.hours[year] = [0] * len(self.place)
        if type(hours) is int:
            row[place] += hours
        elif hours is None:
            self.unknown.add((year, place))
        else:
            row[place] += exact(hours)

    def reject(self, number: int, record: Mapping[str, Any], clause: str, says: str) -> None:
        name = record.get("record")
        self.rejected.append({"record": number if name is None else name, "clause": clause, "says": says})

    def table(self, history: Mapping[str, Any]) -> None:
        for year, row in history.items():
            for category in self.place:
                if row is None or category in row:
                    self.add(int(year), category, None if row is None else row[category])

    def records(self, history: list[dict[str, Any]]) -> None:
        sources, plain = self.notice.sources, self.notice.plain_sources if self.apply != "A31" else ()
        seen: set[str] = set()
        for number, record in enumerate(history):
            source = record["source"]
            if source in plain and len(record) == 4 and "hours" in record:
                self.add(record["year"], record["category"], record["hours"])
                continue
            known = record.get("record")
            if known is not None and known in seen:
                twice = self.notice.counting["twice"]
                self.reject(number, record, twice.clause, twice.says)
                continue
            if known is not None:
                seen.add(known)
            self._record(number, record, sources.get(source))

    def _record(self, number: int, record: Mapping[str, Any], rule: SourceRule | None) -> None:
        """Count one record, or reject it by the first clause that stands against it."""
        fault = self._fault(record, rule)
        if fault is not None:
            self.reject(number, record, *fault)
            return
        assert rule is not None
        year = record["year"]
        if rule.deems:
            self.deemed |= {(year, self.place[name]) for name in rule.deems}
            return
        category = record.get("category") or rule.categories[0]
        if category not in rule.categories:
            category = rule.categories[0]  # only reached when the point is read as moving the hours
        hours = rule.an_event or record.get("hours")
        if hours is None and record.get("minutes") is not None:
            hours = self._of_minutes(exact(record["minutes"]))
            if hours is None:
                self.reject(number, record, self.notice.minutes.clause, self.notice.minutes.says)
                return
        if rule.at_most and hours is not None:
            had = self.by_source.get((rule.id, year), 0)
            left = max(rule.at_most - had, 0)
            if exact(hours) > left:
                self.reject(number, record, rule.clause, phrases()["at_most"].format(n=rule.at_most))
            hours = min(exact(hours), left)
            self.by_source[rule.id, year] = had + hours
        self.add(year, category, hours)

    def _of_minutes(self, minutes: Hours) -> Hours | None:
        """Hours of minutes, None where minutes are not counted."""
        rule = self.notice.minutes
        whole = rule.when.test(self.profile)  # elsewhere only the other reading counts them
        if not whole:
            self.touched.add(rule.reading)
            return int(minutes // rule.a_hour) if self.apply == rule.reading else None
        if minutes % rule.a_hour:
            self.touched.add(rule.reading)
            if self.apply == rule.reading:
                return exact(float(minutes / Decimal(rule.a_hour)))
        return int(minutes // rule.a_hour)

    def _fault(self, record: Mapping[str, Any], rule: SourceRule | None) -> tuple[str, str] | None:
        """The clause and sentence that stand against a record, or None."""
        notice = self.notice
        if rule is None:
            return notice.requirement_clause, phrases()["no_such_source"]
        if record.get("verified") is False:
            return notice.counting["verified"].clause, notice.counting["verified"].says
        if record.get("in_region") is False and not rule.outside_region and not rule.deems:
            line = notice.counting["in_region"]
            self.touched.add(line.reading)
            if self.apply != line.reading:
                return line.clause, line.says
        category = record.get("category")
        if category is not None and category not in rule.categories:
            self.touched.add(rule.wrong_category_reading)
            if self.apply != rule.wrong_category_reading or not self.apply:
                return rule.clause, rule.wrong_category
        for check in rule.checks:
            if self._stands_against(check, record):
                return rule.clause, check.says
        return None

    def _stands_against(self, check: Check, record: Mapping[str, Any]) -> bool:
        if self._meets(check, record):
            return False
        point = check.only_reading or check.reading
        if point:
            self.touched.add(point)
        turned = bool(point) and self.apply == point
        return turned if check.only_reading else not turned

    def _meets(self, check: Check, record: Mapping[str, Any]) -> bool:
        if check.when_flag and not record.get(check.when_flag):
            return True
        if check.kind == "never":
            return False
        if check.kind == "before_review_year":
            return bool(record["year"] < self.notice.review_year)
        if check.kind == "years":
            return record["year"] in check.wanted
        have = record.get(check.name) if check.kind == "flag" else self.profile.get(check.name)
        if check.isnt:
            return bool(have != check.wanted)
        return have in check.wanted if isinstance(check.wanted, (list, tuple)) else bool(have == check.wanted)


def count(notice: Notice, history: Any, profile: Mapping[str, Any], apply: str = "") -> Training:
    """What `history` (checked; None: not told) and `exam_years` of the profile are worth to somebody of this profile.

    `apply` names one contested point that is to be read the other way.
    """
    done = _Count(notice, profile, apply)
    if type(history) is dict:
        done.table(history)
    elif type(history) is list:
        done.records(history)
    exam = notice.sources.get(EXAM)
    if exam is not None and profile.get("exam_years"):
        done.deemed |= {(year, done.place[name]) for year in profile["exam_years"] for name in exam.deems}
    return Training(
        {year: tuple(row) for year, row in done.hours.items()}, frozenset(done.unknown), frozenset(done.deemed),
        tuple(done.rejected), frozenset(done.touched),
    )  # fmt: skip
