"""答错了 and 反馈: HR's manager reads what was asked, never who asked, nor what they told of themselves."""

from __future__ import annotations

import pytest

from bot.conversation import Conversation
from bot.messages import Message
from tests.channels.test_resume import say, talks, words

__all__ = ["talks"]  # the fixture


async def reports(talks: Conversation) -> list[tuple[str, str]]:
    return [(line.topic, line.words) for line in await talks.reports.last(9)]


async def test_the_button_under_an_answer_keeps_the_question_without_facts(talks: Conversation) -> None:
    answered = await say(talks, "one", "1", "我52岁女的，身份证150102197305051234，公需和专业有什么区别？")
    [button] = [choice for reply in answered.replies for choice in reply.aside]
    assert button.label == "答错了"
    tap = Message("web", "", "one", "2", kind="choice", choice=button.id)
    assert "管理员会看到这个问题" in words(await talks.take(tap))
    await talks.take(tap)
    [(topic, kept)] = await reports(talks)
    assert topic == button.id.partition(":")[2]
    assert "公需和专业有什么区别" in kept
    assert not any(told in kept for told in ("52", "女", "1501"))


async def test_the_words_do_the_same_and_the_question_that_was_asked_stays(talks: Conversation) -> None:
    asked = await say(talks, "one", "1", "开始查询")
    await say(talks, "one", "2", "往年的学时能补吗")
    said = await say(talks, "one", "3", "你答错了")
    assert "管理员" in words(said)
    assert said.state == asked.state
    assert [words for _, words in await reports(talks)] == ["往年的学时能补吗"]


async def test_a_line_of_ones_own_is_kept_and_is_no_answer_to_the_question(talks: Conversation) -> None:
    await say(talks, "one", "1", "开始查询")
    assert "前面加“反馈”" in words(await say(talks, "one", "2", "反馈"))
    said = await say(talks, "one", "3", "反馈 我48了，问的是补学，答的是结转")
    assert said.facts == {}
    [(topic, kept)] = await reports(talks)
    assert (topic, "问的是补学" in kept, "48" in kept) == ("feedback", True, False)


@pytest.mark.parametrize("text", ["答错了", "反馈"])
async def test_where_nothing_was_answered_nothing_is_kept(talks: Conversation, text: str) -> None:
    await say(talks, "one", "1", text)
    assert await reports(talks) == []
