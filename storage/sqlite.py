"""SQLite: statements run in the event loop, a thread commits, and processes take the write lock in turn."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Concatenate, TypeVar

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from .address import file_of, unavailable
from .database import Database, Given, Loaded, Sought
from .entry import TurnEntry
from .lock import FileLock, ProcessLock
from .sqlite_turn import LOAD, write

Result = TypeVar("Result")

BUSY = 10.0
"""Seconds that another process may hold the write lock before the database counts as unavailable."""


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


def make_private(file: Path) -> None:
    """Makes the file where there is none, and lets nobody but its owner read it or what stands beside it."""
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    for beside in ("", "-wal", "-shm", "-locks"):
        with suppress(FileNotFoundError, PermissionError):
            os.chmod(f"{file}{beside}", 0o600)


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
    connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten


class SqliteDatabase(Database):
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

    async def load(self, wanted: Sequence[Sought]) -> Sequence[Loaded | None]:
        with reached(self._place):
            if self._loader is None:
                self._loader = self._connect()
            driver = _driver(self._loader)
            rows = [driver.execute(LOAD, one._asdict()).fetchone() for one in wanted]
            return [None if row is None else Loaded(*row) for row in rows]

    async def commit(self, entries: Sequence[TurnEntry]) -> Sequence[bool]:
        async def turns(connection: Connection) -> list[bool]:
            # SQLAlchemy's statements on its connection, but the driver's cursor: a fifth of the time of its own.
            driver = _driver(connection)
            cursor = driver.cursor()
            written = [write(cursor, entry) for entry in entries]
            await self._in(self._writing, driver.commit)
            return written

        return await self._whole(self._transaction(turns))

    async def write(
        self, work: Callable[Concatenate[Connection, Given], Result], *some: Given.args, **values: Given.kwargs
    ) -> Result:
        async def elsewhere(connection: Connection) -> Result:
            def do() -> Result:
                result = work(connection, *some, **values)
                connection.commit()
                return result

            return await self._in(self._writing, do)

        return await self._whole(self._transaction(elsewhere))

    async def read(
        self, work: Callable[Concatenate[Connection, Given], Result], *some: Given.args, **values: Given.kwargs
    ) -> Result:
        def look() -> Result:
            if self._reader is None:
                self._reader = self._connect()
            try:
                return work(self._reader, *some, **values)
            finally:
                self._reader.rollback()

        with reached(self._place):
            return await self._in(self._reading, look)

    async def sweep(self, *, whole: bool) -> None:
        """The log still holds what the pages no longer do: it is carried over and cut to nothing. Where another process is
        reading just now, that is left to the next time."""

        async def sweep() -> None:
            async with self._one_writer:
                with reached(self._place):
                    if self._writer is not None:
                        driver = _driver(self._writer)
                        await self._in(
                            self._writing, lambda: driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                        )

        await self._whole(sweep())

    def lock(self, name: str) -> ProcessLock:
        return FileLock(self._place, name)

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
