"""Buttons of any time, in any order and any number: none lands on another question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.asking.casefile import claims_of, fold
from tests.examples import examples
from tests.interview.answers import answer, answers_to, offered
from tests.interview.somebody import Somebody, begun

some = examples(8)


def values(one: Somebody) -> dict[str, object]:
    assert one.session is not None
    return fold(one.session.case)


@pytest.mark.slow
@given(st.data())
@some
def test_an_old_button_changes_no_answer_without_being_asked(data: st.DataObject) -> None:
    one = begun()
    for _ in range(data.draw(st.integers(1, 8))):
        if "不改" in one.labels:
            one.tap("不改")
        if one.asked:
            answer(one, data.draw(st.sampled_from([each for each in answers_to(one.asked) if offered(one, each)])))
        else:
            one.say(data.draw(st.sampled_from(["看结果", "修改", "继续"])))
        live = {choice.id for choice in one.choices}
        old = [choice for choice in one.shown if choice.id not in live and ".edit:" not in choice.id]
        if not old:
            continue
        before, asked, current = values(one), one.asked, one.session and one.session.current
        one.press(data.draw(st.sampled_from(old)).id)
        if one.session is not None and one.session.current != current:
            return  # 再算一个人: the asker's own case is left alone, which another test shows
        after = values(one)
        lost = {path for path in before if after.get(path, ()) != before[path]}
        changed = {path.partition(".")[0] for path in {*lost, *(after.keys() - before.keys())}}
        again = (
            {"sector"} if before.get("sector") == "government" else set()
        )  # of a transfer it is asked anew: where to?
        assert changed <= {asked.split(".")[0]} or (asked == "circumstances" and lost <= again), (before, after)


@given(st.data())
@some
def test_three_taps_are_one_answer(data: st.DataObject) -> None:
    one = begun()
    for _ in range(6):
        buttons = [choice for choice in one.choices if "=" in choice.id]
        if not buttons:
            if not one.asked:
                break
            answer(one, "1978年3月" if one.asked == "birth" else "2024年3月")
            continue
        chosen = data.draw(st.sampled_from(buttons))
        one.press(chosen.id)
        state, facts, session = one.state, one.facts, one.session
        for _ in range(2):
            one.press(chosen.id)
            assert (one.state, one.facts) == (state, facts), chosen
            assert one.session is not None
            assert session is not None
            assert one.session.cases == session.cases
            assert one.session.offer == session.offer
        assert one.last is not None
        assert one.last.toast, "every tap is acknowledged"


def test_three_taps_on_back_are_one_step() -> None:
    one = begun()
    one.say("国企")
    one.say("都没有")
    before = one.asked
    answer(one, answers_to(before)[0])
    back = next(choice.id for choice in one.choices if choice.label == "上一步")
    for _ in range(3):
        one.press(back)
    assert one.asked == before


def test_a_tap_on_an_old_question_is_an_offer_with_what_it_would_do() -> None:
    one = begun()
    old = next(choice.id for choice in one.choices if choice.label == "国有企业")
    one.tap("事业单位")
    one.press(old)
    assert one.labels == ["改", "不改"]
    assert "把单位性质从“事业单位”改成“国有企业”" in one.text
    assert one.state == "asking:circumstances"
    assert one.facts == {"sector": "public_institution"}


def test_a_button_of_before_a_deletion_agrees_to_nothing_new() -> None:
    one = begun()
    one.say("国企")
    one.say("删除我的数据")
    sure = next(choice.id for choice in one.choices if choice.label == "确定删除")
    one.press(sure)
    assert one.state == "welcome"
    one.say("男，中级，国企")
    one.say("删除我的数据")
    one.press(sure)
    assert one.facts == {"sex": "male", "title_level": "middle", "sector": "state_enterprise"}
    assert "确定删除" in one.labels


def test_the_welcome_of_a_page_begins_for_people_of_whom_nothing_is_kept() -> None:
    shown = Somebody()
    shown.say("你好")
    one = Somebody()
    one.press(next(choice.id for choice in shown.choices if choice.label == "开始查询"))
    assert one.asked == "sector"


serials = st.one_of(st.integers(0, 10**6).map(str), st.sampled_from(["", "-1", "x", "²"]))
HEADS = (
    "history", "history.2024", "history.abc.def", "history.2024.zzz", "birth", "postdoc", "sector", "circumstances", "recognition_years",
    "epidemic_years", "review_year", "age", "go:", "edit:", "offer:", "topic:", "platform:", "birth_day", "purpose", "x",
)  # fmt: skip
TAILS = (
    "full", "zero", "²", "-1", "99999999999999999999", "true", "male", "grant", "none", "yes", "back", "sector", "history.1", "", "二",
)  # fmt: skip
parts = st.tuples(st.sampled_from(HEADS), st.sampled_from(("=", "", ".x=")), st.sampled_from(TAILS))
codes = st.one_of(st.text(max_size=60), parts.map("".join))


@given(st.lists(st.tuples(serials, codes), min_size=1, max_size=6), st.booleans())
@examples(40)
def test_a_button_that_no_prompt_ever_had_does_no_harm(forged: list[tuple[str, str]], live: bool) -> None:
    one = begun()
    one.say("男，国企")
    known = one.facts
    for serial, code in forged:
        assert one.session is not None
        one.press(f"{one.session.serial if live else serial}.{code}")
    assert known.items() <= one.facts.items() or one.state == "welcome"


def test_the_words_of_a_circumstances_button_are_the_same_typed_at_any_time_and_denied_are_none() -> None:
    one = Somebody()
    one.say("破格申报，从党政机关转到技术岗，有疫情防控书面认定，没有其他特殊情况")
    assert one.session is not None
    assert claims_of(one.session.case) == {"transfer", "epidemic_years"}
    one.say("事业单位")
    assert not one.asked.startswith("circumstances")
    other = Somebody()
    other.say("我报中级，没有从党政机关转到技术岗")
    assert other.session is not None
    assert claims_of(other.session.case) == set()
