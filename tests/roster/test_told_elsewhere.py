"""What a roster tells elsewhere than in a cell of its own: over people, in a remark, in ticks, in a part of a number."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment

from bot.roster import MappingFile, job, run, state
from tests.roster.books import PACKS, TODAY
from tests.roster.test_layouts import HOURS, LI, WHO, ZHANG, Sheets, book, read

FULL, SHORT = [30, 60] * 3, [30, 60, 30, 40, 30, 60]


def verdicts(path: Path, sheets: Sheets) -> dict[str, int]:
    return dict(run(book(path, sheets), None, PACKS, TODAY).tally.by_status)


@pytest.mark.parametrize("mark", ["√", "合格", "已完成"])
def test_a_mark_is_no_number_of_hours_and_is_asked_once_for_the_file(tmp_path: Path, mark: str) -> None:
    rows = [[*WHO, *HOURS], [*ZHANG, 30, mark, 30, 60, 30, 60], [*LI, *FULL]]
    source = book(tmp_path, {"表": rows})
    summary = run(source, None, PACKS, TODAY)
    assert summary.tally.by_status == {"uncertain": 1, "met": 1}
    (question,) = [question for question in summary.opened.questions if "合格或打勾" in question]
    assert f"1 格只写合格或打勾（如2023专业列的“{mark}”）" in question
    job.work(source, TODAY, PACKS, MappingFile(), "r.xlsx", b"", {})
    assert {"name": "只写合格或打勾的学时", "choices": ["按学满算", "按不知道算"]} in state.read(tmp_path)["everybody"]
    told = MappingFile(everybody={"只写合格或打勾的学时": "按学满算"})
    again = run(source, None, PACKS, TODAY, mapping=told)
    assert again.tally.by_status == {"met": 2}
    assert any("说了按学满算" in question for question in again.opened.questions)


def test_under_a_header_that_names_the_number_a_mark_is_an_answer(tmp_path: Path) -> None:
    heads = [f"{name}（≥{asked}学时）" for name, asked in zip(HOURS, FULL, strict=True)]
    source = book(tmp_path, {"表": [[*WHO, *heads], [*ZHANG, *["√"] * 6]]})
    summary = run(source, None, PACKS, TODAY)
    assert summary.tally.by_status == {"met": 1}
    (said,) = [question for question in summary.opened.questions if "合格或打勾" in question]
    assert "6 格只写合格或打勾" in said
    told = MappingFile(everybody={"只写合格或打勾的学时": "按不知道算"})
    assert run(source, None, PACKS, TODAY, mapping=told).tally.by_status == {"needs": 1}


@pytest.mark.parametrize(
    ("remark", "asked"),
    [("破格申报，2024年5月任现职", "needs"), ("2025年4月由旗委机关调入", "needs"), ("本人现在苏木卫生院工作", "needs"),
     ("2024年取得注册安全工程师证书", "needs"), ("出生日期与档案不一致", "needs"), ("2024年专业学时中含2023年结转20", "uncertain"), ("年底休假", "short")],
)  # fmt: skip
def test_a_remark_that_may_decide_is_asked_and_named(tmp_path: Path, remark: str, asked: str) -> None:
    who = [*ZHANG[:3], "1972-05", *ZHANG[4:]] if "出生" in remark else ZHANG
    summary = run(book(tmp_path, {"表": [[*WHO, *HOURS, "备注"], [*who, *SHORT, remark]]}), None, PACKS, TODAY)
    assert summary.tally.by_status == {asked: 1}
    assert [fault.held for fault in summary.tally.faults] == ([] if asked == "short" else [remark])


@pytest.mark.parametrize(
    ("column", "remark"), [("申报级别", "实际报初级"), ("单位性质", "已改制为国有企业"), ("性别", "应为男")]
)
def test_what_is_remarked_on_a_word_that_decides_opens_it(tmp_path: Path, column: str, remark: str) -> None:
    source = book(tmp_path, {"表": [[*WHO, *HOURS], [*ZHANG, *SHORT]]})
    written = openpyxl.load_workbook(source)
    written["表"].cell(2, WHO.index(column) + 1).comment = Comment(remark, "HR")
    written.save(source)
    faults = run(source, None, PACKS, TODAY).tally.faults
    assert [remark in fault.held for fault in faults] == [True], faults


@pytest.mark.parametrize(("header", "code"), [("性别（1女2男）", 1), ("性别(男:1,女:2)", 2), ("性别 0-女 1-男", 0), ("性别（1为女，2为男）", 1), ("性别（女=1）", 1), ("性别（女性1男性2）", 1)])  # fmt: skip
def test_the_header_says_which_number_is_which_sex(tmp_path: Path, header: str, code: int) -> None:
    heads = [header if name == "性别" else name for name in WHO]
    who = [code if name == "性别" else cell for name, cell in zip(WHO, ZHANG, strict=True)]
    assert read(tmp_path, {"表": [[*heads, *HOURS], [*who, *FULL]]})["张三"]["sex"] == "female"


def test_a_number_that_the_header_of_sexes_does_not_explain_is_neither(tmp_path: Path) -> None:
    heads = ["性别（女=1）" if name == "性别" else name for name in WHO]
    who = [2 if name == "性别" else cell for name, cell in zip(WHO, ZHANG, strict=True)]
    assert "sex" not in read(tmp_path, {"表": [[*heads, *HOURS], [*who, *FULL]]})["张三"]


@pytest.mark.parametrize(
    ("header", "source", "told"),
    [("机关转任时间", "第二中学", "short"), ("机关转任时间", "", "needs"), ("机关转任时间", "旗委组织部", "needs"), ("机关转任时间", "参公单位", "needs"),
     ("调入时间", "机关幼儿园", "needs"), ("机关转任时间", "党政机关", "waived"), ("调入时间", "机关", "waived")],
)  # fmt: skip
def test_a_transfer_relieves_only_where_the_column_beside_it_says_from_an_office_of_state(
    tmp_path: Path, header: str, source: str, told: str
) -> None:
    row = [*ZHANG, source, "2025-03", 0, 0, 0, 0, 30, 60]
    facts = read(tmp_path, {"表": [[*WHO, "调入来源", header, *HOURS], row]})["张三"]
    status = verdicts(tmp_path, {"表": [[*WHO, "调入来源", header, *HOURS], row]})
    assert ("transfer" in facts, status) == (told == "waived", {told: 1})


def test_a_total_with_one_of_its_parts_tells_the_other(tmp_path: Path) -> None:
    heads, cells = (
        ["2023学时", "2024学时", "2025学时"],
        ["90（其中公需30）", "70，其中公需课30学时", "20（其中公需30）"],
    )
    history = read(tmp_path, {"表": [[*WHO, *heads], [*ZHANG, *cells]]})["张三"]["history"]
    assert [[*year.values()] for year in history.values()] == [[30, 60], [30, 40], [None, None]]


def test_a_senior_title_alone_is_asked_where_full_senior_would_be_judged_otherwise(tmp_path: Path) -> None:
    who = ["高级" if name == "申报级别" else cell for name, cell in zip(WHO, ZHANG, strict=True)]
    (fault,) = run(book(tmp_path, {"表": [[*WHO, *HOURS], [*who, *FULL]]}), None, PACKS, TODAY).tally.faults
    assert "没有写副高还是正高" in fault.why


def test_a_line_or_a_sheet_that_names_a_sector_or_a_level_says_it_of_its_people(tmp_path: Path) -> None:
    head = [*WHO[:4], *HOURS]
    rows = [head, ["事业单位（教育）"], [*ZHANG[:4], *FULL], ["申报正高职称人员"], ["民营企业"], [*LI[:4], *FULL]]
    found = read(tmp_path, {"名册": rows})
    assert [found[name]["sector"] for name in ("张三", "李四")] == ["public_institution", "non_public"]
    assert ("title_level" in found["张三"], found["李四"]["title_level"]) == (False, "full_senior")
    ends = [head, ["民营企业"], [*ZHANG[:4], *FULL], ["第一中学"], [*LI[:4], *FULL]]
    found = read(tmp_path, {"名册": ends})
    assert (found["张三"]["sector"], "sector" in found["李四"]) == ("non_public", False)
    found = read(tmp_path, {"国企": [head, [*ZHANG[:4], *FULL]], "机关幼儿园": [head, [*LI[:4], *FULL]]})
    assert (found["张三"]["sector"], "sector" in found["李四"]) == ("state_enterprise", False)


def test_ticks_in_a_column_a_value_or_in_a_list_in_one_cell_are_read(tmp_path: Path) -> None:
    head = [*WHO[:4], "单位性质：事业", "单位性质：国企", "单位性质：非公", "申报级别", *HOURS]
    rows = [head, [*ZHANG[:4], "", "✓", "", "中级", *FULL], [*LI[:4], "✓", "", "✓", "中级", *FULL]]
    found = read(tmp_path, {"表": rows})
    assert (found["张三"]["sector"], "sector" in found["李四"]) == ("state_enterprise", False)
    boxes = ["□事业单位 ☑国有企业 □非公有制", "□事业单位 □国有企业 □非公有制"]
    rows = [[*WHO, *HOURS], *[[*who[:4], box, who[5], *FULL] for who, box in zip((ZHANG, LI), boxes, strict=True)]]
    found = read(tmp_path, {"表": rows})
    assert (found["张三"]["sector"], "sector" in found["李四"]) == ("state_enterprise", False)


@pytest.mark.parametrize("number", [1.50105198511216e17, "15010519851121****"])
def test_an_identity_number_of_which_the_end_is_lost_tells_the_birth_alone(tmp_path: Path, number: Any) -> None:
    rows = [["姓名", "身份证号", *WHO[4:], *HOURS], ["张三", number, *ZHANG[4:], *FULL]]
    facts = read(tmp_path, {"表": rows})["张三"]
    assert (facts["birth"], "sex" in facts) == ("1985-11-21", False)


@pytest.mark.parametrize(
    ("header", "cell", "status"),
    [("出生年份", "1981年", "short"), ("出生年份", "1975", "needs"), ("年龄（截至2025年12月31日）", "44周岁", "short"), ("年龄（截至2025年12月31日）", 50, "needs")],
)  # fmt: skip
def test_a_year_of_birth_or_an_age_on_another_day_is_asked_only_where_it_decides(
    tmp_path: Path, header: str, cell: Any, status: str
) -> None:
    who = [*ZHANG[:3], cell, *ZHANG[4:]]
    assert verdicts(tmp_path, {"表": [[*WHO[:3], header, *WHO[4:], *HOURS], [*who, *SHORT]]}) == {status: 1}


def test_years_by_number_are_those_that_a_line_above_says(tmp_path: Path) -> None:
    note = ["注：第一年为2025年，第二年为2024年，第三年为2023年"]
    heads = [f"第{number}年{name}" for number in "一二三" for name in ("公需", "专业")]
    found = read(tmp_path, {"表": [note, [*WHO, *heads], [*ZHANG, 20, 30, 10, 40, 30, 60]]})
    assert found["张三"]["history"]["2025"] == {"general": 20, "professional": 30}
    assert "history" not in read(tmp_path, {"表": [[*WHO, *heads], [*ZHANG, 20, 30, 10, 40, 30, 60]]})["张三"]


def test_sheets_of_samples_or_that_are_void_and_a_row_of_what_is_asked_are_nobody(tmp_path: Path) -> None:
    rows = [[*WHO, *HOURS], [*ZHANG, *FULL]]
    asked = [["", "要求学时", "", "", "", "", *FULL]]
    sheets = {"填报样例": rows, "作废": [rows[0], [*LI, *FULL]], "正式": [rows[0], *asked, [*LI, *SHORT]]}
    summary = run(book(tmp_path, sheets), None, PACKS, TODAY)
    assert (summary.tally.people, len(summary.opened.gathered.nobody)) == (1, 1)
    assert sum("样例或作废" in note for note in summary.opened.notes) == 2


def test_a_mark_beside_a_name_is_no_part_of_it_and_a_blank_parts_latin_names(tmp_path: Path) -> None:
    rows = [[*WHO, *HOURS], ["1", "*张三", *ZHANG[2:], *FULL], ["2", "Sarnai Batbold", *LI[2:], *FULL]]
    assert [*read(tmp_path, {"表": rows})] == ["张三", "Sarnai Batbold"]


@pytest.mark.parametrize(("hours", "status"), [(15, "needs"), (30, "met")])
def test_equal_rows_that_may_be_two_courses_are_asked_where_that_decides(
    tmp_path: Path, hours: int, status: str
) -> None:
    row = ["李四", 2025, "公需", "甲", hours]
    rows = [["姓名", "年度", "科目", "课程名称", "学时"], row, row, ["李四", 2025, "专业", "乙", 60]]
    summary = run(book(tmp_path, {"名册": [WHO, LI], "课程": rows}), None, PACKS, TODAY)
    assert summary.tally.by_status == {status: 1}
    assert [fault.kind for fault in summary.tally.faults] == ["once"]


@pytest.mark.parametrize("parts", [("1季度", "2季度", "3季度", "4季度"), ("上半年", "下半年")])
def test_quarters_and_halves_of_a_year_add_up_only_where_all_are_there(tmp_path: Path, parts: tuple[str, ...]) -> None:
    heads = [f"2025年公需{part}" for part in parts]
    rows = [[*WHO, *heads, "2025专业"], [*ZHANG, *range(5, 5 + len(parts)), 60], [*LI, *[9] * (len(parts) - 1), "", 60]]
    found = read(tmp_path, {"表": rows})
    assert found["张三"]["history"]["2025"]["general"] == sum(range(5, 5 + len(parts)))
    assert found["李四"]["history"]["2025"]["general"] is None
    found = read(tmp_path, {"表": [[*row[:6], *row[7:]] for row in rows]})
    assert found["张三"]["history"]["2025"]["general"] is None


def test_a_remark_on_a_number_is_read_as_written_behind_it_and_one_on_a_name_is_not(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    for row in ([*WHO, *HOURS], [*ZHANG, *FULL], [*LI, *FULL]):
        sheet.append([*row])
    sheet.cell(2, len(WHO) + len(HOURS)).comment = Comment("此60学时未审核", "人事")
    sheet.cell(3, 1).comment = Comment("学科带头人", "人事")
    made.save(tmp_path / "表.xlsx")
    found = run(tmp_path / "表.xlsx", None, PACKS, TODAY)
    assert found.tally.by_status == {"uncertain": 1, "met": 1}


def test_a_remark_in_an_open_document_is_read_as_written_behind_its_number(tmp_path: Path) -> None:
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    table, text = (office.replace(":office:", f":{name}:") for name in ("table", "text"))

    def cell(value: object, remark: str = "") -> str:
        note = f"<office:annotation><text:p>{remark}</text:p></office:annotation>" if remark else ""
        return f'<table:table-cell office:value-type="string">{note}<text:p>{value}</text:p></table:table-cell>'

    rows = [
        [*map(cell, (*WHO, *HOURS))],
        [*map(cell, (*ZHANG, *FULL[:-1])), cell(60, "未审核")],
        [*map(cell, (*LI, *FULL))],
    ]
    lines = "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in rows)
    tree = (
        f'<office:document-content xmlns:office="{office}" xmlns:table="{table}" xmlns:text="{text}"><office:body>'
        f'<office:spreadsheet><table:table table:name="表">{lines}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    path = tmp_path / "表.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", tree)
    assert run(path, None, PACKS, TODAY).tally.by_status == {"uncertain": 1, "met": 1}


@pytest.mark.parametrize("remark", ["2024年病假", "没参加培训", "学时自报", "脱产读研"])
def test_a_remark_against_hours_leaves_those_open_that_were_told_and_no_zero(tmp_path: Path, remark: str) -> None:
    row = [*ZHANG, 30, 60, 0, 60, 30, 60, remark]
    (facts,) = read(tmp_path, {"表": [[*WHO, *HOURS, "备注"], row]}).values()
    assert facts["history"]["2024"] == {"general": 0, "professional": None}


@pytest.mark.parametrize(
    ("remark", "cells", "asked"),
    [("2025年3月转任", SHORT, "transfer"), ("原参公，后转专技", SHORT, "transfer"), ("由市政府办调入", SHORT, "transfer"),
     ("博士后出站", SHORT, "postdoc"), ("2025年10月退休", FULL, "review_year"), ("已调离", FULL, "review_year"), ("本年度不申报", SHORT, "review_year")],
)  # fmt: skip
def test_a_remark_of_a_circumstance_or_of_somebody_who_has_left_is_asked(
    tmp_path: Path, remark: str, cells: list[int], asked: str
) -> None:
    source = book(tmp_path, {"表": [[*WHO, *HOURS, "备注"], [*ZHANG[:-1], "副高", *cells, remark]]})
    summary = run(source, None, PACKS, TODAY)
    assert summary.tally.by_status == {"needs": 1}
    assert [fault.held for fault in summary.tally.faults] == [remark], asked


def test_who_has_left_is_asked_also_where_a_column_tells_the_review_year(tmp_path: Path) -> None:
    rows = [[*WHO, "申报年度", *HOURS, "备注"], [*ZHANG, 2025, *FULL, "已退休"], [*LI, 2025, *FULL, "骨干"]]
    assert verdicts(tmp_path, {"表": rows}) == {"needs": 1, "met": 1}


@pytest.mark.parametrize(("cell", "told"), [("是", "needs"), ("出站", "needs"), ("否", "short"), ("", "short")])
def test_a_column_of_postdocs_is_asked_of_those_whom_it_names(tmp_path: Path, cell: str, told: str) -> None:
    assert verdicts(tmp_path, {"表": [[*WHO, "博士后", *HOURS], [*ZHANG[:-1], "副高", cell, *SHORT]]}) == {told: 1}


@pytest.mark.parametrize(
    ("cell", "told"), [("年度考核", "met"), ("职称评审", "short"), ("岗位续聘", "met"), ("职称聘任", "needs")]
)
def test_a_column_says_for_what_the_hours_are(tmp_path: Path, cell: str, told: str) -> None:
    learnt = [0, 0, 0, 0, 30, 60]
    found = verdicts(tmp_path, {"表": [[*WHO, "用途", *HOURS], [*ZHANG, cell, *learnt]]})
    assert found == {told: 1}


@pytest.mark.parametrize("title", ["某校2025年度考核人员继续教育情况表", "2025年度专业技术人员继续教育完成情况统计表"])
def test_a_title_of_the_yearly_duty_is_asked_about_where_it_decides_and_once_for_the_file(
    tmp_path: Path, title: str
) -> None:
    rows = [[title], [*WHO, *HOURS], [*ZHANG, 0, 0, 0, 0, 30, 60], [*LI, *FULL]]
    source = book(tmp_path, {"表": rows})
    assert run(source, None, PACKS, TODAY).tally.by_status == {"needs": 1, "met": 1}
    job.work(source, TODAY, PACKS, MappingFile(), "r.xlsx", b"", {})
    assert {"name": "用途", "choices": ["职称评审", "年度考核"]} in state.read(tmp_path)["everybody"]
    for said, told in (("职称评审", "short"), ("年度考核", "met")):
        mapping = MappingFile(everybody={"用途": said})
        counted = run(source, None, PACKS, TODAY, mapping=mapping).tally.by_status
        assert counted == ({"met": 2} if told == "met" else {told: 1, "met": 1})


@pytest.mark.parametrize("title", ["2023-2025年度继续教育完成情况", "2025年度职称评审人员继续教育完成情况"])
def test_a_title_that_names_several_years_or_the_review_is_of_no_yearly_duty(tmp_path: Path, title: str) -> None:
    rows = [[title], [*WHO, *HOURS], [*ZHANG, 0, 0, 0, 0, 30, 60]]
    assert verdicts(tmp_path, {"表": rows}) == {"short": 1}


@pytest.mark.parametrize("header", ["转任专业技术岗位年月", "机关转任岗位时间", "由党政机关转入专业技术岗位的时间"])
def test_the_day_of_a_transfer_is_known_where_its_header_names_the_post(tmp_path: Path, header: str) -> None:
    facts = read(tmp_path, {"表": [[*WHO, header, *HOURS], [*ZHANG, "2025-03", *SHORT]]})["张三"]
    assert facts["transfer"] == "2025-03"


def test_a_header_is_read_through_its_mongolian_and_a_sum_by_its_order(tmp_path: Path) -> None:
    heads = [f"{name}\nᠨᠡᠷᠡ" for name in WHO]
    rows = [[*heads, "2024年学时（专业+公需）", "2025公需"], [*ZHANG, "105(75+30)", 30]]
    history = read(tmp_path, {"表": rows})["张三"]["history"]
    assert history["2024"] == {"general": 30, "professional": 75}


@pytest.mark.parametrize(
    "remark",
    ["补学2024年", "差10学时", "正在学习", "年底前补齐", "计划数", "据本人口头", "长期病休", "含跨年学时", "与系统不符", "查询不到", "未上传证书",
     "证书遗失", "缺证明材料", "2024年应为45", "另有10学时", "其中10学时为师德", "2024年只完成公需", "含2022年结转", "内退", "放弃"],
)  # fmt: skip
def test_a_remark_that_takes_from_the_hours_or_from_the_applying_leaves_nobody_fine(
    tmp_path: Path, remark: str
) -> None:
    found = verdicts(tmp_path, {"表": [[*WHO, *HOURS, "备注"], [*ZHANG, *FULL, remark]]})
    assert "met" not in found


@pytest.mark.parametrize(
    "remark",
    ["已审验", "全部完成", "三年前入职", "线上学习", "符合减免条件（满50岁）", "拟申报中级", "证书齐全", "不差学时", "没有疑问", "职称信息有误", "现在学校任教"],
)  # fmt: skip
def test_a_remark_that_leaves_the_hours_as_they_are_asks_nothing(tmp_path: Path, remark: str) -> None:
    assert verdicts(tmp_path, {"表": [[*WHO, *HOURS, "备注"], [*ZHANG, *FULL, remark]]}) == {"met": 1}


@pytest.mark.parametrize(
    ("cell", "status"),
    [("30（专业）", "uncertain"), ("30专业", "uncertain"), (2024, "uncertain"), ("2024", "uncertain"), ("30（公需）", "met"), ("30已审验", "met"), ("30（核验）", "uncertain"), ("30 已核验", "met")],
)  # fmt: skip
def test_hours_that_say_another_category_or_are_a_year_are_asked(tmp_path: Path, cell: Any, status: str) -> None:
    assert verdicts(tmp_path, {"表": [[*WHO, *HOURS], [*ZHANG, *FULL[:2], cell, *FULL[3:]]]}) == {status: 1}


@pytest.mark.parametrize(
    ("header", "cell"),
    [("数据来源", "个人自报"), ("人员状态", "退休"), ("是否申报", "否"), ("是否在职", "否"), ("是否退休", "是")],
)
def test_a_column_that_speaks_against_the_hours_or_the_applying_leaves_nobody_fine(
    tmp_path: Path, header: str, cell: str
) -> None:
    rows = [[*WHO, *HOURS, header], [*ZHANG, *FULL, cell], [*LI, *FULL, {"是": "否", "否": "是"}.get(cell, "在岗")]]
    assert verdicts(tmp_path, {"表": rows}) == {"needs": 1, "met": 1}


def test_what_stands_in_brackets_behind_a_name_is_a_remark(tmp_path: Path) -> None:
    rows = [[*WHO, *HOURS], ["01", "张三（退休）", *ZHANG[2:], *FULL], ["02", "李四（女）", *LI[2:], *FULL]]
    assert verdicts(tmp_path, {"表": rows}) == {"needs": 1, "met": 1}


@pytest.mark.parametrize("line", ["单位：分钟", "计量单位：天", "单位：学分"])
def test_numbers_of_another_measure_are_no_hours(tmp_path: Path, line: str) -> None:
    rows = [[line], [*WHO, *HOURS], [*ZHANG, *[amount * 45 for amount in FULL]]]
    assert "met" not in verdicts(tmp_path, {"表": rows})


@pytest.mark.parametrize(
    ("title", "status"), [("2026年度职称评审人员学时表", "refused"), ("2025年度职称评审人员学时表", "met")]
)
def test_a_title_that_names_the_year_of_the_review_says_it_of_its_people(
    tmp_path: Path, title: str, status: str
) -> None:
    assert verdicts(tmp_path, {"表": [[title], [*WHO, *HOURS], [*ZHANG, *FULL]]}) == {status: 1}


@pytest.mark.parametrize(
    ("column", "cell", "birth", "remark"),
    [
        ("出生年月", "1970-05", "", "实际1972年生"),
        ("基层一线", "是", "1985-05", "已调回旗里"),
        ("性别", "女", "1973-05", "实为男"),
    ],
)
def test_a_remark_that_corrects_what_a_column_tells_opens_it(
    tmp_path: Path, column: str, cell: str, birth: str, remark: str
) -> None:
    told = dict(zip(WHO, ZHANG, strict=True)) | {"出生年月": birth, column: cell}
    plain, marked = ({**told, "备注": text} for text in ("", remark))
    rows = [[*told, "备注", *HOURS], *([*each.values(), *[0] * 6] for each in (plain, marked))]
    facts = read(tmp_path, {"表": rows[:2]})["张三"], read(tmp_path, {"表": [rows[0], rows[2]]})["张三"]
    key = {"出生年月": "birth", "基层一线": "grassroots", "性别": "sex"}[column]
    assert (key in facts[0], key in facts[1]) == (True, False)


@pytest.mark.parametrize(
    ("header", "cell"), [("是否达标", "否"), ("结论", "不合格"), ("审验结论", "未通过"), ("是否完成", "×")]
)
def test_a_verdict_of_the_office_against_full_hours_is_asked_and_takes_nothing_from_who_is_short(
    tmp_path: Path, header: str, cell: str
) -> None:
    rows = [[*WHO, *HOURS, header], [*ZHANG, *FULL, cell], [*LI, *[30, 60] * 2, 0, 0, cell]]
    assert verdicts(tmp_path, {"表": rows}) == {"needs": 1, "short": 1}
    rows = [[*WHO, *HOURS, header], [*ZHANG, *FULL, "是"], [*LI, *FULL, ""]]
    assert verdicts(tmp_path, {"表": rows}) == {"met": 2}


def test_hours_that_a_column_or_a_title_says_are_lacking_are_asked_where_they_look_full(tmp_path: Path) -> None:
    rows = [[*WHO, *HOURS, "还差学时"], [*ZHANG, *FULL, 20], [*LI, *FULL, 0]]
    assert verdicts(tmp_path, {"表": rows}) == {"needs": 1, "met": 1}
    rows = [["2025年继续教育未完成人员名单"], [*WHO, *HOURS], [*ZHANG, *FULL], [*LI, *[30, 60] * 2, 0, 0]]
    assert verdicts(tmp_path, {"表": rows}) == {"needs": 1, "short": 1}


@pytest.mark.parametrize("remark", ["劳务派遣人员", "现为民办非企业", "单位已改制"])
def test_a_remark_against_an_employer_opens_its_column(tmp_path: Path, remark: str) -> None:
    who = ["非公有制" if cell == "事业单位" else cell for cell in ZHANG]
    assert verdicts(tmp_path, {"表": [[*WHO, *HOURS, "备注"], [*who, *SHORT, remark]]}) == {"needs": 1}


def test_a_remark_from_another_school_opens_the_day_of_a_transfer(tmp_path: Path) -> None:
    rows = [[*WHO, "转任年月", *HOURS, "备注"], [*ZHANG, "2025-03", *SHORT, "从二中调入"]]
    assert verdicts(tmp_path, {"表": rows}) == {"needs": 1}
