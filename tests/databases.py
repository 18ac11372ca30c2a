"""Databases for tests: SQLite files that hold this program's tables already, and PostgreSQL ones; each test on tables of its own."""

from __future__ import annotations

import asyncio
import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from storage import Store, migrate
from storage.tables import metadata

POSTGRES = os.environ.get("XUESHI_TEST_POSTGRES_URL", "postgresql+asyncpg://postgres@127.0.0.1:5432/test")


@cache
def _empty() -> bytes:
    with (
        tempfile.TemporaryDirectory() as folder,
        ThreadPoolExecutor() as beside,
    ):  # a loop may be running in this thread
        beside.submit(migrate, f"sqlite:///{folder}/empty.db").result()
        return Path(folder, "empty.db").read_bytes()


def prepared(folder: Path) -> str:
    """The URL of `xueshi.db` in a folder, its tables made if it was not there."""
    file = folder / "xueshi.db"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        file.touch(0o600)
        file.write_bytes(_empty())
    return f"sqlite:///{file}"


async def run(place: URL, *statements: str) -> None:
    """Executes statements, each a transaction of its own, on PostgreSQL."""
    engine = create_async_engine(place, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            for statement in statements:
                await connection.execute(text(statement))
    finally:
        await engine.dispose()


def create_database() -> str:
    """The URL of a new, empty PostgreSQL database."""
    server = make_url(POSTGRES)
    name = f"xueshi_test_{uuid.uuid4().hex[:12]}"
    try:
        asyncio.run(run(server, f"CREATE DATABASE {name}"))
    except OSError as failure:
        pytest.fail(
            f"PostgreSQL cannot be reached ({failure.strerror}): `docker run -p 5432:5432 -e POSTGRES_DB=test -e "
            "POSTGRES_HOST_AUTH_METHOD=trust postgres:15`, or say in XUESHI_TEST_POSTGRES_URL where one is",
            pytrace=False,
        )
    return server.set(database=name).render_as_string(hide_password=False)


def drop_database(url: str) -> None:
    name = make_url(url).database
    asyncio.run(run(make_url(POSTGRES), f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL database with this program's tables, for the length of the test run."""
    url = create_database()
    try:
        migrate(url)
        yield url
    finally:
        drop_database(url)


@pytest.fixture
def new_postgres() -> Iterator[str]:
    """A PostgreSQL database without any tables."""
    url = create_database()
    try:
        yield url
    finally:
        drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with this program's tables and nothing in them."""
    if request.param == "sqlite":
        return prepared(tmp_path)
    url = str(request.getfixturevalue("postgres"))
    empty = [f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)]
    asyncio.run(run(make_url(url), *empty))  # of few rows: a TRUNCATE makes every table's files anew
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that has no tables yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/deep/er/xueshi.sqlite3"
    return str(request.getfixturevalue("new_postgres"))


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = await Store.open(url)
    yield opened
    await opened.close()
