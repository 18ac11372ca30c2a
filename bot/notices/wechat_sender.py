"""Notices on WeChat: customer-service messages, possible for two days after the person last wrote."""

from __future__ import annotations

import time
from typing import Protocol

from bot.messages import Delivery
from bot.notices.pace import Limits
from bot.notices.sender import ACCOUNT, LIMITED, Wire
from bot.notices.wording import Letter

SLOTS = 8
LONG_WAIT = 60.0  # of a retry: not this message's trouble but the account's
WINDOW_CODES = ("45015", "45047")
UNREACHED_CODES = ("43004", "40003")


class Says(Protocol):
    """One WeChat account's calls."""

    async def say(self, openid: str, text: str) -> Delivery: ...

    async def close(self) -> None: ...


class WechatSender:
    """One account."""

    channel = "wechat"
    slots = SLOTS

    def __init__(self, api: Says, app_id: str, limits: Limits) -> None:
        self._api, self.account, self.limits = api, f"wechat:{app_id}", limits

    async def send(self, address: str, letter: Letter, wire: Wire) -> Delivery:
        """One message."""
        wire.began = time.time()
        try:
            came = await self._api.say(address.rpartition(":")[2], letter.text)
        finally:
            wire.ended = time.time()
        return _house_words(came)

    async def close(self) -> None:
        await self._api.close()


def _house_words(came: Delivery) -> Delivery:
    """WeChat's numbers as the reasons that notices have."""
    code = came.reason.removeprefix("code ").partition(" ")[0]
    if came.outcome == "refused":
        if code in WINDOW_CODES:
            return Delivery("refused", reason="out_of_window")
        if code in UNREACHED_CODES:
            return Delivery("refused", reason="unknown")
        return (
            Delivery("retry", reason=ACCOUNT) if code in ("48001", "50002") else Delivery("refused", reason="refused")
        )
    if came.outcome == "doubt":
        return Delivery("doubt", reason="no_answer")
    if came.outcome == "retry":
        if came.after >= LONG_WAIT:
            return Delivery("retry", came.after, LIMITED)
        return Delivery("retry", came.after, "unreachable" if "Connect" in came.reason else "server_error")
    return came
