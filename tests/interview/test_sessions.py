"""Sessions of before: another release, another pack, another year, another person, a group, and none at all."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import orjson
import pytest

from bot import asking
from bot.asking import new_session, read_session, written
from bot.asking.casefile import Case, Entry
from bot.asking.session import Offer, Undo
from bot.messages import Message
from tests.interview.answers import answer
from tests.interview.somebody import PACKS, TODAY, Somebody, begun

TOLD = "男，1990年6月，中级，国企，没有特殊情况，三年都学满了"


def resumed(change: dict[str, Any] | None = None, *opening: str) -> Somebody:
    one = begun()
    for words in opening:
        one.say(words)
    assert one.session is not None
    one.session = replace(one.session, **(change or {}))
    return one


@pytest.mark.parametrize("opening", [("国企",), (TOLD,), (TOLD, "看结果"), ("国企", "取消"), (TOLD, "不对，我是初级")])
def test_another_pack_says_what_was_kept_and_goes_on(opening: tuple[str, ...]) -> None:
    one = resumed({"pack": "0" * 64}, *opening)
    facts = one.facts
    one.say("继续")
    assert "题目有更新" in one.text
    assert one.facts == facts
    one.say("继续")
    assert "题目有更新" not in one.text


def test_facts_and_questions_that_no_release_knows_any_more_are_left_out() -> None:
    one = resumed(None, "男，1990年6月，中级，国企，没有特殊情况。2025年公需30专业60")
    assert one.session is not None
    first, *rest = one.session.case.log
    first = replace(first, set={**first.set, "shoe_size": 43, "history.2025.general": 30})
    told = Entry(asked="shoe_size", set={"shoe_size": 44}, said="44", message="x", claims=("juggler",))
    path, skipped = (*one.session.case.path, "shoe_size"), (*one.session.case.skipped, "hair")
    one.session = replace(
        one.session, cases={"self": Case((first, *rest, told), path, skipped, True)}, asking="shoe_size", redo="shoe_size",
        offer=Offer("change", Entry(set={"hair": "red"}, message="y")), undo=(Undo(1, path, skipped, True, "asking", "shoe_size"),),
    )  # fmt: skip
    one.say("你好")
    assert "题目有更新：保留" in one.text
    assert one.asked.startswith("history.")
    for _ in range(4):
        one.say("上一步")
    assert one.state == "welcome" or one.asked


@pytest.mark.parametrize("release", [{"pack": "old"}, {}])
def test_a_value_that_is_not_accepted_any_more_is_asked_again(release: dict[str, Any]) -> None:
    one = resumed(None, "国企")
    assert one.session is not None
    case = one.session.case
    log = (replace(case.log[0], set={**case.log[0].set, "sector": "circus"}), *case.log[1:])
    one.session = replace(one.session, cases={"self": replace(case, log=log)}, **release)
    one.say("你好")
    assert one.asked == "sector"


@pytest.mark.parametrize("opening", [("国企",), (TOLD,), (TOLD, "看结果")])
@pytest.mark.parametrize("said", ["2025年", "2025年度", "2026年度", "[2025年度]", "[2026年度]"])
def test_after_new_year_the_year_is_asked_once(opening: tuple[str, ...], said: str) -> None:
    one = Somebody(date(2025, 12, 20))
    one.say("你好")
    for words in opening:
        one.say(words)
    one.today = date(2026, 1, 5)
    one.say("你好")
    assert one.state == "asking:review_year"
    assert "欢迎回来" in one.text
    one.tap(said[1:-1]) if said.startswith("[") else one.say(said)
    assert one.state != "asking:review_year"
    one.say("看结果")
    assert one.state != "asking:review_year"


@pytest.mark.parametrize("said", ["2025年度", "2026年度"])
def test_back_from_the_question_after_the_year_asks_for_the_year_again(said: str) -> None:
    one = Somebody(date(2025, 12, 20))
    one.say("你好")
    one.say("国企")
    one.today = date(2026, 1, 5)
    one.say("你好")
    one.tap(said)
    one.tap("上一步")
    assert one.state == "asking:review_year"
    assert "还有" in one.text


def test_the_result_is_not_shown_before_the_year_is_known() -> None:
    one = Somebody(date(2025, 12, 20))
    one.say(TOLD)
    assert one.state == "review"
    one.today = date(2026, 1, 5)
    one.tap("看结果")
    assert one.state == "asking:review_year"
    one.tap("2025年度")
    one.tap("看结果")
    assert one.state == "result"


@pytest.mark.parametrize("days", [1, 30, 90])
def test_back_after_days_everything_is_where_it_was(days: int) -> None:
    one = begun()
    one.say("国企")
    one.say("都没有")
    one.today = date.fromordinal(one.today.toordinal() + days)
    before = (one.asked, one.facts)
    one.say("你好")
    assert "欢迎回来" in one.text
    assert (one.asked, one.facts) == before
    assert {"继续", "修改", "重新开始"} <= set(one.labels)
    one.tap("继续")
    assert (one.asked, one.facts) == before


def test_an_age_is_the_age_of_the_day_on_which_it_was_said() -> None:
    one = Somebody(date(2025, 3, 1))
    one.say("女，44岁，中级，国企，没有特殊情况")
    assert one.facts["age"] == 44
    one.today = date(2025, 11, 1)
    one.say("三年都没学")
    assert one.asked == "birth", "45 may have been reached meanwhile"


def test_what_time_has_opened_is_asked_before_the_result() -> None:
    one = Somebody(date(2025, 3, 1))
    one.say("女，44岁，中级，国企，没有特殊情况。2025年公需30专业60，2024年没学，2023年没学")
    assert one.state == "review"
    one.today = date(2025, 11, 1)
    one.tap("看结果")
    assert one.asked == "birth"


def test_another_persons_case_leaves_the_askers_own_alone() -> None:
    one = begun()
    one.say("男，1990年6月，中级")
    mine, asked = one.facts, one.asked
    one.say("我同事48女，报副高，事业单位")
    assert one.facts == {"sex": "female", "age": 48, "title_level": "deputy_senior", "sector": "public_institution"}
    while one.asked:
        answer(one, "都没有" if one.asked == "circumstances" else "都学满了")
    one.tap("看结果")
    one.tap("再算一个人")
    one.say("男")
    assert one.facts == {"sex": "male"}
    one.say("重新开始")
    one.tap("确定重新开始")
    assert one.facts == {}
    one.say("女，52岁，国企")
    while one.asked:
        answer(one, "都没有" if one.asked == "circumstances" else "都学满了")
    one.tap("看结果")
    one.tap("回到我自己的")
    assert one.facts == mine
    assert one.asked == asked


def test_a_message_of_the_askers_own_is_corrected_while_another_case_is_open() -> None:
    one = begun()
    one.say("男，中级")
    sent = f"m{one.number}"
    one.say("再算一个人")
    one.say("国企")
    one.say("女，中级", "edit", replaces=sent)
    assert one.facts == {"sector": "state_enterprise"}
    assert one.session is not None
    one.session.current = "self"
    one.say("你好")
    assert one.facts == {"sex": "female", "title_level": "middle"}


def test_deleting_leaves_nothing() -> None:
    one = begun()
    one.say("我是出站博士后，女，48岁")
    one.say("我同事48女，报副高")
    one.say("删除我的数据")
    step = one.tap("确定删除")
    assert step.forget
    assert step.facts == {}
    assert one.session is not None
    assert one.session.cases == {"self": Case()}
    assert "48" not in str(one.session.fails)


def test_who_wants_no_record_leaves_none_after_the_result() -> None:
    one = Somebody()
    one.say("不留记录")
    one.say(TOLD)
    step = one.tap("看结果")
    assert step.forget
    assert step.assessment is not None
    assert one.session is not None
    assert one.session.case.log == ()


def test_a_group_tells_nothing_and_is_told_nothing() -> None:
    one = begun()
    one.say(TOLD)
    one.say("看结果")
    kept = copy.deepcopy(one.session)
    step = one.say("我52，女，副高", group=True)
    assert step.facts == {}
    assert step.assessment is None
    assert step.state == "idle"
    assert one.session == kept
    one.say("公需和专业有啥区别", group=True)
    assert "本行" in one.text
    one.send(Message("web", "", "p", "tap", "choice", choice="1.sector=government", group=True))
    assert one.session == kept


def test_expired_answers_are_said_to_be_gone() -> None:
    from tests.interview.somebody import ask

    step = asking.take(PACKS, None, Message("web", "", "p", "1", text="你好"), TODAY, ask, date(2025, 8, 1))
    assert step.says[0].template == "expired"


def asked_for_birth() -> Somebody:
    return resumed(None, "国企", "都没有", "中级")


def another_release(one: Somebody, change: Callable[[dict[str, Any]], Any]) -> None:
    """The session as another release has left it."""
    assert one.session is not None
    stored = orjson.loads(written(one.session))
    change(stored)
    one.session = read_session(stored, PACKS, TODAY)
    asking.codes(PACKS, one.session, TODAY)  # what a tapped button said is looked up before anything else


OTHER_RELEASES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another state": lambda session: session.update(state="confirmation"),
    "nothing asked": lambda session: session.update(asking=None),
    "another question": lambda session: session.update(asking="shoe_size"),
    "another category": lambda session: session.update(asking="history.2024.ethics"),
    "another question again": lambda session: session.update(asking="shoe_size", redo="shoe_size", editing=True),
    "another offer": lambda session: session.update(offer={"do": "share"}),
    "another person": lambda session: session.update(current="third"),
    "another place to go back to": lambda session: session.update(before_other={"state": "asking", "asking": "hair"}),
    "another undo": lambda session: session.update(undo=[{"log": 1, "state": "asking", "asking": "hair"}]),
    "parts of facts": lambda session: session["cases"]["self"]["log"][0]["set"].update({"history.2024.ethics": 3}),
    "bare cases": lambda session: session.update(cases={"self": {"log": [{"set": {"sector": "state_enterprise"}}]}}),
    "no cases": lambda session: session.update(cases={}),
    "nothing": lambda session: session.clear(),
}


@pytest.mark.parametrize("said", ["你好", "1985年6月", "改", "撤销", "我自己呢", "上一步"])
@pytest.mark.parametrize("name", OTHER_RELEASES)
def test_a_session_of_another_release_goes_on(name: str, said: str) -> None:
    one = asked_for_birth()
    another_release(one, OTHER_RELEASES[name])
    one.say(said)
    one.say(TOLD)
    if "改" in one.labels:
        one.tap("改")
    one.say("看结果")
    assert one.state == "result"


@pytest.mark.parametrize("said", ["你好", "1985年6月"])
@pytest.mark.parametrize("key", sorted(orjson.loads(written(new_session(PACKS, TODAY)))))
def test_what_an_older_release_did_not_keep_is_as_with_somebody_new(key: str, said: str) -> None:
    one = asked_for_birth()
    another_release(one, lambda session: session.pop(key, None))
    one.say(said)
    assert one.state.partition(":")[0] in ("asking", "welcome")


@pytest.mark.parametrize("said", ["记不清", "没有", "35", "红的", "1"])
def test_what_was_meant_for_a_question_that_is_gone_is_not_taken_for_another(said: str) -> None:
    one = asked_for_birth()
    facts = one.facts
    another_release(one, lambda session: session.update(asking="shoe_size"))
    one.say(said)
    assert "题目有更新" in one.text
    assert (one.asked, one.facts) == ("birth", facts)
    one.say("35")
    assert one.facts["age"] == 35


@pytest.mark.parametrize("label", ["记不清", "上一步"])
def test_a_button_under_a_question_that_is_gone_does_nothing_to_another(label: str) -> None:
    one = asked_for_birth()
    facts = one.facts
    another_release(one, lambda session: session.update(asking="shoe_size"))
    one.tap(label)
    assert (one.asked, one.facts) == ("birth", facts)
    assert "题目有更新" in one.text
    assert one.last is not None
    assert not one.last.toast  # with a toast a channel leaves the screen as it is


def test_a_notice_between_two_releases_leaves_the_session_as_it_was() -> None:
    one = asked_for_birth()
    another_release(one, lambda session: session.update(asking="shoe_size"))
    assert one.session is not None
    step = asking.untouched(PACKS, one.session, Message("web", "", "p", "n", "choice", choice="n:1"), TODAY)
    assert (step.session, step.says) == (one.session, ())


def test_a_notice_in_mid_interview_brings_the_pending_question_back() -> None:
    one = asked_for_birth()
    assert one.session is not None
    step = asking.untouched(PACKS, one.session, Message("web", "", "p", "n", "choice", choice="n:1"), TODAY)
    assert step.session == one.session
    assert [say.context["asked"] for say in step.says] == ["birth"]


def test_hours_told_while_the_year_is_asked_for_name_no_year_of_review() -> None:
    one = asked_for_birth()
    one.today = date(2026, 1, 1)
    one.say("1985年6月")
    one.say("2023年公需30专业60，2024年公需30专业60，去年公需30专业41")
    assert one.asked == "review_year"
    full = {"general": 30, "professional": 60}
    assert one.facts["history"] == {"2023": full, "2024": full, "2025": {"general": 30, "professional": 41}}
    one.say("就2025年的")
    assert one.facts["review_year"] == 2025


def test_after_new_year_the_year_is_one_of_the_questions_left() -> None:
    one = asked_for_birth()
    one.today = date(2026, 1, 1)
    one.say("1985年6月")
    assert one.asked == "review_year"
    assert "最多还有4题" in one.text
    one.tap("2025年度")
    assert "最多还有3题" in one.text


def test_what_was_told_half_is_completed_by_its_own_kind_alone() -> None:
    one = begun()
    one.say("女，中级，国企，没有特殊情况，近三年公需30专业40")
    one.say("回到我自己")
    assert "age" not in one.facts
    assert "birth" not in one.facts
    assert "记下了" not in one.text


def test_a_question_left_open_is_not_said_to_have_been_answered() -> None:
    one = begun()
    one.say("国企")
    one.say("记不清")
    one.say("上一步")
    assert one.asked == "circumstances"
    assert "都没有。要改" not in one.text
    one.say("都没有")
    one.say("上一步")
    assert "您之前答的是：都没有" in one.text


def test_ones_data_are_shown_whole_and_as_whose_they_are_also_in_a_colleagues_case() -> None:
    one = begun()
    one.say("女，副高")
    one.say("我同事48男，中级，国企")
    one.say("你都存了我啥")
    own, _, other = one.text.partition("您帮别人算的一份：")
    assert "性别：女" in own
    assert "申报级别：副高" in own
    assert "男" not in own
    assert "性别：男" in other
    assert "单位性质：国有企业" in other


def test_a_result_that_is_not_there_yet_is_not_offered_to_be_kept() -> None:
    one = begun()
    one.say("女，副高")
    one.say("存成图片")
    assert one.asked == "sector"
    assert "打开结果" not in one.text
    assert "先算出结果" in one.text
