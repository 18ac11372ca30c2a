"""What can be known of a person: names, kinds and limits, and the reading of one facts object.

Source of the names: the public contract. Limits come from the policy pack.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from datetime import date
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from rules.policy import Limits, Packs, PolicyPack

SEXES = ("male", "female")
LEVELS = ("junior", "middle", "deputy_senior", "full_senior")
SECTORS = ("public_institution", "state_enterprise", "non_public", "government")
ROUTES = ("review", "exceptional", "recognition")
PURPOSES = ("title_review", "annual_duty")
UNIT_SCOPES = ("region", "league")
CATEGORIES = ("general", "professional")
POSTDOC = ("grant", "project", "left_station", "stayed_in_region")
BOOLS = ("grassroots", "grassroots_graduate", "school_teacher", "highly_skilled")
SOURCES = (
    "listed_platform", "ce_base", "institution_training", "industry_department", "industry_association", "seminar",
    "qualification_exam", "skill_training", "teacher_training", "makeup_course", "unlisted_platform", "other",
)  # fmt: skip
FLAGS = ("verified", "certificate", "approved", "self_organised", "in_region", "organised")

# The facts to ask next, the one that ends the talk soonest first.
ASK_ORDER = ("sector", "birth", "birth_day", "sex", "title_level", "tenure_start", "recognition_years", "history")


class Refused(Exception):
    """Input that cannot be taken: the contract's code, and the field it is about."""

    def __init__(self, code: str, field: str, accepts: str | None = None) -> None:
        super().__init__(code, field)
        self.code, self.field, self.accepts = code, field, accepts or field


class Month(NamedTuple):
    """A month of a year, compared as such."""

    year: int
    month: int


class Birth(NamedTuple):
    """A date of birth; `day` 0 where only the month is known."""

    year: int
    month: int
    day: int


class Case:
    """A person's facts but for birth and training, read and checked; shared by everybody of whom the same is known.

    None is unknown; a circumstance left out is not claimed. `plans` remembers what was worked out for such a person.
    """

    __slots__ = (
        "age", "counting", "epidemic_years", "grassroots", "grassroots_graduate", "highly_skilled", "level", "on", "pack",
        "plans", "postdoc", "purpose", "recognition_years", "route", "school_teacher", "sector", "sex", "tenure_start",
        "transfer", "types", "unit_scope",
    )  # fmt: skip

    pack: PolicyPack
    on: date
    types: list[type]

    def __init__(self, pack: PolicyPack) -> None:
        self.pack = pack
        self.sex: str | None = None
        self.age: int | None = None
        self.level: str | None = None
        self.route = "review"
        self.sector: str | None = None
        self.purpose = "title_review"
        self.unit_scope = "league"
        self.grassroots = self.grassroots_graduate = self.school_teacher = self.highly_skilled = False
        self.recognition_years: int | None = None
        self.postdoc: tuple[bool, bool, bool, bool] | None = None
        self.epidemic_years: tuple[int, ...] = ()
        self.transfer: Month | None = None
        self.tenure_start: Month | None = None
        self.plans: dict[Any, Any] = {}
        self.counting: dict[str, Any] = {}

    @property
    def scope(self) -> str:
        """What the hours are wanted for: a route, or the yearly duty, which knows no routes."""
        return "annual_duty" if self.purpose == "annual_duty" else self.route

    def settle(self) -> None:
        """Note what the worth of training hangs on."""
        self.counting = {
            "scope": self.scope, "sector": self.sector, "unit_scope": self.unit_scope, "school_teacher": self.school_teacher,
            "highly_skilled": self.highly_skilled, "review_year": self.pack.review_year,
        }  # fmt: skip


Wait = tuple[str, int]  # a relief, and the age that opens it


class Born:
    """A birth seen from the day of application. `views`: the thresholds of age that may be reached, for each of `AGE_VIEWS`; births
    with equal views have the same `mark`."""

    __slots__ = ("birth", "mark", "views", "waits")

    def __init__(self, birth: Birth, views: tuple[tuple[int, ...], ...], mark: object) -> None:
        self.birth, self.views, self.mark = birth, views, mark
        self.waits: dict[Wait, dict[str, str]] = {}  # the line that says how long until then


# How an age may be counted: from the birthday or the day after; on the day of application or at the year's end.
AGE_VIEWS = (
    ("next_day", "review_date"),
    ("same_day", "review_date"),
    ("next_day", "year_end"),
    ("same_day", "year_end"),
)


# ---------------------------------------------------------------- one reader a kind


def _one_of(field: str, attribute: str, values: tuple[str, ...], code: str) -> Callable[[Case, Any, Limits], None]:
    allowed = frozenset(values)

    def read(case: Case, value: Any, _: Limits) -> None:
        if type(value) is not str:
            raise Refused("invalid_type", field)
        if value not in allowed:
            raise Refused(code, field)
        setattr(case, attribute, value)

    return read


def _boolean(field: str) -> Callable[[Case, Any, Limits], None]:
    def read(case: Case, value: Any, _: Limits) -> None:
        if type(value) is not bool:
            raise Refused("invalid_type", field)
        setattr(case, field, value)

    return read


def _integer(field: str, limit: str) -> Callable[[Case, Any, Limits], None]:
    def read(case: Case, value: Any, limits: Limits) -> None:
        if type(value) is not int:
            raise Refused("invalid_type", field)
        low, high = getattr(limits, limit)
        if not low <= value <= high:
            raise Refused("invalid_value", field)
        setattr(case, field, value)

    return read


_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_DAY = re.compile(r"(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)


def _month(field: str) -> Callable[[Case, Any, Limits], None]:
    def read(case: Case, value: Any, _: Limits) -> None:
        if type(value) is not str:
            raise Refused("invalid_type", field)
        match = _MONTH.fullmatch(value)
        if match is None or value.startswith("0000"):
            raise Refused("invalid_date", field)
        setattr(case, field, Month(int(match[1]), int(match[2])))

    return read


def _postdoc(case: Case, value: Any, _: Limits) -> None:
    if type(value) is not dict:
        raise Refused("invalid_type", "postdoc")
    for key, flag in value.items():
        if key not in POSTDOC:
            raise Refused("unknown_field", f"postdoc.{key}")
        if flag is not None and type(flag) is not bool:
            raise Refused("invalid_type", f"postdoc.{key}", "flag")
    grant, project, left, stayed = (bool(value.get(key)) for key in POSTDOC)
    case.postdoc = (grant, project, left, stayed)


def _epidemic_years(case: Case, value: Any, limits: Limits) -> None:
    if type(value) is not list:
        raise Refused("invalid_type", "epidemic_years")
    low, high = limits.epidemic_years
    for year in value:
        if type(year) is not int:
            raise Refused("invalid_type", "epidemic_years")
        if not low <= year <= high:
            raise Refused("invalid_value", "epidemic_years")
    case.epidemic_years = tuple(sorted(set(value)))


READERS: Mapping[str, Callable[[Case, Any, Limits], None]] = {
    "sex": _one_of("sex", "sex", SEXES, "invalid_value"),
    "age": _integer("age", "age"),
    "title_level": _one_of("title_level", "level", LEVELS, "invalid_title_level"),
    "route": _one_of("route", "route", ROUTES, "invalid_value"),
    "sector": _one_of("sector", "sector", SECTORS, "invalid_value"),
    "purpose": _one_of("purpose", "purpose", PURPOSES, "unsupported_purpose"),
    "unit_scope": _one_of("unit_scope", "unit_scope", UNIT_SCOPES, "invalid_value"),
    "recognition_years": _integer("recognition_years", "recognition_years"),
    "postdoc": _postdoc,
    "epidemic_years": _epidemic_years,
    "transfer": _month("transfer"),
    "tenure_start": _month("tenure_start"),
    **{name: _boolean(name) for name in BOOLS},
}


# ---------------------------------------------------------------- the whole object

_NUMBERS = frozenset((*BOOLS, "recognition_years", "age", "review_year"))  # True could be taken for 1, and 1 for 1.0
_ALONE = frozenset(("postdoc", "epidemic_years"))  # too rare and too various to be remembered
_OWN = frozenset(("id", "birth", "history"))
KNOWN = frozenset((*READERS, "review_date", "review_year", *_OWN))
_SHARED = tuple(sorted(KNOWN - _OWN - _ALONE))
_REMEMBERED = 50_000
_SHAPES = 1_000


class _Shape:
    """What the keys of a facts object say of how to read it: `shared` gives the values that make a case, `numbers` those of them
    of which the kind must be looked at, `mark` says whose values they are, in whatever order and however often the shape is made;
    `alone`: there may be something that is not remembered."""

    __slots__ = ("alone", "mark", "numbers", "shared")

    def __init__(self, keys: tuple[str, ...]) -> None:
        shared = [key for key in _SHARED if key in keys]
        self.shared, self.numbers = _values(shared), _values([key for key in shared if key in _NUMBERS])
        self.mark = sum(1 << _SHARED.index(key) for key in shared)
        self.alone = not _ALONE.isdisjoint(keys)


def read_case(packs: Packs, facts: Any, today: date) -> Case:
    """A facts object but for birth, training and id, read and checked against the pack of its review year.

    Raises: Refused.
    """
    if type(facts) is not dict:
        raise Refused("invalid_type", "facts")
    keys = tuple(facts)
    shape: _Shape = packs.shapes.get(keys) or _shape(packs, keys)
    get = facts.get
    year = get("review_year")
    pack = packs.newest if year is None else packs.by_year.get(year) if type(year) is int else None
    if pack is None:
        raise Refused("no_policy_pack" if type(year) is int else "invalid_type", "review_year")
    case = None
    if not shape.alone or (get("postdoc") is None and get("epidemic_years") is None):
        mark = today, shape.mark, shape.shared(facts)
        try:
            case = pack.cases.get(mark)
        except TypeError:  # a list or a table where a word belongs: refused by its reader
            _read_case(pack, facts, today)
            raise
        types = [*map(type, shape.numbers(facts))]
        if case is None or case.types != types:
            case = _read_case(pack, facts, today)
            case.types = types
            if len(pack.cases) >= _REMEMBERED:
                pack.cases.clear()
            pack.cases[mark] = case
    else:
        case = _read_case(pack, facts, today)
    return case


def _shape(packs: Packs, keys: tuple[str, ...]) -> _Shape:
    """Raises: Refused, where a key is none that is known."""
    for key in keys:
        if key not in KNOWN:
            raise Refused("unknown_field", str(key))
    if len(packs.shapes) >= _SHAPES:
        packs.shapes.clear()
    shape = packs.shapes[keys] = _Shape(keys)
    return shape


def _values(keys: list[str]) -> Callable[[Any], Any]:
    """A getter of the values of these keys, as a tuple however few they are."""
    return itemgetter(*keys) if len(keys) > 1 else lambda facts: tuple(facts[key] for key in keys)


def _read_case(pack: PolicyPack, facts: dict[str, Any], today: date) -> Case:
    case = Case(pack)
    for key, value in facts.items():
        read = READERS.get(key)
        if read is not None and value is not None:
            read(case, value, pack.limits)
    on = facts.get("review_date")
    case.on = pack.application_day(today) if on is None else _review_date(pack, on)
    month = (case.on.year, case.on.month)
    if case.transfer is not None and case.transfer > month:
        raise Refused("transfer_after_review_date", "transfer")
    if case.tenure_start is not None and case.tenure_start > month:
        raise Refused("invalid_value", "tenure_start", "tenure_late")
    case.settle()
    return case


def read_birth(pack: PolicyPack, text: Any, on: date) -> Born:
    """A birth, seen from the day of application.

    Raises: Refused.
    """
    if type(text) is not str:
        raise Refused("invalid_type", "birth")
    born = pack.births.get((text, on))
    if born is None:
        birth = _birth(text)
        low, high = pack.limits.age
        reached = _reached(pack, birth, on)
        if reached[0][-1] < low or reached[0][0] > high:
            raise Refused("implausible_birth", "birth")
        steps = pack.steps
        views = tuple(
            [tuple({steps[age]: 0 for age in ages}) if len(ages) > 1 else (steps[ages[0]],) for ages in reached]
        )
        if len(pack.births) >= _REMEMBERED:
            pack.births.clear()
        born = pack.births[text, on] = Born(birth, views, pack.views.setdefault(views, object()))
    return born


def _reached(pack: PolicyPack, birth: Birth, on: date) -> list[tuple[int, ...]]:
    """For each of `AGE_VIEWS` the ages that may be reached, ascending: one, or two where only the month is known."""
    year_end = date(pack.review_year, 12, 31)
    if birth.day and not (birth.month == 2 and birth.day == 29):
        years, end = on.year - birth.year, pack.review_year - birth.year
        now, day, last = (on.month, on.day), (birth.month, birth.day), (12, 31)
        return [(years - (now <= day),), (years - (now < day),), (end - (day == last),), (end,)]
    # The later in the month the birth, the younger: the last and the first day bound every other.
    days = (birth,) if birth.day else (birth._replace(day=month_days(birth)), birth._replace(day=1))
    found = []
    for birthday, when in AGE_VIEWS:
        at = on if when == "review_date" else year_end
        found.append(tuple(age_reached(day, at, birthday == "same_day") for day in days))
    return found


def threshold(age: int, thresholds: tuple[int, ...]) -> int:
    """The highest threshold reached, 0 for none: between two of them nothing turns."""
    reached = 0
    for each in thresholds:
        if age >= each:
            reached = each
    return reached


def _birth(text: str) -> Birth:
    if _DAY.fullmatch(text):
        year, month, day = int(text[:4]), int(text[5:7]), int(text[8:])
        if year == 0 or (day > 28 and day > calendar.monthrange(year, month)[1]):
            raise Refused("invalid_birth", "birth")
        return Birth(year, month, day)
    if not _MONTH.fullmatch(text) or text.startswith("0000"):
        raise Refused("invalid_birth", "birth")
    return Birth(int(text[:4]), int(text[5:]), 0)


def _review_date(pack: PolicyPack, value: Any) -> date:
    if type(value) is not str:
        raise Refused("invalid_type", "review_date")
    if not _DAY.fullmatch(value):
        raise Refused("invalid_date", "review_date")
    try:
        on = date(int(value[:4]), int(value[5:7]), int(value[8:]))
    except ValueError:
        raise Refused("invalid_date", "review_date") from None
    if not pack.applications[0] <= on <= pack.applications[1]:
        raise Refused("review_date_outside_review_year", "review_date")
    return on


def age_reached(birth: Birth, on: date, same_day: bool = False) -> int:
    """Full years reached on a day: a year of age is reached the day after the birthday (reading.md A2), or on it."""
    day = birth.day
    if day == 29 and birth.month == 2 and not calendar.isleap(on.year):
        day = 28  # the last day of a period that has no matching day is the month's last
    passed = (on.month, on.day) >= (birth.month, day) if same_day else (on.month, on.day) > (birth.month, day)
    return on.year - birth.year - (not passed)


def month_days(birth: Birth) -> int:
    """How many days the month of birth has."""
    return calendar.monthrange(birth.year, birth.month)[1]
