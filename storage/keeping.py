"""How long things are kept: one person's data deleted on request, everybody's when its time has passed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    tuple_,
    update,
)

from .campaign_tables import binding, campaign, invitation, notice, silence
from .database import changed, upsert
from .entry import TurnEntry
from .hr import code, log, roster, told_wrong
from .hr import session as signed_in
from .rosters import entry, file, form, person_key, share
from .rosters import person as known_person
from .tables import EPOCH, PERSONAL, answer, inbox, micros, outbox, reply, session
from .values import REMEMBERED, Conflict

UNDO = timedelta(days=1)
"""For which a roster that was put away can be brought back."""
A_PERSON = 10
"""Rows that are reckoned to a person whose facts expire."""


_NO_NOTICE: Final = or_(outbox.c.rank == 0, outbox.c.state.not_in(("waiting", "sending")))
"""What of the outbox is a person's own; a notice on its way is its campaign's."""


class PurgeStep(Protocol):
    """Deletes about `most` rows of what is older than `before`; the number of rows, 0 when there is nothing left."""

    def __call__(self, connection: Connection, *, before: datetime, now: datetime, most: int) -> int: ...


_RECENT = (
    select(reply.c.reply)
    .where(reply.c.person == bindparam("of"))
    .order_by(reply.c.revision.desc(), reply.c.at.desc())
    .limit(bindparam("most"))
)


def recent(connection: Connection, person: str, limit: int) -> list[bytes]:
    """The last `limit` replies given to a person, oldest first."""
    return [bytes(row) for row in connection.scalars(_RECENT, {"of": person, "most": limit})][::-1]


def everything(connection: Connection, person: str) -> dict[str, list[dict[str, Any]]]:
    """Every row that holds something of a person, by table; bytes as the JSON or the text that they are."""
    found: dict[str, list[dict[str, Any]]] = {}
    bound = select(binding.c.subject).where(binding.c.person == person)
    theirs = {
        **{table: table.c.person == person for table in (*PERSONAL, binding, invitation)},
        silence: silence.c.who == person,
        notice: or_(notice.c.subject == person, notice.c.subject.in_(bound), notice.c.address == person),
        entry: entry.c.person.in_(bound),
    }
    for table, which in theirs.items():
        rows = connection.execute(select(table).where(which)).mappings()
        found[str(table.name)] = [{str(name): _plain(value) for name, value in row.items()} for row in rows]
    return {name: rows for name, rows in found.items() if rows}


def held(connection: Connection, before: datetime) -> list[tuple[str, int, datetime | None, int]]:
    """Every table that is kept for a period: its name, how many rows, the oldest moment, and how many should be gone `before` one."""
    counts = []
    for column in PERIODS:
        late = func.count().filter(column < before)
        where = session.c.session.is_not(None) if column is session.c.at else true()
        row = connection.execute(select(func.count(), func.min(column), late).where(where)).one()
        counts.append((str(column.table.name), row[0], row[1], row[2]))
    return counts


def _plain(value: Any) -> Any:
    if not isinstance(value, bytes):
        return value.isoformat() if isinstance(value, datetime) else value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value.decode("utf-8", "replace")


def forget(connection: Connection, person: str, last: TurnEntry | None) -> int:
    """Deletes every row of the person; then writes the turn that says so, if there is one.

    With such a turn, what they have said meanwhile and nobody has answered yet stays, to be answered.

    Raises:
        Conflict: that turn may not be written, so nothing was deleted either.
    """
    if last is not None:
        _check(connection, last)
    answered = true() if last is None else or_(inbox.c.state != "waiting", inbox.c.id == last.inbox)
    rows = _gone(connection, PERSONAL, [person], answered)
    if last is not None:
        _begin_anew(connection, last)
    return rows


def _check(connection: Connection, last: TurnEntry) -> None:
    known = select(session.c.revision).where(session.c.person == last.person).with_for_update()
    taken = select(reply.c.at).where(reply.c.person == last.person, reply.c.message_id == last.message_id)
    at = connection.scalar(taken)
    if (connection.scalar(known) or 0) != last.expected or (at is not None and micros(at) >= last.horizon):
        raise Conflict


def _begin_anew(connection: Connection, last: TurnEntry) -> None:
    at = EPOCH + timedelta(microseconds=last.at)
    first = {"person": last.person, "revision": last.revision, "session": last.session, "at": at}
    if connection.execute(upsert(connection, session).on_conflict_do_nothing(), first).rowcount != 1:
        raise Conflict  # another process has begun with the person just now
    given = {"message_id": last.message_id, "digest": last.digest, "reply": last.reply, "revision": last.revision}
    connection.execute(insert(reply), given | {"person": last.person, "at": at})
    for ordinal, body in enumerate(last.parts):
        part = {"channel": last.channel, "person": last.person, "revision": last.revision, "body": body, "at": at}
        connection.execute(insert(outbox), part | {"ordinal": ordinal})


def _expire(connection: Connection, *, before: datetime, now: datetime, most: int) -> int:
    silent = select(session.c.person).where(session.c.at < before, session.c.session.is_not(None))
    people = list(connection.scalars(silent.limit(max(1, most // A_PERSON)).with_for_update()))
    if not people:
        return 0
    tombstone = {"session": None, "expired": now, "revision": session.c.revision + 1}
    rows = connection.execute(update(session).where(session.c.person.in_(people)).values(tombstone)).rowcount
    # Of the inbox nothing that waits: they have come back this moment.
    return rows + _gone(connection, PERSONAL[1:], people, inbox.c.state != "waiting")


def _gone(connection: Connection, tables: Iterable[Table], people: Sequence[str], answered: ColumnElement[bool]) -> int:
    """Deletes what is kept of people, of the inbox what is `answered`; how many rows."""
    only = {inbox: answered, outbox: _NO_NOTICE}
    theirs = (delete(table).where(table.c.person.in_(people), only.get(table, true())) for table in tables)
    return changed(connection, *theirs)


def _delete(table: Table, column: str, beyond: Callable[[datetime, datetime], datetime]) -> PurgeStep:
    """Deletes the rows whose `column` is older than `beyond(before, now)`."""
    key = list(table.primary_key.columns)

    def step(connection: Connection, *, before: datetime, now: datetime, most: int) -> int:
        old = select(*key).where(table.c[column] < beyond(before, now)).limit(most)
        return connection.execute(delete(table).where(tuple_(*key).in_(old))).rowcount

    return step


def _end_of_campaigns(connection: Connection, *, before: datetime, now: datetime, most: int) -> int:
    """Everybody's facts in a campaign go with the campaign."""
    old = connection.scalar(select(campaign.c.id).where(campaign.c.at < before).limit(1))
    if old is None:
        return 0
    some = select(notice.c.id).where(notice.c.campaign == old).limit(most)
    rows = connection.execute(delete(notice).where(notice.c.id.in_(some))).rowcount
    return rows or connection.execute(delete(campaign).where(campaign.c.id == old)).rowcount


def _end_of_rosters(connection: Connection, *, before: datetime, now: datetime, most: int) -> int:
    """A roster goes with all that was made of it: when its period is over, or a day after it was put away."""
    gone = or_(roster.c.created < before, roster.c.removed < now - UNDO)
    old = connection.scalar(select(roster.c.id).where(gone).limit(1))
    if old is None:
        return 0
    for table in (entry, file, share):
        key = list(table.primary_key.columns)
        some = select(*key).where(table.c.roster == old).limit(1 if table is file else most)  # a piece is large
        if rows := connection.execute(delete(table).where(tuple_(*key).in_(some))).rowcount:
            return rows
    return connection.execute(delete(roster).where(roster.c.id == old)).rowcount


def _end_of_people(connection: Connection, *, before: datetime, now: datetime, most: int) -> int:
    """People whom no roster has told of for so long."""
    old = list(connection.scalars(select(known_person.c.id).where(known_person.c.seen < before).limit(most)))
    connection.execute(delete(person_key).where(person_key.c.person.in_(old)))
    return connection.execute(delete(known_person).where(known_person.c.id.in_(old))).rowcount


def _at_the_period(before: datetime, now: datetime) -> datetime:
    return before


STEPS: tuple[PurgeStep, ...] = (
    _delete(session, "expired", _at_the_period),  # first, or the tombstones set below could be counted as old
    _expire,
    _delete(reply, "at", lambda before, now: max(before, now - REMEMBERED)),  # of no use to anybody any more
    _delete(answer, "at", _at_the_period),
    _delete(inbox, "received", _at_the_period),
    _delete(outbox, "at", _at_the_period),
    _end_of_campaigns,
    _delete(binding, "at", _at_the_period),  # a campaign or a roster that tells of somebody makes it new
    _delete(invitation, "at", _at_the_period),
    _end_of_rosters,
    _end_of_people,
    _delete(form, "seen", _at_the_period),
    _delete(log, "at", _at_the_period),
    _delete(told_wrong, "day", _at_the_period),
    *(_delete(table, "expires", lambda before, now: now) for table in (code, signed_in, share)),
)

PERIODS = (
    session.c.at, reply.c.at, answer.c.at, inbox.c.received, outbox.c.at, campaign.c.at, binding.c.at,
    invitation.c.at, roster.c.created, known_person.c.seen, form.c.seen, log.c.at, told_wrong.c.day,
)  # fmt: skip
"""When each row began that is kept for a period and no longer."""
