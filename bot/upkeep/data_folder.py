"""The folder of data: nobody but its owner reads what is in it."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

OURS = ("xueshi.db", "secret.key", "rosters")
"""What the names of our files begin with."""


def close_to_others(folder: Path) -> None:
    """Takes from others the rights to what earlier releases left open; the folder's own where nothing else is kept in it.

    Raises: OSError where the folder cannot be read.
    """
    inside = [place for place in folder.iterdir() if place.name.lstrip(".").startswith(OURS)]
    for place in inside:
        for one in (place, *(place.rglob("*") if place.is_dir() and not place.is_symlink() else ())):
            _close(one)
    if len(inside) == len(list(folder.iterdir())):
        _close(folder)


def _close(place: Path) -> None:
    with suppress(FileNotFoundError, PermissionError):  # gone meanwhile, or somebody else's
        found = place.lstat()
        if not stat.S_ISLNK(found.st_mode) and not found.st_mode & stat.S_ISVTX and found.st_uid == os.geteuid():
            place.chmod(stat.S_IMODE(found.st_mode) & 0o700)


def open_to_others(folder: Path) -> list[Path]:
    """What of ours others may read or write."""
    found = [folder, *(place for place in folder.rglob("*") if not place.is_symlink())]
    return [place for place in found if place.lstat().st_mode & 0o077]
