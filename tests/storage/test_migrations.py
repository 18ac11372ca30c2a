"""The migrations make exactly the tables the program works with, whoever starts first."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from storage import Store, Unavailable, migrate
from storage.address import parse
from storage.migrations.__main__ import draft
from storage.postgres import PostgresDatabase
from storage.schema import SCRIPTS, newest
from storage.sqlite import SqliteDatabase
from storage.tables import metadata

from .turns import turn

Result = TypeVar("Result")


def on(url: str, work: Callable[[Connection], Result]) -> Result:
    """What `work` gives on the database, committed."""

    async def go() -> Result:
        kind = SqliteDatabase if url.startswith("sqlite") else PostgresDatabase
        database = kind(parse(url))
        try:
            return await database.write(work)
        finally:
            await database.close()

    return asyncio.run(go())


def test_the_migrations_make_the_tables_the_program_works_with(new_url: str) -> None:
    migrate(new_url)

    def differences(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    assert on(new_url, differences) == []


def test_there_is_one_newest_migration_and_its_file_is_the_last_by_number() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    assert ScriptDirectory.from_config(config).get_heads() == [newest()]


def test_migrating_again_changes_nothing_and_loses_nothing(url: str) -> None:
    async def write() -> None:
        store = await Store.open(url)
        await store.commit(turn("anna", 0, "1"))
        await store.close()

    async def read() -> bool:
        store = await Store.open(url, create=False)
        loaded = await store.load("anna", "1")
        await store.close()
        return loaded.earlier is not None

    asyncio.run(write())
    migrate(url)
    assert asyncio.run(read())


def test_the_first_migration_can_be_taken_back(new_url: str) -> None:
    migrate(new_url)

    def back(connection: Connection) -> list[str]:
        from alembic import command

        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        return inspect(connection).get_table_names()

    assert on(new_url, back) == ["alembic_version"]


@pytest.mark.slow
def test_several_processes_that_start_at_once_migrate_once(new_url: str) -> None:
    program = "import sys, storage; storage.migrate(sys.argv[1])"
    started = [
        subprocess.Popen([sys.executable, "-c", program, new_url], stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    assert [process.communicate(timeout=60)[1] for process in started] == [""] * 3
    assert [process.returncode for process in started] == [0] * 3


def test_without_tables_the_store_does_not_open_and_says_what_to_run(new_url: str, tmp_path: Any) -> None:
    if new_url.startswith("sqlite"):
        new_url = f"sqlite:///{tmp_path}/empty.sqlite3"
        (tmp_path / "empty.sqlite3").touch()
    with pytest.raises(Unavailable, match="xueshi db upgrade"):
        asyncio.run(Store.open(new_url, create=False))


def test_a_database_of_a_newer_program_is_left_alone(new_url: str) -> None:
    migrate(new_url)
    on(new_url, lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(Unavailable, match="9999"):
        migrate(new_url)
    with pytest.raises(Unavailable, match="9999"):
        asyncio.run(Store.open(new_url, create=False))


def test_a_migration_drafted_when_nothing_has_changed_is_empty_and_has_the_next_number(tmp_path: Path) -> None:
    scripts = shutil.copytree(SCRIPTS, tmp_path / "migrations")
    draft("Nothing new", scripts)
    (drafted,) = (scripts / "versions").glob("*_nothing_new.py")
    text = drafted.read_text()
    assert drafted.name.startswith(f"{int(newest()) + 1:04}_")
    assert f'down_revision = "{newest()}"' in text.replace("'", '"')
    assert "op." not in text
