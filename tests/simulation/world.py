"""A world in which everything happens by one seed: who says what when, what comes twice or late, what the store does, who dies.

Real are the conversation, the store with its lanes and its memory, and SQLite. Invented are the network, the disk's moods, time, and the
order in which things that are ready go on. One history is one run of an event loop that never waits.
"""

from __future__ import annotations

import asyncio
import copy
import random
import sqlite3
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, StaticPool, create_engine, event

import rules
from bot.answering import Answers
from bot.asking import Session, written
from bot.conversation import Conversation
from bot.messages import Message, Turn
from bot.telling.rendering import Rendering
from storage import Conflict, Store, Unavailable
from storage.address import parse
from storage.database import Found, Wanted
from storage.entry import Entry
from storage.schema import _upgrade
from storage.seen import Clock
from storage.sqlite_turn import LOAD, write

Result = TypeVar("Result")
START = datetime(2025, 9, 1, 8, tzinfo=UTC)
TODAY = date(2025, 9, 1)
RETENTION = timedelta(days=180)
PLACE = parse("sqlite:///simulated.db")
LIBRARY = rules.load()
RENDERING = Rendering(LIBRARY, retention_days=RETENTION.days, public_url="http://x")
ANSWERS = Answers(LIBRARY)

PEOPLE = ("anna", "berta", "carla")
OWN = {"anna": 41, "berta": 43, "carla": 47}
"""An hour that nobody else says: whoever sees it sees somebody else's facts."""
SAID = ("开始查询", "女，副高，我52", "2024年专业{own}", "看结果", "上一步", "撤销", "为什么问", "不对，我是中级")

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


@cache
def empty() -> sqlite3.Connection:
    """A database with this program's tables and nothing in them, to be copied."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"isolation_level": None})
    connection = engine.connect()
    _upgrade(connection, PLACE)
    connection.commit()
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


class Disk:
    """One database for all processes: it survives them. `mood` is what it does next: fine, slow, away, locked or full."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.mood = chance, "fine"
        self.engine = create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"isolation_level": None, "check_same_thread": False}
        )
        event.listen(self.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
        self.connection = self.engine.connect()
        driver = self.connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        self.driver = driver
        empty().backup(self.driver)
        self.committed: list[tuple[str, str]] = []
        """Person and message of every turn that is durable, in order."""

    async def pause(self) -> None:
        """Something else may happen here; and this may be as far as it comes."""
        await asyncio.sleep(self.chance.choice((0, 0, 0.01, 5.0 if self.mood == "slow" else 0.02)))
        if self.mood in ("away", "locked"):
            raise Unavailable(f"the database is {self.mood}")


class Stepped:
    """A process's hold on the disk: every step is a place where it may be killed, the disk go away, or somebody else come first."""

    def __init__(self, disk: Disk, process: Process) -> None:
        self.disk, self.process = disk, process

    async def step(self) -> None:
        await self.disk.pause()
        await self.process.alive()

    async def load(self, wanted: Sequence[Wanted]) -> Sequence[Found | None]:
        await self.step()
        rows = [self.disk.driver.execute(LOAD, one._asdict()).fetchone() for one in wanted]
        await self.process.alive()
        return [None if row is None else Found(*row) for row in rows]

    async def commit(self, entries: Sequence[Entry]) -> Sequence[bool]:
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

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        await self.step()
        if self.disk.mood == "full":
            raise Unavailable("the disk is full")
        connection = self.disk.connection
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            result = work(connection)
            connection.exec_driver_sql("COMMIT")
            connection.commit()
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            connection.rollback()
            raise
        await self.process.alive()
        return result

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        await self.step()
        result = work(self.disk.connection)
        self.disk.connection.rollback()
        return result

    async def sweep(self, *, whole: bool) -> None:
        await self.process.alive()

    async def close(self) -> None:
        return


class Process:
    """One `xueshi run`: when it dies, nothing of it goes on, no `finally` runs, and what it remembered is gone."""

    def __init__(self, world: World) -> None:
        self.world, self.dead = world, False
        self.store = Store(Stepped(world.disk, self), world.clock, 64, PLACE)
        self.talks = Quick(LIBRARY, self.store, RENDERING, ANSWERS, world.today)
        self.started, self.trusting = False, False
        world.plant(self)

    async def start(self) -> Process:
        """Looks at the clock before anybody is answered, as the service does. Raises: Unavailable."""
        if not self.started:
            await Clock(self.store, RETENTION).look()
            self.started = True
        return self

    async def alive(self) -> None:
        if self.dead:
            await asyncio.Event().wait()  # for ever


@dataclass
class World:
    """One history."""

    seed: int
    plant: Callable[[Process], None] = lambda process: None
    now: datetime = START
    skew: timedelta = timedelta(0)
    acknowledged: dict[tuple[str, str], tuple[Message, Turn]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    """What happened, to be read when it went wrong."""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.disk = Disk(self.chance)
        self.processes = [Process(self), Process(self)]
        self.tasks: set[asyncio.Task[None]] = set()
        self.graves: list[Process] = []

    def clock(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now + self.skew

    def today(self) -> date:
        return TODAY

    def kill(self, number: int) -> None:
        """A process ends in the midst of whatever it does, and another is started."""
        self.processes[number].dead = True
        self.graves.append(self.processes[number])
        self.processes[number] = Process(self)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def deliver(self, message: Message) -> None:
        """A platform that tries again until it is answered; each try may reach either process, and an answer may be lost."""
        for _ in range(60):
            process = self.chance.choice(self.processes)
            try:
                async with asyncio.timeout(3):
                    turn = await (await process.start()).talks.take(message)
            except (Unavailable, Conflict, TimeoutError):
                await asyncio.sleep(self.chance.random() * 4)
                continue
            known = self.acknowledged.setdefault((message.person, message.id), (message, turn))
            assert shown(known[1]) == shown(turn), f"{message.person} {message.id} was answered in two ways"
            if self.chance.random() < 0.75:
                return
        raise AssertionError("never answered")


def shown(turn: Turn) -> bytes:
    """What somebody sees of a turn."""
    return orjson.dumps(
        [turn.state, turn.facts, [[reply.text, [choice.label for choice in reply.choices]] for reply in turn.replies]]
    )
