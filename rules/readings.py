"""The contested points read the other way: which would move the answer, and where to."""

from __future__ import annotations

from typing import Any, NamedTuple

from rules.credit import Credit, credit
from rules.facts import Case
from rules.measure import standing
from rules.outcome import Outcome, Plan, outcome_of, plan_of
from rules.policy import Alternative, PolicyPack
from rules.space import Space, space

Other = tuple[Alternative, Space, bool]
Flips = tuple[list[dict[str, Any]], list[Other]]
_NO_FLIPS: Flips = ([], [])
_FLIPS_KEPT = 5_000  # of one plan


class Contested(NamedTuple):
    """What other readings hang on for the people of one plan."""

    others: list[Other]  # the alternatives under which something else would be asked, or be counted
    years: int  # every year on which one of them may hang, a bit each (`PolicyPack.bits`); negative: not all have a bit
    flips: dict[tuple[str, int], Flips]  # by how it stands and the complete ones of these years


def other_readings(case: Case, plan: Plan, chosen: Outcome, history: Any, done: Credit | None) -> list[dict[str, Any]]:
    """The contested points that would move the answer. The list is shared and never changed."""
    pack = case.pack
    contested: Contested = plan.lists.get("contested") or plan.lists.setdefault("contested", _contested(pack, plan))
    settled, still = _flipping(case, contested, chosen, history, done) if contested.others else _NO_FLIPS
    if not (still or (done is not None and done.touched)):
        return settled
    found = list(settled)
    for other, possible, fills_total in still:
        outcome, _ = outcome_of(case, possible, history, done, fills_total=fills_total)
        _note(found, other, chosen, outcome)
    if done is not None and done.touched:
        for other in pack.alternatives:
            if other.apply in done.touched and other.apply:
                training = credit(pack, history, case.counting, other.apply)
                possible = plan.space
                if training.deemed_years != plan.key.deemed_years:
                    possible = plan_of(pack, plan.key._replace(deemed_years=training.deemed_years)).space
                outcome, _ = outcome_of(case, possible, history, training, other.apply)
                _note(found, other, chosen, outcome)
    return _in_order(pack, found)


def _in_order(pack: PolicyPack, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if len(lines) > 1:
        order = [reading.id for reading in pack.readings]
        lines.sort(key=lambda line: order.index(line["id"]))
    return lines


def _flipping(case: Case, contested: Contested, chosen: Outcome, history: Any, done: Credit | None) -> Flips:
    """What the alternatives that end elsewhere than `chosen` say, and those of which that is still to be found out.

    Where all hours are remembered and none deemed, whether somebody may apply hangs only on which years are complete, so it is
    found once for all people of the plan with the same years.
    """
    by_sector = case.sector is None and type(history) is list  # then training is worth more or less in each
    if done is None or by_sector or done.unknown or done.deemed:
        here = chosen.standing
        return [], [one for one in contested.others if _may_flip(case.pack, *one[1:], here, done)]
    if contested.years < 0:
        return _settled(case, contested.others, chosen, history, done)
    mark = chosen.standing, done.complete & contested.years
    found = contested.flips.get(mark)
    if found is None:
        if len(contested.flips) >= _FLIPS_KEPT:
            contested.flips.clear()
        found = contested.flips[mark] = _settled(case, contested.others, chosen, history, done)
    return found


def _settled(case: Case, others: list[Other], chosen: Outcome, history: Any, done: Credit) -> Flips:
    pack, here = case.pack, chosen.standing
    lines: list[dict[str, Any]] = []
    still: list[Other] = []
    for one in others:
        other, possible, fills_total = one
        ends = _ends(pack, possible, done) if fills_total else here
        if ends is None or (ends == "short" and ends != here):  # which hours, hangs on more than which years
            still.append(one)
        elif ends != here:
            _note(lines, other, chosen, outcome_of(case, possible, history, done)[0])
    return _in_order(pack, lines), still


def _ends(pack: PolicyPack, possible: Space, done: Credit) -> str | None:
    """How it stands in a space, where the complete years alone decide that; None where they do not."""
    ends = [standing(pack, point.ruling.asked, done) for point in possible.kinds]
    if len(set(ends)) > 1 and any(
        ends[one] != ends[other] for pairs in possible.moves.values() for one, other in pairs
    ):
        return "needs"
    return ends[0] if len(ends) == 1 or set(ends) == {"may_apply"} else None


def _may_flip(pack: PolicyPack, possible: Space, fills_total: bool, chosen: str, done: Credit | None) -> bool:
    if not fills_total and (done is None or not done.deemed):
        return False
    if len(possible.points) == 1 and done is not None:
        return standing(pack, possible.points[0].ruling.asked, done, fills_total) != chosen
    return True


def _contested(pack: PolicyPack, plan: Plan) -> Contested:
    """The alternatives under which something else would be asked of this key, or be counted (the last: whether what is deemed
    complete fills the year's total as in the chosen reading)."""
    kinds = [point.kind for point in plan.space.points]
    others: list[Other] = []
    for other in pack.alternatives:
        if other.apply:
            continue
        turned = {
            name for name, one, two in zip(other.knobs._fields, other.knobs, pack.knobs, strict=True) if one != two
        }
        fills = other.knobs.deemed_fills_total == pack.knobs.deemed_fills_total
        possible = space(pack, other.knobs, plan.key) if turned & plan.turns else plan.space
        if not fills or (possible is not plan.space and [point.kind for point in possible.points] != kinds):
            others.append((other, possible, fills))
    asked = [point.ruling.asked for _, possible, _ in others for point in possible.points]
    seen = {year for one in asked for option in one.options for year in option.years}
    years = sum(pack.bits[year] for year in seen) if seen <= pack.bits.keys() else -1
    return Contested(others, years, {})


def _note(found: list[dict[str, Any]], other: Alternative, chosen: Outcome, outcome: Outcome) -> None:
    if outcome.standing == chosen.standing:
        return
    line: dict[str, Any] = {
        "id": other.id,
        "reading": other.says,
        "status": "needs" if outcome.needs else outcome.result.status,
    }
    line["short"] = outcome.result.short if not outcome.needs else {}
    found.append(line)
