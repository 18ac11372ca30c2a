"""What finding a question costs: building the index, one message of 30 characters, and how time grows with length.

    python -m tests.benchmarks.find

Ratios are against counting the same message's characters in a plain dict, which any reading of it must at least do.
"""

from __future__ import annotations

import time
import timeit
import tracemalloc
from collections import Counter
from collections.abc import Callable

from bot.answering import entries as faq
from bot.answering.index import Index

SAID = "我想问一下在苏木乡镇卫生院上班的评职称学时到底要不要看呀请问"


def cost(work: Callable[[], object], times: int = 300) -> float:
    """The least seconds of processor time that one call took."""
    return min(timeit.repeat(work, timer=time.process_time, number=times, repeat=7)) / times


def main() -> None:
    entries, words = faq.entries(), faq.words()
    Index(entries, words)  # the table of sounds is read once
    tracemalloc.start()
    index = Index(entries, words)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    built = cost(lambda: Index(entries, words), 1)
    one, least = cost(lambda: index.find(SAID)), cost(lambda: Counter(SAID))
    long, short = cost(lambda: index.find(SAID * 134), 20), cost(lambda: index.find(SAID * 13), 20)
    print(f"index: {len(entries)} topics, {sum(len(entry.ask) for entry in entries)} wordings")
    print(f"  built in {built * 1e3:.0f} ms, {held / 2**20:.1f} MB")
    print(f"  one message of {len(SAID)} characters: {one * 1e6:.0f} µs, ×{one / least:.0f} of counting its characters")
    print(f"  4,000 characters against 400: ×{long / short:.2f}")


if __name__ == "__main__":
    main()
