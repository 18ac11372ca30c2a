"""The sentences inside an assessment that hang on a person's own dates, and why input was refused."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from typing import Any, TypeVar

from rules.ages import Birth, day_reached
from rules.facts import Case, Refused
from rules.library import ELSEWHERE, Library
from rules.notice import Notice, Relief
from rules.phrases import phrases
from rules.registry import FACTS
from rules.space import Point
from rules.verdict import Plan

Row = TypeVar("Row")
_OPEN = ("short", "uncertain", "needs")  # to whom the end of the training period still makes a difference
_REVIEWS = ("review", "exceptional")


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


def not_applied(case: Case, plan: Plan) -> list[dict[str, str]]:
    """The reliefs looked at that apply in no possibility, each with what is missing."""
    rows: list[tuple[Relief, int, dict[str, str]]] | None = plan.lists.get("not_applied")
    if rows is None:
        rows = plan.lists["not_applied"] = _in_all(_looked_at(case.notice, point) for point in plan.space.points)
    found = []
    for relief, need, line in rows:
        if not need:
            found.append(line)
        elif how_long := _how_long(case, need):
            says = relief.missing.format(need=need, wait=how_long)
            found.append({"id": relief.id, "clause": relief.clause, "says": says})
    return found


def _how_long(case: Case, need: int) -> str:
    """How long until an age is reached, empty where the age is not known."""
    if case.birth is not None:
        return _wait(case.on, case.birth, need)
    return phrases()["about_years"].format(n=need - case.ages[0][0]) if case.ages else ""


def _in_all(found: Iterable[list[Row]]) -> list[Row]:
    """The rows that stand in every one of the lists, in the order of the first."""
    lists = list(found)
    first = lists[0]
    return [row for row in first if all(row in other for other in lists[1:])]


def _looked_at(notice: Notice, point: Point) -> list[tuple[Relief, int, dict[str, str]]]:
    """Each relief that does not apply, with the age that would open it, or 0 and its line."""
    rows: list[tuple[Relief, int, dict[str, str]]] = []
    profile = {**point.profile, "ordinary_years": point.ruling.ordinary}
    for relief in notice.reliefs:
        if relief.id in point.ruling.reliefs or (relief.quiet_without and not profile.get(relief.quiet_without)):
            continue
        says, test = relief.missing, relief.when.test
        opens = [age for age in (0, *notice.thresholds) if test({**profile, "age": age})]
        if profile["scope"] not in _REVIEWS and test({**profile, "scope": "review"}):
            says = phrases()["scope"]
        elif opens and opens[0] > profile["age"]:
            rows.append((relief, opens[0], {}))
            continue
        elif opens or "{need}" in says:
            continue  # outgrown, or never within reach
        rows.append((relief, 0, {"id": relief.id, "clause": relief.clause, "says": says}))
    for relief in notice.lapsed:
        says = phrases()["lapsed"].format(year=notice.document["review_year"])
        rows.append((relief, 0, {"id": relief.id, "clause": relief.clause, "says": says}))
    return rows


def time_alone(case: Case, plan: Plan, status: str) -> list[dict[str, str]]:
    """What the calendar alone will change before the review year is over: a birthday, the end of the training period."""
    notice = case.notice
    gains: list[tuple[int, Relief]] | None = plan.lists.get("gains")
    if gains is None:
        gains = plan.lists["gains"] = _in_all(_gains(notice, point) for point in plan.space.points)
    found = []
    if case.birth is not None:
        for age, relief in gains:
            if case.birth.year + age == notice.review_year:
                day = day_reached(case.birth, age)
                if case.on < day <= date(notice.review_year, 12, 31):
                    says = phrases()["turns"].format(month=day.month, day=day.day, age=age, says=relief.says)
                    found.append({"from": day.isoformat(), "id": relief.id, "says": says})
    closes = notice.window[1]
    if status in _OPEN and plan.key.window_open and notice.estimate_for is None:
        says = phrases()["closes"].format(year=notice.review_year, month=closes.month, day=closes.day)
        found.append({"from": (closes + timedelta(days=1)).isoformat(), "id": "window_closes", "says": says})
    return found


def _gains(notice: Notice, point: Point) -> list[tuple[int, Relief]]:
    """The reliefs that each higher threshold would open."""
    profile = {**point.profile, "ordinary_years": point.ruling.ordinary}
    return [
        (age, relief)
        for age in notice.thresholds
        if age > profile["age"]
        for relief in notice.reliefs
        if relief.id not in point.ruling.reliefs and relief.when.test({**profile, "age": age})
    ]


def _wait(on: date, birth: Birth, age: int) -> str:
    """How long until an age is reached, in words."""
    if 0 < birth.day < 28:  # reached on the next day of the same month
        months = (birth.year + age - on.year) * 12 + birth.month - on.month - (birth.day + 1 < on.day)
    else:
        target = day_reached(birth, age)
        months = (target.year - on.year) * 12 + target.month - on.month - (target.day < on.day)
    if months < 1:
        return phrases()["days"].format(n=max((day_reached(birth, age) - on).days, 1))
    return _months(months)


@cache
def _months(months: int) -> str:
    years, months = divmod(months, 12)
    words = phrases()
    return (words["year"].format(n=years) if years else "") + (words["months"].format(n=months) if months else "")
