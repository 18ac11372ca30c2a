"""The desk of notices: assesses everybody anew, chooses how they are reached, and puts letters into the outbox as fast as they leave."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from datetime import time as day_time

from bot.messages import Delivery
from bot.post.audience import MAY_APPLY, own_facts, why_left_out
from bot.post.bounces import Returned, Unread
from bot.post.carrier import Closed
from bot.post.outcomes import TO_MEND
from bot.post.pace import Pace
from bot.post.quiet import is_quiet, rehearsed
from bot.post.secrets import line_of
from bot.post.sending import LONG, Rules, Sending, take_back
from bot.post.wording import Wordings
from bot.post.words import reason_words, wants_no_more, words
from rules import Library, assess
from storage import (
    NOTICE,
    AddressBook,
    Campaign,
    Campaigns,
    Letter,
    NoticeLine,
    Outbox,
    Over,
    Posted,
    ProcessLock,
    Reached,
    Store,
    Unavailable,
    lock,
)

log = logging.getLogger("xueshi.notices")
LOOK = 0.3  # seconds between two looks at what campaigns are doing
SWEEP = 3.0  # seconds between two looks for what a process that is gone has left
BOUNCES = 60.0  # seconds between two looks into the mailbox of what came back
SECONDS_AHEAD = 3  # of letters made: what has changed since is noticed within it
MOST = 120
STALE = timedelta(seconds=15)  # after which a letter that has not left is made anew
FINISH = 40.0  # seconds for what is under way at the end
PATIENCE = timedelta(minutes=10)  # for which a command waits for the next that may go
SEEN, ENOUGH, TOO_MANY = (
    60,
    30,
    0.5,
)  # last answers looked at; of them before anything is concluded; the part that failed
DEAD = ("bad_address", "deactivated")  # what an account that refused once will refuse again
_REASON = {**dict.fromkeys(MAY_APPLY, "caught_up"), "closed": "closed"}


@dataclass(frozen=True, slots=True)
class Way:
    """One way out: its provider, how many letters a second (0: any number), how many at once, and the seconds between two to one
    person."""

    provider: Closed
    share: int = 0
    slots: int = 30
    spacing: float = 1.0


@dataclass(frozen=True, slots=True)
class Workplace:
    """What the worker works with; `ways`, the best first. `company`: the one in WeCom whose members have their number for an account.
    `begin`: takes anew the people of a campaign that begins later than it was made; `returned`: what has come back to the mailbox."""

    store: Store
    packs: Library
    wordings: Wordings
    ways: Sequence[Way]
    today: Callable[[], date]
    quiet: tuple[day_time, day_time]
    company: str = ""
    begin: Callable[[Campaign], Awaitable[object]] | None = None
    returned: Callable[[], Sequence[Returned]] | None = None


class Worker:
    """One process's work on campaigns: on those named, until all that may go out has gone, or on all, until it is stopped. Of all
    processes on one store one works at a time; the others stand by."""

    def __init__(self, desk: Workplace, campaigns: Sequence[str] | None = None) -> None:
        self._desk, self._only = desk, campaigns
        self._campaigns, self._book, self._outbox = Campaigns(desk.store), AddressBook(desk.store), Outbox(desk.store)
        self._now = rehearsed(desk.today)
        self._stopping = asyncio.Event()
        self._room = asyncio.Event()
        self._ways: dict[str, Sending] = {}
        self._shares = {way.provider.channel: way.share for way in desk.ways}
        self._answers: dict[str, deque[str]] = {}
        self._paused: set[str] = set()
        self._begun: set[tuple[str, date | None]] = set()

    def stop(self) -> None:
        """Finish what is under way and return."""
        self._stopping.set()
        self._room.set()

    async def run(self) -> None:
        """Raises: storage.Unavailable where the database cannot be used from the start."""
        mine = lock(self._desk.store, "notices")
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
        await take_back(self._desk.store, self._outbox)
        await self._outbox.unmake()
        for way in self._desk.ways:
            rules = Rules(NOTICE, way.slots, way.spacing, self._now, self._may_send, self._told)
            pace = Pace(way.share, clock=self._time)
            self._ways[way.provider.channel] = sending = Sending(self._desk.store, way.provider, rules, pace)
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
            await self._outbox.unmake()

    async def _sweep(self, mine: ProcessLock) -> None:
        """Ends when the right to work is lost."""
        look_at = 0.0
        while await mine.held():
            await asyncio.sleep(SWEEP)
            if self._desk.returned is not None and self._time() >= look_at:
                look_at = self._time() + BOUNCES
                await self._take_returned(self._desk.returned)
            try:
                await take_back(self._desk.store, self._outbox)
                await self._outbox.unmake(before=self._desk.store.clock() - STALE)
            except Unavailable as failure:
                log.error("%s", failure)
        log.warning("another process sends notices now")

    async def _take_returned(self, read: Callable[[], Sequence[Returned]]) -> None:
        """What came back is not told after all; who answered that they want no more hears no more."""
        try:
            for token, kind, words_ in await asyncio.to_thread(read):
                row = await line_of(self._campaigns, self._desk.wordings.key, token)
                if row is None:
                    continue
                if kind == "bounce":
                    await self._campaigns.returned(row.id, words_)
                elif wants_no_more(words_):
                    await self._book.hush(row.subject, True)
        except (Unread, Unavailable) as failure:
            log.error("the mailbox of what comes back: %s", failure)

    async def _sleep(self, seconds: float) -> None:
        self._room.clear()
        if not self._stopping.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._room.wait()

    def _time(self) -> float:
        return self._desk.store.clock().timestamp()

    def _may_send(self) -> bool:
        return not is_quiet(self._desk.quiet, self._desk.store.clock())

    # ------------------------------------------------------------ answers

    async def _told(self, letter: Letter, delivery: Delivery) -> None:
        """Pauses a campaign for what somebody has to mend, or look into."""
        self._room.set()
        channel, said = letter.person.partition(":")[0], words()
        if delivery.reason in TO_MEND:
            await self._pause(letter, said["to_mend"][delivery.reason].format(channel=said["channels"][channel]))
        elif delivery.outcome in ("sent", "refused", "doubt"):
            seen = self._answers.setdefault(channel, deque(maxlen=SEEN))
            seen.append("" if delivery.outcome == "sent" else delivery.reason)
            bad = Counter(reason for reason in seen if reason)
            if len(seen) >= ENOUGH and bad.total() > TOO_MANY * len(seen):
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
        """One look: ends what is over, makes more letters; False when there is nothing left to do here."""
        active = await self._active()
        if active is None:
            return False
        if not active or not self._may_send():
            await self._sleep(LOOK)
            return True
        for campaign in active.values():
            begun = (
                campaign.id,
                self._desk.today() if campaign.days else None,
            )  # whose days are over is looked at every day
            if begun not in self._begun:
                if (campaign.not_before or campaign.follows) and self._desk.begin is not None:
                    await self._desk.begin(campaign)
                self._begun.add(begun)
        if await self._fill(active):
            return True
        if not any(sending.busy for sending in self._ways.values()):
            for one in active:
                await self._campaigns.finish(one)
            soonest = await self._campaigns.next_at(list(active))
            if self._only is not None and (soonest is None or soonest >= self._desk.store.clock() + PATIENCE):
                return False  # nothing of theirs is worth waiting for
        await self._sleep(LOOK)
        return True

    async def _active(self) -> dict[str, Campaign] | None:
        """The campaigns that are being sent; None where this worker has nothing more to wait for."""
        if self._only is None:
            found = await self._campaigns.running()
        else:
            found = [one for id in self._only if (one := await self._campaigns.get(id)) is not None]
        active, waiting, now = dict[str, Campaign](), False, self._now()
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
        if self._only is not None and not self._may_send():
            return None
        return active if active or waiting or self._only is None else None

    # ------------------------------------------------------------ letters

    async def _fill(self, active: Mapping[str, Campaign]) -> bool:
        """Makes letters for those whose way has room; whether there was anything to do."""
        held = await self._outbox.waiting()
        rooms = {name: self._ahead(name) - held.get(name, 0) for name in self._ways}
        open_ = [name for name, room in rooms.items() if room > 0 and not self._shut(name)]
        rows = await self._campaigns.due(list(active), open_, MOST) if open_ or not rooms else []
        if not rows:
            return False
        reached = await self._book.reach(row.subject for row in rows)
        # A number is an account only while there is one office: that of another office is somebody else's.
        company = self._desk.company if self._desk.company and await self._campaigns.offices() == 1 else ""
        places = {row.id: self._places(row, reached[row.subject], company) for row in rows}
        dead = await self._outbox.dead({place for found in places.values() for place in found.values()}, DEAD)
        own = await self._own([row for row in rows if active[row.campaign].audience == "asked"])
        posted: list[Posted] = []
        over: list[Over] = []
        routed: dict[int, str] = {}
        for row in rows:
            place = self._place(row, reached[row.subject], places[row.id], dead)
            if isinstance(place, Over):
                over.append(place)
            elif rooms[place[0]] <= 0 or self._shut(place[0]):
                routed[row.id] = place[0]
            else:
                made = self._made(row, active[row.campaign], place, own)
                if isinstance(made, Posted):
                    rooms[place[0]] -= 1
                    posted.append(made)
                else:
                    over.append(made)
        await self._campaigns.post(posted, over, routed)
        for name in {one.channel for one in posted}:
            self._ways[name].poke()
        return bool(posted or over or routed)

    def _ahead(self, channel: str) -> int:
        share = self._shares[channel]
        return min(MOST, max(8, share * SECONDS_AHEAD)) if share else MOST

    def _shut(self, channel: str) -> bool:
        """Whether this way's server wants nothing for long: who can be reached otherwise is."""
        return self._ways[channel].pace.until > self._time() + LONG

    def _made(
        self, row: NoticeLine, campaign: Campaign, place: tuple[str, str], own: Mapping[str, dict[str, object]]
    ) -> Posted | Over:
        """The letter to somebody as they stand today, or why there is none."""
        today, of = self._desk.today(), (row.id, campaign.id, campaign.title)
        if campaign.audience == "officers":
            told = self._desk.wordings.officers(*of, row.unit, row.facts.get("people", ()))
            return Posted(row.id, *place, told.body(), campaign.not_after)
        facts = own.get(row.subject) if campaign.audience == "asked" else row.facts
        if facts is None:
            return Over(row.id, "unsubscribed")
        assessment = assess(self._desk.packs, facts, today)
        if why := why_left_out(assessment, today):
            return Over(row.id, _REASON.get(why, "undecided"))
        said = self._desk.wordings.letter(place[0], *of, assessment, today, campaign.wording)
        return Posted(row.id, *place, said.body(), campaign.not_after)

    async def _own(self, rows: Sequence[NoticeLine]) -> dict[str, dict[str, object]]:
        """What those who asked to be reminded say of themselves now."""
        found, today = {}, self._desk.today()
        for row in rows:
            session = (await self._desk.store.load(row.subject)).session
            if session is not None and session.get("remind"):
                found[row.subject] = own_facts(session, self._desk.packs, today)
        return found

    def _places(self, row: NoticeLine, reached: Reached, company: str) -> dict[str, str]:
        """Every account of somebody, by channel."""
        accounts = dict(reached.accounts) | ({"email": f"email:{row.email}"} if row.email else {})
        if company and not row.subject.startswith("unit:") and re.fullmatch(r"[\w.@-]{1,64}", row.label, re.ASCII):
            accounts.setdefault("wecom", f"wecom:{company}:{row.label}")
        own = row.subject.partition(":")[0]
        if own in self._ways:  # somebody who asked to be reminded, under their own account's key
            accounts.setdefault(own, row.subject)
        return accounts

    def _place(
        self, row: NoticeLine, reached: Reached, places: Mapping[str, str], dead: Mapping[str, str]
    ) -> tuple[str, str] | Over:
        """Channel and account, or why there is none."""
        if reached.silent:
            return Over(row.id, "unsubscribed")
        tried = dict(one.split(":", 1) for one in row.tried.split())
        for channel in self._ways:
            if channel in places and channel not in tried:
                if places[channel] not in dead:
                    return channel, places[channel]
                tried[channel] = dead[places[channel]]
        return Over(row.id, next(reversed(tried.values())) if tried else "no_channel")
