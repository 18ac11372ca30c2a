"""Finds the question of the FAQ that a message asks: characters and sounds in ones and twos, ranked by BM25."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from math import log
from operator import add
from typing import Protocol

from bot.answering.asking import asks, wants_result
from bot.reading.lexing.sounds import syllable
from bot.reading.plain import plain

_MIX, _SPARSE, _PART = 0.55, 7.0, 0.35
LONGEST = (
    400  # characters looked at: who writes more than this tells a story, and the question stands in its first lines
)
_SURE, _CLEAR, _FAR, _CLOSE, _NEAR, _OPEN = 0.24, 0.32, 0.12, 0.07, 0.18, 0.5
_ALIKE = 0.9  # of the first score: a second below it was never the one meant
_SINGLE, _COMMON, _EVERYWHERE = 0.6, 0.25, 0.45
_SOUND, _WORD, _ASKING = 0.4, 3.0, 1.0
_LOOKED_AT = 4  # entries whose wordings are compared one by one
_UNKNOWN = 0.45  # of the highest idf: what no entry says lowers the coverage, but less than a word of another entry
_FILLERS, _FILLER = (
    frozenset(
        "我你他她俺咱您们的了呢吧啊呀嘛么着得地都就也还又这那个些给把被让跟和与在是有到去来会能要用不没吗想说老才刚过"
    ),
    0.25,
)
_TOKEN = re.compile(r"[a-z]+|\d+|[^a-z\d]")
_BREAK = re.compile(r"[^\w.?{}]+|_+")
_TRIM = re.compile(
    r"^(?:你好|您好|请问一?下?|麻烦问一?下?|想?问一?下|我?想问一?下?|老师|同志|那个|那|哎|诶|嗯|额|就是|话说)+|(?:谢谢|啊|呀|呢|哈|哦|嘞|啦|哇|了?吗|[吗嘛么])+$"
)


Grams = tuple[str, ...]  # each once, in the order of the text: sets would add up differently from run to run


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
    """`sure`: the entry meant; `near` beside it: what else it may be, the first hardly less likely where `close`.
    `near` alone: up to three to choose from. Both empty: nothing matches."""

    sure: str | None = None
    near: tuple[str, ...] = ()
    close: bool = False


class _Sounds(dict[int, str]):
    """For `str.translate`: each Chinese character becomes one private-use character for its sound."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}

    def __missing__(self, point: int) -> str:
        character = chr(point)
        sound = syllable(character)
        code = character if sound == character else self._codes.setdefault(sound, chr(0xE000 + len(self._codes)))
        self[point] = code
        return code


SOUNDS = _Sounds()


class Lexicon:
    """Adds to a text's grams one for each thing it mentions, whichever word or homophone it uses."""

    def __init__(self, words: Iterable[Synonyms]) -> None:
        self._things: dict[str, str] = {}
        heard: dict[str, str] = {}
        for word in words:
            for phrase in map(squeeze, word.said):
                self._things[phrase] = ("?" if word.weak else "#") + word.means
                if word.by_sound and len(phrase) > 1 and phrase[0] >= "㐀":
                    heard[phrase.translate(SOUNDS)] = self._things[phrase]
        lengths: dict[str, set[int]] = {}
        for phrase in (*self._things, *heard):
            lengths.setdefault(phrase[:2].translate(SOUNDS), set()).add(len(phrase))
        self._things |= heard
        self._lengths = {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}

    def mentions(self, piece: str, sounds: str) -> list[str]:
        """The things mentioned in one piece of text, the longest at each place."""
        found, things, lengths = [], self._things, self._lengths
        for at in range(len(piece)):
            for length in lengths.get(sounds[at : at + 2], ()):
                if thing := things.get(piece[at : at + length]) or things.get(sounds[at : at + length]):
                    found.append(thing)
                    break
            else:
                if thing := things.get(piece[at]):
                    found.append(thing)
        return found


def squeeze(text: str) -> str:
    """A phrase of our own files as a message would be compared, without punctuation and blanks."""
    return _BREAK.sub("", plain(text)).replace("?", "")


class Index:
    """All entries, ready to be searched; building takes some ten milliseconds, so build once."""

    def __init__(self, entries: Sequence[Asked], words: Iterable[Synonyms] = ()) -> None:
        self._entries = tuple(entries)
        self._lexicon = Lexicon(words)
        wordings = [
            [self._grams(squeeze(_TRIM.sub("", said))) for said in dict.fromkeys((*entry.ask, entry.label))]
            for entry in self._entries
        ]
        documents = [Counter(chain.from_iterable(said)) for said in wordings]
        seen = Counter(chain.from_iterable(documents))
        total = len(documents)
        # What very many entries say tells little and would cost the most time.
        self._idf = {
            gram: log(1 + (total - n + 0.5) / (n + 0.5)) * _weight(gram)
            if n < total * _COMMON or _weight(gram) >= 1
            else 0.0
            for gram, n in seen.items()
        }
        self._unknown = _UNKNOWN * log(1 + (total + 0.5) / 0.5)
        postings: dict[str, list[tuple[int, float]]] = {}
        for number, document in enumerate(documents):
            for gram, n in document.items():
                if idf := self._idf[gram]:
                    postings.setdefault(gram, []).append((number, idf * (0.35 + 0.65 * n / (n + 0.6))))
        self._postings = {gram: tuple(where) for gram, where in postings.items()}
        self._within = [_where(said) for said in wordings]
        self._masses = [
            tuple(sum(self._idf[gram] for gram in one if len(gram) > 1) for one in said) for said in wordings
        ]

    def find(self, text: str, *, hr: bool = False, asked: bool = False) -> Found:
        """The entry that the text asks for, if it asks (`asked`: it surely does). Never raises; always finds the same."""
        pieces = self._pieces(text)
        asking = [at for at, (piece, _) in enumerate(pieces) if asked or asks(piece)]
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
            return Found(
                best.id,
                () if lead >= _FAR else others,
                close=lead < _CLOSE and second >= best.score * _ALIKE and bool(others),
            )
        return Found(near=(best.id, *others) if best.score >= _NEAR else ())

    def rank(self, text: str, *, hr: bool = False) -> list[Hit]:
        """The entries nearest to the text, best first, whether or not it asks."""
        pieces = self._pieces(text)
        return self._rank(pieces, [at for at, (piece, _) in enumerate(pieces) if asks(piece)], hr)

    def _opens(self, id: str) -> bool:
        return any(entry.open for entry in self._entries if entry.id == id)

    def _pieces(self, text: str) -> list[tuple[str, Grams]]:
        """The text's pieces between punctuation and blanks, each with its grams."""
        pieces = []
        for piece in _BREAK.split(plain(text[:LONGEST]).replace("?", "? ")):
            piece_only = piece.replace("?", "")
            bare = _TRIM.sub("", piece_only) or piece_only
            if bare or piece:
                pieces.append((piece, self._grams(bare)))
        return pieces

    def _grams(self, piece: str) -> Grams:
        """Ones and twos of characters, twos of sounds, and the things mentioned; a number or Latin word is one character."""
        tokens, sounds = _TOKEN.findall(piece), piece.translate(SOUNDS)
        grams = dict.fromkeys(tokens)
        grams.update(dict.fromkeys(map(add, tokens, tokens[1:])))
        grams.update(dict.fromkeys([a + b for a, b in pairwise(sounds) if a >= "\ue000" and b >= "\ue000"]))
        grams.update(dict.fromkeys(self._lexicon.mentions(piece, sounds)))
        return tuple(grams)

    def _rank(self, pieces: Sequence[tuple[str, Grams]], asking: Sequence[int], hr: bool) -> list[Hit]:
        whole: Grams = tuple(dict.fromkeys(chain.from_iterable(grams for _, grams in pieces)))
        regions = {whole: 1.0}
        if len(pieces) > 1:
            things = sum(gram[0] == "#" for gram in whole) or 1
            for at in asking:
                wider = dict.fromkeys((*pieces[at][1], *pieces[at - 1][1])) if at else pieces[at][1]
                for part in (pieces[at][1], tuple(wider)):
                    # A piece that leaves out what the rest is about may not be the question at all.
                    regions.setdefault(part, 1 - _PART * (1 - sum(gram[0] == "#" for gram in part) / things))
        best: dict[int, Hit] = {}
        for region, trust in regions.items():
            for number, hit in self._score(region, hr, trust):
                if number not in best or hit.score > best[number].score:
                    best[number] = hit
        return sorted(best.values(), key=lambda hit: (-hit.score, hit.id))

    def _score(self, grams: Grams, hr: bool, trust: float) -> list[tuple[int, Hit]]:
        """The best entries for one region of the text."""
        idf, postings, mass = self._idf, self._postings, 0.0
        sums = [0.0] * len(self._entries)
        known: list[str] = []
        ones = 0.0
        for gram in grams:
            weight = idf.get(gram)
            if weight is None:
                weight = self._unknown * _weight(gram) * (_FILLER if not _FILLERS.isdisjoint(gram) else 1.0)
            elif weight:
                known.append(gram)
                for number, worth in postings[gram]:
                    sums[number] += worth
            mass += weight
            if len(gram) == 1:
                ones += weight
        if mass < 4.0:  # 咋办, 行不: nothing to go by
            return []
        sure = trust * mass / (mass + _SPARSE)  # 学时怎么算 fits everything and says nothing
        longer = [gram for gram in known if len(gram) > 1]
        hits = []
        for number in sorted(range(len(sums)), key=sums.__getitem__, reverse=True)[:_LOOKED_AT]:
            entry, total = self._entries[number], sums[number]
            if not total or (entry.audience == "hr" and not hr):
                continue
            shared = [0.0] * len(self._masses[number])
            within = self._within[number]
            for gram in longer:
                if gram in within:
                    weight = idf[gram]
                    for wording in within[gram]:
                        shared[wording] += weight
            alike = max(
                2 * both / (mass - ones + size) for both, size in zip(shared, self._masses[number], strict=True)
            )
            hits.append((number, Hit(entry.id, (_MIX * total / mass + (1 - _MIX) * alike) * sure, total / mass)))
        return hits


def _where(wordings: Sequence[Grams]) -> dict[str, tuple[int, ...]]:
    """Gram → which of one entry's wordings have it."""
    where: dict[str, list[int]] = {}
    for number, wording in enumerate(wordings):
        for gram in wording:
            where.setdefault(gram, []).append(number)
    return {gram: tuple(numbers) for gram, numbers in where.items()}


def _weight(gram: str) -> float:
    if gram[0] == "#":
        return _WORD
    if gram[0] == "?":
        return _ASKING
    if len(gram) == 1:
        return _SINGLE
    return _SOUND if "\ue000" <= gram[0] <= "\uf8ff" else 1.0
