"""The tables of notices: campaigns, one notice a person and campaign, who is reached where, and who wants none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
    update,
)

from .sealing import Sealed
from .tables import Moment, metadata, serial

campaign = Table(
    "campaign",
    metadata,
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("audience", Text, nullable=False),  # 'roster', 'asked', 'unopened', 'officers'
    Column("follows", Text, nullable=False, server_default=text("''")),  # the campaign from whose report it is made
    Column("owner", Text, nullable=False, server_default=text("''")),  # the office whose people they are
    Column("source", Text, nullable=False, server_default=text("''")),  # the roster's file
    Column("digest", Text, nullable=False, server_default=text("''")),  # what the file held when it was last read
    Column("wording", Text, nullable=False, server_default=text("''")),  # HR's own words, empty for ours
    Column("series", Text, nullable=False, server_default=text("''")),  # what makes several campaigns one plan
    Column("state", Text, nullable=False, server_default="draft"),
    Column("why", Text, nullable=False, server_default=text("''")),  # why it paused itself
    Column("not_before", Moment),
    Column("not_after", Moment, nullable=False),
    Column("at", Moment, nullable=False),
    Column("started", Moment),
    Column("ended", Moment),
    CheckConstraint("state IN ('draft', 'sending', 'paused', 'done', 'cancelled', 'expired')", name="state"),
)

# One line a person and campaign, also of who is left out. While it is `sending` its letter stands in the outbox; what becomes of that
# is noted here. `tried`: channels on which it was refused, and why.
notice = Table(
    "notice",
    metadata,
    Column("id", serial, primary_key=True),
    Column(
        "campaign",
        Text,
        ForeignKey("campaign.id", name="fk_notice_campaign_campaign", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("subject", Text, nullable=False),
    Column("facts", Sealed("notice"), nullable=False),
    Column("email", Text, nullable=False, server_default=text("''")),
    Column("unit", Text, nullable=False, server_default=text("''")),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("channel", Text, nullable=False, server_default=text("''")),
    Column("address", Text, nullable=False, server_default=text("''")),
    Column("tried", Text, nullable=False, server_default=text("''")),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("not_before", Moment),
    Column("platform_id", Text, nullable=False, server_default=text("''")),
    Column("settled", Moment),
    Column("opened", Moment),
    CheckConstraint("state IN ('waiting', 'sending', 'told', 'not_told', 'in_doubt', 'left_out')", name="state"),
    UniqueConstraint("campaign", "subject"),
    Index(
        "ix_notice_open",
        "campaign",
        "channel",
        "id",
        sqlite_where=text("state IN ('waiting', 'sending')"),
        postgresql_where=text("state IN ('waiting', 'sending')"),
    ),
    Index(None, "channel", "address"),
)

# An account that a person has bound; `person` is the key under which the conversation knows it.
binding = Table(
    "binding",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "person"),
)


def still_known(connection: Connection, subjects: Iterable[str], now: datetime) -> None:
    """Somebody tells of these people again: whoever has bound an account stays bound."""
    known = sorted(subjects)
    for first in range(0, len(known), 500):
        some = binding.c.subject.in_(known[first : first + 500])
        connection.execute(update(binding).where(some, binding.c.at < now).values(at=now))


# A code handed out, as a keyed hash: whoever reads the table cannot bind anybody.
invitation = Table(
    "invitation",
    metadata,
    Column("code", Text, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("used", Moment),
    Column("person", Text, nullable=False, server_default=text("''")),
)

# Who wants no notices: an account's key or a person of the roster. Kept when data are deleted, for it protects.
silence = Table(
    "silence",
    metadata,
    Column("who", Text, primary_key=True),
    Column("at", Moment, nullable=False),
)
