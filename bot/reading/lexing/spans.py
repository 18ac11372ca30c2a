"""Spans that begin with a number: dates, years and lengths of time, or else a number with its unit.

A year, an age, a date and an hour are told apart by their form and unit, never by their place in the message.
"""

from __future__ import annotations

import itertools
import re
from calendar import monthrange
from datetime import date

from bot.reading.lexing.amounts import DIGIT, NUMBER, any_of, number
from bot.reading.lexing.lexicon import number_words
from bot.reading.lexing.numbers import CHINESE, digits, parse
from bot.reading.lexing.tokens import Token, When

_SMALL = r"(?:\d{1,2}|[一二三四五六七八九十廿卅]{1,3})"
_YEAR4 = rf"(?:(?:19|20)\d\d|[一二][零九][{DIGIT}]{{2}})"
_YEAR2 = rf"(?:\d\d|[{DIGIT}]{{2}})"

STARTS = frozenset("0123456789半几好小." + CHINESE)

_JUNK = re.compile(
    r"\d[\d.]*(?![hH](?![A-Za-z0-9]))[A-Za-z@_][\w@./:%\-]*|\d{9,}|0\d{2,3}-\d{7,8}|\d{3}-\d{3,4}-\d{4}", re.ASCII
)
_RUN = re.compile(f"[{CHINESE}]{{17,}}")  # no number that a person counts to
# A number with the year of the next hours stuck to it, as voice input and haste write it: 六十二四年, 602024年.
_GLUED = re.compile(
    rf"(?:[{CHINESE}]*[十百][{DIGIT}]?(?:点[{DIGIT}])?|[{DIGIT}]点[{DIGIT}]|[{DIGIT}])(?=(?:二零[{DIGIT}]{{2}}|[一二][{DIGIT}])年)"
)
_GLUED_DIGITS = re.compile(r"\d{1,3}(?:\.\d)?(?=(?:20[12]\d|[12]\d)年(?!龄))")
_FOUR_DIGITS = re.compile(r"(?:19|20)?\d\d年")
# The commonest form of a year, which nothing behind it makes a date or a list: 2024年公需, 24年没学.
_PLAIN_YEAR = re.compile(
    rf"(?:20[0-2]\d|[12]\d|二零[一二][{DIGIT}]|[一二][{DIGIT}])年(?=\Z|[^\d{CHINESE}度级龄、和跟与及,\-~—至到 .]| ?(?:公需|专业))"
)
_COMPACT = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])?(?!\d)")
_DATE = re.compile(
    rf"(?:(?P<y4>{_YEAR4}) ?(?:年|[-./](?=\d))|(?P<y2>{_YEAR2}) ?年|(?P<yd>\d\d)(?P<sep>[-.])(?=\d\d?(?P=sep)\d))"
    rf" ?(?P<m>{_SMALL})(?P<mark>月份|月|[-./](?=\d))?(?: ?(?P<d>(?<=[月./\- ]){_SMALL})(?P<dmark>日|号)?)?(?![\d])"
)
_ODD_DATE = re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月")
_MONTH_DAY = re.compile(rf"(?P<m>{_SMALL})月份?(?:(?P<d>{_SMALL})(?:日|号))?")
_DAY = re.compile(rf"(?P<d>{_SMALL})(?:日|号)(?![楼院中小线馆])")
_SHARED = "(?:公需|专业)?(?:都|全|均|满|够|齐|没学|没动|学满|有|缺)"  # what is said of several years together
_YEAR_RANGE = re.compile(
    rf"(?:(?P<a4>{_YEAR4})年?度?(?:-|~|—+|至|到)(?P<b4>{_YEAR4})(?:年度?)?"
    rf"|(?P<a2>{_YEAR2})年?(?:-|~|—+|至|到)(?P<b2>{_YEAR2})(?:年度?|(?=[两二三四五]年|都|全|满|够|齐|学[满完够]|没[学动]))"
    rf"|(?P<a6>20\d\d)年?(?:-|~|—+|至|到)(?P<b6>\d\d)年度?)"
)
_YEAR_LIST = re.compile(
    rf"(?:{_YEAR4}(?:年?(?:[、和跟与及/]|年,)(?:{_YEAR4})){{1,8}}(?:年度?)?(?!\d)"
    rf"|{_YEAR2}(?:年?(?:[、和跟与及]){_YEAR2}){{1,8}}(?:(?P<n>这?[两二三四五])?年度?|(?={_SHARED})))"
)
_YEAR_LOOSE = re.compile(rf"\d\d(?:[ ,/]\d\d){{1,8}}(?:(?P<n>这?[两二三四五])?年度?(?!龄)|(?={_SHARED}))")
_YEAR = re.compile(
    rf"(?P<y4>{_YEAR4})(?:(?P<mark>年度|年)(?!级|龄)|(?![\d.]|个|学时|课时|块|元|分|人|级|届|名))|(?P<y2>{_YEAR2})年度?(?!级|龄)"
)
_SPLIT = re.compile(r"[^零一二三四五六七八九\d]+")
_WINDOW = re.compile(r"(?P<lead>近|这|最近|连续)?(?P<n>[两二三四五]|[2-5])(?:个)?年度?(?!级|制|期)")
_DURATION = re.compile(
    rf"(?P<n>{NUMBER}|半|几|好几|十?来?|[一二两三四五六七八九十]+[来几多])(?P<more>多|来|几)?(?P<c>个)?(?P<half>半)?"
    rf"(?P<u>年级|年头|年(?!龄)|月|星期|礼拜|周(?!岁)|天|日|小时|钟头|分钟|秒)(?P<tail>半|多|来)?"
)
_SERVED = re.compile(rf"(?:{any_of('served')})[有了快共]?\Z")


_ROW_YEAR = re.compile(r"(?<![\d:])2\d(?=[:\-] ?\d{1,3}(?:\.\d)? ?[/+] ?\d{1,3}(?![\d:]))")


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
        if match.group("a6"):
            last = "20" + last
        a, b = year_of(first, today), year_of(last, today)
        if a and b and a < b <= a + 8 and b <= today.year + 2:
            return Token("years", match.group(), i, value=tuple(range(a, b + 1)), unit="list")
    listed = _YEAR_LIST.match(text, i)
    if listed and _SERVED.search(text[max(0, i - 4) : i]):
        listed = None  # 工龄20年、二四年…
    match = listed or (None if after_value else _YEAR_LOOSE.match(text, i))
    if match:
        counted = match.start("n") if match.group("n") else match.end()  # 22、23、24三年
        found = [year_of(part, today) for part in _SPLIT.split(text[i:counted]) if part]
        years = [y for y in found if y is not None]
        apart = [abs(a - b) for a, b in itertools.pairwise(years)]
        near = all(1 <= step <= (9 if listed else 1) for step in apart)  # "60,23年" is an hour and a year
        if len(years) == len(found) and near and min(years) >= 2000 and max(years) <= today.year + 2:
            return Token("years", match.group(), i, value=tuple(years), unit="list")
    return None


def _date(text: str, i: int, today: date) -> Token | None:
    match = _COMPACT.match(text, i)
    if match:
        return Token("date", match.group(), i, value=when(*(int(g) if g else None for g in match.groups())))
    odd = _ODD_DATE.match(text, i)
    if odd and not 1900 <= int(odd.group("y")) <= 2199:
        return Token("date", odd.group(), i, value=When(int(odd.group("y")), int(odd.group("m")), None, possible=False))
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
    if not chinese_year and match.group("y4") is None and day is None:
        return None
    if (
        day is not None
        and not match.group("dmark")
        and chinese_year
        and text[match.end() :][:1] in tuple("个学课分年岁")
    ):
        return None
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
    if unit in ("年级", "周") and not match.group("n"):
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
