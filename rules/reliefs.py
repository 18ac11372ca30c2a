"""What is asked of a person: the ordinary years, and the closed set of effects that a relief can have on them.

Effects: `waive` (hours are no bar), `any_k_of` (k complete years suffice), `restrict_to` (only the years since something began),
`drop_years` (a year is not asked for), `lower` (other hours, in every year or in named ones), `deem` (a category counts as
complete). Reliefs only ever help: each adds a way to be done, and the cheapest decides.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from rules.conditions import Profile
from rules.notice import Ask, Effect, Hours, Knobs, Notice, Relief

EVERY = 0


class Option(NamedTuple):
    """One way to be done: every year of `years` (`k` = EVERY), or the `k` cheapest of them. `asks`: what each of the years asks;
    `rows`: year, hours by category and hours beside those, of each year that asks anything."""

    k: int
    years: tuple[int, ...]
    asks: tuple[Ask, ...]
    rows: tuple[tuple[int, tuple[Hours, ...], Hours], ...]

    @property
    def mode(self) -> str:
        """The word of the contract."""
        return "every_year" if self.k == EVERY else "any_one_year" if self.k == 1 else "any_years"


def option_of(k: int, years: Sequence[int], asks: Sequence[Ask], free: Collection[int] = ()) -> Option:
    """The option; `free` years ask nothing."""
    rows = [
        (year, ask.floors, ask.total - sum(ask.floors))
        for year, ask in zip(years, asks, strict=True)
        if year not in free
    ]
    return Option(k, tuple(years), tuple(asks), tuple([row for row in rows if any(row[1]) or row[2]]))


class Entitlement(NamedTuple):
    """What is asked: nothing (`waived`), nothing this notice knows (`silent`: a code), or one of `options`, the ordinary rule first."""

    waived: bool
    options: tuple[Option, ...]
    silent: str = ""


class Ruling(NamedTuple):
    """An entitlement with the reliefs behind it, in the notice's order, and the ordinary years."""

    asked: Entitlement
    reliefs: tuple[str, ...]
    ordinary: tuple[int, ...]


def rule(notice: Notice, knobs: Knobs, profile: Profile) -> Ruling:
    """What the notice asks of somebody of whom every core fact is known.

    `profile` holds the facts by the names of `rules.conditions.NAMES`; `age` is the age reached in the sense of `knobs`.
    """
    scope = profile["scope"]
    years_rule = notice.years[scope]
    if years_rule.when is not None and not years_rule.when.test(profile):
        return Ruling(Entitlement(False, (), years_rule.otherwise), (), ())
    seen = dict(profile)
    last = profile["review_year"]
    if profile["after_review_year"] and knobs.by_calendar:
        last = seen["review_year"] = last + 1
    if profile["epidemic_years"]:
        seen["epidemic_years"] = tuple(year for year in profile["epidemic_years"] if year <= knobs.epidemic_last)
    count = years_rule.fixed
    if years_rule.by_level:
        count = years_rule.by_level[profile["title_level"]]
        # Where the look-back ends with the review year, a level of one year means that year however 近三年 is read.
        last += knobs.look_back_ends if count > 1 or notice.knobs.look_back_ends else 0
    elif years_rule.fact:
        count = profile[years_rule.fact]
        last += knobs.recognition_ends
    ordinary = seen["ordinary_years"] = tuple(range(last - count + 1, last + 1))
    lifted = knobs.waivers_lift_duty if scope == "annual_duty" else knobs.waivers_reach_recognition
    if scope in ("annual_duty", "recognition") and lifted:
        seen["scope"] = "review"
        seen["title_level"] = profile.get("title_level") or "junior"
    its_own = seen["review_year"] == notice.review_year
    held = [each for each in notice.reliefs if (its_own or not each.this_year_only) and each.when.test(seen)]
    names = tuple([relief.id for relief in held])
    if any(relief.kind == "waive" for relief in held):
        return Ruling(Entitlement(True, ()), names, ordinary)
    # Read by default and outside the review year, transfer and tenure years still end with the review year.
    end = seen["review_year"] + (knobs.recognition_ends if years_rule.fact else 0)
    return Ruling(Entitlement(False, _options(notice, knobs, seen, end, held)), names, ordinary)


def _options(notice: Notice, knobs: Knobs, profile: dict[str, Any], end: int, held: list[Relief]) -> tuple[Option, ...]:
    """The ways to be done, in the order in which a tie is broken."""
    ordinary: tuple[int, ...] = profile["ordinary_years"]
    usual = notice.ask(profile.get("title_level"))
    promised = {notice.review_year} if profile["window_open"] and knobs.open_year_promised else set()
    dropped = {year for relief in held if relief.kind == "drop_years" for year in profile[relief.effect.years]}
    spans = [ordinary]
    for effect in [relief.effect for relief in held]:
        if effect.kind == "restrict_to":
            first = profile[f"{effect.origin}_year"] + getattr(knobs, f"{effect.origin}_from")
            span = tuple(range(min(first, end), end + 1))
            if len(span) < len(ordinary):
                spans.append(span)
            elif len(span) > len(ordinary) and not knobs.capped:
                spans[0] = span  # read to the letter it replaces the ordinary years, though it is heavier
    options = []
    lowers: list[Effect | None] = [relief.effect for relief in held if relief.kind == "lower"]
    # Each of several reliefs that lower hours is a way of its own: what one of them leaves is not given away by another (reading.md 2.5).
    for lower in lowers or [None]:
        for span in spans:
            years = [year for year in span if year not in dropped]
            asks = [
                _lower(notice, usual, lower) if lower and (not lower.years or year in profile[lower.years]) else usual
                for year in years
            ]
            options.append(option_of(EVERY, years, asks, promised))
    for effect in [relief.effect for relief in held if relief.kind == "any_k_of"]:
        last = ordinary[-1]
        most = ordinary if knobs.any_of == "ordinary" else tuple(range(last - notice.look_back(None) + 1, last + 1))
        asks = [_lower(notice, usual, effect) if effect.hours else usual] * len(most)
        if effect.k < len(most):
            options.append(
                option_of(effect.k, most, asks, promised | dropped if knobs.dropped_counts_as_done else promised)
            )
        elif effect.hours and effect.k == len(most):
            options.append(option_of(EVERY, most, asks, promised))
    return tuple(dict.fromkeys(options))


def _lower(notice: Notice, ask: Ask, effect: Effect) -> Ask:
    """What a year asks with the hours that a relief asks instead, never more than before."""
    hours = effect.hours
    floors = tuple(
        min(floor, hours.get(name, floor)) for name, floor in zip(notice.category_ids, ask.floors, strict=True)
    )
    total = hours.get("total", ask.total - (sum(ask.floors) - sum(floors)))
    return Ask(floors, max(min(total, ask.total), sum(floors)))
