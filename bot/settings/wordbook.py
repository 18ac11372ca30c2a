"""Words that stand in a file beside the code that says them."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def words_beside(module: str, name: str = "words.toml") -> dict[str, Any]:
    """What the file holds; `module` is the `__file__` that it stands beside."""
    return tomllib.loads(Path(module).with_name(name).read_text(encoding="utf-8"))
