"""A pack held against the notice it quotes and the cases written from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from rules.assess import assess
from rules.policy import Packs, PolicyPack


def faults(pack: PolicyPack, packs: Packs, cases: Sequence[Mapping[str, Any]], notice: str | None) -> Iterator[str]:
    """What is wrong, a sentence each: a quotation not found exactly once, a relief no case reaches."""
    if notice is not None:
        for name, clause in pack.clauses.items():
            count = notice.count(clause.quote)
            if count != 1:
                yield f"{pack.id}: clauses.{name}: the quotation stands {count} times in the notice"
    if cases:
        reached = {
            relief["id"] for case in cases for relief in assess(packs, case["facts"], _day(case)).get("reliefs", ())
        }
        for relief in pack.reliefs:
            if relief.id not in reached:
                yield f"{pack.id}: relief.{relief.id}: no case reaches it"


def _day(case: Mapping[str, Any]) -> date:
    today = case.get("today")
    return today if isinstance(today, date) else date.fromisoformat(str(today)) if today else date.max
