"""Notices on WeChat: customer-service messages within two days after the person last wrote, else the template that is set."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final, Protocol

from bot.messages import Delivery
from bot.notices.pace import Limits
from bot.notices.sender import ACCOUNT, LIMITED, WRONG_TEMPLATE, Wire
from bot.notices.wording import Letter

SLOTS = 8
LONG_WAIT = 60.0  # of a retry: not this message's trouble but the account's
OUT_OF_WINDOW: Final = "out_of_window"
TEMPLATE: Final = "template"  # of what was sent: how

# WeChat's codes of refusals, in our words.
REFUSED: Final[Mapping[str, Delivery]] = {
    **dict.fromkeys(("45015", "45047"), Delivery("refused", reason=OUT_OF_WINDOW)),
    **dict.fromkeys(("43004", "40003"), Delivery("refused", reason="unknown")),
    **dict.fromkeys(("48001", "50002"), Delivery("retry", reason=ACCOUNT)),
    **dict.fromkeys(("40037", "47003"), Delivery("retry", reason=WRONG_TEMPLATE)),
}


class Says(Protocol):
    """One WeChat account's calls."""

    async def say(self, openid: str, text: str) -> Delivery: ...

    async def template(self, openid: str, template_id: str, url: str, fields: Mapping[str, str]) -> Delivery: ...

    async def close(self) -> None: ...


class WechatSender:
    """One account. Without a `template_id` who cannot be written to is refused as out of the window."""

    channel = "wechat"
    slots = SLOTS

    def __init__(self, api: Says, app_id: str, limits: Limits, template_id: str = "") -> None:
        self._api, self.account, self.limits, self._template_id = api, f"wechat:{app_id}", limits, template_id

    async def send(self, address: str, letter: Letter, wire: Wire) -> Delivery:
        """One message. What the second call comes to is what the notice comes to: the first was refused for certain."""
        openid = address.rpartition(":")[2]
        wire.began = time.time()
        try:
            came = _house_words(await self._api.say(openid, letter.text))
            if came.reason != OUT_OF_WINDOW or not (self._template_id and letter.fields):
                return came
            came = _house_words(await self._api.template(openid, self._template_id, letter.open_url, letter.fields))
        finally:
            wire.ended = time.time()
        return Delivery("sent", reason=TEMPLATE, platform_id=came.platform_id) if came.outcome == "sent" else came

    async def close(self) -> None:
        await self._api.close()


def _house_words(came: Delivery) -> Delivery:
    """WeChat's numbers as the reasons that notices have."""
    if came.outcome == "refused":
        return REFUSED.get(came.reason.partition(" ")[0], Delivery("refused", reason="refused"))
    if came.outcome == "doubt":
        return Delivery("doubt", reason="no_answer")
    if came.outcome == "retry":
        if came.after >= LONG_WAIT:
            return Delivery("retry", came.after, LIMITED)
        return Delivery("retry", came.after, "unreachable" if "Connect" in came.reason else "server_error")
    return came
