"""What is likely is asked with two buttons; what contradicts itself, at once; nobody is asked thrice in the same words."""

from __future__ import annotations

import pytest

from tests.interview.somebody import Somebody

HOURS_AND_AGE = "今年公需30，51，女，报副高"


def told(*texts: str) -> Somebody:
    one = Somebody()
    for text in texts:
        one.say(text)
    return one


def test_a_likely_age_is_set_by_yes_and_left_by_no() -> None:
    one = told("男 国企 报中级", "都没有", "教龄51")
    assert one.labels[:2] == ["是", "不是"]
    assert "周岁" in one.text
    one.tap("是")
    assert one.facts["age"] == 51
    other = told("男 国企 报中级", "都没有", "教龄51", "不是")
    assert "age" not in other.facts
    assert other.asked == "birth"


@pytest.mark.parametrize("word", ["是", "对", "是的"])
def test_yes_in_words_is_the_yes_to_what_is_likely(word: str) -> None:
    one = told("报中级，女，42，孩子在私立学校", word)
    assert one.facts.get("sector") == "non_public"


def test_a_button_of_what_was_likely_is_over_once_something_else_is_told() -> None:
    one = told("男 国企 报中级", "都没有", "教龄51")
    old = one.choices[0].id
    one.say("1990年6月")
    one.press(old)
    assert "age" not in one.facts
    assert one.facts["birth"] == "1990-06"


def test_who_has_moved_from_an_office_is_asked_at_once_where_they_are_now() -> None:
    one = told("我是公务员，男，1985年5月，报中级", "2025年3月从市财政局转任到专业技术岗")
    assert one.asked == "sector"
    assert "sector" not in one.facts


def test_result_at_the_last_question_means_nothing_special() -> None:
    one = told("男 国企 报中级 1985年5月 三年都学满了", "看结果")
    assert one.state == "review"
    assert "都没有" in one.text


def test_no_question_is_put_more_than_twice_in_the_same_words() -> None:
    one = told("开始查询")
    lines = [one.text.splitlines()[0]]
    for _ in range(7):
        one.say("", "sticker")
        lines.append(one.text.splitlines()[1])
    assert all(lines.count(line) <= 3 for line in lines)
    assert len(set(lines)) >= 4
