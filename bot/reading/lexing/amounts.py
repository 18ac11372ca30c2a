"""Numbers with their units: hours, ages and what is counted otherwise, as a value or as a range."""

from __future__ import annotations

import re

from bot.reading.lexing.lexicon import form, number_words
from bot.reading.lexing.numbers import CHINESE, parse
from bot.reading.lexing.tokens import Token

_PLAIN = form("plain")
_HOURS_LETTER = form("hours_letter")
_NUMBER = form("number")
_PARTS = ("n", "u", "u2", "lead", "near", "many", "half0", "n2", "many2", "half", "odd", "about")
_SEVERAL = {"几": 1, "几十": 20, "十几": 11}  # at least so many
_OPEN = frozenset(("出头", "开外", "以上", "以下", "以内", "朝上", "往上", "挂零", "不到"))
_THINGS = form("things")
_ADJACENT = form("adjacent")
_OTHER_UNITS = frozenset(unit.partition("(")[0] for unit in number_words()["units"]) - {"节"}


def plain_number(text: str, i: int) -> Token | None:
    """The number that starts at `i` where it stands in one of the commonest forms, else None."""
    match = _PLAIN.match(text, i)
    if match is None:
        return None
    digits, unit = match.group("digits", "u")
    if digits is None or match.group("other") is not None:
        return number(text, i)
    kind = "" if unit is None else "age" if unit[-1] == "岁" else "hours"
    return Token("number", match.group(), i, value=parse(digits), unit=kind)


def number(text: str, i: int) -> Token | None:
    """The number that starts at `i` with its unit and what makes it a range, or None."""
    match = _NUMBER.match(text, i)
    if not match:
        return None
    raw, unit, unit2, lead, near, many, half0, _, many2, half, odd, about = match.group(*_PARTS)
    unit = unit or unit2 or ""
    end = match.end()
    follow = text[end : end + 1]
    if not unit and _HOURS_LETTER.match(text, end):
        low, _ = _bounds(match)
        return Token("number", text[i : end + 1], i, value=low, unit="hours")
    if follow.isascii() and follow.isalpha():
        return Token("junk", match.group() + _letters(text, end), i)
    low, high = _bounds(match)
    if low is None:
        return None
    found = Token(
        "number", match.group(), i, unit=_unit(unit, text, max(match.end("u"), match.end("u2"))) if unit else ""
    )
    if near:
        found.bounds = (low - 10, low)  # 小60: not quite
        return found
    if half or half0 or "半" in unit:
        if unit.startswith(("岁", "周岁")):
            high = low  # 四十九岁半 is 49 full years
        else:
            low, high = low + 0.5, (high or low) + 0.5
    plus = text[end : end + 2] if follow == "+" else ""
    more = plus and not (plus[1:2].isdigit() or plus[1:2] in tuple(CHINESE + "公专 ("))
    if more or lead or many or many2 or odd or about in _OPEN or raw in _SEVERAL:
        found.bounds = (low, None) if about not in ("以下", "不到") else (0, low)
    elif high != low:
        found.bounds = (low, high)
    else:
        found.value = low
    return found


def _letters(text: str, i: int) -> str:
    match = re.compile(r"[A-Za-z0-9@._:/%-]+").match(text, i)
    return match.group() if match else ""


def _unit(unit: str, text: str, end: int) -> str:
    if unit.endswith(("岁", "岁半")):
        return "age"
    if unit == "学分":
        return "credits"
    if unit == "节":
        return "lessons"
    if unit in ("个", "个半"):
        return "things" if _THINGS.match(text, end) else "hours"
    if unit in _OTHER_UNITS:
        return "things"
    return "hours" if unit else ""


def _bounds(match: re.Match[str]) -> tuple[float | None, float | None]:
    raw, second = match.group("n"), match.group("n2")
    if raw in _SEVERAL:
        return _SEVERAL[raw], None
    near = _ADJACENT.match(raw)
    if near and not second:  # 三四十, 十七八
        if near.group(1):
            if len(raw) == 2 and match.group("u") is None:
                value = parse(raw)  # 六十 never comes here; 四五 alone is read digit by digit
                return value, value
            tens = 10 if near.group(3) else 1
            a, b = parse(near.group(1)), parse(near.group(2))
            return (a or 0) * tens, (b or 0) * tens
        head = parse(near.group(4)) or 0
        return head + (parse(near.group(5)) or 0), head + (parse(near.group(6)) or 0)
    low = parse(raw)
    if low is None:
        return None, None
    if second:
        high = parse(second)
        return low, high if high is not None else low
    return low, low
