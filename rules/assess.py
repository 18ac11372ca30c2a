"""Facts against the library: the assessment that every channel, the roster, the notices and the API show.

The object is that of the public contract; the same facts and day give the same object, whoever asks.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import date
from itertools import combinations
from operator import itemgetter
from typing import Any

from rules.ages import Birth, ages_of_birth, births_that_tell_apart, month_days
from rules.facts import GROUND, KNOWN, Ground, Refused, read_ground, written
from rules.library import Library, Possibility
from rules.notice import kept
from rules.plan import Plan, plan_of
from rules.space import Axes, axes_of, key_of, sample_trainings, space, stepped
from rules.training import Applicant, Training, read_case
from rules.verdict import Outcome, differing, in_order, measure, outcome_of, views_of
from rules.words import not_applied, refusal, time_alone

Assessment = dict[str, Any]


Read = tuple[Possibility, Applicant]  # a facts object read against the notice of a place
Place = tuple[Possibility, Ground, frozenset[str] | None]  # as `_grounds` gives them
_SOURCE = itemgetter("source")


BESIDE = ("not_applied", "changes", "rejected", "readings", "annual_duty")  # what is said beside the result


def assess(library: Library, facts: Any, today: date, *, beside: Container[str] = BESIDE) -> Assessment:
    """The assessment of one facts object on `today`. Never raises on anything that JSON can hold.

    Hours are in 学时, years are calendar years; see the contract for every key. What it holds is shared and never changed.
    `beside`: what is to be said beside the status, what is missing and what decides, which takes the most of the time.
    """
    try:
        read = _read(library, facts, today)
        needs = _undecided(read) if len(read) > 1 else ()
    except Refused as refused:
        return refusal(library, facts, refused)
    return _assessment(read[0][1], facts.get("id"), needs, beside)


def refused_field(library: Library, facts: dict[str, Any], today: date) -> str:
    """The path of the field for which `assess` refuses a facts object, as `history.2025.general`; empty where it refuses none."""
    try:
        _read(library, facts, today)
    except Refused as refused:
        return refused.field
    return ""


def _read(library: Library, facts: Any, today: date) -> list[Read]:
    """The facts against every notice that they may be about, the one to go on with first. Raises: Refused, where none takes them."""
    if type(facts) is not dict:
        raise Refused("invalid_type", "facts")
    if not facts.keys() <= KNOWN:
        raise Refused("unknown_field", next(str(key) for key in facts if key not in KNOWN))
    grounds = kept(library.grounds, (written(facts, GROUND), today), _grounds, library, facts, today)
    records = facts["history"] if type(facts.get("history")) is list else ()
    read: list[Read] = []
    for place, ground, unlike in grounds:
        if not read or unlike is None or not unlike.isdisjoint(map(_SOURCE, records)):
            try:
                read.append((place, read_case(ground, facts)))
            except Refused:  # it is not about a notice that would refuse it, unless none is left
                if place is grounds[-1][0] and not read:
                    raise
    return read


def _grounds(library: Library, facts: dict[str, Any], today: date) -> list[Place]:
    """The places that the facts may be about, their ground there, and the sources of training by which alone it judges otherwise than
    the first; None: by more. Raises: Refused, where none takes them."""
    places = library.choose(facts, today).places
    found: list[Place] = []
    for place in places:
        try:
            ground = read_ground(place.notice, facts, today)
        except Refused:
            if place is places[-1] and not found:
                raise
            continue
        first = found[0][0] if found else place
        unlike = frozenset(first.notice.judged_otherwise(place.notice))
        same = (first.region, first.review_year) == (place.region, place.review_year)
        found.append((place, ground, unlike if same and unlike <= first.notice.sources_known else None))
    return found


# ---------------------------------------------------------------- several notices


def _undecided(read: Sequence[Read]) -> tuple[str, ...]:
    """The facts that decide, the place and the year among them: each of which two values, all else being equal, can give different
    results."""
    places, cases = [place for place, _ in read], [case for _, case in read]
    spaces = [
        space(case.notice, case.notice.knobs, key_of(case), axes)
        for case, axes in zip(cases, _shared_axes(cases), strict=True)
    ]
    samples: list[tuple[Training, ...]] = []
    if cases[0].history is None:
        points = [point for one in spaces for point in one.points]
        samples = sample_trainings([case.notice for case in cases], points, cases[0].done.deemed)
    views, needs = [], set()
    for number, (case, one) in enumerate(zip(cases, spaces, strict=True)):
        tried, _ = views_of(case, one, [sample[number] for sample in samples], case.notice.knobs.deemed_fills_total)
        views.append([[result.view for result in row] for row in tried])
        needs |= differing(views[-1], one.moves)
    for first, second in combinations(range(len(read)), 2):
        name, there = _apart(places[first], places[second]), spaces[second].place
        shared = [(kind, there[values]) for values, kind in spaces[first].place.items() if values in there]
        if name and any(views[first][kind] != views[second][other] for kind, other in shared):
            needs.add(name)
    return in_order(needs)


def _apart(one: Possibility, other: Possibility) -> str:
    """The fact that alone tells two places apart, empty where it takes more than one."""
    names = [name for name in ("region", "area", "review_year") if getattr(one, name) != getattr(other, name)]
    if "region" in names and one.review_year == other.review_year:
        return "region"
    return names[0] if len(names) == 1 else ""


def _shared_axes(cases: Sequence[Applicant]) -> list[Axes]:
    """For each notice the values that facts may have, with the same completions for all."""
    own = [axes_of(case.notice, key_of(case)).domains for case in cases]
    domains = {
        name: tuple(dict.fromkeys(value for axes in own for value in axes[name]))
        for name in own[0]
        if all(name in axes for axes in own)
    }
    birth = cases[0].birth
    births: Sequence[Birth] = ()
    if birth is not None:
        births = birth.days if birth.day else [birth._replace(day=day) for day in range(month_days(birth), 0, -1)]
    elif cases[0].ages is None:
        births = births_that_tell_apart(
            sorted({age for case in cases for age in case.notice.thresholds}), [case.on for case in cases]
        )
    worlds = [
        stepped(case.notice, [ages_of_birth(born, case.on, case.notice.year_end) for born in births] or case.ages or ())
        for case in cases
    ]
    worlds = list(zip(*dict.fromkeys(zip(*worlds, strict=True)), strict=True))
    return [Axes({**domains, "world": tuple(range(len(each)))}, each) for each in worlds]


# ---------------------------------------------------------------- written out


def _assessment(case: Applicant, id: str | None, needs: tuple[str, ...], beside: Container[str]) -> Assessment:
    """The assessment under one notice. `needs`: what decides where more than that notice may be meant."""
    notice, plan = case.notice, plan_of(case)
    outcome = outcome_of(case, plan.space)
    if needs:
        outcome = outcome._replace(needs=needs)
    status, result = outcome.status, outcome.result
    out: Assessment = {} if id is None else {"id": id}
    if status == "not_covered":
        code = outcome.point.ruling.asked.silent
        clause, says, _ = notice.not_covered[code]
        out |= {"status": status, "policy": notice.policy_line, "why": code, "message": says}
        return out | {"contacts": [place.line for place in notice.shown[status]], "clauses": [notice.line(clause)]}
    out |= plan.shape(status, result.option)
    if "requirement" in out:
        out |= result.missing(notice)
    if "not_applied" in beside:
        out["not_applied"] = not_applied(case, plan)
    if "changes" in beside:
        out["changes"] = time_alone(case, plan, status)
    if outcome.rejected and "rejected" in beside:
        out["rejected"] = list(outcome.rejected)
        named = dict.fromkeys([line["clause"] for line in (*out["clauses"], *outcome.rejected)])
        out["clauses"] = [notice.line(name) for name in named]
    if status == "needs":
        out["needs"] = list(outcome.needs)
        return out
    if "readings" in beside:
        out["readings"] = _other_readings(case, plan, outcome)
    if plan.duty is None or "annual_duty" not in beside:
        return out
    if case.history is None:
        out["annual_duty"] = {**out["annual_duty"], "status": "needs", "needs": ["history"]}
    else:  # which no relief of a review lifts
        due = measure(plan.duty, case.done, notice.knobs.deemed_fills_total)
        out["annual_duty"] = {**out["annual_duty"], "status": due.status, **due.missing(notice)}
    return out


def _other_readings(case: Applicant, plan: Plan, chosen: Outcome) -> list[dict[str, Any]]:
    """The contested points that, read the other way, would move the answer, and where to."""
    done, usual, found = case.done, case.notice.knobs.deemed_fills_total, []
    for reading, possible, fills in plan.others:
        whose = case
        if reading.apply and reading.apply in done.touched:
            whose = case.again(case.told.values.get("sector"), reading.apply)
            possible = plan_of(whose).space
        elif reading.apply or (fills != usual and not done.deemed):
            continue
        outcome = outcome_of(whose, possible, reading.apply, fills)
        if outcome.standing != chosen.standing:
            line = {"id": reading.id, "reading": reading.says, "status": outcome.status}
            found.append({**line, "short": outcome.short(case.notice)})
    return found
