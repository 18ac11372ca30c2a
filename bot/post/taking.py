"""The inbox side: one worker for each person who has something waiting, which takes their updates one by one."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any, Protocol

from bot.messages import Message, Turn
from bot.post.carrier import Carrier, Screen
from bot.post.sending import Sending
from storage import Arrived, Inbox, Outbox, Store, Unavailable, Update

log = logging.getLogger("xueshi.post")

TRIES = 5
"""Failures, or restarts survived, after which an update is set aside."""
LEFT_BEHIND = 10.0
"""Seconds after which an update that still waits may be another process's that is gone."""

Hook = Callable[[Message], Awaitable[Turn | None]]
"""Sees a message before the conversation does; the turn it returns is sent, and the conversation hears nothing."""


class Interview(Protocol):
    """What is needed of the conversation."""

    async def take(
        self, message: Message, *, inbox: int | None = None, parts: Callable[[Turn], tuple[bytes, ...]] | None = None
    ) -> Turn: ...


class Taking:
    """Takes one channel's updates, each person's in the order of their arrival, whichever process received them."""

    def __init__(self, talks: Interview, store: Store, carrier: Carrier, sending: Sending, hook: Hook | None) -> None:
        self._talks, self._store, self._carrier, self._sending, self._hook = talks, store, carrier, sending, hook
        self._inbox, self._outbox = Inbox(store), Outbox(store)
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._more: set[str] = set()
        self._beside: set[asyncio.Task[Any]] = set()
        self._open = False

    # ------------------------------------------------------------ start and stop

    async def start(self) -> None:
        """Takes up what waits in the inbox. Raises: Unavailable."""
        seen: set[str] = set()
        for update in await self._inbox.waiting(self._carrier.channel, most=100_000):
            if update.person not in seen:  # only a person's first can have been in hand when the process died
                seen.add(update.person)
                if await self._inbox.failed(update.id) > TRIES:
                    await self._set_aside(update, "it has survived too many restarts")
        self._open = True
        for person in seen:
            self.wake(person)

    async def stop(self, patience: float) -> None:
        """Finishes the updates in hand, for at most `patience` seconds; the rest stays in the inbox."""
        self._open = False
        for pending in (lambda: set(self._workers.values()), lambda: set(self._beside)):
            if tasks := pending():
                _, late = await asyncio.wait(tasks, timeout=patience)
                for task in late:
                    task.cancel()
                await asyncio.gather(*late, return_exceptions=True)

    async def look(self) -> None:
        """Takes up what has waited for long: its process may be gone. Raises: Unavailable."""
        moment = self._store.clock() - timedelta(seconds=LEFT_BEHIND)
        for update in await self._inbox.waiting(self._carrier.channel, before=moment, most=500):
            self.wake(update.person)

    # ------------------------------------------------------------ receiving

    async def accept(self, arrived: Arrived) -> bool:
        """Keeps an update; durable when it returns. False where it had come before. Raises: Unavailable."""
        if await self._inbox.put(arrived) is None:
            return False
        self.wake(arrived.person)
        return True

    def wake(self, person: str) -> None:
        """There may be something of this person to take."""
        if not self._open:
            return
        if person in self._workers:
            self._more.add(person)
            return
        task = asyncio.create_task(self._work(person))
        self._workers[person] = task
        task.add_done_callback(lambda _: self._rest(person))

    def _rest(self, person: str) -> None:
        del self._workers[person]
        if person in self._more:
            self._more.discard(person)
            self.wake(person)

    # ------------------------------------------------------------ one person's updates

    async def _work(self, person: str) -> None:
        pause = 0.25
        while self._open:
            try:
                self._more.discard(person)
                update = await self._inbox.first(person)
                if update is None:
                    return
                await self._handle(update)
                pause = 0.25
            except Unavailable as wrong:
                log.warning("%s: %s", self._carrier.channel, wrong)
                pause = min(10.0, pause * 2)
                await asyncio.sleep(pause)

    async def _handle(self, update: Update) -> None:
        message: Message | None = None
        try:
            message = self._carrier.read(update.body)
            if message is None:
                await self._inbox.done(update.id)
            else:
                await self._take(update, message)
        except Unavailable:
            raise
        except Exception as fault:
            await self._failed(update, message, fault)

    async def _take(self, update: Update, message: Message) -> None:
        turn = None if self._hook is None else await self._hook(message)
        if turn is not None:
            self._aside(self._acknowledge(update, message, turn, ()))
            await self._sending.directly(self._carrier.parts(message, update.body, turn, Screen()))
            await self._inbox.done(update.id)
            return
        screen = await self._screen(message) if message.kind == "choice" else Screen()
        written: Turn | None = None

        def quiet(turn: Turn) -> bool:
            """Whether a toast says it all: what would be said is on the screen already."""
            return message.kind == "choice" and bool(turn.toast) and screen.known

        def parts(turn: Turn) -> tuple[bytes, ...]:
            nonlocal written
            written = turn
            return () if quiet(turn) else self._carrier.parts(message, update.body, turn, screen)

        turn = await self._talks.take(message, inbox=update.id, parts=parts)
        new = turn is written  # else another delivery of the same message was answered already
        if not new:
            await self._inbox.done(update.id)
        self._sending.poke()
        otherwise = self._carrier.parts(message, update.body, turn, Screen()) if new and quiet(turn) else ()
        self._aside(self._acknowledge(update, message, turn, otherwise))

    async def _screen(self, message: Message) -> Screen:
        newest = await self._outbox.newest(message.person)
        if newest is None or newest.state in ("refused", "doubt"):
            return Screen()
        return Screen(True, newest.platform_id if newest.state == "sent" else "")

    async def _acknowledge(
        self, update: Update, message: Message, turn: Turn | None, otherwise: tuple[bytes, ...]
    ) -> None:
        """Says at once that it was taken; where nobody can see that, and nothing else was said, the bubbles are sent."""
        try:
            seen = await self._carrier.acknowledge(message, update.body, turn)
        except Exception as fault:
            log.error("%s: %s in the carrier", self._carrier.channel, type(fault).__name__)
            seen = False
        if not seen and otherwise:
            await self._sending.directly(otherwise)

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
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
        await self._set_aside(update, _place(fault))

    async def _set_aside(self, update: Update, reason: str) -> None:
        """It blocks nobody, is kept for somebody to look at, and the person is told once."""
        await self._inbox.poison(update.id, reason)
        log.error("%s: update %s was set aside: %s", self._carrier.channel, update.update_id, reason)
        self._aside(self._apologise(update.person))

    async def _apologise(self, person: str) -> None:
        await self._sending.directly(self._carrier.sorry(person))


def _place(fault: Exception) -> str:
    """What went wrong and where, without anything that a person wrote."""
    frames = traceback.extract_tb(fault.__traceback__)
    at = f" at {frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
    return f"{type(fault).__name__}{at}"
