"""`make bench`: every benchmark that bears on a promise, one after the other; each prints ratios measured in one run."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

NAMES = ("assessing", "commit", "turn", "language", "roster", "telegram", "notices", "mail")


def started(command: list[str], times: int = 9) -> float:
    """The median wall seconds of a whole process."""
    spent = []
    for _ in range(times):
        begin = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        spent.append(time.perf_counter() - begin)
    return median(spent)


def main() -> int:
    """Run those named, or all; 1 when one fails."""
    from importlib.util import find_spec

    print("== help")
    ratios = [
        started([sys.executable, "-m", "bot", "--help"], 3) / started([sys.executable, "-c", "pass"], 3)
        for _ in range(5)
    ]
    print(f"xueshi --help against bare Python: {median(ratios):.1f} times; at most 4 wanted")
    failed = 0
    for name in sys.argv[1:] or NAMES:
        if find_spec(f"tests.benchmarks.{name}") is None:
            continue
        print(f"== {name}", flush=True)
        failed |= subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}"], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
