"""Rosters that were uploaded: worked on in processes of their own, filtered, looked into, deleted when their time is over."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import shutil
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from bot.hr.accounts import Who
from bot.roster import state
from bot.roster.state import PEOPLE, RESULT
from storage import Store, Unavailable, hr, seen

if TYPE_CHECKING:
    from sqlalchemy import Connection

PAGE = 50
ON_DESK = 20  # rosters on a page of the desk
AT_ONCE = 2  # rosters worked on at the same time
_COMING = "coming-"  # directories of what has not come whole
_LIST = ("row", "ident", "name", "unit", "level", "status", "short_total")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which people of a roster are shown."""

    status: str = ""
    unit: str = ""
    level: str = ""
    low: bool = False  # some year with fewer professional hours than are asked for
    search: str = ""  # part of a name, or an id
    page: int = 1

    def where(self) -> tuple[str, list[Any]]:
        """The condition in SQL, and what stands for its question marks."""
        parts, values = ["1"], list[Any]()
        for column in ("status", "unit", "level"):
            value = getattr(self, column)
            if value:
                parts.append(f"{column} = ?")
                values.append("" if value == "—" else value)
        if self.low:
            parts.append("low = 1")
        if self.search:
            parts.append("(ident = ? OR instr(name, ?) > 0)")
            values += [self.search, self.search]
        return " AND ".join(parts), values


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of people, and how many there are on all pages."""

    people: list[dict[str, Any]]
    count: int


class Rosters:
    """The rosters under one directory, and whose they are."""

    def __init__(
        self, store: Store, directory: Path, today: Callable[[], date], clock: Callable[[], datetime] | None = None
    ) -> None:
        self._database, self._directory, self._today = store.database, directory, today
        self._clock = clock or (lambda: datetime.now(UTC))
        self._taking = asyncio.Lock()
        self._free = asyncio.Semaphore(AT_ONCE)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._token = secrets.token_hex(
            16
        )  # by which the database knows that we are at work; a pid may be somebody else's
        self._beating: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Ends the work under way."""
        if self._beating is not None:
            self._beating.cancel()
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    # ------------------------------------------------------------ uploading

    async def take(self, who: Who, once: str, name: str, read: Callable[[], Awaitable[bytes]]) -> tuple[str, bool]:
        """Take a file in and start to work on it: its id, and whether it is new.

        `once` tells one drawing of the form from another: the same file out of the same is the same roster, sent twice by somebody who
        pressed twice; what failed is worked on again. With "" every file is new.
        """
        with tempfile.TemporaryDirectory(prefix=_COMING, dir=self._made()) as scratch:
            held, told = Path(scratch) / f"source{Path(name).suffix.lower()}", hashlib.sha256()
            told.update(f"{who.id}\0{once or secrets.token_urlsafe()}\0{name}\0".encode())
            with held.open("wb") as target:
                while part := await read():
                    told.update(part)
                    target.write(part)
            id = told.hexdigest()[:32]
            async with self._taking:
                if found := await self.one(who, id):
                    if found[1]["state"] == "failed":
                        await self.again(id, name, ())
                    return id, False
                place = self._directory / id
                place.mkdir(mode=0o700, exist_ok=True)
                source = held.replace(place / held.name)
                now = self._clock()
                await self._database.write(
                    lambda connection: hr.keep_roster(connection, id=id, owner=who.id, name=name[:120], now=now)
                )
                await self._start(id, source, name, ())
        return id, True

    def _made(self) -> Path:
        self._directory.mkdir(parents=True, exist_ok=True)
        return self._directory

    async def again(self, id: str, name: str, corrections: Sequence[str]) -> None:
        """Work on a roster again, with what its columns really are; nothing happens while it is still being worked on."""
        at_work = await self._database.read(self._at_work)
        if state.read(self._directory / id, at_work)["state"] not in state.UNDER_WAY:
            if task := self._tasks.get(id):
                await asyncio.wait([task])  # it has told its end and is about to go
            source = next((self._directory / id).glob("source.*"))
            await self._start(id, source, name, corrections)

    async def _start(self, id: str, source: Path, name: str, corrections: Sequence[str]) -> None:
        await self._beat()
        state.tell(source.parent, state="waiting", token=self._token)
        task = asyncio.create_task(self._work(source, [name, *corrections]))
        self._tasks[id] = task
        task.add_done_callback(lambda _: self._tasks.pop(id, None))
        if self._beating is None or self._beating.done():
            self._beating = asyncio.create_task(self._keep_beating())

    async def _beat(self) -> None:
        now = self._clock()
        await self._database.write(lambda connection: seen.beat(connection, self._token, now))

    async def _keep_beating(self) -> None:
        while self._tasks:
            await asyncio.sleep(seen.LEASE.total_seconds() / 6)
            with suppress(Unavailable):  # the next is in time
                await self._beat()

    def _at_work(self, connection: Connection) -> set[str]:
        return seen.at_work(connection, self._clock())

    async def _work(self, source: Path, words: Sequence[str]) -> None:
        async with self._free:
            told = [word.replace("\0", "") for word in words]  # no argument can hold it
            command = [sys.executable, "-m", "bot.roster.job", str(source), self._today().isoformat(), *told]
            process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
            try:
                await process.wait()
            except asyncio.CancelledError:
                process.terminate()
                await process.wait()
                raise
            finally:
                aborted = process.returncode == -signal.SIGABRT  # as the reader does when it gets no more memory
                state.settle(source.parent, state.TOO_LARGE if aborted else state.INTERRUPTED)

    # ------------------------------------------------------------ looking

    async def mine(self, who: Who, page: int = 1) -> tuple[list[tuple[hr.Kept, dict[str, Any]]], bool]:
        """A page of the rosters that somebody may see, the newest first, each with its state, and whether there are more: one's own,
        or all for a manager."""
        owner = None if who.manager else who.id

        def read(connection: Connection) -> tuple[list[hr.Kept], set[str]]:
            found = hr.rosters(connection, owner=owner, most=ON_DESK + 1, after=(page - 1) * ON_DESK)
            return found, self._at_work(connection)

        kept, at_work = await self._database.read(read)
        shown = await asyncio.to_thread(
            lambda: [(one, state.read(self._directory / one.id, at_work)) for one in kept[:ON_DESK]]
        )
        return shown, len(kept) > ON_DESK

    async def one(self, who: Who, id: str) -> tuple[hr.Kept, dict[str, Any]] | None:
        """A roster with its state; None where there is none that somebody may see."""
        found, at_work = await self._database.read(
            lambda connection: (hr.rosters(connection, id=id), self._at_work(connection))
        )
        if not found or not (who.manager or found[0].owner == who.id):
            return None
        return found[0], state.read(self._directory / id, at_work)

    async def people(self, id: str, wanted: Filter) -> Listed:
        """A page of a roster's people."""
        where, values = wanted.where()

        def read() -> Listed:
            with closing(self._opened(id)) as people:
                count = people.execute(f"SELECT count(*) FROM person WHERE {where}", values).fetchone()[0]
                rows = people.execute(
                    f"SELECT {', '.join(_LIST)} FROM person WHERE {where} ORDER BY row LIMIT ? OFFSET ?",
                    [*values, PAGE, (wanted.page - 1) * PAGE],
                ).fetchall()
            return Listed([dict(zip(_LIST, row, strict=True)) for row in rows], count)

        return await asyncio.to_thread(read)

    async def person(self, id: str, row: int) -> dict[str, Any] | None:
        """Everything that is kept of one person: facts, name, unit, cells that were not read."""

        if row >= 1 << 31:  # more than a sheet has, and than the database counts
            return None

        def read() -> dict[str, Any] | None:
            with closing(self._opened(id)) as people:
                found = people.execute("SELECT line FROM person WHERE row = ?", [row]).fetchone()
            return orjson.loads(found[0]) if found else None

        return await asyncio.to_thread(read)

    async def everybody(self, id: str) -> list[dict[str, Any]]:
        """Everything that is kept of everybody, in the roster's order."""

        def read() -> list[dict[str, Any]]:
            with closing(self._opened(id)) as people:
                return [orjson.loads(line) for (line,) in people.execute("SELECT line FROM person ORDER BY row")]

        return await asyncio.to_thread(read)

    def source(self, id: str) -> Path:
        """The file as it was uploaded."""
        return next((self._directory / id).glob("source.*"))

    def _opened(self, id: str) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{self._directory / id / PEOPLE}?mode=ro", uri=True)

    def result(self, id: str) -> Path:
        """The result workbook."""
        return self._directory / id / RESULT

    # ------------------------------------------------------------ forgetting

    async def delete(self, id: str) -> None:
        """Delete a roster with everything that was made of it."""
        task = self._tasks.get(id)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self._database.write(lambda connection: hr.drop_roster(connection, id=id))
        await asyncio.to_thread(shutil.rmtree, self._directory / id, ignore_errors=True)

    async def purge(self, before: datetime) -> int:
        """Delete what is older than `before`: rosters with their files, log lines, sessions that are over; how many rows."""
        now = self._clock()
        rows = await self._database.write(lambda connection: hr.purge(connection, before=before, now=now))
        kept = {one.id for one in await self._database.read(hr.rosters)}
        await asyncio.to_thread(self._sweep, kept, before)
        return rows

    def _sweep(self, kept: set[str], before: datetime) -> None:
        for place in self._directory.iterdir() if self._directory.is_dir() else ():
            if place.name not in kept and (self._clock() - _changed(place)).total_seconds() > 3600:
                shutil.rmtree(place, ignore_errors=True)


def _changed(place: Path) -> datetime:
    return datetime.fromtimestamp(place.stat().st_mtime, UTC)
