"""A long sheet of an .xlsx cut into stretches before it is parsed, so that each process parses only its own.

A stretch is the same workbook with the other rows left out of that one sheet: every cell keeps its place. What does not stand in
plain sight (rows that do not say their number, another packing, a DOCTYPE) is not cut.
Whoever is told NotCut reads the sheet as a whole.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast
from xml.etree import ElementTree

from isal import isal_zlib

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_LONG = 8 << 20, 256 << 20  # bytes of a sheet's XML: less is not worth cutting, more is not held
_ROW = re.compile(rb'<row\s(?:[^>]*?\s)?r="(\d{1,7})"')
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # what a workbook may be packed with
_NO_ZIP = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError)  # what damage may look like
_BROKEN = cast("type[Exception]", isal_zlib.error)  # its stub calls it an instance
_SHEETS = "xl/worksheets/"
_PICTURES = "xl/media/"  # large, and not looked at
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class NotCut(Exception):
    """The sheet is to be read as a whole after all: something in it stands elsewhere than its beginning lets one expect."""


@dataclass
class LongSheet:
    """The XML of one long sheet, unpacked and not parsed. Rows are counted from 0, offsets in bytes."""

    source: Path
    member: str
    name: str
    xml: bytes = field(repr=False)
    first: int  # the offset of the first row
    end: int  # of what follows the last
    height: int
    _offsets: dict[int, int] = field(default_factory=dict, repr=False)

    def head(self, rows: int) -> CalamineWorkbook:
        """The workbook with no more than so many rows in the long sheet.

        Raises: NotCut, CalamineError.
        """
        after = next((found.start() for found in _ROW.finditer(self.xml, self.first) if int(found[1]) > rows), self.end)
        return self._book(self.first, after)

    def cuts(self, lanes: int) -> list[int]:
        """The rows at which the sheet is cut into so many stretches, about as long to parse.

        Raises: NotCut.
        """
        rows = []
        for lane in range(1, lanes):
            found = _ROW.search(self.xml, self.first + (self.end - self.first) * lane // lanes)
            if found is None:
                raise NotCut
            rows.append(int(found[1]) - 1)
            self._offsets[rows[-1]] = found.start()
        return rows

    def between(self, first: int, last: int, left: int, width: int) -> CalamineSheet:
        """The rows from `first` (a cut, or before all cuts) up to, not with, `last`, parsed; `left` and `width` are the columns that
        the sheet's beginning has.

        Raises: NotCut where a cell stands outside of these.
        """
        from python_calamine import CalamineError

        start, stop = self._offsets.get(first, self.first), self._offsets.get(last, self.end)
        try:
            sheet = self._book(start, stop).get_sheet_by_name(self.name)
        except (CalamineError, OSError, ValueError) as fault:
            raise NotCut from fault
        if sheet.start is not None and sheet.end is not None:
            above, right = sheet.start[0], sheet.end[1]
            if above < (first if start != self.first else 0) or sheet.end[0] >= last:
                raise NotCut  # rows in another order than their numbers
            if sheet.start[1] != left or right >= left + width:
                raise NotCut
        elif stop == self.end:
            raise NotCut  # rows without content at the end: the sheet is not as high as they say
        return sheet

    def _book(self, start: int, stop: int) -> CalamineWorkbook:
        from python_calamine import CalamineWorkbook

        held = io.BytesIO()
        try:
            with zipfile.ZipFile(self.source) as source, zipfile.ZipFile(held, "w") as made:
                for name in source.namelist():
                    if name != self.member and not name.startswith(_PICTURES):
                        made.writestr(name, source.read(name))
                whole = memoryview(self.xml)
                with made.open(self.member, "w") as part:
                    for piece in (whole[: self.first], whole[start:stop], whole[self.end :]):
                        part.write(piece)
        except _NO_ZIP as fault:
            raise NotCut from fault
        held.seek(0)
        return CalamineWorkbook.from_filelike(held)


def find(source: Path) -> LongSheet | None:
    """The long sheet of a workbook, where there is one and it can be cut."""
    try:
        with zipfile.ZipFile(source) as archive:
            parts = archive.infolist()
            found = [part for part in parts if part.filename.startswith(_SHEETS) and part.file_size >= _LONG[0]]
            twice = len({part.filename for part in parts}) != len(parts)
            odd = any(part.compress_type not in _PACKINGS for part in parts)
            if len(found) != 1 or found[0].file_size > _LONG[1] or twice or odd:
                return None
            name = _name(archive, found[0].filename)
            xml = _unpacked(archive, source, found[0]) if name else b""
    except (*_NO_ZIP, _BROKEN):
        return None  # whoever reads it as a whole will say what is wrong with it
    rows = _ROW.search(xml)
    end, last = xml.rfind(b"</sheetData>"), xml.rfind(b"<row ")
    number = _ROW.match(xml, last) if last >= 0 else None
    if rows is None or number is None or end < last or b"<!DOCTYPE" in xml[: rows.start()]:
        return None
    return LongSheet(source, found[0].filename, name, xml, rows.start(), end, int(number[1]))


def _unpacked(archive: zipfile.ZipFile, source: Path, part: zipfile.ZipInfo) -> bytes:
    """A member's content, by the faster of two unpackers where it is packed in the usual way."""
    if part.compress_type != zipfile.ZIP_DEFLATED or part.flag_bits & 1:
        return archive.read(part)
    with source.open("rb") as file:
        file.seek(part.header_offset + 26)
        lengths = file.read(4)
        file.seek(int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little"), io.SEEK_CUR)
        unpack = isal_zlib.decompressobj(-15)
        xml = unpack.decompress(file.read(part.compress_size), part.file_size + 1)
    if len(xml) != part.file_size or isal_zlib.crc32(xml) != part.CRC:
        raise zipfile.BadZipFile(part.filename)
    return xml


def _name(archive: zipfile.ZipFile, member: str) -> str:
    """The name of the sheet that a member holds, "" where that is not plain."""
    try:
        parts = [archive.read(name) for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")]
        if any(b"<!DOCTYPE" in part for part in parts):
            return ""
        book, relations = map(ElementTree.fromstring, parts)
    except (KeyError, ElementTree.ParseError):
        return ""
    targets = {each.get("Id"): each.get("Target", "") for each in relations}
    for sheet in book.iter():
        target = targets.get(sheet.get(_RELATION), "")
        if member == (target.lstrip("/") if target.startswith("/") else f"xl/{target}"):
            return sheet.get("name", "")
    return ""
