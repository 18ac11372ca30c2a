"""A roster opened: all tables of all sheets, the people in them, and what is to be said and asked of the file as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.roster.columns import Found, plain
from bot.roster.facts import Told, told_by
from bot.roster.fields import CATEGORIES
from bot.roster.files import open_file
from bot.roster.grid import Sheet, UnreadableRoster, letters_index
from bot.roster.mapping import Told as Mapping
from bot.roster.mapping import UnknownColumn
from bot.roster.people import Gathered, gather, on_hidden_rows
from bot.roster.result import short_years, words
from bot.roster.tables import Table, tables_of

if TYPE_CHECKING:
    from rules import Notice

CORE = ("sex", "birth", "title_level", "sector")  # facts that decide, and that a file may have no column for
_FEW = 3  # rows without a header that are hardly worth a word


@dataclass(frozen=True)
class Opened:
    """A file as it was understood."""

    tables: tuple[Table, ...]
    gathered: Gathered
    told: Told
    notes: tuple[str, ...]  # what was read and what was not, one sentence each
    questions: tuple[str, ...]  # one question for the whole file each

    @property
    def known(self) -> set[str]:
        """The facts that some column fills."""
        return {meaning.key for table in self.tables for meaning in table.known}

    @property
    def alone(self) -> bool:
        """Whether cells need no sheet's name."""
        return len({id(table.sheet) for table in self.tables}) == 1


def open_roster(source: Path, notice: Notice, mapping: Mapping, called: str = "") -> Opened:
    """The tables and people of a file.

    Raises: UnreadableRoster, UnknownColumn, OSError.
    """
    sheets = open_file(source, called)
    corrections = mapping.by_header([notice.review_year])
    sheets = _without_our_own(sheets)
    shown = [sheet for sheet in sheets if not sheet.hidden]
    found = [(sheet, tables_of(sheet, notice.review_year, corrections)) for sheet in shown or sheets]
    tables = [table for _, each in found for table in each]
    best = max((len(table.known) for table in tables), default=0)
    tables = [_without(table, mapping) for table in tables if len(table.known) * 4 >= best]
    if not tables:
        raise UnreadableRoster("没有找到表头：至少要有“性别”“出生年月”“申报级别”这样的列名，可以用空白模板核对")
    _all_found(corrections, tables)
    gathered, told = gather(tables), told_by(tables)
    notes = [*_notes(tables, found), *on_hidden_rows(tables), *_hidden_sheets(sheets)]
    known = {meaning.key for table in tables for meaning in table.known}
    questions = () if not gathered.people else tuple(_questions(known, told, notice, mapping))
    return Opened(tuple(tables), gathered, told, tuple(dict.fromkeys(notes)), questions)


def _without_our_own(sheets: list[Sheet]) -> list[Sheet]:
    """The sheets but for those that a result or a template of ours explains itself with."""
    own = words()["sheets"]
    if not any(sheet.name == own["columns"] for sheet in sheets):
        return sheets
    return [
        sheet for sheet in sheets if sheet.name not in (own["summary"], own["units"], own["faults"], own["columns"])
    ]


def _without(table: Table, mapping: Mapping) -> Table:
    """A table without the columns that a mapping leaves out by their own name: 申报级别=."""
    dropped = {plain(name) for name, header in mapping.columns.items() if not header}
    columns = [
        replace(found, meaning=None) if found.meaning is not None and plain(found.meaning.name) in dropped else found
        for found in table.columns
    ]
    return replace(table, columns=tuple(columns))


def _all_found(corrections: dict[str, str], tables: Iterable[Table]) -> None:
    """Raises: UnknownColumn."""
    columns: list[Found] = [found for table in tables for found in table.columns]
    headers = {plain(found.header) for found in columns}
    for header, name in corrections.items():
        by_letter = header.isascii() and header.isalpha() and len(header) <= 3 and letters_index(header) < len(columns)
        if name and header not in headers and not by_letter:
            raise UnknownColumn(f"表里没有“{header}”这一列")


# ---------------------------------------------------------------- what is said


def _notes(tables: list[Table], found: list[tuple[Sheet, list[Table]]]) -> Iterator[str]:
    said = words()["recognised"]
    for table in tables:
        whole = f"“{table.sheet.name}”" + (f"左数第 {table.beside + 1} 块" if table.beside else "")
        yield said["sheet"].format(
            sheet=whole, row=table.header[1] + 1, what=said["turned" if table.turned else "upright"]
        )
        if table.year:
            yield said["year"].format(year=table.year)
        same = [meaning.name for meaning, column in table.known.items() if column.header == meaning.name]
        if same:
            yield said["same"].format(names="、".join(same))
        for meaning, column in table.known.items():
            if column.header != meaning.name:
                yield said["column"].format(header=column.header, name=meaning.name)
        kept = [column.header for column in table.columns if column.meaning is None and column.header]
        if kept:
            yield said["kept"].format(headers="、".join(kept))
        yield from table.warnings
    for sheet, each in found:
        rows = sum(any(cell != "" for cell in row) for row in sheet.rows)
        if rows and not any(table in tables for table in each):
            yield said["no_table"].format(sheet=sheet.name, n=rows)


def _hidden_sheets(sheets: list[Sheet]) -> Iterator[str]:
    for sheet in sheets:
        if sheet.hidden and len(sheet.rows) > _FEW and not all(other.hidden for other in sheets):
            yield words()["recognised"]["hidden_sheet"].format(sheet=sheet.name)


def _questions(known: set[str], told: Told, notice: Notice, mapping: Mapping) -> Iterator[str]:
    """What no column tells though it decides: asked once, not of everybody."""
    said, needs = words()["recognised"], words()["needs"]
    for key in CORE:
        if key in known or (key in ("sex", "birth") and "card" in known) or (key == "birth" and "age" in known):
            continue
        if not any(plain(name) == plain(needs[key]) for name in mapping.everybody):
            yield said["no_column"].format(name=needs[key])
    hours = told.columns | told.courses
    if not hours:
        names = "".join(f"“{notice.review_year}{label}”" for label in words()["category"].values())
        yield said["no_hours"].format(names=names)
        return
    lacking: dict[str, list[str]] = {}
    for year in short_years(notice):
        missing = [name for name in CATEGORIES if (year, name) not in hours and (year, "done") not in hours]
        if len(missing) == 1 and (year, "total") in hours:
            continue
        if missing:
            what = "学时" if len(missing) == len(CATEGORIES) else words()["category"][missing[0]]
            what = "各科学时（只有总数）" if (year, "total") in hours and len(missing) > 1 else what
            lacking.setdefault(what, []).append(str(year))
    for what, years in lacking.items():
        yield said["no_year"].format(years="、".join(years), what=what)
