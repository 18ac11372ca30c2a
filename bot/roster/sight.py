"""A file as it was read, to be looked at: its first rows, what each column was taken for, and samples."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from bot.roster.cells import shown
from bot.roster.columns import Found, HeaderTerms, names, plain
from bot.roster.grid import Sheet, is_datum, letters, text_of
from bot.roster.people import Line
from bot.roster.table import Table

ROWS, SAMPLES, WIDE = 4, 3, 60  # rows below a header, samples and columns that are shown
_LOOK_AT = 20  # rows looked at for a header
_CARD = re.compile(r"^\d{3}[\dxX\s]{12,17}$")


def sight(tables: Iterable[Table], terms: HeaderTerms, years: Iterable[int]) -> dict[str, Any]:
    """What a page shows of a file that was read: its tables, and the meanings that a column may have."""
    return {"tables": [_table(table) for table in tables][:20], "meanings": [*names([*years], terms)]}


def _table(table: Table) -> dict[str, Any]:
    columns = [found for found in table.columns if found.index < WIDE]
    first, last = table.header
    rows = table.sheet.rows[first : last + 1] + [row for row in table.body if any(row)][:ROWS]
    return {
        "sheet": table.sheet.name, "row": last + 1, "turned": table.turned,
        "rows": [[_seen(row[found.index]) for found in columns] for row in rows],
        "columns": [
            {"letter": letters(found.index), "header": found.header, "is": found.meaning.name if found.meaning else "",
             "samples": _samples(table, found.index)}
            for found in columns
        ],
    }  # fmt: skip


def of_unread(sheets: Iterable[Sheet], terms: HeaderTerms, years: Iterable[int]) -> dict[str, Any]:
    """The same of a file in which no header was found: its first rows, the fullest of them taken for one."""
    tables = []
    for sheet in sheets:
        at, labels = _header(sheet)
        if not labels and sheet.rows:
            at, labels = -1, [""] * len(sheet.rows[0])
        columns = tuple(Found(index, label, None) for index, label in enumerate(labels))
        if labels:
            tables.append(Table(sheet, (min(0, at), at), columns, sheet.rows[at + 1 :], at + 2))
    return sight(tables, terms, years)


def shape_of(sheets: Iterable[Sheet]) -> str:
    """What files of one form have in common: the words of their headers; "" where there are none."""
    words = sorted({plain(label) for sheet in sheets for label in _header(sheet)[1] if label})
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:32] if words else ""


def _header(sheet: Sheet) -> tuple[int, list[str]]:
    """The row near the beginning with the most words and no data, and those words."""
    best: tuple[int, list[str]] = (0, [])
    for at, row in enumerate(sheet.rows[:_LOOK_AT]):
        texts = [text_of(cell) for cell in row]
        if not any(map(is_datum, row)) and len({*texts}) > len({*best[1]}) and len({*texts} - {""}) > 1:
            best = at, texts
    return best


def _samples(table: Table, index: int) -> list[str]:
    found: dict[str, None] = {}
    for row in table.body[:500]:
        if text := _seen(row[index]):
            found[text] = None
        if len(found) == SAMPLES:
            break
    return [*found]


def _seen(cell: Any) -> str:
    """A cell as a page shows it; of an identity number no more than its beginning."""
    if isinstance(cell, date):
        return (
            cell.isoformat()[:10]
            if not isinstance(cell, datetime) or not (cell.hour or cell.minute)
            else f"{cell:%Y-%m-%d %H:%M:%S}"
        )
    text = shown(cell) if cell is not None else ""
    return text[:3] + "…" if _CARD.match(text) else text


def cells_of(lines: Iterable[Line]) -> Iterator[tuple[str, str, str]]:
    """The cells that tell of somebody: place with its sheet, the column's own name, what stands there. No identity number."""
    for line in lines:
        for meaning, found in line.table.known.items():
            if meaning.key != "card":
                yield (
                    f"{line.table.sheet.name}!{line.table.cell(line.number, found.index)}",
                    meaning.name,
                    _seen(line.row[found.index]),
                )
