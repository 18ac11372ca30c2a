"""A channel's post box: the inbox side and the outbox side, started and stopped together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from bot.post.carrier import Carrier
from bot.post.sending import Sending
from bot.post.taking import Hook, Interview, Taking
from storage import Arrived, Store, Unavailable

log = logging.getLogger("xueshi.post")

SWEEP = 3.0
"""Seconds between two looks for what a process that is gone has left."""
FINISH = 6.0
"""Seconds for what is in hand to be finished, each for handling and for sending."""


class Postbox:
    """One channel's mail in one process; any number of processes may have one on the same database."""

    def __init__(self, talks: Interview, store: Store, carrier: Carrier, *, hook: Hook | None = None) -> None:
        self.carrier = carrier
        self._sending = Sending(store, carrier)
        self._taking = Taking(talks, store, carrier, self._sending, hook)
        self._sweeping: asyncio.Task[None] | None = None

    async def accept(self, account: str, update_id: str, person: str, body: bytes) -> bool:
        """Keeps a raw update of a person; durable when it returns, and only then to be confirmed to the platform.

        False where it had been delivered before. Before the start it is kept for the start to take up.

        Raises:
            Unavailable: it was not kept; let the platform deliver it again.
        """
        return await self._taking.accept(Arrived(self.carrier.channel, account, update_id, person, body))

    def poke(self) -> None:
        """Parts were put into the outbox by a turn that was taken elsewhere."""
        self._sending.poke()

    async def say(self, parts: Iterable[bytes]) -> bool:
        """Sends parts that are in no outbox, with a few tries; whether all of it was sent."""
        return await self._sending.directly(parts)

    async def __aenter__(self) -> Self:
        await self._sending.start()
        await self._taking.start()
        self._sweeping = asyncio.create_task(self._sweep(), name=f"{self.carrier.channel} sweeping")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.gather(self._sweeping, return_exceptions=True)
        await self._taking.stop(FINISH)
        await self._sending.stop(FINISH)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            try:
                await self._taking.look()
                await self._sending.take_back()
            except Unavailable as wrong:
                log.warning("%s: %s", self.carrier.channel, wrong)
