"""One way of writing: full width, traditional characters, invisible characters and list bullets are made plain."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.reading.lexing.lexicon import characters

if TYPE_CHECKING:
    from opencc import OpenCC

# Bullets and circled numbers would become digits under NFKC and stick to the hours behind them ("②30" → "230").
_BULLETS = re.compile("[\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u3220-\u3229\u3280-\u3289]")
_FRACTIONS = str.maketrans({"½": ".5", "¼": ".25", "¾": ".75"})
_RULES = re.compile(r"(?m)^[\s\-:=+—]*[-=—]{2,}[\s\-:=+—]*$")
_MARKUP = re.compile(r"</?[A-Za-z][^<>]{0,20}>")
_NOUGHTS = re.compile(r"(?<=\d)[Oo](?![A-Za-z])|(?<![A-Za-z])[Oo](?=\d)")
_SPACED = re.compile(r"(?<!\S)(?:[\u3400-\u9fff\d] ){3,}[\u3400-\u9fff\d]")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n[ \n]*")


_SAID = characters()["numerals"]
_REWRITTEN = [(re.compile(said), meant) for said, meant in characters()["rewritten"].items()]
_ANY_OF_THEM = re.compile("|".join(f"(?:{said})" for said in characters()["rewritten"]))


def _among() -> re.Pattern[str]:
    """Formal numerals beside others (伍拾陆), or alone where hours are told (专业伍个)."""
    said, formal = _SAID, "".join(_SAID["written"])
    own = f"[{formal}](?![{said['not_before']}])"
    first = f"(?<![{said['not_behind']}]){own}"
    alone = f"(?<=[{said['alone_behind']}])[{formal}](?=[{said['alone_before']}]|\\Z)"
    return re.compile(f"(?:[{said['among']}]|{first})(?:[{said['among']}]|{own})+|{alone}")


_NUMERALS = str.maketrans(_SAID["written"])
_FORMAL = re.compile(f"[{''.join(_SAID['written'])}]")
_AMONG = _among()


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    from opencc import OpenCC  # only a message with rare characters pays for it

    return OpenCC("t2s")


def simplify(text: str) -> str:
    """Traditional characters to simplified ones. Plain GB 2312 text has none and is given back at once."""
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        plain = text.encode("utf-8", "ignore").decode("utf-8")  # a lone surrogate is no character
        return str(_converter().convert(plain))
    return text


def normalise(text: str) -> str:
    """The message as the lexer reads it: NFKC, simplified, without invisible characters, single spaces and breaks."""
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        text = _SPACES.sub(" ", _written(text))
    else:
        text = text.translate(_WRITTEN)  # nothing to combine, nothing traditional: each character for itself
        if "  " in text:
            text = _SPACES.sub(" ", text)
    if _FORMAL.search(text):
        text = _AMONG.sub(lambda found: found.group().translate(_NUMERALS), text)
    if "<" in text:
        text = _MARKUP.sub("", text)
    if "O" in text or "o" in text:
        text = _NOUGHTS.sub("0", text)
    if text.count(" ") > 2:
        text = _SPACED.sub(lambda found: found.group().replace(" ", ""), text)
    if "\n" in text:
        text = _LINES.sub("\n", _SPACES.sub(" ", _RULES.sub("", text)))
    for said, meant in _REWRITTEN if _ANY_OF_THEM.search(text) else ():
        text = said.sub(meant, text)
    return text.strip()


def _written(text: str) -> str:
    if not text.isascii():
        text = _BULLETS.sub(" ", text).translate(_FRACTIONS)
        text = unicodedata.normalize("NFKC", text)
        text = simplify(text)
    return text.translate(_VISIBLE)


def plain(text: str) -> str:
    """A message as the question finder compares it: normalised, in lower case."""
    return normalise(text).lower()


_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Mn", "Me"})


def _is_picture(point: int) -> bool:
    """Emoji and other drawings say nothing; ticks and crosses do."""
    return point >= 0x2600 and unicodedata.category(chr(point)) == "So" and chr(point) not in _SAID["marks"]


class _Visible(dict[int, "str | int | None"]):
    """What becomes of each character, worked out once: one writing for one meaning, and nothing that cannot be seen."""

    def __missing__(self, point: int) -> int | None:
        keep = point in (10, 13, 9) or unicodedata.category(chr(point)) not in _HIDDEN
        found = 32 if _is_picture(point) else point if keep else None
        self[point] = found
        return found


_VISIBLE = _Visible({ord(a): b for a, b in characters()["same"].items()})


class _Written(dict[int, str]):
    """What becomes of each character of plain simplified Chinese, worked out once."""

    def __missing__(self, point: int) -> str:
        found = self[point] = _written(chr(point))
        return found


_WRITTEN = _Written()
