"""What is kept for the HR pages: who was invited, one-time codes, sessions, whose roster is whose, who looked at what."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from .database import upsert
from .tables import Moment, columns, metadata, serial


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
    """A roster that somebody uploaded. `state`: JSON; `run`: the result that stands; `removed`: when it was put away, gone a day later."""

    id: str
    owner: int
    name: str
    created: datetime
    state: str = "{}"
    run: int = 0
    removed: datetime | None = None


class Reported(NamedTuple):
    """What was said of the answer of a topic, a row a day however often: nothing in it leads to anybody."""

    day: datetime
    topic: str
    words: str


class Looked(NamedTuple):
    """A line of the log."""

    at: datetime
    who: str
    action: str
    subject: str


account = sa.Table(
    "hr_account",
    metadata,
    *columns(Account, id=sa.Column(serial, primary_key=True)),
    sa.CheckConstraint("role IN ('staff', 'manager')", name="role"),
    sa.UniqueConstraint("name"),
)

# A code is kept only as its digest, and goes when it is used.
code = sa.Table(
    "hr_code",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("account", sa.BigInteger, nullable=False),
    sa.Column("expires", Moment, nullable=False),
)

session = sa.Table(
    "hr_session",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("account", sa.BigInteger, nullable=False),
    sa.Column("csrf", sa.Text, nullable=False),
    sa.Column("seen", Moment, nullable=False),
    sa.Column("expires", Moment, nullable=False),
)

roster = sa.Table(
    "hr_roster",
    metadata,
    *columns(KeptRoster, id=sa.Column(sa.Text, primary_key=True), owner=sa.Column(sa.BigInteger, nullable=False)),
    sa.Index(None, "created"),
)

log = sa.Table("hr_log", metadata, sa.Column("id", serial, primary_key=True), *columns(Looked), sa.Index(None, "at"))
told_wrong = sa.Table("hr_report", metadata, *columns(Reported), sa.PrimaryKeyConstraint("day", "topic", "words"))

_ACCOUNT = tuple(account.c[name] for name in Account._fields)


def invite(
    connection: sa.Connection, *, name: str, role: str, digest: str, expires: datetime, now: datetime
) -> Account:
    """The account of that name with that role, made or opened again; the code is the only one that opens it now."""
    known = connection.scalar(sa.select(account.c.id).where(account.c.name == name))
    if known is None:
        made = sa.insert(account).values(name=name, role=role, created=now).returning(account.c.id)
        known = connection.execute(made).scalar_one()
    else:
        connection.execute(sa.update(account).where(account.c.id == known).values(role=role, revoked=None))
    connection.execute(sa.delete(code).where(code.c.account == known))
    connection.execute(sa.insert(code).values(digest=digest, account=known, expires=expires))
    row = connection.execute(sa.select(*_ACCOUNT).where(account.c.id == known)).one()
    return Account(*row)


def redeemable(connection: sa.Connection, *, digest: str, now: datetime) -> bool:
    """Whether there is such a code, good still, of somebody who was not revoked."""
    found = sa.select(code.c.account).join(account, account.c.id == code.c.account)
    good = found.where(code.c.digest == digest, code.c.expires > now, account.c.revoked.is_(None))
    return connection.scalar(good) is not None


def redeem(
    connection: sa.Connection, *, digest: str, token: str, csrf: str, expires: datetime, now: datetime
) -> Account | None:
    """Trades a code for a session, once; None where there is no such code, it is too old or its owner was revoked."""
    found = connection.execute(
        sa.select(*_ACCOUNT)
        .join(code, code.c.account == account.c.id)
        .where(code.c.digest == digest, code.c.expires > now, account.c.revoked.is_(None))
    ).one_or_none()
    used = connection.execute(sa.delete(code).where(code.c.digest == digest)).rowcount
    if found is None or not used:
        return None
    who = Account(*found)
    connection.execute(sa.insert(session).values(digest=token, account=who.id, csrf=csrf, seen=now, expires=expires))
    return who


def signed_in(connection: sa.Connection, *, token: str, idle_since: datetime, now: datetime) -> SignedIn | None:
    """Whose session this is, while it lasts."""
    row = connection.execute(
        sa.select(*_ACCOUNT, session.c.csrf, session.c.seen)
        .join(session, session.c.account == account.c.id)
        .where(
            session.c.digest == token,
            session.c.expires > now,
            session.c.seen > idle_since,
            account.c.revoked.is_(None),
        )
    ).one_or_none()
    return None if row is None else SignedIn(Account(*row[:5]), row[5], row[6])


def touch(connection: sa.Connection, *, token: str, now: datetime) -> None:
    """The session was used."""
    connection.execute(sa.update(session).where(session.c.digest == token).values(seen=now))


def sign_out(connection: sa.Connection, *, token: str) -> None:
    """Ends a session."""
    connection.execute(sa.delete(session).where(session.c.digest == token))


def accounts(connection: sa.Connection) -> list[Account]:
    """Everybody who was ever invited."""
    return [Account(*row) for row in connection.execute(sa.select(*_ACCOUNT).order_by(account.c.id))]


def revoke(connection: sa.Connection, *, id: int, now: datetime) -> bool:
    """Shuts an account: its sessions and codes end at once. False where there is none that was open."""
    shut = connection.execute(
        sa.update(account).where(account.c.id == id, account.c.revoked.is_(None)).values(revoked=now)
    ).rowcount
    for table in (code, session):
        connection.execute(sa.delete(table).where(table.c.account == id))
    return shut > 0


def keep_roster(connection: sa.Connection, *, id: str, owner: int, name: str, now: datetime, state: str) -> None:
    """A roster was uploaded."""
    connection.execute(sa.insert(roster).values(id=id, owner=owner, name=name, created=now, state=state))


def rosters(connection: sa.Connection, *, owner: int | None = None, id: str | None = None) -> list[KeptRoster]:
    """Rosters, the newest first; of one owner, or the one of an id."""
    columns = (roster.c[name] for name in KeptRoster._fields)
    wanted = sa.select(*columns).order_by(roster.c.created.desc())
    if owner is not None:
        wanted = wanted.where(roster.c.owner == owner)
    if id is not None:
        wanted = wanted.where(roster.c.id == id)
    return [KeptRoster(*row) for row in connection.execute(wanted)]


def note(connection: sa.Connection, *, who: str, action: str, subject: str, now: datetime) -> None:
    """Somebody did something."""
    connection.execute(sa.insert(log).values(at=now, who=who, action=action, subject=subject))


def looked(connection: sa.Connection, *, limit: int, who: str = "", action: str = "", search: str = "") -> list[Looked]:
    """The log, the newest first; of somebody, of one thing done, of what a text stands in."""
    lines = sa.select(log.c.at, log.c.who, log.c.action, log.c.subject).order_by(log.c.id.desc()).limit(limit)
    for column, value in ((log.c.who, who), (log.c.action, action)):
        lines = lines.where(column == value) if value else lines
    lines = lines.where(log.c.subject.contains(search, autoescape=True)) if search else lines
    return [Looked(*row) for row in connection.execute(lines)]


def report(connection: sa.Connection, *, day: datetime, topic: str, words: str) -> None:
    """An answer was said to be wrong."""
    row = {"day": day, "topic": topic, "words": words}
    connection.execute(upsert(connection, told_wrong).on_conflict_do_nothing(), row)


def reported(connection: sa.Connection, *, limit: int) -> list[Reported]:
    """What was said of answers, the newest first."""
    columns = [told_wrong.c[name] for name in Reported._fields]
    lines = sa.select(*columns).order_by(told_wrong.c.day.desc(), told_wrong.c.topic, told_wrong.c.words).limit(limit)
    return [Reported(*row) for row in connection.execute(lines)]
