"""Campaigns of made-up people over servers on loopback, each test on a database of its own."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as day_time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.answering import Answers
from bot.conversation import Conversation
from bot.messages import Message, Turn
from bot.post.aside import Aside
from bot.post.office import Office
from bot.post.wording import Wordings
from bot.post.worker import Way, Worker
from bot.settings.key import service_key
from bot.telling.rendering import Rendering
from rules import Library, load
from storage import Addressee, Campaign, Campaigns, Store
from storage.campaign_tables import binding
from tests.notices import bot_server

ROOT = Path(__file__).parents[2]
TODAY = date(2025, 11, 20)
NEVER = (day_time(0), day_time(0))
SECRET = "a key for the tests, nobody else uses it"
KEY = service_key(SECRET, Path())


def facts(number: int, *, short: bool = True) -> dict[str, Any]:
    """Somebody of middle rank at a public institution; short of 20 hours of 2025, or of none."""
    full = {"general": 30, "professional": 60}
    return {
        "id": str(number), "sex": "male", "birth": "1985-03", "title_level": "middle", "sector": "public_institution",
        "history": {"2023": full, "2024": full, "2025": {"general": 10 if short else 30, "professional": 60}},
    }  # fmt: skip


@dataclass
class BotServer:
    """A Bot API server in a process of its own."""

    base: str
    process: subprocess.Popen[str]
    token: str = bot_server.TOKEN

    def log(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.base}/log", timeout=20) as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found

    def delivered(self) -> Counter[int]:
        """How often each chat really got something."""
        return Counter(record["chat"] for record in self.log() if record["done"])


def busiest_second(times: list[float]) -> int:
    """The most arrivals in any window of one second, both ends counted but one."""
    times = sorted(times)
    most = first = 0
    for last, moment in enumerate(times):
        while times[first] <= moment - 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


async def at_rest(server: BotServer) -> int:
    """How many messages a server has got, once for a while no more come."""
    then = -1
    while then != (now := len(server.log())):
        then = now
        await asyncio.sleep(0.8)
    return now


@pytest.fixture
def bot_api() -> Iterator[Callable[..., BotServer]]:
    """Starts servers, each with its own faults."""
    running: list[subprocess.Popen[str]] = []

    def start(**settings: Any) -> BotServer:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.notices.bot_server", json.dumps(settings)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        running.append(process)
        assert process.stdout is not None
        return BotServer(f"http://127.0.0.1:{int(process.stdout.readline())}", process)

    yield start
    for process in running:
        assert process.stdin is not None
        process.stdin.close()
        assert process.stdout is not None
        process.stdout.close()
        process.wait(60)


@pytest.fixture(scope="session")
def packs() -> Library:
    return load()


@dataclass
class Bench:
    """A store with campaigns, and workers on it."""

    store: Store
    packs: Library
    today: date = TODAY
    quiet: tuple[day_time, day_time] = NEVER
    wordings: Wordings = field(init=False)

    def __post_init__(self) -> None:
        self.wordings = Wordings(self.packs, public_url="http://xueshi.example", key=KEY)
        self.campaigns = Campaigns(self.store)

    async def campaign(
        self, people: list[Addressee], *, id: str = "ntest", state: str = "sending", not_after: datetime | None = None, owner: str = ""
    ) -> Campaign:  # fmt: skip
        made = Campaign(
            id=id, title="年终学时", audience="roster", source="", digest="", at=datetime.now(UTC), state=state, owner=owner,
            not_after=not_after or datetime.combine(self.today, day_time(), UTC) + timedelta(days=30),
        )  # fmt: skip
        await self.campaigns.create(made, people)
        return made

    async def bind(self, accounts: dict[str, str], channel: str = "telegram") -> None:
        """Subjects to account keys, as if each had brought a code."""
        now = datetime.now(UTC)
        rows = [{"subject": who, "channel": channel, "person": key, "at": now} for who, key in accounts.items()]

        def bind(connection: Connection) -> None:
            connection.execute(binding.insert(), rows)

        await self.store.database.write(bind)

    @property
    def office(self) -> Office:
        return Office(self.store, self.packs, self.wordings, ["telegram", "email"])

    async def bound(self, roster: Path, count: int, *, owner: int = 0) -> dict[str, str]:
        """Binds the first so many of a roster, each on Telegram under their number; who everybody is, by number."""
        people = await self.office.people(roster, owner, self.today)
        await self.bind({one.subject: f"telegram:bot:{one.label}" for one in people[:count]})
        return {one.label: one.subject for one in people}

    def worker(self, ways: list[Way], only: list[str] | None = None) -> Worker:
        return Worker(self.office, ways, lambda: self.today, only, quiet=self.quiet)

    async def status(self, id: str = "ntest") -> dict[str, Any]:
        from bot.post.office import status_of

        found = await self.campaigns.get(id)
        assert found is not None
        return status_of(found, await self.campaigns.count(id))


@pytest.fixture
def bench(store: Store, packs: Library) -> Bench:
    return Bench(store, packs)


def people(count: int, *, first: int = 1) -> list[Addressee]:
    """So many who are short, each under their number."""
    return [Addressee(str(number), facts(number)) for number in range(first, first + count)]


def chats(count: int, *, first: int = 1) -> dict[str, str]:
    """The Telegram accounts of so many, each under their number."""
    return {str(number): f"telegram:bot:{number}" for number in range(first, first + count)}


class Person:
    """Somebody on a channel."""

    def __init__(self, talks: Conversation, sender: str, channel: str = "telegram") -> None:
        self._talks, self._sender, self._channel, self._said = talks, sender, channel, 0

    @property
    def key(self) -> str:
        return f"{self._channel}:bot:{self._sender}"

    async def say(self, text: str = "", *, tap: str = "", group: bool = False) -> Turn:
        self._said += 1
        kind: Any = "choice" if tap else "text"
        message = Message(self._channel, "bot", self._sender, str(self._said), kind, text, tap, group=group)
        return await self._talks.take(message)


@pytest.fixture
def talks(store: Store, packs: Library) -> Conversation:
    rendering = Rendering(packs, retention_days=180, public_url="http://xueshi.example")
    aside = Aside(store, packs, KEY, lambda: TODAY)
    return Conversation(packs, store, rendering, Answers(packs), lambda: TODAY, aside)
