"""One facts object read against a notice: every value of its kind and within limits, or refused by name."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from rules.ages import Ages, Birth, Month, age_reached, ages_of_age, ages_of_birth
from rules.notice import Notice, kept
from rules.registry import FACTS, Fact, parts_of, values_of

# The facts to ask next, the one that ends the talk soonest first.
ASK_ORDER = (
    "region", "review_year", "area", "sector", "birth", "birth_day", "sex", "title_level", "tenure_start",
    "recognition_years", "history",
)  # fmt: skip
WHERE = ("region", "area", "review_year", "estimate")  # what `Library.choose` looks at
# The type of each kind that is read here; the others have readers of their own.
_TYPES = {"one_of": str, "yes_no": bool, "whole": int, "month": str, "years": list, "flags": dict}
KEYED = tuple(fact.id for fact in FACTS.values() if fact.kind in _TYPES and fact.id not in ("age", *WHERE))
GROUND = (*KEYED, *WHERE, "review_date")
KNOWN = frozenset((*GROUND, "id", "birth", "age", "history"))
_MONTH = re.compile(r"(?!0000)(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_BIRTH = re.compile(r"(?!0000)(\d{4})-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?", re.ASCII)
_DAY = re.compile(r"(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)


class Refused(Exception):
    """Input that cannot be taken: the contract's code, and the field it is about."""

    def __init__(self, code: str, field: str, accepts: str | None = None) -> None:
        super().__init__(code, field)
        self.code, self.field, self.accepts = code, field, accepts or field


@dataclass(frozen=True, eq=False, slots=True)
class Told:
    """What was said of a person but for birth, age, day and training: facts alike are read once, and are one object.

    `profile`: by the names of conditions, what was not said included. `scope`: a route, or the yearly duty, which knows no routes.
    """

    values: Mapping[str, Any]
    profile: Mapping[str, Any]
    scope: str


class Ground(NamedTuple):
    """All of a facts object but for birth, age and training, read against a notice. `last_year`: the last in which there can be any."""

    notice: Notice
    told: Told
    on: date
    last_year: int


def read_ground(notice: Notice, facts: Mapping[str, Any], today: date) -> Ground:
    """The ground of a case under a notice. Raises: Refused."""
    told = kept(notice.plans, written(facts, KEYED), _told, notice, facts)
    given = facts.get("review_date")
    on = notice.application_day(today) if given is None else review_day(notice, given)
    _in_time(told.values, on)
    # What was done by today is no future, whatever year is asked about.
    return Ground(notice, told, on, max(on.year, today.year) if given is None else on.year)


def written(facts: Mapping[str, Any], names: Iterable[str]) -> str:
    """The facts of these names as one text, equal where they are read alike: in writing True is not 1."""
    return repr([*map(facts.get, names)])


def read_ages(ground: Ground, facts: Mapping[str, Any]) -> tuple[Birth | None, tuple[Ages, ...] | None]:
    """The birth, and the ages that may be reached in the views of `AGE_VIEWS`; None: not known. Raises: Refused."""
    notice, on, age = ground.notice, ground.on, facts.get("age")
    if age is not None:
        _value(FACTS["age"], age, notice)
    if facts.get("birth") is None:
        return None, None if age is None else ages_of_age(age, on, notice.year_end)
    of_type(facts["birth"], (str,), "birth")
    return kept(notice.births, (facts["birth"], on), _ages, notice, facts["birth"], on)


def _ages(notice: Notice, text: str, on: date) -> tuple[Birth, tuple[Ages, ...]]:
    birth = read_birth(notice, text, on)
    return birth, tuple([ages_of_birth(day, on, notice.year_end) for day in birth.days])


def _told(notice: Notice, facts: Mapping[str, Any]) -> Told:
    told = {name: _value(FACTS[name], facts[name], notice) for name in KEYED if facts.get(name) is not None}
    scope = "annual_duty" if told.get("purpose") == "annual_duty" else told.get("route", "review")
    profile: dict[str, Any] = {"scope": scope, "review_year": notice.review_year}
    for name in KEYED:
        fact, value = FACTS[name], told.get(name)
        profile[name] = value
        if fact.kind == "yes_no":
            profile[name] = bool(value)
        elif fact.kind == "years":
            profile[name] = value or ()
        elif fact.kind == "month":
            profile[fact.year] = value and value.year
        elif fact.kind == "flags":
            profile |= {f"{name}.{part}": bool(value and value[part]) for part in parts_of(name)}
    profile["unit_scope"] = profile["unit_scope"] or "league"
    return Told(told, profile, scope)


def _value(fact: Fact, value: Any, notice: Notice) -> Any:
    """A value of the fact's kind, within the notice's limits. Raises: Refused."""
    of_type(value, (_TYPES[fact.kind],), fact.id, "flag" if fact.kind == "yes_no" else "")
    if fact.kind == "one_of" and value not in values_of(fact.id):
        raise Refused(fact.refused, fact.id)
    if fact.kind == "flags":
        for part, flag in value.items():
            if part not in parts_of(fact.id):
                raise Refused("unknown_field", f"{fact.id}.{part}")
            of_type(flag, (bool, type(None)), f"{fact.id}.{part}", "flag")
        return {part: bool(value.get(part)) for part in parts_of(fact.id)}
    if fact.kind == "month":
        match = _MONTH.fullmatch(value)
        if match is None:
            raise Refused("invalid_date", fact.id)
        return Month(int(match[1]), int(match[2]))
    if fact.kind in ("whole", "years"):
        low, high = notice.limits.get(fact.limit, (1000 if fact.kind == "years" else 0, 9999))
        for number in value if fact.kind == "years" else (value,):
            of_type(number, (int,), fact.id)
            if not low <= number <= high:
                raise Refused(fact.refused, fact.id)
        return tuple(sorted(set(value))) if fact.kind == "years" else value
    return value


def of_type(value: Any, kinds: tuple[type, ...], field: str, accepts: str = "") -> None:
    """Nothing but these types, and no kind of them. Raises: Refused."""
    if type(value) not in kinds:
        raise Refused("invalid_type", field, accepts)


def _in_time(told: Mapping[str, Any], on: date) -> None:
    """Nothing has begun after the day of application. Raises: Refused."""
    month = (on.year, on.month)
    if "transfer" in told and told["transfer"] > month:
        raise Refused("transfer_after_review_date", "transfer")
    if "tenure_start" in told and told["tenure_start"] > month:
        raise Refused("invalid_value", "tenure_start", "tenure_late")
    if told.get("exam_years") and told["exam_years"][-1] > on.year:
        raise Refused("history_in_future", "exam_years")


def read_birth(notice: Notice, text: str, on: date) -> Birth:
    """A birth, plausible on the day of application. Raises: Refused."""
    match = _BIRTH.fullmatch(text)
    if match is None:
        raise Refused("invalid_birth", "birth")
    birth = Birth(*map(int, match.groups("0")))
    if birth.day > 28 and birth.day > calendar.monthrange(birth.year, birth.month)[1]:
        raise Refused("invalid_birth", "birth")
    low, high = notice.limits["age"]
    years = on.year - birth.year
    if not low < years < high:  # else a day decides
        reached = [age_reached(day, on) for day in birth.days]
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
    of_type(value, (str,), "review_date")
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise Refused("invalid_date", "review_date")
