"""A whole 花名册 at once: read by meaning, every person assessed, a workbook (or JSON Lines) of results written."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from bot.roster.grid import UnreadableRoster
from bot.roster.mapping import MappingFile, UnknownColumn
from bot.roster.opening import Forms, Opened, open_roster
from bot.roster.people import CellFault, Person
from bot.roster.tally import Tally
from bot.roster.verdicts import Value, short_years, words
from bot.roster.work import Clerk, Done, Job, Progress, stops_held
from rules import Refused

if TYPE_CHECKING:
    from rules import Library, Notice

__all__ = [
    "MappingFile",
    "Summary",
    "Tally",
    "UnknownColumn",
    "UnreadableRoster",
    "everybody_in",
    "run",
    "write_template",
]

Place = tuple[str, int, int]
Verdict = tuple[str, str, float]
RECOGNITION_YEARS = 10  # the longest look-back of a 考核认定


@dataclass(frozen=True)
class Summary:
    """What a run found: the file as it was understood, and the counts."""

    opened: Opened
    tally: Tally

    @property
    def misread(self) -> bool:
        """Whether most people could not be read, or of many rows none is anybody's: then the file is not what it was taken for."""
        return self.nobody or self.tally.by_status["refused"] * 2 > self.tally.people

    @property
    def nobody(self) -> bool:
        """Whether there are rows, and none is anybody's."""
        return not self.tally.people and self.opened.gathered.rows > 0


def run(
    source: Path,
    out: Path | None,
    packs: Library,
    today: date,
    *,
    progress: Progress | None = None,
    columns: Mapping[str, str] | None = None,
    mapping: MappingFile | None = None,
    on_header: Callable[[str], None] | None = None,
    people: Path | None = None,
    called: str = "",
    secret: bytes = b"",
    year: int | None = None,
    remembered: Forms | None = None,
) -> Summary:
    """Assess everybody in `source` on `today` and write `out`: a workbook, or assessments one a line if it ends in .jsonl.

    `out` and `people` (one line a person: row, name, unit, facts, verdict, digests with `secret` of what they are known by) appear
    whole or not at all. `columns` corrects what was recognised: {"申报级别": "职称"}; `mapping` says all that can be said.
    `on_header` is given what was recognised, in Chinese, before the work starts. `progress` is called with people done and in all.
    `called`: the name that people know `source` by.
    `year`: the review year of who tells none. `remembered`: what was said of files by their form.
    Raises: UnreadableRoster, UnknownColumn, OSError.
    """
    if out is not None and out.suffix.lower() not in (".xlsx", ".jsonl"):
        raise UnreadableRoster(f"结果只能写成 .xlsx 或 .jsonl，不能写成“{out.name}”")
    with _no_collector():
        told = mapping or MappingFile(columns=dict(columns or {}))
        as_book = out is not None and out.suffix.lower() == ".xlsx"
        wanted = as_book, out is not None and not as_book, people is not None
        job = _job(source, packs, today, told, called, remembered, year, secret, wanted)
        opened = job.opened
        if on_header is not None:
            on_header("\n".join([*opened.notes, *opened.questions]))
        tally = Tally(len(opened.gathered.nobody), job.notice.estimate_for is not None)
        tally.note(opened.gathered.nobody)
        with _scratch(out or people) as scratch:
            _written(job, tally, Clerk(job).everybody(progress, tally), scratch, called or source.name)
            if out is not None:
                os.replace(scratch / ("book.xlsx" if as_book else "lines"), out)
            if people is not None:
                os.replace(scratch / "people", people)
        return Summary(opened, tally)


def everybody_in(
    source: Path, packs: Library, today: date, secret: bytes = b""
) -> tuple[list[dict[str, Any]], list[CellFault]]:
    """Everybody in the roster's order, as `run` keeps people; and the rows that are nobody's.

    Raises: UnreadableRoster, OSError.
    """
    with _no_collector():
        job = _job(source, packs, today, MappingFile(), "", secret=secret, wanted=(False, False, True))
        found = Clerk(job).everybody(None, Tally())
        return [orjson.loads(done.kept) for done in found], job.opened.gathered.nobody


def verdicts(
    source: Path, packs: Library, today: date, told: MappingFile, called: str, most: int
) -> dict[Place, Verdict]:
    """The first people's name, status and missing hours, by where they stand. Raises: UnreadableRoster, UnknownColumn, OSError."""
    desk = Clerk(_job(source, packs, today, told, called))
    found = {}
    for person in desk.people[:most]:
        first, judged = person.lines[0], desk.judged(person)
        at = first.table.sheet.name, first.table.beside, first.number
        found[at] = person.name or person.id, judged["status"], judged.get("short_total", 0)
    return found


def _job(
    source: Path, packs: Library, today: date, told: MappingFile, called: str, remembered: Forms | None = None,
    year: int | None = None, secret: bytes = b"", wanted: tuple[bool, bool, bool] = (False, False, False),
) -> Job:  # fmt: skip
    """The file opened; `wanted`: a workbook, lines, what is kept of people. Raises: UnreadableRoster, UnknownColumn, OSError."""
    notice = _notice(packs, year, today)
    opened = open_roster(source, notice, told, called, remembered)
    if year is None and today > notice.applications[1] and "review_year" not in opened.known:
        over = words()["summary"]["over"].format(year=notice.review_year, now=today.year)
        opened = replace(opened, questions=(over, *opened.questions))
    years = short_years(notice, RECOGNITION_YEARS if "recognition_years" in opened.known else 0)
    return Job(opened, packs, notice, today, tuple(years), *wanted, secret, year)


def _notice(packs: Library, year: int | None, today: date) -> Notice:
    """The notice of the roster; a year without one is estimated by the last.

    Raises: UnreadableRoster for a year that none can be moved to, or where it is not said which region's.
    """
    if len(packs.regions) > 1:
        named = "、".join(map(packs.name_of, packs.regions))
        raise UnreadableRoster(f"装有几个地区的通知（{named}）：先用 XUESHI_REGION 定下是哪一个地区的花名册")
    if year is None:
        return packs.choose({}, today).notice
    try:
        return packs.choose({"review_year": year, "estimate": True}, today).notice
    except Refused:
        raise UnreadableRoster(f"没有{year}年度的通知，也不能按后来的通知估算") from None


def _written(job: Job, tally: Tally, found: Iterator[Done], scratch: Path, called: str) -> None:
    """Write what is wanted of everybody into `scratch` while they go by."""
    with ExitStack() as files:
        lines = files.enter_context((scratch / "lines").open("wb")) if job.lines else None
        kept = files.enter_context((scratch / "people").open("wb")) if job.people else None

        def going_by() -> Iterator[tuple[Person, list[Value]]]:
            for person, done in zip(job.opened.gathered.people, found, strict=True):
                if lines is not None:
                    lines.write(done.line + b"\n")
                if kept is not None:
                    kept.write(done.kept + b"\n")
                yield person, done.cells

        if job.book:
            from bot.roster import book

            book.write(scratch / "book.xlsx", job, tally, called, going_by())
        else:
            for _ in going_by():
                pass


def write_template(out: Path, notice: Notice) -> None:
    """Write the empty roster with drop-downs and an example row to `out`, whole or not at all."""
    from bot.roster.template import fill

    with _scratch(out) as scratch:
        fill(scratch / "template.xlsx", notice)
        os.replace(scratch / "template.xlsx", out)


def said_of(summary: Summary) -> Iterator[str]:
    """What is to be said first of a result: a file that was misread, what became of the rows, questions for the whole file."""
    from bot.roster.book import balance

    if summary.misread:
        yield words()["summary"]["misread"]
    yield balance(summary.opened)
    yield from summary.opened.questions


@contextmanager
def _scratch(out: Path | None) -> Iterator[Path]:
    """A directory beside the output that goes away whatever happens."""
    with stops_held():  # a stop between the directory's beginning and our holding it would leave it behind
        held = tempfile.TemporaryDirectory(prefix=".xueshi-", dir=out.parent if out is not None else None)
    try:
        yield Path(held.name)
    finally:
        with stops_held():
            held.cleanup()


@contextmanager
def _no_collector() -> Iterator[None]:
    """Many small things made and none in a circle: looking for circles would take longer than making them."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
