"""A pack held against the notice it quotes and the cases written from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rules.policy import PolicyPack


def printed(clause: str) -> str:
    """A clause as the notice prints it: 一(五)1a is the first half of 一(五)1."""
    return clause.rstrip("ab")


def faults(pack: PolicyPack, cases: Sequence[Mapping[str, Any]] | None, notice: str | None) -> Iterator[str]:
    """What is wrong, a sentence each: a quotation not found exactly once, a relief no case reaches. None is not looked at."""
    if notice is not None:
        for name, clause in pack.clauses.items():
            for count in map(notice.count, clause.quotes):
                if count != 1:
                    yield f"{pack.id}: clauses.{name}: a quotation stands {count} times in the notice"
    if cases is not None:
        reached = {relief for case in cases for relief in case.get("expect", {}).get("reliefs", ())}
        for relief in pack.reliefs:
            if relief.id not in reached:
                yield f"{pack.id}: relief.{relief.id}: no case reaches it"
        known = set(pack.clauses)
        for case in cases:
            for cited in {printed(name) for name in case.get("clauses", ())} - known:
                yield f"{pack.id}: case {case.get('id')}: cites the unknown clause {cited!r}"
