"""A service in a process of its own, on a folder and a port of its own, and a door to a database that can be shut."""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import processes
from tests.processes import ROOT, TUNED, Xueshi, environment, free_port, ready


@dataclass
class Service:
    """`xueshi run`, and how it is spoken to."""

    process: subprocess.Popen[Any]
    address: str
    folder: Path
    log: Path

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")


def xueshi(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command, run to its end."""
    done = processes.run(*arguments, XUESHI_DATA_DIR=str(folder), **settings)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


@contextmanager
def running(
    folder: Path, *, files: int = 0, fits: int = 0, tuned: dict[str, float] | None = None, **settings: str
) -> Iterator[Service]:
    """`tuned`: waits of the service, and how long they are here."""
    settings[TUNED] = json.dumps(tuned or {})
    port, log = free_port(), folder.with_name(folder.name + ".log")
    given = environment(XUESHI_DATA_DIR=str(folder), XUESHI_WEB_PORT=str(port), **settings)
    with log.open("ab") as out:
        pipes: dict[str, Any] = {"env": given, "stdout": out, "stderr": out}
        if files or fits:
            command = [sys.executable, "-m", "bot", "run"]
            process = subprocess.Popen(command, cwd=ROOT, preexec_fn=lambda: _limit(files, fits), **pipes)
        else:
            process = Xueshi(["run"], **pipes)
    try:
        yield Service(process, ready(process, port), folder, log)
    finally:
        process.terminate()
        process.wait(60)


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
