"""A bad night: the store is away, locked, full or broken, the clock has jumped, a key is no key. Nothing is lost, nobody sees a bug."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import make_url

from bot.app import purge
from storage import Clock, Store, Unavailable
from tests.storage.turns import turn
from tests.upkeep.conftest import Service, running, tap, xueshi

pytestmark = pytest.mark.slow

NOW = datetime(2025, 9, 1, tzinfo=UTC)
RETENTION = timedelta(days=180)


async def say(client: httpx.AsyncClient, session: str | None, id: str, text: str) -> httpx.Response:
    return await client.post("/api/chat", json={"session": session, "message_id": id, "text": text})


def plain(answer: httpx.Response) -> None:
    """A 503 with a Chinese sentence, and nothing of what is behind it."""
    assert answer.status_code == 503
    assert "存不下" in answer.text
    assert "Traceback" not in answer.text
    assert "sql" not in answer.text.lower()
    assert int(answer.headers["retry-after"]) > 0


async def ready(client: httpx.AsyncClient, wanted: int, within: float = 30) -> None:
    until = time.monotonic() + within
    while (found := (await client.get("/readyz")).status_code) != wanted:
        assert time.monotonic() < until, f"/readyz stays {found}"
        await asyncio.sleep(0.2)


@asynccontextmanager
async def asking(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=service.address, timeout=60) as client:
        yield client


async def interrupted(
    service: Service,
    client: httpx.AsyncClient,
    away: Callable[[], Awaitable[None]],
    back: Callable[[], Awaitable[None]],
) -> None:
    """A conversation over a store that goes away in the midst of it, and comes back."""
    session = (await say(client, None, "1", "我52，女")).json()["session"]
    await ready(client, 200)
    await away()
    plain(await say(client, session, "2", "副高"))
    page = await client.get("/", cookies={"xueshi": session})
    plain(page)
    assert page.headers["content-type"].startswith("text/html")
    await ready(client, 503)
    assert (await client.get("/healthz")).status_code == 200
    await back()
    await ready(client, 200)
    again = await say(client, session, "2", "副高")  # the same message: taken once, whatever came of the first try
    assert again.status_code == 200
    assert again.json()["facts"]["sex"] == "female"
    assert again.json()["facts"]["title_level"] == "deputy_senior"
    assert (await say(client, session, "2", "副高")).json() == again.json()
    assert service.process.poll() is None
    assert "Traceback" not in service.said()


async def test_a_server_that_is_stopped_and_started_costs_nobody_an_answer(folder: Path, new_postgres: str) -> None:
    real = make_url(new_postgres)
    async with tap(real.port or 5432) as door:
        url = real.set(host="127.0.0.1", port=door.port).render_as_string(hide_password=False)
        await asyncio.to_thread(xueshi, folder, "db", "upgrade", XUESHI_DATABASE_URL=url)
        async with beside(folder, url) as service, asking(service) as client:
            await interrupted(service, client, door.shut, door.open)


@asynccontextmanager
async def beside(folder: Path, url: str) -> AsyncIterator[Service]:
    """A service that is started while this loop carries what it says to its database."""
    made = running(folder, XUESHI_DATABASE_URL=url)
    service = await asyncio.to_thread(made.__enter__)
    try:
        yield service
    finally:
        await asyncio.to_thread(made.__exit__, None, None, None)


async def test_a_file_that_another_process_keeps_locked_costs_nobody_an_answer(folder: Path) -> None:
    with running(folder, tuned={"storage.sqlite.BUSY": 1.0}) as service:
        other = sqlite3.connect(folder / "xueshi.db", isolation_level=None)

        async def lock() -> None:
            other.execute("BEGIN IMMEDIATE")

        async def free() -> None:
            other.execute("ROLLBACK")

        async with asking(service) as client:
            session = (await say(client, None, "1", "我52，女")).json()["session"]
            await lock()
            plain(await say(client, session, "2", "副高"))
            await ready(client, 503)
            assert (await client.get("/healthz")).status_code == 200
            await free()
            await ready(client, 200)
            assert (await say(client, session, "2", "副高")).json()["facts"]["title_level"] == "deputy_senior"


async def test_a_disk_that_is_full_refuses_what_it_cannot_keep_and_keeps_what_it_said_it_kept(folder: Path) -> None:
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    with running(folder, fits=600_000) as service:
        async with asking(service) as client:
            session, said, facts = None, 0, {}
            for said in range(400):
                answer = await say(client, session, str(said), f"2024年公需{said % 30}，专业{said % 60}")
                if answer.status_code != 200:
                    break
                session, facts = answer.json()["session"], answer.json()["facts"]
            plain(answer)
            await ready(client, 503)
            assert (await client.get("/healthz")).status_code == 200
            assert (
                await say(client, session, str(said - 1), f"2024年公需{(said - 1) % 30}，专业{(said - 1) % 60}")
            ).json()["facts"] == facts
            resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, unlimited)
            await ready(client, 200)
            answer = await say(client, session, str(said), f"2024年公需{said % 30}，专业{said % 60}")
            assert answer.status_code == 200
            assert "Traceback" not in service.said()


async def test_a_table_that_is_gone_is_told_in_a_sentence_and_no_library_is_heard(folder: Path) -> None:
    with running(folder) as service:
        async with asking(service) as client:
            session = (await say(client, None, "1", "我52，女")).json()["session"]
            with sqlite3.connect(folder / "xueshi.db") as other:
                other.execute("DROP TABLE reply")
            plain(await say(client, session, "2", "副高"))
            assert "Traceback" not in service.said()
    again = xueshi(folder, "run", XUESHI_WEB_PORT="0")
    assert (again.returncode, "Traceback" in again.stderr) == (1, False)
    assert "reply" in again.stderr
    assert "备份" in again.stderr


@pytest.mark.parametrize("content", [b"", b"\n", b"\0" * 64, b"short"])
def test_a_key_that_is_no_key_is_refused_with_what_to_do(folder: Path, content: bytes) -> None:
    folder.mkdir()
    (folder / "secret.key").write_bytes(content)
    done = xueshi(folder, "run", XUESHI_WEB_PORT="0")
    assert done.returncode in (1, 2)
    assert "secret.key" in done.stderr
    assert "备份" in done.stderr
    assert "Traceback" not in done.stderr


# ---------------------------------------------------------------- the clock


class Now:
    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@asynccontextmanager
async def kept(url: str, clock: Now) -> AsyncIterator[Store]:
    store = await Store.open(url, clock=clock)
    try:
        yield store
    finally:
        await store.close()


async def test_a_clock_that_is_years_ahead_deletes_nothing_until_somebody_says_that_it_is_right(
    url: str,
) -> None:
    clock = Now()
    async with kept(url, clock) as store:
        await purge(store, RETENTION)
        await store.commit(turn("anna", 0, "1", at=clock()))
    clock.at = NOW + timedelta(days=400)
    async with kept(url, clock) as store:
        for _ in range(3):  # asked again every hour, and answered the same
            with pytest.raises(Unavailable, match="trust-clock"):  # which is no success of the work
                await purge(store, RETENTION)
            clock.at += timedelta(hours=1)
        assert (await store.load("anna")).session is not None
        assert not store.clock_believed
    clock.at = NOW + timedelta(hours=2)
    async with kept(url, clock) as store:  # it was set right
        await purge(store, RETENTION)
        assert store.clock_believed
        assert (await store.load("anna")).session is not None
    clock.at = NOW + timedelta(days=400)
    async with kept(url, clock) as store:  # this time so much has really passed
        await Clock(store, RETENTION).believe()
        await purge(store, RETENTION)
        assert (await store.load("anna")).session is None


async def test_the_first_look_at_a_database_that_holds_people_is_held_against_what_was_kept_of_them(
    url: str,
) -> None:
    clock = Now()
    async with kept(url, clock) as store:
        await store.commit(turn("anna", 0, "1", at=clock()))  # by a release that noted no clock
        clock.at = NOW + timedelta(days=400)
        with pytest.raises(Unavailable, match="trust-clock"):
            await purge(store, RETENTION)
        assert (await store.load("anna")).session is not None


async def test_a_clock_that_was_ahead_from_the_first_and_is_set_right_is_not_believed_ahead_again(
    url: str,
) -> None:
    clock = Now()
    clock.at = NOW + timedelta(days=400)
    async with kept(url, clock) as store:
        await purge(store, RETENTION)  # nothing is kept yet that could tell
        clock.at = NOW
        await purge(store, RETENTION)
        await store.commit(turn("anna", 0, "1", at=clock()))
        clock.at = NOW + timedelta(days=400)
        with pytest.raises(Unavailable, match="trust-clock"):
            await purge(store, RETENTION)
        assert (await store.load("anna")).session is not None


async def test_what_was_written_under_a_clock_that_was_ahead_is_kept_no_longer_than_the_rest(url: str) -> None:
    clock = Now(NOW + timedelta(days=400))
    async with kept(url, clock) as store:
        await purge(store, RETENTION)
        await store.commit(turn("anna", 0, "1", at=clock()))
        clock.at = NOW
        await Clock(store, RETENTION).believe()
    async with kept(url, clock) as store:
        for days in range(10, 200, 10):
            clock.at = NOW + timedelta(days=days)
            await purge(store, RETENTION)
        assert (await store.load("anna")).session is None


async def test_what_is_too_old_goes_as_the_days_pass_and_after_a_holiday(url: str) -> None:
    clock = Now()
    async with kept(url, clock) as store:
        await store.commit(turn("anna", 0, "1", at=clock()))
        while clock() < NOW + RETENTION + timedelta(days=2):
            await purge(store, RETENTION)
            clock.at += timedelta(days=13)  # the service was off meanwhile
        await purge(store, RETENTION)
        assert (await store.load("anna")).session is None


def test_an_upgrade_knows_the_time_from_the_people_it_finds(folder: Path) -> None:
    assert xueshi(folder, "db", "upgrade").returncode == 0
    done = xueshi(folder, "db", "trust-clock")
    assert (done.returncode, "believed" in done.stdout) == (0, True)


# ---------------------------------------------------------------- work beside the talk


async def test_no_work_beside_the_talk_can_end_the_service_and_each_says_when_it_last_succeeded() -> None:
    from prometheus_client import CollectorRegistry, generate_latest

    from bot.upkeep import jobs as module

    registry = CollectorRegistry()
    jobs, tries = module.Jobs(registry), 0

    async def fails_once() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise ZeroDivisionError("a private word")

    work = asyncio.create_task(jobs.every("purge", 0.01, fails_once))
    while tries < 3:
        await asyncio.sleep(0.01)
    assert not work.done()
    work.cancel()
    text = generate_latest(registry).decode()
    assert 'xueshi_job_failures_total{job="purge"} 1.0' in text
    assert 'xueshi_job_last_success_timestamp_seconds{job="purge"} 1.' in text
