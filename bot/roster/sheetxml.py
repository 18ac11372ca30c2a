"""Rows as the XML of a worksheet, at the speed of string formatting, compressed as they come.

A long sheet is made of parts that several processes write side by side; `archive.py` joins them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from itertools import repeat
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

from isal import isal_zlib as zlib

from bot.roster.columns import letters

# The places of the cell styles in the workbook that `book.py` lays out; it checks them.
DAY, MOMENT, LONG_NUMBER, QUOTED = 2, 3, 4, 5

_LEVEL = 1  # of the fast compressor: as small as zlib's 1 in a third of its time
_FLUSH = 64  # rows that go to the compressor at once: few enough to stay in the processor's cache
_REMEMBERED = 3_000  # distinct cells of a column that are written as shared strings
_LONGEST = 32_767  # characters a cell can hold
_EPOCH = datetime(1899, 12, 30)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_FORMULA = re.compile(r"[\t\r]|\s*[=+\-@＝＋－＠]")


class Part(NamedTuple):
    """A stretch of rows written: the file of compressed XML, its checksum and lengths, the shared strings it added."""

    path: Path
    first: int  # the number of its first row in the sheet
    crc: int
    size: int
    packed: int
    rows: int
    strings: list[str]


def escape(text: str) -> str:
    """Text as it may stand in XML; what XML cannot hold is left out."""
    text = _FORBIDDEN.sub("", text)[:_LONGEST]
    if "_x" in text:
        text = _ESCAPED.sub("_x005F_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def string_item(text: str) -> str:
    """The inside of a shared or inline string."""
    keep = ' xml:space="preserve"' if text[:1].isspace() or text[-1:].isspace() or "\n" in text else ""
    return f"<t{keep}>{escape(text)}</t>"


class _Column(dict[Any, bytes]):
    """The cells of one column as XML, from what they hold; the row's number is still a NUL in them.

    The first distinct contents are remembered and written as shared strings; a column of ever new texts goes inline.
    """

    def __init__(self, index: int, strings: dict[str, int], lane: int, lanes: int) -> None:
        self._open = f'<c r="{letters(index)}\0"'
        self._strings, self._lane, self._lanes = strings, lane, lanes

    def __missing__(self, raw: Any) -> bytes:
        remember = len(self) < _REMEMBERED
        cell = b""
        if raw is not None and raw != "":
            cell = (self._open + ((type(raw) is not str and self._number(raw)) or self._text(raw, remember))).encode()
        if remember:
            self[raw] = cell
        return cell

    def _number(self, raw: Any) -> str:
        """A number, a truth value or a day, from its style on; "" where it is none."""
        kind = type(raw)
        if kind is float or kind is int:
            if kind is float and not raw.is_integer():
                if not isfinite(raw):
                    return ""  # no office opens a cell whose number is nan
                return f"><v>{raw!r}</v></c>"
            style = f' s="{LONG_NUMBER}"' if abs(raw) >= 10**11 else ""
            return f"{style}><v>{int(raw)}</v></c>"
        if kind is bool:
            return f' t="b"><v>{int(raw)}</v></c>'
        if kind is date and raw.year >= 1901:
            return f' s="{DAY}"><v>{(datetime(raw.year, raw.month, raw.day) - _EPOCH).days}</v></c>'
        if kind is datetime and raw.year >= 1901:
            passed = raw.replace(tzinfo=None) - _EPOCH
            if not passed.seconds:
                return f' s="{DAY}"><v>{passed.days}</v></c>'
            return f' s="{MOMENT}"><v>{passed.total_seconds() / 86400!r}</v></c>'
        return ""

    def _text(self, raw: Any, shared: bool) -> str:
        if not shared and type(raw) is str and raw.isalnum() and len(raw) < _LONGEST:
            return f' t="inlineStr"><is><t>{raw}</t></is></c>'  # an id or a name: nothing in it to take care of
        text = raw if type(raw) is str else raw.isoformat() if isinstance(raw, (date, time)) else str(raw)
        style = f' s="{QUOTED}"' if _FORMULA.match(text) else ""
        if not shared:
            return f'{style} t="inlineStr"><is>{string_item(text)}</is></c>'
        number = self._strings.setdefault(text, len(self._strings))
        return f'{style} t="s"><v>{number * self._lanes + self._lane}</v></c>'


class Rows:
    """Writes rows into one part. `lane` of `lanes`: which shared-string numbers are this part's."""

    def __init__(self, path: Path, width: int, first_row: int, lane: int = 0, lanes: int = 1) -> None:
        self._path, self._file = path, path.open("wb")
        self._row, self._first = first_row, first_row
        self._strings: dict[str, int] = {}
        self._columns = [_Column(index, self._strings, lane, lanes) for index in range(width)]
        self._pending: list[Sequence[Any]] = []
        self._squeeze = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
        self._crc = self._size = self._packed = 0

    def write(self, cells: Sequence[Any]) -> None:
        """Add one row; `cells` must be as many as the sheet is wide, and stay as they are."""
        self._pending.append(cells)
        if len(self._pending) >= _FLUSH:
            self._flush()

    def _flush(self) -> None:
        if not self._pending:
            return
        # Column by column, so that the interpreter has no loop of its own over the cells.
        columns = zip(*self._pending, strict=True)
        made = [map(column.__getitem__, held) for column, held in zip(self._columns, columns, strict=True)]
        cells = zip(repeat(b'<row r="\0">'), *made, repeat(b"</row>"))
        rows = [row.replace(b"\0", b"%d" % number) for number, row in enumerate(map(b"".join, cells), self._row)]
        content = b"".join(rows)
        self._row += len(rows)
        self._pending.clear()
        self._crc = zlib.crc32(content, self._crc)
        self._size += len(content)
        packed = self._squeeze.compress(content)
        self._packed += len(packed)
        self._file.write(packed)

    def close(self) -> Part:
        """End the part at a byte, open for the next part to follow."""
        self._flush()
        packed = self._squeeze.flush(zlib.Z_FULL_FLUSH)
        self._packed += len(packed)
        self._file.write(packed)
        self._file.close()
        return Part(
            self._path, self._first, self._crc, self._size, self._packed, self._row - self._first, list(self._strings)
        )


_NUMBERED = re.compile(rb'<(row|c) r="([A-Z]*)(\d+)"')


def following(parts: Sequence[Part], first: int) -> list[Part]:
    """The parts numbered without a gap from row `first` on: what a stretch left out (empty rows, footers) moves the next ones up."""
    found = []
    for part in parts:
        found.append(part if part.first == first or not part.rows else _renumbered(part, first - part.first))
        first += part.rows
    return found


def _renumbered(part: Part, shift: int) -> Part:
    """A part written again with other row numbers. `<` never stands bare in text, so only markup matches."""
    path = part.path.with_name(part.path.name + "-moved")
    unpack, squeeze = zlib.decompressobj(-15), zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
    crc = size = packed = 0
    rest = b""
    with part.path.open("rb") as source, path.open("wb") as target:
        while True:
            block = source.read(1 << 20)
            text = rest + (unpack.decompress(block) if block else unpack.flush())
            whole = text.rfind(b"</row>") + 6 if block else len(text)
            text, rest = text[:whole], text[whole:]
            text = _NUMBERED.sub(lambda match: b'<%b r="%b%d"' % (match[1], match[2], int(match[3]) + shift), text)
            crc, size = zlib.crc32(text, crc), size + len(text)
            out = squeeze.compress(text) + (b"" if block else squeeze.flush(zlib.Z_FULL_FLUSH))
            packed += len(out)
            target.write(out)
            if not block:
                break
    return part._replace(path=path, first=part.first + shift, crc=crc, size=size, packed=packed)


def shared_strings(parts: Sequence[Part]) -> bytes:
    """The workbook's table of shared strings, each part's in its own lane."""
    lanes = len(parts)
    longest = max((len(part.strings) for part in parts), default=0)
    items = []
    for number in range(longest * lanes):
        place, lane = divmod(number, lanes)
        strings = parts[lane].strings
        items.append(f"<si>{string_item(strings[place])}</si>" if place < len(strings) else "<si><t/></si>")
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="{len(items)}">'
        f"{''.join(items)}</sst>"
    ).encode()
