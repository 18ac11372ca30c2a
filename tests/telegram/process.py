"""Starts services that can be killed at any moment: a process that has imported everything forks one in no time.

    python -m tests.telegram.process

Reads a line of JSON, the environment of a service; forks it, and writes its process id.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Self


def main() -> None:
    for name in ("bot.app", "bot.channels.telegram.calls", "bot.channels.web", "storage.schema"):
        import_module(name)
    from bot.cli import main as command

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that were killed
    for line in sys.stdin:
        child = os.fork()
        if child:
            print(child, flush=True)
            continue
        environment = json.loads(line)
        os.environ.update(environment)
        out = os.open(environment["XUESHI_TEST_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(out, 1)
        os.dup2(out, 2)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os._exit(command(["run"]))


class Nursery:
    """Forks services; `with Nursery() as nursery`."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.telegram.process"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._alive: set[int] = set()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill_all()
        self._process.kill()
        self._process.communicate()

    def start(self, environment: dict[str, str], log: Path) -> int:
        """The process id of a new service, whose output goes into a file."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps({**environment, "XUESHI_TEST_LOG": str(log)}), file=self._process.stdin, flush=True)
        process = int(self._process.stdout.readline())
        self._alive.add(process)
        return process

    def kill(self, process: int) -> None:
        """As kill -9 does; returns when it is gone, and its port with it."""
        self._alive.discard(process)
        os.kill(process, signal.SIGKILL)
        while Path(f"/proc/{process}").exists():
            time.sleep(0.001)

    def kill_all(self) -> None:
        for process in set(self._alive):
            self.kill(process)

    async def end(self, process: int, patience: float = 10.0) -> None:
        """As an operator does, and waits until it is gone."""
        os.kill(process, signal.SIGTERM)
        async with asyncio.timeout(patience):
            while Path(f"/proc/{process}").exists():
                await asyncio.sleep(0.05)
        self._alive.discard(process)


if __name__ == "__main__":
    main()
