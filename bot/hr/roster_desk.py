"""Rosters that were uploaded: kept in the database, worked on in processes of their own, filtered, looked into, put away."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection

from bot.hr.accounts import Who
from bot.hr.scratch import scratch, sweep
from bot.roster import state
from bot.roster.mapping import MappingFile, read_toml, write_toml
from storage import Store, Unavailable, hr
from storage import rosters as kept_rosters

PAGE = 50
AT_ONCE = 2  # rosters worked on at the same time
SHARED = timedelta(days=14)  # for which a link to a unit opens
_BATCH = 500  # people in one write
LEASE = 60.0  # seconds after which work is told to be under way still
_LOOK_EVERY, _SILENT = (
    0.3,
    2 * LEASE,
)  # seconds: looks at the work, and silence after which its process is taken for dead
_TRIES = 3  # of work whose process died, after which it is told instead


@dataclass(frozen=True, slots=True)
class Filter:
    """Which people of a roster are shown."""

    status: str = ""
    unit: str = ""
    level: str = ""
    low: bool = False  # some year with fewer professional hours than are asked for
    search: str = ""  # part of a name, or an id
    page: int = 1
    order: str = "at"  # as `storage.rosters.ORDERS`, with a minus the other way

    @property
    def wanted(self) -> kept_rosters.PeopleFilter:
        """As the store takes it."""
        return kept_rosters.PeopleFilter(self.status, self.unit, self.level, self.low, self.search, self.order)


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """A page of people, and how many there are on all pages."""

    people: list[dict[str, Any]]
    count: int


class TakenOver(Exception):
    """The work on a roster was taken over, since nothing was heard of it for long."""


class Rosters:
    """Everybody's rosters in a store; `directory` holds a file only while it is worked on."""

    def __init__(
        self,
        store: Store,
        directory: Path,
        today: Callable[[], date],
        clock: Callable[[], datetime] | None = None,
        salt: bytes = b"",
    ) -> None:
        """`salt`: a secret, with which the digests are made that people are known by; one of this process alone where none is given."""
        self._database, self._directory, self._today = store.database, directory, today
        self._salt = salt or os.urandom(32)
        self._clock = clock or (lambda: datetime.now(UTC))
        self._token = secrets.token_hex(8)  # whose the work under way is, for as long as it beats
        self._taking = asyncio.Lock()
        self._free, self._trying = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(1)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._tries: dict[str, int] = {}  # by processes that died over it

    async def close(self) -> None:
        """Ends the work under way; another process may take it up at once."""
        begun = dict(self._tasks)
        for task in begun.values():
            task.cancel()
        await asyncio.gather(*begun.values(), return_exceptions=True)
        with suppress(Unavailable):  # then it is taken up when they have been silent for long enough
            for id in begun:
                await self._renew(id, beat=0)

    async def look(self) -> None:
        """Tells that what is worked on here is under way still, and takes up what was begun by processes that are gone."""
        await asyncio.to_thread(sweep, self._directory)
        for one in await self._database.read(hr.rosters):
            if one.id in self._tasks:
                await self._renew(one.id, beat=self._clock().timestamp())
            elif not one.removed and not one.run and (told := orjson.loads(one.state)).get("state") in state.UNDER_WAY:
                tries = told.get("tries", 0) + 1
                if (
                    self._silent(told)
                    and tries <= _TRIES
                    and await self._renew(one.id, told, token=self._token, tries=tries)
                ):
                    self._tries[one.id] = tries
                    self._start(one.id, one.name, None)

    async def _renew(self, id: str, held: dict[str, Any] | None = None, **told: Any) -> bool:
        """Changes how a roster's work stands, unless somebody else has meanwhile; `held`: how it stood, with nothing what is ours."""
        for one in await self._database.read(partial(hr.rosters, id=id)):
            now: dict[str, Any] = orjson.loads(one.state)
            if now.get("token") == self._token if held is None else now == held:
                said = orjson.dumps(now | {"beat": self._clock().timestamp()} | told).decode()
                return await self._database.write(partial(kept_rosters.renew, id=id, before=one.state, state=said))
        return False

    def _silent(self, told: dict[str, Any], seconds: float = _SILENT) -> bool:
        return self._clock().timestamp() - float(told.get("beat", 0)) > seconds

    # ------------------------------------------------------------ uploading

    async def take(self, who: Who, once: str, name: str, read: Callable[[], Awaitable[bytes]]) -> tuple[str, bool]:
        """Take a file in and start to work on it: its id, and whether it is new.

        `once` tells one drawing of the form from another: the same file out of the same is the same roster, sent twice by somebody who
        pressed twice; what failed is worked on again. With "" every file is new.
        """
        told = hashlib.sha256(f"{who.id}\0{once or secrets.token_urlsafe()}\0{name}\0".encode())
        with tempfile.TemporaryFile() as held:
            while part := await read():
                told.update(part)
                held.write(part)
            id = told.hexdigest()[:32]
            async with self._taking:
                if found := await self.one(who, id):
                    if found[1]["state"] == "failed":
                        await self.again(id, name, None)
                    return id, False
                held.seek(0)
                await self._keep(id, "source", held.read)
                now, begun = self._clock(), self._said({"state": "waiting"})
                await self._database.write(
                    lambda connection: hr.keep_roster(
                        connection, id=id, owner=who.id, name=name[:120], now=now, state=begun
                    )
                )
                self._start(id, name, None)
        return id, True

    async def _keep(self, id: str, kind: str, read: Callable[[int], bytes]) -> None:
        """A file into the store, piece by piece, so that nobody waits for all of it."""
        part = 0
        while content := read(kept_rosters.PIECE):
            await self._database.write(
                partial(kept_rosters.keep_file, roster=id, kind=kind, part=part, content=content)
            )
            part += 1

    async def file(self, id: str, kind: str) -> bytes:
        """The file as it was uploaded (`source`), or the workbook of results (`result`); empty where there is none."""
        pieces: list[bytes] = []
        while (
            content := await self._database.read(partial(kept_rosters.piece, roster=id, kind=kind, part=len(pieces)))
        ) is not None:
            pieces.append(content)
        return b"".join(pieces)

    def _said(self, told: dict[str, Any]) -> str:
        return orjson.dumps(told | {"beat": self._clock().timestamp(), "token": self._token}).decode()

    async def _write(self, id: str, act: Callable[[Connection], None]) -> None:
        """What the work on a roster writes. Raises: TakenOver, where the work is another's by now."""

        def write(connection: Connection) -> None:
            found = hr.rosters(connection, id=id)
            if not found or orjson.loads(found[0].state).get("token") != self._token:
                raise TakenOver(id)
            act(connection)

        await self._database.write(write)

    async def again(self, id: str, name: str, told: MappingFile | None) -> None:
        """Work on a roster again, with what was said of it (None: nothing, then what is remembered of its form holds); the result that
        stands stays until the new one does. Nothing happens while it is still being worked on."""
        if id in self._tasks:
            await asyncio.wait([self._tasks[id]], timeout=0.5)
        if id not in self._tasks:
            waiting = self._said({"state": "waiting"})

            def take(connection: Connection) -> bool:
                [before] = hr.rosters(connection, id=id)
                stands = self._state(before)
                if {stands["state"], stands.get("again", {}).get("state")}.intersection(state.UNDER_WAY):
                    return False
                again = self._said(_standing(before) | {"again": {"state": "waiting"}}) if before.run else waiting
                kept_rosters.tell(connection, id=id, state=again)
                return True

            if await self._database.write(take):
                self._start(id, name, told)

    def _start(self, id: str, name: str, told: MappingFile | None) -> None:
        task = asyncio.create_task(self._owned(id, name, told))
        self._tasks[id] = task
        task.add_done_callback(lambda _: (self._tasks.pop(id, None), self._tries.pop(id, None)))

    async def _owned(self, id: str, name: str, told: MappingFile | None) -> None:
        with suppress(TakenOver):
            await self._work(id, name, told)

    async def _work(self, id: str, name: str, told: MappingFile | None) -> None:
        async with self._free:
            [before] = await self._database.read(partial(hr.rosters, id=id))
            stands = _standing(before)
            async with self._source(id, name) as source:
                ended = await self._worked(id, source, name, told, stands, before.owner)
                done = ended.get("state") == "done"
                for kind, file in (("sight", state.SIGHT), ("mapping", state.MAPPING)) if done or not stands else ():
                    if (source.parent / file).is_file():
                        with (source.parent / file).open("rb") as made:
                            await self._keep(id, kind, made.read)
                if done:
                    await self._stands(id, before.owner, before.run + 1, source.parent, ended)
                    if told is not None:
                        await self._remember(before.owner, ended["shape"], told)
                else:
                    await self._tell(id, stands | {"again": ended} if stands else ended)

    @asynccontextmanager
    async def _source(self, id: str, name: str) -> AsyncIterator[Path]:
        """The file in a directory of its own, as long as it is worked on."""
        with scratch(self._directory) as place:
            source = place / f"source{Path(name).suffix.lower()}"
            source.write_bytes(await self.file(id, "source"))
            yield source

    @asynccontextmanager
    async def _job(self, kind: str, source: Path, name: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """A process of `bot.roster.job` on a file, ended with whoever waits for it."""
        about = kind, str(source), self._today().isoformat(), name.replace("\0", "")
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-m", "bot.roster.job", *about)
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe if kind == "trial" else None)
        try:
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()

    async def _remember(self, owner: int, shape: str, told: MappingFile) -> None:
        """What was said of a file holds for the next of its form."""
        kept, now = write_toml(told.of_the_form()).encode(), self._clock()
        await self._database.write(
            lambda connection: kept_rosters.keep_form(connection, owner=owner, shape=shape, mapping=kept, now=now)
        )

    async def told(self, id: str) -> MappingFile:
        """What was said of a roster."""
        return read_toml((await self.file(id, "mapping")).decode())

    async def sight(self, id: str) -> dict[str, Any]:
        """The roster as it was read, for the eye: tables with their columns, and the meanings that a column may have."""
        kept = await self.file(id, "sight")
        return dict(orjson.loads(kept)) if kept else {"tables": [], "meanings": []}

    async def trial(self, id: str, name: str, told: MappingFile) -> dict[str, Any]:
        """What would change if that were said of a roster: see `bot.roster.job.trial`; `wrong` where it cannot be said."""
        asked = orjson.dumps({"before": write_toml(await self.told(id)), "said": write_toml(told)})
        async with self._trying, self._source(id, name) as source, self._job("trial", source, name) as process:
            said, _ = await process.communicate(asked)
        return dict(orjson.loads(said)) if said else {"wrong": state.TOO_LARGE}

    async def _tell(self, id: str, told: dict[str, Any]) -> None:
        tries = {"tries": self._tries[id]} if id in self._tries else {}
        await self._write(id, partial(kept_rosters.tell, id=id, state=self._said(told | tries)))

    async def _worked(
        self, id: str, source: Path, name: str, told: MappingFile | None, stands: dict[str, Any], owner: int
    ) -> dict[str, Any]:
        """The end of a process that works on the source; how it goes is told on the way."""
        forms = await self._database.read(partial(kept_rosters.forms, owner=owner)) if told is None else {}
        asked = {
            "secret": self._salt.hex(),
            "said": write_toml(told or MappingFile()),
            "remembered": {shape: text.decode() for shape, text in forms.items()},
        }
        last: dict[str, Any] = {}
        async with self._job("work", source, name) as process:
            assert process.stdin is not None
            process.stdin.write(orjson.dumps(asked))
            process.stdin.close()
            while process.returncode is None:
                await asyncio.wait([asyncio.ensure_future(process.wait())], timeout=_LOOK_EVERY)
                now = state.read(source.parent)
                if now and now != last and now["state"] in state.UNDER_WAY:
                    last = now
                    await self._tell(id, stands | {"again": now} if stands else now)
        ended = state.read(source.parent)
        if ended.get("state") in ("done", "failed"):
            return ended
        aborted = process.returncode == -signal.SIGABRT  # as the reader does when it gets no more memory
        return {"state": "failed", "message": state.TOO_LARGE if aborted else state.INTERRUPTED}

    async def _stands(self, id: str, owner: int, run: int, scratch: Path, ended: dict[str, Any]) -> None:
        """What a process made, into the store; the last write makes it the result that stands."""
        now, batch, at = self._clock(), list[dict[str, Any]](), 0
        await self._write(id, partial(kept_rosters.undo, id=id, run=run))
        with (scratch / state.PEOPLE).open("rb") as people:
            for line in people:
                one = orjson.loads(line)
                at = max(at + 1, one["row"])
                ident, level = one["facts"].get("id", ""), one["facts"].get("title_level", "none")
                keys = one["keys"] or [f"r{_digest(f'{id}|{at}')[:32]}"]  # nothing tells them by: for this file alone
                batch.append(one | {"at": at, "keys": keys, "ident": ident, "level": level, "line": line})
                if len(batch) == _BATCH:
                    await self._write(id, partial(kept_rosters.put, id=id, owner=owner, run=run, now=now, lines=batch))
                    batch = []
        await self._write(id, partial(kept_rosters.put, id=id, owner=owner, run=run, now=now, lines=batch))
        with (scratch / state.RESULT).open("rb") as result:
            await self._keep(id, "result", result.read)
        await self._write(id, partial(kept_rosters.stands, id=id, run=run, state=self._said(ended)))

    # ------------------------------------------------------------ looking

    async def mine(self, who: Who) -> list[tuple[hr.KeptRoster, dict[str, Any]]]:
        """The rosters that somebody may see, the newest first, each with its state: one's own, or all for a manager."""
        owner = None if who.manager else who.id
        kept = await self._database.read(lambda connection: hr.rosters(connection, owner=owner))
        return [(one, self._state(one)) for one in kept]

    async def one(self, who: Who, id: str) -> tuple[hr.KeptRoster, dict[str, Any]] | None:
        """A roster with its state; None where there is none that somebody may see, or it was put away."""
        found = await self._database.read(lambda connection: hr.rosters(connection, id=id))
        if not found or found[0].removed or not (who.manager or found[0].owner == who.id):
            return None
        return found[0], self._state(found[0])

    def _state(self, one: hr.KeptRoster) -> dict[str, Any]:
        told: dict[str, Any] = (
            orjson.loads(one.state) if one.state != "{}" else {"state": "failed", "message": state.INTERRUPTED}
        )
        silent = self._silent(told, _SILENT + LEASE) and one.id not in self._tasks  # or it is about to be taken up
        lost = {"state": "failed", "message": state.INTERRUPTED}
        if told["state"] in state.UNDER_WAY and silent:
            return lost
        if told.get("again", {}).get("state") in state.UNDER_WAY and silent:
            return told | {"again": lost}
        return told

    async def people(self, id: str, wanted: Filter) -> PeoplePage:
        """A page of a roster's people."""
        count = await self._database.read(partial(kept_rosters.count, id=id, wanted=wanted.wanted))
        rows = partial(kept_rosters.listed, id=id, wanted=wanted.wanted, limit=PAGE, offset=(wanted.page - 1) * PAGE)
        return PeoplePage([_told(one) for one in await self._database.read(rows)], count)

    async def all_of(self, id: str, wanted: Filter, most: int | None = None) -> list[dict[str, Any]]:
        """Everybody wanted, in one list."""
        rows = await self._database.read(partial(kept_rosters.listed, id=id, wanted=wanted.wanted, limit=most))
        return [_told(one) for one in rows]

    async def mark(self, person: str, mark: str) -> None:
        """Somebody marked as gone: `left` or `retired`; "" takes it back."""
        await self._database.write(lambda connection: kept_rosters.set_mark(connection, id=person, mark=mark or None))

    async def marks(self, id: str) -> dict[str, str]:
        """The people of a roster who are marked as gone."""
        return await self._database.read(partial(kept_rosters.marks, id=id))

    # ------------------------------------------------------------ links to one unit

    async def share(self, who: Who, id: str, unit: str) -> str:
        """The secret of a new link to one unit of a roster."""
        token = secrets.token_urlsafe(24)
        one = kept_rosters.Share(_digest(token), id, unit, who.name, self._clock() + SHARED)
        await self._database.write(lambda connection: kept_rosters.keep_share(connection, one=one))
        return token

    async def shared(self, token: str) -> tuple[kept_rosters.Share, hr.KeptRoster, dict[str, Any]] | None:
        """What a link opens: the unit, its roster and how that stands; None where it opens nothing."""
        digest, now = _digest(token), self._clock()
        found = await self._database.read(partial(kept_rosters.shares, now=now, digest=digest))
        kept = await self._database.read(partial(hr.rosters, id=found[0].roster)) if found else []
        if not kept or kept[0].removed or not kept[0].run:
            return None
        return found[0], kept[0], self._state(kept[0])

    async def shares(self, id: str) -> list[kept_rosters.Share]:
        """The links to units of a roster that still open."""
        return await self._database.read(partial(kept_rosters.shares, now=self._clock(), roster=id))

    async def close_share(self, id: str, digest: str) -> None:
        """A link to a unit of a roster opens no more."""
        await self._database.write(lambda connection: kept_rosters.close_share(connection, roster=id, digest=digest))

    async def person(self, id: str, at: int) -> dict[str, Any] | None:
        """Everything that is kept of one person: facts, name, unit, cells that were not read."""
        if at >= 1 << 31:  # more than a sheet has, and than the database counts
            return None
        found = await self._database.read(lambda connection: [*kept_rosters.lines(connection, id=id, at=at)])
        return {**orjson.loads(found[0][2]), "person": found[0][1], "at": at} if found else None

    async def beside(self, id: str, at: int, wanted: Filter) -> tuple[int | None, int | None]:
        """The people before and after one, among those wanted."""
        return await self._database.read(partial(kept_rosters.beside, id=id, at=at, wanted=wanted.wanted))

    async def of_person(self, who: Who, person: str) -> list[dict[str, Any]]:
        """Somebody in the other rosters that `who` may see, the latest first: roster, its name, place, status, hours missing."""
        kept = {one.id: one for one, _ in await self.mine(who)}
        found = await self._database.read(partial(kept_rosters.of_person, person=person))
        return [
            {"roster": id, "file": kept[id].name, "created": kept[id].created, "at": at, "status": status,
             "short_total": orjson.loads(line)["short_total"]}
            for id, at, status, line in found if id in kept
        ]  # fmt: skip

    async def everybody(self, id: str) -> list[dict[str, Any]]:
        """Everything that is kept of everybody who is not gone, in the roster's order; `person` is who they are from month to month."""
        found = await self._database.read(partial(kept_rosters.everybody, id=id))
        return [{**orjson.loads(line), "person": person, "at": at} for at, person, mark, line in found if not mark]

    # ------------------------------------------------------------ forgetting

    async def delete(self, id: str) -> None:
        """Put a roster away; for a day it can be brought back."""
        task = self._tasks.get(id)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        now = self._clock()
        await self._database.write(lambda connection: kept_rosters.tell(connection, id=id, removed=now))

    async def bring_back(self, who: Who, id: str) -> bool:
        """A roster that was put away, back; whether there was one that somebody may see."""
        found = await self._database.read(lambda connection: hr.rosters(connection, id=id))
        if not found or not (who.manager or found[0].owner == who.id):
            return False
        await self._database.write(lambda connection: kept_rosters.tell(connection, id=id, removed=None))
        return True


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _told(one: dict[str, Any]) -> dict[str, Any]:
    """Somebody as a list shows them, with the hours that are missing by year and category, and what is asked for."""
    line = orjson.loads(one.pop("line"))
    return one | {name: line.get(name) for name in ("short", "needs", "facts", "why")}


def _standing(kept: hr.KeptRoster) -> dict[str, Any]:
    """The state of the result that stands, without that of a run beside it; empty where none does."""
    told: dict[str, Any] = orjson.loads(kept.state) if kept.run else {}
    told.pop("again", None)
    return told
