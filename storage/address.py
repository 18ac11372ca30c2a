"""Where the database is: reads the setting's URL, and says what is wrong with it or the database in one sentence."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from .values import Unavailable

SETTING = "XUESHI_DATABASE_URL"


def parse(url: str) -> URL:
    """The URL with the driver that is used: `sqlite+pysqlite` or `postgresql+asyncpg`.

    Raises:
        Unavailable: it is no URL, of another database, or names no file.
    """
    try:
        place = make_url(url)
    except (ArgumentError, ValueError):
        raise Unavailable(f"{SETTING} 不是数据库地址,应写作 sqlite:///文件 或 postgresql+asyncpg://…") from None
    match place.get_backend_name():
        case "sqlite":
            if place.database in (None, "", ":memory:"):
                raise Unavailable(f"{SETTING} 要写明文件:SQLite 的内存数据库不能持久保存")
            return place.set(drivername="sqlite+pysqlite")
        case "postgresql" | "postgres":
            return place.set(drivername="postgresql+asyncpg")
        case other:
            raise Unavailable(f"{SETTING} 只支持 SQLite 和 PostgreSQL,不支持 {other}")


def unavailable(place: URL, reason: object) -> Unavailable:
    """What is raised when the database at `place` fails for `reason`, of which the first line is told."""
    lines = str(reason).strip().splitlines()
    shown = place.render_as_string(hide_password=True)
    return Unavailable(f"数据库用不了,请检查 {SETTING}({shown}):{lines[0] if lines else type(reason).__name__}")


def file_of(place: URL) -> Path:
    """The SQLite file."""
    return Path(str(place.database))
