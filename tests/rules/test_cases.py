"""The engine says what each notice says, case by case."""

from random import Random
from typing import Any

import pytest

import rules
from bot.policy.cases import differences as case_differences
from rules.library import library_of
from tests.casebook import CASES, cases
from tests.oracle.compare import differences
from tests.oracle.people import TODAYS, person
from tests.oracle.reference import assess as oracle

PACKS = rules.load()
REGION = library_of(notice for notice in PACKS.notices if not notice.area)
BOOK = {str(path.relative_to(CASES)): cases(path) for path in sorted(CASES.rglob("*.toml"))}


@pytest.mark.parametrize(
    "case",
    [case for book in BOOK.values() for case in book],
    ids=[f"{name}:{case['id']}" for name, book in BOOK.items() for case in book],
)
def test_the_notice(case: dict[str, Any]) -> None:
    assert list(case_differences(PACKS, case)) == [], case["says"]


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(8))
def test_an_independent_reading_of_the_contract_agrees_on_random_people(batch: int) -> None:
    for seed in range(batch * 50, batch * 50 + 50):
        rng = Random(seed)
        today = rng.choice(TODAYS)
        facts = person(rng, today)
        assert differences(rules.assess(REGION, facts, today), oracle(facts, today)) == [], facts
