"""Rosters written the ways that offices write them, with more than one library."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import xlsxwriter

import rules
from bot.roster import Summary, run

TODAY = date(2025, 11, 25)
PACKS = rules.load()
YEARS = (2023, 2024, 2025)
HEADERS = [
    "工号",
    "姓名",
    "单位",
    "单位性质",
    "性别",
    "出生年月",
    "申报级别",
    "申报方式",
    "基层一线",
    "任现职年月",
    "转任年月",
    "邮箱",
    *[f"{year}{name}" for year in YEARS for name in ("公需", "专业")],
]
TEMPLATE = [*HEADERS[:6], "申报年度", *HEADERS[6:11], "取证年份", *HEADERS[11:]]
PERSON = ["A1", "某甲", "一中", "事业单位", "男", "1985-05", "中级", "评审", "否", "", "", "", 30, 60, 30, 60, 30, 40]
FACTS = {
    "id": "A1",
    "sector": "public_institution",
    "sex": "male",
    "birth": "1985-05",
    "title_level": "middle",
    "route": "review",
    "grassroots": False,
    "history": {
        "2023": {"general": 30, "professional": 60},
        "2024": {"general": 30, "professional": 60},
        "2025": {"general": 30, "professional": 40},
    },
}

Rows = Sequence[Sequence[Any]]


def with_openpyxl(path: Path, rows: Rows, merged: Sequence[str] = (), formats: dict[str, str] | None = None) -> Path:
    """A workbook by openpyxl; `formats` are number formats by cell."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append([None if cell == "" else cell for cell in row])
    for area in merged:
        sheet.merge_cells(area)
    for cell, wanted in (formats or {}).items():
        sheet[cell].number_format = wanted
    book.save(path)
    return path


def with_xlsxwriter(path: Path, rows: Rows, merged: Sequence[str] = ()) -> Path:
    """A workbook by XlsxWriter."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, place, cell, book.add_format({"num_format": "yyyy-mm-dd"}))
                elif cell != "":
                    sheet.write(number, place, cell)
        for area in merged:
            first = area.split(":", maxsplit=1)[0]
            left, top = ord(first[0]) - 65, int(first[1:]) - 1
            sheet.merge_range(area, rows[top][left])
    return path


def changed(**cells: Any) -> list[Any]:
    """The usual person with other cells, by header."""
    row = list(PERSON)
    for header, cell in cells.items():
        row[HEADERS.index(header.lstrip("_"))] = cell
    return row


def assessments(source: Path, columns: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """The assessment of everybody in a roster."""
    out = source.with_suffix(".out.jsonl")
    run(source, out, PACKS, TODAY, columns=columns)
    return [orjson.loads(line) for line in out.read_bytes().splitlines()]


def book(source: Path, columns: dict[str, str] | None = None) -> tuple[dict[str, list[tuple[Any, ...]]], Summary]:
    """The result workbook of a roster as openpyxl reads it: rows by sheet."""
    out = source.with_suffix(".out.xlsx")
    summary = run(source, out, PACKS, TODAY, columns=columns)
    read = openpyxl.load_workbook(out)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in read}, summary


def people(source: Path) -> list[dict[str, Any]]:
    """What was read of everybody in a roster: facts and the rest."""
    kept = source.with_suffix(".people")
    run(source, None, PACKS, TODAY, people=kept)
    return [orjson.loads(line) for line in kept.read_bytes().splitlines()]
