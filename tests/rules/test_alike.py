"""Who is alike: one thing is said of all of them."""

import copy
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import rules
from rules.alike import alike
from rules.assess import BESIDE
from tests.oracle.people import person

PACKS = rules.load()
DAYS = (date(2025, 3, 1), date(2025, 11, 25), date(2026, 2, 2))


def said(facts: dict[str, Any], today: date, beside: tuple[str, ...]) -> dict[str, Any]:
    """An assessment without its id."""
    return {name: part for name, part in rules.assess(PACKS, facts, today, beside=beside).items() if name != "id"}


def other(dice: Random, facts: dict[str, Any]) -> dict[str, Any]:
    """Somebody a little different: born some days later, with some more or fewer hours, with another name."""
    found = copy.deepcopy(facts)
    found["id"] = str(dice.random())
    if len(str(found.get("birth", ""))) == 10:
        found["birth"] = str(date.fromisoformat(found["birth"]) + timedelta(days=dice.choice([0, 1, 31, 300])))
    for row in (found.get("history") or {}).values():
        for category, hours in (row or {}).items():
            row[category] = hours and max(0, hours + dice.choice([0, 0, 1, 5, 40, -1]))
    return found


@given(st.integers(0, 10**6), st.sampled_from([BESIDE, ("changes", "readings"), ()]))
@settings(deadline=None)
def test_one_thing_is_said_of_people_who_are_alike(seed: int, beside: tuple[str, ...]) -> None:
    dice = Random(seed)
    today = dice.choice(DAYS)
    facts = person(dice, today)
    if not isinstance(facts, dict) or not isinstance(facts.get("history"), dict):
        facts = {
            "sex": "female",
            "birth": f"19{dice.randint(62, 85)}-11-2{dice.randint(0, 9)}",
            "title_level": "middle",
        }
        facts["sector"] = dice.choice(["public_institution", "non_public"])
        rows = ({"general": dice.randint(25, 35), "professional": dice.choice([None, 0, 59, 60])} for _ in range(3))
        facts["history"] = dict(zip(("2023", "2024", "2025"), rows, strict=True))
    try:
        date.fromisoformat(facts.get("birth", "2000-01-01"))
        people = [facts, *[other(dice, facts) for _ in range(6)]]
    except (ValueError, TypeError, AttributeError):
        people = [facts]
    by: dict[Any, dict[str, Any]] = {}
    for one in people:
        key = alike(PACKS, one, today, beside)
        assert by.setdefault(key, said(one, today, beside)) == said(one, today, beside) or key is None


def test_hours_beyond_what_is_asked_and_of_years_that_nobody_looks_at_make_nobody_another() -> None:
    today, beside, hours = date(2025, 9, 1), ("changes", "readings"), {"general": 30, "professional": 60}
    usual = {"sex": "male", "birth": "1990-01", "title_level": "middle", "sector": "public_institution"}
    rows = dict.fromkeys(("2023", "2024", "2025"), hours)
    keys = [
        alike(PACKS, {**usual, **more}, today, beside)
        for more in (
            {"history": rows}, {"history": {**rows, "2024": {"general": 31, "professional": 99.5}}}, {"history": {**rows, "2019": hours}},
            {"history": rows, "birth": "1988-03-04", "id": "7", "sex": "female"},
        )
    ]  # fmt: skip
    assert keys[0] is not None
    assert keys[0] == keys[1] == keys[2] == keys[3]
    assert alike(PACKS, {**usual, "history": {**rows, "2024": {"general": 29}}}, today, beside) != keys[0]
    assert alike(PACKS, {**usual, "history": rows, "birth": "1970-01"}, today, beside) != keys[0]
    assert alike(PACKS, {**usual, "history": rows, "sex": 1}, today) is None
