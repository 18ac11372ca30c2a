"""The tables: what is kept, under which key, and how a moment is stored on both databases alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, get_args, get_type_hints

import sqlalchemy as sa

from .sealing import Sealed

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
AHEAD = timedelta(days=1)
"""More than anything is ever put off by: a moment so far ahead was reckoned by a clock that was wrong, and has been set right."""


def micros(moment: datetime) -> int:
    """Microseconds since 1970 in UTC; refuses a moment without a time zone."""
    return (moment - EPOCH) // _MICROSECOND


class Moment(sa.TypeDecorator[datetime]):
    """An aware datetime kept as microseconds in UTC: the same order, precision and cost on SQLite and PostgreSQL."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


# SQLite numbers rows by itself only in a column that is exactly INTEGER.
serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_KINDS = {str: sa.Text, int: sa.Integer, datetime: Moment, datetime | None: Moment}
OPEN = sa.text("state IN ('waiting', 'sending')")


def columns(row: Any, **own: sa.Column[Any]) -> Iterator[sa.Column[Any]]:
    """A column for each field of a NamedTuple in which rows are read: empty where it may be, with its default, or one's `own`."""
    for name, kind in get_type_hints(row).items():
        default = row._field_defaults.get(name)
        held = None if default is None else sa.text("''") if default == "" else str(default)
        made = own.get(
            name, sa.Column(_KINDS.get(kind, sa.Text), nullable=type(None) in get_args(kind), server_default=held)
        )
        made.name = made.key = name
        yield made


def empty(name: str) -> sa.Column[str]:
    """A text that is empty until there is something to say."""
    return sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''"))


def partial_index(name: str, *columns: str, where: Any) -> sa.Index:
    """An index of some rows alone."""
    return sa.Index(name, *columns, sqlite_where=where, postgresql_where=where)


# One row a person, rewritten every turn: the index of who was silent for long costs each turn a little, and spares a purge of
# years a walk through everybody with the door shut. `session` is NULL in a tombstone: the facts are gone, and `expired` says since when.
session = sa.Table(
    "session",
    metadata,
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("session", Sealed("session")),
    sa.Column("at", Moment, nullable=False),
    sa.Column("expired", Moment),
    partial_index("ix_session_at", "at", where=sa.text("session IS NOT NULL")),
    partial_index("ix_session_expired", "expired", where=sa.text("expired IS NOT NULL")),
)

# What was said to a message, for the time that the same message may come again.
reply = sa.Table(
    "reply",
    metadata,
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("message_id", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("reply", Sealed("reply"), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False, server_default="0"),  # the order, whatever the clock said
    sa.Index(None, "at"),
)

# Every accepted answer, under the revision it made.
answer = sa.Table(
    "answer",
    metadata,
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("revision", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("answer", Sealed("answer"), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index(None, "at"),
)

# What a platform delivered, kept before the platform is told that it arrived. `id` is the order of arrival. A row that
# is done stays without its body, so that the same delivery is known again.
inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("id", serial, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("update_id", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("body", Sealed("inbox"), nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    empty("reason"),
    sa.Column("received", Moment, nullable=False),
    sa.Column("settled", Moment),
    sa.CheckConstraint("state IN ('waiting', 'done', 'poison')", name="state"),
    sa.UniqueConstraint("channel", "account", "update_id"),
    partial_index("ix_inbox_waiting", "person", "id", where=sa.text("state = 'waiting'")),
    sa.Index(None, "person"),
    sa.Index(None, "received"),
)

# The letters on their way out: of `rank` 0 what is said to a person, one bubble a row under the turn's `revision`; of rank 1 the notice
# of a campaign's `line`, which stands here from when it is claimed until it is known what became of it. `person` is the account that
# it goes to, `id` the order, `sender` the process that is sending it since `claimed`. A row that was sent keeps no body.
outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", serial, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("body", Sealed("outbox"), nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    empty("sender"),
    sa.Column("claimed", Moment),
    empty("platform_id"),
    empty("reason"),
    sa.Column("not_before", Moment),
    sa.Column("not_after", Moment),
    sa.Column("rank", sa.Integer, nullable=False, server_default="0"),
    sa.Column("line", sa.BigInteger),
    sa.Column("at", Moment, nullable=False),
    sa.Column("settled", Moment),
    sa.CheckConstraint("state IN ('waiting', 'sending', 'sent', 'refused', 'doubt')", name="state"),
    sa.UniqueConstraint("person", "revision", "ordinal"),
    partial_index("ix_outbox_open", "channel", "person", "id", where=OPEN),
    partial_index("ix_outbox_notice", "person", "settled", where=sa.text("rank = 1")),
    sa.Index(None, "at"),
)

# What was seen last, and when: the clock that was believed, the store that could be written.
seen = sa.Table("seen", metadata, sa.Column("what", sa.Text, primary_key=True), sa.Column("at", Moment, nullable=False))

PERSONAL = (session, reply, answer, inbox, outbox)
"""Every table that holds something of a person, each under the column `person`."""
