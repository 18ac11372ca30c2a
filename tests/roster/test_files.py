"""Which files are read as rosters, and which of their rows are people."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from bot.roster import UnreadableRoster, run
from tests.roster.books import (
    FACTS,
    HEADERS,
    PACKS,
    PERSON,
    TODAY,
    book,
    changed,
    people,
    with_openpyxl,
)


def test_rows_that_are_no_people_are_named_and_left_out(tmp_path: Path) -> None:
    rows = [
        HEADERS,
        changed(工号="1"),
        HEADERS,
        [""] * len(HEADERS),
        changed(工号="2"),
        ["3", *[""] * 17],
        ["合计", "", "", "", "", *[""] * 13],
        ["填表人：", "", "审核人：", *[""] * 15],
        ["填表人：某某", "", "", "审核人：某某", "", "日期：2025-11-20", *[""] * 12],
    ]
    sheets, summary = book(with_openpyxl(tmp_path / "r.xlsx", rows))
    assert [row[0] for row in sheets["结果"][1:]] == ["1", "2"]
    assert [(row[0], row[5]) for row in sheets["无法读取"][1:]] == [
        (7, "没有当作人员"),
        (8, "没有当作人员"),
        (9, "没有当作人员"),
    ]
    assert summary.tally.nobody == 3


@pytest.mark.parametrize(
    "start",
    [["合计"], ["", "合 计"], ["二中小计："], ["平均"], ["共3人"], ["", ""]],
)
def test_the_sums_under_a_table_are_nobody_though_they_would_have_hours_enough(
    tmp_path: Path, start: list[str]
) -> None:
    sums = [*start, *[""] * (12 - len(start)), *[300] * 6]
    _, summary = book(with_openpyxl(tmp_path / "r.xlsx", [HEADERS, changed(), sums]))
    assert (summary.tally.people, summary.tally.nobody) == (1, 1)


def test_somebody_of_an_audit_office_with_cells_that_cannot_be_read_is_somebody(tmp_path: Path) -> None:
    row = changed(工号="", 姓名="某乙", 单位="审核科", 性别="?!", 出生年月="1975-13")
    _, summary = book(with_openpyxl(tmp_path / "r.xlsx", [HEADERS, row]))
    assert (summary.tally.people, summary.tally.nobody) == (1, 0)


@pytest.mark.parametrize("row", [[*range(1, 19)], [*"甲乙丙丁", *range(1, 15)]])
def test_the_columns_numbered_below_the_header_are_nobody(tmp_path: Path, row: list[object]) -> None:
    _, summary = book(with_openpyxl(tmp_path / "r.xlsx", [HEADERS, row, PERSON]))
    assert (summary.tally.people, summary.tally.nobody) == (1, 1)


def test_below_a_second_header_in_another_order_its_columns_hold(tmp_path: Path) -> None:
    order = [*HEADERS[:-2], HEADERS[-1], HEADERS[-2]]
    below = [*changed(工号="2")[:-2], 40, 30]
    first, second = people(with_openpyxl(tmp_path / "r.xlsx", [HEADERS, PERSON, order, below]))
    assert first["facts"]["history"] == second["facts"]["history"] == FACTS["history"]


def test_a_unit_merged_over_its_people_is_the_unit_of_each(tmp_path: Path) -> None:
    rows = [
        HEADERS,
        changed(工号="1"),
        changed(工号="2", 单位="", 单位性质=""),
        [""] * 18,
        changed(工号="3", 单位="二中"),
    ]
    source = with_openpyxl(tmp_path / "r.xlsx", rows, ["C2:C4", "D2:D4"])
    assert [(one["facts"]["id"], one["unit"], one["facts"].get("sector")) for one in people(source)] == [
        ("1", "一中", "public_institution"),
        ("2", "一中", "public_institution"),
        ("3", "二中", "public_institution"),
    ]


@pytest.mark.parametrize("closed", ["", '"'])
def test_a_quotation_mark_too_many_hides_nobody(tmp_path: Path, closed: str) -> None:
    rows = [HEADERS, *(changed(工号=str(number)) for number in range(5))]
    lines = [",".join(map(str, row)) for row in rows]
    lines[2] = lines[2].replace("某甲", '"某甲')
    lines[4] = lines[4].replace("某甲", closed + "某甲")
    source = tmp_path / "r.csv"
    source.write_text("\n".join(lines), "utf-8")
    with pytest.raises(UnreadableRoster, match="引号不成对"):
        run(source, None, PACKS, TODAY)


def test_one_stray_cell_at_the_far_corner_is_named_before_memory_runs_out(tmp_path: Path) -> None:
    source = with_openpyxl(tmp_path / "r.xlsx", [HEADERS, PERSON])
    stray = openpyxl.load_workbook(source)
    stray.worksheets[0]["XFD1048576"] = "x"
    stray.save(source)
    with pytest.raises(UnreadableRoster, match="XFD1048576"):
        run(source, None, PACKS, TODAY)


def test_text_that_was_only_named_a_workbook_is_read_as_text(tmp_path: Path) -> None:
    source = tmp_path / "r.xlsx"
    source.write_text("\n".join(",".join(map(str, row)) for row in (HEADERS, PERSON)), "gb18030")
    [person] = people(source)
    assert person["facts"] == FACTS


def test_a_workbook_that_was_only_named_text_is_read_and_one_with_a_password_refused_with_what_to_do(
    tmp_path: Path,
) -> None:
    source = with_openpyxl(tmp_path / "b.xlsx", [HEADERS, PERSON]).rename(tmp_path / "b.csv")
    assert [person["facts"] for person in people(source)] == [FACTS]
    office = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(480)
    (tmp_path / "p.xlsx").write_bytes(office)
    with pytest.raises(UnreadableRoster, match="去掉密码"):
        run(tmp_path / "p.xlsx", None, PACKS, TODAY)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_is_read_in_every_usual_encoding(tmp_path: Path, encoding: str, delimiter: str) -> None:
    source = tmp_path / "r.csv"
    lines = [delimiter.join(map(str, row)) for row in (HEADERS, changed(姓名="某镕"))]
    source.write_bytes("\r\n".join(lines).encode(encoding))
    [person] = people(source)
    assert person["facts"] == FACTS
    assert person["name"] == "某镕"


@pytest.mark.parametrize("content", [b"\xff\x00\x81", b"", b"PK\x03\x04broken"])
def test_a_file_that_is_no_roster_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    for name in ("r.csv", "r.xlsx"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UnreadableRoster, match=r"[，：]"):
            run(tmp_path / name, tmp_path / "o.xlsx", PACKS, TODAY)
    assert not (tmp_path / "o.xlsx").exists()


def test_what_was_recognised_is_told_before_anything_else(tmp_path: Path) -> None:
    source = with_openpyxl(
        tmp_path / "r.xlsx", [["姓名", "性别", "职称级别", "2025公需", "备注"], ["某甲", "男", "初级", 30, ""]]
    )
    told: list[str] = []
    run(source, None, PACKS, TODAY, on_header=told.append, progress=lambda done, total: told.append("working"))
    assert told[1] == "working"
    for part in (
        "职称级别 → 申报级别",
        "“职称级别”当作申报级别",
        "备注",
        "没有“出生年月”",
        "没有2025年的专业",
        "没有2023、2024年的学时",
    ):
        assert part in told[0]


def test_a_workbook_that_would_unpack_to_something_monstrous_is_not_unpacked(tmp_path: Path) -> None:
    source = tmp_path / "r.xlsx"
    with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (130 << 20))
    with pytest.raises(UnreadableRoster, match="太大"):
        run(source, None, PACKS, TODAY)


def test_a_far_corner_that_the_sheet_keeps_to_itself_is_named_all_the_same(tmp_path: Path) -> None:
    source = with_openpyxl(tmp_path / "r.xlsx", [HEADERS, changed()])
    with zipfile.ZipFile(source) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"</sheetData>", far)
    with zipfile.ZipFile(source, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    with pytest.raises(UnreadableRoster, match="有内容远在 XFD1048576"):
        run(source, None, PACKS, TODAY)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("宽.html", "<table>" + "<tr><td rowspan=65000 colspan=65000>x" * 40_000),
        ("宽.csv", "\n".join([*["a"] * 40_000, "b," * 2_000 + "c"])),
        ("远.xml", '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table>'
         + "".join(f'<Row Index="{900_000 + at}"><Cell Index="{1_900 + at}"><Data>x</Data></Cell></Row>' for at in range(9))
         + "</Table></Worksheet></Workbook>"),
    ],
)  # fmt: skip
def test_cells_that_only_reach_far_are_named_before_memory_runs_out(tmp_path: Path, name: str, content: str) -> None:
    source = tmp_path / name
    source.write_text(content, encoding="utf-8")
    with pytest.raises(UnreadableRoster, match=r"有内容远在|合并的格子太多"):
        run(source, None, PACKS, TODAY)
