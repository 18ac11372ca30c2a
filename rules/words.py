"""The sentences inside an assessment that hang on a person's own dates, and why input was refused."""

from __future__ import annotations

from datetime import date
from typing import Any

from rules.facts import Refused
from rules.library import ELSEWHERE, Library
from rules.notice import Notice, Relief, kept
from rules.plan import Plan
from rules.registry import FACTS, phrases
from rules.training import Applicant

_OPEN = ("short", "uncertain", "needs")  # to whom the end of the training period still makes a difference


# ---------------------------------------------------------------- refused


def refusal(library: Library, facts: Any, refused: Refused) -> dict[str, Any]:
    """The assessment of input that cannot be taken."""
    notice, given = _notice_of(library, facts), facts if isinstance(facts, dict) else {}
    bounds: dict[str, Any] = {}
    for name, (low, high) in notice.limits.items():
        bounds |= {f"{name}_from": low, f"{name}_until": high}
    areas = [area for region in library.regions for area in library.areas(region)]
    bounds |= {
        "applications_from": notice.applications[0], "applications_until": notice.applications[1],
        "year": given.get("review_year"), "years": "、".join(str(each) for each in library.years()),
        "regions": "、".join(library.regions), "areas": "、".join(areas) or ELSEWHERE,
    }  # fmt: skip
    head, _, rest = refused.field.partition(".")
    name, bracket, place = head.partition("[")
    field = field_name(name) + _printable(bracket + place + ("." + rest if rest else ""))
    accepts = _accepts(refused.accepts).format(**bounds)
    message = phrases("refusals")[refused.code].format(field=field, accepts=accepts, **bounds)
    out: dict[str, Any] = {"id": given["id"]} if isinstance(given.get("id"), str) else {}
    return out | {"status": "refused", "why": refused.code, "message": message}


def refused(library: Library, code: str, accepts: str = "json") -> dict[str, Any]:
    """The assessment of input that never became facts; `accepts` names what would have been taken."""
    return refusal(library, None, Refused(code, "facts", accepts))


def field_name(name: str) -> str:
    """A field as a refusal names it: 性别 sex."""
    if name in FACTS:
        return f"{FACTS[name].name} {name}"
    return phrases("fields").get(name) or _printable(name)


def _accepts(name: str) -> str:
    fact = FACTS.get(name)
    if fact is None:
        return phrases("accepts").get(name, "")
    if fact.accepts:
        return fact.accepts
    return phrases("accepts")["flag"] if fact.kind in ("yes_no", "switch") else " 或 ".join(v for v, _ in fact.values)


def _notice_of(library: Library, facts: Any) -> Notice:
    """The notice by whose bounds a refusal speaks: of the year that was named, else the last."""
    year = facts.get("review_year") if isinstance(facts, dict) else None
    named = [notice for notice in library.notices if notice.review_year == year]
    return (named or [max(library.notices, key=lambda notice: notice.review_year)])[0]


def _printable(text: str) -> str:
    """What somebody typed, short and harmless enough to stand in a message."""
    clean = "".join(sign if sign.isprintable() else "?" for sign in text)
    return clean if len(clean) <= 40 else clean[:40] + "…"


# ---------------------------------------------------------------- what does not apply, and what time will change


def not_applied(case: Applicant, plan: Plan) -> list[dict[str, str]]:
    """The reliefs looked at that apply in no possibility, each with what is missing."""
    found = []
    for relief, need, line in plan.missed:
        if not need:
            found.append(line)
        elif case.ages is not None:  # else nobody knows how long it takes
            unit, n = "about_years", need - case.ages[0][0]
            if case.birth is not None:
                unit, n = _wait(case.on, case.notice.day_reached(case.birth, need))
            found.append(kept(plan.waits, (relief.id, unit, n), _waiting, relief, need, unit, n))
    return found


def _waiting(relief: Relief, need: int, unit: str, n: int) -> dict[str, str]:
    words = phrases()
    wait = words[unit].format(n=n)
    if unit == "months":
        years, months = divmod(n, 12)
        wait = (words["year"].format(n=years) if years else "") + (words["months"].format(n=months) if months else "")
    return {"id": relief.id, "clause": relief.clause, "says": relief.missing.format(need=need, wait=wait)}


def time_alone(case: Applicant, plan: Plan, status: str) -> list[dict[str, str]]:
    """What the calendar alone will change before the review year is over: a birthday, the end of the training period."""
    notice, born, found = case.notice, case.birth, []
    turns = [(notice.day_reached(born, age), age, relief) for age, relief in plan.gains] if born is not None else []
    for day, age, relief in turns:
        if case.on < day <= notice.year_end:
            says = phrases()["turns"].format(month=day.month, day=day.day, age=age, says=relief.says)
            found.append({"from": day.isoformat(), "id": relief.id, "says": says})
    if status in _OPEN and plan.key.window_open and notice.estimate_for is None:
        found.append(notice.closing)
    return found


def _wait(on: date, target: date) -> tuple[str, int]:
    """How long until a day: whole months, or days where it is none."""
    months = (target.year - on.year) * 12 + target.month - on.month - (target.day < on.day)
    return ("months", months) if months > 0 else ("days", max((target - on).days, 1))
