"""Rules of conduct that hold on every channel."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.messages import Message
from tests.channels.lines import DAY, LINES, Line

pytestmark = pytest.mark.slow


@pytest_asyncio.fixture(params=LINES)
async def line(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Line]:
    async with LINES[request.param](tmp_path) as line:
        yield line


@pytest.mark.parametrize(
    "words",
    [
        "👍",
        "\u200b",
        "/nosuch",
        "学时" * 300,
        "'; DROP TABLE person; --",
        "{{7*191}}",
        "asdfghjkl",
        "99999999999999999999",
        "[微笑]",
        "<a href='http://evil.example'>x</a>",
    ],
)
async def test_nothing_meets_silence(line: Line, words: str) -> None:
    await line.say("oA", "开始查询")
    answer = await line.say("oA", words)
    assert answer
    assert "1337" not in answer


async def test_what_has_no_words_is_answered_and_the_question_stands(line: Line) -> None:
    asked = await line.say("oA", "开始查询")
    assert asked.splitlines()[0] in await line.wordless("oA")


async def test_five_asides_bring_the_same_question_back_five_times(line: Line) -> None:
    question = (await line.say("oA", "开始查询")).splitlines()[0]
    for aside in ("公需和专业有什么区别", "为什么问", "近三年是哪三年", "审验卡在哪打印", "人工"):
        assert question in await line.say("oA", aside), aside


async def test_several_facts_in_one_message_are_all_taken_and_only_the_rest_is_asked(line: Line) -> None:
    answer = await line.say("oA", "我52，女，副高，医院的，今年公需30专业41，去年忘了")
    assert all(part in answer for part in ("女", "副高", "41"))
    assert "申报哪一级" not in answer
    assert "您的性别" not in answer


async def test_the_result_is_the_same_number_on_every_channel(line: Line) -> None:
    for words in ("男，1985年6月，中级，事业单位", "都没有", "今年公需30专业41，去年和前年都学满了"):
        await line.say("oA", words)
    result = await line.say("oA", "看结果")
    assert re.search(r"还差 19 学时", result)
    assert "审验卡" in result


async def test_back_goes_along_the_path_really_taken(line: Line) -> None:
    path = ("开始查询", "事业单位", "都没有", "中级", "1985年6月")
    asked = [(await line.say("oA", words)) for words in path]
    for before in reversed(asked[:-1]):
        question = next(
            row for row in before.splitlines() if row.endswith(("？", "。")) and not row.startswith(("记下了", "好的"))
        )
        assert question[:8] in await line.say("oA", "上一步")


async def test_back_after_days_one_is_told_where_one_was_and_goes_on_or_begins_again(line: Line) -> None:
    for words in ("开始查询", "事业单位", "都没有"):
        asked = await line.say("oA", words)
    line.talks.today = lambda: DAY + timedelta(days=10)
    back = await line.say("oA", "你好")
    assert all(part in back for part in ("9月1日", "事业单位", asked.splitlines()[1]))
    assert asked.splitlines()[1] in await line.say("oA", "继续")
    await line.say("oA", "重新开始")
    assert "哪一种" in await line.say("oA", "确定重新开始")


async def test_after_the_retention_period_the_answers_are_gone_and_said_to_be(line: Line) -> None:
    await line.say("oA", "我52，女，副高，事业单位，没有特殊情况")
    line.talks.today = lambda: DAY + timedelta(days=180)
    assert "过了保存期" not in await line.say("oA", "继续")
    line.talks.today = lambda: DAY + timedelta(days=361)
    assert "过了保存期（180天）" in await line.say("oA", "继续")
    assert "副高" not in await line.say("oA", "你都记了我什么")


async def test_bidi_and_invisible_characters_do_not_come_back(line: Line) -> None:
    await line.say("oA", "开始查询")
    assert not re.search("[\u200b\u202a-\u202e\u2066-\u2069]", await line.say("oA", "\u202e男\u202c\u200b啊吧啊吧"))


@pytest.mark.parametrize("channel", [name for name in LINES if name != "terminal"])  # there a line typed twice is two
async def test_the_same_delivery_again_is_the_same_reply_and_counts_once(channel: str, tmp_path: Path) -> None:
    async with LINES[channel](tmp_path) as line:
        for words in ("开始查询", "事业单位", "都没有", "中级"):
            await line.say("oA", words)
        replies = await asyncio.gather(*(line.say("oA", "上一步", number=55) for _ in range(3)))
        replies.append(await line.say("oA", "上一步", number=55))
        assert len(set(replies)) == 1
        assert "哪一级" in replies[0]
        assert "都没有" in await line.say("oA", "上一步")


async def test_many_people_at_once_get_their_own_answers(line: Line) -> None:
    answers = await asyncio.gather(*(line.say(f"o{n}", f"男，今年专业{n}，公需30") for n in range(11, 31)))
    for n, answer in zip(range(11, 31), answers, strict=True):
        assert re.search(rf"(?<!\d){n}(?!\d)", answer), answer


WORDS = (
    *("开始查询", "男", "女", "1985年6月", "中级", "副高", "事业单位", "都没有"),
    *("上一步", "记不清", "今年公需30专业41", "去年学满了", "看结果", "为什么问", "改", "不改"),
)


@pytest.mark.parametrize("seed", range(3))
async def test_deliveries_repeated_and_mixed_between_people_leave_what_each_alone_would(
    line: Line, seed: int, tmp_path: Path
) -> None:
    """Against the same words, once each and in order, said to a conversation of their own."""
    chance = random.Random(seed)
    people = ("oA", "oB", "oC")
    plans = {person: [(number, chance.choice(WORDS)) for number in range(900, 912)] for person in people}
    said: dict[str, str] = {}

    async def live(person: str) -> None:
        for number, words in plans[person]:
            tries = chance.choice((1, 1, 2, 3)) if line.repeats else 1
            answers = await asyncio.gather(*(line.say(person, words, number=number) for _ in range(tries)))
            assert len(set(answers)) == 1
            said[person] = answers[0]

    await asyncio.gather(*(live(person) for person in people))
    (tmp_path / "alone").mkdir()
    async with LINES["terminal"](tmp_path / "alone") as alone:
        for person, plan in plans.items():
            for number, words in plan:
                turn = await alone.talks.take(Message("alone", "", person, str(number), text=words))
            for row in "\n".join(reply.text for reply in turn.replies).splitlines():
                assert "点" in row or row in said[person], (person, row)
