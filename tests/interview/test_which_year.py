"""Which year is meant is heard when it is said, asked when the day leaves it open, and never guessed; a year without a notice is an
estimate, which is never told as enough."""

from datetime import date
from pathlib import Path

import pytest

import rules
from tests.interview.somebody import Somebody, begun
from tests.rules.test_library import OTHER_2026
from tests.rules.texts import changed, loaded, moved_to

NEXT = changed(
    moved_to(2026),
    ("general = 30\n", "general = 41\n"),
    ("professional = 60\ntotal = 90\n", "professional = 53\ntotal = 94\n"),
)
FULL = "女 中级 国企 1986年5月 2023年2024年2025年三年都学满了"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> rules.Library:
    """The notice of 2025, and a made-up one of 2026 that asks 41 and 53 hours."""
    folder: Path = tmp_path_factory.mktemp("both")
    return loaded(folder, shipped=True, next=NEXT)


def years_offered(one: Somebody) -> set[str]:
    return {label for label in one.labels if label.endswith("年度")}


@pytest.mark.parametrize("day", [date(2026, 1, 15), date(2026, 2, 1)])
@pytest.mark.parametrize("first", ["你好", FULL, "公需科目一年要多少学时", "开始查询"])
def test_where_two_notices_are_open_the_first_reply_asks_for_the_year(
    both: rules.Library, day: date, first: str
) -> None:
    one = Somebody(day, both)
    one.say(first)
    assert years_offered(one) == {"2025年度", "2026年度"}
    assert "哪个年度" in one.text


@pytest.mark.parametrize("day", [date(2025, 9, 1), date(2025, 12, 20), date(2026, 4, 2)])
def test_where_one_notice_is_open_no_year_is_asked(both: rules.Library, day: date) -> None:
    one = Somebody(day, both)
    one.say("你好")
    assert not years_offered(one)
    one.say("女 中级 国企")
    assert one.asked != "review_year"


@pytest.mark.parametrize("first", ["开始查询", "女 中级 国企 1986年5月"])
def test_the_number_of_its_button_answers_it_too(first: str) -> None:
    one = Somebody(date(2026, 11, 30))
    one.say(first)
    assert one.say("1").facts["review_year"] == 2025


def test_where_the_last_notice_is_over_the_first_reply_asks_too() -> None:
    one = Somebody(date(2026, 11, 30))
    one.say("女 中级 国企 1986年5月")
    assert one.asked == "review_year"
    assert years_offered(one) == {"2025年度", "2026年度"}
    one.tap("2025年度")
    assert one.last is not None
    assert one.last.facts["sex"] == "female"  # what came first is kept
    assert one.last.facts["review_year"] == 2025


@pytest.mark.parametrize(
    ("said", "year"),
    [("我报2025年度的职称", 2025), ("2026年报副高", 2026), ("我问的是2026年 不是2025", 2026), ("2025年度的", 2025)],
)
def test_a_year_that_is_said_is_heard(both: rules.Library, said: str, year: int) -> None:
    one = Somebody(date(2026, 2, 1), both)
    one.say(said)
    assert one.last is not None
    assert one.last.facts["review_year"] == year
    assert one.asked != "review_year"


def talked_to_the_end(one: Somebody, *more: str) -> str:
    for words in more:
        one.say(words)
    for _ in range(12):
        if one.state == "result":
            break
        one.say("都没有" if one.asked == "circumstances" else "看结果" if one.state == "review" else "记不清")
    assert one.state == "result"
    return one.text


def test_each_year_is_judged_by_its_own_notice(both: rules.Library) -> None:
    told = {}
    for year in (2025, 2026):
        one = Somebody(date(2026, 2, 1), both)
        talked_to_the_end(one, FULL, f"{year}年度", "都没有", "2026年没学")
        assert one.last is not None
        assert one.last.assessment is not None
        told[year] = one.last.assessment
    assert told[2025]["status"] == "met"
    assert told[2025]["policy"]["id"] == "neimenggu/2025"
    assert told[2026]["short"]["2026"] == {"general": 41, "professional": 53}
    assert told[2026]["policy"]["id"] == "neimenggu/2026"


def test_a_year_without_a_notice_is_an_estimate_and_never_told_as_enough() -> None:
    one = Somebody(date(2026, 11, 30))
    text = talked_to_the_end(one, "2026年报副高，男40，事业单位，2024年2025年2026年都学满了")
    assert one.last is not None
    assert one.last.assessment is not None
    assert one.last.assessment["policy"]["estimate_for"] == 2026
    assert "window" not in one.last.assessment
    assert "估算" in text.splitlines()[0]
    assert "够了" not in text
    assert "符合" not in text


def test_what_was_missing_in_the_estimated_year_is_told(both: rules.Library) -> None:
    one = Somebody(date(2026, 11, 30))
    talked_to_the_end(one, "2026年报副高，男40，事业单位，23年24年25年都学满了，今年一点没学")
    assert one.last is not None
    assert one.last.assessment is not None
    assert one.last.assessment["short"] == {"2026": {"general": 30, "professional": 60}}


def test_what_the_last_notice_granted_for_its_own_year_is_no_relief_of_an_estimate() -> None:
    one = Somebody(date(2026, 11, 30))
    text = talked_to_the_end(one, "2026年报中级 女 1990年3月 私企", "2024年2025年2026年都没学")
    assert one.last is not None
    assert one.last.assessment is not None
    assert one.last.assessment["status"] == "short"
    assert "不限制" not in text


def test_a_place_with_a_notice_of_its_own_is_heard_and_judged_by_it() -> None:
    one = Somebody()
    one.say("我在阿拉善盟工作 女 中级 国企 1986年5月")
    assert one.last is not None
    assert one.last.facts["area"] == "neimenggu/alxa"


def test_where_two_regions_are_served_the_region_is_asked_first(tmp_path: Path) -> None:
    text = changed(
        moved_to(2025), ('id = "neimenggu/2025"', 'id = "elsewhere/2025"'), ('region = "neimenggu"', 'region = "elsewhere"'),
        ('region_name = "内蒙古自治区"', 'region_name = "外省"'), ("general = 30\n", "general = 20\n"),
        ("professional = 60\ntotal = 90\n", "professional = 40\n"),
    )  # fmt: skip
    one = Somebody(packs=loaded(tmp_path, shipped=True, elsewhere=text))
    one.say("女 中级 国企 1986年5月")
    assert one.asked == "region"
    one.say("外省的")
    talked_to_the_end(one, "都没有", "三年都没学")
    assert one.last is not None
    assert one.last.assessment is not None
    assert one.last.assessment["short_total"] == 180


@pytest.mark.parametrize("said", ["我报2019年度的中级，男，40岁，事业单位", "2031年报中级，男，40岁，事业单位"])
def test_a_year_without_a_notice_is_never_judged_by_another_unasked(said: str) -> None:
    one = Somebody(date(2025, 9, 1))
    one.say(said)
    assert "没有" in one.text
    assert one.asked == "review_year"
    one.say("2031年度")
    assert one.asked == "review_year"


def answered(one: Somebody, *words: str) -> Somebody:
    for each in words:
        one.say(each)
    return one


def test_a_case_stays_with_the_notice_it_was_begun_under_until_its_year_is_chosen(both: rules.Library) -> None:
    one = answered(Somebody(date(2025, 12, 20), rules.load()), FULL, "都没有", "看结果")
    assert one.state == "result"
    one.today, one.packs = date(2026, 4, 2), both
    one.say("你好")
    assert one.asked == "review_year"
    assert years_offered(one) == {"2025年度", "2026年度"}
    assert one.last is not None
    assert one.last.facts["history"]["2025"] == {"general": 30, "professional": 60}
    one.tap("2025年度")
    assert one.last.facts["review_year"] == 2025
    assert one.last.facts["history"]["2025"] == {"general": 30, "professional": 60}


def test_what_was_full_by_one_years_notice_is_not_by_that_of_the_next(both: rules.Library) -> None:
    one = answered(Somebody(date(2025, 9, 1), rules.load()), FULL, "都没有", "看结果")
    one.today, one.packs = date(2026, 4, 2), both
    answered(one, "你好", "2026年度", "2026年公需41专业53")
    assert one.last is not None
    assert one.last.facts["review_year"] == 2026
    assert one.last.facts["history"]["2025"] == {"general": 30, "professional": 60}


def test_of_another_notice_what_it_alone_hangs_on_circumstances_is_asked(tmp_path: Path) -> None:
    packs = loaded(tmp_path, shipped=True, next=OTHER_2026)
    one = answered(Somebody(date(2026, 2, 1), packs), "男40 初级 国企 26年公需20专业30，25年公需30专业50", "2025年度")
    assert "高技能人才" not in one.labels
    answered(one, "都没有", "看结果", "改成2026年度", "改")
    assert one.asked == "circumstances"
    assert "高技能人才" in one.labels
    answered(one, "都没有", "看结果")
    assert one.state == "result"


SCHOOL = changed(
    moved_to(2026),
    ("general = 30\nprofessional = 60\ntotal = 90", "general = 30\nprofessional = 60\nschool = 20\ntotal = 110"),
    ("[requirement]", '[category.school]\nname = "校本研修"\nshort = "校本"\n\n[requirement]'),
)


def test_a_category_of_its_own_is_asked_shown_and_kept(tmp_path: Path) -> None:
    packs = loaded(tmp_path, shipped=True, next=SCHOOL)
    one = answered(Somebody(date(2026, 4, 2), packs), "男40 初级 国企 今年公需30专业60", "都没有")
    assert one.asked == "history.2026.school"
    assert "校本" in one.text
    answered(one, "12")
    assert "公需30、专业60、校本12" in one.text
    one.say("看结果")
    assert one.last is not None
    assert one.last.assessment is not None
    assert one.last.assessment["short"] == {"2026": {"school": 8}}


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        ("今年公需30专业60校本20", {"general": 30, "professional": 60, "school": 20}),
        ("今年都学满了，就校本没学", {"general": 30, "professional": 60}),
        ("今年都学满了，除了校本", {"general": 30, "professional": 60}),
    ],
)
def test_a_category_of_its_own_is_heard_and_never_counted_as_full_where_it_is_named(
    tmp_path: Path, said: str, hours: dict[str, int]
) -> None:
    packs = loaded(tmp_path, shipped=True, next=SCHOOL)
    one = answered(Somebody(date(2026, 4, 2), packs), "男40 初级 国企", "都没有", said)
    assert one.last is not None
    assert one.last.facts["history"] == {"2026": hours}
    assert (one.state == "review") == ("school" in hours)


@pytest.mark.parametrize("no", ["没有", "没", "都没有", "不知道"])
def test_no_year_at_all_is_asked_again_kindly_and_never_a_fact(no: str) -> None:
    one = begun(date(2026, 11, 30))
    before = one.facts
    one.say(no)
    assert one.facts == before
    assert one.asked == "review_year"
    assert one.text.startswith("这一题要选一个")
    assert one.session is not None
    assert not one.session.case.screened
