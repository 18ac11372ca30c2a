"""The sender loop: letters leave in order for each person until it is known what became of them; nobody waits for anybody else."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.messages import LIMITED, Delivery
from bot.post.carrier import Provider
from bot.post.outcomes import gap, outcome
from bot.post.pace import UNANSWERED, Pace
from storage import NOTICE, TALK, Letter, Outbox, Settled, Store, Unavailable, lock

log = logging.getLogger("xueshi.post")

SLOTS = 100
"""Letters on their way at once, each to somebody else."""
CROWD = 3
"""So many people asked to wait within a second: the limit that talk has met is the bot's own, not one chat's."""
LOOK = 2.0
"""Seconds between two looks for letters that another process left or whose moment has come."""
SOON = 0.25
"""The same for notices, of which some wait for the one before to the same person."""
LONG = 30.0
"""Seconds of waiting for which no notices are kept in the outbox: who can be reached otherwise is."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is peculiar to the letters of a rank: their pace, how many are on their way at once, the seconds between two to one person,
    the moment that lateness is told from, whether any may leave now, and who hears of each answer."""

    rank: int = TALK
    slots: int = SLOTS
    spacing: float = 0.0
    moment: Callable[[], datetime] | None = None
    open: Callable[[], bool] = lambda: True
    told: Callable[[Letter, Delivery], Awaitable[None]] | None = None


class Sending:
    """Sends one provider's letters of one rank. Several processes may send talk: a letter is claimed, and what a dead process had
    claimed is taken back."""

    def __init__(self, store: Store, provider: Provider, rules: Rules | None = None, pace: Pace | None = None) -> None:
        self._store, self.provider, self._outbox = store, provider, Outbox(store)
        self.rules, self.pace = rules or Rules(), pace or Pace(crowd=CROWD, clock=self._time)
        self.name = uuid.uuid4().hex
        self._alive = lock(store, f"sender {self.name}")
        self._something = asyncio.Event()
        self._closing = False
        self._going: dict[asyncio.Task[None], int] = {}  # the letter of each
        self._unsure = False
        """Whether letters may have been claimed of which we never heard."""
        self._loop: asyncio.Task[None] | None = None

    def _time(self) -> float:
        return self._store.clock().timestamp()

    @property
    def busy(self) -> bool:
        """Whether anything is on its way."""
        return bool(self._going)

    # ------------------------------------------------------------ start and stop

    async def start(self) -> None:
        """Raises: Unavailable."""
        await self._alive.take()
        await self.take_back()
        if self.rules.rank == NOTICE:
            since = self._store.clock() - timedelta(seconds=UNANSWERED)
            self.pace.remember(await self._outbox.lately(self.provider.channel, since))
        self._loop = asyncio.create_task(self._run(), name=f"{self.provider.channel} sending")

    async def stop(self, patience: float) -> None:
        """Finishes what is under way, and what else is said may leave now, for at most `patience` seconds; the rest stays."""
        self._closing = True
        self._something.set()
        if self._loop is not None:
            await asyncio.wait({self._loop}, timeout=patience)
            self._loop.cancel()
            for task in (unfinished := {self._loop, *self._going}):
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
        await self._alive.give_back()

    async def take_back(self) -> None:
        """Takes back what senders that are no longer alive had claimed; it may have arrived."""
        if await take_back(self._store, self._outbox):
            self.poke()

    # ------------------------------------------------------------ sending

    def poke(self) -> None:
        """There may be something to send."""
        self._something.set()

    async def _run(self) -> None:
        look = LOOK if self.rules.rank == TALK else SOON
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
            wait = self.pace.soonest() - self._time()
            try:
                async with asyncio.timeout(min(wait, look) if wait > 0 else look):
                    await self._something.wait()
            except TimeoutError:
                pass

    async def _claim(self) -> bool:
        """Starts sending what may leave now; whether there was anything."""
        rules, most = self.rules, self.rules.slots - len(self._going)
        if (self._closing and rules.rank == NOTICE) or most <= 0 or not rules.open():
            return False
        if not (moments := self.pace.moments(most)):
            if rules.rank == NOTICE and self.pace.until > self._time() + LONG:
                until = datetime.fromtimestamp(self.pace.until, UTC)
                await self._outbox.unmake(self.provider.channel, until, LIMITED)
            return False
        if self._unsure:
            await self._outbox.unclaim(self.name, list(self._going.values()))
        self._unsure = True
        letters = await self._outbox.claim(
            self.provider.channel, self.name, rank=rules.rank, most=len(moments),
            moment=None if rules.moment is None else rules.moment(), spacing=timedelta(seconds=rules.spacing),
        )  # fmt: skip
        self._unsure = False
        for letter, moment in zip(letters, moments, strict=False):
            self.pace.leaves(letter.id, moment)
            task = asyncio.create_task(self._deliver(letter, moment))
            self._going[task] = letter.id
            task.add_done_callback(self._gone)
        return bool(letters)

    def _gone(self, task: asyncio.Task[None]) -> None:
        del self._going[task]
        self._something.set()
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("%s: %s while a letter was sent", self.provider.channel, type(fault).__name__)

    async def _deliver(self, letter: Letter, moment: float) -> None:
        while 0 < (left := moment - self._time()) < LOOK:  # more only where the clock was set back meanwhile
            await asyncio.sleep(left)
        if self.rules.rank == NOTICE and (wait := self.pace.until - self._time()) > 0:  # the server has said so since
            self.pace.unused(letter.id)
            delivery = Delivery("retry", wait, LIMITED)
        else:
            delivery = await self._sent(letter)
        found = outcome(letter, self.rules.rank, delivery, self._store.clock())
        if self.rules.told is not None:
            await self.rules.told(letter, delivery)
        await self._settle(found)
        if found.not_before is not None and not self._closing:
            after = (found.not_before - self._store.clock()).total_seconds()
            asyncio.get_running_loop().call_later(after, self.poke)

    async def _sent(self, letter: Letter) -> Delivery:
        began = self._time()
        delivery = await self._send(letter)
        self.pace.answered(letter.id, began, self._time())
        self._something.set()  # a permit comes back
        if delivery.outcome == "sent":
            self.pace.well()
        elif delivery.outcome == "retry" and delivery.after and (self.rules.rank == TALK or delivery.reason == LIMITED):
            self.pace.asked_to_wait(letter.person, delivery.after)
        elif self.rules.rank == NOTICE and (delivery.outcome == "unreachable" or delivery.reason == "server_error"):
            self.pace.troubled(began)
        return delivery

    async def _send(self, letter: Letter) -> Delivery:
        try:
            return await self.provider.send(letter)
        except Exception as fault:
            log.error("%s: %s in the provider", self.provider.channel, type(fault).__name__)
            if self.rules.rank == NOTICE:
                return Delivery("doubt", reason="fault")
            return Delivery("refused", reason=type(fault).__name__)

    async def _settle(self, found: Settled) -> None:
        if found.state in ("refused", "doubt"):
            log.info("%s: a letter was not sent (%s): %s", self.provider.channel, found.state, found.reason)
        while True:
            try:
                return await self._outbox.settle(found)
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


async def take_back(store: Store, outbox: Outbox) -> int:
    """Takes back what senders that are no longer alive had claimed, on whatever channel; how many letters. Raises: Unavailable."""
    count = 0
    for sender in await outbox.senders():
        theirs = lock(store, f"sender {sender}")
        if await theirs.take():
            try:
                count += await outbox.release(sender)
            finally:
                await theirs.give_back()
            log.info("letters taken over from a process that is gone")
    return count
