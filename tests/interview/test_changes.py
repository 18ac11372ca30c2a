"""Answers are corrected, gone back to and undone: what is left is as if it had been answered so at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.examples import examples
from tests.interview.answers import answer, answers_to, offered, walk
from tests.interview.somebody import Somebody, begun

some = examples(6)

WORDS: dict[str, tuple[str, ...]] = {
    "sector": ("事业单位", "国有企业", "党政机关", "非公有制"),
    "birth": ("1990年6月", "1978年3月", "1973年5月", "1968年1月"),
    "sex": ("男", "女"),
    "title_level": ("初级", "中级", "副高", "正高"),
    "history": (
        "2023年公需30专业60，2024年公需30专业60，2025年公需30专业60",
        "2023年公需0专业0，2024年公需30专业60，2025年公需10专业41",
        "2023年公需30专业20，2024年记不清，2025年公需30专业60",
    ),
}  # fmt: skip
EDIT = {
    "sector": "改单位性质",
    "birth": "改出生年月",
    "sex": "改性别",
    "title_level": "改申报级别",
    "history": "改学时",
}


def told(one: Somebody, answers: dict[str, str], circumstance: str = "都没有") -> Somebody:
    """Answers whatever is asked by the given answers; a circumstance first, then no other."""
    for _ in range(20):
        if not one.asked:
            return one
        root = one.asked.split(".")[0]
        if root == "circumstances":
            answer(one, circumstance)
            circumstance = "都没有"
        else:
            answer(one, answers[root])
    raise AssertionError(f"it does not end at {one.asked}")


def outcome(one: Somebody) -> tuple[bytes, bytes, str]:
    """Facts, assessment and the text of the result."""
    one.say("看结果")
    assert one.last is not None
    assert one.state == "result", one.text
    return orjson.dumps(one.last.facts), orjson.dumps(one.last.assessment), one.text


answers = st.fixed_dictionaries({name: st.sampled_from(words) for name, words in WORDS.items()})


def by_words(one: Somebody, fact: str, words: str) -> None:
    one.say(words)


def by_button(one: Somebody, fact: str, words: str) -> None:
    one.tap(EDIT[fact])
    answer(one, words)


@pytest.mark.parametrize("change", [by_words, by_button])
@given(answers, answers, st.booleans())
@some
def test_an_edited_interview_ends_as_a_fresh_one(
    change: Callable[[Somebody, str, str], None], wrong: dict[str, str], right: dict[str, str], after_result: bool
) -> None:
    one = told(begun(), wrong)
    if after_result:
        outcome(one)
        one.tap("修改")
    for fact in WORDS:
        if fact not in answered_facts(one):
            continue
        change(one, fact, right[fact])
        if "改" in one.labels:
            one.tap("改")
        told(one, right)
    assert outcome(all_told(one, right)) == outcome(all_told(told(begun(), right), right))


def all_told(one: Somebody, right: dict[str, str]) -> Somebody:
    """What was not asked, because it could not change the result by then, is told all the same."""
    for fact, words in right.items():
        if fact in WORDS and fact not in answered_facts(one):
            one.say(words)
            if "改" in one.labels:
                one.tap("改")
            told(one, right)
    return one


def answered_facts(one: Somebody) -> set[str]:
    return {"history" if name == "history" else name for name in one.facts if name in WORDS}


@given(answers, st.data())
@some
def test_editing_a_sent_message_ends_as_a_fresh_interview(right: dict[str, str], data: st.DataObject) -> None:
    fact = data.draw(st.sampled_from(sorted(WORDS)))
    wrong = data.draw(st.sampled_from([words for words in WORDS[fact] if words != right[fact]]))
    one = begun()
    sent = ""
    for _ in range(20):
        root = one.asked.split(".")[0]
        if not root or root == fact:
            break
        answer(one, "都没有" if root == "circumstances" else right[root])
    assume(one.asked.split(".")[0] == fact)
    one.say(wrong)
    sent = f"m{one.number}"
    if data.draw(st.booleans()):
        told(one, right)
    one.say(right[fact], "edit", replaces=sent)
    assert "已更正" in one.text
    told(one, right)
    assert outcome(all_told(one, right)) == outcome(all_told(told(begun(), right), right))


@given(st.data())
@some
def test_back_walks_the_path_really_taken_and_the_same_answers_lead_to_the_same_result(data: st.DataObject) -> None:
    one = begun()
    taken = walk(one, data)
    before = outcome(one)
    one.say("上一步")
    assert one.state == "review"
    path = [asked for place, (asked, _) in enumerate(taken) if place == 0 or taken[place - 1][0] != asked]
    known = one.facts
    for asked in reversed(path):
        one.say("上一步")
        assert one.asked == asked
        assert one.facts == known, "a step back forgets nothing"
    one.say("上一步")
    assert one.state == "welcome"
    one.say("继续")
    said = {asked: words for asked, words in taken if asked != "circumstances"}
    while one.asked:
        answer(one, said.get(one.asked, "都没有"))
    assert outcome(one) == before


@given(st.data())
@some
def test_going_back_to_a_question_and_answering_otherwise_ends_as_a_fresh_interview(data: st.DataObject) -> None:
    wrong, right = data.draw(answers), data.draw(answers)
    circumstances = ("都没有", "在苏木乡镇或嘎查村工作", "破格申报", "申请考核认定", "出站博士后", "有疫情防控书面认定")
    first, second = data.draw(st.sampled_from(circumstances)), data.draw(st.sampled_from(circumstances))
    details = {
        "tenure_start": "2024年3月",
        "grassroots_graduate": "是",
        "recognition_years": "2年",
        "postdoc": "拿过基金，已出站留区",
        "epidemic_years": "2023年",
        "transfer": "2024年6月",
    }
    # Each question is gone back to and answered again from the beginning on.
    one = told(begun(), {**wrong, **details}, first)
    done: set[str] = set()
    for _ in range(40):
        pending = (
            [asked for asked in one.session.cases["self"].path if asked.split(".")[0] not in done]
            if one.session
            else []
        )
        if not pending:
            break
        while one.asked != pending[0]:
            one.say("上一步")
        root = pending[0].split(".")[0]
        done.add(root)
        answer(one, second if root == "circumstances" else {**right, **details}[root])
        told(one, {**wrong, **details, **{name: right[name] for name in done if name in right}})
    final = {**details, **{name: right[name] if name in done else wrong[name] for name in WORDS}}
    fresh = told(begun(), final, second if "circumstances" in done else first)
    one, fresh = all_told(one, final), all_told(fresh, final)
    assume(
        one.facts.keys() == fresh.facts.keys()
    )  # details told before stay known, where a fresh interview need not ask
    assert outcome(one) == outcome(fresh)


@given(st.data())
@some
def test_undo_restores_exactly_and_declining_changes_nothing(data: st.DataObject) -> None:
    one = begun()
    walk(one, data)
    if data.draw(st.booleans()):
        one.say("看结果")
    for _ in range(data.draw(st.integers(1, 3))):
        before, text = snapshot(one), one.state
        words = data.draw(
            st.sampled_from(
                [each for group in WORDS.values() for each in group]
                + ["都没有", "我是出站博士后", "破格", "我不是破格"]
            )
        )
        one.say(words)
        if "不改" not in one.labels:
            continue
        assert one.state == text, "an open offer leaves the state as it was"
        assert snapshot(one)[:2] == before[:2]
        if data.draw(st.booleans()):
            one.tap("不改")
            assert snapshot(one) == before
        else:
            one.tap("改")
            assert one.state == "review" or one.asked
            if data.draw(st.booleans()) and one.asked:
                answer(one, data.draw(st.sampled_from([each for each in answers_to(one.asked) if offered(one, each)])))
            while "不改" in one.labels:
                one.tap("不改")
            one.say("撤销")
            assert snapshot(one) == before


def snapshot(one: Somebody) -> tuple[Any, ...]:
    assert one.session is not None
    case = one.session.cases["self"]
    return one.facts, one.state, case, one.asked


def test_an_open_offer_holds_the_place_and_loses_nothing_told_meanwhile() -> None:
    one = begun()
    for words in ("事业单位", "都没有", "1990年6月，男"):
        one.say(words)
    assert one.asked == "title_level"
    one.say("我在国企")
    assert one.labels == ["改", "不改"]
    one.say("中级")
    assert one.state == "asking:title_level"
    assert one.facts["title_level"] == "middle"
    for words in ("记不清", "都没有", "修改", "继续", "看结果"):
        one.say(words)
        assert one.labels == ["改", "不改"], words
    one.tap("不改")
    assert one.asked == "history"
    assert one.facts["sector"] == "public_institution"


def test_an_offer_passed_over_twice_becomes_its_question_so_that_no_prompt_comes_a_third_time() -> None:
    one = begun()
    for words in ("男", "副高"):
        one.say(words)
    one.say("不对，是女的")
    assert "改成“女”" in one.text, one.text
    for words in ("事业单位", "国有企业"):
        assert "改成“女”" in one.text, one.text
        one.say(words)
    assert (one.asked, one.facts["sex"]) == ("sex", "male"), one.text
    one.say("女")
    assert one.facts["sex"] == "female", one.text


def test_an_edit_that_cannot_be_read_keeps_the_old_value_and_asks() -> None:
    one = begun()
    one.say("国企")
    one.say("呜啦啦", "edit", replaces=f"m{one.number}")
    assert one.facts == {"sector": "state_enterprise"}
    assert "没看懂" in one.text


def test_an_edited_message_does_not_undo_what_was_corrected_since() -> None:
    one = begun()
    one.say("男，中级，国企")
    sent = f"m{one.number}"
    one.say("不对，我是副高")
    one.say("改")
    one.say("女，中级，国企", "edit", replaces=sent)
    assert one.facts == {"sex": "female", "title_level": "deputy_senior", "sector": "state_enterprise"}


def test_an_answer_of_no_facts_can_be_edited_too() -> None:
    one = begun()
    one.say("国企")
    one.say("破格")
    sent = f"m{one.number}"
    one.say("都没有", "edit", replaces=sent)
    assert "route" not in one.facts
    one.say("记不清")
    sent = f"m{one.number}"
    one.say("1968年1月", "edit", replaces=sent)
    assert one.facts["birth"] == "1968-01"


def test_nothing_special_after_all_takes_every_circumstance_back() -> None:
    one = begun()
    one.say("男，1990年6月，中级，国企，破格，2024年3月任现职。三年都学满了")
    one.say("都没有")
    assert one.labels == ["改", "不改"]
    one.tap("改")
    assert one.state == "review"
    assert "route" not in one.facts
    assert "tenure_start" not in one.facts
    one.say("撤销")
    assert one.facts["route"] == "exceptional"


def test_forgetting_an_answer_on_the_check_page_is_shown_before_it_applies() -> None:
    one = begun()
    one.say("男，1990年6月，中级，国企，没有特殊情况。2023年没学")
    while one.asked:
        one.say("都没学")
    one.tap("改出生年月")
    one.tap("记不清")
    assert "空着" in one.text
    assert one.facts["birth"] == "1990-06"
    one.tap("改")
    assert "birth" not in one.facts
    one.say("上一步")
    assert one.asked, "the way back goes on from the check page"


@pytest.mark.parametrize("said", ["2024年公需30没认", "2024年公需只学了一部分"])
def test_hours_told_before_do_not_stand_unasked_when_they_are_said_not_to_count(said: str) -> None:
    one = begun()
    one.say("男，中级，国企，2024年公需30专业60")
    one.say(said)
    assert "改" in one.labels
    one.tap("改")
    assert one.facts["history"]["2024"] == {"general": None, "professional": 60}


def test_a_correction_in_mid_interview_is_shown_before_it_applies_and_can_be_undone() -> None:
    one = begun()
    one.say("男，中级")
    one.say("不对，我是女的")
    assert "把性别从“男”改成“女”" in one.text
    assert one.facts == {"sex": "male", "title_level": "middle"}
    one.say("改")
    assert one.facts == {"sex": "female", "title_level": "middle"}
    one.say("撤销")
    assert one.facts == {"sex": "male", "title_level": "middle"}


def test_what_was_answered_while_a_change_was_offered_is_not_asked_again_after_it_is_undone() -> None:
    one = begun()
    for words in ("男，中级", "不对，我是女的", "事业单位", "改", "撤销"):
        one.say(words)
    assert one.facts == {"sex": "male", "title_level": "middle", "sector": "public_institution"}
    assert "单位是哪一种" not in one.text
    assert "都没有" in one.labels


def test_what_is_said_not_to_hold_in_mid_interview_is_shown_before_it_goes_and_can_be_brought_back() -> None:
    one = begun()
    one.say("男，中级，破格")
    one.say("我不是破格")
    assert "破格申报" in one.text
    assert "改" in one.labels
    assert one.facts["route"] == "exceptional"
    one.say("改")
    assert "route" not in one.facts
    one.say("撤销")
    assert one.facts["route"] == "exceptional"


def test_what_was_answered_after_a_change_stays_when_the_change_is_undone() -> None:
    one = begun()
    for words in ("女，副高", "不对，我是男的", "改", "国企", "没有特殊情况", "2023年公需30专业60", "撤销"):
        one.say(words)
    assert one.facts == {
        "sex": "female",
        "title_level": "deputy_senior",
        "sector": "state_enterprise",
        "history": {"2023": {"general": 30, "professional": 60}},
    }
    assert "都没有" not in one.labels


def test_not_this_but_that_corrects_the_level_with_a_comma_or_without() -> None:
    for words in ("不是正高，是副高", "不是正高是副高"):
        one = begun()
        one.say("女，1990年6月，报正高，事业单位，没有特殊情况，三年都学满了")
        one.say(words)
        one.tap("改")
        assert one.facts["title_level"] == "deputy_senior", words
