"""Rosters of HR: the files sealed, everybody in them, and who is the same person from one month to the next."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from .campaign_tables import still_known
from .database import upsert
from .hr import account, roster
from .sealing import Sealed
from .tables import Moment, metadata

PIECE = 1 << 20  # bytes of a file in one row

file = Table(
    "hr_roster_file",
    metadata,
    Column("roster", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("part", Integer, nullable=False),
    Column("content", Sealed("hr_roster_file"), nullable=False),
    PrimaryKeyConstraint("roster", "kind", "part"),
)

# Somebody of one office, known by digests of what rosters tell them by: never by an identity number itself.
person = Table(
    "hr_person",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", BigInteger, nullable=False),
    Column("seen", Moment, nullable=False),
    Column("mark", Text),  # left, retired
    Index(None, "seen"),
)

person_key = Table(
    "hr_person_key",
    metadata,
    Column("owner", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("person", Text, nullable=False),
    PrimaryKeyConstraint("owner", "digest"),
    Index(None, "person"),
)

# What was said of an office's files, by their form, for the next of them.
form = Table(
    "hr_form",
    metadata,
    Column("owner", BigInteger, nullable=False),
    Column("shape", Text, nullable=False),
    Column("mapping", Sealed("hr_form"), nullable=False),
    Column("seen", Moment, nullable=False),
    PrimaryKeyConstraint("owner", "shape"),
)

# A page of one unit, opened by whoever has its link, of which only the digest is kept.
share = Table(
    "hr_share",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("roster", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("expires", Moment, nullable=False),
    Index(None, "roster"),
)

# `run` tells the result that stands from the one that is being made.
entry = Table(
    "hr_roster_person",
    metadata,
    Column("roster", Text, nullable=False),
    Column("run", Integer, nullable=False),
    Column("at", Integer, nullable=False),
    Column("person", Text, nullable=False),
    Column("ident", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("short_total", Float, nullable=False),
    Column("low", Integer, nullable=False),
    Column("line", Sealed("hr_roster_person"), nullable=False),
    PrimaryKeyConstraint("roster", "run", "at"),
    Index(None, "roster", "run", "status"),
    Index(None, "roster", "run", "unit"),
    Index(None, "person"),
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


def keep_file(connection: Connection, *, roster: str, kind: str, part: int, content: bytes) -> None:
    """One piece of a file; the first drops what stood there before."""
    if part == 0:
        connection.execute(delete(file).where(file.c.roster == roster, file.c.kind == kind))
    connection.execute(insert(file).values(roster=roster, kind=kind, part=part, content=content))


def piece(connection: Connection, *, roster: str, kind: str, part: int) -> bytes | None:
    """One piece of a file, None past its end."""
    found = connection.execute(
        select(file.c.content).where(file.c.roster == roster, file.c.kind == kind, file.c.part == part)
    ).one_or_none()
    return None if found is None else bytes(found[0])


def tell(connection: Connection, *, id: str, state: str) -> None:
    """How a roster stands, as JSON."""
    connection.execute(update(roster).where(roster.c.id == id).values(state=state))


def stands(connection: Connection, *, id: str, run: int, state: str) -> None:
    """A run is the one that stands from now on; those before go."""
    connection.execute(update(roster).where(roster.c.id == id).values(run=run, state=state))
    connection.execute(delete(entry).where(entry.c.roster == id, entry.c.run != run))


def remove(connection: Connection, *, id: str, now: datetime | None) -> None:
    """A roster put away, or brought back with None."""
    connection.execute(update(roster).where(roster.c.id == id).values(removed=now))


def drop(connection: Connection, *, ids: Sequence[str]) -> None:
    """Rosters with all that was made of them, for good."""
    for table in (file, entry, share):
        connection.execute(delete(table).where(table.c.roster.in_(ids)))
    connection.execute(delete(roster).where(roster.c.id.in_(ids)))


def old(connection: Connection, *, before: datetime, removed: datetime) -> list[str]:
    """The rosters that are older than `before`, or were put away before `removed`."""
    gone = or_(roster.c.created < before, roster.c.removed < removed)
    return [id for (id,) in connection.execute(select(roster.c.id).where(gone))]


def forms(connection: Connection, *, owner: int) -> dict[str, bytes]:
    """What was said of an owner's files, by their form."""
    found = connection.execute(select(form.c.shape, form.c.mapping).where(form.c.owner == owner))
    return {shape: bytes(mapping) for shape, mapping in found}


def keep_form(connection: Connection, *, owner: int, shape: str, mapping: bytes, now: datetime) -> None:
    """What was said of a file, for the next of its form; with b"" nothing."""
    connection.execute(delete(form).where(form.c.owner == owner, form.c.shape == shape))
    if mapping:
        connection.execute(insert(form).values(owner=owner, shape=shape, mapping=mapping, seen=now))


def forget_people(connection: Connection, *, before: datetime) -> int:
    """Deletes people whom no roster since `before` has told of; how many."""
    connection.execute(delete(form).where(form.c.seen < before))
    gone = select(person.c.id).where(person.c.seen < before)
    connection.execute(delete(person_key).where(person_key.c.person.in_(gone)))
    return connection.execute(delete(person).where(person.c.seen < before)).rowcount


# ---------------------------------------------------------------- people


def identify(
    connection: Connection, *, owner: int, now: datetime, people: Sequence[Sequence[str]], id: str = "", run: int = 0
) -> list[str]:
    """Who each of these is in an office, by the digests that they are known by, each beginning with its kind: whoever was known before
    under one of them, the surest of everybody first, unless they are told apart by a surer one; nobody twice in the run of a roster."""
    wanted, known = sorted({key for keys in people for key in keys}), dict[str, str]()
    for first in range(0, len(wanted), 500):
        held = select(_DIGEST, _PERSON).where(person_key.c.owner == owner, _DIGEST.in_(wanted[first : first + 500]))
        known.update((digest, one) for digest, one in connection.execute(held))
    gone, found, sure = set[str](), [""] * len(people), set[str]()
    holders = sorted(set(known.values()))
    for first in range(0, len(holders), 500):
        told = select(_PERSON).where(_PERSON.in_(holders[first : first + 500]), _DIGEST.startswith(KINDS[0]))
        sure.update(connection.scalars(told))
        there = entry.c.roster == id, entry.c.run == run, entry.c.person.in_(holders[first : first + 500])
        gone.update(connection.scalars(select(entry.c.person).where(*there)) if id else ())
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
        connection.execute(insert(person), [{"id": one, "owner": owner, "seen": now} for one in new])
    fresh = {key: one for one, keys in zip(found, people, strict=True) for key in keys if key not in known}
    if fresh:
        keys_of = [{"owner": owner, "digest": key, "person": one} for key, one in fresh.items()]
        connection.execute(
            upsert(connection, person_key).on_conflict_do_nothing(), keys_of
        )  # another file of theirs, now
    for first in range(0, len(seen), 500):
        connection.execute(update(person).where(person.c.id.in_(seen[first : first + 500])).values(seen=now))
    still_known(connection, seen, now)
    return found


def put(
    connection: Connection, *, id: str, owner: int, run: int, now: datetime, lines: Sequence[Mapping[str, Any]]
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
    connection.execute(insert(entry), rows)


KINDS = "cinr"
"""Of the digests that people are known by, the surest first: identity number; 工号 with unit and name; unit and name; a row of one file."""
_DIGEST, _PERSON = person_key.c.digest, person_key.c.person
_KEPT = ("at", "ident", "name", "unit", "level", "status", "short_total", "low", "line")


def _where(id: str, wanted: PeopleFilter) -> Any:
    parts = [entry.c.roster == id, entry.c.run == select(roster.c.run).where(roster.c.id == id).scalar_subquery()]
    told = {name: getattr(wanted, name) for name in ("status", "unit", "level")}
    parts += [entry.c[name] == ("" if value == "—" else value) for name, value in told.items() if value]
    if wanted.low:
        parts.append(entry.c.low == 1)
    if wanted.search:
        parts.append(or_(entry.c.ident == wanted.search, entry.c.name.contains(wanted.search, autoescape=True)))
    return and_(*parts)


def count(connection: Connection, *, id: str, wanted: PeopleFilter) -> int:
    """How many people of a roster."""
    return connection.scalar(select(func.count()).select_from(entry).where(_where(id, wanted))) or 0


def listed(
    connection: Connection, *, id: str, wanted: PeopleFilter, limit: int | None = None, offset: int = 0
) -> list[dict[str, Any]]:
    """Some people of a roster in the order wanted, with what a list shows and how they are marked."""
    columns = [*(entry.c[name] for name in LISTED), person.c.mark]
    name = wanted.order.removeprefix("-")
    by = entry.c[name if name in ORDERS else "at"]
    found = (
        select(*columns)
        .join(person, person.c.id == entry.c.person, isouter=True)
        .where(_where(id, wanted))
        .order_by(by.desc() if wanted.order.startswith("-") else by, entry.c.at)
        .limit(limit)
        .offset(offset)
    )
    return [dict(row._mapping) for row in connection.execute(found)]


def set_mark(connection: Connection, *, id: str, mark: str | None) -> None:
    """Marks somebody as gone: `left` or `retired`; None takes it back."""
    connection.execute(update(person).where(person.c.id == id).values(mark=mark))


def owner(connection: Connection, *, name: str) -> int | None:
    """The number of the office of that name, an account's; None where there is none."""
    return connection.scalar(select(account.c.id).where(account.c.name == name))


def marks(connection: Connection, *, id: str) -> dict[str, str]:
    """The people of a roster who are marked as gone."""
    found = select(person.c.id, person.c.mark).join(entry, entry.c.person == person.c.id)
    found = found.where(entry.c.roster == id, person.c.mark.is_not(None))
    return {row[0]: row[1] for row in connection.execute(found)}


# ---------------------------------------------------------------- links to one unit


class Share(NamedTuple):
    """A link to the people of one unit."""

    digest: str
    roster: str
    unit: str
    made_by: str
    expires: datetime


def keep_share(connection: Connection, *, one: Share) -> None:
    """A link was made."""
    connection.execute(insert(share).values(**one._asdict()))


def shares(connection: Connection, *, now: datetime, digest: str = "", roster: str = "") -> list[Share]:
    """The links that still open, of a digest or of a roster."""
    columns = [share.c[name] for name in Share._fields]
    which = share.c.digest == digest if digest else share.c.roster == roster
    return [Share(*row) for row in connection.execute(select(*columns).where(which, share.c.expires > now))]


def close_share(connection: Connection, *, roster: str, digest: str) -> None:
    """A link opens no more."""
    connection.execute(delete(share).where(share.c.roster == roster, share.c.digest == digest))


def lines(connection: Connection, *, id: str, at: int | None = None) -> Iterator[tuple[int, str, bytes]]:
    """Place, person and all that is kept, of everybody or of one."""
    found = select(entry.c.at, entry.c.person, entry.c.line).where(_where(id, PeopleFilter())).order_by(entry.c.at)
    for row in connection.execute(found if at is None else found.where(entry.c.at == at)):
        yield row[0], row[1], bytes(row[2])


def everybody(connection: Connection, *, id: str) -> list[tuple[int, str, str, bytes]]:
    """Place, person, mark and all that is kept, of everybody."""
    found = select(entry.c.at, entry.c.person, person.c.mark, entry.c.line).join(
        person, person.c.id == entry.c.person, isouter=True
    )
    rows = connection.execute(found.where(_where(id, PeopleFilter())).order_by(entry.c.at))
    return [(at, who, mark or "", bytes(line)) for at, who, mark, line in rows]


def beside(connection: Connection, *, id: str, at: int, wanted: PeopleFilter) -> tuple[int | None, int | None]:
    """The places before and after one among the people wanted."""
    where = _where(id, wanted)
    before = connection.scalar(select(func.max(entry.c.at)).where(where, entry.c.at < at))
    after = connection.scalar(select(func.min(entry.c.at)).where(where, entry.c.at > at))
    return before, after


def of_person(connection: Connection, *, person: str) -> list[tuple[str, int, str, bytes]]:
    """Somebody in every roster that stands, the latest first: roster, place, status and what is kept."""
    found = (
        select(entry.c.roster, entry.c.at, entry.c.status, entry.c.line)
        .join(roster, and_(roster.c.id == entry.c.roster, roster.c.run == entry.c.run))
        .where(entry.c.person == person, roster.c.removed.is_(None))
        .order_by(roster.c.created.desc())
    )
    return [(row[0], row[1], row[2], bytes(row[3])) for row in connection.execute(found)]
