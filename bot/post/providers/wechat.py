"""Notices on WeChat: customer-service messages within two days after the person last wrote, else the template that is set."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.channels.wechat import Api
from bot.messages import Delivery
from bot.post.outcomes import TO_MEND
from bot.post.wording import NoticeText
from storage import Letter

SLOTS = 8
OUT_OF_WINDOW: Final = "out_of_window"
TEMPLATE: Final = "template"  # of what was sent: how


class WechatNotices:
    """One account. Without a `template_id` who cannot be written to is refused as out of the window."""

    channel = "wechat"

    def __init__(self, api: Api, template_id: str = "") -> None:
        self._api, self._template_id = api, template_id

    async def send(self, letter: Letter) -> Delivery:
        """One message. What the second call comes to is what the notice comes to: the first was refused for certain."""
        said, openid = NoticeText.read(letter.body), letter.person.rpartition(":")[2]
        came = await self._api.say(openid, said.text)
        if came.reason == OUT_OF_WINDOW and self._template_id and said.fields:
            came = await self._api.template(openid, self._template_id, said.open_url, said.fields)
            came = replace(came, reason=TEMPLATE) if came.outcome == "sent" else came
        return replace(came, outcome="retry") if came.reason in TO_MEND else came

    async def close(self) -> None:
        await self._api.close()
