"""Spans that begin with a number: dates, years and lengths of time, or else a number with its unit.

A year, an age, a date and an hour are told apart by their form and unit, never by their place in the message.
"""

from __future__ import annotations

import itertools
from calendar import monthrange
from datetime import date

from bot.reading.lexing.amounts import number
from bot.reading.lexing.lexicon import form, number_words
from bot.reading.lexing.numbers import CHINESE, digits, parse
from bot.reading.lexing.tokens import Token, When

STARTS = frozenset("0123456789半几好小." + CHINESE)

_JUNK = form("junk")
_RUN = form("run")
_GLUED = form("glued")
_GLUED_DIGITS = form("glued_digits")
_FOUR_DIGITS = form("four_digits")
_PLAIN_YEAR = form("plain_year")
_COMPACT = form("compact")
_DATE = form("date")
_MONTH_DAY = form("month_day")
_DAY = form("day")
_YEAR_RANGE = form("year_range")
_YEAR_LIST = form("year_list")
_YEAR_LOOSE = form("year_loose")
_YEAR = form("year")
_SPLIT = form("split")
_WINDOW = form("window")
_DURATION = form("duration")
_SERVED = form("served")
_ROW_YEAR = form("row_year")


def row_year(text: str, i: int, today: date) -> Token | None:
    """22 of a row 22:30/60, which is no time of day."""
    match = _ROW_YEAR.match(text, i)
    year = year_of(match.group(), today) if match else None
    return Token("years", match.group(), i, value=(year,), unit="bare") if match and year else None


def year_of(span: str, today: date) -> int | None:
    """The calendar year that "2023", "23", "二三" or "二零二三" names, as of `today`; None where it names none.

    Two digits are this century up to today's year and the last one from 40 on; between them they are no year.
    """
    text = span if span.isdigit() and span.isascii() else digits(span)
    if not text:
        return None
    value = int(text)
    if len(text) == 4:
        return value if 1900 <= value <= 2199 else None
    if len(text) != 2:
        return None
    if value <= today.year % 100 + 2:
        return 2000 + value
    return 1900 + value if value >= 40 else None


def span(
    text: str, i: int, today: date, *, after_value: bool, hours: bool, aged: bool, window: tuple[int, ...]
) -> Token | None:
    """The numeric span that starts at `i`, or None. `after_value`: what stands before waits for hours, so that a list
    of two-digit years is not begun here. `window` are the years that 近三年 counts, oldest first."""
    plain = _year(text, i, today) if _PLAIN_YEAR.match(text, i) else None
    if plain is not None:
        return plain
    match = _JUNK.match(text, i) or _RUN.match(text, i)
    if match:
        return Token("junk", match.group(), i)
    glued = _glued(text, i, hours)
    if glued is not None:
        return glued
    return (
        (None if aged else _years(text, i, today, after_value))
        or _date(text, i, today)
        or last_years(text, i, window)
        or _year(text, i, today)
        or _duration(text, i)
        or _month_day(text, i, today)
        or number(text, i)
    )


def _glued(text: str, i: int, hours: bool) -> Token | None:
    match = _GLUED.match(text, i) if hours else None
    if match is None and not _FOUR_DIGITS.match(text, i):
        match = _GLUED_DIGITS.match(text, i)
    value = parse(match.group()) if match else None
    return Token("number", match.group(), i, value=value) if match and value is not None else None


def _years(text: str, i: int, today: date, after_value: bool) -> Token | None:
    match = _YEAR_RANGE.match(text, i)
    if match:
        first, last = [g for g in match.groups() if g]
        a, b = year_of(first, today), year_of(last, today)
        if a and b and a < b <= a + 8 and b <= today.year + 2:
            return Token("years", match.group(), i, value=tuple(range(a, b + 1)), unit="list")
    listed = _YEAR_LIST.match(text, i)
    match = listed or _YEAR_LOOSE.match(text, i)
    if after_value and not listed and match and not text.endswith("满 ", 0, i):
        match = None  # 专业30,40: hours; 专业今年满 23 24记不清: years
    if match:
        counted = match.start("n") if match.group("n") else match.end()  # 22、23、24三年
        found = [year_of(part, today) for part in _SPLIT.split(text[i:counted]) if part]
        years = [y for y in found if y is not None]
        apart = [abs(a - b) for a, b in itertools.pairwise(years)]
        near = all(1 <= step <= (9 if listed else 2) for step in apart)  # "60,23年" is an hour and a year
        if len(years) == len(found) and near and min(years) >= 2000 and max(years) <= today.year + 2:
            return Token("years", match.group(), i, value=tuple(years), unit="list")
    return None


def _date(text: str, i: int, today: date) -> Token | None:
    match = _COMPACT.match(text, i)
    if match:
        return Token("date", match.group(), i, value=when(*(int(g) if g else None for g in match.groups())))
    match = _DATE.match(text, i)
    if not match:
        return None
    year = year_of(match.group("y4") or match.group("y2") or match.group("yd"), today)
    month, day = _int(match.group("m")), _int(match.group("d"))
    mark = match.group("mark") or ""
    if year is not None and month is not None and mark.startswith("月") and not 1 <= month <= 12:
        return Token("date", text[i : match.end("mark")], i, value=When(year, month, None, possible=False))
    if year is None or month is None or not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
        return None
    if day is not None and mark.startswith("月") and not match.group("dmark") and text[match.start("d") - 1] == " ":
        return Token("date", text[i : match.end("mark")], i, value=when(year, month, None))  # 87年5月 23 24都满了
    chinese_year = "年" in match.group()
    if chinese_year and "月" not in mark:
        return None  # "24年30…" is hours
    return Token("date", match.group(), i, value=when(year, month, day))


def when(year: int | None, month: int | None, day: int | None) -> When:
    """The date as said, marked impossible where the calendar has no such day."""
    possible = True
    if month is not None and day is not None:
        possible = 1 <= day <= monthrange(year or 2000, month)[1]
    return When(year, month, day, possible)


def last_years(text: str, i: int, window: tuple[int, ...]) -> Token | None:
    """近三年, 这两年, 三年都…: the last years of the window, or None where a length of time is meant."""
    match = _WINDOW.match(text, i)
    if not match or _SERVED.search(text[max(0, i - 4) : i]):
        return None
    count = int(parse(match.group("n")) or 0)
    lead = match.group("lead") or text[max(0, i - 2) : i]
    named = lead.endswith(("近", "这"))
    behind = text[match.end() : match.end() + 2].lstrip(" ,:的")
    if not named and not (
        count >= min(3, len(window))
        and behind[:1] in tuple("都全每均皆公专学加分各一也")
        and not behind.startswith(("学制", "一级"))
    ):
        return None
    years = tuple(range(window[-1] - count + 1, window[-1] + 1))
    return Token("years", match.group(), i, value=years, unit="window")


def _year(text: str, i: int, today: date) -> Token | None:
    match = _YEAR.match(text, i)
    if not match:
        return None
    year = year_of(match.group("y4") or match.group("y2"), today)
    if year is None:
        return None
    if match.group("y2"):
        before, behind = text[max(0, i - 4) : i], text[match.end() : match.end() + 2]
        if _SERVED.search(before) or behind.startswith(tuple(number_words()["long"])):
            return None
    return Token("years", match.group(), i, value=(year,), unit="year" if "年" in match.group() else "bare")


def _duration(text: str, i: int) -> Token | None:
    match = _DURATION.match(text, i)
    if not match or not match.group("n"):
        return None
    unit = match.group("u")
    if (
        unit in ("月", "日") and not match.group("c") and match.group("n") not in ("俩", "两", "仨")
    ):  # 三月 is March, 三个月 a length of time
        return None
    n = match.group("n")
    value = 0.5 if n == "半" else parse(n)
    if value is not None and (match.group("half") or match.group("tail") == "半"):
        value += 0.5
    kind = {"小时": "clock", "钟头": "clock", "分钟": "minutes", "天": "days", "周": "days"}.get(unit, unit)
    return Token("duration", match.group(), i, value=value, unit="grade" if unit == "年级" else kind)


def _month_day(text: str, i: int, today: date) -> Token | None:
    match = _MONTH_DAY.match(text, i)
    if match:
        month, day = _int(match.group("m")), _int(match.group("d"))
        if month is not None and 1 <= month <= 12 and (day is None or 1 <= day <= 31):
            return Token("date", match.group(), i, value=when(None, month, day))
    match = _DAY.match(text, i)
    day = _int(match.group("d")) if match else None
    if match and day is not None and 1 <= day <= 31:
        return Token("date", match.group(), i, value=When(None, None, day))
    return None


def _int(part: str | None) -> int | None:
    value = parse(part) if part else None
    return value if isinstance(value, int) else None
