"""Numbers inside a number span, in all the forms people write them: 45.5, 四十五个半, 廿, 卅, 一百二, 二〇二三."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from bot.reading.lexing.lexicon import number_words

_VALUES = number_words()["values"]
_DIGITS: dict[str, int] = _VALUES["digits"]
_TENS: dict[str, int] = _VALUES["tens"]
_UNITS: dict[str, int] = _VALUES["units"]
CHINESE: str = _VALUES["han"]
"""Characters of a Chinese number span."""

_LONGEST = 24  # nothing a person counts is longer

_ARABIC = re.compile(r"\d+(?:\.\d+)?|\.\d+")


def plain(value: Decimal) -> int | float:
    """The JSON number of an exact decimal: 59.5 stays 59.5, 60.0 becomes 60."""
    return int(value) if value == value.to_integral_value() else float(value)


@lru_cache(maxsize=2048)
def parse(span: str) -> int | float | None:
    """The value of a whole number span, None where it is none: 九十二点五 is 92.5, 一百二 is 120."""
    if not span or len(span) > _LONGEST:
        return None
    if span == "半百":
        return 50
    if _ARABIC.fullmatch(span):
        try:
            return plain(Decimal(span))
        except InvalidOperation:
            return None
    if any(c.isdigit() and c.isascii() for c in span):  # 3十, half typed and half said
        span = "".join(_VALUES["read"][int(c)] if c.isdigit() and c.isascii() else c for c in span)
    whole, dot, part = span.partition("点")
    head = _whole(whole)
    if head is None:
        return None
    if not dot:
        return head
    tail = digits(part)
    return None if tail is None else plain(Decimal(f"{head}.{tail}"))


def digits(span: str) -> str | None:
    """Chinese digits read one by one: 二零二三 → "2023"; None where anything is no digit."""
    if not span or any(c not in _DIGITS for c in span):
        return None
    return "".join(str(_DIGITS[c]) for c in span)


def _whole(span: str) -> int | None:
    if not span:
        return None
    if all(c in _DIGITS for c in span):
        return int("".join(str(_DIGITS[c]) for c in span))
    total, digit, unit = 0, -1, 10**9
    for c in span:
        if c in _DIGITS:
            if digit > 0:
                return None
            digit = _DIGITS[c]
        elif c in _TENS:
            total, digit, unit = total + _TENS[c], -1, 10
        elif c in _UNITS:
            if unit <= _UNITS[c] < 10000:
                return None  # 三十五十 are two numbers
            unit = _UNITS[c]
            total, digit = total + (1 if digit < 0 else digit) * unit, -1
        else:
            return None
    if digit >= 0:
        # 一百二 is 120, but 一百零二 is 102
        loose = 100 <= unit < 10**9 and span[-2] != "零"
        total += digit * (unit // 10 if loose else 1)
    return total
