"""No message is met with silence, whatever it is; none raises, and none that is no answer moves anything."""

from __future__ import annotations

import unicodedata
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import Kind
from tests.examples import examples
from tests.interview.somebody import Somebody, begun

some = examples(20)
WORDLESS = [kind for kind in get_args(Kind) if kind not in ("text", "choice", "edit")]

SPOKEN = (
    "男", "中级", "国企", "公需", "专业", "30", "60", "2024", "年", "去年", "记不清", "没有", "不是", "都", "满了", "破格", "出站博士后",
    "同事", "我", "48", "岁",
    "左右", "。", "，", "\n", " ", "-", "/", "<b>", "{{7*7}}", "'; DROP TABLE", "\u202e", "\u200b", "\ud800", "\x00",
    "上一步", "修改", "改", "继续", "取消", "重新开始", "删除", "撤销", "看结果", "再算一个人", "²", "１２", "⑫", "卅", "半", "?",
)  # fmt: skip
spoken = st.lists(st.sampled_from(SPOKEN), min_size=1, max_size=12).map("".join)
anything = st.text(st.characters(), max_size=60)


@given(
    st.lists(st.one_of(anything, spoken), min_size=1, max_size=5), st.sampled_from(["", "开始查询", "男，中级，国企"])
)
@some
def test_any_text_is_answered(texts: list[str], opening: str) -> None:
    one = Somebody()
    if opening:
        one.say(opening)
    for text in texts:
        one.say(text)


@given(
    st.sampled_from(["男中级公需30", "1", "年", "\u202e", "，", "不是", "2024年公需30专业60。", "\n"]),
    st.integers(1, 20_000),
)
@examples(4)
def test_very_long_texts_are_answered(piece: str, length: int) -> None:
    one = begun()
    one.say((piece * (length // len(piece) + 1))[:length])
    assert len(one.text) < 4_000


@pytest.mark.parametrize("kind", WORDLESS)
@pytest.mark.parametrize(
    "opening",
    [(), ("开始查询",), ("国企", "记不清"), ("男，1990年6月，中级，国企，没有特殊情况，三年都学满了", "看结果")],
)
def test_what_has_no_words_leaves_everything_where_it_was(kind: Kind, opening: tuple[str, ...]) -> None:
    one = Somebody()
    one.say("你好")
    for words in opening:
        one.say(words)
    before = (one.state, one.facts, one.asked, one.labels)
    one.say("", kind)
    assert (one.state, one.facts, one.asked, one.labels) == before


@pytest.mark.parametrize(
    "words", ["公需和专业有啥区别", "为什么要问这个", "帮助", "谢谢", "人工", "你都存了我啥", "呜啦啦啦"]
)
def test_what_is_no_answer_leaves_the_question_five_times_in_a_row(words: str) -> None:
    one = begun()
    one.say("国企")
    before = (one.state, one.facts, one.labels)
    for _ in range(5):
        one.say(words)
        assert (one.state, one.facts, one.labels) == before


def test_what_is_not_understood_is_never_refused_in_the_same_words_three_times() -> None:
    one = begun()
    heard = []
    for words in ("阿巴阿巴", "呜哩哇啦", "叽里呱啦", "噜噜噜噜"):
        one.say(words)
        heard.append(one.text)
    assert len(set(heard)) == len(heard)
    assert "比如" in heard[2]
    assert "人工" in heard[3]


@given(st.text(st.characters(categories=["Cf", "Cc", "Cs", "Lo"]), min_size=1, max_size=30))
@some
def test_what_is_shown_again_holds_nothing_invisible(junk: str) -> None:
    one = begun()
    one.say(f"国企{junk}")
    for words in ("你是怎么理解的", "你都存了我啥"):
        one.say(words)
        assert not [char for char in one.text if unicodedata.category(char) in ("Cf", "Cc", "Cs") and char != "\n"]


def test_nothing_yes_or_special_circumstances_without_a_name_is_asked_about() -> None:
    one = begun()
    one.say("国企")
    one.say("有")
    assert one.asked == "circumstances"
    assert "哪一种" in one.text


@pytest.mark.parametrize("words", ["都没有", "没有别的了", "都不沾"])
def test_none_said_ahead_of_the_question_means_no_other_circumstance_than_those_told(words: str) -> None:
    one = Somebody()
    one.say("破格报副高，2023年6月聘的中级")
    one.say(words)
    assert one.last is not None
    assert one.last.facts["route"] == "exceptional"
    assert not one.labels.count("不改")
    one.say("国企")
    assert one.asked == "birth"  # not asked for circumstances again


def test_nothing_special_is_taken_at_any_question() -> None:
    one = begun()
    one.say("没有特殊情况")
    one.say("国企")
    assert one.asked not in ("", "circumstances")
    assert "特殊情况" not in one.text
