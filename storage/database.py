"""What the store asks of a database, whichever it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Concatenate, NamedTuple, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection, Executable

from .entry import TurnEntry
from .lock import ProcessLock

Given = ParamSpec("Given")
Result = TypeVar("Result")
One = TypeVar("One")
LOT = 500
"""Values in one statement: far fewer than either database takes."""


class Sought(NamedTuple):
    """A person to be loaded, and the message that led to it ("" for none)."""

    person: str
    message_id: str
    horizon: int


class Loaded(NamedTuple):
    """The columns of a person's session, and of the reply to the wanted message if it was given already."""

    revision: int
    session: bytes | None
    expired: int | None
    digest: str | None
    reply: bytes | None


class Database(Protocol):
    """Every method raises `Unavailable` when the database cannot be used."""

    async def load(self, wanted: Sequence[Sought]) -> Sequence[Loaded | None]:
        """What is kept of each, None for somebody unknown; one round trip for all."""

    async def commit(self, entries: Sequence[TurnEntry]) -> Sequence[bool]:
        """Writes the turns of different persons in one durable transaction; False for each that was in conflict and
        left nothing behind."""

    async def write(
        self, work: Callable[Concatenate[Connection, Given], Result], *some: Given.args, **values: Given.kwargs
    ) -> Result:
        """Runs `work` with these values in a transaction of its own, durable on return."""

    async def read(
        self, work: Callable[Concatenate[Connection, Given], Result], *some: Given.args, **values: Given.kwargs
    ) -> Result:
        """Runs `work`, which changes nothing, with these values."""

    async def rows(self, query: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """Every row that a query finds."""
        return await self.read(lambda connection: connection.execute(query, values).all())

    async def value(self, query: Executable, values: Mapping[str, Any] | None = None) -> Any:
        """The one value that a query finds, None where it finds nothing."""
        return await self.read(lambda connection: connection.scalar(query, values))

    async def change(self, *statements: Executable) -> int:
        """Runs them in one transaction; how many rows they changed."""
        return await self.write(lambda connection: changed(connection, *statements))

    async def sweep(self, *, whole: bool) -> None:
        """Takes what was deleted out of the files as well: one person's at once where that is cheap, all of it with `whole`."""

    def lock(self, name: str) -> ProcessLock:
        """The lock of that name among all processes on this database."""

    async def close(self) -> None: ...


def changed(connection: Connection, *statements: Executable) -> int:
    """How many rows they change."""
    return sum(connection.execute(one).rowcount for one in statements)


def lots(values: Iterable[One]) -> Iterator[list[One]]:
    """Values in lists that one statement can hold."""
    every = list(values)
    return (every[first : first + LOT] for first in range(0, len(every), LOT))


def upsert(connection: Connection, table: Any) -> Any:
    """The INSERT of the connection's dialect, which knows ON CONFLICT."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert

        return sqlite_insert(table)
    from sqlalchemy.dialects.postgresql import insert as postgresql_insert

    return postgresql_insert(table)
