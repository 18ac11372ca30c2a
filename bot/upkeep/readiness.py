"""Whether people can be answered: a store that takes what is written, and room on the disk. Asked often, looked at once a second."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from time import monotonic

from storage import Conflict, Store, Unavailable, pulse

LEAST_ROOM = 4 << 20
"""Bytes that must be free where the data are."""
PATIENCE = 2.0
"""Seconds that a small write may take."""
FRESH = 1.0
"""Seconds that an answer stays true."""


def room(folder: Path) -> int:
    """Bytes that are free there; Raises: OSError."""
    return shutil.disk_usage(folder).free


class Readiness:
    """Tells whether the service is ready."""

    def __init__(self, store: Store, data_dir: Path) -> None:
        self._store, self._folder = store, data_dir
        self._at, self._fine = float("-inf"), True
        self._looking: asyncio.Task[bool] | None = None

    async def __call__(self) -> bool:
        if monotonic() - self._at < FRESH:
            return self._fine
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        done, _ = await asyncio.wait({self._looking}, timeout=PATIENCE)
        self._fine, self._at = bool(done) and self._looking.result(), monotonic()
        return self._fine

    async def _look(self) -> bool:
        try:
            if room(self._folder) < LEAST_ROOM:
                return False
            await pulse(self._store)
        except (Unavailable, Conflict, OSError):
            return False
        return True
