"""Everything somebody may be, as long as core facts are unknown: the possible rulings, and which fact would tell them apart.

Three-valued throughout: an unknown fact ranges over its values, it is never false and never zero.
"""

from __future__ import annotations

from itertools import combinations, product
from typing import Any, NamedTuple, cast

from rules.conditions import Profile
from rules.credit import NOTHING, Credit
from rules.facts import AGE_VIEWS, LEVELS, SECTORS, SEXES, Born, Case, threshold
from rules.policy import Knobs, PolicyPack
from rules.reliefs import Entitlement, Ruling, rule


class Key(NamedTuple):
    """All of a person that bears on what is asked of them, and nothing else: equal keys are asked the same."""

    scope: str
    sex: str | None
    title_level: str | None
    sector: str | None
    unit_scope: str
    grassroots: bool
    grassroots_graduate: bool
    school_teacher: bool
    highly_skilled: bool
    recognition_years: int | None
    postdoc: tuple[bool, bool, bool, bool] | None
    epidemic_years: tuple[int, ...]
    transfer_year: int | None
    tenure_year: int | None
    deemed_years: tuple[int, ...]
    ages: tuple[tuple[int, ...], ...] | None  # for each of AGE_VIEWS the ages that are possible, as thresholds reached
    age_name: str  # the fact that would settle the age
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
    """Every possibility, and for each unknown fact the pairs of kinds (places in `kinds`) it alone can tell apart."""

    points: tuple[Point, ...]
    kinds: tuple[Point, ...]  # the first point of each kind, in the order of the last ones
    moves: dict[str, frozenset[tuple[int, int]]]


def key_of(case: Case, born: Born | None, deemed_years: tuple[int, ...]) -> Key:
    """The key of a person whose training deems these years complete."""
    pack = case.pack
    ages: tuple[tuple[int, ...], ...] | None = None if born is None else born.views
    if born is None and case.age is not None:
        now = (threshold(case.age, pack.thresholds),)
        later = tuple(dict.fromkeys((*now, threshold(case.age + 1, pack.thresholds))))
        ages = (now, now, later, later)  # whether the birthday comes before the year's end was not said
    return Key(
        case.scope, case.sex, case.level, case.sector, case.unit_scope, case.grassroots, case.grassroots_graduate,
        case.school_teacher, case.highly_skilled, case.recognition_years, case.postdoc, case.epidemic_years,
        case.transfer and case.transfer.year, case.tenure_start and case.tenure_start.year, deemed_years, ages,
        "birth" if born is None else "birth_day", case.on <= pack.window[1], case.on.year > pack.review_year,
    )  # fmt: skip


def space(pack: PolicyPack, knobs: Knobs | Watched, key: Key) -> Space:
    """What may be asked of a person of this key under these readings."""
    knobs = cast(Knobs, knobs)
    domains = _domains(pack, knobs, key)
    unknown = [name for name, values in domains.items() if len(values) > 1]
    names, points = list(domains), {}
    known = _profile(pack, key)
    for values in product(*domains.values()):
        profile = {**known, **dict(zip(names, values, strict=True))}
        sector = profile["sector"] if "sector" in unknown else None
        points[values] = Point(rule(pack, knobs, profile), sector, profile)
    found = tuple(points.values())
    first = {point.kind: point for point in reversed(found)}
    place_of = {kind: len(first) - 1 - place for place, kind in enumerate(first)}
    moves: dict[str, frozenset[tuple[int, int]]] = {}
    for name in unknown:
        place = names.index(name)
        groups: dict[tuple[Any, ...], list[int]] = {}
        for values, point in points.items():
            groups.setdefault(values[:place] + values[place + 1 :], []).append(place_of[point.kind])
        pairs = {pair for kinds in groups.values() for pair in combinations(dict.fromkeys(kinds), 2)}
        moves[key.age_name if name == "age" else name.replace("tenure_year", "tenure_start")] = frozenset(pairs)
    return Space(found, tuple(reversed(first.values())), moves)


def _domains(pack: PolicyPack, knobs: Knobs, key: Key) -> dict[str, tuple[Any, ...]]:
    """The values each core fact may have; one where it is known."""
    domains: dict[str, tuple[Any, ...]] = {
        "sex": SEXES if key.sex is None else (key.sex,),
        "age": (0, *pack.thresholds) if key.ages is None else _ages(knobs, key.ages),
        "sector": SECTORS if key.sector is None else (key.sector,),
        "title_level": (key.title_level,),
    }
    if key.title_level is None and pack.years[key.scope].by_level is not None:
        domains["title_level"] = LEVELS
    if key.scope == "exceptional":
        year = pack.review_year
        open_starts = (year - 100, year - 3, year - 2, year - 1, year) + ((year + 1,) if key.after_review_year else ())
        domains["tenure_year"] = open_starts if key.tenure_year is None else (key.tenure_year,)
    if key.scope == "recognition" and key.grassroots_graduate:
        low, high = pack.limits.recognition_years
        domains["recognition_years"] = (
            tuple(range(low, high + 1)) if key.recognition_years is None else (key.recognition_years,)
        )
    return domains


def _ages(knobs: Knobs, views: tuple[tuple[int, ...], ...]) -> tuple[int, ...]:
    """The ages as these readings count them; most are the same however they are counted."""
    return views[AGE_VIEWS.index((knobs.birthday, knobs.age_on))] if len(set(views)) > 1 else views[0]


def _profile(pack: PolicyPack, key: Key) -> dict[str, Any]:
    """The facts by the names of conditions, as far as the key tells them."""
    grant, project, left, stayed = key.postdoc or (False, False, False, False)
    profile = {
        "review_year": pack.review_year,
        "postdoc.grant": grant, "postdoc.project": project, "postdoc.left_station": left, "postdoc.stayed_in_region": stayed,
        "transfer": key.transfer_year, "tenure_start": key.tenure_year,
    }  # fmt: skip
    return profile | key._asdict()


def sample_credits(points: tuple[Point, ...], pack: PolicyPack) -> list[Credit]:
    """Histories enough to tell any two entitlements apart: every set of complete years where there are few, else all, none, and
    all but one."""
    years = sorted({year for point in points for option in point.ruling.asked.options for year in option.years})
    sets: list[tuple[int, ...]] = [(), tuple(years)]
    if len(years) <= 5:
        sets = [chosen for size in range(len(years) + 1) for chosen in combinations(years, size)]
    else:
        sets += [tuple(year for year in years if year != one) for one in years]
    return [
        Credit(dict.fromkeys(complete, NOTHING), sum(pack.bits.get(year, 0) for year in complete)) for complete in sets
    ]
