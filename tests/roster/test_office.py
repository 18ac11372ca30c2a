"""A real office opens what we write, without a repair, and finds every cell in it."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from bot.roster import run, write_template
from tests.roster.books import HEADERS, PACKS, TODAY, changed, with_openpyxl

pytestmark = pytest.mark.libreoffice


def saved_by_an_office(path: Path) -> Path:
    """The workbook as LibreOffice writes it after it has opened it; it refuses what it would have to repair."""
    out = path.parent / "office"
    done = subprocess.run(
        ["soffice", "--headless", "--norestore", f"-env:UserInstallation=file://{path.parent}/profile",
         "--convert-to", "xlsx", "--outdir", str(out), str(path)],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert (out / path.name).exists(), done.stderr
    return out / path.name


def cells(path: Path) -> dict[str, dict[tuple[int, int], Any]]:
    """All cells that hold something, by sheet and place."""
    with CalamineWorkbook.from_path(path) as book:
        return {
            name: {
                (row, column): cell
                for row, line in enumerate(book.get_sheet_by_name(name).iter_rows())
                for column, cell in enumerate(line)
                if cell != ""
            }
            for name in book.sheet_names
        }


def test_an_office_opens_a_result_and_finds_every_cell(tmp_path: Path) -> None:
    rows = [
        [*HEADERS, "入职", "备注"],
        *[
            [*changed(工号=f"A{number}", _2025公需=number), date(2020, 1, 1 + number), "=1+1 & <b> _x0041_ 'x'\n二"]
            for number in range(30)
        ],
        [*changed(工号="B1", 性别="不详", _2024专业="若干"), "", ""],
        ["合计", *[""] * 19],
    ]
    out = tmp_path / "o.xlsx"
    run(with_openpyxl(tmp_path / "r.xlsx", rows), out, PACKS, TODAY)
    found = cells(out)
    assert found == cells(saved_by_an_office(out))
    assert len(found["结果"]) > 600


def test_an_office_opens_the_template_and_finds_every_cell(tmp_path: Path) -> None:
    out = tmp_path / "t.xlsx"
    write_template(out, PACKS.by_id("neimenggu/2025"))
    assert cells(out) == cells(saved_by_an_office(out))


def test_an_office_does_not_save_what_it_would_have_to_repair(tmp_path: Path) -> None:
    out = tmp_path / "t.xlsx"
    write_template(out, PACKS.by_id("neimenggu/2025"))
    out.write_bytes(out.read_bytes()[:-200])
    with pytest.raises(AssertionError):
        saved_by_an_office(out)
