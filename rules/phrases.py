"""The sentences of `words.toml`, read once."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path


@cache
def phrases(section: str = "phrases") -> dict[str, str]:
    """One section of the sentences, by name."""
    raw = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    found: dict[str, str] = raw[section]
    return found
