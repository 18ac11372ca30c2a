"""Invents facts objects at random: every key, both sides of every boundary, every kind of fault.

`person(rng)` mostly gives facts that are good; one in six is spoiled.
"""

import calendar
from datetime import date, timedelta
from random import Random

from tests.oracle.courses import Facts, told
from tests.oracle.faults import CHOICES
from tests.oracle.spoiling import spoil

TODAYS = [date(2025, 9, 1), date(2025, 1, 1), date(2025, 12, 31), date(2026, 2, 28), date(2026, 11, 25)]
TODAYS.append(date(2024, 12, 31))
DAYS = ["2025-01-01", "2025-02-28", "2025-03-01", "2025-06-30", "2025-09-01", "2025-12-31", "2026-01-01", "2026-02-28"]
DAYS += ["2026-03-01", "2026-03-31", "2025-07-15", "2025-10-31"]


def person(rng: Random, today: date = TODAYS[0]) -> Facts:
    """One facts object; about one in six is faulty."""
    facts: Facts = {}
    if rng.random() < 0.3:
        facts["id"] = rng.choice(["G01", "张三", "", "a b"])
    if rng.random() < 0.75:
        facts["review_date"] = rng.choice(DAYS) if rng.random() < 0.7 else any_day(rng).isoformat()
    kept = min(max(today, date(2025, 1, 1)), date(2025, 12, 31))
    on = date.fromisoformat(facts["review_date"]) if "review_date" in facts else kept
    rate = rng.choice([0.0, 0.0, 0.1, 0.3, 0.9])  # of core facts left out
    for key in ("sex", "title_level", "sector"):
        if rng.random() >= rate:
            facts[key] = rng.choice(CHOICES[key][1])
    if rng.random() < 0.3 and rate < 0.9:
        facts["sector"] = rng.choice(["public_institution", "public_institution", "state_enterprise"])
    if rng.random() >= rate:
        facts |= born(rng, on)
    if rng.random() < 0.4:
        facts["purpose"] = rng.choice(["title_review", "title_review", "annual_duty"])
    if rng.random() < 0.6:
        facts["route"] = rng.choice(["review", "exceptional", "exceptional", "recognition"])
    if rng.random() < 0.3:
        facts["review_year"] = 2025
    if rng.random() < 0.4:
        facts["unit_scope"] = rng.choice(["region", "league"])
    facts |= circumstances(rng, on)
    if facts.get("route") == "recognition" and rng.random() < 0.6:
        facts |= {"grassroots": True, "grassroots_graduate": True}
    if rng.random() >= rate:
        facts["history"] = told(rng, on)
    if rng.random() < 0.1:
        facts[rng.choice(["sex", "birth", "age", "history", "sector", "postdoc", "transfer", "route", "id"])] = None
    if rng.random() < 0.17:
        for _ in range(rng.choice([1, 1, 1, 2])):
            spoil(rng, facts, on)
    return facts


def any_day(rng: Random) -> date:
    """A day on which one may apply."""
    return date(2025, 1, 1) + timedelta(days=rng.randrange(455))


def birthday(rng: Random, on: date) -> date:
    """A birth on, just before or just after a birthday that opens a relief; or any."""
    year = on.year - rng.choice(
        [45, 50, 55, 45, 50, 55, 44, 49, 54, 46, 51, 56, 30, 16, 17, 99, 100, rng.randint(20, 65)]
    )
    day = min(on.day, calendar.monthrange(year, on.month)[1])
    near = date(year, on.month, day) + timedelta(
        days=rng.choice([-2, -1, -1, 0, 0, 1, 1, 2, -31, 31, rng.randint(-400, 400)])
    )
    if rng.random() < 0.05:
        near = date(rng.choice([1968, 1972, 1976, 1980]), 2, 29)
    return near


def born(rng: Random, on: date) -> Facts:
    """A birth to the day or to the month, an age, or both."""
    roll = rng.random()
    if roll < 0.12:  # the birthday that opens a relief lies in the month of application
        return {"birth": f"{on.year - rng.choice([45, 50, 55])}-{on:%m}"}
    if roll < 0.5:
        return {"birth": birthday(rng, on).isoformat()}
    if roll < 0.75:
        facts: Facts = {"birth": birthday(rng, on).isoformat()[:7]}
        return facts | ({"age": rng.randint(16, 100)} if rng.random() < 0.1 else {})
    return {"age": rng.choice([16, 44, 45, 46, 49, 50, 51, 54, 55, 56, 100, rng.randint(16, 100)])}


def month(rng: Random, on: date) -> str:
    """A month up to that of the application, often on one side of a boundary."""
    near = [f"{on:%Y-%m}", "2025-01", "2024-12", "2024-01", "2023-12", "2023-01", "2022-12", "2020-05", "2010-07"]
    if on.year == 2026:
        near += ["2026-01", "2025-12", f"{on:%Y-%m}"]
    return rng.choice(near)


def circumstances(rng: Random, on: date) -> Facts:
    """What may stand in the person's favour."""
    facts: Facts = {}
    for key, odds in (
        ("grassroots", 0.12),
        ("grassroots_graduate", 0.35),
        ("school_teacher", 0.35),
        ("highly_skilled", 0.35),
    ):
        if rng.random() < odds:
            facts[key] = rng.random() < 0.8
    if rng.random() < 0.25:
        facts["recognition_years"] = rng.choice([1, 2, 3, 4, 10, rng.randint(1, 10)])
    if rng.random() < 0.2:
        flags = ("grant", "project", "left_station", "stayed_in_region")
        facts["postdoc"] = {flag: rng.random() < 0.75 for flag in flags if rng.random() < 0.85}
    if rng.random() < 0.25:
        facts["epidemic_years"] = [rng.randint(2020, 2023) for _ in range(rng.randint(0, 3))] + rng.choice([[], [2023]])
    if rng.random() < 0.2:
        facts["transfer"] = month(rng, on)
    if rng.random() < 0.5:
        facts["tenure_start"] = month(rng, on)
    return facts
