"""Holds the oracle against the casebook: two readings of the notice, written apart, must agree."""

from datetime import date
from random import Random
from typing import Any

import pytest

from tests.casebook import CASES, cases
from tests.oracle.compare import differences
from tests.oracle.faults import years_reached
from tests.oracle.people import person
from tests.oracle.reference import ORDER, assess

BOOK = cases(CASES / "neimenggu" / "2025.toml")
COMPARED = ("status", "requirement", "short", "short_total", "bounds", "reliefs", "rejected", "needs", "why")


@pytest.mark.parametrize("case", BOOK, ids=lambda case: case["id"])
def test_the_oracle_reads_every_case_as_the_casebook_does(case: dict[str, Any]) -> None:
    got = assess(case["facts"], date.fromisoformat(case["today"]))
    if "rejected" in got:
        got["rejected"] = [position for position, _ in got["rejected"]]
    got["needs"] = sorted(got.get("needs", []))
    expect = {key: value for key, value in case["expect"].items() if key in COMPARED}
    if "why" in expect:
        assert expect.pop("why") in got["why"]
    assert {key: got.get(key) for key in expect} == expect


def test_every_line_of_the_decision_table_and_every_relief_has_a_case() -> None:
    assert {row for case in BOOK for row in case.get("rows", [])} == set(range(1, 29))
    assert {relief for case in BOOK for relief in case["expect"].get("reliefs", [])} == set(ORDER)


def test_no_two_cases_have_one_name_and_each_says_its_own_rule() -> None:
    assert len({case["id"] for case in BOOK}) == len(BOOK)
    assert len({case["says"] for case in BOOK}) == len(BOOK)


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        ("1975-09-01", "2025-09-01", 49),
        ("1975-08-31", "2025-09-01", 50),
        ("1980-02-29", "2025-02-28", 44),
        ("1980-02-29", "2025-03-01", 45),
        ("1975-12-31", "2026-01-01", 50),
    ],
)
def test_an_age_is_reached_on_the_day_after_the_birthday(born: str, on: str, years: int) -> None:
    assert years_reached(date.fromisoformat(born), date.fromisoformat(on)) == years


@pytest.mark.slow
def test_random_people_are_of_every_status() -> None:
    found = {assess(person(Random(seed)), date(2025, 9, 1))["status"] for seed in range(150)}
    assert found == {"met", "short", "waived", "uncertain", "needs", "not_covered", "refused"}


def test_a_comparison_tells_what_differs() -> None:
    facts = {"sex": "male", "birth": "1985-06", "title_level": "junior", "sector": "state_enterprise", "history": {}}
    right = assess(facts, date(2025, 9, 1))
    same = right | {"reliefs": [], "rejected": []}
    assert differences(same, right) == []
    assert [line.split(":")[0] for line in differences(same | {"short_total": 89}, right)] == ["short_total"]
    assert [line.split(":")[0] for line in differences(same | {"status": "met"}, right)] == ["status"]
    assert [line.split(":")[0] for line in differences(same | {"reliefs": [{"id": "grassroots"}]}, right)] == [
        "reliefs"
    ]
