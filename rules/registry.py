"""What can be known of a person, read once from `registry.toml`: every list of facts, anywhere, is made from this."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

KINDS = (
    "one_of", "yes_no", "whole", "birth", "month", "day", "years", "flags", "history", "place", "switch", "part",
)  # fmt: skip
_MUST = {"one_of": "values", "flags": "parts", "month": "year"}
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: what it may be, how it is asked and refused, what it is called.

    `values` are (value, label); `parts` (id, words if so, words if not); `screen` (value, label) as the screening question offers it.
    `with_`: (fact, value) beside which alone it counts. Questions may hold places to fill from the notice of the case.
    """

    id: str
    kind: str
    name: str
    core: bool = False
    values: Labels = ()
    parts: tuple[tuple[str, str, str], ...] = ()
    limit: str = ""
    refused: str = "invalid_value"
    accepts: str = ""
    year: str = ""
    with_: tuple[str, str] | None = None
    screen: Labels = ()
    apart: bool = False
    ask: str = ""
    again: str = ""
    why: str = ""
    examples: str = ""
    choices: Labels = ()
    none: str = ""
    unknown: bool = False
    header: str = ""
    api: str = ""

    @property
    def circumstance(self) -> bool:
        """Whether it is special under any notice."""
        return bool(self.screen) and not self.apart

    def label(self, value: object) -> str:
        """What a value is called; the value itself where it has no name."""
        key = str(value).lower() if isinstance(value, bool) else str(value)
        return dict((*self.choices, *self.values)).get(key, key)


@dataclass(frozen=True, slots=True)
class Registry:
    """Every fact in the order in which it is shown, the usual categories of hours, the sources and flags of a record."""

    facts: dict[str, Fact]
    categories: dict[str, tuple[str, str]]  # id: name, short
    sources: dict[str, str]  # each with what it is called
    flags: dict[str, str]  # each with what it says of a record


class RegistryError(Exception):
    """`registry.toml` is wrong: the fact, and what is wrong with it."""


def read_registry(text: str) -> Registry:
    """The registry as written. Raises: RegistryError."""
    raw = tomllib.loads(text)
    facts: dict[str, Fact] = {}
    for row in raw["fact"]:
        fact = _fact(dict(row))
        if fact.id in facts:
            raise RegistryError(f"{fact.id}: stands twice")
        facts[fact.id] = fact
    for fact in facts.values():
        if lacks := _lacks(fact):
            raise RegistryError(f"{fact.id}: a fact of kind {fact.kind} must say {lacks!r}")
        if fact.with_ and fact.with_[0] not in facts:
            raise RegistryError(f"{fact.id}: goes with the unknown fact {fact.with_[0]!r}")
    categories = {name: (body["name"], body["short"]) for name, body in raw["categories"].items()}
    return Registry(facts, categories, dict(raw["sources"]["names"]), dict(raw["sources"]["flags"]))


def _fact(row: dict[str, Any]) -> Fact:
    name, kind = row.get("id"), row.get("kind")
    if kind not in KINDS:
        raise RegistryError(f"{name}: kind {kind!r} is none of {', '.join(KINDS)}")
    screen, beside = row.pop("screen", ()), row.pop("with", {})
    row["screen"] = [[name, screen]] if isinstance(screen, str) else screen
    if kind == "yes_no":
        row.setdefault("values", [["true", "是"], ["false", "不是"]])
    if "none" in row:
        row.setdefault("choices", [["none", row["none"]]])
    for key in ("screen", "values", "parts", "choices"):
        row[key] = tuple(tuple(each) for each in row.get(key, ()))
    try:
        return Fact(with_=next(iter(beside.items()), None), **row)
    except TypeError as wrong:
        raise RegistryError(f"{name}: {wrong}") from None


def _lacks(fact: Fact) -> str:
    """What an entry of its kind must say and does not."""
    must = ["name", _MUST.get(fact.kind, ""), "" if fact.kind == "part" else "api"]
    must += ["ask"] if fact.circumstance and fact.kind in ("month", "years", "flags") else []
    must += ["header"] if fact.screen and fact.kind == "yes_no" else []
    return next((name for name in must if name and not getattr(fact, name)), "")


REGISTRY = read_registry(Path(__file__).with_name("registry.toml").read_text(encoding="utf-8"))
FACTS = REGISTRY.facts
CATEGORIES = tuple(REGISTRY.categories)
CIRCUMSTANCES = tuple(fact.id for fact in FACTS.values() if fact.circumstance)
YES_NO = tuple(fact.id for fact in FACTS.values() if fact.screen and fact.kind == "yes_no")


@cache
def phrases(section: str = "phrases") -> dict[str, str]:
    """One section of the sentences of `words.toml`, by name."""
    raw = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    found: dict[str, str] = raw[section]
    return found


def values_of(fact: str) -> tuple[str, ...]:
    """The words that a fact of a closed list may be."""
    return tuple(value for value, _ in FACTS[fact].values)


def parts_of(fact: str) -> tuple[str, ...]:
    """The parts of a fact that is several answers."""
    return tuple(part for part, _, _ in FACTS[fact].parts)
