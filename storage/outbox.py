"""The outbox: what is to be said to a person, kept until it is known what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Boolean, Connection, and_, bindparam, case, exists, func, or_, select, update

from .lane import Lane
from .store import BATCH, Store
from .tables import outbox

OPEN = ("waiting", "sending")
DOUBT = "doubt"
"""The reason of a part that waits although an earlier try may have arrived."""


class Key(NamedTuple):
    """Which part: the `ordinal`-th of the turn that made this `revision` of the person's session."""

    person: str
    revision: int
    ordinal: int


@dataclass(frozen=True, slots=True)
class Part:
    """A bubble to be sent; `tries` counts the times it was sent in vain; `doubt`: one of those may have arrived."""

    key: Key
    body: bytes
    tries: int
    doubt: bool = False


@dataclass(frozen=True, slots=True)
class Newest:
    """The last part made for a person, and what became of it so far."""

    state: str
    platform_id: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a part. `sent`; `refused`: it never will be, for this `reason`; `doubt`: the call went out and its
    answer never came; `waiting`: to be tried again, `not_before` a moment, with `reason` DOUBT where it may have
    arrived."""

    key: Key
    state: Literal["sent", "refused", "doubt", "waiting"]
    platform_id: str = ""
    reason: str = ""
    not_before: datetime | None = None


_SETTLE = (
    update(outbox)
    .where(
        outbox.c.person == bindparam("of_person"),
        outbox.c.revision == bindparam("of_revision"),
        outbox.c.ordinal == bindparam("of_ordinal"),
        outbox.c.state != "sent",
        outbox.c.state != "refused",  # an answer that comes late is still true
    )
    .values(
        state=bindparam("to_state"),
        body=case((bindparam("is_sent", type_=Boolean), b""), else_=outbox.c.body),  # nothing private is kept after it
        platform_id=bindparam("to_platform_id"),
        reason=bindparam("to_reason"),
        not_before=bindparam("to_not_before"),
        settled=bindparam("to_settled"),
        tries=outbox.c.tries + bindparam("more_tries"),
        sender="",
    )
)


class Outbox:
    """One person's parts leave in their order: none is claimed while an earlier one is waiting or being sent."""

    def __init__(self, store: Store) -> None:
        self._database = store.database
        self._clock = store.clock
        self._outcomes: Lane[Outcome, None] = Lane(self._settle, most=BATCH)
        self._newest: Lane[str, Newest | None] = Lane(self._find_newest, most=BATCH)

    async def claim(self, channel: str, sender: str, *, most: int = 100) -> list[Part]:
        """Parts that may go out now, from now on `sender`'s: durably `sending`, and nobody else's."""
        now = self._clock()
        earlier = outbox.alias("earlier")
        free = (
            select(outbox.c.id)
            .where(
                outbox.c.channel == channel,
                outbox.c.state == "waiting",
                or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now),
                ~exists().where(
                    earlier.c.channel == channel,
                    earlier.c.person == outbox.c.person,
                    earlier.c.state.in_(OPEN),
                    earlier.c.id < outbox.c.id,
                ),
            )
            .order_by(outbox.c.id)
            .limit(most)
            .with_for_update(skip_locked=True)
        )

        def claim(connection: Connection) -> list[Part]:
            if not (ids := list(connection.scalars(free))):
                return []
            taken = update(outbox).where(outbox.c.id.in_(ids)).values(state="sending", sender=sender, claimed=now)
            columns = (outbox.c.person, outbox.c.revision, outbox.c.ordinal)
            more = (outbox.c.body, outbox.c.tries, outbox.c.reason, outbox.c.id)
            rows = sorted(connection.execute(taken.returning(*columns, *more)), key=lambda row: int(row[-1]))
            return [Part(Key(*row[:3]), row.body, row.tries, row.reason == DOUBT) for row in rows]

        return await self._database.write(claim)

    async def settle(self, outcome: Outcome) -> None:
        """Returns when it is durably known what became of a part that was being sent."""
        await self._outcomes.put(outcome)

    async def release(
        self, channel: str, *, into: Literal["waiting", "doubt"], of: str | None = None, before: datetime | None = None
    ) -> int:
        """Takes back what a sender that is gone was sending: all of the channel, or only `of` one sender, or only what
        was claimed `before` a moment. `waiting` sends it again, as in doubt; `doubt` leaves that to somebody; how many
        parts."""
        chosen = [outbox.c.channel == channel, outbox.c.state == "sending"]
        if of is not None:
            chosen.append(outbox.c.sender == of)
        if before is not None:
            chosen.append(outbox.c.claimed < before)
        back = update(outbox).where(and_(*chosen)).values(state=into, sender="", reason=DOUBT)
        return await self._database.write(lambda connection: connection.execute(back).rowcount)

    async def senders(self, channel: str) -> set[str]:
        """Who is sending parts of the channel just now, or was when it died."""
        query = select(outbox.c.sender).where(outbox.c.channel == channel, outbox.c.state == "sending").distinct()
        return await self._database.read(lambda connection: set(connection.scalars(query)))

    async def newest(self, person: str) -> Newest | None:
        """The last part of all that were made for a person; None for somebody to whom nothing was ever said."""
        return await self._newest.put(person)

    async def _find_newest(self, people: Sequence[str]) -> Sequence[Newest | None]:
        last = select(func.max(outbox.c.id)).where(outbox.c.person.in_(set(people))).group_by(outbox.c.person)
        query = select(outbox.c.person, outbox.c.state, outbox.c.platform_id).where(outbox.c.id.in_(last))

        def find(connection: Connection) -> dict[str, Newest]:
            return {person: Newest(state, platform_id) for person, state, platform_id in connection.execute(query)}

        found = await self._database.read(find)
        return [found.get(person) for person in people]

    async def count(self, channel: str) -> dict[str, int]:
        """How many parts of the channel are in each state that occurs."""
        query = select(outbox.c.state, func.count()).where(outbox.c.channel == channel).group_by(outbox.c.state)
        return await self._database.read(lambda connection: {row[0]: row[1] for row in connection.execute(query)})

    async def _settle(self, outcomes: Sequence[Outcome]) -> Sequence[None]:
        now = self._clock()

        def values(one: Outcome) -> dict[str, Any]:
            return {
                "of_person": one.key.person,
                "of_revision": one.key.revision,
                "of_ordinal": one.key.ordinal,
                "to_state": one.state,
                "is_sent": one.state == "sent",
                "to_platform_id": one.platform_id,
                "to_reason": one.reason,
                "to_not_before": one.not_before,
                "to_settled": None if one.state == "waiting" else now,
                "more_tries": 1 if one.state == "waiting" else 0,
            }

        def settle(connection: Connection) -> None:
            connection.execute(_SETTLE, [values(one) for one in outcomes])

        await self._database.write(settle)
        return [None] * len(outcomes)
