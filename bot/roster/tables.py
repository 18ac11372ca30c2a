"""The tables of a sheet: several below or beside each other, or on their side; where each one's header and people stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise, product

from bot.roster import cells
from bot.roster.cells import Read
from bot.roster.columns import (
    RECORD,
    SPAN,
    WHO,
    Found,
    HeaderTerms,
    Meaning,
    assign,
    document,
    hours_meaning,
    named,
    plain,
    weigh,
    who_words,
    years_in,
)
from bot.roster.grid import YEAR, Merged, Row, Sheet, is_datum, letters, letters_index, text_of
from rules.registry import FACTS

_PARTED = ("sector", "title_level", "sex")  # facts that may stand in a column a value
_DEEPEST = 3  # rows a header may be made of
_FIELDS = 400  # rows of a sheet that may stand on its side
_WITH_CARD = re.compile(r"(.*?[^\W\d_])[\W_]*(\d{17}[\dXx]|\d{15})\W*", re.S)
_CALLED, _BEGINNING, _LONG = re.compile(r"(第[一二三四五]年)[为是指：:=(（]*((?:19|20)\d\d)"), 10, 15
_UNIT, _UNIT_SAID, _CAPTION, _UNIT_TITLED, _OF_THE_REVIEW, _LEVEL_SAID, _PAIR, _SECTOR, _YEAR_LINE = map(
    cells.rows,
    ("unit", "unit_said", "caption", "unit_titled", "of_the_review", "level_said", "pair", "sector_said", "year_line"),
)
_NO_HEADER = (-1, -1)
_SAID_AGAIN = ("unit", "sector", "title_level", "route")  # what a ditto mark may repeat
_DITTO = frozenset(("同上", "同前", "〃", "″", '"', "“", "”"))


_Cells = dict[str, tuple[int, int]]  # the row and column of the value beside each label


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


def tables_of(sheet: Sheet, terms: HeaderTerms, corrections: dict[str, str]) -> list[Table]:
    """Every table of a sheet, from the top and then from the left; none where nothing looks like a header."""
    sheet = _forms(sheet, terms) or sheet
    upright = _Grid(sheet, terms, corrections)
    first = upright.header(0, len(sheet.rows))
    if len(sheet.rows) <= _FIELDS:
        turned = _Grid(_turned(sheet), terms, corrections)
        other = turned.header(0, len(turned.rows))
        if other is not None and (first is None or turned.known(*other) > upright.known(*first)):
            return [replace(table, turned=True) for table in turned.tables(other)]
    if first is None and any(re.fullmatch("[a-z]{1,3}", key) for key in corrections):
        first = _NO_HEADER
    return [*upright.tables(first)] if first is not None else []


def _forms(sheet: Sheet, terms: HeaderTerms) -> Sheet | None:
    """A sheet of forms, where each label has its value beside it, as a table with a row a person, or a row for each row of the small
    table of years or courses within a form; None where it is no such sheet."""
    if len(sheet.rows) > _FIELDS:
        return None
    forms: list[list[_Cells]] = []  # what stands beside labels, and the rows of the small table
    several, heads = 0, {}
    for number, row in enumerate(sheet.rows):
        filled = [(at, text_of(cell)) for at, cell in enumerate(row) if cell != ""]
        meant = [{m.key for w, m in weigh(text, terms) if w >= 2 and not is_datum(row[at])} for at, text in filled]
        labels = [place for place, keys in enumerate(meant) if keys]
        data = any(is_datum(row[at]) for at, _ in filled)
        if not data and any(after - before < 2 for before, after in pairwise(labels)):
            if not forms or any("name" in keys for keys in meant):
                return None  # the header of a table of people
            heads = dict(filled)
        elif not labels:
            if heads and forms and data:
                forms[-1].append({heads[at]: (number, at) for at, _ in filled if at in heads})
        elif not heads or not data or len(labels) > 1:
            several, heads = several + (len(labels) > 1), {}
            for place in labels:
                if "name" in meant[place] and (not forms or filled[place][1] in forms[-1][0]):
                    forms.append([{}])
                if forms and place + 1 < len(filled) and not meant[place + 1]:
                    forms[-1][0][filled[place][1]] = number, filled[place + 1][0]
    if several < 2 or not forms or not all(len(each[0]) > 3 for each in forms):
        return None
    cards = [card | one for card, *rows in forms for one in rows or [{}]]
    names = list(dict.fromkeys(name for card in cards for name in card))
    origin = {(at, names.index(name)): place for at, card in enumerate(cards, 1) for name, place in card.items()}
    rows = [[sheet.rows[card[name][0]][card[name][1]] if name in card else "" for name in names] for card in cards]
    return replace(sheet, rows=[[*names], *rows], merged=[], unsaid={}, origin=origin)


def _turned(sheet: Sheet) -> Sheet:
    rows = [list(column) for column in zip(*sheet.rows, strict=True)]
    unsaid = {(column, row): why for (row, column), why in sheet.unsaid.items()}
    merged = [(left, top, right, bottom) for top, left, bottom, right in sheet.merged]
    return replace(sheet, rows=rows, merged=merged, unsaid=unsaid, hidden_rows=frozenset())


class _Grid:
    """A sheet's cells, with what is merged filled in where headings are looked for."""

    def __init__(self, sheet: Sheet, terms: HeaderTerms, corrections: dict[str, str]) -> None:
        self._sheet, self.rows, self._terms, self._corrections = sheet, sheet.rows, terms, corrections
        self._covered: dict[int, list[Merged]] = {}
        for area in sheet.merged:
            for row in range(area[0], min(area[2], area[0] + _FIELDS) + 1):
                self._covered.setdefault(row, []).append(area)

    # ------------------------------------------------------------ headings

    @cached_property
    def _called(self) -> dict[str, str]:
        """Years by what a line near the beginning calls them: 第一年为2025年."""
        beginning = "".join(text_of(cell) for row in self.rows[:_BEGINNING] for cell in row if isinstance(cell, str))
        return dict(_CALLED.findall(beginning))

    def _heading(self, number: int) -> list[str]:
        texts = [text_of(cell) for cell in self.rows[number]]
        for top, left, _, right in self._covered.get(number, ()):
            if left < len(texts):
                texts[left : right + 1] = [text_of(self.rows[top][left])] * (min(right + 1, len(texts)) - left)
        for called, year in self._called.items():
            texts = [text.replace(called, f"{year}年") if len(text) < _LONG else text for text in texts]
        return texts

    def _labels(self, first: int, last: int) -> list[str]:
        """One label a column out of one to three header rows, its letter where there is none; a year without merged cells reaches to the
        right."""
        rows = [self._heading(number) for number in range(first, last + 1)]
        if not rows:
            return [letters(at) for at in range(len(self.rows[0]))]
        bounded = [
            {column for _, left, _, right in self._covered.get(number, ()) for column in range(left, right + 1)}
            for number in range(first, last + 1)
        ]
        labels: list[str] = []
        for column in range(len(rows[0])):
            parts: list[str] = []
            if "其中" in rows[-1][column] and labels and not years_in(rows[-1][column], self._terms):
                parts += [f"{year}年" for year in years_in(labels[-1], self._terms)][:1]
            for at, row in enumerate(rows):
                text = row[column]
                if not text and at < len(rows) - 1 and rows[-1][column]:
                    text = _reaching(row, column, rows[-1][column], bounded[at], self._terms)
                if text and text not in parts:
                    parts.append(text)
            if years_in("".join(parts[1:]), self._terms):  # 近三年 above says of which years the parts below are
                parts[0] = SPAN.sub("", parts[0])
            labels.append("".join(parts))
        return labels

    def _assigned(self, first: int, last: int) -> list[Found]:
        labels = self._labels(first, last)
        return assign(labels, self._terms, self._by_label(labels))[0]

    def _by_label(self, labels: list[str]) -> dict[str, str]:
        """The corrections by header; a letter stands for the header of its column."""
        found = dict(self._corrections)
        for key, name in self._corrections.items():
            if re.fullmatch("[a-z]{1,3}", key) and key not in map(plain, labels) and letters_index(key) < len(labels):
                found[plain(labels[letters_index(key)])] = name
        return found

    def known(self, first: int, last: int) -> int:
        """How many columns a header names."""
        return sum(found.meaning is not None for found in self._assigned(first, last))

    def header(self, begin: int, end: int) -> tuple[int, int] | None:
        """The first and last row of the first header from `begin` on, before `end`."""
        for number in range(begin, min(end, len(self.rows))):
            if not self._may_be_heading(number):
                continue
            if (window := self._window(number, begin)) is not None:
                return window
        return None

    def _may_be_heading(self, number: int) -> bool:
        row = self.rows[number]
        if any(is_datum(cell) for cell in row):
            return False
        texts = {text for text in self._heading(number) if text}
        if len(texts) < 2:
            return False
        sure = [found[0] for text in texts if (found := weigh(text, self._terms)) and found[0][0] >= 2]
        told = {plain(text) for text in texts} & self._corrections.keys()
        who = any(meaning.key in WHO and weight == 3 for weight, meaning in sure)
        return len(sure) + len(told) >= 2 or who

    def _window(self, base: int, begin: int, least: int = 2) -> tuple[int, int] | None:
        """The rows about `base` that make the header which names most."""
        best: tuple[tuple[int, int], int, int, list[str]] | None = None
        for first in range(base, max(begin - 1, base - _DEEPEST), -1):
            if first < base and not self._may_stand_above(first):
                break
            for last in range(base, min(first + _DEEPEST, len(self.rows))):
                if last > base and not self._continues(base, last):
                    break
                columns, labels = self._assigned(first, last), self._labels(first, last)
                score = (sum(found.meaning is not None for found in columns), sum(found.weight for found in columns))
                deeper = best is not None and score == best[0] and first == best[1] and labels != best[3]
                if best is None or score > best[0] or deeper:
                    best = (score, first, last, labels)
        if best is None or best[0][0] + sum(YEAR.fullmatch(label) is not None for label in best[3]) < least:
            return None
        last = best[2]
        while last - best[1] + 1 < _DEEPEST and self._parts(best[1], last):
            last += 1
        return best[1], last

    def _parts(self, first: int, last: int) -> bool:
        """Whether the row below a header parts its hours once more, as 应学 and 实学: it says nothing of people, and holds no data."""
        if last + 1 >= len(self.rows) or self._plainly_data(last + 1):
            return False
        hours = {found.index for found in self._assigned(first, last) if found.meaning and found.meaning.key == "hours"}
        about = {found.index for found in self._assigned(first, last) if found.meaning} - hours
        above, row = self._heading(last), self._heading(last + 1)
        texts = {at: text for at, text in enumerate(row) if text and text != above[at]}
        short = all(len(text) < 9 for text in texts.values())
        return len(set(texts.values())) > 1 and short and not about & texts.keys() and bool(hours & texts.keys())

    def _may_stand_above(self, number: int) -> bool:
        """Whether a row can be the upper part of a heading: it says several things, and none is a caption, which tells of all."""
        texts = {text for text in self._heading(number) if text}
        return len(texts) > 1 and not self._plainly_data(number) and not any(map(_CAPTION.search, texts))

    def _plainly_data(self, number: int) -> bool:
        return any(is_datum(cell) for cell in self.rows[number])

    def _continues(self, base: int, number: int) -> bool:
        """Whether a row goes on with the heading above it: it names nobody, and holds nothing that people are told by."""
        above, row = self._heading(base), self._heading(number)
        wide = {
            at for top, left, _, right in self._covered.get(base, ()) if right > left for at in range(left, right + 1)
        }
        values = {at for at in wide if _value_of(above[at], row[at], self._terms)}
        told = {at for at, text in enumerate(row) if text and text != above[at]}
        parts = told <= wide and not any(
            re.search(r"\d", row[at]) for at in told
        )  # words under wide headings alone: 已完成, 未完成
        if not any(row) or (
            not parts and any(is_datum(cell) and at not in values for at, cell in enumerate(self.rows[number]))
        ):
            return False
        for column, text in enumerate(row):
            if not text or text == above[column] or not (found := weigh(above[column], self._terms)):
                continue
            weight, key = found[0][0], found[0][1].key
            parted = key in ("hours", "told_years", *RECORD) or (column in wide and key not in WHO)
            if weight >= 2 and not parted:
                return False
        return True

    # ------------------------------------------------------------ tables

    def tables(self, first: tuple[int, int]) -> Iterator[Table]:
        """Every table from a header on."""
        above, header = 0, first
        while following := self._next(header[1] + 1):
            yield from self._beside(header, following[0], above)
            above, header = header[1] + 1, following
        yield from self._beside(header, len(self.rows), above)

    def _next(self, begin: int) -> tuple[int, int] | None:
        """The next header: only a row that says 姓名 or 工号 the usual way is looked at."""
        words = who_words() | {
            text
            for text in (self._heading(begin - 1) if begin else ())
            if (found := weigh(text, self._terms)) and found[0][1].key in WHO
        }
        for number in range(begin, len(self.rows)):
            row = self.rows[number]
            told = any(type(cell) is str and cell in words for cell in row) and self._may_be_heading(number)
            if told and (window := self._window(number, begin, least=1)) is not None:
                return window
        return None

    def _beside(self, header: tuple[int, int], end: int, above: int) -> Iterator[Table]:
        first, last = header
        labels = self._labels(first, last)
        captions = [
            text
            for number in range(max(above, first - 6), first)
            for text in dict.fromkeys(self._heading(number))
            if text
        ]
        blocks = _blocks(labels, self.rows[last + 1 : end], self._terms)
        shared = frozenset.intersection(*blocks)
        for (lines, begin, until), (beside, block) in product(self._by_year(last + 1, end), enumerate(blocks)):
            within = [label if index in block else "" for index, label in enumerate(labels)]
            columns, warnings = assign(within, self._terms, self._by_label(labels))
            kept = tuple(found for found in columns if found.index in block)
            body = self.rows[begin:until]
            table = Table(self._sheet, header, kept, body, begin + 1, beside=beside, shared=shared, warnings=warnings)
            table.year = _year(self._sheet.name, [*captions, *lines], self._terms)
            table.everybody = self._said_above(range(max(above, first - 6), first))
            said = table.everybody.pop("unit", "")
            table.unit = _unit(self._sheet.name, captions, self._terms) or said
            _settle(table, self._terms)
            if table.body:
                _part_cards(table, self._terms)
                _gather_ticks(table, self._terms)
            self._spread(table, begin, until)
            yield table

    def _by_year(self, begin: int, end: int) -> Iterator[tuple[list[str], int, int]]:
        """The rows below a header, parted where a line between people names a year and nothing else, with that line."""
        lines: list[str] = []
        for number in range(begin, end):
            row = self.rows[number]
            if len(row) - row.count("") == 1 and _YEAR_LINE.search(
                text := text_of(next(cell for cell in row if cell != ""))
            ):
                if number > begin:
                    yield lines, begin, number
                lines, begin = [text], number + 1
        if begin < end or not lines:
            yield lines, begin, end

    def _said_above(self, rows: range) -> dict[str, str]:
        """What the lines over a table say of everybody: 单位性质：事业单位, in one cell or in two."""
        found = {"sector": self._sheet.name} if _SECTOR.search(self._sheet.name.strip()) else dict[str, str]()
        for number in rows:
            texts = [text for text in self._heading(number) if text]
            for text, following in zip(texts, [*texts, ""][1:], strict=True):
                if level := _LEVEL_SAID.search(text):
                    found.setdefault("title_level", level[1])
                for name, value in _PAIR.findall(text):
                    meanings = [
                        meaning
                        for weight, meaning in weigh(name, self._terms)
                        if weight == 3 and (meaning.key in FACTS or meaning.key == "unit")
                    ]
                    if meanings and (value or following):
                        found.setdefault(meanings[0].key, value or following)
        return found

    def _spread(self, table: Table, begin: int, end: int) -> None:
        """What is merged over several people holds for each; hours merged over two columns belong to neither alone."""
        hours = {found.index for meaning, found in table.known.items() if meaning.key == "hours"}
        known = {found.index for found in table.known.values()} - hours
        for at in (found.index for meaning, found in table.known.items() if meaning.key in _SAID_AGAIN):
            for above, row in pairwise(table.body):
                row[at] = above[at] if row[at] in _DITTO else row[at]
        for top, left, bottom, right in self._sheet.merged:
            if top < begin or top >= end:
                continue
            value = self.rows[top][left] if left < len(self.rows[top]) else ""
            if left == right and left in known:
                for row in self.rows[top + 1 : min(bottom + 1, end)]:
                    if any(cell != "" for cell in row):
                        row[left] = value
            elif len(hours & {*range(left, right + 1)}) > 1 and value != "":
                self.rows[top][left] = f"{text_of(value)}（几列合并）"


def _value_of(header: str, text: str, terms: HeaderTerms) -> str:
    """The fact of a closed list of which a text below or behind a header is a value; "" where it is none."""
    keys = (meaning.key for weight, meaning in weigh(header, terms) if weight > 2 and meaning.key in _PARTED)
    return next((key for key in keys if cells.choice(key, text).value), "")


def _reaching(row: list[str], column: int, below: str, bounded: set[int], terms: HeaderTerms) -> str:
    """The year, or over a year the category, that stands to the left over an empty cell, as in a file that cannot merge cells.

    A merged cell, of which the columns are `bounded`, says itself how far it reaches; a year below needs none above.
    """
    for left in range(column - 1, max(column - 4, -1), -1):
        if row[left]:
            if left in bounded:
                return ""
            named = terms.in_text(plain(row[left])) or (not years_in(below, terms) and years_in(row[left], terms))
            return row[left] if named else ""
    return ""


def _blocks(labels: list[str], body: list[Row], terms: HeaderTerms) -> list[frozenset[int]]:
    """The columns of each table that stands beside others under one header row; what is left of all of them is shared."""
    weighed = [found[0] if (found := weigh(label, terms)) else None for label in labels]
    sure = [at for at, found in enumerate(weighed) if found and found[1].key == "name" and found[0] == 3]
    everything = [frozenset(range(len(labels)))]
    places = [index for index in sure if plain(labels[index]) == plain(labels[sure[0]])]
    if len(places) < 2:
        return _records_beside([found[1].key if found else "" for found in weighed]) or everything
    names = [[text_of(row[index]) for index in places] for row in body]
    if all(len({name for name in row if name}) <= 1 for row in names) and any(row[1] for row in names):
        return everything  # the name once more, so that a wide sheet can be read
    back = 0
    while places[0] - back - 1 >= 0 and all(
        place - back - 1 > before
        and labels[place - back - 1]
        and plain(labels[place - back - 1]) == plain(labels[places[0] - back - 1])
        for before, place in pairwise(places)
    ):
        back += 1
    starts = [place - back for place in places]
    shared = {*range(starts[0])}
    blocks = [frozenset(shared | {*range(*ends)}) for ends in pairwise([*starts, len(labels)])]
    if any(sum(weighed[index] is not None for index in block - shared) < 2 for block in blocks[1:]):
        return everything
    return blocks


def _records_beside(keys: list[str]) -> list[frozenset[int]]:
    """The columns of each of several courses or years that stand beside each other in a person's row: 年度1, 类别1, 学时1, 年度2 …"""
    told = [at for at, key in enumerate(keys) if key in RECORD]
    starts = [at for at in told if keys[at] == keys[told[0]]]
    wide = starts[1] - starts[0] if len(starts) > 1 else 0
    blocks = [{*range(start, start + wide)} for start in starts]
    each = [[key for at in sorted(block & {*told}) for key in (keys[at],)] for block in blocks]
    dated = {"record_year", "record_date", "record_category"} & {*each[0]} if each else set()
    if not wide or any(one != each[0] for one in each) or "record_hours" not in each[0] or not dated:
        return []
    shared = {*range(len(keys))}.difference(*blocks)
    return [frozenset(shared | block) for block in blocks]


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
            if _value_of(found.header[:at], found.header[at:], terms) == key
        }
        marks = {text_of(row[at]) for row in table.body for at in values}
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
