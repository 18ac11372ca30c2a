"""What every channel is: it translates between a platform and the conversation, and holds no rule of conduct.

A platform that is answered in its own call (terminal, web, WeChat's passive reply) needs only `Talks`: a Message in, the
Turn shown. One on which replies are sent by calls of our own is a `bot.post.Carrier`, driven by the post box.
"""

from __future__ import annotations

from typing import Protocol

from bot.messages import Message, Turn


class Talks(Protocol):
    """What a channel needs of the conversation."""

    async def take(self, message: Message) -> Turn:
        """The turn that a message leads to, stored when it returns; the same message again, the same turn."""
        ...
