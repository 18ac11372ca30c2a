"""Keys changed while people talk: what was sealed under an old key, or under none, is sealed anew, a few rows at a time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, and_, select, tuple_, type_coerce, update

from .sealing import KEYRING, Sealed
from .tables import metadata

Place = tuple[Any, ...]
"""The primary key of the last row that was looked at."""
ROWS = 200


def columns() -> list[Column[bytes]]:
    """Every column whose bytes are sealed."""
    return [one for table in metadata.sorted_tables for one in table.columns if isinstance(one.type, Sealed)]


def try_keys(connection: Connection) -> None:
    """Opens one row of each kind. Raises: Unavailable where our keys do not open what is kept."""
    for column in columns():
        connection.execute(select(column).where(column.is_not(None)).limit(1)).all()


def reseal(connection: Connection, *, column: Column[bytes], after: Place | None) -> tuple[int, Place | None]:
    """Seals some rows anew: how many were not yet, and where to go on; None at the end."""
    table, key = column.table, list(column.table.primary_key.columns)
    raw = type_coerce(column, LargeBinary)
    some = select(*key, raw).where(column.is_not(None)).order_by(*key).limit(ROWS)
    if after is not None:
        some = some.where(tuple_(*key) > after)
    rows = connection.execute(some.with_for_update()).all()
    purpose = column.type.purpose.encode() if isinstance(column.type, Sealed) else b""
    done = 0
    for *place, kept in rows:
        if not KEYRING.fresh(bytes(kept)):
            mine = and_(*(part == value for part, value in zip(key, place, strict=True)))
            plain = KEYRING.open(bytes(kept), purpose)
            connection.execute(update(table).where(mine).values({column: plain}))
            done += 1
    return done, tuple(rows[-1][:-1]) if len(rows) == ROWS else None
