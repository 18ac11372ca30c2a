"""The HR pages over a real store, in this process and on a port for a browser."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette

from bot.answering import Answers
from bot.conversation.reports import Reports
from bot.hr import Accounts, Rosters
from bot.pages.hr_desk import hr_routes
from storage import Store
from tests.databases import prepared
from tests.roster.books import HEADERS, PACKS, TODAY, changed, with_xlsxwriter

URL = "http://hr.test"


@dataclass
class Clock:
    """A clock that moves when it is told to."""

    now: datetime = field(default_factory=lambda: datetime(2025, 11, 25, 8, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class House:
    """The pages and what is behind them."""

    app: Starlette
    accounts: Accounts
    rosters: Rosters
    clock: Clock
    directory: Path
    store: Store

    def visitor(self, **headers: str) -> httpx.AsyncClient:
        """Somebody with a browser of their own."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url=URL,
            headers={"origin": URL, **headers},
            follow_redirects=True,
        )

    @asynccontextmanager
    async def signed_in(self, name: str = "小李", role: str = "staff") -> AsyncIterator[httpx.AsyncClient]:
        """Somebody who was invited and has signed in."""
        async with self.visitor() as client:
            answer = await client.post("/hr/sign-in", data={"code": await self.accounts.invite(name, role)})
            assert answer.status_code == 200
            yield client


def _today() -> date:
    return TODAY


@asynccontextmanager
async def opened(directory: Path, public_url: str = URL) -> AsyncIterator[House]:
    clock = Clock()
    store = await Store.open(prepared(directory), clock=clock)
    accounts = Accounts(store, clock)
    rosters = Rosters(store, directory / "hr", _today, clock)
    routes = hr_routes(
        accounts,
        rosters,
        packs=PACKS,
        answers=Answers(PACKS),
        today=_today,
        retention_days=30,
        public_url=public_url,
        reports=Reports(store),
    )
    try:
        yield House(Starlette(routes=routes), accounts, rosters, clock, directory, store)
    finally:
        await rosters.close()
        await store.close()


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(tmp_path) as house:
        yield house


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    """A roster of people of every kind."""
    return a_roster(tmp_path / "花名册.xlsx")


def a_roster(path: Path) -> Path:
    rows = [
        HEADERS,
        changed(工号="A1", 姓名="还差的"),
        changed(工号="A2", 姓名="够了的", 单位="二中", _2025专业=60),
        changed(工号="A3", 姓名="免的", 性别="女", 出生年月="1970-01", _2025专业=60),
        changed(工号="A4", 姓名="读不出的", 出生年月="1975-13"),
        changed(工号="A5", 姓名="<b>初级</b>", 单位="二中", 申报级别="初级", _2025公需=0),
    ]
    return with_xlsxwriter(path, rows)


def csrf(page: str) -> str:
    """The token in a page's forms."""
    return page.split('name="csrf" value="')[1].split('"')[0]


async def uploaded(client: httpx.AsyncClient, roster: Path) -> str:
    """The address of a roster, uploaded and worked through."""
    desk = (await client.get("/hr")).text
    answer = await client.post(
        "/hr/rosters", data={"csrf": csrf(desk)}, files={"file": (roster.name, roster.read_bytes())}
    )
    await finished(client, answer.url.path)
    return answer.url.path


async def finished(client: httpx.AsyncClient, address: str) -> str:
    """The page of a roster once the work on it has ended."""
    for _ in range(240):
        answer = await client.get(address)
        if answer.status_code != 429 and "http-equiv" not in answer.text:  # a busy machine makes us ask too often
            return answer.text
        await asyncio.sleep(0.25)
    raise AssertionError("the roster was not worked through in a minute")


@dataclass
class Served:
    """The pages on a port of this machine; `invite` gives a code for somebody."""

    address: str
    house: House
    loop: asyncio.AbstractEventLoop

    def invite(self, name: str, role: str = "staff") -> str:
        return asyncio.run_coroutine_threadsafe(self.house.accounts.invite(name, role), self.loop).result(10)

    def revoke(self, name: str) -> None:
        async def shut() -> None:
            for account in await self.house.accounts.everybody():
                if account.name == name:
                    await self.house.accounts.revoke(account.id)

        asyncio.run_coroutine_threadsafe(shut(), self.loop).result(10)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    directory = tmp_path_factory.mktemp("hr")
    started: list[Served] = []
    ready, stop = threading.Event(), threading.Event()

    async def serve() -> None:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            async with opened(directory, address) as house:
                server = uvicorn.Server(uvicorn.Config(house.app, log_level="warning", lifespan="off"))
                running = asyncio.create_task(server.serve(sockets=[listener]))
                started.append(Served(address, house, asyncio.get_running_loop()))
                ready.set()
                while not stop.is_set():
                    await asyncio.sleep(0.05)
                server.should_exit = True
                await running

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(20)
    yield started[0]
    stop.set()
    thread.join(20)
