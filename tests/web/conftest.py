"""What every test of the web stands on: the app over a talk, in this process, and the same app on a port for a browser."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, BrowserContext, async_playwright
from starlette.applications import Starlette

from bot.channels.web import Notice, web_app
from tests.web.talk import DAY, PACKS, PlannedTalk

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NOTICES = {
    "neimenggu/2025": Notice("内蒙古2025年度通知（内人社办发〔2024〕201号）", PACKS.newest.requirement),
}

Contexts = Callable[..., Awaitable[BrowserContext]]


async def is_ready() -> bool:
    return True


def make_app(talk: PlannedTalk, public_url: str = "http://127.0.0.1") -> Starlette:
    return web_app(
        talk,
        public_url=public_url,
        retention_days=180,
        ready=is_ready,
        metrics=lambda: "xueshi_turns_total 3\n",
        notices=NOTICES,
        today=lambda: DAY,
    )


@asynccontextmanager
async def asking(app: Starlette, base_url: str = "http://127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app in this process."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base_url) as client:
        yield client


@pytest.fixture
def talk() -> PlannedTalk:
    return PlannedTalk()


@pytest_asyncio.fixture
async def client(talk: PlannedTalk) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(make_app(talk)) as client:
        yield client


@pytest.fixture(scope="session")
def served() -> Iterator[str]:
    """The address of the app on a port of this machine."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(make_app(PlannedTalk()), log_level="warning", lifespan="off"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
        thread.start()
        yield address
        server.should_exit = True
        thread.join(10)


def chromium() -> str:
    """Where the browser is; without it the tests fail, with the line that brings it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.fail("no Chromium here; run: apt-get install -y chromium fonts-noto-cjk")
    return path


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

    async def open_phone(**options: object) -> BrowserContext:
        settings = {
            "viewport": {"width": 390, "height": 844},
            "base_url": served,
            "reduced_motion": "reduce",
            **options,
        }
        context = await browser.new_context(**settings)  # type: ignore[arg-type]  # options are Playwright's own
        context.set_default_timeout(10_000)
        context.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("request", lambda asked: None if asked.url.startswith(served) else complaints.append(asked.url))
        opened.append(context)
        return context

    yield open_phone
    for context in opened:
        await context.close()
    expected = (
        "net::ERR_INTERNET_DISCONNECTED",
        "net::ERR_FAILED",
        "status of 403",
        "status of 404",
    )  # tests' own doing
    assert [one for one in complaints if not any(fault in one for fault in expected)] == []
