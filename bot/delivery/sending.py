"""The outbox side: parts leave in order for each person until they are sent or refused; nobody waits for anybody else."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Iterable
from datetime import timedelta
from time import monotonic

from bot.delivery.carrier import Carrier
from bot.delivery.pace import Pace
from bot.messages import Delivery
from storage import DOUBT, Outbox, Outcome, Part, Store, Unavailable, lock

log = logging.getLogger("xueshi.delivery")

SLOTS = 100
"""Parts on their way at once, each to somebody else."""
DOUBTS = 4
"""Times that a part is sent whose answers were all lost; each but the first may repeat a message."""
TRIES = 200
"""Times that a platform may say "later" before a part is given up; with the waits between them, hours."""
LOOK = 2.0
"""Seconds between two looks for parts that another process left or whose moment has come."""


def backoff(tries: int) -> float:
    """Seconds to wait after so many tries in vain, where the platform names none."""
    return float(min(30.0, 0.5 * 2 ** min(tries, 8)))


class Sending:
    """Sends one channel's parts. Several processes may: a part is claimed, and what a dead one had claimed is taken back."""

    def __init__(self, store: Store, carrier: Carrier) -> None:
        self._store, self._carrier, self._outbox = store, carrier, Outbox(store)
        self.name = uuid.uuid4().hex
        self._alive = lock(store, self._lock_name(self.name))
        self._pace = Pace()
        self._something = asyncio.Event()
        self._closing = False
        self._going: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None

    def _lock_name(self, sender: str) -> str:
        return f"{self._carrier.channel} sender {sender}"

    # ------------------------------------------------------------ start and stop

    async def start(self) -> None:
        """Raises: Unavailable."""
        await self._alive.take()
        await self.take_back()
        self._loop = asyncio.create_task(self._run(), name=f"{self._carrier.channel} sending")

    async def stop(self, patience: float) -> None:
        """Sends what may leave now, for at most `patience` seconds; the rest stays in the outbox."""
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
        """Puts back what senders that are no longer alive had claimed; it may have arrived."""
        for sender in await self._outbox.senders(self._carrier.channel) - {self.name}:
            theirs = lock(self._store, self._lock_name(sender))
            if await theirs.take():
                try:
                    rows = await self._outbox.release(self._carrier.channel, into="waiting", of=sender)
                finally:
                    await theirs.give_back()
                log.info("%s: %d parts taken over from a process that is gone", self._carrier.channel, rows)
                self.poke()

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
                log.warning("%s: %s", self._carrier.channel, wrong)
                more = False
                await asyncio.sleep(1.0)
            if self._closing and not more and not self._going:
                return
            if more:
                continue
            wait = self._pace.wait(monotonic()) or LOOK
            try:
                async with asyncio.timeout(min(wait, LOOK)):
                    await self._something.wait()
            except TimeoutError:
                pass

    async def _claim(self) -> bool:
        """Starts sending what may leave now; whether there was anything."""
        most = min(SLOTS - len(self._going), self._pace.room(monotonic()))
        if most <= 0:
            return False
        parts = await self._outbox.claim(self._carrier.channel, self.name, most=most)
        self._pace.left(len(parts), monotonic())
        for part in parts:
            task = asyncio.create_task(self._deliver(part))
            self._going.add(task)
            task.add_done_callback(self._gone)
        return bool(parts)

    def _gone(self, task: asyncio.Task[None]) -> None:
        self._going.discard(task)
        self._something.set()
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("%s: %s while a part was sent", self._carrier.channel, type(fault).__name__)

    async def _deliver(self, part: Part) -> None:
        delivery = await self._send(part.body, again=part.doubt)
        outcome, after = self._outcome(part, delivery)
        if delivery.outcome == "retry" and delivery.after:
            self._pace.asked_to_wait(part.key.person, delivery.after, monotonic())
        while True:
            try:
                await self._outbox.settle(outcome)
                break
            except Unavailable:
                await asyncio.sleep(0.5)  # what was sent must not be sent again only because nobody noted it
        if after and not self._closing:
            asyncio.get_running_loop().call_later(after, self.poke)

    async def _send(self, body: bytes, *, again: bool) -> Delivery:
        try:
            return await self._carrier.send(body, again=again)
        except Exception as fault:
            log.error("%s: %s in the carrier", self._carrier.channel, type(fault).__name__)
            return Delivery("refused", reason=type(fault).__name__)

    def _outcome(self, part: Part, delivery: Delivery) -> tuple[Outcome, float]:
        """What is noted of a part, and the seconds after which it is to be tried again."""
        tries = part.tries + 1
        if delivery.outcome == "sent":
            return Outcome(part.key, "sent", platform_id=delivery.platform_id), 0.0
        if delivery.outcome == "refused" or tries >= TRIES:
            log.info("%s: a part was refused: %s", self._carrier.channel, delivery.reason)
            return Outcome(part.key, "refused", reason=delivery.reason), 0.0
        if delivery.outcome == "doubt" and tries >= DOUBTS:
            log.warning("%s: whether a part arrived is not known: %s", self._carrier.channel, delivery.reason)
            return Outcome(part.key, "doubt", reason=delivery.reason), 0.0
        after = delivery.after or backoff(part.tries)
        reason = DOUBT if part.doubt or delivery.outcome == "doubt" else delivery.reason
        moment = self._store.clock() + timedelta(seconds=after)
        return Outcome(part.key, "waiting", reason=reason, not_before=moment), after

    async def directly(self, parts: Iterable[bytes]) -> bool:
        """Sends what is not to be kept in the outbox; whether all of it was sent. A few tries, half a minute at most."""
        whole = True
        for body in parts:
            doubt = False
            for tries in range(6):
                delivery = await self._send(body, again=doubt)
                if delivery.outcome in ("sent", "refused"):
                    break
                doubt |= delivery.outcome == "doubt"
                await asyncio.sleep(min(10.0, delivery.after or backoff(tries)))
            whole &= delivery.outcome == "sent"
        return whole
