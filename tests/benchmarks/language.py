"""What reading costs: one message against a bare durable commit, growth with length, loading, and memory.

    python -m tests.benchmarks.language

Ratios are of one run, the two sides in turn. The commit is SQLite's own (write-ahead log, synchronised, one row of a message's
size) with nothing of ours around it. Growth and loading are in seconds of processor time; memory is the most that a process of
its own ever held, against one that runs bare Python (Linux).
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from statistics import median

from tests.language.sentences import DAY, read, sentences

ROUNDS = 15
LENGTHS = range(25, 41)
UNIT = "女47岁报副高，去年公需30专业60。"
WEIGHED = """
import json, re, time
{}
held = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())
print(json.dumps([time.process_time(), int(held[1]) / 1024]))
"""
LOADED = """
from datetime import date
from bot.answering.finder import finder
from bot.reading import read
read("女47岁报副高，去年供需30专业60", date(2025, 9, 1))
finder().asks("审验卡在哪打印")
"""


def spent(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """The seconds of one call, on the wall unless another clock is given."""
    begun = clock()
    work()
    return clock() - begun


def against_a_commit(folder: Path) -> None:
    """Reading and committing in turn, message by message, so that neighbours disturb both alike."""
    said = [(s.text, s.asking) for s in sentences() if len(s.text) in LENGTHS]
    reading: dict[str, list[float]] = {text: [] for text, _ in said}
    committing: list[float] = []
    with closing(sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)) as disk:
        disk.execute("PRAGMA journal_mode = WAL")
        disk.execute("PRAGMA synchronous = FULL")
        disk.execute("CREATE TABLE turn (id INTEGER PRIMARY KEY, said TEXT)")
        for turn in range(ROUNDS + 1):
            for text, asking in said:
                took = spent(partial(read, text, DAY, asking=asking))
                commits = spent(partial(disk.execute, "INSERT INTO turn (said) VALUES (?)", (text,)))
                if turn:  # the first round warms both
                    reading[text].append(took)
                    committing.append(commits)
    one, commit = median(median(times) for times in reading.values()), median(committing)
    print(f"{len(said)} messages of {LENGTHS[0]} to {LENGTHS[-1]} characters, median of {ROUNDS} rounds")
    print(
        f"  read {one * 1e6:.0f} µs, bare durable commit {commit * 1e6:.0f} µs: {one / commit:.2f}; less than 1 wanted"
    )


def growth() -> None:
    """4,000 characters against 400."""
    short, long = (
        min(spent(partial(read, (UNIT * 300)[:length], DAY), time.process_time) for _ in range(15))
        for length in (400, 4000)
    )
    print(f"4,000 characters against 400: {long / short:.1f} times; at most 12 wanted")


def weigh(work: str) -> tuple[float, float]:
    """Seconds and megabytes of a process that does this, the least of five."""
    command = [sys.executable, "-c", WEIGHED.format(work)]
    runs = [json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(5)]
    return min(seconds for seconds, _ in runs), min(megabytes for _, megabytes in runs)


def main() -> None:
    """Print all of it."""
    with tempfile.TemporaryDirectory() as folder:
        against_a_commit(Path(folder))
    growth()
    (bare_s, bare_mb), (ours_s, ours_mb) = weigh("pass"), weigh(LOADED)
    print(f"loaded, first message read, first question found: {ours_s - bare_s:.2f} s; less than 0.5 wanted")
    print(f"  {ours_mb - bare_mb:.0f} MB over bare Python's {bare_mb:.0f}; less than 60 wanted")


if __name__ == "__main__":
    main()
