"""Campaigns and their lines: made whole or not at all, moved from state to state, put into the outbox, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Select, bindparam, delete, exists, func, insert, or_, select, update

from .campaign_tables import EARLY, Campaign, NoticeLine, binding, campaign, notice, silence, still_known
from .database import lots
from .outbox import NOTICE, OPEN, Posted, unmade
from .store import Store
from .tables import AHEAD, outbox


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody that a campaign is about: `subject` is theirs in one office alone; `out`: why they are told nothing, empty for who is.
    The name is never stored and stands in no notice; HR's own workbooks show it. `tried`: the channels that are not to be taken."""

    subject: str
    facts: dict[str, Any]
    email: str = ""
    unit: str = ""
    name: str = ""
    out: str = ""
    tried: str = ""

    @property
    def told(self) -> bool:
        """Whether they are to be told, be it later."""
        return self.out in ("", EARLY)

    @property
    def label(self) -> str:
        """What HR knows them by."""
        return str(self.facts.get("id") or self.subject)


class Over(NamedTuple):
    """A line that nobody is told about, for a reason."""

    line: int
    reason: str


class Count(NamedTuple):
    """How a campaign stands: notices by state (sending counts as waiting), the reasons of those not told, and of those left out."""

    states: dict[str, int]
    reasons: dict[str, int]
    left_out: dict[str, int]
    opened: int

    @property
    def total(self) -> int:
        """Everybody of the audience."""
        return sum(self.states.values())

    def of(self, state: str) -> int:
        """How many are in a state."""
        return self.states.get(state, 0)


_RUNNING = select(campaign).where(campaign.c.state == "sending").order_by(campaign.c.at)
_LINES = select(*(notice.c[name] for name in NoticeLine._fields)).order_by(notice.c.id)


def _line(found: Any) -> NoticeLine:
    return NoticeLine(*found)._replace(facts=orjson.loads(found.facts))


class Campaigns:
    """Every campaign of one store."""

    def __init__(self, store: Store) -> None:
        self._database, self._clock = store.database, store.clock

    async def create(self, made: Campaign, people: Sequence[Addressee]) -> None:
        """A campaign with everybody that it is about, each once, also who is left out."""

        def create(connection: Connection) -> None:
            connection.execute(campaign.insert().values(made._asdict()))
            _add(connection, made.id, people)
            still_known(connection, (one.subject for one in people), made.at)

        await self._database.write(create)

    async def get(self, id: str) -> Campaign | None:
        """The campaign of that id."""
        found = await self._many(select(campaign).where(campaign.c.id == id))
        return found[0] if found else None

    async def all(self) -> list[Campaign]:
        """Every campaign, the newest first."""
        return await self._many(select(campaign).order_by(campaign.c.at.desc(), campaign.c.id))

    async def series(self, series: str) -> list[Campaign]:
        """Every campaign of one plan."""
        return await self._many(select(campaign).where(campaign.c.series == series))

    async def reword(self, id: str, wording: str) -> None:
        """Other words from now on; what waits in the outbox is made anew."""

        def reword(connection: Connection) -> None:
            connection.execute(update(campaign).where(campaign.c.id == id).values(wording=wording))
            unmade(connection, _letters_of(id))

        await self._database.write(reword)

    async def running(self) -> list[Campaign]:
        """Those that are being sent."""
        return await self._many(_RUNNING)

    async def _many(self, query: Select[Any]) -> list[Campaign]:
        return [Campaign(**row._mapping) for row in await self._database.rows(query)]

    async def move(self, id: str, to: str, *, out_of: Iterable[str], why: str = "") -> bool:
        """From one state to another; False where it is in none of `out_of` by now. What waits in the outbox is made anew; where it ends
        before everybody was told, who waits is not told, for that reason."""
        now, over = self._clock(), to in ("cancelled", "expired")
        values: dict[str, Any] = {"state": to, "why": why, "ended": now if over else None}
        if to == "sending":
            values["started"] = func.coalesce(campaign.c.started, bindparam("now", now, type_=campaign.c.started.type))
        moved = update(campaign).where(campaign.c.id == id, campaign.c.state.in_(list(out_of))).values(values)
        rest = update(notice).where(notice.c.campaign == id, notice.c.state == "waiting")

        def move(connection: Connection) -> bool:
            if connection.execute(moved).rowcount != 1:
                return False
            unmade(connection, _letters_of(id))  # what is cancelled at this moment either is here, or is on its way
            if over:
                connection.execute(rest.values(state="not_told", reason=to, settled=now))
            return True

        return await self._database.write(move)

    async def finish(self, id: str) -> bool:
        """Whether nothing waits and nothing is being sent any more; then it is done."""
        still = exists().where(notice.c.campaign == id, notice.c.state.in_(OPEN))
        done = update(campaign).where(campaign.c.id == id, campaign.c.state == "sending", ~still)
        return await self._database.change(done.values(state="done", ended=self._clock())) == 1

    async def count(self, id: str) -> Count:
        """How it stands now."""
        query = (
            select(notice.c.state, notice.c.reason, func.count(), func.count(notice.c.opened))
            .where(notice.c.campaign == id)
            .group_by(notice.c.state, notice.c.reason)
        )

        states, opened = Counter[str](), 0
        why: dict[str, Counter[str]] = {"not_told": Counter(), "left_out": Counter()}
        for state, reason, number, seen in await self._database.rows(query):
            if state != "left_out":
                states["waiting" if state == "sending" else state] += number
            opened += seen
            if state in why:
                why[state][reason] += number
        return Count(dict(states), dict(why["not_told"]), dict(why["left_out"]), opened)

    async def rows(self, id: str) -> list[NoticeLine]:
        """Everybody of its audience, in the audience's order."""
        return [_line(row) for row in await self._database.rows(_LINES.where(notice.c.campaign == id))]

    async def row(self, id: int) -> NoticeLine | None:
        """One notice."""
        found = await self._database.rows(_LINES.where(notice.c.id == id))
        return _line(found[0]) if found else None

    async def refresh(self, id: str, source: str, digest: str, people: Mapping[str, Addressee]) -> int:
        """Takes anew what is known of everybody by subject: of those who wait or were left out, and who is new; who waits and is nobody
        of these any more is not told. How many wait now."""
        now = self._clock()
        known = select(notice.c.id, notice.c.subject, notice.c.state).where(notice.c.campaign == id)

        def refresh(connection: Connection) -> int:
            connection.execute(update(campaign).where(campaign.c.id == id).values({"source": source, "digest": digest}))
            unmade(connection, _letters_of(id))
            rows = connection.execute(known.order_by(notice.c.id).with_for_update()).all()
            changed = [
                _anew(row.id, row.state, people.get(row.subject), now)
                for row in rows
                if row.state == "waiting" or (row.state == "left_out" and row.subject in people)
            ]
            if changed:
                connection.execute(_ANEW, changed)
            known_already = {row.subject for row in rows}
            _add(connection, id, [one for one in people.values() if one.subject not in known_already])
            waiting = select(func.count()).where(notice.c.campaign == id, notice.c.state == "waiting")
            return connection.scalar(waiting) or 0

        return await self._database.write(refresh)

    async def stop_for(self, id: str, line: int) -> int:
        """Whoever waits in this line is not told; how many that were."""
        now = self._clock()

        def stop(connection: Connection) -> int:
            unmade(connection, outbox.c.line == line)
            ours = update(notice).where(notice.c.id == line, notice.c.campaign == id, notice.c.state == "waiting")
            return connection.execute(ours.values(state="not_told", reason="stopped", settled=now)).rowcount

        return await self._database.write(stop)

    async def lately(self, subjects: Iterable[str], since: datetime) -> list[tuple[str, datetime, str, int]]:
        """The campaigns made since a moment that have told any of these, or are still to: title, when, state, how many of them."""
        counts = Counter[tuple[str, str, datetime, str]]()
        going = campaign.c.state.in_(("draft", "sending", "paused")) & notice.c.state.in_(OPEN)
        head = (campaign.c.id, campaign.c.title, campaign.c.at, campaign.c.state)
        query = (
            select(*head, func.count())
            .join(notice, notice.c.campaign == campaign.c.id)
            .where(campaign.c.at >= since, or_(notice.c.state.in_(("told", "in_doubt")), going))
            .group_by(*head)
        )
        for some in lots(subjects):
            for *one, count in await self._database.rows(query.where(notice.c.subject.in_(some))):
                counts[tuple(one)] += count
        return [(title, at, state, count) for (_, title, at, state), count in counts.items()]

    async def again(self, id: str, lines: Iterable[int], *, fresh: bool = False) -> int:
        """Lets lines wait again that are in doubt or were not told, because somebody has decided so; how many. `fresh`: also where
        they were refused before."""
        values = {"state": "waiting", "reason": "", "not_before": None, "settled": None, "tries": notice.c.tries + 1}
        more = {"tried": "", "channel": ""} if fresh else {}

        def again(connection: Connection) -> int:
            count = 0
            for some in map(notice.c.id.in_, lots(sorted(lines))):
                if fresh:
                    theirs = select(notice.c.address).where(some)
                    refused = (outbox.c.rank == NOTICE, outbox.c.state == "refused", outbox.c.person.in_(theirs))
                    connection.execute(delete(outbox).where(*refused))
                ours = update(notice).where(some, notice.c.campaign == id, notice.c.state.in_(("in_doubt", "not_told")))
                count += connection.execute(ours.values(values | more)).rowcount
            return count

        return await self._database.write(again)

    # ------------------------------------------------------------ into the outbox

    async def due(self, campaigns: Sequence[str], channels: Sequence[str], most: int) -> list[NoticeLine]:
        """Lines that wait and whose time has come, of these channels or of none yet."""
        now = self._clock()
        query = _LINES.limit(most).where(
            notice.c.campaign.in_(campaigns), notice.c.state == "waiting", notice.c.channel.in_([*channels, ""]),
            notice.c.reason != EARLY,
            or_(notice.c.not_before.is_(None), notice.c.not_before <= now, notice.c.not_before > now + AHEAD),
        )  # fmt: skip
        return [_line(row) for row in await self._database.rows(query)]

    async def next_at(self, campaigns: Sequence[str]) -> datetime | None:
        """When the next line that waits may go, an epoch where at once; None where none waits."""
        now = bindparam("now", self._clock(), type_=notice.c.settled.type)
        query = select(func.min(func.coalesce(notice.c.not_before, now)))
        found: datetime | None = await self._database.value(
            query.where(notice.c.campaign.in_(campaigns), notice.c.state.in_(OPEN), notice.c.reason != EARLY)
        )
        return found

    async def post(self, posted: Sequence[Posted], over: Sequence[Over], routed: Mapping[int, str]) -> None:
        """One commit: letters into the outbox, of campaigns that are still being sent and to who still wants them; lines that are
        over, or wait; and by which channel lines will go (`routed`)."""
        now = self._clock()
        lines = [one.line for one in posted]
        row = {"rank": NOTICE, "at": now}

        def post(connection: Connection) -> None:
            going = _still_going(connection, lines)
            letters = [
                row | {
                    "line": one.line, "channel": one.channel, "person": one.person, "body": one.body, "not_after": one.not_after,
                    "revision": -one.line, "ordinal": going[one.line], "tries": going[one.line],
                }
                for one in posted if one.line in going
            ]  # fmt: skip
            if letters:
                connection.execute(insert(outbox), letters)
                connection.execute(
                    _POST, [{"of": one["line"], "by": one["channel"], "to": one["person"]} for one in letters]
                )
            if over:
                connection.execute(_OVER, [{"of": one.line, "why": one.reason, "at_last": now} for one in over])
            if routed:
                connection.execute(_ROUTE, [{"of": line, "by": channel} for line, channel in routed.items()])

        await self._database.write(post)

    async def returned(self, id: int, reason: str) -> None:
        """What was taken for told has come back: it is not, and that address is not tried again."""
        back = update(notice).where(
            notice.c.id == id, notice.c.channel == "email", notice.c.state.in_(("told", "in_doubt"))
        )
        back = back.values(state="not_told", reason=reason, tried=notice.c.tried + f"email:{reason} ")
        dead = update(outbox).where(
            outbox.c.line == id, outbox.c.channel == "email", outbox.c.state.in_(("sent", "doubt"))
        )

        def take(connection: Connection) -> None:
            if connection.execute(back).rowcount:
                connection.execute(dead.values(state="refused", reason=reason))

        await self._database.write(take)

    async def offices(self) -> int:
        """How many offices have campaigns here."""
        return int(await self._database.value(select(func.count(campaign.c.owner.distinct()))))

    async def opened(self, id: int) -> None:
        """The person has opened the notice; the first time counts."""
        seen = update(notice).where(notice.c.id == id, notice.c.opened.is_(None)).values(opened=self._clock())
        await self._database.change(seen)


_POST = (
    update(notice)
    .where(notice.c.id == bindparam("of"), notice.c.state == "waiting")
    .values(state="sending", channel=bindparam("by"), address=bindparam("to"))
)
_OVER = (
    update(notice)
    .where(notice.c.id == bindparam("of"), notice.c.state == "waiting")
    .values(state="not_told", reason=bindparam("why"), not_before=None, settled=bindparam("at_last"))
)
_ROUTE = update(notice).where(notice.c.id == bindparam("of")).values(channel=bindparam("by"))


_ANEW = (
    update(notice)
    .where(notice.c.id == bindparam("of"))
    .values(
        facts=func.coalesce(bindparam("now_facts", type_=notice.c.facts.type), notice.c.facts),
        email=bindparam("now_email"), state=bindparam("to_state"), reason=bindparam("why"), settled=bindparam("at_last"),
        channel="", tried=bindparam("now_tried"),
    )
)  # fmt: skip


def _anew(line: int, state: str, one: Addressee | None, now: datetime) -> dict[str, Any]:
    """What a line becomes that waited or was left out, by what is known of its person now: nothing, or where they stand."""
    over = one is None or not one.told
    return {
        "of": line, "now_facts": None if one is None or over else orjson.dumps(one.facts), "now_email": "" if one is None else one.email,
        "to_state": ("not_told" if state == "waiting" else "left_out") if over else "waiting",
        "why": "not_on_roster" if one is None else one.out, "at_last": now if over else None, "now_tried": "" if one is None else one.tried,
    }  # fmt: skip


def _add(connection: Connection, id: str, people: Sequence[Addressee]) -> None:
    rows = [
        {
            "campaign": id, "subject": one.subject, "facts": orjson.dumps(one.facts if one.told else {"id": one.label}), "email": one.email,
            "unit": one.unit, "state": "waiting" if one.told else "left_out", "reason": one.out, "tried": one.tried,
        }
        for one in people
    ]  # fmt: skip
    for some in lots(rows):
        connection.execute(notice.insert(), some)


def _letters_of(id: str) -> Any:
    """A campaign's letters."""
    return outbox.c.line.in_(select(notice.c.id).where(notice.c.campaign == id, notice.c.state == "sending"))


def _still_going(connection: Connection, lines: Sequence[int]) -> dict[int, int]:
    """Of these lines those that wait, whose campaign is being sent and who has not refused; each with its tries. No campaign of
    theirs is paused or ends before this commit."""
    if not lines:
        return {}
    theirs = select(notice.c.campaign).where(notice.c.id.in_(lines))
    connection.execute(select(campaign.c.id).where(campaign.c.id.in_(theirs)).with_for_update(read=True))
    bound = select(binding.c.person).where(binding.c.subject == notice.c.subject).correlate(notice).scalar_subquery()
    rows = connection.execute(
        select(notice.c.id, notice.c.tries)
        .join(campaign, campaign.c.id == notice.c.campaign)
        .where(
            notice.c.id.in_(lines),
            notice.c.state == "waiting",
            campaign.c.state == "sending",
            ~exists().where(or_(silence.c.who == notice.c.subject, silence.c.who.in_(bound))).correlate(notice),
        )
    )
    return {row.id: row.tries for row in rows}
