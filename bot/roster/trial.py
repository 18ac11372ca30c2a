"""What something said of a file would change: `python -m bot.roster.trial SOURCE YYYY-MM-DD NAME`, with both mappings on standard input."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from bot.roster import UnknownColumn, UnreadableRoster, verdicts
from bot.roster.mapping import Told, read_toml
from bot.settings import read_settings

MOST = 3_000  # people that a trial looks at
_NAMED = 10  # people whose change a trial names


def trial(source: Path, today: date, called: str, before: Told, after: Told) -> dict[str, Any]:
    """How many people's verdict another mapping changes, from what to what, and the first of them by name.

    Raises: UnreadableRoster, UnknownColumn, OSError.
    """
    library = read_settings().library()
    old, new = (verdicts(source, library, today, told, called, MOST) for told in (before, after))
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
    """`python -m bot.roster.trial SOURCE YYYY-MM-DD NAME`: standard input tells both mappings as JSON; what changes goes out as JSON."""
    asked = orjson.loads(sys.stdin.buffer.read())
    try:
        before, after = read_toml(asked["before"]), read_toml(asked["after"])
        told = trial(Path(arguments[0]), date.fromisoformat(arguments[1]), arguments[2], before, after)
    except (UnknownColumn, UnreadableRoster) as wrong:
        told = {"wrong": str(wrong)}
    sys.stdout.buffer.write(orjson.dumps(told))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
