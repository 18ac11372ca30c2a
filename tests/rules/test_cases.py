"""The engine under the 2025 pack says what the notice says, case by case."""

from random import Random
from typing import Any

import pytest

import rules
from bot.policy.cases import differences as case_differences
from tests.casebook import CASES, cases
from tests.oracle.compare import differences
from tests.oracle.people import TODAYS, person
from tests.oracle.reference import assess as oracle

PACKS = rules.load()
BOOK = cases(CASES / "neimenggu" / "2025.toml")


@pytest.mark.parametrize("case", BOOK, ids=lambda case: case["id"])
def test_the_notice(case: dict[str, Any]) -> None:
    assert list(case_differences(PACKS, case)) == [], case["says"]


@pytest.mark.parametrize("batch", range(8))
def test_an_independent_reading_of_the_contract_agrees_on_random_people(batch: int) -> None:
    for seed in range(batch * 50, batch * 50 + 50):
        rng = Random(seed)
        today = rng.choice(TODAYS)
        facts = person(rng, today)
        assert differences(rules.assess(PACKS, facts, today), oracle(facts, today)) == [], facts
