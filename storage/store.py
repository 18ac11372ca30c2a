"""The store: a person's session loaded, a turn committed whole or not at all, one's data deleted or expired."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import URL, Connection

from . import copying, keeping, rotation
from .address import parse
from .database import Database, Loaded, Sought
from .entry import Clock, TurnEntry, entry, horizon, sealed, utc_now
from .lane import Lane
from .recent import Recent
from .schema import check, migrate_at, newest
from .sealing import KEYRING
from .tables import EPOCH, micros
from .values import Conflict, Earlier, Stored, Unavailable, Written

SLICE = 0.005
"""Seconds that a slice of a purge is to hold others up, its commit among them."""
OTHERS, LONGEST = 9, 1.0
"""For so many times as long, but no more seconds, turns have the database to themselves after each."""
SLICE_ROWS, MOST_ROWS = 50, 2_000
BATCH = 256
"""The most turns in one transaction: enough for any burst, few enough that nobody waits long for the rest."""


def database_at(place: URL) -> Database:
    """The database that the address names."""
    if place.get_backend_name() == "sqlite":
        from .sqlite import SqliteDatabase

        return SqliteDatabase(place)
    from .postgres import PostgresDatabase

    return PostgresDatabase(place)


class Store:
    """Opened once by a process; safe for any number of tasks, and for several processes on one database."""

    def __init__(self, database: Database, clock: Clock, remembered: int, place: URL) -> None:
        self.database = database
        self.place = place
        self.clock = clock
        self.clock_believed = True
        """Whether what is too old may be deleted; see `storage.seen`."""
        self._recent = Recent(remembered)
        self._loads: Lane[Sought, Loaded | None] = Lane(database.load, most=BATCH)
        self._turns: Lane[TurnEntry, int] = Lane(self._commit, most=BATCH, alone=lambda one: one.person)

    @classmethod
    async def open(cls, url: str, *, create: bool = True, clock: Clock = utc_now, remembered: int = 4096) -> Store:
        """A store on a SQLite file or on PostgreSQL; with `create` the file is made and migrations are run.

        `remembered` sessions are kept in memory.

        Raises:
            Unavailable: no such database, not reachable, or of another version than this program.
        """
        place = parse(url)
        if create:
            await migrate_at(place)
        database = database_at(place)
        try:
            await database.read(check, place)
            await database.read(rotation.try_keys)
        except BaseException:
            await database.close()
            raise
        return cls(database, clock, remembered, place)

    @staticmethod
    async def fill(url: str, version: str, pieces: Iterable[tuple[str, bytes]]) -> int:
        """Puts what was copied out into an empty database, and brings it to this program's version; the number of rows.

        Raises:
            Unavailable: the database cannot be used.
            ValueError: it is not empty, or what was copied is of a newer program.
        """
        place = parse(url)
        await copying.made_empty(url, version)

        def fill(connection: Connection) -> int:
            filling = copying.Filling(connection)
            rows = sum(filling.put(name, piece) for name, piece in pieces)
            filling.finish()
            return rows

        database = database_at(place)
        try:
            rows = await database.write(fill)
        finally:
            await database.close()
        await migrate_at(place)
        return rows

    async def close(self) -> None:
        """Finishes what is queued, then disconnects."""
        await self._turns.settle()
        await self._loads.settle()
        await self.database.close()

    async def load(self, person: str, message_id: str | None = None) -> Stored:
        """What is kept of a person and, where this message was answered already, how.

        May be as old as this process's last turn with the person: then `commit` is refused, and the next `load` is new.

        Raises:
            Unavailable: the database cannot be used now.
        """
        if (known := self._recent.find(person, message_id, self._horizon())) is not None:
            return known
        found = await self._loads.put(Sought(person, message_id or "", self._horizon()))
        if found is None:
            return Stored(0, None)
        return Stored(
            revision=found.revision,
            session=None if found.session is None else orjson.loads(KEYRING.open(found.session, b"session")),
            earlier=None
            if found.digest is None or found.reply is None
            else Earlier(found.digest, KEYRING.open(found.reply, b"reply")),
            expired=None if found.expired is None else EPOCH + timedelta(microseconds=found.expired),
        )

    async def knows(self, person: str) -> bool:
        """Whether anything is kept of a person, if only that their facts have expired.

        Raises:
            Unavailable: the database cannot be used now.
        """
        return person in self._recent or await self._loads.put(Sought(person, "", 0)) is not None

    async def commit(self, turn: Written) -> int:
        """The session's new revision, when the turn is durable. Cancelled, it may still be written; the same message
        then finds its reply.

        Raises:
            Conflict: the session has another revision by now, or the message id is taken.
            Unavailable: the database cannot be used now; whether the turn was written is known after the next `load`.
        """
        return await self._turns.put(replace(entry(turn, self.clock()), horizon=self._horizon()))

    async def recent(self, person: str, limit: int) -> list[bytes]:
        """The last replies given to a person that are still remembered, oldest first.

        Raises:
            Unavailable: the database cannot be used now.
        """
        return await self.database.read(keeping.recent, person, limit)

    async def everything(self, person: str) -> dict[str, list[dict[str, Any]]]:
        """All that is kept of a person, row by row, by table.

        Raises:
            Unavailable: the database cannot be used now.
        """
        return await self.database.read(keeping.everything, person)

    async def held(self, before: datetime) -> list[tuple[str, int, datetime | None, int]]:
        """What is kept for a period, by table: how many rows, the oldest moment, how many should be gone `before` one.

        Raises: Unavailable.
        """
        return await self.database.read(keeping.held, before)

    async def forget(self, person: str, last: Written | None = None) -> int:
        """Deletes everything that is kept of a person; the number of rows. A turn under way is refused.

        `last`, the turn in which the person asked for it, is written in the same transaction as the first of what is
        kept from now on, without its answer: so that the same message again finds its reply, and the outbox sends it.

        Raises:
            Conflict: `last` may not be written, and nothing was deleted.
            Unavailable: the database cannot be used now.
        """
        saying = None if last is None else entry(last, self.clock())
        try:
            rows = await self.database.write(keeping.forget, person, saying)
        finally:
            self._recent.drop(person)
        if rows:
            with suppress(Unavailable):  # what was asked for is done; the rest follows with the next purge
                await self.database.sweep(whole=False)
        return rows

    async def purge(self, before: datetime) -> int:
        """Deletes the facts of everybody not heard of since `before`, and whatever else is older; the number of rows.

        A tombstone remains, so that the person can be told; it goes when it is older than `before` itself.
        """
        rows, most = 0, SLICE_ROWS
        now, time = self.clock(), asyncio.get_running_loop().time
        for step in keeping.STEPS:
            while True:
                began = time()
                more = await self.database.write(step, before=before, now=now, most=most)
                spent = time() - began
                if not more:
                    break
                rows += more
                most = max(SLICE_ROWS, min(MOST_ROWS, int(most * SLICE / max(spent, 1e-6))))
                await asyncio.sleep(min(LONGEST, max(OTHERS * spent, SLICE)))
        if rows:
            self._recent.drop_before(micros(before))
            await self.database.sweep(whole=False)
        await self.database.sweep(whole=True)
        return rows

    async def copy_out(self, keep: Callable[[str, bytes], None]) -> str:
        """Hands every table's rows to `keep`, piece by piece, all as of one moment; the version of the tables.

        Raises: Unavailable.
        """

        def copy(connection: Connection) -> str:
            for name, piece in copying.pieces(connection):
                keep(name, piece)
            return newest()

        return await self.database.read(copy)

    async def reseal(self) -> int:
        """Seals anew whatever is not sealed under the first key; the number of rows. Turns go on meanwhile.

        Raises: Unavailable where something was sealed under a key that is not among ours.
        """
        rows = 0
        for column in rotation.columns():
            after: rotation.Place | None = None
            while True:
                more, after = await self.database.write(rotation.reseal, column=column, after=after)
                rows += more
                if after is None:
                    break
                await asyncio.sleep(SLICE)
        await self.database.sweep(whole=False)
        await self.database.sweep(whole=True)
        return rows

    def _horizon(self) -> int:
        """Replies older than this are forgotten; none while the clock is not to be believed."""
        return horizon(self.clock()) if self.clock_believed else 0

    async def _commit(self, entries: Sequence[TurnEntry]) -> Sequence[int | Exception]:
        try:
            written = await self.database.commit([sealed(one) for one in entries])
        except BaseException:
            for one in entries:
                self._recent.drop(one.person)
            raise
        outcome: list[int | Exception] = []
        for one, done in zip(entries, written, strict=True):
            if done:
                self._recent.keep(one)
                outcome.append(one.revision)
            else:
                self._recent.drop(one.person)
                outcome.append(Conflict("the session has moved on, or the message id is taken"))
        return outcome
