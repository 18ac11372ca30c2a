"""From the rows of one person to their facts, as the contract writes them, with every cell that was open."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.roster import cells
from bot.roster.cells import Habits, Read
from bot.roster.columns import Found
from bot.roster.files import Row
from bot.roster.people import Fault, Line, Person, place_of
from bot.roster.tables import Table

if TYPE_CHECKING:
    from rules import PolicyPack

_PATH = re.compile(r" ?\b[a-z_]+(?:\.\w+)* ?", re.ASCII)  # how the interface names a field, in a sentence for people
_CACHE = 50_000  # distinct cells and kinds that are remembered
_KINDS = {"title_level": "level", "grassroots": "yes", "unit_scope": "scope"}  # how the words of a fact are read
_VERIFIED = "listed_platform"  # what a yearly result counts as where other training stands beside it
CATEGORIES = ("general", "professional")
Years = frozenset[tuple[int, str]]  # years with a category


class Training(NamedTuple):
    """One row of training: its year, category (or `total`), hours (None: not known), and what its source says."""

    year: int
    category: str
    hours: float | None
    more: dict[str, Any]
    line: Line
    index: int


class Hours(dict[tuple[int, str], float | None]):
    """Hours by year and category. None: not known; what was told twice and differently stays so."""

    def __init__(self) -> None:
        super().__init__()
        self.spoilt: dict[tuple[int, str], list[float]] = {}

    def put(self, at: tuple[int, str], value: float | None) -> bool:
        """Whether that goes with what was told before."""
        before = self.get(at)
        if at in self.spoilt or (before is not None and value is not None and before != value):
            self.spoilt.setdefault(at, []).extend(told for told in (before, value) if told is not None)
            self[at] = None
            return False
        self[at] = before if value is None else value
        return True


class Somebody(NamedTuple):
    """Somebody read: facts, cells not read, facts that are in doubt, hours of which two things were told."""

    facts: dict[str, Any]
    faults: list[Fault]
    doubts: set[str]
    spoilt: dict[tuple[int, str], list[float]]


class Told(NamedTuple):
    """What all tables together tell: the years and categories that a column tells of, and those that courses tell of."""

    columns: Years
    courses: Years


def told_by(tables: Iterable[Table]) -> Told:
    """Of which hours a file tells at all: what no column tells is not known."""
    columns: set[tuple[int, str]] = set()
    courses: set[tuple[int, str]] = set()
    for table in tables:
        hours = [meaning for meaning in table.known if meaning.key in ("hours", "record_hours")]
        columns |= {(meaning.year, meaning.category) for meaning in hours if meaning.year}
        if not table.long:
            continue
        year, category = table.place("record_year"), table.place("record_category")
        if year < 0:
            year = table.place("record_date")
        years = {read.value for raw in {row[year] for row in table.body} if (read := cells.year(raw)).value} if year >= 0 else {table.year}
        told = {meaning.category for meaning in hours if not meaning.year}
        if category >= 0:
            told |= {str(cells.choice("category", raw).value) for raw in {row[category] for row in table.body}}
            courses |= {(at, name) for at in years for name in told if name in CATEGORIES}
        else:
            columns |= {(at, name) for at in years for name in told}
    return Told(frozenset(columns), frozenset(courses))


class Reader:
    """Reads the rows of people. Cells and rows of closed lists that were read before are not read again."""

    def __init__(
        self, notice: PolicyPack, told: Told, sources: Callable[[str], bool], *, alone: bool, answers: Mapping[str, Mapping[str, str]],
    ) -> None:  # fmt: skip
        """`sources`: whether a text names one of the notice's platforms. `alone`: the file has one sheet. `answers`: what values mean
        that are not understood, by the column's name."""
        self._notice, self._told, self._sources, self._alone, self._answers = notice, told, sources, alone, answers
        self._tables: dict[int, _Columns] = {}

    def columns(self, table: Table) -> _Columns:
        """The readers of a table's columns."""
        found = self._tables.get(id(table))
        if found is None:
            found = self._tables[id(table)] = _Columns(table, self._notice, self._sources, self._answers)
        return found

    def facts(self, person: Person, years: Iterable[int], absent: int | None = None) -> Somebody:
        """The facts of somebody, what was not read, and what is in doubt. `years`: those that can count. `absent`: the hours that no
        column tells of."""
        facts: dict[str, Any] = {"id": person.id} if person.id else {}
        faults = list(person.said)
        doubts: set[str] = set()
        where: dict[str, Line] = {}
        hours = Hours()
        records: list[Training] = []
        deemed: set[int] = set()
        card = None
        for line in person.lines:
            columns = self.columns(line.table)
            kind, unread = columns.kind(line.row)
            for key, value in kind.items():
                if key not in facts:
                    if key not in where:
                        facts[key], where[key] = value, line
                elif facts[key] != value:
                    self._differ(facts, where, key, line, faults, doubts)
            for index, key, raw, read in unread:
                faults.append(self.fault(line, index, raw, read))
                doubts.add(key)
            for index, raw, read in columns.births(line.row, facts, doubts):
                faults.append(self.fault(line, index, raw, read))
            if columns.card >= 0 and (raw := line.row[columns.card]) != "":
                read = cells.card(raw)
                card = card or (read.value, line) if read.value is not None and read.value.birth else card
                if read.why:
                    faults.append(self.fault(line, columns.card, "", read))
            for index, key, raw, read in columns.hours(line, hours, records, deemed):
                faults.append(self.fault(line, index, raw, read))
            if line.table.sheet.unsaid:
                faults += self._unsaid(line)
        for table in {id(line.table): line.table for line in person.lines}.values():
            for key, text in table.everybody.items():
                if key not in facts and key not in doubts and (value := cells.choice(_KINDS.get(key, key), text).value) is not None:
                    facts[key] = value
        if card is not None:
            self._compare(facts, *card, faults)
        if deemed:
            facts["exam_years"] = sorted(deemed | set(facts.get("exam_years", ())))
        if facts.get("title_level") == "senior":
            facts["title_level"] = "deputy_senior"  # 高级 alone: the notice asks the same of 副高 and 正高
        history = self._history(person, hours, records, faults, years, absent)
        if history:
            facts["history"] = history
        return Somebody(facts, faults, doubts, hours.spoilt)

    # ------------------------------------------------------------ what differs

    def _differ(self, facts: dict[str, Any], where: dict[str, Line], key: str, line: Line, faults: list[Fault], doubts: set[str]) -> None:
        mine, theirs = str(facts[key]), where[key]
        place = line.table.place(key)
        value = line.row[place] if place >= 0 else ""
        if key == "exam_years":
            facts[key] = sorted({*facts[key], *self.columns(line.table).kind(line.row)[0][key]})
            return
        del facts[key]
        doubts.add(key)
        why = cells.words()["asks"]["rows_differ"].format(other=place_of(theirs, theirs.table.place(key))[0])
        faults.append(self.fault(line, place, value or mine, Read(None, why)))

    def _compare(self, facts: dict[str, Any], card: cells.Card, line: Line, faults: list[Fault]) -> None:
        """What the identity number says beside the columns: a difference is asked (A29)."""
        asks, place = cells.words()["asks"], line.table.place("card")
        birth, sex = facts.get("birth"), facts.get("sex")
        if birth is not None and birth != card.birth[: len(birth)]:
            del facts["birth"]
            faults.append(self.fault(line, place, "", Read(None, asks["card_birth"])))
        elif birth is not None or not any(fault.why == asks["births_differ"] for fault in faults):
            facts["birth"] = card.birth
        if sex is not None and sex != card.sex:
            del facts["sex"]
            faults.append(self.fault(line, place, "", Read(None, asks["card_sex"])))
        else:
            facts["sex"] = card.sex

    def _unsaid(self, line: Line) -> Iterable[Fault]:
        for found in line.table.known.values():
            at = (line.number - 1, found.index)
            why = line.table.sheet.unsaid.get(at)
            if why is not None and (found.index >= len(line.row) or line.row[found.index] == ""):
                formula = why == "公式"
                text = cells.words()["asks"]["formula" if formula else "error"].format(shown=why)
                yield self.fault(line, found.index, "" if formula else why, Read(None, text))

    def fault(self, line: Line, index: int, raw: Any, read: Read) -> Fault:
        """What to say of a cell."""
        cell, header = place_of(line, index)
        cell = cell if self._alone else f"{line.table.sheet.name}!{cell}"
        return Fault(line.number, cell, header, cells.shown(raw), read.why, "open")

    # ------------------------------------------------------------ training

    def _history(
        self, person: Person, hours: Hours, records: list[Training], faults: list[Fault], years: Iterable[int],
        absent: int | None,
    ) -> Any:  # fmt: skip
        """Hours by year and category, or a list of records where sources are told; nothing where nobody tells any."""
        courses = any(line.table.long for line in person.lines)
        wanted = [(year, name) for year in years for name in CATEGORIES]
        sourced = any(training.more for training in records)
        sums: dict[tuple[int, str], float | None] = {}
        for training in self._once(records, faults):
            at = training.year, training.category
            verified = training.more.get("verified", True)
            if at in sums and sums[at] is None or training.hours is None:
                sums[at] = None
            elif verified:
                sums[at] = round((sums.get(at) or 0) + training.hours, 6)
            else:
                sums.setdefault(at, 0)
        for at, amount in sums.items():
            if not hours.put(at, amount):
                last = [training for training in records if (training.year, training.category) == at][-1]
                why = cells.words()["asks"]["sums_differ"].format(sum=_number(amount), told="别的数")
                faults.append(self.fault(last.line, last.index, last.hours, Read(None, why)))
        _from_totals(hours)
        if not records and all(value is None for value in hours.values()):
            return None
        table: dict[str, dict[str, Any]] = {}
        for at in sorted({*wanted, *(at for at in hours if at[1] in CATEGORIES)}):
            none = courses and not person.doubtful and at in self._told.courses and at not in self._told.columns
            table.setdefault(str(at[0]), {})[at[1]] = _number(hours.get(at, 0 if none else absent if self._untold(at) else None))
        return self._listed(table, records, sums) if sourced else table

    def _untold(self, at: tuple[int, str]) -> bool:
        """Whether no column tells of these hours."""
        told = self._told.columns | self._told.courses
        return at not in told and (at[0], "done") not in told and (at[0], "total") not in told

    def refused(self, person: Person, path: str, message: str) -> Fault:
        """What to say of a fact that was read but cannot be: its cell, in plain words."""
        why = _PATH.sub("", message)
        root, _, rest = path.partition(".")
        year, _, category = rest.partition(".")
        for line in person.lines:
            for meaning, found in line.table.known.items():
                same = meaning.key == root if root != "history" else meaning.key == "hours" and str(meaning.year) == year and category in ("", meaning.category)
                if same and found.index < len(line.row) and line.row[found.index] != "":
                    return self.fault(line, found.index, line.row[found.index], Read(None, why))
        return self.fault(person.lines[0], max(person.lines[0].table.place("card"), -1) if root in ("birth", "sex") else -1, "", Read(None, why))

    def forget(self, history: Any, path: str) -> bool:
        """Take one year's hours out of a history that cannot be; whether that was possible."""
        year, _, category = path.partition(".")[2].partition(".")
        if not isinstance(history, dict) or year not in history:
            return False
        if category and isinstance(history[year], dict):
            history[year][category] = None
        else:
            del history[year]
        return True

    def _once(self, records: list[Training], faults: list[Fault]) -> list[Training]:
        """The records, equal rows once; rows of which nothing tells whether they are one are not known."""
        found: dict[Any, Training] = {}
        for training in records:
            key = training.year, training.category, tuple(map(str, training.line.row))
            if key not in found:
                found[key] = training
            elif training.line.table.place("record_course") < 0 and training.line.table.place("record_date") < 0:
                found[key] = training._replace(hours=None)
                faults.append(self.fault(training.line, training.index, training.hours, Read(None, cells.words()["asks"]["rows_equal"])))
        records[:] = found.values()
        return records

    def _listed(self, table: dict[str, dict[str, Any]], records: list[Training], sums: dict[tuple[int, str], Any]) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = [
            {"year": training.year, "category": training.category, "hours": _number(training.hours), "source": _VERIFIED, **training.more}
            for training in records if training.category in CATEGORIES
        ]  # fmt: skip
        for year, told in table.items():
            listed += [
                {"year": int(year), "category": name, "hours": amount, "source": _VERIFIED}
                for name, amount in told.items() if (int(year), name) not in sums and amount != 0
            ]  # fmt: skip
        return listed


def _from_totals(hours: Hours) -> None:
    """A total less one category is the other; a total of none is none of each."""
    for year, name in [at for at in hours if at[1] == "total"]:
        total = hours.pop((year, name))
        parts = [hours.get((year, category)) for category in CATEGORIES]
        if total == 0:
            for category in CATEGORIES:
                hours.setdefault((year, category), 0)
        elif total is not None and parts.count(None) == 1:
            known = next(part for part in parts if part is not None)
            at = (year, CATEGORIES[parts.index(None)])
            if total >= known and at not in hours:
                hours[at] = round(total - known, 6)


def _number(value: float | None) -> float | int | None:
    return int(value) if isinstance(value, float) and value.is_integer() else value


# ---------------------------------------------------------------- the columns of one table


class _Columns:
    """The readers of one table's columns."""

    def __init__(
        self, table: Table, notice: PolicyPack, sources: Callable[[str], bool], answers: Mapping[str, Mapping[str, str]]
    ) -> None:
        self._table, self._sources, self._answers = table, sources, answers
        self._required: dict[str, float] = dict(notice.requirement)
        self.card = table.place("card")
        self._births: list[tuple[int, Callable[[Any], Read]]] = []
        self._singles: list[tuple[int, str, Callable[[Any], Read]]] = []
        self._hours: list[tuple[int, int, str, Callable[[Any], Read]]] = []
        self._twins: list[tuple[int, int, int, str, Callable[[Any], Read]]] = []
        numbered = {cells.clean(row[table.place("sex")]) for row in table.body[:5_000]} if table.place("sex") >= 0 else set()
        for found in table.columns:
            meaning = found.meaning or found.twin
            if meaning is None or meaning.key in ("id", "card", "name", "unit", "email"):
                continue
            if meaning.key == "hours":
                reader = _Remembering(self._hours_reader(meaning.category))
                if found.meaning is not None:
                    self._hours.append((found.index, meaning.year, meaning.category, reader))
                else:
                    first = next((one.index for one in table.columns if one.meaning == meaning), found.index)
                    self._twins.append((found.index, first, meaning.year, meaning.category, reader))
            elif meaning.key == "birth":
                self._births.append((found.index, _Remembering(_Dates(table, found, "birth"))))
            elif found.meaning is not None and not meaning.key.startswith("record_"):
                reads = self._reader(found, meaning.kind)
                if meaning.key == "sex" and "0" in numbered:
                    reads = lambda raw: cells.choice("sex", "？？" if cells.clean(raw) in "01" else raw)  # noqa: E731  # 0 and 1: which is which?
                self._singles.append((found.index, meaning.key, _Remembering(reads)))
        self._births.sort(key=lambda birth: table.columns[0].index if birth[0] == table.place("birth") else birth[0] + 1)
        self._pick = _picker([line[0] for line in self._singles])
        self._kinds: dict[Any, tuple[dict[str, Any], list[tuple[int, str, Any, Read]]]] = {}
        self._record = {key: table.place(key) for key in ("record_year", "record_date", "record_category", "record_source", "record_verified", "record_certificate", "record_approved")}
        self._record_hours = table.place("record_hours")
        self._platforms = any("平台" in found.header for found in table.columns if found.index == table.place("record_source"))
        self._choices = {kind: _Remembering(lambda raw, kind=kind: cells.choice(kind, raw)) for kind in ("category", "verified", "yes")}  # type: ignore[misc]
        self._year, self._source = _Remembering(cells.year), _Remembering(self._of_source)

    def _hours_reader(self, category: str) -> Callable[[Any], Read]:
        required = self._required.get(category, sum(self._required.values()))
        return lambda raw: cells.hours(raw, required)

    def _reader(self, found: Found, kind: str) -> Callable[[Any], Read]:
        if kind in ("birth", "month", "day"):
            return _Dates(self._table, found, kind)
        plain = {"whole": cells.whole, "years": cells.years, "exam": cells.exam, "year": cells.year}.get(kind)
        reads = plain or (lambda raw: cells.choice(kind, raw))
        told = self._answers.get(found.meaning.name if found.meaning else "")
        return (lambda raw: reads(told.get(cells.clean(raw), raw))) if told else reads

    def kind(self, row: Row) -> tuple[dict[str, Any], list[tuple[int, str, Any, Read]]]:
        """What the row says of the person, births and hours left out; read once for all rows that say the same."""
        key = self._pick(row)
        found = self._kinds.get(key)
        if found is None:
            facts: dict[str, Any] = {}
            unread = []
            for index, name, reader in self._singles:
                if row[index] == "":
                    continue
                read = reader(row[index])
                if read.why:
                    unread.append((index, name, row[index], read))
                if name == "deemed" and read.value:
                    facts["exam_years"] = sorted({*facts.get("exam_years", ()), self._deemed(index)})
                elif read.value is not None:
                    facts[name] = read.value
            found = facts, unread
            if len(self._kinds) < _CACHE:
                self._kinds[key] = found
        return found

    def _deemed(self, index: int) -> int:
        return next(meaning.year for meaning, found in self._table.known.items() if found.index == index)

    def births(self, row: Row, facts: dict[str, Any], doubts: set[str]) -> Iterable[tuple[int, Any, Read]]:
        """Put the birth into the facts, where the cells that tell it do not differ."""
        for index, reader in self._births:
            if row[index] == "" or "birth" in doubts:
                continue
            read, told = reader(row[index]), facts.get("birth")
            if read.why:
                yield index, row[index], read
            elif read.value is not None:
                shorter = min(len(read.value), len(told or ""))  # one may tell the month alone
                if read.value[:shorter] != (told or "")[:shorter]:
                    del facts["birth"]
                    doubts.add("birth")
                    yield index, row[index], Read(None, cells.words()["asks"]["births_differ"])
                elif told is None or len(read.value) > len(told):
                    facts["birth"] = read.value

    def hours(
        self, line: Line, hours: Hours, records: list[Training], deemed: set[int]
    ) -> Iterable[tuple[int, str, Any, Read]]:
        """Put the row's hours to the others, or its training to the records."""
        row = line.row
        year_told, said = self._year_of(row)
        if said is not None:
            yield said
        for index, year, category, reader in self._hours:
            raw = row[index]
            at = year or year_told
            if raw == "" or not at:
                if at and category != "done":
                    hours.put((at, category), None)
                continue
            read = reader(raw)
            if read.why:
                yield index, "hours", raw, read
            value = read.value
            if value == cells.DEEMED:
                deemed.add(at)
                value = self._required.get(category)
            if not year and self._table.adds_up and category in CATEGORIES:
                if value is not None:
                    records.append(Training(at, category, value, self._more(row), line, index))
                elif read.why:
                    records.append(Training(at, category, None, self._more(row), line, index))
                else:
                    hours.setdefault((at, category), None)
                continue
            if category == "done":
                _done(hours, at, value, self._required)
                continue
            if not hours.put((at, category), value):
                yield index, "hours", raw, Read(None, cells.words()["asks"]["hours_differ"])
        for index, first, year, category, reader in self._twins:
            if row[index] != "" and (year or year_told):
                mine = reader(row[index]).value
                if row[first] != "" and not hours.put((year or year_told, category), mine):
                    yield index, "hours", row[index], Read(None, cells.words()["asks"]["hours_differ"])
        if self._record_hours >= 0:
            yield from self._training(line, year_told, hours, records)

    def _year_of(self, row: Row) -> tuple[int, tuple[int, str, Any, Read] | None]:
        for key in ("record_year", "record_date"):
            place = self._record[key]
            if place >= 0 and row[place] != "":
                read = self._year(row[place])
                said = (place, "hours", row[place], read) if read.why else None
                return read.value or 0, said
        return self._table.year, None

    def _training(
        self, line: Line, year: int, hours: Hours, records: list[Training]
    ) -> Iterable[tuple[int, str, Any, Read]]:
        row, place = line.row, self._record_hours
        read = cells.hours(row[place], 0) if row[place] != "" else Read(None)
        if read.why:
            yield place, "hours", row[place], read
        if not year:
            if row[place] != "":
                yield place, "hours", row[place], Read(None, cells.words()["asks"]["no_year"])
            return
        at, category = self._record["record_category"], "total"
        if at >= 0:
            told = self._choices["category"](row[at])
            if told.value is None:
                yield at, "hours", row[at], Read(None, told.why or cells.words()["asks"]["no_category"])
                for name in CATEGORIES:
                    records.append(Training(year, name, None, {}, line, place))
                return
            category = told.value
            if category == "total":
                return  # a sum within the list
        if category == "total" and (year, "general") in hours | dict.fromkeys((m.year or year, m.category) for m in self._table.known if m.key == "hours"):
            if not hours.put((year, "total"), read.value):
                yield place, "hours", row[place], Read(None, cells.words()["asks"]["hours_differ"])
            return
        at = self._record["record_source"]
        source = self._source(row[at]) if at >= 0 and row[at] != "" else None
        if source is not None and source.value is None:
            yield at, "hours", row[at], source
        amount = None if source is not None and source.value is None else read.value
        records.append(Training(year, category, amount, self._more(row), line, place))

    def _more(self, row: Row) -> dict[str, Any]:
        """What a row says of its training beside the hours."""
        more: dict[str, Any] = {}
        for key, name, kind in (("record_verified", "verified", "verified"), ("record_certificate", "certificate", "yes"), ("record_approved", "approved", "yes")):
            if self._record[key] >= 0 and (value := self._choices[kind](row[self._record[key]]).value) is not None:
                more[name] = value
        at = self._record["record_source"]
        if at >= 0 and row[at] != "" and (source := self._source(row[at]).value) is not None:
            more["source"] = source
        return more

    def _of_source(self, raw: Any) -> Read:
        if self._sources(cells.clean(raw).lower()):
            return Read("listed_platform")
        read = cells.choice("source", raw)
        return Read("unlisted_platform") if read.value is None and read.why and self._platforms else read


def _done(hours: Hours, year: int, value: Any, required: dict[str, float]) -> None:
    """A word for a whole year: done is all that is asked for, none is none; not done tells no hours."""
    for name, asked in required.items():
        if value == 0:
            hours.setdefault((year, name), 0)
        elif value is not None and hours.get((year, name)) is None:
            hours[year, name] = asked


def _picker(columns: list[int]) -> Callable[[Row], Any]:
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


class _Dates:
    """Reads the cells of one column of dates; looks at the whole column once a cell hangs on its habits."""

    def __init__(self, table: Table, found: Found, kind: str) -> None:
        self._table, self._index = table, found.index
        self._read = {"birth": cells.birth, "month": cells.month, "day": cells.day}[kind]
        self._habits: Habits | None = None
        self._days = False  # whether a day was named: then the first of a month is a day too
        self._exact = kind == "birth" and ("日期" in found.header or "年月日" in found.header)

    def __call__(self, raw: Any) -> Read:
        if self._table.sheet.since_1904 and type(raw) is float and 2100 <= raw <= 60_000:
            raw += 1462
        self._days = self._days or cells.names_a_day(raw)
        if cells.says_itself(raw) or (self._days and isinstance(raw, date)):
            return self._read(raw)
        if self._habits is None:
            habits = cells.habits_of(row[self._index] for row in self._table.body if self._index < len(row))
            self._habits = habits._replace(bare_months=habits.bare_months and not self._exact)
        return self._read(raw, self._habits)
