"""What HR does with campaigns: look first, make one or a series, send, pause, resume, cancel, send again, ask how it stands."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import orjson
from sqlalchemy.exc import IntegrityError

from bot.post.audience import Audience, Listed, choose, digest_of, read_roster, those_who_asked
from bot.post.quiet import ZONE, default_end, end_of
from bot.post.wording import NoticeText, Wordings
from bot.post.words import words
from rules import Library, assess
from storage import Accounts, Addressee, Campaign, Campaigns, Count, Row, Store

SHOWN = 3
LONGEST_TITLE = 60
LATELY = timedelta(days=30)  # within which being told twice is worth a warning
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
UPLOADED: Final = "roster:"
NO_AGAIN: Final = frozenset({"unsubscribed", "caught_up", "closed", "undecided", "not_on_roster", "stopped"})
"""Reasons for which somebody was rightly not told: sending again does not reach them either."""
_DAY = re.compile(r"(\d{1,2})月(\d{1,2})[日号]")


class CampaignFault(Exception):
    """What cannot be done with a campaign; one plain Chinese sentence."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Who would be told, who not and why, some of the messages word for word, and what HR should know before."""

    count: int
    left_out: dict[str, list[Listed]]
    by_channel: dict[str, int]
    messages: tuple[tuple[str, str], ...]  # channel, text
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a campaign is made with. `owner`: the office; `source`: the roster's file, or the id under which it was uploaded; `days`: when
    its rounds begin, none for as soon as it is sent; `once` tells one drawing of a form from another."""

    title: str
    owner: str = ""
    source: Path | str | None = None
    not_after: date | None = None
    days: Sequence[datetime] = ()
    wording: str = ""
    once: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


class Office:
    """Campaigns as HR sees them; pages and commands alike."""

    def __init__(self, store: Store, packs: Library, wordings: Wordings, channels: Sequence[str]) -> None:
        self.store, self.packs, self.wordings = store, packs, wordings
        self.campaigns, self.accounts = Campaigns(store), Accounts(store)
        self.channels = tuple(channels)

    # ------------------------------------------------------------ before

    async def preview(self, people: Iterable[Listed], plan: Plan, today: date) -> Preview:
        """What a campaign for these people would be. Raises: CampaignFault."""
        audience = choose(people, self.packs, today)
        reached = await self.accounts.reach(one.subject for one in audience.people)
        by_channel: dict[str, int] = {}
        messages: list[tuple[str, str]] = []
        for one in audience.people:
            at = reached[one.subject]
            accounts = {**at.accounts, **({"email": one.email} if one.email else {})}
            name = next((channel for channel in self.channels if channel in accounts), "hand")
            name = "unsubscribed" if at.silent else name
            by_channel[name] = by_channel.get(name, 0) + 1
            if len(messages) < SHOWN and name != "unsubscribed":
                messages.append((name, self.text(name, one, plan, today)))
        found = await self.warnings(audience, plan, today)
        return Preview(len(audience.people), audience.left_out, by_channel, tuple(messages), found)

    def letter(self, channel: str, one: Listed, plan: Plan, today: date) -> NoticeText:
        """The notice of somebody, which belongs to no campaign yet. Raises: CampaignFault."""
        assessment = assess(self.packs, one.facts, today)
        try:
            return self.wordings.letter(channel, 0, "", plan.title, assessment, one.facts, today, wording=plan.wording)
        except ValueError as wrong:
            raise CampaignFault(str(wrong)) from None

    def text(self, channel: str, one: Listed, plan: Plan, today: date) -> str:
        """A message as somebody would read it. Raises: CampaignFault."""
        said = self.letter(channel, one, plan, today)
        lines = [said.subject, said.text]
        if said.fields:
            lines += [words()["preview"]["template"], *(f"{name}：{held}" for name, held in said.fields.items())]
        return "\n".join(lines).strip()

    async def warnings(self, audience: Audience, plan: Plan, today: date) -> tuple[str, ...]:
        """What HR should know before anything goes out."""
        said, found = words()["warnings"], []
        if not self.wordings.public_url:
            found.append(said["no_links"])
        subjects = [one.subject for one in audience.people]
        since = self.store.clock() - LATELY
        for title, at, count in await self.campaigns.told_lately(subjects, since):
            found.append(said["again"].format(title=title, day=f"{at.astimezone(ZONE):%m月%d日}", count=count))
        if plan.title and (day := _DAY.search(plan.title)) and audience.people:
            closes = assess(self.packs, audience.people[0].facts, today).get("window", {}).get("closes", "")
            last = date.fromisoformat(closes) if closes else None
            if last is not None and (last.month, last.day) != (int(day[1]), int(day[2])):
                found.append(said["day"].format(day=day[0], closes=f"{last.month}月{last.day}日"))
        return tuple(found)

    async def create(self, audience: Audience, plan: Plan, today: date) -> list[Campaign]:
        """A campaign that waits to be sent, or one for each day of the plan. What comes out of the same drawing of a form with the same
        title is the same campaign, asked for by somebody who pressed twice.

        Raises: CampaignFault.
        """
        title = " ".join(plan.title.split())
        if not 0 < len(title) <= LONGEST_TITLE or not title.isprintable():
            raise CampaignFault(f"标题要有1到{LONGEST_TITLE}个字")
        if audience.people and plan.wording:
            self.text("hand", audience.people[0], plan, today)
        begins = max([today, *(day.astimezone(ZONE).date() for day in plan.days)])
        last = plan.not_after or default_end(begins, self._closes(audience, today))
        if last < today:
            raise CampaignFault(f"截止日{last.isoformat()}已经过去")
        if any(day >= end_of(last) for day in plan.days):
            raise CampaignFault(f"要发的时间在截止日{last.isoformat()}之后")
        source, series = _named(plan.source), secrets.token_hex(4) if len(plan.days) > 1 else ""
        head = Campaign(
            id="", title=title, audience="roster" if source else "asked", owner=plan.owner, source=source, digest=_digest(plan.source),
            not_after=end_of(last), at=datetime.now(UTC), left_out=audience.labels(), wording=plan.wording, series=series,
        )  # fmt: skip
        told = f"{plan.once}\0{source}\0{title}\0{last}" if plan.once else ""
        return [
            await self._made(replace(head, not_before=day), audience, f"{told}\0{day}" if told else "")
            for day in plan.days or (None,)
        ]

    async def _made(self, head: Campaign, audience: Audience, told: str) -> Campaign:
        for attempt in range(5):
            made = replace(head, id=_id_of(told) if told and not attempt else _new_id())
            try:
                await self.campaigns.create(made, audience.addressees())
            except IntegrityError:  # the id is taken
                held = await self.campaigns.get(made.id)
                if told and held and (held.title, held.source) == (made.title, made.source):
                    return held
                continue
            return made
        raise AssertionError("no free id in five draws")

    def _closes(self, audience: Audience, today: date) -> date | None:
        """The last day on which anybody of the audience can still learn."""
        days = {
            closes
            for one in audience.people[:SHOWN]
            if (closes := assess(self.packs, one.facts, today).get("window", {}).get("closes"))
        }
        return date.fromisoformat(max(days)) if days else None

    async def asked(self, today: date) -> list[Listed]:
        """Everybody who asked to be reminded."""
        sessions = ((person, orjson.loads(raw)) for person, raw in await self.accounts.sessions(b'"remind":true'))
        return those_who_asked(sessions, self.packs, today)

    # ------------------------------------------------------------ while it goes

    async def get(self, id: str) -> Campaign:
        """The campaign. Raises: CampaignFault."""
        found = await self.campaigns.get(id)
        if found is None:
            raise CampaignFault(f"没有编号为“{id}”的通知")
        return found

    async def start(self, id: str) -> Campaign:
        """Lets a draft go, or again what is done or already going: who could not be reached then and can be now is told, and nobody
        else; the campaign as it is now. Raises: CampaignFault."""
        found = await self.get(id)
        if found.state == "done":
            await self.send_again(id, only_new=True)
        else:
            await self.campaigns.move(id, "sending", out_of=("draft",))
        return await self.get(id)

    async def send_again(self, id: str, *, only_new: bool = False) -> int:
        """Lets those wait again who were not told though they should be, `only_new`: who can be reached by a way not tried before; how
        many. Raises: CampaignFault."""
        found = await self._open(id)
        rows = [row for row in await self.campaigns.rows(id) if row.state == "not_told" and row.reason not in NO_AGAIN]
        if only_new:
            rows = await self._reachable(rows)
        return await self._again(found, rows, fresh=not only_new)

    async def resend_doubt(self, id: str) -> int:
        """Somebody has decided that what is in doubt is repeated; how many. Raises: CampaignFault."""
        found = await self._open(id)
        return await self._again(found, [row for row in await self.campaigns.rows(id) if row.state == "in_doubt"])

    async def _again(self, found: Campaign, rows: Sequence[Row], *, fresh: bool = False) -> int:
        number = await self.campaigns.again(found.id, [row.id for row in rows], fresh=fresh) if rows else 0
        if number:
            await self.campaigns.move(found.id, "sending", out_of=("done", "draft"))
        return number

    async def _open(self, id: str) -> Campaign:
        found = await self.get(id)
        if found.state in ("cancelled", "expired"):
            raise CampaignFault("通知已结束，不能再发")
        return found

    async def _reachable(self, rows: Sequence[Row]) -> list[Row]:
        """Those of them who can be reached by a way that was not tried."""
        reached = await self.accounts.reach(row.subject for row in rows)
        found = []
        for row in rows:
            accounts = reached[row.subject].accounts | ({"email": row.email} if row.email else {})
            tried = {one.partition(":")[0] for one in row.tried.split()}
            if any(channel in accounts and channel not in tried for channel in self.channels):
                found.append(row)
        return found

    async def pause(self, id: str) -> Campaign:
        """Nothing more goes out until it is resumed. Raises: CampaignFault."""
        found = await self.get(id)
        if not await self.campaigns.move(id, "paused", out_of=("sending", "paused")):
            raise CampaignFault(f"通知现在是“{STATES[found.state]}”，不能暂停")
        return await self.get(id)

    async def resume(self, id: str) -> Campaign:
        """Goes on. Raises: CampaignFault."""
        found = await self.get(id)
        if not await self.campaigns.move(id, "sending", out_of=("paused", "sending")):
            raise CampaignFault(f"通知现在是“{STATES[found.state]}”，不能继续")
        return await self.get(id)

    async def cancel(self, id: str) -> Campaign:
        """Ends it; who waits is not told. Raises: CampaignFault."""
        found = await self.get(id)
        ended = await self.campaigns.end(id, "cancelled", reason="cancelled", out_of=("draft", "sending", "paused"))
        if not ended and found.state != "cancelled":
            raise CampaignFault(f"通知现在是“{STATES[found.state]}”，不能取消")
        return await self.get(id)

    async def stop_for(self, id: str, label: str) -> int:
        """Nobody of this label hears of this campaign any more; how many that were. Raises: CampaignFault."""
        await self.get(id)
        return await self.campaigns.stop_for(id, label)

    async def reread(self, found: Campaign, today: date) -> str:
        """Takes what the roster's file says by now, where it has changed; what to say about it, empty for nothing."""
        from bot.roster import UnreadableRoster

        path = Path(found.source)
        if found.audience != "roster" or roster_of(found) or not path.is_file():
            return ""
        try:
            if digest_of(path) == found.digest:
                return ""
            people = await asyncio.to_thread(read_roster, path, self.packs, today, found.owner)
        except (OSError, UnreadableRoster):
            return "花名册文件变了但读不出来，按建通知时的内容发"
        await self.take_anew(found, path, people, today)
        return "花名册文件已更新，按新的内容发"

    async def take_anew(self, found: Campaign, source: Path | str, people: Sequence[Listed], today: date) -> int:
        """The audience from a newer roster: facts of those who wait, who is new on it and short; how many wait now."""
        audience = choose(people, self.packs, today)
        lines = {row.subject for row in await self.campaigns.rows(found.id)}
        unsure = {one.subject for one in audience.left_out.get("contradiction", ())}
        listed = {
            one.subject: Addressee(one.subject, one.facts, one.email, one.unit)
            for one in people
            if one.subject not in unsure
        }
        left_out = {
            why: [one.label for one in who if one.subject not in lines] for why, who in audience.left_out.items()
        }
        return await self.campaigns.refresh(
            found.id, _named(source), _digest(source), listed, audience.addressees(), left_out
        )

    async def as_it_stands(self, found: Campaign, today: date) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
        """Names and facts by subject as of now: from the roster's file where it can still be read, or from what people
        have told of themselves."""
        from bot.roster import UnreadableRoster

        if found.audience == "asked":
            return {}, {one.subject: one.facts for one in await self.asked(today)}
        try:
            people = await asyncio.to_thread(read_roster, Path(found.source), self.packs, today, found.owner)
        except (OSError, UnreadableRoster):
            return {}, {}
        return {one.subject: one.name for one in people}, {one.subject: one.facts for one in people}

    async def status(self, id: str) -> dict[str, Any]:
        """How it stands, in the contract's shape. Raises: CampaignFault."""
        found = await self.get(id)
        return status_of(found, await self.campaigns.count(id))


STATES: Mapping[str, str] = {
    "draft": "未发送", "sending": "发送中", "paused": "已暂停", "done": "已完成", "cancelled": "已取消", "expired": "已过期",
}  # fmt: skip


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


def roster_of(found: Campaign) -> str:
    """The uploaded roster that a campaign was made from; empty for a file's."""
    return found.source.removeprefix(UPLOADED) if found.source.startswith(UPLOADED) else ""


def _named(source: Path | str | None) -> str:
    """How a campaign keeps where its people come from."""
    return str(source.resolve()) if isinstance(source, Path) else f"{UPLOADED}{source}" if source else ""


def _digest(source: Path | str | None) -> str:
    return digest_of(source) if isinstance(source, Path) else ""


def _new_id() -> str:
    return "n" + "".join(secrets.choice(SIGNS) for _ in range(7))


def _id_of(told: str) -> str:
    """The one id of what was told."""
    return "n" + "".join(SIGNS[sign % len(SIGNS)] for sign in hashlib.sha256(told.encode()).digest()[:7])
