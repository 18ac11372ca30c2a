"""One uploaded roster, in a process of its own: `python -m bot.roster.job work SOURCE YYYY-MM-DD NAME`, or `trial` for `work`.

Beside the source then stand `result.xlsx`, `people.jsonl`, `sight.json`, `mapping.toml` (what was said of the file) and `state.json`,
which is rewritten whole as the work goes on. NAME is the name that the file was uploaded under. Standard input is JSON: `secret`, of
the digests that people are known by, `said`, what is said of this file as a TOML mapping, and `remembered`, the same by form. A trial
says on standard output what `said` would change against `before`, and changes nothing.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

import orjson

from bot.roster import Summary, UnknownColumn, UnreadableRoster, run, said_of, verdicts
from bot.roster.columns import choices, terms_of
from bot.roster.mapping import (
    ABSENT,
    AS_FULL,
    AS_OPEN,
    MARKED,
    NONE_LEARNT,
    NOT_LISTED,
    MappingFile,
    read_toml,
    write_toml,
)
from bot.roster.opening import Forms, NoHeader
from bot.roster.sight import of_unread, sight
from bot.roster.state import INTERRUPTED, MAPPING, MOST, PEOPLE, RESULT, SIGHT, TOO_LARGE, tell
from bot.roster.verdicts import needed, short_years
from bot.settings import read_settings
from rules import Library
from rules.registry import FACTS

_MEMORY = 4 << 30  # bytes of address space: a sheet with one cell at its far corner must not take the machine down
_TELL_EVERY = 0.5
_NAMED = 10  # people whose change a trial names


def work(
    source: Path, today: date, packs: Library, told: MappingFile, called: str, secret: bytes, remembered: Forms
) -> Summary:
    """Assess everybody and write what the pages show.

    Raises: UnreadableRoster, UnknownColumn, OSError.
    """
    directory, last = source.parent, [0.0]
    header: list[str] = []

    def progress(done: int, total: int) -> None:
        if time.monotonic() - last[0] > _TELL_EVERY:
            last[0] = time.monotonic()
            tell(directory, state="working", done=done, total=total, header=header)

    summary = run(
        source, directory / RESULT, packs, today, progress=progress, people=directory / PEOPLE, mapping=told,
        on_header=lambda text: header.extend(text.splitlines()), called=called, secret=secret, remembered=remembered,
    )  # fmt: skip
    tally, opened = summary.tally, summary.opened
    _keep_sight(directory, sight(opened.tables, terms_of(packs.on(today)), short_years(packs.on(today))))
    (directory / MAPPING).write_text(write_toml(opened.mapping), "utf-8")
    units = sorted({unit for unit, _ in tally.by(0, 2)})
    by: dict[tuple[str, str], dict[str, Any]] = {}
    for (unit, level, status), people in tally.counts.items():
        by.setdefault((unit, level), {"unit": unit, "level": level, "hours": []})[status] = people
    labels = dict(terms_of(packs.on(today)).labels)
    for (unit, level, year, category), amount in sorted(tally.hours.items()):
        by[unit, level]["hours"].append([year, labels.get(category, ""), amount])
    tell(
        directory, state="done", done=tally.people, total=tally.people, header=header, nobody=tally.nobody,
        by_status=dict(tally.by_status), units=units[:2_000], levels=sorted({level for level, _ in tally.by(1, 2)}),
        faults=[fault._asdict() for fault in tally.faults[:200]], more_faults=max(0, len(tally.faults) - 200),
        short_total=tally.short_total, day=today.isoformat(), questions=len(opened.questions), said=[*said_of(summary)],
        shape=opened.shape, remembered=not told and bool(opened.mapping), values=_values(summary), everybody=_everybody(summary),
        by=[by[key] for key in sorted(by)][:500],
        needs=[[needed(name), people] for name, people in tally.needs.most_common()],
    )  # fmt: skip
    return summary


def _keep_sight(directory: Path, seen: dict[str, Any]) -> None:
    (directory / SIGHT).write_bytes(orjson.dumps(seen))


def _values(summary: Summary) -> list[dict[str, Any]]:
    """Values that were not understood in columns of closed lists, the most frequent first: one answer for all alike."""
    names = {found.header: meaning.name for table in summary.opened.tables for meaning, found in table.known.items()}
    counts = Counter(
        (names[fault.header], fault.held) for fault in summary.tally.faults
        if fault.kind == "open" and names.get(fault.header) in choices() and fault.held
    )  # fmt: skip
    return [
        {"name": name, "held": held, "n": n, "choices": choices()[name]} for (name, held), n in counts.most_common(40)
    ]


def _everybody(summary: Summary) -> list[dict[str, Any]]:
    """What the file has no column for and may hold for everybody."""
    asked = [FACTS[key].header for key in ("sector", "title_level") if key not in summary.opened.known]
    if "purpose" not in summary.opened.known and any("duty" in table.everybody for table in summary.opened.tables):
        asked.append(FACTS["purpose"].name)
    found = [{"name": name, "choices": choices()[name]} for name in asked]
    whole = {ABSENT: ("没学，还是没列", [NONE_LEARNT, NOT_LISTED]), MARKED: ("只写合格或打勾", [AS_FULL, AS_OPEN])}
    for name, (words, several) in whole.items():
        if any(words in question for question in summary.opened.questions):
            found.append({"name": name, "choices": several})
    return found


def trial(
    source: Path, packs: Library, today: date, called: str, before: MappingFile, after: MappingFile
) -> dict[str, Any]:
    """How many people's verdict another mapping changes, from what to what, and the first of them by name.

    Raises: UnreadableRoster, UnknownColumn, OSError.
    """
    old, new = (verdicts(source, packs, today, told, called, MOST) for told in (before, after))
    pairs = [(old.get(at, ("", "", 0)), now) for at, now in new.items()]
    changed = [(was, now) for was, now in pairs if was[1:] != now[1:]]
    moves = Counter((was[1], now[1]) for was, now in changed)
    named = [{"name": now[0], "was": was[1], "is": now[1], "missing": now[2]} for was, now in changed[:_NAMED]]
    gone = sum(at not in new for at in old)
    return {
        "looked": len(new),
        "changed": len(changed) + gone,
        "gone": gone,
        "moves": [[*move, n] for move, n in moves.most_common()],
        "named": named,
    }


def main(arguments: list[str]) -> int:
    """Do what is asked, and say what came of it: in `state.json`, or of a trial on standard output."""
    kind, source, today, called = arguments[0], Path(arguments[1]), date.fromisoformat(arguments[2]), arguments[3]
    directory = source.parent
    os.nice(10)  # whoever looks at a page goes first
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    def failed(message: str) -> int:
        if kind == "trial":
            sys.stdout.buffer.write(orjson.dumps({"wrong": message}))
        else:
            tell(directory, state="failed", message=message)
        return 1

    signal.signal(signal.SIGTERM, stop)
    asked = orjson.loads(sys.stdin.buffer.read())
    packs = read_settings().library()
    try:
        said = read_toml(asked["said"])
        if kind == "trial":
            told = trial(source, packs, today, called, read_toml(asked["before"]), said)
            sys.stdout.buffer.write(orjson.dumps(told))
            return 0
        remembered = {shape: read_toml(text) for shape, text in asked["remembered"].items()}
        work(source, today, packs, said, called, bytes.fromhex(asked["secret"]), remembered)
        return 0
    except NoHeader as wrong:
        _keep_sight(directory, of_unread(wrong.sheets, terms_of(packs.on(today)), short_years(packs.on(today))))
        (directory / MAPPING).write_text(asked["said"], "utf-8")
        return failed(str(wrong))
    except (UnreadableRoster, UnknownColumn) as wrong:
        return failed(str(wrong))
    except KeyboardInterrupt:
        return failed(INTERRUPTED)
    except (MemoryError, OSError) as wrong:
        print(f"roster: {type(wrong).__name__}: {wrong}", file=sys.stderr)
        return failed(TOO_LARGE)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
