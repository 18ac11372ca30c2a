"""What has been done held against what is asked: missing hours by year and category, least and most."""

from __future__ import annotations

from typing import Any, NamedTuple

from rules.credit import Credit, Hours
from rules.facts import CATEGORIES
from rules.policy import PolicyPack
from rules.reliefs import EVERY, Entitlement, Option

GENERAL, PROFESSIONAL = CATEGORIES
Deficit = tuple[Hours, Hours, Hours]  # general, professional, both
ShortHours = dict[str, dict[str, int | float]]


class Result(NamedTuple):
    """`status` met, short, uncertain, waived or not_covered; hours missing with what is not remembered taken as nothing (`short`,
    `most`) and as everything (`least`)."""

    status: str
    option: Option | None
    short: ShortHours
    least: Hours
    most: Hours


def number(value: Hours) -> int | float:
    """The amount as a JSON number: a whole one without a point."""
    if type(value) is int:
        return value
    whole = int(value)
    return whole if whole == value else float(value)


WAIVED = Result("waived", None, {}, 0, 0)
_NOTHING: Deficit = (0, 0, 0)


def measure(pack: PolicyPack, asked: Entitlement, done: Credit, fills_total: bool = True) -> Result:
    """The cheapest way to be done; on a tie the option that stands first.

    `fills_total`: whether a category deemed complete also fills the year's total (reading.md A30).
    """
    if asked.waived:
        return WAIVED
    if asked.silent:
        return Result("not_covered", None, {}, 0, 0)
    most, option, chosen = _cheapest(pack, asked, done, fills_total, False)
    least = most
    if done.unknown and most:
        least = _cheapest(pack, asked, done, fills_total, True)[0]
    if most != least:
        return Result("uncertain", option, {}, least, most)
    if not most:
        return Result("met", option, {}, 0, 0)
    short: ShortHours = {}
    for year, (general, professional, both) in chosen if option.k == EVERY else sorted(chosen):
        if both:
            row: dict[str, int | float] = {}
            if general:
                row[GENERAL] = number(general)
            if professional:
                row[PROFESSIONAL] = number(professional)
            short[str(year)] = row
    return Result("short", option, short, least, most)


def standing(pack: PolicyPack, asked: Entitlement, done: Credit, fills_total: bool = True) -> str:
    """Only whether the person may apply (`may_apply`), or the status otherwise: what another reading could flip."""
    if asked.waived:
        return "may_apply"
    if asked.silent:
        return "not_covered"
    most = _cheapest(pack, asked, done, fills_total, False)[0]
    if not most:
        return "may_apply"
    if done.unknown and _cheapest(pack, asked, done, fills_total, True)[0] != most:
        return "uncertain"
    return "short"


def missing(pack: PolicyPack, done: Credit, seen: frozenset[int]) -> tuple[tuple[int, Deficit], ...]:
    """What is missing in each of the years of `seen` in which something was done; in the others all is."""
    general, professional = done.hours
    years = general if general.keys() == professional.keys() else general.keys() | professional.keys()
    known = done.deficits
    found = []
    for year in years:
        if year in seen:
            deficit = known.get(year)
            if deficit is None:
                deficit = known[year] = _deficit(pack, done, year, True, False)
            found.append((year, deficit))
    return tuple(found)


def _cheapest(
    pack: PolicyPack, asked: Entitlement, done: Credit, fills_total: bool, hopeful: bool
) -> tuple[Hours, Option, list[tuple[int, Deficit]]]:
    known: dict[int, Deficit] = done.deficits if fills_total and not hopeful else {}
    best: Any = None
    for option in asked.options:
        k, years, free = option
        rows = []
        total: Hours = 0
        for year in years:
            deficit = known.get(year) if year not in free else _NOTHING
            if deficit is None:
                deficit = known[year] = _deficit(pack, done, year, fills_total, hopeful)
            rows.append((year, deficit))
            total += deficit[2]
        if k != EVERY:  # the cheapest years; of equal ones the latest
            rows = sorted(rows, key=lambda row: (row[1][2], -row[0]))[:k]
            total = sum(deficit[2] for _, deficit in rows)
        if best is None or total < best[0]:
            best = (total, option, rows)
            if not total:
                break
    cheapest: tuple[Hours, Option, list[tuple[int, Deficit]]] = best
    return cheapest


def _deficit(pack: PolicyPack, done: Credit, year: int, fills_total: bool, hopeful: bool) -> Deficit:
    """Missing hours of one year; `hopeful` takes what is not remembered for complete."""
    need = pack.requirement
    had_general, had_professional = done.hours[0].get(year, 0), done.hours[1].get(year, 0)
    general: Hours = need[GENERAL] - had_general
    professional: Hours = need[PROFESSIONAL] - had_professional
    if not done.deemed and not done.unknown:
        general = 0 if general < 0 else general
        professional = 0 if professional < 0 else professional
        return general, professional, general + professional
    if general < 0 or (year, 0) in done.deemed or (hopeful and (year, 0) in done.unknown):
        general = 0
    if professional < 0 or (hopeful and (year, 1) in done.unknown):
        professional = 0
    if (year, 1) in done.deemed:
        total = need[GENERAL] + need[PROFESSIONAL] - had_general - had_professional - general
        professional = (
            0 if fills_total or total < 0 or (hopeful and (year, 0) in done.unknown) else min(professional, total)
        )
    return general, professional, general + professional
