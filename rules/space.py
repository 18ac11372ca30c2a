"""Everything somebody may be, as long as core facts are unknown: the possible rulings, and which fact would tell them apart.

Three-valued throughout: an unknown fact ranges over its values, it is never false and never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, product
from typing import Any, NamedTuple, cast

from rules.ages import AGE_VIEWS, Ages
from rules.conditions import Profile
from rules.facts import Told
from rules.notice import Knobs, Notice
from rules.registry import values_of
from rules.reliefs import Entitlement, Ruling, rule
from rules.training import Applicant, Cells, Training

_PLENTY = 1_000_000  # hours that fill anything
_LONG_AGO = 100  # years
Completion = tuple[Any, ...]  # a value of each axis


class Key(NamedTuple):
    """All of a person that bears on what is asked of them under a notice: equal keys are asked the same.

    `ages`: the thresholds that may be reached, in each view; None: the age is not known. `age_open`: the fact that would settle it.
    """

    told: Told
    ages: tuple[Ages, ...] | None
    age_open: str
    deemed_years: tuple[int, ...]
    window_open: bool
    after_review_year: bool


class Watched:
    """Knobs that note which of them were looked at: no other can have changed what came of it."""

    def __init__(self, knobs: Knobs) -> None:
        self._knobs = knobs
        self.seen: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.seen.add(name)
        return getattr(self._knobs, name)


class Point(NamedTuple):
    """One possibility: the ruling, and the sector on which the worth of training may hang."""

    ruling: Ruling
    sector: str | None
    profile: Profile

    @property
    def kind(self) -> tuple[Entitlement, str | None]:
        """Points of one kind give one result."""
        return self.ruling.asked, self.sector


class Space(NamedTuple):
    """Every possibility. `kinds`: the first point of each kind, in the order of the last ones; `place`: of each completion its kind;
    `moves`: for each unknown fact the pairs of kinds that it alone can tell apart."""

    points: tuple[Point, ...]
    kinds: tuple[Point, ...]
    place: Mapping[Completion, int]
    moves: Mapping[str, frozenset[tuple[int, int]]]


class Axes(NamedTuple):
    """The values that each core fact may have. `worlds`: possible ages, in the views of `AGE_VIEWS`, as thresholds reached."""

    domains: Mapping[str, tuple[Any, ...]]
    worlds: tuple[Ages, ...]


def key_of(case: Applicant) -> Key:
    """The key of a person."""
    notice, on = case.notice, case.on
    ages = None if case.ages is None else stepped(notice, case.ages)
    age_open = "birth" if case.birth is None else "birth_day"
    return Key(case.told, ages, age_open, case.done.deemed_years, on <= notice.window[1], on > notice.year_end)


def stepped(notice: Notice, worlds: Iterable[Ages]) -> tuple[Ages, ...]:
    """The thresholds reached, where the age may be these."""
    steps = notice.steps
    return tuple([(steps[a], steps[b], steps[c], steps[d]) for a, b, c, d in worlds])


def axes_of(notice: Notice, key: Key) -> Axes:
    """What may still be true of a person of this key."""
    told = key.told.values
    worlds = key.ages or tuple([(age, age, age, age) for age in (0, *notice.thresholds)])
    asked = notice.years[key.told.scope]
    domains: dict[str, tuple[Any, ...]] = {
        "sex": values_of("sex"),
        "world": tuple(range(len(worlds))),
        "sector": values_of("sector"),
    }
    domains["title_level"] = values_of("title_level") if asked.by_level else (None,)
    if key.told.scope == "exceptional":
        year = notice.review_year
        starts = (year - _LONG_AGO, *range(year - notice.look_back(None), year + 1 + key.after_review_year))
        domains["tenure_year"] = (told["tenure_start"].year,) if "tenure_start" in told else starts
    if asked.fact and (asked.when is None or told.get("grassroots_graduate")):
        low, high = notice.limits[asked.fact]
        domains[asked.fact] = tuple(range(low, high + 1))
    return Axes({name: (told[name],) if name in told else values for name, values in domains.items()}, worlds)


def space(notice: Notice, knobs: Knobs | Watched, key: Key, axes: Axes | None = None) -> Space:
    """What may be asked of a person of this key under these readings. `axes`: possibilities shared with other notices, where the
    completions are to be held against theirs."""
    knobs = cast(Knobs, knobs)
    domains, worlds = axes or axes_of(notice, key)
    turns = any(len(set(ages)) > 1 for ages in worlds)
    view = AGE_VIEWS.index((knobs.birthday, knobs.age_on)) if turns else 0
    if axes is None:  # worlds in which the same age is reached are one
        first_of = {worlds[world][view]: world for world in reversed(domains["world"])}
        domains = {**domains, "world": tuple(sorted(first_of.values()))}
    unknown = [name for name, values in domains.items() if len(values) > 1]
    known = {
        **key.told.profile, "deemed_years": key.deemed_years, "window_open": key.window_open,
        "after_review_year": key.after_review_year,
    }  # fmt: skip
    points = {}
    for values in product(*domains.values()):
        profile = {**known, **dict(zip(domains, values, strict=True))}
        profile["age"] = worlds[profile["world"]][view]
        sector = profile["sector"] if "sector" in unknown else None
        points[values] = Point(rule(notice, knobs, profile), sector, profile)
    first = {point.kind: point for point in reversed(points.values())}
    places = {kind: len(first) - 1 - place for place, kind in enumerate(first)}
    place = {values: places[point.kind] for values, point in points.items()}
    asked_as = {"world": key.age_open, "tenure_year": "tenure_start"}
    moves = {asked_as.get(name, name): _pairs(place, list(domains).index(name)) for name in unknown}
    return Space(tuple(points.values()), tuple(reversed(first.values())), place, moves)


def _pairs(place: Mapping[Completion, int], axis: int) -> frozenset[tuple[int, int]]:
    """The pairs of kinds of completions that differ on one axis alone."""
    groups: dict[Completion, dict[int, None]] = {}
    for values, kind in place.items():
        groups.setdefault(values[:axis] + values[axis + 1 :], {})[kind] = None
    return frozenset(pair for kinds in groups.values() for pair in combinations(kinds, 2))


def sample_trainings(notices: Sequence[Notice], points: Iterable[Point], deemed: Cells) -> list[tuple[Training, ...]]:
    """Histories enough to tell any two entitlements apart, each as every notice would count it: all sets of complete years where
    there are few, else all, none, and all but one; complete for the one or the other notice, or for all."""
    years = sorted({year for point in points for option in point.ruling.asked.options for year in option.years})
    sets: list[tuple[int, ...]] = [(), tuple(years), *[tuple(year for year in years if year != one) for one in years]]
    if len(years) <= 5:
        sets = [chosen for size in range(len(years) + 1) for chosen in combinations(years, size)]
    amounts: list[Mapping[str, Any]] = [{}]
    if len({(notice.category_ids, tuple(notice.asks.values())) for notice in notices}) > 1:
        amounts += [notice.requirement for notice in notices]

    def full(notice: Notice, amount: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple([amount.get(name, 0) if amount else _PLENTY for name in notice.category_ids])

    return [
        tuple([Training(dict.fromkeys(one, full(notice, amount)), deemed=deemed) for notice in notices])
        for one in sets
        for amount in amounts
    ]
