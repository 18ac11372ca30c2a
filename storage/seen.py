"""What the database has seen of the clock: nothing is deleted on the word of a clock that has jumped, until somebody says it is right."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select, update

from .database import upsert
from .keeping import PERIODS
from .tables import seen

if TYPE_CHECKING:
    from .store import Store

LEAST, MOST = timedelta(days=1), timedelta(days=14)


def bearable(retention: timedelta) -> timedelta:
    """How far the clock may be from what was last seen: a holiday without service, but no large part of the period."""
    return max(LEAST, min(MOST, retention / 10))


class Clock:
    """The clock of a store, held against what it said before."""

    def __init__(self, store: Store, retention: timedelta) -> None:
        self._store, self.bearable = store, bearable(retention)

    async def last(self) -> datetime | None:
        """The latest moment that was believed; None where the database is new."""
        return await self._store.database.read(last_seen)

    async def look(self) -> bool:
        """Whether the clock can be believed; then the moment is noted, and what is too old may be deleted. One that went back is not:
        until it is right, or said to be, time goes on from where it was, or what is written now would be too old at once."""
        now, ahead = self._store.machine_clock(), self._store.ahead

        def look(connection: Connection) -> tuple[bool, timedelta]:
            last = last_seen(connection)
            away = now - last if last is not None else timedelta()
            if away > self.bearable:
                return False, timedelta()
            behind = max(ahead, -away) if -away > self.bearable else timedelta()
            if last is None or now + behind > last:
                note(connection, "clock", now + behind)
            return not behind, behind

        self._store.clock_believed, self._store.ahead = await self._store.database.write(look)
        return self._store.clock_believed

    async def believe(self) -> None:
        """Somebody has said that the clock is right: what was written under a later one is of now, and is not kept for longer."""
        now = self._store.machine_clock()

        def believe(connection: Connection) -> None:
            note(connection, "clock", now)
            for column in PERIODS:
                connection.execute(update(column.table).where(column > now).values({column: now}))

        await self._store.database.write(believe)
        self._store.clock_believed, self._store.ahead = True, timedelta()


_LAST = select(seen.c.at).where(seen.c.what == "clock")


def last_seen(connection: Connection) -> datetime | None:
    """The moment of the clock that was last believed."""
    return connection.scalar(_LAST)


def note(connection: Connection, what: str, at: datetime) -> None:
    """Something was seen just now."""
    row = upsert(connection, seen).values(what=what, at=at)
    connection.execute(row.on_conflict_do_update(index_elements=["what"], set_={"at": at}))


async def pulse(store: Store) -> None:
    """Writes a little, as a turn would. Raises: Unavailable."""
    now = store.clock()
    await store.database.write(lambda connection: note(connection, "pulse", now))
