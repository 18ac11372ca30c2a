"""Each channel as a person holds it: words in, what is read on the screen out, over real sockets where it has any."""

from __future__ import annotations

import asyncio
import io
import itertools
import time
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Protocol

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import channels
from bot.app import conversation
from bot.channels.terminal import talk
from bot.channels.web import web_app
from bot.conversation import Conversation
from bot.post import Postbox
from bot.settings import read_settings
from storage import Inbox
from tests.botapi import BotApi, Person
from tests.botapi.world import Json
from tests.databases import prepared
from tests.telegram.service import serving as telegram_service
from tests.wechat.service import Service, running, serving

DAY = date(2025, 9, 1)


class Line(Protocol):
    """One channel. `repeats`: its platform may deliver the same thing twice, told by a number of its own."""

    talks: Conversation
    repeats: bool

    async def say(self, person: str, words: str, *, number: int | None = None) -> str:
        """Type words; the same `number` again is the same delivery again."""
        ...

    async def wordless(self, person: str) -> str:
        """Send whatever this channel has that holds no words."""
        ...


@dataclass
class TerminalLine:
    """Lines of text in, lines of text out."""

    talks: Conversation
    repeats: bool = False

    async def say(self, person: str, words: str, *, number: int | None = None) -> str:
        out = io.StringIO()
        await talk(self.talks, io.StringIO(words + "\n"), out, person)
        return out.getvalue().strip()

    async def wordless(self, person: str) -> str:
        return await self.say(person, "👍")


@dataclass
class WebLine:
    """The web chat's interface, a session for each person."""

    talks: Conversation
    client: httpx.AsyncClient
    sessions: dict[str, str] = field(default_factory=dict)
    repeats: bool = True

    async def say(self, person: str, words: str, *, number: int | None = None) -> str:
        id = uuid.uuid4().hex if number is None else str(number)
        body = {"session": self.sessions.get(person), "message_id": id, "text": words}
        answer = await self.client.post("/api/chat", json=body)
        assert answer.status_code == 200, answer.text
        said = answer.json()
        self.sessions[person] = said["session"]
        lines = [
            reply["text"] + "\n" + " ".join(choice["label"] for choice in reply["choices"]) for reply in said["replies"]
        ]
        return "\n".join(lines).strip()

    async def wordless(self, person: str) -> str:
        return await self.say(person, "👍")


@dataclass
class WeChatLine:
    """A follower of the account: the passive reply, and what comes after it."""

    service: Service
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(7_000_000))
    repeats: bool = True

    @property
    def talks(self) -> Conversation:
        return self.service.talks

    async def say(self, person: str, words: str, *, number: int | None = None) -> str:
        account = self.service.account
        account.numbers = itertools.count(next(self.numbers) if number is None else number)
        return await self._push(person, account.message(person, Content=words))

    async def wordless(self, person: str) -> str:
        self.service.account.numbers = self.numbers
        return await self._push(person, self.service.account.message(person, "image", MediaId="m"))

    async def _push(self, person: str, body: bytes) -> str:
        self.service.platform.acted(person)
        reply = await self.service.account.push(body, person)
        assert not reply.fault, reply.fault
        return reply.text


@dataclass
class TelegramLine:
    """A private chat with the bot, polled."""

    talks: Conversation
    api: BotApi
    people: dict[str, Person] = field(default_factory=dict)
    updates: dict[tuple[str, int], tuple[Json, str]] = field(default_factory=dict)
    queues: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    repeats: bool = True

    async def say(self, person: str, words: str, *, number: int | None = None) -> str:
        async with self.queues[person]:
            somebody = self._somebody(person)
            if number is not None and (person, number) in self.updates:
                update, answer = self.updates[person, number]
                self.api.again(update)
                await asyncio.sleep(0.3)
                return "\n".join([answer, *somebody.news()])  # nothing new, then
            update = somebody.says(words)
            answer = await self._seen(somebody)
            if number is not None:
                self.updates[person, number] = update, answer
            return answer

    async def wordless(self, person: str) -> str:
        somebody = self._somebody(person)
        somebody.says({"sticker": {}})
        return await self._seen(somebody)

    def _somebody(self, person: str) -> Person:
        return self.people.setdefault(person, self.people.get(person) or self.api.person())

    @staticmethod
    async def _seen(somebody: Person) -> str:
        return "\n".join([await somebody.sees(), *somebody.labels()])


@asynccontextmanager
async def telegram(folder: Path) -> AsyncIterator[Line]:
    async with BotApi() as api, telegram_service(api, folder) as service:
        yield TelegramLine(service.talks, api)


def worked_example() -> ModuleType:
    """The channel in `bot/channels/README.md`, as it stands there."""
    text = (Path(channels.__file__).parent / "README.md").read_text(encoding="utf-8")
    code = text.partition("```python\n")[2].partition("```")[0]
    module = ModuleType("sms")
    exec(compile(code, "README.md", "exec"), module.__dict__)
    return module


@dataclass
class ExampleLine:
    """The worked example of README, with a gateway at its other end."""

    talks: Conversation
    client: httpx.AsyncClient
    arrived: list[dict[str, str]]
    answers: dict[tuple[str, str], str] = field(default_factory=dict)
    queues: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    repeats: bool = True

    async def say(self, person: str, words: str, *, number: int | None = None) -> str:
        id = uuid.uuid4().hex if number is None else str(number)
        async with self.queues[person]:
            before = len(self.arrived)
            await self.client.post("/sms", json={"from": person, "id": id, "text": words})
            key = (person, id)
            deadline = time.monotonic() + 60
            while key not in self.answers:
                assert time.monotonic() < deadline, "silence"
                await asyncio.sleep(0.02)
                waits = await Inbox(self.talks.store).first(f"sms:main:{person}")
                sent = [one["text"] for one in self.arrived[before:] if one["to"] == person]
                if waits is None and len(sent) == len((await self.talks.recent(f"sms:main:{person}", 1))[-1].replies):
                    self.answers[key] = "\n".join(sent)
            return self.answers[key]

    async def wordless(self, person: str) -> str:
        return await self.say(person, "👍")


@asynccontextmanager
async def example(folder: Path) -> AsyncIterator[Line]:
    arrived: list[dict[str, str]] = []

    async def take(request: Request) -> Response:
        arrived.append(await request.json())
        return Response()

    async with (
        conversing(folder) as talks,
        AsyncExitStack() as stack,
    ):
        talks.today = lambda: DAY
        gateway = await stack.enter_async_context(serving(Starlette(routes=[Route("/send", take, methods=["POST"])])))
        out = await stack.enter_async_context(httpx.AsyncClient(base_url=gateway))
        sms = worked_example().Sms(out, "main")
        post = await stack.enter_async_context(Postbox(talks, talks.store, sms))
        base = await stack.enter_async_context(serving(Starlette(routes=sms.routes(post))))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=base))
        yield ExampleLine(talks, client, arrived)


def conversing(folder: Path) -> AbstractAsyncContextManager[Conversation]:
    prepared(folder)
    return conversation(read_settings({"XUESHI_DATA_DIR": str(folder)}, dotenv=None))


@asynccontextmanager
async def terminal(folder: Path) -> AsyncIterator[Line]:
    async with conversing(folder) as talks:
        talks.today = lambda: DAY
        yield TerminalLine(talks)


@asynccontextmanager
async def web(folder: Path) -> AsyncIterator[Line]:
    async with conversing(folder) as talks:
        talks.today = lambda: DAY
        app = web_app(talks, public_url="http://web", retention_days=180, ready=_ready, metrics=str)
        async with serving(app) as base, httpx.AsyncClient(base_url=base, timeout=20) as client:
            yield WebLine(talks, client)


@asynccontextmanager
async def wechat(folder: Path) -> AsyncIterator[Line]:
    async with running(folder) as service:
        yield WeChatLine(service)


async def _ready() -> bool:
    return True


LINES: dict[str, Callable[[Path], AbstractAsyncContextManager[Line]]] = {
    "terminal": terminal,
    "web": web,
    "wechat": wechat,
    "telegram": telegram,
    "example": example,
}
