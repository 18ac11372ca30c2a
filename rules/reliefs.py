"""What is asked of a person: the years that are looked at, and the closed set of effects a relief can have on them.

Effects: `waive` (hours are no bar), `any_k_of` (k complete years suffice), `restrict_to` (only the years since something
began), `drop_years` (a year is not asked for), `deem` (a category counts as complete). Reliefs only ever help: each adds an
option or empties one, and the cheapest option decides.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from rules.conditions import Profile
from rules.policy import Knobs, PolicyPack, Relief

EVERY = 0


class Option(NamedTuple):
    """One way to be done: every year of `years` (`k` = EVERY), or the `k` cheapest of them. `free` years ask nothing."""

    k: int
    years: tuple[int, ...]
    free: tuple[int, ...]

    @property
    def mode(self) -> str:
        """The word of the contract."""
        return "every_year" if self.k == EVERY else "any_one_year" if self.k == 1 else f"any_{self.k}_years"


class Entitlement(NamedTuple):
    """What is asked: nothing (`waived`), nothing this notice knows (`silent`: a code), or one of `options`, the ordinary rule first."""

    waived: bool
    options: tuple[Option, ...]
    silent: str = ""


class Ruling(NamedTuple):
    """An entitlement with the reliefs behind it, in the pack's order."""

    asked: Entitlement
    reliefs: tuple[str, ...]
    ordinary: tuple[int, ...]


class _Applied(NamedTuple):
    """The reliefs that apply to a profile: all of them, whether one waives, those that change which years are asked for."""

    ids: tuple[str, ...]
    waives: bool
    of_years: tuple[Relief, ...]


WAIVED = Entitlement(True, ())


def rule(pack: PolicyPack, knobs: Knobs, profile: Profile) -> Ruling:
    """What the pack asks of somebody of whom every core fact is known.

    `profile` holds the facts by the names of `rules.conditions.NAMES`; `age` is the age reached in the sense of `knobs`.
    """
    scope = profile["scope"]
    years_rule = pack.years[scope]
    if years_rule.test is not None and not years_rule.test(profile):
        return Ruling(Entitlement(False, (), years_rule.otherwise), (), ())
    last = profile["review_year"]
    if profile["after_review_year"] and knobs.by_calendar:
        last += 1
        profile = {**profile, "review_year": last}
    if profile["epidemic_years"] and max(profile["epidemic_years"]) > knobs.epidemic_last:
        profile = {
            **profile,
            "epidemic_years": tuple(year for year in profile["epidemic_years"] if year <= knobs.epidemic_last),
        }
    if years_rule.by_level is not None:
        count = years_rule.by_level[profile["title_level"]]
        last += knobs.look_back_ends if count > 1 else 0
    elif years_rule.fact:
        count = profile[years_rule.fact]
        last += knobs.recognition_ends
    else:
        count = years_rule.fixed
    ordinary = tuple(range(last - count + 1, last + 1))
    seen = dict(profile)
    seen["ordinary_years"] = ordinary
    if (scope == "annual_duty" and knobs.waivers_lift_duty) or (
        scope == "recognition" and knobs.waivers_reach_recognition
    ):
        seen["scope"] = "review"
        seen["title_level"] = profile.get("title_level") or "junior"
    mark = tuple(seen.values())  # most readings leave what a relief looks at as it is; the names are always the same
    applied: _Applied | None = pack.memo.get(mark)
    if applied is None:
        held = [relief for relief in pack.reliefs if relief.test(seen)]
        applied = pack.memo[mark] = _Applied(
            tuple([relief.id for relief in held]),
            any(relief.kind == "waive" for relief in held),
            tuple([relief for relief in held if relief.kind in ("drop_years", "restrict_to", "any_k_of")]),
        )
    if applied.waives:
        return Ruling(WAIVED, applied.ids, ordinary)
    promised = (pack.review_year,) if seen["window_open"] and knobs.open_year_promised else ()
    options = [Option(EVERY, ordinary, promised)]
    if applied.of_years:
        options = _options(pack, knobs, seen, ordinary, last, promised, applied.of_years)
    return Ruling(Entitlement(False, tuple(options)), applied.ids, ordinary)


def _options(
    pack: PolicyPack,
    knobs: Knobs,
    profile: dict[str, Any],
    ordinary: tuple[int, ...],
    last: int,
    promised: tuple[int, ...],
    reliefs: tuple[Relief, ...],
) -> list[Option]:
    """The ways to be done, in the order in which a tie is broken."""
    dropped = {year for relief in reliefs if relief.kind == "drop_years" for year in profile[relief.effect["years"]]}
    spans: list[tuple[int, ...]] = [ordinary]
    for relief in reliefs:
        if relief.kind != "restrict_to":
            continue
        first = profile[relief.effect["from"]] + getattr(knobs, f"{relief.effect['origin']}_from")
        span = tuple(range(min(first, last), last + 1))
        if len(span) < len(ordinary):
            spans.append(span)
        elif len(span) > len(ordinary) and not knobs.capped:
            spans[0] = span  # read to the letter it replaces the ordinary years, though it is heavier
    options = [Option(EVERY, tuple([year for year in span if year not in dropped]), promised) for span in spans]
    for relief in reliefs:
        if relief.kind == "any_k_of":
            k = relief.effect["k"]
            of = ordinary if knobs.any_of == "ordinary" else tuple(range(last - max(_look_back(pack)) + 1, last + 1))
            if k < len(of):
                free = tuple(sorted(dropped)) if knobs.dropped_counts_as_done else ()
                options.append(Option(k, of, free + promised))
    return list(dict.fromkeys(options))


def _look_back(pack: PolicyPack) -> list[int]:
    by_level = pack.years["review"].by_level
    return list(by_level.values()) if by_level else [1]
