"""What is kept for the HR pages: who was invited, one-time codes, sessions, whose roster is whose, who looked at what."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    delete,
    insert,
    select,
    update,
)

from .database import upsert
from .tables import Moment, metadata

_Serial = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only in a column that is INTEGER

account = Table(
    "hr_account",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("revoked", Moment),
    CheckConstraint("role IN ('staff', 'manager')", name="role"),
    UniqueConstraint("name"),
)

# A code is kept only as its digest, and goes when it is used.
code = Table(
    "hr_code",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("account", BigInteger, nullable=False),
    Column("expires", Moment, nullable=False),
)

session = Table(
    "hr_session",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("account", BigInteger, nullable=False),
    Column("csrf", Text, nullable=False),
    Column("seen", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
)

roster = Table(
    "hr_roster",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("state", Text, nullable=False, server_default="{}"),
    Column("run", Integer, nullable=False, server_default="0"),  # the result that stands
    Column("removed", Moment),  # put away, and gone a day later
    Index(None, "created"),
)

log = Table(
    "hr_log",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Index(None, "at"),
)


# What people say of answers, a row a day however often: nothing in it leads to anybody.
told_wrong = Table(
    "hr_report",
    metadata,
    Column("day", Moment, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("words", Text, primary_key=True),
)


class Account(NamedTuple):
    """Somebody invited."""

    id: int
    name: str
    role: str
    created: datetime
    revoked: datetime | None


class SignedIn(NamedTuple):
    """Somebody signed in."""

    account: Account
    csrf: str
    seen: datetime


class KeptRoster(NamedTuple):
    """A roster that somebody uploaded."""

    id: str
    owner: int
    name: str
    created: datetime
    state: str  # JSON
    run: int
    removed: datetime | None


class Reported(NamedTuple):
    """What was said of the answer of a topic."""

    day: datetime
    topic: str
    words: str


class Looked(NamedTuple):
    """A line of the log."""

    at: datetime
    who: str
    action: str
    subject: str


_ACCOUNT = (account.c.id, account.c.name, account.c.role, account.c.created, account.c.revoked)


def invite(connection: Connection, *, name: str, role: str, digest: str, expires: datetime, now: datetime) -> Account:
    """The account of that name with that role, made or opened again; the code is the only one that opens it now."""
    known = connection.scalar(select(account.c.id).where(account.c.name == name))
    if known is None:
        made = insert(account).values(name=name, role=role, created=now).returning(account.c.id)
        known = connection.execute(made).scalar_one()
    else:
        connection.execute(update(account).where(account.c.id == known).values(role=role, revoked=None))
    connection.execute(delete(code).where(code.c.account == known))
    connection.execute(insert(code).values(digest=digest, account=known, expires=expires))
    row = connection.execute(select(*_ACCOUNT).where(account.c.id == known)).one()
    return Account(*row)


def redeemable(connection: Connection, *, digest: str, now: datetime) -> bool:
    """Whether there is such a code, good still, of somebody who was not revoked."""
    found = select(code.c.account).join(account, account.c.id == code.c.account)
    good = found.where(code.c.digest == digest, code.c.expires > now, account.c.revoked.is_(None))
    return connection.scalar(good) is not None


def redeem(
    connection: Connection, *, digest: str, token: str, csrf: str, expires: datetime, now: datetime
) -> Account | None:
    """Trades a code for a session, once; None where there is no such code, it is too old or its owner was revoked."""
    found = connection.execute(
        select(*_ACCOUNT)
        .join(code, code.c.account == account.c.id)
        .where(code.c.digest == digest, code.c.expires > now, account.c.revoked.is_(None))
    ).one_or_none()
    used = connection.execute(delete(code).where(code.c.digest == digest)).rowcount
    if found is None or not used:
        return None
    who = Account(*found)
    connection.execute(insert(session).values(digest=token, account=who.id, csrf=csrf, seen=now, expires=expires))
    return who


def signed_in(connection: Connection, *, token: str, idle_since: datetime, now: datetime) -> SignedIn | None:
    """Whose session this is, while it lasts."""
    row = connection.execute(
        select(*_ACCOUNT, session.c.csrf, session.c.seen)
        .join(session, session.c.account == account.c.id)
        .where(
            session.c.digest == token,
            session.c.expires > now,
            session.c.seen > idle_since,
            account.c.revoked.is_(None),
        )
    ).one_or_none()
    return None if row is None else SignedIn(Account(*row[:5]), row[5], row[6])


def touch(connection: Connection, *, token: str, now: datetime) -> None:
    """The session was used."""
    connection.execute(update(session).where(session.c.digest == token).values(seen=now))


def sign_out(connection: Connection, *, token: str) -> None:
    """Ends a session."""
    connection.execute(delete(session).where(session.c.digest == token))


def accounts(connection: Connection) -> list[Account]:
    """Everybody who was ever invited."""
    return [Account(*row) for row in connection.execute(select(*_ACCOUNT).order_by(account.c.id))]


def revoke(connection: Connection, *, id: int, now: datetime) -> bool:
    """Shuts an account: its sessions and codes end at once. False where there is none that was open."""
    shut = connection.execute(
        update(account).where(account.c.id == id, account.c.revoked.is_(None)).values(revoked=now)
    ).rowcount
    for table in (code, session):
        connection.execute(delete(table).where(table.c.account == id))
    return shut > 0


def keep_roster(connection: Connection, *, id: str, owner: int, name: str, now: datetime, state: str) -> None:
    """A roster was uploaded."""
    connection.execute(insert(roster).values(id=id, owner=owner, name=name, created=now, state=state))


def rosters(connection: Connection, *, owner: int | None = None, id: str | None = None) -> list[KeptRoster]:
    """Rosters, the newest first; of one owner, or the one of an id."""
    columns = (roster.c[name] for name in KeptRoster._fields)
    wanted = select(*columns).order_by(roster.c.created.desc())
    if owner is not None:
        wanted = wanted.where(roster.c.owner == owner)
    if id is not None:
        wanted = wanted.where(roster.c.id == id)
    return [KeptRoster(*row) for row in connection.execute(wanted)]


def note(connection: Connection, *, who: str, action: str, subject: str, now: datetime) -> None:
    """Somebody did something."""
    connection.execute(insert(log).values(at=now, who=who, action=action, subject=subject))


def looked(connection: Connection, *, limit: int, who: str = "", action: str = "", search: str = "") -> list[Looked]:
    """The log, the newest first; of somebody, of one thing done, of what a text stands in."""
    lines = select(log.c.at, log.c.who, log.c.action, log.c.subject).order_by(log.c.id.desc()).limit(limit)
    for column, value in ((log.c.who, who), (log.c.action, action)):
        lines = lines.where(column == value) if value else lines
    lines = lines.where(log.c.subject.contains(search, autoescape=True)) if search else lines
    return [Looked(*row) for row in connection.execute(lines)]


def report(connection: Connection, *, day: datetime, topic: str, words: str) -> None:
    """An answer was said to be wrong."""
    row = {"day": day, "topic": topic, "words": words}
    connection.execute(upsert(connection, told_wrong).on_conflict_do_nothing(), row)


def reported(connection: Connection, *, limit: int) -> list[Reported]:
    """What was said of answers, the newest first."""
    columns = [told_wrong.c[name] for name in Reported._fields]
    lines = select(*columns).order_by(told_wrong.c.day.desc(), told_wrong.c.topic, told_wrong.c.words).limit(limit)
    return [Reported(*row) for row in connection.execute(lines)]


def purge(connection: Connection, *, before: datetime, now: datetime) -> int:
    """Deletes log lines and reports older than `before`, and codes and sessions that are over; the number of rows."""
    gone: list[Any] = [
        delete(log).where(log.c.at < before),
        delete(told_wrong).where(told_wrong.c.day < before),
        delete(code).where(code.c.expires < now),
        delete(session).where(session.c.expires < now),
    ]
    return sum(connection.execute(statement).rowcount for statement in gone)
