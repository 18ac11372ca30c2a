"""Columns are recognised by what their header means, wherever it stands and however it is put."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.roster import UnknownColumn, UnreadableRoster
from bot.roster.columns import document, filled, terms_of
from bot.roster.grid import Merged, Sheet, letters, letters_index
from bot.roster.headers import tables_of
from bot.roster.opening import NoHeader
from bot.roster.sight import of_unread
from bot.roster.table import Table
from rules.registry import FACTS as FACTS_KNOWN
from tests.roster.books import (
    FACTS,
    HEADERS,
    PACKS,
    PERSON,
    TODAY,
    YEARS,
    assessments,
    changed,
    people,
    with_openpyxl,
    with_xlsxwriter,
)

TERMS = terms_of(PACKS.on(TODAY))


def _table(rows: list[list[object]], merged: list[Merged] | None = None) -> Table:
    [table] = tables_of(Sheet("花名册", rows, merged or []), TERMS, {})
    return table


def _names(*headers: str) -> list[str | None]:
    found = _table([list(headers), ["x"] * len(headers)])
    return [column.meaning.name if column.meaning else None for column in found.columns]


def _only_2025(general: float, professional: float) -> dict[str, dict[str, float | None]]:
    """A history of one year: of what no column tells nothing is known."""
    unknown: dict[str, float | None] = {"general": None, "professional": None}
    return {"2023": unknown, "2024": unknown, "2025": {"general": general, "professional": professional}}


@pytest.mark.parametrize(
    "header",
    [
        "2023公需",
        "公需2023",
        "2023年公需学时",
        "公需科目（2023年度）",
        "2023 年度\n公需",
        "23年公需",
        "23公需",
        "２０２３公需课",
        "二〇二三年公需",
        "2023年公需科目学时数",
        "前年公需",
        "2023公需（要求30学时）",
        "2023年公需（应≥30学时，依据〔2024〕201号）",
    ],
)
def test_a_year_and_a_category_in_either_order_are_a_column_of_hours(header: str) -> None:
    assert _names("姓名", "性别", "职称级别", header)[3] == "2023公需"


@pytest.mark.parametrize(
    "header", ["2024专业", "专业科目2024", "2024年专业学时", "2024年专业技术人员专业科目学时", "去年专业课"]
)
def test_professional_hours_are_recognised_beside_the_words_professional_staff(header: str) -> None:
    assert _names("性别", "职称级别", header)[2] == "2024专业"


@pytest.mark.parametrize(
    "header",
    [
        "专业",
        "所学专业",
        "从事专业",
        "专业名称",
        "2024缺专业",
        "2023公需完成率",
        "2023公需成绩",
        "2023年公需科目考试成绩",
        "2023公需证书编号",
        "2023计划专业学时",
        "2023专业未认定学时",
        "2023上半年公需",
        "2023专业天数",
        "2025年申报专业",
        "调入时间",
        "调入本单位时间",
        "转任前单位",
        "曾在基层工作",
        "基层（年限）",
        "服务基层项目人员",
        "年龄（虚岁）",
        "行政任职时间",
        "公需2023-2024",
        "现任职称级别",
        "晋升前职称",
        "职称取得时间",
        "出生地",
        "联系电话",
        "备注",
        "审核人姓名",
    ],
)
def test_headers_that_only_look_alike_are_not_taken(header: str) -> None:
    assert _names("性别", "申报级别", header)[2] is None


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("职称级别", "申报级别"),
        ("职称（申报）", "申报级别"),
        ("申请级别", "申报级别"),
        ("拟晋升职称", "申报级别"),
        ("拟申报专业技术职务", "申报级别"),
        ("拟申报职称等级", "申报级别"),
        ("申报职称", "申报级别"),
        ("性别（男/女）", "性别"),
        ("出生日期", "出生年月"),
        ("出生年月*", "出生年月"),
        ("单位类别", "单位性质"),
        ("所有制性质", "单位性质"),
        ("是否在苏木乡镇基层一线", "基层一线"),
        ("基层", "是否基层"),
        ("是否基层一线", "基层一线"),
        ("所在盟市", "盟市"),
        ("工作单位", "单位"),
        ("职工编号", "工号"),
        ("姓 名", "姓名"),
        ("取得现职称时间", "任现职年月"),
        ("聘任时间", "任现职年月"),
        ("从机关调入时间", "转任年月"),
        ("E-mail", "邮箱"),
        ("申报类型", "申报方式"),
    ],
)
def test_other_words_of_the_same_meaning_are_recognised(header: str, name: str) -> None:
    assert name in _names("2025公需", "2025专业", header)


def test_the_level_held_now_is_not_taken_for_the_level_applied_for() -> None:
    assert _names("现任职称级别", "拟申报级别", "性别") == [None, "申报级别", "性别"]


@pytest.mark.parametrize(
    ("headers", "read"),
    [
        (("职称", "申报级别"), "申报级别"),
        (("职称级别", "申报职称级别"), "申报职称级别"),
        (("2025公需计划", "2025公需实际"), "2025公需实际"),
        (("2025上半年公需", "2025公需"), "2025公需"),
    ],
)
def test_the_column_that_says_it_is_taken_and_not_the_one_to_its_left(headers: tuple[str, str], read: str) -> None:
    found = _table([["姓名", "性别", *headers], ["x"] * 4])
    assert [column.header for column in found.columns[2:] if column.meaning] == [read]


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("职称", "看不出是不是申报级别"),
        ("级别", "看不出是不是申报级别"),
        ("调入时间", "看不出是不是转任年月"),
    ],
)
def test_a_column_that_may_decide_and_is_not_read_is_said(header: str, says: str) -> None:
    found = _table([["姓名", "性别", header], ["x"] * 3])
    assert found.columns[2].meaning is None
    assert [text for text in found.warnings if says in text]


def test_a_title_that_may_be_the_one_held_is_taken_once_it_is_said_to_be_the_one_applied_for(tmp_path: Path) -> None:
    rows = [["工号", "性别", "出生年月", "职称", "单位性质", "2025公需", "2025专业"]]
    source = with_openpyxl(tmp_path / "r.xlsx", [*rows, ["7", "男", "1985-05", "助理工程师", "事业单位", 30, 60]])
    [before] = assessments(source)
    assert (before["status"], before["needs"]) == ("needs", ["title_level"])
    [after] = assessments(source, {"申报级别": "职称"})
    assert after["status"] == "met"


def test_title_rows_and_a_two_row_merged_header_are_read(tmp_path: Path) -> None:
    rows = [
        ["某某学校2025年度专业技术人员继续教育花名册", *[""] * 11],
        ["填报单位：一中", "", "", "", "", "填报日期：2025年11月", *[""] * 6],
        ["序号", "姓名", "性别", "出生年月", "职称级别", "单位性质", "2023年度", "", "2024年度", "", "2025年度", ""],
        ["", "", "", "", "", "", "公需", "专业", "公需", "专业", "公需", "专业"],
        [1, "某甲", "男", "1985-05", "中级", "事业单位", 30, 60, 30, 60, 30, 40],
    ]
    merged = ["A1:L1", *[f"{column}3:{column}4" for column in "ABCDEF"], "G3:H3", "I3:J3", "K3:L3"]
    for source in (
        with_openpyxl(tmp_path / "o.xlsx", rows, merged),
        with_xlsxwriter(tmp_path / "x.xlsx", rows, merged),
    ):
        [person] = people(source)
        assert person["row"] == 5
        assert person["facts"]["history"] == FACTS["history"]
        assert person["facts"]["birth"] == "1985-05"
        assert "id" not in person["facts"]


def test_what_was_learnt_is_read_and_not_what_was_asked_for_under_the_same_heading(tmp_path: Path) -> None:
    rows = [
        ["姓名", "性别", "出生年月", "申报级别", "单位性质", "2025年", "", "", ""],
        ["", "", "", "", "", "公需", "", "专业", ""],
        ["", "", "", "", "", "应学", "实学", "应学", "实学"],
        ["某甲", "男", "1985-05", "初级", "事业单位", 30, 10, 60, 20],
    ]
    [person] = people(with_xlsxwriter(tmp_path / "r.xlsx", rows, ["F1:I1", "F2:G2", "H2:I2"]))
    assert person["row"] == 4
    assert person["facts"]["history"] == _only_2025(10, 20)


def test_a_merged_heading_reaches_no_further_than_it_is_merged() -> None:
    rows: list[list[object]] = [
        ["姓名", "性别", "2024年学时", "", "", ""],
        ["", "", "公需", "专业", "2025公需", "备注"],
    ]
    found = _table(rows, [(0, 2, 0, 3)])
    assert [column.header for column in found.columns][2:] == ["2024年学时公需", "2024年学时专业", "2025公需", "备注"]
    assert {"2024公需", "2024专业", "2025公需"} <= {meaning.name for meaning in found.known}


def test_a_heading_with_a_year_does_not_reach_over_a_column_with_its_own() -> None:
    rows: list[list[object]] = [["姓名", "性别", "2024年", "", ""], ["", "", "公需", "专业", "2025年公需"]]
    found = _table(rows)
    assert {"2024公需", "2024专业", "2025公需"} <= {meaning.name for meaning in found.known}


@pytest.mark.parametrize(
    ("above", "below", "hours"),
    [
        ("2024年,,2025年,", "公需,专业,公需,专业", "30,60,20,1"),  # a year over both categories
        ("公需科目,,专业科目,", "2024,2025,2024,2025", "30,20,60,1"),  # a category over both years
    ],
)
def test_a_heading_over_two_columns_reaches_both_in_a_file_that_cannot_merge(
    tmp_path: Path, above: str, below: str, hours: str
) -> None:
    source = tmp_path / "r.csv"
    heads = "姓名,性别,出生年月,职称级别,单位性质"
    source.write_text(f"{heads},{above}\n,,,,,{below}\n某甲,男,1985-05,中级,事业,{hours}\n", "utf-8")
    [person] = people(source)
    assert person["facts"]["history"] == _only_2025(20, 1) | {"2024": {"general": 30, "professional": 60}}


def test_columns_stand_in_any_order_and_beside_an_empty_margin(tmp_path: Path) -> None:
    order = [5, 17, 4, 12, 0, 3, 13, 6, 14, 15, 16]
    rows = [["", "", *[HEADERS[at] for at in order]], ["", "", *[PERSON[at] for at in order]]]
    [person] = people(with_openpyxl(tmp_path / "r.xlsx", [["", ""], *rows]))
    assert person["row"] == 3
    assert person["facts"] == {key: value for key, value in FACTS.items() if key not in ("route", "grassroots")}


def test_what_was_recognised_can_be_corrected_by_header_and_by_letter(tmp_path: Path) -> None:
    rows = [
        ["编号", "男女", "生于何时", "档次", "性质", "2025公需", "2025专业"],
        ["7", "男", "1985-05", "初级", "事业单位", 30, 60],
    ]
    source = with_openpyxl(tmp_path / "r.xlsx", rows)
    [before] = assessments(source)
    assert before["status"] == "needs"
    [after] = assessments(source, {"性别": "男女", "出生年月": "C", "申报级别": "档次"})
    assert (after["status"], after["id"]) == ("met", "7")
    [without] = assessments(source, {"性别": "男女", "出生年月": "C", "申报级别": "档次", "单位性质": ""})
    said = ("status", "requirement", "short", "reliefs")
    assert [without[key] for key in said] == [
        after[key] for key in said
    ]  # the sector cannot change what is met already


@pytest.mark.parametrize("wrong", [{"性别": "没有这一列"}, {"没有这个列名": "性别"}])
def test_a_correction_that_names_no_column_is_refused(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(UnknownColumn):
        assessments(with_openpyxl(tmp_path / "r.xlsx", [HEADERS, PERSON]), wrong)


def test_a_file_without_a_header_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreadableRoster, match="没有找到表头"):
        assessments(with_openpyxl(tmp_path / "r.xlsx", [["甲", "乙"], ["丙", "丁"]]))


def test_a_file_without_a_header_is_read_by_what_is_said_of_its_columns(tmp_path: Path) -> None:
    source = with_openpyxl(tmp_path / "r.xlsx", [PERSON, changed(_姓名="某乙", _工号="A2")])
    with pytest.raises(NoHeader, match="按列号") as refused:
        assessments(source)
    seen = of_unread(refused.value.sheets, TERMS, YEARS)["tables"][0]
    assert [column["letter"] for column in seen["columns"]][:2] == ["A", "B"]
    assert seen["columns"][1]["samples"] == ["某甲", "某乙"]
    told = {letters(at): name for at, name in enumerate(HEADERS)}
    assert [one["id"] for one in assessments(source, told)] == ["A1", "A2"]
    assert people(with_openpyxl(tmp_path / "s.xlsx", [HEADERS, PERSON]))[0]["facts"] == FACTS


def test_letters_of_columns_count_past_z() -> None:
    assert [letters(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert all(letters_index(letters(index)) == index for index in range(2000))


def test_a_circumstance_that_the_registry_alone_knows_has_its_column() -> None:
    new = FACTS_KNOWN["highly_skilled"].__class__(
        "rescue", "yes_no", "抢险救灾", header="抢险救灾", api="参加过抢险救灾", screen=(("true", "抢险"),)
    )
    assert filled({"key": new.id}, new) == {
        "key": "rescue", "name": "抢险救灾", "kind": "yes_no", "says": "参加过抢险救灾", "fill": True, "width": 10, "example": "",
        "choices": ["是", "否"], "is": ["抢险救灾", "是否抢险救灾", "rescue"],
    }  # fmt: skip
    told = {line["key"] for line in document()["column"]}
    assert {fact.id for fact in FACTS_KNOWN.values() if fact.header} <= told


@pytest.mark.parametrize(
    "header", ["2025专业学习进度", "2025专业课程数", "2025专业时长（分钟）", "2025专业学分", "2025专业考核", "2025专业已选学时",
               "2025专业待审学时", "2025专业预计学时", "2025专业自报学时"],
)  # fmt: skip
def test_other_numbers_of_a_year_are_not_its_hours(header: str) -> None:
    assert _names("姓名", "性别", header)[2] is None
