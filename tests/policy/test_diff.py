"""What changes from one notice to the next, in plain Chinese, and for whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.processes import run as xueshi
from tests.rules.test_library import OTHER_2026
from tests.rules.texts import changed, moved_to, written

pytestmark = pytest.mark.slow


def told(folder: Path, *words: str) -> list[str]:
    done = xueshi("policy", "diff", "neimenggu/2025", "neimenggu/2026", "--policies", str(folder), *words)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().splitlines()


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("other"), next=OTHER_2026)


def test_a_notice_is_shown_with_the_years_that_each_level_looks_back() -> None:
    shown = xueshi("policy", "show", "neimenggu/2025").stdout.decode().splitlines()
    assert "看哪几年：初级看2025年（一(三)1）" in shown
    assert "看哪几年：中级、副高、正高看2023、2024、2025年（一(三)1）" in shown


def test_the_same_text_a_year_later_changes_nothing_for_anybody(tmp_path: Path) -> None:
    lines = told(written(tmp_path, next=moved_to(2026)))
    assert lines[0] == "neimenggu/2025 → neimenggu/2026"
    assert "条文没有变化。" in lines
    assert lines[-1] == "  没有人。"


def test_hours_and_reliefs_that_change_are_told(other: Path) -> None:
    lines = told(other)
    assert "学时：公需30、专业60，合计90 → 公需20、专业40，合计60" in lines
    assert any(line.startswith("减免取消：non_public：") for line in lines)
    assert any(line.startswith("减免新增：skilled：") for line in lines)
    assert any(line.startswith("减免改动：age_full：") for line in lines)


def test_minutes_limits_and_what_a_source_is_worth_are_told(tmp_path: Path) -> None:
    next_year = changed(
        moved_to(2026),
        ("a_hour = 45", "a_hour = 40"),
        ("age = { from = 16, until = 100 }", "age = { from = 18, until = 100 }"),
        ('says = "同一条记录只算一次" }', 'says = "同一条记录只算一次", reading = "A24" }'),
        ('id = "industry_department"', 'id = "industry_department"\nat_most = 24'),
    )
    lines = told(written(tmp_path, next=next_year))
    assert "分钟折学时改动：（几分钟一学时45） → （几分钟一学时40）" in lines
    assert "填写范围改动：年龄（至少16，至多100） → （至少18，至多100）" in lines
    assert "哪些算改动：重复的 → 同一条记录只算一次" in lines
    assert any(
        line.startswith("培训来源改动：行业主管部门的培训，计入专业 → ") and line.endswith("（每年最多24）")
        for line in lines
    )


def test_for_whom_is_told_by_age_and_circumstance(other: Path) -> None:
    lines = told(other)
    assert "  女，满50不满53周岁（中级、副高、正高）：学时不作限制 → 近3年完成其中一年，每年公需20、专业40" in lines
    assert "  女，满50不满53周岁（初级）：学时不作限制 → 当年，公需20、专业40" in lines
    assert not any("国有企业" in line for line in lines)  # as everybody else
    assert any(line.startswith("  单位性质：非公有制") and "学时不作限制 → " in line for line in lines)
    assert any(line.startswith("  高技能人才：是") and line.endswith("→ 学时不作限制") for line in lines)


def test_who_of_ours_is_told_from_a_roster(other: Path, tmp_path: Path) -> None:
    roster = tmp_path / "花名册.csv"
    roster.write_text(
        "工号,姓名,单位性质,性别,出生年月,申报级别,2025公需,2025专业\n"
        "E1,甲,事业单位,女,1974-03,中级,30,60\nE2,乙,事业单位,男,1960-03,中级,30,60\n",
        encoding="utf-8",
    )
    lines = told(other, "--roster", str(roster))
    ours = lines[lines.index("本单位：") + 1 :]
    assert [line.split()[0] for line in ours[:-1]] == ["E1"]
    assert ours[-1] == "  2人，其中1人要求有变化。"


def test_a_notice_or_a_roster_that_is_not_there_ends_with_2(other: Path, tmp_path: Path) -> None:
    assert xueshi("policy", "diff", "neimenggu/2025", "neimenggu/2031").returncode == 2
    words = [
        "policy",
        "diff",
        "neimenggu/2025",
        "neimenggu/2026",
        "--policies",
        str(other),
        "--roster",
        "/no/such.xlsx",
    ]
    done = xueshi(*words)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
