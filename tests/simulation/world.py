"""A world in which everything happens by one seed: who says what when, what comes twice or late, what the store does, who dies.

Real are the conversation, the post box, the worker of notices, the store with its lanes and its memory, and SQLite. Invented are the
network, the disk's moods, time, and the order in which things that are ready go on. One history is one run of an event loop that never
waits.
"""

from __future__ import annotations

import asyncio
import copy
import random
import sqlite3
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, StaticPool, create_engine

import rules
from bot.answering import Answers
from bot.asking import Session, written
from bot.conversation import Conversation
from bot.messages import Message, Turn
from bot.post import Postbox
from bot.post.office import Office
from bot.post.wording import Wordings
from bot.post.worker import Way, Worker
from bot.telling.rendering import Rendering
from storage import Conflict, Store, Unavailable
from storage.address import parse
from storage.database import Database, Loaded, Sought
from storage.entry import TurnEntry
from storage.lock import ProcessLock
from storage.schema import _upgrade
from storage.seen import Clock
from storage.sqlite_turn import LOAD, write
from tests.simulation.platform import CHANNEL, Line, Platform, written_down

Result = TypeVar("Result")
START = datetime(2025, 9, 1, 8, tzinfo=UTC)
TODAY = date(2025, 9, 1)
RETENTION = timedelta(days=180)
PLACE = parse("sqlite:///simulated.db")
LIBRARY = rules.load()
RENDERING = Rendering(LIBRARY, retention_days=RETENTION.days, public_url="http://x")
ANSWERS = Answers(LIBRARY)
WORDINGS = Wordings(LIBRARY, public_url="http://x", key=b"k" * 32)

PEOPLE = ("anna", "berta", "carla")
OWN = {"anna": 41, "berta": 43, "carla": 47}
"""An hour that nobody else says: whoever sees it sees somebody else's facts."""
SAID = ("开始查询", "女，副高，我52", "2024年专业{own}", "撤销", "不对，我是中级")

STEPS: dict[tuple[Any, ...], Any] = {}
"""Steps of the interview, which is pure: each is taken once in all histories."""


class Quick(Conversation):
    """The conversation, which takes no step of the interview twice."""

    async def _step(
        self, message: Message, session: Session | None, today: date, expired: date | None
    ) -> tuple[Any, Turn]:
        key = (message.text, expired, None if session is None else written(session))
        if key not in STEPS:
            STEPS[key] = await super()._step(message, session, today, expired)
        step, turn = STEPS[key]
        return copy.copy(step), turn


class Loop(asyncio.SelectorEventLoop):
    """Time is a number that jumps to whatever is next; of what is ready, the seed chooses what goes on."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance, self._now = chance, 0.0

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:
            self._now = max(self._now, self._scheduled[0]._when)
        if len(self._ready) > 1 and self._chance.random() < 0.5:
            self._ready.rotate(self._chance.randrange(len(self._ready)))
        super()._run_once()


def connected() -> tuple[Connection, sqlite3.Connection]:
    """A database in memory."""
    arguments = {"isolation_level": None, "check_same_thread": False}
    connection = create_engine("sqlite://", poolclass=StaticPool, connect_args=arguments).connect()
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return connection, driver


@cache
def empty() -> sqlite3.Connection:
    """A database with this program's tables and nothing in them, to be copied."""
    connection, driver = connected()
    _upgrade(connection, PLACE)
    connection.commit()
    return driver


FREE: list[tuple[Connection, sqlite3.Connection]] = []
"""Databases of histories that are over: whoever takes one knows how its statements are compiled."""


class Disk:
    """One database for all processes: it survives them. `mood` is what it does next: fine, slow, away, locked or full."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.mood = chance, "fine"
        self.connection, self.driver = FREE.pop() if FREE else connected()
        empty().backup(self.driver)
        self.locks: dict[str, Process] = {}
        self.lossy = 0.0
        """How often what was asked of it, or its answer, is lost on the way."""
        self.committed: list[tuple[str, str]] = []
        """Person and message of every turn that is durable, in order."""

    def give_back(self) -> None:
        """Nobody uses it any more."""
        FREE.append((self.connection, self.driver))

    def of(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What is on it, whatever its mood."""
        return self.driver.execute(query, values).fetchall()


class Stepped(Database):
    """A process's hold on the disk: every step is a place where it may be killed, the disk go away, or somebody else come first."""

    def __init__(self, disk: Disk, process: Process) -> None:
        self.disk, self.process = disk, process

    async def step(self) -> None:
        """Something else may happen here; and this may be as far as it comes."""
        await asyncio.sleep(self.disk.chance.choice((0, 0, 0.01, 5.0 if self.disk.mood == "slow" else 0.02)))
        await self.process.alive()
        if self.disk.mood in ("away", "locked") or self.disk.chance.random() < self.disk.lossy:
            raise Unavailable(f"the database is {self.disk.mood}")

    async def load(self, wanted: Sequence[Sought]) -> Sequence[Loaded | None]:
        await self.step()
        rows = [self.disk.driver.execute(LOAD, one._asdict()).fetchone() for one in wanted]
        await self.process.alive()
        return [None if row is None else Loaded(*row) for row in rows]

    async def commit(self, entries: Sequence[TurnEntry]) -> Sequence[bool]:
        await self.step()
        if self.disk.mood == "full":
            raise Unavailable("the disk is full")
        cursor = self.disk.driver.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        done = [write(cursor, entry) for entry in entries]
        self.disk.driver.commit()
        self.disk.committed += [(one.person, one.message_id) for one, kept in zip(entries, done, strict=True) if kept]
        await self.step()  # durable, but nobody may ever hear of it
        return done

    async def write(self, work: Callable[..., Result], *some: Any, **values: Any) -> Result:
        await self.step()
        if self.disk.mood == "full":
            raise Unavailable("the disk is full")
        connection = self.disk.connection
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            result = work(connection, *some, **values)
            connection.exec_driver_sql("COMMIT")
            connection.commit()
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            connection.rollback()
            raise
        await self.step()  # as above
        return result

    async def read(self, work: Callable[..., Result], *some: Any, **values: Any) -> Result:
        await self.step()
        result = work(self.disk.connection, *some, **values)
        self.disk.connection.rollback()
        return result

    async def sweep(self, *, whole: bool) -> None:
        await self.process.alive()

    def lock(self, name: str) -> ProcessLock:
        return Held(self.disk, self.process, name)

    async def close(self) -> None:
        return


class Held:
    """A lock that is free again when its process dies."""

    def __init__(self, disk: Disk, process: Process, name: str) -> None:
        self.disk, self.process, self.name, self.mine = disk, process, name, False

    async def take(self) -> bool:
        await self.process.alive()
        holder = self.disk.locks.get(self.name)
        if holder is not None and not holder.dead and not self.process.believes_in_no_lock:
            return False
        self.disk.locks[self.name], self.mine = self.process, True
        return True

    async def held(self) -> bool:
        await self.process.alive()
        return self.mine

    async def give_back(self) -> None:
        if self.mine:
            self.mine = False
            self.disk.locks.pop(self.name, None)


class Process:
    """One `xueshi run`: when it dies, nothing of it goes on, no `finally` runs, and what it remembered is gone."""

    def __init__(self, world: World) -> None:
        self.world, self.dead = world, False
        self.trusting = self.believes_in_no_lock = False
        self.store = Store(Stepped(world.disk, self), world.clock, 64, PLACE)
        self.talks = Quick(LIBRARY, self.store, RENDERING, ANSWERS, world.today)
        self.line = Line(world.platform, self)
        self.post = Postbox(self.talks, self.store, self.line)
        self.starting: asyncio.Task[Process] | None = None
        world.plant(self)

    async def start(self) -> Process:
        """Looks at the clock before anybody is answered, as the service does. Raises: Unavailable, and then it has ended."""
        if self.starting is None:
            self.starting = asyncio.ensure_future(self._start())
            self.starting.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(self.starting)

    async def _start(self) -> Process:
        try:
            await Clock(self.store, RETENTION).look()
            if self.world.by_post:
                await self.post.__aenter__()
        except Unavailable:
            self.world.kill(self.world.processes.index(self))
            raise
        if self.world.noticed:
            way = Way(self.line, share=20, slots=4)
            office = Office(self.store, LIBRARY, WORDINGS, [])
            self.world.spawn(self._worked(Worker(office, [way], self.world.today)))
        return self

    async def _worked(self, worker: Worker) -> None:
        """Begun again when it fails, as the service does."""
        while True:
            with suppress(Unavailable):
                await worker.run()
            await asyncio.sleep(1)

    async def alive(self) -> None:
        if self.world.over:
            raise asyncio.CancelledError
        if self.dead:
            await self.world.never.wait()


@dataclass
class World:
    """One history."""

    seed: int
    plant: Callable[[Process], None] = lambda process: None
    share: float = 0.06
    """Of people who talk by post, and nearly of histories in which a notice goes out."""
    passed: timedelta = timedelta(0)
    skew: timedelta = timedelta(0)
    said: dict[tuple[str, str], Message] = field(default_factory=dict)
    acknowledged: dict[tuple[str, str], Turn | None] = field(default_factory=dict)
    """What a platform was told of each message: the turn, or by post only that it is kept."""
    over: bool = False
    told: list[str] = field(default_factory=list)
    """What happened, to be read when it went wrong."""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.posting = {person: self.chance.random() < self.share for person in PEOPLE}
        self.by_post = any(self.posting.values())
        self.noticed = self.chance.random() < 0.8 * self.share
        self.ticks, self.never = (
            0,
            asyncio.Event(),
        )  # which holds whoever is dead: nothing is collected, and then finalised, by chance
        self.disk = Disk(self.chance)
        self.platform = Platform(self)
        self.tasks: set[asyncio.Task[None]] = set()
        self.processes = [Process(self), Process(self)]
        self.graves: list[Process] = []

    def clock(self) -> datetime:
        self.ticks += 1
        gone = timedelta(seconds=asyncio.get_running_loop().time(), microseconds=self.ticks)
        return START + gone + self.passed + self.skew

    def today(self) -> date:
        return TODAY

    def note(self, what: str) -> None:
        self.told.append(f"{asyncio.get_running_loop().time():8.2f} {what}")

    def kill(self, number: int) -> None:
        """A process ends in the midst of whatever it does, and another is started."""
        self.platform.loses(self.processes[number])
        self.processes[number].dead = True
        self.graves.append(self.processes[number])
        self.processes[number] = Process(self)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def deliver(self, message: Message) -> None:
        """A platform that tries again until it is answered; each try may reach either process, and an answer may be lost."""
        self.said[message.person, message.id] = message
        for _ in range(200):
            process = self.chance.choice(self.processes)
            try:
                async with asyncio.timeout(3):
                    await process.start()
                    turn = await (self.posted if message.channel == CHANNEL else self.answered)(process, message)
            except (Unavailable, Conflict, TimeoutError):
                await asyncio.sleep(self.chance.random() * 2)
                continue
            known = self.acknowledged.setdefault((message.person, message.id), turn)
            assert known == turn or (known and turn and shown(known) == shown(turn)), (
                f"{message.id} was answered in two ways"
            )
            if self.chance.random() < 0.75:
                return
        raise AssertionError("never answered")

    async def answered(self, process: Process, message: Message) -> Turn:
        return await process.talks.take(message)

    async def posted(self, process: Process, message: Message) -> None:
        await process.post.accept("", message.id, message.person, written_down(message))


def shown(turn: Turn) -> bytes:
    """What somebody sees of a turn."""
    return orjson.dumps(
        [turn.state, turn.facts, [[reply.text, [choice.label for choice in reply.choices]] for reply in turn.replies]]
    )
