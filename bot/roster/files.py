"""A file of any kind that offices have, opened as sheets of plain cells: workbooks, CSV in any encoding, HTML and XML 2003, under any name."""

from __future__ import annotations

import csv
import email
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

Row = list[Any]
Merged = tuple[int, int, int, int]  # first row, first column, last row, last column

BOOKS = frozenset((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".fods", ".et", ".xml", ".htm", ".html", ".mht", ".mhtml"))
PLAIN = frozenset((".csv", ".tsv", ".txt"))
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_LOCKED = "EncryptedPackage".encode("utf-16-le")  # the part that an office puts a workbook with a password into
_CELLS = 60_000_000  # cells of a sheet, the empty ones counted
_UNPACKED, _RATIO = 4 << 30, 400  # bytes a workbook may unpack to; times it may grow (what offices write grows 5 to 60 times)
_WIDEST, _REPEATED = 2_000, 5_000  # columns that are looked at; empty rows or cells that a sheet repeats at its end
_CORNER = re.compile(rb'<(?:\w+:)?dimension ref="[A-Z]+\d+:([A-Z]{1,3})(\d{1,7})"')
_SINCE_1904 = re.compile(rb'date1904="(1|true)"')
_TELLING = re.compile("姓名|性别|性別|工号|工號|编号|单位|單位|学时|學時|身份证|身份證|出生|级别|年度")
_AS_TEXT = re.compile(r'=\s*"(.*)"', re.S)  # how an export keeps a spreadsheet from taking 0012 for a number
_DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:\.\d+)?S")
_BLANK = " \t\r\n\u00a0\u3000\u200b\ufeff"


class UnreadableRoster(ValueError):
    """The file as a whole cannot be read; the message is one plain Chinese sentence."""


@dataclass
class Sheet:
    """The cells of one sheet from its first row and column on; what stands in them that a reader should be told."""

    name: str
    rows: list[Row]
    merged: list[Merged] = field(default_factory=list)
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()  # counted from 0
    unsaid: dict[tuple[int, int], str] = field(default_factory=dict)  # cells that hold an error, or a formula without its value
    since_1904: bool = False  # a bare number of days is counted from 1904


def open_file(source: Path, called: str = "") -> list[Sheet]:
    """The sheets of a file, also hidden ones. `called`: the name that people know it by.

    Raises: UnreadableRoster, OSError.
    """
    called = called or source.name
    if not source.is_file():
        raise UnreadableRoster(f"找不到文件：{called}")
    content = source.read_bytes()
    if not content.strip(b"\0 \t\r\n"):
        raise UnreadableRoster(f"“{called}”是空的，里面没有内容")
    if content.startswith(_OLE) or zipfile.is_zipfile(io.BytesIO(content)):
        return _book(content, called)
    if content.startswith(b"PK"):
        raise UnreadableRoster(f"打不开“{called}”：文件可能坏了，请用表格软件打开后另存为 .xlsx 再试")
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"mime-version:" in head and b"multipart" in head:
        parts = [part for part in email.message_from_bytes(content).walk() if part.get_content_type() == "text/html"]
        pages = [part.get_payload(decode=True) for part in parts]
        sheets = [sheet for page in pages if isinstance(page, bytes) for sheet in _html(decode(page), called)]
        return _numbered(sheets)
    text = decode(content)
    beginning = text[:65_536].lower()
    if beginning.lstrip().startswith("<") and ("<table" in beginning or "<?xml" in beginning or "<html" in beginning):
        if "urn:schemas-microsoft-com:office:spreadsheet" in beginning and "<html" not in beginning:
            return [*_xml_2003(_tree(text, called))]
        if "urn:oasis:names:tc:opendocument" in beginning:
            return [*_open_document(_tree(text, called))]
        return _numbered(_html(text, called))
    return [_plain(text, called)]


def _numbered(sheets: list[Sheet]) -> list[Sheet]:
    for number, sheet in enumerate(sheets, 1):
        if len(sheets) > 1:
            sheet.name = f"{sheet.name} 表{number}"
    return sheets


# ---------------------------------------------------------------- workbooks


def _book(content: bytes, called: str) -> list[Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    marks, since_1904, document = _inside(content, called)
    if document is not None:
        return [*_open_document(_tree(document.decode("utf-8", "replace"), called))]
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            sheets = []
            for at, line in enumerate(book.sheets_metadata):
                if line.typ != SheetTypeEnum.WorkSheet:
                    continue
                sheet = book.get_sheet_by_index(at)
                merged = [(*first, *last) for first, last in sheet.merged_cell_ranges or []]
                hidden_rows, unsaid = marks[len(sheets)] if len(sheets) < len(marks) else (frozenset(), {})
                rows = sheet.to_python(skip_empty_area=False) if sheet.start else []
                hidden = line.visible != SheetVisibleEnum.Visible
                sheets.append(Sheet(line.name, rows, merged, hidden, hidden_rows, unsaid, since_1904))
            return sheets
    except (CalamineError, OSError, ValueError) as fault:
        locked = "password" in str(fault).lower() or _LOCKED in content
        why = "文件设了密码，请去掉密码再试" if locked else "文件可能坏了，请用表格软件打开后另存为 .xlsx 再试"
        raise UnreadableRoster(f"打不开“{called}”：{why}") from fault


Marks = list[tuple[frozenset[int], dict[tuple[int, int], str]]]


def _inside(content: bytes, called: str) -> tuple[Marks, bool, bytes | None]:
    """What an archive holds that Calamine does not tell: hidden rows and unsaid cells a sheet, whether days count from 1904, and an
    OpenDocument's tree where cells are merged. Refuses what would unpack to something monstrous before anything unpacks it.
    """
    if not content.startswith(b"PK"):
        return [], False, None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            unpacked = sum(part.file_size for part in archive.infolist())
            if unpacked > _UNPACKED or (unpacked > 64 << 20 and unpacked > _RATIO * len(content)):
                raise UnreadableRoster(f"“{called}”解开后太大，不像一份花名册")
            if "content.xml" in names:
                tree = archive.read("content.xml")
                return [], False, tree if b"-spanned=" in tree else None
            numbered = [(re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", name), name) for name in names]
            sheets = [name for found, name in sorted(((int(m[1]), n) for m, n in numbered if m)) for name in [name]]
            marks = [_marks(archive.read(name), called) for name in sheets]
            book = archive.read("xl/workbook.xml") if "xl/workbook.xml" in names else b""
            return marks, _SINCE_1904.search(book) is not None, None
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError) as fault:
        raise UnreadableRoster(f"打不开“{called}”：文件可能坏了，请另存一份再试") from fault


def _marks(xml: bytes, called: str) -> tuple[frozenset[int], dict[tuple[int, int], str]]:
    corner = _CORNER.search(xml[:4096])
    if corner is not None and (letters_index(corner[1].decode()) + 1) * int(corner[2]) > _CELLS:
        where = f"{corner[1].decode()}{int(corner[2])}"
        raise UnreadableRoster(f"“{called}”有内容远在 {where}，请删掉表外多余的行和列，另存一份再试")
    hidden: set[int] = set()
    unsaid: dict[tuple[int, int], str] = {}
    if b"hidden=" not in xml and b't="e"' not in xml and b"<f" not in xml:
        return frozenset(), unsaid
    if b"<!DOCTYPE" in xml[:1024]:
        return frozenset(), unsaid
    try:
        for _, node in ElementTree.iterparse(io.BytesIO(xml)):
            tag = node.tag.rpartition("}")[2]
            if tag == "c":
                parts = {child.tag.rpartition("}")[2]: child.text for child in node}
                place = re.fullmatch(r"([A-Z]+)(\d+)", node.get("r", ""))
                if place and (node.get("t") == "e" or ("f" in parts and not parts.get("v") and "is" not in parts)):
                    at = int(place[2]) - 1, letters_index(place[1])
                    unsaid[at] = (parts.get("v") or "") if node.get("t") == "e" else "公式"
            elif tag == "row":
                if node.get("hidden") in ("1", "true"):
                    hidden.add(int(node.get("r", "0")) - 1)
                node.clear()
    except ElementTree.ParseError:  # Calamine will say what is wrong with it
        return frozenset(), {}
    return frozenset(hidden), unsaid


# ---------------------------------------------------------------- XML and HTML


def _tree(text: str, called: str) -> ElementTree.Element:
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


def _xml_2003(tree: ElementTree.Element) -> Iterator[Sheet]:
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
                for data in _children(cell, "Data"):
                    placed.append((at, column, _typed(_bare(data).get("Type", ""), "".join(data.itertext()))))
                down, across = int(told.get("MergeDown", 0)), int(told.get("MergeAcross", 0))
                if down or across:
                    merged.append((at, column, at + down, column + across))
                column += across
            at += int(_bare(row).get("Span", 0))
        options = "".join(node.text or "" for node in worksheet.iter() if node.tag.endswith("}Visible"))
        yield Sheet(_bare(worksheet).get("Name", ""), _grid(placed), merged, "Hidden" in options, frozenset(hidden))


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


def _open_document(tree: ElementTree.Element) -> Iterator[Sheet]:
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
                    placed += [(at, column + more, value) for more in range(min(times, _WIDEST))]
                column += times
            times = int(told.get("number-rows-repeated", 1))
            if times > 1 and placed and placed[-1][0] == at:
                again = [cell for cell in placed if cell[0] == at]
                placed += [(at + more, *cell[1:]) for more in range(1, min(times, _REPEATED)) for cell in again]
            if told.get("visibility", "visible") != "visible":
                hidden_rows |= {*range(at, at + min(times, _REPEATED))}
            at += times
        yield Sheet(_bare(table).get("name", ""), _grid(placed), merged, _bare(table).get("style-name") in hidden, frozenset(hidden_rows))


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


def _grid(placed: Iterable[tuple[int, int, Any]]) -> list[Row]:
    cells = [cell for cell in placed if cell[1] < _WIDEST]
    width = max((column + 1 for _, column, _ in cells), default=0)
    rows: list[Row] = []
    for row, column, value in cells:
        if row - len(rows) > _REPEATED * 200:
            break
        while len(rows) <= row:
            rows.append([""] * width)
        rows[row][column] = value
    return rows


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
        down, across = min(max(down, 1), _REPEATED), min(max(across, 1), _WIDEST)
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


def _html(text: str, called: str) -> list[Sheet]:
    reader = _Tables()
    reader.feed(text)
    reader.close()
    while reader._open:  # a page cut off before its end
        reader.handle_endtag("table")
    found = [(cells, merged) for cells, merged in reader.found if any(value != "" for *_, value in cells)]
    return [Sheet(Path(called).stem, _grid(cells), merged) for cells, merged in found]


# ---------------------------------------------------------------- plain text


def _plain(text: str, called: str) -> Sheet:
    lines = [line for line in text[:65_536].splitlines()[:200] if line.strip()]
    marks = [mark for mark in ",\t;|，" if any(mark in line for line in lines)]
    delimiter = max(marks, key=lambda mark: (sum(mark in line for line in lines), sum(line.count(mark) for line in lines)), default=",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows: list[Row] = [[plain_cell(cell) for cell in row] for row in reader]
    except csv.Error as fault:  # one quotation mark too many would hide everybody up to the next one
        raise UnreadableRoster(
            f"“{called}”不是合格的 CSV（第 {reader.line_num} 行以前有一个引号不成对），请用表格软件打开后另存为 .xlsx 再试"
        ) from fault
    if len(rows) > 1 and len(rows[0]) == 1 and str(rows[0][0]).lower().startswith("sep="):
        rows[0] = [""]
    while rows and not any(rows[-1]):
        rows.pop()
    width = max(map(len, rows), default=0)
    return Sheet(Path(called).stem, [row + [""] * (width - len(row)) for row in rows])


def plain_cell(text: str) -> str:
    """A cell of a text file without what only kept a spreadsheet from changing it."""
    text = text.strip(_BLANK)
    found = _AS_TEXT.fullmatch(text)
    return found[1].replace('""', '"').strip(_BLANK) if found else text


def decode(content: bytes) -> str:
    """Text in UTF-8, GB18030, Big5 or UTF-16, with or without a mark, whichever makes words of a roster.

    Raises: UnreadableRoster.
    """
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    wide = content[:4000].count(b"\0") * 20 > len(content[:4000])
    found = []
    for encoding in ["utf-16"] if marked else ["utf-16-le", "utf-16-be"] if wide else ["utf-8-sig", "gb18030", "big5hkscs"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.count("\0") * 100 <= len(text):  # a stray one is dirt, many are another encoding
            found.append(text.replace("\0", ""))
            if _TELLING.search(found[-1][:65_536]):
                return found[-1]
    if not found and not marked and _TELLING.search(text := content.decode("utf-8-sig", "replace")):
        if text.count("\ufffd") * 200 < len(text):
            return text
    if not found:
        raise UnreadableRoster("文字编码认不出来，请另存为 .xlsx 或 UTF-8 的 CSV")
    return found[0]


def letters_index(letters: str) -> int:
    """A spreadsheet's column letters as an index from 0: A is 0, AA is 26."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def letters(index: int) -> str:
    """An index from 0 as a spreadsheet's column letters: 0 is A, 26 is AA."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text
