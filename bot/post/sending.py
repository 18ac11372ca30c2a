"""The sender loop: letters leave in order for each person until it is known what became of them; nobody waits for anybody else."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Protocol

from bot.messages import LIMITED, Delivery
from bot.post.carrier import Provider
from bot.post.outcomes import gap, outcome
from bot.post.pace import UNANSWERED, Pace
from storage import NOTICE, TALK, Letter, Outbox, Settled, Store, Unavailable

log = logging.getLogger("xueshi.post")

SLOTS = 100  # letters of talk on their way at once, each to somebody else
CROWD = {TALK: 3, NOTICE: 1}  # people asked to wait within a second: the limit is the bot's own, not one chat's
LOOK = {TALK: 2.0, NOTICE: 0.25}  # seconds between two looks for what another process left, or may go by now
LONG = 30.0  # seconds of waiting for which no notices are made: who can be reached otherwise is


class Desk(Protocol):
    """Where a sender of notices gets them, and hears what became of each."""

    def open(self, channel: str) -> bool:
        """Whether there is anything that may leave now."""

    async def claim(self, way: Sending, most: int) -> list[Letter]:
        """So many of the notices that are made, as letters on their way."""

    async def put_off(self, way: Sending) -> None:
        """The server wants nothing for long."""

    async def told(self, letter: Letter, delivery: Delivery) -> None:
        """What became of a letter."""


class Sending:
    """Sends one provider's letters of one rank: a `desk`'s notices, else talk, with at most `slots` on their way at once, `share` a
    second where that is not 0, and `spacing` seconds between two notices to one person. Several processes may send talk: a letter is
    claimed, and what a dead process had claimed is taken back."""

    def __init__(
        self, store: Store, provider: Provider, desk: Desk | None = None, *, share: int = 0, slots: int = SLOTS, spacing: float = 0.0
    ) -> None:  # fmt: skip
        self._store, self.provider, self._desk, self.outbox = store, provider, desk, Outbox(store)
        self._rank, self.share, self._slots, self.spacing = TALK if desk is None else NOTICE, share, slots, spacing
        self.pace = Pace(share, crowd=CROWD[self._rank], clock=self._time)
        self.name = uuid.uuid4().hex
        self._alive = store.database.lock(f"sender {self.name}")
        self._something = asyncio.Event()
        self._closing = False
        self._going: dict[asyncio.Task[None], int] = {}  # the letter of each
        self._unsure = False  # whether letters may have been claimed of which we never heard
        self._loop: asyncio.Task[None] | None = None

    def _time(self) -> float:
        return self._store.clock().timestamp()

    @property
    def shut(self) -> bool:
        """Whether the server wants nothing for long."""
        return self.pace.until > self._time() + LONG

    # ------------------------------------------------------------ start and stop

    async def start(self) -> None:
        """Raises: Unavailable."""
        await self._alive.take()
        await take_back(self._store, self.outbox)
        if self._desk is not None:
            since = self._store.clock() - timedelta(seconds=UNANSWERED)
            self.pace.remember(await self.outbox.lately(self.provider.channel, since))
        self._loop = asyncio.create_task(self._run(), name=f"{self.provider.channel} sending")

    async def stop(self, patience: float) -> None:
        """Finishes what is under way, and what else is said may leave now, for at most `patience` seconds; the rest stays."""
        self._closing = True
        self.poke()
        if self._loop is not None:
            await asyncio.wait({self._loop}, timeout=patience)
            for task in (unfinished := {self._loop, *self._going}):
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
        await self._alive.give_back()

    # ------------------------------------------------------------ sending

    def poke(self) -> None:
        """There may be something to send."""
        self._something.set()

    async def _run(self) -> None:
        while True:
            self._something.clear()
            try:
                more = await self._claim()
            except Unavailable as wrong:
                log.warning("%s: %s", self.provider.channel, wrong)
                more = False
                await asyncio.sleep(1.0)
            if self._closing and not more and not self._going:
                return
            if more:
                continue
            wait, look = self.pace.soonest() - self._time(), LOOK[self._rank]
            try:
                async with asyncio.timeout(min(wait, look) if wait > 0 else look):
                    await self._something.wait()
            except TimeoutError:
                pass

    async def _claim(self) -> bool:
        """Starts sending what may leave now; whether there was anything."""
        if self._unsure:  # before anything else: what was made for them may be gone by now
            await self.outbox.unclaim(self.name, list(self._going.values()))
            self._unsure = False
        desk, most = self._desk, self._slots - len(self._going)
        if most <= 0 or (desk is not None and (self._closing or not desk.open(self.provider.channel))):
            return False
        if not (moments := self.pace.moments(most)):
            if desk is not None and self.shut:
                await desk.put_off(self)
            return False
        self._unsure = True
        if desk is None:
            letters = await self.outbox.claim(self.provider.channel, self.name, most=len(moments))
        else:
            letters = await desk.claim(self, len(moments))
        self._unsure = False
        for letter, moment in zip(letters, moments, strict=False):
            self.pace.leaves(letter, moment)
            task = asyncio.create_task(self._deliver(letter, moment))
            self._going[task] = letter.id
            task.add_done_callback(self._gone)
        return bool(letters)

    def _gone(self, task: asyncio.Task[None]) -> None:
        del self._going[task]
        self.poke()
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("%s: %s while a letter was sent", self.provider.channel, type(fault).__name__)

    async def _deliver(self, letter: Letter, moment: float) -> None:
        while 0 < (left := moment - self._time()) < LOOK[TALK]:  # more only where the clock was set back meanwhile
            await asyncio.sleep(left)
        if self._desk is not None and (wait := self.pace.until - self._time()) > 0:  # the server has said so since
            self.pace.unused(letter)
            delivery = Delivery("retry", wait, LIMITED)
        else:
            began = self._time()
            delivery = await self._send(letter)
            self.pace.answered(letter, began, self._time())
            self.poke()  # a permit comes back
            self._heed(letter, delivery, began)
        found = outcome(letter, self._rank, delivery, self._store.clock())
        if self._desk is not None:
            await self._desk.told(letter, delivery)
        await self._settle(found)
        if found.not_before is not None and not self._closing:
            after = (found.not_before - self._store.clock()).total_seconds()
            asyncio.get_running_loop().call_later(after, self.poke)

    def _heed(self, letter: Letter, delivery: Delivery, began: float) -> None:
        """Goes slower where the server asks for it, or is in trouble."""
        talk = self._desk is None
        if delivery.outcome == "sent":
            self.pace.well()
        elif delivery.outcome == "retry" and delivery.after and (talk or delivery.reason == LIMITED):
            self.pace.asked_to_wait(letter.person, delivery.after)
        elif not talk and (delivery.outcome == "unreachable" or delivery.reason == "server_error"):
            self.pace.troubled(began)

    async def _send(self, letter: Letter) -> Delivery:
        try:
            return await self.provider.send(letter)
        except Exception as fault:
            log.error("%s: %s in the provider", self.provider.channel, type(fault).__name__)
            if self._desk is not None:
                return Delivery("doubt", reason="fault")
            return Delivery("refused", reason=type(fault).__name__)

    async def _settle(self, found: Settled) -> None:
        if found.state in ("refused", "doubt"):
            log.info("%s: a letter was not sent (%s): %s", self.provider.channel, found.state, found.reason)
        while True:
            try:
                return await self.outbox.settle(found)
            except Unavailable:
                await asyncio.sleep(0.5)  # what was sent must not be sent again only because nobody noted it

    async def directly(self, parts: Iterable[bytes]) -> bool:
        """Sends what is not to be kept in the outbox; whether all of it was sent. A few tries, half a minute at most."""
        whole = True
        for body in parts:
            doubt = False
            for tries in range(6):
                delivery = await self._send(Letter(0, "", body, tries, doubt))
                if delivery.outcome in ("sent", "refused"):
                    break
                doubt |= delivery.outcome == "doubt"
                await asyncio.sleep(min(10.0, gap(tries, TALK, delivery.after)))
            whole &= delivery.outcome == "sent"
        return whole


async def take_back(store: Store, outbox: Outbox) -> bool:
    """Takes back what senders that are no longer alive had claimed, on whatever channel: it may have arrived; whether there was any.

    Raises: Unavailable.
    """
    count = 0
    for sender in await outbox.senders():
        theirs = store.database.lock(f"sender {sender}")
        if await theirs.take():
            try:
                count += await outbox.release(sender)
            finally:
                await theirs.give_back()
            log.info("letters taken over from a process that is gone")
    return count > 0
