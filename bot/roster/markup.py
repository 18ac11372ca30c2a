"""Workbooks that are XML or HTML inside, as offices and platforms export them under any name: what Calamine cannot open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from bot.roster.grid import REPEATED, WIDEST, Merged, Sheet, UnreadableRoster, grid, plain_cell

_DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:\.\d+)?S")


def tree_of(text: str, called: str) -> ElementTree.Element:
    """Raises: UnreadableRoster."""
    if "<!ENTITY" in text:
        raise UnreadableRoster(f"打不开“{called}”：文件可能坏了，请用表格软件打开后另存为 .xlsx 再试")
    try:
        return ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    except ElementTree.ParseError as fault:
        raise UnreadableRoster(f"打不开“{called}”：文件可能坏了，请用表格软件打开后另存为 .xlsx 再试") from fault


def _bare(node: ElementTree.Element) -> dict[str, str]:
    return {key.rpartition("}")[2]: value for key, value in node.attrib.items()}


def _children(node: ElementTree.Element, *names: str) -> Iterator[ElementTree.Element]:
    for child in node:
        tag = child.tag.rpartition("}")[2]
        if tag in names:
            yield child
        elif tag in ("table-header-rows", "table-rows", "table-row-group", "table-header-columns"):
            yield from _children(child, *names)


def xml_2003(tree: ElementTree.Element) -> Iterator[Sheet]:
    """The sheets of an Excel 2003 XML document."""
    for worksheet in _children(tree, "Worksheet"):
        placed: list[tuple[int, int, Any]] = []
        merged: list[Merged] = []
        hidden = set()
        at = -1
        for row in chain.from_iterable(_children(table, "Row") for table in _children(worksheet, "Table")):
            at = int(_bare(row).get("Index", at + 2)) - 1
            column = -1
            if _bare(row).get("Hidden") == "1":
                hidden.add(at)
            for cell in _children(row, "Cell"):
                told = _bare(cell)
                column = int(told.get("Index", column + 2)) - 1
                placed += [
                    (at, column, _typed(_bare(data).get("Type", ""), "".join(data.itertext())))
                    for data in _children(cell, "Data")
                ]
                down, across = int(told.get("MergeDown", 0)), int(told.get("MergeAcross", 0))
                if down or across:
                    merged.append((at, column, at + down, column + across))
                column += across
            at += int(_bare(row).get("Span", 0))
        options = "".join(node.text or "" for node in worksheet.iter() if node.tag.endswith("}Visible"))
        yield Sheet(_bare(worksheet).get("Name", ""), grid(placed), merged, "Hidden" in options, frozenset(hidden))


def _typed(kind: str, text: str) -> Any:
    if kind in ("Number", "float", "currency", "percentage"):
        try:
            return float(text)
        except ValueError:
            return text
    if kind in ("DateTime", "date"):
        try:
            return datetime.fromisoformat(text.rstrip("Z"))
        except ValueError:
            return text
    if kind in ("Boolean", "boolean"):
        return text in ("1", "true")
    return "" if kind == "Error" else text


def open_document(tree: ElementTree.Element) -> Iterator[Sheet]:
    """The sheets of an OpenDocument, flat or not."""
    hidden = {
        style.get(next((key for key in style.attrib if key.endswith("}name")), ""), "")
        for style in tree.iter() if style.tag.endswith("}style")
        for part in style if _bare(part).get("display") == "false"
    }  # fmt: skip
    for table in (node for node in tree.iter() if node.tag.endswith("}table") and "urn:oasis" in node.tag):
        placed: list[tuple[int, int, Any]] = []
        merged: list[Merged] = []
        hidden_rows, at = set(), 0
        for row in _children(table, "table-row"):
            told, column = _bare(row), 0
            for cell in _children(row, "table-cell", "covered-table-cell"):
                about = _bare(cell)
                times = int(about.get("number-columns-repeated", 1))
                value = _of_document(cell, about)
                down, across = int(about.get("number-rows-spanned", 1)), int(about.get("number-columns-spanned", 1))
                if down > 1 or across > 1:
                    merged.append((at, column, at + down - 1, column + across - 1))
                if value != "":
                    placed += [(at, column + more, value) for more in range(min(times, WIDEST))]
                column += times
            times = int(told.get("number-rows-repeated", 1))
            if times > 1 and placed and placed[-1][0] == at:
                again = [cell for cell in placed if cell[0] == at]
                placed += [(at + more, *cell[1:]) for more in range(1, min(times, REPEATED)) for cell in again]
            if told.get("visibility", "visible") != "visible":
                hidden_rows |= {*range(at, at + min(times, REPEATED))}
            at += times
        yield Sheet(
            _bare(table).get("name", ""),
            grid(placed),
            merged,
            _bare(table).get("style-name") in hidden,
            frozenset(hidden_rows),
        )


def _of_document(cell: ElementTree.Element, about: dict[str, str]) -> Any:
    kind = about.get("value-type", "")
    text = "\n".join("".join(part.itertext()) for part in cell if part.tag.endswith("}p"))
    if kind == "time":
        return duration(about.get("time-value", "")) or text
    value = about.get({"date": "date-value", "boolean": "boolean-value"}.get(kind, "value"), text)
    return _typed(kind, value) if kind and kind != "string" else text


def duration(text: str) -> timedelta | None:
    """A length of time as OpenDocument writes it."""
    found = _DURATION.fullmatch(text)
    return timedelta(hours=int(found[1]), minutes=int(found[2]), seconds=int(found[3])) if found else None


class _Tables(HTMLParser):
    """The tables of a page, those within others too, each as placed cells."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[list[tuple[int, int, Any]], list[Merged]]] = []
        self._open: list[dict[str, Any]] = []
        self._hushed = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag in ("style", "script", "head", "title"):
            self._hushed += tag != "head"
        elif tag == "table":
            self._open.append({"row": -1, "column": 0, "taken": set(), "cells": [], "merged": [], "text": None})
        elif not self._open:
            return
        elif tag == "tr":
            self._end_cell()
            self._open[-1].update(row=self._open[-1]["row"] + 1, column=0)
        elif tag in ("td", "th"):
            self._begin_cell(told)
        elif tag == "br" and self._open[-1]["text"] is not None:
            self._open[-1]["text"].append("\n")

    def _begin_cell(self, told: dict[str, str]) -> None:
        self._end_cell()
        table = self._open[-1]
        table["row"] = max(table["row"], 0)
        while (table["row"], table["column"]) in table["taken"]:
            table["column"] += 1
        down, across = (int(told[name]) if told.get(name, "").isdecimal() else 1 for name in ("rowspan", "colspan"))
        down, across = min(max(down, 1), REPEATED), min(max(across, 1), WIDEST)
        row, column = table["row"], table["column"]
        table["taken"] |= {(row + below, column + right) for below in range(down) for right in range(across)}
        if down > 1 or across > 1:
            table["merged"].append((row, column, row + down - 1, column + across - 1))
        table["at"], table["text"], table["column"] = (row, column), [], column + across

    def _end_cell(self) -> None:
        table = self._open[-1]
        if table["text"] is not None:
            table["cells"].append((*table["at"], plain_cell("".join(table["text"]))))
            table["text"] = None

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script", "title"):
            self._hushed = max(0, self._hushed - 1)
        elif self._open and tag in ("td", "th"):
            self._end_cell()
        elif self._open and tag == "table":
            self._end_cell()
            table = self._open.pop()
            self.found.append((table["cells"], table["merged"]))

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1]["text"] is not None and not self._hushed:
            self._open[-1]["text"].append(data)


def html(text: str, called: str) -> list[Sheet]:
    """The tables of a page."""
    reader = _Tables()
    reader.feed(text)
    reader.close()
    while reader._open:  # a page cut off before its end
        reader.handle_endtag("table")
    found = [(cells, merged) for cells, merged in reader.found if any(value != "" for *_, value in cells)]
    return [Sheet(Path(called).stem, grid(cells), merged) for cells, merged in found]
