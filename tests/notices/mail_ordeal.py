"""One campaign by e-mail through everything that can go wrong: letters put off, refused, lost, and senders that are killed."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.post.providers.mail import SLOTS
from storage import Campaigns, NoticeLine, Store
from tests.notices.conftest import ROOT, busiest_second
from tests.notices.test_commands import KILLS, SENDERS, Desk, write_roster

FAULTS = {"unknown": 50, "put_off": 31, "cut": 97, "drop": 101, "lose": 103, "slow": 0.005, "storm_for": 0.3}


@dataclass
class MailServer:
    """An SMTP server in a process of its own."""

    settings: dict[str, Any]
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.notices.mail_server", json.dumps(self.settings)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.port, self._telling = map(int, self.process.stdout.readline().split())

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def _asked(self, what: str) -> Any:
        with socket.create_connection(("127.0.0.1", self._telling), 60) as line:
            line.sendall(f"{what}\n".encode())
            return json.loads(b"".join(iter(lambda: line.recv(1 << 16), b"")))

    def count(self) -> int:
        return int(self._asked("count"))

    def log(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._asked("log")
        return found

    def close(self) -> None:
        self.process.communicate(timeout=60)


@dataclass
class Outcome:
    """What became of everybody, as HR sees it and as the mail server saw it."""

    status: dict[str, Any]
    rows: list[NoticeLine]
    log: list[dict[str, Any]]
    seconds: float

    def __post_init__(self) -> None:
        self.kept = Counter(record["person"] for record in self.log if record["done"])
        self.came = Counter(record["came"] for record in self.log)
        self.busiest = busiest_second([record["t"] for record in self.log])
        self.most_in_doubt = self.came["drop"] + self.came["lose"] + KILLS * SENDERS * SLOTS

    def wrong(self, share: int = 0) -> list[str]:
        """What is not as it must be."""
        status, said = self.status, []
        if status["state"] != "done" or status["told"] + status["not_told"] + status["in_doubt"] != len(self.rows):
            said.append(f"not everybody is accounted for: {status}")
        if max(self.kept.values()) > 1:
            said.append(f"{sum(times > 1 for times in self.kept.values())} people got it more than once")
        if status["in_doubt"] > self.most_in_doubt:
            said.append(f"{status['in_doubt']} in doubt, at most {self.most_in_doubt} were in flight")
        said += [
            f"{row.label} is {row.state} ({row.reason}) and got {self.kept[int(row.label)]}"
            for row in self.rows
            if row.state != "in_doubt" and self.kept[int(row.label)] != (row.state == "told")
        ]
        if share and self.busiest > share:
            said.append(f"{self.busiest} letters in one second, {share} are allowed")
        return said


async def ordeal(url: str, folder: Path, count: int, *, limited: bool = False) -> Outcome:
    """`count` people, two senders, killed three times over; `limited`: with the limits that are set by default."""
    server = MailServer({**FAULTS, "storm": max(120, count // 8)})
    desk = Desk(
        url, folder, XUESHI_SMTP_URL=server.url, XUESHI_MAIL_FROM="hr@example.com",
        XUESHI_NOTICES_PER_SECOND="20" if limited else "0",
    )  # fmt: skip
    roster = write_roster(folder / "r.csv", count, mail=True)
    id = desk.run("create", str(roster), "--title", "年终学时").strip()
    began = time.monotonic()
    try:
        desk.kill_senders(id, server.count, count // 6, patience=max(30, count // 20))
        desk.run("send", id, patience=90 + count / 10)
        spent = time.monotonic() - began
        store = await Store.open(url)
        rows = await Campaigns(store).rows(id)
        await store.close()
        return Outcome(desk.status(id), rows, server.log(), spent)
    finally:
        server.close()
