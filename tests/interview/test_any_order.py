"""Everything in any order: words, buttons old and new, edits, wordless deliveries, days going by, another person's case."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.asking.casefile import fold
from bot.asking.meanwhile import strange
from bot.messages import Kind
from tests.examples import examples
from tests.interview.answers import ANSWERS, PARTLY, answers_to
from tests.interview.somebody import Somebody

pytestmark = pytest.mark.slow

SPOKEN = (
    "男，1990年6月，中级，国企，没有特殊情况，三年都学满了", "女 52 副高 医院", "我同事48女，报副高，事业单位",
    "不对，我是中级", "1", "2",
    "不是国企，是事业单位", "我不是破格", "没有特殊情况", "年度考核要的学时", "破格，2024年3月任现职", "2025年公需再加10",
    "今年公需30-40",
    "明年报", "2026年度",
    "上一步", "修改", "撤销", "继续", "重新开始", "取消", "看结果", "为什么问", "再算一个人", "只问问题",
    "不留记录", "改", "不改", "改性别", "改学时",
    "回到我自己的", "呜啦啦", "公需和专业有啥区别", "帮助", "删除我的数据", "1980年", "3月",
)  # fmt: skip
SAID = sorted({*SPOKEN, *(words for group in (*ANSWERS.values(), *PARTLY.values()) for words in group)})
WORDLESS = [kind for kind in get_args(Kind) if kind not in ("text", "choice", "edit")]


class Talks(RuleBasedStateMachine):
    """`Somebody` checks each turn; here, that no order of them comes to a dead end or to a case that is not whole."""

    sent = Bundle("sent")

    @initialize()
    def begins(self) -> None:
        self.one = Somebody(date(2025, 12, 20))
        self.one.say("你好")

    @rule(target=sent, words=st.sampled_from(SAID))
    def says(self, words: str) -> str:
        self.one.say(words)
        return f"m{self.one.number}"

    @precondition(lambda self: self.one.asked)
    @rule(target=sent, data=st.data())
    def answers(self, data: st.DataObject) -> str:
        self.one.say(data.draw(st.sampled_from(answers_to(self.one.asked, partly=True))))
        return f"m{self.one.number}"

    @precondition(lambda self: self.one.choices)
    @rule(data=st.data())
    def taps(self, data: st.DataObject) -> None:
        self.one.press(data.draw(st.sampled_from(self.one.choices)).id)

    @rule(data=st.data())
    def taps_an_old_button(self, data: st.DataObject) -> None:
        self.one.press(data.draw(st.sampled_from(self.one.shown)).id)

    @rule(message=sent, words=st.sampled_from(SAID))
    def edits_a_message(self, message: str, words: str) -> None:
        self.one.say(words, "edit", replaces=message)

    @rule(kind=st.sampled_from(WORDLESS))
    def sends_something_without_words(self, kind: Kind) -> None:
        self.one.say("", kind)

    @rule(days=st.sampled_from([1, 5, 20]))
    def lets_days_go_by(self, days: int) -> None:
        self.one.today = date.fromordinal(self.one.today.toordinal() + days)

    @rule(words=st.sampled_from(SAID))
    def speaks_in_a_group(self, words: str) -> None:
        before = self.one.session
        self.one.say(words, group=True)
        assert self.one.session == before
        self.one.say("", "sticker")  # the keyboard that is pending is shown again

    @invariant()
    def the_case_is_whole(self) -> None:
        session = self.one.session
        assert session is not None
        for case in session.cases.values():
            assert not strange(case, self.one.packs)
            assert len(case.skipped) == len(set(case.skipped))
            assert not {name for name in case.skipped if name in fold(case)}
        if session.redo is not None:
            assert session.redo == session.asking

    def teardown(self) -> None:
        """From anywhere it comes to a result when what is asked is answered."""
        if not hasattr(self, "one"):
            return
        for _ in range(40):
            if self.one.state == "result":
                return
            if "不改" in self.one.labels:
                self.one.tap("不改")
            elif "先不" in self.one.labels:
                self.one.tap("先不")
            elif self.one.state == "asking:review_year":
                self.one.tap("2025年度")
            elif self.one.asked:
                self.one.say("都没有" if self.one.asked == "circumstances" else "记不清")
            else:
                self.one.say("看结果")
        raise AssertionError(f"a dead end at {self.one.state}: {self.one.text}")


TestTalks = Talks.TestCase
TestTalks.settings = examples(8, stateful_step_count=25)
