"""Rosters of HR: the files sealed, everybody in them, and who is the same person from one month to the next."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from .campaign_tables import still_known
from .database import lots, upsert
from .hr import account, roster
from .sealing import Sealed
from .tables import Moment, columns, metadata

PIECE = 1 << 20  # bytes of a file in one row

file = sa.Table(
    "hr_roster_file",
    metadata,
    sa.Column("roster", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("content", Sealed("hr_roster_file"), nullable=False),
    sa.PrimaryKeyConstraint("roster", "kind", "part"),
)

# Somebody of one office, known by digests of what rosters tell them by: never by an identity number itself.
person = sa.Table(
    "hr_person",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("owner", sa.BigInteger, nullable=False),
    sa.Column("seen", Moment, nullable=False),
    sa.Column("mark", sa.Text),  # left, retired
    sa.Index(None, "seen"),
)

person_key = sa.Table(
    "hr_person_key",
    metadata,
    sa.Column("owner", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("owner", "digest"),
    sa.Index(None, "person"),
)

# What was said of an office's files, by their form, for the next of them.
form = sa.Table(
    "hr_form",
    metadata,
    sa.Column("owner", sa.BigInteger, nullable=False),
    sa.Column("shape", sa.Text, nullable=False),
    sa.Column("mapping", Sealed("hr_form"), nullable=False),
    sa.Column("seen", Moment, nullable=False),
    sa.PrimaryKeyConstraint("owner", "shape"),
)


class Share(NamedTuple):
    """A link to the people of one unit: a page for whoever has it, of which only the digest is kept."""

    digest: str
    roster: str
    unit: str
    made_by: str
    expires: datetime


share = sa.Table(
    "hr_share", metadata, *columns(Share, digest=sa.Column(sa.Text, primary_key=True)), sa.Index(None, "roster")
)

# `run` tells the result that stands from the one that is being made.
entry = sa.Table(
    "hr_roster_person",
    metadata,
    sa.Column("roster", sa.Text, nullable=False),
    sa.Column("run", sa.Integer, nullable=False),
    sa.Column("at", sa.Integer, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("ident", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("short_total", sa.Float, nullable=False),
    sa.Column("low", sa.Integer, nullable=False),
    sa.Column("line", Sealed("hr_roster_person"), nullable=False),
    sa.PrimaryKeyConstraint("roster", "run", "at"),
    sa.Index(None, "roster", "run", "status"),
    sa.Index(None, "roster", "run", "unit"),
    sa.Index(None, "person"),
)

LISTED = ("at", "person", "ident", "name", "unit", "level", "status", "short_total", "line")
ORDERS = ("at", "ident", "name", "unit", "level", "status", "short_total")


class PeopleFilter(NamedTuple):
    """Which people of a roster; "" for all, — for those who tell none."""

    status: str = ""
    unit: str = ""
    level: str = ""
    low: bool = False
    search: str = ""
    order: str = "at"  # one of ORDERS, a minus before it turns it round


def keep_file(connection: sa.Connection, *, roster: str, kind: str, part: int, content: bytes) -> None:
    """One piece of a file; the first drops what stood there before."""
    if part == 0:
        connection.execute(sa.delete(file).where(file.c.roster == roster, file.c.kind == kind))
    connection.execute(sa.insert(file).values(roster=roster, kind=kind, part=part, content=content))


def piece(connection: sa.Connection, *, roster: str, kind: str, part: int) -> bytes | None:
    """One piece of a file, None past its end."""
    found = connection.execute(
        sa.select(file.c.content).where(file.c.roster == roster, file.c.kind == kind, file.c.part == part)
    ).one_or_none()
    return None if found is None else bytes(found[0])


def tell(connection: sa.Connection, /, *, id: str, **told: Any) -> None:
    """How a roster stands: its `state`, as JSON; since when it is `removed`, put away, or None to bring it back."""
    connection.execute(sa.update(roster).where(roster.c.id == id).values(told))


def renew(connection: sa.Connection, *, id: str, before: str, state: str) -> bool:
    """How a roster stands, where it still stood as `before`; else False, and nothing is changed."""
    same = sa.update(roster).where(roster.c.id == id, roster.c.state == before)
    return connection.execute(same.values(state=state)).rowcount == 1


def undo(connection: sa.Connection, *, id: str, run: int) -> None:
    """Takes back what a process has kept of a run that it did not live to end."""
    connection.execute(sa.delete(entry).where(entry.c.roster == id, entry.c.run == run))


def stands(connection: sa.Connection, *, id: str, run: int, state: str) -> None:
    """A run is the one that stands from now on; those before go."""
    tell(connection, id=id, run=run, state=state)
    connection.execute(sa.delete(entry).where(entry.c.roster == id, entry.c.run != run))


def forms(connection: sa.Connection, *, owner: int) -> dict[str, bytes]:
    """What was said of an owner's files, by their form."""
    found = connection.execute(sa.select(form.c.shape, form.c.mapping).where(form.c.owner == owner))
    return {shape: bytes(mapping) for shape, mapping in found}


def keep_form(connection: sa.Connection, *, owner: int, shape: str, mapping: bytes, now: datetime) -> None:
    """What was said of a file, for the next of its form; with b"" nothing."""
    connection.execute(sa.delete(form).where(form.c.owner == owner, form.c.shape == shape))
    if mapping:
        connection.execute(sa.insert(form).values(owner=owner, shape=shape, mapping=mapping, seen=now))


# ---------------------------------------------------------------- people


def identify(
    connection: sa.Connection, *, owner: int, now: datetime, people: Sequence[Sequence[str]], id: str = "", run: int = 0
) -> list[str]:
    """Who each of these is in an office, by the digests that they are known by, each beginning with its kind: whoever was known before
    under one of them, the surest of everybody first, unless they are told apart by a surer one; nobody twice in the run of a roster."""
    known: dict[str, str] = {}
    for some in lots(sorted({key for keys in people for key in keys})):
        held = sa.select(_DIGEST, _PERSON).where(person_key.c.owner == owner, _DIGEST.in_(some))
        known.update((digest, one) for digest, one in connection.execute(held))
    gone, found, sure = set[str](), [""] * len(people), set[str]()
    for some in lots(sorted(set(known.values()))):
        sure.update(connection.scalars(sa.select(_PERSON).where(_PERSON.in_(some), _DIGEST.startswith(KINDS[0]))))
        there = entry.c.roster == id, entry.c.run == run, entry.c.person.in_(some)
        gone.update(connection.scalars(sa.select(entry.c.person).where(*there)) if id else ())
    for kind in KINDS:
        for at, keys in enumerate(people):
            for key in keys:
                one = known.get(key, "")
                apart = kind != KINDS[0] and one in sure and keys[0][0] == KINDS[0]
                if key[0] == kind and one and not found[at] and one not in gone and not apart:
                    found[at] = one
                    gone.add(one)
    seen = sorted(one for one in found if one)
    found = [one or "p" + secrets.token_hex(12) for one in found]
    if new := sorted(set(found) - set(seen)):
        connection.execute(sa.insert(person), [{"id": one, "owner": owner, "seen": now} for one in new])
    fresh = {key: one for one, keys in zip(found, people, strict=True) for key in keys if key not in known}
    if fresh:
        keys_of = [{"owner": owner, "digest": key, "person": one} for key, one in fresh.items()]
        connection.execute(
            upsert(connection, person_key).on_conflict_do_nothing(), keys_of
        )  # another file of theirs, now
    for some in lots(seen):
        connection.execute(sa.update(person).where(person.c.id.in_(some)).values(seen=now))
    still_known(connection, seen, now)
    return found


def put(
    connection: sa.Connection, *, id: str, owner: int, run: int, now: datetime, lines: Sequence[Mapping[str, Any]]
) -> None:
    """Some people of a run: each with `keys`, the digests that they are known by, and what is kept of them."""
    if not lines:
        return
    keys = [line["keys"] for line in lines]
    who = identify(connection, owner=owner, now=now, people=keys, id=id, run=run)
    rows = [
        {"roster": id, "run": run, "person": mine, **{name: line[name] for name in _KEPT}}
        for line, mine in zip(lines, who, strict=True)
    ]
    connection.execute(sa.insert(entry), rows)


KINDS = "cinr"
"""Of the digests that people are known by, the surest first: identity number; 工号 with unit and name; unit and name; a row of one file."""
_DIGEST, _PERSON = person_key.c.digest, person_key.c.person
_KEPT = ("at", "ident", "name", "unit", "level", "status", "short_total", "low", "line")


def _where(id: str, wanted: PeopleFilter) -> Any:
    parts = [entry.c.roster == id, entry.c.run == sa.select(roster.c.run).where(roster.c.id == id).scalar_subquery()]
    told = {name: getattr(wanted, name) for name in ("status", "unit", "level")}
    parts += [entry.c[name] == ("" if value == "—" else value) for name, value in told.items() if value]
    if wanted.low:
        parts.append(entry.c.low == 1)
    if wanted.search:
        parts.append(sa.or_(entry.c.ident == wanted.search, entry.c.name.contains(wanted.search, autoescape=True)))
    return sa.and_(*parts)


def count(connection: sa.Connection, *, id: str, wanted: PeopleFilter) -> int:
    """How many people of a roster."""
    return connection.scalar(sa.select(sa.func.count()).select_from(entry).where(_where(id, wanted))) or 0


def listed(
    connection: sa.Connection, *, id: str, wanted: PeopleFilter, limit: int | None = None, offset: int = 0
) -> list[dict[str, Any]]:
    """Some people of a roster in the order wanted, with what a list shows and how they are marked."""
    columns = [*(entry.c[name] for name in LISTED), person.c.mark]
    name = wanted.order.removeprefix("-")
    by = entry.c[name if name in ORDERS else "at"]
    found = (
        sa.select(*columns)
        .join(person, person.c.id == entry.c.person, isouter=True)
        .where(_where(id, wanted))
        .order_by(by.desc() if wanted.order.startswith("-") else by, entry.c.at)
        .limit(limit)
        .offset(offset)
    )
    return [dict(row._mapping) for row in connection.execute(found)]


def set_mark(connection: sa.Connection, *, id: str, mark: str | None) -> None:
    """Marks somebody as gone: `left` or `retired`; None takes it back."""
    connection.execute(sa.update(person).where(person.c.id == id).values(mark=mark))


def owner(connection: sa.Connection, *, name: str) -> int | None:
    """The number of the office of that name, an account's; None where there is none."""
    return connection.scalar(sa.select(account.c.id).where(account.c.name == name))


def marks(connection: sa.Connection, *, id: str) -> dict[str, str]:
    """The people of a roster who are marked as gone."""
    found = sa.select(person.c.id, person.c.mark).join(entry, entry.c.person == person.c.id)
    found = found.where(entry.c.roster == id, person.c.mark.is_not(None))
    return {row[0]: row[1] for row in connection.execute(found)}


# ---------------------------------------------------------------- links to one unit


def keep_share(connection: sa.Connection, *, one: Share) -> None:
    """A link was made."""
    connection.execute(sa.insert(share).values(**one._asdict()))


def shares(connection: sa.Connection, *, now: datetime, digest: str = "", roster: str = "") -> list[Share]:
    """The links that still open, of a digest or of a roster."""
    columns = [share.c[name] for name in Share._fields]
    which = share.c.digest == digest if digest else share.c.roster == roster
    return [Share(*row) for row in connection.execute(sa.select(*columns).where(which, share.c.expires > now))]


def close_share(connection: sa.Connection, *, roster: str, digest: str) -> None:
    """A link opens no more."""
    connection.execute(sa.delete(share).where(share.c.roster == roster, share.c.digest == digest))


def lines(connection: sa.Connection, *, id: str, at: int | None = None) -> Iterator[tuple[int, str, bytes]]:
    """Place, person and all that is kept, of everybody or of one."""
    found = sa.select(entry.c.at, entry.c.person, entry.c.line).where(_where(id, PeopleFilter())).order_by(entry.c.at)
    for row in connection.execute(found if at is None else found.where(entry.c.at == at)):
        yield row[0], row[1], bytes(row[2])


def everybody(connection: sa.Connection, *, id: str) -> list[tuple[int, str, str, bytes]]:
    """Place, person, mark and all that is kept, of everybody."""
    found = sa.select(entry.c.at, entry.c.person, person.c.mark, entry.c.line).join(
        person, person.c.id == entry.c.person, isouter=True
    )
    rows = connection.execute(found.where(_where(id, PeopleFilter())).order_by(entry.c.at))
    return [(at, who, mark or "", bytes(line)) for at, who, mark, line in rows]


def beside(connection: sa.Connection, *, id: str, at: int, wanted: PeopleFilter) -> tuple[int | None, int | None]:
    """The places before and after one among the people wanted."""
    where = _where(id, wanted)
    before = connection.scalar(sa.select(sa.func.max(entry.c.at)).where(where, entry.c.at < at))
    after = connection.scalar(sa.select(sa.func.min(entry.c.at)).where(where, entry.c.at > at))
    return before, after


def of_person(connection: sa.Connection, *, person: str) -> list[tuple[str, int, str, bytes]]:
    """Somebody in every roster that stands, the latest first: roster, place, status and what is kept."""
    found = (
        sa.select(entry.c.roster, entry.c.at, entry.c.status, entry.c.line)
        .join(roster, sa.and_(roster.c.id == entry.c.roster, roster.c.run == entry.c.run))
        .where(entry.c.person == person, roster.c.removed.is_(None))
        .order_by(roster.c.created.desc())
    )
    return [(row[0], row[1], row[2], bytes(row[3])) for row in connection.execute(found)]
