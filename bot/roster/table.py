"""One table of a sheet: its columns and rows, and what is said around them of all its people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from operator import itemgetter
from typing import Any

from bot.roster import cells
from bot.roster.cells import Read
from bot.roster.columns import (
    RECORD,
    SPAN,
    WHO,
    Found,
    HeaderTerms,
    Meaning,
    document,
    hours_meaning,
    named,
    plain,
    weigh,
    years_in,
)
from bot.roster.grid import YEAR, Row, Sheet, letters, text_of
from bot.roster.verdicts import words
from rules.registry import FACTS

_HOURS, _SAID = ("hours", "record_hours", "told_years"), 5  # the weight of what was said of a column
_PARTED = ("sector", "title_level", "sex")  # facts that may stand in a column a value
_WITH_CARD = re.compile(r"(.*?[^\W\d_])[\W_]*(\d{17}[\dXx]|\d{15})\W*", re.S)
(
    _UNIT,
    _UNIT_SAID,
    _UNIT_TITLED,
    _OF_THE_REVIEW,
    _LEVEL_SAID,
    _PAIR,
    _SECTOR,
    _TITLE_ASIDE,
    _NOTE_ASIDE,
    _DUTY_SAID,
    _SHORT_SAID,
    _REVIEW,
) = map(
    cells.rows,
    (
        "unit",
        "unit_said",
        "unit_titled",
        "of_the_review",
        "level_said",
        "pair",
        "sector_said",
        "title_aside",
        "note_aside",
        "duty_said",
        "short_said",
        "review_titled",
    ),
)
_TITLE, _NOTES = 30, 10  # signs of a title at most; last rows that notes may stand in
_SAID_AGAIN = ("unit", "sector", "title_level", "route")  # what a ditto mark may repeat
_DITTO = frozenset(("同上", "同前", "〃", "″", '"', "“", "”"))


@dataclass
class Table:
    """One table: its columns and the rows below its header, the first of them `first` (counted from 1 as a spreadsheet does)."""

    sheet: Sheet
    header: tuple[int, int]  # its first and last row, counted from 0
    columns: tuple[Found, ...]
    body: list[Row]
    first: int
    turned: bool = False
    beside: int = 0  # how many tables stand to the left of it
    shared: frozenset[int] = frozenset()  # columns that those beside it have too
    year: int = 0  # of hours that name none, 0 where nothing does
    unit: str = ""  # of people who name none
    everybody: dict[str, str] = field(default_factory=dict)  # what lines above the table say of all: a fact → the words
    warnings: list[str] = field(default_factory=list)

    @cached_property
    def known(self) -> dict[Meaning, Found]:
        """The columns that were recognised."""
        return {found.meaning: found for found in self.columns if found.meaning is not None}

    @property
    def of_names(self) -> bool:
        """Whether it says no more than who: a list below another, whose people stand there too."""
        return self.header[0] > 0 and all(meaning.key in WHO for meaning in self.known)

    @property
    def adds_up(self) -> bool:
        """Whether a person's rows are courses, of which the hours add up."""
        return self.place("record_course") >= 0 or self.place("record_date") >= 0

    @property
    def told_apart(self) -> bool:
        """Whether a course of a row is told by more than its name: then equal rows are one."""
        headers = [found.header for found in self.columns]
        return self.place("record_date") >= 0 or any(re.search("编号|证书|号码", header) for header in headers)

    @property
    def by_row(self) -> bool:
        """Whether a row says of which category the hours in its columns of years are."""
        return any(found.adds for found in self.known.values())

    @cached_property
    def long(self) -> bool:
        """Whether a row is a course or a year of a person."""
        return any(meaning.key in RECORD for meaning in self.known)

    def place(self, key: str) -> int:
        """The index of the column that fills a fact, -1 where there is none."""
        return self._places.get(key, -1)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {found.meaning.key: found.index for found in reversed(self.columns) if found.meaning}

    def held(self, index: int) -> Counter[Any]:
        """What stands in a column, each as often as it does."""
        return Counter(map(itemgetter(index), self.body))

    def settle(self, columns: Iterable[Found]) -> None:
        """Other meanings of the same columns; what was derived from those before is forgotten."""
        self.columns = tuple(columns)
        for derived in ("known", "long", "_places"):
            self.__dict__.pop(derived, None)

    def cell(self, number: int, index: int) -> str:
        """A cell's name as a spreadsheet gives it."""
        if (origin := self.sheet.origin.get((number - 1, max(index, 0)))) is not None:
            number, index = origin[0] + 1, origin[1]
        if index < 0:
            return letters(number - 1) if self.turned else f"第{number}行"
        return f"{letters(number - 1)}{index + 1}" if self.turned else f"{letters(index)}{number}"


def fill(table: Table, over: Sequence[Sequence[str]], terms: HeaderTerms) -> None:
    """Put into a table what its sheet's name and the lines `over` it say of all, and what its cells say of each other."""
    name, captions = table.sheet.name, [text for line in over for text in dict.fromkeys(line)]
    table.everybody = _said_above(name, over, terms)
    said = table.everybody.pop("unit", "")
    notes = [row for row in table.body[-_NOTES:] if len(row) - row.count("") == 1]
    _put_aside(table, [name, *captions, *("".join(map(text_of, row)) for row in notes)])
    table.year, table.unit = _year(name, captions, terms), _unit(name, captions, terms) or said
    _settle(table, terms)
    if table.body:
        _part_cards(table, terms)
        _gather_ticks(table, terms)
    _spread(table)


def _put_aside(table: Table, texts: Iterable[str]) -> None:
    """Takes no hours of a table of which a text about it says that they are not those learnt, but where it was said what they are."""
    for text in map(cells.clean, texts):
        if (_TITLE_ASIDE if len(text) < _TITLE else _NOTE_ASIDE).search(text) or _NOTE_ASIDE.search(text):
            taken = {
                found.index for meaning, found in table.known.items() if meaning.key in _HOURS and found.weight < _SAID
            }
            table.warnings += [words()["recognised"]["put_aside"].format(text=cells.shown(text))] if taken else []
            table.settle(
                replace(found, meaning=None, twin=None) if found.index in taken else found for found in table.columns
            )


def _said_above(sheet: str, lines: Iterable[Sequence[str]], terms: HeaderTerms) -> dict[str, str]:
    """What the lines over a table say of everybody: 单位性质：事业单位, in one cell or in two."""
    found = {"sector": sheet} if _SECTOR.search(sheet.strip()) else dict[str, str]()
    titles = [sheet, *(text for texts in lines for text in texts)]
    if any(map(_DUTY_SAID.search, titles)):
        found["duty"] = "年度"
    if any(map(_SHORT_SAID.search, titles)):
        found["short"] = "不足"
    years = {year for text in titles for year in _REVIEW.findall(text)} - {str(terms.review_year)}
    if len(years) == 1:
        found["review_year"] = years.pop()
    for texts in lines:
        for text, following in zip(texts, [*texts, ""][1:], strict=True):
            if level := _LEVEL_SAID.search(text):
                found.setdefault("title_level", level[1])
            for name, value in _PAIR.findall(text):
                meanings = [
                    meaning
                    for weight, meaning in weigh(name, terms)
                    if weight == 3 and (meaning.key in FACTS or meaning.key == "unit")
                ]
                if meanings and (value or following):
                    found.setdefault(meanings[0].key, value or following)
    return found


def _spread(table: Table) -> None:
    """What is merged over several people holds for each; hours merged over two columns belong to neither alone."""
    rows, begin, end = table.sheet.rows, table.first - 1, table.first - 1 + len(table.body)
    hours = {found.index for meaning, found in table.known.items() if meaning.key == "hours"}
    known = {found.index for found in table.known.values()} - hours
    for at in (found.index for meaning, found in table.known.items() if meaning.key in _SAID_AGAIN):
        for above, row in pairwise(table.body):
            row[at] = above[at] if row[at] in _DITTO else row[at]
    for top, left, bottom, right in table.sheet.merged:
        if top < begin or top >= end:
            continue
        value = rows[top][left] if left < len(rows[top]) else ""
        if left == right and left in known:
            for row in rows[top + 1 : min(bottom + 1, end)]:
                if any(cell != "" for cell in row):
                    row[left] = value
        elif len(hours & {*range(left, right + 1)}) > 1 and value != "":
            rows[top][left] = f"{text_of(value)}（几列合并）"


def value_of(header: str, text: str, terms: HeaderTerms) -> str:
    """The fact of a closed list of which a text below or behind a header is a value; "" where it is none."""
    keys = (meaning.key for weight, meaning in weigh(header, terms) if weight > 2 and meaning.key in _PARTED)
    return next((key for key in keys if cells.choice(key, text).value), "")


def _year(name: str, captions: Sequence[str], terms: HeaderTerms) -> int:
    """The one year that a sheet's name or the lines over a table give to hours that name none."""
    for text in (name, *reversed(captions)):
        years = years_in(text, terms)
        learning = re.search("学时|学习|培训|继续教育", text) and not re.search("申报|评审", text)
        if SPAN.search(text) or "合计" in text:
            continue
        if len(years) == 1 and (learning or not _OF_THE_REVIEW.search(text)):
            return min(years)
    return 0


def _unit(name: str, captions: Sequence[str], terms: HeaderTerms) -> str:
    for text in reversed(captions):
        if found := _UNIT_SAID.search(text) or _UNIT_TITLED.search(text):
            return found[1]
    return re.sub(r"[（(].*", "", name) if _UNIT.search(name.strip()) and not years_in(name, terms) else ""


def _settle(table: Table, terms: HeaderTerms) -> None:
    """Gives hours that name no year theirs, and takes back meanings that only a table of courses or years has."""
    keys = {meaning.key for meaning in table.known}
    bare = any(meaning.key == "hours" and not meaning.year for meaning in table.known) or "record_hours" in keys
    dated = bool({"record_year", "record_date"} & keys)
    if not bare and not any(meaning.category in terms.categories for meaning in table.known):
        _tell_categories(table, terms)
    long = table.by_row or (bare and (dated or (table.year > 0 and "record_category" in keys)))
    columns = []
    for found in table.columns:
        meaning = found.meaning
        if meaning is not None and not long:
            if meaning.key == "record_hours" and table.year:
                meaning = hours_meaning(table.year, "total", terms)
            elif meaning.key in RECORD:
                if meaning.key == "record_hours":
                    table.warnings.append(f"“{found.header}”没有写是哪一年的学时，没有使用")
                meaning = None
            elif meaning.key == "hours" and not meaning.year:
                if not table.year:
                    table.warnings.append(f"“{found.header}”没有写是哪一年的学时，没有使用")
                meaning = hours_meaning(table.year, meaning.category, terms) if table.year else None
        columns.append(replace(found, meaning=meaning))
    table.settle(columns)


def _tell_categories(table: Table, terms: HeaderTerms) -> None:
    """Columns of years alone, or of years' hours in all, are of the category that each row names, or the sheet."""
    told, name = table.place("record_category"), plain(table.sheet.name)
    of_sheet = [] if re.search(document()["hours"]["not_of_training"], name) else terms.in_text(name)
    by_row = told >= 0 and all(terms.in_text(text_of(row[told])) for row in table.body[:50] if row[told] != "")
    columns = []
    for found in table.columns:
        years = years_in(found.header, terms)
        total = found.meaning is not None and (found.meaning.key, found.meaning.category) == ("hours", "total")
        if len(years) == 1 and (total or YEAR.fullmatch(found.header)):
            by_cell = any(terms.in_text(cells.clean(row[found.index])) for row in table.body[:50])  # 公需30，专业60
            category = "total" if by_row or by_cell else of_sheet[0] if len(of_sheet) == 1 else ""
            meaning = hours_meaning(min(years), category, terms) if category else found.meaning
            found = replace(found, meaning=meaning, adds=by_row)
        columns.append(found)
    table.settle(columns)


def _part_cards(table: Table, terms: HeaderTerms) -> None:
    """A column with names and identity numbers in the same cells is parted in two."""
    place = table.place("name")
    if place < 0 or not any(_WITH_CARD.fullmatch(text_of(row[place])) for row in table.body[:50]):
        return
    parted = [_WITH_CARD.fullmatch(text_of(row[place])) for row in table.body]
    for row, found in zip(table.body, parted, strict=True):
        row[place] = found[1] if found else row[place]
    _add(table, "card", [found[2] if found else "" for found in parted], terms)


def _gather_ticks(table: Table, terms: HeaderTerms) -> None:
    """Columns that are the values of one fact, each with a mark where it is that, are one column: 单位性质 over 事业, 国企, 非公."""
    for key in _PARTED:
        values = {
            found.index: found.header[at:]
            for found in table.columns
            for at in range(2, len(found.header))
            if value_of(found.header[:at], found.header[at:], terms) == key
        }
        marks = {text_of(raw) for at in values for raw in table.held(at)}
        if len(values) > 1 and all(
            cells.choice("yes_no", mark) in (Read(True), Read(False), Read(None)) for mark in marks
        ):
            table.settle(replace(found, meaning=None) if found.index in values else found for found in table.columns)
            told = [[values[at] for at in values if cells.choice("yes_no", row[at]).value] for row in table.body]
            _add(table, key, ["、".join(each) for each in told], terms)


def _add(table: Table, key: str, values: list[str], terms: HeaderTerms) -> None:
    """One more column, of what others hold together."""
    end, meaning = len(table.body[0]), named(key, terms)
    for row in table.sheet.rows:
        row.append("")
    for row, value in zip(table.body, values, strict=True):
        row[end] = value
    if meaning is not None and meaning not in table.known:
        table.settle([*table.columns, Found(end, meaning.name, meaning)])
