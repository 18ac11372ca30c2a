"""The plan: all that can be said of a person before any training is looked at, worked out once for everybody of the same key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from rules.notice import Alternative, Notice, Relief, kept
from rules.registry import phrases
from rules.reliefs import EVERY, Entitlement, Option, option_of
from rules.space import Key, Point, Space, Watched, key_of, space
from rules.training import Applicant

_REVIEWS = ("review", "exceptional")
Line = dict[str, Any]
Row = TypeVar("Row")


class Other(NamedTuple):
    """An alternative under which something else may be asked, or be counted (`fills_total`: as in `rules.verdict.measure`)."""

    reading: Alternative
    space: Space
    fills_total: bool


@dataclass(frozen=True, eq=False)
class Plan:
    """What follows from a key; all of it is shared and never changed. `turns`: the knobs that can turn it."""

    notice: Notice
    key: Key
    space: Space
    turns: frozenset[str]
    shapes: dict[tuple[str, Option | None], Line] = field(default_factory=dict, repr=False)
    waits: dict[tuple[str, str, int], Line] = field(default_factory=dict, repr=False)

    @cached_property
    def reliefs(self) -> tuple[Relief, ...]:
        """Those that hold in every possibility."""
        sets = [frozenset(point.ruling.reliefs) for point in self.space.points]
        return tuple(relief for relief in self.notice.reliefs if all(relief.id in held for held in sets))

    @cached_property
    def duty(self) -> Entitlement | None:
        """What the year asks for 考核 and 聘任, where a relief that covers the review alone is in force."""
        if self.key.told.scope not in _REVIEWS or all(relief.kind == "deem" for relief in self.reliefs):
            return None
        last, asked = self.notice.review_year, self.notice.ask(None)
        years = range(last - self.notice.years["annual_duty"].fixed + 1, last + 1)
        return Entitlement(False, (option_of(EVERY, years, [asked] * len(years)),))

    @cached_property
    def others(self) -> tuple[Other, ...]:
        """The alternatives under which something else may be asked of this key, or be counted."""
        kinds, knobs = [point.kind for point in self.space.points], self.notice.knobs
        others = []
        for reading in self.notice.alternatives:
            changed = {name for name in knobs._fields if getattr(reading.knobs, name) != getattr(knobs, name)}
            possible = space(self.notice, reading.knobs, self.key) if changed & self.turns else self.space
            if reading.apply or "deemed_fills_total" in changed or [point.kind for point in possible.points] != kinds:
                others.append(Other(reading, possible, reading.knobs.deemed_fills_total))
        return tuple(others)

    @cached_property
    def missed(self) -> list[tuple[Relief, int, Line]]:
        """Each relief that applies in no possibility, with the age that would open it, or 0 and its line."""
        return _in_all(_missed(self.notice, point) for point in self.space.points)

    @cached_property
    def gains(self) -> list[tuple[int, Relief]]:
        """The reliefs that each higher threshold would open in every possibility."""
        return _in_all(_gains(self.notice, point) for point in self.space.points)

    def shape(self, status: str, option: Option | None) -> Line:
        """All of an assessment that follows from the plan, with places for the rest."""
        return kept(self.shapes, (status, option), self._shape, status, option)

    def _shape(self, status: str, option: Option | None) -> Line:
        notice = self.notice
        out: Line = {"status": status, "policy": notice.policy_line}
        if option is not None and status != "needs":
            out["requirement"] = _requirement(notice, option)
            out |= {"bounds": {}} if status == "uncertain" else {"short": {}, "short_total": 0}
        out |= {"reliefs": [relief.line for relief in self.reliefs], "not_applied": [], "changes": [], "rejected": []}
        out |= {"needs": []} if status == "needs" else {"readings": []}
        if self.duty is not None and status != "needs":
            out["annual_duty"] = {
                "clause": notice.years["annual_duty"].clause, "years": list(self.duty.options[0].years),
            }  # fmt: skip
        if notice.estimate_for is None:
            opens, closes, _ = notice.window
            out["window"] = {"opens": opens.isoformat(), "closes": closes.isoformat(), "open": self.key.window_open}
        out["contacts"] = [place.line for place in notice.shown[status]]
        clauses = [] if status == "waived" else [notice.required.clause, notice.years[self.key.told.scope].clause]
        clauses += [relief.clause for relief in self.reliefs]
        clauses += [] if self.duty is None else [notice.years["annual_duty"].clause]
        return out | {"clauses": [notice.line(name) for name in dict.fromkeys(clauses)]}


def plan_of(case: Applicant) -> Plan:
    """The plan of a person."""
    key, notice = key_of(case), case.notice
    return kept(notice.plans, key, _plan, notice, key)


def _plan(notice: Notice, key: Key) -> Plan:
    knobs = Watched(notice.knobs)
    possible = space(notice, knobs, key)
    return Plan(notice, key, possible, frozenset(knobs.seen))


def _requirement(notice: Notice, option: Option) -> Line:
    found: Line = {"mode": option.mode, "years": list(option.years)}
    if option.k > 1:
        found["count"] = option.k
    others = [ask for ask in option.asks if ask != notice.ask(None)]
    if others:
        least = min(others)
        found["hours"] = dict(zip(notice.category_ids, least.floors, strict=True))
        if least.total != sum(least.floors):
            found["hours"]["total"] = least.total
    return found


def _in_all(found: Iterable[list[Row]]) -> list[Row]:
    """The rows that stand in every one of the lists, in the order of the first."""
    first, *others = found
    return [row for row in first if all(row in other for other in others)]


def _missed(notice: Notice, point: Point) -> list[tuple[Relief, int, Line]]:
    rows: list[tuple[Relief, int, Line]] = []
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
        says = phrases()["lapsed"].format(says=relief.says, year=notice.document["review_year"])
        rows.append((relief, 0, {"id": relief.id, "clause": relief.clause, "says": says}))
    return rows


def _gains(notice: Notice, point: Point) -> list[tuple[int, Relief]]:
    profile = {**point.profile, "ordinary_years": point.ruling.ordinary}
    return [
        (age, relief)
        for age in notice.thresholds
        if age > profile["age"]
        for relief in notice.reliefs
        if relief.id not in point.ruling.reliefs and relief.when.test({**profile, "age": age})
    ]
