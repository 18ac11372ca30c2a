"""The sentences of words.toml, by part and name."""

from __future__ import annotations

from typing import Any

from bot.settings.wordbook import words_beside


def words() -> dict[str, dict[str, str]]:
    """Every sentence as it is written down."""
    return words_beside(__file__)


def said(part: str, name: str, /, **values: Any) -> str:
    """One of them, filled in."""
    return words()[part][name].format(**values)
