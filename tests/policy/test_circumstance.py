"""A circumstance that is new: one entry in the registry, its condition in a notice, its words for the reader; and nothing half done."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT, environment

pytestmark = pytest.mark.slow

ENTRY = """
[[fact]]
id = "maternity"
kind = "yes_no"
name = "产假"
screen = "这一年休过产假"
header = "产假"
api = "这一年休过产假"
"""
RELIEF = """
[[relief]]
id = "maternity"
clause = "一(二)"
says = "这一年休过产假的，学时不作要求"
missing = "这一年没有休过产假"
effect = { kind = "waive" }
when = { fact = "maternity", is = true }
"""
SAID = '\nmaternity = ["休过产假", "休了产假"]'
REGISTRY, NOTICE, WORDS = "rules/registry.toml", "rules/notices/neimenggu/2025.toml", "bot/reading/data/words.toml"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the product in which a newcomer works."""
    for name in ("bot", "rules", "storage"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def added(house: Path, file: str, text: str) -> None:
    """Written at the end of a file, or of the words of facts."""
    before, mark, rest = (house / file).read_text(encoding="utf-8").partition("\nhighly_skilled = ")
    (house / file).write_text(before + (text if mark else "") + mark + rest + ("" if mark else text), encoding="utf-8")


def typed(house: Path, *lines: str) -> subprocess.CompletedProcess[str]:
    """The terminal's talk in which these lines are typed."""
    settings = environment(XUESHI_DATABASE_URL=f"sqlite+aiosqlite:///{house}/talk.db")
    return subprocess.run(
        [sys.executable, "-m", "bot", "chat"], cwd=house, env=settings, input="\n".join(lines), text=True, capture_output=True
    )  # fmt: skip


def test_three_files_and_it_is_asked_read_and_judged(house: Path) -> None:
    added(house, REGISTRY, ENTRY)
    added(house, NOTICE, RELIEF)
    added(house, WORDS, SAID)
    asked = typed(house, "女，35岁，中级，事业单位")
    assert "这一年休过产假" in asked.stdout, asked.stderr
    told = typed(house, "女，35岁，中级，事业单位，我今年休过产假", "没有别的特殊情况", "看结果")
    assert "这一年休过产假的，学时不作要求" in told.stdout, told.stderr
    denied = typed(house, "女，35岁，中级，事业单位，我没休过产假，也没有别的特殊情况", "三年都没学", "看结果")
    assert "这一年休过产假的" not in denied.stdout, denied.stdout


@pytest.mark.parametrize(
    ("file", "half", "says"),
    [
        (REGISTRY, ENTRY, "maternity: the reader has no words for it"),
        (REGISTRY, ENTRY.replace('header = "产假"\n', ""), "maternity: a fact of kind yes_no must say 'header'"),
        (NOTICE, RELIEF, "unknown fact 'maternity'"),
        (WORDS, SAID, "maternity: is no circumstance of the registry"),
    ],
)
def test_what_is_half_done_is_refused_by_name(house: Path, file: str, half: str, says: str) -> None:
    added(house, file, half)
    refused = typed(house, "女，35岁，中级，事业单位")
    assert refused.returncode != 0
    assert says in refused.stderr
