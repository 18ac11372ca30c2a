"""A whole 花名册 at once: read by meaning, every person assessed, a workbook (or JSON Lines) of results written."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.roster.columns import Header, UnknownColumn
from bot.roster.long import NotCut
from bot.roster.reading import Sheet, UnreadableRoster, open_roster
from bot.roster.result import headers, short_years, words
from bot.roster.tally import Tally
from bot.roster.work import STOPS, Job, Progress, Stretch, can_fork
from bot.roster.work import run as _run

if TYPE_CHECKING:
    from rules import Packs, PolicyPack

__all__ = [
    "Header",
    "Summary",
    "Tally",
    "UnknownColumn",
    "UnreadableRoster",
    "missing",
    "recognised",
    "run",
    "write_template",
]

RECOGNITION_YEARS = 10  # the longest look-back of a 考核认定


@dataclass(frozen=True)
class Summary:
    """What a run found: the header as it was understood, the counts, the cells that were not read."""

    sheet: str
    header: Header
    tally: Tally
    others: tuple[str, ...] = ()

    @property
    def unread(self) -> bool:
        """Whether somebody's row could not be read."""
        return self.tally.by_status["refused"] > 0


def run(
    source: Path,
    out: Path | None,
    packs: Packs,
    today: date,
    *,
    progress: Progress | None = None,
    columns: dict[str, str] | None = None,
    on_header: Callable[[str], None] | None = None,
    people: Path | None = None,
    processes: int | None = None,
    called: str = "",
) -> Summary:
    """Assess everybody in `source` on `today` and write `out`: a workbook, or assessments one a line if it ends in .jsonl.

    `out` and `people` (one line a person: row, name, unit, facts, verdict) appear whole or not at all. `columns` corrects what
    was recognised: {"申报级别": "职称"} or {"申报级别": "F"}. `on_header` is given what was recognised, in Chinese, before
    the work starts. `progress` is called with rows done and rows in all. `processes`: how many work side by side; the
    result does not depend on it. `called`: the name that people know `source` by.
    Raises: UnreadableRoster, UnknownColumn, OSError.
    """
    if out is not None and out.suffix.lower() not in (".xlsx", ".jsonl"):
        raise UnreadableRoster(f"结果只能写成 .xlsx 或 .jsonl，不能写成“{out.name}”")
    worked = partial(_worked, source, out, packs, today, progress, columns, people, processes, called)
    try:
        return worked(on_header, cut=can_fork() and processes != 1)
    except NotCut:  # nothing is left of it, and who waits has been told of the header
        return worked(None, cut=False)


def _worked(
    source: Path, out: Path | None, packs: Packs, today: date, progress: Progress | None, columns: dict[str, str] | None,
    people: Path | None, processes: int | None, called: str, on_header: Callable[[str], None] | None, *, cut: bool,
) -> Summary:  # fmt: skip
    """`run`, with a long sheet cut before it is parsed or not.

    Raises: NotCut, and as `run`.
    """
    pack = packs.newest
    sheet, header = open_roster(source, pack.review_year, columns, called, cut=cut)
    if on_header is not None:
        on_header(recognised(sheet.name, header, sheet.others, pack))
    own = set(headers(range(pack.review_year - 20, pack.review_year + 1)))
    kept = tuple(
        found.index
        for found in header.columns
        if found.meaning is not None or (found.header not in own and _used(found.index, found.header, sheet, header))
    )
    known = {meaning.key for meaning in header.known}
    years = short_years(pack, RECOGNITION_YEARS if "recognition_years" in known else 0)
    with _scratch(out or people) as scratch:
        job = Job(
            sheet, header, packs, today, kept, tuple(years), scratch,
            book=out is not None and out.suffix.lower() == ".xlsx",
            lines=out is not None and out.suffix.lower() == ".jsonl", people=people is not None,
        )  # fmt: skip
        stretches = _run(job, progress, processes)
        tally = Tally()
        for one in stretches:
            tally += one.tally
        if job.lines and out is not None:
            _put(_joined(scratch, "all-lines", [one.lines for one in stretches]), out)
        elif job.book and out is not None:
            _put(_book(job, called or source.name, stretches, tally), out)
        if people is not None:
            _put(_joined(scratch, "all-people", [one.people for one in stretches]), people)
    return Summary(sheet.name, header, tally, sheet.others)


def write_template(out: Path, packs: Packs) -> None:
    """Write the empty roster with drop-downs and an example row to `out`, whole or not at all."""
    from bot.roster.template import fill

    with _scratch(out) as scratch:
        fill(scratch / "template.xlsx", packs)
        _put(scratch / "template.xlsx", out)


def recognised(sheet: str, header: Header, others: tuple[str, ...], pack: PolicyPack) -> str:
    """What was taken for what, in Chinese, for whoever is about to wait for the result."""
    said = words()["recognised"]
    lines = [said["sheet"].format(sheet=sheet, row=header.last + 1)]
    same = [meaning.name for meaning, found in header.known.items() if found.header == meaning.name]
    if same:
        lines.append(said["same"].format(names="、".join(same)))
    lines += [
        said["column"].format(header=found.header, name=meaning.name)
        for meaning, found in header.known.items()
        if found.header != meaning.name
    ]
    kept = [found.header for found in header.columns if found.meaning is None and found.header]
    if kept:
        lines.append(said["kept"].format(headers="、".join(kept)))
    lines += [*header.warnings, *missing(header, pack)]
    lines += [said["other_sheet"].format(sheet=name) for name in others]
    return "\n".join(lines)


def missing(header: Header, pack: PolicyPack) -> Iterator[str]:
    """What the roster has no column for though it decides."""
    said, keys = words()["recognised"], {meaning.key for meaning in header.known}
    for key in ("sex", "birth", "title_level", "sector"):
        if key not in keys and not (key == "birth" and "age" in keys):
            yield said["no_column"].format(name=words()["needs"][key])
    told = {(meaning.year, meaning.category) for meaning in header.known if meaning.key == "hours"}
    if not told:
        yield said["no_hours"]
        return
    for year in short_years(pack):
        for category, name in words()["category"].items():
            if (year, category) not in told:
                yield said["no_year"].format(name=f"{year}{name}")


# ---------------------------------------------------------------- files


def _used(index: int, label: str, sheet: Sheet, header: Header) -> bool:
    """Whether a column without a known header holds anything worth keeping."""
    return bool(label) or any(index < len(row) and row[index] != "" for row in sheet.iterate(header.last + 1))


@contextmanager
def _scratch(out: Path | None) -> Iterator[Path]:
    """A directory beside the output that goes away whatever happens."""
    with ExitStack() as leaving:
        with _no_stop():  # one between the directory's beginning and our holding it would leave it behind
            path = Path(tempfile.mkdtemp(prefix=".xueshi-", dir=out.parent if out is not None else None))
            leaving.callback(_remove, path)
        yield path


def _remove(path: Path) -> None:
    with _no_stop():
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _no_stop() -> Iterator[None]:
    """A stop from outside waits until this is over."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _put(made: Path, out: Path) -> None:
    os.replace(made, out)


def _joined(scratch: Path, name: str, parts: list[Path | None]) -> Path:
    """The parts one after another in one file."""
    first, *rest = [part for part in parts if part is not None]
    with first.open("ab") as whole:
        for part in rest:
            with part.open("rb") as stretch:
                shutil.copyfileobj(stretch, whole, 1 << 20)
            part.unlink()
    return first.rename(scratch / name)


def _book(job: Job, source: str, stretches: list[Stretch], tally: Tally) -> Path:
    from bot.roster import book, sheetxml
    from bot.roster.sheets import Content

    made = job.scratch / "result.xlsx"
    content = Content(source, job.sheet.name, job.header, job.kept, job.years, tally, job.packs.newest, job.today)
    book.write(made, content, sheetxml.following([one.part for one in stretches if one.part is not None], 2))
    return made
