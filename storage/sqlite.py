"""SQLite: one thread writes, one thread reads, and every statement of a turn is compiled once."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
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
    """An engine whose connections write durably to a write-ahead log and whose transactions take the write lock at
    once: a transaction that read first and wrote later could not wait for another process."""
    engine = create_engine(
        place,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"timeout": BUSY, "check_same_thread": False, "isolation_level": None},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    if not connection.get_execution_options().get("reading"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


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
    """A `Database` in a file; several processes may use the same file."""

    def __init__(self, place: URL) -> None:
        self._place = place
        self._engine = engine_at(place)
        self._writing = ThreadPoolExecutor(1, "storage-write")
        self._reading = ThreadPoolExecutor(1, "storage-read")
        self._writer: Connection | None = None
        self._reader: Connection | None = None

    async def load(self, wanted: Sequence[Wanted]) -> Sequence[Found | None]:
        return await self._in(self._reading, lambda: self._load(wanted))

    async def commit(self, entries: Sequence[Entry]) -> Sequence[bool]:
        return await self._in(self._writing, lambda: self._commit(entries))

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        def transaction() -> Result:
            with self._to_write().begin():
                return work(self._to_write())

        return await self._in(self._writing, transaction)

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        def look() -> Result:
            with self._to_read().begin():
                return work(self._to_read())

        return await self._in(self._reading, look)

    async def close(self) -> None:
        def disconnect(connection: Connection | None) -> None:
            if connection is not None:
                connection.close()

        await self._in(self._reading, lambda: disconnect(self._reader))
        await self._in(self._writing, lambda: disconnect(self._writer))
        self._reading.shutdown()
        self._writing.shutdown()

    async def _in(self, thread: ThreadPoolExecutor, work: Callable[[], Result]) -> Result:
        try:
            # Shielded: what a thread has begun it finishes, also when the caller is cancelled.
            return await asyncio.shield(asyncio.get_running_loop().run_in_executor(thread, work))
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError, IntegrityError, ProgrammingError):
            raise  # a mistake of this program
        except sqlite3.DatabaseError as failure:
            raise unavailable(self._place, failure) from None
        except DBAPIError as failure:
            raise unavailable(self._place, failure.orig) from None

    def _to_write(self) -> Connection:
        if self._writer is None:
            self._writer = self._connect()
        return self._writer

    def _to_read(self) -> Connection:
        if self._reader is None:
            # Without transactions: every statement sees what is committed when it starts.
            self._reader = self._connect().execution_options(reading=True)
            self._reader.connection.cursor().execute("PRAGMA query_only = ON")
        return self._reader

    def _connect(self) -> Connection:
        if not file_of(self._place).exists():
            raise unavailable(self._place, "文件不存在")
        return self._engine.connect()

    def _load(self, wanted: Sequence[Wanted]) -> list[Found | None]:
        cursor = self._to_read().connection.cursor()
        found: list[Found | None] = []
        for one in wanted:
            cursor.execute(_LOAD, one._asdict())
            row = cursor.fetchone()
            found.append(None if row is None else Found(*row))
        return found

    def _commit(self, entries: Sequence[Entry]) -> list[bool]:
        # The driver's cursor under SQLAlchemy's connection: a fifth of the time of executing the same statements anew.
        cursor = self._to_write().connection.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        try:
            written = [_write(cursor, entry) for entry in entries]
            cursor.execute("COMMIT")
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        return written


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
