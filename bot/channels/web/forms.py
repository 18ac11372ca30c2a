"""What was filled in on the page, as the sentence that somebody would have typed: hours, a month, a day."""

from __future__ import annotations

import re
from collections.abc import Mapping

_CELL = re.compile(r"h\.(\d{4})\.(\w{1,12})")
LONGEST = 40  # characters of one field


def composed(fields: Mapping[str, str]) -> str:
    """The sentence, or nothing where nothing was filled in. `h.YEAR.CATEGORY` are hours, `s.YEAR` what holds for a whole year."""
    years: dict[str, list[str]] = {}
    for name, value in fields.items():
        cell = _CELL.fullmatch(name)
        if cell and _short(value):
            years.setdefault(cell[1], []).append(f"{cell[2]}{_short(value)}")
    for name, value in fields.items():
        if re.fullmatch(r"s\.\d{4}", name) and _short(value):
            years.setdefault(name[2:], [_short(value)])  # numbers typed go before a chip tapped
    said = [f"{year}年{'，'.join(parts)}" for year, parts in sorted(years.items())]
    year, month, day = (_short(fields.get(name, "")) for name in ("year", "month", "day"))
    if month:
        said.append((f"{year}年" if year else "") + f"{month}月" + _short(fields.get("end", "")))
    if day:
        said.append(f"{day}号")
    return "；".join(said)


def _short(value: str) -> str:
    return " ".join(value.split())[:LONGEST]
