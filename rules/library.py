"""Every notice that is loaded, by region, area and review year; and which of them a case is about, or the fact to ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from rules.document import PolicyError
from rules.facts import Refused, any_day, of_type
from rules.loading import NOTICES, moved, read_folders
from rules.notice import Notice
from rules.registry import FACTS, phrases

_LAST_YEAR = 9000  # that a document may be for
ELSEWHERE = "other"  # the area of whoever is in none that has a notice of its own


class Possibility(NamedTuple):
    """One possibility of what a case is about, and its notice."""

    region: str
    area: str
    review_year: int
    notice: Notice


class Candidates(NamedTuple):
    """What a case may be about, the one to go on with first; `open`: the facts that would tell, in the order in which to ask."""

    places: tuple[Possibility, ...]
    open: tuple[str, ...]

    @property
    def notice(self) -> Notice:
        """The notice to go on with."""
        return self.places[0].notice


@lru_cache(100)
def _moved(notice: Notice, year: int) -> Notice:
    return moved(notice, year)


@dataclass(frozen=True)
class Library:
    """All notices loaded. `region`: the one that the service serves, where that is set."""

    notices: tuple[Notice, ...]
    region: str = ""
    grounds: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)  # what `rules.assess` has read

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that are served."""
        every = tuple(dict.fromkeys(notice.region for notice in self.notices))
        return (self.region,) if self.region in every else every

    def areas(self, region: str) -> tuple[str, ...]:
        """The areas of a region that have notices of their own."""
        return tuple(dict.fromkeys(n.area for n in self.notices if n.region == region and n.area))

    def name_of(self, place: str) -> str:
        """What a region or an area is called in Chinese; the id where it is none of ours."""
        if place == ELSEWHERE:
            return phrases()["elsewhere"]
        for notice in self.notices:
            if place == notice.area:
                return notice.area_name
            if place == notice.region:
                return notice.region_name
        return place

    def by_id(self, id: str) -> Notice:
        """The notice of that id. Raises: KeyError."""
        for notice in self.notices:
            if notice.id == id:
                return notice
        raise KeyError(id)

    def of(self, assessment: Mapping[str, Any]) -> Notice:
        """The notice that an assessment was made by, moved where it is an estimate. Raises: KeyError."""
        policy = assessment["policy"]
        notice = self.by_id(policy["id"])
        year = policy.get("estimate_for")
        return notice if year is None else _moved(notice, year)

    def years(self, region: str = "") -> tuple[int, ...]:
        """The review years with a notice, ascending."""
        return tuple(sorted({n.review_year for n in self.notices if not region or n.region == region}))

    def at(self, region: str, area: str, year: int, estimate: bool = False) -> Notice | None:
        """The notice of a place and year: the area's own, else its region's; with `estimate`, after the last one, that one moved."""
        own = [notice for notice in self.notices if notice.region == region and notice.area in ("", area)]
        for notice in sorted(own, key=lambda notice: not notice.area):
            if notice.review_year == year:
                return notice
        last = max(own, key=lambda notice: (notice.review_year, bool(notice.area)), default=None)
        if estimate and last is not None and last.review_year < year <= _LAST_YEAR:
            return _moved(last, year)
        return None

    def open_on(self, day: date, region: str = "") -> tuple[int, ...]:
        """The review years in whose application period a day lies, ascending."""
        own = [each for each in self.notices if not each.area and region in ("", each.region)]
        return tuple(sorted({each.review_year for each in own if each.applications[0] <= day <= each.applications[1]}))

    def on(self, day: date) -> Notice:
        """The notice that is meant on a day where nothing else is known; of two that are open, the later."""
        return self.choose({}, day).notice

    def choose(self, facts: Mapping[str, Any], today: date) -> Candidates:
        """The notices that a case may be about.

        Raises: Refused where it names a place or a year that is none, or a year without a notice.
        """
        regions, areas, year = self._places(facts)
        estimate, day = facts.get("estimate") is True, None
        if year is None:
            day = any_day(facts["review_date"]) if facts.get("review_date") is not None else today
        found: list[Possibility] = []
        for region in regions:
            years = self._years_on(region, day) if day is not None else (year or 0,)
            rows = [
                [Possibility(region, area, each, notice) for each in years if (notice := self.at(region, area, each, estimate))]
                for area in (areas or (ELSEWHERE, *self.areas(region)))
            ]  # fmt: skip
            own = [place.notice for place in rows[0]]
            found += rows[0]
            found += [place for row in rows[1:] if [place.notice for place in row] != own for place in row]
        if not found:
            raise Refused("no_policy_pack", "review_year")
        names = ("region", "review_year", "area")
        return Candidates(tuple(found), tuple(n for n in names if len({getattr(place, n) for place in found}) > 1))

    def _places(self, facts: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...] | None, int | None]:
        """The regions, areas and year that are asked about; None: all. Raises: Refused."""
        region, area, year = facts.get("region"), facts.get("area"), facts.get("review_year")
        for name, kind in (("region", str), ("area", str), ("review_year", int), ("estimate", bool)):
            of_type(facts.get(name), (kind, type(None)), name, "flag" if kind is bool else "")
        if region is not None and region not in [notice.region for notice in self.notices]:
            raise Refused(FACTS["region"].refused, "region")
        regions = (region,) if region is not None else self.regions
        if area is not None and area != ELSEWHERE:
            home = [notice.region for notice in self.notices if notice.area == area]
            if not home or (region is not None and region not in home):
                raise Refused(FACTS["area"].refused, "area")
            regions = (home[0],)
        return regions, None if area is None else (area,), year

    def _years_on(self, region: str, day: date) -> tuple[int, ...]:
        """The review years that are meant on a day when none is named, the latest first: those open, else the last one before."""
        found = self.open_on(day, region)
        if found:
            return found[::-1]
        own = [notice for notice in self.notices if notice.region == region and not notice.area]
        before = [notice for notice in own if notice.applications[0] <= day] or own[:1]
        return (max(notice.review_year for notice in before),)


def _local_closes(notice: Notice, own: Mapping[tuple[str, str], Mapping[int, Notice]]) -> dict[str, date]:
    """Of a region's notice the areas, by name, where training of its year closes on another day."""
    places = [years for (region, _), years in own.items() if region == notice.region and not notice.area]
    local = [years.get(notice.review_year) for years in places]
    return {each.area_name: each.window.ends for each in local if each and each.window.ends != notice.window.ends}


def library_of(notices: Iterable[Notice], region: str = "") -> Library:
    """The notices as a library.

    Raises: PolicyError where a year lies between two without one, or an area has no region or calls it by another name.
    """
    own: dict[tuple[str, str], dict[int, Notice]] = {}
    for notice in notices:
        own.setdefault((notice.region, notice.area), {})[notice.review_year] = notice
    for (place, area), years in own.items():
        names = {notice.region_name for notice in own.get((place, ""), {}).values()}
        for year, notice in years.items():
            if not names:
                raise PolicyError(notice.id, "area", f"there is no notice of the region {place!r}")
            if notice.region_name not in names:
                raise PolicyError(notice.id, "region_name", f"{notice.region_name!r}: the region's is {min(names)!r}")
            if not area and year - 1 not in years and year > min(years):
                raise PolicyError(notice.id, "review_year", f"no notice for {year - 1}, between two that have one")
    if region and not any(region == place for place, _ in own):
        raise PolicyError(
            "XUESHI_REGION", "region", f"no notice of {region!r} is loaded; there are {sorted({r for r, _ in own})}"
        )
    every = [replace(each, local_closes=_local_closes(each, own)) for years in own.values() for each in years.values()]
    return Library(tuple(sorted(every, key=lambda notice: (notice.region, notice.area, notice.review_year))), region)


def load(*folders: Path, shipped: bool = True, region: str = "") -> Library:
    """Every notice that comes with the product (`shipped`) and every one under the folders.

    Raises: PolicyError.
    """
    found = read_folders(((NOTICES,) if shipped else ()) + folders)
    if not found:
        raise PolicyError(", ".join(map(str, folders)), "policies", "no notice found")
    try:
        return library_of((notice for notice, _ in found.values()), region)
    except PolicyError as wrong:  # of notices that do not go together, which know their ids alone
        wrong.file = found[wrong.file][1] if wrong.file in found else wrong.file
        raise
