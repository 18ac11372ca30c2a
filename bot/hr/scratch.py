"""Directories in which files stand in the clear while they are worked on: locked by whoever works, swept up when its process is gone."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_COMING = "coming-"


@contextmanager
def _locked(place: Path, how: int) -> Iterator[None]:
    """Raises: BlockingIOError where another process holds it, FileNotFoundError where it has gone."""
    held = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(held, how)  # given back by the kernel, however the process ends
        yield
    finally:
        os.close(held)


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A directory of its own, gone at the end."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(folder, fcntl.LOCK_EX):
        made = Path(tempfile.mkdtemp(prefix=_COMING, dir=folder))
        lock = _locked(made, fcntl.LOCK_EX)
        lock.__enter__()
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        lock.__exit__(None, None, None)


def sweep(folder: Path) -> None:
    """Removes what processes have left that were killed."""
    if not folder.is_dir():
        return
    with _locked(folder, fcntl.LOCK_EX):
        for left in folder.glob(f"{_COMING}*"):
            with suppress(OSError), _locked(left, fcntl.LOCK_EX | fcntl.LOCK_NB):
                shutil.rmtree(left, ignore_errors=True)
