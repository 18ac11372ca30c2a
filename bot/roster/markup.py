"""Workbooks that are XML or HTML inside, as offices and platforms export them under any name: what Calamine cannot open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from bot.roster.grid import Merged, Row, Sheet, UnreadableRoster, measured, plain_cell

_WIDEST, _REPEATED = 2_000, 5_000  # columns that are looked at; empty rows or cells that a sheet repeats at its end
_REACHED = 5_000_000  # cells of a page that others reach over
_DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:\.\d+)?S")
_HUSHED = ("style", "script", "title")  # what a page says to browsers alone


class _Placed:
    """The cells of one sheet as they are found."""

    def __init__(self) -> None:
        self.cells: list[tuple[int, int, Any]] = []
        self.merged: list[Merged] = []
        self.hidden: set[int] = set()

    def put(self, row: int, column: int, value: Any, down: int, across: int) -> None:
        """A cell that reaches over so many rows and columns. Raises: UnreadableRoster for more cells than any roster has."""
        measured(len(self.cells), 1)
        self.cells.append((row, column, value))
        if down > 1 or across > 1:
            self.merged.append((row, column, row + down - 1, column + across - 1))

    def sheet(self, name: str, *, hidden: bool = False) -> Sheet:
        """All of them."""
        width = max((column + 1 for _, column, _ in self.cells if column < _WIDEST), default=0)
        rows: list[Row] = []
        for row, column, value in self.cells:
            if row - len(rows) > _REPEATED * 200:
                break
            measured(row + 1, width)
            rows += [[""] * width for _ in range(len(rows), row + 1)]
            if column < _WIDEST:
                rows[row][column] = value
        return Sheet(name, rows, self.merged, hidden, frozenset(self.hidden))


def tree_of(text: str, called: str) -> ElementTree.Element:
    """Raises: UnreadableRoster."""
    try:
        if "<!ENTITY" not in text:
            return ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    except ElementTree.ParseError:
        pass
    raise UnreadableRoster(f"打不开“{called}”：文件可能坏了，请用表格软件打开后另存为 .xlsx 再试")


def _told(node: ElementTree.Element) -> dict[str, str]:
    return {key.rpartition("}")[2]: value for key, value in node.attrib.items()}


def _all(node: ElementTree.Element, *tags: str) -> Iterator[ElementTree.Element]:
    return (each for each in node.iter() if each.tag.rpartition("}")[2] in tags)


def xml_2003(tree: ElementTree.Element) -> Iterator[Sheet]:
    """The sheets of an Excel 2003 XML document."""
    for worksheet in _all(tree, "Worksheet"):
        found, at = _Placed(), -1
        for row in _all(worksheet, "Row"):
            told, column = _told(row), -1
            at = int(told.get("Index", at + 2)) - 1
            if told.get("Hidden") == "1":
                found.hidden.add(at)
            for cell in _all(row, "Cell"):
                about = _told(cell)
                column = int(about.get("Index", column + 2)) - 1
                down, across = int(about.get("MergeDown", 0)), int(about.get("MergeAcross", 0))
                data = next(_all(cell, "Data"), None)
                kind, text = (_told(data).get("Type", ""), "".join(data.itertext())) if data is not None else ("", "")
                found.put(at, column, _typed(kind, text), down + 1, across + 1)
                column += across
            at += int(told.get("Span", 0))
        hidden = any("Hidden" in (node.text or "") for node in _all(worksheet, "Visible"))
        yield found.sheet(_told(worksheet).get("Name", ""), hidden=hidden)


def _typed(kind: str, text: str) -> Any:
    try:
        if kind in ("Number", "float", "currency", "percentage"):
            return float(text)
        if kind in ("DateTime", "date"):
            return datetime.fromisoformat(text.rstrip("Z"))
    except ValueError:
        return text
    return text in ("1", "true") if kind in ("Boolean", "boolean") else "" if kind == "Error" else text


def open_document(tree: ElementTree.Element) -> Iterator[Sheet]:
    """The sheets of an OpenDocument, flat or not."""
    hidden = {
        _told(style).get("name")
        for style in _all(tree, "style")
        if any(_told(part).get("display") == "false" for part in style)
    }
    for table in (node for node in _all(tree, "table") if "urn:oasis" in node.tag):
        found, at = _Placed(), 0
        for row in _all(table, "table-row"):
            told, column = _told(row), 0
            times = int(told.get("number-rows-repeated", 1))
            for cell in _all(row, "table-cell", "covered-table-cell"):
                about = _told(cell)
                wide, value = int(about.get("number-columns-repeated", 1)), _of_document(cell, about)
                down, across = (int(about.get(f"number-{what}-spanned", 1)) for what in ("rows", "columns"))
                if value != "" or down > 1 or across > 1:
                    for below in range(min(times, _REPEATED)):
                        for more in range(min(wide, _WIDEST)):
                            found.put(at + below, column + more, value, down, across)
                column += wide
            if told.get("visibility", "visible") != "visible":
                found.hidden |= {*range(at, at + min(times, _REPEATED))}
            at += times
        yield found.sheet(_told(table).get("name", ""), hidden=_told(table).get("style-name") in hidden)


def _of_document(cell: ElementTree.Element, about: dict[str, str]) -> Any:
    kind = about.get("value-type", "")
    text = "\n".join("".join(part.itertext()) for part in cell if part.tag.endswith("}p"))
    for remark in (part for part in cell if part.tag.endswith("}annotation")):
        said = "".join("".join(line.itertext()) for line in remark if line.tag.endswith("}p"))
        if re.search(r"\d", text):
            return f"{text}（{said}）"
    if kind == "time":
        return duration(about.get("time-value", "")) or text
    value = about.get({"date": "date-value", "boolean": "boolean-value"}.get(kind, "value"), text)
    return _typed(kind, value) if kind and kind != "string" else text


def duration(text: str) -> timedelta | None:
    """A length of time as OpenDocument writes it."""
    found = _DURATION.fullmatch(text)
    return timedelta(hours=int(found[1]), minutes=int(found[2]), seconds=int(found[3])) if found else None


class _Table(_Placed):
    """A table of a page while it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.row, self.column, self.reached = -1, 0, 0
        self.below: dict[int, int] = {}  # the last row, by column, that a cell which began above reaches
        self.text: list[str] | None = None  # of the cell that is open
        self.at = (0, 0, 1, 1)

    def begin(self, spans: list[int]) -> None:
        """A cell begins."""
        self.end()
        self.row, (down, across) = max(self.row, 0), spans
        begin = self.column
        while self.below.get(self.column, -1) >= self.row:
            self.column += 1
        self.at, self.text = (self.row, self.column, down, across), []
        across = min(across, max(_WIDEST - self.column, 1))
        self.reached += self.column - begin + across * (down > 1)
        if self.reached > _REACHED:
            raise UnreadableRoster("合并的格子太多，不像一份花名册，请取消合并再试")
        if down > 1:
            self.below |= dict.fromkeys(range(self.column, self.column + across), self.row + down - 1)
        self.column += across

    def end(self) -> None:
        """The cell that is open ends."""
        if self.text is not None:
            row, column, down, across = self.at
            self.put(row, column, plain_cell("".join(self.text)), down, across)
            self.text = None


class _Page(HTMLParser):
    """The tables of a page, those within others too."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[_Table] = []
        self.open: list[_Table] = []
        self._hushed = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HUSHED:
            self._hushed += 1
        elif tag == "table":
            self.open.append(_Table())
        elif self.open and tag == "tr":
            self.open[-1].end()
            self.open[-1].row, self.open[-1].column = self.open[-1].row + 1, 0
        elif self.open and tag in ("td", "th"):
            told = dict(attrs)
            spans = [told.get(name) or "1" for name in ("rowspan", "colspan")]
            self.open[-1].begin([min(max(int(n), 1), _WIDEST) if n.isdecimal() else 1 for n in spans])
        elif tag == "br":
            self.handle_data("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HUSHED:
            self._hushed = max(0, self._hushed - 1)
        elif self.open and tag in ("td", "th", "table"):
            self.open[-1].end()
            if tag == "table":
                self.found.append(self.open.pop())

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1].text is not None and not self._hushed:
            self.open[-1].text.append(data)


def html(text: str, called: str) -> list[Sheet]:
    """The tables of a page."""
    page = _Page()
    page.feed(text)
    page.close()
    while page.open:  # a page cut off before its end
        page.handle_endtag("table")
    return [table.sheet(Path(called).stem) for table in page.found if any(value != "" for *_, value in table.cells)]
