"""Births and the ages reached: full years, counted as the notice's reading counts them (reading.md A2, A3)."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

_NEXT = timedelta(days=1)


class Month(NamedTuple):
    """A month of a year, compared as such."""

    year: int
    month: int


class Birth(NamedTuple):
    """A date of birth; `day` 0 where only the month is known."""

    year: int
    month: int
    day: int

    @property
    def days(self) -> tuple[Birth, ...]:
        """Itself, or the last and the first day of its month, which bound every other: the later, the younger."""
        return (self,) if self.day else (self._replace(day=month_days(self)), self._replace(day=1))


# How an age may be counted: from the day after the birthday or on it; on the day of application or at the year's end.
AGE_VIEWS = (
    ("next_day", "review_date"), ("same_day", "review_date"), ("next_day", "year_end"), ("same_day", "year_end"),
)  # fmt: skip
Ages = tuple[int, int, int, int]  # for each of `AGE_VIEWS`


def age_reached(birth: Birth, on: date, same_day: bool = False) -> int:
    """Full years reached on a day: a year of age is reached the day after the birthday (reading.md A2), or on it."""
    born, now = (birth.month, birth.day), (on.month, on.day)
    if born == (2, 29) and not calendar.isleap(on.year):
        born = (2, 28)  # the last day of a period that has no matching day is the month's last
    return on.year - birth.year - (now < born if same_day else now <= born)


def day_reached(birth: Birth, age: int, same_day: bool = False) -> date:
    """The first day of an age as `age_reached` counts it; of a bare month, for everybody born in it."""
    year, month, day = birth
    if not 0 < day < 29:  # of 29 February in a common year the month's last
        day = min(day or month_days(birth), calendar.monthrange(year + age, month)[1])
    reached = date(year + age, month, day)
    return reached if same_day else reached + _NEXT


def month_days(birth: Birth) -> int:
    """How many days the month of birth has."""
    return calendar.monthrange(birth.year, birth.month)[1]


def ages_of_birth(birth: Birth, on: date, year_end: date) -> Ages:
    """The ages of somebody born on a day, for each of `AGE_VIEWS`."""
    days = {"review_date": on, "year_end": year_end}
    a, b, c, d = (age_reached(birth, days[day], how == "same_day") for how, day in AGE_VIEWS)
    return a, b, c, d


def ages_of_age(age: int, on: date, year_end: date) -> tuple[Ages, ...]:
    """What somebody of that age on the day of application may be at the year's end (reading.md A3)."""
    other = age + (on < year_end) - (on > year_end)
    return (age, age, age, age), (age, age, other, other)


def births_that_tell_apart(thresholds: Sequence[int], days: Sequence[date]) -> tuple[Birth, ...]:
    """Births enough to reach or miss each of these ages on each of these days."""
    found = {Birth(days[0].year - 30, 6, 15)} if not thresholds else set()
    for age in thresholds:
        for day in days:
            for off in (-1, 0, 5):  # passed, today, still to come
                near = day + timedelta(days=off)
                found.add(Birth(near.year - age, near.month, min(near.day, 28)))
    return tuple(sorted(found))
