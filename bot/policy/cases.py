"""Cases: what a notice says of somebody, as data, and whether the rules say so too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from rules import Library, assess

_HOURS = re.compile(r"(\d{4})(?:-(\d{4}))? ([-.\d?/]+)")


def cases_of(
    book: Mapping[str, Any], categories: tuple[str, ...] = ("general", "professional")
) -> list[dict[str, Any]]:
    """Every case of a book with `facts` in the contract's shape; `today` is the day on which it is asked.

    Raises: ValueError where one is not written as the guide says.
    """
    return [
        {"today": book["today"], **case, "facts": _facts(book["ground"], case, categories)}
        for case in book.get("case", ())
    ]


def _facts(ground: Mapping[str, Any], case: Mapping[str, Any], categories: tuple[str, ...]) -> dict[str, Any]:
    """The ground under every case, with what the case takes away and adds."""
    kept = {key: value for key, value in ground.items() if key not in case.get("unknown", [])}
    facts: dict[str, Any] = kept | case.get("facts", {})
    rows = hours_by_year(case["hours"], categories) if "hours" in case else None
    if "records" in case:
        facts["history"] = platform_records(rows or {}) + case["records"]
    elif rows is not None:
        facts["history"] = rows
    return facts


def hours_by_year(
    short: str, categories: tuple[str, ...] = ("general", "professional")
) -> dict[str, dict[str, float | None]]:
    """A history in short, "2023-2024 30/60, 2025 ?/45.5", as the contract's table of hours: the categories in the notice's order."""
    rows = {}
    for part in filter(None, short.split(", ")):
        read = _HOURS.fullmatch(part)
        amounts = read[3].split("/") if read else []
        if read is None or len(amounts) != len(categories):
            raise ValueError(f"not a year and its hours: {part!r}")
        for year in range(int(read[1]), int(read[2] or read[1]) + 1):
            rows[str(year)] = dict(zip(categories, map(amount, amounts), strict=True))
    return rows


def amount(written: str) -> float | None:
    """Hours as written, None for "?"."""
    if written == "?":
        return None
    return float(written) if "." in written else int(written)


def platform_records(rows: Mapping[str, Mapping[str, float | None]]) -> list[dict[str, Any]]:
    """A table of hours as verified records of a listed platform, so that other records can stand beside them."""
    return [
        {"year": int(year), "category": category, "source": "listed_platform", "hours": hours}
        for year, row in rows.items()
        for category, hours in row.items()
    ]


def shown(got: Mapping[str, Any], key: str, facts: Mapping[str, Any]) -> Any:
    """What an assessment says under a key of a case: ids of reliefs, positions of records, telephone numbers."""
    if key == "reliefs":
        return [relief["id"] for relief in got.get("reliefs", [])]
    if key == "rejected":
        return [
            line["record"] if isinstance(line["record"], int) else _last(facts, line["record"])
            for line in got["rejected"]
        ]
    if key == "needs":
        return sorted(got.get("needs", []))
    if key == "phones":
        return sorted(phone for contact in got.get("contacts", ()) for phone in contact["phones"])
    return got.get(key)


def _last(facts: Mapping[str, Any], name: str) -> int:
    """The position of the last record of that id."""
    return max(place for place, record in enumerate(facts["history"]) if record.get("record") == name)


def differences(library: Library, case: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Where the assessment of a case is not what it expects: the key, what was expected, what came."""
    got = assess(library, case["facts"], date.fromisoformat(case["today"]))
    for key, wanted in case["expect"].items():
        came = shown(got, key, case["facts"])
        if key == "phones":
            came = [phone for phone in came if phone in wanted]
        if came != (sorted(wanted) if key in ("needs", "phones") else wanted):
            yield key, wanted, came
