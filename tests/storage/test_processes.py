"""Several processes on one database, and processes that are killed."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import IO, Any

import pytest
from sqlalchemy import Connection, select

from storage import Store
from storage.tables import answer, outbox, reply, session

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def start(url: str, name: str, people: int, turns: int, out: IO[bytes] | int) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, "-m", "tests.storage.process", url, name, str(people), str(turns)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(arguments, stdout=out, stderr=subprocess.PIPE, cwd=ROOT, env=environment)


async def kept(url: str) -> dict[str, dict[str, Any]]:
    """Everything in the database, by person."""
    store = await Store.open(url)

    def read(connection: Connection) -> dict[str, dict[str, Any]]:
        people: dict[str, dict[str, Any]] = {}
        for person, revision, body in connection.execute(
            select(session.c.person, session.c.revision, session.c.session)
        ):
            people[person] = {
                "revision": revision,
                **json.loads(body),
                "replies": set(),
                "answers": {},
                "parts": Counter(),
            }
        for person, message_id in connection.execute(select(reply.c.person, reply.c.message_id)):
            people[person]["replies"].add(message_id)
        for person, revision, body in connection.execute(select(answer.c.person, answer.c.revision, answer.c.answer)):
            people[person]["answers"][revision] = json.loads(body)["count"]
        for person, revision in connection.execute(select(outbox.c.person, outbox.c.revision)):
            people[person]["parts"][revision] += 1
        return people

    found = await store.database.read(read)
    await store.close()
    return found


def whole(person: dict[str, Any]) -> None:
    """Fails unless as many turns as the session has counted are there, each with its reply, answer and parts."""
    count, revision = person["count"], person["revision"]
    assert person["answers"] == {revision - count + n: n for n in range(1, count + 1)}
    assert len(person["replies"]) == count
    assert person["parts"] == {revision - count + n: 2 for n in range(1, count + 1)}
    assert set(person["said"]) <= person["replies"]


def test_two_processes_write_the_same_people_and_every_acknowledged_turn_is_there_once(url: str) -> None:
    processes = [start(url, name, 4, 40, subprocess.PIPE) for name in ("a", "b")]
    lines = [line for process in processes for line in process.communicate(timeout=60)[0].decode().splitlines()]
    assert [process.returncode for process in processes] == [0, 0]
    people = asyncio.run(kept(url))
    assert len(people) == 4
    for name, person in people.items():
        whole(person)
        assert person["count"] == 80
        assert person["replies"] == {line.split()[1] for line in lines if line.startswith(f"{name} ")}


def test_kill_9_loses_nothing_that_was_acknowledged_and_leaves_no_half_turn(url: str, tmp_path: Path) -> None:
    dice = random.Random(4711)
    acknowledged: set[tuple[str, str]] = set()
    for round in range(4):
        log = tmp_path / f"acknowledged-{round}"
        with log.open("wb") as out:
            process = start(url, f"round{round}", 16, 0, out)
            until = time.monotonic() + 20
            while b"round" not in log.read_bytes() and time.monotonic() < until:
                time.sleep(0.01)
            time.sleep(dice.uniform(0.0, 0.3))
            process.send_signal(signal.SIGKILL)
            assert process.wait(20) == -signal.SIGKILL
        lines = log.read_text().splitlines(keepends=True)
        words = [line.split() for line in lines if line.endswith("\n")]
        acknowledged |= {(line[0], line[1]) for line in words if len(line) == 2}
        people = asyncio.run(kept(url))
        for person in people.values():
            whole(person)
        assert acknowledged <= {(name, id) for name, person in people.items() for id in person["replies"]}
    assert len(acknowledged) > 100
