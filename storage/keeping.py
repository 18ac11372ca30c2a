"""How long things are kept: one person's data deleted on request, everybody's when its time has passed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, Table, delete, select, tuple_, update

from .tables import PERSONAL, answer, inbox, outbox, reply, session
from .values import REMEMBERED

CHUNK = 500
"""Rows deleted in one transaction, so that nobody's turn waits long for a purge."""


class Step(Protocol):
    """Deletes at most a chunk of what is older than `before`; the number of rows, 0 when there is nothing left."""

    def __call__(self, connection: Connection, *, before: datetime, now: datetime) -> int: ...


def recent(connection: Connection, person: str, limit: int) -> list[bytes]:
    """The last `limit` replies given to a person, oldest first."""
    last = select(reply.c.reply).where(reply.c.person == person).order_by(reply.c.at.desc()).limit(limit)
    return [bytes(row) for row in connection.scalars(last)][::-1]


def forget(connection: Connection, person: str, *, spare_waiting: bool = False) -> int:
    """Deletes every row of a person, but what they have said and nobody has answered yet where that is to be spared."""
    rows = 0
    for table in PERSONAL:
        theirs = delete(table).where(table.c.person == person)
        if spare_waiting and table is inbox:
            theirs = theirs.where(inbox.c.state != "waiting")
        rows += connection.execute(theirs).rowcount
    return rows


def _expire(connection: Connection, *, before: datetime, now: datetime) -> int:
    silent = select(session.c.person).where(session.c.at < before, session.c.session.is_not(None)).limit(CHUNK)
    people = list(connection.scalars(silent.with_for_update()))
    if not people:
        return 0
    tombstone = {"session": None, "expired": now, "revision": session.c.revision + 1}
    rows = connection.execute(update(session).where(session.c.person.in_(people)).values(tombstone)).rowcount
    for table in PERSONAL:
        if table is not session:
            theirs = delete(table).where(table.c.person.in_(people))
            if table is inbox:
                theirs = theirs.where(inbox.c.state != "waiting")  # they have come back this moment
            rows += connection.execute(theirs).rowcount
    return rows


def _delete(table: Table, column: str, beyond: Callable[[datetime, datetime], datetime]) -> Step:
    """Deletes the rows whose `column` is older than `beyond(before, now)`."""
    key = list(table.primary_key.columns)

    def step(connection: Connection, *, before: datetime, now: datetime) -> int:
        old = select(*key).where(table.c[column] < beyond(before, now)).limit(CHUNK)
        return connection.execute(delete(table).where(tuple_(*key).in_(old))).rowcount

    return step


def _at_the_period(before: datetime, now: datetime) -> datetime:
    return before


STEPS: tuple[Step, ...] = (
    _delete(session, "expired", _at_the_period),  # first, or the tombstones set below could be counted as old
    _expire,
    _delete(reply, "at", lambda before, now: max(before, now - REMEMBERED)),  # of no use to anybody any more
    _delete(answer, "at", _at_the_period),
    _delete(inbox, "received", _at_the_period),
    _delete(outbox, "at", _at_the_period),
)
