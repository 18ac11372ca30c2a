"""What a person keeps of a result, as files that a channel sends: the picture, or its words where there is no font; the reminder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

from bot.messages import Exchange, Turn
from bot.telling.calendar import ics
from bot.telling.picture import NoFont, png
from bot.telling.result import Result
from bot.telling.sheet import plain


class File(NamedTuple):
    """A file by name; `picture`: it can be shown as one."""

    name: str
    content: bytes
    picture: bool = False


class Keepsakes:
    """Makes the files; `tell` gives the result that a turn told, `address` is where its picture leads back to."""

    def __init__(self, tell: Callable[[Turn | Exchange], Result], address: str) -> None:
        self._tell, self._address = tell, address

    def picture(self, told: Turn | Exchange) -> File:
        """The result to look at. Takes a tenth of a second: not for the event loop."""
        result = self._tell(told)
        try:
            return File("xueshi.png", png(result, self._address), picture=True)
        except NoFont:
            return File("xueshi.txt", plain(result, self._address))

    async def drawn(self, facts: dict[str, Any], assessment: dict[str, Any] | None) -> File:
        """The picture of what a turn told, beside the event loop."""
        return await asyncio.to_thread(self.picture, Exchange("", (), facts, assessment))

    def reminder(self, told: Turn | Exchange) -> File | None:
        """The days for a calendar; None where there is nothing to be reminded of."""
        file = ics(self._tell(told), self._address)
        return File("xueshi.ics", file) if file else None
