"""One facts object read against a notice: every value of its kind and within limits, or refused by name."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from rules.ages import AGE_VIEWS, Ages, Birth, Month, ages_of_age, ages_of_birth
from rules.notice import Notice
from rules.registry import FACTS, Fact, parts_of, values_of

# The facts to ask next, the one that ends the talk soonest first.
ASK_ORDER = (
    "region", "review_year", "area", "sector", "birth", "birth_day", "sex", "title_level", "tenure_start",
    "recognition_years", "history",
)  # fmt: skip
WHERE = ("region", "area", "review_year", "estimate")  # what `Library.choose` looks at
_OWN = frozenset(("id", "birth", "age", "history", "review_date", *WHERE))


class Refused(Exception):
    """Input that cannot be taken: the contract's code, and the field it is about."""

    def __init__(self, code: str, field: str, accepts: str | None = None) -> None:
        super().__init__(code, field)
        self.code, self.field, self.accepts = code, field, accepts or field


class Case(NamedTuple):
    """A person's facts but for training, read against a notice. `told` holds what was said, by fact; a circumstance left out is not
    claimed. `ages`: what may be reached in the views of `AGE_VIEWS`; several where it is not known to the day; None: not known."""

    notice: Notice
    on: date
    told: Mapping[str, Any]
    birth: Birth | None
    ages: tuple[Ages, ...] | None

    @property
    def scope(self) -> str:
        """What the hours are wanted for: a route, or the yearly duty, which knows no routes."""
        return scope_of(self.told)

    @property
    def sector(self) -> str | None:
        """The employer's, None where unknown."""
        sector: str | None = self.told.get("sector")
        return sector

    @property
    def age_open(self) -> str:
        """The fact that would settle the age."""
        return "birth" if self.birth is None else "birth_day"

    def counting(self) -> dict[str, Any]:
        """What the worth of training may hang on."""
        return {
            "unit_scope": "league", **dict.fromkeys(_YES_NO, False), **self.told,
            "scope": self.scope, "review_year": self.notice.review_year,
        }  # fmt: skip


def scope_of(told: Mapping[str, Any]) -> str:
    """A route, or `annual_duty`."""
    if told.get("purpose") == "annual_duty":
        return "annual_duty"
    return str(told.get("route", "review"))


# ---------------------------------------------------------------- one reader a kind


def _one_of(fact: Fact) -> Callable[[Any, Notice], Any]:
    allowed = frozenset(values_of(fact.id))

    def read(value: Any, _: Notice) -> Any:
        if type(value) is not str:
            raise Refused("invalid_type", fact.id)
        if value not in allowed:
            raise Refused(fact.refused, fact.id)
        return value

    return read


def _yes_no(fact: Fact) -> Callable[[Any, Notice], Any]:
    def read(value: Any, _: Notice) -> Any:
        if type(value) is not bool:
            raise Refused("invalid_type", fact.id, "flag")
        return value

    return read


def _whole(fact: Fact) -> Callable[[Any, Notice], Any]:
    def read(value: Any, notice: Notice) -> Any:
        if type(value) is not int:
            raise Refused("invalid_type", fact.id)
        low, high = notice.limits.get(fact.limit, (0, 9999))
        if not low <= value <= high:
            raise Refused(fact.refused, fact.id)
        return value

    return read


_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_DAY = re.compile(r"(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)


def _month(fact: Fact) -> Callable[[Any, Notice], Any]:
    def read(value: Any, _: Notice) -> Any:
        if type(value) is not str:
            raise Refused("invalid_type", fact.id)
        match = _MONTH.fullmatch(value)
        if match is None or value.startswith("0000"):
            raise Refused("invalid_date", fact.id)
        return Month(int(match[1]), int(match[2]))

    return read


def _years(fact: Fact) -> Callable[[Any, Notice], Any]:
    def read(value: Any, notice: Notice) -> Any:
        if type(value) is not list:
            raise Refused("invalid_type", fact.id)
        low, high = notice.limits.get(fact.limit, (1000, 9999))
        for year in value:
            if type(year) is not int:
                raise Refused("invalid_type", fact.id)
            if not low <= year <= high:
                raise Refused(fact.refused, fact.id)
        return tuple(sorted(set(value)))

    return read


def _flags(fact: Fact) -> Callable[[Any, Notice], Any]:
    parts = parts_of(fact.id)

    def read(value: Any, _: Notice) -> Any:
        if type(value) is not dict:
            raise Refused("invalid_type", fact.id)
        for key, flag in value.items():
            if key not in parts:
                raise Refused("unknown_field", f"{fact.id}.{key}")
            if flag is not None and type(flag) is not bool:
                raise Refused("invalid_type", f"{fact.id}.{key}", "flag")
        return tuple(bool(value.get(part)) for part in parts)

    return read


_MAKERS = {"one_of": _one_of, "yes_no": _yes_no, "whole": _whole, "month": _month, "years": _years, "flags": _flags}
_READERS = {
    fact.id: _MAKERS[fact.kind](fact)
    for fact in FACTS.values()
    if fact.kind in _MAKERS and fact.id not in ("age", *WHERE)
}
_READ_AGE = _whole(FACTS["age"])
_YES_NO = tuple(fact.id for fact in FACTS.values() if fact.kind == "yes_no")
KEYED = tuple(_READERS)
KNOWN = frozenset((*_READERS, *_OWN))


# ---------------------------------------------------------------- the whole object


def read_case(notice: Notice, facts: Mapping[str, Any], today: date) -> Case:
    """A facts object but for its training, against a notice.

    Raises: Refused.
    """
    told = {}
    for key, value in facts.items():
        read = _READERS.get(key)
        if read is not None:
            if value is not None:
                told[key] = read(value, notice)
        elif key not in _OWN:
            raise Refused("unknown_field", str(key))
    id, age = facts.get("id"), facts.get("age")
    if id is not None and type(id) is not str:
        raise Refused("invalid_type", "id")
    if age is not None:
        age = _READ_AGE(age, notice)
    given = facts.get("review_date")
    on = notice.application_day(today) if given is None else review_day(notice, given)
    _in_time(told, on)
    year_end = date(notice.review_year, 12, 31)
    if facts.get("birth") is not None:
        birth = read_birth(notice, facts["birth"], on)
        ages: tuple[Ages, ...] | None = tuple([ages_of_birth(day, on, year_end) for day in birth.days])
        return Case(notice, on, told, birth, ages)
    return Case(notice, on, told, None, None if age is None else ages_of_age(age, on, year_end))


def _in_time(told: Mapping[str, Any], on: date) -> None:
    """Nothing has begun after the day of application. Raises: Refused."""
    month = (on.year, on.month)
    if "transfer" in told and told["transfer"] > month:
        raise Refused("transfer_after_review_date", "transfer")
    if "tenure_start" in told and told["tenure_start"] > month:
        raise Refused("invalid_value", "tenure_start", "tenure_late")
    if told.get("exam_years") and told["exam_years"][-1] > on.year:
        raise Refused("history_in_future", "exam_years")


def read_birth(notice: Notice, text: Any, on: date) -> Birth:
    """A birth, plausible on the day of application.

    Raises: Refused.
    """
    if type(text) is not str:
        raise Refused("invalid_type", "birth")
    if _DAY.fullmatch(text):
        birth = Birth(int(text[:4]), int(text[5:7]), int(text[8:]))
        if not birth.year or (birth.day > 28 and birth.day > calendar.monthrange(birth.year, birth.month)[1]):
            raise Refused("invalid_birth", "birth")
    elif _MONTH.fullmatch(text) and not text.startswith("0000"):
        birth = Birth(int(text[:4]), int(text[5:]), 0)
    else:
        raise Refused("invalid_birth", "birth")
    low, high = notice.limits["age"]
    reached = [ages_of_birth(day, on, on)[AGE_VIEWS.index(("next_day", "review_date"))] for day in birth.days]
    if reached[-1] < low or reached[0] > high:
        raise Refused("implausible_birth", "birth")
    return birth


def review_day(notice: Notice, value: Any) -> date:
    """The day of application, within the notice's period. Raises: Refused."""
    on = any_day(value)
    if not notice.applications[0] <= on <= notice.applications[1]:
        raise Refused("review_date_outside_review_year", "review_date")
    return on


def any_day(value: Any) -> date:
    """A day in writing. Raises: Refused."""
    if type(value) is not str:
        raise Refused("invalid_type", "review_date")
    if not _DAY.fullmatch(value):
        raise Refused("invalid_date", "review_date")
    try:
        return date(int(value[:4]), int(value[5:7]), int(value[8:]))
    except ValueError:
        raise Refused("invalid_date", "review_date") from None


NOTHING_TOLD: Mapping[str, Any] = MappingProxyType({})
