"""Everything in the database as rows of plain JSON, as of one moment, and put into an empty one; whichever database either is."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import orjson
import sqlalchemy as sa

from .address import parse
from .schema import migrate_to, version
from .sealing import KEYRING, Sealed
from .tables import Moment, metadata

ROWS = 500
"""Rows in a piece."""


def pieces(connection: sa.Connection) -> Iterator[tuple[str, bytes]]:
    """Every table's name and some of its rows, all as of one moment; sealed bytes are opened."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    for table in metadata.sorted_tables:
        columns = [sa.type_coerce(one, sa.BigInteger) if isinstance(one.type, Moment) else one for one in table.columns]
        found = connection.execute(sa.select(*columns).execution_options(yield_per=ROWS))
        names = [column.name for column in table.columns]
        for rows in found.partitions(ROWS):
            yield (
                str(table.name),
                orjson.dumps({"columns": names, "rows": [[_out(value) for value in row] for row in rows]}),
            )


def _out(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


async def made_empty(url: str, at: str) -> None:
    """The tables of an earlier or this release, empty. Raises: Unavailable, ValueError where something is kept already."""
    await migrate_to(parse(url), at, fresh=True)


class Filling:
    """Puts pieces into the tables as they are found: those of an earlier release too."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._tables = sa.MetaData()
        self._tables.reflect(connection)
        self.version = version(connection)

    def put(self, name: str, piece: bytes) -> int:
        """Inserts some rows of a table; how many. Raises: ValueError."""
        table, held = self._tables.tables.get(name), orjson.loads(piece)
        if table is None or not set(held["columns"]) <= set(table.columns.keys()):
            raise ValueError(f"{name} 表与备份里的不一样")
        purposes = _purposes(name)
        rows = [
            {column: _in(table, column, value, purposes) for column, value in zip(held["columns"], row, strict=True)}
            for row in held["rows"]
        ]
        if rows:
            self._connection.execute(table.insert(), rows)
        return len(rows)

    def finish(self) -> None:
        """Lets a server number new rows behind those that were put in."""
        if self._connection.dialect.name == "sqlite":
            return
        for table in self._tables.sorted_tables:
            for column in table.primary_key.columns:
                if isinstance(column.type, sa.Integer) and column.server_default is not None:
                    self._connection.execute(
                        sa.text(
                            f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), "
                            f"(SELECT coalesce(max({column.name}), 1) FROM {table.name}))"
                        )
                    )


def _purposes(name: str) -> dict[str, bytes]:
    columns = metadata.tables[name].columns.values() if name in metadata.tables else []
    return {one.name: one.type.purpose.encode() for one in columns if isinstance(one.type, Sealed)}


def _in(table: sa.Table, column: str, value: Any, purposes: dict[str, bytes]) -> Any:
    if isinstance(value, str) and isinstance(table.columns[column].type, sa.LargeBinary):
        plain = base64.b64decode(value)
        return KEYRING.seal(plain, purposes[column]) if column in purposes else plain
    return value
