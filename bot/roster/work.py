"""One stretch of a roster read, assessed and written; long rosters are cut into stretches that processes work on side by side."""

from __future__ import annotations

import contextlib
import gc
import importlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import rules
from bot.roster import sheetxml
from bot.roster.cells import clean
from bot.roster.columns import Header
from bot.roster.long import NotCut
from bot.roster.people import Fault, Person, Rows
from bot.roster.reading import Sheet
from bot.roster.result import Results
from bot.roster.tally import Tally
from rules import Packs

Progress = Callable[[int, int], None]
_ALONE = 3_000  # rows that one process is done with before a second has started
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # the last where the terminal is closed
_TOLD = 500  # rows between two words of progress


class WorkerLost(RuntimeError):
    """A process that worked on the roster died."""


@dataclass(frozen=True)
class Job:
    """What is to be done with a roster: where its rows are, what is written of each person, and into which directory."""

    sheet: Sheet
    header: Header
    packs: Packs
    today: date
    kept: tuple[int, ...]
    years: tuple[int, ...]
    scratch: Path
    book: bool  # rows of a workbook
    lines: bool  # one assessment a line
    people: bool  # one line a person for whoever keeps the roster

    @property
    def first(self) -> int:
        """The first row that can be a person."""
        return self.header.last + 1


class Stretch(NamedTuple):
    """What became of a stretch."""

    tally: Tally
    part: sheetxml.Part | None
    lines: Path | None
    people: Path | None


class Sink(Protocol):
    """Takes one person after another."""

    def put(self, number: int, row: list[Any], person: Person, assessment: dict[str, Any]) -> None: ...
    def close(self) -> None: ...


def run(job: Job, progress: Progress | None, processes: int | None = None) -> list[Stretch]:
    """Every stretch of the roster in its order.

    Raises: WorkerLost, NotCut; KeyboardInterrupt passes through with every process ended.
    """
    total = max(job.sheet.height - job.first, 0)
    lanes = processes or _lanes(total)
    if lanes == 1:
        if job.sheet.long is not None:
            raise NotCut  # what stands elsewhere far below shows only where the sheet is opened as a whole
        return [stretch(job, 0, 1, job.first, job.sheet.height, _alone(progress, total))]
    return _side_by_side(job, job.sheet.bounds(job.first, lanes), progress, total)


def can_fork() -> bool:
    """Whether processes can share what is read already: elsewhere forking is not safe."""
    return sys.platform.startswith("linux")


def _lanes(total: int) -> int:
    """How many processes: as many as cores, where the roster is long enough to gain by it."""
    if total < _ALONE or not can_fork():
        return 1
    return max(1, min(len(os.sched_getaffinity(0)), 8, total // _ALONE + 1))


def _alone(progress: Progress | None, total: int) -> Callable[[int], None]:
    return (lambda done: progress(done, total)) if progress else (lambda _: None)


# ---------------------------------------------------------------- one stretch


def stretch(job: Job, lane: int, lanes: int, first: int, last: int, tell: Callable[[int], None]) -> Stretch:
    """Read, assess and write the rows from `first` up to, not with, `last`.

    Raises: NotCut.
    """
    pack, tally = job.packs.newest, Tally()
    sheet = job.sheet.between(first, last, len(job.header.columns))
    reader = Rows(sheet, job.header, pack.requirement)
    sinks: list[Sink] = []
    book = _Book(job, lane, lanes, first) if job.book else None
    lines = _Lines(job.scratch / f"lines-{lane}") if job.lines else None
    people = _People(job, job.scratch / f"people-{lane}") if job.people else None
    sinks = [sink for sink in (book, lines, people) if sink is not None]
    unit_at, today, packs = job.header.place("unit"), job.today, job.packs
    for done, row in enumerate(sheet.iterate(first, last)):
        if done % _TOLD == 0:
            tell(done)
        if len(row) < len(job.header.columns):
            row = row + [""] * (len(job.header.columns) - len(row))
        person = reader.person(row, first + done + 1)
        if person is None:
            continue
        if isinstance(person, Fault):
            tally.note([person])
            tally.nobody += 1
            continue
        facts = person.facts
        assessment = rules.assess(packs, facts, today)
        if assessment["status"] == "refused" and not any(fault.kind == "refused" for fault in person.faults):
            path = rules.refused_field(packs, facts, today)
            person.faults.append(reader.refused(first + done + 1, row, path, assessment["message"]))
        if person.faults:
            tally.note(person.faults)
        unit = row[unit_at] if unit_at >= 0 else ""
        tally.add(unit if type(unit) is str else clean(unit), str(facts.get("title_level", "none")), assessment)
        for sink in sinks:
            sink.put(first + done + 1, row, person, assessment)
    tell(last - first)
    for sink in sinks:
        sink.close()
    return Stretch(tally, book.part if book else None, lines.path if lines else None, people.path if people else None)


class _Book:
    """Writes rows of the result workbook."""

    part: sheetxml.Part

    def __init__(self, job: Job, lane: int, lanes: int, first: int) -> None:
        self._results = Results(job.packs.newest, job.years)
        self._kept = job.kept
        self._all = job.kept == tuple(range(len(job.header.columns)))
        width = len(job.kept) + 2 * len(job.years) + 6
        self._width = len(job.header.columns)
        self._rows = sheetxml.Rows(job.scratch / f"rows-{lane}", width, 2 + first - job.first, lane, lanes)

    def put(self, number: int, row: list[Any], person: Person, assessment: dict[str, Any]) -> None:
        """Add one person."""
        kept = row[: self._width] if self._all else [row[index] for index in self._kept]
        self._rows.write(kept + self._results.cells(assessment, [fault.why for fault in person.faults]))

    def close(self) -> None:
        """End the stretch."""
        self.part = self._rows.close()


class _Lines:
    """Writes assessments, one a line."""

    def __init__(self, path: Path) -> None:
        import orjson

        self.path, self._file, self._dumps = path, path.open("wb"), orjson.dumps

    def put(self, number: int, row: list[Any], person: Person, assessment: dict[str, Any]) -> None:
        """Add one person."""
        self._file.write(self._dumps(assessment) + b"\n")

    def close(self) -> None:
        """End the stretch."""
        self._file.close()


class _People:
    """Writes what a page needs to list people and to show one: who, facts, verdict."""

    def __init__(self, job: Job, path: Path) -> None:
        import orjson

        self.path, self._file, self._dumps = path, path.open("wb"), orjson.dumps
        self._places = tuple(job.header.place(key) for key in ("name", "unit", "email"))

    def put(self, number: int, row: list[Any], person: Person, assessment: dict[str, Any]) -> None:
        """Add one person."""
        name, unit, email = (clean(row[at]) if at >= 0 else "" for at in self._places)
        line = {
            "row": number, "name": name, "unit": unit, "email": email, "facts": person.facts, "status": assessment["status"],
            "short_total": assessment.get("short_total", 0), "short": assessment.get("short") or {},
            "why": [f"{fault.cell} {fault.header}：{fault.why}" for fault in person.faults],
        }  # fmt: skip
        self._file.write(self._dumps(line) + b"\n")

    def close(self) -> None:
        """End the stretch."""
        self._file.close()


# ---------------------------------------------------------------- side by side


def _side_by_side(job: Job, bounds: list[int], progress: Progress | None, total: int) -> list[Stretch]:
    context = multiprocessing.get_context("fork")
    lanes = len(bounds) - 1
    done = context.Array("q", lanes, lock=False)
    gc.freeze()  # what is shared with the children stays shared: the collector would touch, hence copy, every page
    workers, pipes = [], []
    # A stop waits until every worker is known and hears stops its own way.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        for lane in range(lanes):
            ours, theirs = context.Pipe(duplex=False)
            worker = context.Process(
                target=_child, args=(job, lane, lanes, bounds[lane], bounds[lane + 1], done, theirs, os.getpid())
            )
            worker.start()
            theirs.close()
            workers.append(worker)
            pipes.append(ours)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if job.book:
            importlib.import_module("xlsxwriter")  # needed at the end, and loaded while the others work
        return _gather(pipes, done, progress, total)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        gc.unfreeze()
        for worker in workers:
            if worker.is_alive():
                worker.terminate()
            worker.join()


def _gather(pipes: list[Connection], done: Any, progress: Progress | None, total: int) -> list[Stretch]:
    found: dict[int, Stretch] = {}
    while len(found) < len(pipes):
        for ready in wait([pipe for lane, pipe in enumerate(pipes) if lane not in found], timeout=0.2):
            assert isinstance(ready, Connection)
            try:
                result = ready.recv()
            except EOFError:
                raise WorkerLost("处理花名册的一个进程中途退出了，请再试一次") from None
            if isinstance(result, BaseException):
                raise result
            found[pipes.index(ready)] = result
        if progress:
            progress(sum(done), total)
    return [found[lane] for lane in range(len(pipes))]


def _child(job: Job, lane: int, lanes: int, first: int, last: int, done: Any, pipe: Connection, parent: int) -> None:
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)  # the parent hears them and ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    gc.disable()  # nothing here makes cycles, and the process is short

    def tell(rows: int) -> None:
        done[lane] = rows
        if os.getppid() != parent:
            os._exit(1)

    with contextlib.suppress(BrokenPipeError):
        try:
            pipe.send(stretch(job, lane, lanes, first, last, tell))
        except Exception as fault:
            pipe.send(fault)
