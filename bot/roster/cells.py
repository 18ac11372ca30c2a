"""What a cell says: Excel's habits undone, one reader a kind of column.

A cell is read (`value`), understood but open (`value` None and `why`: it counts as not known), or not readable (`refused`).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

_EPOCH = date(1899, 12, 30)  # day 0 of Excel's calendar, its false 29 February 1900 taken out
_SERIALS = (3653, 55153)  # 1910-01-01 to 2050-12-31: a bare number in between is a day that lost its format
_SPACES = re.compile(r"\s+")
_PARTED = re.compile(r"[\d.]\s+[\d.]")
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(?!\d|,)")
_DAMAGED = 10**15  # more digits than a spreadsheet's number holds


class Read(NamedTuple):
    """What a cell was read as; `why` is a Chinese sentence where something is open or wrong."""

    value: Any
    why: str = ""
    refused: bool = False


class Habits(NamedTuple):
    """How a column of dates is written as a whole, which decides what a single cell cannot say.

    `bare_months`: every date stands on the first of a month, so the day means nothing. `two_digits`: months are written
    1975.05, so 1975.1 is October; `keeps_zero`: 1975.10 occurs, so 1975.1 is January.
    """

    bare_months: bool = False
    two_digits: bool = False
    keeps_zero: bool = False


_PLAIN = Habits()
Reader = Callable[[Any], Read]
NOTHING = Read(None)


@cache
def words() -> dict[str, Any]:
    """`cells.toml` as it stands."""
    return tomllib.loads(Path(__file__).with_name("cells.toml").read_text(encoding="utf-8"))


@cache
def _empty() -> frozenset[str]:
    return frozenset(words()["empty"])


def clean(raw: Any) -> str:
    """A cell as text: half width, without any blank."""
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    return _SPACES.sub("", unicodedata.normalize("NFKC", str(raw))).strip("'‘’　\u200b\ufeff")


def shown(raw: Any) -> str:
    """A cell as it is quoted in a sentence."""
    text = " ".join(str(int(raw) if isinstance(raw, float) and raw.is_integer() else raw).split())
    return text if len(text) <= 30 else text[:30] + "…"


def _unreadable(raw: Any, kind: str, value: Any = None) -> Read:
    accepts = words()[kind]["accepts"]
    return Read(
        clean(raw) if value is None else value,
        words()["asks"]["unreadable"].format(shown=shown(raw), accepts=accepts),
        True,
    )


def _ask(which: str, **parts: Any) -> Read:
    return Read(None, words()["asks"][which].format(**parts))


# ---------------------------------------------------------------- closed lists


@cache
def _lines(kind: str) -> tuple[tuple[re.Pattern[str], Any, str], ...]:
    lines = words()[kind]["lines"]
    return tuple((re.compile(line["found"], re.I), line.get("value"), line.get("ask", "")) for line in lines)


def choice(kind: str, raw: Any) -> Read:
    """One of a closed list, by the expressions of `cells.toml`."""
    if isinstance(raw, bool) and kind == "yes":
        return Read(raw)
    text = clean(raw)
    if not text or text.lower() in _empty():
        return NOTHING
    for expression, value, ask in _lines(kind):
        if expression.search(text):
            return Read(value, ask)
    return _unreadable(raw, kind)


# ---------------------------------------------------------------- numbers


def hours(raw: Any, required: int) -> Read:
    """Hours of one year and category; a word that says the year's duty is done is the `required` hours."""
    if type(raw) is float or type(raw) is int:
        return Read(_exact(raw))
    if isinstance(raw, timedelta):  # 45:00 typed for 45
        return Read(_exact(raw.total_seconds() / 3600))
    if isinstance(raw, (bool, date, datetime)) or not isinstance(raw, str):
        return _unreadable(raw, "hours")
    text = clean(raw)
    if _PARTED.search(raw):
        return _unreadable(raw, "hours")  # 30 60 is two numbers in one cell
    if _THOUSANDS.match(text):
        text = text.replace(",", "")
    if not text or text.lower() in _empty():
        return NOTHING
    said = words()["hours"]
    match = re.fullmatch(said["number"], text)
    if match:
        return Read(_exact(Decimal(match[1])))
    for name, value in (("done", required), ("none", 0), ("open", None)):
        if re.search(said[name], text, re.I):
            return Read(value)
    if re.fullmatch(r"\d+(\.\d+)?[-~—至到]\d+(\.\d+)?(学时)?|\d+(多|余|左右|以上|\+)", text):
        return _ask("range", shown=shown(raw))
    if re.fullmatch(r"-\d+(\.\d+)?", text):
        return _unreadable(raw, "hours", _exact(Decimal(text)))
    return _unreadable(raw, "hours")


def _exact(value: float | Decimal) -> int | float:
    """A number as it was meant: whole where it is whole, without the noise of binary sums."""
    number = round(float(value), 6)
    return int(number) if number.is_integer() else number


def whole(raw: Any) -> Read:
    """A whole number, as of years."""
    text = clean(raw)
    if not text or text.lower() in _empty():
        return NOTHING
    match = re.fullmatch(r"(\d{1,3})(周岁|岁|年|个)?", text)
    return Read(int(match[1])) if match else _unreadable(raw, "whole")


def years(raw: Any) -> Read:
    """A list of calendar years."""
    text = clean(raw)
    if not text or text.lower() in _empty() or text in ("无", "否"):
        return NOTHING
    found = re.findall(r"(?<!\d)(20\d\d)(?!\d)", text)
    rest = re.sub(r"20\d\d|[、,;/和及年度]", "", text)
    return Read([int(year) for year in found]) if found and not rest else _unreadable(raw, "years")


def ident(raw: Any) -> Read:
    """A number that only names somebody: a float loses its .0, and scientific notation is written out as far as it can be."""
    if isinstance(raw, float):
        if not raw.is_integer():
            return Read(repr(raw))
        damaged = abs(raw) >= _DAMAGED
        return Read(str(int(raw)), words()["asks"]["damaged"].format(shown=f"{raw:.5E}") if damaged else "")
    text = unicodedata.normalize("NFKC", str(raw)).strip()
    if re.fullmatch(r"\d(\.\d+)?[eE]\+?\d{1,2}", text):
        return Read(str(int(Decimal(text))), words()["asks"]["damaged"].format(shown=text))
    return Read(text or None)


# ---------------------------------------------------------------- days and months

_FULL = re.compile(r"(\d{4})[年./\-](\d{1,2})[月./\-](\d{1,2})日?(?:T?0?0:00(?::00)?(?:\.0+)?)?生?", re.ASCII)
_SOLID = re.compile(r"(\d{4})(\d\d)(\d\d)?", re.ASCII)
_MONTH = re.compile(r"(\d{4})(年|[./\-])(\d{1,2})月?(份|生)?", re.ASCII)
_YEAR = re.compile(r"(\d{4})年?生?", re.ASCII)
_GLUED = re.compile(r"(19[3-9]|20[0-4])\d\d", re.ASCII)  # 19755: May 1975, or 31 January 1954 as a serial number
_SHORT_MONTH = re.compile(r"(\d\d)年(\d{1,2})月?生?", re.ASCII)


def says_itself(raw: Any) -> bool:
    """Whether a date's cell says which date it is, whatever the rest of its column is like."""
    return (isinstance(raw, str) and "." not in raw and not raw.strip().isdigit()) or names_a_day(raw)


def names_a_day(raw: Any) -> bool:
    """Whether a cell is a date that shows that the days of its column mean something."""
    return isinstance(raw, (date, datetime)) and raw.day != 1


class _Moment(NamedTuple):
    year: int
    month: int
    day: int  # 0: only the month


def _moment(raw: Any, habits: Habits) -> _Moment | Read | None:
    """A day or a month; None where it is neither."""
    if isinstance(raw, (date, datetime)):
        return _Moment(raw.year, raw.month, 0 if habits.bare_months and raw.day == 1 else raw.day)
    if isinstance(raw, bool):
        return None
    text = clean(raw)
    if isinstance(raw, (float, int)) or text.replace(".", "", 1).isdigit():
        number = float(text)
        if _GLUED.fullmatch(text):
            return _ask("serial_or_month", shown=shown(raw))
        if _SERIALS[0] <= number <= _SERIALS[1] and not 1900 <= number < 2100:
            day = _EPOCH + timedelta(days=int(number))
            return _Moment(day.year, day.month, 0 if habits.bare_months and day.day == 1 else day.day)
    return _written(text, raw, habits)


def _written(text: str, raw: Any, habits: Habits) -> _Moment | Read | None:
    match = _FULL.fullmatch(text)
    if match:
        return _Moment(int(match[1]), int(match[2]), int(match[3]))
    match = _SOLID.fullmatch(text)
    if match:
        return _Moment(int(match[1]), int(match[2]), int(match[3] or 0))
    match = _MONTH.fullmatch(text)
    if match:
        month = int(match[3])
        if match[2] == "." and match[3] == "1" and not habits.keeps_zero:
            if habits.two_digits:
                month = 10
            elif isinstance(raw, float) or not text.endswith("月"):
                return _ask("january_or_october", shown=text, year=match[1])
        return _Moment(int(match[1]), month, 0)
    match = _SHORT_MONTH.fullmatch(text)
    if match:
        return _Moment(1900 + int(match[1]) if int(match[1]) > 30 else 2000 + int(match[1]), int(match[2]), 0)
    if _YEAR.fullmatch(text):
        return _ask("year_alone", shown=text)
    return None


def birth(raw: Any, habits: Habits = _PLAIN) -> Read:
    """A date of birth, to the day where a day was meant, else to the month."""
    text = clean(raw)
    if not text or text.lower() in _empty():
        return NOTHING
    moment = _moment(raw, habits)
    if moment is None or isinstance(moment, Read):
        return moment or _unreadable(raw, "birth")
    return _real(moment, raw, "birth", with_day=bool(moment.day))


def month(raw: Any, habits: Habits = _PLAIN) -> Read:
    """A month of a year; a day in it is left out."""
    text = clean(raw)
    if not text or text.lower() in _empty() or text in ("无", "否", "没有"):
        return NOTHING
    moment = _moment(raw, habits)
    if moment is None or isinstance(moment, Read):
        return moment or _unreadable(raw, "month")
    return _real(moment, raw, "month", with_day=False)


def day(raw: Any, habits: Habits = _PLAIN) -> Read:
    """A day."""
    text = clean(raw)
    if not text or text.lower() in _empty():
        return NOTHING
    moment = _moment(raw, habits._replace(bare_months=False))
    if not isinstance(moment, _Moment) or not moment.day:
        return _unreadable(raw, "day")
    return _real(moment, raw, "day", with_day=True)


def _real(moment: _Moment, raw: Any, kind: str, *, with_day: bool) -> Read:
    try:
        date(moment.year, moment.month, moment.day or 1)
    except ValueError:
        return _unreadable(raw, kind)
    text = f"{moment.year:04d}-{moment.month:02d}"
    return Read(f"{text}-{moment.day:02d}" if with_day else text)


def habits_of(values: Any) -> Habits:
    """The habits of a column, from its cells."""
    bare, dated, two_digits, keeps_zero = True, False, False, False
    for raw in values:
        if isinstance(raw, (date, datetime)):
            dated = True
            bare = bare and raw.day == 1
        elif isinstance(raw, float) and _SERIALS[0] <= raw <= _SERIALS[1] and not 1900 <= raw < 2100:
            dated = True
            bare = bare and (_EPOCH + timedelta(days=int(raw))).day == 1
        elif isinstance(raw, (float, str)):
            match = _MONTH.fullmatch(raw if isinstance(raw, str) else repr(raw))
            if match and match[2] == ".":
                two_digits = two_digits or match[3].startswith("0")
                keeps_zero = keeps_zero or (isinstance(raw, str) and match[3] == "10")
    return Habits(dated and bare, two_digits, keeps_zero)
