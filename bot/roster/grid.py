"""One sheet of plain cells, however it came: its rows, what is merged and hidden, and how its cells are named."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

from bot.roster import cells

Row = list[Any]
Merged = tuple[int, int, int, int]  # first row, first column, last row, last column
_AS_TEXT = re.compile(r'=\s*"(.*)"', re.S)  # how an export keeps a spreadsheet from taking 0012 for a number
_LATE = 2015
YEAR = re.compile(r"(19|20)\d\d(\.0)?(年度?)?")
_DATUM = cells.rows("datum")
_BLANK = " \t\r\n\u00a0\u3000\u200b\ufeff"


class UnreadableRoster(ValueError):
    """The file as a whole cannot be read; the message is one plain Chinese sentence."""


MOST_CELLS = 60_000_000  # of a sheet, the empty ones counted


def measured(height: int, width: int) -> None:
    """Raises: UnreadableRoster where a sheet reaches so many rows down and columns across that it is no roster."""
    if height * width > MOST_CELLS:
        raise UnreadableRoster(f"有内容远在 {letters(width - 1)}{height}，请删掉表外多余的行和列，另存一份再试")


@dataclass
class Sheet:
    """The cells of one sheet from its first row and column on, its rows of one length; what stands in them that a reader should be told."""

    name: str
    rows: list[Row]
    merged: list[Merged] = field(default_factory=list)
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()  # counted from 0
    unsaid: dict[tuple[int, int], str] = field(
        default_factory=dict
    )  # cells that hold an error, or a formula without its value
    since_1904: bool = False  # a bare number of days is counted from 1904
    # where a cell stands in the file, of a sheet that was put in order
    origin: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)


def plain_cell(text: str) -> str:
    """A cell of a text file without what only kept a spreadsheet from changing it."""
    text = text.strip(_BLANK)
    found = _AS_TEXT.fullmatch(text)
    return found[1].replace('""', '"').strip(_BLANK) if found else text


def letters_index(letters: str) -> int:
    """A spreadsheet's column letters as an index from 0: A is 0, AA is 26."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def letters(index: int) -> str:
    """An index from 0 as a spreadsheet's column letters: 0 is A, 26 is AA."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


def _names_year(cell: Any) -> bool:
    """Whether a cell is a year that a heading shows as 2024年 and holds as its first day; nobody at work is born so late."""
    return isinstance(cell, date) and (cell.month, cell.day) == (1, 1) and cell.year >= _LATE


def text_of(cell: Any) -> str:
    """A cell as it stands in a heading."""
    return f"{cell.year}年" if _names_year(cell) else cells.written(cell).strip() if cell is not None else ""


def is_datum(cell: Any) -> bool:
    """Whether a cell holds what stands below headers and never in one: a date, hours, a number, an answer."""
    if isinstance(cell, (date, time, timedelta, bool)):
        return not _names_year(cell)
    text = text_of(cell)
    if YEAR.fullmatch(text):
        return False
    return bool(text) and (isinstance(cell, (int, float)) or _DATUM.search(text) is not None)
