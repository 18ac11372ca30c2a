"""Campaigns over a Bot API server that limits and fails as Telegram does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from datetime import time as day_time
from itertools import pairwise

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.util import await_only

from bot.post.providers.telegram import TelegramNotices
from bot.post.worker import Way
from storage import AddressBook, Addressee, Made
from tests.notices.conftest import Bench, BotServer, at_rest, busiest_second, chats, facts, people

pytestmark = pytest.mark.slow

Start = Callable[..., BotServer]


def telegram(server: BotServer, share: int = 0) -> Way:
    return Way(TelegramNotices(server.token, server.base), share)


async def test_everybody_is_told_once_or_it_is_known_why_not(bench: Bench, bot_api: Start) -> None:
    server = bot_api(blocked=50, unknown=77, error=23, html=41, drop=31, lose=37)
    await bench.campaign(people(300))
    await bench.bind(chats(290))
    sender = telegram(server)
    async with asyncio.timeout(60):
        await bench.worker([sender], ["ntest"]).run()
    await sender.provider.close()
    status, delivered, log = await bench.status(), server.delivered(), server.log()
    assert status["state"] == "done"
    assert status["told"] + status["not_told"] + status["in_doubt"] == status["total"] == 300
    doubtful = {int(row.subject) for row in await bench.campaigns.rows("ntest") if row.state == "in_doubt"}
    blocked, unknown = (set(range(every, 291, every)) - doubtful for every in (50, 77))
    assert status["reasons"] == {"blocked": len(blocked), "unknown": len(unknown), "no_channel": 10}
    assert status["in_doubt"] == sum(record["came"] in ("drop", "lose") for record in log)
    assert max(delivered.values()) == 1
    for row in await bench.campaigns.rows("ntest"):
        got = delivered[int(row.subject)]
        assert row.state == "in_doubt" or got == (row.state == "told")


async def again(bench: Bench) -> int:
    """Lets what is in doubt wait again."""
    rows = await bench.campaigns.rows("ntest")
    return await bench.campaigns.again("ntest", [row.id for row in rows if row.state == "in_doubt"])


async def test_sending_again_tells_nobody_twice(bench: Bench, bot_api: Start) -> None:
    server = bot_api(lose=9)
    await bench.campaign(people(40))
    await bench.bind(chats(40))
    sender = telegram(server)
    for _ in range(2):
        async with asyncio.timeout(90):
            await bench.worker([sender], ["ntest"]).run()
    await sender.provider.close()
    assert set(server.delivered().values()) == {1}
    assert len(server.log()) == 40


async def test_what_is_in_doubt_is_repeated_only_when_somebody_says_so(bench: Bench, bot_api: Start) -> None:
    server = bot_api(drop=4)
    await bench.campaign(people(12))
    await bench.bind(chats(12))
    sender = telegram(server)
    async with asyncio.timeout(90):
        await bench.worker([sender], ["ntest"]).run()
        assert (await bench.status())["in_doubt"] == 3
        assert await again(bench) == 3
        await bench.campaigns.move("ntest", "sending", out_of=("done",))
        await bench.worker([sender], ["ntest"]).run()
    await sender.provider.close()
    assert (await bench.status())["told"] == 12
    assert server.delivered().total() == 12


async def test_never_more_than_the_share_in_any_second_start_and_429_included(bench: Bench, bot_api: Start) -> None:
    server = bot_api(storms=[[1.0, 0.6, 2]])
    await bench.campaign(people(50))
    await bench.bind(chats(50))
    first, second = telegram(server, share=20), telegram(server, share=20)
    async with asyncio.timeout(90):
        await asyncio.gather(*(bench.worker([one], ["ntest"]).run() for one in (first, second)))
    await first.provider.close()
    await second.provider.close()
    log = server.log()
    assert busiest_second([record["t"] for record in log]) <= 20
    assert set(server.delivered().values()) == {1}
    assert (await bench.status())["told"] == 50
    told_to_wait = max(record["t"] for record in log if record["came"] == "429")
    on_its_way = 0.5  # what the other worker had sent before it could hear of it, on a busy machine
    assert [one["t"] for one in log if told_to_wait + on_its_way < one["t"] < told_to_wait + 2.0] == []


async def test_one_chat_gets_at_most_one_a_second(bench: Bench, bot_api: Start) -> None:
    server = bot_api()
    await bench.campaign(people(6))
    await bench.bind({str(number): "telegram:bot:77" for number in range(1, 4)} | {"4": "telegram:bot:4"})
    sender = telegram(server, share=20)
    async with asyncio.timeout(90):
        await bench.worker([sender], ["ntest"]).run()
    await sender.provider.close()
    times = sorted(record["t"] for record in server.log() if record["chat"] == 77)
    assert len(times) == 3
    assert min(later - sooner for sooner, later in pairwise(times)) >= 1.0


async def test_who_has_caught_up_or_unsubscribed_since_is_not_told(bench: Bench, bot_api: Start) -> None:
    server = bot_api()
    await bench.campaign([*people(3), Addressee("9", facts(9, short=False))])
    await bench.bind(chats(9))
    await AddressBook(bench.store).hush("telegram:bot:2", True)
    await AddressBook(bench.store).hush("3", True)
    sender = telegram(server)
    async with asyncio.timeout(90):
        await bench.worker([sender], ["ntest"]).run()
    await sender.provider.close()
    assert (await bench.status())["reasons"] == {"unsubscribed": 2, "caught_up": 1}
    assert set(server.delivered()) == {1}


async def test_a_late_notice_does_not_go_out(bench: Bench, bot_api: Start) -> None:
    server = bot_api()
    yesterday = datetime.combine(bench.today, day_time(), UTC) - timedelta(days=1)
    await bench.campaign(people(3), not_after=yesterday)
    await bench.bind(chats(3))
    sender = telegram(server)
    async with asyncio.timeout(90):
        await bench.worker([sender], ["ntest"]).run()
    await sender.provider.close()
    status = await bench.status()
    assert (status["state"], status["reasons"]) == ("expired", {"expired": 3})
    assert server.log() == []


async def test_nobody_is_written_to_in_quiet_hours(bench: Bench, bot_api: Start) -> None:
    server = bot_api()
    bench.quiet = (day_time(0), day_time(23, 59, 59, 999999))
    await bench.campaign(people(3))
    await bench.bind(chats(3))
    sender = telegram(server)
    async with asyncio.timeout(90):
        await bench.worker([sender], ["ntest"]).run()
    await sender.provider.close()
    assert (await bench.status())["waiting"] == 3
    assert server.log() == []


async def test_pausing_stops_it_within_a_moment_resuming_goes_on_cancelling_ends_it(
    bench: Bench, bot_api: Start
) -> None:
    server = bot_api()
    await bench.campaign(people(100))
    await bench.bind(chats(100))
    sender = telegram(server, share=20)
    async with asyncio.timeout(90):
        working = asyncio.create_task(bench.worker([sender], ["ntest"]).run())
        while len(server.log()) < 10:
            await asyncio.sleep(0.05)
        await bench.campaigns.move("ntest", "paused", out_of=("sending",))
        then = await at_rest(server)
        assert not working.done()
        await bench.campaigns.move("ntest", "sending", out_of=("paused",))
        while len(server.log()) < then + 10:
            await asyncio.sleep(0.05)
        await bench.campaigns.move("ntest", "cancelled", out_of=("sending",))
        await working
    await sender.provider.close()
    status = await bench.status()
    assert status["state"] == "cancelled"
    assert status["waiting"] == 0
    assert status["told"] == len(server.delivered()) < 60
    assert status["reasons"] == {"cancelled": 100 - status["told"]}


async def test_what_is_cancelled_as_it_leaves_is_either_on_its_way_or_cancelled(bench: Bench) -> None:
    head = await bench.campaign(people(60), not_after=datetime.now(UTC) + timedelta(days=1))
    rows = await bench.campaigns.due(["ntest"], ["email"], 30)
    made = [Made(row, head, "email", f"email:{row.id}@x", b"{}", datetime.now(UTC)) for row in rows]
    leaving = threading.Event()

    def slow(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO outbox"):
            leaving.set()
            if connection.dialect.is_async:
                await_only(asyncio.sleep(0.3))

    event.listen(Engine, "before_cursor_execute", slow)
    try:
        going = asyncio.create_task(bench.campaigns.post(made, "sender"))
        await asyncio.to_thread(leaving.wait, 10)
        await bench.campaigns.move("ntest", "cancelled", out_of=("sending",))
        started = {letter.line for letter in (await going)[0]}
    finally:
        event.remove(Engine, "before_cursor_execute", slow)
    states = {row.id: row.state for row in await bench.campaigns.rows("ntest")}
    assert {number for number, state in states.items() if state == "sending"} == started
    assert set(states.values()) == {"sending", "not_told"}


async def test_a_campaign_that_fails_too_often_pauses_itself_and_says_why(bench: Bench, bot_api: Start) -> None:
    server = bot_api(unknown=1)
    await bench.campaign(people(200))
    await bench.bind(chats(200))
    sender = telegram(server)
    async with asyncio.timeout(90):
        await bench.worker([sender], ["ntest"]).run()
    await sender.provider.close()
    status = await bench.status()
    assert status["state"] == "paused"
    assert "unknown" in status["why"]
    assert status["waiting"] > 0


async def test_a_token_that_is_not_accepted_costs_nobody_their_notice(bench: Bench, bot_api: Start) -> None:
    server = bot_api()
    await bench.campaign(people(5))
    await bench.bind(chats(5))
    sender = Way(TelegramNotices("123456:wrong-wrong-wrong-wrong", server.base), 20)
    async with asyncio.timeout(90):
        await bench.worker([sender], ["ntest"]).run()
    await sender.provider.close()
    status = await bench.status()
    assert (status["state"], status["waiting"]) == ("paused", 5)
    assert "Telegram" in status["why"]


async def test_without_limits_too_nothing_leaves_while_the_server_wants_nothing(bench: Bench, bot_api: Start) -> None:
    server = bot_api(storms=[[0.003, 1.0, 4]], slow=0.4, unknown=6)  # some answers come in the middle of the wait
    await bench.campaign(people(90))
    await bench.bind(chats(90))
    sender = telegram(server)
    async with asyncio.timeout(90):
        await bench.worker([sender], ["ntest"]).run()
    await sender.provider.close()
    log = server.log()
    first = min(record["t"] for record in log if record["came"] == "429")
    on_its_way = 1.5  # of a machine that is busy, too
    assert [record["t"] for record in log if first + on_its_way < record["t"] < first + 4] == []
    assert (await bench.status())["told"] == server.delivered().total() == 75
