"""Who is alike: people of whom one thing is said, whatever hours and days they differ in that bear on nothing."""

from __future__ import annotations

from collections.abc import Container, Hashable, Mapping
from datetime import date
from typing import Any, NamedTuple

from rules.assess import BESIDE, grounds_of
from rules.facts import Ground, Refused, read_ages
from rules.library import Library
from rules.notice import Hours, kept
from rules.plan import Plan, plan_of
from rules.space import stepped
from rules.training import read_case

_NONE = type(None)
_PLAIN = (("id", {str, _NONE}), ("birth", {str, _NONE}), ("age", {int, _NONE}), ("history", {dict, _NONE}))


class _Kind(NamedTuple):
    """What bears on somebody, hours left out.

    `plan`: one for all of whom the same is said; `turns`: what birthdays still to come in the review year open, or the birth itself.
    `years`: those that some possibility looks at, however the notice is read, as a history names them; `most`: the most hours of a
    category that any of them can ask, more fill nothing; `last_year`: of any training.
    """

    plan: Plan
    turns: Any
    years: frozenset[str]
    most: Mapping[str, Hours]
    last_year: str


def alike(library: Library, facts: Mapping[str, Any], today: date, beside: Container[str] = BESIDE) -> Hashable | None:
    """What people share of whom `assess` says the same but for `id`, `beside` as there; None where no short answer can tell: of facts
    that may be refused, that may be about several notices, or that tell training as records."""
    history = facts.get("history")
    if not all(type(facts.get(name)) in types for name, types in _PLAIN):
        return None
    try:
        (_, ground, _), *others = grounds_of(library, facts, today)
        if any(unlike is None for _, _, unlike in others):
            return None
        flags = "not_applied" in beside, "annual_duty" in beside
        born = (facts.get("birth"), facts.get("age"), ground.on, flags)
        age = kept(ground.notice.births, born, _age, ground, facts, flags[0])
        key = (ground.told, ground.on, ground.last_year, age, flags)
        kind = kept(ground.notice.plans, key, _kind, ground, facts, *flags)
    except Refused:
        return None
    told: list[Any] = [*kind[:2], history is None]
    low, high = ground.notice.limits["hours"]
    for year, row in (history or {}).items():
        if type(row) is not dict or year > kind.last_year or len(year) != 4:
            return None
        looked = year in kind.years
        for category, hours in row.items():
            if hours is None:
                told += (year, category, None) if looked else ()
            elif type(hours) not in (int, float) or not low <= hours <= high:
                return None
            elif looked:
                most = kind.most.get(category, 0)
                told += year, category, hours if hours < most else most
    return tuple(told)


def _age(ground: Ground, facts: Mapping[str, Any], wait_said: bool) -> Hashable:
    """The thresholds reached, whether a birth is told, and which, where a birthday to come in the review year may open something, or
    every wait is said."""
    notice, (birth, ages) = ground.notice, read_ages(ground, facts)
    coming = birth is not None and (notice.review_year - birth.year) in notice.thresholds
    return (
        ages and (ages if wait_said else stepped(notice, ages)),
        birth is not None,
        birth if coming or wait_said else None,
    )


def _kind(ground: Ground, facts: Mapping[str, Any], wait_said: bool, duty_said: bool) -> _Kind:
    notice, (birth, _) = ground.notice, read_ages(ground, facts)
    plan = plan_of(read_case(ground, {name: facts[name] for name in ("birth", "age") if name in facts}))
    spaces = [plan.space, *(other.space for other in plan.others)]
    asked = [point.ruling.asked for possible in spaces for point in possible.points]
    asked += [plan.duty] if plan.duty is not None and duty_said else []
    options = [option for each in asked for option in each.options]
    asks = {*notice.asks.values(), *(ask for option in options for ask in option.asks)}
    total = bool(plan.key.deemed_years) or any(ask.total != sum(ask.floors) for ask in asks)
    most = {name: max(ask.total if total else ask.floors[at] for ask in asks) for name, at in notice.places.items()}
    years = frozenset(str(year) for option in options for year in option.years)
    days = [(notice.day_reached(birth, age), age, relief.id) for age, relief in plan.gains] if birth is not None else []
    turns = tuple(day for day in days if ground.on < day[0] <= notice.year_end)
    if wait_said:
        return _Kind(plan, (birth, ground.on), years, most, str(ground.last_year))
    same: Plan = kept(notice.plans, plan.means, lambda: plan)
    return _Kind(same, turns, years, most, str(ground.last_year))
