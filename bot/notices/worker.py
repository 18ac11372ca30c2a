"""The worker: takes notices in hand, assesses everybody once more, chooses how they are reached, and has them sent."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as day_time

from bot.notices.audience import MAY_APPLY, own_facts, why_left_out
from bot.notices.channel import Channel, Ready
from bot.notices.quiet import is_quiet, rehearsed
from bot.notices.sender import Sender
from bot.notices.wording import Wordings
from rules import Packs, assess
from storage import Accounts, Campaign, Campaigns, Placed, Reached, Row, Sending, Settled, Step, Store, Unavailable

log = logging.getLogger("xueshi.notices")
BEAT = 1.0
LOOK = 0.3  # seconds between two looks at what campaigns are doing
SECONDS_AHEAD = 3  # of work in hand: what is paused or has caught up is noticed within it
MOST = 120
_REASON = {**dict.fromkeys(MAY_APPLY, "caught_up"), "closed": "closed"}


@dataclass(frozen=True, slots=True)
class Desk:
    """What the worker works with."""

    store: Store
    packs: Packs
    wordings: Wordings
    senders: Sequence[Sender]
    today: Callable[[], date]
    quiet: tuple[day_time, day_time]


class Worker:
    """One process's work on campaigns: on those named, until all that may go out has gone, or on all, until it is stopped."""

    def __init__(self, desk: Desk, campaigns: Sequence[str] | None = None) -> None:
        self._desk, self._only = desk, campaigns
        self._campaigns, self._accounts = Campaigns(desk.store), Accounts(desk.store)
        self._now = rehearsed(desk.today)
        name = f"{secrets.token_hex(8)}"
        self._sending = Sending(desk.store, name, rehearsed=self._now)
        self._channels = {
            one.channel: Channel(one, self._sending, pause=self._pause, open_=self._may_send) for one in desk.senders
        }
        self._known: dict[str, Campaign] = {}
        self._stopping = asyncio.Event()
        self._paused: set[str] = set()

    def stop(self) -> None:
        """Finish what is under way and return."""
        self._stopping.set()

    async def run(self) -> None:
        """Raises: storage.Unavailable where the database cannot be used from the start."""
        await self._sending.beat()
        running = [asyncio.create_task(channel.run()) for channel in self._channels.values()]
        beating = asyncio.create_task(self._beat())
        try:
            while not self._stopping.is_set():
                for task in running:
                    if task.done():
                        task.result()
                try:
                    if not await self._look():
                        break
                except Unavailable as failure:
                    log.error("%s", failure)
                    await self._sleep(2.0)
        finally:
            for channel in self._channels.values():
                channel.stop()
            await asyncio.gather(*running)
            beating.cancel()
            await self._sending.leave()

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            pass

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            try:
                if lost := await self._sending.beat():
                    log.warning("%d notices are in doubt: their sender died", lost)
            except Unavailable as failure:
                log.error("%s", failure)

    def _may_send(self) -> bool:
        return not is_quiet(self._desk.quiet, datetime.now(UTC))

    async def _pause(self, campaign: str, why: str) -> None:
        if campaign not in self._paused:
            self._paused.add(campaign)
            log.error("campaign %s pauses itself: %s", campaign, why)
        await self._campaigns.move(campaign, "paused", out_of=("sending",), why=why)

    # ------------------------------------------------------------ what campaigns are doing

    async def _look(self) -> bool:
        """One look: ends what is over, takes more in hand; False when there is nothing left to do here."""
        active = await self._active()
        if active is None:
            return False
        if not active or not self._may_send():
            await self._sleep(LOOK)
            return True
        room = self._room()
        rows = await self._sending.hold(list(active), room) if room > 0 else []
        if rows:
            await self._prepare(rows, active)
            return True
        if not any(channel.busy for channel in self._channels.values()):
            for one in active:
                await self._campaigns.finish(one)
        await self._sleep(LOOK if room > 0 else 0.02)
        return True

    async def _active(self) -> dict[str, Campaign] | None:
        """The campaigns that are being sent; None where this worker has nothing more to wait for."""
        if self._only is None:
            found = await self._campaigns.running()
        else:
            found = [one for id in self._only if (one := await self._campaigns.get(id)) is not None]
        active = {}
        waiting = False
        for one in found:
            if one.state in ("sending", "paused") and one.not_after <= self._now():
                await self._campaigns.end(one.id, "expired", reason="expired", out_of=("sending", "paused"))
            elif one.state == "sending":
                active[one.id] = one
                if one.id in self._paused:
                    self._paused.discard(one.id)
                    for channel in self._channels.values():
                        channel.health.begin_anew()
            waiting = waiting or (one.state == "paused" and not one.why)
        if self._only is not None and not self._may_send():
            return None
        return active if active or waiting or self._only is None else None

    def _room(self) -> int:
        """How many more to take in hand."""
        rooms = []
        for channel in self._channels.values():
            share = channel.sender.limits.share
            most = min(MOST, max(8, share * SECONDS_AHEAD)) if share else MOST
            rooms.append(most - len(channel.queue))
        return min(rooms, default=MOST)

    # ------------------------------------------------------------ one notice

    async def _prepare(self, rows: Sequence[Row], active: Mapping[str, Campaign]) -> None:
        """Assesses everybody once more, and puts them where they are sent from."""
        today = self._desk.today()
        reached = await self._accounts.reach(row.subject for row in rows)
        own = await self._own([row for row in rows if active[row.campaign].audience == "asked"])
        over: list[Settled] = []
        ready: list[tuple[str, Ready]] = []
        for row in rows:
            campaign = active[row.campaign]
            facts = row.facts if campaign.audience == "roster" else own.get(row.subject)
            assessment = None if facts is None else assess(self._desk.packs, facts, today)
            why = "" if assessment is None else why_left_out(assessment, today)
            if facts is None or assessment is None or why:
                over.append(Settled(row.id, "not_told", _REASON.get(why, "undecided") if why else "unsubscribed"))
                continue
            place = self._place(row, reached[row.subject])
            if isinstance(place, str):
                over.append(Settled(row.id, "not_told", place))
                continue
            channel, address, last = place
            letter = self._desk.wordings.letter(channel, row.id, campaign.id, campaign.title, assessment, facts, today)
            ready.append((channel, Ready(row, address, letter, last)))
        if over:
            await self._sending.step(Step(over))
        await self._sending.place([Placed(one.row.id, channel, one.address) for channel, one in ready])
        for name, one in ready:
            self._channels[name].queue.append(one)
        for channel_ in self._channels.values():
            channel_.wake.set()
        if not ready:
            await asyncio.sleep(0)

    async def _own(self, rows: Sequence[Row]) -> dict[str, dict[str, object]]:
        """What those who asked to be reminded say of themselves now."""
        found = {}
        today = self._desk.today()
        for row in rows:
            session = (await self._desk.store.load(row.subject)).session
            if session is not None and session.get("remind"):
                found[row.subject] = own_facts(session, self._desk.packs, today)
        return found

    def _place(self, row: Row, reached: Reached) -> tuple[str, str, bool] | str:
        """Channel, address, and whether there is no other to try; or why there is none."""
        if reached.silent:
            return "unsubscribed"
        accounts = dict(reached.accounts)
        if row.email:
            accounts["email"] = row.email
        own, _, rest = row.subject.partition(":")
        if rest and own in self._channels:  # somebody who asked to be reminded, under their own account's key
            accounts.setdefault(own, row.subject)
        tried = {one.partition(":")[0]: one.partition(":")[2] for one in row.tried.split()}
        possible = [name for name in self._channels if name in accounts and name not in tried]
        if not possible:
            return next(reversed(tried.values())) if tried else "no_channel"
        return possible[0], accounts[possible[0]], len(possible) == 1


__all__ = ["Desk", "Worker"]
