"""One uploaded roster worked through, in a process of its own: `python -m bot.roster.job SOURCE YYYY-MM-DD NAME [CORRECTION …]`.

Beside the source then stand `result.xlsx`, `people.sqlite` and `state.json`, which is rewritten whole as the work goes on. NAME is the
name that the file was uploaded under. A correction is a column's name, an equals sign, and the header that it is under.
"""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

import orjson

from bot.roster import Summary, UnknownColumn, UnreadableRoster, run, said_of
from bot.roster.mapping import read_corrections
from bot.roster.result import short_years
from bot.roster.state import INTERRUPTED, PEOPLE, RESULT, TOO_LARGE, tell
from bot.roster.work import WorkerLost
from bot.settings import read_settings
from rules import Packs, PolicyPack

_MEMORY = 4 << 30  # bytes of address space: a sheet with one cell at its far corner must not take the machine down
_TELL_EVERY = 0.5
_SCHEMA = """
CREATE TABLE person (row INTEGER PRIMARY KEY, ident TEXT, name TEXT, unit TEXT, level TEXT, status TEXT, short_total REAL,
                     low INTEGER, line BLOB);
CREATE INDEX by_status ON person (status, row);
CREATE INDEX by_unit ON person (unit, row);
CREATE INDEX by_level ON person (level, row);
CREATE INDEX by_low ON person (low, row);
"""


def work(source: Path, today: date, packs: Packs, columns: dict[str, str], called: str) -> Summary:
    """Assess everybody and write what the pages show.

    Raises: UnreadableRoster, UnknownColumn, OSError.
    """
    directory, last = source.parent, [0.0]
    header: list[str] = []

    def progress(done: int, total: int) -> None:
        if time.monotonic() - last[0] > _TELL_EVERY:
            last[0] = time.monotonic()
            tell(directory, state="working", done=done, total=total, header=header)

    lines = directory / "people.jsonl"
    summary = run(
        source, directory / RESULT, packs, today, progress=progress, people=lines, columns=columns,
        on_header=lambda text: header.extend(text.splitlines()), called=called,
    )  # fmt: skip
    _keep(lines, directory / PEOPLE, packs.newest)
    lines.unlink()
    tally = summary.tally
    units = sorted({unit for unit, _ in tally.by_unit})
    tell(
        directory, state="done", done=tally.people, total=tally.people, header=header, nobody=tally.nobody,
        by_status=dict(tally.by_status), units=units[:2_000], levels=sorted({level for level, _ in tally.by_level}),
        faults=[fault._asdict() for fault in tally.faults[:200]], more_faults=max(0, len(tally.faults) - 200),
        short_total=tally.short_total, day=today.isoformat(),
        doubts=bool(summary.opened.questions), said=[*said_of(summary)],
    )  # fmt: skip
    return summary


def _keep(lines: Path, out: Path, pack: PolicyPack) -> None:
    """The people, to be filtered and looked up."""
    made = out.with_suffix(".new")
    made.unlink(missing_ok=True)
    with sqlite3.connect(made) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.executescript(_SCHEMA)
        database.executemany("INSERT INTO person VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", _people(lines, pack))
    database.close()
    made.replace(out)


def _people(lines: Path, pack: PolicyPack) -> Iterator[tuple[Any, ...]]:
    years, needed = [str(year) for year in short_years(pack)], pack.requirement["professional"]
    with lines.open("rb") as source:
        for line in source:
            one = orjson.loads(line)
            facts = one["facts"]
            told = facts.get("history") or {}
            hours = [told[year].get("professional") for year in years if year in told]
            low = any(isinstance(amount, (int, float)) and amount < needed for amount in hours)
            yield (
                one["row"], facts.get("id", ""), one["name"], one["unit"], facts.get("title_level", "none"), one["status"],
                one["short_total"], low, line,
            )  # fmt: skip


def main(arguments: list[str]) -> int:
    """Work on what an upload left, and say in `state.json` what came of it."""
    source, today = Path(arguments[0]), date.fromisoformat(arguments[1])
    directory = source.parent
    os.nice(10)  # whoever looks at a page goes first
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        work(source, today, read_settings().library(), read_corrections(arguments[3:]), arguments[2])
    except (UnreadableRoster, UnknownColumn, WorkerLost) as wrong:
        tell(directory, state="failed", message=str(wrong))
        return 1
    except KeyboardInterrupt:
        tell(directory, state="failed", message=INTERRUPTED)
        return 1
    except (MemoryError, OSError) as wrong:
        print(f"roster: {type(wrong).__name__}: {wrong}", file=sys.stderr)
        tell(directory, state="failed", message=TOO_LARGE)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
