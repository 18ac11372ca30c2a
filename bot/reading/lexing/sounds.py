"""How a character sounds, without tones and with the slips of southern and of voice-typed Mandarin evened out."""

from __future__ import annotations

import os
from functools import lru_cache

_MARKS = str.maketrans("āáǎàēéěèōóǒòīíǐìūúǔùǖǘǚǜüńňǹḿ", "aaaaeeeeooooiiiiuuuuvvvvvnnnm")
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"))


@lru_cache(maxsize=1)
def _readings() -> dict[int, str]:
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # single characters only: 13 MB instead of 58
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")
    from pypinyin.pinyin_dict import pinyin_dict

    return pinyin_dict


def _even(syllable: str) -> str:
    for full, plain in _INITIALS:
        if syllable.startswith(full):
            syllable = plain + syllable[len(full) :]
            break
    for full, plain in _FINALS:
        if syllable.endswith(full):
            return syllable[: -len(full)] + plain
    return syllable


@lru_cache(maxsize=8192)
def syllables(character: str) -> tuple[str, ...]:
    """The evened-out readings of one character, commonest first, at most three; none for other characters."""
    found = _readings().get(ord(character), "")
    if not found:
        return ()
    plain = (_even(one.translate(_MARKS)) for one in found.split(",")[:3])
    return tuple(dict.fromkeys(plain))


def syllable(character: str) -> str:
    """The commonest reading alone; what is no Chinese character is its own sound."""
    found = syllables(character) if len(character) == 1 else ()
    return found[0] if found else character


def sounds_like(heard: str, meant: str) -> bool:
    """True where the two are of one length and every character of `heard` can be read like that of `meant`."""
    if len(heard) != len(meant):
        return False
    return all(a == b or set(syllables(a)) & set(syllables(b)) for a, b in zip(heard, meant, strict=True))
