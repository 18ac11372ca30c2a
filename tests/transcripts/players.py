"""Plays the acts of a transcript over the conversation itself; other channels have players of their own."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import cast

from bot.app import conversation
from bot.conversation import Conversation
from bot.messages import Kind, Message, Turn
from bot.settings import read_settings
from tests.databases import prepared
from tests.transcripts.script import Act, shown


class Clock:
    """The day that the service takes for today."""

    def __init__(self) -> None:
        self.day = date(2025, 9, 1)

    def today(self) -> date:
        return self.day


@asynccontextmanager
async def conversation_for() -> AsyncIterator[tuple[Conversation, Clock]]:
    """A conversation over an empty store, and the clock it goes by."""
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        prepared(Path(folder))
        settings = read_settings({"XUESHI_DATA_DIR": folder}, dotenv=None)
        async with conversation(settings) as talks:
            talks.today = clock.today
            yield talks, clock


class Player:
    """One person on one channel."""

    def __init__(self, talks: Conversation, clock: Clock, person: str, channel: str = "web") -> None:
        self.talks, self.clock, self.person, self.channel = talks, clock, person, channel
        self.number = 0
        self.typed = ""
        self.last: Turn | None = None

    async def act(self, act: Act) -> str:
        """Do it; the reply as text."""
        self.clock.day = act.day
        self.number += 1
        name = f"m{self.number}"
        if act.kind == "tap":
            message = Message(self.channel, "", self.person, name, "choice", choice=self._choice(act.words))
        elif act.kind == "edit":
            message = Message(self.channel, "", self.person, name, "edit", act.words, replaces=self.typed)
        elif act.kind == "text":
            message = Message(self.channel, "", self.person, name, "text", act.words)
            self.typed = name
        else:
            message = Message(self.channel, "", self.person, name, cast("Kind", act.kind))
        self.last = await self.talks.take(message)
        return shown(self.last.replies)

    def _choice(self, label: str) -> str:
        found = [c.id for reply in (self.last.replies if self.last else ()) for c in reply.choices if c.label == label]
        assert found, f"no button {label!r}"
        return found[-1]
