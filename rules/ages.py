"""Births and the ages reached: full years, counted as the notice's reading counts them (reading.md A2, A3)."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple


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
    day = birth.day
    if day == 29 and birth.month == 2 and not calendar.isleap(on.year):
        day = 28  # the last day of a period that has no matching day is the month's last
    passed = (on.month, on.day) >= (birth.month, day) if same_day else (on.month, on.day) > (birth.month, day)
    return on.year - birth.year - (not passed)


def day_reached(birth: Birth, age: int) -> date:
    """The day on which an age is surely reached (reading.md A2); of a bare month, by everybody born in it."""
    year = birth.year + age
    try:
        return date(year, birth.month, birth.day or month_days(birth)) + timedelta(days=1)
    except ValueError:  # 29 February in a common year: the period ends with the month
        return date(year, 3, 1)


def month_days(birth: Birth) -> int:
    """How many days the month of birth has."""
    return calendar.monthrange(birth.year, birth.month)[1]


def ages_of_birth(day: Birth, on: date, year_end: date) -> Ages:
    """The ages of somebody born on a day, for each of `AGE_VIEWS`."""
    if day.month != 2 or day.day != 29:  # the common case without a look at the calendar
        born, now = (day.month, day.day), (on.month, on.day)
        years, end, last = on.year - day.year, year_end.year - day.year, born == (12, 31)
        return years - (now <= born), years - (now < born), end - last, end
    return (
        age_reached(day, on), age_reached(day, on, True), age_reached(day, year_end), age_reached(day, year_end, True),
    )  # fmt: skip


def ages_of_age(age: int, on: date, year_end: date) -> tuple[Ages, ...]:
    """What somebody of that age on the day of application may be at the year's end (reading.md A3)."""
    others = (age, age + 1) if on < year_end else (age,) if on == year_end else (age, age - 1)
    return tuple((age, age, other, other) for other in others)


def births_that_tell_apart(thresholds: Sequence[int], days: Sequence[date]) -> tuple[Birth, ...]:
    """Births enough to reach or miss each of these ages on each of these days."""
    found = {Birth(days[0].year - 30, 6, 15)} if not thresholds else set()
    for age in thresholds:
        for day in days:
            for off in (-1, 0, 5):  # passed, today, still to come
                near = day + timedelta(days=off)
                found.add(Birth(near.year - age, near.month, min(near.day, 28)))
    return tuple(sorted(found))
