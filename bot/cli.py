"""The commands. Heavy imports stand inside the command that needs them, so that `--help` stays instant."""

from __future__ import annotations


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit code is 0 done, 1 the work found a failure, 2 wrong usage or settings."""
    raise NotImplementedError
