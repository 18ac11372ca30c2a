"""How much one client may ask for, and that nobody is locked out by somebody else."""

from __future__ import annotations

import asyncio
import secrets

import httpx
import orjson
import pytest
from starlette.requests import Request

from bot.channels.web.api import MOST_ASSESSED, Interface
from bot.channels.web.faults import HttpFault
from bot.channels.web.page import Page
from bot.channels.web.quotas import PROXY, Buckets, address
from bot.channels.web.sessions import Sessions
from tests.web.conftest import Heard

session_loop = pytest.mark.asyncio(loop_scope="session")
OUTSIDE = "203.0.113.9"


def standing_still(heard: Heard) -> Interface:
    """An interface on whose clock no time passes."""
    interface = Interface(heard, orjson.loads, Sessions(secrets.token_bytes(32)))
    for limits in (interface.outside, interface.near, interface.proxied):
        limits.requests.clock = limits.newcomers.clock = limits.bytes.clock = lambda: 0.0
    interface.per_session.clock = lambda: 0.0
    return interface


def hello(session: str | None, number: int, text: str = "你好") -> bytes:
    return orjson.dumps({"session": session, "message_id": str(number), "text": text})


@session_loop
async def test_one_session_may_say_a_hundred_things_at_once_and_no_more_and_others_never_wait(heard: Heard) -> None:
    interface = standing_still(heard)
    one, other = interface.sessions.new(), interface.sessions.new()
    for number in range(100):
        await interface.chat(hello(one, number), "")
    with pytest.raises(HttpFault, match="too_fast"):
        await interface.chat(hello(one, 100), "")
    await interface.chat(hello(other, 0), "")


@session_loop
async def test_one_address_may_ask_a_thousand_times_at_once_and_another_is_not_held_back_by_it(heard: Heard) -> None:
    interface = standing_still(heard)
    for _ in range(1_000):
        await interface.assess(b"{}", OUTSIDE)
    with pytest.raises(HttpFault, match="too_fast"):
        await interface.chat(hello(None, 0), OUTSIDE)
    await interface.chat(hello(None, 0), "203.0.113.10")
    for _ in range(1_100):
        await interface.assess(b"{}", "")


@session_loop
async def test_one_address_brings_only_so_many_new_people_and_those_it_has_brought_go_on(heard: Heard) -> None:
    interface = standing_still(heard)
    interface.outside.newcomers.burst = 5
    first = orjson.loads(await interface.chat(hello(None, 0), OUTSIDE))["session"]
    for number in range(1, 5):
        await interface.chat(hello(None, number), OUTSIDE)
    with pytest.raises(HttpFault, match="too_fast"):
        await interface.chat(hello(None, 5), OUTSIDE)
    await interface.chat(hello(first, 1), OUTSIDE)
    await interface.chat(hello(None, 5), "2001:db8::/64")


@session_loop
async def test_this_machine_is_held_back_too_before_it_fills_the_disk_with_new_people(heard: Heard) -> None:
    interface = standing_still(heard)
    interface.proxied.newcomers.burst = interface.near.newcomers.burst = 3
    for client in ("", PROXY):
        for number in range(3):
            await interface.chat(hello(None, number), client)
        with pytest.raises(HttpFault, match="too_fast"):
            await interface.chat(hello(None, 3), client)


@pytest.mark.parametrize(("public", "rate"), [(False, 250), (True, 20)])
def test_where_people_come_from_elsewhere_this_machine_is_taken_for_a_proxy(
    heard: Heard, public: bool, rate: int
) -> None:
    interface = Interface(heard, orjson.loads, Sessions(b"k" * 32), public=public)
    assert interface.limits("").newcomers.rate == rate
    assert interface.limits(PROXY).newcomers.rate == 20
    assert interface.limits(OUTSIDE).newcomers.rate == 1


def test_a_proxy_that_nobody_trusts_shows_itself_by_its_headers() -> None:
    asked = {"type": "http", "client": ("127.0.0.1", 1), "headers": [(b"x-forwarded-for", b"203.0.113.9")]}
    assert address(Request(asked)) == PROXY


@session_loop
async def test_the_bytes_that_one_address_leaves_on_the_disk_are_limited(heard: Heard) -> None:
    interface = standing_still(heard)
    interface.outside.bytes.burst = 100_000
    await interface.chat(hello(None, 0, "学" * 10_000), OUTSIDE)
    with pytest.raises(HttpFault, match="too_fast"):
        await interface.chat(hello(None, 1, "学" * 10_000), OUTSIDE)


@session_loop
async def test_a_list_for_too_many_people_is_refused_and_one_at_the_limit_comes_in_pieces(heard: Heard) -> None:
    interface = standing_still(heard)
    with pytest.raises(HttpFault, match="too_many"):
        await interface.assess(b"[" + b"{}," * MOST_ASSESSED + b"{}]", "")
    status, answer = await interface.assess(b"[" + b"{}," * 999 + b"{}]", "")
    assert (status, isinstance(answer, bytes)) == (200, False)
    assert not isinstance(answer, bytes)
    parts = [part async for part in answer]
    assert len(parts) > 40
    assert len(orjson.loads(b"".join(parts))) == 1_000
    assert orjson.loads(b"".join(parts))[0] == heard.assess({})


@session_loop
async def test_the_page_for_trying_shows_no_more_than_a_page_of_a_long_answer(client: httpx.AsyncClient) -> None:
    for people, shown in ((20, True), (MOST_ASSESSED, False)):
        form = {"path": "/api/assess", "body": "[" + ",".join(["{}"] * people) + "]"}
        answer = await client.post("/docs", data=form)
        assert answer.status_code == 200
        assert ("too_large" in answer.text) is not shown
        assert len(answer.content) < 1_000_000


@session_loop
async def test_pages_are_counted_by_address_and_one_that_is_drawn_for_many(heard: Heard) -> None:
    page = Page(standing_still(heard), public_url="http://127.0.0.1", retention_days=1)

    def asked(path: str, client: str) -> Request:
        return Request({"type": "http", "method": "GET", "path": path, "headers": [], "client": (client, 1)})

    views = {route.path: route.endpoint for route in page.routes()}
    for _ in range(50):
        assert (await views["/result.png"](asked("/result.png", OUTSIDE))).status_code == 303
    for path in ("/result.png", "/", "/mydata.json"):
        refused = await views[path](asked(path, OUTSIDE))
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
    assert (await views["/"](asked("/", "203.0.113.10"))).status_code == 200


@session_loop
async def test_people_in_conversation_are_answered_while_a_long_list_is_assessed(heard: Heard) -> None:
    interface = standing_still(heard)
    _, answer = await interface.assess(b"[" + b"{}," * 1_999 + b"{}]", "")
    assert not isinstance(answer, bytes)
    pieces = answer

    async def drain() -> int:
        return sum([len(part) async for part in pieces])

    listing = asyncio.create_task(drain())
    said = 0
    while not listing.done():
        await interface.chat(hello(None, said), "")
        said += 1
    assert said > 20
    assert await listing < 16_000_000


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("127.0.0.1", ""),
        ("127.0.0.2", "127.0.0.2"),
        ("::1", ""),
        ("::ffff:127.0.0.1", ""),
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
    ],
)
def test_a_client_is_an_address_or_the_network_of_one_household(host: str, counted: str) -> None:
    assert address(Request({"type": "http", "client": (host, 1), "headers": []})) == counted


def test_a_bucket_fills_again_with_time_and_remembers_only_so_many_keys() -> None:
    now = [0.0]
    buckets = Buckets(rate=2, burst=3, keep=2, clock=lambda: now[0])
    for _ in range(3):
        buckets.take("a")
    with pytest.raises(HttpFault, match="too_fast"):
        buckets.take("a")
    now[0] = 0.5
    buckets.take("a")
    for key in "bcde":
        buckets.take(key)
    assert list(buckets.levels) == ["d", "e"]


def test_whoever_holds_many_households_of_one_site_may_do_as_much_as_sixteen_of_them() -> None:
    buckets = Buckets(rate=1, burst=10, clock=lambda: 0.0)
    for household in range(160):
        buckets.take(f"2001:db8:1:{household:x}::/64")
    with pytest.raises(HttpFault, match="too_fast"):
        buckets.take("2001:db8:1:ffff::/64")
    buckets.take("2001:db8:2:1::/64")
