"""The words the lexer knows, read from the TOML files beside this module, with titles built from their ladders."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from importlib import resources
from typing import TYPE_CHECKING, Any

from bot.reading.lexing.sounds import syllables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FILES = ("titles.toml", "places.toml", "words.toml")


_PART = re.compile("‹([a-z0-9_]+)›")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`words`: phrase → what it can mean; `lengths`: how long the phrases are that begin with these two characters, longest
    first, 1 at last; `sounds`: first two syllables → phrases that may be heard wrongly, each with its further syllables."""

    words: Mapping[str, Mapping[str, str]]
    lengths: Mapping[str, tuple[int, ...]]
    sounds: Mapping[tuple[str, str], tuple[tuple[str, tuple[str, ...]], ...]]
    hedges: frozenset[str]  # what makes a claim uncertain (好像, 可能), whatever else the word can mean
    weak: frozenset[str]  # mean so little that a misheard word of the trade may begin with them (学十, 转业60)


@cache
def load(name: str) -> dict[str, Any]:
    """One of the files of words."""
    return tomllib.loads(resources.files("bot.reading.data").joinpath(name).read_text(encoding="utf-8"))


kinds = partial(load, "kinds.toml")  # kinds of words that are looked at together
number_words = partial(load, "numbers.toml")  # the words in and around number spans, and the parts of people's names
own_words = partial(load, "own.toml")  # what makes an employer or a place the asker's own, or another's
asked_words = partial(load, "asked.toml")  # what a bare answer looks like
limits = partial(load, "limits.toml")  # what takes a claim back in part
characters = partial(load, "characters.toml")  # one character for one meaning


@lru_cache(maxsize=1)
def _parts() -> dict[str, str]:
    parts: dict[str, str] = {"han": number_words()["values"]["han"]}
    parts |= {name: "|".join(said) for name, said in number_words().items() if isinstance(said, list)}
    for name, part in load("forms.toml")["parts"].items():
        parts[name] = _filled(part, parts)
    return parts


def _filled(pattern: str, parts: Mapping[str, str]) -> str:
    return _PART.sub(lambda part: parts[part[1]], pattern)


def form(name: str) -> re.Pattern[str]:
    """What numbers, dates and years of one form look like."""
    return re.compile(_filled(load("forms.toml")["forms"][name], _parts()))


@cache
def weighs(kind: str, value: str) -> bool:
    """Whether words of that kind weigh on what is told beside them."""
    return not {kind, f"{kind}.{value}"}.isdisjoint(limits()["weighing"])


@lru_cache(maxsize=1)
def unlearned() -> list[re.Pattern[str]]:
    """Frames in which the hours that are named are not hours that were learned."""
    return [re.compile(frame) for frame in limits()["unlearned"]]


@lru_cache(maxsize=1)
def unsettled() -> re.Pattern[str]:
    """Frames in which what would open a relief is another's, another time's, or only asked."""
    return re.compile(limits()["unsettled"])


def _entries() -> Iterator[tuple[str, str, str]]:
    for name in _FILES:
        table = load(name)
        patterns = table.pop("patterns", {})
        for kind, row in table.pop("products", {}).items():
            for value, tables in row.items():
                for parts in tables if isinstance(tables, list) else [tables]:
                    yield from ((head + tail, kind, value) for head in parts["heads"] for tail in parts["tails"])
        for ladder, bases in table.pop("ladders", {}).items():
            for base in bases:
                for level, forms in patterns[ladder].items():
                    for pattern in forms:
                        yield pattern.format(base), "title", level
        for kind, row in table.items():
            for value, phrases in row.items():
                for phrase in phrases:
                    yield phrase, kind, value


def _sounds(
    words: Mapping[str, Mapping[str, str]], short: frozenset[str]
) -> dict[tuple[str, str], tuple[tuple[str, tuple[str, ...]], ...]]:
    table: dict[tuple[str, str], list[tuple[str, tuple[str, ...]]]] = {}
    for phrase, senses in words.items():
        sayable = (
            (len(phrase) >= 3 or phrase in short)
            and not senses.keys().isdisjoint(kinds()["by_sound"])
            and "none" not in senses.values()
        )
        heard = [syllables(c) for c in phrase] if sayable else []
        if heard and all(heard):
            first, second, *rest = (one[0] for one in heard)
            table.setdefault((first, second), []).append((phrase, tuple(rest)))
    return {start: tuple(sorted(rows, key=lambda row: -len(row[0]))) for start, rows in table.items()}


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon, loaded once. Raises ValueError where one phrase stands twice under one kind with two meanings."""
    words: dict[str, dict[str, str]] = {}
    lengths: dict[str, set[int]] = {}
    for phrase, kind, value in _entries():
        senses = words.setdefault(phrase, {})
        if senses.setdefault(kind, value) != value and kind != "title":
            raise ValueError(f"{phrase} is both {kind}.{senses[kind]} and {kind}.{value}")
        lengths.setdefault(phrase[:2], {1}).add(len(phrase))
    short = frozenset(p for p, senses in words.items() if "by_sound" in senses)
    for phrase in short:
        del words[phrase]["by_sound"]
    hedges = frozenset(p for p, senses in words.items() if senses.pop("hedge", None))
    weakest = frozenset(kinds()["weak"])
    weak = frozenset(p for p, senses in words.items() if len(p) <= 2 and senses.keys() <= weakest)
    longest_first = {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()}
    return Lexicon(words, longest_first, _sounds(words, short), hedges, weak)
