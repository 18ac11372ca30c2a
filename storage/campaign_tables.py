"""The tables of notices: campaigns, one notice a person and campaign, who is reached where, and who wants none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import CheckConstraint, Column, Connection, ForeignKey, Index, Table, Text, UniqueConstraint, update

from .database import lots
from .sealing import Sealed
from .tables import OPEN, Moment, columns, empty, metadata, partial_index, serial

EARLY = "early"
"""The reason of somebody who is to be told, and has not had the days yet that they are left."""


class Campaign(NamedTuple):
    """One campaign. `audience`: `roster`, `asked`, or `unopened` or `officers` of the campaign that it `follows`; `owner`: the office
    whose people they are; `source`: the roster's file, and its `digest` when it was last read; `wording`: HR's own words, empty for ours;
    `series`: what it shares with others of one plan; `why` it paused itself; nothing goes out before `not_before` or after `not_after`;
    `days`: so many are left to everybody to open what they were told before."""

    id: str
    title: str
    audience: str
    source: str
    digest: str
    not_after: datetime
    at: datetime
    state: str = "draft"
    why: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    owner: str = ""
    wording: str = ""
    series: str = ""
    follows: str = ""
    not_before: datetime | None = None
    days: int = 0


class NoticeLine(NamedTuple):
    """One line a person and campaign, also of who is left out. While it is `sending` its letter stands in the outbox; what becomes of
    that is noted here. `tried`: channels on which it was refused, and why; `reason` EARLY: it waits, and not for its turn alone."""

    id: int
    campaign: str
    subject: str
    facts: dict[str, Any]
    email: str = ""
    unit: str = ""
    state: str = "waiting"
    reason: str = ""
    channel: str = ""
    address: str = ""
    tried: str = ""
    tries: int = 0
    not_before: datetime | None = None
    platform_id: str = ""
    settled: datetime | None = None
    opened: datetime | None = None

    @property
    def label(self) -> str:
        """What HR knows them by: the id of the facts, where they have one."""
        return str(self.facts.get("id") or self.subject)


class Made(NamedTuple):
    """The notice for a line of a campaign as both stood `at` a moment: by which channel, to which account."""

    line: NoticeLine
    campaign: Campaign
    channel: str
    person: str
    body: bytes
    at: datetime


campaign = Table(
    "campaign",
    metadata,
    *columns(Campaign, id=Column(Text, primary_key=True), source=empty("source"), digest=empty("digest")),
    CheckConstraint("state IN ('draft', 'sending', 'paused', 'done', 'cancelled', 'expired')", name="state"),
)
_OF = ForeignKey("campaign.id", name="fk_notice_campaign_campaign", ondelete="CASCADE")
notice = Table(
    "notice",
    metadata,
    *columns(
        NoticeLine, id=Column(serial, primary_key=True), campaign=Column(Text, _OF, nullable=False),
        facts=Column(Sealed("notice"), nullable=False),
    ),
    CheckConstraint("state IN ('waiting', 'sending', 'told', 'not_told', 'in_doubt', 'left_out')", name="state"),
    UniqueConstraint("campaign", "subject"),
    partial_index("ix_notice_open", "campaign", "channel", "id", where=OPEN),
    Index(None, "channel", "address"),
)  # fmt: skip

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
    for some in lots(sorted(subjects)):
        connection.execute(update(binding).where(binding.c.subject.in_(some), binding.c.at < now).values(at=now))


# A code handed out, as a keyed hash: whoever reads the table cannot bind anybody.
invitation = Table(
    "invitation",
    metadata,
    Column("code", Text, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("used", Moment),
    empty("person"),
)

# Who wants no notices: an account's key or a person of the roster. Kept when data are deleted, for it protects.
silence = Table(
    "silence",
    metadata,
    Column("who", Text, primary_key=True),
    Column("at", Moment, nullable=False),
)
