"""What a result looks like: bars that say what the assessment says, never more."""

from __future__ import annotations

from typing import Any

import pytest

import rules
from bot.channels.web import Notice
from bot.channels.web.card import Drawing, number, tone
from tests.web.conftest import DAY, PACKS

NOTICE = Notice("n", PACKS.newest.requirement)
FULL = {"general": 30, "professional": 60}
PERSON = {"sex": "female", "birth": "1990-06", "title_level": "middle", "sector": "public_institution"}


def drawing(history: Any, notice: Notice | None = NOTICE, **facts: Any) -> tuple[Drawing, dict[str, Any]]:
    facts = {**PERSON, **facts, "history": history}
    assessment = rules.assess(PACKS, facts, DAY)
    return Drawing(facts, assessment, notice), assessment


def shown(one: Drawing) -> dict[str, tuple[float | None, float | None, str]]:
    return {f"{bar.year}{bar.category}": (bar.had, bar.needed, bar.note) for bar in one.bars()}


def test_every_year_required_has_a_bar_for_each_category_with_what_is_there_needed_and_missing() -> None:
    one, _ = drawing({"2023": FULL, "2024": {"general": 45, "professional": 48.5}, "2025": {"general": 20}})
    assert shown(one) == {
        "2023公需": (30, 30, "够了"),
        "2023专业": (60, 60, "够了"),
        "2024公需": (45, 30, "够了"),
        "2024专业": (48.5, 60, "还差11.5"),
        "2025公需": (20, 30, "还差10"),
        "2025专业": (0, 60, "还差60"),
    }


def test_the_missing_hours_of_the_bars_are_those_of_the_assessment() -> None:
    one, assessment = drawing({"2023": FULL, "2024": {"general": 29.5, "professional": 60}})
    total = sum(bar.missing for bar in one.bars())
    assert total == assessment["short_total"] > 0


def test_a_year_that_a_relief_drops_is_shown_as_dropped() -> None:
    one, _ = drawing({"2024": FULL, "2025": FULL}, epidemic_years=[2023])
    assert shown(one)["2023公需"] == (0, 30, "这一年不要求")
    assert not any(bar.counts for bar in one.bars() if bar.year == "2023")


def test_a_year_told_but_not_looked_at_stands_beside_the_bars() -> None:
    one, _ = drawing({"2022": {"general": 30, "professional": None}, "2023": FULL, "2024": FULL, "2025": FULL})
    assert {bar.year for bar in one.bars()} == {"2023", "2024", "2025"}
    assert one.beside() == ["2022年：公需30，专业记不清。这次不看这一年。"]


def test_hours_that_cannot_be_remembered_are_never_drawn_as_enough_or_as_none() -> None:
    one, assessment = drawing({"2023": None, "2024": FULL, "2025": FULL})
    assert assessment["status"] == "uncertain"
    assert shown(one)["2023公需"] == (None, 30, "记不清")
    assert one.bar("2023", "general").share == 0
    assert one.bar("2023", "general").says == "2023年公需：学时记不清，要求30学时"


def test_beside_hours_that_cannot_be_remembered_too_few_are_still_too_few() -> None:
    history = {"2023": None, "2024": {"general": 10, "professional": 60}, "2025": FULL}
    one, _ = drawing(history)
    assert shown(one)["2024公需"] == (10, 30, "还差20")
    assert shown(drawing(history, notice=None)[0])["2024公需"] == (10, None, "")


def test_where_one_year_is_enough_the_other_years_are_said_to_be_no_bar() -> None:
    one, assessment = drawing({"2023": FULL, "2024": {"general": 10}}, birth="1979-01")
    assert assessment["requirement"]["mode"] == "any_one_year"
    assert shown(one)["2023专业"] == (60, 60, "够了")
    assert shown(one)["2024专业"] == (0, 60, "没满，不影响")


def test_hours_deemed_complete_by_an_examination_are_drawn_as_complete() -> None:
    exam = {
        "year": 2024,
        "category": "professional",
        "source": "qualification_exam",
        "in_region": True,
        "certificate": True,
    }
    rest = [
        {"year": year, "category": category, "source": "listed_platform", "hours": hours}
        for year in (2023, 2024, 2025)
        for category, hours in FULL.items()
        if (year, category) != (2024, "professional")
    ]
    one, assessment = drawing([exam, *rest])
    assert assessment["status"] == "met"
    assert shown(one)["2024专业"] == (60, 60, "够了")


def test_a_record_that_does_not_count_is_not_in_the_bar() -> None:
    one, assessment = drawing(
        [{"year": 2025, "category": "general", "source": "other", "hours": 30}], title_level="junior"
    )
    assert assessment["rejected"]
    assert shown(one)["2025公需"] == (0, 30, "还差30")


def test_without_a_requirement_nothing_is_drawn() -> None:
    one, assessment = drawing({"2025": {"general": 5}}, sector="non_public")
    assert assessment["status"] == "waived"
    assert (one.bars(), one.beside()) == ([], [])


def test_of_an_unknown_notice_only_what_is_known_is_said() -> None:
    one, _ = drawing({"2023": FULL, "2024": FULL, "2025": {"general": 20, "professional": 60}}, notice=None)
    assert shown(one)["2025公需"] == (20, None, "还差10")
    assert one.bar("2025", "general").share == 20 / 30
    assert one.bar("2025", "general").says == "2025年公需：已有20学时，还差10"


@pytest.mark.parametrize(("value", "text"), [(60, "60"), (59.5, "59.5"), (0, "0"), (30.0, "30"), (None, "?")])
def test_hours_carry_no_needless_point(value: float | None, text: str) -> None:
    assert number(value) == text


def test_only_may_apply_looks_fine_and_the_open_ones_do_not() -> None:
    looks = {
        status: tone({"status": status}) for status in ("met", "waived", "short", "uncertain", "needs", "not_covered")
    }
    assert looks == {
        "met": "fine",
        "waived": "fine",
        "short": "short",
        "uncertain": "open",
        "needs": "open",
        "not_covered": "open",
    }
