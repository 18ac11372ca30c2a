"""What a channel is: it translates between a platform and the conversation, and holds no rule of conduct.

A channel whose platform answers in the same call (terminal, web) hands its Message to `Conversation.take` and shows the
Turn; one that answers later, or may have to, is a `Channel`, which the postbox drives.
"""

from __future__ import annotations

from typing import Protocol

from bot.messages import Delivery, Message, Turn


class Talks(Protocol):
    """What every channel needs of the conversation."""

    async def take(self, message: Message) -> Turn: ...


class Channel(Protocol):
    """A platform on which bubbles are sent by calls of our own; everything in it may be called again after a crash.

    `name` is the `Message.channel` of all its messages and the first part of its people's keys.
    """

    name: str

    def read(self, body: bytes) -> Message | None:
        """The message in a raw delivery, None where there is nothing to answer. Raises: ValueError, it can't be read."""
        ...

    def write(self, message: Message, turn: Turn) -> tuple[bytes, ...]:
        """What is to be sent for a turn, in order, each part as the bytes that `send` takes; small enough for the platform."""
        ...

    async def send(self, person: str, body: bytes) -> Delivery:
        """Send one part to a person (`Message.person`); what became of it, never an exception."""
        ...
