"""SQLite: every statement of a turn is compiled once and runs in the loop; a thread commits."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import (
    URL,
    BigInteger,
    Connection,
    Engine,
    NullPool,
    and_,
    bindparam,
    create_engine,
    event,
    exists,
    literal_column,
    not_,
    null,
    select,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.sql.expression import ClauseElement

from .address import file_of, unavailable
from .database import Found, Wanted
from .entry import Entry
from .tables import answer, inbox, outbox, reply, session

Result = TypeVar("Result")

BUSY = 10.0
"""Seconds that another process may hold the write lock before the database counts as unavailable."""


def _number(name: str) -> Any:
    return bindparam(name, type_=BigInteger)  # moments are numbers already


def _compiled(statement: ClauseElement) -> str:
    return str(statement.compile(dialect=sqlite.dialect(paramstyle="named")))


_taken = exists().where(
    reply.c.person == bindparam("person"),
    reply.c.message_id == bindparam("message_id"),
    reply.c.at >= _number("horizon"),
)
_FIRST = _compiled(
    sqlite.insert(session)
    .from_select(
        ["person", "revision", "session", "at"],
        select(
            bindparam("person", type_=session.c.person.type),
            _number("revision"),
            bindparam("session", type_=session.c.session.type),
            _number("at"),
        ).where(not_(_taken)),
    )
    .on_conflict_do_nothing()
)
_NEXT = _compiled(
    session.update()
    .where(session.c.person == bindparam("person"), session.c.revision == bindparam("expected"), not_(_taken))
    .values(revision=_number("revision"), session=bindparam("session"), at=_number("at"), expired=null())
)
_insert_reply = sqlite.insert(reply).values(
    {name: bindparam(name) for name in ("person", "message_id", "digest", "reply")} | {"at": _number("at")}
)
_REPLY = _compiled(
    # Only a row past its 48 hours can be in the way: `_taken` has excluded the others.
    _insert_reply.on_conflict_do_update(
        index_elements=["person", "message_id"],
        set_={name: _insert_reply.excluded[name] for name in ("digest", "reply", "at")},
    )
)
_ANSWER = _compiled(
    answer.insert().values(
        person=bindparam("person"), revision=_number("revision"), answer=bindparam("answer"), at=_number("at")
    )
)
_SETTLED = _compiled(
    inbox.update()
    .where(inbox.c.id == bindparam("inbox"))
    .values(state=literal_column("'done'"), body=literal_column("x''"), settled=_number("at"))
)
_PART = _compiled(
    outbox.insert().values(
        channel=bindparam("channel"),
        sender=bindparam("sender"),
        state=bindparam("state"),
        claimed=_number("claimed"),
        person=bindparam("person"),
        revision=_number("revision"),
        ordinal=bindparam("ordinal"),
        body=bindparam("body"),
        at=_number("at"),
    )
)
_LOAD = _compiled(
    select(session.c.revision, session.c.session, session.c.expired, reply.c.digest, reply.c.reply)
    .select_from(session)
    .join(
        reply,
        and_(
            reply.c.person == session.c.person,
            reply.c.message_id == bindparam("message_id"),
            reply.c.at >= _number("horizon"),
        ),
        isouter=True,
    )
    .where(session.c.person == bindparam("person"))
)


def engine_at(place: URL) -> Engine:
    """An engine whose connections write durably to a write-ahead log. Transactions are begun by hand, and take the write
    lock at once: one that read first and wrote later could not wait for another process."""
    engine = create_engine(
        place,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"timeout": BUSY, "check_same_thread": False, "isolation_level": None},
    )
    event.listen(engine, "connect", _prepare)
    return engine


@contextmanager
def reached(place: URL) -> Iterator[None]:
    """Turns what a file that cannot be used makes the driver raise into `Unavailable`."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, IntegrityError, ProgrammingError):
        raise  # a mistake of this program
    except sqlite3.DatabaseError as failure:
        raise unavailable(place, failure) from None
    except DBAPIError as failure:
        raise unavailable(place, failure.orig) from None


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _prepare(connection: sqlite3.Connection, _: object) -> None:
    until = time.monotonic() + BUSY
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError:  # changing the mode does not wait for other processes by itself
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
    connection.execute("PRAGMA synchronous = FULL")


class SqliteDatabase:
    """A `Database` in a file; several processes may use the same file.

    The statements of a turn touch only memory, and run in the event loop; what waits for the disk, the commit, runs in a
    thread. A thread that ran the statements too would have to win the interpreter's lock back from the loop after each.
    """

    def __init__(self, place: URL) -> None:
        self._place = place
        self._engine = engine_at(place)
        self._writing = ThreadPoolExecutor(1, "storage-write")
        self._reading = ThreadPoolExecutor(1, "storage-read")
        self._one_writer = asyncio.Lock()
        self._under_way: set[asyncio.Task[Any]] = set()
        self._writer: Connection | None = None
        self._reader: Connection | None = None
        self._loader: Connection | None = None

    async def load(self, wanted: Sequence[Wanted]) -> Sequence[Found | None]:
        with reached(self._place):
            if self._loader is None:
                self._loader = self._connect()
            driver = _driver(self._loader)
            rows = [driver.execute(_LOAD, one._asdict()).fetchone() for one in wanted]
            return [None if row is None else Found(*row) for row in rows]

    async def commit(self, entries: Sequence[Entry]) -> Sequence[bool]:
        async def turns(connection: Connection) -> list[bool]:
            # SQLAlchemy's statements on its connection, but the driver's cursor: a fifth of the time of its own.
            driver = _driver(connection)
            cursor = driver.cursor()
            written = [_write(cursor, entry) for entry in entries]
            await self._in(self._writing, driver.commit)
            return written

        return await self._whole(self._transaction(turns))

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        async def elsewhere(connection: Connection) -> Result:
            def do() -> Result:
                result = work(connection)
                connection.commit()
                return result

            return await self._in(self._writing, do)

        return await self._whole(self._transaction(elsewhere))

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        def look() -> Result:
            if self._reader is None:
                self._reader = self._connect()
            try:
                return work(self._reader)
            finally:
                self._reader.rollback()

        with reached(self._place):
            return await self._in(self._reading, look)

    async def close(self) -> None:
        if self._under_way:
            await asyncio.wait(self._under_way)
        for thread in (self._reading, self._writing):
            thread.shutdown()
        for connection in (self._loader, self._reader, self._writer):
            if connection is not None:
                connection.close()

    async def _whole(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What has begun is finished, also when the caller is cancelled."""
        task = asyncio.get_running_loop().create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def _transaction(self, work: Callable[[Connection], Awaitable[Result]]) -> Result:
        async with self._one_writer:
            with reached(self._place):
                if self._writer is None:
                    self._writer = self._connect()
                    _driver(self._writer).execute("PRAGMA busy_timeout = 0")  # `_begin` waits instead
                driver = _driver(self._writer)
                await self._begin(driver)
                try:
                    return await work(self._writer)
                except BaseException:
                    self._writer.rollback()
                    driver.rollback()
                    raise

    async def _begin(self, driver: sqlite3.Connection) -> None:
        """Takes the write lock, waiting for other processes without keeping the event loop waiting."""
        until = time.monotonic() + BUSY
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as failure:
                if failure.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
            await asyncio.sleep(random.uniform(0.0002, 0.002))

    async def _in(self, thread: ThreadPoolExecutor, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(thread, work)

    def _connect(self) -> Connection:
        if not file_of(self._place).exists():
            raise unavailable(self._place, "文件不存在")
        return self._engine.connect()


def _write(cursor: Any, entry: Entry) -> bool:
    """The first statement decides whether it may be written at all, so nothing is ever to be undone."""
    values = {name: getattr(entry, name) for name in Entry.__slots__}
    cursor.execute(_NEXT if entry.expected else _FIRST, values)
    if cursor.rowcount != 1:
        return False
    cursor.execute(_REPLY, values)
    if entry.answer is not None:
        cursor.execute(_ANSWER, values)
    if entry.inbox is not None:
        cursor.execute(_SETTLED, values)
    if entry.parts:
        values |= {"state": "sending", "claimed": entry.at} if entry.sender else {"state": "waiting", "claimed": None}
        for ordinal, body in enumerate(entry.parts):
            cursor.execute(_PART, values | {"ordinal": ordinal, "body": body})
    return True
