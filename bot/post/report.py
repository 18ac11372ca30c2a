"""The workbook of a campaign: how many, with a chart; everybody, one a row; and what to pass on by hand."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.post.audience import is_short
from bot.post.campaigns import STATES
from bot.post.quiet import ZONE
from bot.post.wording import Wordings
from bot.post.words import channel_words, reason_words, words
from rules import Assessment, Library, assess
from storage import Campaign, Row

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

ORDER = ("told", "not_told", "in_doubt", "waiting")
COLOURS = {"told": "#1B7F4B", "not_told": "#C0392B", "in_doubt": "#B9770E", "waiting": "#5D6D7E"}


class Content(NamedTuple):
    """What the report is about. `names` and `now` come from the roster as it stands today, where it can be read."""

    campaign: Campaign
    rows: Sequence[Row]
    names: Mapping[str, str]
    now: Mapping[str, Mapping[str, Any]]  # facts by subject
    packs: Library
    wordings: Wordings
    today: date


def write(out: Path, content: Content) -> None:
    """Writes the workbook, whole or not at all. Raises: OSError."""
    from xlsxwriter import Workbook

    said = words()["report"]
    made = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    book = Workbook(str(made), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    now = {
        row.id: assess(content.packs, content.now.get(row.subject, row.facts), content.today) for row in content.rows
    }
    _summary(book, book.add_worksheet(said["summary"]), content, now)
    _people(book, book.add_worksheet(said["people"]), content, now)
    _by_hand(book, book.add_worksheet(said["hand"]), content, now)
    book.close()
    os.replace(made, out)


def _state(row: Row) -> str:
    return "waiting" if row.state == "sending" else row.state


def _moment(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")


def _summary(book: Workbook, sheet: Worksheet, content: Content, now: Mapping[int, Assessment]) -> None:
    said, bold = words(), book.add_format({"bold": True})
    states = Counter(_state(row) for row in content.rows)
    caught_up = sum(not is_short(now[row.id]) for row in content.rows if row.state == "told")
    sheet.set_column(0, 0, 34)
    sheet.write(0, 0, content.campaign.title, book.add_format({"bold": True, "font_size": 16}))
    sheet.write_row(
        1, 0, ("状态", STATES[content.campaign.state] + (f"：{content.campaign.why}" if content.campaign.why else ""))
    )
    sheet.write_row(2, 0, ("应告知", len(content.rows)), bold)
    for at, state in enumerate(ORDER, 3):
        sheet.write_row(at, 0, (said["states"][state], states.get(state, 0)))
    sheet.write_row(7, 0, ("打开过", sum(row.opened is not None for row in content.rows)))
    sheet.write_row(8, 0, ("告知后已够", caught_up))
    chart = book.add_chart({"type": "bar"})
    points = [{"fill": {"color": COLOURS[state]}} for state in ORDER]
    name = said["report"]["summary"]
    chart.add_series(
        {
            "categories": [name, 3, 0, 6, 0],
            "values": [name, 3, 1, 6, 1],
            "points": points,
            "data_labels": {"value": True},
        }
    )
    chart.set_legend({"none": True})
    chart.set_title({"name": "告知情况"})
    chart.set_y_axis({"reverse": True})
    sheet.insert_chart(1, 3, chart)
    at = 10
    for title, counted in _tables(content):
        sheet.write(at, 0, title, bold)
        for line, (label, number) in enumerate(counted, at + 1):
            sheet.write_row(line, 0, (label, number))
        at += len(counted) + 2


def _tables(content: Content) -> list[tuple[str, list[tuple[str, int]]]]:
    said = words()
    channels = Counter(channel_words(row) for row in content.rows if row.state == "told")
    why = Counter(reason_words(row.reason) for row in content.rows if row.state in ("not_told", "in_doubt"))
    left_out = [(said["left_out"].get(key, key), len(who)) for key, who in content.campaign.left_out.items()]
    return [
        ("已告知的渠道", channels.most_common()),
        ("未告知和存疑的原因", why.most_common()),
        ("不在通知范围", left_out),
    ]


def _people(book: Workbook, sheet: Worksheet, content: Content, now: Mapping[int, Assessment]) -> None:
    said = words()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 7, 14)
    sheet.set_column(4, 6, 20)
    sheet.write_row(0, 0, said["report"]["headers"], book.add_format({"bold": True}))
    for at, row in enumerate(content.rows, 1):
        cells = (
            row.label, content.names.get(row.subject, ""), said["states"][_state(row)],
            channel_words(row), _moment(row.settled if row.state != "waiting" else None),
            reason_words(row.reason) if row.state != "told" else "", _moment(row.opened),
            said["report"]["still" if is_short(now[row.id]) else "caught_up"],
        )  # fmt: skip
        sheet.write_row(at, 0, cells)
    out = [(label, why) for why, who in content.campaign.left_out.items() for label in who if label]
    for at, (label, why) in enumerate(out, len(content.rows) + 1):
        sheet.write_row(at, 0, (label, "", said["states"]["left_out"], "", "", said["left_out"].get(why, why), "", ""))
    sheet.autofilter(0, 0, max(1, len(content.rows) + len(out)), 7)


def _by_hand(book: Workbook, sheet: Worksheet, content: Content, now: Mapping[int, Assessment]) -> None:
    """Those reached by no channel, each with words that can be copied into any chat or read out."""
    said = words()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 2, 18)
    sheet.set_column(3, 3, 90)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.write_row(0, 0, said["report"]["hand_headers"], book.add_format({"bold": True}))
    at = 0
    for row in content.rows:
        if row.state != "not_told" or row.reason in ("caught_up", "unsubscribed", "not_on_roster", "undecided"):
            continue
        assessment = now[row.id]
        if not is_short(assessment):
            continue
        facts = content.now.get(row.subject, row.facts)
        letter = content.wordings.letter(
            "hand", row.id, content.campaign.id, content.campaign.title, assessment, facts, content.today
        )
        at += 1
        name = content.names.get(row.subject, "")
        sheet.write_row(at, 0, (row.label, name, reason_words(row.reason), letter.text), wrapped)
