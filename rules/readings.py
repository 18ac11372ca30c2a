"""The contested points read the other way: which would move the answer, and where to."""

from __future__ import annotations

from typing import Any, NamedTuple

from rules.facts import Case
from rules.notice import Alternative, Notice
from rules.space import Space, space
from rules.verdict import Outcome, Plan, Trained, outcome_of, plan_of


class Other(NamedTuple):
    """An alternative under which something else would be asked, or be counted (`fills_total`: as in the chosen reading)."""

    reading: Alternative
    space: Space
    fills_total: bool


def other_readings(case: Case, plan: Plan, chosen: Outcome, learned: Trained) -> list[dict[str, Any]]:
    """The contested points that would move the answer."""
    notice, done = case.notice, learned.done
    others: list[Other] | None = plan.lists.get("others")
    if others is None:
        others = plan.lists["others"] = _others(notice, plan)
    found: list[dict[str, Any]] = []
    for other in others:
        if other.fills_total or done.deemed:
            _note(found, other.reading, chosen, outcome_of(case, other.space, learned, fills_total=other.fills_total))
    for reading in notice.alternatives if done.touched else ():
        if reading.apply and reading.apply in done.touched:
            again = learned._replace(done=learned.again(case.sector, reading.apply))
            possible = plan.space
            if again.done.deemed_years != plan.key.deemed_years:
                possible = plan_of(case, again.done.deemed_years).space
            _note(found, reading, chosen, outcome_of(case, possible, again, reading.apply))
    if len(found) > 1:
        order = [reading.id for reading in notice.readings]
        found.sort(key=lambda line: order.index(line["id"]))
    return found


def _others(notice: Notice, plan: Plan) -> list[Other]:
    """The alternatives under which something else would be asked of this key, or be counted."""
    kinds = [point.kind for point in plan.space.points]
    others: list[Other] = []
    for reading in notice.alternatives:
        if reading.apply:
            continue
        knobs = zip(reading.knobs._fields, reading.knobs, notice.knobs, strict=True)
        turned = {name for name, one, two in knobs if one != two}
        fills = reading.knobs.deemed_fills_total == notice.knobs.deemed_fills_total
        possible = space(notice, reading.knobs, plan.key) if turned & plan.turns else plan.space
        if not fills or (possible is not plan.space and [point.kind for point in possible.points] != kinds):
            others.append(Other(reading, possible, fills))
    return others


def _note(found: list[dict[str, Any]], other: Alternative, chosen: Outcome, outcome: Outcome) -> None:
    if outcome.standing != chosen.standing:
        short = outcome.result.short if not outcome.needs else {}
        found.append({"id": other.id, "reading": other.says, "status": outcome.status, "short": short})
