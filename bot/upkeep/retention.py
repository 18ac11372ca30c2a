"""The report of how long things are kept, for who answers for them: by kind, how much, since when, and what should be gone."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

from storage import Clock, Store

GRACE = timedelta(days=1)
"""What a purge that runs every hour may be late by."""


async def report(store: Store, days: int) -> tuple[list[str], int]:
    """The report's lines, and how many rows should be gone and are not. Raises: storage.Unavailable."""
    words = tomllib.loads(Path(__file__).with_name("kept.toml").read_text(encoding="utf-8"))
    kept = await store.held(store.clock() - timedelta(days=days) - GRACE)
    lines = [
        words["line" if rows else "none"].format(
            name=words["names"][name], rows=rows, oldest=f"{oldest:%Y-%m-%d}" if oldest else "", late=late
        )
        for name, rows, oldest, late in kept
    ]
    late = sum(one[3] for one in kept)
    seen = await Clock(store, timedelta(days=days)).last()
    verdict = words["late"].format(late=late) if late else words["fine"]
    total = words["total"].format(
        days=days, seen=f"{seen:%Y-%m-%d %H:%M}" if seen else words["unseen"], verdict=verdict
    )
    return [*lines, total], late
