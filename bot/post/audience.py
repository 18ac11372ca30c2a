"""Whom a campaign is for: everybody on a roster, or everybody who asked to be reminded, who is short on this day."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from bot.asking import read_session
from bot.asking.casefile import facts_of, notice_of, values_of
from rules import Library, assess
from storage import Addressee

MAY_APPLY = ("met", "waived")


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody on a roster: `subject` is theirs in one office alone, `label` (工号, else what HR can find them by) is for HR to read.
    The name is never stored and stands in no notice; HR's own workbooks show it."""

    subject: str
    facts: dict[str, Any]
    email: str = ""
    name: str = ""
    unit: str = ""

    @property
    def label(self) -> str:
        """What HR knows them by."""
        return str(self.facts.get("id") or self.subject)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is short; who is left out, by reason."""

    people: tuple[Listed, ...]
    left_out: dict[str, list[Listed]] = field(default_factory=dict)

    def labels(self) -> dict[str, list[str]]:
        """What is kept of those who are left out."""
        return {why: [one.label for one in who] for why, who in self.left_out.items()}

    def addressees(self) -> list[Addressee]:
        """What is kept of them."""
        return [Addressee(one.subject, one.facts, one.email, one.unit) for one in self.people]


def is_short(assessment: Mapping[str, Any]) -> bool:
    """Whether hours are missing for certain; of hours that somebody can't remember only the least counts."""
    if assessment["status"] == "uncertain":
        return bool(assessment["bounds"]["at_least"] > 0)
    return bool(assessment["status"] == "short")


def read_roster(path: Path, packs: Library, today: date, office: str = "") -> list[Listed]:
    """Everybody on the roster of an office, in its order.

    Raises: bot.roster.UnreadableRoster, OSError.
    """
    from bot.roster import run

    with tempfile.TemporaryDirectory(prefix="xueshi-") as folder:
        lines = Path(folder) / "people"
        run(path, None, packs, today, people=lines)
        people = [orjson.loads(line) for line in lines.read_bytes().splitlines()]
    return everybody(people, office, digest_of(path))


def everybody(people: Iterable[Mapping[str, Any]], office: str, file: str) -> list[Listed]:
    """People as the roster's reader wrote them down; `file` tells their roster from another of the same office."""
    return [_listed(one, office, file) for one in people]


def _listed(one: Mapping[str, Any], office: str, file: str) -> Listed:
    number, email = str(one["facts"].get("id") or "").strip(), _address(one.get("email", ""))
    label = number or email or f"第{one['row']}行"
    known = (one["unit"], number or email, one["name"]) if number or email else (file, label)
    # Where the office's own register knows somebody from one month to the next, that is who they are.
    subject = f"p{one['person']}" if one.get("person") else person_key(office, *known)
    return Listed(subject, {**one["facts"], "id": label}, email, one["name"], one["unit"])


def each_once(people: Iterable[Listed]) -> list[Listed]:
    """Everybody under the first of their rows."""
    first: dict[str, Listed] = {}
    for one in people:
        first.setdefault(one.subject, one)
    return list(first.values())


def person_key(office: str, *known: str) -> str:
    """The key of somebody in one office by unit, number and name: of two who differ in any of them neither is ever taken for the
    other, whichever hospital counts its people from 001. Who has no number is only known within one file."""
    whole = "\0".join(("person", office, *(" ".join(part.split()) for part in known)))
    return "p" + hashlib.blake2b(whole.encode(), digest_size=16).hexdigest()


def _address(text: str) -> str:
    """The first e-mail address in a cell that can be one, else nothing."""
    for one in re.split(r"[\s,;，；、/|<>()（）]+", text):
        name, at, place = one.strip(".").partition("@")
        if name and at and "." in place and one.isascii() and len(one) <= 254 and not set('"\\[]@') & set(name + place):
            return f"{name}@{place}"
    return ""


def digest_of(path: Path) -> str:
    """What a file holds, in short; of a roster in the database, which no file of that path holds, its name. Raises: OSError."""
    return hashlib.sha256(path.read_bytes() if path.is_file() else str(path).encode()).hexdigest()


def choose(people: Iterable[Listed], packs: Library, today: date) -> Audience:
    """Those who are short on this day, each once. Of whom two rows say different things, none is believed."""
    rows: dict[str, list[Listed]] = {}
    for one in people:
        rows.setdefault(one.subject, []).append(one)
    chosen: list[Listed] = []
    left_out: dict[str, list[Listed]] = {}
    for same in rows.values():
        first, *others = same
        if any(other.facts != first.facts for other in others):
            left_out.setdefault("contradiction", []).extend(same)
            continue
        if others:
            left_out.setdefault("duplicate", []).extend(others)
        if why := why_left_out(assess(packs, first.facts, today), today):
            left_out.setdefault(why, []).append(first)
        else:
            chosen.append(first)
    return Audience(tuple(chosen), left_out)


def why_left_out(assessment: Mapping[str, Any], today: date) -> str:
    """Why somebody is not told; empty for who is. Where the time to learn is over a reminder helps nobody."""
    if not is_short(assessment):
        return str(assessment["status"])
    closes = assessment.get("window", {}).get("closes")
    return "closed" if closes and today > date.fromisoformat(closes) else ""


def own_facts(session: Mapping[str, Any], packs: Library, today: date) -> dict[str, Any]:
    """What somebody has told of themselves in the conversation, as facts."""
    values = values_of(packs, read_session(session, packs, today).cases["self"], today)
    return facts_of(values, notice_of(packs, values, today), today)


def those_who_asked(sessions: Iterable[tuple[str, Mapping[str, Any]]], packs: Library, today: date) -> list[Listed]:
    """Everybody who asked to be reminded, under their account's key, with what they told."""
    return [
        Listed(person, own_facts(session, packs, today))
        for person, session in sessions
        if session.get("remind") and "self" in session.get("cases", {})
    ]
