"""SQLite files that hold this program's tables already: migrations run once for all tests, and in those that are about them."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from storage import migrate


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
