"""Training → exact hours by year and category, what is deemed complete, and what was rejected by which clause.

Hours are whole numbers where they were written as such, everything else is a Decimal: sums are exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from rules.ages import Ages, Birth
from rules.facts import Ground, Refused, Told, of_type, read_ages
from rules.notice import Check, Hours, Notice, SourceRule
from rules.registry import REGISTRY, phrases

_NUMBERS = (int, float, Decimal)
_TYPES: Mapping[str, tuple[type, ...]] = {
    "year": (int,), "category": (str,), "source": (str,), "hours": _NUMBERS, "minutes": _NUMBERS, "record": (str,),
    **dict.fromkeys(REGISTRY.flags, (bool,)),
}  # fmt: skip
RECORD_KEYS = frozenset(_TYPES)
_DEFAULTS = {"verified": True, **dict.fromkeys((flag for flag in REGISTRY.flags if flag != "verified"), False)}
EXAM = "qualification_exam"
Cells = AbstractSet[tuple[int, int]]  # (year, place of the category in the notice's order)
_NONE: Cells = frozenset()


class Training(NamedTuple):
    """What training is worth: hours by year, in the notice's order of categories.

    `unknown`: of which some hours are not remembered; `deemed`: complete without hours; `rejected`: as an assessment lists it;
    `touched`: the contested points on which some record hung.
    """

    hours: Mapping[int, Sequence[Hours]]
    unknown: Cells = _NONE
    deemed: Cells = _NONE
    rejected: tuple[dict[str, Any], ...] = ()
    touched: AbstractSet[str] = frozenset()

    @property
    def deemed_years(self) -> tuple[int, ...]:
        """The years in which something is deemed complete, ascending."""
        return tuple(sorted({year for year, _ in self.deemed})) if self.deemed else ()


class Applicant(NamedTuple):
    """A person's facts read against a notice. `ages`: as `read_ages` gives them; `history`: as told, None where it was not;
    `done`: what it is worth (of an untold one: what certificates alone deem complete)."""

    notice: Notice
    told: Told
    on: date
    last_year: int
    birth: Birth | None
    ages: tuple[Ages, ...] | None
    history: Any
    done: Training

    def again(self, sector: str | None, apply: str) -> Applicant:
        """The training counted for another sector, or with one point read the other way."""
        profile = {**self.told.profile, "sector": sector}
        return self._replace(done=count(self.notice, self.history, self.last_year, profile, apply))


def read_case(ground: Ground, facts: Mapping[str, Any]) -> Applicant:
    """A facts object on its ground, its training counted. Raises: Refused."""
    if type(facts.get("id", "")) is not str and facts["id"] is not None:
        raise Refused("invalid_type", "id")
    history, (notice, told, _, last_year) = facts.get("history"), ground
    return Applicant(*ground, *read_ages(ground, facts), history, count(notice, history, last_year, told.profile))


def count(notice: Notice, history: Any, last_year: int, profile: Mapping[str, Any], apply: str = "") -> Training:
    """What `history` (None: not told) and the `exam_years` of a profile are worth to somebody of this profile.

    `apply` names one contested point that is to be read the other way. Raises: Refused where the history is of another shape, or of
    years after `last_year`.
    """
    done = _Count(notice, last_year, profile, apply)
    if type(history) is dict:
        done.table(history)
    elif type(history) is list:
        done.records(history)
    elif history is not None:
        raise Refused("invalid_type", "history")
    exam = notice.sources.get(EXAM)
    if exam is not None and profile["exam_years"]:
        done.deemed |= {(year, done.place[name]) for year in profile["exam_years"] for name in exam.deems}
    return Training(done.hours, done.unknown, done.deemed, tuple(done.rejected), done.touched)


def exact(value: int | float | Decimal) -> Hours:
    """The number as it was written: 59.1 is 59.1, not its binary neighbour."""
    return value if type(value) is int else Decimal(repr(value)) if type(value) is float else Decimal(value)


class _Count:
    """Training as it is checked and counted, for somebody of one profile."""

    def __init__(self, notice: Notice, last_year: int, profile: Mapping[str, Any], apply: str) -> None:
        self.notice, self.last_year, self.profile, self.apply = notice, last_year, profile, apply
        self.place = notice.places
        self.hours: dict[int, list[Hours]] = {}
        self.unknown: set[tuple[int, int]] = set()
        self.deemed: set[tuple[int, int]] = set()
        self.rejected: list[dict[str, Any]] = []
        self.touched: set[str] = set()
        self.named: dict[str, tuple[int, dict[str, Any]]] = {}
        self.by_source: dict[tuple[str, int], Hours] = {}

    def add(self, year: int, category: str, hours: Any) -> None:
        """Count hours, or note that they are not remembered (None). A category that this notice does not have has no effect."""
        place = self.place.get(category)
        if place is None:
            return
        row = self.hours.setdefault(year, [0] * len(self.place))
        if hours is None:
            self.unknown.add((year, place))
        else:
            row[place] += exact(hours)

    def table(self, history: Mapping[str, Any]) -> None:
        low, high = self.notice.limits["hours"]
        for name, row in history.items():
            field = f"history.{name}"
            if len(name) != 4 or not (name.isascii() and name.isdigit()):
                raise Refused("invalid_value", field, "year")
            year = self._checked("year", int(name), field)
            if row is None:
                row = dict.fromkeys(self.place)
            if type(row) is not dict:
                raise Refused("invalid_type", field, "history")
            for category, hours in row.items():
                place = self.place.get(category)
                if place is not None and type(hours) is int and low <= hours <= high:  # the common case in one go
                    self.hours.setdefault(year, [0] * len(self.place))[place] += hours
                    continue
                if category not in self.notice.categories_known:
                    raise Refused("unknown_field", f"{field}.{category}")
                self.add(year, category, self._checked("hours", hours, f"{field}.{category}"))

    def records(self, history: list[Any]) -> None:
        plain, last, (low, high), rows = self.notice.plain, self.last_year, self.notice.limits["hours"], self.hours
        for number, record in enumerate(history):
            try:
                place = plain[record["source"], record["category"]] if len(record) == 4 else None
                year, hours = record["year"], record["hours"]
            except (KeyError, TypeError):
                place = None
            # The common case in one go: a year, a source, a category and hours that count as they stand.
            if place is not None and type(year) is type(hours) is int and year <= last and low <= hours <= high:
                if year not in rows:
                    rows[year] = [0] * len(self.place)
                rows[year][place] += hours
            else:
                self._check(number, record)
                self._record(number, record, self.notice.sources.get(record["source"]))

    # ------------------------------------------------------------ checked

    def _checked(self, key: str, value: Any, field: str) -> Any:
        """A value of the type and in the bounds of its key, or None. Raises: Refused."""
        if value is None:
            return None
        of_type(value, _TYPES[key], field, "flag" if key in _DEFAULTS else key)
        if key == "year" and value > self.last_year:
            raise Refused("history_in_future", field)
        if (key == "source" and value not in self.notice.sources_known) or (
            key == "category" and value not in self.notice.categories_known
        ):
            raise Refused("invalid_value", field, key)
        if key in ("hours", "minutes"):
            low, high = self.notice.limits[key]
            if not low <= value <= high:
                raise Refused("invalid_hours", field, key)
        return value

    def _check(self, number: int, record: Any) -> None:
        at = f"history[{number}]"
        if type(record) is not dict:
            raise Refused("invalid_type", at, "history")
        for key, value in record.items():
            if key not in _TYPES:
                raise Refused("unknown_field", f"{at}.{key}")
            self._checked(key, value, f"{at}.{key}")
        for key in ("year", "source", "category"):
            if record.get(key) is None and (key != "category" or self._category(record["source"]) is None):
                raise Refused("invalid_value", f"{at}.{key}", key)
        name = record.get("record")
        if name is not None:
            _, first = self.named.setdefault(name, (number, record))
            if self._filled(first) != self._filled(record):
                raise Refused("invalid_value", f"{at}.record", "record_twice")

    def _category(self, source: str) -> str | None:
        """The category of a record that need not name one: what the source deems complete, or the only one in which it counts."""
        rule = self.notice.sources.get(source)
        if source == EXAM or (rule is not None and rule.deems):
            return rule.deems[0] if rule is not None and rule.deems else ""
        return rule.categories[0] if rule is not None and rule.an_event and len(rule.categories) == 1 else None

    def _filled(self, record: dict[str, Any]) -> dict[str, Any]:
        """The record with every default spelled out; null says no more than leaving it out."""
        stated = {key: value for key, value in record.items() if value is not None}
        return {**_DEFAULTS, "category": self._category(record["source"]), **stated}

    # ------------------------------------------------------------ counted

    def _record(self, number: int, record: dict[str, Any], rule: SourceRule | None) -> None:
        """Count one record, or reject it by the first clause that stands against it."""
        year, fault = record["year"], self._fault(number, record, rule)
        if fault is not None or rule is None:
            self._reject(number, record, *(fault or ("", "")))
        elif rule.deems:
            self.deemed |= {(year, self.place[name]) for name in rule.deems}
        else:
            category = record.get("category")
            if category not in rule.categories:
                category = rule.categories[0]  # not named, or the point is read as moving the hours
            hours = rule.an_event or record.get("hours")
            if hours is None and record.get("minutes") is not None:
                hours = self._of_minutes(exact(record["minutes"]))
            if rule.at_most and hours is not None:
                left = rule.at_most - self.by_source.get((rule.id, year), 0)
                if exact(hours) > left:
                    self._reject(number, record, rule.clause, phrases()["at_most"].format(n=rule.at_most))
                hours = min(exact(hours), left)
                self.by_source[rule.id, year] = rule.at_most - left + hours
            self.add(year, category, hours)

    def _reject(self, number: int, record: dict[str, Any], clause: str, says: str) -> None:
        name = record.get("record")
        self.rejected.append({"record": number if name is None else name, "clause": clause, "says": says})

    def _of_minutes(self, minutes: Hours) -> Hours:
        """Hours of minutes; whether they are counted at all, `_fault` has seen to."""
        rule = self.notice.minutes
        if minutes % rule.a_hour and rule.when.test(self.profile) and self._lifted(rule.reading):
            return exact(float(minutes / Decimal(rule.a_hour)))
        return int(minutes // rule.a_hour)

    def _fault(self, number: int, record: dict[str, Any], rule: SourceRule | None) -> tuple[str, str] | None:
        """The clause and sentence that stand against a record, or None."""
        notice, get = self.notice, record.get
        if get("record") is not None and self.named[record["record"]][0] != number:
            return notice.counting["twice"].clause, notice.counting["twice"].says
        if rule is None:
            return notice.required.clause, phrases()["no_such_source"]
        verified, region, minutes = notice.counting["verified"], notice.counting["in_region"], notice.minutes
        if get("verified") is False:
            return verified.clause, verified.says
        outside = get("in_region") is False and not rule.outside_region and not rule.deems
        if outside and not self._lifted(region.reading):
            return region.clause, region.says
        if get("category") not in (None, *rule.categories) and not self._lifted(rule.wrong_category.reading):
            return rule.clause, rule.wrong_category.says or phrases()["wrong_category"]
        for check in rule.checks:
            if self._stands_against(check, record):
                return rule.clause, check.says
        timed = get("minutes") is not None and get("hours") is None and not (rule.deems or rule.an_event)
        if timed and not minutes.when.test(self.profile) and not self._lifted(minutes.reading):
            return minutes.clause, minutes.says
        return None

    def _lifted(self, point: str) -> bool:
        """Whether what stands against a record is lifted, its point being read the other way; notes that the record hung on it."""
        if point:
            self.touched.add(point)
        return bool(point) and self.apply == point

    def _stands_against(self, check: Check, record: Mapping[str, Any]) -> bool:
        if check.when.test({**self.profile, **record}):
            return False
        return self._lifted(check.only_reading) if check.only_reading else not self._lifted(check.reading)
