"""Before a result says enough, whoever said something that was not wholly heeded is asked whether it stands."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from bot.asking.states import RESULT, REVIEW
from tests.interview.somebody import Somebody

DOUBTFUL = tomllib.loads(Path(__file__).with_name("doubtful.toml").read_text("utf-8"))
ANSWERS = {"circumstances": "都没有", "sector": "事业单位", "sex": "男", "title_level": "副高"}
DETAILS = ("transfer", "tenure_start", "epidemic_years", "exam_years", "postdoc")
TWO_YEARS = "女，1985年6月生，报中级，事业单位，没有特殊情况，2023年和2024年都学满了"
FULL = "女，1985年6月生，报中级，事业单位，没有特殊情况，三年都学满了"
LIMITED = [
    "不对", "错了", "说反了", "瞎说的", "后来发现记错了", "不确定", "好像", "不是我的", "是同事的", "是去年的", "未核定", "单位还没盖章",
    "等核定", "还没考", "系统没有", "查不到", "只认了一半", "重复的", "刷课的", "要学", "准备学", "下个月学", "其实是2022年的",
]  # fmt: skip


def said(*messages: str) -> Somebody:
    one = Somebody()
    for message in messages:
        one.say(message)
    return one


def held(one: Somebody) -> bool:
    return [choice.label for choice in one.choices] == ["没错，就这样", "不对，要改"]


@pytest.mark.parametrize("limit", LIMITED)
def test_no_word_behind_the_hours_that_limits_them_is_lost_on_the_way_to_enough(limit: str) -> None:
    one = said(TWO_YEARS, f"2025年公需30专业60，{limit}", "看结果")
    assert held(one) or one.last is None or one.last.assessment is None
    assert "学时够了" not in one.text


@pytest.mark.parametrize(
    "limit", ["今年的还没核定", "今年的单位不认", "今年学时清零了", "今年的卡在审核那一步", "审验卡上今年是0", "今年的学时系统里查不到", "我是在学习强国学的算吗",
              "用同事账号学的算吗", "今年是在外省学的算吗", "今年显示未完成", "今年公需30专业60算到2022年去了"],
)  # fmt: skip
@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_what_may_take_hours_away_is_read_back_wherever_in_the_talk_it_is_said_or_asked(limit: str, place: int) -> None:
    talk = ["男，1985年3月12日生，副高，事业单位", "都没有", "都学满了", "看结果"]
    talk = [f"{talk[0]}，{limit}", *talk[1:]] if place == 0 else [*talk[: place + 1], limit, *talk[place + 1 :]]
    one = said(*talk, "看结果")
    offered = one.labels == ["改", "不改"]
    assert held(one) or offered or not one.text.startswith("学时够了"), one.text


@pytest.mark.parametrize("words", ["2025年在北京考的", "外省考的，2025年", "2025年补发的", "2025技能等级证"])
def test_a_year_of_a_certificate_told_with_what_it_may_not_count_for_is_read_back(words: str) -> None:
    hours = "男，1985年3月12日生，副高，事业单位，2023、2024学满了，今年公需30专业0"
    one = said(hours, "考过职业资格证书", words, "都没有", "看结果")
    assert held(one) or "学时够了" not in one.text, one.text


@pytest.mark.parametrize("yes", ["有过", "嗯？", "是吧", "有吧"])
def test_half_a_yes_opens_no_relief(yes: str) -> None:
    one = said("男，1985年3月12日生，副高，事业单位，三年都没学，在基层一线", yes)
    assert "grassroots" not in one.facts, one.text


@pytest.mark.parametrize("plain", ["2025年公需30专业60", "今年也学满了", "25年30/60", "公需30，专业60，都核定了"])
def test_who_says_nothing_beside_the_hours_is_not_asked(plain: str) -> None:
    one = said(TWO_YEARS, plain, "看结果")
    assert one.text.startswith("学时够了")


def test_what_stands_as_it_was_taken_down_leads_to_the_result() -> None:
    one = said(TWO_YEARS, "2025年公需30专业60，单位还没盖章", "看结果")
    assert held(one)
    assert "“2025年公需30专业60，单位还没盖章”" in one.text
    one.tap("没错，就这样")
    assert one.session is not None
    assert one.session.state == RESULT
    assert one.text.startswith("学时够了")


@pytest.mark.parametrize("no", ["不对，要改", "不是", "没有", "记不清"])
def test_what_does_not_stand_is_asked_anew(no: str) -> None:
    one = said(TWO_YEARS, "2025年公需30专业60，单位还没盖章", "看结果", no)
    assert one.last is not None
    assert "2025" not in one.last.facts.get("history", {})
    assert "2025年" in one.text


@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize(
    "retraction",
    ["2024年还没核定", "2024年作废了", "2024年是别人的", "记不清了", "其实我不确定", "2024年没学满", "没有都学满"],
)
def test_who_takes_back_what_was_checked_does_not_read_enough(retraction: str, where: str) -> None:
    talk = [FULL, "看结果", retraction] if where == "after" else [FULL, retraction, "看结果"]
    one = said(*talk)
    assert "学时够了" not in one.text
    assert one.session is not None
    assert one.session.state == REVIEW or one.session.offer is not None


def test_a_yes_after_the_year_has_turned_asks_for_the_year_first() -> None:
    one = said(TWO_YEARS, "2025年公需30专业60，单位还没盖章", "看结果")
    assert held(one)
    one.today = date(2026, 11, 30)
    one.say("没错，就这样")
    assert one.last is not None
    assert one.last.assessment is None
    assert one.asked == "review_year"


def test_a_button_of_the_check_page_under_what_is_read_back_breaks_nothing() -> None:
    one = said(TWO_YEARS, "2025年公需30专业60，单位还没盖章")
    sex = next(choice.id for choice in one.choices if choice.label == "改性别")
    one.say("看结果")
    assert held(one)
    one.press(sex)
    one.say("没错，就这样")
    assert one.last is not None
    assert one.last.assessment is None or one.text.startswith("学时够了")


def test_what_limits_the_hours_of_the_second_of_several_people_is_asked_in_their_turn() -> None:
    one = said(
        "我同事女，1985年6月生，报中级，事业单位，三年都学满了；"
        "我姐男，1985年6月生，报中级，事业单位，2023年2024年都学满了，2025年公需30专业60，好像还没盖章"
    )
    one.say("我姐")
    through(one)
    assert held(one)
    assert "学时够了" not in one.text


def test_a_statement_that_a_question_answers_is_no_reason_to_say_enough_again() -> None:
    one = said("女，1985年6月生，民企，报中级", "都没有", "看结果", "我辞职了")
    assert held(one)
    one.say("不对")
    assert one.session is not None
    assert one.session.state == REVIEW


@pytest.mark.parametrize("route", ["转评中级", "以考代评中级", "人才引进报中级"])
def test_a_way_on_which_the_notice_is_silent_is_never_enough_unasked(route: str) -> None:
    one = said(FULL.replace("报中级", route), "看结果")
    assert "学时够了" not in one.text


def test_a_total_for_the_one_year_that_is_asked_is_taken_apart() -> None:
    one = said(TWO_YEARS, "2025年120学时")
    assert "公需和专业要分开看" in one.text


@pytest.mark.parametrize("year", ["2025年", "2024", "24年", "2023和2025", "2025年，一建"])
def test_the_year_of_a_certificate_answers_the_question_for_it(year: str) -> None:
    one = said("女，1985年6月生，报中级，事业单位")
    one.tap("考过职业资格证书")
    one.tap("都没有")
    one.say(year)
    assert one.last is not None
    assert one.last.facts.get("exam_years")


@pytest.mark.parametrize("no", ["2024年没拿到", "明年考", "2024年准备考"])
def test_a_certificate_that_nobody_has_is_none(no: str) -> None:
    one = said("女，1985年6月生，报中级，事业单位")
    one.tap("考过职业资格证书")
    one.tap("都没有")
    one.say(no)
    assert one.last is not None
    assert not one.last.facts.get("exam_years")


def test_after_a_result_a_circumstance_is_offered_and_not_taken_from_a_question() -> None:
    one = said(FULL.replace("三年都学满了", "2023年和2024年都学满了，2025年公需30专业20"), "看结果", "破格呢")
    assert [choice.label for choice in one.choices] == ["改", "不改"]
    assert one.last is not None
    assert "route" not in one.last.facts


@pytest.mark.parametrize(
    "later",
    [
        "公需是给同事刷的，记她名下", "单位不给认", "系统里公需是0", "那个是学分，不是学时", "核下来是25学时", "不对，打错了，是十三", "我自己公需没有", "审验卡上专业才12", "人事说没核定", "搞错了，是前年的",
    ],
)  # fmt: skip
def test_what_is_said_of_the_hours_while_something_else_is_asked_is_not_lost(later: str) -> None:
    one = said("女，1985年6月生，报中级", "2023年和2024年都学满了，2025年公需30专业60")
    assert one.asked
    one.say(later)
    through(one)
    assert held(one)
    assert "学时够了" not in one.text


@pytest.mark.parametrize("birthday", ["生日9月20号", "我9月20号生日", "十月份的生日", "生日是12月"])
def test_a_birthday_told_after_an_age_asks_for_the_year(birthday: str) -> None:
    one = said("女50，报副高", birthday)
    assert one.last is not None
    assert "age" not in one.last.facts
    through(one)
    assert one.asked == "birth"


def through(one: Somebody) -> Somebody:
    """As far as whoever answers plainly gets without telling hours, a birth or a yes to what is offered."""
    for _ in range(6):
        session = one.session
        assert session is not None
        asked = str(session.asking).partition(".")[0]
        if session.offer is not None or session.state == RESULT or asked in ("history", "birth"):
            break
        one.say("看结果" if session.state == REVIEW else "没有" if asked in DETAILS else ANSWERS.get(asked, "记不清"))
    return one


@pytest.mark.parametrize(("kind", "words"), [(kind, words) for kind in DOUBTFUL for words in DOUBTFUL[kind]["said"]])
def test_what_makes_a_fact_untrue_beside_it_is_asked_before_enough(kind: str, words: str) -> None:
    one = through(said(DOUBTFUL[kind]["opening"], words))
    assert one.session is not None
    assert one.last is not None
    shown = one.last.assessment or {"status": "open"}
    assert shown["status"] not in ("met", "waived")


MISSED = [
    ("我在苏木卫生院", "是我对象在那儿，我在旗医院"), ("以前的", "苏木卫生院"), ("我在民企", "其实今年三月已经考进旗医院了"), ("三年都满了", "是学分"),
    ("女，50周岁", "哦说错了，是虚岁"), ("我在苏木中心校", "去年三支一扶期满走了"), ("三年都满了", "我说的是公需那一科"),
]  # fmt: skip


@pytest.mark.parametrize("talk", MISSED)
def test_a_message_of_which_nothing_was_made_is_read_back_before_a_result_says_enough(talk: tuple[str, ...]) -> None:
    one = Somebody()
    one.say("你好")
    for message in talk:
        one.say(message)
    through(one)
    assert held(one) or one.last is None or one.last.assessment is None


@pytest.mark.parametrize(
    "told", ["护师", "助理工程师", "二级教师，2018年评的", "初级，去年评的", "高于初级", "初级，往上报", "初级，我对象"]
)
def test_a_lowest_level_that_may_only_be_held_spares_nobody_years(told: str) -> None:
    one = said(told, "今年公需30专业60")
    through(one)
    assert held(one) or one.last is None or one.last.assessment is None
