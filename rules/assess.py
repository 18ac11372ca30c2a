"""Facts against a policy pack: the assessment that every channel, the roster, the notices and the API show.

The object is that of the public contract; the same facts and day give the same object, whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from rules.credit import Credit, credit
from rules.facts import ASK_ORDER, Case, Refused, read_facts
from rules.measure import Result, measure, number
from rules.policy import Alternative, Packs, PolicyPack
from rules.reliefs import EVERY, Entitlement, Option
from rules.space import Key, Point, Space, key_of, sample_credits, space
from rules.words import not_applied, refusal, time_alone

Assessment = dict[str, Any]
_MEMO_LIMIT = 20_000
_MAY_APPLY = ("met", "waived")
_PARTIAL = ("any_k_of", "restrict_to", "drop_years")


class Plan(NamedTuple):
    """What can be said of a key before any training is looked at; the lists are shared and never changed."""

    space: Space
    certain: tuple[str, ...]  # reliefs that hold in every possibility
    reliefs: list[dict[str, str]]
    lists: dict[Any, Any]  # clauses, what does not apply, other readings: made when first asked for


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
        case = read_facts(packs, facts, today)
    except Refused as refused:
        return refusal(packs, facts, refused)
    return _assess(case, facts.get("id"))


def _assess(case: Case, id: str | None) -> Assessment:
    pack = case.pack
    done = None if case.history is None else credit(pack, case.history, _counting_profile(case))
    key = key_of(case, () if done is None else done.deemed_years)
    plan = _plan(pack, key)
    rejected: list[dict[str, Any]] = []
    if done is not None:
        rejected = done.rejected
    outcome, counted = _outcome(case, plan.space, done)
    result, point = outcome.result, outcome.point
    if counted:  # where the sector is open, only what counts in none of them is rejected
        everywhere = [{line["record"] for line in each.rejected} for each in counted.values()]
        rejected = [
            line for line in counted[point.sector].rejected if all(line["record"] in names for names in everywhere)
        ]
    status = "needs" if outcome.needs else result.status
    out: Assessment = {} if id is None else {"id": id}
    out["status"] = status
    out["policy"] = {"id": pack.id, "sha256": pack.sha256}
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
    out["not_applied"] = not_applied(case, point, plan.lists)
    out["changes"] = time_alone(case, point, plan.lists, status)
    out["rejected"] = rejected
    if outcome.needs:
        out["needs"] = list(outcome.needs)
    else:
        out["readings"] = _readings(case, key, plan, outcome, done)
        if key.scope in ("review", "exceptional") and _lightened(pack, plan.certain):
            out["annual_duty"] = _annual_duty(pack, done)
    out["window"] = {
        "opens": pack.window[0].isoformat(), "closes": pack.window[1].isoformat(), "open": key.window_open,
    }  # fmt: skip
    out["contacts"] = pack.shown[status]
    out["clauses"] = _clauses(pack, key, plan, status, rejected)
    return out


# ---------------------------------------------------------------- plans


def _plan(pack: PolicyPack, key: Key) -> Plan:
    plan: Plan | None = pack.memo.get(key)
    if plan is None:
        if len(pack.memo) >= _MEMO_LIMIT:
            pack.memo.clear()
        possible = space(pack, pack.knobs, key)
        sets = [frozenset(point.ruling.reliefs) for point in possible.points]
        certain = tuple(relief.id for relief in pack.reliefs if all(relief.id in held for held in sets))
        plan = pack.memo[key] = Plan(
            possible, certain, [relief.line for relief in pack.reliefs if relief.id in certain], {}
        )
    return plan


def _counting_profile(case: Case) -> dict[str, Any]:
    return {
        "scope": case.scope, "sector": case.sector, "unit_scope": case.unit_scope, "school_teacher": case.school_teacher,
        "highly_skilled": case.highly_skilled, "review_year": case.pack.review_year,
    }  # fmt: skip


# ---------------------------------------------------------------- one reading


def _outcome(
    case: Case, possible: Space, done: Credit | None, apply: str = "", fills_total: bool = True
) -> tuple[Outcome, dict[str | None, Credit]]:
    """The result over every possibility, and what the training is worth by sector where the sector is open."""
    pack = case.pack
    counted: dict[str | None, Credit] = {}
    if done is not None and case.sector is None and case.history and type(case.history) is list:
        for sector in {point.sector for point in possible.points}:
            counted[sector] = credit(pack, case.history, {**_counting_profile(case), "sector": sector}, apply)

    def result(kind: tuple[Entitlement, str | None], training: Credit) -> Result:
        return measure(pack, kind[0], counted.get(kind[1], training), fills_total)

    if len(possible.points) == 1 and done is not None:
        point = possible.points[0]
        return Outcome(result(point.kind, done), point, ()), counted
    samples = [done] if done is not None else sample_credits(possible.points, pack)
    results = {point.kind: [result(point.kind, training) for training in samples] for point in possible.points}
    views = {kind: [_view(each) for each in found] for kind, found in results.items()}
    needs = {name for name, pairs in possible.moves.items() if any(views[one] != views[other] for one, other in pairs)}
    if done is None and any(view != found[0] for found in views.values() for view in found):
        needs.add("history")
    point = min(possible.points, key=lambda point: _demand(results[point.kind][0]))
    return Outcome(results[point.kind][0], point, tuple(name for name in ASK_ORDER if name in needs)), counted


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


def _readings(case: Case, key: Key, plan: Plan, chosen: Outcome, done: Credit | None) -> list[dict[str, Any]]:
    """The contested points that would move the answer."""
    found: list[dict[str, Any]] = []
    pack = case.pack
    others = plan.lists.get("others")
    if others is None:
        others = plan.lists["others"] = _others(pack, key, plan.space)
    for other, possible in others:
        if other.knobs.deemed_fills_total != pack.knobs.deemed_fills_total and (done is None or not done.deemed):
            continue
        outcome, _ = _outcome(case, possible, done, fills_total=other.knobs.deemed_fills_total)
        _note(found, other, chosen, outcome)
    if done is not None and done.touched and type(case.history) is list:
        for other in pack.alternatives:
            if other.apply in done.touched and other.apply:
                training = credit(pack, case.history, _counting_profile(case), other.apply)
                possible = plan.space
                if training.deemed_years != key.deemed_years:
                    possible = _plan(pack, key._replace(deemed_years=training.deemed_years)).space
                outcome, _ = _outcome(case, possible, training, other.apply)
                _note(found, other, chosen, outcome)
    if len(found) > 1:
        order = [reading.id for reading in pack.readings]
        found.sort(key=lambda line: order.index(line["id"]))
    return found


def _others(pack: PolicyPack, key: Key, chosen: Space) -> list[tuple[Alternative, Space]]:
    """The alternatives under which something else would be asked of this key."""
    kinds = [point.kind for point in chosen.points]
    others = []
    for other in pack.alternatives:
        if other.apply:
            continue
        possible = space(pack, other.knobs, key)
        if (
            other.knobs.deemed_fills_total != pack.knobs.deemed_fills_total
            or [point.kind for point in possible.points] != kinds
        ):
            others.append((other, possible))
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


# ---------------------------------------------------------------- beside the verdict


def _lightened(pack: PolicyPack, certain: tuple[str, ...]) -> bool:
    """Whether a relief that covers the review alone is in force."""
    return any(relief.kind != "deem" for relief in pack.reliefs if relief.id in certain)


def _annual_duty(pack: PolicyPack, done: Credit | None) -> dict[str, Any]:
    """The review year's duty for 考核 and 聘任, which no relief of a review lifts."""
    rule = pack.years["annual_duty"]
    years = tuple(range(pack.review_year - rule.fixed + 1, pack.review_year + 1))
    duty: dict[str, Any] = {"clause": rule.clause, "years": list(years)}
    if done is None:
        return duty | {"status": "needs", "needs": ["history"]}
    result = measure(pack, Entitlement(False, (Option(EVERY, years, ()),)), done)
    duty["status"] = result.status
    if result.status == "uncertain":
        return duty | {"bounds": {"at_least": number(result.least), "at_most": number(result.most)}}
    return duty | {"short": result.short, "short_total": number(result.most)}


def _clauses(
    pack: PolicyPack, key: Key, plan: Plan, status: str, rejected: list[dict[str, Any]]
) -> list[dict[str, str]]:
    """Every clause relied on, each once."""
    lines: list[dict[str, str]] | None = plan.lists.get(("clauses", status))
    if lines is None:
        names = [pack.requirement_clause, pack.years[key.scope].clause] if status != "waived" else []
        names += [relief["clause"] for relief in plan.reliefs]
        if key.scope in ("review", "exceptional") and _lightened(pack, plan.certain):
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


Assess = Callable[[Packs, Any, date], Assessment]
