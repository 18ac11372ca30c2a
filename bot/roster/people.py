"""Whose each row of a roster is: rows gathered to people by identity number, by 工号 with the unit, else by name with the unit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple

from bot.roster import cells
from bot.roster.cells import clean
from bot.roster.columns import WHO, plain, who_words
from bot.roster.grid import Row, text_of
from bot.roster.table import Table

_FOOTER, _TWO, _SENTENCE, _EXAMPLE, _UNIT, _SIGNED, _SECTOR, _LEVEL, _ALONE, _MARKS = map(
    cells.rows,
    ("footer", "two", "sentence", "example", "unit", "signed", "sector_said", "level_said", "level_alone", "marks"),
)
_ODD = re.compile(
    "|".join(f"(?:{each.pattern})" for each in (_SENTENCE, _FOOTER, _UNIT, _EXAMPLE, _ALONE))
    + r"|^[(（]?\d{1,2}[)）]?$|^[-_=:—]+$"
)
_STEMS, _COUNTING = "甲乙丙丁戊己庚辛壬癸", "".join(map(str, range(1, 100)))  # the columns numbered below the header
_NOBODY = ("", "-", "--", "—", "/", "无", "空", "未知")


class CellFault(NamedTuple):
    """A cell that was not read: its place as a spreadsheet names it, the header, what it holds, why.

    `kind`: `open` (counts as not known), `nobody` (the row is no person).
    """

    row: int
    cell: str
    header: str
    held: str
    why: str
    kind: str


class Line(NamedTuple):
    """One row of a table."""

    table: Table
    number: int
    row: Row

    def cell(self, key: str) -> Any:
        """What the column that fills a fact holds here."""
        place = self.table.place(key)
        return self.row[place] if place >= 0 else ""


@dataclass(slots=True, eq=False)
class Person:
    """Somebody, with the rows that are theirs; what is to be said of the rows. `doubtful`: there are rows that may be theirs too."""

    lines: list[Line]
    card: str = ""
    id: str = ""
    name: str = ""
    unit: str = ""
    said: list[CellFault] = field(default_factory=list)
    above: dict[str, str] = field(default_factory=dict)  # what a line over some people says of them: a fact → the words
    doubtful: bool = False


class Gathered(NamedTuple):
    """Everybody, in the order in which they first stand in the file; rows that are nobody, and how many rows there were."""

    people: list[Person]
    nobody: list[CellFault]
    rows: int


def gather(tables: Iterable[Table]) -> Gathered:
    """Every row of the tables: somebody's, or named as nobody's."""
    tables = [*tables]
    for table in tables:
        _drop_running_numbers(table)
    found = _People(named=any(table.place(key) >= 0 for table in tables for key in WHO))
    order = {id(table): at for at, table in enumerate(tables)}
    for table in sorted(tables, key=_tells_most):
        found.take(table)
    people = sorted(found.people, key=lambda one: min((order[id(line.table)], line.number) for line in one.lines[:1]))
    if any(table.beside for table in tables):  # beside each other: row by row
        people.sort(key=lambda one: (tables[order[id(one.lines[0].table)]].sheet.name, one.lines[0].number))
    return Gathered(people, found.nobody, found.rows)


def _tells_most(table: Table) -> tuple[bool, ...]:
    """Tables that tell best who somebody is come first, so that the others find them."""
    return (*(table.place(key) < 0 for key in ("card", "id", "unit", "birth", "sex")), table.long)


def _drop_running_numbers(table: Table) -> None:
    """A column that may be 工号 and only counts the rows is none."""
    place = table.place("id")
    weak = next((found for found in table.columns if found.index == place and found.weight <= 1), None)
    if weak is None:
        return
    told = [text for row in table.body if (text := text_of(row[place]))]
    numbers = [int(text) for text in told if text.isdigit()]
    if numbers and numbers == [*range(1, len(numbers) + 1)] and len(numbers) * 2 > len(told):
        table.settle(replace(found, meaning=None) if found is weak else found for found in table.columns)


@lru_cache(200_000)
def known_as(raw: Any) -> str:
    """A name or a unit as it is compared: without blanks, full width as half."""
    text = " ".join(unicodedata.normalize("NFKC", text_of(raw)).split())
    text = re.sub(r"(?<![A-Za-z]) | (?![A-Za-z])", "", text)
    text = _MARKS.sub("", text.strip("'’‘\u200b\ufeff "))
    return "" if text in _NOBODY else text


class _People:
    """The people found so far, by all that they are known by."""

    def __init__(self, *, named: bool) -> None:
        self._named = named  # whether some table names people: then one that does not is a list of something else
        self.people: list[Person] = []
        self.nobody: list[CellFault] = []
        self.rows = 0
        self._by: dict[str, dict[str, list[Person]]] = {"card": {}, "id": {}, "name": {}}
        self._nameless_ids: dict[str, list[Person]] = {}  # by name, those of whom no 工号 is known
        self._in_unit: dict[tuple[str, str], list[Person]] = {}  # by name and unit

    def take(self, table: Table) -> None:
        """Give every row of a table to somebody."""
        named = any(table.place(key) >= 0 for key in WHO)
        personal = named or (
            not self._named and any(table.place(key) >= 0 for key in ("sex", "birth", "age", "title_level"))
        )
        labels = {found.index: plain(found.header) for found in table.columns if found.header}
        own = [found.index for found in table.known.values() if found.index not in table.shared]
        above: Person | None = None
        unit_above, said_above = "", dict[str, str]()
        for number, row in enumerate(table.body, table.first):
            if row.count("") == len(row):
                continue
            if table.beside and not any(row[at] != "" for at in own):
                continue  # the people on the left are more
            line = Line(table, number, row)
            card, id, name, unit = (_told(line, key) for key in ("card", "id", "name", "unit"))
            who = bool(card or id or name)
            filled = (
                [(at, text) for at, raw in enumerate(row) if (text := clean(raw))]
                if not who or _suspect(name, id) or (len(row) - row.count("")) * 2 < len(table.known)
                else []
            )
            if named and not name and ((not filled and not who) or (len(filled) == 1 and filled[0][1].isdigit())):
                continue  # only a running number, as in a form printed ahead
            self.rows += 1
            if not personal or _TWO.search(name):
                told = [(at, text) for at, raw in enumerate(row) if (text := clean(raw))]
                self._note(line, told, "two_people" if personal else "summary")
                continue
            if filled or not who:
                if said := _said_of_all(filled) if named else {}:
                    said_above, above = said_above | said, None
                    self._note(line, filled, "footer")
                    continue
                if caption := self._caption(filled, named, name or id):
                    unit_above, said_above, above = caption, {}, None
                    self._note(line, filled, "footer")
                    continue
                if not who and named and above is not None and _goes_on(table, row, filled):
                    above.lines.append(line)
                    continue
                if why := _nobody(line, filled, labels, named=named, who=who):
                    said_above = {} if why == "footer" else said_above  # whom it was said of ends with their sum
                    self._note(line, filled, why)
                    continue
            above = self._whose(line, card, id, name, unit or unit_above or table.unit)
            if above is not None and said_above:
                above.above |= said_above

    def _caption(self, filled: list[tuple[int, str]], named: bool, who: str) -> str:
        """The unit that a line over some people names."""
        if not named or len({text for _, text in filled}) != 1:
            return ""
        if who and not _UNIT.search(who) and (len(filled) > 1 or len(who) < 5 or re.search(r"\d|[a-zA-Z·]|\W", who)):
            return ""
        text = _heading_of(filled)
        return text if _UNIT.search(text) or who else ""

    def _note(self, line: Line, filled: list[tuple[int, str]], why: str) -> None:
        index, first = filled[0] if filled else (0, "")
        held = "" if line.table.place("card") == index else cells.shown(first)
        cell, header = place_of(line, index)
        self.nobody.append(CellFault(line.number, cell, header, held, cells.words()["asks"][why], "nobody"))

    def _whose(self, line: Line, card: str, id: str, name: str, unit: str) -> Person | None:
        self._pending: list[CellFault] = []
        found = self._find(line, card, id, name, unit)
        if len(found) > 1:
            for one in found:
                one.doubtful = True
            index = max(line.table.place("name"), 0)
            self._note(line, [(index, name)], "which_person")
            return None
        if found:
            person = found[0]
            person.lines.append(line)
        else:
            person = Person([line])
            self.people.append(person)
        person.said += self._pending
        for key, value in (("card", card), ("id", id), ("name", name)):
            if value and not getattr(person, key):
                setattr(person, key, value)
                self._by[key].setdefault(_bare(value) if key == "id" else value, []).append(person)
        if name and not found:
            self._in_unit.setdefault((name, unit), []).append(person)
            if not id:
                self._nameless_ids.setdefault(name, []).append(person)
        elif person.name and not person.unit and unit:
            self._in_unit.setdefault((person.name, unit), []).append(person)
        person.unit = person.unit or unit
        return person

    def _find(self, line: Line, card: str, id: str, name: str, unit: str) -> list[Person]:
        """Who a row may be of: nobody yet, one, or several of whom it cannot be told which."""
        for one in self._by["card"].get(card, ()) if card else ():
            if _either(one.name, name):
                return [one]
            self._say(line, one, "card", "身份证号")
        for one in self._by["id"].get(_bare(id), ()) if id else ():
            same_name = bool(name) and one.name == name and _alike(one, line)
            if (_either(one.unit, unit) or same_name) and _either(one.card, card):
                if _either(one.name, name):
                    return [one]
                self._say(line, one, "id", "工号")
        same = [
            one
            for one in self._called(name, unit, id)
            if _either(one.unit, unit)
            and _either(one.card, card)
            and _either(_bare(one.id), _bare(id))
            and _alike(one, line)
        ]
        told = [one for one in same if one.unit == unit]
        return told if len(told) == 1 else same

    def _called(self, name: str, unit: str, id: str) -> Iterable[Person]:
        """Those of a name among whom a row's person may be."""
        if not name:
            return ()
        if id:  # whoever has another number is another
            return self._nameless_ids.get(name, ())
        if unit:
            return dict.fromkeys([*self._in_unit.get((name, unit), ()), *self._in_unit.get((name, ""), ())])
        return self._by["name"].get(name, ())

    def _say(self, line: Line, one: Person, key: str, what: str) -> None:
        """Two names under one number: said of both."""
        other, says = one.lines[0], cells.words()["asks"]["names_differ"]
        for mine, theirs, said in ((line, other, self._pending), (other, line, one.said)):
            cell, header = place_of(mine, mine.table.place(key))
            why = says.format(what=what, other=place_of(theirs, theirs.table.place(key))[0])
            said.append(CellFault(mine.number, cell, header, "" if key == "card" else one.id, why, "open"))


def _told(line: Line, key: str) -> str:
    raw = line.cell(key)
    if raw == "":
        return ""
    if key == "card":
        read = cells.card(raw)
        return read.value.number if isinstance(read.value, cells.Card) else ""
    if key == "id":
        text = str(cells.ident(raw).value or "")
        return "" if text in _NOBODY else text
    return known_as(raw)


def _bare(id: str) -> str:
    """A number as it is compared: a spreadsheet takes the zeros before it away."""
    return id.lstrip("0") or id if id.isdigit() else id


def _either(one: str, other: str) -> bool:
    return not one or not other or one == other


def _alike(one: Person, line: Line) -> bool:
    """Whether a row may be of somebody of that name: what tells two people apart does not differ."""
    for key in ("sex", "birth"):
        mine = _read(line, key)
        theirs = next((told for other in one.lines[:3] if (told := _read(other, key))), "")
        shorter = min(len(mine), len(theirs))
        if mine[:shorter] != theirs[:shorter]:
            return False
    return True


def _read(line: Line, key: str) -> str:
    return str(cells.reads(key, line.cell(key)).value or "")


# ---------------------------------------------------------------- rows that are nobody


def _suspect(name: str, id: str) -> bool:
    """Whether somebody so called may be none: looked at closer."""
    return _odd(name) or _odd(id) or (bool(id) and not name and not any(map(str.isdigit, id)))


@lru_cache(100_000)
def _odd(text: str) -> bool:
    if text[-1:].isdigit() and text.isascii() and text.isalnum() and 2 < len(text) < 13:
        return False  # a number as people have
    return len(text) > 12 or text in _STEMS or _ODD.search(text) is not None or plain(text) in who_words()


def _heading_of(filled: list[tuple[int, str]]) -> str:
    """The one thing that a line says, without its number and what stands in brackets behind; "" where it says several."""
    text = filled[0][1] if len({text for _, text in filled}) == 1 else ""
    return re.sub(r"(?<=.)[（(].*", "", re.sub(r"^[（(]?[一二三四五六七八九十\d]+[)）、.．]", "", text))


def _said_of_all(filled: list[tuple[int, str]]) -> dict[str, str]:
    """What a line over some people says of them that is no unit: their sector, or the level that they apply for."""
    text = _heading_of(filled)
    sector, level = _SECTOR.search(text), _LEVEL.search(text) or _ALONE.search(text)
    return ({"sector": text} if sector else {}) | ({"title_level": level[1]} if level else {})


def _nobody(line: Line, filled: list[tuple[int, str]], labels: dict[int, str], *, named: bool, who: bool) -> str:
    """Why a row is no person: the example, a footer, the header again; "" for somebody."""
    if len(line.table.body) > 1 and any(_EXAMPLE.search(text) for _, text in filled[:3]):
        return "example"
    if not re.search(r"\w", "".join(text for _, text in filled)):
        return "footer"
    if len(filled) > 2 and sum(plain(text) in labels.values() for _, text in filled) * 2 > len(filled):
        return "header_again"
    if len(filled) > 3 and re.sub(r"[()（）]", "", "".join(text for _, text in filled)).lstrip(_STEMS) in _COUNTING:
        return "numbers"
    answered = any(_read(line, key) for key in ("sex", "title_level", "sector", "birth"))
    signed = any(_SIGNED.search(text) for _, text in filled)
    below = any(_FOOTER.search(text) or len(text) > 25 for _, text in filled[:2])
    sparse = len(filled) * 2 < len(line.table.known)
    if (not answered and (signed or below)) or (sparse and _FOOTER.search(filled[0][1])):
        return "footer"
    called = {line.table.place(key) for key in ("name", "id")}
    if any(at in called and len(text) > 4 and _SENTENCE.search(text) for at, text in filled):
        return "footer"
    told = any(at in {found.index for found in line.table.known.values()} for at, _ in filled)
    if named and not who:
        return "nameless" if told else "footer"
    return "" if who or told else "no_person"


def _goes_on(table: Table, row: Row, filled: list[tuple[int, str]]) -> bool:
    """Whether a row without a name is one more course of whoever stands above, as where names are merged."""
    if not table.long or any(_FOOTER.search(text) for _, text in filled):
        return False
    keys = ("record_year", "record_date", "record_category", "record_course")
    told = [key for key in keys if (at := table.place(key)) >= 0 and row[at] != ""]
    hours = [found.index for meaning, found in table.known.items() if meaning.key in ("hours", "record_hours")]
    return bool(told) and any(row[at] != "" for at in hours)


def place_of(line: Line, index: int) -> tuple[str, str]:
    """The name of a cell and its header."""
    header = next((found.header for found in line.table.columns if found.index == index), "")
    return line.table.cell(line.number, index), header


def on_hidden_rows(tables: Iterable[Table]) -> Iterator[str]:
    """The rows that a file hides, in words."""
    for table in tables:
        numbers = [
            at + 1 for at in sorted(table.sheet.hidden_rows) if table.first <= at + 1 < table.first + len(table.body)
        ]
        if numbers and not table.beside:
            shown = "、".join(map(str, numbers[:20])) + ("等" if len(numbers) > 20 else "")
            yield f"“{table.sheet.name}”第{shown}行是隐藏或筛掉的，也算了"
