"""Facts against the library: the assessment that every channel, the roster, the notices and the API show.

The object is that of the public contract; the same facts and day give the same object, whoever asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from rules.ages import ages_of_birth as ages_of
from rules.ages import births_that_tell_apart
from rules.facts import Case, Refused, read_case
from rules.library import Library, Place
from rules.notice import Notice
from rules.readings import other_readings
from rules.reliefs import EVERY, Entitlement, Option
from rules.space import Axes, axes_of, key_of, sample_trainings, space, stepped
from rules.training import Training, check_history
from rules.verdict import (
    Outcome,
    Plan,
    Trained,
    differing,
    in_order,
    measure,
    number,
    outcome_of,
    plan_of,
    trained,
    views_of,
)  # fmt: skip
from rules.words import not_applied, refusal, time_alone

Assessment = dict[str, Any]


class Read(NamedTuple):
    """A facts object read against one notice, its training counted."""

    case: Case
    learned: Trained


def assess(library: Library, facts: Any, today: date) -> Assessment:
    """The assessment of one facts object on `today`. Never raises on anything that JSON can hold.

    Hours are in 学时, years are calendar years; see the contract for every key. What it holds is shared and never changed.
    """
    try:
        places, read = _read(library, facts, today)
        needs = _undecided(places, read) if len(read) > 1 else ()
    except Refused as refused:
        return refusal(library, facts, refused)
    return _assessment(read[0], facts.get("id"), needs)


def refused_field(library: Library, facts: dict[str, Any], today: date) -> str:
    """The path of the field for which `assess` refuses a facts object, as `history.2025.general`; empty where it refuses none."""
    try:
        _read(library, facts, today)
    except Refused as refused:
        return refused.field
    return ""


def _read(library: Library, facts: Any, today: date) -> tuple[list[Place], list[Read]]:
    """The facts against every notice that they may be about, the one to go on with first. Raises: Refused, where none takes them."""
    if type(facts) is not dict:
        raise Refused("invalid_type", "facts")
    places = library.choose(facts, today).places
    kept: list[Place] = []
    read: list[Read] = []
    for place in places:
        if read and _alike(places[0], place, facts.get("history")):
            continue
        with suppress(*((Refused,) if len(places) > 1 else ())):  # it is not about a notice that would refuse it
            read.append(_read_one(place.notice, facts, today))
            kept.append(place)
    if not read:
        _read_one(places[0].notice, facts, today)
    return kept, read


def _read_one(notice: Notice, facts: dict[str, Any], today: date) -> Read:
    case = read_case(notice, facts, today)
    history = facts.get("history")
    if history is not None:
        # What was done by today is no future, whatever year is asked about.
        check_history(
            notice, history, max(case.on.year, today.year) if facts.get("review_date") is None else case.on.year
        )
    return Read(case, trained(case, history))


def _alike(first: Place, other: Place, history: Any) -> bool:
    """Whether an area's notice cannot judge anybody of this training otherwise than its region's of the same year."""
    if (first.region, first.review_year) != (other.region, other.review_year):
        return False
    sources = _judged_otherwise(first.notice, other.notice)
    if sources is None:
        return False
    if type(history) is not list or not sources:
        return True
    return not any(type(record) is dict and record.get("source") in sources for record in history)


@lru_cache(maxsize=256)
def _judged_otherwise(one: Notice, other: Notice) -> frozenset[str] | None:
    return one.judged_otherwise(other)


# ---------------------------------------------------------------- several notices


def _undecided(places: Sequence[Place], read: Sequence[Read]) -> tuple[str, ...]:
    """The facts that decide, the place and the year among them: each of which two values, all else being equal, can give different
    results."""
    notices = [each.case.notice for each in read]
    axes = _shared_axes(read)
    possible = [
        space(each.case.notice, each.case.notice.knobs, key_of(each.case, each.learned.done.deemed_years), each_axes)
        for each, each_axes in zip(read, axes, strict=True)
    ]
    untold = read[0].learned.history is None
    samples: list[tuple[Training, ...]] = []
    if untold:
        points = [point for one in possible for point in one.points]
        samples = sample_trainings(notices, points, read[0].learned.done.deemed)
    views: list[list[Any]] = []
    needs: set[str] = set()
    for number_, (each, one) in enumerate(zip(read, possible, strict=True)):
        own = [sample[number_] for sample in samples] if untold else None
        tried, _ = views_of(each.case.notice, one, each.learned, own)
        views.append([[result.view for result in row] for row in tried])
        needs |= differing(views[-1], one.moves)
        if any(view != row[0] for row in views[-1] for view in row):
            needs.add("history")
    for first in range(len(places)):
        for second in range(first):
            name = _apart(places[first], places[second])
            if name and any(
                views[first][kind] != views[second][possible[second].place[values]]
                for values, kind in possible[first].place.items()
                if values in possible[second].place
            ):
                needs.add(name)
    return in_order(needs)


def _apart(one: Place, other: Place) -> str:
    """The fact that alone tells two places apart, empty where it takes more than one."""
    names = [name for name in ("region", "area", "review_year") if getattr(one, name) != getattr(other, name)]
    return (
        "region" if "region" in names and one.review_year == other.review_year else names[0] if len(names) == 1 else ""
    )


def _shared_axes(read: Sequence[Read]) -> list[Axes]:
    """For each notice the values that facts may have, with the same completions for all."""
    own = [axes_of(each.case.notice, key_of(each.case, ())) for each in read]
    domains: dict[str, tuple[Any, ...]] = {}
    for axes in own:
        for name, values in axes.domains.items():
            domains[name] = tuple(dict.fromkeys((*domains.get(name, ()), *values)))
    cases = [each.case for each in read]
    if cases[0].ages is None:
        ages = sorted({age for case in cases for age in case.notice.thresholds})
        births = births_that_tell_apart(ages, [case.on for case in cases])
    elif cases[0].birth is not None:
        days = {case.on.day for case in cases} | {case.on.day - 1 for case in cases}
        month = cases[0].birth.days
        births = (
            *month,
            *(month[0]._replace(day=day) for day in sorted(days) if len(month) > 1 and 1 <= day < month[0].day),
        )
    else:
        births = ()
    worlds = [
        stepped(case.notice, [ages_of(birth, case.on, date(case.notice.review_year, 12, 31)) for birth in births])
        if births
        else stepped(case.notice, case.ages or ())
        for case in cases
    ]
    most = max(len(each) for each in worlds)
    worlds = [(*each, *(each[-1:] * (most - len(each)))) for each in worlds]
    shared = {**domains, "world": tuple(range(most))}
    names = [name for name in shared if all(name in axes.domains for axes in own)]
    return [Axes({name: shared[name] for name in names}, each) for each in worlds]


# ---------------------------------------------------------------- written out


def _assessment(read: Read, id: str | None, needs: tuple[str, ...]) -> Assessment:
    """The assessment under one notice. `needs`: what decides where more than that notice may be meant."""
    (case, learned), notice = read, read.case.notice
    plan = plan_of(case, learned.done.deemed_years)
    outcome = outcome_of(case, plan.space, learned)
    if needs:
        outcome = outcome._replace(needs=needs)
    status, result = outcome.status, outcome.result
    out: Assessment = {} if id is None else {"id": id}
    out |= {"status": status, "policy": notice.policy_line}
    if status == "not_covered":
        line = notice.not_covered[outcome.point.ruling.asked.silent]
        out |= {"why": outcome.point.ruling.asked.silent, "message": line["says"]}
        return out | {"contacts": _contacts(notice, plan, status), "clauses": [_line(notice, line["clause"])]}
    if result.option is not None and not outcome.needs:
        out["requirement"] = _requirement(notice, plan, result.option)
        if status == "uncertain":
            out["bounds"] = {"at_least": number(result.least), "at_most": number(result.most)}
        else:
            out["short"], out["short_total"] = result.short, number(result.most)
    out["reliefs"] = _once(plan, "reliefs", lambda: [relief.line for relief in plan.reliefs])
    out["not_applied"] = not_applied(case, plan)
    out["changes"] = time_alone(case, plan, status)
    out["rejected"] = list(outcome.rejected)
    if outcome.needs:
        out["needs"] = list(outcome.needs)
    else:
        out["readings"] = other_readings(case, plan, outcome, learned)
        if plan.lightened:
            out["annual_duty"] = _annual_duty(notice, learned)
    if notice.estimate_for is None:
        opens, closes = notice.window
        out["window"] = {"opens": opens.isoformat(), "closes": closes.isoformat(), "open": plan.key.window_open}
    out["contacts"], out["clauses"] = _contacts(notice, plan, status), _clauses(notice, plan, status, outcome)
    return out


def _once(plan: Plan, name: str, make: Any) -> Any:
    """What follows from a plan alone, made when first asked for."""
    found = plan.lists.get(name)
    if found is None:
        found = plan.lists[name] = make()
    return found


def _requirement(notice: Notice, plan: Plan, option: Option) -> dict[str, Any]:
    def make() -> dict[str, Any]:
        found: dict[str, Any] = {"mode": option.mode, "years": list(option.years)}
        if option.k > 1:
            found["count"] = option.k
        usual = notice.ask(None)
        others = [ask for ask in option.asks if ask != usual]
        if others:
            least = min(others)
            found["hours"] = dict(zip(notice.category_ids, map(number, least.floors), strict=True))
            if least.total != sum(least.floors):
                found["hours"]["total"] = number(least.total)
        return found

    return dict(_once(plan, f"requirement {option.mode} {option.years} {option.asks}", make))


def _contacts(notice: Notice, plan: Plan, status: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _once(plan, "contacts of " + status, lambda: [p.line for p in notice.shown[status]])
    return found


def _annual_duty(notice: Notice, learned: Trained) -> dict[str, Any]:
    """The review year's duty for 考核 and 聘任, which no relief of a review lifts."""
    rule = notice.years["annual_duty"]
    years = tuple(range(notice.review_year - rule.fixed + 1, notice.review_year + 1))
    duty: dict[str, Any] = {"clause": rule.clause, "years": list(years)}
    if learned.history is None:
        return duty | {"status": "needs", "needs": ["history"]}
    asked = Entitlement(False, (Option(EVERY, years, (notice.ask(None),) * len(years)),))
    result = measure(notice, asked, learned.done)
    duty["status"] = result.status
    if result.status == "uncertain":
        return duty | {"bounds": {"at_least": number(result.least), "at_most": number(result.most)}}
    return duty | {"short": result.short, "short_total": number(result.most)}


def _clauses(notice: Notice, plan: Plan, status: str, outcome: Outcome) -> list[dict[str, str]]:
    """Every clause relied on, each once."""

    def make() -> list[str]:
        names = [notice.requirement_clause, notice.years[plan.key.scope].clause] if status != "waived" else []
        names += [relief.clause for relief in plan.reliefs]
        return [*names, notice.years["annual_duty"].clause] if plan.lightened else names

    names = _once(plan, "clauses of " + status, make)
    return [_line(notice, name) for name in dict.fromkeys((*names, *(line["clause"] for line in outcome.rejected)))]


def _line(notice: Notice, name: str) -> dict[str, str]:
    return {"clause": name, "says": notice.clauses[name].says}
