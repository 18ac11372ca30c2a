"""The questions people ask and their answers: reads and checks the TOML files of this folder."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Audience = Literal["everybody", "hr"]


class FaqError(Exception):
    """An entry is wrong; says which file, which entry and why. The service does not start with it."""


@dataclass(frozen=True, slots=True)
class Apply:
    """A sentence for askers whose own facts are among `when` (fact name → accepted values)."""

    when: Mapping[str, tuple[Any, ...]]
    says: str


@dataclass(frozen=True, slots=True)
class Topic:
    """One question: how people word it (`ask`), what is answered (a Jinja2 template), by which clauses of the notice.

    `reliefs` names the reliefs of an assessment whose findings are added for the asker. `open` may be met by a bare noun
    ("审验卡"), because its words can never be an answer to one of our own questions. `platform` is a matter that the
    learning platform settles, so that the number of a platform named beside it is added. `first` goes before a platform named.
    `unless`: words of which a notice that has one in a clause is not silent on the matter; that clause then answers.
    """

    id: str
    label: str
    ask: tuple[str, ...]
    answer: str
    clauses: tuple[str, ...] = ()
    audience: Audience = "everybody"
    open: bool = False
    platform: bool = False
    first: bool = False
    reliefs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    apply: tuple[Apply, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """Different words for one thing: `means` stands for every phrase of `said`. `weak`: says how is asked, not of what."""

    means: str
    said: tuple[str, ...]
    by_sound: bool = True
    weak: bool = False


@cache
def entries() -> tuple[Topic, ...]:
    """Every entry, in the order of the files' names.

    Raises:
        FaqError: an entry lacks something, has an unknown key, or two have one id.
    """
    found: dict[str, Topic] = {}
    for name, table in _tables():
        for raw in table.get("entry", ()):
            entry = _entry(name, raw)
            if entry.id in found:
                raise FaqError(f"{name}: {entry.id}: a second entry with this id")
            found[entry.id] = entry
    return tuple(found.values())


@cache
def written_for() -> str:
    """The id of the notice for which the entries are written: under one that says a thing otherwise, its own sentence answers."""
    return next(str(table["written_for"]) for _, table in _tables() if "written_for" in table)


@cache
def words() -> tuple[Word, ...]:
    """Every set of words with one meaning, for the index."""
    return tuple(
        Word(raw["means"], tuple(raw["said"]), raw.get("by_sound", True), raw.get("weak", False))
        for _, table in _tables()
        for raw in table.get("word", ())
    )


@cache
def _tables() -> tuple[tuple[str, dict[str, Any]], ...]:
    folder = sorted(
        (path for path in files("bot.answering").joinpath("faq").iterdir() if path.name.endswith(".toml")),
        key=lambda path: path.name,
    )
    return tuple((path.name, tomllib.loads(path.read_text("utf-8"))) for path in folder)


def _entry(file: str, raw: dict[str, Any]) -> Topic:
    where = f"{file}: {raw.get('id', raw.get('label', '?'))}"
    unknown = set(raw) - set(Topic.__slots__)
    missing = {"id", "label", "ask", "answer"} - set(raw)
    if unknown or missing:
        raise FaqError(f"{where}: unknown {sorted(unknown)}, missing {sorted(missing)}")
    if raw.get("audience", "everybody") not in ("everybody", "hr"):
        raise FaqError(f"{where}: audience is everybody or hr")
    many: dict[str, Any] = {key: tuple(raw[key]) for key in ("ask", "clauses", "reliefs", "unless") if key in raw}
    apply = tuple(
        Apply({fact: tuple(values) for fact, values in one["when"].items()}, one["says"])
        for one in raw.get("apply", ())
    )
    fields: dict[str, Any] = {**raw, **many, "answer": raw["answer"].strip(), "apply": apply}
    return Topic(**fields)
