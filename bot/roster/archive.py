"""A zip archive put together of parts already compressed, so that several processes can have written one long member."""

from __future__ import annotations

import shutil
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from bot.roster.sheetxml import Part

_POLYNOMIAL = 0xEDB88320
_LIMIT = 0xFFFFFFFF
_DEFLATED, _VERSION, _UTF8 = 8, 20, 0x800
_DAY, _TIME = 33, 0  # 1 January 1980: the same roster gives the same bytes


class TooLong(ValueError):
    """The sheet is larger than a workbook can hold."""


class _Member(NamedTuple):
    name: bytes
    crc: int
    packed: int
    size: int
    offset: int


class Archive:
    """Writes members one after another; `close` writes the directory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._members = file, list[_Member]()

    def add(self, name: str, content: bytes) -> None:
        """A member given whole."""
        squeeze = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = squeeze.compress(content) + squeeze.flush()
        self._start(name, zlib.crc32(content), len(packed), len(content))
        self._file.write(packed)

    def add_joined(self, name: str, head: bytes, parts: Sequence[Part], tail: bytes) -> None:
        """A member that is a head, stretches compressed elsewhere, and a tail.

        Raises: TooLong.
        """
        crc, size = zlib.crc32(head), len(head)
        for part in parts:
            crc, size = join_crc(crc, part.crc, part.size), size + part.size
        crc, size = join_crc(crc, zlib.crc32(tail), len(tail)), size + len(tail)
        opening = zlib.compressobj(6, zlib.DEFLATED, -15)
        first = opening.compress(head) + opening.flush(zlib.Z_FULL_FLUSH)
        ending = zlib.compressobj(6, zlib.DEFLATED, -15)
        last = ending.compress(tail) + ending.flush()
        packed = len(first) + sum(part.packed for part in parts) + len(last)
        if max(size, packed) >= _LIMIT:
            raise TooLong("结果超过了一个工作簿能放下的大小，请把花名册分成几份")
        self._start(name, crc, packed, size)
        self._file.write(first)
        for part in parts:
            with Path(part.path).open("rb") as stretch:
                shutil.copyfileobj(stretch, self._file, 1 << 20)
        self._file.write(last)

    def _start(self, name: str, crc: int, packed: int, size: int) -> None:
        member = _Member(name.encode(), crc, packed, size, self._file.tell())
        self._members.append(member)
        self._file.write(
            struct.pack(
                "<4s5H3I2H",
                b"PK\x03\x04",
                _VERSION,
                _UTF8,
                _DEFLATED,
                _TIME,
                _DAY,
                crc,
                packed,
                size,
                len(member.name),
                0,
            )
        )
        self._file.write(member.name)

    def close(self) -> None:
        """Write the directory of members."""
        start = self._file.tell()
        for one in self._members:
            self._file.write(
                struct.pack(
                    "<4s6H3I5H2I", b"PK\x01\x02", _VERSION, _VERSION, _UTF8, _DEFLATED, _TIME, _DAY,
                    one.crc, one.packed, one.size, len(one.name), 0, 0, 0, 0, 0, one.offset,
                )
            )  # fmt: skip
            self._file.write(one.name)
        length, count = self._file.tell() - start, len(self._members)
        if start >= _LIMIT:
            raise TooLong("结果超过了一个工作簿能放下的大小，请把花名册分成几份")
        self._file.write(struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, length, start, 0))


def join_crc(first: int, second: int, second_length: int) -> int:
    """The CRC-32 of two stretches one after the other, from the CRC-32 of each and the second's length in bytes.

    A CRC is linear over GF(2): append `second_length` zero bytes to the first by squaring the matrix that appends one
    zero bit, then add the second.
    """
    if not second_length:
        return first
    one_bit = [_POLYNOMIAL, *(1 << bit for bit in range(31))]
    matrix = _square(_square(_square(one_bit)))  # a byte
    while second_length:
        if second_length & 1:
            first = _times(matrix, first)
        second_length >>= 1
        if second_length:
            matrix = _square(matrix)
    return first ^ second


def _times(matrix: list[int], vector: int) -> int:
    total, row = 0, 0
    while vector:
        if vector & 1:
            total ^= matrix[row]
        vector >>= 1
        row += 1
    return total


def _square(matrix: list[int]) -> list[int]:
    return [_times(matrix, row) for row in matrix]
