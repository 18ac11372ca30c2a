"""Facts against a policy pack: the assessment that every channel, the roster, the notices and the API show.

The object is that of the public contract; the same facts and day give the same object, whoever asks.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any, NamedTuple

from rules.credit import Credit, credit, plain_credit, plain_table
from rules.facts import ASK_ORDER, Born, Case, Refused, read_facts
from rules.history import check_history
from rules.measure import Result, measure, missing, number, standing
from rules.policy import Alternative, Packs, PolicyPack
from rules.reliefs import EVERY, Entitlement, Option
from rules.space import Key, Point, Space, Watched, key_of, sample_credits, space
from rules.words import not_applied, refusal, time_alone

Assessment = dict[str, Any]
_MEMO_LIMIT = 20_000
_MAY_APPLY = ("met", "waived")


class Plan(NamedTuple):
    """What can be said of a key before any training is looked at; the lists are shared and never changed."""

    key: Key
    space: Space
    reliefs: list[dict[str, str]]  # those that hold in every possibility
    lightened: bool  # a relief that covers the review alone is in force
    turns: frozenset[str]  # the knobs that can turn it
    lists: dict[Any, Any]  # clauses, what does not apply, other readings: made when first asked for


class Told(NamedTuple):
    """What is said of everybody of one plan and birth; the lists are shared and never changed."""

    plan: Plan
    not_applied: list[dict[str, str]]
    changes: dict[str, list[dict[str, str]]]  # by status: made when first asked for


class Outcome(NamedTuple):
    """The result under one reading: `needs` where an unknown fact decides."""

    result: Result
    point: Point
    needs: tuple[str, ...]

    @property
    def standing(self) -> str:
        """Whether the person may apply, is short, is uncertain, or must say more: what a reading can flip."""
        if self.needs:
            return "needs"
        return "may_apply" if self.result.status in _MAY_APPLY else self.result.status


def assess(packs: Packs, facts: Any, today: date) -> Assessment:
    """The assessment of one facts object on `today`. Never raises on anything that JSON can hold.

    Hours are in 学时, years are calendar years; see the contract for every key.
    """
    try:
        case, born = read_facts(packs, facts, today)
        history = facts.get("history")
        done = None if history is None else _counted(case, history)
    except Refused as refused:
        return refusal(packs, facts, refused)
    return _assess(case, born, history, done, facts.get("id"))


class Alike:
    """People of whom all but training and id is the same: what does not hang on these is worked out once for them all."""

    def __init__(self, packs: Packs, facts: dict[str, Any], today: date) -> None:
        """`facts` without history and id."""
        self._packs, self._facts, self._today = packs, facts, today
        self._told: Told | None = None
        with suppress(Refused):
            self._case, self._born = read_facts(packs, facts, today)
            self._told = _told(self._case, self._born, ())

    def assess(self, history: Any, id: str | None) -> Assessment:
        """What `assess` says of one of them."""
        told = self._told
        if told is None or (id is not None and type(id) is not str):
            return assess(self._packs, self._whole(history, id), self._today)
        try:
            done = None if history is None else _counted(self._case, history)
        except Refused as refused:
            return refusal(self._packs, self._whole(history, id), refused)
        return _assess(self._case, self._born, history, done, id, told)

    def _whole(self, history: Any, id: str | None) -> dict[str, Any]:
        return {**self._facts, "history": history, "id": id}


def _counted(case: Case, history: Any) -> Credit:
    """What the training is worth. Raises: Refused."""
    done = None
    if type(history) is list:
        done = plain_credit(case.pack, history, case.on.year)
    elif type(history) is dict:
        done = plain_table(case.pack, history, case.on.year)
    if done is not None:
        return done
    check_history(history, case.on.year, case.pack.limits)
    return credit(case.pack, history, case.counting)


def _assess(
    case: Case, born: Born | None, history: Any, done: Credit | None, id: str | None, told: Told | None = None
) -> Assessment:
    """`told`: what is known already of people without training that is deemed complete."""
    if told is None or (done is not None and done.deemed):
        told = _told(case, born, () if done is None else done.deemed_years)
    plan = told.plan
    if done is None:  # nothing of the person but the key bears on it
        known = plan.lists.get("untold")
        outcome, counted = known or plan.lists.setdefault("untold", _outcome(case, plan.space, history, done))
    else:
        outcome, counted = _outcome(case, plan.space, history, done)
    result, point = outcome.result, outcome.point
    rejected: list[dict[str, Any]] = [] if done is None else done.rejected
    if counted:  # where the sector is open, only what counts in none of them is rejected
        everywhere = [{line["record"] for line in each.rejected} for each in counted.values()]
        rejected = [
            line for line in counted[point.sector].rejected if all(line["record"] in names for names in everywhere)
        ]
    status = "needs" if outcome.needs else result.status
    pack = case.pack
    out: Assessment = {} if id is None else {"id": id}
    out["status"] = status
    out["policy"] = pack.policy_line
    if status == "not_covered":
        line = pack.not_covered[point.ruling.asked.silent]
        out |= {"why": point.ruling.asked.silent, "message": line["says"], "contacts": pack.shown[status]}
        out["clauses"] = [{"clause": line["clause"], "says": pack.clauses[line["clause"]].says}]
        return out
    if status != "needs" and result.option is not None:
        out["requirement"] = {"mode": result.option.mode, "years": list(result.option.years)}
        if status == "uncertain":
            out["bounds"] = {"at_least": number(result.least), "at_most": number(result.most)}
        else:
            out["short"] = result.short
            out["short_total"] = number(result.most)
    out["reliefs"] = plan.reliefs
    out["not_applied"] = told.not_applied
    changes = told.changes.get(status)
    if changes is None:
        changes = told.changes[status] = time_alone(case, born, plan.space.points, plan.lists, status)
    out["changes"] = changes
    out["rejected"] = rejected
    if outcome.needs:
        out["needs"] = list(outcome.needs)
    else:
        out["readings"] = _readings(case, plan, outcome, history, done)
        if plan.lightened:
            out["annual_duty"] = _annual_duty(pack, done)
    out["window"] = pack.window_lines[plan.key.window_open]
    out["contacts"] = pack.shown[status]
    out["clauses"] = _clauses(pack, plan, status, rejected)
    return out


# ---------------------------------------------------------------- plans


def _told(case: Case, born: Born | None, deemed_years: tuple[int, ...]) -> Told:
    plan = _plan(case, born, deemed_years)
    return Told(plan, not_applied(case, born, plan.space.points, plan.lists), {})


def _plan(case: Case, born: Born | None, deemed_years: tuple[int, ...]) -> Plan:
    plan: Plan | None
    mark = None if born is None else born.views, deemed_years
    plan = case.plans.get(mark)
    if plan is None:
        plan = case.plans[mark] = _plan_of(case.pack, key_of(case, born, deemed_years))
    return plan


def _plan_of(pack: PolicyPack, key: Key) -> Plan:
    plan: Plan | None = pack.memo.get(key)
    if plan is None:
        if len(pack.memo) >= _MEMO_LIMIT:
            pack.memo.clear()
        knobs = Watched(pack.knobs)
        possible = space(pack, knobs, key)
        sets = [frozenset(point.ruling.reliefs) for point in possible.points]
        certain = [relief for relief in pack.reliefs if all(relief.id in held for held in sets)]
        lightened = key.scope in ("review", "exceptional") and any(relief.kind != "deem" for relief in certain)
        plan = pack.memo[key] = Plan(
            key, possible, [relief.line for relief in certain], lightened, frozenset(knobs.seen), {}
        )
    return plan


# ---------------------------------------------------------------- one reading


def _outcome(
    case: Case, possible: Space, history: Any, done: Credit | None, apply: str = "", fills_total: bool = True
) -> tuple[Outcome, dict[str | None, Credit]]:
    """The result over every possibility, and what the training is worth by sector where the sector is open."""
    pack = case.pack
    if len(possible.points) == 1 and done is not None:
        point = possible.points[0]
        return Outcome(measure(pack, point.ruling.asked, done, fills_total), point, ()), {}
    counted: dict[str | None, Credit] = {}
    if done is not None and case.sector is None and type(history) is list:
        for sector in {point.sector for point in possible.points}:
            counted[sector] = credit(pack, history, {**case.counting, "sector": sector}, apply)

    def result(kind: tuple[Entitlement, str | None], training: Credit) -> Result:
        return measure(pack, kind[0], counted.get(kind[1], training), fills_total)

    samples = [done] if done is not None else sample_credits(possible.points, pack)
    results = {kind: [result(kind, training) for training in samples] for kind in possible.kinds}
    views = {kind: [_view(each) for each in found] for kind, found in results.items()}
    same = next(iter(views.values()))
    needs = set()
    if any(found != same for found in views.values()):
        needs = {
            name for name, pairs in possible.moves.items() if any(views[one] != views[other] for one, other in pairs)
        }
    if done is None and any(view != found[0] for found in views.values() for view in found):
        needs.add("history")
    kind, point = min(reversed(possible.kinds.items()), key=lambda each: _demand(results[each[0]][0]))
    return Outcome(results[kind][0], point, tuple(name for name in ASK_ORDER if name in needs)), counted


def _view(result: Result) -> Any:
    """What two possibilities must share to count as the same result."""
    if result.status in _MAY_APPLY:
        return True
    if result.status == "uncertain":
        return result.least, result.most
    return result.status, tuple((year, *sorted(row.items())) for year, row in result.short.items())


def _demand(result: Result) -> tuple[Any, ...]:
    """Most demanding first: met before waived, more years before fewer, any one year last."""
    option = result.option
    if option is None:
        return (1, 0, 0)
    return (0, option.k != EVERY, -len(option.years))


# ---------------------------------------------------------------- other readings


def _readings(case: Case, plan: Plan, chosen: Outcome, history: Any, done: Credit | None) -> list[dict[str, Any]]:
    """The contested points that would move the answer."""
    pack = case.pack
    settled, still = _flipping(case, plan, chosen, history, done)
    if not still and (done is None or not done.touched):
        return settled
    found = list(settled)
    for other, possible, fills_total in still:
        outcome, _ = _outcome(case, possible, history, done, fills_total=fills_total)
        _note(found, other, chosen, outcome)
    if done is not None and done.touched:
        for other in pack.alternatives:
            if other.apply in done.touched and other.apply:
                training = credit(pack, history, case.counting, other.apply)
                possible = plan.space
                if training.deemed_years != plan.key.deemed_years:
                    possible = _plan_of(pack, plan.key._replace(deemed_years=training.deemed_years)).space
                outcome, _ = _outcome(case, possible, history, training, other.apply)
                _note(found, other, chosen, outcome)
    return _in_order(pack, found)


def _in_order(pack: PolicyPack, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if len(lines) > 1:
        order = [reading.id for reading in pack.readings]
        lines.sort(key=lambda line: order.index(line["id"]))
    return lines


Other = tuple[Alternative, Space, bool]
Flips = tuple[list[dict[str, Any]], list[Other]]


def _flipping(case: Case, plan: Plan, chosen: Outcome, history: Any, done: Credit | None) -> Flips:
    """What the alternatives that end elsewhere than `chosen` say, and those of which that is still to be found out.

    Where all hours are remembered and none deemed, whether somebody may apply hangs only on which years are complete, so it is
    found once for all people of the plan with the same years.
    """
    pack = case.pack
    others = _others(pack, plan)
    if not others:
        return _NO_FLIPS
    here = chosen.standing
    by_sector = case.sector is None and type(history) is list  # then training is worth more or less in each
    if done is None or done.unknown or done.deemed or by_sector:
        return [], [one for one in others if _may_flip(pack, *one[1:], here, done)]
    mark = here, tuple([year for year, deficit in missing(pack, done, _years_seen(pack, plan)) if not deficit[2]])
    found: Flips | None = plan.lists.get(mark)
    if found is None:
        lines: list[dict[str, Any]] = []
        still: list[Other] = []
        for one in others:
            other, possible, fills_total = one
            ends = _ends(pack, possible, done) if fills_total else here
            if ends is None or (ends == "short" and ends != here):  # which hours, hangs on more than which years
                still.append(one)
            elif ends != here:
                _note(lines, other, chosen, _outcome(case, possible, history, done)[0])
        found = plan.lists[mark] = _in_order(pack, lines), still
    return found


def _ends(pack: PolicyPack, possible: Space, done: Credit) -> str | None:
    """How it stands in a space, where the complete years alone decide that; None where they do not."""
    ends = {kind: standing(pack, kind[0], done) for kind in possible.kinds}
    if len(set(ends.values())) > 1 and any(
        ends[one] != ends[other] for pairs in possible.moves.values() for one, other in pairs
    ):
        return "needs"
    first = next(iter(ends.values()))
    return first if len(ends) == 1 or set(ends.values()) == {"may_apply"} else None


def _may_flip(pack: PolicyPack, possible: Space, fills_total: bool, chosen: str, done: Credit | None) -> bool:
    if not fills_total and (done is None or not done.deemed):
        return False
    if len(possible.points) == 1 and done is not None:
        return standing(pack, possible.points[0].ruling.asked, done, fills_total) != chosen
    return True


def _years_seen(pack: PolicyPack, plan: Plan) -> frozenset[int]:
    """Every year on which another reading may hang."""
    seen: frozenset[int] | None = plan.lists.get("years")
    if seen is None:
        asked = [point.ruling.asked for _, possible, _ in _others(pack, plan) for point in possible.points]
        years = frozenset(year for one in asked for option in one.options for year in option.years)
        seen = plan.lists["years"] = years
    return seen


def _others(pack: PolicyPack, plan: Plan) -> list[Other]:
    """The alternatives under which something else would be asked of this key, or be counted (the last: whether what is deemed
    complete fills the year's total as in the chosen reading)."""
    others: list[Other] | None = plan.lists.get("others")
    if others is not None:
        return others
    kinds = [point.kind for point in plan.space.points]
    others = plan.lists["others"] = []
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
    return others


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


_NO_FLIPS: Flips = ([], [])


# ---------------------------------------------------------------- beside the verdict


def _annual_duty(pack: PolicyPack, done: Credit | None) -> dict[str, Any]:
    """The review year's duty for 考核 and 聘任, which no relief of a review lifts."""
    asked = _duty_asked(pack)
    duty: dict[str, Any] = {"clause": pack.years["annual_duty"].clause, "years": list(asked.options[0].years)}
    if done is None:
        return duty | {"status": "needs", "needs": ["history"]}
    result = measure(pack, asked, done)
    duty["status"] = result.status
    if result.status == "uncertain":
        return duty | {"bounds": {"at_least": number(result.least), "at_most": number(result.most)}}
    return duty | {"short": result.short, "short_total": number(result.most)}


def _duty_asked(pack: PolicyPack) -> Entitlement:
    asked: Entitlement | None = pack.memo.get("annual_duty")
    if asked is None:
        years = tuple(range(pack.review_year - pack.years["annual_duty"].fixed + 1, pack.review_year + 1))
        asked = pack.memo["annual_duty"] = Entitlement(False, (Option(EVERY, years, ()),))
    return asked


def _clauses(pack: PolicyPack, plan: Plan, status: str, rejected: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Every clause relied on, each once."""
    lines: list[dict[str, str]] | None = plan.lists.get(("clauses", status))
    if lines is None:
        names = [pack.requirement_clause, pack.years[plan.key.scope].clause] if status != "waived" else []
        names += [relief["clause"] for relief in plan.reliefs]
        if plan.lightened:
            names.append(pack.years["annual_duty"].clause)
        lines = plan.lists["clauses", status] = [_line(pack, name) for name in dict.fromkeys(names)]
    if not rejected:
        return lines
    have = {line["clause"] for line in lines}
    return lines + [
        _line(pack, name) for name in dict.fromkeys(line["clause"] for line in rejected) if name not in have
    ]


def _line(pack: PolicyPack, name: str) -> dict[str, str]:
    return {"clause": name, "says": pack.clauses[name].says}
