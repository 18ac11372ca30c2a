"""Services that a test starts, kills and ends."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.processes import Xueshi, environment


class Nursery:
    """Those of one test."""

    def __init__(self) -> None:
        self._alive: list[Xueshi] = []

    def start(self, settings: dict[str, str], log: Path) -> Xueshi:
        """A new service, whose output goes into a file."""
        with log.open("ab") as out:
            self._alive.append(Xueshi(["run"], env=environment(**settings), stdout=out, stderr=out))
        return self._alive[-1]

    def kill(self, process: Xueshi) -> None:
        """As kill -9 does; returns when it is gone, and its port with it."""
        process.kill()
        process.wait(20)

    def kill_all(self) -> None:
        while self._alive:
            self.kill(self._alive.pop())

    async def end(self, process: Xueshi, patience: float = 30.0) -> None:
        """As an operator does, and waits until it is gone."""
        process.terminate()
        await asyncio.to_thread(process.wait, patience)
