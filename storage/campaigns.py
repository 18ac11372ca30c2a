"""Campaigns and their lines: made whole or not at all, moved from state to state, put into the outbox, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Select, bindparam, delete, exists, func, insert, or_, select, update

from .campaign_tables import EARLY, Campaign, Made, NoticeLine, binding, campaign, notice, silence, still_known
from .database import lots
from .outbox import NOTICE, OPEN, Letter
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
        """Other words from now on."""
        await self._database.change(update(campaign).where(campaign.c.id == id).values(wording=wording))

    async def running(self) -> list[Campaign]:
        """Those that are being sent."""
        return await self._many(_RUNNING)

    async def _many(self, query: Select[Any]) -> list[Campaign]:
        return [Campaign(**row._mapping) for row in await self._database.rows(query)]

    async def move(self, id: str, to: str, *, out_of: Iterable[str], why: str = "") -> bool:
        """From one state to another; False where it is in none of `out_of` by now. Where it ends before everybody was told, who waits
        is not told, for that reason: at this moment everybody either waits, or has a letter that is on its way."""
        now, over = self._clock(), to in ("cancelled", "expired")
        values: dict[str, Any] = {"state": to, "why": why, "ended": now if over else None}
        if to == "sending":
            values["started"] = func.coalesce(campaign.c.started, bindparam("now", now, type_=campaign.c.started.type))
        moved = update(campaign).where(campaign.c.id == id, campaign.c.state.in_(list(out_of))).values(values)
        rest = update(notice).where(notice.c.campaign == id, notice.c.state == "waiting")

        def move(connection: Connection) -> bool:
            if connection.execute(moved).rowcount != 1:
                return False
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
        ours = update(notice).where(notice.c.id == line, notice.c.campaign == id, notice.c.state == "waiting")
        return await self._database.change(ours.values(state="not_told", reason="stopped", settled=self._clock()))

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

    async def due(
        self, campaigns: Sequence[str], channels: Sequence[str], most: int, but: Iterable[int] = ()
    ) -> list[NoticeLine]:
        """Lines that wait and whose time has come, of these channels or of none yet; all `but` some."""
        now = self._clock()
        query = _LINES.limit(most).where(
            notice.c.campaign.in_(campaigns), notice.c.state == "waiting", notice.c.channel.in_([*channels, ""]),
            notice.c.reason != EARLY, notice.c.id.not_in(list(but)),
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

    async def route(self, over: Iterable[Over], routed: Mapping[int, str]) -> None:
        """Lines that are over, and by which channel others will go."""
        now = self._clock()

        def route(connection: Connection) -> None:
            if ended := [{"of": one.line, "why": one.reason, "at_last": now} for one in over]:
                connection.execute(_OVER, ended)
            if routed:
                connection.execute(_ROUTE, [{"of": line, "by": channel} for line, channel in routed.items()])

        await self._database.write(route)

    async def put_off(self, lines: Iterable[int], until: datetime, reason: str) -> None:
        """These of those who wait, wait for longer."""
        waiting = update(notice).where(notice.c.id.in_(list(lines)), notice.c.state == "waiting")
        await self._database.change(waiting.values(not_before=until, reason=reason))

    async def post(
        self, made: Sequence[Made], sender: str, *, most: int = 100, moment: datetime | None = None, spacing: timedelta = timedelta(0)
    ) -> tuple[list[Letter], list[int]]:  # fmt: skip
        """Notices of one channel that may go out now, as letters that are durably `sender`'s; and the lines of these and of those that
        may not any more, as they were made. Each goes while its line and its campaign, which is being sent, stand as it was made from
        them, it is not late at this `moment` and its reader wants it; once nothing else is on its way to them, and `spacing` has passed
        since their last one."""
        now = self._clock()

        def post(connection: Connection) -> tuple[list[Letter], list[int]]:
            busy = _busy(connection, made, now - spacing, now)
            first: dict[str, Made] = {}
            for one in made:
                if one.person not in busy and len(first) < most:
                    first.setdefault(one.person, one)
            tried = [one.line.id for one in first.values()]
            going = _standing(connection, list(first.values()), moment or now)
            if not going:
                return [], tried
            rows = [
                {
                    "rank": NOTICE, "line": one.line.id, "channel": one.channel, "person": one.person, "body": one.body,
                    "not_after": one.campaign.not_after, "revision": -one.line.id, "ordinal": one.line.tries, "tries": one.line.tries,
                    "state": "sending", "sender": sender, "claimed": now, "at": one.at,
                }
                for one in going
            ]  # fmt: skip
            ids = {row.line: row.id for row in connection.execute(_LETTERS, rows)}
            claimed = [{"of": one.line.id, "by": one.channel, "to": one.person} for one in going]
            connection.execute(_CLAIMED, claimed)
            return [
                Letter(ids[one.line.id], one.person, one.body, one.line.tries, False, one.line.id, sender, now)
                for one in going
            ], tried

        return await self._database.write(post)

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


_LETTERS = insert(outbox).returning(outbox.c.id, outbox.c.line)
_CLAIMED = (
    update(notice)
    .where(notice.c.id == bindparam("of"))
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


def _busy(connection: Connection, made: Sequence[Made], since: datetime, now: datetime) -> set[str]:
    """To whom something else is to go first, or went since a moment, and not after now, where a wrong clock may have put it."""
    theirs = select(outbox.c.person).where(
        outbox.c.channel.in_({one.channel for one in made}), outbox.c.person.in_({one.person for one in made})
    )
    last = (outbox.c.rank == NOTICE, outbox.c.settled > since, outbox.c.settled <= now)
    return set(connection.scalars(theirs.where(outbox.c.state.in_(OPEN)).union(theirs.where(*last))))


def _standing(connection: Connection, made: Sequence[Made], moment: datetime) -> list[Made]:
    """Of these notices those that may go: nothing of what they were made from has changed, and none of their campaigns pauses or ends
    before this commit."""
    heads = select(campaign).where(campaign.c.id.in_({one.campaign.id for one in made}), campaign.c.state == "sending")
    sending = {row.id: Campaign(**row._mapping) for row in connection.execute(heads.with_for_update(read=True))}
    bound = select(binding.c.person).where(binding.c.subject == notice.c.subject).correlate(notice).scalar_subquery()
    refused = exists().where(or_(silence.c.who == notice.c.subject, silence.c.who.in_(bound))).correlate(notice)
    lines = _LINES.where(notice.c.id.in_([one.line.id for one in made]), notice.c.state == "waiting", ~refused)
    waiting = {row.id: _line(row) for row in connection.execute(lines.with_for_update(of=notice))}
    silent = set(connection.scalars(select(silence.c.who).where(silence.c.who.in_([one.person for one in made]))))
    return [
        one
        for one in made
        if sending.get(one.campaign.id) == one.campaign
        and waiting.get(one.line.id) == one.line
        and one.campaign.not_after > moment
        and one.person not in silent
    ]
