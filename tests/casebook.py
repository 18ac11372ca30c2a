"""Reads a file of cases: each with its facts and its expectations, written out in full."""

import tomllib
from pathlib import Path
from typing import Any

from bot.policy.cases import cases_of, hours_by_year

CASES = Path(__file__).parent / "cases"
__all__ = ["CASES", "cases", "hours_by_year"]


def cases(path: Path) -> list[dict[str, Any]]:
    """Every case of a file with `facts` in the contract's shape; `today` is the day on which it is asked."""
    return cases_of(tomllib.loads(path.read_text(encoding="utf-8")))
