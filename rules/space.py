"""Everything somebody may be, as long as core facts are unknown: the possible rulings, and which fact would tell them apart.

Three-valued throughout: an unknown fact ranges over its values, it is never false and never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, product
from typing import Any, NamedTuple, cast

from rules.ages import AGE_VIEWS, Ages
from rules.conditions import Profile
from rules.facts import KEYED, Case
from rules.notice import Knobs, Notice
from rules.registry import FACTS, parts_of, values_of
from rules.reliefs import Entitlement, Ruling, rule
from rules.training import Cells, Training

_PLENTY = 1_000_000  # hours that fill anything
_LONG_AGO = 100  # years


class Key(NamedTuple):
    """All of a person that bears on what is asked of them under a notice, and nothing else: equal keys are asked the same.

    `told`: the values of `KEYED`. `ages`: the thresholds that may be reached, in each view; None: the age is not known.
    """

    told: tuple[Any, ...]
    scope: str
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


Completion = tuple[Any, ...]  # a value of each axis


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


def key_of(case: Case, deemed_years: tuple[int, ...]) -> Key:
    """The key of a person whose training deems these years complete."""
    notice, get = case.notice, case.told.get
    ages = None if case.ages is None else stepped(notice, case.ages)
    return Key(
        tuple([get(name) for name in KEYED]), case.scope, ages, case.age_open, deemed_years,
        case.on <= notice.window[1], case.on.year > notice.review_year,
    )  # fmt: skip


def stepped(notice: Notice, worlds: Iterable[Ages]) -> tuple[Ages, ...]:
    """The thresholds reached, where the age may be these."""
    steps = notice.steps
    return tuple([(steps[a], steps[b], steps[c], steps[d]) for a, b, c, d in worlds])


def axes_of(notice: Notice, key: Key) -> Axes:
    """What may still be true of a person of this key."""
    told = dict(zip(KEYED, key.told, strict=True))
    worlds = key.ages or tuple([(age, age, age, age) for age in (0, *notice.thresholds)])
    domains: dict[str, tuple[Any, ...]] = {
        "sex": values_of("sex") if told["sex"] is None else (told["sex"],),
        "world": tuple(range(len(worlds))),
        "sector": values_of("sector") if told["sector"] is None else (told["sector"],),
    }
    by_level = notice.years[key.scope].by_level is not None
    domains["title_level"] = (told["title_level"],)
    if told["title_level"] is None and by_level:
        domains["title_level"] = values_of("title_level")
    if key.scope == "exceptional":
        year = notice.review_year
        starts = (year - _LONG_AGO, *range(year - notice.look_back(None), year + 1 + key.after_review_year))
        domains["tenure_year"] = starts if told["tenure_start"] is None else (told["tenure_start"].year,)
    rule_of_years = notice.years[key.scope]
    if rule_of_years.fact and (rule_of_years.when is None or told.get("grassroots_graduate")):
        low, high = notice.limits[rule_of_years.fact]
        years = told[rule_of_years.fact]
        domains[rule_of_years.fact] = tuple(range(low, high + 1)) if years is None else (years,)
    return Axes(domains, worlds)


def space(notice: Notice, knobs: Knobs | Watched, key: Key, axes: Axes | None = None) -> Space:
    """What may be asked of a person of this key under these readings. `axes`: possibilities shared with other notices, where the
    completions are to be held against theirs."""
    knobs = cast(Knobs, knobs)
    shared = axes is not None
    axes = axes or axes_of(notice, key)
    turns = any(len(set(ages)) > 1 for ages in axes.worlds)
    view = AGE_VIEWS.index((knobs.birthday, knobs.age_on)) if turns else 0
    domains = dict(axes.domains)
    if not shared:  # worlds in which the same age is reached are one
        first_of = {axes.worlds[world][view]: world for world in reversed(domains["world"])}
        domains["world"] = tuple(sorted(first_of.values()))
    unknown = [name for name, values in domains.items() if len(values) > 1]
    names, known, points = list(domains), _profile(notice, key), {}
    for values in product(*domains.values()):
        profile = {**known, **dict(zip(names, values, strict=True))}
        profile["age"] = axes.worlds[profile["world"]][view]
        sector = profile["sector"] if "sector" in unknown else None
        points[values] = Point(rule(notice, knobs, profile), sector, profile)
    found = tuple(points.values())
    first = {point.kind: point for point in reversed(found)}
    places = {kind: len(first) - 1 - place for place, kind in enumerate(first)}
    place = {values: places[point.kind] for values, point in points.items()}
    moves = {_asked_as(key, name): _pairs(place, names.index(name)) for name in unknown}
    return Space(found, tuple(reversed(first.values())), place, moves)


def _asked_as(key: Key, name: str) -> str:
    return {"world": key.age_open, "tenure_year": "tenure_start"}.get(name, name)


def _pairs(place: Mapping[Completion, int], axis: int) -> frozenset[tuple[int, int]]:
    """The pairs of kinds of completions that differ on one axis alone."""
    groups: dict[Completion, dict[int, None]] = {}
    for values, kind in place.items():
        groups.setdefault(values[:axis] + values[axis + 1 :], {})[kind] = None
    return frozenset(pair for kinds in groups.values() for pair in combinations(kinds, 2))


def _profile(notice: Notice, key: Key) -> dict[str, Any]:
    """The facts by the names of conditions, as far as the key tells them."""
    profile: dict[str, Any] = {
        "review_year": notice.review_year, "scope": key.scope, "deemed_years": key.deemed_years,
        "window_open": key.window_open, "after_review_year": key.after_review_year,
    }  # fmt: skip
    for name, value in zip(KEYED, key.told, strict=True):
        fact = FACTS[name]
        if fact.kind == "yes_no":
            profile[name] = bool(value)
        elif fact.kind == "month":
            profile[name], profile[fact.year] = value, value and value.year
        elif fact.kind == "flags":
            parts = parts_of(name)
            profile[name] = value
            profile |= {
                f"{name}.{part}": flag for part, flag in zip(parts, value or (False,) * len(parts), strict=True)
            }
        else:
            profile[name] = () if value is None and fact.kind == "years" else value
    if profile["unit_scope"] is None:
        profile["unit_scope"] = "league"
    return profile


def sample_trainings(notices: Sequence[Notice], points: Iterable[Point], deemed: Cells) -> list[tuple[Training, ...]]:
    """Histories enough to tell any two entitlements apart, each as every notice would count it: all sets of complete years where
    there are few, else all, none, and all but one; complete for the one or the other notice, or for all."""
    asked = [option for point in points for option in point.ruling.asked.options]
    years = sorted({year for option in asked for year in option.years})
    sets: list[tuple[int, ...]] = [(), tuple(years)]
    if len(years) <= 5:
        sets = [chosen for size in range(len(years) + 1) for chosen in combinations(years, size)]
    else:
        sets += [tuple(year for year in years if year != one) for one in years]
    amounts: list[Mapping[str, Any]] = [{}]
    if len({(notice.category_ids, tuple(notice.asks.values())) for notice in notices}) > 1:
        amounts += [notice.requirement for notice in notices]
    return [
        tuple(
            Training(
                {
                    year: tuple(amount.get(name, 0) if amount else _PLENTY for name in notice.category_ids)
                    for year in one
                },
                deemed=deemed,
            )
            for notice in notices
        )
        for one in sets
        for amount in amounts
    ]
