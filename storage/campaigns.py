"""Campaigns: made whole or not at all, moved from state to state, counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Select, bindparam, exists, func, select, update

from .campaign_tables import campaign, notice
from .store import Store

CHUNK = 1000
OPEN = ("waiting", "sending")


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign. `audience`: `roster` or `asked`; `left_out`: who is not in it, by reason."""

    id: str
    title: str
    audience: str
    source: str
    digest: str
    not_after: datetime
    at: datetime
    state: str = "draft"
    why: str = ""
    left_out: dict[str, list[str]] = field(default_factory=dict)
    started: datetime | None = None
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody of the audience, as they were when the campaign was made."""

    subject: str
    facts: dict[str, Any]
    email: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of one notice."""

    id: int
    campaign: str
    subject: str
    facts: dict[str, Any]
    email: str
    state: str
    reason: str
    channel: str
    address: str
    tried: str
    tries: int
    platform_id: str
    claimed: datetime | None
    settled: datetime | None
    opened: datetime | None

    @property
    def label(self) -> str:
        """What HR knows them by: the id of the facts, where they have one."""
        return str(self.facts.get("id") or self.subject)


@dataclass(frozen=True, slots=True)
class Count:
    """How a campaign stands: notices by state (sending counts as waiting), and the reasons of those not told."""

    states: dict[str, int]
    reasons: dict[str, int]
    opened: int

    @property
    def total(self) -> int:
        """Everybody of the audience."""
        return sum(self.states.values())

    def of(self, state: str) -> int:
        """How many are in a state."""
        return self.states.get(state, 0)


_ROW = tuple(notice.c[name] for name in Row.__slots__)


def row_of(found: Any) -> Row:
    """A row as it stands in the table."""
    values = dict(found._mapping)
    values["facts"] = orjson.loads(values["facts"])
    return Row(**values)


def _names(left_out: dict[str, Any]) -> dict[str, list[str]]:
    """Everybody by reason; of campaigns made before names were kept only how many."""
    return {why: who if isinstance(who, list) else [""] * who for why, who in left_out.items()}


class Campaigns:
    """Every campaign of one store."""

    def __init__(self, store: Store) -> None:
        self._database, self._clock = store.database, store.clock

    async def create(self, made: Campaign, people: Sequence[Addressee]) -> None:
        """A campaign with everybody of its audience, each once."""
        head = {
            "id": made.id, "title": made.title, "audience": made.audience, "source": made.source, "digest": made.digest,
            "state": made.state, "left_out": orjson.dumps(made.left_out), "not_after": made.not_after, "at": made.at,
        }  # fmt: skip
        rows = [
            {"campaign": made.id, "subject": one.subject, "facts": orjson.dumps(one.facts), "email": one.email}
            for one in people
        ]

        def create(connection: Connection) -> None:
            connection.execute(campaign.insert().values(head))
            for first in range(0, len(rows), CHUNK):
                connection.execute(notice.insert(), rows[first : first + CHUNK])

        await self._database.write(create)

    async def get(self, id: str) -> Campaign | None:
        """The campaign of that id."""
        found = await self._many(select(campaign).where(campaign.c.id == id))
        return found[0] if found else None

    async def all(self) -> list[Campaign]:
        """Every campaign, the newest first."""
        return await self._many(select(campaign).order_by(campaign.c.at.desc(), campaign.c.id))

    async def running(self) -> list[Campaign]:
        """Those that are being sent."""
        return await self._many(select(campaign).where(campaign.c.state == "sending").order_by(campaign.c.at))

    async def _many(self, query: Select[Any]) -> list[Campaign]:
        def read(connection: Connection) -> list[Campaign]:
            return [
                Campaign(**{**row._mapping, "left_out": _names(orjson.loads(row.left_out))})
                for row in connection.execute(query)
            ]

        return await self._database.read(read)

    async def move(self, id: str, to: str, *, out_of: Iterable[str], why: str = "") -> bool:
        """From one state to another; False where it is in none of `out_of` by now."""
        now = self._clock()
        values: dict[str, Any] = {"state": to, "why": why}
        if to == "sending":
            values["started"] = func.coalesce(campaign.c.started, bindparam("now", type_=campaign.c.started.type))
        elif to in ("done", "cancelled", "expired"):
            values["ended"] = bindparam("now", type_=campaign.c.started.type)
        moved = update(campaign).where(campaign.c.id == id, campaign.c.state.in_(list(out_of))).values(values)
        parameters = {"now": now} if to not in ("paused", "draft") else {}
        return await self._database.write(lambda connection: connection.execute(moved, parameters).rowcount == 1)

    async def end(self, id: str, state: str, *, reason: str, out_of: Iterable[str]) -> bool:
        """Ends a campaign before everybody was told; those who wait are not told, for this `reason`."""
        now = self._clock()
        moved = update(campaign).where(campaign.c.id == id, campaign.c.state.in_(list(out_of)))
        waiting = (notice.c.campaign == id, notice.c.state == "waiting")
        locked = (
            select(notice.c.id).where(*waiting).order_by(notice.c.id).with_for_update()
        )  # senders lock in this order
        rest = update(notice).where(*waiting)

        def end(connection: Connection) -> bool:
            if connection.execute(moved.values(state=state, ended=now)).rowcount != 1:
                return False
            connection.execute(locked)
            connection.execute(rest.values(state="not_told", reason=reason, holder="", settled=now))
            return True

        return await self._database.write(end)

    async def finish(self, id: str) -> bool:
        """Whether nothing waits and nothing is being sent any more; then it is done."""
        still = exists().where(notice.c.campaign == id, notice.c.state.in_(OPEN))
        done = update(campaign).where(campaign.c.id == id, campaign.c.state == "sending", ~still)
        now = self._clock()
        return await self._database.write(
            lambda connection: connection.execute(done.values(state="done", ended=now)).rowcount == 1
        )

    async def count(self, id: str) -> Count:
        """How it stands now."""
        query = (
            select(notice.c.state, notice.c.reason, func.count(), func.count(notice.c.opened))
            .where(notice.c.campaign == id)
            .group_by(notice.c.state, notice.c.reason)
        )

        def read(connection: Connection) -> Count:
            states: dict[str, int] = {}
            reasons: dict[str, int] = {}
            opened = 0
            for state, reason, number, seen in connection.execute(query):
                name = "waiting" if state == "sending" else state
                states[name] = states.get(name, 0) + number
                opened += seen
                if state == "not_told":
                    reasons[reason] = reasons.get(reason, 0) + number
            return Count(states, reasons, opened)

        return await self._database.read(read)

    async def rows(self, id: str) -> list[Row]:
        """Everybody of its audience, in the audience's order."""
        query = select(*_ROW).where(notice.c.campaign == id).order_by(notice.c.id)
        return await self._database.read(lambda connection: [row_of(row) for row in connection.execute(query)])

    async def row(self, id: int) -> Row | None:
        """One notice."""
        query = select(*_ROW).where(notice.c.id == id)

        def read(connection: Connection) -> Row | None:
            found = connection.execute(query).first()
            return None if found is None else row_of(found)

        return await self._database.read(read)

    async def refresh(self, id: str, digest: str, people: Mapping[str, Addressee]) -> int:
        """What a newer roster says of those who still wait; who is no longer on it is not told. How many still wait."""
        now = self._clock()
        waiting = (
            select(notice.c.id, notice.c.subject)
            .where(notice.c.campaign == id, notice.c.state == "waiting")
            .order_by(notice.c.id)
            .with_for_update()
        )
        new = (
            update(notice)
            .where(notice.c.id == bindparam("of"), notice.c.state == "waiting")
            .values(facts=bindparam("now_facts"), email=bindparam("now_email"))
        )
        gone = update(notice).where(notice.c.id == bindparam("of"), notice.c.state == "waiting")

        def refresh(connection: Connection) -> int:
            rows = [(row.id, people.get(row.subject)) for row in connection.execute(waiting)]
            known = [
                {"of": number, "now_facts": orjson.dumps(one.facts), "now_email": one.email}
                for number, one in rows
                if one is not None
            ]
            lost = [{"of": number} for number, one in rows if one is None]
            if known:
                connection.execute(new, known)
            if lost:
                connection.execute(gone.values(state="not_told", reason="not_on_roster", holder="", settled=now), lost)
            connection.execute(update(campaign).where(campaign.c.id == id).values(digest=digest))
            return len(known)

        return await self._database.write(refresh)

    async def resend(self, id: str) -> int:
        """Lets what is in doubt wait again, because somebody has decided so; how many."""
        again = update(notice).where(notice.c.campaign == id, notice.c.state == "in_doubt")
        values = {"state": "waiting", "holder": "", "reason": "", "not_before": None, "settled": None}
        return await self._database.write(lambda connection: connection.execute(again.values(values)).rowcount)

    async def opened(self, id: int) -> None:
        """The person has opened the notice; the first time counts."""
        seen = update(notice).where(notice.c.id == id, notice.c.opened.is_(None)).values(opened=self._clock())
        await self._database.write(lambda connection: connection.execute(seen))
