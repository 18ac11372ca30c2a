"""The tables: what is kept, under which key, and how a moment is stored on both databases alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Dialect,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

from .sealing import Sealed

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
AHEAD = timedelta(days=1)
"""More than anything is ever put off by: a moment so far ahead was reckoned by a clock that was wrong, and has been set right."""


def micros(moment: datetime) -> int:
    """Microseconds since 1970 in UTC; refuses a moment without a time zone."""
    return (moment - EPOCH) // _MICROSECOND


class Moment(TypeDecorator[datetime]):
    """An aware datetime kept as microseconds in UTC: the same order, precision and cost on SQLite and PostgreSQL."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


# SQLite numbers rows by itself only in a column that is exactly INTEGER.
serial = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# One row a person, rewritten every turn: the index of who was silent for long costs each turn a little, and spares a purge of
# years a walk through everybody with the door shut. `session` is NULL in a tombstone: the facts are gone, and `expired` says since when.
session = Table(
    "session",
    metadata,
    Column("person", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("session", Sealed("session")),
    Column("at", Moment, nullable=False),
    Column("expired", Moment),
    Index(
        "ix_session_at", "at", sqlite_where=text("session IS NOT NULL"), postgresql_where=text("session IS NOT NULL")
    ),
    Index(
        "ix_session_expired",
        "expired",
        sqlite_where=text("expired IS NOT NULL"),
        postgresql_where=text("expired IS NOT NULL"),
    ),
)

# What was said to a message, for the time that the same message may come again.
reply = Table(
    "reply",
    metadata,
    Column("person", Text, primary_key=True),
    Column("message_id", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("reply", Sealed("reply"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("revision", BigInteger, nullable=False, server_default="0"),  # the order, whatever the clock said
    Index(None, "at"),
)

# Every accepted answer, under the revision it made.
answer = Table(
    "answer",
    metadata,
    Column("person", Text, primary_key=True),
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("answer", Sealed("answer"), nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "at"),
)

# What a platform delivered, kept before the platform is told that it arrived. `id` is the order of arrival. A row that
# is done stays without its body, so that the same delivery is known again.
inbox = Table(
    "inbox",
    metadata,
    Column("id", serial, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("update_id", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("body", Sealed("inbox"), nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("received", Moment, nullable=False),
    Column("settled", Moment),
    CheckConstraint("state IN ('waiting', 'done', 'poison')", name="state"),
    UniqueConstraint("channel", "account", "update_id"),
    Index(
        "ix_inbox_waiting",
        "person",
        "id",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(None, "person"),
    Index(None, "received"),
)

# The letters on their way out: of `rank` 0 what is said to a person, one bubble a row under the turn's `revision`; of rank 1 the notice
# of a campaign's `line`, which stands here from when it is made until it is known what became of it. `person` is the account that
# it goes to, `id` the order, `sender` the process that is sending it since `claimed`. A row that was sent keeps no body.
outbox = Table(
    "outbox",
    metadata,
    Column("id", serial, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("body", Sealed("outbox"), nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("sender", Text, nullable=False, server_default=text("''")),
    Column("claimed", Moment),
    Column("platform_id", Text, nullable=False, server_default=text("''")),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("not_before", Moment),
    Column("not_after", Moment),
    Column("rank", Integer, nullable=False, server_default="0"),
    Column("line", BigInteger),
    Column("at", Moment, nullable=False),
    Column("settled", Moment),
    CheckConstraint("state IN ('waiting', 'sending', 'sent', 'refused', 'doubt')", name="state"),
    UniqueConstraint("person", "revision", "ordinal"),
    Index(
        "ix_outbox_open",
        "channel",
        "person",
        "id",
        sqlite_where=text("state IN ('waiting', 'sending')"),
        postgresql_where=text("state IN ('waiting', 'sending')"),
    ),
    Index("ix_outbox_notice", "person", "settled", sqlite_where=text("rank = 1"), postgresql_where=text("rank = 1")),
    Index(None, "at"),
)

# What was seen last, and when: the clock that was believed, the store that could be written.
seen = Table("seen", metadata, Column("what", Text, primary_key=True), Column("at", Moment, nullable=False))

PERSONAL = (session, reply, answer, inbox, outbox)
"""Every table that holds something of a person, each under the column `person`."""
