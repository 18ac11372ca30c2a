"""Files as offices have them: several sheets and tables, people over many rows, what is absent, and identity numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest
import xlsxwriter

from bot.roster import run
from tests.roster.books import PACKS, TODAY, people

Sheets = Mapping[str, Sequence[Sequence[Any]]]
WHO = ["工号", "姓名", "性别", "出生年月", "单位性质", "申报级别"]
ZHANG, LI = ["01", "张三", "男", "1985-05", "事业单位", "中级"], ["02", "李四", "女", "1990-05", "事业单位", "初级"]
HOURS = [f"{year}{name}" for year in (2023, 2024, 2025) for name in ("公需", "专业")]
UNKNOWN = {"general": None, "professional": None}


def book(path: Path, sheets: Sheets) -> Path:
    with xlsxwriter.Workbook(path / "r.xlsx") as made:
        for name, rows in sheets.items():
            sheet = made.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path / "r.xlsx"


def read(path: Path, sheets: Sheets) -> dict[str, dict[str, Any]]:
    """The facts of everybody, by name."""
    return {one["name"]: one["facts"] for one in people(book(path, sheets))}


def test_sheets_about_the_same_people_are_joined_though_a_spreadsheet_ate_the_zeros(tmp_path: Path) -> None:
    hours = [["工号", "姓名", *HOURS], [2, "李四", 30, 60, 30, 60, 30, 60], [1, "张三", 30, 0, 30, 60, 30, 60]]
    found = read(tmp_path, {"基本信息": [WHO, ZHANG, LI], "学时": hours})
    assert found["张三"]["history"]["2023"] == {"general": 30, "professional": 0}
    assert found["李四"]["title_level"] == "junior"
    assert len(found) == 2


def test_a_sheet_a_year_gives_each_its_year(tmp_path: Path) -> None:
    rows = [["姓名", "公需", "专业"], ["张三", 30, 60]]
    history = read(tmp_path, {"2024年": rows, "2025": [rows[0], ["张三", 10, 20]]})["张三"]["history"]
    assert history == {
        "2023": UNKNOWN,
        "2024": {"general": 30, "professional": 60},
        "2025": {"general": 10, "professional": 20},
    }


def test_what_no_column_tells_is_not_known_and_asked_once(tmp_path: Path) -> None:
    source = book(tmp_path, {"表": [[*WHO, "2025公需", "2025专业"], [*ZHANG, 30, 60]]})
    summary = run(source, None, PACKS, TODAY)
    assert summary.tally.by_status == {"uncertain": 1}
    assert [question for question in summary.opened.questions if "2023、2024年的学时：没学，还是没列" in question]


def test_courses_of_a_person_add_up_and_equal_rows_count_once(tmp_path: Path) -> None:
    head = ["姓名", "年度", "科目", "课程名称", "学时"]
    rows = [["张三", 2025, "公需", "甲", 15], ["张三", 2025, "公需", "乙", 15], ["张三", 2025, "公需", "乙", 15]]
    found = read(tmp_path, {"名册": [WHO, ZHANG], "课程": [head, *rows, ["李四", 2025, "专业", "丙", 60]]})
    assert found["张三"]["history"]["2025"] == {"general": 30, "professional": 0}
    assert found["张三"]["history"]["2024"] == UNKNOWN


@pytest.mark.parametrize(
    ("columns", "hours", "read_as"),
    [
        (["2025总学时", "2025专业学时"], [90, 60], {"general": 30, "professional": 60}),
        (["2025年总学时", "其中：公需"], [90, 30], {"general": 30, "professional": 60}),
        (["2025总学时"], [0], {"general": 0, "professional": 0}),
        (["2025总学时"], [90], None),
    ],
)
def test_a_total_less_one_category_is_the_other(
    tmp_path: Path, columns: list[str], hours: list[int], read_as: dict[str, int] | None
) -> None:
    found = read(tmp_path, {"表": [[*WHO, *columns], [*ZHANG, *hours]]})["张三"].get("history", {}).get("2025")
    assert found == read_as


def test_tables_stand_beside_and_below_each_other_and_on_their_side(tmp_path: Path) -> None:
    head = ["姓名", "性别", "2025公需", "2025专业"]
    beside = [[*head, "", *head], ["张三", "男", 30, 60, "", "李四", "女", 1, 2], ["王五", "男", 3, 4]]
    below = [["合计", "", 34, 66], ["姓名", "2025专业", "2025公需", "性别"], ["赵六", 5, 6, "女"]]
    turned = [["姓名", "钱七", "孙八"], ["性别", "男", "女"], ["2025公需", 7, 9], ["2025专业", 8, 10]]
    found = read(tmp_path, {"一": [*beside, *below], "二": turned})
    assert {name: tuple(facts["history"]["2025"].values()) for name, facts in found.items()} == {
        "张三": (30, 60), "李四": (1, 2), "王五": (3, 4), "赵六": (6, 5), "钱七": (7, 8), "孙八": (9, 10),
    }  # fmt: skip


def test_a_row_that_holds_words_of_headers_is_somebody(tmp_path: Path) -> None:
    head = ["姓名", "单位", "性别", "联系方式", "备注", "2025公需", "2025专业"]
    rows = [
        ["张三", "巴彦苏木中心小学", "男", "a@email.com", "在基层锻炼", 30, 60],
        ["李四", "一中", "女", "b@mail.cn", "", 30, 60],
    ]
    found = read(tmp_path, {"表": [head, *rows]})
    assert set(found) == {"张三", "李四"}
    assert "grassroots" not in found["张三"]


def test_an_identity_number_tells_sex_and_birth_and_is_kept_nowhere(tmp_path: Path) -> None:
    number = "150102199003074557"
    number = number[:17] + next(sign for sign in "0123456789X" if _checks(number[:17] + sign))
    head = ["姓名", "身份证号", "单位性质", "申报级别", "2025公需", "2025专业"]
    source = book(tmp_path, {"表": [head, ["张三", number, "事业单位", "初级", 30, 60]]})
    kept = tmp_path / "people"
    run(source, None, PACKS, TODAY, people=kept)
    assert number not in kept.read_text("utf-8")
    [one] = people(source)
    assert (one["facts"]["birth"], one["facts"]["sex"]) == ("1990-03-07", "male")


def test_a_birth_that_differs_from_the_identity_number_is_asked(tmp_path: Path) -> None:
    number = next(f"15010219900307455{sign}" for sign in "0123456789X" if _checks(f"15010219900307455{sign}"))
    head = ["姓名", "身份证号", "出生年月", "单位性质", "申报级别", *HOURS]
    [one] = people(
        book(tmp_path, {"表": [head, ["张三", number, "1970-01", "事业单位", "中级", 30, 0, 30, 60, 30, 60]]})
    )
    assert "birth" not in one["facts"]
    assert "和身份证号不一样" in one["why"][0]


def _checks(number: str) -> bool:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(d) * w for d, w in zip(number, weights, strict=False)) % 11] == number[17]


def test_two_under_one_number_are_two_and_said_to_be(tmp_path: Path) -> None:
    same = ["01", *LI[1:]]
    told = people(book(tmp_path, {"表": [WHO, ZHANG, same]}))
    assert [one["name"] for one in told] == ["张三", "李四"]
    assert all("另一个姓名" in one["why"][0] for one in told)


def test_rows_of_one_person_that_contradict_are_asked(tmp_path: Path) -> None:
    rows = [[*ZHANG, 30, 60, 30, 60, 30, 60], [*ZHANG, 30, 60, 30, 20, 30, 60]]
    summary = run(book(tmp_path, {"表": [[*WHO, *HOURS], *rows]}), None, PACKS, TODAY)
    assert summary.tally.by_status == {"needs": 1}


@pytest.mark.parametrize("name", ["民办非企业", "社会团体", "村卫生室", "股份制企业", "劳务派遣", "其他", "没见过的"])
def test_a_kind_of_unit_that_is_not_in_the_notice_asks_one_fact(tmp_path: Path, name: str) -> None:
    row = [*ZHANG[:4], name, ZHANG[5], 0, 0, 0, 0, 0, 0]
    [one] = people(book(tmp_path, {"表": [[*WHO, *HOURS], row]}))
    assert one["needs"] == ["sector"]


def test_a_year_without_a_notice_is_estimated_and_every_verdict_says_so(tmp_path: Path) -> None:
    source = book(tmp_path, {"表": [[*WHO, *HOURS], [*ZHANG, 30, 60, 30, 60, 30, 60]]})
    run(source, out := tmp_path / "o.xlsx", PACKS, TODAY, year=2026)
    [row] = openpyxl.load_workbook(out)["结果"].iter_rows(min_row=2, values_only=True)
    assert any("估算" in str(cell) for cell in row)


_LONG = ["姓名", "性别", "出生年月", "申报级别", "单位性质", "年度", "科目", "学时"]


def _courses(**last: str) -> list[list[str]]:
    """Everything done, a row a year and category; `last` is what a further column says of the last row, a good word of the others."""
    [(name, word)] = last.items()
    good = {"考试成绩": "90", "学习进度": "100%", "备注": ""}.get(name, "已完成")
    rows = [
        ["甲乙", "男", "1985-05", "初级", "事业单位", "2025", category, hours]
        for category, hours in (("公需", "30"), ("专业", "60"))
    ]
    return [[*_LONG, name], [*rows[0], good], [*rows[1], word]]


@pytest.mark.parametrize(
    "last",
    [{"学习状态": "学习中"}, {"是否完成": "否"}, {"考核结果": "不合格"}, {"学习进度": "40%"}, {"考试成绩": "50"}, {"备注": "未核定"},
     {"审核意见": "不同意"}, {"结业情况": "未结业"}],
)  # fmt: skip
def test_training_that_a_further_column_says_is_not_done_is_not_counted(tmp_path: Path, last: dict[str, str]) -> None:
    source = tmp_path / "r.csv"
    source.write_text("\n".join(",".join(row) for row in _courses(**last)), "utf-8")
    run(source, tmp_path / "o.jsonl", PACKS, TODAY)
    assert orjson.loads((tmp_path / "o.jsonl").read_bytes())["status"] in ("short", "uncertain")


def test_of_several_hours_those_that_were_verified_count(tmp_path: Path) -> None:
    source = tmp_path / "r.csv"
    head = ",".join([*_LONG[:-1], "课程学时", "核定学时"])
    source.write_text(
        head + "\n甲乙,男,1985-05,初级,事业单位,2025,公需,30,30\n甲乙,男,1985-05,初级,事业单位,2025,专业,60,20\n",
        "utf-8",
    )
    run(source, tmp_path / "o.jsonl", PACKS, TODAY)
    assert orjson.loads((tmp_path / "o.jsonl").read_bytes())["short"] == {"2025": {"professional": 40}}


def test_the_sums_of_units_are_nobody_and_two_names_in_a_cell_are_named(tmp_path: Path) -> None:
    source = tmp_path / "r.csv"
    source.write_text("单位,2025公需,2025专业\n一中,300,600\n", "utf-8")
    gathered = run(source, None, PACKS, TODAY).opened.gathered
    assert (gathered.people, [fault.row for fault in gathered.nobody]) == ([], [2])
    source.write_text("姓名,性别,申报级别\n甲乙、丙丁,男,初级\n戊己,女,初级\n", "utf-8")
    gathered = run(source, None, PACKS, TODAY).opened.gathered
    assert ([person.name for person in gathered.people], [fault.row for fault in gathered.nobody]) == (["戊己"], [2])


def test_a_year_that_is_not_deemed_is_no_fact_at_all(tmp_path: Path) -> None:
    source = tmp_path / "r.csv"
    source.write_text(
        "姓名,性别,出生年月,申报级别,单位性质,2025公需,2025专业,2025视同\n甲乙,男,1985-05,初级,事业单位,30,60,否\n",
        "utf-8",
    )
    assert run(source, tmp_path / "o.jsonl", PACKS, TODAY).tally.faults == []


def test_one_cell_may_tell_both_categories_of_a_year(tmp_path: Path) -> None:
    source = tmp_path / "r.csv"
    source.write_text(
        "姓名,性别,出生年月,申报级别,单位性质,2025年学时\n甲乙,男,1985-05,初级,事业单位,公需30专业45\n", "utf-8"
    )
    run(source, tmp_path / "o.jsonl", PACKS, TODAY)
    assert orjson.loads((tmp_path / "o.jsonl").read_bytes())["short"] == {"2025": {"professional": 15}}


def test_the_day_and_the_page_below_a_table_are_nobody(tmp_path: Path) -> None:
    source = tmp_path / "r.csv"
    source.write_text("姓名,性别,申报级别\n甲乙,男,初级\n2025年11月,,\n第1页共1页,,\n", "utf-8")
    assert [person.name for person in run(source, None, PACKS, TODAY).opened.gathered.people] == ["甲乙"]


@pytest.mark.parametrize(
    ("numbers", "ids"), [(["A7", "A9"], ["A7", "A9"]), (["1", "2"], [None, None]), (["41", "17"], ["41", "17"])]
)
def test_a_column_of_numbers_is_who_somebody_is_or_only_counts_the_rows(
    tmp_path: Path, numbers: list[str], ids: list[str | None]
) -> None:
    source = tmp_path / "r.csv"
    rows = [f"{number},甲{name},女,初级" for number, name in zip(numbers, "乙丙", strict=True)]
    source.write_text("编号,姓名,性别,申报级别\n" + "\n".join(rows) + "\n", "utf-8")
    run(source, tmp_path / "o.xlsx", PACKS, TODAY)
    run(source, tmp_path / "o.jsonl", PACKS, TODAY)
    assert [orjson.loads(line).get("id") for line in (tmp_path / "o.jsonl").read_bytes().splitlines()] == ids
    sheet = openpyxl.load_workbook(tmp_path / "o.xlsx")["结果"]
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == numbers


_DONE_BUT = [*ZHANG, 30, 0, 30, 60, 30, 60]


@pytest.mark.parametrize(
    ("header", "cell", "status"),
    [("是否基层", "是", "needs"), ("基层", "√", "needs"), ("是否基层", "苏木乡镇", "waived"), ("是否基层", "否", "short"),
     ("基层一线", "是", "waived"), ("是否在苏木乡镇", "是", "waived"), ("是否苏木乡镇工作过", "是", "short"), ("乡镇补贴", "是", "short"),
     ("乡镇编制", "是", "needs"), ("是否享受苏木乡镇津贴", "√", "short"), ("苏木乡镇（曾）", "是", "short"), ("嘎查村工作人员", "是", "waived")],
)  # fmt: skip
def test_a_bare_yes_under_a_header_that_says_only_basic_level_opens_no_relief(
    tmp_path: Path, header: str, cell: str, status: str
) -> None:
    source = book(tmp_path, {"表": [[*WHO, *HOURS, header], [*_DONE_BUT, cell]]})
    assert run(source, None, PACKS, TODAY).tally.by_status == {status: 1}


def test_a_line_above_the_header_that_names_a_town_is_no_column(tmp_path: Path) -> None:
    above = ["填报单位（盖章）：巴彦苏木中心小学", "", "填报时间：11月"]
    found = read(tmp_path, {"表": [above, ["序号", *WHO, *HOURS], [1, *_DONE_BUT], [2, *LI, 0, 0, 0, 0, 0, 0]]})
    assert all("grassroots" not in facts for facts in found.values())


def test_a_table_is_found_under_a_text_of_any_length(tmp_path: Path) -> None:
    text = [[f"{number}. 各单位要按时报送学时。"] for number in range(1, 150)]
    assert set(read(tmp_path, {"表": [*text, [*WHO, *HOURS], _DONE_BUT]})) == {"张三"}


def test_the_notice_of_the_area_that_a_row_names_is_the_one_it_is_judged_by(tmp_path: Path) -> None:
    row = [*ZHANG, 30, 60, 30, 60, 30, 0]
    rows = [["01", *row[1:], "阿拉善左旗"], ["02", "李四", *row[2:], "包头市"], ["03", "王五", *row[2:], "某盟"]]
    source = book(tmp_path, {"表": [[*WHO, *HOURS, "盟市"], *rows]})
    run(source, tmp_path / "o.jsonl", PACKS, TODAY)
    told = [orjson.loads(line) for line in (tmp_path / "o.jsonl").read_bytes().splitlines()]
    assert [one["policy"]["id"] for one in told] == ["neimenggu/alxa/2025", "neimenggu/2025", "neimenggu/2025"]
    run(source, tmp_path / "o.xlsx", PACKS, TODAY)
    sheet = openpyxl.load_workbook(tmp_path / "o.xlsx")["结果"]
    advice = [row[-2] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert ["11月30日" in str(text) for text in advice] == [True, False, False]


def test_two_numbers_in_a_cell_are_the_categories_in_the_order_of_the_header(tmp_path: Path) -> None:
    found = read(tmp_path, {"表": [[*WHO, "2025年专业/公需", "2024年学时（公需+专业）"], [*ZHANG, "60/30", "12+34"]]})
    assert found["张三"]["history"]["2025"] == {"general": 30, "professional": 60}
    assert found["张三"]["history"]["2024"] == {"general": 12, "professional": 34}


@pytest.mark.parametrize("way", ["转系列评审", "以考代评", "考评结合", "同级转评", "初聘"])
def test_a_way_to_apply_that_the_notice_does_not_speak_of_is_asked(tmp_path: Path, way: str) -> None:
    source = book(tmp_path, {"表": [[*WHO, *HOURS, "申报方式"], [*ZHANG, 30, 60, 30, 60, 30, 60, way]]})
    assert run(source, None, PACKS, TODAY).tally.by_status == {"needs": 1}


def test_whoever_signs_below_a_table_is_nobody(tmp_path: Path) -> None:
    below = [
        ["制表人", "李四", "", "审核人", "王五"],
        ["报送日期", "2025-11-20"],
        ["", "领导签字"],
        ["", "达标人数", "", "", "", "", 2, 2],
    ]
    assert set(read(tmp_path, {"表": [[*WHO, *HOURS], _DONE_BUT, *below]})) == {"张三"}


@pytest.mark.parametrize("merged", [True, False])
def test_a_third_row_of_header_tells_what_was_asked_from_what_was_learnt(tmp_path: Path, merged: bool) -> None:
    blank: list[Any] = [""] * len(WHO)
    top = [*WHO, "近三年继续教育", *[""] * 3]
    rows = [
        top,
        [*blank, "2025年公需", "", "2025年专业", ""],
        [*blank, "应学", "实学", "应学", "实学"],
        [*ZHANG, 30, 10, 60, 20],
    ]
    with xlsxwriter.Workbook(tmp_path / "r.xlsx") as made:
        sheet = made.add_worksheet("表")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        for first, last in ((6, 7), (8, 9)) if merged else ():
            sheet.merge_range(1, first, 1, last, rows[1][first])
        if merged:
            sheet.merge_range(0, 6, 0, 9, top[6])
    [one] = people(tmp_path / "r.xlsx")
    assert one["facts"]["history"]["2025"] == {"general": 10, "professional": 20}


@pytest.mark.parametrize("remark", ["学时待补", "缺2024年专业20学时", "2023年学时存疑"])
def test_a_remark_against_the_hours_is_asked(tmp_path: Path, remark: str) -> None:
    source = book(tmp_path, {"表": [[*WHO, *HOURS, "备注"], [*ZHANG, 30, 60, 30, 60, 30, 60, remark]]})
    assert set(run(source, None, PACKS, TODAY).tally.by_status) <= {"needs", "uncertain"}


_OF_ANOTHER = [("原单位性质", "民营企业"), ("调入前单位性质", "民营企业"), ("配偶单位性质", "民营"), ("毕业院校性质", "民办"), ("配偶在苏木乡镇", "是"), ("是否在苏木乡镇（挂职）", "是"),
    ("原在苏木乡镇", "是"), ("拟调苏木乡镇", "是"), ("由教师转任管理岗时间", "2025-03"), ("转任副高时间", "2025-03"), ("证书年份", "2025"), ("职业技能证书取得时间", "2025-03"),
    ("教师资格证取得年份", "2025"), ("参加疫情防控工作年度", "2025"), ("子女出生年月", "1960-01"), ("配偶出生日期", "1960-01"), ("配偶性别", "女"), ("已取得申报级别", "初级"), ("上次申报级别", "初级")]  # fmt: skip


@pytest.mark.parametrize(("header", "cell"), _OF_ANOTHER)
def test_a_column_about_somebody_else_or_another_time_opens_no_relief(tmp_path: Path, header: str, cell: str) -> None:
    source = book(
        tmp_path,
        {
            "表": [
                [*WHO[:4], WHO[5], *HOURS, header, WHO[4]],
                [*ZHANG[:4], ZHANG[5], 30, 60, 30, 60, 30, 0, cell, ZHANG[4]],
            ]
        },
    )
    assert run(source, None, PACKS, TODAY).tally.by_status == {"short": 1}


@pytest.mark.parametrize(
    "header",
    ["2025年度考核是否合格", "2025年体检合格情况", "2025年工作完成情况", "2025年是否合格", "2025年普法考试是否合格"],
)
def test_what_was_done_that_is_no_training_gives_no_hours(tmp_path: Path, header: str) -> None:
    source = book(tmp_path, {"表": [[*WHO, header], [*LI, "合格"]]})
    assert run(source, None, PACKS, TODAY).tally.by_status == {"needs": 1}


def test_hours_that_stand_in_two_columns_are_neither(tmp_path: Path) -> None:
    source = book(tmp_path, {"表": [[*WHO, "2025公需（线上）", "2025公需（线下）", "2025专业"], [*LI, 15, 15, 60]]})
    summary = run(source, None, PACKS, TODAY)
    assert set(summary.tally.by_status) <= {"needs", "uncertain"}
    assert any("分在几列" in warning for table in summary.opened.tables for warning in table.warnings)


def test_a_title_of_several_years_gives_hours_no_year(tmp_path: Path) -> None:
    rows = [["2025年继续教育学时（三年合计）"], [*WHO, "公需", "专业"], [*LI, 90, 180]]
    assert "history" not in read(tmp_path, {"表": rows})["李四"]


def test_a_list_of_names_below_a_table_is_of_the_same_people(tmp_path: Path) -> None:
    below = [[""], ["未完成人员名单"], ["序号", "姓名", "原因"], [1, "张三", "生病"]]
    assert set(read(tmp_path, {"表": [[*WHO, *HOURS], _DONE_BUT, [*LI, 0, 0, 0, 0, 0, 0], *below]})) == {"张三", "李四"}


def test_a_row_that_sums_a_persons_courses_up_is_no_course(tmp_path: Path) -> None:
    head = ["姓名", "学时年度", "科目", "课程名称", "学时"]
    rows = [
        ["张三", 2025, "公需", "甲", 10],
        ["张三", 2025, "公需", "小计", 10],
        ["张三", 2025, "公需", "乙", 10],
        ["张三", "合计", "公需", "", 20],
    ]
    assert read(tmp_path, {"名册": [WHO, ZHANG], "课程": [head, *rows]})["张三"]["history"]["2025"]["general"] == 20


def test_a_total_that_is_less_than_its_parts_leaves_them_open(tmp_path: Path) -> None:
    source = book(tmp_path, {"表": [[*WHO, "2025公需", "2025专业", "2025合计"], [*LI, 30, 60, 80]]})
    assert set(run(source, None, PACKS, TODAY).tally.by_status) <= {"needs", "uncertain"}


@pytest.mark.parametrize(
    ("level", "hours", "status"), [("初级", 0, "needs"), ("初级", 60, "met"), ("中级", 0, "short")]
)
def test_a_level_that_may_be_the_one_held_is_asked_where_a_higher_one_would_be_told_something_else(
    tmp_path: Path, level: str, hours: int, status: str
) -> None:
    source = book(tmp_path, {"表": [[*WHO[:5], "职称级别", *HOURS], [*ZHANG[:5], level, 30, hours, 30, 60, 30, 60]]})
    assert run(source, None, PACKS, TODAY).tally.by_status == {status: 1}


FORM = [
    ["专业技术人员继续教育登记表"],
    ["姓名", "张三", "", "性别", "男"],
    ["出生年月", "1985年5月", "", "民族", "汉族"],
    ["工作单位", "第一中学", "", "单位性质", "事业单位"],
    ["现任专业技术职务", "助教", "", "申报级别", "中级"],
    ["继续教育学时", "年度", "公需科目", "专业科目", "审核意见"],
    *[["", f"{year}年", 30, 60, "属实"] for year in (2023, 2024)],
    ["", "2025年", 30, 40, "属实"],
    ["单位意见", "（盖章）    年  月  日"],
]


def test_a_form_a_person_with_a_small_table_of_years_is_read_and_its_cells_are_named_as_they_stand(
    tmp_path: Path,
) -> None:
    [one] = people(book(tmp_path, {"张三": FORM}))
    assert (one["name"], one["unit"], one["status"]) == ("张三", "第一中学", "short")
    assert one["facts"]["history"]["2025"] == {"general": 30, "professional": 40}
    assert ["张三!D9", "专业", "40"] in one["cells"]


def test_a_name_and_an_identity_number_in_one_cell_are_two_columns(tmp_path: Path) -> None:
    head = ["姓名（身份证号）", *WHO[4:], *HOURS]
    rows = [["张三（11010519491231002X）", *ZHANG[4:], 30, 60, 30, 60, 30, 60]]
    facts = read(tmp_path, {"表": [head, *rows]})["张三"]
    assert (facts["sex"], facts["birth"]) == ("female", "1949-12-31")


@pytest.mark.parametrize(
    ("parts", "general"), [(["（必修）", "（选修）"], 30), (["（线上）", "（线下）"], None), (["（选修）"], None)]
)
def test_two_parts_of_which_there_is_no_third_add_up(tmp_path: Path, parts: list[str], general: int | None) -> None:
    rows = [[*WHO, *[f"2025公需{part}" for part in parts], "2025专业"], [*LI, *[30 // len(parts)] * len(parts), 60]]
    history = read(tmp_path, {"表": rows})["李四"]["history"]["2025"]
    assert history == {"general": general, "professional": 60}


def test_one_cell_may_tell_all_years(tmp_path: Path) -> None:
    told = "2023年：公需30学时，专业60学时\n2024年：公需20学时，专业59.5学时\n2025年：公需0学时，专业0学时"
    rows = [[*WHO, "近三年继续教育情况"], [*ZHANG, told], [*LI, "2024年：公需20学时，专业不详"]]
    found = read(tmp_path, {"表": rows})
    assert found["张三"]["history"]["2024"] == {"general": 20, "professional": 59.5}
    assert "history" not in found["李四"]


def test_a_line_above_a_table_may_name_the_level_and_the_unit_of_all(tmp_path: Path) -> None:
    first = [["第一中学继续教育学时表"], ["申报副高级人员", "单位性质：事业单位"], WHO[:4], ZHANG[:4]]
    rows = [*first, [""], ["申报初级人员"], WHO[:4], LI[:4]]
    found = {one["name"]: one for one in people(book(tmp_path, {"表": rows}))}
    assert (found["张三"]["unit"], found["张三"]["facts"]["sector"]) == ("第一中学", "public_institution")
    assert [found[name]["facts"]["title_level"] for name in ("张三", "李四")] == ["deputy_senior", "junior"]


def test_a_heading_over_merged_cells_may_be_parted_below_whatever_it_is(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "r.xlsx") as made:
        sheet, day = made.add_worksheet(), made.add_format({"num_format": 'yyyy"年"'})
        for number, row in enumerate(
            [
                [*WHO[:5], "专业技术职务", "", "职业资格"],
                [""] * 5 + ["现聘", "拟报", "证书名称", "证书日期", "公需", "专业"],
            ]
        ):
            sheet.write_row(number, 0, row)
        sheet.merge_range("F1:G1", "专业技术职务")
        sheet.merge_range("H1:I1", "职业资格")
        sheet.merge_range("J1:K1", "")
        sheet.write_datetime("J1", datetime(2025, 1, 1), day)
        sheet.write_row(2, 0, [*ZHANG[:5], "讲师", "副教授", "注册安全工程师", "2024年11月", 30, 40])
    [one] = people(tmp_path / "r.xlsx")
    assert (one["facts"]["title_level"], one["facts"]["exam_years"]) == ("deputy_senior", [2024])
    assert one["facts"]["history"]["2025"] == {"general": 30, "professional": 40}


def test_a_heading_in_two_languages_and_a_tab_that_guards_each_cell_change_nothing(tmp_path: Path) -> None:
    assert (
        read(tmp_path, {"表": [["姓名 Name", "单位\nUnit", "性别\nSex"], ["张三", "第一中学", "男"]]})["张三"]["sex"]
        == "male"
    )
    source = tmp_path / "r.csv"
    source.write_text("\t,".join([*WHO, "2025公需", "\r\n"]) + "\t,".join([*ZHANG, "30", "\r\n"]), "utf-8")
    assert [one["name"] for one in people(source)] == ["张三"]


def test_a_mean_of_all_is_nobody(tmp_path: Path) -> None:
    assert set(read(tmp_path, {"表": [WHO, ZHANG, ["", "人均", "", "", "", ""], ["", "人 均", "", "", "", ""]]})) == {
        "张三"
    }


@pytest.mark.parametrize(
    ("header", "cell"),
    [("单位性质", "非公有制？"), ("单位性质", "原民企"), ("单位性质", "民营（2024年）"), ("单位性质", "非公单位退休"),
     ("申报级别", "初级？"), ("申报方式", "破格？")],
)  # fmt: skip
def test_a_cell_with_a_doubt_or_a_past_in_it_is_asked(tmp_path: Path, header: str, cell: str) -> None:
    row = dict(zip([*WHO, "任现职年月", "2025公需", "2025专业"], [*LI, "2025-01", 30, 0], strict=True)) | {header: cell}
    [one] = people(book(tmp_path, {"表": [[*row], [*row.values()]]}))
    assert one["status"] == "needs"
    assert cell in one["why"][0]


@pytest.mark.parametrize("remark", ["2025年数据为单位平均", "2025年外省学的"])
def test_a_remark_that_hours_are_nobodys_own_leaves_them_open(tmp_path: Path, remark: str) -> None:
    [one] = people(book(tmp_path, {"表": [[*WHO, "2025公需", "2025专业", "备注"], [*LI, 30, 60, remark]]}))
    assert one["status"] in ("needs", "uncertain")


def test_two_years_joined_by_a_dash_are_no_certificate_of_each(tmp_path: Path) -> None:
    [one] = people(book(tmp_path, {"表": [[*WHO, "取证年份", *HOURS], [*ZHANG, "2024-2025", 30, 60, 30, 0, 30, 0]]}))
    assert "exam_years" not in one["facts"]


def test_a_level_with_a_route_behind_it_tells_both(tmp_path: Path) -> None:
    facts = read(tmp_path, {"表": [[*WHO[:5], "申报级别"], [*ZHANG[:5], "副高（破格）"]]})["张三"]
    assert (facts["title_level"], facts["route"]) == ("deputy_senior", "exceptional")


def test_rows_or_sheets_may_name_the_category_of_columns_of_years(tmp_path: Path) -> None:
    years = ["2023年", "2024年", "2025年"]
    rows = [[*WHO, "科目", *years], [*ZHANG, "公需", 30, 30, 20], [*ZHANG, "专业", 60, 40, 60]]
    history = read(tmp_path, {"表": rows})["张三"]["history"]
    assert history["2025"] == {"general": 20, "professional": 60}
    sheets = {"公需科目": [[*WHO, *years], [*ZHANG, 30, 30, 20]], "专业科目": [["姓名", *years], ["张三", 60, 40, 60]]}
    assert read(tmp_path, sheets)["张三"]["history"] == history


def test_an_age_of_another_year_and_a_part_of_hours_are_not_read(tmp_path: Path) -> None:
    head, row = ["姓名", "性别", "年龄（2023年）", "2025专业", "2025专业其中面授"], ["张三", "男", 54, 60, 20]
    facts = read(tmp_path, {"表": [head, row]})["张三"]
    assert "age" not in facts
    assert facts["history"]["2025"]["professional"] == 60


def test_whoever_signs_in_brackets_and_a_mean_are_nobody(tmp_path: Path) -> None:
    signed = [["", "王主任（签字）"], ["", "负责人签字：李某某"], ["", "人均"]]
    assert set(read(tmp_path, {"表": [WHO, ZHANG, *signed]})) == {"张三"}


def test_a_name_under_a_heading_that_spans_two_columns_is_no_part_of_the_heading(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "r.xlsx") as made:
        sheet = made.add_worksheet()
        for number, row in enumerate(
            [["姓名", "", "工作单位", "", "备注"], ["张三", "", "第一中学", "", ""], ["李四", "", "第一中学", "", ""]]
        ):
            sheet.write_row(number, 0, row)
        sheet.merge_range("A1:B1", "姓名")
        sheet.merge_range("C1:D1", "工作单位")
    assert [one["name"] for one in people(tmp_path / "r.xlsx")] == ["张三", "李四"]


def test_pairs_without_anybodys_name_are_no_form(tmp_path: Path) -> None:
    pairs = [["单位", "第一中学", "单位性质", "事业单位"], ["单位性质", "事业单位", "申报级别", "中级"]]
    summary = run(book(tmp_path, {"表": [WHO, ZHANG], "汇总": pairs}), None, PACKS, TODAY)
    assert summary.tally.people == 1
    assert any("汇总" in note for note in summary.opened.notes)


def test_a_sheet_of_assessments_gives_no_hours(tmp_path: Path) -> None:
    sheets = {"表": [WHO, LI], "专业考核": [["姓名", "2024年", "2025年"], ["李四", "合格", "合格"]]}
    assert "history" not in read(tmp_path, sheets)["李四"]


@pytest.mark.parametrize("name", ["2024小计", "2024合计"])
def test_a_total_that_is_not_that_of_its_parts_leaves_none_of_them_known(tmp_path: Path, name: str) -> None:
    rows = [[*WHO, "2024公需", "2024专业", name], [*ZHANG, 30, 60, 102], [*LI, 30, 60, 90]]
    found = read(tmp_path, {"表": rows})
    assert found["张三"].get("history", {}).get("2024") in (None, UNKNOWN)
    assert found["李四"]["history"]["2024"] == {"general": 30, "professional": 60}


@pytest.mark.parametrize("name", ["取得资格时间", "资格取得时间"])
def test_the_day_of_a_title_is_no_certificate_that_deems(tmp_path: Path, name: str) -> None:
    rows = [[*WHO, "现任职称", name, *HOURS], [*ZHANG, "助理工程师", "2024.12", *[0] * 6]]
    assert "exam_years" not in read(tmp_path, {"表": rows})["张三"]


@pytest.mark.parametrize(
    "names", [("年度{}", "类别{}", "学时{}"), ("第{}项年度", "第{}项类别", "第{}项学时"), ("年度", "科目", "学时")]
)
def test_courses_that_stand_beside_each_other_in_a_persons_row_are_each_read(
    tmp_path: Path, names: tuple[str, str, str]
) -> None:
    heads = [name.format(number) for number in (1, 2, 3) for name in names]
    told = [[2024, "公需", 30, 2024, "专业", 40, 2024, "专业", 20], [2025, "公需", 30, 2024, "公需", 10, "", "", ""]]
    found = read(tmp_path, {"表": [[*WHO, *heads, "备注"], [*ZHANG, *told[0]], [*LI, *told[1]]]})
    assert found["张三"]["history"]["2024"] == {"general": 30, "professional": 60}
    assert found["李四"]["history"]["2025"]["general"] == 30
    assert found["李四"]["history"]["2024"]["general"] == 10


@pytest.mark.parametrize("again", [True, False])
def test_a_line_between_people_names_the_year_of_the_hours_below(tmp_path: Path, again: bool) -> None:
    head = [*WHO, "公需", "专业"]
    rows = [
        ["2024年度"],
        head,
        [*ZHANG, 30, 60],
        [*LI, 30, 60],
        ["2025年度"],
        *([head] if again else []),
        [*ZHANG, 30, 0],
    ]
    found = read(tmp_path, {"表": rows})
    assert found["张三"]["history"]["2025"] == {"general": 30, "professional": 0}
    assert found["李四"]["history"]["2024"] == {"general": 30, "professional": 60}
    assert len(found) == 2


def test_a_line_between_people_names_the_level_that_they_apply_for(tmp_path: Path) -> None:
    rows = [WHO[:-1], ["", "申报副高级"], ZHANG[:-1], ["", "初级"], LI[:-1]]
    found = read(tmp_path, {"表": rows})
    assert {name: facts["title_level"] for name, facts in found.items()} == {"张三": "deputy_senior", "李四": "junior"}


def test_hours_that_were_not_learnt_stand_under_their_own_part_of_a_heading(tmp_path: Path) -> None:
    head = [*WHO, "2025公需", "", "2025专业", ""]
    parts = ["", "", "", "", "", "", "已完成", "未完成", "已完成", "未完成"]
    with xlsxwriter.Workbook(tmp_path / "r.xlsx") as made:
        sheet = made.add_worksheet()
        for number, row in enumerate([head, parts, [*ZHANG, "", 30, 20, 40]]):
            sheet.write_row(number, 0, row)
        sheet.merge_range("G1:H1", "2025公需")
        sheet.merge_range("I1:J1", "2025专业")
    (one,) = people(tmp_path / "r.xlsx")
    assert one["facts"]["history"]["2025"] == {"general": None, "professional": 20}


def test_a_ditto_mark_says_what_stands_above_and_hours_are_never_repeated(tmp_path: Path) -> None:
    rows = [[*WHO, "单位", "2025公需"], [*ZHANG, "一中", 30], [*LI[:4], "〃", "同上", "同上", "同上"]]
    (_, li) = people(book(tmp_path, {"表": rows}))
    assert (li["unit"], li["facts"]["sector"], li["facts"]["title_level"]) == ("一中", "public_institution", "middle")
    assert "history" not in li["facts"]


def test_words_of_an_offices_own_in_a_column_are_one_question(tmp_path: Path) -> None:
    rows = [[*WHO, *HOURS]]
    rows += [
        [f"A{at}", "某甲", "男", "1985-05", kind, "中级", *[0] * 6] for at, kind in enumerate(["医院", "医院", "学校"])
    ]
    summary = run(book(tmp_path, {"表": rows}), None, PACKS, TODAY)
    assert len([said for said in summary.opened.questions if "“医院”2 格、“学校”1 格" in said]) == 1


def test_a_cell_of_a_year_may_tell_each_category_in_words(tmp_path: Path) -> None:
    rows = [[*WHO, "2024年", "2025年"], [*ZHANG, "公需30，专业60", "公需:30 专业:0"]]
    history = read(tmp_path, {"表": rows})["张三"]["history"]
    assert (history["2024"], history["2025"]) == (
        {"general": 30, "professional": 60},
        {"general": 30, "professional": 0},
    )


@pytest.mark.parametrize(
    "title",
    [
        "2025年继续教育学习计划表",
        "继续教育缺学时人员统计表",
        "继续教育学时差额统计表",
        "以下学时均未审核，仅供参考",
        "选课情况",
    ],
)
@pytest.mark.parametrize("where", ["above", "below", "sheet"])
def test_hours_that_a_title_or_a_note_says_are_not_those_learnt_are_not_taken(
    tmp_path: Path, title: str, where: str
) -> None:
    rows = [[*WHO, *HOURS], [*ZHANG, *[30, 60] * 3], [*LI, *[30, 60] * 3]]
    rows = [[title], *rows] if where == "above" else [*rows, [f"注：{title}"]] if where == "below" else rows
    source = book(tmp_path, {title if where == "sheet" else "表": rows})
    assert all("history" not in one["facts"] for one in people(source))
    assert any("没有使用；如果是，请指明" in note for note in run(source, None, PACKS, TODAY).opened.notes)
    told = {header: header for header in HOURS}
    assert run(source, None, PACKS, TODAY, columns=told).tally.by_status == {"met": 2}


@pytest.mark.parametrize("title", ["计划生育服务中心职称评审报名表", "2025年学习任务完成情况", "学时未审核的不计入"])
def test_a_title_that_only_sounds_like_it_takes_no_hours_away(tmp_path: Path, title: str) -> None:
    assert "history" in read(tmp_path, {"表": [[title], [*WHO, *HOURS], [*ZHANG, *[30, 60] * 3]]})["张三"]


@pytest.mark.parametrize("header", ["2025公需计划完成", "2025公需预计完成", "2025年专业分", "2025专业课预报完成情况"])
def test_hours_still_to_come_and_marks_of_a_test_are_no_hours(tmp_path: Path, header: str) -> None:
    assert "history" not in read(tmp_path, {"表": [[*WHO, header], [*ZHANG, 60]]})["张三"]


def test_an_age_that_is_years_from_the_birth_is_asked(tmp_path: Path) -> None:
    rows = [[*WHO, "年龄", *HOURS], [*ZHANG[:3], "1965-03", *ZHANG[4:], 45, *[0] * 6], [*LI, 35, *[0] * 6]]
    found = read(tmp_path, {"表": rows})
    assert not {"birth", "age"} & found["张三"].keys()
    assert found["李四"]["birth"] == "1990-05"
