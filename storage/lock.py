"""A name that at most one living process holds: given back by the operating system or the server when the process dies."""

from __future__ import annotations

import hashlib
import os
from typing import ClassVar, Protocol

from sqlalchemy import URL

from .address import file_of


class ProcessLock(Protocol):
    """No time is involved: it is held until it is given back or its holder is gone."""

    async def take(self) -> bool:
        """Whether it is held now; False while another process holds it. Raises: Unavailable."""

    async def held(self) -> bool:
        """Whether it is still held; a lost connection to the server gives it back unasked."""

    async def give_back(self) -> None: ...


class FileLock:
    """One byte of a file beside the database. The kernel knows the holder, but only as a process: who within this one
    holds what is noted here."""

    _open: ClassVar[
        dict[str, int]
    ] = {}  # one descriptor a file: closing any would give all of this process's locks back
    _mine: ClassVar[set[tuple[str, int]]] = set()

    def __init__(self, place: URL, name: str) -> None:
        self._path = f"{file_of(place)}-locks"
        self._byte = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=7).digest())
        self._held = False

    async def take(self) -> bool:
        import fcntl

        if (self._path, self._byte) in self._mine:
            return False
        if self._path not in self._open:
            self._open[self._path] = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.lockf(self._open[self._path], fcntl.LOCK_EX | fcntl.LOCK_NB, 1, self._byte)
        except (BlockingIOError, PermissionError):
            return False
        self._held = True
        self._mine.add((self._path, self._byte))
        return True

    async def held(self) -> bool:
        return self._held

    async def give_back(self) -> None:
        import fcntl

        if self._held:
            self._held = False
            self._mine.discard((self._path, self._byte))
            fcntl.lockf(self._open[self._path], fcntl.LOCK_UN, 1, self._byte)
