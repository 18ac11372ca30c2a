"""A database that release 0.1.0 made and filled goes on under this one, on either kind; and an older program leaves a newer one alone."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from storage import Store
from tests.upkeep.conftest import running, xueshi

pytestmark = pytest.mark.slow

MADE = Path(__file__).with_name("made_by_0_1_0.sql").read_text(encoding="utf-8")
SESSIONS: dict[str, str] = json.loads(MADE.partition("Sessions: ")[2].partition("\n")[0])
MOMENTS = {"session": "at", "reply": "at", "answer": "at"}
BEFORE = "0003"
KEY = "k" * 40


def as_it_was(folder: Path) -> Path:
    """The file that 0.1.0 left, as if it had been left just now."""
    folder.mkdir(parents=True)
    file = folder / "xueshi.db"
    with sqlite3.connect(file) as database:
        database.executescript(MADE)
        for table, column in MOMENTS.items():
            [[newest]] = database.execute(f"SELECT max({column}) FROM {table}")
            database.execute(f"UPDATE {table} SET {column} = {column} + ?", [int(time.time() * 1e6) - newest])
    database.close()
    return file


def pieces(file: Path) -> Iterator[tuple[str, bytes]]:
    """Its rows, as a copy of that release would hold them."""
    database = sqlite3.connect(file)
    names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for name in names:
        if name == "alembic_version" or name.startswith("sqlite_"):
            continue
        found = database.execute(f"SELECT * FROM {name}")
        rows = [[base64.b64encode(one).decode() if isinstance(one, bytes) else one for one in row] for row in found]
        yield name, orjson.dumps({"columns": [column[0] for column in found.description], "rows": rows})
    database.close()


def goes_on(address: str) -> None:
    """Everybody finds what they had said, and goes on from there."""

    def say(who: str, text: str) -> dict[str, object]:
        body = {"session": SESSIONS[who], "message_id": f"new {text}", "text": text}
        answer = httpx.post(f"{address}/api/chat", json=body, timeout=60)
        assert answer.status_code == 200, answer.text
        told: dict[str, object] = answer.json()
        return told

    asking = say("asking", "都没有")["facts"]
    assert isinstance(asking, dict)
    assert (asking["sex"], asking["title_level"]) == ("female", "deputy_senior")
    result = say("result", "为什么")
    assert isinstance(result["facts"], dict)
    assert result["facts"]["history"]["2024"] == {"general": 30, "professional": 48.5}
    assert say("hello", "开始查询")["state"] != "welcome"
    assert "title_level" in str(say("other", "事业单位")["facts"])
    page = httpx.get(f"{address}/", cookies={"xueshi": SESSIONS["result"]}, timeout=60)
    assert page.status_code == 200
    assert "学时" in page.text


@pytest.mark.parametrize("key", ["", KEY], ids=["as before", "sealed from now on"])
def test_a_file_of_0_1_0_goes_on(folder: Path, key: str) -> None:
    as_it_was(folder)
    settings = {"XUESHI_ENCRYPTION_KEY": key} if key else {}
    with running(folder, **settings) as service:
        goes_on(service.address)
    if key:
        done = xueshi(folder, "db", "rotate-key", **settings)
        assert re.match(r"[1-9]\d* rows sealed", done.stdout), done.stderr
        with running(folder, **settings) as service:
            goes_on(service.address)


async def test_a_copy_of_0_1_0_is_restored_into_a_server_of_today(folder: Path, new_postgres: str) -> None:
    old = as_it_was(folder / "old")
    rows = await Store.fill(new_postgres, BEFORE, pieces(old))
    assert rows > 10
    import asyncio

    await asyncio.to_thread(_goes_on_at, folder, new_postgres)


def _goes_on_at(folder: Path, url: str) -> None:
    with running(folder, XUESHI_DATABASE_URL=url) as service:
        goes_on(service.address)
