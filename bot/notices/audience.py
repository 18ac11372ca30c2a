"""Whom a campaign is for: everybody on a roster, or everybody who asked to be reminded, who is short on this day."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from bot.casefile import facts_of, fold, pack_of
from rules import Packs, assess
from storage import Addressee

MAY_APPLY = ("met", "waived")


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody on a roster. The name is never stored and stands in no notice; HR's own workbooks show it."""

    subject: str
    facts: dict[str, Any]
    email: str = ""
    name: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is short; how many are left out, by reason."""

    people: tuple[Listed, ...]
    left_out: dict[str, int] = field(default_factory=dict)

    def addressees(self) -> list[Addressee]:
        """What is kept of them."""
        return [Addressee(one.subject, one.facts, one.email) for one in self.people]


def is_short(assessment: Mapping[str, Any]) -> bool:
    """Whether hours are missing for certain; of hours that somebody can't remember only the least counts."""
    if assessment["status"] == "uncertain":
        return bool(assessment["bounds"]["at_least"] > 0)
    return bool(assessment["status"] == "short")


def read_roster(path: Path, packs: Packs, today: date) -> list[Listed]:
    """Everybody on the roster, in its order.

    Raises: bot.roster.UnreadableRoster, OSError.
    """
    from bot.roster import run

    with tempfile.TemporaryDirectory(prefix="xueshi-") as folder:
        lines = Path(folder) / "people"
        run(path, None, packs, today, people=lines)
        people = [orjson.loads(line) for line in lines.read_bytes().splitlines()]
    return [listed(one) for one in people]


def listed(one: Mapping[str, Any]) -> Listed:
    """Somebody as the roster's reader wrote them down."""
    return Listed(_subject(one), one["facts"], _address(one.get("email", "")), one["name"], one["unit"])


def _subject(one: Mapping[str, Any]) -> str:
    """Under what somebody is known: 工号, else their address, else their row, which holds for this roster alone."""
    given = str(one["facts"].get("id") or "").strip()
    return given or _address(one["email"]) or f"第{one['row']}行"


def _address(text: str) -> str:
    """An e-mail address that can be one, else nothing."""
    name, at, place = text.strip().partition("@")
    if not (name and at and "." in place) or any(sign.isspace() or sign in ',;<>()[]"\\' for sign in text.strip()):
        return ""
    return text.strip() if text.strip().isascii() and len(text.strip()) <= 254 and "@" not in place else ""


def digest_of(path: Path) -> str:
    """What a file holds, in short. Raises: OSError."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def choose(people: Iterable[Listed], packs: Packs, today: date) -> Audience:
    """Those who are short on this day, each once."""
    chosen: dict[str, Listed] = {}
    seen: set[str] = set()
    left_out: Counter[str] = Counter()
    for one in people:
        if one.subject in seen:
            left_out["duplicate"] += 1
            continue
        seen.add(one.subject)
        assessment = assess(packs, one.facts, today)
        if is_short(assessment):
            chosen[one.subject] = one
        else:
            left_out[assessment["status"]] += 1
    return Audience(tuple(chosen.values()), dict(left_out))


def own_facts(session: Mapping[str, Any], packs: Packs, today: date) -> dict[str, Any]:
    """What somebody has told of themselves in the conversation, as facts."""
    values = fold(session["cases"]["self"])
    return facts_of(values, pack_of(packs, values), today)


def those_who_asked(sessions: Iterable[tuple[str, Mapping[str, Any]]], packs: Packs, today: date) -> list[Listed]:
    """Everybody who asked to be reminded, under their account's key, with what they told."""
    return [
        Listed(person, own_facts(session, packs, today))
        for person, session in sessions
        if session.get("remind") and "self" in session.get("cases", {})
    ]
