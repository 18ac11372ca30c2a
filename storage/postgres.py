"""PostgreSQL: all turns of a batch in one statement, which is one round trip and one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Concatenate, TypeVar

from sqlalchemy import URL, Connection, NullPool, text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from .address import unavailable
from .database import Database, Given, Loaded, Sought
from .entry import TurnEntry
from .lock import ProcessLock
from .postgres_turn import COMMIT, LOAD, PART, TURN
from .tables import metadata

Result = TypeVar("Result")

PATIENCE = 10.0
"""Seconds to wait for a connection before the database counts as unavailable."""
MISSING = ("42P01", "42703", "42501", "3F000")
"""What the server says where a table, a column or a right that this program has counted on is gone."""


def engine_at(place: URL) -> AsyncEngine:
    return create_async_engine(
        place,
        pool_pre_ping=True,  # of the connections that stand idle, none is known to have survived the server
        hide_parameters=True,
        pool_size=4,
        max_overflow=4,
        pool_timeout=PATIENCE,
        connect_args={"timeout": PATIENCE},
    )


@contextmanager
def reached(place: URL) -> Iterator[None]:
    """Turns what a server that cannot be reached or used makes the driver raise into `Unavailable`."""
    try:
        yield
    except (IntegrityError, ProgrammingError) as failure:
        if str(getattr(failure.orig, "sqlstate", "")) in MISSING:
            raise unavailable(place, failure.orig) from None
        raise  # a mistake of this program
    except DBAPIError as failure:
        raise unavailable(place, failure.orig) from None
    except (OSError, TimeoutError, PoolTimeout) as failure:
        raise unavailable(place, failure) from None
    except SQLAlchemyError:
        raise
    except Exception as failure:
        # What asyncpg raises while connecting (no such database, a wrong password) reaches us as it is.
        if type(failure).__module__.startswith("asyncpg"):
            raise unavailable(place, failure) from None
        raise


class PostgresDatabase(Database):
    """A `Database` on a server, used through a connection that writes, one that reads, and a few for the rest."""

    def __init__(self, place: URL) -> None:
        self._place = place
        self._engine = engine_at(place)
        self._writer = _Standing(self._engine)
        self._reader = _Standing(self._engine)
        self._dirty = False

    async def load(self, wanted: Sequence[Sought]) -> Sequence[Loaded | None]:
        values = {
            "wanted_number": list(range(len(wanted))),
            "wanted_person": [one.person for one in wanted],
            "wanted_message_id": [one.message_id for one in wanted],
            "wanted_horizon": [one.horizon for one in wanted],
        }
        with reached(self._place):
            rows = await self._reader.execute(LOAD, values)
        found: list[Loaded | None] = [None] * len(wanted)
        for number, *columns in rows:
            found[number] = Loaded(*columns)
        return found

    async def commit(self, entries: Sequence[TurnEntry]) -> Sequence[bool]:
        # In one order everywhere, so that two processes hardly ever wait for each other.
        ordered = sorted(entries, key=lambda entry: entry.person)
        values: dict[str, Any] = {f"turn_{name}": [getattr(one, name) for one in ordered] for name in TURN}
        parts = [(one.person, number, body) for one in ordered for number, body in enumerate(one.parts)]
        values |= {f"part_{name}": [part[at] for part in parts] for at, name in enumerate(PART)}
        with reached(self._place):
            rows = await self._writer.execute(COMMIT, values)
        kept = {row[0] for row in rows}
        return [entry.person in kept for entry in entries]

    async def write(
        self, work: Callable[Concatenate[Connection, Given], Result], *some: Given.args, **values: Given.kwargs
    ) -> Result:
        with reached(self._place):
            async with self._engine.begin() as connection:
                return await connection.run_sync(work, *some, **values)

    async def read(
        self, work: Callable[Concatenate[Connection, Given], Result], *some: Given.args, **values: Given.kwargs
    ) -> Result:
        with reached(self._place):
            async with self._engine.connect() as connection:
                return await connection.run_sync(work, *some, **values)

    async def sweep(self, *, whole: bool) -> None:
        """Dead rows are given back; what of them the server's own log holds is the server's to forget."""
        self._dirty |= not whole
        if not (whole and self._dirty):
            return
        self._dirty = False
        with reached(self._place):
            async with self._engine.connect() as plain:
                connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
                await connection.execute(text(f"VACUUM (SKIP_LOCKED) {', '.join(metadata.tables)}"))

    def lock(self, name: str) -> ProcessLock:
        return ServerLock(self._place, name)

    async def close(self) -> None:
        await self._writer.close()
        await self._reader.close()
        await self._engine.dispose()


class _Standing:
    """One connection kept open, where each statement is its own transaction: no BEGIN, no COMMIT, no check-out."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None

    async def execute(self, statement: Any, values: dict[str, Any]) -> Sequence[Any]:
        """The rows. After a lost connection or a deadlock it is tried once more: a turn that was written all the same
        is then in conflict, and its caller finds the reply."""
        try:
            return await self._once(statement, values)
        except DBAPIError as failure:
            state = str(getattr(failure.orig, "sqlstate", "") or "")
            if not (failure.connection_invalidated or state in ("40P01", "40001", "57P01", "57P03") or not state):
                raise
        except OSError:
            pass
        await self.close()
        return await self._once(statement, values)

    async def _once(self, statement: Any, values: dict[str, Any]) -> Sequence[Any]:
        if self._connection is None:
            connection = await self._engine.connect()
            self._connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        result = await self._connection.execute(statement, values)
        return result.all()

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await connection.invalidate()
                await connection.close()
            except (DBAPIError, OSError):
                pass  # it was lost already


class ServerLock:
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
