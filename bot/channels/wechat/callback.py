"""The callback at /wechat: WeChat's call in, the passive reply out within its five seconds, or an acknowledgement."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from weakref import WeakValueDictionary

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.web.faults import HttpFault
from bot.channels.web.quotas import read_body
from bot.channels.wechat import incoming, layout
from bot.channels.wechat.admission import CallRefused, WechatGate
from bot.channels.wechat.phrasebook import SAYS
from bot.channels.wechat.xml import document
from bot.messages import Contradiction, Exchange, Message, Turn
from bot.settings.logs import places

if TYPE_CHECKING:
    from bot.post import Postbox

log = logging.getLogger("xueshi.wechat")

MOST_BYTES = 64 << 10
PATIENCE = 4.2
"""Seconds after which a reply is given up as passive; WeChat waits 5, of which the way here and back takes some."""
SPARE = 0.5
"""Seconds of those 5 that are left then."""
TRIES = 3
SLOW = 20.0
"""Seconds after a message that took too long, in which the person's next ones line up behind it in the post box."""
NOTHING = b"success"


class WechatTalks(Protocol):
    """What this channel needs of the conversation."""

    async def take(self, message: Message, *, parts: Callable[[Turn], tuple[bytes, ...]] | None = None) -> Turn: ...

    async def recent(self, person: str, limit: int = 20) -> list[Exchange]: ...


@dataclass
class _Answering:
    """A message being answered, and how many of its deliveries have come; `owed`: the last was put off with a word."""

    task: asyncio.Task[str]
    tries: int = 0
    owed: bool = False


class Callback:
    """One account's callback; `later`: the post box over customer-service messages. Without it all is said in passive replies, and what is
    too long is read page by page.

    `busy` are the exceptions of the conversation that mean: nothing could be stored just now.
    """

    def __init__(
        self, gate: WechatGate, account: str, talks: WechatTalks, later: Postbox | None, *,
        busy: tuple[type[Exception], ...] = (), patience: float = PATIENCE,
    ) -> None:  # fmt: skip
        self.gate, self.account, self.talks, self.later = gate, account, talks, later
        self.busy, self.patience = busy, patience
        self._refusals = _Refusals()
        self._queues: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._answering: dict[Message, _Answering] = {}
        self._beside: set[asyncio.Task[bool]] = set()
        self._slow: dict[str, float] = {}  # whose messages go by the post box, until when

    def routes(self) -> list[Route]:
        """For the web app."""
        return [Route("/wechat", self._get, methods=["GET"]), Route("/wechat", self._post, methods=["POST"])]

    async def _get(self, request: Request) -> Response:
        try:
            return _plain(self.gate.echo(request.query_params).encode())
        except CallRefused as refused:
            return self._refusals.answer(refused)

    async def _post(self, request: Request) -> Response:
        until = time.monotonic() + self.patience
        try:
            body = await read_body(request, MOST_BYTES)
            fields, clear = self.gate.open(request.query_params, body)
            message = incoming.message(fields, self.account)
        except CallRefused as refused:
            return self._refusals.answer(refused)
        except HttpFault as fault:
            return _plain(b"", fault.status)
        except ValueError as fault:
            return self._refusals.answer(CallRefused(400, str(fault)))
        text = "" if message is None else await self._text_in_time(message, clear, until)
        if not text:
            return _plain(NOTHING)
        reply = document(
            {
                "ToUserName": fields["FromUserName"], "FromUserName": fields["ToUserName"], "CreateTime": int(time.time()),
                "MsgType": "text", "Content": text,
            }
        )  # fmt: skip
        return Response(self.gate.close(reply), media_type="text/xml")

    async def _text_in_time(self, message: Message, clear: bytes, until: float) -> str:
        """The passive reply. WeChat's tries of one message wait for one answer; should the database be stuck at the last,
        it gets a word, and the answer follows."""
        running = self._answering.get(message)
        if running is None:
            running = self._answering[message] = _Answering(asyncio.create_task(self._text(message, clear, until)))
            running.task.add_done_callback(lambda _: self._answering.pop(message))
        running.tries += 1
        last = running.tries >= TRIES
        await asyncio.wait({running.task}, timeout=max(0.0, until + SPARE - time.monotonic()) if last else None)
        if running.task.done():
            return running.task.result()
        if self.later is not None and not running.owed:
            running.owed = True
            running.task.add_done_callback(lambda task: self._send(message, "" if task.cancelled() else task.result()))
        return SAYS["later"]

    def _send(self, message: Message, text: str) -> None:
        """Sends what nobody waits for any more."""
        if self.later is not None and text not in ("", SAYS["later"]):
            sending = asyncio.create_task(self.later.say(layout.parts(message.sender, (text,))))
            self._beside.add(sending)
            sending.add_done_callback(self._beside.discard)

    async def _text(self, message: Message, clear: bytes, until: float) -> str:
        """The passive reply to a message; empty where nothing is to be said."""
        try:
            if (page := await self._page(message)) is not None:
                return page
            return await self._turn(message, clear, until)
        except Contradiction:
            log.warning("the number of an earlier message came with other content")
            return SAYS["sorry"]
        except self.busy as fault:
            log.warning("nothing can be stored: %s", type(fault).__name__)
            return SAYS["busy"]
        except Exception as bug:
            log.error("a message could not be answered: %s", places(bug))
            return SAYS["sorry"]

    async def _page(self, message: Message) -> str | None:
        """A later piece of the last reply, where a message asks for one that there is."""
        number = layout.page_asked(message.text)
        if number is None:
            return None
        last = await self.talks.recent(message.person, 1)
        pages = layout.pages(last[-1].replies, follow=False) if last else ()
        return pages[number - 1] if 0 < number <= len(pages) else None

    async def _turn(self, message: Message, clear: bytes, until: float) -> str:
        if self.later is None:
            turn = await self.talks.take(message)
            return layout.pages(turn.replies, follow=False)[0]
        # Held until the reply or the handing over, so that nobody's message overtakes their own earlier one.
        queue = self._queues.setdefault(message.person, asyncio.Lock())
        try:
            async with asyncio.timeout(max(0.0, until - time.monotonic())):
                await queue.acquire()
        except TimeoutError:
            return await self._hand_over(self.later, message, clear)
        try:
            if time.monotonic() < self._slow.get(message.person, 0.0):
                return await self._hand_over(self.later, message, clear)
            return await self._in_time(self.later, message, clear, until)
        finally:
            queue.release()

    async def _in_time(self, later: Postbox, message: Message, clear: bytes, until: float) -> str:
        """The turn's first page; what is more goes by the post box, and the whole where the turn takes too long."""
        decided = False

        def rest(turn: Turn) -> tuple[bytes, ...]:
            nonlocal decided
            decided = True
            texts = layout.parts(message.sender, layout.pages(turn.replies, follow=True)[1:])
            return texts + layout.kept(message.sender, turn)

        turning = asyncio.create_task(self.talks.take(message, parts=rest))
        done, _ = await asyncio.wait({turning}, timeout=max(0.0, until - time.monotonic()))
        if not done and not decided:
            turning.cancel()
            await asyncio.wait({turning})
            if turning.cancelled():
                return await self._hand_over(later, message, clear)
        # Being stored just now: should it take more than 5 seconds, WeChat's next try finds the same turn.
        pages = layout.pages((await turning).replies, follow=True)
        if len(pages) > 1:
            # A little later, so that the second page does not come before the first.
            asyncio.get_running_loop().call_later(0.3, later.poke)
        return pages[0]

    async def _hand_over(self, later: Postbox, message: Message, clear: bytes) -> str:
        """Nothing of it is stored yet: kept first, so that no kill between acknowledgement and answer can lose it."""
        now = time.monotonic()
        await later.accept(self.account, f"{message.sender}:{message.id}", message.person, clear)
        self._slow = {person: end for person, end in self._slow.items() if end > now} | {message.person: now + SLOW}
        return SAYS["later"]


def _plain(body: bytes, status: int = 200) -> Response:
    return Response(body, status, media_type="text/plain", headers={"X-Content-Type-Options": "nosniff"})


class _Refusals:
    """Answers calls that are refused, and tells the log of each reason once a minute: the address is open to anybody."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def answer(self, refused: CallRefused) -> Response:
        reason, now = str(refused), time.monotonic()
        if now - self._told.get(reason, -math.inf) > 60:
            self._told[reason] = now
            log.warning("a call was refused: %s", reason)
        return _plain(b"", refused.status)
