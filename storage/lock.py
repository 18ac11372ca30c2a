"""A name that at most one living process holds: given back by the operating system or the server when the process dies."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from typing import ClassVar, Protocol

from sqlalchemy import URL, NullPool, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from .address import file_of
from .postgres import PATIENCE, reached
from .store import Store


class Lock(Protocol):
    """No time is involved: it is held until it is given back or its holder is gone."""

    async def take(self) -> bool:
        """Whether it is held now; False while another process holds it. Raises: Unavailable."""

    async def held(self) -> bool:
        """Whether it is still held; a lost connection to the server gives it back unasked."""

    async def give_back(self) -> None: ...


def lock(store: Store, name: str) -> Lock:
    """The lock of that name among all processes on the store's database."""
    place = store.place
    if place.get_backend_name() == "sqlite":
        return _FileLock(place, name)
    return _ServerLock(place, name)


class _FileLock:
    """One byte of a file beside the database. The kernel knows the holder, but only as a process: who within this one
    holds what is noted here."""

    _open: ClassVar[
        dict[str, int]
    ] = {}  # one descriptor a file: closing any would give all of this process's locks back
    _mine: ClassVar[set[tuple[str, int]]] = set()

    def __init__(self, place: URL, name: str) -> None:
        self._path = f"{file_of(place)}-locks"
        self._byte = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=7).digest())
        self._held = False

    async def take(self) -> bool:
        import fcntl

        if (self._path, self._byte) in self._mine:
            return False
        if self._path not in self._open:
            self._open[self._path] = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.lockf(self._open[self._path], fcntl.LOCK_EX | fcntl.LOCK_NB, 1, self._byte)
        except (BlockingIOError, PermissionError):
            return False
        self._held = True
        self._mine.add((self._path, self._byte))
        return True

    async def held(self) -> bool:
        return self._held

    async def give_back(self) -> None:
        import fcntl

        if self._held:
            self._held = False
            self._mine.discard((self._path, self._byte))
            fcntl.lockf(self._open[self._path], fcntl.LOCK_UN, 1, self._byte)


class _ServerLock:
    """An advisory lock of PostgreSQL, held by a connection of its own."""

    def __init__(self, place: URL, name: str) -> None:
        self._place = place
        self._key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)
        self._engine = create_async_engine(
            place, poolclass=NullPool, hide_parameters=True, isolation_level="AUTOCOMMIT", connect_args={"timeout": PATIENCE}
        )  # fmt: skip
        self._connection: AsyncConnection | None = None

    async def take(self) -> bool:
        with reached(self._place):
            connection = await self._engine.connect()
            try:
                mine = bool(await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": self._key}))
            except BaseException:
                await connection.close()
                raise
        if mine:
            self._connection = connection
        else:
            await connection.close()
        return mine

    async def held(self) -> bool:
        if self._connection is None:
            return False
        try:
            await self._connection.scalar(text("SELECT 1"))
        except (DBAPIError, OSError):
            await self.give_back()
            return False
        return True

    async def give_back(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(DBAPIError, OSError):  # it was lost already
                await connection.close()
