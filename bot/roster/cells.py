"""What a cell says: Excel's habits undone, one reader a kind of column.

A cell is read (`value`), or open (`value` None and `why`): it counts as not known, and the sentence says what to write instead.
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

from bot.reading.lexing.numbers import parse
from rules.registry import FACTS

_EPOCH = date(1899, 12, 30)  # day 0 of Excel's calendar, its false 29 February 1900 taken out
_SERIALS = (3653, 55153)  # 1910-01-01 to 2050-12-31: a bare number in between is a day that lost its format
_SPACES = re.compile(r"\s+")
_PARTED = re.compile(r"[\d.]\s+[\d.]")
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(?!\d|,)")
ERROR = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|#+)")
UNKNOWN = "?"  # stands in the place of hours that do not count
DEEMED = "deemed"  # hours that a passed exam stands for
_DAMAGED = 10**15  # more digits than a spreadsheet's number holds


class Read(NamedTuple):
    """What a cell was read as; `why` is a Chinese sentence where something is open or wrong."""

    value: Any
    why: str = ""


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


def rows(name: str) -> re.Pattern[str]:
    """An expression that rows, headings and names are known by."""
    return re.compile(words()["rows"][name])


@cache
def against() -> re.Pattern[str]:
    """What a remark says of hours that are not to be counted."""
    return re.compile("|".join(words()["remark"]["against"]))


@cache
def _empty() -> frozenset[str]:
    return frozenset(words()["empty"])


def written(raw: Any) -> str:
    """A cell as text; a whole number without the point that a spreadsheet's numbers have."""
    return str(int(raw) if isinstance(raw, float) and raw.is_integer() else raw)


def clean(raw: Any) -> str:
    """A cell as text: half width, without any blank."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", written(raw))).strip("'‘’　\u200b\ufeff")


def _told(raw: Any) -> str:
    """A cell as text; nothing where it says that it is empty."""
    text = clean(raw)
    return "" if text.lower() in _empty() else text


def shown(raw: Any) -> str:
    """A cell as it is quoted in a sentence."""
    text = " ".join(written(raw).split())
    return text if len(text) <= 30 else text[:30] + "…"


def _unreadable(raw: Any, kind: str) -> Read:
    if ERROR.fullmatch(clean(raw)):
        return ask("error", shown=shown(raw))
    accepts = words()[kind]["accepts"] if kind in words() else "、".join(label for _, label in FACTS[kind].values)
    return ask("unreadable", shown=shown(raw), accepts=accepts)


def ask(which: str, **parts: Any) -> Read:
    """What is left open, with the sentence of that name."""
    return Read(None, words()["asks"][which].format(**parts))


# ---------------------------------------------------------------- closed lists


@cache
def _lines(kind: str) -> tuple[tuple[re.Pattern[str], Any, str], ...]:
    lines = words().get(kind, {}).get("lines", ())
    return tuple((re.compile(line["found"], re.I), line.get("value"), line.get("ask", "")) for line in lines)


def sex_codes(header: str) -> dict[str, str]:
    """What a heading says that its numbers stand for: 性别（1女2男）."""
    pairs = re.findall(words()["sex"]["coded"], clean(header))
    return {before or behind: first or second for before, first, second, behind in pairs}


def sex_by(codes: dict[str, str], raw: Any) -> Read:
    """Sex by the numbers that a heading explains; with a number that it does not, nobody can tell which is which."""
    text = clean(raw)
    return _unreadable(raw, "sex") if text.isdigit() and text not in codes else choice("sex", codes.get(text, raw))


def choice(kind: str, raw: Any) -> Read:
    """One of a closed list, by the expressions of `cells.toml`."""
    if isinstance(raw, bool) and (kind == "yes_no" or kind == "grassroots"):
        return Read(raw)
    if not (text := _ticked(_told(raw))):
        return NOTHING
    if kind in FACTS and (exact := _labels(kind).get(text.lower())) is not None:
        return Read(exact)
    for expression, value, ask in _lines(kind):
        if expression.search(text):
            return Read(value, ask.format(shown=shown(raw)))
    return _unreadable(raw, kind)


def _ticked(text: str) -> str:
    """What is ticked of a list that stands in one cell, as □事业单位☑国有企业."""
    boxes = words()["rows"]["boxes"]
    if len(text) < 2 or not re.search(f"[{boxes['open']}]", text):
        return text
    return "、".join(re.findall(f"[{boxes['ticked']}]([^{''.join(boxes.values())}]+)", text))


@cache
def _labels(fact: str) -> dict[str, str]:
    """The values of a fact of a closed list by what the registry calls them."""
    return {word.lower(): value for value, label in FACTS[fact].values for word in (value, clean(label))}


def reads(kind: str, raw: Any) -> Read:
    """A cell of a column of a kind, read by itself."""
    if kind in ("birth", "month", "day"):
        return dated(kind, raw)
    plain = {"whole": whole, "years": years, "exam": exam, "year": year}.get(kind)
    return plain(raw) if plain else choice(kind, raw)


# ---------------------------------------------------------------- numbers


def hours(raw: Any, required: float | None) -> Read:
    """Hours of one year and category; a word that says the year's duty is done is the `required` hours, open where they are None."""
    if type(raw) is float or type(raw) is int:
        return _plausible(_exact(raw), raw)
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
        return _plausible(_exact(Decimal(match[1])), raw)
    if floor := re.fullmatch(said["floor"], text):
        return _plausible(_exact(Decimal(floor[1] or floor[2])), raw)
    if (numeral := re.fullmatch(said["numeral"], text)) and (told := parse(numeral[1])) is not None:
        return _plausible(_exact(told), raw)
    for name, value in (("deemed", DEEMED), ("done", required), ("none", 0), ("open", None)):
        if re.search(said[name], text, re.I):
            return ask("marked", shown=shown(raw)) if name == "done" and required is None else Read(value)
    if re.fullmatch(r"\d+(\.\d+)?[-~—至到]\d+(\.\d+)?(学时)?|[约近大概>≥]*=?\d+(多|余|左右|以上|\+)?", text):
        return ask("range", shown=shown(raw))
    if len(re.findall(r"\d+", text)) > 1:
        return ask("remark", shown=shown(raw))
    return _unreadable(raw, "hours")


def _plausible(value: float, raw: Any) -> Read:
    year = type(value) is int and 1990 <= value < 2050  # typed into the wrong cell: nobody learns so much in a year
    return Read(value) if 0 <= value <= 8784 and not year else _unreadable(raw, "hours")


def _exact(value: float | Decimal) -> int | float:
    """A number as it was meant: whole where it is whole, without the noise of binary sums."""
    number = round(float(value), 6)
    return int(number) if number.is_integer() else number


def whole(raw: Any) -> Read:
    """A whole number, as of years."""
    if not (text := _told(raw)):
        return NOTHING
    match = re.fullmatch(r"(\d{1,3})(周岁|岁|年|个)?", text)
    return Read(int(match[1])) if match else _unreadable(raw, "whole")


def years(raw: Any) -> Read:
    """A list of calendar years."""
    if not (text := _told(raw)) or text in ("无", "否"):
        return NOTHING
    found = re.findall(r"(?<!\d)(20\d\d)(?!\d)", text)
    rest = re.sub(r"20\d\d|[、,;/和及年度]", "", text)
    return Read([int(year) for year in found]) if found and not rest else _unreadable(raw, "years")


def exam(raw: Any) -> Read:
    """The years of certificates, also where their names or their days stand beside."""
    if isinstance(raw, (date, datetime)):
        return Read([raw.year])
    if not (text := _told(raw)) or re.fullmatch("无|否|没有|未取得|未考取", text):
        return NOTHING
    found = [
        int(year) for year in re.findall(r"(?<!\d)((?:19|20)\d\d)(?=年|[-./、,;，；)]|\d{2}(?:\d\d)?(?!\d)|$|\D)", text)
    ]
    if not found:
        return ask("exam_year", shown=shown(raw))
    said = words()["exam"]
    named = re.sub(said["plain"], "", text)
    sure = not re.search(said["unsure"], text) and (not named or re.search(said["known"], _which(text)))
    return Read(sorted(set(found))) if sure else ask("exam_which", shown=shown(raw))


def _which(text: str) -> str:
    """What a certificate is called, without its year and the words around."""
    return re.sub(
        r"[\d.、,，;；/\-:：()（）年月日]|取得|获得|考取|通过|合格|证书?|资格|考试|取证|区内|于|在|已|内蒙古|自治区|全部?科目?",
        "",
        text,
    )


def year(raw: Any) -> Read:
    """The one year of a row, told as such or by its days."""
    if isinstance(raw, (date, datetime)):
        return Read(raw.year)
    if not (text := _told(raw)):
        return NOTHING
    found = set(re.findall(r"(?<!\d)((?:19|20)\d\d)(?=年|\D|$|\d{4}(?!\d)|\d\d(?!\d))", text))
    if not found and (match := re.fullmatch(r"(\d\d)年度?", text)):
        found = {"20" + match[1]}
    if not found and text.replace(".", "", 1).isdigit() and (day := _serial(float(text))) is not None:
        return Read(day.year)
    if len(found) > 1:
        return ask("several_years", shown=shown(raw))
    return Read(int(found.pop())) if found else _unreadable(raw, "year")


class Card(NamedTuple):
    """What an identity number tells; the number itself only tells people apart."""

    number: str
    birth: str
    sex: str


_WEIGHTS, _CHECKS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"


def card(raw: Any) -> Read:
    """An identity number of 18 digits, or 15 as once; one that is damaged or does not check tells nothing, and is never quoted."""
    if isinstance(raw, (float, int)) and not isinstance(raw, bool):
        return _in_part("card_damaged", str(int(raw))) if abs(raw) >= _DAMAGED else NOTHING
    text = clean(raw).upper()
    if re.fullmatch(r"\d(\.\d+)?E\+?1[67]", text) or (re.fullmatch(r"\d{15}000", text) and not _checks(text)):
        return _in_part("card_damaged", text)
    if re.fullmatch(r"\d{14}[*×X?]{4}", text):
        return _in_part("card_masked", text)
    if re.fullmatch(r"\d{15}", text):
        number, birth, sex = text, f"19{text[6:8]}-{text[8:10]}-{text[10:12]}", text[14]
    elif re.fullmatch(r"\d{17}[\dX]", text):
        if not _checks(text):
            return Read(Card(text, "", ""), words()["asks"]["card_wrong"])
        number, birth, sex = text[:6] + text[8:17], f"{text[6:10]}-{text[10:12]}-{text[12:14]}", text[16]
    else:
        return ask("card_wrong") if re.fullmatch(r"[\dX]{16,20}", text) else NOTHING
    try:
        date.fromisoformat(birth)
    except ValueError:
        return ask("card_wrong")
    return Read(Card(f"{birth[:2]}{number}", birth, "male" if int(sex) % 2 else "female"))


def _in_part(why: str, text: str) -> Read:
    """An identity number of which the end is lost: it tells the birth, and nobody apart."""
    birth = f"{text[6:10]}-{text[10:12]}-{text[12:14]}"
    try:
        date.fromisoformat(birth)
    except ValueError:
        return ask(why)
    return Read(Card("", birth, ""), words()["asks"][why])


def _checks(number: str) -> bool:
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11] == number[17]


def ident(raw: Any) -> Read:
    """A number that only names somebody: a float loses its .0, and scientific notation is written out as far as it can be."""
    if isinstance(raw, float):
        if not raw.is_integer():
            return Read(repr(raw))
        damaged = abs(raw) >= _DAMAGED
        return Read(str(int(raw)), words()["asks"]["damaged"].format(shown=f"{raw:.5E}") if damaged else "")
    if type(raw) is str and raw.isascii() and (raw.isdigit() or (raw.isalnum() and raw[0].isalpha())):
        return Read(raw)
    text = unicodedata.normalize("NFKC", str(raw)).strip()
    if re.fullmatch(r"\d(\.\d+)?[eE]\+?\d{1,2}", text):
        return Read(str(int(Decimal(text))), words()["asks"]["damaged"].format(shown=text))
    return Read(text or None)


# ---------------------------------------------------------------- days and months

_FULL = re.compile(r"(\d{4})[年./\-](\d{1,2})[月./\-](\d{1,2})日?(?:T?0?0:00(?::00)?(?:\.0+)?)?生?", re.ASCII)
_SOLID = re.compile(r"(\d{4})(\d\d)(\d\d)?", re.ASCII)
_MONTH = re.compile(r"(\d{4})(年|[./\-])(\d{1,2})月?(份|生)?", re.ASCII)
_YEAR = re.compile(r"(\d{4})年?生?", re.ASCII)
_CHINESE = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_GLUED = re.compile(r"(19[3-9]|20[0-4])\d\d", re.ASCII)  # 19755: May 1975, or 31 January 1954 as a serial number
_SHORT_MONTH = re.compile(r"([3-9]\d)[-/.](\d{1,2})|(\d\d)年(\d{1,2})月?生?", re.ASCII)


def says_itself(raw: Any) -> bool:
    """Whether a date's cell says which date it is, whatever the rest of its column is like."""
    return (isinstance(raw, str) and "." not in raw and not raw.strip().isdigit()) or names_a_day(raw)


def names_a_day(raw: Any) -> bool:
    """Whether a cell is a date that shows that the days of its column mean something."""
    return isinstance(raw, (date, datetime)) and _day(raw).day != 1


class _Moment(NamedTuple):
    year: int
    month: int
    day: int  # 0: only the month


def _moment(raw: Any, habits: Habits) -> _Moment | Read | None:
    """A day or a month; None where it is neither."""
    if isinstance(raw, (date, datetime)):
        return _of_day(_day(raw), habits)
    if isinstance(raw, bool):
        return None
    text = clean(raw)
    if isinstance(raw, (float, int)) or text.replace(".", "", 1).isdigit():
        if _GLUED.fullmatch(text):
            return ask("serial_or_month", shown=shown(raw))
        if (serial := _serial(float(text))) is not None:
            return _of_day(serial, habits)
    if isinstance(raw, str) and (match := _CLOCK.fullmatch(" ".join(raw.replace("/", "-").split()))):
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
        try:
            return _of_day(_day(datetime(year, month, day, hour, minute, second)), habits)
        except ValueError:
            return None
    return _written(text, raw, habits)


_CLOCK = re.compile(
    r"(\d{4})[-.](\d{1,2})[-.](\d{1,2})[T ](\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?:Z|\+00:00)?", re.ASCII
)


def _of_day(day: date, habits: Habits) -> _Moment:
    return _Moment(day.year, day.month, 0 if habits.bare_months and day.day == 1 else day.day)


def _serial(number: float) -> date | None:
    """The day of a number that lost its format as a date; None for what is no such number."""
    if not _SERIALS[0] <= number <= _SERIALS[1]:
        return None
    return _day(datetime.combine(_EPOCH, datetime.min.time()) + timedelta(days=number))


def _day(raw: date) -> date:
    """The day that was meant: what a browser in China exports for midnight is 43 seconds early, or eight hours (nine in summer time)."""
    if not isinstance(raw, datetime) or not (raw.hour or raw.minute or raw.second):
        return date(raw.year, raw.month, raw.day)
    for early in (timedelta(), timedelta(hours=8), timedelta(hours=9)):
        meant = raw + early
        if meant.hour == 23 and meant.minute >= 50:
            meant += timedelta(minutes=10)
        if (early and meant.hour == 0 and meant.minute < 10) or (not early and meant.date() != raw.date()):
            return meant.date()
    return raw.date()


def _written(text: str, raw: Any, habits: Habits) -> _Moment | Read | None:
    if match := re.fullmatch(
        r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月(?:([一二三四五六七八九十]{1,3})日)?", text
    ):
        month, day = (int(parse(part) or 0) if part else 0 for part in match.groups()[1:])
        return _Moment(int(match[1].translate(_CHINESE)), month, day)
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
                return ask("january_or_october", shown=text, year=match[1])
        return _Moment(int(match[1]), month, 0)
    match = _SHORT_MONTH.fullmatch(text)
    if match:
        short, month = (int(match[1] or match[3]), int(match[2] or match[4]))
        return _Moment(1900 + short if short > 30 else 2000 + short, month, 0)
    if _YEAR.fullmatch(text):
        return ask("year_alone", shown=text)
    return None


def dated(kind: str, raw: Any, habits: Habits = _PLAIN) -> Read:
    """A `birth`, to the day where a day was meant, else to the month; a `month` of a year; a `day`."""
    text = _told(raw)
    if not text or (kind == "month" and text in ("无", "否", "没有")):
        return NOTHING
    moment = _moment(raw, habits._replace(bare_months=False) if kind == "day" else habits)
    if isinstance(moment, Read) and kind != "day":
        return moment
    if not isinstance(moment, _Moment) or (kind == "day" and not moment.day):
        return _unreadable(raw, kind)
    try:
        date(moment.year, moment.month, moment.day or 1)
    except ValueError:
        return _unreadable(raw, kind)
    month = f"{moment.year:04d}-{moment.month:02d}"
    return Read(f"{month}-{moment.day:02d}" if moment.day and kind != "month" else month)


def year_alone(raw: Any) -> int:
    """The year that a cell of births tells without a month; 0 where it tells more, or none."""
    return int(text[:4]) if _YEAR.fullmatch(text := clean(raw)) else 0


def habits_of(values: Any) -> Habits:
    """The habits of a column, from its cells."""
    bare, dated, two_digits, keeps_zero = True, False, False, False
    for raw in values:
        day = _day(raw) if isinstance(raw, date) else _serial(raw) if isinstance(raw, float) else None
        if day is not None:
            dated, bare = True, bare and day.day == 1
        elif isinstance(raw, (float, str)):
            match = _MONTH.fullmatch(raw if isinstance(raw, str) else repr(raw))
            if match and match[2] == ".":
                two_digits = two_digits or match[3].startswith("0")
                keeps_zero = keeps_zero or (isinstance(raw, str) and match[3] == "10")
    return Habits(dated and bare, two_digits, keeps_zero)
