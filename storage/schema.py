"""The schema's version: brought up to date by Alembic, or found not to be this program's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import URL, Connection, MetaData, column, inspect, select, table, text

from .address import file_of, parse, unavailable
from .tables import metadata

SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 7_465_726_368  # any number that nobody else on this PostgreSQL takes for an advisory lock


def migrate(url: str) -> None:
    """Creates the database's tables or brings them up to date; safe when several processes start at once.

    Raises:
        Unavailable: the database cannot be reached, or is of a newer version than this program.
    """
    asyncio.run(migrate_at(parse(url)))


async def migrate_at(place: URL) -> None:
    if place.get_backend_name() == "sqlite":
        await asyncio.to_thread(_migrate_file, place)
    else:
        await _migrate_server(place)


def newest() -> str:
    """The version this program works with: the last migration, by the number its file name starts with."""
    return max(script.name.partition("_")[0] for script in (SCRIPTS / "versions").glob("[0-9]*_*.py"))


def version(connection: Connection) -> str | None:
    """The database's version; None where there are no tables yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(select(column("version_num")).select_from(table("alembic_version")))


def check(connection: Connection, place: URL) -> None:
    """Raises `Unavailable` unless the database has exactly the tables this program works with."""
    found = version(connection)
    if found != newest():
        problem = "还没有建表" if found is None else f"版本是 {found},程序要的是 {newest()}"
        raise unavailable(place, f"数据库{problem};请运行 xueshi db upgrade")
    missing = metadata.tables.keys() - set(inspect(connection).get_table_names())
    if missing:
        raise unavailable(place, f"数据库里少了 {'、'.join(sorted(missing))} 表;请从备份恢复")


def _upgrade(connection: Connection, place: URL, to: str = "head") -> None:
    found = version(connection)
    if found == (newest() if to == "head" else to):
        return
    if found is not None and found > newest():
        raise unavailable(place, f"数据库版本 {found} 比程序的 {newest()} 新;请用新版程序")
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _is_empty(connection: Connection) -> bool:
    """Whether nothing is kept of anybody."""
    here = set(inspect(connection).get_table_names())
    kept = [name for name in metadata.tables if name in here and name != "seen"]
    return not any(connection.scalar(select(text("1")).select_from(text(name)).limit(1)) for name in kept)


async def migrate_to(place: URL, to: str, *, fresh: bool) -> None:
    """The tables as they were at a version, up to this program's; `fresh`: tables that are there and empty are made anew.

    Raises:
        Unavailable: the database cannot be used.
        ValueError: something is kept already, or no such version is known.
    """
    known = {script.name.partition("_")[0] for script in (SCRIPTS / "versions").glob("[0-9]*_*.py")}
    if to not in known:
        raise ValueError(f"备份的数据库版本 {to} 比程序的 {newest()} 新;请用新版程序")

    def make(connection: Connection) -> None:
        if fresh:
            if not _is_empty(connection):
                raise ValueError("数据库里已经有内容;请换一个空的数据库,或先把原来的移走")
            everything = MetaData()
            everything.reflect(connection)
            everything.drop_all(connection)
        _upgrade(connection, place, to)

    if place.get_backend_name() == "sqlite":
        await asyncio.to_thread(_migrate_file, place, make)
    else:
        await _migrate_server(place, make)


def _migrate_file(place: URL, make: Callable[[Connection], None] | None = None) -> None:
    from .sqlite import engine_at, make_private, reached

    try:
        file_of(place).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_private(file_of(place))
    except OSError as failure:
        raise unavailable(place, failure.strerror or failure) from None
    with reached(place), engine_at(place).connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # a second process waits here
        (make or partial(_upgrade, place=place))(connection)
        connection.commit()


async def _migrate_server(place: URL, make: Callable[[Connection], None] | None = None) -> None:
    from .postgres import engine_at, reached

    engine = engine_at(place)
    try:
        with reached(place):
            async with engine.begin() as connection:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                await connection.run_sync(make or partial(_upgrade, place=place))
    finally:
        await engine.dispose()
