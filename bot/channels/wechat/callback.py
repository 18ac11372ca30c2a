"""The callback at /wechat: WeChat's call in, the passive reply out within its five seconds, or an acknowledgement."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.web.faults import Fault
from bot.channels.web.limits import read_body
from bot.channels.web.watch import places
from bot.channels.wechat import incoming, layout
from bot.channels.wechat.gate import Gate, Refused
from bot.channels.wechat.markup import document
from bot.channels.wechat.words import SAYS
from bot.messages import Contradiction, Exchange, Message, Turn

log = logging.getLogger("xueshi.wechat")

MOST_BYTES = 64 << 10
PATIENCE = 4.2
"""Seconds after which a reply is given up as passive; WeChat waits 5, of which the way here and back takes some."""
NOTHING = b"success"


class Talks(Protocol):
    """What this channel needs of the conversation."""

    async def take(self, message: Message, *, parts: Callable[[Turn], tuple[bytes, ...]] | None = None) -> Turn: ...

    async def recent(self, person: str, limit: int = 20) -> list[Exchange]: ...


class Later(Protocol):
    """What sends without being asked: the postbox over customer-service messages."""

    async def keep(self, message: Message, body: bytes) -> None:
        """Returns when the delivery is durable; it is answered from then on."""
        ...

    def wake(self) -> None:
        """There is something new to be sent."""
        ...


class Callback:
    """One account's callback. Without `later` everything is a passive reply, and what is too long is read page by page.

    `busy` are the exceptions of the conversation that mean: nothing could be stored just now.
    """

    def __init__(
        self, gate: Gate, account: str, talks: Talks, later: Later | None, *, busy: tuple[type[Exception], ...] = (),
        patience: float = PATIENCE,
    ) -> None:  # fmt: skip
        self.gate, self.account, self.talks, self.later = gate, account, talks, later
        self.busy, self.patience = busy, patience
        self._refusals = _Refusals()

    def routes(self) -> list[Route]:
        """For the web app."""
        return [Route("/wechat", self._get, methods=["GET"]), Route("/wechat", self._post, methods=["POST"])]

    async def _get(self, request: Request) -> Response:
        try:
            return _plain(self.gate.echo(request.query_params).encode())
        except Refused as refused:
            return self._refusals.answer(refused)

    async def _post(self, request: Request) -> Response:
        until = time.monotonic() + self.patience
        try:
            body = await read_body(request, MOST_BYTES)
            fields, clear = self.gate.open(request.query_params, body)
            message = incoming.message(fields, self.account)
        except Refused as refused:
            return self._refusals.answer(refused)
        except Fault as fault:
            return _plain(b"", fault.status)
        except ValueError as fault:
            return self._refusals.answer(Refused(400, str(fault)))
        text = "" if message is None else await self._text(message, clear, until)
        if not text:
            return _plain(NOTHING)
        reply = document(
            {
                "ToUserName": fields["FromUserName"], "FromUserName": fields["ToUserName"], "CreateTime": int(time.time()),
                "MsgType": "text", "Content": text,
            }
        )  # fmt: skip
        return Response(self.gate.close(reply), media_type="text/xml")

    async def _text(self, message: Message, clear: bytes, until: float) -> str:
        """The passive reply to a message; empty where nothing is to be said."""
        try:
            if (page := await self._page(message)) is not None:
                return page
            return await self._turn(message, clear, until)
        except Contradiction:
            log.warning("the number of an earlier message came with other content")
        except self.busy as fault:
            log.warning("nothing can be stored: %s", type(fault).__name__)
            return SAYS["busy"]
        except Exception as bug:
            log.error("a message could not be answered: %s", places(bug))
            return SAYS["sorry"]
        return ""

    async def _page(self, message: Message) -> str | None:
        """A later piece of the last reply, where a message asks for one that there is."""
        number = layout.page_asked(message.text)
        if number is None:
            return None
        last = await self.talks.recent(message.person, 1)
        pages = layout.pages(last[-1].replies, follow=False) if last else ()
        return pages[number - 1] if 0 < number <= len(pages) else None

    async def _turn(self, message: Message, clear: bytes, until: float) -> str:
        decided = False
        follow = self.later is not None

        def rest(turn: Turn) -> tuple[bytes, ...]:
            """What is too long for the passive reply, decided in the moment when the turn is stored."""
            nonlocal decided
            decided = True
            return layout.parts(message.sender, layout.pages(turn.replies, follow=True)[1:]) if follow else ()

        turning = asyncio.create_task(self.talks.take(message, parts=rest))
        done, _ = await asyncio.wait({turning}, timeout=max(0.0, until - time.monotonic()))
        if not done and not decided and self.later is not None:
            # Nothing is stored yet: given over whole, so that no kill between acknowledgement and answer can lose it.
            turning.cancel()
            await asyncio.wait({turning})
            if turning.cancelled():
                await self.later.keep(message, clear)
                return SAYS["later"]
        # Where it takes more than 5 seconds all the same, WeChat's next try finds the stored turn.
        turn = await turning
        pages = layout.pages(turn.replies, follow=follow)
        if len(pages) > 1 and self.later is not None:
            self.later.wake()
        return pages[0]


def _plain(body: bytes, status: int = 200) -> Response:
    return Response(body, status, media_type="text/plain", headers={"X-Content-Type-Options": "nosniff"})


class _Refusals:
    """Answers calls that are refused, and tells the log of each reason once a minute: the address is open to anybody."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def answer(self, refused: Refused) -> Response:
        reason, now = str(refused), time.monotonic()
        if now - self._told.get(reason, -math.inf) > 60:
            self._told[reason] = now
            log.warning("a call was refused: %s", reason)
        return _plain(b"", refused.status)
