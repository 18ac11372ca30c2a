"""The sentences of words.toml, by part and name."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def words() -> dict[str, dict[str, str]]:
    """Every sentence as it is written down."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def said(part: str, name: str, /, **values: Any) -> str:
    """One of them, filled in."""
    return words()[part][name].format(**values)
