"""What has been done held against what is asked: missing hours by year and category, least and most."""

from __future__ import annotations

from decimal import Decimal
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
    for year, (general, professional, _) in sorted(chosen):
        row: dict[str, int | float] = {}
        if general:
            row[GENERAL] = number(general)
        if professional:
            row[PROFESSIONAL] = number(professional)
        if row:
            short[str(year)] = row
    return Result("short", option, short, least, most)


def _cheapest(
    pack: PolicyPack, asked: Entitlement, done: Credit, fills_total: bool, hopeful: bool
) -> tuple[Hours, Option, list[tuple[int, Deficit]]]:
    known: dict[int, Deficit] = {}
    best: Any = None
    for option in asked.options:
        rows = []
        for year in option.years:
            if year in option.free:
                rows.append((year, _NOTHING))
                continue
            deficit = known.get(year)
            if deficit is None:
                deficit = known[year] = _deficit(pack, done, year, fills_total, hopeful)
            rows.append((year, deficit))
        if option.k != EVERY:  # the cheapest years; of equal ones the latest
            rows = sorted(rows, key=lambda row: (row[1][2], -row[0]))[: option.k]
        total: Hours = 0
        for _, deficit in rows:
            total += deficit[2]
        if best is None or total < best[0]:
            best = (total, option, rows)
            if not total:
                break
    found: tuple[Hours, Option, list[tuple[int, Deficit]]] = best
    return found


def _deficit(pack: PolicyPack, done: Credit, year: int, fills_total: bool, hopeful: bool) -> Deficit:
    """Missing hours of one year; `hopeful` takes what is not remembered for complete."""
    need = pack.requirement
    row = done.hours.get(year, (0, 0))
    general: Hours = need[GENERAL] - row[0]
    professional: Hours = need[PROFESSIONAL] - row[1]
    if general < 0 or (year, 0) in done.deemed or (hopeful and (year, 0) in done.unknown):
        general = 0
    if professional < 0 or (hopeful and (year, 1) in done.unknown):
        professional = 0
    if (year, 1) in done.deemed:
        total = need[GENERAL] + need[PROFESSIONAL] - row[0] - row[1] - general
        professional = (
            0 if fills_total or total < 0 or (hopeful and (year, 0) in done.unknown) else min(professional, total)
        )
    return general, professional, general + professional


def amount(value: Hours | Decimal) -> str:
    """The amount in words for a sentence: 20, 0.5."""
    return f"{number(value):g}" if number(value) < 100000 else str(number(value))
