"""A campaign by e-mail over a real SMTP server that puts off, refuses and breaks, with three times two senders killed.

    python -m tests.benchmarks.mail [PEOPLE] [PACED]

PEOPLE (10,000) without limits, then PACED (400) with the limits that are set by default, each on a database of its own. Exit code 1
where somebody is not accounted for, told twice or missed, where more is in doubt than was in flight, or the rate is above the limit.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from bot.post.setup import LETTERS_A_SECOND
from storage import migrate
from tests.notices.mail_ordeal import Outcome, ordeal


def run(count: int, share: int) -> bool:
    """Whether everything was as it must be."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/mail.db"
        migrate(url)
        found = asyncio.run(ordeal(url, Path(folder), count, limited=bool(share)))
    _print(found, share)
    return not found.wrong(share)


def _print(found: Outcome, share: int) -> None:
    status = found.status
    print(
        f"{len(found.rows)} people in {found.seconds:.0f} s: {status['told']} told, {status['not_told']} not told "
        f"{status['reasons']}, {status['in_doubt']} in doubt of at most {found.most_in_doubt}; "
        f"{sum(times > 1 for times in found.kept.values())} told twice"
    )
    print(f"what the server did: {dict(found.came.most_common())}")
    print(f"{found.busiest} letters in the busiest second{f', {share} allowed' if share else ''}")
    for line in found.wrong(share)[:10]:
        print(f"WRONG: {line}")


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    paced = int(sys.argv[2]) if len(sys.argv) > 2 else 400
    good = run(count, 0)
    return int(not (run(paced, LETTERS_A_SECOND) and good))


if __name__ == "__main__":
    sys.exit(main())
