"""Notices on Telegram: python-telegram-bot's ExtBot behind its rate limiter, its errors as outcomes."""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.ext import AIORateLimiter, ExtBot

from bot.messages import Delivery
from bot.notices.pace import Limits
from bot.notices.sender import ACCOUNT, LIMITED, Wire
from bot.notices.telegram_request import AiohttpRequest, Lost, NotSent, ServerFault, Times, times
from bot.notices.wording import Letter

TIMEOUT = 20.0
SLOTS = 30
OPEN, STOP = "看我的结果", "不再提醒"
UNLIMITED = 0
os.environ.setdefault("PTB_TIMEDELTA", "true")  # as its next version has it; the old way warns at every 429
# Its own messages name the token or tell every 429 with a traceback; what matters of both is in the outcome.
for _name in ("telegram.ext.AIORateLimiter", "telegram.Bot", "telegram.ext.ExtBot"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

# What Telegram says (Bot API, tdlib), in our words; the first that occurs in its answer.
REASONS: Final = (
    ("blocked by the user", "blocked"),
    ("user is deactivated", "deactivated"),
    ("can't initiate conversation", "unknown"),
    ("chat not found", "unknown"),
    ("user not found", "unknown"),
    ("peer_id_invalid", "unknown"),
    ("kicked", "blocked"),
)


class TelegramSender:
    """One bot. The pace in front keeps the share; the library's limiter stands behind it as a second net."""

    channel = "telegram"
    slots = SLOTS

    def __init__(self, token: str, api_base: str, limits: Limits) -> None:
        self.account, self.limits = f"telegram:{token.partition(':')[0]}", limits
        limiter = AIORateLimiter(
            overall_max_rate=1 if limits.share else UNLIMITED,
            # A little quicker than the pace, or the two would add their waits.
            overall_time_period=0.7 / limits.share if limits.share else 1.0,
            group_max_rate=UNLIMITED,
            max_retries=0,  # a 429 is the pace's matter: the library's pause ends with any other request
        )
        self.bot: ExtBot[int] = ExtBot(
            token,
            base_url=f"{api_base}/bot",
            request=AiohttpRequest(SLOTS + 2, TIMEOUT),
            get_updates_request=AiohttpRequest(1, TIMEOUT),
            rate_limiter=limiter,
        )

    async def name(self) -> str | None:
        """The bot's name; None where Telegram does not answer."""
        try:
            return (await self.bot.get_me()).username
        except TelegramError:
            return None

    async def send(self, address: str, letter: Letter, wire: Wire) -> Delivery:
        """One message with its buttons."""
        watch = Times()
        times.set(watch)
        buttons = [
            [InlineKeyboardButton(OPEN, callback_data=f"n:{letter.token}")],
            [InlineKeyboardButton(STOP, callback_data=f"n:{letter.token}:stop")],
        ]
        try:
            sent = await self.bot.send_message(
                int(address.rpartition(":")[2]),
                letter.text,
                reply_markup=InlineKeyboardMarkup(buttons),
                link_preview_options=_NO_PREVIEW,
            )
        except TelegramError as fault:
            return _delivery(fault)
        finally:
            wire.began, wire.ended = watch.began, watch.ended
        return Delivery("sent", platform_id=str(sent.message_id))

    async def close(self) -> None:
        await self.bot.request.shutdown()


_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


def _delivery(fault: TelegramError) -> Delivery:
    """What an error of the library's means. The order matters: most of them are network errors to it."""
    if isinstance(fault, RetryAfter):
        after = fault.retry_after
        return Delivery("retry", after.total_seconds() if isinstance(after, timedelta) else float(after), LIMITED)
    if isinstance(fault, NotSent):
        return Delivery("retry", reason="unreachable")
    if isinstance(fault, ServerFault):
        return Delivery("retry", reason="server_error")
    if isinstance(fault, Lost):
        return Delivery("doubt", reason="no_answer")
    if isinstance(fault, InvalidToken):
        return Delivery("retry", reason=ACCOUNT)
    if isinstance(fault, ChatMigrated):
        return Delivery("refused", reason="unknown")
    said = fault.message.lower()
    if isinstance(fault, (BadRequest, Forbidden)):
        for words, reason in REASONS:
            if words in said:
                return Delivery("refused", reason=reason)
        return Delivery("refused", reason="refused")
    if "too many requests" in said:  # without the seconds to wait
        return Delivery("retry", 5.0, LIMITED)
    return Delivery("doubt", reason="no_answer")  # an answer that is none of Telegram's
