"""What Excel and people do to cells is undone, and what cannot be undone is said."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.roster import cells, run
from bot.roster.cells import Habits
from tests.roster.books import (
    FACTS,
    HEADERS,
    PACKS,
    TODAY,
    assessments,
    book,
    changed,
    people,
    with_openpyxl,
    with_xlsxwriter,
)


@pytest.mark.parametrize(
    ("raw", "month"),
    [
        ("1975-05", "1975-05"),
        ("1975.5", "1975-05"),
        (1975.5, "1975-05"),
        ("1975年5月", "1975-05"),
        ("1975/5", "1975-05"),
        (197505.0, "1975-05"),
        ("１９７５．０５", "1975-05"),
        (" 1975-05 ", "1975-05"),
        (1975.12, "1975-12"),
        (1975.11, "1975-11"),
        ("77年5月", "1977-05"),
        ("1975.10", "1975-10"),
        ("1975年1月", "1975-01"),
        ("1975-1", "1975-01"),
        ("1975.5月生", "1975-05"),
    ],
)
def test_a_month_is_read_however_it_is_written(raw: Any, month: str) -> None:
    assert cells.dated("birth", raw) == (month, "")


@pytest.mark.parametrize(
    "raw",
    [
        "1975-05-20",
        "1975.5.20",
        "1975年5月20日",
        19750520.0,
        "19750520",
        date(1975, 5, 20),
        datetime(1975, 5, 20),
        27534.0,
        "27534",
        "1975/05/20 00:00:00",
    ],
)
def test_a_day_is_read_however_it_is_written_and_as_a_bare_serial_number(raw: Any) -> None:
    assert cells.dated("birth", raw).value == "1975-05-20"
    assert cells.dated("month", raw).value == "1975-05"


def test_a_tenth_month_that_lost_its_zero_is_told_by_the_rest_of_the_column() -> None:
    january_or_october = cells.dated("birth", 1975.1)
    assert january_or_october.value is None
    assert "1月还是10月" in january_or_october.why
    assert january_or_october.why
    assert cells.dated("birth", 1975.1, cells.habits_of([1975.05, 1980.12, 1975.1])).value == "1975-10"
    assert cells.dated("birth", "1975.1", cells.habits_of(["1975.10", "1980.9", "1975.1"])).value == "1975-01"
    assert cells.dated("birth", 1975.1, cells.habits_of([1975.5, 1980.9])).value is None


@pytest.mark.parametrize("raw", ["19755", "1975 5", 19755.0, 20251.0])
def test_a_year_and_month_run_together_are_not_taken_for_a_serial_number(raw: Any) -> None:
    read = cells.dated("birth", raw)
    assert read.value is None
    assert "序号" in read.why


def test_dates_that_all_stand_on_the_first_are_months() -> None:
    assert cells.habits_of([date(1975, 5, 1), date(1980, 6, 1), "", 27515.0]) == Habits(bare_months=True)
    assert cells.habits_of([date(1975, 5, 1), date(1980, 6, 2)]) == Habits()
    assert cells.dated("birth", date(1975, 5, 1), Habits(bare_months=True)).value == "1975-05"
    assert cells.dated("birth", date(1975, 5, 1), Habits()).value == "1975-05-01"


@pytest.mark.parametrize(
    "raw", ["1975-13", "1975-02-30", 197513.0, "abc", "75", 12.0, "1975-5-5-5", True, "1975年5月到6月", time(3, 4)]
)
def test_what_is_no_date_is_asked_with_what_would_be(raw: Any) -> None:
    read = cells.dated("birth", raw)
    assert read.value is None
    assert read.why
    assert "1975-05" in read.why


def test_a_year_alone_is_not_a_birth_and_says_that_the_month_is_missing() -> None:
    for raw in (1975.0, "1975", "1975年"):
        read = cells.dated("birth", raw)
        assert read.value is None
        assert "没有月份" in read.why


@pytest.mark.parametrize(
    ("raw", "hours"),
    [
        (30.0, 30),
        ("30", 30),
        ("３０", 30),
        (" 30 ", 30),
        ("30学时", 30),
        (59.5, 59.5),
        ("59.5", 59.5),
        (0.1 + 0.2, 0.3),
        (0.0, 0),
        ("无", 0),
        ("没学", 0),
        ("已学满", 60),
        ("√", 60),
        ("达标", 60),
        (timedelta(hours=45), 45),
        ("1,200", 1200),
    ],
)
def test_hours_are_numbers_however_they_are_typed(raw: Any, hours: float) -> None:
    read = cells.hours(raw, 60)
    assert read == (hours, "")
    assert type(read.value) is type(hours)


@pytest.mark.parametrize("raw", ["", " ", "-", "—", "/", "不详", "记不清", "?", "未完成", "30-40", "30左右"])
def test_hours_that_are_not_known_are_null_and_never_zero(raw: str) -> None:
    read = cells.hours(raw, 60)
    assert read.value is None


@pytest.mark.parametrize(
    "raw",
    [
        "30,60",
        "30，60",
        "30 60",
        "20\n10",
        "30分",
        "100%",
        "三十多",
        "-5",
        "1e3",
        "#REF!",
        "30/60",
        date(2025, 1, 1),
        True,
    ],
)
def test_hours_that_are_no_hours_are_asked(raw: Any) -> None:
    read = cells.hours(raw, 60)
    assert read.value is None
    assert read.why


@pytest.mark.parametrize(
    ("raw", "level"),
    [
        ("初级", "junior"),
        ("助理级", "junior"),
        ("中级职称", "middle"),
        ("副高级", "deputy_senior"),
        ("副高", "deputy_senior"),
        ("正高级", "full_senior"),
        ("高级工程师", "deputy_senior"),
        ("正高级工程师", "full_senior"),
        ("工程师", "middle"),
        ("助理工程师", "junior"),
        ("副教授", "deputy_senior"),
        ("教授", "full_senior"),
        ("讲师", "middle"),
        ("助教", "junior"),
        ("一级教师", "middle"),
        ("二级教师", "junior"),
        ("高级教师", "deputy_senior"),
        ("主治医师", "middle"),
        ("副主任医师", "deputy_senior"),
        ("主任医师", "full_senior"),
        ("医师", "junior"),
        ("副主任护师", "deputy_senior"),
        ("主管护师", "middle"),
        ("主管中药师", "middle"),
        ("护士", "junior"),
        ("馆员", "middle"),
        ("助理馆员", "junior"),
        ("副研究馆员", "deputy_senior"),
        ("研究馆员", "full_senior"),
        ("助理研究员", "middle"),
        ("副研究员", "deputy_senior"),
        ("研究员", "full_senior"),
        ("高级会计师", "deputy_senior"),
        ("正高级会计师", "full_senior"),
        ("中　级", "middle"),
    ],
)
def test_levels_are_read_from_their_names_and_from_titles(raw: str, level: str) -> None:
    assert cells.choice("title_level", raw) == (level, "")


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("sex", "男", "male"),
        ("sex", "女性", "female"),
        ("sex", "M", "male"),
        ("sex", "f", "female"),
        ("sex", "Ｆ", "female"),
        ("sex", "女 ", "female"),
        ("yes_no", "是", True),
        ("yes_no", "√", True),
        ("yes_no", "×", False),
        ("yes_no", "否", False),
        ("yes_no", "Y", True),
        ("yes_no", 1.0, True),
        ("yes_no", 0.0, False),
        ("yes_no", True, True),
        ("grassroots", "苏木乡镇", True),
        ("yes_no", "不是", False),
        ("grassroots", "旗县城区", False),
        ("grassroots", "非苏木乡镇", False),
        ("grassroots", "不在苏木乡镇", False),
        ("grassroots", "否，不在乡镇", False),
        ("grassroots", "某苏木中心小学", True),
        ("sector", "事业", "public_institution"),
        ("sector", "公益一类事业单位", "public_institution"),
        ("sector", "国企", "state_enterprise"),
        ("sector", "国有控股企业", "state_enterprise"),
        ("sector", "民营企业", "non_public"),
        ("sector", "非公有制经济组织", "non_public"),
        ("sector", "非公企业", "non_public"),
        ("sector", "党政机关", "government"),
        ("route", "正常晋升", "review"),
        ("route", "破格申报", "exceptional"),
        ("route", "不破格", "review"),
        ("route", "未破格", "review"),
        ("route", "不属于破格", "review"),
        ("route", "破格：否", "review"),
        ("route", "考核认定", "recognition"),
        ("unit_scope", "自治区本级", "region"),
        ("unit_scope", "旗县", "league"),
    ],
)
def test_closed_lists_are_read_in_other_words(kind: str, raw: Any, value: Any) -> None:
    assert cells.choice(kind, raw) == (value, "")


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("sector", "企业"),
        ("sector", "参公单位"),
        ("sector", "混合所有制企业"),
        ("sector", "某某有限公司"),
        ("sector", "非国有企业"),
        ("sector", "集体企业"),
        ("sector", "非民营"),
        ("sector", "国有企业（合资）"),
        ("sector", "民办事业单位"),
        ("title_level", "初级→中级"),
        ("title_level", "中级（原初级）"),
        ("title_level", "助理工程师升工程师"),
        ("title_level", "副高/正高"),
        ("title_level", "执业药师"),
    ],
)
def test_what_leaves_open_what_decides_counts_as_not_known_and_says_so(kind: str, raw: str) -> None:
    read = cells.choice(kind, raw)
    assert read.value is None
    assert read.why


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("sex", "男女"),
        ("title_level", "五级"),
        ("sector", "一中"),
        ("yes_no", "也许"),
        ("grassroots", "曾在乡镇"),
        ("grassroots", "2010年在某苏木"),
        ("route", "以考代评"),
        ("unit_scope", "某某"),
    ],
)
def test_what_is_on_no_list_is_asked_with_the_list(kind: str, raw: str) -> None:
    read = cells.choice(kind, raw)
    assert read.value is None
    assert read.why
    assert raw in read.why


@pytest.mark.parametrize(
    ("raw", "text", "damaged"),
    [
        (10023.0, "10023", False),
        ("00123", "00123", False),
        (" A-7 ", "A-7", False),
        ("1.50102E+17", "150102000000000000", True),
        (1.5010219e17, "150102190000000000", True),
        ("Ａ７", "A7", False),
    ],
)
def test_an_id_that_became_a_number_is_text_again(raw: Any, text: str, damaged: bool) -> None:
    read = cells.ident(raw)
    assert read.value == text
    assert bool(read.why) is damaged


def test_a_workbook_full_of_habits_gives_the_same_facts_as_a_clean_one(tmp_path: Path) -> None:
    clean = changed(工号="10023", 出生年月="1975-05-20", 申报级别="副高", 基层一线="是", 任现职年月="2022-09")
    habits = changed(
        工号=10023,
        姓名="某甲  ",
        单位性质="事业 ",
        性别="M",
        出生年月=27534,
        申报级别="副高级",
        申报方式="正常评审",
        基层一线="√",
        任现职年月=date(2022, 9, 1),
        _2023公需="３０",
        _2023专业="60 ",
        _2024公需=30.0,
        _2024专业="60学时",
        _2025公需="30.0",
        _2025专业="40",
    )
    header = [f" {name} " for name in HEADERS]
    [expected] = people(with_openpyxl(tmp_path / "clean.xlsx", [HEADERS, clean]))
    for write in (with_openpyxl, with_xlsxwriter):
        [read] = people(write(tmp_path / f"{write.__name__}.xlsx", [header, habits, [""] * len(HEADERS)]))
        assert read["facts"] == expected["facts"]
        assert read["why"] == []


@pytest.mark.parametrize("since_1904", [False, True])
def test_a_day_is_the_same_day_in_a_workbook_that_counts_from_1904(tmp_path: Path, since_1904: bool) -> None:
    import xlsxwriter

    source = tmp_path / "r.xlsx"
    with xlsxwriter.Workbook(source, {"date_1904": since_1904}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADERS)
        for row, style in enumerate((None, book.add_format({"num_format": "yyyy-mm-dd"})), 1):
            sheet.write_row(row, 0, changed(工号=str(row)))
            sheet.write_datetime(row, HEADERS.index("出生年月"), datetime(1975, 5, 20), style)
    assert [one["facts"]["birth"] for one in people(source)] == ["1975-05-20", "1975-05-20"]


def test_two_columns_that_tell_different_things_of_one_person_tell_nothing(tmp_path: Path) -> None:
    header = [*HEADERS, "档案出生年月", "2025年专业学时"]
    rows = [
        [*changed(工号="1"), "1985年5月", 40],
        [*changed(工号="2"), "1969-05", 40],
        [*changed(工号="3"), "1985-05-20", 60],
        [*changed(工号="4"), "", ""],
    ]
    told = people(with_openpyxl(tmp_path / "r.xlsx", [header, *rows]))
    assert [one["facts"].get("birth") for one in told] == ["1985-05", None, "1985-05-20", "1985-05"]
    assert [one["facts"]["history"]["2025"]["professional"] for one in told] == [40, 40, None, 40]
    assert [len(one["why"]) for one in told] == [0, 1, 1, 0]
    assert "两列出生年月不一样" in told[1]["why"][0]


def test_hidden_rows_are_people_too(tmp_path: Path) -> None:
    import openpyxl

    source = with_openpyxl(tmp_path / "r.xlsx", [HEADERS, changed(工号="1"), changed(工号="2"), changed(工号="3")])
    book = openpyxl.load_workbook(source)
    assert book.active is not None
    book.active.row_dimensions[3].hidden = True
    book.save(source)
    assert [person["facts"]["id"] for person in people(source)] == ["1", "2", "3"]


def test_a_formula_counts_as_the_value_it_had_when_the_file_was_saved(tmp_path: Path) -> None:
    import xlsxwriter

    source = tmp_path / "r.xlsx"
    with xlsxwriter.Workbook(source) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADERS)
        sheet.write_row(1, 0, changed())
        sheet.write_formula(1, HEADERS.index("2025专业"), "=20+25", None, 45)
        sheet.write_formula(1, HEADERS.index("性别"), '=IF(1,"女","男")', None, "女")
    [person] = people(source)
    assert person["facts"]["history"]["2025"]["professional"] == 45
    assert person["facts"]["sex"] == "female"


def test_an_empty_cell_is_not_known_zero_is_none_and_all_empty_is_no_history(tmp_path: Path) -> None:
    empty = {f"_{year}{name}": "" for year in (2023, 2024, 2025) for name in ("公需", "专业")}
    some, nothing = people(
        with_openpyxl(tmp_path / "r.xlsx", [HEADERS, changed(**empty | {"_2025公需": 0}), changed(工号="2", **empty)])
    )
    assert some["facts"]["history"]["2025"] == {"general": 0, "professional": None}
    assert some["facts"]["history"]["2023"] == {"general": None, "professional": None}
    assert "history" not in nothing["facts"]


def test_what_was_read_but_cannot_be_is_told_with_its_cell_and_in_plain_words(tmp_path: Path) -> None:
    source = with_openpyxl(
        tmp_path / "r.xlsx",
        [
            HEADERS,
            changed(工号="1", _2025专业=-5),
            changed(工号="2", _2023公需=99999, _2024专业="30多"),
            changed(工号="3", 出生年月="2020-01"),
            changed(工号="4", 转任年月="2027-01"),
        ],
    )
    _, summary = book(source)
    asked = [fault for fault in summary.tally.faults if fault.kind == "open"]
    assert [(fault.cell, fault.header, fault.held) for fault in asked] == [
        ("R2", "2025专业", "-5"),
        ("M3", "2023公需", "99999"),
        ("P3", "2024专业", "30多"),
        ("F4", "出生年月", "2020-01"),
        ("K5", "转任年月", "2027-01"),
    ]
    assert not [fault.why for fault in asked if re.search("[a-z]", fault.why)]


def test_hours_of_a_year_that_cannot_count_yet_stop_nobody(tmp_path: Path) -> None:
    source = with_openpyxl(tmp_path / "r.xlsx", [[*HEADERS, "2026公需"], [*changed(), ""], [*changed(工号="2"), 30]])
    assert [person["facts"]["history"] for person in people(source)] == [FACTS["history"]] * 2
    assert [one["status"] for one in assessments(source)] == ["short", "short"]


@pytest.mark.parametrize("raw", ["60（未核定）", "60（待审）", "60（退回）", "60(部分)", "60，自报", "60（含补学）"])
def test_hours_with_a_remark_that_may_take_them_away_are_not_taken(raw: str) -> None:
    assert cells.hours(raw, 60).value is None


@pytest.mark.parametrize("raw", ["60（线上）", "60学时（线上、线下）", "60（已核定）"])
def test_hours_with_a_remark_that_leaves_them_are_read(raw: str) -> None:
    assert cells.hours(raw, 60).value == 60


@pytest.mark.parametrize("raw", ["民办学校", "民办", "私立医院", "民营医院", "社会办医", "非营利机构", "改制企业"])
def test_what_hangs_on_how_a_unit_is_registered_is_asked(raw: str) -> None:
    assert cells.choice("sector", raw).value is None


@pytest.mark.parametrize("raw", ["乡镇（挂职）", "驻村", "乡镇支教", "下派乡镇", "城关镇", "苏木（锻炼）"])
def test_who_is_only_sent_to_a_village_is_not_of_it(raw: str) -> None:
    assert cells.choice("grassroots", raw).value is None


@pytest.mark.parametrize(
    "raw", ["2024年中级经济师", "2024年软考", "2024（单科）", "2024年报名", "2024未通过", "拟2025年考", "2024技能等级"]
)
def test_what_is_no_professional_qualification_or_not_passed_deems_nothing(raw: str) -> None:
    assert cells.exam(raw).value is None


@pytest.mark.parametrize("raw", ["2024年一级建造师", "注册安全工程师2024", "2024年取得执业医师资格证书"])
def test_a_qualification_with_its_year_deems_that_year(raw: str) -> None:
    assert cells.exam(raw).value == [2024]


def test_two_levels_that_differ_are_asked_and_so_is_a_year_that_is_two(tmp_path: Path) -> None:
    rows = [
        [*HEADERS, "拟评职称", "申报年度"],
        [*changed(工号="1", _2023公需=0), "二级教师", ""], [*changed(工号="2"), "", "2025/2026"], [*changed(工号="3"), "", ""],
    ]  # fmt: skip
    found = assessments(with_openpyxl(tmp_path / "r.xlsx", rows))
    assert [one.get("needs") for one in found] == [["title_level"], ["review_year"], None]


def test_a_file_of_rows_in_which_nobody_is_found_is_said_to_be_misread(tmp_path: Path) -> None:
    rows = [["年度", "公需学时", "专业学时"], ["2023", 30, 60], ["2024", 30, 60], ["2025", 30, 20]]
    out = tmp_path / "out.jsonl"
    found = run(with_openpyxl(tmp_path / "r.xlsx", rows), out, PACKS, TODAY)
    assert found.nobody
    assert found.misread


@pytest.mark.parametrize(
    ("raw", "hours"), [("30以上", 30), ("≥60", 60), ("60学时及以上", 60), ("三十", 30), ("六十学时", 60), ("九十", 90)]
)
def test_a_least_number_of_hours_and_a_numeral_are_hours(raw: str, hours: int) -> None:
    assert cells.hours(raw, None).value == hours


@pytest.mark.parametrize("raw", ["约30", "30左右", "三十多", "三十分", "近60"])
def test_about_so_many_hours_are_asked(raw: str) -> None:
    assert cells.hours(raw, None).value is None
