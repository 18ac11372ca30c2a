"""Which steps a result offers, in the order in which one would take them; the notice says for which result it names whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from rules import Notice

LEARN, CARD, POLICY = "learn", "card", "policy"


def steps(assessment: Mapping[str, Any], notice: Notice, today: date) -> tuple[str, ...]:
    """Of `learn`, `card` and `policy` those that a person with this assessment can take now."""
    named = {place["name"] for place in assessment.get("contacts", ())}
    found = []
    window, duty = assessment.get("window"), assessment.get("annual_duty") or {}
    is_open = window is None or today <= date.fromisoformat(window["closes"])
    lacks = any(place.name in named for place in notice.platforms) or duty.get("status") not in (None, "met")
    if lacks and is_open and assessment["status"] != "needs":
        found.append(LEARN)
    found += [id for id in (CARD, POLICY) if notice.contact(id).name in named]
    return tuple(found)
