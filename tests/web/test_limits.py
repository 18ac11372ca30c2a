"""How much one client may ask for."""

from __future__ import annotations

import orjson
import pytest
from starlette.requests import Request

from bot.channels.web.api import Interface
from bot.channels.web.faults import Fault
from bot.channels.web.limits import Buckets, address
from tests.web.conftest import Heard


def standing_still(heard: Heard) -> Interface:
    """An interface on whose clock no time passes."""
    interface = Interface(heard, orjson.loads)
    interface.per_session.clock = interface.per_address.clock = lambda: 0.0
    return interface


def hello(session: str | None, number: int) -> bytes:
    return orjson.dumps({"session": session, "message_id": str(number), "text": "你好"})


@pytest.mark.asyncio(loop_scope="session")
async def test_one_session_may_say_a_hundred_things_at_once_and_no_more_and_others_never_wait(heard: Heard) -> None:
    interface = standing_still(heard)
    for number in range(100):
        await interface.chat(hello("B" * 43, number), "")
    with pytest.raises(Fault, match="too_fast"):
        await interface.chat(hello("B" * 43, 100), "")
    await interface.chat(hello("C" * 43, 0), "")


@pytest.mark.asyncio(loop_scope="session")
async def test_one_address_from_outside_may_ask_a_thousand_times_at_once_and_this_machine_without_end(
    heard: Heard,
) -> None:
    interface = standing_still(heard)
    for _ in range(1_000):
        await interface.assess(b"{}", "203.0.113.9")
    with pytest.raises(Fault, match="too_fast"):
        await interface.chat(hello(None, 0), "203.0.113.9")
    for _ in range(1_100):
        await interface.assess(b"{}", "")


@pytest.mark.parametrize(("host", "held"), [("127.0.0.1", ""), ("::1", ""), ("203.0.113.9", "203.0.113.9")])
def test_this_machine_is_a_proxy_or_a_check_and_is_not_counted_as_one_client(host: str, held: str) -> None:
    assert address(Request({"type": "http", "client": (host, 1)})) == held


def test_a_bucket_fills_again_with_time_and_remembers_only_so_many_keys() -> None:
    now = [0.0]
    buckets = Buckets(rate=2, burst=3, keep=2, clock=lambda: now[0])
    for _ in range(3):
        buckets.take("a")
    with pytest.raises(Fault, match="too_fast"):
        buckets.take("a")
    now[0] = 0.5
    buckets.take("a")
    for key in "bcde":
        buckets.take(key)
    assert list(buckets.levels) == ["d", "e"]
