"""What HR does with campaigns: look first, make one or a series, send, pause, go on, cancel, send again, follow one up."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson
from sqlalchemy.exc import IntegrityError

from bot.post.audience import (
    MAY_APPLY,
    address_in,
    addressees,
    digest_of,
    is_short,
    roster_lines,
    sifted,
    those_who_asked,
)
from bot.post.quiet import ZONE, default_end, end_of
from bot.post.wording import NoticeText, Wordings
from bot.post.words import words
from rules import Library, assess
from storage import AddressBook, Addressee, Campaign, Campaigns, Count, Store, hr, rosters

SHOWN = 3
LONGEST_TITLE = 60
LATELY = timedelta(days=30)  # within which being told twice is worth a warning
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
UPLOADED: Final = "roster:"
NO_AGAIN: Final = frozenset(
    {"unsubscribed", "caught_up", "closed", "undecided", "not_on_roster", "stopped", "opened", *MAY_APPLY}
)
"""Reasons for which somebody was rightly not told: sending again does not reach them either."""
_DAY = re.compile(r"(\d{1,2})月(\d{1,2})[日号]")


Look = Callable[[], Awaitable[bool]]


class CampaignFault(Exception):
    """What cannot be done with a campaign; one plain Chinese sentence."""


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


class Office:
    """Campaigns as HR sees them; pages and commands alike. `look`: whether the links of notices lead anywhere, for a warning."""

    def __init__(
        self, store: Store, packs: Library, wordings: Wordings, channels: Sequence[str], look: Look | None = None
    ) -> None:
        self.store, self.packs, self.wordings, self._look = store, packs, wordings, look
        self.campaigns, self.book = Campaigns(store), AddressBook(store)
        self.channels = tuple(channels)

    # ------------------------------------------------------------ whom

    async def office_of(self, name: str) -> int:
        """The number of an office: of whose account it is, 0 for this machine's own. Raises: CampaignFault."""
        found = await self.store.database.read(partial(rosters.owner, name=name)) if name else 0
        if found is None:
            raise CampaignFault(f"没有叫“{name}”的人事账号")
        return found

    async def people(self, source: Path | str, owner: int, today: date) -> list[Addressee]:
        """Everybody on a roster, a file or one that was uploaded, as the people of an office whom that has known before.

        Raises: CampaignFault, bot.roster.UnreadableRoster, OSError.
        """
        if isinstance(source, str):
            kept = await self.store.database.read(partial(hr.rosters, id=source))
            if not kept or not kept[0].run:
                raise CampaignFault("这份花名册已经没有了，或者还没核对完")
            found = await self.store.database.read(partial(rosters.everybody, id=source))
            told = [{**orjson.loads(line), "mark": mark} for _, _, mark, line in found]
            unused = orjson.loads(kept[0].state).get("faults", ())
            return addressees(told, unused, [person for _, person, _, _ in found], source)
        lines, unused = await asyncio.to_thread(roster_lines, source, self.packs, today, self.wordings.key)
        keys, now = [one["keys"] for one in lines], self.store.clock()
        subjects = await self.store.database.write(partial(rosters.identify, owner=owner, now=now, people=keys))
        return addressees(lines, unused, subjects, digest_of(source))

    async def asked(self, today: date) -> list[Addressee]:
        """Everybody who asked to be reminded."""
        sessions = ((person, orjson.loads(raw)) for person, raw in await self.book.sessions(b'"remind":true'))
        return those_who_asked(sessions, self.packs, today)

    async def as_it_stands(self, found: Campaign, today: date) -> dict[str, Addressee]:
        """Everybody by subject as of now: from the roster where it can still be read, or from what people have told of themselves."""
        from bot.roster import UnreadableRoster

        try:
            people = (
                await self.asked(today) if found.audience == "asked" else
                await self.people(_source(found), int(found.owner[2:] or 0), today)
            )  # fmt: skip
        except (CampaignFault, OSError, UnreadableRoster):
            return {}
        return {one.subject: one for one in people}

    # ------------------------------------------------------------ before

    async def preview(self, people: Iterable[Addressee], plan: Draft, today: date) -> Preview:
        """What a campaign for these people would be. Raises: CampaignFault."""
        everybody = sifted(people, self.packs, today)
        audience = [one for one in everybody if not one.out]
        reached = await self.book.reach(one.subject for one in audience)
        by_channel, messages = Counter[str](), list[tuple[str, str]]()
        for one in audience:
            at = reached[one.subject]
            accounts = {**at.accounts, **({"email": one.email} if one.email else {})}
            name = next((channel for channel in self.channels if channel in accounts), "hand")
            name = "unsubscribed" if at.silent else name
            by_channel[name] += 1
            if len(messages) < SHOWN and name != "unsubscribed":
                messages.append((name, self.text(name, one, plan, today)))
        left_out = Counter(one.out for one in everybody if one.out)
        return Preview(len(audience), left_out, by_channel, tuple(messages), await self.warnings(audience, plan, today))

    def letter(self, channel: str, one: Addressee, plan: Draft, today: date) -> NoticeText:
        """The notice of somebody, which belongs to no campaign yet. Raises: CampaignFault."""
        assessment = assess(self.packs, one.facts, today)
        try:
            return self.wordings.letter(channel, 0, "", plan.title, assessment, today, plan.wording)
        except ValueError as wrong:
            raise CampaignFault(str(wrong)) from None

    def text(self, channel: str, one: Addressee, plan: Draft, today: date) -> str:
        """A message as somebody would read it. Raises: CampaignFault."""
        said = self.letter(channel, one, plan, today)
        lines = [said.subject, said.text]
        if said.fields:
            lines += [words()["preview"]["template"], *(f"{name}：{held}" for name, held in said.fields.items())]
        return "\n".join(lines).strip()

    async def warnings(self, audience: Sequence[Addressee], plan: Draft, today: date) -> tuple[str, ...]:
        """What HR should know before anything goes out."""
        said, found = words()["warnings"], []
        if not self.wordings.public_url:
            found.append(said["no_links"])
        elif self._look is not None and not await self._look():
            found.append(said["dead_links"].format(url=self.wordings.public_url))
        subjects = [one.subject for one in audience]
        for title, at, state, count in await self.campaigns.lately(subjects, self.store.clock() - LATELY):
            says = said["again" if state in ("done", "cancelled", "expired") else "beside"]
            found.append(says.format(title=title, day=f"{at.astimezone(ZONE):%m月%d日}", count=count))
        if plan.title and (day := _DAY.search(plan.title)) and (last := self._closes(audience[:1], today)):
            told, closes = f"{int(day[1])}月{int(day[2])}日", f"{last.month}月{last.day}日"
            found += [said["day"].format(day=day[0], closes=closes)] if told != closes else []
        return tuple(found)

    async def create(self, people: Iterable[Addressee], plan: Draft, today: date) -> list[Campaign]:
        """A campaign that waits to be sent, or one for each day of the plan. What comes out of the same drawing of a form with the same
        title is the same campaign, asked for by somebody who pressed twice.

        Raises: CampaignFault.
        """
        title = " ".join(plan.title.split())
        if not 0 < len(title) <= LONGEST_TITLE or not title.isprintable():
            raise CampaignFault(f"标题要有1到{LONGEST_TITLE}个字")
        everybody = sifted(people, self.packs, today)
        audience = [one for one in everybody if not one.out]
        if audience and plan.wording:
            self.text("hand", audience[0], plan, today)
        begins = max([today, *(day.astimezone(ZONE).date() for day in plan.days)])
        last = plan.not_after or default_end(begins, self._closes(audience, today))
        if last < today:
            raise CampaignFault(f"截止日{last.isoformat()}已经过去")
        if any(day >= end_of(last) for day in plan.days):
            raise CampaignFault(f"要发的时间在截止日{last.isoformat()}之后")
        source, series = _named(plan.source), secrets.token_hex(4) if len(plan.days) > 1 else ""
        head = Campaign(
            id="", title=title, audience="roster" if source else "asked", owner=f"hr{plan.owner}", source=source,
            digest=_digest(plan.source), not_after=end_of(last), at=datetime.now(UTC), wording=plan.wording, series=series,
        )  # fmt: skip
        told = f"{plan.once}\0{source}\0{title}\0{last}" if plan.once else ""
        return [
            await self._made(head._replace(not_before=day), everybody, f"{told}\0{day}" if told else "")
            for day in plan.days or (None,)
        ]

    async def follow(
        self, id: str, audience: str, today: date, at: datetime | None = None, officers: Mapping[str, str] | None = None
    ) -> Campaign:
        """A campaign made from the report of another, taken anew when it begins: `unopened` reaches by another channel who was not
        told, perhaps, or has not opened; `officers` tells addresses by unit who of the unit is short still. Raises: CampaignFault."""
        of = await self.get(id)
        if of.audience == "officers":
            raise CampaignFault("给负责人的名单不能再跟一份通知")
        head = of._replace(
            id="", audience=audience, follows=id, state="draft", why="", at=datetime.now(UTC), started=None, ended=None,
            series="", not_before=at, not_after=max(of.not_after, end_of(at.astimezone(ZONE).date() if at else today)),
            wording=of.wording if audience == "unopened" else "",
        )  # fmt: skip
        if audience == "officers":
            people = [
                Addressee(f"unit:{of.owner}:{unit}", {"id": unit}, email, unit)
                for unit, email in (officers or {}).items()
            ]
            people = await self._officers(of, people, today)
        else:
            people = await self._unopened(of, today)
        return await self._made(head, people, "")

    async def _unopened(self, of: Campaign, today: date) -> list[Addressee]:
        """Who of a campaign still has to be reached, by another way than the one taken."""
        now, found = await self.as_it_stands(of, today), []
        for row in await self.campaigns.rows(of.id):
            one = now.get(row.subject) or Addressee(row.subject, row.facts, row.email, row.unit, out="not_on_roster")
            out = "opened" if row.opened else "going" if row.state in ("waiting", "sending") else one.out
            out = row.reason if row.state == "left_out" or row.reason in NO_AGAIN else out
            tried = row.tried + (f"{row.channel}:tried " if row.state in ("told", "in_doubt") else "")
            found.append(replace(one, out=out, tried=tried))
        return sifted(found, self.packs, today)

    async def _officers(self, of: Campaign, officers: Iterable[Addressee], today: date) -> list[Addressee]:
        """To each officer those of their unit who are short on this day."""
        now, units = await self.as_it_stands(of, today), dict[str, list[tuple[str, str, str]]]()
        for one in now.values():
            if not one.out and is_short(found := assess(self.packs, one.facts, today)):
                short = (one.label, one.name, self.wordings.short_of(found))
                units.setdefault(one.unit, []).append(short)
        return [
            replace(one, facts={"id": one.unit, "people": units.get(one.unit, [])}, out="" if units.get(one.unit) else "nobody_short")
            for one in officers
        ]  # fmt: skip

    async def _made(self, head: Campaign, people: Sequence[Addressee], told: str) -> Campaign:
        for attempt in range(5):
            made = head._replace(id=_id_of(told) if told and not attempt else _new_id())
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
        days = {
            closes
            for one in audience[:SHOWN]
            if (closes := assess(self.packs, one.facts, today).get("window", {}).get("closes"))
        }
        return date.fromisoformat(max(days)) if days else None

    # ------------------------------------------------------------ while it goes

    async def get(self, id: str) -> Campaign:
        """The campaign. Raises: CampaignFault."""
        found = await self.campaigns.get(id)
        if found is None:
            raise CampaignFault(f"没有编号为“{id}”的通知")
        return found

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
        found, wanted = await self._open(id), "in_doubt" if which == "in_doubt" else "not_told"
        rows = [row.id for row in await self.campaigns.rows(id) if row.state == wanted and row.reason not in NO_AGAIN]
        number = await self.campaigns.again(id, rows, fresh=which == "not_told") if rows else 0
        if number:
            await self.campaigns.move(found.id, "sending", out_of=("done", "draft"))
        return number

    async def _open(self, id: str) -> Campaign:
        found = await self.get(id)
        if found.state in ("cancelled", "expired"):
            raise CampaignFault("通知已结束，不能再发")
        return found

    async def move(self, id: str, to: str) -> Campaign:
        """Pauses it, goes on with it, or cancels it, after which who waits is not told. Raises: CampaignFault."""
        found = await self.get(id)
        out_of, verb = MOVES[to]
        if not await self.campaigns.move(id, to, out_of=out_of) and found.state != to:
            raise CampaignFault(f"通知现在是“{STATES[found.state]}”，不能{verb}")
        return await self.get(id)

    async def reword(self, id: str, wording: str, today: date) -> None:
        """HR's own words from now on: who was told has read the others. Raises: CampaignFault."""
        found = await self._open(id)
        if found.audience == "officers":
            raise CampaignFault("给负责人的名单不能改话")
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
            raise CampaignFault(f"“{called}”不止一位，请写成：{units}" if rows else f"这份通知里没有“{called}”")
        return rows[0].id

    async def anew(self, found: Campaign, today: date, source: Path | str | None = None) -> int:
        """Everybody that it is about as they stand now, on a newer roster where one is given: facts of those who wait, who is new and
        short; how many wait now. Raises: bot.roster.UnreadableRoster, OSError."""
        source, rows = source or _source(found), await self.campaigns.rows(found.id)
        if found.audience == "roster":
            people = sifted(await self.people(source, int(found.owner[2:] or 0), today), self.packs, today)
        elif found.audience == "asked":
            people = sifted(await self.asked(today), self.packs, today)
        elif found.audience == "officers":
            known = [Addressee(row.subject, {}, row.email, row.unit) for row in rows]
            people = await self._officers(await self.get(found.follows), known, today)
        else:
            people = await self._unopened(await self.get(found.follows), today)
        waited = {row.subject for row in rows if row.state in ("waiting", "sending")}
        listed = {
            one.subject: replace(one, out="caught_up") if one.out in MAY_APPLY and one.subject in waited else one for one in people
        }  # fmt: skip
        named = found.source if found.audience == "asked" else _named(source)
        return await self.campaigns.refresh(found.id, named, _digest(source), listed)

    async def reread(self, found: Campaign, today: date) -> str:
        """Takes what the roster's file says by now, where it has changed; what to say about it, empty for nothing."""
        source = _source(found)
        same = isinstance(source, str) or not source.is_file() or digest_of(source) == found.digest
        return "" if same else str(words()["reread"]["taken" if await self.begin(found, today) else "unreadable"])

    async def begin(self, found: Campaign, today: date) -> bool:
        """Assesses everybody anew at the hour that it was made for; False where that cannot be read any more: then all stand as before."""
        from bot.roster import UnreadableRoster

        try:
            await self.anew(found, today)
        except (OSError, UnreadableRoster, CampaignFault):
            return False
        return True

    async def status(self, id: str) -> dict[str, Any]:
        """How it stands, in the contract's shape. Raises: CampaignFault."""
        found = await self.get(id)
        return status_of(found, await self.campaigns.count(id))


STATES: Mapping[str, str] = {
    "draft": "未发送", "sending": "发送中", "paused": "已暂停", "done": "已完成", "cancelled": "已取消", "expired": "已过期",
}  # fmt: skip
MOVES: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "paused": (("sending", "paused"), "暂停"),
    "sending": (("paused", "sending"), "继续"),
    "cancelled": (("draft", "sending", "paused"), "取消"),
}
"""Out of which states HR may bring a campaign into one, and what that is called."""


def read_officers(text: str) -> dict[str, str]:
    """Units and the address of each one's officer, a line each: 一中，zhang@example.com. Raises: CampaignFault."""
    found: dict[str, str] = {}
    for line in filter(str.strip, text.splitlines()):
        unit, _, told = re.sub(r"[\t，,；;]+", " ", line).strip().rpartition(" ")
        address = address_in(told)
        if not unit.strip() or not address:
            if not found and "@" not in line:
                continue  # the header of a table
            raise CampaignFault(f"“{line.strip()}”看不出单位和邮箱，请一行写一个单位，如：一中 zhang@example.com")
        found["".join(unit.split())] = address
    if not found:
        raise CampaignFault("没有写单位和邮箱，请一行写一个单位，如：一中 zhang@example.com")
    return found


def status_of(found: Campaign, count: Count) -> dict[str, Any]:
    """A campaign and its counts as one object."""
    shown: dict[str, Any] = {
        "id": found.id, "title": found.title, "state": found.state, "total": count.total, "told": count.of("told"),
        "not_told": count.of("not_told"), "in_doubt": count.of("in_doubt"), "waiting": count.of("waiting"),
        "reasons": count.reasons,
    }  # fmt: skip
    if found.why:
        shown["why"] = found.why
    return shown


def _source(found: Campaign) -> Path | str:
    """The file that a campaign was made from, or the id of what was uploaded."""
    return found.source.removeprefix(UPLOADED) if found.source.startswith(UPLOADED) else Path(found.source)


def roster_of(found: Campaign) -> str:
    """The uploaded roster that a campaign was made from; empty for a file's."""
    source = _source(found)
    return source if isinstance(source, str) else ""


def _named(source: Path | str | None) -> str:
    """How a campaign keeps where its people come from."""
    return str(source.resolve()) if isinstance(source, Path) else f"{UPLOADED}{source}" if source else ""


def _digest(source: Path | str | None) -> str:
    return digest_of(source) if isinstance(source, Path) and source.is_file() else ""


def _new_id() -> str:
    return "n" + "".join(secrets.choice(SIGNS) for _ in range(7))


def _id_of(told: str) -> str:
    """The one id of what was told."""
    return "n" + "".join(SIGNS[sign % len(SIGNS)] for sign in hashlib.sha256(told.encode()).digest()[:7])
