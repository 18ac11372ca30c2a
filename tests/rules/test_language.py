"""What a notice can say, each thing by a small notice over the real one, with people and what is right of them.

The rules are such as stand in notices of other places; they are made up and come with the product nowhere.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import rules
from rules import PolicyError
from rules.loading import moved, read_notice
from tests.rules.texts import ORIGINAL, changed, loaded, moved_to, relief, row, without

TODAY = date(2025, 9, 1)
PERSON = {
    "sex": "male",
    "age": 30,
    "title_level": "middle",
    "sector": "public_institution",
    "review_date": "2025-09-01",
}


def hours(general: float, professional: float, *years: int) -> dict[str, Any]:
    return {str(year): {"general": general, "professional": professional} for year in years or (2023, 2024, 2025)}


def course(year: int, category: str, hours: float | None, source: str = "ce_base", **more: Any) -> dict[str, Any]:
    return {"year": year, "category": category, "hours": hours, "source": source, **more}


class Office:
    """Where a notice is asked."""

    def __init__(self, folder: Path, text: str) -> None:
        self.library = loaded(folder, notice=text)

    def __call__(self, today: date = TODAY, **facts: Any) -> dict[str, Any]:
        return rules.assess(self.library, {**PERSON, **facts}, today)


# ---------------------------------------------------------------- periods


def test_a_window_may_end_in_the_next_year(tmp_path: Path) -> None:
    ask = Office(
        tmp_path,
        changed(ORIGINAL, ("opens = 2025-01-01\ncloses = 2025-12-31", "opens = 2025-03-20\ncloses = 2026-03-20")),
    )
    late = ask(date(2026, 3, 1), review_date="2026-03-01", history=hours(30, 40))
    assert late["window"] == {"opens": "2025-03-20", "closes": "2026-03-20", "open": True}
    assert [line["from"] for line in late["changes"]] == ["2026-03-21"]
    assert ask(date(2026, 3, 21), review_date="2026-03-21", history=hours(30, 40))["window"]["open"] is False


def test_only_the_years_named_can_be_made_up(tmp_path: Path) -> None:
    ask = Office(tmp_path, changed(ORIGINAL, ('year = "before_review_year"', "years = [2022, 2023]")))

    def with_makeup(year: int) -> dict[str, Any]:
        done = [
            course(each, name, 60)
            for each in (2023, 2024, 2025)
            if each != year
            for name in ("general", "professional")
        ]
        made_up = [course(year, name, 60, "makeup_course", organised=True) for name in ("general", "professional")]
        return ask(history=done + made_up)

    assert with_makeup(2023)["status"] == "met"
    assert with_makeup(2024)["short"] == {"2024": {"general": 30, "professional": 60}}
    assert [line["record"] for line in with_makeup(2024)["rejected"]] == [4, 5]


# ---------------------------------------------------------------- hours and years

NATIONAL = changed(ORIGINAL, ("general = 30\nprofessional = 60\n", "general = 0\nprofessional = 60\n"))


@pytest.mark.parametrize(
    ("general", "professional", "short"),
    [
        (0, 90, {}),
        (30, 60, {}),
        (90, 0, {"professional": 60}),
        (0, 60, {"any": 30}),
        (10, 65, {"any": 15}),
        (0, 50, {"professional": 10, "any": 30}),
        (35, 50, {"professional": 10}),
    ],
)
def test_a_total_may_ask_more_than_the_floors(
    tmp_path: Path, general: int, professional: int, short: dict[str, int]
) -> None:
    found = Office(tmp_path, NATIONAL)(title_level="junior", history=hours(general, professional, 2025))
    assert found["short"] == ({"2025": short} if short else {})
    assert found["short_total"] == sum(short.values())


def test_a_level_may_ask_other_hours_and_other_years(tmp_path: Path) -> None:
    text = changed(
        ORIGINAL,
        ("total = 90\n", "total = 90\nby_level = { junior = { general = 24, professional = 16 } }\n"),
        ("middle = 3\ndeputy_senior = 3", "middle = 4\ndeputy_senior = 5"),
    )
    ask = Office(tmp_path, text)
    junior = ask(title_level="junior", history=hours(20, 16))
    assert junior["requirement"] == {
        "mode": "every_year",
        "years": [2025],
        "hours": {"general": 24, "professional": 16},
    }
    assert junior["short"] == {"2025": {"general": 4}}
    assert ask(title_level="middle", history={})["requirement"]["years"] == [2022, 2023, 2024, 2025]
    assert ask(title_level="deputy_senior", history={})["requirement"]["years"] == [2021, 2022, 2023, 2024, 2025]
    assert ask(title_level="full_senior", history={})["requirement"]["years"] == [2023, 2024, 2025]
    open_level = {key: value for key, value in PERSON.items() if key != "title_level"}
    assert rules.assess(ask.library, {**open_level, "history": hours(24, 16)}, TODAY)["needs"] == ["title_level"]
    assert (
        rules.assess(ask.library, {**open_level, "history": hours(30, 60, *range(2021, 2026))}, TODAY)["status"]
        == "met"
    )


def one_category() -> str:
    text = changed(ORIGINAL, ("general = 30\nprofessional = 60\ntotal = 90\n", "general = 50\n"))
    for name in (
        "industry_department",
        "industry_association",
        "seminar",
        "qualification_exam",
        "skill_training",
        "teacher_training",
    ):
        text = without(text, "source_rule", name)
    text = text.replace('categories = ["general", "professional"]', 'categories = ["general"]')
    text = text.replace('reading = "A14"', "").replace('reading = "A33"', "")
    return without(text, "relief", "exam_deemed")


def test_a_notice_may_ask_one_category_only(tmp_path: Path) -> None:
    ask = Office(tmp_path, one_category())
    found = ask(history=hours(40, 200))
    assert found["short"] == {str(year): {"general": 10} for year in (2023, 2024, 2025)}
    assert ask(history=hours(50, 0))["status"] == "met"


THREE = changed(
    ORIGINAL,
    ("general = 30\nprofessional = 60\ntotal = 90\n", "general = 30\nprofessional = 42\nelective = 18\ntotal = 90\n"),
    ("[requirement]", '[category]\nelective = { name = "个人选修", short = "选修" }\n\n[requirement]'),
    ('id = "listed_platform"\nclause = "一(四)1"\ncategories = ["general", "professional"]',
     'id = "listed_platform"\nclause = "一(四)1"\ncategories = ["general", "professional", "elective"]'),
)  # fmt: skip


def test_a_notice_may_ask_three_categories(tmp_path: Path) -> None:
    ask = Office(tmp_path, THREE)
    assert [category.short for category in ask.library.notices[0].categories] == ["公需", "专业", "选修"]
    table = {"2025": {"general": 30, "professional": 42, "elective": 8}}
    assert ask(title_level="junior", history=table)["short"] == {"2025": {"elective": 10}}
    records = [
        course(2025, "general", 30),
        course(2025, "professional", 42),
        course(2025, "elective", 18, "listed_platform"),
    ]
    assert ask(title_level="junior", history=records)["status"] == "met"
    elsewhere = [*records[:2], course(2025, "elective", 18)]
    assert [line["record"] for line in ask(title_level="junior", history=elsewhere)["rejected"]] == [2]
    assert ask(title_level="junior", history={"2025": {"leisure": 3}})["why"] == "unknown_field"


THE_YEARS_BEFORE = changed(
    ORIGINAL,
    ("set = { look_back_ends = -1 } }]", "set = { look_back_ends = 0 } }]"),
    ("set = { look_back_ends = 0 }\n", "set = { look_back_ends = -1 }\n"),
)


@pytest.mark.parametrize(("level", "years"), [("junior", [2024]), ("middle", [2022, 2023, 2024])])
def test_where_the_look_back_ends_before_the_review_year_so_does_that_of_one_year(
    tmp_path: Path, level: str, years: list[int]
) -> None:
    ask = Office(tmp_path, THE_YEARS_BEFORE)
    found = ask(title_level=level, history=hours(30, 60, 2025))
    assert (found["status"], found["requirement"]["years"]) == ("short", years)
    assert list(ask.library.notices[0].review_years(level)) == years
    done = ask(title_level=level, history=hours(30, 60, *years))
    assert (done["status"], [reading["id"] for reading in done["readings"]]) == ("met", ["A1"])


def test_where_the_look_back_ends_with_the_review_year_one_year_is_that_year_however_it_is_read(tmp_path: Path) -> None:
    found = Office(tmp_path, ORIGINAL)(title_level="junior", history=hours(30, 60, 2025))
    assert (found["status"], found["readings"]) == ("met", [])


# ---------------------------------------------------------------- what training is worth


def test_an_exam_may_deem_both_categories(tmp_path: Path) -> None:
    text = changed(
        ORIGINAL,
        ('deems = "professional"', 'deems = ["general", "professional"]'),
        (
            'effect = { kind = "deem", category = "professional" }',
            'effect = { kind = "deem", category = ["general", "professional"] }',
        ),
    )
    ask = Office(tmp_path, text)
    exam = {"year": 2024, "source": "qualification_exam", "in_region": True}
    found = ask(
        history=[course(year, name, 60) for year in (2023, 2025) for name in ("general", "professional")] + [exam]
    )
    assert found["status"] == "met"
    assert [one["id"] for one in found["reliefs"]] == ["exam_deemed"]
    assert ask(history=hours(30, 60, 2023, 2025), exam_years=[2024])["status"] == "met"
    alone = ask(title_level="junior", history={}, exam_years=[2025])
    other = next(reading for reading in alone["readings"] if reading["id"] == "A30")
    assert other["short"] == {"2025": {"any": 90}}  # of whichever category


@pytest.mark.parametrize(
    ("general", "professional", "short"),
    [
        (36, 0, {"any": 64}),
        (20, 0, {"general": 16, "any": 64}),
        (36, 30, {"any": 34}),
        (50, 50, {}),
        (46, 54, {}),
        (100, 0, {}),
    ],
)
def test_what_is_missing_to_a_total_that_a_deemed_category_does_not_fill_may_be_of_any(
    tmp_path: Path, general: int, professional: int, short: dict[str, int]
) -> None:
    text = changed(
        ORIGINAL,
        ("general = 30\nprofessional = 60\ntotal = 90\n", "general = 36\nprofessional = 54\ntotal = 100\n"),
        ("deemed_fills_total = true", "deemed_fills_total = kept"),
        ("deemed_fills_total = false", "deemed_fills_total = true"),
        ("deemed_fills_total = kept", "deemed_fills_total = false"),
    )
    found = Office(tmp_path, text)(title_level="junior", history=hours(general, professional, 2025), exam_years=[2025])
    assert (found["short"], found["short_total"]) == ({"2025": short} if short else {}, sum(short.values()))


def test_where_no_reading_is_named_for_minutes_their_remainder_is_dropped_however_they_are_read(tmp_path: Path) -> None:
    text = changed(ORIGINAL, ('reading = "A15"\n', ""))
    found = Office(tmp_path, text)(
        title_level="junior",
        unit_scope="region",
        history=[
            course(2025, "general", 30),
            {"year": 2025, "category": "professional", "source": "ce_base", "minutes": 2699},
        ],
    )
    assert found["short"] == {"2025": {"professional": 1}}


CONVERTED = changed(
    ORIGINAL,
    ('[[source_rule]]\nid = "other"',
     '[[source_rule]]\nid = "paper"\nclause = "一(四)4"\ncategories = ["professional"]\nhours_an_event = 12\nat_most = 30\n\n'
     '[[source_rule]]\nid = "other"'),
    ('id = "seminar"\nclause = "一(四)4"', 'id = "seminar"\nclause = "一(四)4"\nat_most = 40'),
)  # fmt: skip


@pytest.mark.parametrize(("papers", "missing"), [(0, 60), (1, 48), (2, 36), (3, 30), (9, 30)])
def test_results_are_worth_hours_an_event_up_to_so_many_a_year(tmp_path: Path, papers: int, missing: int) -> None:
    ask = Office(tmp_path, CONVERTED)
    written = [{"year": 2025, "source": "paper"}] * papers
    found = ask(title_level="junior", history=[course(2025, "general", 30), *written])
    assert found["short"] == {"2025": {"professional": missing}}
    over = [line for line in found["rejected"] if "30学时" in line["says"]]
    assert len(over) == max(papers - 2, 0)


def test_hours_of_a_source_are_capped_each_year_by_itself(tmp_path: Path) -> None:
    ask = Office(tmp_path, CONVERTED)
    seminars = [
        course(year, "professional", 25, "seminar", certificate=True) for year in (2023, 2024, 2024, 2025, 2025, 2025)
    ]
    found = ask(history=[course(year, "general", 30) for year in (2023, 2024, 2025)] + seminars)
    assert found["short"] == {"2023": {"professional": 35}, "2024": {"professional": 20}, "2025": {"professional": 20}}


# ---------------------------------------------------------------- reliefs


def test_a_relief_may_ask_professional_hours_alone(tmp_path: Path) -> None:
    text = changed(
        ORIGINAL,
        relief(
            "professional_alone",
            'kind = "lower", hours = { general = 0, professional = 30 }',
            '{ fact = "grassroots", is = true }',
        ),
        (
            '    { fact = "grassroots", is = true },\n]\n\n[[relief]]',
            '    { fact = "grassroots", is = true },\n    { fact = "age", at_least = 45 },\n]\n\n[[relief]]',
        ),
    )
    ask = Office(tmp_path, text)
    found = ask(grassroots=True, history=hours(0, 25))
    assert found["requirement"] == {
        "mode": "every_year",
        "years": [2023, 2024, 2025],
        "hours": {"general": 0, "professional": 30},
    }
    assert found["short"] == {str(year): {"professional": 5} for year in (2023, 2024, 2025)}
    assert [one["effect"] for one in found["reliefs"]] == ["lower"]
    assert ask(grassroots=True, history=hours(0, 30))["status"] == "met"
    assert ask(grassroots=False, history=hours(0, 30))["short_total"] == 180


def test_a_relief_may_lower_the_hours_of_named_years(tmp_path: Path) -> None:
    when = '{ fact = "epidemic_years", meets = "ordinary_years" }'
    text = changed(
        without(ORIGINAL, "relief", "epidemic_year"),
        relief("half", 'kind = "lower", years = "epidemic_years", hours = { professional = 20 }', when),
    )
    ask = Office(tmp_path, text)
    found = ask(epidemic_years=[2023], history=hours(30, 10))
    assert found["short"] == {"2023": {"professional": 10}, "2024": {"professional": 50}, "2025": {"professional": 50}}


def test_hours_that_a_relief_asks_are_never_more_than_the_usual(tmp_path: Path) -> None:
    text = changed(
        ORIGINAL,
        relief(
            "odd",
            'kind = "lower", hours = { general = 99, professional = 10 }',
            '{ fact = "highly_skilled", is = true }',
        ),
    )
    found = Office(tmp_path, text)(highly_skilled=True, title_level="junior", history={})
    assert found["short"] == {"2025": {"general": 30, "professional": 10}}


@pytest.mark.parametrize("k", [1, 2, 3])
def test_any_k_of_the_years_with_every_k(tmp_path: Path, k: int) -> None:
    text = changed(
        ORIGINAL,
        ("middle = 3", "middle = 4"),
        relief("any_k", f'kind = "any_k_of", k = {k}', '{ fact = "highly_skilled", is = true }'),
    )
    ask = Office(tmp_path, text)
    years = [2022, 2023, 2024, 2025]
    mode = {"mode": "any_one_year"} if k == 1 else {"mode": "any_years", "count": k}
    for done in range(5):
        found = ask(highly_skilled=True, history=hours(30, 60, *years[:done]) if done else {})
        assert found["status"] == ("met" if done >= k else "short")
        if k - done > 0:
            assert found["requirement"] == {**mode, "years": years}
            assert found["short"] == {str(year): {"general": 30, "professional": 60} for year in years[done - k :]}


def test_any_k_of_may_ask_other_hours_too(tmp_path: Path) -> None:
    text = changed(
        ORIGINAL,
        relief(
            "two",
            'kind = "any_k_of", k = 2, hours = { general = 0, professional = 30 }',
            '{ fact = "highly_skilled", is = true }',
        ),
    )
    ask = Office(tmp_path, text)
    found = ask(highly_skilled=True, history=hours(0, 30, 2023))
    assert found["requirement"] == {
        "mode": "any_years", "count": 2, "years": [2023, 2024, 2025], "hours": {"general": 0, "professional": 30},
    }  # fmt: skip
    assert found["short"] == {"2025": {"professional": 30}}


def test_a_relief_may_drop_a_category(tmp_path: Path) -> None:
    text = changed(
        ORIGINAL,
        relief("no_general", 'kind = "lower", hours = { general = 0 }', '{ fact = "school_teacher", is = true }'),
    )
    ask = Office(tmp_path, text)
    assert ask(school_teacher=True, history=hours(0, 60))["status"] == "met"
    assert ask(school_teacher=True, history=hours(0, 59))["short_total"] == 3
    assert ask(history=hours(0, 60))["short_total"] == 90


def test_an_area_may_lay_one_row_over_its_regions_and_drop_another(tmp_path: Path) -> None:
    local = """
id = "neimenggu/baotou/2025"
region = "neimenggu"
region_name = "内蒙古自治区"
area = "neimenggu/baotou"
area_name = "包头市"
extends = "neimenggu/2025"
review_year = 2025
drop = { relief = ["non_public"] }
[source]
title = "包头市的通知"
number = "包人社〔2025〕1号"
date = 2025-01-06
second_hand = true
[clauses."包头·学时"]
says = "包头每年公需40、专业60。"
[requirement]
clause = "包头·学时"
general = 40
professional = 60
"""
    library = loaded(tmp_path, whole=ORIGINAL, area=local)
    facts = {**PERSON, "history": hours(30, 60)}
    assert rules.assess(library, facts, TODAY)["needs"] == ["area"]
    found = rules.assess(library, {**facts, "area": "neimenggu/baotou"}, TODAY)
    assert found["policy"]["extends"] == ["neimenggu/2025"]
    assert found["short"] == {str(year): {"general": 10} for year in (2023, 2024, 2025)}
    private = {**facts, "sector": "non_public", "history": {}}
    assert rules.assess(library, {**private, "area": "other"}, TODAY)["status"] == "waived"
    assert rules.assess(library, {**private, "area": "neimenggu/baotou"}, TODAY)["status"] == "short"
    assert rules.assess(library, {**facts, "area": "other"}, TODAY)["status"] == "met"


# ---------------------------------------------------------------- what it cannot say


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("total = 90\n", "total = 90\nover_years = 3\n", "requirement", "unknown key 'over_years'"),
        ("total = 90\n", "total = 90\nface_to_face = 16\n", "requirement", "unknown key 'face_to_face'"),
        ("total = 90\n", "total = 90\nunit = \"credits\"\n", "requirement", "unknown key 'unit'"),
        ("general = 30\n", "elective = 18\ngeneral = 30\n", "requirement", "unknown key 'elective'"),
        ("a_hour = 45\n", "a_hour = 45\na_day = 8\n", "minutes", "unknown key 'a_day'"),
        ("middle = 3\n", "middle = 3\ndoctor = 1\n", "years.review", "unknown key 'doctor'"),
        ('years = "epidemic_years"', 'years = "epidemic_years", k = 1', "relief.epidemic_year.effect", "unknown key 'k'"),
        ('effect = { kind = "waive" }', 'effect = { kind = "waive", hours = { general = 3 } }', "relief.age_full.effect", "unknown key 'hours'"),
        ('deems = "professional"', 'deems = "professional"\nthen_fills = "general"', "source_rule.qualification_exam", "unknown key 'then_fills'"),
        ('opens = 2025-01-01', 'opens = 2023-09-01', "window", "is none of the review year"),
        ('fact = "grassroots", is = true', 'fact = "degree", is = "phd"', "relief.grassroots.when", "unknown fact 'degree'"),
        ('fact = "grassroots", is = true', 'fact = "unit_scope", is = "region"', "relief.grassroots.when", "which nobody is asked"),
        ("[show]", "[subscriptions]\nx = 1\n[show]", "document", "unknown key 'subscriptions'"),
        ("closes = 2025-12-31", "closes = 2025-11-31", "document", ""),
    ],
)  # fmt: skip
def test_what_the_language_cannot_say_is_named_and_not_half_taken(old: str, new: str, line: str, reason: str) -> None:
    with pytest.raises(rules.PolicyError) as caught:
        read_notice(changed(ORIGINAL, (old, new)).encode(), "made-up.toml")
    assert caught.value.line == line
    assert reason in caught.value.reason


def test_a_relief_of_last_year_alone_cannot_stand_in_this_years_notice() -> None:
    text = changed(
        moved_to(2026),
        (
            '{ fact = "sector", is = "non_public" }',
            '{ fact = "sector", is = "non_public" }, { fact = "review_year", is = 2025 }',
        ),
    )
    with pytest.raises(rules.PolicyError, match="can never apply in 2026"):
        read_notice(text.encode(), "made-up.toml")


def test_a_relief_bound_to_its_notices_year_lapses_in_an_estimate() -> None:
    bound = '{ fact = "sector", is = "non_public" }, { fact = "review_year", is = 2025 }'
    text = changed(ORIGINAL, ('{ fact = "sector", is = "non_public" }', bound), ("this_year_only = true\n", ""))
    estimate = moved(read_notice(text.encode(), "made-up.toml"), 2026)
    assert "non_public" in [relief.id for relief in estimate.lapsed]


def test_a_row_is_taken_out_whole() -> None:
    assert row(ORIGINAL, "relief", "age_full").endswith("]\n\n")
    assert "age_full" not in without(ORIGINAL, "relief", "age_full")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('[clauses."一(一)"]', 'clauses = 1\n[claused."一(一)"]'),
        ('[[source_rule]]\nid = "ce_base"', '[[source_rule]]\nid = ["ce_base"]'),
        ('region = "neimenggu"', 'region = "neimenggu"\ndrop = 1'),
        ('fact = "grassroots", is = true', 'fact = ["grassroots"], is = true'),
    ],
)
def test_what_is_no_notice_at_all_is_refused_in_a_sentence(old: str, new: str) -> None:
    with pytest.raises(rules.PolicyError, match=r"made-up\.toml"):
        read_notice(changed(ORIGINAL, (old, new)).encode(), "made-up.toml")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('kind = "any_k_of", k = 1', 'kind = "any_k_of", k = 9', "9: no review looks at more than 3 years"),
        ("{Y}年的培训从", "{year}年的培训从", "no place to fill but {Y}"),
    ],
)
def test_what_can_never_hold_or_would_be_printed_raw_is_refused(old: str, new: str, says: str, tmp_path: Path) -> None:
    assert old in ORIGINAL
    with pytest.raises(PolicyError, match=re.escape(says)):
        read_notice(ORIGINAL.replace(old, new).encode(), "2025.toml")


# ---------------------------------------------------------------- documents that contradict themselves

BAOTOU = """
id = "neimenggu/baotou/2025"
region = "neimenggu"
region_name = "内蒙古自治区"
area = "neimenggu/baotou"
area_name = "包头市"
extends = "neimenggu/2025"
review_year = 2025
[source]
title = "包头市的通知"
number = "包人社发〔2025〕1号"
date = 2025-01-06
second_hand = true
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('id = "neimenggu/2025"', 'id = "2025"', "id: '2025': of this place and review year it is 'neimenggu/2025'"),
        ('region = "neimenggu"', 'region = "hunan"', "id: 'neimenggu/2025': of this place and review year it is 'hunan/2025'"),
        ("date = 2024-12-13", "date = 2026-01-01", "source.date: 2026-01-01 is after the review year 2025"),
        ('aliases = ["', 'aliases = ["融学", "', "platform.chinahrt-com: '融学' is wlxy too"),
        ('id = "seminar"', 'id = "seminar"\nhours_an_event = 9\nat_most = 5', "source_rule.seminar.at_most: 5 a year is less than the 9 of one record"),
    ],
)  # fmt: skip
def test_a_document_that_contradicts_itself_is_refused_by_file_and_place(
    old: str, new: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(PolicyError, match=re.escape(f"y.toml: {says}")):
        loaded(tmp_path, y=changed(ORIGINAL, (old, new)))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("内蒙古自治区", "内蒙古", "region_name: '内蒙古': the region's is '内蒙古自治区'"),
        ("baotou/2025", "ordos/2025", "id: 'neimenggu/ordos/2025': of this place and review year it is 'neimenggu/baotou/2025'"),
        ("[source]", "requirement = { clause = \"一(二)\", professional = 60 }\n[source]",
         "relief.light.effect.hours: unknown key 'general'; there are ['professional', 'total'] (a line of neimenggu/2025, over which this one is laid)"),
    ],
)  # fmt: skip
def test_an_area_that_contradicts_its_region_is_refused_by_the_areas_file(
    old: str, new: str, says: str, tmp_path: Path
) -> None:
    light = relief("light", 'kind = "lower", hours = { general = 10 }', '{ fact = "highly_skilled", is = true }')
    with pytest.raises(PolicyError, match=re.escape(f"area.toml: {says}")):
        loaded(tmp_path, whole=changed(ORIGINAL, light), area=changed(BAOTOU, (old, new)))


def test_a_word_that_is_refused_is_told_each_word_that_is_not_once(tmp_path: Path) -> None:
    wrong = changed(ORIGINAL, ('categories = ["general", "professional"]', 'categories = ["leisure"]'))
    with pytest.raises(PolicyError, match=re.escape("there are ['general', 'professional']")):
        loaded(tmp_path, y=wrong)
