"""The workbooks: the report of a campaign, with charts, everybody and what to pass on by hand; and binding codes to hand out."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bot.post.audience import NO_AGAIN
from bot.post.notice_words import channel_words, reason_words, words
from bot.post.office import STATES, Findings
from bot.post.quiet import ZONE
from bot.post.wording import Wordings
from rules import assess
from storage import Addressee, NoticeLine

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

ROW = 84  # points: a picture of 110 pixels with a margin
PICTURE = 110
COLOURS = {"told": "#1B7F4B", "not_told": "#C0392B", "in_doubt": "#B9770E", "waiting": "#5D6D7E"}
SINCE = ("#1B7F4B", "#0B57A4", "#6C3483")  # who was told, has opened, has caught up


def write(out: Path, found: Findings, wordings: Wordings) -> None:
    """Writes the report, whole or not at all. Raises: OSError."""
    with workbook(out) as book:
        _summary(book, found)
        people = [_person(found, row) for row in found.rows]
        _table(book, words()["people"], people).autofilter(0, 0, max(1, len(people)), 8)
        _table(book, words()["hand"], _by_hand(found, wordings), {"text_wrap": True, "valign": "top"})


@contextmanager
def workbook(out: Path) -> Iterator[Workbook]:
    """A workbook in which text stays text, there once it is whole. Raises: OSError."""
    from xlsxwriter import Workbook

    made = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    plain = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    book = Workbook(str(made), plain)
    yield book
    book.close()
    os.replace(made, out)


def _table(
    book: Workbook, said: Mapping[str, Any], rows: Sequence[Sequence[str]], style: Mapping[str, Any] | None = None,
    head: Mapping[str, Any] | None = None,
) -> Worksheet:  # fmt: skip
    """A sheet of its own with a row of headers that stays in sight."""
    sheet, looks = book.add_worksheet(said["sheet"]), book.add_format(style or {})
    sheet.freeze_panes(1, 0)
    for column, width in enumerate(said["widths"]):
        sheet.set_column(column, column, width)
    sheet.write_row(0, 0, said["headers"], book.add_format(head or {"bold": True}))
    for at, row in enumerate(rows, 1):
        sheet.write_row(at, 0, row, looks)
    return sheet


def _moment(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")


def _summary(book: Workbook, found: Findings) -> None:
    """How it stands, what has happened since, drawn and counted by channel and by reason."""
    said, campaign, since = words()["report"], found.campaign, found.since()
    sheet, bold = book.add_worksheet(said["summary"]), book.add_format({"bold": True})
    states = Counter("waiting" if row.state == "sending" else row.state for row in found.rows)
    sheet.set_column(0, 0, 34)
    sheet.write(0, 0, campaign.title, book.add_format({"bold": True, "font_size": 16}))
    sheet.write_row(1, 0, (said["state"], STATES[campaign.state] + (f"：{campaign.why}" if campaign.why else "")))
    sheet.write_row(2, 0, (said["total"], sum(states[state] for state in COLOURS)), bold)
    lines = [(words()["states"][state], states[state]) for state in COLOURS] + [("", "")]
    lines += [(words()["since"][name], count) for name, count in since.items()] + [("", "")]
    for title, counted in zip(said["tables"], _counted(found), strict=True):
        lines += [(title, ""), *counted.most_common(), ("", "")]
    for at, line in enumerate(lines, 3):
        sheet.write_row(at, 0, line, bold if line[0] in said["tables"] else None)
    _chart(book, sheet, (3, 6), 1, said["chart"], list(COLOURS.values()))
    _chart(book, sheet, (8, 10), 17, said["since"], SINCE)


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


def _counted(found: Findings) -> list[Counter[str]]:
    """How many were told by each channel, not told or left in doubt for each reason, and left out for each."""
    why = [row for row in found.rows if row.state in ("not_told", "in_doubt", "left_out")]
    return [
        Counter(channel_words(row) for row in found.rows if row.state == "told"),
        Counter(reason_words(row.reason) for row in why if row.state != "left_out"),
        Counter(reason_words(row.reason, row.state) for row in why if row.state == "left_out"),
    ]


def _person(found: Findings, row: NoticeLine) -> tuple[str, ...]:
    """Somebody's row of the report."""
    said, out, over = words(), row.state == "left_out", row.state not in ("waiting", "sending")
    still = ""
    if not out and found.campaign.audience != "officers":
        still = said["people"]["still" if found.short(row) else "caught_up"]
    return (
        row.label, found.name(row), said["states"]["waiting" if row.state == "sending" else row.state],
        channel_words(row), _moment(row.settled if over and not out else None),
        reason_words(row.reason, row.state) if row.state != "told" else "", _moment(row.opened), still, row.unit,
    )  # fmt: skip


def _by_hand(found: Findings, wordings: Wordings) -> list[tuple[str, ...]]:
    """Those reached by no channel, each with words that can be copied into any chat or read out."""
    campaign, rows = found.campaign, list[tuple[str, ...]]()
    for row in () if campaign.audience == "officers" else found.rows:
        if row.state == "not_told" and row.reason not in NO_AGAIN - {"stopped"} and found.short(row):
            assessment, of = assess(found.packs, found.facts(row), found.today), (row.id, campaign.id, campaign.title)
            letter = wordings.letter("hand", *of, assessment, found.today, campaign.wording)
            rows.append((row.label, found.name(row), reason_words(row.reason), letter.text))
    return rows


# ---------------------------------------------------------------- binding codes


def link_of(code: str, *, public_url: str, bot: str | None) -> str:
    """Where a code is brought by one tap: the bot where its name is known, else the page."""
    return f"https://t.me/{bot}?start={quote(code)}" if bot else f"{public_url}/b/{quote(code)}"


def write_codes(out: Path, invited: Sequence[tuple[Addressee, str]], links: Sequence[str]) -> None:
    """Writes binding codes, one row a person, with a link to follow and a picture to scan; whole or not at all. Raises: OSError."""
    import segno

    said, middle = words()["invite"], {"valign": "vcenter", "text_wrap": True}
    with workbook(out) as book:
        rows = [(one.label, one.name, code, link) for (one, code), link in zip(invited, links, strict=True)]
        sheet = _table(book, said, rows, middle, {"bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF"})
        code_style = book.add_format({"valign": "vcenter", "font_size": 14, "font_name": "Consolas"})
        for at, (_, _, code, link) in enumerate(rows, 1):
            sheet.set_row(at, ROW)
            sheet.write_string(at, 2, code, code_style)
            picture, drawn = io.BytesIO(), segno.make_qr(link, error="m")
            drawn.save(picture, kind="png", scale=4, border=2)
            size = PICTURE / (drawn.symbol_size(4, 2)[0])
            shown = {"image_data": picture, "x_scale": size, "y_scale": size, "object_position": 1}
            sheet.insert_image(at, 4, f"{at}.png", shown | {"description": said["picture"].format(code)})
