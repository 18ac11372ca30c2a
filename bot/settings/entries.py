"""What settings there are: `registry.toml` as it stands."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

PREFIX = "XUESHI_"


@cache
def registry() -> dict[str, Any]:
    """What registry.toml holds."""
    return tomllib.loads(Path(__file__).with_name("registry.toml").read_text(encoding="utf-8"))


@cache
def entries() -> dict[str, dict[str, Any]]:
    """Every setting under its name without the prefix."""
    return {one["name"]: one for group in registry()["group"] for one in group["settings"]}


def names() -> tuple[str, ...]:
    """Every setting's name."""
    return tuple(PREFIX + name for name in entries())
