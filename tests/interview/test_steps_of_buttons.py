"""Birth, months and hours can be told by taps alone: decade, year, month; year, category, tens, hours."""

from __future__ import annotations

from bot.messages import Message
from tests.interview.somebody import Somebody


def begun(*words: str) -> Somebody:
    one = Somebody()
    for each in words:
        one.say(each)
    return one


def steps(one: Somebody) -> dict[str, str]:
    return {choice.label: choice.id for choice in one.aside}


def tap(one: Somebody, *labels: str) -> None:
    for label in labels:
        one.press(steps(one)[label])


def test_a_month_of_birth_by_decade_year_and_month() -> None:
    one = begun("男，报中级，国企，没有特殊情况")
    assert one.asked == "birth"
    tap(one, "1980年代")
    assert "1980年" in steps(one)
    assert one.asked == "birth"
    tap(one, "1985年", "6月")
    assert one.facts["birth"] == "1985-06"
    assert one.asked != "birth"


def test_a_year_of_birth_told_leaves_the_month() -> None:
    one = begun("男，报中级，国企，没有特殊情况", "85年的")
    assert list(steps(one)) == [f"{month}月" for month in range(1, 13)]
    tap(one, "6月")
    assert one.facts["birth"] == "1985-06"


def test_hours_by_year_category_and_tens() -> None:
    one = begun("男，报中级，国企，没有特殊情况，1990年6月生")
    assert list(steps(one)) == ["2023年", "2024年", "2025年"]
    tap(one, "2025年", "公需学了一部分")
    assert "2025年的公需学了多少学时？" in one.text
    assert one.labels == ["上一步", "为什么问", "记不清"]  # 都没学 would be of every year
    tap(one, "20-29", "24")
    assert one.facts["history"]["2025"] == {"general": 24}
    assert "2025年的专业学了多少学时？" in one.text  # the other category of the same year comes next
    tap(one, "满60")
    assert one.facts["history"]["2025"] == {"general": 24, "professional": 60}
    assert one.asked == "history.2023"
    one.tap("都学满了")
    assert one.facts["history"]["2023"] == {"general": 30, "professional": 60}


def test_a_bare_number_at_the_last_step_is_hours_and_no_button() -> None:
    one = begun("男，报中级，国企，没有特殊情况，1990年6月生", "2025年", "公需学了一部分", "0-9", "2")
    assert one.facts["history"]["2025"] == {"general": 2}
    one.say("50")  # the other category of that year is asked by now
    assert one.facts["history"]["2025"] == {"general": 2, "professional": 50}


def test_a_step_back_is_one_step() -> None:
    one = begun("男，报中级，国企，没有特殊情况")
    tap(one, "1980年代", "1985年")
    one.tap("上一步")
    assert "1985年" in steps(one)
    one.tap("上一步")
    assert "1980年代" in steps(one)
    one.tap("上一步")
    assert one.asked == "title_level" or one.asked != "birth"


def test_the_words_on_a_step_do_the_same_as_a_tap() -> None:
    one = begun("男，报中级，国企，没有特殊情况", "1980年代", "1985年", "6月")
    assert one.facts["birth"] == "1985-06"


def test_a_step_of_an_earlier_question_lands_on_no_other() -> None:
    one = begun("男，报中级，国企，没有特殊情况")
    old = dict(steps(one))
    tap(one, "1980年代", "1985年")
    month = steps(one)["6月"]
    one.press(month)
    asked, facts = one.asked, one.facts
    one.press(old["1970年代"])
    one.press(month)  # the same tap again
    assert (one.asked, one.facts) == (asked, facts)
    for forged in ("type:birth.1985-13", "type:history.2025.any.20", "step:9999.x.999", "type:day.99", "step:"):
        one.send(Message("web", "", "p", forged, "choice", choice=f"{one.session.serial}.{forged}"))
        assert one.facts == facts
