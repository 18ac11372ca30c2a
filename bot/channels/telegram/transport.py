"""Telegram as the post box sees it: updates read, turns put into calls, taps acknowledged, calls made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from bot.channels.telegram.parts import STAYS, bubbles
from bot.channels.telegram.updates import CHANNEL, WORDS, Bot, chat_of, message_of
from bot.messages import Delivery, Message, Turn

if TYPE_CHECKING:
    from bot.channels.telegram.calls import Calls
    from bot.post import Screen
    from bot.telling.keepsakes import Keepsakes
    from storage import Letter


class TelegramCarrier:
    """Translates; `calls` is there once the library is loaded and the platform has answered."""

    channel = CHANNEL

    def __init__(self, bot: Bot, keepsakes: Keepsakes | None = None) -> None:
        self.bot = bot
        self.calls: Calls | None = None
        self._keepsakes = keepsakes

    def read(self, body: bytes) -> Message | None:
        return message_of(orjson.loads(body), self.bot)

    def parts(self, message: Message, body: bytes, turn: Turn, screen: Screen) -> tuple[bytes, ...]:
        chat = chat_of(message.sender)
        calls = bubbles(chat, turn.replies, redraw=self._redrawn(message, body, screen))
        if message.group:
            calls = _with_way_out(calls, self.bot)
        elif turn.assessment is not None and self._keepsakes is not None:
            calls[-1:-1] = self._files(chat, turn)  # the buttons stay at the end
        return tuple(orjson.dumps(call) for call in calls)

    def _files(self, chat: int, turn: Turn) -> list[dict[str, Any]]:
        """What is kept of the result; the picture is drawn when it is sent, not here on the event loop."""
        asked = {reply.look["kind"] for reply in turn.replies if reply.look is not None}
        calls: list[dict[str, Any]] = []
        if "keep" in asked:
            calls.append({"call": "picture", "chat": chat, "facts": turn.facts, "assessment": turn.assessment})
        file = self._keepsakes.reminder(turn) if "remind" in asked and self._keepsakes is not None else None
        if file is not None:
            caption = WORDS["reminder_caption"]
            calls.append(
                {"call": "file", "chat": chat, "name": file.name, "content": file.content.decode(), "caption": caption}
            )
        return calls

    async def _drawn(self, call: dict[str, Any]) -> dict[str, Any]:
        """The call with its picture; with the page as a file, where the machine has no font."""
        assert self._keepsakes is not None
        file = await self._keepsakes.drawn(call["facts"], call["assessment"])
        kind, caption = "photo" if file.picture else "file", WORDS["file_caption"]
        return {"call": kind, "chat": call["chat"], "name": file.name, "content": file.content, "caption": caption}

    def _redrawn(self, message: Message, body: bytes, screen: Screen) -> str:
        """The message that was tapped, where it is the last on the screen and may be drawn anew."""
        if message.kind != "choice" or not screen.last or screen.last.endswith(STAYS):
            return ""
        tapped = str(orjson.loads(body)["callback_query"]["message"]["message_id"])
        return tapped if tapped == screen.last else ""

    async def send(self, letter: Letter) -> Delivery:
        if self.calls is None:
            return Delivery("unreachable")
        call = orjson.loads(letter.body)
        if call["call"] == "picture":
            call = await self._drawn(call)
        return await self.calls.send(call, again=letter.doubt)

    async def acknowledge(self, message: Message, body: bytes, turn: Turn | None) -> bool:
        if message.kind != "choice" or self.calls is None:
            return False
        toast = WORDS["toasts"].get(turn.toast, "") if turn is not None else ""
        return await self.calls.acknowledge(message.id.removeprefix("c"), toast)

    def sorry(self, person: str) -> tuple[bytes, ...]:
        chat = chat_of(person.rsplit(":", 1)[1])
        return (orjson.dumps({"call": "send", "chat": chat, "text": WORDS["sorry"]}),)


def _with_way_out(calls: list[dict[str, Any]], bot: Bot) -> list[dict[str, Any]]:
    """In a group nothing personal can be tapped; one button leads to the private chat."""
    for call in calls:
        rows = [[button for button in row if "url" in button] for row in call.pop("rows", [])]
        if rows := [row for row in rows if row]:
            call["rows"] = rows
    if calls:
        link = {"text": WORDS["private_link"], "url": f"https://t.me/{bot.username}"}
        calls[-1].setdefault("rows", []).append([link])
    return calls
