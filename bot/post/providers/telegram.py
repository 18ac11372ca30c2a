"""Notices on Telegram by python-telegram-bot's ExtBot over aiohttp, its errors as outcomes."""

from __future__ import annotations

import asyncio
import logging
import os
from datetime import timedelta
from typing import Any, Final

import aiohttp
import orjson
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import ExtBot
from telegram.request import BaseRequest, RequestData

from bot.messages import LIMITED, Delivery
from bot.post.notice_words import words
from bot.post.wording import NoticeText
from bot.settings.wordbook import words_beside
from storage import Letter

TIMEOUT = 20.0
NAMED = 8.0  # seconds for the bot's name
SLOTS = 30
os.environ.setdefault("PTB_TIMEDELTA", "true")  # as its next version has it; the old way warns at every 429
# Its own messages name the token or tell every 429 with a traceback; what matters of both is in the outcome.
for _name in ("telegram.Bot", "telegram.ext.ExtBot"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

REASONS: Final = words_beside(__file__, "answers.toml")["telegram"]
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
JSON = {"Content-Type": "application/json"}  # half the work of a form, on both sides
CONNECT = 5.0
IDLE = 4.0  # seconds an unused connection is kept: less than servers do, so that none closes under a request
LOST = Delivery("doubt", reason="no_answer")
"""The request has left and its answer never came."""


class TelegramNotices:
    """One bot. Its pace is kept by the post, at the server and over every second: the library's limiter counts what leaves instead of what
    arrives, and a wait that it was told ends with any other answer. Nor is its HTTP used: a campaign over that runs at 0.7 of a bare
    bot's speed, over ours at twice it (`tests/benchmarks/notices.py`), and it does not tell what never left from what was lost."""

    channel = "telegram"

    def __init__(self, token: str, api_base: str) -> None:
        request = AiohttpRequest(SLOTS + 2, TIMEOUT)
        self.bot: ExtBot[None] = ExtBot(
            token, base_url=f"{api_base}/bot", request=request, get_updates_request=AiohttpRequest(1, TIMEOUT)
        )

    async def send(self, letter: Letter) -> Delivery:
        """One message with its buttons."""
        said = NoticeText.read(letter.body)
        taps = {"open": f"n:{said.token}", "stop": f"n:{said.token}:stop"}
        buttons = [[InlineKeyboardButton(words()["buttons"][name], callback_data=tap)] for name, tap in taps.items()]
        try:
            sent = await self.bot.send_message(
                int(letter.person.rpartition(":")[2]),
                said.text,
                reply_markup=InlineKeyboardMarkup(buttons) if said.token else None,
                link_preview_options=_NO_PREVIEW,
            )
        except TelegramError as fault:
            return _delivery(fault)
        return Delivery("sent", platform_id=str(sent.message_id))

    async def close(self) -> None:
        await self.bot.request.shutdown()


async def name_of(token: str, api_base: str) -> str | None:
    """A bot's name; None where Telegram does not answer."""
    asked = TelegramNotices(token, api_base)
    try:
        async with asyncio.timeout(NAMED):
            return (await asked.bot.get_me()).username
    except (TelegramError, TimeoutError):
        return None
    finally:
        await asked.close()


def _delivery(fault: TelegramError) -> Delivery:
    """What an error of the library's means. The order matters: most of them are network errors to it."""
    said = fault.message.lower()
    match fault:
        case NoAnswer():
            return fault.delivery
        case RetryAfter():
            after = fault.retry_after
            return Delivery("retry", after.total_seconds() if isinstance(after, timedelta) else float(after), LIMITED)
        case InvalidToken():
            return Delivery("retry", reason="account")
        case ChatMigrated():
            return Delivery("refused", reason="unknown")
        case BadRequest() | Forbidden():
            return Delivery("refused", reason=next((why for words, why in REASONS.items() if words in said), "refused"))
    if "too many requests" in said:  # without the seconds to wait
        return Delivery("retry", 5.0, LIMITED)
    return LOST  # an answer that is none of Telegram's


# ---------------------------------------------------------------- HTTP


class NoAnswer(NetworkError):
    """The server has not answered the call, and what that comes to."""

    def __init__(self, why: str, delivery: Delivery) -> None:
        super().__init__(why)
        self.delivery = delivery


class AiohttpRequest(BaseRequest):
    """One pool of connections: several times quicker than the library's own, and it tells what was sent from what was not. A call takes at
    most `timeout` seconds in all."""

    def __init__(self, connections: int, timeout: float) -> None:
        self._connections, self._timeout = connections, timeout
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        return self._timeout

    async def initialize(self) -> None:
        """Nothing before the first call."""

    async def shutdown(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=IDLE),
                timeout=aiohttp.ClientTimeout(total=self._timeout, sock_connect=CONNECT),
                trust_env=True,  # its proxy, as the library's own client takes it
            )
        return self._session

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        body = orjson.dumps(request_data.parameters) if request_data else None
        try:
            async with self._opened().request(method, url, data=body, headers=JSON) as answer:
                status, content = answer.status, await answer.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as fault:
            raise NoAnswer(type(fault).__name__, Delivery("unreachable")) from None  # the request has not left
        except (TimeoutError, aiohttp.ClientError, OSError) as fault:
            raise NoAnswer(type(fault).__name__, LOST) from None
        if status >= 500:  # 504: a proxy gave up waiting for the server, which may have done it
            raise NoAnswer(f"status {status}", LOST if status == 504 else Delivery("retry", reason="server_error"))
        return status, content
