"""What was found wrong by use: ages that are known without a birthday, and records that say a default aloud."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import rules

LIBRARY = rules.load()
NOW, THEN = date(2026, 11, 30), date(2025, 9, 1)
MAN = {"sex": "male", "title_level": "middle", "sector": "state_enterprise", "review_year": 2025}
JUNIOR = {
    "sex": "male",
    "title_level": "junior",
    "sector": "public_institution",
    "age": 30,
    "review_date": "2025-09-01",
}


def readings(found: dict[str, Any]) -> dict[str, str]:
    return {line["id"]: line["status"] for line in found["readings"]}


def test_who_is_55_in_february_may_have_been_54_at_the_years_end() -> None:
    found = rules.assess(LIBRARY, {**MAN, "review_date": "2026-02-28", "history": {}, "age": 55}, NOW)
    assert found["status"] == "waived"
    assert readings(found)["A3"] in ("needs", "short")


def test_who_applies_on_the_last_day_of_the_year_is_as_old_at_its_end() -> None:
    found = rules.assess(LIBRARY, {**MAN, "history": {}, "age": 54}, NOW)
    assert found["status"] == "short"
    assert "A3" not in readings(found)


def test_who_is_49_in_january_was_not_50_at_the_years_end() -> None:
    history = {"2025": {"general": 30, "professional": 60}}
    found = rules.assess(LIBRARY, {**MAN, "review_date": "2026-01-11", "history": history, "age": 49}, NOW)
    assert found["status"] == "short"
    assert "A3" not in readings(found)


COURSE = {"year": 2025, "category": "general", "source": "ce_base", "hours": 30, "record": "x"}
EXAM = {"year": 2025, "source": "qualification_exam", "in_region": True, "record": "x"}


@pytest.mark.parametrize(
    ("one", "more", "missing"),
    [
        (COURSE, {"verified": True}, {"professional": 60}),
        (COURSE, {"certificate": False}, {"professional": 60}),
        (COURSE, {"minutes": None}, {"professional": 60}),
        (EXAM, {"category": "professional"}, {"general": 30}),
    ],
)
def test_the_same_record_with_a_default_said_aloud_counts_once(
    one: dict[str, Any], more: dict[str, Any], missing: dict[str, int]
) -> None:
    for records in ([one, {**one, **more}], [{**one, **more}, one]):
        found = rules.assess(LIBRARY, {**JUNIOR, "history": records}, THEN)
        assert found["short"] == {"2025": missing}
        assert [line["record"] for line in found["rejected"]] == ["x"]


def test_the_same_record_with_something_else_in_it_is_refused() -> None:
    records = [COURSE, {**COURSE, "verified": False}]
    assert rules.assess(LIBRARY, {**JUNIOR, "history": records}, THEN)["why"] == "invalid_value"
