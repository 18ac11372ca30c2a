"""From a row of cells to one person's facts, as the contract writes them, with every cell that was open or unreadable."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple

from bot.roster import cells
from bot.roster.cells import Habits, Read
from bot.roster.columns import Found, Header, letters, plain
from bot.roster.reading import Sheet

_CACHE = 50_000  # distinct cells and kinds that are remembered
_FOOTER = re.compile(
    r"^(合计|总计|小计|.{0,12}[合总小]计[:：]?$|平均|共\d+人|总?人数|填表|制表|审核|负责人|备注|说明|注[:：]|单位.{0,4}盖章|.{0,6}(签字|盖章|日期)[:：])"
)
_EXAMPLE = "示例"
_PATH = re.compile(r" ?\b[a-z_]+(?:\.\w+)* ?", re.ASCII)  # how the interface names a field, in a sentence for people
_STEMS, _COUNTING = "甲乙丙丁戊己庚辛壬癸", "".join(map(str, range(1, 100)))  # the columns numbered below the header


class Fault(NamedTuple):
    """A cell that was not read: its place as a spreadsheet names it, the header, what it holds, why.

    `kind`: `refused` (the person cannot be assessed), `open` (counts as not known), `nobody` (the row is no person).
    """

    row: int
    cell: str
    header: str
    held: str
    why: str
    kind: str


Unread = list[tuple[int, Any, Read]]  # column, cell, why


@dataclass(slots=True)
class Kind:
    """People whose rows are alike but for the id, birth, the hours and what only names them: the facts they share, what was not
    read, and a place for what is worked out for all of them."""

    facts: dict[str, Any]
    unread: Unread
    alike: Any = None


@dataclass(slots=True)
class Person:
    """One row read: the facts, and what was not read."""

    facts: dict[str, Any]
    faults: list[Fault]
    kind: Kind


class Rows:
    """Reads the rows of one sheet. People of a kind (all cells alike but the id, birth and the hours) are read once."""

    def __init__(self, sheet: Sheet, header: Header, required: dict[str, int]) -> None:
        self._sheet, self._header = sheet, header
        self._labels = [plain(found.header) for found in header.columns]
        self._id = header.place("id")
        self._births: list[
            tuple[int, Callable[[Any], Read]]
        ] = []  # the column that counts, then others that tell it too
        self._singles: list[tuple[int, str, Callable[[Any], Read]]] = []
        self._hours: list[tuple[int, str, str, Callable[[Any], Read]]] = []
        for found in header.columns:
            if found.meaning is None or found.index == self._id:
                continue
            if found.meaning.key == "hours":
                reader = _Remembering(_hours(required[found.meaning.category]))
                self._hours.append((found.index, str(found.meaning.year), found.meaning.category, reader))
            elif found.meaning.key == "birth":
                self._births.append((found.index, self._reader(found)))
            elif found.meaning.kind != "text":
                self._singles.append((found.index, found.meaning.key, self._reader(found)))
        twins = [(found.index, found.twin) for found in header.columns if found.twin and found.meaning is None]
        self._hour_twins = [
            (index, found.index, _hours(required[twin.category]), str(twin.year), twin.category)
            for index, twin in twins if twin.key == "hours"
            for found in header.columns if found.meaning == twin
        ]  # fmt: skip
        self._births += [
            (index, _Remembering(_Dates(sheet, header, header.columns[index], "birth")))
            for index, twin in twins if twin.key == "birth"
        ]  # fmt: skip
        self._hours.sort(key=lambda line: line[1:3])
        self._years = sorted({line[1] for line in self._hours})
        self._cells_of_kind = _picker([line[0] for line in self._singles])
        self._kinds: dict[Any, Kind] = {}
        self._alone = sheet.height - header.last <= 2  # an example row that stands alone is assessed all the same
        self._name = header.place("name")

    def _reader(self, found: Found) -> Callable[[Any], Read]:
        assert found.meaning is not None
        kind = found.meaning.kind
        if kind in ("birth", "month", "day"):
            return _Remembering(_Dates(self._sheet, self._header, found, kind))
        if kind == "whole":
            return cells.whole
        if kind == "years":
            return cells.years
        return _Remembering(lambda raw: cells.choice(kind, raw))

    def person(self, row: list[Any], number: int) -> Person | Fault | None:
        """One row: a person, a row that is none (and why), or None for an empty one. `number` is the row in the sheet."""
        cells_of_kind = self._cells_of_kind(row)
        kind = self._kinds.get(cells_of_kind)
        if kind is None:
            kind = self._kind(row)
            if len(self._kinds) < _CACHE:
                self._kinds[cells_of_kind] = kind
        table, unread = self._table(row)
        if self._hour_twins and table:
            unread += self._differing(row, table)
        facts = kind.facts.copy()
        of_kind = kind.unread
        if self._births and (births := self._birth(row, facts)):
            of_kind = sorted((*of_kind, *births), key=itemgetter(0))
        if table:
            facts["history"] = table
        faults: list[Fault] = []
        if of_kind or unread:
            faults = [self._fault(number, index, raw, read) for index, raw, read in (*of_kind, *unread)]
        raw = row[self._id] if self._id >= 0 else ""
        if type(raw) is str and raw.isascii() and raw.isalnum():
            facts["id"] = raw
        elif raw != "":
            read = cells.ident(raw)
            if read.value is not None:
                facts["id"] = read.value
            if read.why:
                faults.append(self._fault(number, self._id, raw, read))
        if len(facts) <= 2 or facts.get("id") == _EXAMPLE or len(faults) > 1:
            filled = [(index, text) for index, raw in enumerate(row) if (text := cells.clean(raw))]
            if not filled or (self._name >= 0 and len(filled) == 1 and filled[0][1].isdigit()):
                return None  # empty, or only a running number as in a form printed ahead
            nobody = self._nobody(filled, number, nameless=self._nameless(row, facts), few=len(facts) <= 4)
            if nobody is not None:
                return nobody
        return Person(facts, faults, kind)

    def _nameless(self, row: list[Any], facts: dict[str, Any]) -> bool:
        """Whether a row tells hours of nobody, where others are named: the sums under a table."""
        named = [index for index in (self._id, self._name) if index >= 0]
        return facts.keys() == {"history"} and bool(named) and not any(cells.clean(row[index]) for index in named)

    def _kind(self, row: list[Any]) -> Kind:
        """What the row says of the person, the id and the hours left out."""
        facts: dict[str, Any] = {}
        open_cells = []
        for index, key, reader in self._singles:
            raw = row[index]
            if raw == "":
                continue
            read = reader(raw)
            if read.why:
                open_cells.append((index, raw, read))
            if read.value is not None:
                facts[key] = read.value
        if facts.get("title_level") == "senior":
            facts["title_level"] = "deputy_senior"  # 高级 alone: the notice asks the same of 副高 and 正高
        return Kind(facts, open_cells)

    def _birth(self, row: list[Any], facts: dict[str, Any]) -> Unread:
        """Put the birth into the facts, where the columns that tell it do not differ."""
        (index, reader), *others = self._births
        open_cells: Unread = []
        if row[index] != "":
            read = reader(row[index])
            if read.why:
                open_cells.append((index, row[index], read))
            if read.value is not None:
                facts["birth"] = read.value
        for index, reader in others:
            other, birth = reader(row[index]).value if row[index] != "" else None, facts.get("birth")
            shorter = min(len(other or ""), len(birth or ""))  # one may tell the month alone
            if other and birth and other[:shorter] != birth[:shorter]:
                del facts["birth"]
                open_cells.append((index, row[index], Read(None, cells.words()["asks"]["births_differ"])))
        return open_cells

    def _table(self, row: list[Any]) -> tuple[dict[str, dict[str, Any]], Unread]:
        """The hours by year and category; an empty table where none is told."""
        table: dict[str, dict[str, Any]] = {year: {} for year in self._years}
        open_cells: list[tuple[int, Any, Read]] = []
        told = False
        for index, year, category, reader in self._hours:
            raw = row[index]
            if raw == "":
                table[year][category] = None
            elif type(raw) is float:
                told = True
                table[year][category] = int(raw) if raw.is_integer() else round(raw, 6)
            else:
                read = reader(raw)
                if read.why:
                    open_cells.append((index, raw, read))
                told = told or read is not cells.NOTHING
                table[year][category] = read.value
        return table if told else {}, open_cells

    def _differing(self, row: list[Any], table: dict[str, dict[str, Any]]) -> Unread:
        """Two columns of one year and category that tell different hours tell nothing."""
        found = []
        for index, first, reader, year, category in self._hour_twins:
            if row[index] != "" and row[first] != "" and reader(row[index]).value != reader(row[first]).value:
                table[year][category] = None
                found.append((index, row[index], Read(None, cells.words()["asks"]["hours_differ"])))
        return found

    def _fault(self, number: int, index: int, raw: Any, read: Read) -> Fault:
        cell = f"{letters(self._sheet.left + index)}{number}"
        kind = "refused" if read.refused else "open"
        return Fault(number, cell, self._header.columns[index].header, cells.shown(raw), read.why, kind)

    def refused(self, number: int, row: list[Any], path: str, message: str) -> Fault:
        """What to say of a row whose cells were all read, but hold what cannot be: the cell of the fact at `path`."""
        why = _PATH.sub("", message)
        root, _, rest = path.partition(".")
        year, _, category = rest.partition(".")
        if root == "history":
            place = next((at for at, *of, _ in self._hours if of[0] == year and category in ("", of[1])), -1)
        else:
            place = self._header.place(root)
        if place < 0:
            return Fault(number, f"{number}:{number}", "", cells.shown(row[0]), why, "refused")
        return self._fault(number, place, row[place], Read(None, why, True))

    def _nobody(self, filled: list[tuple[int, str]], number: int, *, nameless: bool, few: bool) -> Fault | None:
        """Why a row that tells almost nothing is no person: the example, a footer, the header again."""
        asks = cells.words()["asks"]
        index, first = filled[0]
        again = len(filled) > 2 and all(plain(text) == self._labels[at] for at, text in filled)
        elsewhere = len(filled) > 2 and sum(plain(text) in self._labels for _, text in filled) * 2 > len(filled)
        numbers = len(filled) > 3 and "".join(text for _, text in filled).lstrip(_STEMS) in _COUNTING
        if not self._alone and all(text == _EXAMPLE for _, text in filled[:2]):
            why = asks["example"]
        elif few and any(_FOOTER.search(text) for _, text in filled[:2]):
            why = asks["footer"]
        elif nameless:
            why = asks["nameless"]
        elif again:
            why = asks["header_again"]
        elif elsewhere:
            why = asks["other_header"]
        elif numbers:
            why = asks["numbers"]
        else:
            return None
        cell = f"{letters(self._sheet.left + index)}{number}"
        return Fault(number, cell, self._header.columns[index].header, cells.shown(first), why, "nobody")


def _picker(columns: list[int]) -> Callable[[list[Any]], Any]:
    return itemgetter(*columns) if columns else lambda row: ()


class _Remembering(dict[Any, Read]):
    """A reader that reads the same cell once."""

    def __init__(self, reader: Callable[[Any], Read]) -> None:
        self._reader = reader

    def __call__(self, raw: Any) -> Read:
        """What the cell was read as."""
        read = self.get(raw)
        if read is None or raw is True or raw is False:  # True is 1 to a dict
            read = self._reader(raw)
            if len(self) < _CACHE:
                self[raw] = read
        return read


def _hours(needed: int) -> Callable[[Any], Read]:
    return lambda raw: cells.hours(raw, needed)


class _Dates:
    """Reads the cells of one column of dates; looks at the whole column once a cell hangs on its habits."""

    def __init__(self, sheet: Sheet, header: Header, found: Found, kind: str) -> None:
        self._sheet, self._first, self._index = sheet, header.last + 1, found.index
        self._read = {"birth": cells.birth, "month": cells.month, "day": cells.day}[kind]
        self._habits: Habits | None = None
        self._days = False  # whether a day was named: then the first of a month is a day too
        self._exact = kind == "birth" and ("日期" in found.header or "年月日" in found.header)

    def __call__(self, raw: Any) -> Read:
        if self._sheet.since_1904 and type(raw) is float and 2100 <= raw <= 60_000:
            raw += 1462
        self._days = self._days or cells.names_a_day(raw)
        if cells.says_itself(raw) or (self._days and isinstance(raw, date)):
            return self._read(raw)
        if self._habits is None:
            habits = cells.habits_of(row[self._index] for row in self._sheet.whole().iterate(self._first))
            self._habits = habits._replace(bare_months=habits.bare_months and not self._exact)
        return self._read(raw, self._habits)
