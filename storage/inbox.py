"""The inbox: what a platform delivers is kept durably before the platform hears that it has arrived."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, or_, select, update

from .database import upsert
from .lane import Lane
from .store import BATCH, Store
from .tables import inbox


class Arrived(NamedTuple):
    """A raw delivery. `update_id` is unique within channel and account."""

    channel: str
    account: str
    update_id: str
    person: str
    body: bytes


class Update(NamedTuple):
    """A delivery that waits to be handled; `tries` counts the failures and restarts it has seen."""

    id: int
    channel: str
    account: str
    update_id: str
    person: str
    body: bytes
    tries: int
    received: datetime


_UPDATE = tuple(inbox.c[name] for name in Update._fields)
_WAITING = select(*_UPDATE).where(inbox.c.state == "waiting").order_by(inbox.c.id)


class Inbox:
    """One person's deliveries are handled in their order, whichever process received them: always the `first`.

    A turn that answers a delivery settles it in its own transaction (`Written.inbox`). Two processes may handle the
    same delivery; the session's revision lets one of the two turns through.
    """

    def __init__(self, store: Store) -> None:
        self._database = store.database
        self._clock = store.clock
        self._arrivals: Lane[Arrived, int | None] = Lane(self._keep, most=BATCH)
        self._firsts: Lane[str, Update | None] = Lane(self._find, most=BATCH)

    async def put(self, arrived: Arrived) -> int | None:
        """The delivery's number, when it is durable; None when it had been delivered before."""
        return await self._arrivals.put(arrived)

    async def first(self, person: str) -> Update | None:
        """The person's oldest delivery that waits."""
        return await self._firsts.put(person)

    async def waiting(self, channel: str, *, before: datetime | None = None, most: int = 1000) -> list[Update]:
        """What waits in a channel, oldest first: after a start everything, later what came in `before` a moment, which
        a process that died may have left."""
        query = _WAITING.where(inbox.c.channel == channel).limit(most)
        if before is not None:  # what a clock that was ahead has dated is not waited for
            query = query.where(or_(inbox.c.received < before, inbox.c.received > self._clock()))
        return [Update(*row) for row in await self._database.rows(query)]

    async def failed(self, id: int) -> int:
        """Counts a failure to handle a delivery, or its survival of a restart; how many there are now."""
        more = update(inbox).where(inbox.c.id == id).values(tries=inbox.c.tries + 1).returning(inbox.c.tries)
        return await self._database.write(lambda connection: connection.scalar(more) or 0)

    async def done(self, id: int) -> None:
        """Settles a delivery that no turn answers."""
        await self._settle(id, {"state": "done", "body": b""})

    async def poison(self, id: int, reason: str) -> None:
        """Sets a delivery aside that cannot be handled, with its body, so that it blocks nobody."""
        await self._settle(id, {"state": "poison", "reason": reason})

    async def poisoned(self, channel: str) -> list[tuple[Update, str]]:
        """What was set aside, each with its reason."""
        query = select(*_UPDATE, inbox.c.reason).where(inbox.c.channel == channel, inbox.c.state == "poison")
        return [(Update(*row[:-1]), row[-1]) for row in await self._database.rows(query.order_by(inbox.c.id))]

    async def _settle(self, id: int, values: dict[str, Any]) -> None:
        settled = update(inbox).where(inbox.c.id == id, inbox.c.state == "waiting")
        await self._database.change(settled.values(settled=self._clock(), **values))

    async def _keep(self, arrivals: Sequence[Arrived]) -> Sequence[int | None]:
        now = self._clock()

        def keep(connection: Connection) -> dict[tuple[str, str, str], int]:
            insert = upsert(connection, inbox).on_conflict_do_nothing()
            returning = insert.returning(inbox.c.channel, inbox.c.account, inbox.c.update_id, inbox.c.id)
            rows = connection.execute(returning, [one._asdict() | {"received": now} for one in arrivals])
            return {(channel, account, update_id): id for channel, account, update_id, id in rows}

        numbers = await self._database.write(keep)
        # Taken out, so that of the same delivery twice in one batch only the first is new.
        return [numbers.pop((one.channel, one.account, one.update_id), None) for one in arrivals]

    async def _find(self, people: Sequence[str]) -> Sequence[Update | None]:
        oldest = select(func.min(inbox.c.id)).where(inbox.c.state == "waiting", inbox.c.person.in_(set(people)))
        query = select(*_UPDATE).where(inbox.c.id.in_(oldest.group_by(inbox.c.person)))
        found = {row.person: Update(*row) for row in await self._database.rows(query)}
        return [found.get(person) for person in people]
