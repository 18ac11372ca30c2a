"""What happens when the database goes away under a running process, and comes back."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import make_url

from storage import Conflict, Store, Unavailable, migrate, sqlite
from tests.databases import run

from .turns import turn

DROP_CONNECTIONS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def test_a_server_that_restarts_costs_nobody_a_turn(postgres: str) -> None:
    store = await Store.open(postgres)
    await store.forget("anna")
    await run(make_url(postgres), DROP_CONNECTIONS)
    assert await store.recent("anna", 1) == []
    await run(make_url(postgres), DROP_CONNECTIONS)
    assert await store.forget("anna") == 0
    revision = await store.commit(turn("anna", 0, "1"))
    await run(make_url(postgres), DROP_CONNECTIONS)
    revision = await store.commit(turn("anna", revision, "2"))
    await run(make_url(postgres), DROP_CONNECTIONS)
    assert (await store.load("berta", "1")).revision == 0
    await run(make_url(postgres), DROP_CONNECTIONS)
    assert await store.forget("anna") == 5
    await store.close()


async def test_a_file_that_another_process_keeps_locked_is_unavailable_and_later_works_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY", 0.2)
    url = f"sqlite:///{tmp_path}/xueshi.sqlite3"
    await asyncio.to_thread(migrate, url)
    store = await Store.open(url)
    other = sqlite3.connect(tmp_path / "xueshi.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    results = await asyncio.gather(
        store.commit(turn("anna", 0, "1")), store.commit(turn("berta", 0, "1")), return_exceptions=True
    )
    assert [type(one) for one in results] == [Unavailable, Unavailable]
    assert results[0] is not results[1]
    assert "XUESHI_DATABASE_URL" in str(results[0])
    assert (await store.load("anna")).revision == 0  # reading does not wait for the writer
    other.execute("ROLLBACK")
    await store.commit(turn("anna", 0, "1"))
    other.close()
    await store.close()


async def test_a_full_disk_refuses_the_turn_whole_and_the_next_one_is_taken(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/xueshi.sqlite3"
    store = await Store.open(url)
    revision = await store.commit(turn("anna", 0, "1"))
    await store.database.write(lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 40").close())
    with pytest.raises(Unavailable):
        await store.commit(turn("anna", revision, "2", reply=b"x" * 1_000_000))
    with pytest.raises(Conflict):
        await store.commit(turn("anna", revision + 1, "3"))
    await store.commit(turn("anna", revision, "3"))
    other = await Store.open(url)
    assert (await other.load("anna", "2")).earlier is None
    assert (await other.load("anna", "3")).earlier is not None
    await other.close()
    await store.close()
