"""The outbox: every letter on its way out, talk's parts and notices alike, kept until it is known what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Boolean, Connection, bindparam, case, delete, exists, func, or_, select, update

from .campaign_tables import campaign, notice
from .database import lots
from .lane import Lane
from .store import BATCH, Store
from .tables import AHEAD, outbox

OPEN = ("waiting", "sending")
TALK, NOTICE = 0, 1
"""The ranks of letters: what is said to somebody who talks goes before what they are reminded of."""
DOUBT = "doubt"
"""The reason of a letter that waits although an earlier try may have arrived."""
DIED = "sender_died"
"""The reason of a notice in doubt whose sender is gone."""


class Letter(NamedTuple):
    """What is to be sent to one account, `person`: a bubble of talk, or the notice of a campaign's `line`. `tries` counts the times
    that it was sent in vain; `doubt`: one of those may have arrived; `sender`: who has claimed it, and when: a number may come again."""

    id: int
    person: str
    body: bytes
    tries: int = 0
    doubt: bool = False
    line: int | None = None
    sender: str = ""
    claimed: datetime | None = None


class Newest(NamedTuple):
    """The last letter made for a person, and what became of it so far."""

    state: str
    platform_id: str


class Settled(NamedTuple):
    """What became of a letter. `sent`; `refused`: it never will be, for this `reason`; `doubt`: the call went out and its
    answer never came; `waiting`: to be tried again, `not_before` a moment, with `reason` DOUBT where it may have
    arrived; `counts`: that was one try in vain."""

    letter: Letter
    state: Literal["sent", "refused", "doubt", "waiting"]
    platform_id: str = ""
    reason: str = ""
    not_before: datetime | None = None
    counts: bool = True


def _noted(table: Any, *over: str) -> Any:
    """What became of a letter noted in its row, or its line, unless that is `over`: an answer that comes late is still true."""
    held = ("state", "reason", "platform_id", "not_before", "settled")
    still = update(table).where(table.c.id == bindparam("of"), *(table.c.state != state for state in over))
    return still.values({name: bindparam(f"to_{name}") for name in held}).values(
        tries=table.c.tries + bindparam("more_tries")
    )


_SETTLE = _noted(outbox, "sent", "refused").values(
    body=case((bindparam("is_over", type_=Boolean), b""), else_=outbox.c.body), sender=""  # nothing private is kept after it
)  # fmt: skip
# A notice that was refused, or is not taken now, goes back to its line: it is made anew when its time has come, or another way.
_LINE = _noted(notice, "told", "not_told").values(tried=notice.c.tried + bindparam("to_tried"))
_LINE_STATE = {"sent": "told", "doubt": "in_doubt", "refused": "waiting", "waiting": "waiting"}


def _at(name: str) -> Any:
    return bindparam(name, type_=outbox.c.at.type)


def _ahead() -> Any:
    """Something is to go to the same person before this."""
    other = outbox.alias("ahead")
    return exists().where(
        other.c.channel == outbox.c.channel,
        other.c.person == outbox.c.person,
        other.c.state.in_(OPEN),
        other.c.rank == TALK,
        other.c.id < outbox.c.id,
    )


_FREE = (
    select(outbox.c.id)
    .where(
        outbox.c.channel == bindparam("of"),
        outbox.c.rank == TALK,
        outbox.c.state == "waiting",
        or_(outbox.c.not_before.is_(None), outbox.c.not_before <= _at("now"), outbox.c.not_before > _at("wrong")),
        ~_ahead(),
    )
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(of=outbox, skip_locked=True)
)
_TAKE = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("taken", expanding=True)))
    .values(state="sending", sender=bindparam("by"), claimed=_at("now"))
    .returning(outbox.c.id, outbox.c.person, outbox.c.body, outbox.c.tries, outbox.c.reason)
)


_SENDERS = (
    select(outbox.c.sender).where(outbox.c.state == "sending").group_by(outbox.c.sender).order_by(func.min(outbox.c.id))
)


class Outbox:
    """One person's letters leave in their order: none is claimed while an earlier one is waiting or being sent."""

    def __init__(self, store: Store) -> None:
        self._database = store.database
        self._clock = store.clock
        self._outcomes: Lane[Settled, None] = Lane(self._settle, most=BATCH)
        self._newest: Lane[str, Newest | None] = Lane(self._find_newest, most=BATCH)

    async def claim(self, channel: str, sender: str, *, most: int = 100) -> list[Letter]:
        """What is said in talks and may go out now, from now on `sender`'s: durably `sending`, and nobody else's. Notices become
        letters as they are claimed, by `Campaigns.post`."""
        now = self._clock()
        values = {"of": channel, "now": now, "wrong": now + AHEAD, "most": most}

        def claim(connection: Connection) -> list[Letter]:
            if not (ids := list(connection.scalars(_FREE, values))):
                return []
            rows = connection.execute(_TAKE, {"taken": ids, "by": sender, "now": now})
            letters = [
                Letter(row.id, row.person, row.body, row.tries, row.reason == DOUBT, None, sender, now) for row in rows
            ]
            return sorted(letters, key=lambda letter: letter.id)

        return await self._database.write(claim)

    async def unclaim(self, sender: str, but: Sequence[int]) -> None:
        """What a sender has claimed without hearing of it, all `but` these, waits again: nothing of it has left."""
        unheard = (outbox.c.sender == sender, outbox.c.state == "sending", outbox.c.id.not_in(but))
        talk = update(outbox).where(*unheard, outbox.c.rank == TALK).values(state="waiting", sender="")
        notices = delete(outbox).where(*unheard, outbox.c.rank == NOTICE).returning(outbox.c.line)

        def unclaim(connection: Connection) -> None:
            connection.execute(talk)
            lines = [line for (line,) in connection.execute(notices)]
            again = update(notice).where(notice.c.id.in_(lines), notice.c.state == "sending")
            connection.execute(again.values(state="waiting"))

        await self._database.write(unclaim)

    async def settle(self, outcome: Settled) -> None:
        """Returns when it is durably known what became of a letter that was being sent."""
        await self._outcomes.put(outcome)

    async def release(self, of: str) -> int:
        """Takes back what a sender that is gone was sending: talk is sent again, as in doubt; whether a notice is repeated somebody
        decides. How many letters."""
        now = self._clock()
        theirs = (outbox.c.state == "sending", outbox.c.sender == of)
        talk = update(outbox).where(*theirs, outbox.c.rank == TALK)
        notices = update(outbox).where(*theirs, outbox.c.rank == NOTICE)

        def release(connection: Connection) -> int:
            back = connection.execute(talk.values(state="waiting", sender="", reason=DOUBT)).rowcount
            lost = connection.execute(
                notices.values(state="doubt", sender="", reason=DIED, settled=now).returning(outbox.c.line)
            )
            lines = [line for (line,) in lost]
            if lines:
                gone = update(notice).where(notice.c.id.in_(lines), notice.c.state == "sending")
                connection.execute(gone.values(state="in_doubt", reason=DIED, settled=now))
            return back + len(lines)

        return await self._database.write(release)

    async def senders(self) -> list[str]:
        """Who is sending letters just now, or was when it died, whoever has the oldest letter first."""
        return [row.sender for row in await self._database.rows(_SENDERS)]

    async def newest(self, person: str) -> Newest | None:
        """The last letter of all that were made for a person; None for somebody to whom nothing was ever said."""
        return await self._newest.put(person)

    async def _find_newest(self, people: Sequence[str]) -> Sequence[Newest | None]:
        last = select(func.max(outbox.c.id)).where(outbox.c.person.in_(set(people))).group_by(outbox.c.person)
        query = select(outbox.c.person, outbox.c.state, outbox.c.platform_id).where(outbox.c.id.in_(last))
        found = {person: Newest(*told) for person, *told in await self._database.rows(query)}
        return [found.get(person) for person in people]

    async def count(self, channel: str, rank: int = TALK) -> dict[str, int]:
        """How many letters of the channel are in each state that occurs."""
        query = select(outbox.c.state, func.count()).where(outbox.c.channel == channel, outbox.c.rank == rank)
        return dict(await self._database.rows(query.group_by(outbox.c.state)))

    async def lately(self, channel: str, since: datetime) -> list[tuple[int, datetime, datetime | None]]:
        """The notices that left between a moment and now: number, when, and when it was known what became of them."""
        query = select(outbox.c.id, outbox.c.claimed, outbox.c.settled).where(
            outbox.c.channel == channel, outbox.c.rank == NOTICE, outbox.c.claimed.between(since, self._clock())
        )
        return [(row.id, row.claimed, row.settled) for row in await self._database.rows(query)]

    async def dead(self, people: Iterable[str], reasons: Sequence[str]) -> dict[str, str]:
        """Of these accounts those that refused a notice for good, and why."""
        gone = (outbox.c.rank == NOTICE, outbox.c.state == "refused", outbox.c.reason.in_(reasons))
        query, found = select(outbox.c.person, outbox.c.reason).where(*gone), dict[str, str]()
        for some in lots(people):
            found.update((one, why) for one, why in await self._database.rows(query.where(outbox.c.person.in_(some))))
        return found

    async def _settle(self, outcomes: Sequence[Settled]) -> Sequence[None]:
        """A letter that its sender holds no more is somebody else's, or was settled by a commit whose answer was lost: only that it
        was sent is still true of it."""
        now = self._clock()
        held = select(outbox.c.id, outbox.c.sender, outbox.c.claimed).where(
            outbox.c.id.in_([one.letter.id for one in outcomes]), outbox.c.state == "sending"
        ).with_for_update()  # fmt: skip

        def settle(connection: Connection) -> None:
            theirs = set(map(tuple, connection.execute(held)))
            true = [
                one
                for one in outcomes
                if one.state == "sent" or (one.letter.id, one.letter.sender, one.letter.claimed) in theirs
            ]
            if true:
                note(connection, true)

        def note(connection: Connection, outcomes: Sequence[Settled]) -> None:
            back = [one.letter.line for one in outcomes if one.letter.line and _LINE_STATE[one.state] == "waiting"]
            ended = _ended(connection, back) if back else {}
            connection.execute(_SETTLE, [_values(one, now) for one in outcomes])
            if lines := [_values(one, now, line=True) for one in outcomes if one.letter.line]:
                connection.execute(_LINE, lines)
                gone = [one.letter.id for one in outcomes if one.letter.line and one.state == "waiting"]
                connection.execute(delete(outbox).where(outbox.c.id.in_(gone)))
            for state, some in ended.items():  # what was on its way when its campaign ended, and did not arrive
                rest = update(notice).where(notice.c.id.in_(some), notice.c.state == "waiting")
                connection.execute(rest.values(state="not_told", reason=state, settled=now))

        await self._database.write(settle)
        return [None] * len(outcomes)


def _ended(connection: Connection, lines: Sequence[int | None]) -> dict[str, list[int]]:
    """Of these lines those whose campaign has ended, by how; no campaign of theirs ends before this commit."""
    theirs = select(notice.c.campaign).where(notice.c.id.in_(lines))
    locked = select(campaign.c.id, campaign.c.state).where(campaign.c.id.in_(theirs)).with_for_update(read=True)
    over = {row.id: row.state for row in connection.execute(locked) if row.state in ("cancelled", "expired")}
    if not over:
        return {}
    found: dict[str, list[int]] = {}
    rows = connection.execute(
        select(notice.c.id, notice.c.campaign).where(notice.c.id.in_(lines), notice.c.campaign.in_(over))
    )
    for number, of in rows:
        found.setdefault(over[of], []).append(number)
    return found


def _values(one: Settled, now: datetime, *, line: bool = False) -> dict[str, Any]:
    """What is noted of a letter in its row, or in its line."""
    state, letter = _LINE_STATE[one.state] if line else one.state, one.letter
    tried = f"{letter.person.partition(':')[0]}:{one.reason} " if one.state == "refused" else ""
    over = one.state == "sent" or letter.line is not None
    return {
        "of": letter.line if line else letter.id, "to_state": state, "to_reason": one.reason, "to_platform_id": one.platform_id,
        "to_not_before": one.not_before, "to_settled": None if state == "waiting" else now,
        "more_tries": int(one.state == "waiting" and one.counts), **({"to_tried": tried} if line else {"is_over": over}),
    }  # fmt: skip
