"""A case goes on on another phone or channel by a short code."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest_asyncio

import bot.conversation.resume
from bot.app import conversation
from bot.conversation import Conversation
from bot.messages import Message, Turn
from bot.settings import read_settings

TOLD = "女，1989年6月生，报副高，事业单位，没有特殊情况，2023年学满了，2024年学满了，2025年公需20专业60"


@pytest_asyncio.fixture
async def talks(tmp_path: Path) -> AsyncIterator[Conversation]:
    settings = read_settings({"XUESHI_DATA_DIR": str(tmp_path), "XUESHI_TODAY": "2025-09-01"}, dotenv=None)
    async with conversation(settings) as talks:
        yield talks


async def say(talks: Conversation, sender: str, id: str, text: str, channel: str = "web") -> Turn:
    return await talks.take(Message(channel, "", sender, id, text=text))


def words(turn: Turn) -> str:
    return "\n".join(reply.text for reply in turn.replies)


async def code_of(talks: Conversation) -> str:
    await say(talks, "one", "1", TOLD)
    await say(talks, "one", "2", "看结果")
    said = words(await say(talks, "one", "3", "续接码"))
    return said.partition("续接码：")[2].partition("。")[0]


async def test_the_code_opens_the_same_result_on_another_channel(talks: Conversation) -> None:
    code = await code_of(talks)
    there = await say(talks, "two", "1", code, channel="telegram")
    assert "接上了" in words(there)
    assert "还差 10 学时" in words(there)
    assert (there.state, there.facts) == ("result", (await say(talks, "one", "4", "谢谢")).facts)
    await say(talks, "two", "2", "不对，我是中级", channel="telegram")
    assert (await say(talks, "two", "3", "改", channel="telegram")).facts["title_level"] == "middle"
    assert (await say(talks, "one", "5", "谢谢")).facts["title_level"] == "deputy_senior"  # from here on they are two


async def test_where_one_asks_for_a_code_the_result_is_pointed_at_and_not_told_again(talks: Conversation) -> None:
    await code_of(talks)
    for id, asked in (("4", "续接码"), ("5", "导出我的数据")):
        last = (await say(talks, "one", id, asked)).replies[-1]
        assert last.text.startswith("结果没有变：还差 10 学时")
        assert "\n" not in last.text
        assert "修改" in [choice.label for choice in last.choices]


async def test_after_half_an_hour_or_once_the_case_is_deleted_it_opens_nothing(talks: Conversation) -> None:
    code = (await code_of(talks)).replace(" ", "")
    row = (await talks.store.load(bot.conversation.resume._key(code))).session
    assert row is not None
    assert set(row) == {"of", "until", "state", "day"}  # nothing of the case
    assert datetime.fromisoformat(row["until"]) - datetime.now(UTC) <= timedelta(minutes=30)
    await say(talks, "one", "4", "删除我的数据")
    await say(talks, "one", "5", "确定删除")
    assert "不对，或者过期了" in words(await say(talks, "two", "1", code))


async def test_after_ten_wrong_codes_in_a_minute_no_code_opens_anything(talks: Conversation) -> None:
    code = await code_of(talks)
    for number in range(bot.conversation.resume.WRONG_A_MINUTE):
        assert "不对，或者过期了" in words(await say(talks, f"guess{number}", "1", f"3000 {number:04}"))
    assert "不对，或者过期了" in words(await say(talks, "two", "1", code))


async def test_eight_digits_that_are_a_date_are_no_code(talks: Conversation) -> None:
    assert "续接码" not in words(await say(talks, "one", "1", "19850612"))


async def test_what_was_answered_here_is_replaced_only_by_who_says_so(talks: Conversation) -> None:
    code = await code_of(talks)
    await say(talks, "two", "1", "男，报正高，国企")
    asked = await say(talks, "two", "2", code)
    assert "这里的就换掉了" in words(asked)
    assert asked.facts["sex"] == "male"
    assert (await say(talks, "two", "3", "1970年3月生")).facts["sex"] == "male"  # whoever goes on keeps what is here
    [way] = [choice for reply in asked.replies for choice in reply.aside]
    there = await talks.take(Message("web", "", "two", "4", kind="choice", choice=way.id))
    assert "接上了" in words(there)
    assert there.facts["sex"] == "female"
    await say(talks, "three", "1", "男，报正高，国企")
    await say(talks, "three", "2", code)
    assert (await say(talks, "three", "3", code)).facts["sex"] == "female"  # the code once more says it too
