"""A channel's post box: updates are kept and taken, each person's in order; what is said to them leaves by the outbox."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from bot.messages import Message, Turn
from bot.post.carrier import Carrier, Screen
from bot.post.sending import Sending, take_back
from bot.settings.logs import places
from storage import Arrived, Inbox, Store, Unavailable, Update

if TYPE_CHECKING:
    from bot.conversation import Conversation

log = logging.getLogger("xueshi.post")

TRIES = 5  # failures, or restarts survived, after which an update is set aside
SWEEP = 3.0  # seconds between two looks for what a process that is gone has left
LEFT_BEHIND = timedelta(seconds=10)  # after which an update that still waits may be another process's that is gone
FINISH = 6.0  # seconds for what is in hand to be finished, each for handling and for sending


class Postbox:
    """One channel's mail in one process; any number of processes may have one on the same database."""

    def __init__(self, talks: Conversation, store: Store, carrier: Carrier) -> None:
        self._talks, self._store, self.carrier = talks, store, carrier
        self._sending = Sending(store, carrier)
        self._inbox = Inbox(store)
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._more: set[str] = set()
        self._beside: set[asyncio.Task[Any]] = set()
        self._sweeping: asyncio.Task[None] | None = None
        self._left: set[int] = set()  # what may have been in hand when the process before this one died
        self._open = False

    # ------------------------------------------------------------ start and stop

    async def __aenter__(self) -> Self:
        """Takes up what waits. Raises: Unavailable."""
        await self._sending.start()
        left = {
            update.person: update.id
            for update in reversed(await self._inbox.waiting(self.carrier.channel, most=100_000))
        }
        self._left = set(left.values())  # only a person's first can have been in hand when the process died
        self._open = True
        for person in left:
            self._wake(person)
        self._sweeping = asyncio.create_task(self._sweep(), name=f"{self.carrier.channel} sweeping")
        return self

    async def __aexit__(self, *ended: object) -> None:
        """Finishes what is in hand; the rest stays in the inbox and the outbox."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.gather(self._sweeping, return_exceptions=True)
        self._open = False
        for pending in (self._workers.values, lambda: self._beside):
            if tasks := set(pending()):
                _, late = await asyncio.wait(tasks, timeout=FINISH)
                for task in late:
                    task.cancel()
                await asyncio.gather(*late, return_exceptions=True)
        await self._sending.stop(FINISH)

    async def _sweep(self) -> None:
        """Takes up what has waited for long, and what was being sent: its process may be gone."""
        while True:
            await asyncio.sleep(SWEEP)
            try:
                moment = self._store.clock() - LEFT_BEHIND
                for update in await self._inbox.waiting(self.carrier.channel, before=moment, most=500):
                    self._wake(update.person)
                if await take_back(self._store, self._sending.outbox):
                    self.poke()
            except Unavailable as wrong:
                log.warning("%s: %s", self.carrier.channel, wrong)

    # ------------------------------------------------------------ receiving

    async def accept(self, account: str, update_id: str, person: str, body: bytes) -> bool:
        """Keeps a raw update of a person; durable when it returns, and only then to be confirmed to the platform.

        False where it had been delivered before. Before the start it is kept for the start to take up.

        Raises:
            Unavailable: it was not kept; let the platform deliver it again.
        """
        if await self._inbox.put(Arrived(self.carrier.channel, account, update_id, person, body)) is None:
            return False
        self._wake(person)
        return True

    def poke(self) -> None:
        """Parts were put into the outbox by a turn that was taken elsewhere."""
        self._sending.poke()

    async def say(self, parts: Iterable[bytes]) -> bool:
        """Sends parts that are in no outbox, with a few tries; whether all of it was sent."""
        return await self._sending.directly(parts)

    def _wake(self, person: str) -> None:
        """There may be something of this person to take."""
        if person in self._workers:
            self._more.add(person)
        elif self._open:
            task = self._workers[person] = asyncio.create_task(self._work(person))
            task.add_done_callback(lambda _: self._rest(person))

    def _rest(self, person: str) -> None:
        del self._workers[person]
        if person in self._more:
            self._more.discard(person)
            self._wake(person)

    # ------------------------------------------------------------ one person's updates

    async def _work(self, person: str) -> None:
        pause = 0.25
        while self._open:
            try:
                self._more.discard(person)
                update = await self._inbox.first(person)
                if update is None:
                    return
                if not await self._too_often(update):
                    await self._handle(update)
                pause = 0.25
            except Unavailable as wrong:
                log.warning("%s: %s", self.carrier.channel, wrong)
                pause = min(10.0, pause * 2)
                await asyncio.sleep(pause)

    async def _too_often(self, update: Update) -> bool:
        """Whether an update has been left behind by too many processes. It counts once it is taken up again: a start that fails for
        other reasons says nothing of it."""
        if update.id not in self._left:
            return False
        survived = await self._inbox.failed(update.id)
        self._left.discard(update.id)
        if survived > TRIES:
            await self._set_aside(update, "it has survived too many restarts")
        return survived > TRIES

    async def _handle(self, update: Update) -> None:
        message: Message | None = None
        try:
            message = self.carrier.read(update.body)
            if message is None:
                await self._inbox.done(update.id)
            else:
                await self._take(update, message)
        except Unavailable:
            raise
        except Exception as fault:
            await self._failed(update, message, fault)

    async def _take(self, update: Update, message: Message) -> None:
        screen = await self._screen(message) if message.kind == "choice" else Screen()
        written: Turn | None = None

        def quiet(turn: Turn) -> bool:
            """Whether a toast says it all: what would be said is on the screen already."""
            return message.kind == "choice" and bool(turn.toast) and screen.known

        def parts(turn: Turn) -> tuple[bytes, ...]:
            nonlocal written
            written = turn
            return () if quiet(turn) else self.carrier.parts(message, update.body, turn, screen)

        turn = await self._talks.take(message, inbox=update.id, parts=parts)
        new = turn is written  # else another delivery of the same message was answered already
        if not new:
            await self._inbox.done(update.id)
        self._sending.poke()
        otherwise = self.carrier.parts(message, update.body, turn, Screen()) if new and quiet(turn) else ()
        self._aside(self._acknowledge(update, message, turn, otherwise))

    async def _screen(self, message: Message) -> Screen:
        newest = await self._sending.outbox.newest(message.person)
        if newest is None or newest.state in ("refused", "doubt"):
            return Screen()
        return Screen(True, newest.platform_id if newest.state == "sent" else "")

    async def _acknowledge(
        self, update: Update, message: Message, turn: Turn | None, otherwise: tuple[bytes, ...]
    ) -> None:
        """Says at once that it was taken; where nobody can see that, and nothing else was said, the bubbles are sent."""
        try:
            seen = await self.carrier.acknowledge(message, update.body, turn)
        except Exception as fault:
            log.error("%s: %s in the carrier", self.carrier.channel, type(fault).__name__)
            seen = False
        if not seen and otherwise:
            await self.say(otherwise)

    def _aside(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    # ------------------------------------------------------------ updates that cannot be taken

    async def _failed(self, update: Update, message: Message | None, fault: Exception) -> None:
        tries = await self._inbox.failed(update.id)
        if tries < TRIES:
            await asyncio.sleep(0.05 * 2**tries)
            return
        if message is not None:
            self._aside(self._acknowledge(update, message, None, ()))
        await self._set_aside(update, places(fault))

    async def _set_aside(self, update: Update, reason: str) -> None:
        """It blocks nobody, is kept for somebody to look at, and the person is told once."""
        await self._inbox.poison(update.id, reason)
        log.error("%s: update %s was set aside: %s", self.carrier.channel, update.update_id, reason)
        self._aside(self.say(self.carrier.sorry(update.person)))
