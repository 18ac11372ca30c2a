"""The workbooks: the report of a campaign, with charts, everybody and what to pass on by hand; and binding codes to hand out."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from bot.post.audience import NO_AGAIN
from bot.post.campaigns import STATES, Findings
from bot.post.quiet import ZONE
from bot.post.wording import Wordings
from bot.post.words import channel_words, reason_words, words
from rules import assess
from storage import Addressee

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

ROW = 84  # points: a picture of 110 pixels with a margin
PICTURE = 110
COLOURS = {"told": "#1B7F4B", "not_told": "#C0392B", "in_doubt": "#B9770E", "waiting": "#5D6D7E"}


def write(out: Path, found: Findings, wordings: Wordings) -> None:
    """Writes the report, whole or not at all. Raises: OSError."""
    said = words()["report"]
    with workbook(out) as book:
        _summary(book, book.add_worksheet(said["summary"]), found)
        _people(book, book.add_worksheet(said["people"]), found)
        _by_hand(book, book.add_worksheet(said["hand"]), found, wordings)


@contextmanager
def workbook(out: Path, **options: bool) -> Iterator[Workbook]:
    """A workbook in which text stays text, there once it is whole. Raises: OSError."""
    from xlsxwriter import Workbook

    made = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    plain = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    book = Workbook(str(made), plain | options)
    yield book
    book.close()
    os.replace(made, out)


def _moment(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")


def _summary(book: Workbook, sheet: Worksheet, found: Findings) -> None:
    said, bold, campaign = words(), book.add_format({"bold": True}), found.campaign
    states = Counter("waiting" if row.state == "sending" else row.state for row in found.rows)
    since = found.since()
    sheet.set_column(0, 0, 34)
    sheet.write(0, 0, campaign.title, book.add_format({"bold": True, "font_size": 16}))
    sheet.write_row(
        1, 0, (said["report"]["state"], STATES[campaign.state] + (f"：{campaign.why}" if campaign.why else ""))
    )
    sheet.write_row(2, 0, (said["report"]["total"], sum(states[state] for state in COLOURS)), bold)
    for at, state in enumerate(COLOURS, 3):
        sheet.write_row(at, 0, (said["states"][state], states[state]))
    for at, name in enumerate(since, 8):
        sheet.write_row(at, 0, (said["since"][name], since[name]))
    _chart(book, sheet, (3, 6), 1, said["report"]["chart"], list(COLOURS.values()))
    _chart(book, sheet, (8, 10), 17, said["report"]["since"], ["#1B7F4B", "#0B57A4", "#6C3483"])
    at = 12
    for title, counted in _tables(found):
        sheet.write(at, 0, title, bold)
        for line, (label, number) in enumerate(counted, at + 1):
            sheet.write_row(line, 0, (label, number))
        at += len(counted) + 2


def _chart(
    book: Workbook, sheet: Worksheet, rows: tuple[int, int], at: int, title: str, colours: Sequence[str]
) -> None:
    """Bars of what stands in some rows, each in its colour with its number."""
    chart, (first, last), name = book.add_chart({"type": "bar"}), rows, sheet.get_name()
    chart.add_series({
        "categories": [name, first, 0, last, 0], "values": [name, first, 1, last, 1], "data_labels": {"value": True},
        "points": [{"fill": {"color": colour}} for colour in colours],
    })  # fmt: skip
    chart.set_legend({"none": True})
    chart.set_title({"name": title})
    chart.set_y_axis({"reverse": True})
    sheet.insert_chart(at, 3, chart)


def _tables(found: Findings) -> list[tuple[str, list[tuple[str, int]]]]:
    titles = words()["report"]["tables"]
    channels = Counter(channel_words(row) for row in found.rows if row.state == "told")
    why = Counter(reason_words(row.reason) for row in found.rows if row.state in ("not_told", "in_doubt"))
    left_out = Counter(reason_words(row.reason, row.state) for row in found.rows if row.state == "left_out")
    return [(title, counted.most_common()) for title, counted in zip(titles, (channels, why, left_out), strict=True)]


def _people(book: Workbook, sheet: Worksheet, found: Findings) -> None:
    said = words()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 7, 14)
    sheet.set_column(4, 6, 20)
    sheet.write_row(0, 0, said["report"]["headers"], book.add_format({"bold": True}))
    for at, row in enumerate(found.rows, 1):
        out, over = row.state == "left_out", row.state not in ("waiting", "sending")
        person = not out and found.campaign.audience != "officers"
        still = said["report"]["still" if found.short(row) else "caught_up"] if person else ""
        cells = (
            row.label, found.name(row), said["states"]["waiting" if row.state == "sending" else row.state],
            channel_words(row), _moment(row.settled if over and not out else None),
            reason_words(row.reason, row.state) if row.state != "told" else "", _moment(row.opened), still, row.unit,
        )  # fmt: skip
        sheet.write_row(at, 0, cells)
    sheet.autofilter(0, 0, max(1, len(found.rows)), 8)


def _by_hand(book: Workbook, sheet: Worksheet, found: Findings, wordings: Wordings) -> None:
    """Those reached by no channel, each with words that can be copied into any chat or read out."""
    said, campaign = words(), found.campaign
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 2, 18)
    sheet.set_column(3, 3, 90)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.write_row(0, 0, said["report"]["hand_headers"], book.add_format({"bold": True}))
    missed = [row for row in found.rows if row.state == "not_told" and row.reason not in NO_AGAIN - {"stopped"}]
    if campaign.audience == "officers":
        missed = []
    for at, row in enumerate((row for row in missed if found.short(row)), 1):
        assessment, of = assess(found.packs, found.facts(row), found.today), (row.id, campaign.id, campaign.title)
        letter = wordings.letter("hand", *of, assessment, found.today, campaign.wording)
        sheet.write_row(at, 0, (row.label, found.name(row), reason_words(row.reason), letter.text), wrapped)


# ---------------------------------------------------------------- binding codes


def link_of(code: str, *, public_url: str, bot: str | None) -> str:
    """Where a code is brought by one tap: the bot where its name is known, else the page."""
    return f"https://t.me/{bot}?start={quote(code)}" if bot else f"{public_url}/b/{quote(code)}"


def write_codes(out: Path, people: Sequence[Addressee], codes: Sequence[str], links: Sequence[str]) -> None:
    """Writes binding codes, one row a person, with a link to follow and a picture to scan; whole or not at all. Raises: OSError."""
    import segno

    said = words()["invite"]
    with workbook(out, constant_memory=True) as book:
        sheet = book.add_worksheet(said["sheet"])
        middle = book.add_format({"valign": "vcenter", "text_wrap": True})
        code_style = book.add_format({"valign": "vcenter", "font_size": 14, "font_name": "Consolas"})
        sheet.freeze_panes(1, 0)
        for column, width in enumerate((14, 12, 22, 44, 17)):
            sheet.set_column(column, column, width)
        head = book.add_format({"bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF"})
        sheet.write_row(0, 0, said["headers"], head)
        for row, (one, code, link) in enumerate(zip(people, codes, links, strict=True), 1):
            sheet.set_row(row, ROW)
            for column, cell in enumerate((one.label, one.name, code, link)):
                sheet.write_string(row, column, cell, code_style if cell is code else middle)
            picture, drawn = io.BytesIO(), segno.make_qr(link, error="m")
            drawn.save(picture, kind="png", scale=4, border=2)
            size = PICTURE / (drawn.symbol_size(4, 2)[0])
            shown = {"image_data": picture, "x_scale": size, "y_scale": size, "object_position": 1}
            sheet.insert_image(row, 4, f"{row}.png", shown | {"description": said["picture"].format(code)})
