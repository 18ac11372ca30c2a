"""The Bot API by aiogram: every call's end as a plain value, whatever network, proxy or platform make of it.

Importing this takes seconds: it is done in a thread, after the web listens.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import SendDocument, SendPhoto, TelegramMethod
from aiogram.types import BotCommand, BufferedInputFile
from aiogram.types import Message as Sent
from aiohttp import ClientConnectorError

from bot.channels.telegram.parts import STAYS
from bot.channels.telegram.updates import WANTED, loads
from bot.messages import Delivery

log = logging.getLogger("xueshi.telegram")

PATIENCE = 20.0
"""Seconds after which a call's answer counts as lost."""
LISTEN = 25
"""Seconds for which a poll waits for updates."""
MISCONFIGURED = 30.0
"""Seconds between tries when the token or the address is wrong."""

NO_PREVIEW = '{"is_disabled":true}'


class GetUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates without reading what is in the updates: one that cannot be read must not hold up the others."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int | None = None
    allowed_updates: list[str] | None = None


class SendText(TelegramMethod[dict[str, Any]]):
    """sendMessage with its keyboard as JSON, whose answer is not read for more than it is needed for: a third of the cost."""

    __returning__ = dict[str, Any]
    __api_method__ = "sendMessage"

    chat_id: int
    text: str
    reply_markup: str | None = None
    link_preview_options: str = NO_PREVIEW


class EditText(TelegramMethod[dict[str, Any]]):
    """editMessageText likewise."""

    __returning__ = dict[str, Any]
    __api_method__ = "editMessageText"

    chat_id: int
    message_id: int
    text: str
    reply_markup: str | None = None
    link_preview_options: str = NO_PREVIEW


class Failed(Exception):
    """A call that is not a delivery failed; the text says why, without the token."""


class Calls:
    """One bot's calls."""

    def __init__(self, token: str, api_base: str) -> None:
        session = AiohttpSession(
            limit=200, api=TelegramAPIServer.from_base(api_base), json_loads=loads, timeout=PATIENCE
        )
        self._bot = Bot(token, session=session)

    async def close(self) -> None:
        await self._bot.session.close()

    # ------------------------------------------------------------ deliveries

    async def send(self, call: Mapping[str, Any], *, again: bool) -> Delivery:
        """Makes one call of the outbox. `again`: an earlier try may have arrived.

        Nothing tells whether it did. So it is made again only once the platform is known to answer, and a message that
        was to be drawn anew is sent as a new one, since drawing the same twice is refused.
        """
        if again:
            try:
                await self._bot.get_me(request_timeout=5)
            except (AiogramError, OSError):
                return Delivery("unreachable")
            call = {**call, "call": "send"} if call["call"] == "edit" else call
        try:
            return await self._made(call)
        except TelegramMigrateToChat as moved:
            return await self.send({**call, "chat": moved.migrate_to_chat_id}, again=False)
        except TelegramBadRequest as refused:
            return await self._refused(call, refused)
        except (AiogramError, OSError) as fault:
            return delivery_of(fault)

    async def _made(self, call: Mapping[str, Any]) -> Delivery:
        sent: Sent | dict[str, Any] = await self._bot(method_of(call))
        number = sent.message_id if isinstance(sent, Sent) else sent["message_id"]
        return Delivery("sent", platform_id=f"{number}{STAYS if call.get('stays') else ''}")

    async def _refused(self, call: Mapping[str, Any], refused: TelegramBadRequest) -> Delivery:
        if call["call"] == "edit":
            if "not modified" in refused.message:
                return Delivery("sent", platform_id=str(call["message"]))
            if re.search(r"message to edit not found|can't be edited|no text in the message", refused.message):
                return await self.send({**call, "call": "send"}, again=False)  # deleted by its reader
        # What stands between quotes may be somebody's words.
        log.warning("%s refused: %s", call["call"], re.sub(r"""(["']).*\1""", "…", refused.message)[:100])
        return Delivery("refused", reason="bad request")

    async def acknowledge(self, query: str, toast: str) -> bool:
        """Ends the waiting of a tap; whether its `toast` was seen. A second tap may be too old: nothing to be done."""
        for _ in range(2):
            try:
                await self._bot.answer_callback_query(query, text=toast or None, request_timeout=5)
                return True
            except TelegramBadRequest:
                return False
            except (AiogramError, OSError):
                continue
        return False

    # ------------------------------------------------------------ the rest

    async def username(self) -> str:
        """Our name. Raises: Failed."""
        with _failing():
            return (await self._bot.get_me(request_timeout=10)).username or ""

    async def updates(self, offset: int | None) -> list[dict[str, Any]]:
        """What has come since; confirms everything before `offset`. Raises: Failed."""
        with _failing():
            method = GetUpdates(offset=offset, timeout=LISTEN, allowed_updates=WANTED)
            return await self._bot(method, request_timeout=LISTEN + 10)

    async def receive_at(self, url: str, secret: str) -> None:
        """Has updates delivered to an address, or, for an empty one, polled. Raises: Failed."""
        with _failing():
            try:
                if url:
                    await self._bot.set_webhook(url, secret_token=secret, allowed_updates=WANTED, max_connections=100)
                else:
                    await self._bot.delete_webhook()
            except TelegramBadRequest as refused:
                raise Failed(f"XUESHI_PUBLIC_URL is refused: {refused.message}") from None

    async def show_commands(self, commands: list[dict[str, str]]) -> None:
        """Sets the menu. Raises: Failed."""
        with _failing():
            menu = [BotCommand(command=one["command"], description=one["description"]) for one in commands]
            await self._bot.set_my_commands(menu, request_timeout=10)


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except TelegramConflictError:
        raise Failed("another process polls with the same token") from None
    except (AiogramError, OSError) as fault:
        raise Failed(type(fault).__name__) from None


def method_of(call: Mapping[str, Any]) -> TelegramMethod[Any]:
    """The aiogram method of a call of the outbox; text goes without a parse mode, as it is."""
    if call["call"] in ("file", "photo"):
        content = call["content"] if isinstance(call["content"], bytes) else call["content"].encode()
        file = BufferedInputFile(content, call["name"])
        if call["call"] == "photo":
            return SendPhoto(chat_id=call["chat"], photo=file, caption=call["caption"])
        return SendDocument(chat_id=call["chat"], document=file, caption=call["caption"])
    markup = orjson.dumps({"inline_keyboard": call["rows"]}).decode() if call.get("rows") else None
    if call["call"] == "edit":
        return EditText(chat_id=call["chat"], message_id=call["message"], text=call["text"], reply_markup=markup)
    return SendText(chat_id=call["chat"], text=call["text"], reply_markup=markup)


def delivery_of(fault: Exception) -> Delivery:
    """What became of a call that ended in a fault."""
    reason = type(fault).__name__
    match fault:
        case TelegramRetryAfter():
            return Delivery("retry", after=float(fault.retry_after), reason="429")
        case TelegramForbiddenError() | TelegramEntityTooLarge():
            return Delivery("refused", reason=reason)
        case TelegramUnauthorizedError() | TelegramNotFound():
            return Delivery("retry", after=MISCONFIGURED, reason=reason)
        case TelegramServerError() | ClientDecodeError():
            return Delivery("retry", reason=reason)  # answered: by the platform's fault or a proxy's page
        case TelegramNetworkError() if isinstance(fault.__cause__, ClientConnectorError):
            return Delivery("unreachable")
        case _:
            return Delivery("doubt", reason=reason)
