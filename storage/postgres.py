"""PostgreSQL: all turns of a batch in one statement, which is one round trip and one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    URL,
    BigInteger,
    Connection,
    Integer,
    LargeBinary,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    exists,
    func,
    not_,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.types import TypeEngine

from .address import unavailable
from .database import Found, Wanted
from .entry import Entry
from .tables import answer, inbox, outbox, reply, session

Result = TypeVar("Result")

PATIENCE = 10.0
"""Seconds to wait for a connection before the database counts as unavailable."""


def _rows(name: str, **columns: TypeEngine[Any]) -> Any:
    """A table made of one array a column, each a parameter of the column's name."""
    return (
        func.unnest(
            *(cast(bindparam(f"{name}_{one}", type_=ARRAY(kind)), ARRAY(kind)) for one, kind in columns.items())
        )
        .table_valued(*(column(one, kind) for one, kind in columns.items()), name=name)
        .render_derived()
    )


_turns = _rows(
    "turn",
    person=Text(),
    expected=BigInteger(),
    revision=BigInteger(),
    session=LargeBinary(),
    message_id=Text(),
    digest=Text(),
    answer=LargeBinary(),
    reply=LargeBinary(),
    at=BigInteger(),
    horizon=BigInteger(),
    inbox=BigInteger(),
    channel=Text(),
    sender=Text(),
)
_parts = _rows("part", person=Text(), ordinal=Integer(), body=LargeBinary())
_wanted = _rows("wanted", number=Integer(), person=Text(), message_id=Text(), horizon=BigInteger())


def _commit_statement() -> Any:
    turn = select(_turns).cte("given")
    t = turn.c
    taken = exists().where(reply.c.person == t.person, reply.c.message_id == t.message_id, reply.c.at >= t.horizon)
    # Another process that moves the session on meanwhile makes the condition on `revision` false: PostgreSQL looks at
    # the row again after having waited for it.
    moved = (
        session.update()
        .where(session.c.person == t.person, session.c.revision == t.expected, t.expected != 0, not_(taken))
        .values(revision=t.revision, session=t.session, at=t.at, expired=null())
        .returning(session.c.person)
        .cte("moved")
    )
    begun = (
        insert(session)
        .from_select(
            ["person", "revision", "session", "at"],
            select(t.person, t.revision, t.session, t.at).where(t.expected == 0, not_(taken)),
        )
        .on_conflict_do_nothing()
        .returning(session.c.person)
        .cte("begun")
    )
    kept = union_all(select(moved.c.person), select(begun.c.person)).cte("kept")
    of_kept = turn.join(kept, kept.c.person == t.person)
    replies = insert(reply).from_select(
        ["person", "message_id", "digest", "reply", "at"],
        select(t.person, t.message_id, t.digest, t.reply, t.at).select_from(of_kept),
    )
    replied = replies.on_conflict_do_update(
        index_elements=["person", "message_id"],
        set_={name: replies.excluded[name] for name in ("digest", "reply", "at")},
    ).cte("replied")
    answered = (
        insert(answer)
        .from_select(
            ["person", "revision", "answer", "at"],
            select(t.person, t.revision, t.answer, t.at).select_from(of_kept).where(t.answer.is_not(None)),
        )
        .cte("answered")
    )
    settled = (
        inbox.update()
        .where(inbox.c.id == t.inbox, t.person == kept.c.person)
        .values(state="done", body=b"", settled=t.at)
        .cte("settled")
    )
    state = case((t.sender == "", "waiting"), else_="sending")
    claimed = case((t.sender == "", null()), else_=t.at)
    queued = (
        insert(outbox)
        .from_select(
            ["channel", "sender", "state", "claimed", "person", "revision", "ordinal", "body", "at"],
            select(
                t.channel, t.sender, state, claimed, _parts.c.person, t.revision, _parts.c.ordinal, _parts.c.body, t.at
            ).select_from(_parts.join(turn, t.person == _parts.c.person).join(kept, kept.c.person == _parts.c.person)),
        )
        .cte("queued")
    )
    return select(kept.c.person).add_cte(replied, answered, settled, queued)


_COLUMNS = tuple(_turns.c.keys())
_COMMIT = _commit_statement()
_LOAD = (
    select(
        _wanted.c.number,
        session.c.revision,
        session.c.session,
        cast(session.c.expired, BigInteger),
        reply.c.digest,
        reply.c.reply,
    )
    .select_from(_wanted)
    .join(session, session.c.person == _wanted.c.person)
    .join(
        reply,
        and_(
            reply.c.person == _wanted.c.person,
            reply.c.message_id == _wanted.c.message_id,
            reply.c.at >= _wanted.c.horizon,
        ),
        isouter=True,
    )
)


def engine_at(place: URL) -> AsyncEngine:
    return create_async_engine(
        place,
        hide_parameters=True,
        pool_size=4,
        max_overflow=4,
        pool_timeout=PATIENCE,
        connect_args={"timeout": PATIENCE},
    )


@contextmanager
def reached(place: URL) -> Iterator[None]:
    """Turns what a server that cannot be reached or used makes the driver raise into `Unavailable`."""
    try:
        yield
    except (IntegrityError, ProgrammingError):
        raise  # a mistake of this program
    except DBAPIError as failure:
        raise unavailable(place, failure.orig) from None
    except (OSError, TimeoutError) as failure:
        raise unavailable(place, failure) from None
    except SQLAlchemyError:
        raise
    except Exception as failure:
        # What asyncpg raises while connecting (no such database, a wrong password) reaches us as it is.
        if type(failure).__module__.startswith("asyncpg"):
            raise unavailable(place, failure) from None
        raise


class PostgresDatabase:
    """A `Database` on a server, used through a connection that writes, one that reads, and a few for the rest."""

    def __init__(self, place: URL) -> None:
        self._place = place
        self._engine = engine_at(place)
        self._writer = _Standing(self._engine)
        self._reader = _Standing(self._engine)

    async def load(self, wanted: Sequence[Wanted]) -> Sequence[Found | None]:
        values = {
            "wanted_number": list(range(len(wanted))),
            "wanted_person": [one.person for one in wanted],
            "wanted_message_id": [one.message_id for one in wanted],
            "wanted_horizon": [one.horizon for one in wanted],
        }
        with reached(self._place):
            rows = await self._reader.execute(_LOAD, values)
        found: list[Found | None] = [None] * len(wanted)
        for number, *columns in rows:
            found[number] = Found(*columns)
        return found

    async def commit(self, entries: Sequence[Entry]) -> Sequence[bool]:
        # In one order everywhere, so that two processes hardly ever wait for each other.
        ordered = sorted(entries, key=lambda entry: entry.person)
        values: dict[str, Any] = {f"turn_{name}": [getattr(one, name) for one in ordered] for name in _COLUMNS}
        parts = [(one.person, number, body) for one in ordered for number, body in enumerate(one.parts)]
        values |= {f"part_{name}": [part[at] for part in parts] for at, name in enumerate(_parts.c.keys())}
        with reached(self._place):
            rows = await self._writer.execute(_COMMIT, values)
        kept = {row[0] for row in rows}
        return [entry.person in kept for entry in entries]

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        with reached(self._place):
            async with self._engine.begin() as connection:
                return await connection.run_sync(work)

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        with reached(self._place):
            async with self._engine.connect() as connection:
                return await connection.run_sync(work)

    async def close(self) -> None:
        await self._writer.close()
        await self._reader.close()
        await self._engine.dispose()


class _Standing:
    """One connection kept open, where each statement is its own transaction: no BEGIN, no COMMIT, no check-out."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None

    async def execute(self, statement: Any, values: dict[str, Any]) -> Sequence[Any]:
        """The rows. After a lost connection or a deadlock it is tried once more: a turn that was written all the same
        is then in conflict, and its caller finds the reply."""
        try:
            return await self._once(statement, values)
        except DBAPIError as failure:
            state = str(getattr(failure.orig, "sqlstate", "") or "")
            if not (failure.connection_invalidated or state in ("40P01", "40001", "57P01", "57P03") or not state):
                raise
        except OSError:
            pass
        await self.close()
        return await self._once(statement, values)

    async def _once(self, statement: Any, values: dict[str, Any]) -> Sequence[Any]:
        if self._connection is None:
            connection = await self._engine.connect()
            self._connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        result = await self._connection.execute(statement, values)
        return result.all()

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await connection.invalidate()
                await connection.close()
            except (DBAPIError, OSError):
                pass  # it was lost already
