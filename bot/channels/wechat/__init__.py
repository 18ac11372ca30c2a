"""A WeChat official account: texts with numbered options, answered in the call itself or by customer-service messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.channels.wechat import incoming, layout
from bot.channels.wechat.admission import WechatGate
from bot.channels.wechat.callback import Callback
from bot.channels.wechat.phrasebook import SAYS
from bot.channels.wechat.tencent import Api
from bot.channels.wechat.xml import fields
from bot.messages import Delivery, Message, Turn
from bot.telling.keepsakes import Keepsakes

if TYPE_CHECKING:
    from storage import Letter

__all__ = ["Api", "Callback", "WeChat", "WechatGate"]


class WeChat:
    """The account on which customer-service messages are sent, as the post box drives it: a `bot.post.Carrier`."""

    channel = incoming.NAME

    def __init__(self, app_id: str, api: Api, keepsakes: Keepsakes | None = None) -> None:
        self.app_id, self.api, self.keepsakes = app_id, api, keepsakes

    def read(self, body: bytes) -> Message | None:
        """The message in a delivery's XML. Raises: ValueError."""
        return incoming.message(fields(body), self.app_id)

    def parts(self, message: Message, body: bytes, turn: Turn, screen: object) -> tuple[bytes, ...]:
        """The whole turn, where none of it was a passive reply."""
        texts = layout.parts(message.sender, layout.pages(turn.replies, follow=True))
        return texts + layout.kept(message.sender, turn)

    async def send(self, letter: Letter) -> Delivery:
        """A customer-service message; refused where the person has done nothing for two days, or has left."""
        openid, content = layout.unpack(letter.body)
        if isinstance(content, str):
            return await self.api.say(openid, content)
        if self.keepsakes is None:
            return Delivery("refused", reason="no pictures here")
        file = await self.keepsakes.drawn(content["facts"], content["assessment"])
        return await self.api.image(openid, file.content) if file.picture else Delivery("refused", reason="no font")

    async def acknowledge(self, message: Message, body: bytes, turn: Turn | None) -> bool:
        """Nothing: WeChat was told when the delivery was kept."""
        return False

    def sorry(self, person: str) -> tuple[bytes, ...]:
        """What is said to somebody whose message had to be set aside."""
        return layout.parts(person.rpartition(":")[2], (SAYS["sorry"],))
