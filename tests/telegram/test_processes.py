"""Two processes serve the same people: one polls and the other takes over; posted updates may reach either."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.botapi import TOKEN, BotApi
from tests.databases import create_database, drop_database
from tests.processes import free_port
from tests.telegram.process import Nursery

pytestmark = pytest.mark.slow


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/xueshi.db"
        return
    url = await asyncio.to_thread(create_database)
    yield url
    await asyncio.to_thread(drop_database, url)


def environment(api: BotApi, folder: Path, database: str, **more: str) -> dict[str, str]:
    return {
        "XUESHI_DATA_DIR": str(folder), "XUESHI_DATABASE_URL": database, "XUESHI_TELEGRAM_TOKEN": TOKEN,
        "XUESHI_TELEGRAM_API_BASE": api.base, "XUESHI_WEB_PORT": str(free_port()), "XUESHI_TODAY": "2025-09-01", **more,
    }  # fmt: skip


async def test_one_polls_and_the_other_takes_over_when_it_dies(
    api: BotApi, nursery: Nursery, tmp_path: Path, database: str
) -> None:
    first = nursery.start(environment(api, tmp_path, database), tmp_path / "log")
    person = api.person()
    person.says("/start")
    await person.sees()
    nursery.start(environment(api, tmp_path, database), tmp_path / "log")
    async with asyncio.timeout(60):
        while sum(call.method == "getme" for call in api.calls) < 2:
            await asyncio.sleep(0.05)
    await asyncio.sleep(2.0)
    assert not [call for call in api.calls if call.code == 409]
    nursery.kill(first)
    person.says("开始查询")
    assert "单位" in await person.sees()
    assert not [call for call in api.calls if call.code == 409]


async def test_what_the_one_that_died_had_in_hand_is_answered_by_the_other(
    api: BotApi, nursery: Nursery, tmp_path: Path, database: str
) -> None:
    first = nursery.start(environment(api, tmp_path, database), tmp_path / "log")
    person = api.person()
    person.says("/start")
    await person.sees()
    nursery.start(environment(api, tmp_path, database), tmp_path / "log")
    api.fail("slow", "sendmessage", seconds=60.0)
    person.says("开始查询")
    async with asyncio.timeout(60):
        while api.faults[0].times:
            await asyncio.sleep(0.02)
    nursery.kill(first)  # while its call is under way
    assert "单位" in await person.sees()


async def test_messages_that_reach_two_processes_in_turn_are_taken_in_order(
    api: BotApi, nursery: Nursery, tmp_path: Path, database: str
) -> None:
    """As behind a balancer: posted to the one and the other by turns."""
    public = f"http://127.0.0.1:{free_port()}"
    ports = [str(free_port()), str(free_port())]
    for port in ports:
        settings = {"XUESHI_TELEGRAM_WEBHOOK": "1", "XUESHI_PUBLIC_URL": public, "XUESHI_WEB_PORT": port}
        nursery.start(environment(api, tmp_path, database, **settings), tmp_path / "log")
    async with asyncio.timeout(60):
        while sum(call.method == "setwebhook" for call in api.calls) < 2:
            await asyncio.sleep(0.05)
    path = api.webhook["url"].removeprefix(public)
    people = [api.person() for _ in range(5)]
    said = ("/start", "开始查询", "我报初级", "不对，我是副高", "事业单位", "不对，我是中级", "改")
    for number, text in enumerate(said):
        api.webhook["url"] = f"http://127.0.0.1:{ports[number % 2]}{path}"
        for person in people:
            person.says(text)
        await asyncio.sleep(0.02)
    for person in people:
        await person.sees(lambda text: "已改：中级" in text)
        while "中级" not in (text := await person.asks("我的数据")):
            await asyncio.sleep(0.1)
        assert "副高" not in text.split("我这里存的")[1]
    shown = [text for person in people for _, text, _ in person.chat.shown]
    assert len(shown) == len(people) * (len(said) + 1)


async def test_it_ends_in_order_when_it_is_asked_to(
    api: BotApi, nursery: Nursery, tmp_path: Path, database: str
) -> None:
    service = nursery.start(environment(api, tmp_path, database), tmp_path / "log")
    people = [api.person() for _ in range(5)]
    for person in people:
        person.says("/start")
    await people[0].sees()
    for person in people:
        person.says("开始查询")
    await nursery.end(service)
    nursery.start(environment(api, tmp_path, database), tmp_path / "log")
    for person in people:
        assert "单位" in await person.sees(lambda text: "单位" in text)
    assert "Traceback" not in (tmp_path / "log").read_text()
    assert TOKEN not in (tmp_path / "log").read_text()
