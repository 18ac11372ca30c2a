"""Notices on their way out: taken in hand by one sender, committed before the call and after it, taken over when a sender dies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, Protocol

from sqlalchemy import Connection, and_, bindparam, delete, exists, func, or_, select, update

from .campaign_tables import binding, campaign, notice, pace, sender, silence
from .campaigns import _ROW, Row, row_of
from .database import upsert
from .store import Store

DEAD = timedelta(seconds=6)
"""A sender that gave no sign of life for so long is taken for dead."""
CHUNK = 500


class Placed(NamedTuple):
    """Where a notice that is in hand is going to be sent."""

    id: int
    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a notice. `waiting`: it did not arrive and is tried again, `not_before` a moment; with `tried`, elsewhere."""

    id: int
    state: Literal["told", "not_told", "in_doubt", "waiting"]
    reason: str = ""
    platform_id: str = ""
    not_before: datetime | None = None
    tried: str = ""
    failed: bool = False  # counts as a try


class Gate(Protocol):
    """Lets so many through as may go now, over all senders of one account. What it remembers is bytes to the store."""

    @property
    def account(self) -> str:
        """The name under which it is kept."""
        ...

    @property
    def spacing(self) -> timedelta:
        """How long after a notice was settled another may go to the same address."""
        ...

    @property
    def urgent(self) -> bool:
        """Whether the other senders must hear of something though nobody wants to go."""
        ...

    def admit(
        self, body: bytes | None, wanted: Sequence[int], living: frozenset[str]
    ) -> tuple[bytes | None, list[int]]:
        """The new body (None: unchanged) and who may go, of those who `wanted`."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """What one commit writes: notices that were settled, and of those that want to go (`starts`, in their order) the ones that may."""

    settled: Sequence[Settled] = ()
    starts: Sequence[int] = ()
    gate: Gate | None = None


@dataclass(frozen=True, slots=True)
class Stepped:
    """Who goes now, durably `sending`; `lost`: in hand no longer (paused, silent, taken over), to be dropped."""

    started: Sequence[int]
    lost: Sequence[int]


_SETTLE = (
    update(notice)
    # From every other state: an answer that comes late is still true.
    .where(notice.c.id == bindparam("of"), notice.c.state != "told", notice.c.state != "not_told")
    .values(
        state=bindparam("to_state"),
        reason=bindparam("to_reason"),
        platform_id=bindparam("to_platform_id"),
        not_before=bindparam("to_not_before"),
        settled=bindparam("to_settled"),
        tries=notice.c.tries + bindparam("more_tries"),
        tried=notice.c.tried + bindparam("to_tried"),
        holder="",
    )
)
_PLACE = (
    update(notice)
    .where(notice.c.id == bindparam("of"), notice.c.state == "waiting", notice.c.holder == bindparam("by"))
    .values(channel=bindparam("to_channel"), address=bindparam("to_address"))
)


class Sending:
    """The notices of one store, as one sender works on them; its name is unlike any other's, ever."""

    def __init__(self, store: Store, name: str, *, rehearsed: Callable[[], datetime] | None = None) -> None:
        """`rehearsed`: the moment that a campaign's end is compared with, where that is not the clock's."""
        self._database, self._clock, self.name = store.database, store.clock, name
        self._moment = rehearsed or store.clock

    async def beat(self) -> int:
        """A sign of life. What dead senders had on its way is in doubt from now on, what they had in hand is free
        again; how many notices came to be in doubt."""
        now = self._clock()
        dead = select(sender.c.id).where(sender.c.beat < now - DEAD)
        mine = {"id": self.name, "beat": now}

        def beat(connection: Connection) -> int:
            insert = upsert(connection, sender).values(mine)
            connection.execute(insert.on_conflict_do_update(index_elements=["id"], set_={"beat": now}))
            if not (gone := list(connection.scalars(dead))):
                return 0
            theirs = update(notice).where(notice.c.holder.in_(gone))
            lost = connection.execute(
                theirs.where(notice.c.state == "sending").values(
                    state="in_doubt", reason="sender_died", holder="", settled=now
                )
            ).rowcount
            connection.execute(theirs.where(notice.c.state == "waiting").values(holder=""))
            connection.execute(delete(sender).where(sender.c.id.in_(gone)))
            return lost

        return await self._database.write(beat)

    async def leave(self) -> None:
        """Gives back what is still in hand and says goodbye."""

        def leave(connection: Connection) -> None:
            mine = update(notice).where(notice.c.holder == self.name, notice.c.state == "waiting")
            connection.execute(mine.values(holder=""))
            connection.execute(delete(sender).where(sender.c.id == self.name))

        await self._database.write(leave)

    async def hold(self, campaigns: Sequence[str], most: int) -> list[Row]:
        """Takes notices in hand that nobody else has, oldest first."""
        now = self._clock()
        free = (
            select(notice.c.id)
            .where(
                notice.c.campaign.in_(campaigns),
                notice.c.state == "waiting",
                notice.c.holder == "",
                or_(notice.c.not_before.is_(None), notice.c.not_before <= now),
            )
            .order_by(notice.c.id)
            .limit(most)
            .with_for_update(skip_locked=True)
        )

        def hold(connection: Connection) -> list[Row]:
            if not (ids := list(connection.scalars(free))):
                return []
            taken = update(notice).where(notice.c.id.in_(ids)).values(holder=self.name)
            rows = connection.execute(taken.returning(*_ROW))
            return sorted((row_of(row) for row in rows), key=lambda row: row.id)

        return await self._database.write(hold)

    async def next_at(self, campaigns: Sequence[str]) -> datetime | None:
        """When the next notice that waits for a moment may go; None where none does."""
        query = select(func.min(notice.c.not_before)).where(
            notice.c.campaign.in_(campaigns), notice.c.state == "waiting", notice.c.not_before.is_not(None)
        )
        return await self._database.read(lambda connection: connection.scalar(query))

    async def place(self, placed: Sequence[Placed]) -> None:
        """Writes down where notices in hand are going."""
        rows = [{"of": one.id, "to_channel": one.channel, "to_address": one.address, "by": self.name} for one in placed]
        if rows:
            await self._database.write(lambda connection: connection.execute(_PLACE, rows))

    async def put_off(self, ids: Sequence[int], until: datetime, reason: str) -> None:
        """Gives back what is in hand, to be taken again from that moment on."""
        mine = (notice.c.id.in_(ids), notice.c.holder == self.name, notice.c.state == "waiting")
        late = update(notice).where(*mine).values(holder="", not_before=until, reason=reason)
        await self._database.write(lambda connection: connection.execute(late))

    async def step(self, step: Step) -> Stepped:
        """One commit: what was settled is known, and what may go is `sending` before its call is made."""
        now = self._clock()

        def run(connection: Connection) -> Stepped:
            if step.settled:
                connection.execute(_SETTLE, [_settle(one, now) for one in step.settled])
                _end_with_campaign(connection, [one.id for one in step.settled if one.state == "waiting"], now)
            if not step.starts and (step.gate is None or not step.gate.urgent):
                return Stepped((), ())
            return self._start(connection, step, now)

        return await self._database.write(run)

    async def gate_body(self, account: str) -> bytes | None:
        """What a gate remembers by now, for a last look before a notice leaves."""
        query = select(pace.c.body).where(pace.c.account == account)
        found = await self._database.read(lambda connection: connection.scalar(query))
        return bytes(found) if found else None

    def _start(self, connection: Connection, step: Step, now: datetime) -> Stepped:
        asked = list(step.starts)
        body: bytes | None = None
        if step.gate is not None:
            body = self._locked(connection, step.gate.account)
        rows = connection.execute(
            select(notice.c.id, notice.c.channel, notice.c.address)
            .join(campaign, campaign.c.id == notice.c.campaign)
            .where(
                notice.c.id.in_(asked),
                notice.c.holder == self.name,
                notice.c.state == "waiting",
                campaign.c.state == "sending",
                campaign.c.not_after > self._moment(),
                ~exists().where(silence.c.who == notice.c.subject),
                ~exists().where(binding.c.subject == notice.c.subject, silence.c.who == binding.c.person),
            )
            # What is cancelled at this moment either is cancelled before, or finds it on its way.
            .order_by(notice.c.id)
            .with_for_update(of=notice)
        )
        ready = {row.id: (row.channel, row.address) for row in rows}
        wanted = [number for number in asked if number in ready]
        if step.gate is not None:
            wanted = _one_each(wanted, ready, self._busy(connection, wanted, ready, now - step.gate.spacing))
            living = frozenset(connection.scalars(select(sender.c.id).where(sender.c.beat >= now - DEAD)))
            after, wanted = step.gate.admit(body, wanted, living)
            if after is not None:
                connection.execute(update(pace).where(pace.c.account == step.gate.account).values(body=after))
        if wanted:
            going = update(notice).where(notice.c.id.in_(wanted), notice.c.state == "waiting")
            connection.execute(going.values(state="sending", claimed=now))
        lost = [number for number in asked if number not in ready]
        if lost:
            mine = (notice.c.id.in_(lost), notice.c.holder == self.name, notice.c.state == "waiting")
            connection.execute(update(notice).where(*mine).values(holder=""))
        return Stepped(wanted, lost)

    def _locked(self, connection: Connection, account: str) -> bytes | None:
        """What the gate remembers, kept from every other sender until this commit."""
        query = select(pace.c.body).where(pace.c.account == account).with_for_update()
        found = connection.scalar(query)
        if found is None:
            insert = upsert(connection, pace).values(account=account, body=b"").on_conflict_do_nothing()
            connection.execute(insert)
            found = connection.scalar(query)
        return bytes(found) if found else None

    def _busy(
        self, connection: Connection, wanted: Sequence[int], ready: dict[int, tuple[str, str]], since: datetime
    ) -> set[tuple[str, str]]:
        """Addresses to which something is going, or went a moment ago."""
        if not wanted:
            return set()
        channels = {ready[number][0] for number in wanted}
        addresses = {ready[number][1] for number in wanted}
        query = select(notice.c.channel, notice.c.address).where(
            notice.c.channel.in_(channels),
            notice.c.address.in_(addresses),
            or_(
                notice.c.state == "sending",
                and_(notice.c.claimed.is_not(None), notice.c.settled > since),
            ),
        )
        return {(row.channel, row.address) for row in connection.execute(query)}


def _end_with_campaign(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """What was on its way when its campaign ended, and did not arrive, is not tried again."""
    if not ids:
        return
    for state in ("cancelled", "expired"):
        ended = select(campaign.c.id).where(campaign.c.state == state)
        rest = update(notice).where(notice.c.id.in_(ids), notice.c.state == "waiting", notice.c.campaign.in_(ended))
        connection.execute(rest.values(state="not_told", reason=state, settled=now))


def _one_each(wanted: Sequence[int], ready: dict[int, tuple[str, str]], busy: set[tuple[str, str]]) -> list[int]:
    """At most one to each address, none to a busy one."""
    chosen = []
    held = set(busy)
    for number in wanted:
        if ready[number] not in held:
            held.add(ready[number])
            chosen.append(number)
    return chosen


def _settle(one: Settled, now: datetime) -> dict[str, Any]:
    return {
        "of": one.id,
        "to_state": one.state,
        "to_reason": one.reason,
        "to_platform_id": one.platform_id,
        "to_not_before": one.not_before,
        "to_settled": now,
        "more_tries": int(one.failed),
        "to_tried": one.tried,
    }


__all__ = ["DEAD", "Gate", "Placed", "Sending", "Settled", "Step", "Stepped"]
