"""What one reading of the notice makes of a person: the plan of what is asked of people like them, and what comes of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from rules.credit import Credit, credit
from rules.facts import ASK_ORDER, Born, Case
from rules.measure import Result, measure
from rules.policy import PolicyPack
from rules.reliefs import EVERY
from rules.space import Key, Point, Space, Watched, key_of, sample_credits, space

MAY_APPLY = ("met", "waived")
_STANDINGS = dict.fromkeys(MAY_APPLY, "may_apply")
_MEMO_LIMIT = 50_000


class Plan(NamedTuple):
    """What can be said of a key before any training is looked at; the lists are shared and never changed."""

    key: Key
    space: Space
    reliefs: list[dict[str, str]]  # those that hold in every possibility
    lightened: bool  # a relief that covers the review alone is in force
    turns: frozenset[str]  # the knobs that can turn it
    lists: dict[Any, Any]  # shapes of answers, what does not apply, other readings: made when first asked for


class Outcome(NamedTuple):
    """The result under one reading: `needs` where an unknown fact decides."""

    result: Result
    point: Point
    needs: tuple[str, ...]

    @property
    def standing(self) -> str:
        """Whether the person may apply, is short, is uncertain, or must say more: what a reading can flip."""
        return "needs" if self.needs else _STANDINGS.get(self.result.status, self.result.status)


def plan_for(case: Case, born: Born | None, deemed_years: tuple[int, ...]) -> Plan:
    plan: Plan | None
    mark = None if born is None else born.mark, deemed_years
    plan = case.plans.get(mark)
    if plan is None:
        plan = case.plans[mark] = plan_of(case.pack, key_of(case, born, deemed_years))
    return plan


def plan_of(pack: PolicyPack, key: Key) -> Plan:
    plan: Plan | None = pack.memo.get(key)
    if plan is None:
        if len(pack.memo) >= _MEMO_LIMIT:
            pack.memo.clear()
            pack.cases.clear()  # they hold plans too, the heaviest of all that is remembered
        knobs = Watched(pack.knobs)
        possible = space(pack, knobs, key)
        sets = [frozenset(point.ruling.reliefs) for point in possible.points]
        certain = [relief for relief in pack.reliefs if all(relief.id in held for held in sets)]
        lightened = key.scope in ("review", "exceptional") and any(relief.kind != "deem" for relief in certain)
        plan = pack.memo[key] = Plan(
            key, possible, [relief.line for relief in certain], lightened, frozenset(knobs.seen), {}
        )
    return plan


def outcome_of(
    case: Case, possible: Space, history: Any, done: Credit | None, apply: str = "", fills_total: bool = True
) -> tuple[Outcome, dict[str | None, Credit]]:
    """The result over every possibility, and what the training is worth by sector where the sector is open."""
    pack = case.pack
    kinds = possible.kinds
    if len(kinds) == 1 and done is not None:
        point = kinds[0]
        return Outcome(measure(pack, point.ruling.asked, done, fills_total), point, ()), {}
    counted: dict[str | None, Credit] = {}
    views: list[Any]
    needs: set[str] = set()
    if done is None:
        samples = sample_credits(possible.points, pack)
        tried = [[measure(pack, point.ruling.asked, one, fills_total) for one in samples] for point in kinds]
        results = [each[0] for each in tried]
        views = [[_view(one) for one in each] for each in tried]
        if any(view != each[0] for each in views for view in each):
            needs.add("history")
    else:
        if case.sector is None and type(history) is list:
            for sector in {point.sector for point in kinds}:
                counted[sector] = credit(pack, history, {**case.counting, "sector": sector}, apply)
        results = [measure(pack, each.ruling.asked, counted.get(each.sector, done), fills_total) for each in kinds]
        views = [_view(each) for each in results]
    if any(view != views[0] for view in views):
        needs |= {
            name for name, pairs in possible.moves.items() if any(views[one] != views[other] for one, other in pairs)
        }
    place = min(range(len(kinds)), key=lambda place: _demand(results[place]))
    return Outcome(results[place], kinds[place], tuple([name for name in ASK_ORDER if name in needs])), counted


def _view(result: Result) -> Any:
    """What two possibilities must share to count as the same result."""
    if result.status in MAY_APPLY:
        return True
    if result.status == "uncertain":
        return result.least, result.most
    return result.status, result.short


def _demand(result: Result) -> tuple[Any, ...]:
    """Most demanding first: met before waived, more years before fewer, any one year last."""
    option = result.option
    if option is None:
        return (1, 0, 0)
    return (0, option.k != EVERY, -len(option.years))
