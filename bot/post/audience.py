"""Whom a campaign is about: everybody on a roster, each as one person of one office, or everybody who asked; who is short on this day."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import orjson

from bot.asking import read_session
from bot.asking.casefile import facts_of, notice_of, values_of
from rules import Library, assess
from storage import Addressee

MAY_APPLY: Final = ("met", "waived")
_UNREADABLE: Final = ("which_person", "two_people", "nameless", "no_person")
"""Rows that may be somebody's, whoever that is."""
Line = Mapping[str, Any]
"""Somebody as the roster's reader writes them down."""


def is_short(assessment: Mapping[str, Any]) -> bool:
    """Whether hours are missing for certain; of hours that somebody can't remember only the least counts."""
    if assessment["status"] == "uncertain":
        return bool(assessment["bounds"]["at_least"] > 0)
    return bool(assessment["status"] == "short")


def roster_lines(path: Path, packs: Library, today: date, secret: bytes = b"") -> tuple[list[Line], list[Line]]:
    """Everybody on a roster in its order, with digests by the `secret` of what they are known by; and the rows that were not used.

    Raises: bot.roster.UnreadableRoster, OSError.
    """
    from bot.roster import run

    with tempfile.TemporaryDirectory(prefix="xueshi-") as folder:
        kept = Path(folder) / "people"
        found = run(path, None, packs, today, people=kept, secret=secret)
        people: list[Line] = [orjson.loads(line) for line in kept.read_bytes().splitlines()]
    unused: list[Line] = [fault._asdict() for fault in found.opened.gathered.nobody]
    file = digest_of(path)
    for one in people:  # who is known by nothing is known in this file alone
        if not one["keys"] and secret:
            one["keys"].append("r" + hashlib.sha256(f"{file}|{one['row']}".encode()).hexdigest()[:32])
    return people, unused


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


def digest_of(path: Path) -> str:
    """What a file holds, in short. Raises: OSError."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sifted(people: Iterable[Addressee], packs: Library, today: date) -> list[Addressee]:
    """Everybody, with why they are told nothing on this day, where they are not."""
    return [
        one if one.out else replace(one, out=why_left_out(assess(packs, one.facts, today), today)) for one in people
    ]


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


def those_who_asked(sessions: Iterable[tuple[str, Line]], packs: Library, today: date) -> list[Addressee]:
    """Everybody who asked to be reminded, under their account's key, with what they told."""
    return [
        Addressee(person, own_facts(session, packs, today))
        for person, session in sessions
        if session.get("remind") and "self" in session.get("cases", {})
    ]
