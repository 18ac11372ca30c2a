"""Puts faults into facts, one of every kind that the contract refuses."""

from datetime import date, timedelta
from random import Random
from typing import Any

from tests.oracle.courses import Facts, record
from tests.oracle.faults import CHOICES, FLAGS

WRONG: list[Any] = [True, False, 5, 52.5, "x", "", [], {}, ["a"], {"a": 1}, 10**30, -1]
BAD_DATES = ["2025-02-30", "2025-13", "2025", "25-06", "2025/06", "2025-6-1", "1985-00", "0000-01", " 1985-06"]
BAD_DATES += ["１９８５-06", "1985-06\n", "x", ""]
BAD_HOURS: list[Any] = [-1, -0.5, 8784.5, 8785, 1e300, 10**30, "30", True, [], {}, float("nan")]
BAD_YEARS: list[Any] = ["2025", 2025.0, True, None, 2027, 2099, [], 10**20, 2026.5]


def spoil(rng: Random, facts: Facts, on: date) -> None:
    """Put a fault in, of any kind (some turn out to be none: a true `grassroots` is no fault)."""
    kind = rng.randrange(11)
    if kind == 0:
        facts[rng.choice(["name", "Sex", "epidemic_year", "报", "purpose "])] = rng.choice([None, 1, "x"])
    elif kind == 1:
        facts[rng.choice([*CHOICES])] = rng.choice([*WRONG, "licence_renewal", "Male", "high", "男", "senior"])
    elif kind == 2:
        facts[rng.choice(["age", "recognition_years"])] = rng.choice([*WRONG, 15, 101, 0, 11, 3.0])
    elif kind == 3:
        facts["review_year"] = rng.choice([2024, 2026, 2027, 1, 0, -5, "2025", 2025.5, True, 10**30])
    elif kind == 4:
        wrong = [date(2024, 12, 31), date(2026, 4, 1), date(2030, 1, 1), date(1, 1, 1)]
        facts["review_date"] = rng.choice([*WRONG, *BAD_DATES, *[day.isoformat() for day in wrong]])
    elif kind == 5:
        later = (on + timedelta(days=31)).replace(day=1).isoformat()[:7]
        months = [*WRONG, *BAD_DATES, later, "2099-01", "2024-05-01"]
        facts[rng.choice(["transfer", "tenure_start"])] = rng.choice(months)
    elif kind == 6:
        near = [on + timedelta(days=n) for n in (0, 1, 40)] + [
            date(on.year - n, on.month, min(on.day, 28)) for n in (15, 16, 17, 101, 102, 5)
        ]
        facts["birth"] = rng.choice([*WRONG, *BAD_DATES, *[day.isoformat()[: rng.choice([7, 10])] for day in near]])
    elif kind == 7:
        key = rng.choice(["grassroots", "school_teacher", "postdoc", "epidemic_years", "id", "history"])
        facts[key] = rng.choice(WRONG)
    elif kind == 8:
        facts["epidemic_years"] = rng.choice([[2019], [2024], [2020, "2021"], [True], [None], [2022.5], 2022])
        if rng.random() < 0.5:
            facts["postdoc"] = rng.choice([{"grant": 1}, {"grants": True}, {"project": "yes"}, [True]])
    elif rng.random() < 0.4:
        spoil_table(rng, facts)
    else:
        spoil_record(rng, facts, on)


def spoil_table(rng: Random, facts: Facts) -> None:
    """A fault in a table of hours."""
    rows = facts["history"] = {"2024": {"general": 30, "professional": 60}, "2025": {"general": 30}}
    kind = rng.randrange(4)
    if kind == 0:
        rows["2025"][rng.choice(["professional", "general"])] = rng.choice(BAD_HOURS)
    elif kind == 1:
        rows[rng.choice(["25", "20255", "二〇二五", "２０２５", "", "x", " 2025", "2027", "2099"])] = {"general": 30}
    elif kind == 2:
        rows["2025"] = rng.choice([5, [], "x", True])
    else:
        rows["2025"][rng.choice(["公需", "total", "General"])] = 30


def spoil_record(rng: Random, facts: Facts, on: date) -> None:
    """A fault in a record."""
    bad = record(rng, on)
    kind = rng.randrange(7)
    if kind == 0:
        bad[rng.choice(["hours", "minutes"])] = rng.choice([*BAD_HOURS, 527041])
    elif kind == 1:
        bad["year"] = rng.choice(BAD_YEARS)
    elif kind == 2:
        bad[rng.choice(["source", "category"])] = rng.choice(["公需", "", True, 5, None, []])
    elif kind == 3:
        bad.pop(rng.choice(["year", "source", "category"]), None)
    elif kind == 4:
        bad[rng.choice(FLAGS)] = rng.choice([1, 0, "true", "", [], 1.0])
    elif kind == 5:
        bad[rng.choice(["credits", "Hours", "学时"])] = 3
    else:
        bad["record"] = "r9"
    others = facts.get("history")
    facts["history"] = [*(others if isinstance(others, list) else []), bad]
    if kind == 6:
        other = dict(bad, year=2021 if bad["year"] != 2021 else 2020)
        facts["history"].append(rng.choice([other, 7, other, [], dict(bad, record=5)]))
