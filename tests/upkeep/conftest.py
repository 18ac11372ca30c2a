"""A service in a process of its own, on a folder and a port of its own, and a door to a database that can be shut."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.storage import conftest as databases

new_postgres, postgres, url = databases.new_postgres, databases.postgres, databases.url

ROOT = Path(__file__).parents[2]


@dataclass
class Service:
    """`xueshi run`, and how it is spoken to."""

    process: subprocess.Popen[bytes]
    address: str
    folder: Path
    log: Path

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def environment(folder: Path, **settings: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("XUESHI_")}
    return own | {"XUESHI_DATA_DIR": str(folder), "XUESHI_TODAY": "2025-09-01"} | settings


def xueshi(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command, run to its end."""
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(command, env=environment(folder, **settings), cwd=ROOT, capture_output=True, text=True)


@contextmanager
def running(folder: Path, *, files: int = 0, fits: int = 0, **settings: str) -> Iterator[Service]:
    port, log = free_port(), folder.with_name(folder.name + ".log")
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"], cwd=ROOT, stdout=out, stderr=out,
            env=environment(folder, XUESHI_WEB_PORT=str(port), **settings),
            preexec_fn=lambda: _limit(files, fits),
        )  # fmt: skip
    service = Service(process, f"http://127.0.0.1:{port}", folder, log)
    try:
        for _ in range(400):
            assert process.poll() is None, service.said()
            with suppress(httpx.TransportError):
                httpx.get(f"{service.address}/healthz")
                break
            time.sleep(0.1)
        yield service
    finally:
        process.terminate()
        process.wait(30)


def _limit(files: int, fits: int) -> None:
    """So many files at most; and no file longer than `fits`: as on a disk that is full, but it can be made larger again."""
    if files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    if fits:
        resource.setrlimit(resource.RLIMIT_FSIZE, (fits, resource.RLIM_INFINITY))


class Tap:
    """A way to a server that can be shut and opened again: as when the server is stopped, or the line cut."""

    def __init__(self, port: int) -> None:
        self._target, self.port = port, free_port()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._through, "127.0.0.1", self.port)

    async def shut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._open:
            writer.transport.abort()

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._open |= {writer, back}
        await asyncio.gather(_pipe(reader, back), _pipe(there, writer))


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while part := await reader.read(65_536):
            writer.write(part)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def tap(port: int) -> AsyncIterator[Tap]:
    made = Tap(port)
    await made.open()
    try:
        yield made
    finally:
        await made.shut()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"
