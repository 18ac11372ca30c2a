"""The workbook of binding codes: one row a person, with a link to follow and a picture to scan."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from bot.post.report import workbook
from bot.post.words import words
from storage import Addressee

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

ROW = 84  # points: a picture of 110 pixels with a margin
PICTURE = 110


def link_of(code: str, *, public_url: str, bot: str | None) -> str:
    """Where a code is brought by one tap: the bot where its name is known, else the page."""
    return f"https://t.me/{bot}?start={quote(code)}" if bot else f"{public_url}/b/{quote(code)}"


def write(out: Path, people: Sequence[Addressee], codes: Sequence[str], links: Sequence[str]) -> None:
    """Writes the workbook, whole or not at all. Raises: OSError."""
    with workbook(out, constant_memory=True) as book:
        _fill(book, people, codes, links)


def _fill(book: Workbook, people: Sequence[Addressee], codes: Sequence[str], links: Sequence[str]) -> None:
    import segno

    said = words()["invite"]
    sheet = book.add_worksheet(said["sheet"])
    head = book.add_format({"bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF"})
    middle = book.add_format({"valign": "vcenter", "text_wrap": True})
    code_style = book.add_format({"valign": "vcenter", "font_size": 14, "font_name": "Consolas"})
    sheet.freeze_panes(1, 0)
    for column, width in enumerate((14, 12, 22, 44, 17)):
        sheet.set_column(column, column, width)
    sheet.write_row(0, 0, said["headers"], head)
    for row, (one, code, link) in enumerate(zip(people, codes, links, strict=True), 1):
        sheet.set_row(row, ROW)
        sheet.write_string(row, 0, one.label, middle)
        sheet.write_string(row, 1, one.name, middle)
        sheet.write_string(row, 2, code, code_style)
        sheet.write_string(row, 3, link, middle)
        picture = io.BytesIO()
        drawn = segno.make_qr(link, error="m")
        drawn.save(picture, kind="png", scale=4, border=2)
        size = PICTURE / (drawn.symbol_size(4, 2)[0])
        options = {
            "image_data": picture,
            "x_scale": size,
            "y_scale": size,
            "description": f"绑定码 {code}",
            "object_position": 1,
        }
        sheet.insert_image(row, 4, f"{row}.png", options)
