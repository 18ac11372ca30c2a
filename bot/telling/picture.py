"""A result as one picture, to keep, to send on or to print: PNG or PDF. Takes a tenth of a second: never on the event loop."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from bot.telling.bars import Bar, rows_of
from bot.telling.fonts import faces
from bot.telling.result import Result
from bot.telling.sheet import Part, parts

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

WIDTH, EDGE = 720, 40
PAGE = (1240, 1754)
"""A4 at 150 dots an inch."""
INK, SOFT, LINE, TROUGH = "#1b2420", "#55615b", "#c9cfcb", "#e9e7dd"
TONES = {"fine": "#0b5c4a", "short": "#8a3b0a", "open": "#2b4a7d", "estimate": "#3c4743"}
COLOURS = 64
_NOT_FIRST = "，。；：、）”！？》〕)"


class NoFont(Exception):
    """This machine has no font for Chinese."""


def png(result: Result, address: str = "") -> bytes:
    """The picture; `address` is where its QR code leads. Raises: NoFont."""
    from PIL import Image

    out, drawn = BytesIO(), _drawn(result, address)
    few = drawn.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)  # a third of the bytes
    few.save(out, "PNG", compress_level=3)
    return out.getvalue()


def pdf(result: Result, address: str = "") -> bytes:
    """The same on one page of A4. Raises: NoFont."""
    from PIL import Image

    drawn = _drawn(result, address)
    room = (PAGE[0] - 2 * 60, PAGE[1] - 2 * 60)
    share = min(room[0] / drawn.width, room[1] / drawn.height, 1.25)
    drawn = drawn.resize((round(drawn.width * share), round(drawn.height * share)), Image.Resampling.LANCZOS)
    page = Image.new("RGB", PAGE, "white")
    page.paste(drawn, ((PAGE[0] - drawn.width) // 2, 60))
    out = BytesIO()
    page.save(out, "PDF", resolution=150.0, title=f"继续教育学时结果 {result.day}")
    return out.getvalue()


@lru_cache(maxsize=16)
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    found = faces()
    if found is None:
        raise NoFont
    face = found.bold if bold else found.plain
    return ImageFont.truetype(face.file, size, index=face.number, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=20_000)
def _wide(character: str, size: int, bold: bool) -> float:
    return _font(size, bold).getlength(character)


def wrapped(text: str, size: int, room: float, *, bold: bool = False) -> list[str]:
    """The text in lines that fit; no line begins with a sign that ends something, no number is cut."""
    lines, line, length = [], "", 0.0
    for piece in _pieces(text):
        wide = sum(_wide(character, size, bold) for character in piece)
        if line and length + wide > room and piece[0] not in _NOT_FIRST:
            lines.append(line)
            line, length = "", 0.0
        line, length = line + piece, length + wide
    return [*lines, line] if line else lines


def _pieces(text: str) -> Iterable[str]:
    word = ""
    for character in text:
        if character.isascii() and not character.isspace():
            word += character
            continue
        if word:
            yield word
            word = ""
        yield character
    if word:
        yield word


class _Column:
    """A column that is written from top to bottom."""

    def __init__(self, height: int) -> None:
        from PIL import Image, ImageDraw

        self.image: Image.Image = Image.new("RGB", (WIDTH, height), "white")
        self.pen: ImageDraw.ImageDraw = ImageDraw.Draw(self.image)
        self.y = EDGE

    def text(
        self, text: str, size: int, colour: str = INK, *, bold: bool = False, left: int = EDGE, room: int = 0
    ) -> None:
        """A paragraph."""
        for line in wrapped(text, size, room or WIDTH - EDGE - left, bold=bold):
            self.pen.text((left, self.y), line, fill=colour, font=_font(size, bold))
            self.y += round(size * 1.5)

    def heading(self, text: str) -> None:
        self.y += 14
        self.pen.line((EDGE, self.y, WIDTH - EDGE, self.y), fill=LINE, width=2)
        self.y += 14
        self.text(text, 26, bold=True)

    def bar(self, bar: Bar, left: int, width: int) -> None:
        """One bar under its words; the pen stays on the row."""
        says = f"{bar.category} {bar.sum}".strip()
        self.pen.text((left, self.y), says, fill=INK, font=_font(24, False))
        end = left + sum(_wide(each, 24, False) for each in says) + 12
        self.pen.text(
            (end, self.y), bar.note, fill=TONES["short"] if bar.state == "short" else SOFT, font=_font(24, True)
        )
        top = self.y + 38
        self.pen.rectangle((left, top, left + width, top + 16), fill=TROUGH, outline=SOFT)
        if bar.share:
            self.pen.rectangle(
                (left, top, left + round(width * bar.share), top + 16),
                fill=TONES["short" if bar.state == "short" else "fine"],
            )


STYLES = {
    "quiet": (24, SOFT, 0),
    "line": (26, INK, 0),
    "plain": (24, INK, 0),
    "place": (22, SOFT, 24),
    "small": (22, SOFT, 0),
}
"""Size, colour and how far from the edge."""


def _drawn(result: Result, address: str) -> Any:
    """The picture as an image."""
    sheet, foot = _Column(4000), []
    for part in parts(result, address):
        if part.style == "verdict":
            top = sheet.y = sheet.y + 8
            sheet.text(part.text, 42, TONES[result.tone], bold=True, left=EDGE + 24)
            sheet.pen.rectangle((EDGE, top + 6, EDGE + 8, sheet.y - 6), fill=TONES[result.tone])
        elif part.style == "bars":
            _bars(sheet, result)
        elif part.style == "heading":
            sheet.heading(part.text)
        elif part.style in STYLES:
            size, colour, left = STYLES[part.style]
            sheet.text(part.text, size, colour, left=EDGE + left)
        else:
            foot.append(part)
    _foot(sheet, foot, address)
    return sheet.image.crop((0, 0, WIDTH, sheet.y + EDGE))


def _bars(sheet: _Column, result: Result) -> None:
    sheet.y += 10
    for row in rows_of(result.years or result.duty):
        sheet.pen.text((EDGE, sheet.y), row.label, fill=INK, font=_font(24, True))
        if not row.bars:
            left = max(EDGE + 100, EDGE + 20 + round(sum(_wide(each, 24, True) for each in row.label)))
            sheet.text(row.words, 24, SOFT, left=left)
            sheet.y += 6
            continue
        room = (WIDTH - 2 * EDGE - 100) // len(row.bars)
        for at, bar in enumerate(row.bars):
            sheet.bar(bar, EDGE + 100 + at * room, room - 20)
        sheet.y += 70
    sheet.y += 6


@lru_cache(maxsize=4)
def _code(address: str) -> tuple[bytearray, ...]:
    """The cells of the QR code that leads there."""
    import segno

    return tuple(segno.make(address, error="m").matrix)


FOOT = {"ends": (24, INK, True), "back": (22, SOFT, False), "mark": (18, SOFT, False)}


def _foot(sheet: _Column, foot: Iterable[Part], address: str) -> None:
    """Whose word counts, and beside it the way back."""
    sheet.y += 20
    top = bottom = sheet.y
    beside = EDGE
    if address:
        matrix = _code(address)
        cell = max(4, 150 // len(matrix))
        for row, cells in enumerate(matrix):
            for column, dark in enumerate(cells):
                if dark:
                    x, y = EDGE + column * cell, top + row * cell
                    sheet.pen.rectangle((x, y, x + cell - 1, y + cell - 1), fill="black")
        beside, bottom = EDGE + len(matrix) * cell + 28, top + len(matrix) * cell
    for part in foot:
        size, colour, bold = FOOT[part.style]
        sheet.text(part.text, size, colour, bold=bold, left=beside)
    sheet.y = max(sheet.y, bottom)
