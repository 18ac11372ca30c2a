"""Whom a campaign is about: everybody on a roster, each as one person of one office, or everybody who asked; who is short on this day."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import orjson

from bot.asking import read_session
from bot.asking.casefile import facts_of, notice_of, values_of
from bot.post.notice_words import CampaignFault
from bot.post.quiet import ZONE
from bot.post.wording import Wordings
from rules import Library, assess
from storage import EARLY, AddressBook, Addressee, Campaign, Campaigns, NoticeLine, Store, hr, rosters

UPLOADED: Final = "roster:"
OPEN: Final = ("waiting", "sending")
MAY_APPLY: Final = ("met", "waived")
_UNREADABLE: Final = ("which_person", "two_people", "nameless", "no_person")
"""Rows that may be somebody's, whoever that is."""
NO_AGAIN: Final = frozenset(
    {"unsubscribed", "caught_up", "closed", "undecided", "not_on_roster", "stopped", "opened", *MAY_APPLY}
)
"""Reasons for which somebody was rightly not told: sending again does not reach them either."""
Line = Mapping[str, Any]
"""Somebody as the roster's reader writes them down."""
Look = Callable[[], Awaitable[bool]]


# ---------------------------------------------------------------- who is short


def is_short(assessment: Mapping[str, Any]) -> bool:
    """Whether hours are missing for certain; of hours that somebody can't remember only the least counts."""
    if assessment["status"] == "uncertain":
        return bool(assessment["bounds"]["at_least"] > 0)
    return bool(assessment["status"] == "short")


def why_left_out(assessment: Mapping[str, Any], today: date) -> str:
    """Why somebody is not told; empty for who is. Where the time to learn is over a reminder helps nobody."""
    if not is_short(assessment):
        return str(assessment["status"])
    closes = assessment.get("window", {}).get("closes")
    return "closed" if closes and today > date.fromisoformat(closes) else ""


def sifted(people: Iterable[Addressee], packs: Library, today: date) -> list[Addressee]:
    """Everybody, with why they are told nothing on this day, where they are not."""
    return [
        one if one.out else replace(one, out=why_left_out(assess(packs, one.facts, today), today)) for one in people
    ]


def own_facts(session: Mapping[str, Any], packs: Library, today: date) -> dict[str, Any]:
    """What somebody has told of themselves in the conversation, as facts."""
    values = values_of(packs, read_session(session, packs, today).cases["self"], today)
    return facts_of(values, notice_of(packs, values, today), today)


# ---------------------------------------------------------------- a roster


def roster_lines(path: Path, packs: Library, today: date, secret: bytes = b"") -> tuple[Sequence[Line], list[Line]]:
    """Everybody on a roster in its order, with digests by the `secret` of what they are known by; and the rows that were not used.

    Raises: bot.roster.UnreadableRoster, OSError.
    """
    from bot.roster import everybody_in

    people, unused = everybody_in(path, packs, today, secret)
    file = digest_of(path)
    for one in people:  # who is known by nothing is known in this file alone
        if not one["keys"] and secret:
            one["keys"].append("r" + hashlib.sha256(f"{file}|{one['row']}".encode()).hexdigest()[:32])
    return people, [fault._asdict() for fault in unused]


def addressees(people: Sequence[Line], unused: Iterable[Line], subjects: Sequence[str], file: str) -> list[Addressee]:
    """Everybody of a roster, the rows that nobody can be told by included: they stand in the report too."""
    from bot.roster.cells import words

    whys = {words()["asks"][kind] for kind in _UNREADABLE}
    rows = sorted({one["row"] for one in unused if one["kind"] == "nobody" and one["why"] in whys})
    return [
        *(addressee(one, subject) for one, subject in zip(people, subjects, strict=True)),
        *(Addressee(f"row:{file[:32]}:{row}", {"id": f"第{row}行"}, out="unreadable") for row in rows),
    ]


def addressee(one: Line, subject: str = "") -> Addressee:
    """Somebody as a campaign keeps them. Where reading them has left open what decides, so it stays."""
    email = address_in(one.get("email", ""))
    label = str(one["facts"].get("id") or "").strip() or email or f"第{one['row']}行"
    out = one.get("mark") or (one["status"] if one["status"] in ("needs", "refused") else "")
    return Addressee(subject, {**one["facts"], "id": label}, email, one["unit"], one["name"], out)


def address_in(text: str) -> str:
    """The first e-mail address in a cell that can be one, else nothing."""
    for one in re.split(r"[\s,;，；、/|<>()（）]+", text):
        name, at, place = one.strip(".").partition("@")
        if name and at and "." in place and one.isascii() and len(one) <= 254 and not set('"\\[]@') & set(name + place):
            return f"{name}@{place}"
    return ""


def read_officers(text: str) -> dict[str, str]:
    """Units and the address of each one's officer, a line each: 一中，zhang@example.com. Raises: CampaignFault."""
    found: dict[str, str] = {}
    for line in filter(str.strip, text.splitlines()):
        unit, _, told = re.sub(r"[\t，,；;]+", " ", line).strip().rpartition(" ")
        if unit.strip() and (address := address_in(told)):
            found["".join(unit.split())] = address
        elif found or "@" in line:  # else the header of a table
            raise CampaignFault("officer", line=line.strip())
    if not found:
        raise CampaignFault("officers")
    return found


def digest_of(source: Path | str | None) -> str:
    """What a file holds, in short; empty for what is none."""
    return hashlib.sha256(source.read_bytes()).hexdigest() if isinstance(source, Path) and source.is_file() else ""


def source_of(found: Campaign) -> Path | str:
    """The file that a campaign was made from, or the id of what was uploaded."""
    return found.source.removeprefix(UPLOADED) if found.source.startswith(UPLOADED) else Path(found.source)


def kept_as(source: Path | str | None) -> str:
    """How a campaign keeps where its people come from."""
    return str(source.resolve()) if isinstance(source, Path) else f"{UPLOADED}{source}" if source else ""


class Audience:
    """Whom campaigns are about: the people of an office on a roster, those who asked, or who of another campaign is to hear of it again.
    `channels`: those that are set up, the best first; `look`: whether the links of notices lead anywhere; `company`: the one in WeCom
    whose members have their number for an account."""

    def __init__(
        self, store: Store, packs: Library, wordings: Wordings, channels: Sequence[str], look: Look | None = None, company: str = ""
    ) -> None:  # fmt: skip
        self.store, self.packs, self.wordings = store, packs, wordings
        self.channels, self.look, self._company = tuple(channels), look, company
        self.campaigns, self.book = Campaigns(store), AddressBook(store)

    async def office_of(self, name: str) -> int:
        """The number of an office: of whose account it is, 0 for this machine's own. Raises: CampaignFault."""
        found = await self.store.database.read(rosters.owner, name=name) if name else 0
        if found is None:
            raise CampaignFault("no_office", name=name)
        return found

    async def get(self, id: str) -> Campaign:
        """The campaign. Raises: CampaignFault."""
        found = await self.campaigns.get(id)
        if found is None:
            raise CampaignFault("no_campaign", id=id)
        return found

    async def people(self, source: Path | str, owner: int, today: date) -> list[Addressee]:
        """Everybody on a roster, a file or one that was uploaded, as the people of an office whom that has known before.

        Raises: CampaignFault, bot.roster.UnreadableRoster, OSError.
        """
        if isinstance(source, str):
            kept = await self.store.database.read(hr.rosters, id=source)
            if not kept or not kept[0].run:
                raise CampaignFault("no_roster")
            found = await self.store.database.read(rosters.everybody, id=source)
            told = [{**orjson.loads(line), "mark": mark} for _, _, mark, line in found]
            unused = orjson.loads(kept[0].state).get("faults", ())
            return addressees(told, unused, [person for _, person, _, _ in found], source)
        lines, unused = await asyncio.to_thread(roster_lines, source, self.packs, today, self.wordings.key)
        keys, now = [one["keys"] for one in lines], self.store.clock()
        subjects = await self.store.database.write(rosters.identify, owner=owner, now=now, people=keys)
        return addressees(lines, unused, subjects, digest_of(source))

    async def asked(self, today: date) -> list[Addressee]:
        """Everybody who asked to be reminded, under their account's key, with what they told."""
        sessions = [(person, orjson.loads(raw)) for person, raw in await self.book.sessions(b'"remind":true')]
        return [
            Addressee(person, own_facts(session, self.packs, today))
            for person, session in sessions
            if session.get("remind") and "self" in session.get("cases", {})
        ]

    async def places(self, people: Iterable[Addressee | NoticeLine]) -> list[dict[str, str] | None]:
        """Every account of each by channel; None for who wants no notices."""
        everybody, found = list(people), list[dict[str, str] | None]()
        reached = await self.book.reach(one.subject for one in everybody)
        # A number is an account only while there is one office: that of another office is somebody else's.
        company = self._company if self._company and await self.campaigns.offices() <= 1 else ""
        for one in everybody:
            at, own = dict(reached[one.subject].accounts), one.subject.partition(":")[0]
            if one.email:
                at["email"] = f"email:{one.email}"
            if company and own != "unit" and re.fullmatch(r"[\w.@-]{1,64}", one.label, re.ASCII):
                at.setdefault("wecom", f"wecom:{company}:{one.label}")
            at.setdefault(own, one.subject)  # somebody who asked to be reminded, under their own account's key
            found.append(None if reached[one.subject].silent else at)
        return found

    # ------------------------------------------------------------ as of now

    async def as_it_stands(self, found: Campaign, today: date) -> dict[str, Addressee]:
        """Everybody by subject as of now: from the roster where it can still be read, or from what people have told of themselves."""
        from bot.roster import UnreadableRoster

        try:
            people = await self._all(found, today, source_of(found))
        except (CampaignFault, OSError, UnreadableRoster):
            return {}
        return {one.subject: one for one in people}

    async def _all(self, found: Campaign, today: date, source: Path | str) -> list[Addressee]:
        if found.audience == "asked":
            return await self.asked(today)
        return await self.people(source, int(found.owner[2:] or 0), today)

    async def those(
        self, found: Campaign, today: date, source: Path | str | None = None, officers: Iterable[Addressee] = ()
    ) -> list[Addressee]:
        """Everybody that a campaign is about on this day, with why they are told nothing, where they are not.

        Raises: CampaignFault, bot.roster.UnreadableRoster, OSError.
        """
        if not found.follows:
            return sifted(await self._all(found, today, source or source_of(found)), self.packs, today)
        of = await self.get(found.follows)
        now = await self.as_it_stands(of, today)
        if found.audience == "officers":
            return self._officers(now, officers, today)
        return await self._unopened(found, of, now, today)

    async def _unopened(
        self, found: Campaign, of: Campaign, now: Mapping[str, Addressee], today: date
    ) -> list[Addressee]:
        """Who of a campaign still has to be reached, by another way than the one taken."""
        people, early = list[Addressee](), set[str]()
        for row in await self.campaigns.rows(of.id):
            one = now.get(row.subject) or Addressee(row.subject, row.facts, row.email, row.unit, out="not_on_roster")
            if self._too_early(found, row):
                early.add(row.subject)
            out = "opened" if row.opened else "going" if not found.days and row.state in OPEN else one.out
            out = row.reason if row.state == "left_out" or row.reason in NO_AGAIN else out
            tried = row.tried + (f"{row.channel}:tried " if row.state in ("told", "in_doubt") else "")
            people.append(replace(one, out=out, tried=tried))
        whole = sifted(people, self.packs, today)
        return [replace(one, out=EARLY) if not one.out and one.subject in early else one for one in whole]

    def _too_early(self, found: Campaign, row: NoticeLine) -> bool:
        """Whether somebody has not had their days yet. Who was told before `found` was made has had them when it begins."""
        if not found.days or row.state not in ("told", "in_doubt", *OPEN):
            return False
        return row.settled is None or (row.settled > found.at and self.days_since(row) < found.days)

    def days_since(self, row: NoticeLine) -> int:
        """For how many days, as the calendar counts them, it has been known what became of a line; 0 where it is not."""
        now = self.store.clock()
        return (now.astimezone(ZONE).date() - (row.settled or now).astimezone(ZONE).date()).days

    def _officers(self, now: Mapping[str, Addressee], officers: Iterable[Addressee], today: date) -> list[Addressee]:
        """To each officer those of their unit who are short on this day."""
        units = dict[str, list[tuple[str, str, str]]]()
        for one in now.values():
            if not one.out and is_short(found := assess(self.packs, one.facts, today)):
                units.setdefault(one.unit, []).append((one.label, one.name, self.wordings.short_of(found)))
        theirs = [(one, units.get(one.unit, [])) for one in officers]
        return [
            replace(one, facts={"id": one.unit, "people": short}, out="" if short else "nobody_short")
            for one, short in theirs
        ]
