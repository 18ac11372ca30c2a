"""Messages are read as people mean them, or not at all."""

from __future__ import annotations

import json
import random
import time
from datetime import date
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reading.lexing.normalise import normalise
from bot.reading.read_command import run
from tests.examples import examples
from tests.language.report import measure
from tests.language.sentences import DAY, Sentence, faults, flat, read, sentences
from tests.language.variations import variations

SEEN = [s for s in sentences() if not s.held_out]
HELD = [s for s in sentences() if s.held_out]
SAID = """
公需 专业 去年 今年 2023年 24年 三十 60 45.5 没学 学满了 忘了 差 女 男 47岁 副高 中级 报 事业单位 我 他 不是 三年 都
一共 其中 也一样 改成 吗 1977年5月 生 博士后 苏木 从 转到 机关 聘的 如果 ， 。 / ？ ( ) - +
"""
PENDING = """
sex birth birth_day title_level sector history history.2024 history.2024.general circumstances route tenure_start
recognition_years transfer epidemic_years postdoc grassroots grassroots_graduate review_year review_date unit_scope
purpose school_teacher highly_skilled review history. nonsense.x.y
"""
WORDS = [*SAID.split(), "\n", " "]
ASKED = [None, *PENDING.split()]
UNITS = "女47岁报副高，去年公需30专业60。 公需专业 没学 我他 12， (( 9 零 去年 吗？ 23、 47岁 不是60"
ANY_TEXT = st.text(max_size=200) | st.lists(st.sampled_from(WORDS), max_size=40).map("".join)
COMMANDS = """
back: 上一步 麻烦返回上一步吧 上一部
why: 为啥要问这个呀
unknown: 记不清了
restart: 重新开始 帮我重新开始吧
cancel: 算了
human: 转人工 给我转人工
result: 看结果 出结果吧
show_understanding: 你是怎么理解的
delete_data: 把我的数据删了
show_data: 你都存了我啥
other_person: 再算一个人
undo: 撤销
continue: 继续
remind: 提醒我
unsubscribe: 退订
ask_only: 只问问题
start: 开始查询
greeting: 您好 /start
thanks: 谢谢您
none: 都没有 以上都没有
yes: 对
no: 不是
nothing: 去年公需30 我女的
"""


@pytest.mark.parametrize("sentence", SEEN, ids=lambda s: f"{s.topic}: {s.text[:40]}")
def test_a_sentence_tells_what_it_says_and_nothing_else(sentence: Sentence) -> None:
    assert faults(sentence, read(sentence.text, sentence.today, asking=sentence.asking)) == ([], [])


def test_sentences_never_looked_at_are_read_as_well() -> None:
    tally = measure(HELD, 0)
    assert tally["right"] >= 0.95 * tally["messages"]
    assert tally["wrong"] <= 0.005 * tally["facts"]


@cache
def as_written(number: int) -> list[str]:
    """What is read of a sentence as it stands; read once for all ways of writing it."""
    sentence = SEEN[number]
    return flat(read(sentence.text, sentence.today, asking=sentence.asking).facts)


@pytest.mark.parametrize(
    "name", [n for n in variations() if n not in ("homophones", "polite ends", "commas for spaces")]
)
def test_no_way_of_writing_changes_what_is_read(name: str) -> None:
    vary = variations()[name]
    for number, sentence in enumerate(SEEN):
        if (varied := vary(sentence.text)) == sentence.text:
            continue
        other = read(varied, sentence.today, asking=sentence.asking)
        assert flat(other.facts) == as_written(number), sentence.text


def test_misheard_words_are_found_by_their_sound() -> None:
    cases = [s for s in SEEN if variations()["homophones"](s.text) != s.text]
    misread = sum(bool(faults(s, read(variations()["homophones"](s.text), s.today, asking=s.asking))[1]) for s in cases)
    assert len(cases) > 50
    assert misread == 0


@examples(150)
@given(ANY_TEXT, st.sampled_from(ASKED), st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_no_text_raises_and_every_fact_has_its_words_and_a_shape_of_the_contract(
    text: str, asking: str | None, today: date
) -> None:
    reading = read(text, today, asking=asking)
    json.dumps(reading.facts)
    for path, value in flat(reading.facts).items():
        assert path in reading.words
        if path.startswith("history."):
            assert value is None or 0 <= value <= 8784
            assert int(path.split(".")[1]) <= today.year or asking is not None
    assert len(set(reading.words) - set(flat(reading.facts))) == 0 or reading.facts is not None


@examples(60)
@given(ANY_TEXT)
def test_reading_is_a_function_of_text_and_day_alone(text: str) -> None:
    first = read(text, DAY)
    read("我女46报副高，去年公需30专业60", DAY)
    assert read(text, DAY) == first


@examples(40)
@given(ANY_TEXT)
def test_invisible_characters_change_nothing(text: str) -> None:
    hidden = "".join(c + random.Random(text).choice(["", "\u200b", "\u2060", "\ufeff", "\u202e"]) for c in text)
    assert read(hidden, DAY).facts == read(text, DAY).facts


@pytest.mark.parametrize("unit", UNITS.split(" "))
def test_ten_thousand_characters_are_read_in_time_linear_in_their_number(unit: str) -> None:
    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        best = 9.0
        for _ in range(3):
            started = time.process_time()
            read(text, DAY)
            best = min(best, time.process_time() - started)
        return best

    seconds(100)
    assert seconds(10_000) < 40 * seconds(1_000) + 0.05


def test_a_number_alone_is_nothing_until_it_is_asked_for() -> None:
    assert read("47", DAY).facts == {}
    assert read("47", DAY, asking="birth").facts == {"age": 47}
    assert read("47", DAY, asking="history.2024.professional").facts == {"history": {"2024": {"professional": 47}}}


def test_last_three_years_count_back_from_the_review_year() -> None:
    assert list(read("近三年都学满了", date(2026, 11, 1), review_year=2025).facts["history"]) == [
        "2023",
        "2024",
        "2025",
    ]
    assert list(read("近三年都学满了", date(2026, 11, 1), review_year=2026).facts["history"]) == [
        "2024",
        "2025",
        "2026",
    ]


def test_somebody_elses_facts_never_become_the_askers() -> None:
    reading = read("我46女报中级 我们科主任58了", DAY)
    assert reading.about == "self"
    assert reading.facts["age"] == 46
    assert reading.other is not None
    assert reading.other["age"] == 58


def test_what_is_denied_is_named_and_not_set() -> None:
    reading = read("不是事业单位", DAY)
    assert reading.facts == {}
    assert reading.denied == ("sector=public_institution",)


def test_whole_messages_command() -> None:
    for row in COMMANDS.split("\n"):
        command, _, texts = row.partition(": ")
        for text in texts.split():
            assert read(text, DAY).command == (None if command == "nothing" else command), text


def test_a_number_chooses_an_option_only_while_something_is_asked() -> None:
    assert read("第二个", DAY, asking="sector").command == "option:2"
    assert read("2", DAY).command is None


def test_the_command_reads_lines_and_json_strings_and_writes_one_line_each() -> None:
    out: list[str] = []
    run(
        ['"2023 30 60\\n2024 30 41"\n', "我同事女\n", b"\xe5\xa5\xb3\n", "\n"],
        out.append,
        lambda text: read(text, DAY),
        topic=lambda t: "x" if "女" in t else None,
    )
    rows = [json.loads(line) for line in out]
    assert rows[0]["facts"]["history"]["2024"] == {"general": 30, "professional": 41}
    assert rows[1] == {"facts": {"sex": "female"}, "topic": "x", "unread": [], "asks": [], "about": "other"}
    assert rows[2]["facts"] == {"sex": "female"}
    assert rows[3] == {"facts": {}, "topic": None, "unread": [], "asks": [], "about": "self"}


@pytest.mark.parametrize("text", ["7 7", "{{7*7}}", "30h", "49/49"])
def test_figures_without_a_word_are_no_doubt_while_nothing_is_asked(text: str) -> None:
    assert read(text, DAY).doubts == ()


@pytest.mark.parametrize("mark", ["❌", "✗", "✘"])
def test_a_cross_is_no_tick(mark: str) -> None:
    found = read(f"25年公需30✔专业{mark}", date(2025, 9, 1))
    assert "professional" not in found.facts["history"]["2025"]
    assert "history.2025.professional" in [doubt.fact for doubt in found.doubts]


@pytest.mark.parametrize("text", ["退伍军人", "登陆不上", "收拾一下", "大陆", "队伍", "三十陆续"])
def test_formal_numerals_inside_words_stay_what_they_are(text: str) -> None:
    assert normalise(text) == text


def test_formal_numerals_among_numerals_or_alone_with_hours_are_numerals() -> None:
    assert normalise("公需叁拾，专业肆拾伍，还差陆个") == "公需三十,专业四十五,还差六个"
