"""The desk of notices: assesses everybody anew, chooses how they are reached, and has notices ready as fast as they leave."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.messages import LIMITED, Delivery
from bot.post.audience import MAY_APPLY, own_facts, why_left_out
from bot.post.bounces import Returned
from bot.post.carrier import Closed
from bot.post.notice_words import reason_words, wants_no_more, words
from bot.post.office import Office
from bot.post.outcomes import TO_MEND
from bot.post.proofs import line_of
from bot.post.quiet import is_quiet, rehearsed
from bot.post.sending import Sending, take_back
from rules import assess
from storage import Campaign, Letter, Made, NoticeLine, Outbox, Over, ProcessLock, Unavailable

log = logging.getLogger("xueshi.notices")
LOOK = 0.3  # seconds between two looks at what campaigns are doing
SWEEP = 3.0  # seconds between two looks for what a process that is gone has left
BOUNCES = 60.0  # seconds between two looks into the mailbox of what came back
SECONDS_AHEAD = 3  # of notices made
MOST = 120
STALE = timedelta(seconds=15)  # after which a notice that has not left is made anew
FINISH = 40.0  # seconds for what is under way at the end
PATIENCE = timedelta(minutes=10)  # for which a command waits for the next that may go
SEEN, ENOUGH = 60, 30  # last answers looked at; of them before it is concluded that half of them failed
DEAD = ("bad_address", "deactivated")  # what an account that refused once will refuse again
NEVER = (time(), time())  # quiet hours that are none
_REASON = {**dict.fromkeys(MAY_APPLY, "caught_up"), "closed": "closed"}


@dataclass(frozen=True, slots=True)
class Way:
    """One way out: its provider, how many letters a second (0: any number), how many at once, and the seconds between two to one
    person."""

    provider: Closed
    share: int = 0
    slots: int = 30
    spacing: float = 1.0


class Worker:
    """One process's work on campaigns: on those named, until all that may go out has gone, or on all, until it is stopped. Of all
    processes on one store one works at a time; the others stand by. `ways`: the best first; `returned`: what has come back to the
    mailbox since it was last asked."""

    def __init__(
        self, office: Office, ways: Sequence[Way], today: Callable[[], date], campaigns: Sequence[str] | None = None, *,
        quiet: tuple[time, time] = NEVER, returned: Callable[[], Sequence[Returned]] | None = None,
    ) -> None:  # fmt: skip
        self._office, self._made_of, self._today, self._only = office, ways, today, campaigns
        self._quiet, self._returned, self.now = quiet, returned, rehearsed(today)
        self._store, self._campaigns, self._outbox = office.store, office.campaigns, Outbox(office.store)
        self._stopping, self._room = asyncio.Event(), asyncio.Event()
        self._ways: dict[str, Sending] = {}
        self._made = defaultdict[str, dict[int, Made]](dict)  # notices that wait to be claimed, by channel and line
        self._answers: dict[str, deque[str]] = {}
        self._paused: set[str] = set()
        self._begun: set[tuple[str, date | None]] = set()

    def stop(self) -> None:
        """Finish what is under way and return."""
        self._stopping.set()
        self._room.set()

    async def run(self) -> None:
        """Raises: storage.Unavailable where the database cannot be used from the start."""
        mine = self._store.database.lock("notices")
        while not self._stopping.is_set():
            if await mine.take():
                try:
                    if await self._work(mine):
                        return
                finally:
                    await mine.give_back()
            elif await self._active() is None:
                return
            await self._sleep(LOOK)

    async def _work(self, mine: ProcessLock) -> bool:
        """Works while the right to is ours; whether there is nothing left to do."""
        await take_back(self._store, self._outbox)
        for way in self._made_of:
            self._ways[way.provider.channel] = sending = Sending(
                self._store, way.provider, self, share=way.share, slots=way.slots, spacing=way.spacing
            )
            await sending.start()
        sweeping = asyncio.create_task(self._sweep(mine))
        try:
            while not self._stopping.is_set() and not sweeping.done():
                try:
                    if not await self._look():
                        return True
                except Unavailable as failure:
                    log.error("%s", failure)
                    await self._sleep(2.0)
            return self._stopping.is_set()
        finally:
            sweeping.cancel()
            await asyncio.gather(sweeping, *(one.stop(FINISH) for one in self._ways.values()), return_exceptions=True)
            self._ways.clear()
            self._made.clear()

    async def _sweep(self, mine: ProcessLock) -> None:
        """Ends when the right to work is lost."""
        looked = float("-inf")
        while await mine.held():
            await asyncio.sleep(SWEEP)
            try:
                now = asyncio.get_running_loop().time()
                if self._returned is not None and now >= looked + BOUNCES:
                    looked = now
                    await self._take_returned(await asyncio.to_thread(self._returned))
                await take_back(self._store, self._outbox)
            except (OSError, Unavailable) as failure:
                log.error("%s", failure)
        log.warning("another process sends notices now")

    async def _take_returned(self, came: Sequence[Returned]) -> None:
        """What came back is not told after all; who answered that they want no more hears no more."""
        for token, kind, said in came:
            row = await line_of(self._campaigns, self._office.wordings.key, token)
            if row is not None and kind == "bounce":
                await self._campaigns.returned(row.id, said)
            elif row is not None and wants_no_more(said):
                await self._office.book.hush(row.subject, True)

    async def _sleep(self, seconds: float) -> None:
        self._room.clear()
        if not self._stopping.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._room.wait()

    # ------------------------------------------------------------ what sending asks

    def open(self, channel: str) -> bool:
        """Whether there is anything that may leave now: to look for it stands in the way of who talks."""
        return bool(self._made[channel]) and not self._resting()

    async def claim(self, way: Sending, most: int) -> list[Letter]:
        """So many of the notices that are made, as letters on their way: nothing that they were made from has changed since."""
        channel, spacing = way.provider.channel, timedelta(seconds=way.spacing)
        made = list(self._made[channel].values())
        letters, over = await self._campaigns.post(made, way.name, most=most, moment=self.now(), spacing=spacing)
        for line in over:
            self._made[channel].pop(line, None)
        if self._low(way):
            self._room.set()
        return letters

    async def put_off(self, way: Sending) -> None:
        """The server wants nothing for long."""
        made, until = self._made.pop(way.provider.channel), datetime.fromtimestamp(way.pace.until, UTC)
        await self._campaigns.put_off(made, until, LIMITED)

    async def told(self, letter: Letter, delivery: Delivery) -> None:
        """Pauses a campaign for what somebody has to mend, or look into."""
        channel, said = letter.person.partition(":")[0], words()
        if delivery.reason in TO_MEND:
            await self._pause(letter, said["to_mend"][delivery.reason].format(channel=said["channels"][channel]))
        elif delivery.outcome in ("sent", "refused", "doubt"):
            seen = self._answers.setdefault(channel, deque(maxlen=SEEN))
            seen.append("" if delivery.outcome == "sent" else delivery.reason)
            bad = Counter(reason for reason in seen if reason)
            if len(seen) >= ENOUGH and bad.total() * 2 > len(seen):
                often = "、".join(f"{reason_words(why)}（{why}）{count}次" for why, count in bad.most_common())
                await self._pause(letter, said["too_many"].format(seen=len(seen), bad=bad.total(), often=often))

    async def _pause(self, letter: Letter, why: str) -> None:
        row = None if letter.line is None else await self._campaigns.row(letter.line)
        if row is not None and row.campaign not in self._paused:
            self._paused.add(row.campaign)
            log.error("campaign %s pauses itself: %s", row.campaign, why)
            await self._campaigns.move(row.campaign, "paused", out_of=("sending",), why=why)

    # ------------------------------------------------------------ what campaigns are doing

    async def _look(self) -> bool:
        """One look: ends what is over, makes more notices; False when there is nothing left to do here."""
        active = await self._active()
        if active is None:
            return False
        fresh = self._store.clock() - STALE
        for channel, made in self._made.items():
            self._made[channel] = {
                line: one
                for line, one in made.items()
                if one.at > fresh and active.get(one.campaign.id) == one.campaign
            }
        if active and not self._resting():
            await self._begin(active.values())
            if await self._fill(active):
                return True
            if not any(self._made.values()):
                soonest = await self._campaigns.next_at(list(active))
                for one in active:  # after that look: what was on its way then may be settled by now
                    await self._campaigns.finish(one)
                if self._only is not None and (soonest is None or soonest >= self._store.clock() + PATIENCE):
                    return False  # nothing of theirs is worth waiting for
        await self._sleep(LOOK)
        return True

    async def _begin(self, active: Iterable[Campaign]) -> None:
        """Takes anew the people of campaigns that begin later than they were made; where some have days left to them, every day."""
        for campaign in active:
            begun = campaign.id, self._today() if campaign.days else None
            if begun not in self._begun and (campaign.not_before or campaign.follows):
                await self._office.begin(campaign, self._today())
            self._begun.add(begun)

    async def _active(self) -> dict[str, Campaign] | None:
        """The campaigns that are being sent; None where this worker has nothing more to wait for."""
        if self._only is None:
            found = await self._campaigns.running()
        else:
            found = [one for id in self._only if (one := await self._campaigns.get(id)) is not None]
        active, waiting, now = dict[str, Campaign](), False, self.now()
        for one in found:
            if one.state in ("sending", "paused") and one.not_after <= now:
                await self._campaigns.move(one.id, "expired", out_of=("sending", "paused"))
            elif one.state == "sending":
                begins = one.not_before or now
                waiting |= begins <= now + PATIENCE
                if begins <= now:
                    active[one.id] = one
                if one.id in self._paused:
                    self._paused.discard(one.id)
                    self._answers.clear()  # somebody has looked
            else:
                waiting |= one.state == "paused" and not one.why
        if self._only is None:
            return active
        return active if waiting and not self._resting() else None

    def _resting(self) -> bool:
        """Whether these are hours in which nobody is written to."""
        return is_quiet(self._quiet, self._store.clock())

    # ------------------------------------------------------------ notices

    async def _fill(self, active: Mapping[str, Campaign]) -> bool:
        """Makes notices for those whose way has room; whether there was anything to do."""
        open_ = [name for name, way in self._ways.items() if not way.shut and self._low(way)]
        rooms = {name: _ahead(self._ways[name]) - len(self._made[name]) for name in open_}
        ready = [line for made in self._made.values() for line in made]
        rows = await self._campaigns.due(list(active), open_, MOST, ready) if open_ or not self._ways else []
        if not rows:
            return False
        places = await self._office.places(rows)
        dead = await self._outbox.dead({place for at in places for place in (at or {}).values()}, DEAD)
        made, over, routed, now = list[Made](), list[Over](), dict[int, str](), self._store.clock()
        for row, at in zip(rows, places, strict=True):
            channel, address = self._way(row, at, dead)
            campaign = active[row.campaign]
            if not channel:
                over.append(Over(row.id, address))
            elif rooms.get(channel, 0) <= 0:
                routed[row.id] = channel
            elif isinstance(body := await self._body(row, campaign, channel), bytes):
                rooms[channel] -= 1
                made.append(Made(row, campaign, channel, address, body, now))
            else:
                over.append(Over(row.id, body))
        if over or routed:
            await self._campaigns.route(over, routed)
        for one in made:
            self._made[one.channel][one.line.id] = one
            self._ways[one.channel].poke()
        return True

    def _low(self, way: Sending) -> bool:
        """Whether it is time to make more notices: many at once, for each look stands in the way of who talks."""
        return len(self._made[way.provider.channel]) * 2 <= _ahead(way)

    def _way(self, row: NoticeLine, at: Mapping[str, str] | None, dead: Mapping[str, str]) -> tuple[str, str]:
        """Channel and account; without a channel, why there is none."""
        if at is None:
            return "", "unsubscribed"
        tried = dict(one.split(":", 1) for one in row.tried.split())
        for channel in self._ways:
            if channel in at and channel not in tried:
                if at[channel] not in dead:
                    return channel, at[channel]
                tried[channel] = dead[at[channel]]
        return "", next(reversed(tried.values())) if tried else "no_channel"

    async def _body(self, row: NoticeLine, campaign: Campaign, channel: str) -> bytes | str:
        """The letter to somebody as they stand today, or why there is none."""
        today, of, packs = self._today(), (row.id, campaign.id, campaign.title), self._office.packs
        if campaign.audience == "officers":
            return self._office.wordings.officers(*of, row.unit, row.facts.get("people", ())).body()
        facts = row.facts
        if campaign.audience == "asked":  # what they say of themselves now
            session = (await self._store.load(row.subject)).session
            if session is None or not session.get("remind"):
                return "unsubscribed"
            facts = own_facts(session, packs, today)
        assessment = assess(packs, facts, today)
        if why := why_left_out(assessment, today):
            return _REASON.get(why, "undecided")
        return self._office.wordings.letter(channel, *of, assessment, today, campaign.wording).body()


def _ahead(way: Sending) -> int:
    """Notices that are made ahead."""
    return min(MOST, max(8, way.share * SECONDS_AHEAD or MOST))
