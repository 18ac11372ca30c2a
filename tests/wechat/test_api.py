"""Calls to the platform: one token for all, renewed once, and what each answer comes to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.channels.wechat import Api
from bot.messages import Delivery
from tests.wechat.peer import APP_ID, SECRET, Platform

SEND = "/message/custom/send"


class Hall:
    """The platform and the product's calls to it."""

    def __init__(self) -> None:
        self.platform = Platform()
        self.now = 0.0
        self.api: Api

    async def say(self, text: str = "好", to: str = "oA") -> Delivery:
        return await self.api.say(to, text)


@pytest_asyncio.fixture
async def hall() -> AsyncIterator[Hall]:
    hall = Hall()
    hall.api = Api(await hall.platform.start(), APP_ID, SECRET, clock=lambda: hall.now)
    hall.platform.acted("oA")
    yield hall
    await hall.api.close()
    await hall.platform.stop()


async def test_a_text_arrives_as_it_was_written(hall: Hall) -> None:
    assert (await hall.say("公需30，专业60 <\"'>😀")).outcome == "sent"
    assert hall.platform.sent == [("oA", "公需30，专业60 <\"'>😀")]


async def test_fifty_senders_at_once_fetch_one_token(hall: Hall) -> None:
    hall.platform.allowed["oA"].left = 100
    hall.platform.pause = 0.02
    told = await asyncio.gather(*(hall.say(str(n)) for n in range(50)))
    assert {one.outcome for one in told} == {"sent"}
    assert hall.platform.fetched == 1


@pytest.mark.parametrize("code", [40001, 42001, 40014])
async def test_a_token_taken_for_ended_is_renewed_once_for_all_who_used_it(hall: Hall, code: int) -> None:
    await hall.say()
    hall.platform.plan[SEND] = [code, code, code]
    told = await asyncio.gather(*(hall.say(str(n)) for n in range(3)))
    assert {one.outcome for one in told} == {"sent"}
    assert hall.platform.fetched <= 3  # the same again, then by force


async def test_a_token_that_another_program_has_ended_is_renewed(hall: Hall) -> None:
    await hall.say()
    hall.platform.expire()
    assert (await hall.say()).outcome == "sent"
    assert hall.platform.fetched == 2


async def test_a_token_is_renewed_before_its_end(hall: Hall) -> None:
    await hall.say()
    hall.now += 6800
    await hall.say()
    assert hall.platform.fetched == 1
    hall.now += 200
    await hall.say()
    assert hall.platform.fetched == 2


async def test_renewing_does_not_go_round_for_ever(hall: Hall) -> None:
    hall.platform.plan[SEND] = [40001] * 10
    assert (await hall.say()).outcome == "retry"
    assert len(hall.platform.plan[SEND]) == 8


@pytest.mark.parametrize(
    ("plan", "outcome"),
    [
        (45015, "refused"), (45047, "refused"), (43004, "refused"), (40003, "refused"), (48001, "refused"), (99999, "refused"),
        (-1, "retry"), (45009, "retry"), (45011, "retry"), (500, "retry"), (502, "retry"), (429, "retry"),
        ("page", "doubt"), ("cut", "doubt"), ("shut", "doubt"), (404, "doubt"),
    ],
)  # fmt: skip
async def test_every_answer_comes_to_a_value(hall: Hall, plan: int | str, outcome: str) -> None:
    hall.platform.plan[SEND] = [plan]
    delivery = await hall.say()
    assert delivery.outcome == outcome
    assert bool(delivery.after) == (outcome == "retry")


async def test_an_answer_that_never_comes_is_a_doubt_and_no_platform_at_all_none(hall: Hall) -> None:
    await hall.say()
    hall.api.client.timeout = 0.1
    hall.platform.pause = 0.5
    assert (await hall.say()).outcome == "doubt"
    assert hall.platform.server is not None
    hall.api.base = "http://127.0.0.1:9"
    assert (await hall.say()).outcome == "unreachable"


@pytest.mark.parametrize("plan", [40013, 40164, -1, 500, "page", "cut"])
async def test_without_a_token_nothing_was_sent_and_it_is_tried_again_later(hall: Hall, plan: int | str) -> None:
    hall.platform.plan["stable_token"] = [plan]
    delivery = await hall.say()
    assert delivery.outcome == "retry"
    assert delivery.after > 0
    assert (await hall.say()).outcome == "sent"


async def test_limits_of_the_platform_are_told_as_refusals(hall: Hall) -> None:
    told = [await hall.say(str(n)) for n in range(6)]
    assert [one.outcome for one in told] == ["sent"] * 5 + ["refused"]
    assert told[-1].reason == "out_of_window"
    assert (await hall.say(to="oStranger")).reason == "out_of_window"
    hall.platform.left.add("oA")
    assert (await hall.say()).reason == "unknown"


async def test_no_reason_holds_a_secret_or_a_token(hall: Hall) -> None:
    for plan in ("cut", "page", 500, 40001):
        hall.platform.plan[SEND] = [plan]
        reason = (await hall.say()).reason
        assert SECRET not in reason
        assert hall.platform.current not in reason
