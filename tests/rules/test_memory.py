"""What is remembered between two people: it changes nothing of what is said, in whatever order they come, and it stays small."""

from datetime import date
from itertools import permutations
from typing import Any

import pytest

import rules
from rules import notice, plan

TODAY = date(2025, 9, 1)
FACTS = {"sex": "male", "birth": "1975-10-01", "title_level": "middle", "sector": "public_institution", "history": {}}


@pytest.fixture
def library() -> rules.Library:
    """A library with nothing remembered yet."""
    return rules.load()


def plans(library: rules.Library) -> int:
    return sum(type(found) is plan.Plan for each in library.notices for found in each.plans.values())


def test_keys_in_another_order_are_read_as_the_same_person(library: rules.Library) -> None:
    facts = FACTS | {"route": "review", "unit_scope": "league"}
    for order in permutations(facts):
        rules.assess(library, {key: facts[key] for key in order}, TODAY)
    assert plans(library) == 1


def exam(number: int) -> dict[str, Any]:
    return FACTS | {"history": [{"year": -number, "source": "qualification_exam", "in_region": True}]}


def transfer(number: int) -> dict[str, Any]:
    return FACTS | {"transfer": f"{1000 + number}-01"}


@pytest.mark.parametrize("somebody", [exam, transfer])
def test_people_of_whom_each_is_another_case_do_not_pile_up(
    library: rules.Library, somebody: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice, "_KEPT", 50)
    for number in range(300):
        rules.assess(library, somebody(number), TODAY)
    assert plans(library) <= 50


def test_somebody_assessed_in_the_middle_of_another_is_told_everything(
    library: rules.Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a report is written in another thread."""
    whole, found = plan._gains, []

    def gains(*given: Any) -> Any:
        if not found:
            found.append({})
            found[0] = rules.assess(library, FACTS, TODAY)
        return whole(*given)

    monkeypatch.setattr(plan, "_gains", gains)
    assert rules.assess(library, FACTS, TODAY) == found[0]
    assert [change["id"] for change in found[0]["changes"]] == ["age_partial", "window_closes"]
