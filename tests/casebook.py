"""Reads a file of cases: each with its facts and its expectations, written out in full."""

import re
import tomllib
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent / "cases"


def cases(path: Path) -> list[dict[str, Any]]:
    """Every case of a file with `facts` in the contract's shape; `today` is the day on which it is asked."""
    book = tomllib.loads(path.read_text(encoding="utf-8"))
    return [{"today": book["today"], **case, "facts": facts_of(book["ground"], case)} for case in book["case"]]


def facts_of(ground: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    """The ground under every case, with what the case takes away and adds."""
    kept = {key: value for key, value in ground.items() if key not in case.get("unknown", [])}
    facts: dict[str, Any] = kept | case.get("facts", {})
    rows = hours_by_year(case["hours"]) if "hours" in case else None
    if "records" in case:
        facts["history"] = platform_records(rows or {}) + case["records"]
    elif rows is not None:
        facts["history"] = rows
    return facts


def hours_by_year(short: str) -> dict[str, dict[str, float | None]]:
    """A history in short, "2023-2024 30/60, 2025 ?/45.5", as the contract's table of hours."""
    rows = {}
    for part in filter(None, short.split(", ")):
        if not (read := re.fullmatch(r"(\d{4})(?:-(\d{4}))? ([-.\d]+|\?)/([-.\d]+|\?)", part)):
            raise ValueError(f"not a year and its hours: {part!r}")
        first, last, general, professional = read.groups()
        for year in range(int(first), int(last or first) + 1):
            rows[str(year)] = {"general": amount(general), "professional": amount(professional)}
    return rows


def amount(written: str) -> float | None:
    """Hours as written, None for "?"."""
    if written == "?":
        return None
    return float(written) if "." in written else int(written)


def platform_records(rows: dict[str, dict[str, float | None]]) -> list[dict[str, Any]]:
    """A table of hours as verified records of a listed platform, so that other records can stand beside them."""
    return [
        {"year": int(year), "category": category, "source": "listed_platform", "hours": hours}
        for year, row in rows.items()
        for category, hours in row.items()
    ]
