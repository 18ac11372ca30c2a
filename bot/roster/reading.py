"""A roster file opened: workbooks and CSV in any of their usual encodings, as rows of plain cells."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.roster import cells
from bot.roster.columns import LOOK_AT, Header, Merged, letters_index, recognise
from bot.roster.long import LongSheet, NotCut, find

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

BOOKS = frozenset((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"))
PLAIN = frozenset((".csv", ".tsv", ".txt"))
_ZIP, _OLE = b"PK", bytes.fromhex("d0cf11e0a1b11ae1")
_LOCKED = "EncryptedPackage".encode("utf-16-le")  # the part that an office puts a workbook with a password into
_SHARED = frozenset(
    ("unit", "sector", "unit_scope", "grassroots", "title_level", "route")
)  # merged over people of one unit or level
_CELLS = 60_000_000  # cells of a sheet, the empty ones counted
_DIMENSION = re.compile(rb'<(?:\w+:)?dimension ref="[A-Z]+\d+:([A-Z]{1,3})(\d{1,7})"')
_WORKBOOK, _SINCE_1904 = "xl/workbook.xml", re.compile(rb'date1904="(1|true)"')
_UNPACKED = 4 << 30  # bytes a workbook may unpack to
_RATIO = 400  # how many times a workbook may grow when it is unpacked; what offices write grows 5 to 60 times


class UnreadableRoster(ValueError):
    """The file as a whole cannot be read; the message is one plain Chinese sentence."""


@dataclass(frozen=True)
class Sheet:
    """The rows of one sheet, from its first; `left` is the column of their first cell in the file, counted from 0."""

    name: str
    rows: list[list[Any]] | CalamineSheet
    height: int
    left: int
    merged: Merged
    others: tuple[str, ...] = ()  # more sheets that look like rosters and were not read
    since_1904: bool = (
        False  # days are counted from 1904, as older Macs did; days with a date's format come out right anyway
    )
    spread: tuple[tuple[int, int, int], ...] = ()  # column, first and last row of a cell merged over several people
    long: LongSheet | None = None  # where `rows` are but the beginning of a sheet that is cut before it is parsed

    def iterate(self, first: int = 0, last: int | None = None) -> Iterator[list[Any]]:
        """The rows from `first` up to, not with, `last`."""
        rows = iter(self.rows if isinstance(self.rows, list) else self.rows.iter_rows())
        return islice(self._spread(rows) if self.spread else rows, first, last)

    def whole(self) -> Sheet:
        """The sheet with all its rows.

        Raises: NotCut where one of them cannot be parsed.
        """
        return self if self.long is None else replace(self, rows=_parsed(self.long.source, self.name), long=None)

    def bounds(self, first: int, lanes: int) -> list[int]:
        """The rows at which so many stretches from `first` on begin and end.

        Raises: NotCut.
        """
        if self.long is not None:
            bounds = [first, *self.long.cuts(lanes), self.height]
            if bounds != sorted(set(bounds)):
                raise NotCut  # most of the sheet stands above the people, or the rows in another order than their numbers
            return bounds
        return [first + (self.height - first) * lane // lanes for lane in range(lanes + 1)]

    def between(self, first: int, last: int, width: int) -> Sheet:
        """The sheet with at least the rows from `first` up to, not with, `last`; what stands in its first `width` columns.

        Raises: NotCut.
        """
        return self if self.long is None else replace(self, rows=self.long.between(first, last, self.left, width))

    def _spread(self, rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
        """The rows with a merged cell's content for everybody it covers; a row that says nothing itself stays empty."""
        waiting, open_now = sorted(self.spread, key=lambda cell: -cell[1]), list[tuple[int, int, Any]]()
        for number, row in enumerate(rows):
            if open_now and any(cell != "" for cell in row):
                for column, _, held in open_now:
                    row[column] = held
            while waiting and waiting[-1][1] == number:
                column, _, last = waiting.pop()
                open_now.append((column, last, row[column]))
            open_now = [cell for cell in open_now if cell[1] > number]
            yield row


def open_roster(
    source: Path, review_year: int, corrections: dict[str, str] | None = None, called: str = "", *, cut: bool = False
) -> tuple[Sheet, Header]:
    """The sheet of a file that is a roster, and its header. `called`: the name that people know the file by. `cut`: a long sheet may
    come with its beginning alone, to be cut before it is parsed.

    Raises: UnreadableRoster, UnknownColumn.
    """
    suffix, called = source.suffix.lower(), called or source.name
    if not source.is_file():
        raise UnreadableRoster(f"找不到文件“{called}”")
    with source.open("rb") as file:
        packed = file.read(8).startswith((_ZIP, _OLE))
    if suffix in PLAIN and packed:
        raise UnreadableRoster(f"“{called}”其实是工作簿，不是文本：请把文件名的后缀改成 .xlsx 再试")
    if suffix in PLAIN or (suffix in BOOKS and not packed and source.stat().st_size):
        sheets = [_plain(source, called)]  # also text that was only named .xlsx
    elif suffix in BOOKS:
        sheets = _book(source, called, cut)
    else:
        raise UnreadableRoster(f"“{called}”不是 .xlsx 或 .csv 文件")
    read = [(sheet, recognise(list(sheet.iterate(0, LOOK_AT)), sheet.merged, review_year)) for sheet in sheets]
    best = max(read, key=lambda pair: len(pair[1].known) if pair[1] else 0, default=None)
    if best is None or (best[1] is None and not corrections):
        raise UnreadableRoster("没有找到表头：至少要有“性别”“出生年月”“申报级别”这样的列名，可以用空白模板核对")
    sheet, header = best
    if corrections:
        header = recognise(list(sheet.iterate(0, LOOK_AT)), sheet.merged, review_year, corrections)
    if header is None:
        raise UnreadableRoster("没有找到表头，请用空白模板核对")
    enough = max(3, len(header.known) // 2)
    others = tuple(other.name for other, found in read if other is not sheet and found and len(found.known) >= enough)
    shared = {found.index for meaning, found in header.known.items() if meaning.key in _SHARED}
    spread = tuple(
        (left, top, bottom)
        for (top, left), (bottom, right) in sheet.merged
        if top > header.last and bottom > top and left == right and left in shared
    )
    if sheet.long is not None and (spread or not _plain_throughout(sheet, header)):
        return open_roster(source, review_year, corrections, called)
    return replace(sheet, others=others, spread=spread), header


def _plain_throughout(sheet: Sheet, header: Header) -> bool:
    """Whether, as far as the beginning of a sheet shows, no row hangs on those below: no column without a header, which is kept only
    where it is used, and no date that the habits of its column decide."""
    dates = [
        found.index for found in header.columns if found.meaning and found.meaning.kind in ("birth", "month", "day")
    ]
    rows = list(sheet.iterate(header.last + 1, LOOK_AT))
    told = [[row[index] for row in rows if row[index] != ""] for index in dates]
    return all(found.header or found.meaning for found in header.columns) and all(
        cells.says_itself(raw) or (isinstance(raw, date) and any(map(cells.names_a_day, column)))
        for column in told
        for raw in column
    )


# ---------------------------------------------------------------- workbooks


def _book(source: Path, called: str, cut: bool) -> list[Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    since_1904 = _check_archive(source, called)
    long = find(source) if cut and zipfile.is_zipfile(source) else None
    try:
        with CalamineWorkbook.from_path(source) if long is None else long.head(LOOK_AT) as book:
            shown = [
                line.name
                for line in book.sheets_metadata
                if line.typ == SheetTypeEnum.WorkSheet and line.visible == SheetVisibleEnum.Visible
            ]
            sheets = [_sheet(book.get_sheet_by_name(name), since_1904) for name in shown]
            return [
                sheet if long is None or sheet.name != long.name else replace(sheet, height=long.height, long=long)
                for sheet in sheets
            ]
    except NotCut:
        return _book(source, called, cut=False)
    except (CalamineError, OSError, ValueError) as fault:
        locked = "password" in str(fault).lower() or _LOCKED in source.read_bytes()
        why = "文件设了密码，请去掉密码再试" if locked else "文件可能坏了，请用表格软件打开后另存为 .xlsx 再试"
        raise UnreadableRoster(f"打不开“{called}”：{why}") from fault


def _parsed(source: Path, name: str) -> CalamineSheet:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        return CalamineWorkbook.from_path(source).get_sheet_by_name(name)
    except (CalamineError, OSError, ValueError) as fault:
        raise NotCut from fault


def _sheet(sheet: CalamineSheet, since_1904: bool) -> Sheet:
    """Calamine leaves out empty columns at the left, but not empty rows at the top."""
    left = sheet.start[1] if sheet.start else 0
    height = sheet.end[0] + 1 if sheet.end else 0
    merged = [
        ((first[0], first[1] - left), (last[0], last[1] - left))
        for first, last in sheet.merged_cell_ranges or []
        if first[1] >= left
    ]
    return Sheet(sheet.name, sheet, height, left, merged, since_1904=since_1904)


def _check_archive(source: Path, called: str) -> bool:
    """Refuse an archive that would unpack to something monstrous, before anything unpacks it; whether its days count from 1904."""
    if not zipfile.is_zipfile(source):
        return False
    try:
        with zipfile.ZipFile(source) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
            start = archive.open(_WORKBOOK).read(1 << 16) if _WORKBOOK in archive.namelist() else b""
            corner = next((found for name in archive.namelist() if (found := _far(archive, name))), "")
    except (zipfile.BadZipFile, OSError) as fault:
        raise UnreadableRoster(f"打不开“{called}”：文件可能坏了，请另存一份再试") from fault
    if corner:
        raise UnreadableRoster(f"“{called}”有内容远在 {corner}，请删掉表外多余的行和列，另存一份再试")
    if unpacked > _UNPACKED or (unpacked > 64 << 20 and unpacked > _RATIO * source.stat().st_size):
        raise UnreadableRoster(f"“{called}”解开后太大，不像一份花名册")
    return bool(_SINCE_1904.search(start))


def _far(archive: zipfile.ZipFile, name: str) -> str:
    """The last cell of a sheet that is too large to be held: one stray cell at the far corner makes it so."""
    if not name.startswith("xl/worksheets/") or not name.endswith(".xml"):
        return ""
    with archive.open(name) as part:
        found = _DIMENSION.search(part.read(4096))
    if found is None:
        return ""
    column, row = found[1].decode(), int(found[2])
    return f"{column}{row}" if (letters_index(column) + 1) * row > _CELLS else ""


# ---------------------------------------------------------------- plain text


def _plain(source: Path, called: str) -> Sheet:
    text = decode(source.read_bytes())
    first = text[:4096]
    delimiter = max(",\t;，", key=first.count) if any(sign in first for sign in ",\t;，") else ","
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows: list[list[Any]] = list(reader)
    except csv.Error as fault:  # one quotation mark too many would hide everybody up to the next one
        raise UnreadableRoster(
            f"“{called}”不是合格的 CSV（第 {reader.line_num} 行以前有一个引号不成对），请用表格软件打开后另存为 .xlsx 再试"
        ) from fault
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    width = max(map(len, rows), default=0)
    for row in rows:
        row += [""] * (width - len(row))
    return Sheet(called, rows, len(rows), 0, ())


def decode(content: bytes) -> str:
    """Text in UTF-8 with or without its mark, UTF-16 with its mark, or GB18030.

    Raises: UnreadableRoster.
    """
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ["utf-16"] if marked else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.count("\0") * 100 <= len(text):  # a stray one is dirt, many are another encoding
            return text.replace("\0", "")
    raise UnreadableRoster("文字编码认不出来，请另存为 .xlsx 或 UTF-8 的 CSV")
