"""What the store asks of a database, whichever it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import Connection

from .entry import TurnEntry
from .lock import ProcessLock

Result = TypeVar("Result")


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

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """Runs `work` in a transaction of its own, durable on return."""

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Runs `work`, which changes nothing."""

    async def sweep(self, *, whole: bool) -> None:
        """Takes what was deleted out of the files as well: one person's at once where that is cheap, all of it with `whole`."""

    def lock(self, name: str) -> ProcessLock:
        """The lock of that name among all processes on this database."""

    async def close(self) -> None: ...


def upsert(connection: Connection, table: Any) -> Any:
    """The INSERT of the connection's dialect, which knows ON CONFLICT."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert

        return sqlite_insert(table)
    from sqlalchemy.dialects.postgresql import insert as postgresql_insert

    return postgresql_insert(table)
