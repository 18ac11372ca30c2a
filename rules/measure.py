"""What has been done held against what is asked: missing hours by year and category, least and most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from rules.credit import Credit
from rules.facts import CATEGORIES
from rules.policy import Deficit, Hours, PolicyPack
from rules.reliefs import EVERY, Entitlement, Option

GENERAL, PROFESSIONAL = CATEGORIES
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


def measure(pack: PolicyPack, asked: Entitlement, done: Credit, fills_total: bool = True) -> Result:
    """The cheapest way to be done; on a tie the option that stands first.

    `fills_total`: whether a category deemed complete also fills the year's total (reading.md A30).
    """
    if asked.waived:
        return WAIVED
    if asked.silent:
        return Result("not_covered", None, {}, 0, 0)
    deficits = done.deficits if fills_total else done.unfilled or done.deficits
    most, option = _cheapest(asked, deficits, pack.untrained)
    if not most:
        return Result("met", option, {}, 0, 0)
    if done.unknown:
        least = _cheapest(asked, _hopeful(deficits, done), pack.untrained)[0]
        if most != least:
            return Result("uncertain", option, {}, least, most)
    short: ShortHours = {}
    for year in option.years if option.k == EVERY else _cheapest_years(option, deficits, pack.untrained):
        general, professional, both = deficits.get(year, pack.untrained)
        if both and year not in option.free:
            row: dict[str, int | float] = {}
            if general:
                row[GENERAL] = number(general)
            if professional:
                row[PROFESSIONAL] = number(professional)
            short[str(year)] = row
    return Result("short", option, short, most, most)


def standing(pack: PolicyPack, asked: Entitlement, done: Credit, fills_total: bool = True) -> str:
    """Only whether the person may apply (`may_apply`), or the status otherwise: what another reading could flip."""
    if asked.waived:
        return "may_apply"
    if asked.silent:
        return "not_covered"
    deficits = done.deficits if fills_total else done.unfilled or done.deficits
    most = _cheapest(asked, deficits, pack.untrained)[0]
    if not most:
        return "may_apply"
    if done.unknown and _cheapest(asked, _hopeful(deficits, done), pack.untrained)[0] != most:
        return "uncertain"
    return "short"


def _hopeful(deficits: Mapping[int, Deficit], done: Credit) -> Mapping[int, Deficit]:
    """The deficits with all that is not remembered taken for complete."""
    hopeful = dict(deficits)
    for year in {year for year, _ in done.unknown}:
        general, professional, _ = hopeful[year]
        if (year, 0) in done.unknown:
            general = 0
        if (year, 1) in done.unknown or ((year, 1) in done.deemed and (year, 0) in done.unknown):
            professional = 0
        hopeful[year] = general, professional, general + professional
    return hopeful


def _cheapest(asked: Entitlement, deficits: Mapping[int, Deficit], untrained: Deficit) -> tuple[Hours, Option]:
    """What is missing in all, and the option that asks least; on a tie the first."""
    best: Any = None
    for option in asked.options:
        k, years, free = option
        total: Hours = 0
        for year in years if k == EVERY else _cheapest_years(option, deficits, untrained):
            if year not in free:
                total += deficits.get(year, untrained)[2]
        if not total:
            return total, option
        if best is None or total < best[0]:
            best = total, option
    cheapest: tuple[Hours, Option] = best
    return cheapest


def _cheapest_years(option: Option, deficits: Mapping[int, Deficit], untrained: Deficit) -> list[int]:
    """The k years of an option that ask least, the earliest first; of equal ones the latest are taken."""
    k, years, free = option
    costs = [(0 if year in free else deficits.get(year, untrained)[2], -year) for year in years]
    return [-min(costs)[1]] if k == 1 else sorted(-year for _, year in sorted(costs)[:k])
