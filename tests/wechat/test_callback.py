"""The rules of conduct over WeChat, on real sockets, in both modes."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.asking import Say
from bot.channels.wechat.phrasebook import SAYS
from bot.messages import Message, Reply, Turn
from bot.telling.rendering import Rendering
from rules import Notice
from tests.wechat import peer
from tests.wechat.service import Service, running

pytestmark = pytest.mark.slow


@pytest_asyncio.fixture(params=["", peer.new_key()], ids=["clear", "sealed"])
async def service(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Service]:
    async with running(tmp_path, key=request.param) as service:
        yield service


@contextmanager
def stuck(folder: Path) -> Iterator[None]:
    """Another program holds the database: nothing can be written meanwhile."""
    file = next(folder.glob("*.db"), None) or next(folder.glob("*.sqlite*"))
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


async def eventually(truth: object, within: float = 30.0) -> None:
    """Waits until `truth()` holds."""
    assert callable(truth)
    end = time.monotonic() + within
    while not truth():
        assert time.monotonic() < end, "it never came true"
        await asyncio.sleep(0.02)


async def test_the_address_is_confirmed(service: Service) -> None:
    account = service.account
    answer = await account.client.get(account.url, params=account.query(echostr="12345678"))
    assert (answer.status_code, answer.text) == (200, "12345678")
    answer = await account.client.get(account.url, params=account.query(echostr="1") | {"signature": "0" * 40})
    assert (answer.status_code, answer.text) == (403, "")


async def test_an_interview_by_numbers_and_words_ends_in_the_right_result(service: Service) -> None:
    said = service.account.say
    assert "【1】开始查询" in (await said("oA", "你好")).text
    assert "【1】事业单位" in (await said("oA", "1")).text
    assert "【1】都没有" in (await said("oA", "1")).text
    assert "【2】中级" in (await said("oA", "1")).text
    assert "可以回复：上一步" in (await said("oA", "2")).text, "a bare number would be read as a month here"
    await said("oA", "1985年6月")
    check = await said("oA", "2023年公需30专业60，2024年公需30专业60，2025年公需30专业41")
    assert "【1】看结果" in check.text
    result = await said("oA", "1")
    assert result.text.startswith("还差 19 学时")
    assert "审验卡" in result.text
    assert not result.fault


async def test_a_result_that_is_to_be_kept_comes_as_a_picture_too(tmp_path: Path) -> None:
    async with running(tmp_path, push=True) as service:
        await service.account.say(
            "oA", "男，1985年6月，中级，事业单位，没有特殊情况，2023年学满了，2024年学满了，2025年公需30专业41"
        )
        await service.account.say("oA", "看结果")
        service.platform.acted("oA")
        assert "长按结果" in (await service.account.say("oA", "存成图片")).text
        async with asyncio.timeout(90):
            while not service.platform.texts("oA"):
                await asyncio.sleep(0.05)
        assert service.platform.texts("oA") == ["[media1]"]
        assert b"\x89PNG" in service.platform.pictures[0]


async def test_nothing_that_can_be_sent_meets_silence(service: Service) -> None:
    account = service.account
    await account.say("oA", "你好")
    for kind in ("image", "voice", "video", "shortvideo", "location", "link", "file", "hologram"):
        reply = await account.push(account.message("oA", kind, MediaId="m"), "oA")
        assert (reply.fault, bool(reply.text)) == ("", True), kind
    for text in ("[微笑]", "/::)", "👍", "\u200b", " ", "", "学时" * 300, "/nosuch", "]]></Content>", "[微笑]男"):
        reply = await account.say("oA", text)
        assert (reply.fault, bool(reply.text)) == ("", True), repr(text)


async def test_what_is_heard_in_a_voice_is_an_answer(service: Service) -> None:
    account = service.account
    await account.say("oA", "开始查询")
    body = account.message("oA", "voice", MediaId="m", Format="amr", Recognition="事业单位。")
    assert "记下了" in (await account.push(body, "oA")).text


async def test_events_are_answered_where_somebody_waits(service: Service) -> None:
    account = service.account

    async def event(name: str, key: str = "") -> peer.Reply:
        return await account.push(account.message("oA", "event", Event=name, EventKey=key), "oA")

    assert "开始查询" in (await event("subscribe")).text
    assert "没有这个绑定码" in (await event("SCAN", "K7PD-20M3-60XA")).text, "a code that nobody takes"
    assert "事业单位" in (await event("CLICK", "begin")).text
    assert (await event("CLICK", "nosuchkey")).text
    for name in ("unsubscribe", "VIEW", "LOCATION", "TEMPLATESENDJOBFINISH", "nosuchevent"):
        reply = await event(name)
        assert (reply.status, reply.text, reply.fault) == (200, "", ""), name


async def test_the_same_delivery_again_and_at_once_is_one_answer_and_the_same_reply(service: Service) -> None:
    account = service.account
    for text in ("开始查询", "事业单位", "都没有", "中级"):
        await account.say("oA", text)
    back = account.message("oA", Content="上一步")
    replies = await asyncio.gather(*(account.deliver(back, "oA") for _ in range(3)))
    replies.append(await account.deliver(back, "oA"))
    assert len({reply.text for reply in replies}) == 1
    assert "哪一级" in replies[0].text
    assert "【1】都没有" in (await account.say("oA", "上一步")).text


async def test_an_event_again_is_one_event(service: Service) -> None:
    body = service.account.message("oA", "event", Event="CLICK", EventKey="begin")
    assert (await service.account.deliver(body, "oA")).text == (await service.account.deliver(body, "oA")).text
    assert len(await service.talks.recent(f"wechat:{peer.APP_ID}:oA")) == 1


async def test_one_number_of_two_people_is_two_messages(service: Service) -> None:
    account = service.account
    account.numbers = count(5)
    one = account.message("oA", Content="人工")
    account.numbers = count(5)
    other = account.message("oB", Content="公需和专业有什么区别")
    replies = await asyncio.gather(account.deliver(one, "oA"), account.deliver(other, "oB"))
    assert replies[0].text != replies[1].text
    assert not replies[0].fault
    assert not replies[1].fault


async def test_a_number_with_other_words_changes_nothing(service: Service) -> None:
    account = service.account
    account.numbers = count(5)
    first = await account.say("oA", "开始查询")
    account.numbers = count(5)
    assert (await account.say("oA", "国有企业")).text == SAYS["sorry"]
    assert "记下了：" not in first.text
    assert len(await service.talks.recent(f"wechat:{peer.APP_ID}:oA")) == 1


async def test_what_is_not_wechats_is_refused_and_taken_by_nobody(service: Service) -> None:
    account = service.account
    body = account.message("oA", Content="我是副高")
    for query in ({}, account.query() | {"signature": "0" * 40}, {**account.query(), "nonce": "1"}):
        assert (await account.call(query, body)).status_code in (400, 403)
    for hostile in (b"", b"hello", b"<xml>" + b"<a>" * 9000, b"x" * (1 << 20)):
        assert (await account.call(account.query(), hostile)).status_code in (400, 413)
    assert await service.talks.recent(f"wechat:{peer.APP_ID}:oA") == []


async def test_forty_people_at_once_get_their_own_answers(service: Service) -> None:
    account = service.account
    replies = await asyncio.gather(*(account.say(f"o{n}", f"男，1985年6月，中级，今年公需{n}") for n in range(1, 41)))
    assert [reply.fault for reply in replies if reply.fault] == []
    assert all(f"公需{n}" in reply.text for n, reply in enumerate(replies, 1))


# ---------------------------------------------------------------------------------------------------- too long, too slow


class Wordy(Rendering):
    """Says so much in every turn that one text does not hold it."""

    def replies(self, says: Iterable[Say], serial: int, pack: Notice, today: date) -> tuple[Reply, ...]:
        lines = "\n".join(f"第{number}条：公需三十学时，专业六十学时，都要学满。" for number in range(1, 51))
        return (Reply(lines), *super().replies(says, serial, pack, today))


def made_wordy(service: Service) -> None:
    service.talks.rendering = Wordy(service.talks.packs, retention_days=180)


async def test_a_reply_that_is_too_long_is_continued_by_customer_service_messages(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        made_wordy(service)
        service.platform.acted("oA")
        reply = await service.account.say("oA", "开始查询")
        assert not reply.fault
        assert reply.text.startswith("第1条")
        assert reply.text.endswith("（下面还有，接着发给您；没收到就回复“第2页”）")
        await eventually(lambda: len(service.platform.texts("oA")) == 1)
        (rest,) = service.platform.texts("oA")
        assert "第50条" in rest
        assert rest.endswith("【7】记不清")
        assert (await service.account.say("oA", "第2页")).text == rest


async def test_what_follows_a_long_reply_survives_the_platforms_faults_and_comes_once(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        made_wordy(service)
        service.platform.acted("oA")
        service.platform.plan["/message/custom/send"] = [-1, 40001, 503]
        await service.account.say("oA", "开始查询")
        await eventually(lambda: len(service.platform.texts("oA")) == 1)
        await asyncio.sleep(0.5)
        assert len(service.platform.texts("oA")) == 1


async def test_the_rest_is_not_pressed_on_somebody_who_has_left(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        made_wordy(service)
        service.platform.left.add("oA")
        await service.account.say("oA", "开始查询")
        await eventually(lambda: ("/cgi-bin/message/custom/send", 43004) in service.platform.calls)
        await asyncio.sleep(1.0)
        assert [code for path, code in service.platform.calls if path.endswith("send")] == [43004]


async def test_without_customer_service_a_long_reply_is_read_page_by_page(tmp_path: Path) -> None:
    async with running(tmp_path, push=False) as service:
        made_wordy(service)
        reply = await service.account.say("oA", "开始查询")
        assert reply.text.endswith("（下面还有，请回复“第2页”）")
        second = await service.account.say("oA", "第2页")
        assert second.text.endswith("【7】记不清")
        assert second.text == (await service.account.say("oA", "第二页")).text
        assert len(await service.talks.recent(f"wechat:{peer.APP_ID}:oA")) == 1, "turning a page is no answer"


async def test_what_waits_behind_a_slow_turn_is_kept_and_answered_in_order_by_customer_service(tmp_path: Path) -> None:
    async with running(tmp_path, patience=0.3) as service:
        account, platform = service.account, service.platform
        platform.acted("oA")
        await account.say("oA", "开始查询")
        with stuck(tmp_path):
            first = asyncio.create_task(account.say("oA", "事业单位"))
            await asyncio.sleep(0.1)
            second = asyncio.create_task(account.say("oA", "都没有"))
            await asyncio.sleep(1.0)
        assert "【1】都没有" in (await first).text
        assert (await second).text == SAYS["later"]
        third = await account.say("oA", "中级")  # it must not overtake the second, which may be answered by now
        await eventually(lambda: len(platform.texts("oA")) == 1 + (third.text == SAYS["later"]))
        assert "哪一级" in platform.texts("oA")[0]
        assert "出生" in [*platform.texts("oA")[1:], third.text][0]
        assert len(await service.talks.recent(f"wechat:{peer.APP_ID}:oA")) == 4


async def test_a_database_that_is_stuck_for_all_three_tries_costs_no_answer_and_is_no_silence(tmp_path: Path) -> None:
    async with running(tmp_path, patience=0.3) as service:
        service.account.client.timeout = 1.0
        service.platform.acted("oA")
        await service.account.say("oA", "开始查询")
        with stuck(tmp_path):
            reply = await service.account.say("oA", "事业单位")
        assert (reply.tries, reply.text) == (3, SAYS["later"])
        await eventually(lambda: service.platform.texts("oA"))
        assert "【1】都没有" in service.platform.texts("oA")[0]
        assert len(service.platform.texts("oA")) == 1
        assert len(await service.talks.recent(f"wechat:{peer.APP_ID}:oA")) == 2


async def test_a_bug_is_one_apology_and_leaves_no_words_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(message: Message, **_: Any) -> Turn:
        raise RuntimeError(message.text)

    async with running(tmp_path) as service:
        monkeypatch.setattr(service.talks, "take", broken)
        assert (await service.account.say("oA", "秘密的话")).text == SAYS["sorry"]
    assert "RuntimeError" in caplog.text
    assert "秘密的话" not in caplog.text


async def test_two_processes_on_one_database_give_one_delivery_one_answer(tmp_path: Path) -> None:
    async with running(tmp_path) as one, running(tmp_path) as other:
        other.account.numbers = one.account.numbers
        for text in ("开始查询", "事业单位", "都没有", "中级"):
            await (one if len(text) % 2 else other).account.say("oA", text)
        for turn in range(5):
            body = one.account.message("oA", Content="上一步" if turn % 2 else "中级")
            replies = await asyncio.gather(*(each.account.deliver(body, "oA") for each in (one, other, one, other)))
            assert {reply.fault for reply in replies} == {""}
            assert len({reply.text for reply in replies}) == 1
        assert len(await one.talks.recent(f"wechat:{peer.APP_ID}:oA")) == 9


async def test_a_message_never_overtakes_an_earlier_one_that_is_being_handed_over(tmp_path: Path) -> None:
    async with running(tmp_path, patience=1.0) as service:
        person = f"wechat:{peer.APP_ID}:oA"
        service.platform.acted("oA")
        await service.account.say("oA", "开始查询")
        async with service.talks._one_at_a_time(person):  # as a turn of another channel's task would hold it
            first = asyncio.create_task(service.account.say("oA", "事业单位"))
            await asyncio.sleep(0.4)
            second = asyncio.create_task(service.account.say("oA", "都没有"))
            assert (await first).text == (await second).text == SAYS["later"]
        await eventually(lambda: len(service.platform.texts("oA")) == 2)
        assert [one.said for one in await service.talks.recent(person)] == ["开始查询", "事业单位", "都没有"]
