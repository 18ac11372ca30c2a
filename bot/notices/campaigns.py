"""What HR does with campaigns: look first, make one, send, pause, resume, cancel, ask how it stands."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy.exc import IntegrityError

from bot.notices.audience import Audience, Listed, choose, digest_of, read_roster, those_who_asked
from bot.notices.quiet import default_end, end_of
from bot.notices.wording import Wordings
from bot.notices.words import words
from rules import Packs, assess
from storage import Accounts, Addressee, Campaign, Campaigns, Count, Store

SHOWN = 3
LONGEST_TITLE = 60
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


class CampaignFault(Exception):
    """What cannot be done with a campaign; one plain Chinese sentence."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Who would be told, who not and why, and some of the messages word for word."""

    count: int
    left_out: dict[str, list[str]]
    by_channel: dict[str, int]
    messages: tuple[tuple[str, str], ...]  # channel, text


class Office:
    """Campaigns as HR sees them; pages and commands alike."""

    def __init__(self, store: Store, packs: Packs, wordings: Wordings, channels: Sequence[str]) -> None:
        self.store, self.packs, self.wordings = store, packs, wordings
        self.campaigns, self.accounts = Campaigns(store), Accounts(store)
        self.channels = tuple(channels)

    # ------------------------------------------------------------ before

    async def preview(self, people: Iterable[Listed], title: str, today: date) -> Preview:
        """What a campaign for these people would be."""
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
                messages.append((name, self._text(name, one, title, today)))
        return Preview(len(audience.people), audience.left_out, by_channel, tuple(messages))

    def _text(self, channel: str, one: Listed, title: str, today: date) -> str:
        assessment = assess(self.packs, one.facts, today)
        letter = self.wordings.letter(channel, 0, "", title, assessment, one.facts, today)
        lines = [letter.subject, letter.text]
        if letter.fields:
            lines += [words()["preview"]["template"], *(f"{name}：{said}" for name, said in letter.fields.items())]
        return "\n".join(lines).strip()

    async def create(
        self, audience: Audience, title: str, today: date, *, source: Path | None = None, not_after: date | None = None, once: str = ""
    ) -> Campaign:  # fmt: skip
        """A campaign that waits to be sent. `once` tells one drawing of a form from another: what comes out of the same with the same
        title is the same campaign, asked for by somebody who pressed twice.

        Raises: CampaignFault.
        """
        title = " ".join(title.split())
        if not 0 < len(title) <= LONGEST_TITLE or not title.isprintable():
            raise CampaignFault(f"标题要有1到{LONGEST_TITLE}个字")
        last = not_after or default_end(today, self.packs.newest.window[1])
        if last < today:
            raise CampaignFault(f"截止日{last.isoformat()}已经过去")
        people = [one for one in audience.people if _fits(one.subject)]
        for attempt in range(5):
            told = f"{once}\0{source}\0{title}\0{last}" if once and not attempt else ""
            made = Campaign(
                id=_id_of(told) if told else _new_id(), title=title, audience="roster" if source is not None else "asked",
                source=str(source.resolve()) if source is not None else "", digest=digest_of(source) if source and source.is_file() else "",
                not_after=end_of(last), at=datetime.now(UTC), left_out=audience.left_out,
            )  # fmt: skip
            try:
                await self.campaigns.create(made, [Addressee(one.subject, one.facts, one.email) for one in people])
            except IntegrityError:  # the id is taken
                held = await self.campaigns.get(made.id)
                if told and held and (held.title, held.source) == (made.title, made.source):
                    return held
                continue
            return made
        raise AssertionError("no free id in five draws")

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
        """Lets a draft go, or again what is done or already going; the campaign as it is now. Raises: CampaignFault."""
        await self.get(id)
        await self.campaigns.move(id, "sending", out_of=("draft",))
        return await self.get(id)

    async def resend_doubt(self, id: str) -> int:
        """Somebody has decided that what is in doubt is repeated; how many. Raises: CampaignFault."""
        found = await self.get(id)
        if found.state in ("cancelled", "expired"):
            raise CampaignFault("通知已结束，不能再发")
        number = await self.campaigns.resend(id)
        if number:
            await self.campaigns.move(id, "sending", out_of=("done", "draft"))
        return number

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

    async def reread(self, found: Campaign, today: date) -> str:
        """Takes what the roster's file says by now, where it has changed; what to say about it, empty for nothing."""
        from bot.roster import UnreadableRoster

        path = Path(found.source)
        if found.audience != "roster" or not path.is_file():
            return ""
        try:
            digest = digest_of(path)
            if digest == found.digest:
                return ""
            people = {
                one.subject: Addressee(one.subject, one.facts, one.email)
                for one in read_roster(path, self.packs, today)
            }
        except (OSError, UnreadableRoster):
            return "花名册文件变了但读不出来，按建通知时的内容发"
        await self.campaigns.refresh(found.id, digest, people)
        return "花名册文件已更新，按新的内容发"

    async def as_it_stands(self, found: Campaign, today: date) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
        """Names and facts by subject as of now: from the roster's file where it can still be read, or from what people
        have told of themselves."""
        from bot.roster import UnreadableRoster

        if found.audience == "asked":
            return {}, {one.subject: one.facts for one in await self.asked(today)}
        try:
            people = read_roster(Path(found.source), self.packs, today)
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


def _new_id() -> str:
    return "n" + "".join(secrets.choice(SIGNS) for _ in range(7))


def _id_of(told: str) -> str:
    """The one id of what was told."""
    return "n" + "".join(SIGNS[sign % len(SIGNS)] for sign in hashlib.sha256(told.encode()).digest()[:7])


def _fits(subject: str) -> bool:
    return 0 < len(subject) <= 200
