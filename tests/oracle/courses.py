"""Invents training: tables of hours, and records of every source with every flag."""

from datetime import date
from random import Random
from typing import Any

from tests.oracle.faults import FLAGS, SOURCES

Facts = dict[str, Any]
HOURS: list[Any] = [0, 0, 30, 60, 30, 60, 30.0, 59.5, 29.5, 0.1, 0.2, 0.3, 29.9, 29.95, 59.99, 45.5, 15, 20]
HOURS += [8784, 31, 61, 10, 12.25, 7.1, 0.7, 40, 1e-3, 90, 120, 1, 29, 59]
MINUTES: list[Any] = [0, 44, 45, 46, 89, 90, 1350, 2700, 2699, 2699.9, 1349, 3000, 527040, 67.5]


def hours(rng: Random, full: int) -> Any:
    """Hours of a year and category."""
    roll = rng.random()
    if roll < 0.45:
        return full
    return None if roll < 0.53 else rng.choice(HOURS)


def told(rng: Random, on: date) -> Any:
    """A history: a table, or records of every source."""
    if rng.random() < 0.4:
        return table(rng, on)
    records: list[Facts] = []
    if rng.random() < 0.6:  # a ground of plain hours, so that not everybody lacks everything
        for year in (2023, 2024, 2025):
            for category, full in (("general", 30), ("professional", 60)):
                if rng.random() < 0.75:
                    records.append(
                        {"year": year, "category": category, "source": "listed_platform", "hours": hours(rng, full)}
                    )
    records += [record(rng, on) for _ in range(rng.choice([0, 1, 1, 2, 3, 5, 8]))]
    if records and rng.random() < 0.15:
        twice = rng.choice(records)
        twice["record"] = rng.choice(["r1", "凭证-7", ""])
        records.append(dict(twice))
    if rng.random() < 0.5:
        rng.shuffle(records)
    return records


def table(rng: Random, on: date) -> Facts:
    """Hours by year and category."""
    rows: Facts = {}
    for year in [*rng.sample(range(2014, on.year + 1), rng.randint(0, 3)), 2022, 2023, 2024, 2025]:
        if rng.random() < 0.1:
            continue
        row = {"general": hours(rng, 30), "professional": hours(rng, 60)}
        if rng.random() < 0.1:
            del row[rng.choice(list(row))]
        rows[str(year)] = row if rng.random() < 0.97 else None
    if rng.random() < 0.25:  # all done, so far back as a recognition may ask
        rows |= {
            str(year): {"general": 30, "professional": 60} for year in range(rng.choice([2014, 2016, 2020, 2023]), 2026)
        }
    return rows


def record(rng: Random, on: date) -> Facts:
    """One record of any source with any flags."""
    one: Facts = {
        "year": rng.choice([2022, 2023, 2023, 2024, 2024, 2025, 2025, on.year, 2018]),
        "source": rng.choice(SOURCES),
    }
    if rng.random() < 0.15:
        one["source"] = "qualification_exam"
    one["category"] = rng.choice(["professional", "professional", "general"])
    if one["source"] == "qualification_exam" and rng.random() < 0.8:
        del one["category"]
    elif rng.random() < 0.8:
        one["hours"] = rng.choice([30, 60, 60, *HOURS, None])
    if rng.random() < 0.25:
        one["minutes"] = rng.choice([*MINUTES, None])
    for flag in FLAGS:
        if rng.random() < 0.5:
            one[flag] = rng.choice([True, True, True, False, None])
    if rng.random() < 0.1:
        one["record"] = f"n{rng.randrange(10**6)}"
    return one
