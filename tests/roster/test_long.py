"""A long sheet, cut before it is parsed, gives what it gives as a whole."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from bot.roster import UnreadableRoster, run, work
from bot.roster.long import find
from bot.roster.reading import open_roster
from tests.roster.books import HEADERS, PACKS, TODAY, changed

PEOPLE = 3_100
REMARK = "长" * 1000  # three thousand bytes a row make the sheet long
Rows = list[list[Any]]
LAST, FIRST_OF_SECOND = PEOPLE, PEOPLE * 2 // 3


def somebody() -> Rows:
    """The header and everybody, each with a remark."""
    people = [changed(工号=f"A{number}", 姓名=f"某{number}") for number in range(PEOPLE)]
    return [[*HEADERS, "备注"], *([*row, REMARK] for row in people)]


def long_book(path: Path, rows: Rows, more: bool = False) -> Path:
    """A workbook with its texts in the sheet; `more`: a second sheet before it."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        if more:
            book.add_worksheet("说明").write(0, 0, "填表说明")
        sheet, day = book.add_worksheet("花名册"), book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, place, cell, day)
                elif cell != "":
                    sheet.write(number, place, cell)
    return path


def rewritten(path: Path, change: Callable[[bytes], bytes], member: str = "xl/worksheets/sheet1.xml") -> Path:
    """The workbook with a member changed."""
    out = path.with_name("rewritten.xlsx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in source.namelist():
            made.writestr(name, change(source.read(name)) if name == member else source.read(name))
    return out


def is_cut(path: Path) -> bool:
    """Whether the roster comes with its beginning alone."""
    return open_roster(path, 2025, cut=True)[0].long is not None


def both_ways(path: Path, sides: tuple[int | None, int | None] = (1, 2)) -> bytes:
    """The assessments of everybody, when found to be the same whether two processes worked on it or one."""
    found = []
    for processes in sides:
        out, people = path.with_suffix(f".{processes}.jsonl"), path.with_suffix(f".{processes}.people")
        summary = run(path, out, PACKS, TODAY, processes=processes, people=people)
        book = path.with_suffix(f".{processes}.xlsx")
        run(path, book, PACKS, TODAY, processes=processes)
        result = CalamineWorkbook.from_path(book)
        sheets = [result.get_sheet_by_name(name).to_python() for name in result.sheet_names]
        found.append((out.read_bytes(), people.read_bytes(), summary.tally, sheets))
    assert found[0] == found[1]
    return found[0][0]


@pytest.mark.parametrize("more", [False, True])
def test_a_long_sheet_is_cut_and_gives_what_it_gives_as_a_whole(tmp_path: Path, more: bool) -> None:
    path = long_book(tmp_path / "r.xlsx", somebody(), more=more)
    assert is_cut(path)
    assert both_ways(path).count(b"\n") == PEOPLE


def changed_cell(row: int, column: int, cell: Any) -> Callable[[Rows], None]:
    """Puts a cell into the rows."""

    def change(rows: Rows) -> None:
        rows[row] += [""] * (column + 1 - len(rows[row]))
        rows[row][column] = cell

    return change


def left_of_the_header(rows: Rows) -> None:
    """Everything one column to the right but for one cell near the end."""
    for row in rows:
        row.insert(0, "")
    rows[LAST][0] = "补录"


def first_column_empty_below(rows: Rows) -> None:
    """Nobody of the second half has an id."""
    for row in rows[FIRST_OF_SECOND:]:
        row[0] = ""


FAR_BELOW = pytest.mark.parametrize(
    "change",
    [
        pytest.param(changed_cell(LAST, len(HEADERS) + 1, "补录"), id="a cell right of the header"),
        pytest.param(left_of_the_header, id="a cell left of the header"),
        pytest.param(first_column_empty_below, id="an empty first column below"),
        pytest.param(changed_cell(LAST, HEADERS.index("出生年月"), 1975.1), id="a date that hangs on its column"),
        pytest.param(changed_cell(LAST - 1, HEADERS.index("性别"), "不详"), id="a cell that cannot be read"),
    ],
)


@FAR_BELOW
def test_what_stands_elsewhere_far_below_is_found_all_the_same(tmp_path: Path, change: Callable[[Rows], None]) -> None:
    rows = somebody()
    change(rows)
    path = long_book(tmp_path / "r.xlsx", rows)
    assert is_cut(path)
    both_ways(path)


@FAR_BELOW
def test_it_is_found_too_where_the_people_are_too_few_for_a_second_process(
    tmp_path: Path, change: Callable[[Rows], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "_ALONE", PEOPLE * 2)
    rows = somebody()
    change(rows)
    both_ways(long_book(tmp_path / "r.xlsx", rows), (1, None))


def test_more_above_the_header_than_below_it_is_read_as_a_whole(tmp_path: Path) -> None:
    above = [["说" * 30_000] * 3 for _ in range(35)]
    both_ways(long_book(tmp_path / "r.xlsx", [*above, *somebody()[:500]]))


def test_an_example_alone_over_empty_rows_with_borders_is_read_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, border = book.add_worksheet(), book.add_format({"border": 1})
        for number, row in enumerate([HEADERS, changed(工号="示例", 姓名="示例")]):
            sheet.write_row(number, 0, row)
        for number in range(2, 18_000):
            sheet.write_row(number, 0, [""] * 26, border)
    assert is_cut(path)
    assert both_ways(path).count(b"\n") == 1


def test_a_damaged_picture_beside_a_long_sheet_is_nobodys_business(tmp_path: Path) -> None:
    path = long_book(tmp_path / "r.xlsx", somebody())
    for member in ("xl/media/image1.png", "docProps/thumbnail.jpeg"):
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(member, b"a picture as it was")
        path.write_bytes(path.read_bytes().replace(b"a picture as it was", b"a picture as it is!"))
        assert both_ways(path).count(b"\n") == PEOPLE


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(changed_cell(0, len(HEADERS), ""), id="a column without a header"),
        pytest.param(changed_cell(5, HEADERS.index("出生年月"), 1975.1), id="a date that hangs on its column"),
    ],
)
def test_a_sheet_whose_beginning_hangs_on_what_is_below_is_read_as_a_whole(
    tmp_path: Path, change: Callable[[Rows], None]
) -> None:
    rows = somebody()
    change(rows)
    path = long_book(tmp_path / "r.xlsx", rows)
    assert not is_cut(path)
    both_ways(path)


def in_dates(months: bool) -> Rows:
    """Everybody born on a day of their own, or all on the first of a month, as date cells."""
    rows = somebody()
    for number, row in enumerate(rows[1:]):
        row[HEADERS.index("出生年月")] = date(1970 + number % 20, 1 + number % 12, 1 if months else 1 + number % 28)
    return rows


@pytest.mark.parametrize(("months", "cut"), [(False, True), (True, False)])
def test_dates_of_which_some_name_a_day_say_themselves(tmp_path: Path, months: bool, cut: bool) -> None:
    path = long_book(tmp_path / "r.xlsx", in_dates(months))
    assert is_cut(path) is cut
    both_ways(path)


def test_a_day_named_far_below_makes_the_first_of_a_month_a_day(tmp_path: Path) -> None:
    rows = somebody()
    for row in rows[-200:-1]:
        row[HEADERS.index("出生年月")] = date(1975, 5, 1)
    rows[-1][HEADERS.index("出生年月")] = date(1975, 5, 2)
    path = long_book(tmp_path / "r.xlsx", rows)
    assert is_cut(path)
    both_ways(path)


def test_a_unit_merged_over_the_cut_is_everybodys(tmp_path: Path) -> None:
    path = rewritten(
        long_book(tmp_path / "r.xlsx", somebody()),
        lambda xml: xml.replace(
            b"</sheetData>", b'</sheetData><mergeCells count="1"><mergeCell ref="C2:C3000"/></mergeCells>'
        ),
    )
    assert not is_cut(path)
    both_ways(path)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda xml: xml.replace(b"<row r=", b"<row spans='1:19' r="), id="more said of a row"),
        pytest.param(lambda xml: xml.replace(b' r="', b' q="'), id="rows that do not say their number"),
        pytest.param(lambda xml: xml.replace(b"<row ", b"<row\n"), id="another blank"),
    ],
)
def test_other_writers_rows_give_the_same_cut_or_whole(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    both_ways(rewritten(long_book(tmp_path / "r.xlsx", somebody()), change))


def test_rows_in_another_order_than_their_numbers_are_read_as_a_whole(tmp_path: Path) -> None:
    def swap(xml: bytes) -> bytes:
        start, second, end = xml.index(b'<row r="2"'), xml.index(b'<row r="1500"'), xml.index(b"</sheetData>")
        return xml[:start] + xml[second:end] + xml[start:second] + xml[end:]

    both_ways(rewritten(long_book(tmp_path / "r.xlsx", somebody()), swap))


def test_a_sheet_that_is_damaged_in_the_middle_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "_ALONE", PEOPLE * 2)  # None is one process here
    rows = somebody()
    changed_cell(200, HEADERS.index("出生年月"), 1975.1)(rows)  # makes one look at its whole column
    path = rewritten(
        long_book(tmp_path / "r.xlsx", rows), lambda xml: xml.replace(b'<row r="3000">', b'<row r="3000"><c r=<<')
    )
    for processes in (1, 2, None):
        with pytest.raises(UnreadableRoster, match="文件可能坏了"):
            run(path, tmp_path / "out.xlsx", PACKS, TODAY, processes=processes)
        assert not (tmp_path / "out.xlsx").exists()


@pytest.mark.parametrize(
    ("member", "old", "new"),
    [
        ("xl/workbook.xml", b"<workbook", b"<!DOCTYPE a []><workbook"),
        ("xl/worksheets/sheet1.xml", b"<worksheet", b"<!DOCTYPE a []><worksheet"),
        ("xl/_rels/workbook.xml.rels", b"sheet1.xml", b"sheet9.xml"),
    ],
)
def test_a_workbook_that_is_not_plain_is_not_cut(tmp_path: Path, member: str, old: bytes, new: bytes) -> None:
    path = long_book(tmp_path / "r.xlsx", somebody())
    assert find(path) is not None
    assert find(rewritten(path, lambda xml: xml.replace(old, new), member)) is None
