"""Finds the question of the FAQ that a message asks: characters and sounds in ones and twos, ranked by BM25."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from math import log
from typing import Protocol

from bot.language.asking import asks, wants_result
from bot.language.plain import plain
from bot.language.syllables import syllable

_MIX, _SPARSE = 0.55, 10.0
LONGEST = (
    400  # characters looked at: who writes more than this tells a story, and the question stands in its first lines
)
_SURE, _CLEAR, _FAR, _NEAR, _OPEN = 0.36, 0.48, 0.15, 0.28, 0.62
_WEIGHTS = {1: 0.6, 2: 1.0}
_SOUND, _WORD, _ASKING = 0.4, 3.0, 1.0
_UNKNOWN = 0.45  # of the highest idf: what no entry says lowers the coverage, but less than a word of another entry
_FILLERS, _FILLER = (
    frozenset(
        "我你他她俺咱您们的了呢吧啊呀嘛么着得地都就也还又这那个些给把被让跟和与在是有到去来会能要用不没吗想说老才刚过"
    ),
    0.25,
)
_BREAK = re.compile(r"[^\w.?{}]+|_+")
_TRIM = re.compile(
    r"^(?:你好|您好|请问一?下?|麻烦问一?下?|想?问一?下|我?想问一?下?|老师|同志|那个|那|哎|诶|嗯|额|就是|话说)+|(?:谢谢|啊|呀|呢|哈|哦|嘞|啦|哇|了?吗|[吗嘛么])+$"
)


class Asked(Protocol):
    """What the index needs of an entry."""

    @property
    def id(self) -> str: ...
    @property
    def ask(self) -> tuple[str, ...]: ...
    @property
    def label(self) -> str: ...
    @property
    def audience(self) -> str: ...
    @property
    def open(self) -> bool: ...


class Synonyms(Protocol):
    """Phrases that mean one thing."""

    @property
    def means(self) -> str: ...
    @property
    def said(self) -> tuple[str, ...]: ...
    @property
    def by_sound(self) -> bool: ...
    @property
    def weak(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that a message may mean: `score` and `coverage` (the share of the message that the entry knows) in 0 … 1."""

    id: str
    score: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Found:
    """`sure`: the entry meant; `near` beside it: what else it may be. `near` alone: up to three to choose from.
    Both empty: nothing matches."""

    sure: str | None = None
    near: tuple[str, ...] = ()


class Lexicon:
    """Adds to a text's grams one for each thing it mentions, whichever word or homophone it uses."""

    def __init__(self, words: Iterable[Synonyms]) -> None:
        self._exact: dict[str, str] = {}
        self._sounds: dict[str, str] = {}
        for word in words:
            for phrase in word.said:
                said = squeeze(phrase)
                self._exact[said] = ("?" if word.weak else "#") + word.means
                if word.by_sound and len(said) > 1 and said[0] >= "㐀":
                    self._sounds[" ".join(map(syllable, said))] = ("?" if word.weak else "#") + word.means
        self._lengths: dict[str, tuple[int, ...]] = {}
        starts: dict[str, set[int]] = {}
        for said in self._exact:
            starts.setdefault(syllable(said[0]), set()).add(len(said))
        self._lengths = {first: tuple(sorted(lengths, reverse=True)) for first, lengths in starts.items()}

    def mentions(self, piece: str, sounds: Sequence[str]) -> list[str]:
        """The things mentioned in one piece of text, longest phrases first at each place."""
        found, size, lengths, exact, heard = [], len(piece), self._lengths, self._exact, self._sounds
        for at, first in enumerate(sounds):
            for length in lengths.get(first, ()):
                if at + length > size:
                    continue
                thing = exact.get(piece[at : at + length])
                if thing is None and length > 1:
                    thing = heard.get(" ".join(sounds[at : at + length]))
                if thing is not None:
                    found.append(thing)
                    break
        return found


def squeeze(text: str) -> str:
    """A phrase as the index compares it: normalised, lower case, without punctuation and blanks."""
    return _BREAK.sub("", plain(text)).replace("?", "")


class Index:
    """All entries, ready to be searched; building takes some ten milliseconds, so build once."""

    def __init__(self, entries: Sequence[Asked], words: Iterable[Synonyms] = ()) -> None:
        self._entries = tuple(entries)
        self._lexicon = Lexicon(words)
        self._wordings = [
            tuple(self._grams(squeeze(_TRIM.sub("", plain(said)))) for said in dict.fromkeys((*entry.ask, entry.label)))
            for entry in self._entries
        ]
        documents = [Counter(gram for wording in wordings for gram in wording) for wordings in self._wordings]
        seen = Counter(gram for document in documents for gram in document)
        total = len(documents)
        self._idf = {gram: log(1 + (total - n + 0.5) / (n + 0.5)) * _weight(gram) for gram, n in seen.items()}
        self._unknown = _UNKNOWN * log(1 + (total + 0.5) / 0.5)
        postings: dict[str, list[tuple[int, float]]] = {}
        for number, document in enumerate(documents):
            for gram, n in document.items():
                postings.setdefault(gram, []).append((number, self._idf[gram] * (0.35 + 0.65 * n / (n + 0.6))))
        self._postings = {gram: tuple(where) for gram, where in postings.items()}
        self._masses = [
            tuple(sum(self._idf[g] for g in wording) for wording in wordings) for wordings in self._wordings
        ]

    def find(self, text: str, *, hr: bool = False) -> Found:
        """The entry that the text asks for, if it asks. Never raises; the same text always finds the same."""
        pieces = self._pieces(text)
        asking = [at for at, (piece, _) in enumerate(pieces) if asks(piece)]
        if any(wants_result(pieces[at][0]) for at in asking):
            return Found()
        hits = self._rank(pieces, asking, hr)
        if not hits:
            return Found()
        best, second = hits[0], hits[1].score if len(hits) > 1 else 0.0
        if not asking:
            opened = self._opens(best.id) and best.score >= _OPEN and best.coverage >= _OPEN
            return Found(sure=best.id) if opened else Found()
        others = tuple(hit.id for hit in hits[1:3] if hit.score >= _NEAR and hit.score >= best.score * 0.6)
        lead = best.score - second
        if best.score >= _SURE and best.score + lead * 1.5 >= _CLEAR:
            return Found(best.id, () if lead >= _FAR else others)
        return Found(near=(best.id, *others) if best.score >= _NEAR else ())

    def rank(self, text: str, *, hr: bool = False) -> list[Hit]:
        """The entries nearest to the text, best first, whether or not it asks."""
        pieces = self._pieces(text)
        return self._rank(pieces, [at for at, (piece, _) in enumerate(pieces) if asks(piece)], hr)

    def _opens(self, id: str) -> bool:
        return any(entry.open for entry in self._entries if entry.id == id)

    def _pieces(self, text: str) -> list[tuple[str, frozenset[str]]]:
        """The text's pieces between punctuation and blanks, each with its grams."""
        pieces = []
        for piece in _BREAK.split(plain(text[:LONGEST]).replace("?", "? ")):
            bare = _TRIM.sub("", piece.replace("?", ""))
            if bare or piece:
                pieces.append((piece, self._grams(bare)))
        return pieces

    def _grams(self, piece: str) -> frozenset[str]:
        sounds = [syllable(character) for character in piece]
        grams = set(piece)
        grams.update(map(str.__add__, piece, piece[1:]))
        grams.update(f"{a} {b}" for a, b in itertools.pairwise(sounds))
        grams.update(self._lexicon.mentions(piece, sounds))
        return frozenset(grams)

    def _rank(self, pieces: Sequence[tuple[str, frozenset[str]]], asking: Sequence[int], hr: bool) -> list[Hit]:
        regions: list[frozenset[str]] = [frozenset().union(*(grams for _, grams in pieces))]
        if len(pieces) > 1:
            regions += [pieces[at][1] for at in asking]
            regions += [pieces[at][1] | pieces[at - 1][1] for at in asking if at and len(pieces) > 2]
        best: dict[int, Hit] = {}
        for region in dict.fromkeys(regions):
            for number, hit in self._score(region, hr):
                if number not in best or hit.score > best[number].score:
                    best[number] = hit
        return sorted(best.values(), key=lambda hit: (-hit.score, hit.id))

    def _score(self, grams: frozenset[str], hr: bool) -> list[tuple[int, Hit]]:
        """The six best entries for one region of the text."""
        idf, postings, mass = self._idf, self._postings, 0.0
        sums: dict[int, float] = {}
        for gram in grams:
            known = idf.get(gram)
            if known is None:
                mass += self._unknown * _weight(gram) * (_FILLER if not _FILLERS.isdisjoint(gram) else 1.0)
                continue
            mass += known
            for number, weight in postings[gram]:
                sums[number] = sums.get(number, 0.0) + weight
        if mass < 4.0:  # 咋办, 行不: nothing to go by
            return []
        sure = mass / (mass + _SPARSE)  # 学时怎么算 fits everything and says nothing
        hits = []
        for number, total in nlargest(6, sums.items(), key=lambda item: (item[1], -item[0])):
            entry = self._entries[number]
            if entry.audience == "hr" and not hr:
                continue
            alike = max(
                2 * sum(idf[g] for g in grams & wording) / (mass + size)
                for wording, size in zip(self._wordings[number], self._masses[number], strict=True)
            )
            hits.append((number, Hit(entry.id, (_MIX * total / mass + (1 - _MIX) * alike) * sure, total / mass)))
        return hits


def _weight(gram: str) -> float:
    if gram[0] == "#":
        return _WORD
    if gram[0] == "?":
        return _ASKING
    return _SOUND if " " in gram else _WEIGHTS[len(gram)]
