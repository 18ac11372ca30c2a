"""The workbook of a result, fed one person after another: result, summary, units, cells not read, explanations."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.roster.cells import written
from bot.roster.columns import document
from bot.roster.grid import letters
from bot.roster.opening import Opened
from bot.roster.people import Person
from bot.roster.tally import Tally
from bot.roster.verdicts import Value, headers, levels, words

if TYPE_CHECKING:
    from bot.roster.work import Job
    from rules import Notice

_UNITS_LISTED, _JOINED = 500, 12
_LONG_NUMBER = 10**11  # a number of more digits is shown as 1.2E+17: it is written out
_WIDTHS = {"bars": 34, "reliefs": 40, "clauses": 24, "next": 60, "phones": 40}
_TEXT = 32_000  # signs that a cell holds
STATUS_COLOURS = {
    "met": ("#DDF3E4", "#1B7F4B"), "short": ("#F9DEDC", "#C0392B"), "waived": ("#DCEAF7", "#2E6DA4"),
    "uncertain": ("#FCEFD5", "#B9770E"), "needs": ("#FFF7CC", "#7D6608"), "not_covered": ("#E8ECEF", "#5D6D7E"),
    "refused": ("#EBDEF0", "#6C3483"),
}  # fmt: skip
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")  # what no workbook can hold
_FORMULA = ("=", "+", "-", "@")  # text that a spreadsheet would take for a formula once it is typed again
_PAGE = {"landscape": True, "fit_to_pages": (1, 0)}


class KeptColumns:
    """The input's columns, each once, in the order in which the tables have them; what is kept of somebody's rows."""

    def __init__(self, opened: Opened, years: Sequence[int], labels: Iterable[str]) -> None:
        own = {*headers(range(min(years) - 20, max(years) + 1), labels)}
        self.names: list[str] = []
        self._places: dict[int, list[tuple[int, int]]] = {}
        self._changed: dict[Any, Any] = {}  # cells that the writer cannot take as they are
        self.quoted: set[str] = set()
        for table in opened.tables:
            found: list[tuple[int, int]] = []
            taken: set[int] = set()
            for column in table.columns:
                held = table.held(column.index)
                if column.meaning is None and (column.header in own or not (column.header or held.keys() - {""})):
                    continue
                place = self._place(column.header or letters(column.index), taken)
                taken.add(place)
                found.append((place, column.index))
                self._changed |= {raw: told for raw in held if (told := plain(raw)) is not raw}
                if any(type(text) is str and text.startswith(_FORMULA) for text in held):
                    self.quoted.add(self.names[place])
            self._places[id(table)] = found

    def _place(self, name: str, taken: set[int]) -> int:
        numbered, more = name, 1
        while True:
            if numbered not in self.names:
                self.names.append(numbered)
            place = self.names.index(numbered)
            if place not in taken:
                return place
            more += 1
            numbered = f"{name}（{more}）"

    def row(self, person: Person) -> list[Any]:
        """Somebody's cells; where their rows differ, what each says."""
        cells: list[Any] = [None] * len(self.names)
        changed = self._changed.get
        if len(person.lines) == 1:
            (line,) = person.lines
            row = line.row
            for place, index in self._places[id(line.table)]:
                raw = row[index]
                cells[place] = changed(raw, raw)
            return cells
        found: list[list[Any]] = [[] for _ in self.names]
        for line in person.lines:
            for place, index in self._places[id(line.table)]:
                if (value := changed(raw := line.row[index], raw)) is not None and value not in found[place]:
                    found[place].append(value)
        return [values[0] if len(values) == 1 else _all(values) for values in found]


def _all(values: list[Any]) -> str | None:
    more = f"；等{len(values)}项" if len(values) > _JOINED else ""
    return "；".join(map(written, values[:_JOINED])) + more or None


def plain(cell: Any) -> Any:
    """A cell of the input as the writer takes it."""
    if type(cell) is str:
        if cell.isprintable() and len(cell) < _TEXT:
            return cell or None
        return _CONTROL.sub("", cell[:_TEXT]) or None
    if isinstance(cell, float):
        if abs(cell) >= _LONG_NUMBER:
            return str(int(cell)) if cell == cell and abs(cell) != float("inf") else None
        return cell
    if isinstance(cell, date):
        return cell.date() if isinstance(cell, datetime) and not (cell.hour or cell.minute or cell.second) else cell
    return cell if isinstance(cell, (int, bool)) or cell is None else str(cell)


# ---------------------------------------------------------------- sheets


def write(out: Path, job: Job, tally: Tally, called: str, rows: Iterable[tuple[Person, list[Value]]]) -> None:
    """The workbook; `rows` goes by while it is written, and the other sheets after it. `called`: the name of the source."""
    from rustpy_xlsxwriter import Format, write_worksheets

    named, said, labels = words()["sheets"], words(), [category.short for category in job.notice.categories]
    kept = KeptColumns(job.opened, job.years, labels)
    added = [name if name not in kept.names else f"{name}（结果）" for name in headers(job.years, labels)]
    names = [*kept.names, *added]
    whole = (dict(zip(names, [*kept.row(person), *cells], strict=True)) for person, cells in rows)
    sheets: list[tuple[str, Any]] = [
        (named["result"], _first(whole, names)), (named["summary"], _summary(job, tally, called)), (named["units"], _units(tally)),
        (named["faults"], _faults(tally)), (named["columns"], _explained(job, tally)),
    ]  # fmt: skip
    wide = {said["columns"][key]: width for key, width in _WIDTHS.items()} | _widths(job.opened)
    rules = [
        {"type": "text", "criteria": "begins_with", "value": said["status"][status],
         "format": Format().set_background_color(pale).set_font_color(colour)}
        for status, (pale, colour) in STATUS_COLOURS.items()
    ]  # fmt: skip
    wrap, quote = Format().set_text_wrap(), Format().set_quote_prefix()
    bars = [name for name in added if name.startswith(said["columns"]["bars"])]
    write_worksheets(
        sheets,
        str(out),
        datetime_format="yyyy-mm-dd",
        freeze_panes={
            name: {"row": 1, "col": min(2, len(kept.names)) if name == named["result"] else 0} for name, _ in sheets
        },
        autofilter={named["result"]: True, named["faults"]: True, named["units"]: True},
        header_format=dict.fromkeys((name for name, _ in sheets), head_format()),
        column_widths={
            named["result"]: {name: float(wide.get(name, 11)) for name in names},
            named["summary"]: [30.0, 90.0],
            named["units"]: [26.0, *[10.0] * 8],
            named["faults"]: [8.0, 16.0, 16.0, 30.0, 70.0, 18.0],
            named["columns"]: [20.0, 100.0],
        },
        column_formats={
            named["result"]: dict.fromkeys(kept.quoted, quote) | dict.fromkeys(bars, wrap),
            named["summary"]: {said["summary"]["value"]: wrap},
            named["faults"]: {said["faults"]["why"]: wrap, said["faults"]["held"]: quote},
            named["columns"]: {said["explain"]["says"]: wrap},
        },
        conditional_formats={named["result"]: {added[0]: rules}},
        page_setup={name: _PAGE | ({"repeat_rows": 0} if name == named["result"] else {}) for name, _ in sheets},
        charts={named["units"]: [_chart(tally)]},
    )


def head_format() -> Any:
    """How the header of a sheet of ours looks."""
    from rustpy_xlsxwriter import Format

    head = Format().set_bold().set_background_color("#1F4E79").set_font_color("#FFFFFF")
    return head.set_text_wrap().set_border("thin")


def _widths(opened: Opened) -> dict[str, Any]:
    lines = {line["name"]: line["width"] for line in document()["column"] if "width" in line}
    return {
        found.header: lines[meaning.name]
        for table in opened.tables
        for meaning, found in table.known.items()
        if meaning.name in lines
    }


def _first(rows: Iterator[dict[str, Any]], names: list[str]) -> Iterator[dict[str, Any]]:
    """The rows, one without content where there are none: a sheet's columns are those of its first row."""
    empty = True
    for row in rows:
        empty = False
        yield row
    if empty:
        yield dict.fromkeys(names)


def _chart(tally: Tally) -> dict[str, Any]:
    said = words()["summary"]
    return {
        "type": "bar", "categories": said["unit"], "series": [{"values": tally.named("short")}], "title": said["chart_unit"],
        "row": 1, "col": 12, "width": 640, "height": 420, "legend": False,
    }  # fmt: skip


def _summary(job: Job, tally: Tally, called: str) -> Iterator[dict[str, Any]]:
    said, opened, gathered = words()["summary"], job.opened, job.opened.gathered
    lines: list[tuple[str, Any]] = [
        (said["source"], called), (said["policy"], job.notice.id), (said["day"], job.today.isoformat()),
        (said["people"], tally.people), (said["rows"], balance(opened)), (said["short_total"], round(tally.short_total, 2)),
    ]  # fmt: skip
    lines += [
        (f"{said['by_status']}：{tally.named(status)}", tally.by_status[status])
        for status in words()["status"]
        if tally.by_status[status]
    ]
    for level, label in levels().items():
        counts = {status: n for (one, status), n in tally.by(1, 2).items() if one == level}
        if counts:
            told = "，".join(f"{tally.named(status)} {n}" for status, n in counts.items())
            lines.append((f"{said['by_level']}：{label}", told))
    if gathered.nobody:
        lines.append((said["nobody"], len(gathered.nobody)))
    lines += [(said["question"], question) for question in opened.questions]
    lines += [(said["recognised"], note.strip()) for note in opened.notes]
    for label, value in lines:
        yield {said["item"]: label, said["value"]: value}


def balance(opened: Opened) -> str:
    """What became of the rows, checked: every one is somebody's or named."""
    gathered, said = opened.gathered, words()["summary"]
    theirs = sum(len(person.lines) for person in gathered.people)
    text = said["balance"].format(rows=gathered.rows, theirs=theirs, people=len(gathered.people))
    text += said["beside"].format(nobody=len(gathered.nobody)) if gathered.nobody else ""
    lost = gathered.rows - theirs - len(gathered.nobody)
    return text + (said["lost"].format(n=lost) if lost else "")


def _units(tally: Tally) -> Iterator[dict[str, Any]]:
    """The units, those with most people short first; what would be too many is one line."""
    found: dict[str, dict[str, int]] = {}
    for (unit, status), people in tally.by(0, 2).items():
        found.setdefault(unit, {})[status] = people
    rows = sorted(found.items(), key=lambda row: (-row[1].get("short", 0), -sum(row[1].values()), row[0]))
    rows = [(unit or words()["summary"]["unit_none"], row) for unit, row in rows]
    more = words()["summary"]["more_units"].format(n=len(rows) - _UNITS_LISTED)
    rest = sum((Counter(row) for _, row in rows[_UNITS_LISTED:]), Counter[str]())
    said = words()
    for unit, counts in [*rows[:_UNITS_LISTED], *([(more, rest)] if rest else [])] or [("—", {})]:
        row: dict[str, Any] = {said["summary"]["unit"]: unit, said["summary"]["total"]: sum(counts.values())}
        yield row | {tally.named(status): counts.get(status) for status in said["status"]}


def _faults(tally: Tally) -> Iterator[dict[str, Any]]:
    """Every cell that was not read: where it is, what it holds, why."""
    said = words()["faults"]
    found = sorted(tally.faults, key=lambda fault: fault.row)
    for fault in found:
        yield {
            said["row"]: fault.row, said["cell"]: fault.cell, said["header"]: fault.header, said["held"]: fault.held or None,
            said["why"]: fault.why, said["kind"]: said[fault.kind],
        }  # fmt: skip
    if not found:
        yield dict.fromkeys([said[key] for key in ("row", "cell", "header", "held")]) | {
            said["why"]: said["none"],
            said["kind"]: None,
        }


def explanations(notice: Notice) -> Iterator[tuple[str, str]]:
    """What each column of the input means."""
    yield from ((line["name"], line["says"]) for line in document()["column"])
    for category in notice.categories:
        yield f"{notice.review_year}{category.short}", document()["hours"]["says"].format(category=category.name)


def _explained(job: Job, tally: Tally) -> Iterator[dict[str, Any]]:
    said, named, notice = words()["explain"], words()["columns"], job.notice
    year = notice.review_year
    lines = [
        *explanations(notice),
        (named["status"], said["status"]),
        (named["short"].format(year=year, category=notice.categories[0].short), said["short"]),
    ]
    lines += [(named[key], said[key]) for key in ("total", "bars", "reliefs", "clauses", "next", "phones")]
    others = [job.packs.by_id(id) for id in sorted(tally.policies - {notice.id})]
    for each in (notice, *others):  # of several notices each clause says whose it is
        whose = f"（{each.id}）" if others else ""
        lines += [(f"{said['clause']} {name}{whose}", clause.says) for name, clause in each.clauses.items()]
    for name, text in lines:
        yield {said["column"]: name, said["says"]: text}
