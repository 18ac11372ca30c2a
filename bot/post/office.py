"""What HR does with campaigns: look first, make one or a series, send, pause, go on, cancel, send again, follow one up."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy.exc import IntegrityError

from bot.post.audience import (
    MAY_APPLY,
    NO_AGAIN,
    OPEN,
    UPLOADED,
    Audience,
    digest_of,
    is_short,
    kept_as,
    sifted,
    source_of,
)
from bot.post.notice_words import CampaignFault, words
from bot.post.proofs import Bindings
from bot.post.quiet import ZONE, default_end, end_of
from bot.post.wording import NoticeText
from rules import Library, assess
from storage import Addressee, Campaign, Count, NoticeLine

SHOWN = 3
LONGEST_TITLE = 60
LATELY = timedelta(days=30)  # within which being told twice is worth a warning
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
_DAY = re.compile(r"(\d{1,2})月(\d{1,2})[日号]")
STATES: Final[Mapping[str, str]] = words()["campaign"]
MOVES: Final[Mapping[str, tuple[str, ...]]] = {
    "paused": ("sending", "paused"), "sending": ("paused", "sending"), "cancelled": ("draft", "sending", "paused"),
}  # fmt: skip
"""Out of which states HR may bring a campaign into one."""


@dataclass(frozen=True, slots=True)
class Preview:
    """How many would be told, how many not by reason, some of the messages word for word, and what HR should know before."""

    count: int
    left_out: Mapping[str, int]
    by_channel: Mapping[str, int]
    messages: tuple[tuple[str, str], ...]  # channel, text
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What a campaign is made with. `owner`: the office; `source`: the roster's file, or the id under which it was uploaded; `days`: when
    its rounds begin, none for as soon as it is sent; `once` tells one drawing of a form from another."""

    title: str
    owner: int = 0
    source: Path | str | None = None
    not_after: date | None = None
    days: Sequence[datetime] = ()
    wording: str = ""
    once: str = ""


class Findings(NamedTuple):
    """What the report is about; `now`: everybody by subject as the roster has them today, where it can be read."""

    campaign: Campaign
    rows: Sequence[NoticeLine]
    now: Mapping[str, Addressee]
    packs: Library
    today: date

    def name(self, row: NoticeLine) -> str:
        """What somebody is called, which is nowhere kept with a campaign."""
        return self.now[row.subject].name if row.subject in self.now else ""

    def facts(self, row: NoticeLine) -> Mapping[str, Any]:
        """What is known of somebody by now."""
        one = self.now.get(row.subject)
        return row.facts if one is None or one.out else one.facts

    def short(self, row: NoticeLine) -> bool:
        """Whether hours are missing for certain on this day."""
        return is_short(assess(self.packs, self.facts(row), self.today))

    def since(self) -> dict[str, int]:
        """How many were told, of them how many have opened, and how many have caught up since."""
        told = [row for row in self.rows if row.state == "told"]
        caught_up = 0 if self.campaign.audience == "officers" else sum(not self.short(row) for row in told)
        return {"told": len(told), "opened": sum(row.opened is not None for row in self.rows), "caught_up": caught_up}


class Office(Audience):
    """Campaigns as HR sees them; pages and commands alike."""

    async def findings(self, found: Campaign, today: date) -> Findings:
        """What has become of everybody, and what is known of them by now."""
        now = await self.as_it_stands(found, today)
        return Findings(found, await self.campaigns.rows(found.id), now, self.packs, today)

    async def status(self, id: str) -> dict[str, Any]:
        """How it stands, in the contract's shape. Raises: CampaignFault."""
        return status_of(await self.get(id), await self.campaigns.count(id))

    # ------------------------------------------------------------ before

    async def invite(self, people: Iterable[Addressee]) -> list[tuple[Addressee, str]]:
        """A new binding code for each of whom it is known who they are."""
        known = [one for one in people if one.out != "unreadable"]
        codes = await Bindings(self.book, self.wordings.key).invite([one.subject for one in known])
        return list(zip(known, codes, strict=True))

    async def preview(self, people: Iterable[Addressee], plan: Draft, today: date) -> Preview:
        """What a campaign for these people would be. Raises: CampaignFault."""
        everybody = sifted(people, self.packs, today)
        audience = [one for one in everybody if not one.out]
        by_channel, messages = Counter[str](), list[tuple[str, str]]()
        for one, at in zip(audience, await self.places(audience), strict=True):
            name = "unsubscribed" if at is None else next((way for way in self.channels if way in at), "hand")
            by_channel[name] += 1
            if len(messages) < SHOWN and at is not None:
                messages.append((name, self.text(name, one, plan, today)))
        left_out = Counter(one.out for one in everybody if one.out)
        return Preview(len(audience), left_out, by_channel, tuple(messages), await self.warnings(audience, plan, today))

    def letter(self, channel: str, one: Addressee, plan: Draft, today: date) -> NoticeText:
        """The notice of somebody, which belongs to no campaign yet. Raises: CampaignFault."""
        assessment = assess(self.packs, one.facts, today)
        return self.wordings.letter(channel, 0, "", plan.title, assessment, today, plan.wording)

    def text(self, channel: str, one: Addressee, plan: Draft, today: date) -> str:
        """A message as somebody would read it. Raises: CampaignFault."""
        said = self.letter(channel, one, plan, today)
        lines = [said.subject, said.text]
        if said.fields:
            lines += [words()["preview"]["template"], *(f"{name}：{held}" for name, held in said.fields.items())]
        return "\n".join(lines).strip()

    async def warnings(self, audience: Sequence[Addressee], plan: Draft, today: date) -> tuple[str, ...]:
        """What HR should know before anything goes out."""
        said, found = words()["warnings"], list[str]()
        if not self.wordings.public_url:
            found.append(said["no_links"])
        elif self.look is not None and not await self.look():
            found.append(said["dead_links"].format(url=self.wordings.public_url))
        subjects = [one.subject for one in audience]
        for title, at, state, count in await self.campaigns.lately(subjects, self.store.clock() - LATELY):
            says = said["again" if state in ("done", "cancelled", "expired") else "beside"]
            found.append(says.format(title=title, day=f"{at.astimezone(ZONE):%m月%d日}", count=count))
        day, last = _DAY.search(plan.title), self._closes(audience[:1], today)
        if day and last and (int(day[1]), int(day[2])) != (last.month, last.day):
            found.append(said["day"].format(day=day[0], closes=f"{last.month}月{last.day}日"))
        return tuple(found)

    async def create(self, people: Iterable[Addressee], plan: Draft, today: date) -> list[Campaign]:
        """A campaign that waits to be sent, or one for each day of the plan. What comes out of the same drawing of a form with the same
        title is the same campaign, asked for by somebody who pressed twice.

        Raises: CampaignFault.
        """
        title = " ".join(plan.title.split())
        if not 0 < len(title) <= LONGEST_TITLE or not title.isprintable():
            raise CampaignFault("title", most=LONGEST_TITLE)
        everybody = sifted(people, self.packs, today)
        audience = [one for one in everybody if not one.out]
        if audience and plan.wording:
            self.text("hand", audience[0], plan, today)
        begins = max([today, *(day.astimezone(ZONE).date() for day in plan.days)])
        last = plan.not_after or default_end(begins, self._closes(audience, today))
        if last < today:
            raise CampaignFault("past", last=last)
        if any(day >= end_of(last) for day in plan.days):
            raise CampaignFault("too_late", last=last)
        source, series = kept_as(plan.source), secrets.token_hex(4) if len(plan.days) > 1 else ""
        head = Campaign(
            id="", title=title, audience="roster" if source else "asked", owner=f"hr{plan.owner}", source=source,
            digest=digest_of(plan.source), not_after=end_of(last), at=self.store.clock(), wording=plan.wording, series=series,
        )  # fmt: skip
        told = f"{plan.once}\0{source}\0{title}\0{last}" if plan.once else ""
        return [
            await self._made(head._replace(not_before=day), everybody, f"{told}\0{day}" if told else "")
            for day in plan.days or (None,)
        ]

    async def follow(
        self, id: str, today: date, at: datetime | None = None, officers: Mapping[str, str] | None = None, days: int = 0
    ) -> Campaign:
        """A campaign made from the report of another, taken anew when it begins: by another channel to who was not told, perhaps, or
        has not opened in so many `days`; with `officers`, addresses by unit, to each of them who of the unit is short still.

        Raises: CampaignFault.
        """
        of = await self.get(id)
        if of.audience == "officers":
            raise CampaignFault("officers_followed")
        told = [row for row in await self.campaigns.rows(id) if row.state in ("told", "in_doubt")] if days else []
        left = max((days - self.days_since(row) for row in told), default=0)
        due = datetime.combine(today + timedelta(days=left), time(), ZONE) if left > 0 else None
        begins = max(filter(None, (at, due)), default=None)
        last = end_of((begins.astimezone(ZONE).date() if begins else today) + timedelta(days=days))
        head = of._replace(
            audience="officers" if officers else "unopened", follows=id, at=self.store.clock(), not_before=begins, days=days,
            not_after=max(of.not_after, last), wording="" if officers else of.wording,
            state="draft", why="", series="", started=None, ended=None,
        )  # fmt: skip
        units = [Addressee(f"unit:{of.owner}:{unit}", {}, mail, unit) for unit, mail in (officers or {}).items()]
        return await self._made(head, await self.those(head, today, officers=units), "")

    async def _made(self, head: Campaign, people: Sequence[Addressee], told: str) -> Campaign:
        for attempt in range(5):
            made = head._replace(id=_id_of(told if told and not attempt else secrets.token_hex()))
            try:
                await self.campaigns.create(made, people)
            except IntegrityError:  # the id is taken
                held = await self.campaigns.get(made.id)
                if told and held and (held.title, held.source) == (made.title, made.source):
                    return held
                continue
            return made
        raise AssertionError("no free id in five draws")

    def _closes(self, audience: Sequence[Addressee], today: date) -> date | None:
        """The last day on which anybody of the audience can still learn."""
        windows = [assess(self.packs, one.facts, today).get("window", {}) for one in audience[:SHOWN]]
        last = max((window["closes"] for window in windows if window.get("closes")), default="")
        return date.fromisoformat(last) if last else None

    # ------------------------------------------------------------ while it goes

    async def start(self, id: str) -> Campaign:
        """Lets a draft go, with all of its series; or again what is done or already going: who could not be reached then and can be now is
        told, and nobody else. The campaign as it is now. Raises: CampaignFault."""
        found = await self.get(id)
        if found.state == "done":
            await self.again(id)
        else:
            for one in await self.campaigns.series(found.series) if found.series else (found,):
                await self.campaigns.move(one.id, "sending", out_of=("draft",))
        return await self.get(id)

    async def again(self, id: str, which: str = "new") -> int:
        """Lets those wait again whom somebody has decided to repeat, `in_doubt`; or who were not told though they should be, by a way that
        was not tried, `new`, or by any, `not_told`. How many. Raises: CampaignFault."""
        await self._open(id)
        wanted = "in_doubt" if which == "in_doubt" else "not_told"
        rows = [row.id for row in await self.campaigns.rows(id) if row.state == wanted and row.reason not in NO_AGAIN]
        number = await self.campaigns.again(id, rows, fresh=which == "not_told") if rows else 0
        if number:
            await self.campaigns.move(id, "sending", out_of=("done", "draft"))
        return number

    async def _open(self, id: str) -> Campaign:
        found = await self.get(id)
        if found.state in ("cancelled", "expired"):
            raise CampaignFault("over")
        return found

    async def move(self, id: str, to: str) -> Campaign:
        """Pauses it, goes on with it, or cancels it, after which who waits is not told. Raises: CampaignFault."""
        found = await self.get(id)
        if not await self.campaigns.move(id, to, out_of=MOVES[to]) and found.state != to:
            raise CampaignFault("cannot", state=STATES[found.state], verb=words()["moves"][to])
        return await self.get(id)

    async def reword(self, id: str, wording: str, today: date) -> None:
        """HR's own words from now on: who was told has read the others. Raises: CampaignFault."""
        found = await self._open(id)
        if found.audience == "officers":
            raise CampaignFault("officers_reworded")
        rows = [row for row in await self.campaigns.rows(id) if row.state == "waiting"]
        if rows and wording:
            self.text("hand", Addressee("", rows[0].facts), Draft(found.title, wording=wording), today)
        await self.campaigns.reword(id, wording)

    async def stop_for(self, id: str, line: int) -> int:
        """Whoever stands in this line of the report hears no more of this campaign; how many that were. Raises: CampaignFault."""
        await self.get(id)
        return await self.campaigns.stop_for(id, line)

    async def line_of(self, id: str, called: str) -> int:
        """The line of whoever HR calls so: by number, or number and unit as 001@一院. Raises: CampaignFault for none, or several."""
        await self.get(id)
        rows = [row for row in await self.campaigns.rows(id) if called in (row.label, f"{row.label}@{row.unit}")]
        if len(rows) != 1:
            units = "、".join(f"{row.label}@{row.unit}" for row in rows)
            raise CampaignFault("several_called" if rows else "nobody_called", called=called, units=units)
        return rows[0].id

    async def anew(self, found: Campaign, today: date, source: Path | str | None = None) -> int:
        """Everybody that it is about as they stand now, on a newer roster where one is given: facts of those who wait, who is new and
        short; how many wait now. Raises: bot.roster.UnreadableRoster, OSError."""
        rows = await self.campaigns.rows(found.id)
        known = [Addressee(row.subject, {}, row.email, row.unit) for row in rows]
        waited = {row.subject for row in rows if row.state in OPEN}
        listed = {
            one.subject: replace(one, out="caught_up") if one.out in MAY_APPLY and one.subject in waited else one
            for one in await self.those(found, today, source, known)
        }
        named = found.source if source is None else kept_as(source)
        return await self.campaigns.refresh(found.id, named, digest_of(source or source_of(found)), listed)

    async def reread(self, found: Campaign, today: date) -> str:
        """Takes what the roster's file says by now, where it has changed; what to say about it, empty for nothing."""
        if digest_of(source_of(found)) in ("", found.digest):
            return ""
        return str(words()["reread"]["taken" if await self.begin(found, today) else "unreadable"])

    async def begin(self, found: Campaign, today: date) -> bool:
        """Assesses everybody anew at the hour that it was made for; False where that cannot be read any more: then all stand as before."""
        from bot.roster import UnreadableRoster

        try:
            await self.anew(found, today)
        except (OSError, UnreadableRoster, CampaignFault):
            return False
        return True


def status_of(found: Campaign, count: Count) -> dict[str, Any]:
    """A campaign and its counts as one object."""
    states = {state: count.of(state) for state in ("told", "not_told", "in_doubt", "waiting")}
    shown = {"id": found.id, "title": found.title, "state": found.state, "total": count.total, **states}
    return shown | {"reasons": count.reasons} | ({"why": found.why} if found.why else {})


def roster_of(found: Campaign) -> str:
    """The uploaded roster that a campaign was made from; empty for a file's."""
    return found.source.removeprefix(UPLOADED) if found.source.startswith(UPLOADED) else ""


def _id_of(told: str) -> str:
    """The one id of what was told."""
    return "n" + "".join(SIGNS[sign % len(SIGNS)] for sign in hashlib.sha256(told.encode()).digest()[:7])
