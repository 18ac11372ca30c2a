"""Our own sentences, what must be read from each, and how a reading is held against that."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bot.asking import claims
from bot.reading import Reading

FILE = Path(__file__).with_name("sentences.txt")
DAY = date(2025, 9, 1)
_WORDS = {
    "sex": {"f": "female", "m": "male"},
    "title_level": {"jr": "junior", "mid": "middle", "ds": "deputy_senior", "fs": "full_senior"},
    "sector": {"pub": "public_institution", "state": "state_enterprise", "priv": "non_public", "gov": "government"},
}
_SHORT = {"lvl": "title_level", "sec": "sector"}
_INTEGERS = ("age", "recognition_years", "review_year", "birth_day")
_DEFAULTS = {"route": "review", "purpose": "title_review", "unit_scope": "league"}


@dataclass(frozen=True, slots=True)
class Terms:
    """What the sentences were written under."""

    requirement: Mapping[str, int] = field(default_factory=lambda: {"general": 30, "professional": 60})
    review_year: int = 2025

    @property
    def short_names(self) -> Mapping[str, str]:
        return {}

    def look_back(self, level: str | None) -> int:
        """Three years, whatever the level."""
        return 3


def read(text: str, today: date, *, asking: str | None = None, review_year: int = 2025) -> Reading:
    """A message read, its claims turned into hours by those terms."""
    return claims.read(text, today, Terms(review_year=review_year), asking=asking)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One message and all that must be read from it: `facts` by path, `doubts` that must be noted, `free` unjudged."""

    text: str
    facts: dict[str, Any]
    doubts: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    about: str = "self"
    asking: str | None = None
    today: date = DAY
    topic: str = field(default="", compare=False)

    @property
    def held_out(self) -> bool:
        """A fifth of the sentences, chosen by their text, is counted only: nobody tunes to what nobody is shown."""
        return zlib.crc32(self.text.encode()) % 5 == 0


def sentences() -> list[Sentence]:
    """Every sentence of the file."""
    out, topic = [], ""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("##"):
            topic = line.strip("# ")
        elif line.strip() and not line.startswith("#"):
            text, _, spec = line.partition("\t")
            while "\t" in spec:  # a message may hold tabs itself; the specification is behind the last one
                more, _, spec = spec.partition("\t")
                text += "\t" + more
            out.append(_sentence(text.replace("\\n", "\n").replace("\\t", "\t"), spec, topic))
    return out


def _sentence(text: str, spec: str, topic: str) -> Sentence:
    facts: dict[str, Any] = {}
    doubts, free, about, asking, today = [], [], "self", None, DAY
    for word in spec.split():
        name, _, value = word.partition("=")
        name = _SHORT.get(name, name)
        if name == "doubt":
            doubts.append(value)
        elif name == "free":
            free.append(value)
        elif name == "about":
            about = value
        elif name == "ask":
            asking = value
        elif name == "today":
            today = date.fromisoformat(value)
        elif name[0] == "h" and name[1:].isdigit():
            for category, hours in zip(("general", "professional"), value.split("/"), strict=True):
                if hours != "-":
                    facts[f"history.20{name[1:]}.{category}"] = None if hours == "?" else float(hours)
        elif name != "-":
            facts[name] = _value(name, value)
    return Sentence(text, facts, tuple(doubts), tuple(free), about, asking, today, topic)


def _value(name: str, value: str) -> Any:
    if name in _WORDS:
        return _WORDS[name][value]
    if value in ("true", "false"):
        return value == "true"
    if name in _INTEGERS:
        return int(value)
    if name == "epidemic_years":
        return [int(y) for y in value.split(",")]
    return value


def flat(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts by path, without what says no more than leaving it out."""
    out: dict[str, Any] = {}
    for key, value in facts.items():
        if key == "history":
            out.update({f"history.{y}.{c}": h for y, row in value.items() for c, h in row.items()})
        elif key == "postdoc":
            out.update({f"postdoc.{k}": v for k, v in value.items()})
        else:
            out[key] = value
    return out


def faults(sentence: Sentence, reading: Reading) -> tuple[list[str], list[str]]:
    """What is missing and what is wrong in a reading, in words."""
    have, due = flat(reading.facts), sentence.facts
    missing, wrong = [], []
    for path, value in due.items():
        if path not in have:
            if _DEFAULTS.get(path) != value and value is not False:
                missing.append(f"{path}={value!r}")
        elif have[path] != value:
            wrong.append(f"{path}={have[path]!r}, should be {value!r}")
    for path, value in have.items():
        free = any(path == f or path.startswith(f + ".") for f in sentence.free)
        default = sentence.today.year if path == "review_year" else _DEFAULTS.get(path)
        if path not in due and not free and value is not False and value != default:
            wrong.append(f"{path}={value!r}, not said")
    noted = {d.fact for d in reading.doubts}
    missing += [f"doubt about {d}" for d in sentence.doubts if not any(n == d or n.startswith(d + ".") for n in noted)]
    if reading.about != sentence.about:
        missing.append(f"about={sentence.about}")
    return missing, wrong
