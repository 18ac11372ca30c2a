"""Facts against the library: the assessment that every channel, the roster, the notices and the API show.

The object is that of the public contract; the same facts and day give the same object, whoever asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import combinations
from typing import Any, NamedTuple

from rules.ages import Birth, ages_of_birth, births_that_tell_apart, month_days
from rules.facts import GROUND, KNOWN, Case, Ground, Refused, read_case, read_ground, written
from rules.library import Library, Place
from rules.notice import Alternative, kept
from rules.plan import Plan, plan_of
from rules.space import Axes, axes_of, key_of, sample_trainings, space, stepped
from rules.training import Training
from rules.verdict import (
    MAY_APPLY,
    Outcome,
    Trained,
    differing,
    fulfils,
    in_order,
    measure,
    outcome_of,
    trained,
    views_of,
)
from rules.words import not_applied, refusal, time_alone

Assessment = dict[str, Any]


class Read(NamedTuple):
    """A facts object read against the notice of a place, its training counted."""

    place: Place
    case: Case
    learned: Trained


def assess(library: Library, facts: Any, today: date) -> Assessment:
    """The assessment of one facts object on `today`. Never raises on anything that JSON can hold.

    Hours are in 学时, years are calendar years; see the contract for every key. What it holds is shared and never changed.
    """
    try:
        read = _read(library, facts, today)
        needs = _undecided(read) if len(read) > 1 else ()
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


def _read(library: Library, facts: Any, today: date) -> list[Read]:
    """The facts against every notice that they may be about, the one to go on with first. Raises: Refused, where none takes them."""
    if type(facts) is not dict:
        raise Refused("invalid_type", "facts")
    if not facts.keys() <= KNOWN:
        raise Refused("unknown_field", next(str(key) for key in facts if key not in KNOWN))
    grounds = kept(library.grounds, (written(facts, GROUND), today), _grounds, library, facts, today)
    history = facts.get("history")
    read: list[Read] = []
    for place, ground in grounds:
        if read and _alike(grounds[0][0], place, history):
            continue
        try:
            case = read_case(ground, facts)
            read.append(Read(place, case, trained(case, history, ground.last_year)))
        except Refused:  # it is not about a notice that would refuse it, unless none is left
            if place is grounds[-1][0] and not read:
                raise
    return read


def _grounds(library: Library, facts: dict[str, Any], today: date) -> list[tuple[Place, Ground]]:
    """The places that the facts may be about, with their ground there. Raises: Refused, where none takes them."""
    places = library.choose(facts, today).places
    found = []
    for place in places:
        try:
            found.append((place, read_ground(place.notice, facts, today)))
        except Refused:
            if place is places[-1] and not found:
                raise
    return found


def _alike(first: Place, other: Place, history: Any) -> bool:
    """Whether an area's notice cannot judge anybody of this training otherwise than its region's of the same year."""
    if (first.region, first.review_year) != (other.region, other.review_year):
        return False
    differs = first.notice.judged_otherwise(other.notice)
    told = [record.get("source") for record in history if type(record) is dict] if type(history) is list else []
    return all(name in first.notice.sources_known and name not in told for name in differs)


# ---------------------------------------------------------------- several notices


def _undecided(read: Sequence[Read]) -> tuple[str, ...]:
    """The facts that decide, the place and the year among them: each of which two values, all else being equal, can give different
    results."""
    deemed = read[0].learned.done
    spaces = [
        space(case.notice, case.notice.knobs, key_of(case, learned.done.deemed_years), axes)
        for (_, case, learned), axes in zip(read, _shared_axes([each.case for each in read]), strict=True)
    ]
    samples: list[tuple[Training, ...]] = []
    if read[0].learned.history is None:
        points = [point for one in spaces for point in one.points]
        samples = sample_trainings([each.case.notice for each in read], points, deemed.deemed)
    views, needs = [], set()
    for number, (each, one) in enumerate(zip(read, spaces, strict=True)):
        tried, _ = views_of(each.case, one, each.learned, [sample[number] for sample in samples])
        views.append([[result.view for result in row] for row in tried])
        needs |= differing(views[-1], one.moves)
    for first, second in combinations(range(len(read)), 2):
        name, places = _apart(read[first].place, read[second].place), spaces[second].place
        shared = [(kind, places[values]) for values, kind in spaces[first].place.items() if values in places]
        if name and any(views[first][kind] != views[second][other] for kind, other in shared):
            needs.add(name)
    return in_order(needs)


def _apart(one: Place, other: Place) -> str:
    """The fact that alone tells two places apart, empty where it takes more than one."""
    names = [name for name in ("region", "area", "review_year") if getattr(one, name) != getattr(other, name)]
    if "region" in names and one.review_year == other.review_year:
        return "region"
    return names[0] if len(names) == 1 else ""


def _shared_axes(cases: Sequence[Case]) -> list[Axes]:
    """For each notice the values that facts may have, with the same completions for all."""
    own = [axes_of(case.notice, key_of(case, ())).domains for case in cases]
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


def _assessment(read: Read, id: str | None, needs: tuple[str, ...]) -> Assessment:
    """The assessment under one notice. `needs`: what decides where more than that notice may be meant."""
    (_, case, learned), notice = read, read.case.notice
    plan = plan_of(case, learned.done.deemed_years)
    outcome = outcome_of(case, plan.space, learned)
    if needs:
        outcome = outcome._replace(needs=needs)
    status, result = outcome.status, outcome.result
    out: Assessment = {} if id is None else {"id": id}
    if status == "not_covered":
        code = outcome.point.ruling.asked.silent
        clause, says = notice.not_covered[code]["clause"], notice.not_covered[code]["says"]
        out |= {"status": status, "policy": notice.policy_line, "why": code, "message": says}
        return out | {"contacts": [place.line for place in notice.shown[status]], "clauses": [notice.line(clause)]}
    out |= plan.shape(status, result.option)
    if "requirement" in out:
        out |= result.missing(notice)
    out["not_applied"] = not_applied(case, plan)
    out["changes"] = time_alone(case, plan, status)
    if outcome.rejected:
        out["rejected"] = list(outcome.rejected)
        named = dict.fromkeys([line["clause"] for line in (*out["clauses"], *outcome.rejected)])
        out["clauses"] = [notice.line(name) for name in named]
    if status == "needs":
        out["needs"] = list(outcome.needs)
        return out
    out["readings"] = _other_readings(case, plan, outcome, learned)
    if plan.duty is not None and learned.history is None:
        out["annual_duty"] = {**out["annual_duty"], "status": "needs", "needs": ["history"]}
    elif plan.duty is not None:  # which no relief of a review lifts
        due = measure(plan.duty, learned.done)
        out["annual_duty"] = {**out["annual_duty"], "status": due.status, **due.missing(notice)}
    return out


def _other_readings(case: Case, plan: Plan, chosen: Outcome, learned: Trained) -> list[dict[str, Any]]:
    """The contested points that, read the other way, would move the answer, and where to."""
    notice, done = case.notice, learned.done
    found: list[dict[str, Any]] = []

    def note(other: Alternative, outcome: Outcome) -> None:
        if outcome.standing != chosen.standing:
            short = outcome.result.short(notice) if not outcome.needs else {}
            found.append({"id": other.id, "reading": other.says, "status": outcome.status, "short": short})

    # Who remembers all and of whom all is known is short or may apply: whether that flips is seen at the first thing missing.
    plain = learned.history is not None and not done.unknown and chosen.status in ("short", *MAY_APPLY)
    for reading, possible, fills in plan.others:
        asked = possible.kinds[0].ruling.asked
        flips = not plain or len(possible.kinds) > 1 or fulfils(asked, done, fills) == (chosen.status == "short")
        if flips and (fills or done.deemed):
            note(reading, outcome_of(case, possible, learned, fills=fills))
    for reading in notice.alternatives if done.touched else ():
        if reading.apply in done.touched:
            again = learned._replace(done=learned.again(case, case.told.values.get("sector"), reading.apply))
            note(reading, outcome_of(case, plan_of(case, again.done.deemed_years).space, again, reading.apply))
    if len(found) > 1:
        order = [reading.id for reading in notice.readings]
        found.sort(key=lambda line: order.index(line["id"]))
    return found
