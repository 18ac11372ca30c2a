"""What the database has seen of the clock: nothing is deleted on the word of a clock that has jumped, until somebody says it is right."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select, update

from .database import upsert
from .keeping import PERIODS
from .tables import seen, session

if TYPE_CHECKING:
    from .store import Store

LEAST, MOST = timedelta(days=1), timedelta(days=14)


def bearable(retention: timedelta) -> timedelta:
    """How far the clock may be ahead of what was last seen: a holiday without service, but no large part of the period."""
    return max(LEAST, min(MOST, retention / 10))


class Clock:
    """The clock of a store, held against what it said before."""

    def __init__(self, store: Store, retention: timedelta) -> None:
        self._store, self.bearable = store, bearable(retention)

    async def last(self) -> datetime | None:
        """The latest moment that was believed; None where the database is new."""
        return await self._store.database.read(last_seen)

    async def look(self) -> bool:
        """Whether the clock can be believed; then the moment is noted, and what is too old may be deleted."""
        now = self._store.clock()

        def look(connection: Connection) -> bool:
            last = last_seen(connection)
            if last is not None and now - last > self.bearable:
                return False
            if (
                last is None or now > last or last - now > self.bearable
            ):  # set back: what is ahead of it is a jump again
                note(connection, "clock", now)
            return True

        believed = await self._store.database.write(look)
        self._store.clock_believed = believed
        return believed

    async def believe(self) -> None:
        """Somebody has said that the clock is right: what was written under a later one is of now, and is kept for no longer."""
        now = self._store.clock()

        def believe(connection: Connection) -> None:
            note(connection, "clock", now)
            for column in PERIODS:
                connection.execute(update(column.table).where(column > now).values({column: now}))

        await self._store.database.write(believe)
        self._store.clock_believed = True


_LAST = select(seen.c.at).where(seen.c.what == "clock")
_NEWEST = select(func.max(session.c.at)).where(session.c.session.is_not(None))


def last_seen(connection: Connection) -> datetime | None:
    """The moment of the clock that was last believed; where none was noted yet, of the newest that is kept of anybody."""
    last: datetime | None = connection.scalar(_LAST) or connection.scalar(_NEWEST)
    return last


def note(connection: Connection, what: str, at: datetime) -> None:
    """Something was seen just now."""
    row = upsert(connection, seen).values(what=what, at=at)
    connection.execute(row.on_conflict_do_update(index_elements=["what"], set_={"at": at}))


async def pulse(store: Store) -> None:
    """Writes a little, as a turn would. Raises: Unavailable."""
    now = store.clock()
    await store.database.write(note, "pulse", now)
