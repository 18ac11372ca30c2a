"""What finding a question costs: loading the weights, one message of 30 characters, and how time grows with length.

    python -m tests.benchmarks.find

Ratios are against counting the same message's characters in a plain dict, which any reading of it must at least do.
"""

from __future__ import annotations

import time
import timeit
import tracemalloc
from collections import Counter
from collections.abc import Callable

from bot.answering.entries import entries
from bot.answering.finder import finder

SAID = "我想问一下在苏木乡镇卫生院上班的评职称学时到底要不要看呀请问"


def cost(work: Callable[[], object], times: int = 300) -> float:
    """The least seconds of processor time that one call took."""
    return min(timeit.repeat(work, timer=time.process_time, number=times, repeat=7)) / times


def main() -> None:
    finder()  # the table of sounds is read once
    finder.cache_clear()
    tracemalloc.start()
    found = finder()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    topics = {entry.id for entry in entries()}
    built = cost(finder.__wrapped__, 1)
    one, least = cost(lambda: found.find(SAID, topics)), cost(lambda: Counter(SAID))
    long, short = cost(lambda: found.find(SAID * 134, topics), 20), cost(lambda: found.find(SAID * 13, topics), 20)
    print(f"finder: {len(topics)} topics, {sum(len(entry.ask) for entry in entries())} wordings")
    print(f"  loaded in {built * 1e3:.0f} ms, {held / 2**20:.1f} MB")
    print(f"  one message of {len(SAID)} characters: {one * 1e6:.0f} µs, ×{one / least:.0f} of counting its characters")
    print(f"  4,000 characters against 400: ×{long / short:.2f}")


if __name__ == "__main__":
    main()
