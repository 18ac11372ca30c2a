"""The sheets of a result, drawn with XlsxWriter: result (its frame), summary with charts, unread cells, explanations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from bot.roster.columns import Header, document, letters
from bot.roster.result import headers, words
from bot.roster.tally import Tally

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from rules import PolicyPack

_UNITS_LISTED, _UNITS_DRAWN = 500, 12
_LINE, _LONG = 16, 44  # points a line, characters that go on one
COLOURS = {
    "met": "#1B7F4B", "short": "#C0392B", "waived": "#2E6DA4", "uncertain": "#B9770E", "needs": "#7D6608",
    "not_covered": "#5D6D7E", "refused": "#6C3483",
}  # fmt: skip
_PALE = {
    "met": "#DDF3E4", "short": "#F9DEDC", "waived": "#DCEAF7", "uncertain": "#FCEFD5", "needs": "#FFF7CC",
    "not_covered": "#E8ECEF", "refused": "#EBDEF0",
}  # fmt: skip


class Content(NamedTuple):
    """What goes into the result besides the long sheet's rows."""

    source: str
    sheet: str
    header: Header
    kept: Sequence[int]  # the input's columns, in order
    years: Sequence[int]
    tally: Tally
    pack: PolicyPack
    today: date


class Styles:
    """The cell styles, numbered in the order in which they are first used; `sheetxml` relies on the first six."""

    def __init__(self, book: Workbook) -> None:
        self.head: Format = book.add_format(
            {
                "bold": True,
                "bg_color": "#1F4E79",
                "font_color": "#FFFFFF",
                "text_wrap": True,
                "valign": "vcenter",
                "border": 1,
            }
        )
        self.day: Format = book.add_format({"num_format": "yyyy-mm-dd"})
        self.moment: Format = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self.long_number: Format = book.add_format({"num_format": "0"})
        self.quoted: Format = book.add_format({"quote_prefix": True})
        self.title: Format = book.add_format({"bold": True, "font_size": 16})
        self.label: Format = book.add_format({"bold": True})
        self.wrapped: Format = book.add_format({"text_wrap": True, "valign": "top"})
        self.status: dict[str, Format] = {
            status: book.add_format({"bg_color": _PALE[status], "font_color": colour})
            for status, colour in COLOURS.items()
        }
        self.result_head: Format = book.add_format(
            {
                "bold": True,
                "bg_color": "#7F3F00",
                "font_color": "#FFFFFF",
                "text_wrap": True,
                "valign": "vcenter",
                "border": 1,
            }
        )


def one_page_wide(sheet: Worksheet) -> None:
    """Whoever prints a sheet gets all its columns on one page."""
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


# ---------------------------------------------------------------- the long sheet


def result(sheet: Worksheet, content: Content, styles: Styles, rows: int) -> None:
    book_words = words()
    kept = [content.header.columns[index] for index in content.kept]
    added = headers(content.years)
    first_added, width = len(kept), len(kept) + len(added)
    sheet.freeze_panes(1, min(2, first_added))
    widths = {line["name"]: line["width"] for line in document()["column"] if "width" in line}
    for place, found in enumerate(kept):
        name = found.meaning.name if found.meaning else ""
        sheet.set_column(place, place, widths.get(name, 10 if found.meaning else 12))
    for place, title in enumerate(added, first_added):
        sheet.set_column(place, place, {"减免": 40, "依据": 24, "下一步": 60, "联系电话": 40}.get(title, 10))
    sheet.set_row(0, 32)
    one_page_wide(sheet)
    sheet.repeat_rows(0)
    sheet.print_area(
        0, 0, max(rows, 1), width - 1
    )  # else long texts reach out of the last column and make all the rest small
    for place, found in enumerate(kept):
        sheet.write_string(0, place, found.header or letters(found.index), styles.head)
    for place, title in enumerate(added, first_added):
        sheet.write_string(0, place, title, styles.head)
    for place, style in enumerate((styles.day, styles.moment, styles.long_number, styles.quoted)):
        sheet.write_blank(1, place, None, style)
    sheet.write_number(2, 0, 0)  # a row is written out, and its styles numbered, when the next begins
    sheet.autofilter(0, 0, max(rows, 1), width - 1)
    for status, label in book_words["status"].items():
        sheet.conditional_format(
            1, first_added, max(rows, 1), first_added,
            {"type": "cell", "criteria": "==", "value": f'"{label}"', "format": styles.status[status]},
        )  # fmt: skip


# ---------------------------------------------------------------- the summary


def summary(book: Workbook, sheet: Worksheet, content: Content, styles: Styles) -> None:
    """Counts by status, level and unit, and two charts drawn from them."""
    said, tally = words()["summary"], content.tally
    one_page_wide(sheet)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 9, 10)
    sheet.write_string(0, 0, said["title"], styles.title)
    facts: list[tuple[str, str | float]] = [
        (said["source"], f"{content.source}（{content.sheet}）"),
        (said["policy"], content.pack.id),
        (said["day"], content.today.isoformat()),
        (said["people"], tally.people),
        (said["short_total"], round(tally.short_total, 2)),
    ]
    if tally.nobody:
        facts.append((said["nobody"], tally.nobody))
    kept = [found.header for found in content.header.columns if found.meaning is None and found.header]
    known = [
        meaning.name if found.header == meaning.name else f"{found.header}→{meaning.name}"
        for meaning, found in content.header.known.items()
    ]
    facts.append((said["recognised"], "、".join(known)))
    facts.append((said["kept"], "、".join(kept) or "—"))
    row = 2
    for label, value in [*facts, *(("提醒", text) for text in content.header.warnings)]:
        if isinstance(value, str):
            sheet.set_row(row, _LINE * -(-len(value) // _LONG))
            sheet.merge_range(row, 1, row, 9, value, styles.wrapped)
        else:
            sheet.write_number(row, 1, value)
        sheet.write_string(row, 0, label, styles.label)
        row += 1
    statuses = [status for status in words()["status"] if tally.by_status[status]]
    row = first = row + 1
    row = _table(sheet, row, said["by_status"], [(words()["status"][one], [tally.by_status[one]]) for one in statuses],
                 [said["people"]], styles)  # fmt: skip
    _draw_statuses(book, sheet, said["chart_status"], first + 2, statuses)
    row = _by(sheet, row + 1, said["by_level"], _levels(tally.by_level), statuses, styles)
    row += 1
    units = _units(tally.by_unit)
    _draw_units(book, sheet, said["chart_unit"], row + 2, min(len(units), _UNITS_DRAWN), statuses)
    _by(sheet, row, said["by_unit"], units, statuses, styles)


def _levels(counts: Counter[tuple[str, str]]) -> list[tuple[str, dict[str, int]]]:
    named = words()["level"]
    rows = [
        (label, {status: n for (level, status), n in counts.items() if level == key}) for key, label in named.items()
    ]
    return [row for row in rows if row[1]]


def _units(counts: Counter[tuple[str, str]]) -> list[tuple[str, dict[str, int]]]:
    """The units, those with most people short first; what would be too many is one line."""
    units: dict[str, dict[str, int]] = {}
    for (unit, status), people in counts.items():
        units.setdefault(unit, {})[status] = people
    rows = sorted(units.items(), key=lambda row: (-row[1].get("short", 0), -sum(row[1].values()), row[0]))
    rows = [(unit or words()["summary"]["unit_none"], row) for unit, row in rows]
    if len(rows) <= _UNITS_LISTED:
        return rows
    rest: Counter[str] = Counter()
    for _, row in rows[_UNITS_LISTED:]:
        rest.update(row)
    more = words()["summary"]["more_units"].format(n=len(rows) - _UNITS_LISTED)
    return [*rows[:_UNITS_LISTED], (more, dict(rest))]


def _by(
    sheet: Worksheet, row: int, title: str, rows: Sequence[tuple[str, dict[str, int]]], statuses: Sequence[str],
    styles: Styles,
) -> int:  # fmt: skip
    labels = [words()["status"][status] for status in statuses]
    lines = [(name, [counts.get(status, 0) for status in statuses] + [sum(counts.values())]) for name, counts in rows]
    return _table(sheet, row, title, lines, [*labels, words()["summary"]["total"]], styles)


def _table(
    sheet: Worksheet,
    row: int,
    title: str,
    lines: Sequence[tuple[str, Sequence[int]]],
    heads: Sequence[str],
    styles: Styles,
) -> int:
    """A table with its title; the row after it."""
    sheet.write_string(row, 0, title, styles.label)
    row += 1
    sheet.write_string(row, 0, "", styles.head)
    for place, head in enumerate(heads, 1):
        sheet.write_string(row, place, head, styles.head)
    for name, numbers in lines:
        row += 1
        sheet.write_string(row, 0, name)
        for place, number in enumerate(numbers, 1):
            sheet.write_number(row, place, number)
    return row + 1


def _draw_statuses(book: Workbook, sheet: Worksheet, title: str, first: int, statuses: Sequence[str]) -> None:
    if not statuses:
        return
    last, name = first + len(statuses) - 1, sheet.get_name()
    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "categories": [name, first, 0, last, 0], "values": [name, first, 1, last, 1], "data_labels": {"value": True},
            "points": [{"fill": {"color": COLOURS[status]}} for status in statuses], "gap": 40,
        }
    )  # fmt: skip
    chart.set_title({"name": title})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True})
    sheet.insert_chart("L3", chart, {"description": title})


def _draw_units(book: Workbook, sheet: Worksheet, title: str, first: int, units: int, statuses: Sequence[str]) -> None:
    if not units or "short" not in statuses:
        return
    column, name = statuses.index("short") + 1, sheet.get_name()
    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "categories": [name, first, 0, first + units - 1, 0], "values": [name, first, column, first + units - 1, column],
            "fill": {"color": COLOURS["short"]}, "data_labels": {"value": True}, "gap": 40,
        }
    )  # fmt: skip
    chart.set_title({"name": title})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True})
    sheet.insert_chart("L20", chart, {"description": title})


# ---------------------------------------------------------------- what was not read, and what the columns mean


def faults(sheet: Worksheet, content: Content, styles: Styles) -> None:
    """Every cell that was not read: where it is, what it holds, why."""
    said = words()["faults"]
    one_page_wide(sheet)
    for place, (name, width) in enumerate(
        (("row", 8), ("cell", 10), ("header", 16), ("held", 30), ("why", 70), ("kind", 18))
    ):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, said[name], styles.head)
    sheet.freeze_panes(1, 0)
    found = sorted(content.tally.faults, key=lambda fault: fault.row)
    if not found:
        sheet.write_string(1, 0, said["none"])
    for row, fault in enumerate(found, 1):
        sheet.write_number(row, 0, fault.row)
        for place, text in enumerate((fault.cell, fault.header, fault.held, fault.why), 1):
            sheet.write_string(row, place, text, styles.quoted if place == 3 else None)
        sheet.write_string(row, 5, said[fault.kind])
    if found:
        sheet.autofilter(0, 0, len(found), 5)


def explained(sheet: Worksheet, content: Content, styles: Styles) -> None:
    """What each column means, and the clauses."""
    said, named = words()["explain"], words()["columns"]
    one_page_wide(sheet)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 100)
    lines = [(line["name"], line["says"]) for line in document()["column"]]
    hours = document()["hours"]
    year = content.pack.review_year
    lines += [(f"{year}公需", hours["says_general"]), (f"{year}专业", hours["says_professional"])]
    lines.append((named["status"], said["status"]))
    lines.append((named["short_general"].format(year=year), said["short"]))
    lines += [(named[key], said[key]) for key in ("total", "reliefs", "clauses", "next", "phones")]
    row = 0
    for title, pairs in (
        (said["column"], lines),
        (said["clause"], [(name, clause.says) for name, clause in content.pack.clauses.items()]),
    ):
        sheet.write_string(row, 0, title, styles.head)
        sheet.write_string(row, 1, said["says"], styles.head)
        for name, text in pairs:
            row += 1
            sheet.write_string(row, 0, name)
            sheet.write_string(row, 1, text, styles.wrapped)
        row += 2
