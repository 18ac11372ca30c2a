"""A message as the question finder compares it."""

from __future__ import annotations

from bot.reading.lexing.normalise import normalise


def plain(text: str) -> str:
    """Normalised, in lower case."""
    return normalise(text).lower()
