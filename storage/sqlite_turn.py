"""SQLite's statements of a turn and of a load, built by SQLAlchemy and compiled once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, and_, bindparam, exists, literal_column, not_, null, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.expression import ClauseElement

from .entry import TurnEntry
from .tables import answer, inbox, outbox, reply, session


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
    {name: bindparam(name) for name in ("person", "message_id", "digest", "reply")}
    | {"at": _number("at"), "revision": _number("revision")}
)
_REPLY = _compiled(
    # Only a row past its 48 hours can be in the way: `_taken` has excluded the others.
    _insert_reply.on_conflict_do_update(
        index_elements=["person", "message_id"],
        set_={name: _insert_reply.excluded[name] for name in ("digest", "reply", "at", "revision")},
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
        person=bindparam("person"),
        revision=_number("revision"),
        ordinal=bindparam("ordinal"),
        body=bindparam("body"),
        at=_number("at"),
    )
)
LOAD = _compiled(
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


def write(cursor: Any, entry: TurnEntry) -> bool:
    """The first statement decides whether it may be written at all, so nothing is ever to be undone."""
    values = {name: getattr(entry, name) for name in TurnEntry.__slots__}
    cursor.execute(_NEXT if entry.expected else _FIRST, values)
    if cursor.rowcount != 1:
        return False
    cursor.execute(_REPLY, values)
    if entry.answer is not None:
        cursor.execute(_ANSWER, values)
    if entry.inbox is not None:
        cursor.execute(_SETTLED, values)
    for ordinal, body in enumerate(entry.parts):
        cursor.execute(_PART, values | {"ordinal": ordinal, "body": body})
    return True
