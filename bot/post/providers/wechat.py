"""Notices on WeChat: customer-service messages within two days after the person last wrote, else the template that is set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from bot.messages import Delivery
from bot.post.outcomes import LIMITED
from bot.post.wording import NoticeText
from storage import Letter

SLOTS = 8
LONG_WAIT = 60.0  # of a retry: not this message's trouble but the account's
OUT_OF_WINDOW: Final = "out_of_window"
TEMPLATE: Final = "template"  # of what was sent: how

# WeChat's codes of refusals, in our words.
REFUSED: Final[Mapping[str, Delivery]] = {
    **dict.fromkeys(("45015", "45047"), Delivery("refused", reason=OUT_OF_WINDOW)),
    **dict.fromkeys(("43004", "40003"), Delivery("refused", reason="unknown")),
    **dict.fromkeys(("48001", "50002"), Delivery("retry", reason="account")),
    **dict.fromkeys(("40037", "47003"), Delivery("retry", reason="wrong_template")),
}


class Says(Protocol):
    """One WeChat account's calls."""

    async def say(self, openid: str, text: str) -> Delivery: ...

    async def template(self, openid: str, template_id: str, url: str, fields: Mapping[str, str]) -> Delivery: ...

    async def close(self) -> None: ...


class WechatNotices:
    """One account. Without a `template_id` who cannot be written to is refused as out of the window."""

    channel = "wechat"

    def __init__(self, api: Says, template_id: str = "") -> None:
        self._api, self._template_id = api, template_id

    async def send(self, letter: Letter) -> Delivery:
        """One message. What the second call comes to is what the notice comes to: the first was refused for certain."""
        said, openid = NoticeText.read(letter.body), letter.person.rpartition(":")[2]
        came = _house_words(await self._api.say(openid, said.text))
        if came.reason != OUT_OF_WINDOW or not (self._template_id and said.fields):
            return came
        came = _house_words(await self._api.template(openid, self._template_id, said.open_url, said.fields))
        return Delivery("sent", reason=TEMPLATE, platform_id=came.platform_id) if came.outcome == "sent" else came

    async def close(self) -> None:
        await self._api.close()


def _house_words(came: Delivery) -> Delivery:
    """WeChat's numbers as the reasons that notices have."""
    if came.outcome == "refused":
        return REFUSED.get(came.reason.partition(" ")[0], Delivery("refused", reason="refused"))
    if came.outcome == "doubt":
        return Delivery("doubt", reason="no_answer")
    if came.outcome in ("retry", "unreachable"):
        if came.after >= LONG_WAIT:
            return Delivery("retry", came.after, LIMITED)
        return Delivery("unreachable") if "Connect" in came.reason else Delivery("retry", came.after, "server_error")
    return came
