"""Facts against a policy pack: the assessment that every channel, the roster, the notices and the API show.

The object is that of the public contract; the same facts and day give the same object, whoever asks.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

from rules.credit import Credit, credit, plain_credit, plain_table
from rules.facts import Case, Refused, read_birth, read_case
from rules.history import check_history
from rules.measure import measure, number
from rules.outcome import Outcome, Plan, outcome_of, plan_for
from rules.policy import Packs, PolicyPack
from rules.readings import other_readings
from rules.reliefs import EVERY, Entitlement, Option
from rules.words import not_applied, refusal, time_alone

Assessment = dict[str, Any]
_DUTIES = 20_000


def assess(packs: Packs, facts: Any, today: date) -> Assessment:
    """The assessment of one facts object on `today`. Never raises on anything that JSON can hold.

    Hours are in 学时, years are calendar years; see the contract for every key. What it holds is shared and never changed.
    """
    try:
        case = read_case(packs, facts, today)
    except Refused as refused:
        return refusal(packs, facts, refused)
    return _assess(packs, case, facts)


def refused_field(packs: Packs, facts: dict[str, Any], today: date) -> str:
    """The path of the field for which `assess` refuses a facts object, as `history.2025.general`; empty where it refuses none."""
    try:
        case = read_case(packs, facts, today)
        if facts.get("birth") is not None:
            read_birth(case.pack, facts["birth"], case.on)
        if facts.get("history") is not None:
            check_history(facts["history"], case.on.year, case.pack.limits)
    except Refused as refused:
        return refused.field
    return ""


class Alike:
    """People of whom all but birth, training and id is the same: the rest is read once for them all."""

    def __init__(self, packs: Packs, facts: dict[str, Any], today: date) -> None:
        """`facts` of one of them."""
        self._packs, self._today = packs, today
        self._case: Case | None = None
        with suppress(Refused):
            self._case = read_case(packs, facts, today)

    def assess(self, facts: dict[str, Any]) -> Assessment:
        """What `assess` says of one of them."""
        case = self._case
        return assess(self._packs, facts, self._today) if case is None else _assess(self._packs, case, facts)


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


def _assess(packs: Packs, case: Case, facts: dict[str, Any]) -> Assessment:
    """`facts` of which all but birth, training and id is `case`."""
    id, birth, history = facts.get("id"), facts.get("birth"), facts.get("history")
    try:
        if id is not None and type(id) is not str:
            raise Refused("invalid_type", "id")
        born = None if birth is None else read_birth(case.pack, birth, case.on)
        done = None if history is None else _counted(case, history)
    except Refused as refused:
        return refusal(packs, facts, refused)
    plan, pack = plan_for(case, born, () if done is None else done.deemed_years), case.pack
    if done is None:  # nothing of the person but the key bears on it
        known = plan.lists.get("untold")
        outcome, counted = known or plan.lists.setdefault("untold", outcome_of(case, plan.space, history, done))
    else:
        outcome, counted = outcome_of(case, plan.space, history, done)
    result = outcome.result
    status = "needs" if outcome.needs else result.status
    mark = status, result.option
    shape: Assessment = plan.lists.get(mark) or plan.lists.setdefault(mark, _shape(pack, plan, status, outcome))
    out = shape.copy()
    if id is None:
        del out["id"]
    else:
        out["id"] = id
    if status == "not_covered":
        return out
    if status == "short":
        out["short"], out["short_total"] = result.short, number(result.most)
    elif status == "uncertain":
        out["bounds"] = {"at_least": number(result.least), "at_most": number(result.most)}
    out["not_applied"] = not_applied(case, born, plan.space.points, plan.lists)
    out["changes"] = time_alone(case, born, plan.space.points, plan.lists, status)
    if outcome.needs:
        out["needs"] = list(outcome.needs)
    else:
        out["readings"] = other_readings(case, plan, outcome, history, done)
        if plan.lightened:
            out["annual_duty"] = _annual_duty(pack, done)
    if done is not None and (done.rejected or counted):
        out["rejected"] = rejected = _rejected(done, counted, outcome)
        out["clauses"] = _more(pack, out["clauses"], rejected)
    return out


def _shape(pack: PolicyPack, plan: Plan, status: str, outcome: Outcome) -> Assessment:
    """An assessment but for what is a person's own: every key in its place."""
    out: Assessment = {"id": "", "status": status, "policy": pack.policy_line}
    if status == "not_covered":
        why = outcome.point.ruling.asked.silent
        line = pack.not_covered[why]
        out |= {"why": why, "message": line["says"], "contacts": pack.shown[status]}
        return out | {"clauses": [_line(pack, line["clause"])]}
    option = outcome.result.option
    if status != "needs" and option is not None:
        out["requirement"] = {"mode": option.mode, "years": list(option.years)}
        out |= {"bounds": None} if status == "uncertain" else {"short": {}, "short_total": 0}
    out |= {"reliefs": plan.reliefs, "not_applied": [], "changes": [], "rejected": []}
    if status == "needs":
        out["needs"] = []
    else:
        out["readings"] = []
        if plan.lightened:
            out["annual_duty"] = None
    out |= {"window": pack.window_lines[plan.key.window_open], "contacts": pack.shown[status]}
    return out | {"clauses": _clauses(pack, plan, status)}


# ---------------------------------------------------------------- beside the verdict


def _annual_duty(pack: PolicyPack, done: Credit | None) -> dict[str, Any]:
    """The review year's duty for 考核 and 聘任, which no relief of a review lifts. It is shared and never changed."""
    asked: Entitlement | None = pack.duties.get("asked")
    if asked is None:
        years = tuple(range(pack.review_year - pack.years["annual_duty"].fixed + 1, pack.review_year + 1))
        asked = pack.duties["asked"] = Entitlement(False, (Option(EVERY, years, ()),))
    if done is None or done.unknown:
        return _duty(pack, asked, done)
    mark = (*[done.deficits.get(year, pack.untrained) for year in asked.options[0].years],)
    duty: dict[str, Any] | None = pack.duties.get(mark)
    if duty is None:
        if len(pack.duties) >= _DUTIES:
            pack.duties.clear()
        duty = pack.duties[mark] = _duty(pack, asked, done)
    return duty


def _duty(pack: PolicyPack, asked: Entitlement, done: Credit | None) -> dict[str, Any]:
    duty: dict[str, Any] = {"clause": pack.years["annual_duty"].clause, "years": list(asked.options[0].years)}
    if done is None:
        return duty | {"status": "needs", "needs": ["history"]}
    result = measure(pack, asked, done)
    duty["status"] = result.status
    if result.status == "uncertain":
        return duty | {"bounds": {"at_least": number(result.least), "at_most": number(result.most)}}
    return duty | {"short": result.short, "short_total": number(result.most)}


def _rejected(done: Credit, counted: dict[str | None, Credit], outcome: Outcome) -> list[dict[str, Any]]:
    """The records that do not count; where the sector is open, only those that count in none."""
    if not counted:
        return done.rejected
    everywhere = [{line["record"] for line in each.rejected} for each in counted.values()]
    mine = counted[outcome.point.sector].rejected
    return [line for line in mine if all(line["record"] in names for names in everywhere)]


def _clauses(pack: PolicyPack, plan: Plan, status: str) -> list[dict[str, str]]:
    """Every clause relied on, each once."""
    names = [pack.requirement_clause, pack.years[plan.key.scope].clause] if status != "waived" else []
    names += [relief["clause"] for relief in plan.reliefs]
    if plan.lightened:
        names.append(pack.years["annual_duty"].clause)
    return [_line(pack, name) for name in dict.fromkeys(names)]


def _more(pack: PolicyPack, lines: list[dict[str, str]], rejected: list[dict[str, Any]]) -> list[dict[str, str]]:
    """The clauses, and those by which records were rejected."""
    have = {line["clause"] for line in lines}
    return lines + [
        _line(pack, name) for name in dict.fromkeys(line["clause"] for line in rejected) if name not in have
    ]


def _line(pack: PolicyPack, name: str) -> dict[str, str]:
    return {"clause": name, "says": pack.clauses[name].says}
