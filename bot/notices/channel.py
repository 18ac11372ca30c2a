"""One channel of a worker: what is ready to go goes as the pace allows, and what became of each is committed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from bot.messages import Delivery
from bot.notices.health import Health
from bot.notices.pace import Pace
from bot.notices.sender import LIMITED, Sender, Wire
from bot.notices.wording import Letter
from bot.notices.words import words
from storage import Row, Sending, Settled, Step, Unavailable

log = logging.getLogger("xueshi.notices")
FEW = 8  # that are looked at for the next to go: some may go to an address that was just written to
LAST_LOOK = 0.005  # seconds before a notice leaves at which other senders' news are read
TRIES = 10  # times that one notice meets a server that cannot, before it is given up
LONG = 30.0  # seconds of waiting for which nothing is kept in hand: other channels have work to do
PAUSE = 0.02  # seconds before those that may not go yet are asked for again
IDLE = 0.25  # seconds between two looks while nothing happens


@dataclass(frozen=True, slots=True)
class Ready:
    """A notice prepared: its row, where it goes, what it says; `last`: there is no other channel to try."""

    row: Row
    address: str
    letter: Letter
    last: bool


class Channel:
    """Sends through one provider. `pause` is called with a campaign and why it should be paused."""

    def __init__(
        self,
        sender: Sender,
        sending: Sending,
        *,
        pause: Callable[[str, str], Awaitable[None]],
        open_: Callable[[], bool],
    ) -> None:
        self.sender, self.health = sender, Health()
        self.queue: deque[Ready] = deque()
        self.wake = asyncio.Event()
        self._sending, self._pause, self._open = sending, pause, open_
        self._pace = Pace(sender.account, sender.limits, sending.name) if sender.limits.share else None
        self._settled: list[Settled] = []
        self._flying: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._again = 0.0

    @property
    def busy(self) -> bool:
        """Whether anything is in hand here."""
        return bool(self.queue or self._flying or self._settled)

    def stop(self) -> None:
        """Start nothing more; what is under way is finished and committed."""
        self._stopping = True
        self.queue.clear()
        self.wake.set()

    async def run(self) -> None:
        """Until it is stopped and nothing is under way."""
        while not self._stopping or self._flying or self._settled:
            self.wake.clear()
            if not await self._step():
                await self._wait()

    async def _wait(self) -> None:
        patience = IDLE
        if self.queue and not self._stopping and self._pace is not None:
            patience = min(IDLE, max(0.001, max(self._pace.again, self._again) - time.time()))
        try:
            async with asyncio.timeout(patience):
                await self.wake.wait()
        except TimeoutError:
            pass

    def _candidates(self) -> list[int]:
        room = self.sender.slots - len(self._flying)
        if self._stopping or room <= 0 or not self.queue or not self._open() or self.health.resting():
            return []
        if time.time() < max(self._again, self._pace.again if self._pace is not None else 0.0):
            return []
        return [ready.row.id for ready in islice(self.queue, room if self._pace is None else min(room, FEW))]

    async def _give_back(self) -> None:
        """What is in hand, while the server wants nothing for long."""
        until = max(self._again, self._pace.until if self._pace is not None else 0.0)
        if not self.queue or until < time.time() + LONG:
            return
        numbers = [ready.row.id for ready in self.queue]
        try:
            await self._sending.put_off(numbers, datetime.fromtimestamp(until, UTC), LIMITED)
        except Unavailable as failure:
            log.error("%s", failure)
            return
        gone = set(numbers)
        self.queue = deque(ready for ready in self.queue if ready.row.id not in gone)

    async def _step(self) -> bool:
        """One commit of what there is to commit; False where there is nothing."""
        await self._give_back()
        starts = self._candidates()
        settled, self._settled = self._settled, []
        if not starts and not settled and not (self._pace is not None and self._pace.urgent):
            return False
        while True:
            try:
                stepped = await self._sending.step(Step(settled, starts, self._pace))
                break
            except Unavailable as failure:  # what has been sent must be written down, however long that takes
                log.error("%s", failure)
                await asyncio.sleep(1)
        going, lost = set(stepped.started), set(stepped.lost)
        if starts and not going:
            self._again = max(self._again, time.time() + PAUSE)
        if going or lost:
            kept = deque(ready for ready in self.queue if ready.row.id not in going and ready.row.id not in lost)
            leaving = [ready for ready in self.queue if ready.row.id in going]
            self.queue = kept
            for ready in leaving:
                task = asyncio.create_task(self._send(ready))
                self._flying.add(task)
                task.add_done_callback(self._landed)
        return bool(going or lost or settled)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        self.wake.set()
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("a notice could not be sent", exc_info=fault)

    async def _send(self, ready: Ready) -> None:
        number = ready.row.id
        if self._pace is not None:
            start = self._pace.starts.pop(number)
            if not self._pace.alone:
                await _sleep_until(start - LAST_LOOK)
                await self._look_again(self._pace)
            await _sleep_until(start)
            if self._pace.shut():  # the server has said so since
                self._pace.unused(number)
                self._settled.append(_later(ready, self._pace.until - time.time(), ""))
                return
        wire = Wire()
        try:
            delivery = await self.sender.send(ready.address, ready.letter, wire)
        except Exception:
            log.exception("notice %d", number)
            delivery = Delivery("doubt", reason="fault")
        if self._pace is not None:
            self._pace.answered(number, wire.began, wire.ended)
        settled, why = self._outcome(ready, delivery, wire)
        self._settled.append(settled)  # before anything else is awaited: what became of it must not be lost
        if why:
            await self._pause(ready.row.campaign, why)

    async def _look_again(self, pace: Pace) -> None:
        try:
            pace.heard(await self._sending.gate_body(pace.account))
        except Unavailable as failure:
            log.error("%s", failure)

    def _outcome(self, ready: Ready, delivery: Delivery, wire: Wire) -> tuple[Settled, str]:
        """What became of it, and why its campaign should be paused, if it should."""
        number, reason = ready.row.id, delivery.reason
        if delivery.outcome == "sent":
            self.health.told()
            return Settled(number, "told", reason, platform_id=delivery.platform_id), ""
        if delivery.outcome == "retry":
            return self._retry(ready, delivery, wire)
        self.health.failed(reason)
        in_doubt = delivery.outcome == "doubt"
        settled = Settled(number, "in_doubt", reason) if in_doubt else _refused(ready, self.sender.channel, reason)
        return settled, self.health.why_pause()

    def _retry(self, ready: Ready, delivery: Delivery, wire: Wire) -> tuple[Settled, str]:
        """It did not arrive: what is done depends on whose fault that is."""
        if delivery.reason == LIMITED:
            if self._pace is not None:
                self._pace.wait(delivery.after)
            else:
                self._again = max(self._again, time.time() + delivery.after)  # whatever else still arrives
            return _later(ready, delivery.after, LIMITED), ""
        if why := words()["to_mend"].get(delivery.reason):
            return _later(ready, 0.0, delivery.reason), why.format(channel=self.sender.channel)
        self.health.troubled(wire.began)
        why = self.health.why_pause()
        if not why and ready.row.tries + 1 >= TRIES and delivery.reason != "unreachable":
            return _refused(ready, self.sender.channel, delivery.reason), ""
        rest = max(delivery.after, min(60.0, 0.5 * 2**ready.row.tries))
        return _later(ready, rest, delivery.reason, failed=delivery.reason != "unreachable"), why


async def _sleep_until(moment: float) -> None:
    while (left := moment - time.time()) > 0:
        await asyncio.sleep(left)


def _later(ready: Ready, seconds: float, reason: str, *, failed: bool = False) -> Settled:
    not_before = datetime.now(UTC) + timedelta(seconds=max(0.0, seconds))
    return Settled(ready.row.id, "waiting", reason, not_before=not_before, failed=failed)


def _refused(ready: Ready, channel: str, reason: str) -> Settled:
    """Known not to arrive here: tried elsewhere where there is an elsewhere."""
    if ready.last:
        return Settled(ready.row.id, "not_told", reason, tried=f"{channel}:{reason} ")
    return Settled(ready.row.id, "waiting", reason, tried=f"{channel}:{reason} ")
