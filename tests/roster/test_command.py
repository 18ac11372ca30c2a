"""`xueshi roster` as it is called: exit codes, what is said, a stop from outside."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest

from tests.processes import ROOT, run
from tests.roster.books import HEADERS, PERSON, changed, with_openpyxl, with_xlsxwriter

pytestmark = pytest.mark.slow

ENVIRONMENT = {**os.environ, "XUESHI_TODAY": "2025-11-25"}


def xueshi(*arguments: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    done = run("roster", *map(str, arguments), cwd=cwd, XUESHI_TODAY="2025-11-25")
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_what_was_recognised_then_the_counts_are_said_and_the_result_is_written(tmp_path: Path) -> None:
    source = with_openpyxl(tmp_path / "r.xlsx", [HEADERS, PERSON, changed(工号="A2", 出生年月="1975-13")])
    done = xueshi(source, "-o", tmp_path / "o.xlsx")
    assert done.returncode == 0
    first, *_, last = done.stderr.strip().splitlines()
    assert first.startswith("读了")
    assert last == f"结果：{tmp_path / 'o.xlsx'}"
    assert "2 人：还差 1，需补充 1" in done.stderr
    assert "F3 出生年月：“1975-13”看不懂" in done.stderr
    assert openpyxl.load_workbook(tmp_path / "o.xlsx")["结果"].max_row == 3


def test_without_an_output_name_the_result_stands_beside_the_roster(tmp_path: Path) -> None:
    source = with_openpyxl(tmp_path / "r.xlsx", [HEADERS, PERSON])
    assert xueshi(source).returncode == 0
    assert (tmp_path / "r-结果.xlsx").exists()


def test_a_year_that_nobody_named_and_that_is_over_is_said(tmp_path: Path) -> None:
    bare = [name for name in HEADERS if name != "申报年度"]
    row = [value for name, value in zip(HEADERS, PERSON, strict=True) if name != "申报年度"]
    source = with_openpyxl(tmp_path / "r.xlsx", [bare, row])
    late = run("roster", str(source), "-o", str(tmp_path / "o.xlsx"), XUESHI_TODAY="2026-11-30")
    assert "按2025年度核对的，它的申报期已过" in late.stderr.decode()
    named = run("roster", str(source), "--year", "2026", "-o", str(tmp_path / "p.xlsx"), XUESHI_TODAY="2026-11-30")
    assert "申报期已过" not in named.stderr.decode()


def test_a_correction_is_given_on_the_command_line(tmp_path: Path) -> None:
    rows = [
        ["工号", "性别", "生于", "申报级别", "单位性质", "2025公需", "2025专业"],
        ["1", "男", "1985-05", "初级", "事业单位", 1, 2],
    ]
    source = with_openpyxl(tmp_path / "r.xlsx", rows)
    done = xueshi(source, "-o", tmp_path / "o.jsonl", "--columns", "出生年月=生于")
    assert done.returncode == 0
    assert "生于 → 出生年月" in done.stderr
    assert '"status":"short"' in (tmp_path / "o.jsonl").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["missing.xlsx"], 1, "找不到文件"),
        ([], 2, "要给一份花名册"),
        (["r.xlsx", "--columns", "申报级别=没有"], 2, "没有“没有”这一列"),
        (["r.xlsx", "-o", "r.xlsx"], 2, "不能写到花名册自己上面"),
        (["r.xlsx", "-o", "nowhere/o.xlsx"], 1, "nowhere"),
        (["r.xlsx", "-o", "o.doc"], 1, "只能写成"),
    ],
)
def test_what_cannot_be_done_is_one_plain_sentence(tmp_path: Path, arguments: list[str], code: int, says: str) -> None:
    with_openpyxl(tmp_path / "r.xlsx", [HEADERS, PERSON])
    done = xueshi(*arguments, cwd=tmp_path)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def _heeds_ctrl_c() -> None:
    """A shell starts what runs in the background deaf to it, and these tests may run there."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize(
    "stops", [[signal.SIGINT], [signal.SIGTERM], [signal.SIGHUP], [signal.SIGINT, signal.SIGTERM] * 10]
)
def test_a_stop_from_outside_leaves_nothing_half_written(tmp_path: Path, stops: list[signal.Signals]) -> None:
    source = with_xlsxwriter(tmp_path / "r.xlsx", [HEADERS, *[changed(工号=str(number)) for number in range(20_000)]])
    command = [sys.executable, "-m", "bot", "roster", str(source), "-o", str(tmp_path / "o.xlsx")]
    working = subprocess.Popen(
        command, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=_heeds_ctrl_c
    )
    assert working.stderr is not None
    assert working.stderr.readline().startswith("读了")
    deadline = time.monotonic() + 60
    while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < deadline:  # the scratch directory appears
        time.sleep(0.01)
    for stop in stops:  # people who press once press again
        with contextlib.suppress(ProcessLookupError):
            os.killpg(working.pid, stop)
        time.sleep(0.005)
    said = working.stderr.read()
    assert working.wait(30) == 130, said
    assert "Traceback" not in said, said
    assert said.endswith("已停止，没有留下半份结果\n")
    working.stderr.close()
    assert [path.name for path in tmp_path.iterdir()] == ["r.xlsx"]
    with pytest.raises(ProcessLookupError):
        os.killpg(working.pid, 0)
