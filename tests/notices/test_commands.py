"""`xueshi notices …` as HR runs it, and senders that are killed."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.notices.bot_server import NAME
from tests.notices.conftest import SECRET, Bench, BotServer
from tests.processes import Xueshi, free_port

pytestmark = pytest.mark.slow

Start = Callable[..., BotServer]
PERSON = ("工号", "姓名", "单位", "单位性质", "性别", "出生年月", "申报级别", "邮箱")
KILLS, SENDERS = 3, 2
HEADER = (*PERSON, *(f"{year}{category}" for year in (2023, 2024, 2025) for category in ("公需", "专业")))


def write_roster(path: Path, count: int, *, enough: int = 0, mail: bool = False) -> Path:
    """So many people, of whom the last `enough` are short of nothing; with addresses, or not."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(HEADER)
        for number in range(1, count + 1):
            general = 30 if number > count - enough else 10
            person = (number, f"人{number}", "某院", "事业单位", "男", "1985-03", "中级")
            rows.writerow((*person, f"p{number}@example.com" if mail else "", 30, 60, 30, 60, general, 60))
    return path


class Desk:
    """The command line, as somebody of HR has it before them."""

    def __init__(self, url: str, data: Path, **settings: str) -> None:
        self.environment = os.environ | {
            "XUESHI_DATABASE_URL": url, "XUESHI_DATA_DIR": str(data), "XUESHI_SECRET_KEY": SECRET,
            "XUESHI_TODAY": "2025-11-20", "XUESHI_QUIET_HOURS": "00:00-00:00", "XUESHI_PUBLIC_URL": "https://xueshi.example",
        } | settings  # fmt: skip

    def start(self, *words: str) -> subprocess.Popen[str]:
        pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return Xueshi(["notices", *words], env=self.environment, text=True, **pipes)

    def run(self, *words: str, code: int = 0, patience: float = 90) -> str:
        process = self.start(*words)
        out, errors = process.communicate(timeout=patience)
        assert process.returncode == code, errors
        return out if code == 0 else errors

    def kill_senders(self, id: str, arrived: Callable[[], int], each: int, *, patience: float) -> None:
        """Three times two senders are killed, whenever `each` more letters have arrived, or after so many seconds."""
        dice = random.Random(7)
        for _ in range(KILLS):
            senders = [self.start("send", id) for _ in range(SENDERS)]
            goal, until = arrived() + each, time.monotonic() + patience
            while arrived() < goal and time.monotonic() < until:
                time.sleep(0.02)
            time.sleep(dice.uniform(0, 0.1))
            for sender in senders:
                sender.send_signal(signal.SIGKILL)
            for sender in senders:
                sender.communicate(timeout=60)

    def status(self, id: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("status", id))
        return found


on_sqlite = pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # the store's part is tried on both elsewhere


@pytest.fixture
def server(bot_api: Start) -> BotServer:
    return bot_api()


@pytest.fixture
def desk(url: str, tmp_path: Path, server: BotServer) -> Desk:
    return Desk(url, tmp_path, XUESHI_TELEGRAM_TOKEN=server.token, XUESHI_TELEGRAM_API_BASE=server.base)


def cells(path: Path, sheet: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python()


@on_sqlite
async def test_hr_looks_makes_sends_and_reports(desk: Desk, server: BotServer, bench: Bench, tmp_path: Path) -> None:
    roster = write_roster(tmp_path / "花名册.csv", 12, enough=2)
    await bench.bound(roster, 8)
    seen = desk.run("preview", str(roster))
    assert "要告知 10 人" in seen
    assert "学时够了：2 人" in seen
    assert seen.count("还差 20 学时") == 3
    id = desk.run("create", str(roster), "--title", "年终学时").strip()
    assert id.isalnum()
    assert desk.status(id) == {
        "id": id, "title": "年终学时", "state": "draft", "total": 10, "told": 0, "not_told": 0, "in_doubt": 0, "waiting": 10,
        "reasons": {},
    }  # fmt: skip
    desk.run("send", id)
    desk.run("send", id)
    status = desk.status(id)
    assert (status["state"], status["told"], status["reasons"]) == ("done", 8, {"no_channel": 2})
    assert sorted(server.delivered().items()) == [(number, 1) for number in range(1, 9)]
    report = tmp_path / "report.xlsx"
    desk.run("report", id, "-o", str(report))
    people = cells(report, "明细")
    assert [row[0] for row in people[1:]] == [str(number) for number in range(1, 13)]
    assert [row[2] for row in people[-2:]] == ["不在范围", "不在范围"]
    assert people[1][1:4] == ["人1", "已告知", "Telegram"]
    by_hand = cells(report, "人工转告")
    assert [row[0] for row in by_hand[1:]] == ["9", "10"]
    assert "还差 20 学时" in by_hand[1][3]


@on_sqlite
async def test_two_hospitals_that_both_count_from_one_never_hear_of_each_others_hours(
    desk: Desk, server: BotServer, bench: Bench, tmp_path: Path
) -> None:
    ours, theirs = write_roster(tmp_path / "ours.csv", 3), write_roster(tmp_path / "theirs.csv", 3)
    theirs.write_text(
        theirs.read_text(encoding="utf-8").replace("某院", "另一院").replace("人", "某"), encoding="utf-8"
    )
    await bench.bound(ours, 3)
    id = desk.run("create", str(theirs), "--title", "年终学时").strip()
    desk.run("send", id)
    assert desk.status(id)["reasons"] == {"no_channel": 3}
    assert server.log() == []
    both = tmp_path / "both.csv"
    both.write_text(
        ours.read_text(encoding="utf-8") + theirs.read_text(encoding="utf-8").partition("\n")[2], encoding="utf-8"
    )
    out = tmp_path / "codes.xlsx"
    desk.run("invite", str(both), "-o", str(out))
    assert len({row[2] for row in cells(out, "绑定码")[1:]}) == 6
    id = desk.run("create", str(both), "--title", "年终学时").strip()
    desk.run("send", id)
    assert (desk.status(id)["total"], desk.status(id)["told"]) == (6, 3)


@on_sqlite
def test_every_message_names_nobody_and_calls_one_number(desk: Desk, tmp_path: Path) -> None:
    seen = desk.run("preview", str(write_roster(tmp_path / "r.csv", 3)))
    messages = seen.partition("——")[2]
    assert "人1" not in messages
    assert messages.count("(0471)6944061") == 3


@on_sqlite
def test_invitations_hold_a_code_of_their_own_a_link_and_a_picture(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "codes.xlsx"
    desk.run("invite", str(write_roster(tmp_path / "r.csv", 4)), "-o", str(out))
    rows = cells(out, "绑定码")
    assert rows[0][:4] == ["工号", "姓名", "绑定码", "绑定链接"]
    codes = [row[2] for row in rows[1:]]
    assert len(set(codes)) == 4
    assert [row[3] for row in rows[1:]] == [f"https://t.me/{NAME}?start={code}" for code in codes]
    import zipfile

    pictures = [name for name in zipfile.ZipFile(out).namelist() if name.startswith("xl/media/")]
    assert len(pictures) == 4


@on_sqlite
def test_without_a_bot_the_link_is_a_page(url: str, tmp_path: Path) -> None:
    out = tmp_path / "codes.xlsx"
    Desk(url, tmp_path).run("invite", str(write_roster(tmp_path / "r.csv", 1)), "-o", str(out))
    [row] = cells(out, "绑定码")[1:]
    assert row[3] == f"https://xueshi.example/b/{row[2]}"


@on_sqlite
async def test_who_has_caught_up_on_the_roster_since_is_not_told(
    desk: Desk, server: BotServer, bench: Bench, tmp_path: Path
) -> None:
    roster = write_roster(tmp_path / "r.csv", 4)
    await bench.bound(roster, 4)
    id = desk.run("create", str(roster), "--title", "年终学时").strip()
    write_roster(roster, 3, enough=1)
    desk.run("send", id)
    assert desk.status(id)["reasons"] == {"caught_up": 1, "not_on_roster": 1}
    assert set(server.delivered()) == {1, 2}


@on_sqlite
async def test_what_is_in_doubt_is_listed_and_repeated_only_when_hr_says_so(
    url: str, tmp_path: Path, bot_api: Start, bench: Bench
) -> None:
    server = bot_api(lose=3)
    desk = Desk(url, tmp_path, XUESHI_TELEGRAM_TOKEN=server.token, XUESHI_TELEGRAM_API_BASE=server.base)
    roster = write_roster(tmp_path / "r.csv", 4)
    await bench.bound(roster, 4)
    id = desk.run("create", str(roster), "--title", "年终学时").strip()
    desk.run("send", id)
    desk.run("send", id)
    assert (desk.status(id)["told"], desk.status(id)["in_doubt"]) == (3, 1)
    report = tmp_path / "report.xlsx"
    desk.run("report", id, "-o", str(report))
    assert [row[2] for row in cells(report, "明细")[1:]].count("存疑") == 1
    assert server.delivered().total() == 4
    desk.run("send", id, "--in-doubt", "resend")
    assert desk.status(id)["told"] == 4
    assert server.delivered().total() == 5


@on_sqlite
def test_what_cannot_be_is_said_in_one_sentence(desk: Desk, tmp_path: Path) -> None:
    roster = str(write_roster(tmp_path / "r.csv", 1))
    assert "没有编号" in desk.run("status", "nothere", code=2)
    assert "标题" in desk.run("create", roster, "--title", " ", code=2)
    assert "已经过去" in desk.run("create", roster, "--title", "晚了", "--not-after", "2025-01-01", code=2)
    assert "找不到文件" in desk.run("preview", str(tmp_path / "none.csv"), code=2)
    id = desk.run("create", roster, "--title", "年终学时").strip()
    desk.run("cancel", id)
    assert "已取消" in desk.run("resume", id, code=2)
    assert desk.status(id)["state"] == "cancelled"


@on_sqlite
async def test_a_campaign_is_followed_up_reworded_and_belongs_to_an_office(
    desk: Desk, server: BotServer, bench: Bench, tmp_path: Path
) -> None:
    roster = write_roster(tmp_path / "r.csv", 2)
    await bench.bound(roster, 2)
    assert "没有叫“小李”的" in desk.run("create", str(roster), "--title", "年终学时", "--office", "小李", code=2)
    id = desk.run("create", str(roster), "--title", "年终学时").strip()
    (tmp_path / "words.txt").write_text("还差 {学时}", encoding="utf-8")
    desk.run("reword", id, "--wording", str(tmp_path / "words.txt"))
    desk.run("skip", id, "2@某院")
    desk.run("send", id)
    assert [record["text"] for record in server.log()] == ["还差 20"]
    later = desk.run("follow", id).strip()
    desk.run("send", later)
    assert desk.status(later)["reasons"] == {"tried": 1}  # there is no other channel
    (tmp_path / "officers.csv").write_text("单位,邮箱\n某院,li@example.com\n", encoding="utf-8")
    officers = desk.run("follow", id, "--officers", str(tmp_path / "officers.csv"), "--at", "2025-12-01").strip()
    assert (desk.status(officers)["total"], desk.status(officers)["state"]) == (1, "draft")
    assert "没有写单位" in desk.run("follow", id, "--officers", str(tmp_path / "words.txt"), code=2)


async def test_kill_9_of_two_senders_three_times_tells_nobody_twice_and_misses_nobody(
    url: str, tmp_path: Path, bot_api: Start, bench: Bench
) -> None:
    count, slots = int(os.environ.get("XUESHI_TEST_PEOPLE", "400")), 30
    server = bot_api(blocked=50, error=29, drop=101, lose=103, storms=[[1.0, 0.3, 1]], slow=0.02)
    desk = Desk(
        url, tmp_path, XUESHI_TELEGRAM_TOKEN=server.token, XUESHI_TELEGRAM_API_BASE=server.base, XUESHI_NOTICES_PER_SECOND="0"
    )  # fmt: skip
    roster = write_roster(tmp_path / "r.csv", count)
    await bench.bound(roster, count)
    id = desk.run("create", str(roster), "--title", "年终学时").strip()
    desk.kill_senders(id, lambda: len(server.log()), count // 10, patience=30)
    desk.run("send", id, patience=90 + count / 20)
    status, log, delivered = desk.status(id), server.log(), server.delivered()
    assert status["state"] == "done"
    assert status["told"] + status["not_told"] + status["in_doubt"] == status["total"] == count
    cut_off = sum(record["came"] in ("drop", "lose") for record in log)
    assert status["in_doubt"] <= cut_off + 3 * 2 * slots
    assert max(delivered.values()) == 1
    for row in await bench.campaigns.rows(id):
        if row.state != "in_doubt":
            assert delivered[int(row.label)] == (row.state == "told"), row
    assert status["reasons"] == {"blocked": count // 50 - sum(
        row.state == "in_doubt" and int(row.label) % 50 == 0 for row in await bench.campaigns.rows(id)
    )}  # fmt: skip


def _of_session(leader: int) -> list[int]:
    """The living processes of a session."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                fields = Path(f"/proc/{name}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:
                continue  # gone in the meantime
            if int(fields[3]) == leader and fields[0] != "Z":
                found.append(int(name))
    return found


@pytest.mark.parametrize("later", [0.0, 0.3, 2.0])
def test_a_service_killed_at_any_moment_leaves_no_worker_behind(bot_api: Start, tmp_path: Path, later: float) -> None:
    server = bot_api()
    desk = Desk(
        f"sqlite:///{tmp_path}/x.db", tmp_path, XUESHI_TELEGRAM_TOKEN=server.token, XUESHI_TELEGRAM_API_BASE=server.base,
        XUESHI_WEB_PORT=str(free_port()),
    )  # fmt: skip
    quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    service = Xueshi(["run"], env=desk.environment, start_new_session=True, **quiet)
    deadline = time.monotonic() + 60
    while len(_of_session(service.pid)) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(_of_session(service.pid)) == 2, "the worker beside it"
    time.sleep(later)
    service.kill()
    service.wait()
    while (left := _of_session(service.pid)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []
