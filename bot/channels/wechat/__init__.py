"""A WeChat official account: texts with numbered options, answered in the call itself or by customer-service messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.channels.wechat import incoming, layout
from bot.channels.wechat.api import Api
from bot.channels.wechat.callback import Callback, Later, Talks
from bot.channels.wechat.gate import Gate
from bot.channels.wechat.markup import fields
from bot.channels.wechat.words import SAYS
from bot.messages import Delivery, Message, Turn

if TYPE_CHECKING:
    from storage import Letter

__all__ = ["Api", "Callback", "Gate", "Later", "Talks", "WeChat"]


class WeChat:
    """The account on which customer-service messages are sent, as the post box drives it: a `bot.post.Carrier`."""

    channel = incoming.NAME

    def __init__(self, app_id: str, api: Api) -> None:
        self.app_id, self.api = app_id, api

    def read(self, body: bytes) -> Message | None:
        """The message in a delivery's XML. Raises: ValueError."""
        return incoming.message(fields(body), self.app_id)

    def parts(self, message: Message, body: bytes, turn: Turn, screen: object) -> tuple[bytes, ...]:
        """The whole turn, where none of it was a passive reply."""
        return layout.parts(message.sender, layout.pages(turn.replies, follow=True))

    async def send(self, letter: Letter) -> Delivery:
        """A customer-service message; refused where the person has done nothing for two days, or has left."""
        openid, text = layout.unpack(letter.body)
        return await self.api.say(openid, text)

    async def acknowledge(self, message: Message, body: bytes, turn: Turn | None) -> bool:
        """Nothing: WeChat was told when the delivery was kept."""
        return False

    def sorry(self, person: str) -> tuple[bytes, ...]:
        """What is said to somebody whose message had to be set aside."""
        return layout.parts(person.rpartition(":")[2], (SAYS["sorry"],))
