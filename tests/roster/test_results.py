"""A roster in, everybody's result out: the same object as anywhere else, nothing lost, nothing half-written."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree

import openpyxl
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

import rules
from bot.roster import run, write_template
from bot.roster.grid import letters_index
from tests.roster.books import (
    HEADERS,
    PACKS,
    PERSON,
    TEMPLATE,
    TODAY,
    YEARS,
    assessments,
    book,
    changed,
    people,
    with_openpyxl,
    with_xlsxwriter,
)

RESULT = [
    "结论",
    "2023缺公需",
    "2023缺专业",
    "2024缺公需",
    "2024缺专业",
    "2025缺公需",
    "2025缺专业",
    "合计缺",
    "条形图",
    "减免",
    "依据",
    "下一步",
    "联系电话",
]

_words = {
    "sex": {"male": "男", "female": "女"},
    "sector": {
        "public_institution": "事业单位",
        "state_enterprise": "国有企业",
        "non_public": "非公有制",
        "government": "党政机关",
    },
    "title_level": {"junior": "初级", "middle": "中级", "deputy_senior": "副高", "full_senior": "正高"},
    "route": {"review": "评审", "exceptional": "破格", "recognition": "考核认定"},
    "grassroots": {True: "是", False: "否"},
}
_month = st.builds("{:04d}-{:02d}".format, st.integers(1955, 2005), st.integers(1, 12))
_hours = st.none() | st.integers(0, 100) | st.sampled_from([29.5, 59.5, 12.25, 9000])
_facts = st.fixed_dictionaries(
    {"id": st.from_regex(r"[A-Z][0-9]{1,6}", fullmatch=True)},
    optional={
        "birth": _month,
        "tenure_start": st.builds("{:04d}-{:02d}".format, st.integers(2010, 2026), st.integers(1, 12)),
        "transfer": st.builds("{:04d}-{:02d}".format, st.integers(2015, 2025), st.integers(1, 12)),
        **{key: st.sampled_from(list(values)) for key, values in _words.items()},
        "history": st.fixed_dictionaries(
            {str(year): st.fixed_dictionaries({"general": _hours, "professional": _hours}) for year in YEARS}
        ).filter(lambda table: any(hours is not None for row in table.values() for hours in row.values())),
    },
)
_columns = {
    "工号": "id",
    "单位性质": "sector",
    "性别": "sex",
    "出生年月": "birth",
    "申报级别": "title_level",
    "申报方式": "route",
    "基层一线": "grassroots",
    "任现职年月": "tenure_start",
    "转任年月": "transfer",
}


def _row(facts: dict[str, Any]) -> list[Any]:
    row: list[Any] = [""] * len(HEADERS)
    for header, key in _columns.items():
        if key in facts:
            row[HEADERS.index(header)] = _words.get(key, {}).get(facts[key], facts[key])
    for year, told in facts.get("history", {}).items():
        for category, name in (("general", "公需"), ("professional", "专业")):
            if told[category] is not None:
                row[HEADERS.index(year + name)] = told[category]
    return row


def _in_order(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts in the order of the columns: of several faults the first is named."""
    ordered = {key: facts[key] for key in _columns.values() if key in facts}
    if "history" in facts:
        told = facts["history"]
        ordered["history"] = {
            str(year): {category: told[str(year)][category] for category in ("general", "professional")}
            for year in YEARS
        }
    return ordered


@given(
    st.lists(_facts, min_size=1, max_size=12, unique_by=lambda facts: facts["id"]),
    st.sampled_from([with_openpyxl, with_xlsxwriter]),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_persons_row_gives_the_same_object_as_assess(
    tmp_path: Path, everybody: list[dict[str, Any]], write: Any
) -> None:
    source = write(tmp_path / "r.xlsx", [HEADERS, *[_row(facts) for facts in everybody]])
    read = people(source)
    assert assessments(source) == [rules.assess(PACKS, one["facts"], TODAY) for one in read]
    for one, facts in zip(read, everybody, strict=True):
        if not one["why"]:  # what cannot be is named, and asked for
            assert one["facts"] == _in_order(facts)


def test_the_result_keeps_every_column_and_adds_the_verdict(tmp_path: Path) -> None:
    rows = [
        [*HEADERS, "备注"],
        [*changed(), "无"],
        [*changed(工号="A2", 性别="女", 出生年月="1970-01"), 3.5],
        [*changed(工号="A3", 申报级别="", 单位性质=""), date(2025, 1, 2)],
        [*changed(工号="A4", _2024公需="", _2025专业=60), ""],
        [*changed(工号="A5", 申报方式="考核认定"), ""],
        [*changed(工号="A6", 出生年月="1975-13"), ""],
    ]
    sheets, summary = book(with_openpyxl(tmp_path / "r.xlsx", rows))
    assert list(sheets) == ["结果", "汇总", "各单位", "无法读取", "各列说明"]
    head, *found = sheets["结果"]
    assert list(head) == [*HEADERS, "备注", *RESULT]
    kept = [[None if cell == "" else cell for cell in row] for row in rows[1:]]
    kept[2][-1] = openpyxl.utils.datetime.from_excel(45659)
    assert [list(row[: len(rows[0])]) for row in found] == kept
    verdicts = [dict(zip(RESULT, row[len(rows[0]) :], strict=True)) for row in found]
    assert [verdict["结论"] for verdict in verdicts] == [
        "还差",
        "不作限制",
        "需补充",
        "不确定",
        "通知未规定",
        "需补充",
    ]
    assert verdicts[0] == {
        "结论": "还差",
        "2023缺公需": None,
        "2023缺专业": None,
        "2024缺公需": None,
        "2024缺专业": None,
        "2025缺公需": None,
        "2025缺专业": 20,
        "合计缺": 20,
        "条形图": "2023、2024年都学满了\n2025年专业 ████░░ 40/60 差20，公需满了",
        "减免": None,
        "依据": "一(二)、一(三)1",
        "下一步": verdicts[0]["下一步"],
        "联系电话": verdicts[0]["联系电话"],
    }
    assert "12月31日前补2025年专业20" in verdicts[0]["下一步"]
    assert "一(五)1" in verdicts[1]["减免"]
    assert "年度考核" in verdicts[1]["下一步"]
    assert "请补充：单位性质" in verdicts[2]["下一步"]
    assert verdicts[3]["合计缺"] == "0-30"
    assert "1975-13" in verdicts[5]["下一步"]
    assert [row[:4] for row in sheets["无法读取"][1:]] == [(7, "F7", "出生年月", "1975-13")]
    assert summary.tally.people == 6


def test_the_summary_counts_by_status_unit_and_level_and_draws_it(tmp_path: Path) -> None:
    rows = [
        HEADERS,
        changed(),
        changed(工号="A2", 单位="二中", 性别="女", 出生年月="1970-01"),
        changed(工号="A3", 单位="二中", 申报级别="初级", _2025专业=60),
    ]
    source = with_xlsxwriter(tmp_path / "r.xlsx", rows)
    sheets, _ = book(source)
    lines = [[cell for cell in row if cell is not None] for row in sheets["汇总"]]
    assert ["按结论：还差", 1] in lines
    assert ["按申报级别：中级", "还差 1，不作限制 1"] in lines
    units = [[cell for cell in row if cell is not None] for row in sheets["各单位"]]
    assert ["一中", 1, 1] in units
    assert ["二中", 2, 1, 1] in units
    with zipfile.ZipFile(source.with_suffix(".out.xlsx")) as archive:
        assert sum(name.startswith("xl/charts/chart") for name in archive.namelist()) == 1


@pytest.mark.parametrize("number", [b"NaN", b"1e400"])
def test_a_number_that_is_none_does_not_break_the_result(tmp_path: Path, number: bytes) -> None:
    with_openpyxl(tmp_path / "whole.xlsx", [HEADERS, changed(_2025专业=40.25)])
    with zipfile.ZipFile(tmp_path / "whole.xlsx") as whole, zipfile.ZipFile(tmp_path / "r.xlsx", "w") as broken:
        for name in whole.namelist():
            broken.writestr(name, whole.read(name).replace(b"<v>40.25</v>", b"<v>" + number + b"</v>"))
    _, summary = book(tmp_path / "r.xlsx")
    assert summary.tally.by_status == {"uncertain": 1}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-cmd|' /C calc'!A0", "@SUM(A1)", '=HYPERLINK("x")'])
def test_what_looks_like_a_formula_comes_out_as_text_that_stays_text(tmp_path: Path, text: str) -> None:
    source = tmp_path / "r.csv"
    row = ",".join('"' + str(cell).replace('"', '""') + '"' for cell in changed(姓名=text, 单位=text))
    source.write_text(",".join([*HEADERS[:-1], '"=2025专业"']) + "\n" + row + "\n", "utf-8")
    run(source, out := tmp_path / "o.xlsx", PACKS, TODAY)
    read = openpyxl.load_workbook(out)
    cell = read["结果"]["B2"]
    assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", text.strip(), True)
    with zipfile.ZipFile(out) as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist() if "worksheets/sheet" in name)


@pytest.mark.parametrize(
    "text",
    [
        "<b>&\"'",
        "a\x00b\x0bc",
        "第一行\n第二行",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
        "长" * 40_000,
    ],
)
def test_any_text_survives_into_a_workbook_that_opens(tmp_path: Path, text: str) -> None:
    source = tmp_path / "r.csv"
    source.write_text(
        ",".join(HEADERS) + "\n" + ",".join(f'"{cell}"' for cell in changed(姓名=text.replace('"', '""'))),
        "utf-8",
        newline="",
    )
    sheets, _ = book(source)
    expected = re.sub("[\x00\x0b]", "", text)[:32_000]
    assert sheets["结果"][1][1] == expected
    assert (
        CalamineWorkbook.from_path(source.with_suffix(".out.xlsx")).get_sheet_by_index(0).to_python()[1][1] == expected
    )


@given(st.lists(_facts, min_size=2, max_size=4), st.integers(0, 10**6))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_people_who_are_alike_share_a_result_that_each_would_have_alone(
    tmp_path: Path, some: list[dict[str, Any]], seed: int
) -> None:
    dice, rows = Random(seed), []
    for number in range(12):  # each several times, with hours that mostly bear on nothing
        row = _row(dice.choice(some) | {"id": f"A{number}"})
        for place in range(HEADERS.index("2023公需"), len(row)):
            if isinstance(row[place], (int, float)):
                row[place] = dice.choice([row[place], row[place] + 40])
        rows.append(row)
    together, *alone = [_both(tmp_path, each) for each in [rows, *[[row] for row in rows]]]
    assert together == [one for each in alone for one in each]


def _both(tmp_path: Path, rows: list[list[Any]]) -> list[Any]:
    """Everybody's assessment and result; what names a cell, without the row."""
    source = with_openpyxl(tmp_path / "r.xlsx", [HEADERS, *rows])
    sheets, _ = book(source)
    result = [[re.sub(r"\b[A-Z]\d+ ", "", str(cell)) for cell in row] for row in sheets["结果"][1:]]
    return list(zip(assessments(source), result, strict=True))


def test_an_interrupted_run_leaves_the_old_result_and_nothing_else(tmp_path: Path) -> None:
    source = with_openpyxl(tmp_path / "r.xlsx", [HEADERS, *[changed(工号=str(number)) for number in range(50)]])
    out = tmp_path / "o.xlsx"
    out.write_text("old")

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(source, out, PACKS, TODAY, progress=stop)
    assert out.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.xlsx", "r.xlsx"]


def test_progress_ends_at_the_number_of_people(tmp_path: Path) -> None:
    source = with_openpyxl(tmp_path / "r.xlsx", [HEADERS, *[changed(工号=str(number)) for number in range(40)]])
    seen: list[tuple[int, int]] = []
    run(source, None, PACKS, TODAY, progress=lambda *told: seen.append(told))
    assert seen[-1] == (40, 40)
    assert seen == sorted(seen)


def test_the_template_has_the_columns_drop_downs_and_an_example_that_is_nobody(tmp_path: Path) -> None:
    source = tmp_path / "t.xlsx"
    write_template(source, PACKS.by_id("neimenggu/2025"))
    blank = openpyxl.load_workbook(source)
    sheet = blank["花名册"]
    assert [cell.value for cell in sheet[1]] == TEMPLATE
    lists = {
        str(rule.sqref).split(":")[0]: rule.formula1
        for rule in sheet.data_validations.dataValidation
        if rule.type == "list"
    }
    assert lists["H2"] == '"初级,中级,副高,正高"'
    assert set(lists) == {"D2", "E2", "H2", "I2", "J2"}
    assert assessments(source)[0]["status"] == "met"  # alone, it shows what comes out
    row = [*PERSON[:6], "", *PERSON[6:11], "", *PERSON[11:]]
    for place, cell in enumerate(row, 1):
        sheet.cell(3, place).value = None if cell == "" else cell
    blank.save(source)
    assert [one["id"] for one in assessments(source)] == ["A1"]


def test_a_result_fed_back_is_read_again_without_doubling_its_columns(tmp_path: Path) -> None:
    source = with_openpyxl(tmp_path / "r.xlsx", [HEADERS, PERSON])
    first, _ = book(source)
    again, _ = book(source.with_suffix(".out.xlsx"))
    assert again["结果"] == first["结果"]


def test_the_same_roster_gives_the_same_bytes(tmp_path: Path) -> None:
    source = with_openpyxl(tmp_path / "r.xlsx", [HEADERS, PERSON])
    for name in ("a.jsonl", "b.jsonl"):
        run(source, tmp_path / name, PACKS, TODAY)
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert orjson.loads((tmp_path / "a.jsonl").read_bytes())["policy"]["id"] == PACKS.by_id("neimenggu/2025").id


ORDER = [
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "autoFilter", "mergeCells", "conditionalFormatting",
    "dataValidations", "printOptions", "pageMargins", "pageSetup", "headerFooter", "ignoredErrors", "drawing",
]  # fmt: skip


def test_the_workbook_is_what_the_standard_asks_so_that_no_office_repairs_it(tmp_path: Path) -> None:
    """What an office would stumble over."""
    rows = [
        [*HEADERS, "入职"],
        *[[*changed(工号=str(number), _2025公需=number), date(2020, 1, 1 + number)] for number in range(30)],
    ]
    run(with_openpyxl(tmp_path / "r.xlsx", rows), tmp_path / "o.xlsx", PACKS, TODAY)
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(tmp_path / "o.xlsx") as archive:
        assert archive.testzip() is None
        read = {name: ElementTree.fromstring(archive.read(name)) for name in archive.namelist()}
    styles = read["xl/styles.xml"].findall(f"{space}cellXfs/{space}xf")
    parts = {part.get("PartName") for part in read["[Content_Types].xml"]}
    assert {"/" + name for name in read if name.startswith("xl/") and not name.endswith(".rels")} <= parts
    for name, sheet in read.items():
        if not name.startswith("xl/worksheets/sheet"):
            continue
        found = [child.tag.removeprefix(space) for child in sheet]
        places = [ORDER.index(tag) for tag in found]
        assert places == sorted(places), found
        numbers = [int(row.get("r", "0")) for row in sheet.iter(f"{space}row")]
        assert numbers == sorted(set(numbers))
        for row in sheet.iter(f"{space}row"):
            references = [str(cell.get("r")) for cell in row]
            columns = [letters_index(reference.rstrip("0123456789")) for reference in references]
            assert columns == sorted(set(columns))
            assert all(reference.endswith(str(row.get("r"))) for reference in references)
        for cell in sheet.iter(f"{space}c"):
            assert int(cell.get("s", "0")) < len(styles)


def test_of_several_notices_each_clause_says_whose_it_is(tmp_path: Path) -> None:
    rows = [[*HEADERS, "盟市"], [*changed(), "阿拉善盟"], [*changed(工号="A2"), "包头市"]]
    lines = book(with_openpyxl(tmp_path / "r.xlsx", rows))[0]["各列说明"]
    clauses = [str(line[0]) for line in lines if str(line[0]).startswith("条款 一(二)")]
    assert len(clauses) == 2
    assert all("（neimenggu/" in clause for clause in clauses)
    alone = book(with_openpyxl(tmp_path / "r.xlsx", [HEADERS, changed()]))[0]["各列说明"]
    assert [line[0] for line in alone if str(line[0]).startswith("条款 一(二)")] == ["条款 一(二)"]


def test_a_sheet_of_units_says_where_all_is_an_estimate(tmp_path: Path) -> None:
    run(with_openpyxl(tmp_path / "r.xlsx", [HEADERS, changed()]), tmp_path / "o.xlsx", PACKS, TODAY, year=2026)
    head = next(openpyxl.load_workbook(tmp_path / "o.xlsx")["各单位"].iter_rows(values_only=True))
    assert "满足（按上一份通知估算）" in head
    assert "满足" not in head
