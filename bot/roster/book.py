"""The workbook put together: what `sheets` draws round a long sheet whose rows were written elsewhere."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from bot.roster import sheets, sheetxml
from bot.roster.archive import Archive
from bot.roster.columns import letters
from bot.roster.result import headers, words
from bot.roster.sheets import Content, Styles

_STRINGS = "xl/sharedStrings.xml"
_SHEET = "xl/worksheets/sheet1.xml"


def write(out: Path, content: Content, parts: Sequence[sheetxml.Part]) -> None:
    """The whole workbook, with the rows of `parts` in its first sheet.

    Raises: archive.TooLong.
    """
    shell = _shell(content, sum(part.rows for part in parts))
    with out.open("wb") as file, zipfile.ZipFile(io.BytesIO(shell)) as source:
        archive = Archive(file)
        for name in source.namelist():
            member = source.read(name)
            if name == _SHEET:
                head, tail = _split(member, len(content.kept) + len(headers(content.years)), parts)
                archive.add_joined(name, head, parts, tail)
                continue
            if name == "[Content_Types].xml":
                member = member.replace(b"</Types>", _TYPE + b"</Types>")
            elif name == "xl/_rels/workbook.xml.rels":
                member = member.replace(b"</Relationships>", _RELATION + b"</Relationships>")
            archive.add(name, member)
        archive.add(_STRINGS, sheetxml.shared_strings(parts))
        archive.close()


_TYPE = (
    b'<Override PartName="/xl/sharedStrings.xml" '
    b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
)
_RELATION = (
    b'<Relationship Id="rIdStrings" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/>'
)


def _split(xml: bytes, width: int, parts: Sequence[sheetxml.Part]) -> tuple[bytes, bytes]:
    """The long sheet's XML before and after its rows. Its second row only shows the styles; it and the third go."""
    styles = re.search(rb'<row r="2".*?</row>', xml)
    end = xml.index(b"</sheetData>")
    if styles is None or [int(number) for number in re.findall(rb' s="(\d+)"', styles[0])] != [
        sheetxml.DAY, sheetxml.MOMENT, sheetxml.LONG_NUMBER, sheetxml.QUOTED,
    ]:  # fmt: skip
        raise RuntimeError("the workbook writer numbers its styles in another way than the rows were written for")
    rows = 1 + sum(part.rows for part in parts)
    dimension = f'<dimension ref="A1:{letters(width - 1)}{rows}"/>'.encode()
    head = re.sub(rb'<dimension ref="[^"]*"/>', dimension, xml[: styles.start()])
    return head, xml[end:]


def _shell(content: Content, rows: int) -> bytes:
    from xlsxwriter import Workbook

    named = words()["sheets"]
    held = io.BytesIO()
    book = Workbook(held, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": words()["summary"]["title"], "created": datetime(content.today.year, 1, 1)})
    styles = Styles(book)
    sheets.result(book.add_worksheet(named["result"]), content, styles, rows)
    sheets.summary(book, book.add_worksheet(named["summary"]), content, styles)
    sheets.faults(book.add_worksheet(named["faults"]), content, styles)
    sheets.explained(book.add_worksheet(named["columns"]), content, styles)
    book.close()
    return held.getvalue()
