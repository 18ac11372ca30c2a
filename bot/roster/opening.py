"""A roster opened: all tables of all sheets, the people in them, and what is to be said and asked of the file as a whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bot.roster import cells
from bot.roster.columns import Found, HeaderTerms, choices, plain, terms_of
from bot.roster.fields import asks_whether, category_of
from bot.roster.files import open_file
from bot.roster.grid import Sheet, UnreadableRoster, letters_index
from bot.roster.headers import tables_of
from bot.roster.mapping import AS_FULL, AS_OPEN, MARKED, UnknownColumn
from bot.roster.mapping import MappingFile as Mapping
from bot.roster.people import Gathered, gather, known_as, on_hidden_rows
from bot.roster.sight import shape_of
from bot.roster.table import Table
from bot.roster.verdicts import needed, short_years, words
from rules.registry import FACTS

if TYPE_CHECKING:
    from rules import Notice

_ASIDE = cells.rows("sheet_aside")
_VALUES_NAMED = 6
_FEW = 3  # rows without a header that are hardly worth a word


Forms = dict[str, Mapping]
_CELL = re.compile("([A-Za-z]{1,3})([1-9][0-9]{0,6})")


class NoHeader(UnreadableRoster):
    """A file in which no header was found; its sheets can still be looked at."""

    def __init__(self, sheets: list[Sheet], message: str) -> None:
        super().__init__(message)
        self.sheets = sheets


Years = frozenset[tuple[int, str]]  # years with a category


class FileTold(NamedTuple):
    """What all tables together tell: the years and categories that a column tells of, and those that courses tell of."""

    columns: Years
    courses: Years


def told_by(tables: Iterable[Table], terms: HeaderTerms) -> FileTold:
    """Of which hours a file tells at all: what no column tells is not known."""
    columns: set[tuple[int, str]] = set()
    courses: set[tuple[int, str]] = set()
    for table in tables:
        hours = [meaning for meaning in table.known if meaning.key in ("hours", "record_hours")]
        columns |= {(meaning.year, meaning.category) for meaning in hours if meaning.year}
        if (place := table.place("told_years")) >= 0:
            named = {int(year) for raw in table.held(place) for year in re.findall(r"20\d\d", str(raw))}
            columns |= {(year, category) for year in named for category in terms.categories}
        if not table.long:
            continue
        year, category = table.place("record_year"), table.place("record_category")
        if year < 0:
            year = table.place("record_date")
        years = (
            {read.value for raw in table.held(year) if (read := cells.year(raw)).value} if year >= 0 else {table.year}
        )
        told = {meaning.category for meaning in hours if not meaning.year}
        if category >= 0:
            told |= {str(category_of(raw, terms).value) for raw in table.held(category)}
            courses |= {(at, name) for at in years for name in told if name in terms.categories}
        else:
            columns |= {(at, name) for at in years for name in told}
    return FileTold(frozenset(columns), frozenset(courses))


@dataclass(frozen=True)
class Opened:
    """A file as it was understood."""

    tables: tuple[Table, ...]
    gathered: Gathered
    told: FileTold
    notes: tuple[str, ...]  # what was read and what was not, one sentence each
    questions: tuple[str, ...]  # one question for the whole file each
    mapping: Mapping  # what was said of it
    shape: str  # its form

    @property
    def known(self) -> set[str]:
        """The facts that some column fills."""
        return {meaning.key for table in self.tables for meaning in table.known}

    @property
    def alone(self) -> bool:
        """Whether cells need no sheet's name."""
        return len({id(table.sheet) for table in self.tables}) == 1


def open_roster(
    source: Path, notice: Notice, mapping: Mapping, called: str = "", remembered: Forms | None = None
) -> Opened:
    """The tables and people of a file. `remembered`: what was said of files by their form, for one of which nothing is said.

    Raises: UnreadableRoster, UnknownColumn, OSError.
    """
    sheets = open_file(source, called)
    shape = shape_of(sheets)
    if not mapping and remembered and shape:
        mapping = remembered.get(shape, mapping)
    _put(mapping.cells, sheets)
    terms = terms_of(notice)
    corrections = mapping.by_header(terms)
    sheets = _without_our_own(sheets)
    aside = [sheet for sheet in sheets if _ASIDE.search(sheet.name)]
    aside = aside if len(aside) < len(sheets) else []
    found = [(sheet, [] if sheet in aside else tables_of(sheet, terms, corrections)) for sheet in sheets]
    tables = [table for _, each in found for table in each]
    best = max((len(table.known) for table in tables), default=0)
    tables = _shown([table for table in tables if len(table.known) * 4 >= best or table.of_names])
    if not tables:
        raise NoHeader(sheets, words()["recognised"]["no_header"])
    _all_found(corrections, tables)
    gathered, told = gather(tables), told_by(tables, terms)
    marked = [*_own_words(tables, mapping), *_marked(tables, mapping)]
    notes = [*_notes(tables, found), *on_hidden_rows(tables), *_hidden_sheets(sheets, tables)]
    known = {meaning.key for table in tables for meaning in table.known}
    questions = (
        ()
        if not gathered.people
        else tuple(_questions(known, told, short_years(notice), terms, mapping)) + tuple(marked)
    )
    return Opened(tuple(tables), gathered, told, tuple(dict.fromkeys(notes)), questions, mapping, shape)


def _shown(tables: list[Table]) -> list[Table]:
    """The tables but for those of hidden sheets that only tell again of people who stand in a sheet that is shown."""
    shown = [table for table in tables if not table.sheet.hidden]
    if len(shown) == len(tables):
        return tables
    told = {name for table in shown for name in _names(table)}
    return [
        table
        for table in tables
        if not table.sheet.hidden or not told or len(_names(table) - told) * 2 > len(_names(table))
    ]


def _names(table: Table) -> set[str]:
    key = "name" if table.place("name") >= 0 else "id"
    place = table.place(key)
    return {text for raw in (table.held(place) if place >= 0 else ()) if (text := known_as(raw))}


def _put(told: dict[str, str], sheets: list[Sheet]) -> None:
    """Put what was said of single cells into them. Raises: UnknownColumn."""
    for place, text in told.items():
        name, _, at = place.rpartition("!")
        sheet = next((sheet for sheet in sheets if sheet.name == name or not name), None)
        found = _CELL.fullmatch(at)
        row, column = (int(found[2]) - 1, letters_index(found[1])) if found else (-1, -1)
        if sheet is None or not 0 <= row < len(sheet.rows) or column >= len(sheet.rows[row]):
            raise UnknownColumn(f"表里没有“{place}”这一格")
        number = isinstance(sheet.rows[row][column], float) and re.fullmatch(r"\d{1,4}(\.\d+)?", text)
        sheet.rows[row][column] = float(text) if number else text
        sheet.unsaid.pop((row, column), None)


def _without_our_own(sheets: list[Sheet]) -> list[Sheet]:
    """The sheets but for those that a result or a template of ours explains itself with."""
    own = words()["sheets"]
    if not any(sheet.name == own["columns"] for sheet in sheets):
        return sheets
    return [
        sheet for sheet in sheets if sheet.name not in (own["summary"], own["units"], own["faults"], own["columns"])
    ]


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
        yield said["sheet" if table.header[1] >= 0 else "headless"].format(
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
        if rows and not sheet.hidden and not any(table in tables for table in each):
            yield said["aside" if _ASIDE.search(sheet.name) else "no_table"].format(sheet=sheet.name, n=rows)


def _marked(tables: list[Table], mapping: Mapping) -> Iterator[str]:
    """The cells of hours that hold a word or a mark alone, said once for all: of columns that ask for it, and of the others."""
    done = cells.words()["hours"]["done"]
    found = [
        (asks_whether(meaning, column), column.header, raw, times)
        for table in tables
        for meaning, column in table.known.items()
        if meaning.key in ("hours", "record_hours")
        for raw, times in table.held(column.index).items()
        if type(raw) is str and re.search(done, cells.clean(raw))
    ]
    said, told = words()["recognised"], {AS_FULL: "full", AS_OPEN: "open"}.get(mapping.everybody.get(MARKED, ""))
    for asked in (True, False):
        those = [each for each in found if each[0] is asked]
        if those:
            _, header, raw, _ = those[0]
            which = f"marked_{told}" if told else "marked_asked" if asked else "marked"
            yield said[which].format(n=sum(times for *_, times in those), header=header, shown=cells.shown(raw))


def _own_words(tables: list[Table], mapping: Mapping) -> Iterator[str]:
    """The columns of closed lists most of whose cells say something else: each such value is asked once."""
    said = words()["recognised"]
    for meaning in dict.fromkeys(meaning for table in tables for meaning in table.known if meaning.name in choices()):
        told = mapping.values.get(meaning.name, {})
        held = Counter[str]()
        for table in tables:
            if meaning in table.known:
                for raw, times in table.held(table.known[meaning].index).items():
                    held[cells.shown(raw)] += times
        own = {
            text: n for text, n in held.most_common() if text not in ("", *told) and cells.reads(meaning.kind, text).why
        }
        if sum(own.values()) * 2 > held.total() - held[""] and sum(own.values()) > 1:
            values = "、".join(said["own_value"].format(held=text, n=n) for text, n in [*own.items()][:_VALUES_NAMED])
            yield said["own_words"].format(name=meaning.name, values=values, accepts="、".join(choices()[meaning.name]))


def _hidden_sheets(sheets: list[Sheet], tables: list[Table]) -> Iterator[str]:
    for sheet in sheets:
        read = any(table.sheet is sheet for table in tables)
        if sheet.hidden and (read or len(sheet.rows) > _FEW):
            yield words()["recognised"]["hidden_read" if read else "hidden_sheet"].format(sheet=sheet.name)


def _questions(
    known: set[str], told: FileTold, years: Iterable[int], terms: HeaderTerms, mapping: Mapping
) -> Iterator[str]:
    """What no column tells though it decides: asked once, not of everybody."""
    said = words()["recognised"]
    for key in (
        fact.id for fact in FACTS.values() if fact.core and fact.header and not fact.with_ and fact.kind != "whole"
    ):
        if key in known or (key in ("sex", "birth") and "card" in known) or (key == "birth" and "age" in known):
            continue
        if not any(plain(name) == plain(needed(key)) for name in mapping.everybody):
            yield said["no_own" if key in ("sex", "birth") else "no_column"].format(name=needed(key))
    hours = told.columns | told.courses
    if not hours:
        names = "".join(f"“{terms.review_year}{label}”" for _, label in terms.labels)
        yield said["no_hours"].format(names=names)
        return
    lacking: dict[str, list[str]] = {}
    for year in years:
        missing = [name for name in terms.categories if (year, name) not in hours and (year, "done") not in hours]
        if len(missing) == 1 and (year, "total") in hours:
            continue
        if missing:
            what = "学时" if len(missing) == len(terms.labels) else dict(terms.labels)[missing[0]]
            what = "各科学时（只有总数）" if (year, "total") in hours and len(missing) > 1 else what
            lacking.setdefault(what, []).append(str(year))
    for what, those in lacking.items():
        yield said["no_year"].format(years="、".join(those), what=what)
