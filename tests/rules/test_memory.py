"""What is remembered between two people: it changes nothing of what is said, in whatever order they come, and it stays small."""

from datetime import date
from itertools import permutations
from typing import Any

import pytest

import rules
from rules import outcome, words

TODAY = date(2025, 9, 1)
FACTS = {"sex": "male", "birth": "1975-10-01", "title_level": "middle", "sector": "public_institution", "history": {}}


@pytest.fixture
def packs() -> rules.Packs:
    """Packs with nothing remembered yet."""
    return rules.load()


def plans(packs: rules.Packs) -> int:
    return len({id(plan) for case in packs.newest.cases.values() for plan in case.plans.values()})


def test_keys_in_another_order_are_read_as_the_same_person(packs: rules.Packs) -> None:
    keys = ("sex", "birth", "title_level", "sector", "route", "unit_scope", "history")
    facts = FACTS | {"route": "review", "unit_scope": "league"}
    for order in permutations(keys):  # more orders than are remembered
        rules.assess(packs, {key: facts[key] for key in order}, TODAY)
    assert len(packs.newest.cases) == 1


def exam(number: int) -> dict[str, Any]:
    return FACTS | {"history": [{"year": -number, "source": "qualification_exam", "in_region": True}]}


def transfer(number: int) -> dict[str, Any]:
    return FACTS | {"transfer": f"{1000 + number}-01"}


@pytest.mark.parametrize("somebody", [exam, transfer])
def test_people_of_whom_each_is_another_case_do_not_pile_up(
    packs: rules.Packs, somebody: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome, "_MEMO_LIMIT", 50)
    for number in range(300):
        rules.assess(packs, somebody(number), TODAY)
    assert plans(packs) <= 50


def test_somebody_assessed_in_the_middle_of_another_is_told_everything(
    packs: rules.Packs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a report is written in another thread."""
    whole, found = words._gains, []

    def gains(*given: Any) -> Any:
        if not found:
            found.append({})
            found[0] = rules.assess(packs, FACTS, TODAY)
        return whole(*given)

    monkeypatch.setattr(words, "_gains", gains)
    assert rules.assess(packs, FACTS, TODAY) == found[0]
    assert [change["id"] for change in found[0]["changes"]] == ["age_partial", "window_closes"]
