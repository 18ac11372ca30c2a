"""A notice held against the text that it quotes and the cases written from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rules.notice import Notice

_HOURS = re.compile(r"(\d+(?:\.\d+)?)(?=学时|周岁)|(?:公需|专业|不少于|满)(\d+(?:\.\d+)?)")


def printed(clause: str) -> str:
    """A clause as the notice prints it: 一(五)1a is the first half of 一(五)1."""
    return clause.rstrip("ab")


def faults(notice: Notice, cases: Sequence[Mapping[str, Any]] | None, text: str | None) -> Iterator[str]:
    """What is wrong, a sentence each: a quotation not found exactly once, a clause or relief without a case, a number in words that is
    no number of the notice. What is None is not looked at."""
    if text is not None:
        for name in notice.own_clauses:
            for count in map(text.count, notice.clauses[name].quotes):
                if count != 1:
                    yield f"{notice.id}: clauses.{name}: a quotation stands {count} times in the notice"
    if cases is not None:
        yield from _reached(notice, cases)
    yield from _typed(notice)


def _reached(notice: Notice, cases: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    reached = {relief for case in cases for relief in case.get("expect", {}).get("reliefs", ())}
    own = [relief for relief in notice.reliefs if relief.clause in notice.own_clauses]
    for relief in own:
        if relief.id not in reached:
            yield f"{notice.id}: relief.{relief.id}: no case reaches it"
    known = set(notice.clauses)
    cited: set[str] = set()
    for case in cases:
        names = {printed(name) for name in case.get("clauses", ())}
        cited |= names
        for name in sorted(names - known):
            yield f"{notice.id}: case {case.get('id')}: cites the unknown clause {name!r}"
    resting = {relief.clause for relief in own} | {notice.requirement_clause, notice.years["review"].clause}
    resting |= {rule.clause for rule in notice.sources.values()}
    for name in sorted((resting & notice.own_clauses) - cited):
        yield f"{notice.id}: clauses.{name}: no case rests on it"


def _typed(notice: Notice) -> Iterator[str]:
    """Numbers of hours and ages that stand in a sentence of ours and nowhere else in the notice."""
    known = {str(number) for ask in notice.asks.values() for number in (*ask.floors, ask.total)}
    known |= {str(age) for age in notice.thresholds} | {str(notice.minutes.a_hour)}
    for rule in notice.sources.values():
        known |= {str(rule.an_event), str(rule.at_most)}
    known |= {str(hours) for relief in notice.reliefs for _, hours in relief.effect.hours} | {"1"}
    says = {f"clauses.{name}": notice.clauses[name].says for name in notice.own_clauses}
    says |= {f"relief.{each.id}": each.says for each in notice.reliefs if each.clause in notice.own_clauses}
    for place, sentence in says.items():
        for found in _HOURS.finditer(sentence):
            number = found[1] or found[2]
            if number not in known:
                yield f"{notice.id}: {place}: says {number}, which is no hours and no age of the notice"
