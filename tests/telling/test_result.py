"""A result in words and bars: it says what the assessment says, never more, and nothing twice."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

import rules
from bot.telling.bars import bar_lines
from bot.telling.result import MOST, Result, result_of
from tests.oracle.people import TODAYS, person
from tests.rules.texts import ORIGINAL, changed, loaded, relief, without

DAY = date(2025, 9, 1)
LIBRARY = rules.load()
FULL = {"general": 30, "professional": 60}
NONE = {"general": 0, "professional": 0}
PERSON = {"sex": "female", "birth": "1990-06", "title_level": "middle", "sector": "public_institution"}


def told(history: Any, day: date = DAY, **facts: Any) -> Result:
    facts = {**PERSON, **facts} | ({} if history is None else {"history": history})
    return result_of(rules.assess(LIBRARY, facts, day), facts, LIBRARY.by_id("neimenggu/2025"), day)


def shown(result: Result) -> dict[str, str]:
    return {f"{year.year}{bar.category}": f"{bar.sum} {bar.note}".strip() for year in result.years for bar in year.bars}


def test_every_year_required_has_a_bar_for_each_category() -> None:
    result = told({"2023": FULL, "2024": {"general": 45, "professional": 48.5}, "2025": {"general": 20}})
    assert shown(result) == {
        "2023公需": "30/30 满了", "2023专业": "60/60 满了", "2024公需": "45/30 满了", "2024专业": "48.5/60 差11.5",
        "2025公需": "20/30 差10", "2025专业": "0/60 差60",
    }  # fmt: skip


def test_the_missing_hours_of_the_bars_are_those_of_the_assessment() -> None:
    result = told({"2023": FULL, "2024": {"general": 29.5, "professional": 60}})
    missing = sum(bar.missing for year in result.years for bar in year.bars)
    facts = {**PERSON, "history": {"2023": FULL, "2024": {"general": 29.5, "professional": 60}}}
    assert missing == rules.assess(LIBRARY, facts, DAY)["short_total"] > 0


def test_what_can_be_learned_and_what_only_an_office_settles_are_never_summed() -> None:
    result = told(
        {"2023": FULL, "2024": {"general": 30, "professional": 20}, "2025": {"general": 20, "professional": 50}}
    )
    assert result.verdict == "还差 20 学时可以现在学，另 40 学时要先问单位"
    assert (result.learnable, result.office) == (
        {"2025": {"general": 10, "professional": 10}}, {"2024": {"professional": 40}},
    )  # fmt: skip
    assert [step.id for step in result.steps] == ["learn", "office", "card", "policy"]


def test_a_deadline_stands_in_the_verdict_while_it_can_be_kept_and_never_after() -> None:
    history = {"2023": FULL, "2024": FULL, "2025": {"general": 30, "professional": 41}}
    assert told(history).verdict == "还差 19 学时，12月31日前学完来得及"
    late = told(history, date(2026, 2, 1))
    assert late.verdict == "还差 19 学时，要先问单位能不能补"
    assert late.closes is None
    assert "12月31日" not in late.words
    assert "learn" not in [step.id for step in late.steps]


def test_a_year_that_a_relief_drops_is_shown_as_dropped() -> None:
    result = told({"2024": FULL, "2025": FULL}, epidemic_years=[2023])
    assert shown(result)["2023公需"] == "这一年不要求"
    assert bar_lines(result.years)[0] == ["2023年不要求", "2024、2025年都学满了"]


def test_a_year_told_but_not_looked_at_stands_beside_the_bars() -> None:
    result = told({"2022": {"general": 30, "professional": None}, "2023": FULL, "2024": FULL, "2025": FULL})
    assert [year.year for year in result.years] == [2023, 2024, 2025]
    assert "2022年公需30、专业记不清：这次不看这一年" in result.told


def test_hours_that_cannot_be_remembered_are_never_drawn_as_enough_or_as_none() -> None:
    result = told({"2023": None, "2024": FULL, "2025": FULL})
    assert result.verdict == "还差 0 到 90 学时，要看2023年学了多少"
    assert (result.tone, shown(result)["2023公需"], result.years[0].bars[0].share) == ("open", "记不清", 0)


def test_where_one_year_is_enough_the_other_years_are_said_to_be_no_bar_and_this_year_is_offered() -> None:
    result = told({"2023": {"general": 10, "professional": 60}, "2025": {"general": 20}}, birth="1979-01")
    assert bar_lines(result.years)[0][:2] == ["2023年公需 ██░░░░ 10/30 差20，专业满了", "2024年没问到，不影响评审"]
    assert result.steps[0].says == "12月31日前学满2025年的也行"
    assert "2025年公需10、专业60" in result.words


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
    result = told([exam, *rest])
    assert (result.verdict, shown(result)["2024专业"]) == ("学时够了", "视同完成")


def test_a_record_that_does_not_count_is_not_in_the_bar_and_is_said_not_to_count() -> None:
    result = told([{"year": 2025, "category": "general", "source": "other", "hours": 30}], title_level="junior")
    assert shown(result)["2025公需"] == "0/30 差30"
    assert "2025年公需30学时没有计入：不在通知列出的培训种类里（一(四)1）。" in result.told


def test_of_much_that_does_not_count_each_reason_is_said_with_the_hours_that_it_takes_away(tmp_path: Path) -> None:
    training = {"year": 2025, "category": "professional"}
    text = changed(ORIGINAL, ('id = "industry_department"', 'id = "industry_department"\nat_most = 24'))
    history = [
        {**training, "source": "unlisted_platform", "hours": 12},
        {**training, "source": "unlisted_platform", "hours": 20},
        {**training, "source": "seminar", "minutes": 90},
        {**training, "source": "listed_platform", "in_region": False},
        {**training, "source": "industry_department", "hours": 30},
    ]
    facts = {**PERSON, "title_level": "junior", "history": history}
    result = told_under(loaded(tmp_path, only=text), facts)
    everything = "\n".join((*result.told, *result.folded))
    assert result.status == "short"
    for said in (
        "2025年专业12学时、2025年专业20学时没有计入：通知没有列出的平台",
        "2025年专业90分钟没有计入：要有相关证书",
        "2025年专业培训没有计入：",
        "2025年专业30学时没有全部计入：这一类一年最多计24学时",
    ):
        assert said in everything
    assert "有5条培训没计入，见“依据”。" in result.told


def test_a_waived_person_sees_the_bars_of_the_yearly_duty() -> None:
    result = told({"2025": {"general": 30, "professional": 5}}, sector="non_public")
    assert (result.verdict, result.tone, result.years) == ("学时不影响您评2025年度职称", "fine", ())
    assert [bar.note for bar in result.duty[0].bars] == ["满了", "差55"]
    assert "年度考核、聘任照样要2025年的学时" in result.words
    assert "learn" in [step.id for step in result.steps]


def test_another_reading_that_would_change_the_verdict_is_said_in_a_line_with_whom_to_ask() -> None:
    result = told({"2023": FULL, "2024": FULL, "2025": FULL})
    assert result.told == (
        "通知没写明：如果近三年指申报年度之前的三年（2022—2024），就差2022年公需30、专业60。可问政策咨询(0471)6944061。",
    )


@pytest.mark.parametrize(
    ("history", "facts"),
    [
        ({"2023": FULL, "2024": FULL, "2025": {"general": 20, "professional": 41}}, {}),
        ({"2023": NONE, "2024": {"general": 10, "professional": 0}, "2025": {"general": 3, "professional": 5.5}}, {}),
        ({"2023": FULL, "2024": FULL, "2025": FULL}, {}),
        ({"2023": None, "2024": FULL, "2025": {"general": 30, "professional": None}}, {}),
        ({"2025": {"general": 30, "professional": 10}}, {"sector": "non_public"}),
        (None, {"birth": "1970-02"}),
        ({"2024": FULL, "2025": {"general": 20}}, {"epidemic_years": [2023]}),
        ({"2025": {"general": 20}}, {"purpose": "annual_duty"}),
    ],
)  # fmt: skip
def test_a_result_is_short_verdict_first_and_ends_with_whose_word_counts(history: Any, facts: dict[str, Any]) -> None:
    result = told(history, **facts)
    text = result.words
    assert len(text) <= MOST
    assert text.startswith(result.verdict)
    assert text.endswith("以审验卡和审核部门认定为准。")
    assert "不用学" not in text
    lines = text.splitlines()
    assert len([line for line in lines if line]) == len({line for line in lines if line})


@pytest.mark.slow
def test_whoever_asks_reads_at_most_250_characters_and_no_line_twice_and_the_rest_is_behind_the_fold() -> None:
    chance, seen = Random(13), 0
    while seen < 1500:
        day = chance.choice(TODAYS)
        facts = person(chance, day)
        assessment = rules.assess(LIBRARY, facts, day)
        if assessment["status"] == "refused":
            continue
        seen += 1
        result = result_of(assessment, facts, LIBRARY.of(assessment), day)
        lines = [line for line in result.words.splitlines() if line]
        assert len(result.words) <= MOST, result.words
        assert len(lines) == len(set(lines)), result.words
        everything = "\n".join((result.words, *result.folded))
        assert all(
            line["says"] in everything for line in (*assessment.get("reliefs", ()), *assessment.get("rejected", ()))
        )
        assert all(line in everything for line in result.bars)
        assert all(reading["reading"] in everything for reading in assessment.get("readings", ()))


@pytest.mark.parametrize(
    ("last", "verdict"), [({"general": 20, "professional": 60}, "还差 10 学时"), (FULL, "按填的看不缺学时")]
)
def test_a_year_without_a_notice_is_called_an_estimate_in_the_verdict_and_never_enough(last: Any, verdict: str) -> None:
    day = date(2026, 11, 30)
    facts = {**PERSON, "review_year": 2026, "estimate": True, "history": {"2024": FULL, "2025": FULL, "2026": last}}
    assessment = rules.assess(LIBRARY, facts, day)
    result = result_of(assessment, facts, LIBRARY.of(assessment), day)
    text = result.words
    assert result.verdict == f"估算（2026年度通知还没发，按2025年度的规则）：{verdict}"
    assert (result.tone, result.closes) == ("estimate", None)
    assert not any(word in text for word in ("够", "符合", "截止", "来得及"))


def test_where_this_year_is_not_looked_at_nobody_is_sent_to_learn_for_it(tmp_path: Path) -> None:
    other = ("set = { look_back_ends = -1 } }]", "set = { look_back_ends = 0 } }]")
    library = loaded(
        tmp_path, only=changed(ORIGINAL, other, ("set = { look_back_ends = 0 }", "set = { look_back_ends = -1 }"))
    )
    facts = {**PERSON, "history": {"2022": NONE, "2023": FULL, "2024": FULL}}
    result = result_of(rules.assess(library, facts, DAY), facts, library.notices[0], DAY)
    assert result.office == {"2022": NONE | FULL}
    assert "前学完" not in result.words


def told_under(library: rules.Library, facts: dict[str, Any], day: date = DAY) -> Result:
    return result_of(rules.assess(library, facts, day), facts, library.notices[0], day)


@pytest.mark.parametrize(
    ("history", "drawn"),
    [
        ({"general": 36, "professional": 0}, {"公需": "36/36 满了", "专业": "0/54 视同完成", "不限科目": "0/64 差64"}),
        (
            {"general": 40, "professional": 20},
            {"公需": "40/36 满了", "专业": "20/54 视同完成", "不限科目": "24/64 差40"},
        ),
        ({"general": 20, "professional": 0}, {"公需": "20/36 差16", "专业": "0/54 视同完成", "不限科目": "0/64 差64"}),
        ({"general": 36, "professional": 60}, {"公需": "36/36 满了", "专业": "60/54 满了", "不限科目": "6/10 差4"}),
    ],
)
def test_beside_a_category_deemed_complete_stands_what_is_missing_to_the_total(
    tmp_path: Path, history: Any, drawn: dict[str, str]
) -> None:
    text = changed(
        ORIGINAL, ("general = 30\nprofessional = 60\ntotal = 90", "general = 36\nprofessional = 54\ntotal = 100"),
        ("deemed_fills_total = true", "deemed_fills_total = kept"), ("deemed_fills_total = false", "deemed_fills_total = true"),
        ("deemed_fills_total = kept", "deemed_fills_total = false"),
    )  # fmt: skip
    facts = {**PERSON, "title_level": "junior", "exam_years": [2025], "history": {"2025": history}}
    result = told_under(loaded(tmp_path, only=text), facts)
    assert shown(result) == {f"2025{name}": says for name, says in drawn.items()}


def test_a_year_in_which_a_relief_asks_less_and_one_in_which_it_does_not_are_each_drawn_by_their_own_hours(
    tmp_path: Path,
) -> None:
    light = relief(
        "half", 'kind = "lower", years = "epidemic_years", hours = { professional = 20 }',
        '{ fact = "epidemic_years", meets = "ordinary_years" }',
    )  # fmt: skip
    history = {str(year): {"general": 30, "professional": 10} for year in (2023, 2024, 2025)}
    facts = {**PERSON, "epidemic_years": [2023], "history": history}
    library = loaded(tmp_path, only=changed(without(ORIGINAL, "relief", "epidemic_year"), light))
    said = shown(told_under(library, facts))
    assert [said[f"{year}专业"] for year in (2023, 2024, 2025)] == ["10/20 差10", "10/60 差50", "10/60 差50"]


def test_beside_a_relief_that_lowers_hours_the_yearly_duty_is_said_which_it_does_not_lower(tmp_path: Path) -> None:
    light = relief("light", 'kind = "lower", hours = { professional = 30 }', '{ fact = "school_teacher", is = true }')
    facts = {
        **PERSON,
        "school_teacher": True,
        "history": {year: {"general": 30, "professional": 30} for year in ("2023", "2024", "2025")},
    }
    result = told_under(loaded(tmp_path, only=changed(ORIGINAL, light)), facts)
    assert result.verdict == "学时够了"
    assert "年度考核、聘任照样要学时：2025年专业30。" in result.words


def test_before_training_opens_the_verdict_and_the_step_say_from_which_day_it_counts(tmp_path: Path) -> None:
    library = loaded(tmp_path, only=changed(ORIGINAL, ("opens = 2025-01-01", "opens = 2025-02-10")))
    some = {"history": {"2023": FULL, "2024": FULL, "2025": {"general": 30, "professional": 41}}}
    early = told_under(library, {**PERSON, **some}, date(2025, 2, 9))
    assert early.verdict == "还差 19 学时，2月10日起学的才算，12月31日前学完来得及"
    assert told_under(library, {**PERSON, **some}, date(2025, 2, 10)).verdict == "还差 19 学时，12月31日前学完来得及"
    one_year = {
        **PERSON,
        "birth": "1979-01",
        "history": {"2023": {"general": 10, "professional": 60}, "2025": {"general": 20}},
    }
    assert (
        told_under(library, one_year, date(2025, 2, 9)).steps[0].says == "2月10日起学的才算，12月31日前学满2025年的也行"
    )


def test_of_an_estimate_the_yearly_duty_stands_last_before_its_bars_and_a_year_nobody_told_of_is_not_drawn() -> None:
    day, waived = date(2026, 11, 30), {"birth": "1970-06", "review_year": 2026, "estimate": True}
    untold = told({"2025": FULL}, day, **waived)
    assert untold.duty == ()
    assert untold.detail[-1] == "年度考核、聘任照样要学时：2026年公需30、专业60。"
    part = told({"2025": FULL, "2026": {"general": 30, "professional": 5}}, day, **waived)
    assert part.detail[-1] == "年度考核、聘任照样要2026年的学时："
    assert part.words.splitlines()[len(part.detail) + 2].startswith("2026年专业")
