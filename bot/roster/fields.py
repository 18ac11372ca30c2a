"""The cells of one table read: what each column's kind makes of them, births from several columns, hours and training of a row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache, partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.roster import cells
from bot.roster.cells import Habits, Read
from bot.roster.columns import RECORD, Found, HeaderTerms, Meaning, document, plain, terms_of, years_in
from bot.roster.grid import Row
from bot.roster.people import Line
from bot.roster.table import Table
from rules.notice import kept

if TYPE_CHECKING:
    from rules import Notice

_SUM = re.compile("合计|小计|总计|累计|共计")  # in the place of a course or a year: the row sums others up
_TELLING = ("remark", "whether", "postdoc", "verdict", "lacking")  # kinds of columns that tell as remarks do
_NO_FACTS = ("id", "card", "name", "unit", "email", "told_years")
CellReader = Callable[[Any], Read]
_remembering = lru_cache(20_000, typed=True)  # a reader that reads the same cell once; True is not 1


class OpenCell(NamedTuple):
    """A cell that was not read, or leaves something open: where it stands, what it holds, why, and which fact is open."""

    place: int
    raw: Any
    read: Read
    key: str = "hours"


class TrainingRow(NamedTuple):
    """One row of training: its year, category (or `total`), hours (None: not known), and what its source says."""

    year: int
    category: str
    hours: float | None
    more: dict[str, Any]
    line: Line
    place: int


class Hours(dict[tuple[int, str], float | None]):
    """Hours by year and category. None: not known; what was told twice and differently stays so."""

    def __init__(self, told: Mapping[tuple[int, str], float | None] | None = None) -> None:
        super().__init__(told or {})
        self.spoilt: dict[tuple[int, str], list[float]] = {}
        self.doubted: set[int] = set()  # years of which a remark says that their hours do not count

    def put(self, at: tuple[int, str], value: float | None) -> bool:
        """Whether that goes with what was told before."""
        before = self.get(at)
        if at in self.spoilt or (before is not None and value is not None and before != value):
            self.spoilt.setdefault(at, []).extend(told for told in (before, value) if told is not None)
            self[at] = None
            return False
        self[at] = before if value is None else value
        return True

    def take(self, others: Hours) -> list[tuple[int, str]]:
        """Put all of those to these; which of them do not go together."""
        for at, amounts in others.spoilt.items():
            self.spoilt.setdefault(at, []).extend(amounts)
        if self.keys().isdisjoint(others):
            self.update(others)
            return []
        return [at for at, value in others.items() if not self.put(at, value) and at not in others.spoilt]


class YearTold(NamedTuple):
    """What the cells of one year in a row say. `where`: the column that tells of each hours; `amounts`: column, category and hours of those
    that are courses where the rows of a person add up."""

    hours: Hours
    where: dict[tuple[int, str], int]
    unread: list[OpenCell]
    amounts: list[tuple[int, str, float | None]]


_Column = tuple[
    int, str, CellReader, int
]  # a column of hours: its place, category and reader, and of which other it is a twin


class Columns:
    """The readers of one table's columns."""

    def __init__(
        self, table: Table, notice: Notice, sources: Callable[[str], bool], answers: Mapping[str, Mapping[str, str]],
        on: date, marks: bool | None,
    ) -> None:  # fmt: skip
        """`on`: the day of application. `marks`: whether a mark alone stands for a year's hours; None: where the header asks for it."""
        self._marks, self._on = marks, on
        self._one_day = table.place("review_year") < 0 and table.place("review_date") < 0  # else each has another day
        self._table, self._sources, self._answers = table, sources, answers
        self._required: dict[str, float] = dict(notice.requirement)
        terms = terms_of(notice)
        self._terms, self._categories = terms, terms.categories
        self.card = table.place("card")
        self._births: list[tuple[int, CellReader]] = []
        self._told: list[tuple[int, str, CellReader]] = []
        years: dict[int, list[_Column]] = {}
        self._added: dict[int, list[tuple[int, CellReader]]] = {}  # the other parts of a column's hours
        first = {found.meaning: found.index for found in table.columns}
        for found in sorted(
            table.columns, key=lambda found: found.meaning is None
        ):  # those that are like others come last
            meaning = found.meaning or found.twin
            if meaning is None or meaning.key in _NO_FACTS or meaning.key in RECORD:
                continue
            reader = _remembering(self._reader(found, meaning))
            if meaning.key == "hours" and found.meaning is not None:
                years.setdefault(meaning.year, []).append((found.index, meaning.category, reader, -1))
            elif meaning.key == "hours" and found.adds:
                self._added.setdefault(first[meaning], []).append((found.index, reader))
            elif meaning.key == "hours":
                twin = first.get(meaning, found.index)
                years.setdefault(meaning.year, []).append((found.index, meaning.category, reader, twin))
            elif meaning.key == "birth":
                self._births.append((found.index, reader))
            elif found.meaning is not None or meaning.key == "title_level":
                self._told.append((found.index, meaning.key, reader))
        self._years = [(year, self._picked(each), each) for year, each in years.items()]
        self._years_told: dict[Any, YearTold] = {}
        # 职称级别 alone may be the level held
        self.held = any(f.weight == 1 and f.meaning and f.meaning.key == "title_level" for f in table.columns)
        self._headers = {found.index: found.header for found in table.columns}
        came_from = document()["doubt"]["came_from"]
        self._came_from = [
            f.index for f in table.columns if f.meaning is None and re.search(came_from, plain(f.header))
        ]
        told = [*(index for index, *_ in self._told), *self._came_from]
        self._pick: Callable[[Row], Any] = itemgetter(*told) if told else lambda row: ()
        self._kinds: dict[Any, tuple[dict[str, Any], list[OpenCell]]] = {}
        self._told_years = table.place("told_years")
        self._record = {key: table.place(key) for key in RECORD}
        self._record_hours = table.place("record_hours")
        keys = ("record_course", "record_year", "record_date") if table.long else ()
        self._told_by = [place for key in keys if (place := table.place(key)) >= 0]
        self._of_year = [place for key in ("record_year", "record_date") if (place := table.place(key)) >= 0]
        self._by_row = table.by_row
        self._platforms = any(
            "平台" in found.header for found in table.columns if found.index == table.place("record_source")
        )
        self._choices = {kind: _remembering(partial(cells.choice, kind)) for kind in ("verified", "yes_no")}
        self._choices["category"] = _remembering(partial(category_of, terms=terms))
        said = document()["doubt"]
        self._name = table.place("name")
        self._doubts = [
            (found.index, kind) for found in table.columns for kind in ("verified", "progress", "score", *_TELLING)
            if (found.meaning is None or found.meaning.key == "record_verified") and found.header
            and re.search(said[kind], plain(found.header))
            and (kind in _TELLING or not re.search(said["not_of_hours"], plain(found.header)))
            and (table.long or kind in _TELLING or (kind == "verified" and re.search(said["of_all"], plain(found.header))))
            and not years_in(found.header, terms)
        ]  # fmt: skip
        if self._name >= 0 and any("（" in text or "(" in text for text in map(str, table.held(self._name))):
            self._doubts.append((self._name, "remark"))  # 张三（退休）
        self._year, self._source = _remembering(cells.year), _remembering(self._of_source)

    def _picked(self, columns: list[_Column]) -> Callable[[Row], Any]:
        parts = [part for index, *_ in columns for part, _ in self._added.get(index, ())]
        return itemgetter(*(index for index, *_ in columns), *parts)

    def _reader(self, found: Found, meaning: Meaning) -> CellReader:
        kind = meaning.kind
        if meaning.key == "hours":
            asked = self._required.get(meaning.category, sum(self._required.values()))
            required = asked if (asks_whether(meaning, found) if self._marks is None else self._marks) else None
            return partial(self._hours_of, meaning.category, required)
        if kind in ("birth", "month", "day"):
            return _Dates(self._table, found, kind)
        if kind == "sex" and (codes := cells.sex_codes(found.header)):
            return partial(cells.sex_by, codes)
        if kind == "sex" and "0" in {cells.clean(row[found.index]) for row in self._table.body[:5_000]}:
            return partial(cells.sex_by, {})
        answers, reads = self._answers.get(found.meaning.name if found.meaning else ""), partial(cells.reads, kind)
        return (lambda raw: reads(answers.get(cells.clean(raw), raw))) if answers else reads

    def _hours_of(self, category: str, required: float | None, raw: Any) -> Read:
        """Hours of a category, or of all (`total`); those that the cell says to be of another one are asked."""
        read = cells.hours(raw, required)
        named = self._terms.in_text(cells.clean(raw)) if type(raw) is str and read.value is not None else ()
        mine = (category,) if category in self._categories else self._categories
        return cells.ask("remark", shown=cells.shown(raw)) if named and {*named} != {*mine} else read

    def kind(self, row: Row) -> tuple[dict[str, Any], list[OpenCell]]:
        """What the row says of the person, births and hours left out; read once for all rows that say the same."""
        return kept(self._kinds, self._pick(row), self._kind, row)

    def _kind(self, row: Row) -> tuple[dict[str, Any], list[OpenCell]]:
        facts: dict[str, Any] = {}
        unread: list[OpenCell] = []
        for index, name, reader in self._told:
            raw = row[index]
            if raw == "":
                continue
            read = reader(raw)
            if name == "transfer" and read.value is not None:
                read = self._from_where(row, read)
            if read.why:
                unread.append(OpenCell(index, raw, read, name))
            day = _day_of(self._headers[index]) if name == "age" and read.value is not None and self._one_day else None
            if day is not None:  # that, or a year more
                facts["age"] = read.value + self._on.year - day.year - (day.replace(year=self._on.year) > self._on)
                unread.append(OpenCell(index, raw, cells.NOTHING, name))
            elif name == "deemed" and read.value:
                year = next(meaning.year for meaning, found in self._table.known.items() if found.index == index)
                facts["exam_years"] = sorted({*facts.get("exam_years", ()), year})
            elif name != "deemed" and read.value is not None and facts.setdefault(name, read.value) != read.value:
                del facts[name]
                unread.append(OpenCell(index, raw, cells.ask("cells_differ"), name))
            beside = cells.words()["beside"].get(name)
            if beside and re.search(beside["found"], str(raw)):
                facts.setdefault(beside["key"], cells.choice(beside["key"], raw).value)
        return facts, unread

    def _from_where(self, row: Row, read: Read) -> Read:
        """A transfer where no column says from where, or it says from an office of state; else none, or open."""
        told = [cells.choice("transfer_from", row[at]) for at in self._came_from]
        if not told or all(each.value is True for each in told):
            return read
        if any(each.value is False for each in told):
            return cells.NOTHING
        return next((each for each in told if each.why), cells.ask("transfer_from"))

    def births(self, row: Row, facts: dict[str, Any], doubts: set[str], unread: list[OpenCell]) -> None:
        """Put the birth into the facts, where the cells that tell it do not differ."""
        age = facts.get("age") if self._births and self._one_day else None
        for index, reader in self._births:
            if row[index] == "" or "birth" in doubts:
                continue
            read, told = reader(row[index]), facts.get("birth")
            if read.why:
                if self._one_day and (year := cells.year_alone(row[index])):  # that age, or a year more
                    facts.setdefault("age", self._on.year - year - 1)
                    doubts.add("age")
                unread.append(OpenCell(index, row[index], read, "birth"))
            elif read.value is not None:
                shorter = min(len(read.value), len(told or ""))  # one may tell the month alone
                # an age may be one of another day, or 虚岁
                far = age is not None and not -1 <= self._on.year - int(read.value[:4]) - age <= 2
                if far or read.value[:shorter] != (told or "")[:shorter]:
                    for key in ("birth", "age"):
                        facts.pop(key, None)
                    doubts.add("birth")
                    unread.append(OpenCell(index, row[index], cells.ask("births_differ"), "birth"))
                elif told is None or len(read.value) > len(told):
                    facts["birth"] = read.value

    def remarks(self, row: Row, facts: dict[str, Any], doubts: set[str], unread: list[OpenCell]) -> None:
        """What remarks say of facts that no column tells: those are in doubt; a birth is not known that is said to be another."""
        for index, kind in self._doubts:
            lacking = kind == "lacking" and re.search("[1-9]", cells.clean(row[index]))  # 缺学时: 20
            if lacking or (kind == "verdict" and self._choices["verified"](row[index]).value is False):  # 是否达标: 否
                doubts.add("said short")
                said = cells.ask("remark_says", shown=cells.shown(row[index]))
                unread.append(OpenCell(index, row[index], said, "history"))
            text = self._remark(index, kind, row[index]) if row[index] != "" and kind in _TELLING else ""
            for line in cells.words()["remark"]["says"] if text else ():
                key = line["key"]
                told = self._table.place(key) >= 0 and not line.get("anyway")
                if not told and re.search(line["found"], text):
                    doubts.add(f"said {key}")
                    if line.get("anyway"):
                        facts.pop(key, None)
                    said = cells.ask("remark_says", shown=cells.shown(row[index]))
                    unread.append(OpenCell(index, row[index], said, key))

    def _remark(self, index: int, kind: str, raw: Any) -> str:
        """What a cell tells as a remark does; of an answer the header turned to it."""
        text, header = cells.clean(raw), plain(self._headers[index])
        if kind == "remark":
            return text if index != self._name else "".join(re.findall(r"\(([^)]*)", text))
        if kind in ("verdict", "lacking"):
            return ""
        if kind == "postdoc":
            return "" if cells.choice("postdoc", raw).value is False else header
        answer = self._choices["yes_no"](raw).value
        return "" if answer is None else header.replace("是否", "" if answer else "不")

    def hours(self, line: Line, hours: Hours, records: list[TrainingRow], unread: list[OpenCell]) -> None:
        """Put the row's hours to the others, or its training to the records."""
        row = line.row
        if self._told_by and any(_SUM.match(cells.clean(row[place])) for place in self._told_by):
            return
        if self._doubts and (against := self._against(row)) is not None:
            unread += [against] if against.read.why else []
            row = self._counted(row, against, hours)
        year_told = self._year_of(row, unread) if self._of_year else self._table.year
        by_row = self._record["record_category"] if self._by_row else -1
        named = self._choices["category"](row[by_row]) if self._by_row else None
        if named is not None and named.value is None:
            unread.append(OpenCell(by_row, row[by_row], named))
        for year, pick, columns in self._years if named is None or named.value else ():
            if not (at := year or year_told):
                continue
            key = year, at, named, pick(row)
            told = kept(self._years_told, key, self._year_told, row, at, columns, named and named.value)
            unread += told.unread
            if not year and self._table.adds_up:
                more = self._more(row) if told.amounts else {}
                records += [TrainingRow(at, name, amount, more, line, place) for place, name, amount in told.amounts]
                others = {place: told.hours[place] for place in told.hours if place[1] not in self._categories}
                hours.take(Hours(dict.fromkeys(told.hours.keys() - others.keys() - hours.keys())))
                hours.take(Hours(others))
                continue
            unread += [self._differs(row, told.where[place]) for place in hours.take(told.hours)]
        if self._told_years >= 0:
            for at, amounts in self._years_apart(row[self._told_years]).items():
                hours.take(Hours({(at, name): amount for name, amount in amounts.items()}))
        if self._record_hours >= 0:
            unread += self._training(line._replace(row=row), year_told, hours, records)

    def _differs(self, row: Row, index: int) -> OpenCell:
        return OpenCell(index, row[index], cells.ask("hours_differ"))

    def _year_told(self, row: Row, at: int, columns: list[_Column], named: str | None) -> YearTold:
        """What a row says of one year's hours. `named`: the category that the row names for all of them."""
        hours, where, unread = Hours(), dict[tuple[int, str], int](), list[OpenCell]()
        amounts: list[tuple[int, str, float | None]] = []
        for index, category, reader, first in columns:
            raw, category = row[index], named or category
            where.setdefault((at, category), index)
            if first >= 0 and (raw == "" or row[first] == ""):
                continue
            if raw == "":
                if category != "done":
                    hours.put((at, category), None)
                continue
            if category == "total" and (apart := self._apart(raw, index)):
                for name, amount in apart.items():
                    hours.put((at, name), amount)
                    amounts.append((index, name, amount))
                continue
            read = reader(raw)
            value = self._required.get(category) if read.value == cells.DEEMED else read.value
            if first < 0:
                unread += [OpenCell(index, raw, read)] if read.why else []
                if index in self._added:
                    value = self._whole(row, index, value, unread)
            if first < 0 and category in self._categories and (value is not None or read.why):
                amounts.append((index, category, value))
            if category == "done":
                _done(hours, at, value, self._required)
            elif not hours.put((at, category), value):
                unread.append(self._differs(row, index))
        return YearTold(hours, dict.fromkeys(hours, columns[0][0]) | where, unread, amounts)

    def _counted(self, row: Row, against: OpenCell, hours: Hours) -> Row:
        """The row without the hours that a cell speaks against."""
        if not self._table.long:
            years = {at.year for at in self._table.known if at.key == "hours"}
            hours.doubted |= years & years_in(str(against.raw), self._terms) or years
        elif against.read.value is not False or (self._record_hours < 0 and not self._table.adds_up):
            row = [*row]
            for place in (self._record_hours, *(index for _, _, each in self._years for index, *_ in each)):
                if place >= 0:
                    row[place] = cells.UNKNOWN
        return row

    def _whole(self, row: Row, index: int, value: Any, unread: list[OpenCell]) -> Any:
        """The hours of several columns that are parts of them; not known where one is not."""
        others = [
            (other, reader(row[other]) if row[other] != "" else cells.NOTHING) for other, reader in self._added[index]
        ]
        amounts = [value, *(read.value for _, read in others)]
        known = all(isinstance(amount, (int, float)) for amount in amounts)
        unread += [OpenCell(at, row[at], read) for at, read in others if read.why]
        return sum(amounts) if known else None

    def _year_of(self, row: Row, unread: list[OpenCell]) -> int:
        for place in self._of_year:
            if row[place] != "":
                read = self._year(row[place])
                unread += [OpenCell(place, row[place], read)] if read.why else []
                return read.value or 0
        return self._table.year

    def _training(self, line: Line, year: int, hours: Hours, records: list[TrainingRow]) -> Iterable[OpenCell]:
        row, place = line.row, self._record_hours
        read = cells.hours(row[place], 0) if row[place] != "" else cells.NOTHING
        if read.why:
            yield OpenCell(place, row[place], read)
        if not year:
            if row[place] != "":
                yield OpenCell(place, row[place], cells.ask("no_year"))
            return
        at, category = self._record["record_category"], "total"
        if at >= 0:
            told = self._choices["category"](row[at])
            if told.value is None:
                yield OpenCell(at, row[at], told if told.why else cells.ask("no_category"))
                records += [TrainingRow(year, name, None, {}, line, place) for name in self._categories]
                return
            category = told.value
            if category == "total":
                return  # a sum within the list
        if category == "total" and (year, self._categories[0]) in hours | dict.fromkeys(
            (m.year or year, m.category) for m in self._table.known if m.key == "hours"
        ):
            if not hours.put((year, "total"), read.value):
                yield OpenCell(place, row[place], cells.ask("hours_differ"))
            return
        amount, at = read.value, self._record["record_source"]
        if at >= 0 and row[at] != "" and (source := self._source(row[at])).value is None:
            amount = None
            yield OpenCell(at, row[at], source)
        records.append(TrainingRow(year, category, amount, self._more(row), line, place))

    def _more(self, row: Row) -> dict[str, Any]:
        """What a row says of its training beside the hours."""
        against = self._against(row)
        more: dict[str, Any] = {"verified": False} if against is not None and against.read.value is False else {}
        readers = {"certificate": self._choices["yes_no"], "approved": self._choices["yes_no"], "source": self._source}
        for name, reader in readers.items():
            at = self._record[f"record_{name}"]
            if at >= 0 and row[at] != "" and (value := reader(row[at]).value) is not None:
                more[name] = value
        return more

    def _years_apart(self, raw: Any) -> dict[int, dict[str, float]]:
        """The hours of each year and category, where one cell tells all; nothing where a part of it is not understood."""
        text = cells.clean(cells.written(raw).replace("\n", ";"))
        before, *parts = re.split(r"(?<!\d)((?:19|20)\d\d)年?度?", text)
        found = {
            int(year): self._apart(text, self._told_years) for year, text in zip(parts[::2], parts[1::2], strict=True)
        }
        return found if not before and all(found.values()) and len(found) * 2 == len(parts) else {}

    def _apart(self, raw: Any, index: int) -> dict[str, float]:
        """The hours of each category, where one cell tells all: 公需30专业60, or 30/60 under 公需/专业."""
        text = cells.clean(raw) if isinstance(raw, str) else ""
        if part := self._part(text):
            return part
        if whole := re.fullmatch(r"([\d.]+)(?:学时)?[(（]([\d.]+)[+＋/、]([\d.]+)[)）]", text):
            order, (total, *parts) = self._terms.in_order(self._headers[index]), map(float, whole.groups())
            known = len(order) == len(parts) and sum(parts) == total
            return {name: cells.hours(part, 0).value for name, part in zip(order, parts, strict=True)} if known else {}
        numbers = re.findall(r"\d+(?:\.\d+)?", text)
        if len(numbers) != len(self._terms.labels):
            return {}
        if re.fullmatch(r"[\d.]+(?:[/+、,;|][\d.]+)+", text):
            order = self._terms.in_order(self._headers[index])
            return (
                {name: cells.hours(number, 0).value for name, number in zip(order, numbers, strict=True)}
                if len(order) == len(numbers)
                else {}
            )
        found = [
            re.findall(rf"{short}(?:科目|课程?|学时)?[:：]?(\d+(?:\.\d+)?)(?=$|学时|[^\d.])", text)
            for _, short in self._terms.labels
        ]
        amounts = [cells.hours(one[0], 0).value for one in found if len(one) == 1]
        rest = re.sub(
            r"[\d.:：、,，;；+＋]|学时|科目|课程?|" + "|".join(short for _, short in self._terms.labels), "", text
        )
        return dict(zip(self._categories, amounts, strict=True)) if len(amounts) == len(found) and not rest else {}

    def _part(self, text: str) -> dict[str, float]:
        """The hours of two categories, where a total is told with those of one: 90（其中公需30）."""
        shorts = "|".join(short for _, short in self._terms.labels)
        found = re.fullmatch(
            rf"(\d+(?:\.\d+)?)(?:学时)?[(（,，;；]?其中[:：]?({shorts})(?:科目|课程?)?(?:学时)?[:：]?(\d+(?:\.\d+)?)(?:学时)?[)）]?",
            text,
        )
        if not found or len(self._categories) != 2 or float(found[3]) > float(found[1]):
            return {}
        one = next(name for name, short in self._terms.labels if short == found[2])
        told = cells.hours(found[3], 0).value, cells.hours(str(float(found[1]) - float(found[3])), 0).value
        return dict(zip((one, *({*self._categories} - {one})), told, strict=True))

    def _against(self, row: Row) -> OpenCell | None:
        """A cell that says of the row's hours that they do not count (False), or leaves it open, with why."""
        for index, kind in self._doubts:
            raw = row[index]
            if not (text := cells.clean(raw)):
                continue
            number = re.fullmatch(r"(\d+(?:\.\d+)?)(%|分)?", text)
            not_counted, read = cells.ask("not_counted", shown=cells.shown(raw)), None
            if kind == "remark":
                read = not_counted if cells.against().search(self._remark(index, kind, raw)) else None
            elif kind == "verified" and not number:
                told = self._choices["verified"](raw)
                if told.value is False or (told.value is None and self._table.long):
                    read = told if told.why else not_counted._replace(value=told.value)
            elif kind == "progress" and number and float(number[1]) not in (1, 100):
                read = not_counted._replace(value=False)
            elif kind == "score" and number and float(number[1]) < 60:
                read = cells.ask("low_score", shown=cells.shown(raw))
            if read is not None:
                return OpenCell(index, raw, read)
        return None

    def _of_source(self, raw: Any) -> Read:
        if self._sources(cells.clean(raw).lower()):
            return Read("listed_platform")
        read = cells.choice("source", raw)
        return Read("unlisted_platform") if read.value is None and read.why and self._platforms else read


def _day_of(header: str) -> date | None:
    """The day that a header counts ages on."""
    found = re.search(r"((?:19|20)\d\d)\D(\d{1,2})\D(\d{1,2})", header)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def asks_whether(meaning: Meaning, found: Found) -> bool:
    """Whether a column of hours asks by its header whether they are done, so that a word or a mark is an answer."""
    return meaning.category == "done" or re.search(document()["hours"]["marked"], found.header) is not None


def category_of(raw: Any, terms: HeaderTerms) -> Read:
    """The notice's category that a cell names, or `total`."""
    named = terms.in_text(cells.clean(raw).lower())
    if len(named) > 1:
        return cells.ask("two_categories")
    return Read(named[0]) if named else cells.choice("category", raw)


def _done(hours: Hours, year: int, value: Any, required: dict[str, float]) -> None:
    """A word for a whole year: done is all that is asked for, none is none; not done tells no hours."""
    for name, asked in required.items():
        if value == 0:
            hours.setdefault((year, name), 0)
        elif value is not None and hours.get((year, name)) is None:
            hours[year, name] = asked


class _Dates:
    """Reads the cells of one column of dates; looks at the whole column once a cell hangs on its habits."""

    def __init__(self, table: Table, found: Found, kind: str) -> None:
        self._table, self._index = table, found.index
        self._read = partial(cells.dated, kind)
        self._habits: Habits | None = None
        self._days = False  # whether a day was named: then the first of a month is a day too

    def __call__(self, raw: Any) -> Read:
        if self._table.sheet.since_1904 and type(raw) is float and 2100 <= raw <= 60_000:
            raw += 1462
        self._days = self._days or cells.names_a_day(raw)
        if cells.says_itself(raw) or (self._days and isinstance(raw, date)):
            return self._read(raw)
        if self._habits is None:
            self._habits = cells.habits_of(row[self._index] for row in self._table.body)
        return self._read(raw, self._habits)
