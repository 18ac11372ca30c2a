"""Where the tables of a sheet stand: several below or beside each other, or on their side; where each one's header and people are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from itertools import pairwise, product

from bot.roster import cells
from bot.roster.columns import (
    RECORD,
    SPAN,
    WHO,
    Found,
    HeaderTerms,
    assign,
    document,
    plain,
    weigh,
    who_words,
    years_in,
)
from bot.roster.grid import YEAR, Merged, Row, Sheet, is_datum, letters, letters_index, text_of
from bot.roster.table import Table, fill, value_of

_DEEPEST = 3  # rows a header may be made of
_FIELDS = 400  # rows of a sheet that may stand on its side
_CALLED, _BEGINNING, _LONG = re.compile(r"(第[一二三四五]年)[为是指：:=(（]*((?:19|20)\d\d)"), 10, 15
_CAPTION, _YEAR_LINE = map(cells.rows, ("caption", "year_line"))
_NO_HEADER = (-1, -1)

_Cells = dict[str, tuple[int, int]]  # the row and column of the value beside each label


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
        values = {at for at in wide if value_of(above[at], row[at], self._terms)}
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
            told = not words.isdisjoint(self.rows[number]) and self._may_be_heading(number)
            if told and (window := self._window(number, begin, least=1)) is not None:
                return window
        return None

    def _beside(self, header: tuple[int, int], end: int, above: int) -> Iterator[Table]:
        first, last = header
        labels = self._labels(first, last)
        over = [[text for text in self._heading(number) if text] for number in range(max(above, first - 6), first)]
        blocks = _blocks(labels, self.rows[last + 1 : end], self._terms)
        shared = frozenset.intersection(*blocks)
        for (lines, begin, until), (beside, block) in product(self._by_year(last + 1, end), enumerate(blocks)):
            within = [label if index in block else "" for index, label in enumerate(labels)]
            columns, warnings = assign(within, self._terms, self._by_label(labels))
            kept = tuple(found for found in columns if found.index in block)
            body = self.rows[begin:until]
            table = Table(self._sheet, header, kept, body, begin + 1, beside=beside, shared=shared, warnings=warnings)
            fill(table, [*over, lines], self._terms)
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


def _reaching(row: list[str], column: int, below: str, bounded: set[int], terms: HeaderTerms) -> str:
    """The year, over a year the category, or what takes hours away as 计划, that stands to the left over an empty cell, as in a file that
    cannot merge cells.

    A merged cell, of which the columns are `bounded`, says itself how far it reaches; a year below needs none above.
    """
    for left in range(column - 1, max(column - 4, -1), -1):
        if row[left]:
            if left in bounded:
                return ""
            dated = not years_in(below, terms) and years_in(row[left], terms)
            named = terms.in_text(plain(row[left])) or re.search(document()["hours"]["never"], row[left])
            return row[left] if named or dated else ""
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
