"""Adds the evidence up: whole-number weights, made by `tests/language/training`."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources

SURE, LIKELY, UNLIKELY = 40, 0, -200
"""Above SURE a role is taken, above LIKELY it is asked, below it is left: named, below UNLIKELY, as what it is instead."""
SURE_AMONG_HOURS = 80  # an age in a message that speaks of hours too opens a relief only on more
ASKED_FOR = -250  # as much speaks for an answer to the question that is put


@lru_cache(maxsize=1)
def weights() -> dict[str, dict[str, int]]:
    """For each question its evidence and what it weighs, for (above nought) or against."""
    found: dict[str, dict[str, int]] = json.loads(
        resources.files("bot.reading.data").joinpath("weights.json").read_text("utf-8")
    )
    return found


def score(question: str, evidence: list[str]) -> int:
    """The sum of what the evidence weighs."""
    known = weights()[question]
    return sum([known.get(each, 0) for each in evidence])
