"""From characters to typed spans: the longest phrase or number at each place, misheard words found by their sound."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from bot.reading.lexing import amounts, spans
from bot.reading.lexing.lexicon import Lexicon, lexicon, number_words
from bot.reading.lexing.sounds import syllables
from bot.reading.lexing.tokens import Token

SEPARATORS = frozenset(" ,.。;:!?、\n()/+-—~\"'=<>…^&#$￥@%《》")
_APART = SEPARATORS - {"-"}  # which may be a minus
_HARD = frozenset("。;!?\n")
_ONE = (1,)
_EXPECTANT = ("cat", "done", "short", "age")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9@._:/%?=&#-]*")
_NEGATIVE = re.compile(r"-\d+(?:\.\d+)?")
_AFTER_LEARN = frozenset("校历生院会科期位术员府籍者问徒龄姐长弟兄")  # 在学校, 没学历: no 在学, no 没学
_DIGITS = frozenset("零一二三四五六七八九")
_COUNTING = frozenset("零一二两三四五六七八九十百个课分几多来0123456789")
_NAMES = number_words()["names"]
_NAME = re.compile(
    f"(?:老|小)[{_NAMES['surnames']}](?![子人城序])"
    f"|[{_NAMES['surnames']}](?:{'|'.join(_NAMES['address'])})(?!程)|{'|'.join(_NAMES['made_up'])}"
)
_NAME_STARTS = frozenset("老小" + _NAMES["surnames"])
_ABBREVIATED = {"公": MappingProxyType({"cat": "general"}), "专": MappingProxyType({"cat": "professional"})}
_WHETHER = MappingProxyType({"ask": "confirm"})
_NAMED = MappingProxyType({"person": "name"})


def lex(text: str, today: date, window: tuple[int, ...]) -> list[Token]:
    """The spans of a normalised message, in order, covering it whole."""
    words = lexicon()
    out: list[Token] = []
    i, size = 0, len(text)
    while i < size:
        c = text[i]
        if c in _APART:
            out.append(Token("sep", c, i, unit="hard" if c in _HARD else "soft"))
            i += 1
            continue
        token = _at(text, i, today, window, words, out)
        i += len(token.text)
        if token.kind == "other" and out and out[-1].kind == "other":
            out[-1].text += token.text
        else:
            out.append(token)
    return out


def _at(text: str, i: int, today: date, window: tuple[int, ...], words: Lexicon, out: list[Token]) -> Token:
    c = text[i]
    if c == "-" and _waiting(out):
        match = _NEGATIVE.match(text, i)
        if match:
            return Token("number", match.group(), i, value=float(match.group()), unit="negative")
    phrase = _phrase(text, i, words)
    if text[i + 2 : i + 3] == c and text[i + 1] in "不没" and len(phrase) < 3:
        return Token("word", text[i : i + 3], i, senses=_WHETHER)  # 卡不卡, 学没学
    number = None
    if c in spans.STARTS:
        number = spans.row_year(text, i, today) or amounts.plain_number(text, i) or _span(text, i, today, window, out)
    elif c in "近这最连":
        number = spans.last_years(text, i, window)
    if number is not None and phrase:
        if number.kind == "number" and words.words[phrase].keys() == {"name"} and _waiting(out):
            phrase = ""  # 公需十一: eleven, not the first of October
        elif len(number.text) < len(phrase) or (len(number.text) == len(phrase) and number.kind != "years"):
            number = None
    if number is not None:
        return number
    if c in _NAME_STARTS:
        named = _NAME.match(text, i)
        if named and len(named.group()) > len(phrase):
            return Token("word", named.group(), i, senses=_NAMED)
    return _word(text, i, phrase, words) if phrase else _unknown(text, i, words)


def _span(text: str, i: int, today: date, window: tuple[int, ...], out: list[Token]) -> Token | None:
    waiting = _waiting(out)
    hours = waiting or (bool(out) and out[-1].kind == "years")
    return spans.span(text, i, today, after_value=waiting, hours=hours, aged=_aged(out), window=window)


def _word(text: str, i: int, phrase: str, words: Lexicon) -> Token:
    """A phrase of the lexicon, unless it means little and a longer word of the trade is heard there."""
    senses = words.words[phrase]
    if phrase in words.weak:
        heard = _by_sound(text, i, words)
        confused = "cat_none" in senses
        if heard is not None and len(heard.text) >= len(phrase) + (not confused):
            return heard
    return Token("word", phrase, i, senses=senses)


def _unknown(text: str, i: int, words: Lexicon) -> Token:
    c = text[i]
    if c in _ABBREVIATED and text[i + 1 : i + 2].isdigit():
        return Token("word", c, i, senses=_ABBREVIATED[c])
    if c.isascii() and c.isalpha():
        match = _LATIN.match(text, i)
        return Token("junk" if match and len(match.group()) > 1 else "other", match.group() if match else c, i)
    return _by_sound(text, i, words) or Token("other", c, i)


def _phrase(text: str, i: int, words: Lexicon) -> str:
    known = words.words
    for length in words.lengths.get(text[i : i + 2], _ONE):
        phrase = text[i : i + length]
        if phrase in known:
            behind = text[i + length : i + length + 1]
            if not behind:
                return phrase
            last = phrase[-1]
            if last not in "点学正" and behind not in "不没":
                return phrase
            if last == "正" and behind == "高":
                continue  # 转正高
            if behind in "不没" and text[i + length + 1 : i + length + 2] == last:
                continue  # 还要不要: 还 and 要不要
            if last == "点" and behind in _DIGITS and phrase.endswith("一点"):
                continue  # 差一点五: a shortfall of 1.5
            if last == "学" and behind in _AFTER_LEARN:
                continue
            return phrase
    return ""


@lru_cache(maxsize=8192)
def _heard_as(first: str, second: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The phrases that may be meant where these two characters are heard, with their further syllables."""
    sounds, seconds = lexicon().sounds, syllables(second)
    found: list[tuple[str, tuple[str, ...]]] = []
    for sound in syllables(first):
        rows = [row for other in seconds for row in sounds.get((sound, other), ())]
        found += sorted(rows, key=lambda row: -len(row[0]))
    return tuple(found)


def _by_sound(text: str, i: int, words: Lexicon) -> Token | None:
    for phrase, rest in _heard_as(text[i], text[i + 1]) if i + 1 < len(text) else ():
        end = i + len(phrase)
        if end > len(text):
            continue
        heard = text[i:end]
        if heard != phrase and all(s in syllables(c) for s, c in zip(rest, heard[2:], strict=True)):
            senses = words.words[phrase]
            alike = sum(a == b for a, b in zip(heard, phrase, strict=True))
            if "unit" in senses and (
                text[end : end + 1] == "不" or alike == 0 or (text[end : end + 1] in _COUNTING and end < len(text))
            ):
                continue  # 学十五: a number, no unit
            if "cat" in senses or 2 * alike >= len(phrase):
                return Token("word", heard, i, senses=senses, soft=True)
    return None


def _aged(out: list[Token]) -> bool:
    """True right behind 年龄: a list of years is not begun there."""
    for token in reversed(out[-3:]):
        if token.kind != "sep":
            return "age" in token.senses and not ("state" in token.senses and out[-1].kind == "sep")  # 专业今年满 23 24
    return False


def _waiting(out: list[Token]) -> bool:
    """True where the words before wait for hours: a category, or a word like 学了, 差."""
    for token in reversed(out[-3:]):
        if token.kind == "word":
            senses = token.senses
            if "fill" in senses and "cat" not in senses and "age" not in senses:
                continue
            return not senses.keys().isdisjoint(_EXPECTANT)
        if token.kind != "sep" or token.unit == "hard":
            return False
    return False
