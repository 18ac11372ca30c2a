"""What the post needs of a platform: to send one letter, and, where people talk there, to read updates and put turns into parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.messages import Delivery, Message, Turn
from storage import Letter


@dataclass(frozen=True, slots=True)
class Screen:
    """What stands last on the person's screen, as far as the outbox knows. `known`: something was said to them before and nothing of it
    was refused; `last`: the platform's id of the newest thing, empty where it is not known or something newer is still on its way."""

    known: bool = False
    last: str = ""


class Provider(Protocol):
    """One way out. A letter's body is bytes that only the provider, or what words notices, reads."""

    @property
    def channel(self) -> str:
        """The name under which inbox and outbox keep what is this platform's, `Message.channel`; `email` for addresses."""
        ...

    async def send(self, letter: Letter) -> Delivery:
        """One call. `letter.doubt`: an earlier try may have arrived. Never raises for what network or platform do."""
        ...


class Closed(Provider, Protocol):
    """A provider whose connections are the post's to close."""

    async def close(self) -> None: ...


class Carrier(Provider, Protocol):
    """A platform on which people talk. It translates and sends; it stores nothing and decides nothing.

    A part is one call of the platform, with the address in it. It must make sense after a restart, in another process, days later.
    """

    def read(self, body: bytes) -> Message | None:
        """The message that a raw update holds; None where there is nothing to answer. What it raises counts against the update, which is
        set aside after some tries."""
        ...

    def parts(self, message: Message, body: bytes, turn: Turn, screen: Screen) -> tuple[bytes, ...]:
        """What is to be sent for a turn, in this order; called within the turn's transaction, so it must be quick."""
        ...

    async def acknowledge(self, message: Message, body: bytes, turn: Turn | None) -> bool:
        """Tells the platform at once that a message was taken (a tap stops spinning, with `Turn.toast` where there is one); `turn` is None
        where it could not be handled. False where the person saw nothing of it, as always on platforms without such a thing: then the
        turn's bubbles are sent if nothing else was to be."""
        ...

    def sorry(self, person: str) -> tuple[bytes, ...]:
        """What is said, once, to a person whose update had to be set aside."""
        ...
