"""What every test of the web stands on: the app over the real conversation, in this process, and `xueshi run` for a browser."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright, expect
from starlette.applications import Starlette

import rules
from bot.app import conversation
from bot.channels.web import WebTalks, web_app
from bot.lines.jsonl import parse
from bot.messages import Exchange, Message, Reply, Turn
from bot.settings import read_settings
from bot.telling.result import Result
from tests.processes import Xueshi, environment, free_port, ready

DAY = date(2025, 9, 1)
PACKS = rules.load()
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=60_000)  # a busy machine is no fault of the page

Contexts = Callable[..., Awaitable[BrowserContext]]


class Heard:
    """The real conversation, with a record of what the web handed to it."""

    def __init__(self, talks: WebTalks) -> None:
        self.talks, self.packs = talks, talks.packs
        self.messages: list[Message] = []

    async def take(self, message: Message) -> Turn:
        self.messages.append(message)
        return await self.talks.take(message)

    async def knows(self, person: str) -> bool:
        return await self.talks.knows(person)

    async def everything(self, person: str) -> dict[str, Any]:
        return await self.talks.everything(person)

    async def recent(self, person: str) -> Sequence[Exchange]:
        return await self.talks.recent(person)

    def welcome(self) -> Sequence[Reply]:
        return self.talks.welcome()

    def assess(self, facts: Any) -> dict[str, Any]:
        return self.talks.assess(facts)

    def result(self, told: Exchange) -> Result:
        return self.talks.result(told)

    @property
    def deliveries(self) -> set[tuple[str, str]]:
        """Those that are not the same as an earlier one."""
        return {(message.person, message.id) for message in self.messages}


async def is_ready() -> bool:
    return True


def make_app(talks: WebTalks, public_url: str = "http://127.0.0.1") -> Starlette:
    return web_app(
        talks,
        public_url=public_url,
        retention_days=180,
        ready=is_ready,
        metrics=lambda: "xueshi_turns_total 3\n",
        parse=parse,
    )


@asynccontextmanager
async def asking(app: Starlette, base_url: str = "http://127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app in this process."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base_url) as client:
        yield client


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def talks(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[WebTalks]:
    folder = tmp_path_factory.mktemp("web")
    settings = read_settings({"XUESHI_DATA_DIR": str(folder), "XUESHI_TODAY": DAY.isoformat()}, dotenv=None)
    async with conversation(settings) as talks:
        yield talks


@pytest.fixture
def heard(talks: WebTalks) -> Heard:
    return Heard(talks)


@pytest_asyncio.fixture(loop_scope="session")
async def client(heard: Heard) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(make_app(heard)) as client:
        yield client


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The address of `xueshi run` in a process of its own."""
    port = str(free_port())
    settings = environment(XUESHI_DATA_DIR=str(folder), XUESHI_WEB_PORT=port)
    service = Xueshi(["run"], env=settings, stdout=subprocess.DEVNULL)
    try:
        yield ready(service, port)
    finally:
        service.terminate()
        service.wait(60)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("served")) as address:
        yield address


def chromium() -> str:
    """Where the browser is; without it the tests fail, with the line that brings it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.fail("no Chromium here; run: apt-get install -y chromium fonts-noto-cjk")
    return path


async def follow(page: Page, link: Locator) -> None:
    """Clicks what leads to another document, and returns when that one stands there: what is done next is done to it."""
    async with page.expect_navigation():
        await link.click()


@asynccontextmanager
async def opened_browser(*flags: str) -> AsyncIterator[Browser]:
    path = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags], timeout=60_000)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with opened_browser() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def phone(browser: Browser, served: str) -> AsyncIterator[Contexts]:
    """Opens phones: contexts of 390 by 844 points whose every complaint and outside request fails the test."""
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    async def open_phone(**options: Any) -> BrowserContext:
        settings: dict[str, Any] = {
            "viewport": {"width": 390, "height": 844},
            "base_url": served,
            "reduced_motion": "reduce",
            **options,
        }
        context = await browser.new_context(**settings)
        context.set_default_timeout(60_000)
        context.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("request", lambda asked: None if asked.url.startswith(served) else complaints.append(asked.url))
        opened.append(context)
        return context

    yield open_phone
    for context in opened:
        await context.close()
    # what tests do on purpose
    expected = ("net::ERR_INTERNET_DISCONNECTED", "net::ERR_FAILED", "status of 403", "status of 404")
    assert [one for one in complaints if not any(fault in one for fault in expected)] == []
