"""Notices on Telegram by python-telegram-bot's ExtBot, its errors as outcomes."""

from __future__ import annotations

import asyncio
import logging
import os
from datetime import timedelta
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.messages import LIMITED, Delivery
from bot.post.providers.telegram_http import LOST, AiohttpRequest, NoAnswer
from bot.post.wording import NoticeText
from storage import Letter

TIMEOUT = 20.0
NAMED = 8.0  # seconds for the bot's name
SLOTS = 30
OPEN, STOP = "看我的结果", "不再提醒"
os.environ.setdefault("PTB_TIMEDELTA", "true")  # as its next version has it; the old way warns at every 429
# Its own messages name the token or tell every 429 with a traceback; what matters of both is in the outcome.
for _name in ("telegram.Bot", "telegram.ext.ExtBot"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

# What Telegram says (Bot API, tdlib), in our words; the first that occurs in its answer.
REASONS: Final = {
    "blocked by the user": "blocked",
    "user is deactivated": "deactivated",
    "can't initiate conversation": "unknown",
    "chat not found": "unknown",
    "user not found": "unknown",
    "peer_id_invalid": "unknown",
    "kicked": "blocked",
}
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


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
        buttons = [
            [InlineKeyboardButton(OPEN, callback_data=f"n:{said.token}")],
            [InlineKeyboardButton(STOP, callback_data=f"n:{said.token}:stop")],
        ]
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
