"""The engine under the 2025 pack says what the notice says, case by case."""

from datetime import date
from random import Random
from typing import Any

import pytest

import rules
from tests.casebook import CASES, cases
from tests.oracle.compare import differences
from tests.oracle.people import TODAYS, person
from tests.oracle.reference import assess as oracle

PACKS = rules.load()
BOOK = cases(CASES / "neimenggu" / "2025.toml")


def shown(got: dict[str, Any], key: str, facts: dict[str, Any]) -> Any:
    """What the assessment says under a key of a case: ids of reliefs, positions of records, telephone numbers."""
    if key == "reliefs":
        return [relief["id"] for relief in got.get("reliefs", [])]
    if key == "rejected":
        return [
            line["record"] if isinstance(line["record"], int) else _second(facts, line["record"])
            for line in got["rejected"]
        ]
    if key == "needs":
        return sorted(got.get("needs", []))
    return got.get(key)


def _second(facts: dict[str, Any], name: str) -> int:
    """The position of the last record of that id."""
    return max(place for place, record in enumerate(facts["history"]) if record.get("record") == name)


@pytest.mark.parametrize("case", BOOK, ids=lambda case: case["id"])
def test_the_notice(case: dict[str, Any]) -> None:
    got = rules.assess(PACKS, case["facts"], date.fromisoformat(case["today"]))
    for key, wanted in case["expect"].items():
        if key == "phones":
            phones = [phone for contact in got["contacts"] for phone in contact["phones"]]
            assert set(wanted) <= set(phones), case["says"]
            continue
        assert shown(got, key, case["facts"]) == (sorted(wanted) if key == "needs" else wanted), (
            f"{case['says']}: {key}"
        )


@pytest.mark.parametrize("batch", range(8))
def test_an_independent_reading_of_the_contract_agrees_on_random_people(batch: int) -> None:
    for seed in range(batch * 50, batch * 50 + 50):
        rng = Random(seed)
        today = rng.choice(TODAYS)
        facts = person(rng, today)
        assert differences(rules.assess(PACKS, facts, today), oracle(facts, today)) == [], facts
