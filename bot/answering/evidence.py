"""What of a text the finder of questions weighs: characters and sounds in ones and twos, and the things mentioned, alone and in pairs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import combinations, pairwise
from typing import Protocol

from bot.reading.lexing.normalise import plain
from bot.reading.lexing.sounds import syllable

LONGEST = 400
"""Characters looked at: who writes more than this tells a story, and the question stands in its first lines."""
_TOKEN = re.compile(r"[a-z]+|\d+|[^a-z\d]")
_BREAK = re.compile(r"[^\w.?{}]+|_+")
_TRIM = re.compile(
    r"^(?:你好|您好|请问一?下?|麻烦问一?下?|想?问一?下|我?想问一?下?|老师|同志|那个|那|哎|诶|嗯|额|就是|话说)+|(?:谢谢|啊|呀|哈|哦|嘞|啦|哇)+$"
)

Features = tuple[str, ...]  # each once, in the order of the text


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


class Thesaurus:
    """Which things a text mentions, whichever word or homophone it uses."""

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

    def features(self, piece: str) -> Features:
        """Ones and twos of characters, twos of sounds, the things mentioned and their pairs; a number, a Latin word is one character."""
        tokens = [_kind(token) for token in _TOKEN.findall(piece)]
        sounds = piece.translate(SOUNDS)
        things = sorted(set(self.mentions(piece.replace("?", ""), sounds.replace("?", ""))))
        found = dict.fromkeys(tokens)
        found.update(dict.fromkeys(a + b for a, b in pairwise(tokens)))
        found.update(dict.fromkeys("".join(tokens[-long:]) + "$" for long in (1, 2, 3) if len(tokens) >= long))
        found.update(dict.fromkeys("~" + _code(a) + _code(b) for a, b in pairwise(sounds) if _sound(a) and _sound(b)))
        found.update(dict.fromkeys(things))
        found.update(dict.fromkeys("&".join(pair) for pair in combinations(things, 2)))
        return tuple(found)


def _sound(character: str) -> bool:
    return "\ue000" <= character <= "\uf8ff"


_SPELT: dict[str, str] = {}


def _code(sound: str) -> str:
    if sound not in _SPELT:
        _SPELT.update({code: spelt for spelt, code in SOUNDS._codes.items()})
    return _SPELT[sound]


def _kind(token: str) -> str:
    """A number stands for all of its kind: a year, or any other."""
    if not token[0].isdigit() or not token.isdecimal():
        return token
    return "Y" if len(token) == 4 and token.startswith("20") else "N" if len(token) < 4 else "M"


def squeeze(text: str) -> str:
    """A phrase of our own files as a message would be compared, without punctuation and blanks."""
    return _BREAK.sub("", plain(text)).replace("?", "")


def pieces(text: str) -> list[str]:
    """A message between its punctuation and blanks, without greetings; a question mark stays."""
    found = []
    for piece in _BREAK.split(plain(text[:LONGEST]).replace("?", "? ")):
        bare = _TRIM.sub("", piece) or piece
        if bare:
            found.append(bare)
    return found
