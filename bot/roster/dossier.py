"""From the rows of one person to their facts, as the contract writes them, with every cell that was open."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.roster import cells
from bot.roster.cells import Read
from bot.roster.columns import kind_of, terms_of
from bot.roster.fields import Columns, Hours, OpenCell, TrainingRow
from bot.roster.mapping import AS_FULL, AS_OPEN, MARKED
from bot.roster.opening import Opened
from bot.roster.people import CellFault, Line, Person, place_of
from bot.roster.table import Table
from rules.registry import FACTS

if TYPE_CHECKING:
    from rules import Notice

_PATH = re.compile(r" ?\b[a-z_]+(?:\.\w+)* ?", re.ASCII)  # how the interface names a field, in a sentence for people
_VERIFIED = "listed_platform"  # what a yearly result counts as where other training stands beside it


class Somebody(NamedTuple):
    """Somebody read: facts, cells not read, facts that are in doubt, hours of which two things were told."""

    facts: dict[str, Any]
    faults: list[CellFault]
    doubts: set[str]
    spoilt: dict[tuple[int, str], list[float]]


class Reader:
    """Reads the rows of people. Cells and rows of closed lists that were read before are not read again."""

    def __init__(
        self,
        opened: Opened,
        notice: Notice,
        on: date,
        years: Iterable[int],
        sources: Callable[[str], bool],
        absent: int | None,
    ) -> None:
        """`on`: the day of application. `years`: those that can count. `sources`: whether a text names one of the notice's platforms.
        `absent`: the hours that no column tells of."""
        told = opened.told
        self._opened, self._notice, self._on, self._sources, self._absent = opened, notice, on, sources, absent
        self._alone, self._above = opened.alone, any(table.everybody for table in opened.tables)
        self._tables: dict[int, Columns] = {}
        self._categories, self._all_told = terms_of(notice).categories, told.columns | told.courses
        self._wanted = {(year, name): str(year) for year in sorted(years) for name in sorted(self._categories)}
        self._nothing_else, self._courses = told.courses - told.columns, bool(told.courses)

    def columns(self, table: Table) -> Columns:
        """The readers of a table's columns."""
        found = self._tables.get(id(table))
        if found is None:
            mapping = self._opened.mapping
            marks = {AS_FULL: True, AS_OPEN: False}.get(mapping.everybody.get(MARKED, ""))
            found = Columns(table, self._notice, self._sources, mapping.values, self._on, marks)
            self._tables[id(table)] = found
        return found

    def facts(self, person: Person) -> Somebody:
        """The facts of somebody, what was not read, and what is in doubt."""
        facts: dict[str, Any] = {"id": person.id} if person.id else {}
        faults, doubts, hours = list(person.said), set[str](), Hours()
        where: dict[str, Line] = {}
        records: list[TrainingRow] = []
        card = None
        for line in person.lines:
            columns = self.columns(line.table)
            kind, of_kind = columns.kind(line.row)
            unread = [*of_kind]
            if len(person.lines) == 1:
                facts.update(kind)
            else:
                unread += self._joined(facts, kind, where, line)
            doubts.update([each.key for each in unread], ("title_level",) if columns.held else ())
            columns.births(line.row, facts, doubts, unread)
            columns.hours(line, hours, records, unread)
            if columns.card >= 0 and (raw := line.row[columns.card]) != "":
                read = cells.card(raw)
                card = card or (read.value, line) if read.value is not None and read.value.birth else card
                if read.why:
                    unread.append(OpenCell(columns.card, "", read))
            columns.remarks(line.row, facts, doubts, unread)
            faults += [self.fault(line, index, raw, read) for index, raw, read, _ in unread if read.why]
            if line.table.sheet.unsaid:
                faults += self._unsaid(line)
        for said in (
            [person.above, *(line.table.everybody for line in person.lines)] if self._above or person.above else ()
        ):
            if "duty" in said:
                doubts.add("said purpose")
            if "short" in said:
                doubts.add("said short")
            for key, text in said.items():
                if key in FACTS and key not in doubts and (value := cells.reads(kind_of(key), text).value) is not None:
                    facts.setdefault(key, value)
        if card is not None:
            self._compare(facts, *card, faults)
        if facts.get("title_level") == "senior":
            facts["title_level"] = "deputy_senior"  # 高级 alone: 正高 is tried too
            doubts.add("title_level")
        history = self._history(person, hours, records, faults)
        if history:
            facts["history"] = history
        return Somebody(facts, faults, doubts, hours.spoilt)

    # ------------------------------------------------------------ what differs

    def _joined(
        self, facts: dict[str, Any], kind: dict[str, Any], where: dict[str, Line], line: Line
    ) -> Iterator[OpenCell]:
        """Put what one of several rows tells to what the others told; what differs is nothing."""
        for key, value in kind.items():
            if key not in where:
                facts[key], where[key] = value, line
            elif key == "exam_years" and key in facts:
                facts[key] = sorted({*facts[key], *value})
            elif facts.get(key, value) != value:
                theirs, place = where[key], line.table.place(key)
                other = place_of(theirs, theirs.table.place(key))[0]
                raw = line.row[place] if place >= 0 and line.row[place] != "" else str(facts[key])
                del facts[key]
                yield OpenCell(place, raw, cells.ask("rows_differ", other=other), key)

    def _compare(self, facts: dict[str, Any], card: cells.Card, line: Line, faults: list[CellFault]) -> None:
        """What the identity number says beside the columns: a difference is asked (A29)."""
        place = line.table.place("card")
        birth, sex = facts.get("birth"), facts.get("sex")
        if birth is not None and birth != card.birth[: len(birth)]:
            del facts["birth"]
            faults.append(self.fault(line, place, "", cells.ask("card_birth")))
        elif birth is not None or not any(fault.why == cells.ask("births_differ").why for fault in faults):
            facts["birth"] = card.birth
        if not card.sex:
            return
        if sex is not None and sex != card.sex:
            del facts["sex"]
            faults.append(self.fault(line, place, "", cells.ask("card_sex")))
        else:
            facts["sex"] = card.sex

    def _unsaid(self, line: Line) -> Iterable[CellFault]:
        for found in line.table.known.values():
            at = (line.number - 1, found.index)
            why = line.table.sheet.unsaid.get(at)
            if why is not None and line.row[found.index] == "":
                formula = why == "公式"
                read = cells.ask("formula" if formula else "error", shown=why)
                yield self.fault(line, found.index, "" if formula else why, read)

    def fault(self, line: Line, index: int, raw: Any, read: Read) -> CellFault:
        """What to say of a cell."""
        cell, header = place_of(line, index)
        cell = cell if self._alone else f"{line.table.sheet.name}!{cell}"
        return CellFault(line.number, cell, header, cells.shown(raw), read.why, "open")

    # ------------------------------------------------------------ training

    def _history(self, person: Person, hours: Hours, records: list[TrainingRow], faults: list[CellFault]) -> Any:
        """Hours by year and category, or a list of records where sources are told; nothing where nobody tells any."""
        sums = self._summed(hours, records, faults) if records else {}
        for year in _from_totals(hours, self._categories):
            why = cells.ask("total_differs", year=year)
            faults.append(self.fault(person.lines[0], -1, "", why))
        if hours.doubted:
            hours.update({at: None for at, amount in hours.items() if at[0] in hours.doubted and amount != 0})
        if not records and {*hours.values()} <= {None}:
            return None
        told = self._wanted
        if not hours.keys() <= told.keys():
            more = {at: str(at[0]) for at in hours if at[1] in self._categories}
            told = dict(sorted({**told, **more}.items()))
        none = self._courses and not person.doubtful and any(line.table.long for line in person.lines)
        table: dict[str, dict[str, Any]] = {}
        for at, called in told.items():
            amount = hours.get(at)
            if amount is None and at not in hours:
                amount = 0 if none and at in self._nothing_else else self._absent if self._untold(at) else None
            if called in table:
                table[called][at[1]] = amount
            else:
                table[called] = {at[1]: amount}
        return self._listed(table, records, sums) if any(training.more for training in records) else table

    def _summed(
        self, hours: Hours, records: list[TrainingRow], faults: list[CellFault]
    ) -> dict[tuple[int, str], float | None]:
        """The sums of the records by year and category, put to the other hours."""
        sums: dict[tuple[int, str], float | None] = {}
        again: dict[tuple[int, str], float] = {}
        for training in self._once(records, faults, again):
            at = training.year, training.category
            verified = training.more.get("verified", True)
            if (at in sums and sums[at] is None) or training.hours is None:
                sums[at] = None
            elif verified:
                sums[at] = _number(round((sums.get(at) or 0) + training.hours, 6))
            else:
                sums.setdefault(at, 0)
        for at, amount in sums.items():
            if not hours.put(at, amount):
                last = [training for training in records if (training.year, training.category) == at][-1]
                why = cells.ask("sums_differ", sum=amount, told="别的数")
                faults.append(self.fault(last.line, last.place, last.hours, why))
        for at, more in again.items():  # asked, where it would decide
            if (amount := sums.get(at)) is not None:
                hours.spoilt.setdefault(at, [amount, amount + more])
        return sums

    def _untold(self, at: tuple[int, str]) -> bool:
        """Whether no column tells of these hours."""
        told = self._all_told
        return at not in told and (at[0], "done") not in told and (at[0], "total") not in told

    def refused(self, person: Person, path: str, message: str) -> CellFault:
        """What to say of a fact that was read but cannot be: its cell, in plain words."""
        why = Read(None, _PATH.sub("", message))
        root, _, rest = path.partition(".")
        year, _, category = rest.partition(".")
        for line in person.lines:
            for meaning, found in line.table.known.items():
                same = (
                    meaning.key == root
                    if root != "history"
                    else meaning.key == "hours" and str(meaning.year) == year and category in ("", meaning.category)
                )
                if same and line.row[found.index] != "":
                    return self.fault(line, found.index, line.row[found.index], why)
        first = person.lines[0]
        return self.fault(first, first.table.place("card") if root in ("birth", "sex") else -1, "", why)

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

    def _once(
        self, records: list[TrainingRow], faults: list[CellFault], again: dict[tuple[int, str], float]
    ) -> list[TrainingRow]:
        """The records, equal rows once; rows of which nothing tells whether they are one are not known. `again`: the hours of rows left
        out that may be courses of their own."""
        found: dict[Any, TrainingRow] = {}
        for training in records:
            at, table = (training.year, training.category), training.line.table
            key = *at, training.place, tuple(map(str, training.line.row))
            if key not in found:
                found[key] = training
                continue
            named = table.place("record_course") >= 0 or table.place("record_date") >= 0
            said = self.fault(
                training.line, training.place, training.hours, cells.ask("equal_once" if named else "rows_equal")
            )
            faults.append(said._replace(kind="once") if named else said)
            if not named:
                found[key] = training._replace(hours=None)
            elif not table.told_apart and training.more.get("verified", True):
                again[at] = again.get(at, 0) + (training.hours or 0)
        records[:] = found.values()
        return records

    def _listed(
        self, table: dict[str, dict[str, Any]], records: list[TrainingRow], sums: dict[tuple[int, str], Any]
    ) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = [
            {"year": training.year, "category": training.category, "hours": _number(training.hours), "source": _VERIFIED, **training.more}
            for training in records if training.category in self._categories
        ]  # fmt: skip
        for year, told in table.items():
            listed += [
                {"year": int(year), "category": name, "hours": amount, "source": _VERIFIED}
                for name, amount in told.items() if (int(year), name) not in sums and amount != 0
            ]  # fmt: skip
        return listed


def _from_totals(hours: Hours, categories: tuple[str, ...]) -> Iterable[int]:
    """A total less one category is the other; a total of none is none of each. The years whose total is not that of its parts: then
    none of them is known."""
    for year, name in [at for at in hours if at[1] == "total"]:
        total = hours.pop((year, name))
        parts = [hours.get((year, category)) for category in categories]
        summed = sum(part or 0 for part in parts)
        if total is not None and (total < summed or (None not in parts and total != summed)):
            yield year
            hours.update({(year, category): None for category in categories})
        elif total == 0:
            for category in categories:
                hours.setdefault((year, category), 0)
        elif total is not None and parts.count(None) == 1:
            known = next(part for part in parts if part is not None)
            at = (year, categories[parts.index(None)])
            if total >= known and at not in hours:
                hours[at] = _number(round(total - known, 6))


def _number(value: float | None) -> float | int | None:
    return int(value) if isinstance(value, float) and value.is_integer() else value
