"""Who talks to the bot and what stands in their chats: people do what people do, the bot's calls change what they see."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.botapi.refusals import bad

if TYPE_CHECKING:
    from tests.botapi.server import BotApi

Json = dict[str, Any]
QUIET = 0.3
"""Seconds without anything new after which an answer is whole: its parts follow each other at once, but on a busy machine."""


@dataclass
class Query:
    """A tap that waits to be acknowledged."""

    id: str
    made: float
    toast: str | None = None  # None: not acknowledged yet


@dataclass
class Chat:
    """A chat as it stands; `shown` is what the bot did in it, in order: (what, text, labels)."""

    id: int
    type: str
    messages: dict[int, Json] = field(default_factory=dict)
    shown: list[tuple[str, str, list[str]]] = field(default_factory=list)
    blocked: bool = False
    moved_to: int | None = None
    floods: deque[float] = field(default_factory=deque)
    told: float = 0.0


def buttons(message: Json) -> list[Json]:
    return [button for row in message.get("reply_markup", {}).get("inline_keyboard", []) for button in row]


class Person:
    """Somebody with a private chat; `read` is how far they have read what the bot did in it."""

    def __init__(self, api: BotApi, id: int) -> None:
        self.api, self.id = api, id
        self.chat = api.chats.setdefault(id, Chat(id, "private"))
        self.read = 0

    @property
    def card(self) -> Json:
        return {"id": self.id, "is_bot": False, "first_name": "张老师"}

    # ------------------------------------------------------------ does

    def says(self, content: str | Json, chat: Chat | None = None, **more: Any) -> Json:
        """Sends a text, or whatever else a message may hold."""
        place = chat or self.chat
        content = {"text": content} if isinstance(content, str) else content
        message = self.api.message(place, {"from": self.card, **content, **more})
        return self.api.push({"message": message})

    def edits(self, update: Json, text: str) -> Json:
        message = self.chat.messages[update["message"]["message_id"]]
        message |= {"text": text, "edit_date": int(time.time())}
        return self.api.push({"edited_message": dict(message)})

    def taps(self, label: str, on: Json | None = None, chat: Chat | None = None, hidden: bool = False) -> Query:
        """Taps the button of that label, on the newest message that has it or on one seen earlier."""
        message = on or self.keyboard(label, chat)
        data = next(button["callback_data"] for button in buttons(message) if label in button["text"])
        return self.taps_data(data, message, chat, hidden)[0]

    def taps_data(self, data: str, message: Json, chat: Chat | None = None, hidden: bool = False) -> tuple[Query, Json]:
        """A tap of any data at all; `hidden`: the platform no longer tells what stood in the message."""
        place = chat or self.chat
        query = Query(str(self.api.number()), time.monotonic())
        self.api.queries[query.id] = query
        seen = place.messages.get(message["message_id"], message)
        told = {"chat": self.api.card_of(place), "message_id": seen["message_id"], "date": 0} if hidden else dict(seen)
        update = {"id": query.id, "from": self.card, "chat_instance": "1", "message": told, "data": data}
        return query, self.api.push({"callback_query": update})

    def blocks(self, blocked: bool = True) -> None:
        self.chat.blocked = blocked

    # ------------------------------------------------------------ sees

    def keyboard(self, label: str = "", chat: Chat | None = None) -> Json:
        """The newest message with buttons, with that one among them."""
        for message in reversed((chat or self.chat).messages.values()):
            if message["from"]["is_bot"] and any(label in button["text"] for button in buttons(message)):
                return dict(message)
        raise LookupError(f"no button {label!r}")

    def labels(self) -> list[str]:
        try:
            return [button["text"] for button in buttons(self.keyboard())]
        except LookupError:
            return []

    async def sees(self, enough: Callable[[str], bool] = bool, patience: float = 60.0) -> str:
        """Everything the bot has shown since this was last asked, once that is enough and nothing follows at once."""
        until = time.monotonic() + patience
        while True:
            text = "\n".join(text for _, text, _ in self.chat.shown[self.read :])
            if enough(text) and time.monotonic() - self.api.changed > QUIET:
                self.read = len(self.chat.shown)
                return text
            if time.monotonic() > until:
                raise AssertionError(f"after {patience} s there is only {text!r}")
            await asyncio.sleep(0.02)

    def news(self) -> list[str]:
        """What the bot has shown so far since `sees`, without waiting."""
        return [text for _, text, _ in self.chat.shown[self.read :]]

    async def asks(self, text: str) -> str:
        """Says it and waits for the answer."""
        self.says(text)
        return await self.sees()

    async def presses(self, label: str) -> str:
        """Taps it, and waits for the answer and the acknowledgement."""
        query = self.taps(label)
        answer = await self.sees()
        await acknowledged(query)
        return answer


async def acknowledged(query: Query, patience: float = 30.0) -> str:
    """The toast of a tap (empty: none), once it was acknowledged."""
    until = time.monotonic() + patience
    while query.toast is None:
        if time.monotonic() > until:
            raise AssertionError("the tap was never acknowledged")
        await asyncio.sleep(0.02)
    return query.toast


def own(chat: Chat, params: Json) -> Json:
    """The bot's own message that is to be edited."""
    message = chat.messages.get(int(params.get("message_id") or 0))
    if message is None:
        raise bad("message to edit not found")
    if not message["from"]["is_bot"]:
        raise bad("message can't be edited")
    return message
