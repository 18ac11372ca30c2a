"""An independent, deliberately naive second implementation of the contract, used only to compare with the engine.

It reads no policy pack and hard-codes the 2025 notice's numbers. Every possibility that the facts leave open is tried,
one by one, and what the contract says of them is taken word by word. `readings.py` holds the places where its text can
be read in two ways.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache, cached_property
from itertools import product
from typing import Any

from tests.oracle.faults import birth_days, faults, month_of, review_day, years_reached
from tests.oracle.readings import READINGS
from tests.oracle.training import Cell, Credit, credit

YEAR = 2025
SENIOR = ("deputy_senior", "full_senior")
ORDER = ["age_full", "age_partial", "non_public", "grassroots", "postdoc_senior", "epidemic_year"]
ORDER += ["transfer_same_year", "transfer_years", "exceptional_tenure", "exam_deemed"]
WAIVERS = {"age_full", "non_public", "grassroots", "postdoc_senior", "transfer_same_year"}

World = dict[str, Any]
Option = tuple[str, tuple[int, ...]]


@dataclass
class Outcome:
    """What one possibility comes to."""

    status: str
    mode: str = ""
    years: tuple[int, ...] = ()
    short: tuple[tuple[Cell, Fraction], ...] = ()
    bounds: tuple[Fraction, Fraction] | None = None

    @cached_property
    def result(self) -> str:
        """Equal for two possibilities with the same result."""
        return "may apply" if self.status in ("met", "waived") else f"{self.status} {self.short} {self.bounds}"

    def demand(self) -> tuple[bool, bool, int]:
        """Sorts the most demanding first: met before waived, any one year last, more years before fewer."""
        return self.status == "waived", self.mode == "any_one_year", -len(self.years)


def assess(facts: Any, today: date) -> dict[str, Any]:
    """The part of an assessment that is compared; `why` is the set of every code that might be named."""
    if codes := faults(facts, today):
        return {"status": "refused", "why": codes}
    facts = {key: value for key, value in facts.items() if value is not None}
    on = review_day(facts, today)
    assert on is not None
    purpose, route = facts.get("purpose", "title_review"), facts.get("route", "review")
    kind = "annual_duty" if purpose == "annual_duty" else route
    if kind == "recognition" and not (
        facts.get("grassroots_graduate")
        and (facts.get("grassroots") or not READINGS["recognition_needs_grassroots_too"])
    ):
        return {"status": "not_covered", "why": {"recognition_not_covered"}}
    return among(facts, kind, on)


def among(facts: dict[str, Any], kind: str, on: date) -> dict[str, Any]:
    """The answer over everything that the facts leave open."""
    values, unknown = possible_values(facts, kind, on)
    names = list(values)
    training: dict[Any, Credit] = {}
    outcomes: dict[Any, Outcome] = {}
    tried: list[tuple[tuple[int, ...], Outcome]] = []
    reliefs, rejected = set(ORDER), set(range(len(facts.get("history", []))))
    for choice in product(*[range(len(options)) for options in values.values()]):
        world = {name: values[name][number] for name, number in zip(names, choice, strict=True)}
        # Worked out once for each history and sector, and for each world that differs in what is looked at.
        place = (choice[names.index("history")], world["sector"])
        if place not in training:
            training[place] = credit(world["history"], world["sector"], kind, facts)
            rejected &= training[place].rejected
        listed = relief_ids(world, kind, facts, training[place])
        options = ways(world, kind, listed, facts)
        if (place, options) not in outcomes:
            outcomes[place, options] = outcome(options, training[place])
        tried.append((choice, outcomes[place, options]))
        reliefs &= listed
    needs = {name for name in unknown if decides(names.index(name), tried)}
    answer: dict[str, Any] = {
        "reliefs": [name for name in ORDER if name in reliefs],
        "rejected": [(number, facts["history"][number].get("record")) for number in sorted(rejected)],
    }
    if needs:
        return answer | {"status": "needs", "needs": needs}
    return answer | written(min((result for _, result in tried), key=Outcome.demand))


def decides(position: int, tried: list[tuple[tuple[int, ...], Outcome]]) -> bool:
    """Whether two values of the unknown at that position, the others being equal, give different results."""
    seen: dict[tuple[int, ...], Any] = {}
    for choice, result in tried:
        others = choice[:position] + choice[position + 1 :]
        if seen.setdefault(others, result.result) != result.result:
            return True
    return False


def written(result: Outcome) -> dict[str, Any]:
    """An outcome in the contract's shape."""
    answer: dict[str, Any] = {"status": result.status}
    if result.status == "waived":
        return answer
    answer["requirement"] = {"mode": result.mode, "years": list(result.years)}
    if result.bounds is not None:
        least, most = result.bounds
        return answer | {"bounds": {"at_least": number(least), "at_most": number(most)}}
    short: dict[str, dict[str, float]] = {}
    for (year, category), hours in result.short:
        short.setdefault(str(year), {})[category] = number(hours)
    return answer | {"short": short, "short_total": number(sum((hours for _, hours in result.short), Fraction(0)))}


def number(hours: Fraction) -> float:
    """Exact hours as the nearest JSON number."""
    return int(hours) if hours.denominator == 1 else float(hours)


def possible_values(facts: dict[str, Any], kind: str, on: date) -> tuple[dict[str, list[Any]], list[str]]:
    """Every value that each fact may have, by name, and the names of those not known."""
    values: dict[str, list[Any]] = {
        "sex": ["male", "female"],
        "title_level": ["junior", "middle", "deputy_senior", "full_senior"],
        "sector": ["public_institution", "state_enterprise", "non_public", "government"],
        "history": list(histories()),
    }
    for name in values:
        if name in facts:
            values[name] = [facts[name]]
    unknown = [name for name in values if name not in facts]
    if "birth" in facts:
        days = birth_days(facts["birth"])
        values["birth_day"] = sorted({years_reached(day, on) for day in days})
        unknown += ["birth_day"] if len(days) > 1 else []
    elif "age" in facts:
        values["age"] = [facts["age"]]
    else:
        values["birth"] = [30, 45, 50, 55]  # one of each kind, for women and men
        unknown.append("birth")
    values["tenure_start"] = [facts.get("tenure_start")]
    if kind == "exceptional" and "tenure_start" not in facts:
        # Any month up to that of the application: in January to March of 2026 it may lie after the review year.
        values["tenure_start"] = [f"{year}-01" for year in range(2021, on.year + 1)]
        unknown.append("tenure_start")
    values["recognition_years"] = [facts.get("recognition_years")]
    if kind == "recognition" and "recognition_years" not in facts:
        values["recognition_years"] = list(range(1, 11))
        unknown.append("recognition_years")
    return values, unknown


def histories() -> Iterator[Any]:
    """Histories that tell any two rules apart: none, all, years all or nothing in every way, and odd amounts."""
    recent = [2023, 2024, 2025]
    odd = {2023: (7, 11), 2024: (13, 17), 2025: (3, 5)}
    even = {2023: (29, 59), 2024: (1.5, 0), 2025: (20, 40)}
    for done in product([True, False], repeat=3):
        for rest in (None, odd, even):
            rows = {}
            for year, full in zip(recent, done, strict=True):
                if full or rest is not None:
                    hours = (30, 60) if full or rest is None else rest[year]
                    rows[str(year)] = {"general": hours[0], "professional": hours[1]}
            yield rows
    for first in range(2016, 2026):
        yield {str(year): {"general": 30, "professional": 60} for year in range(first, 2026)}
        yield {str(year): {"general": 30, "professional": 60} for year in range(2016, 2026) if year != first}
        yield {str(year): {"general": year - 2010, "professional": 60} for year in range(first, 2026)}
    yield {str(year): None for year in range(2016, 2026)}
    if READINGS["unknown_history_may_hold_institution_training"]:
        course = {"source": "institution_training", "year": 2025, "hours": 60, "category": "professional"}
        yield [course]


def relief_ids(world: World, kind: str, facts: Mapping[str, Any], training: Credit) -> frozenset[str]:
    """Every relief that applies, with or without effect."""
    ordinary = ordinary_years(world, kind)
    listed = {"exam_deemed"} if any(year in ordinary for year, _ in training.deemed) else set()
    if kind not in ("review", "exceptional"):
        return frozenset(listed)
    age = next(world[name] for name in ("birth", "birth_day", "age") if name in world)
    full, partial = (55, 50) if world["sex"] == "male" else (50, 45)
    if age >= full:
        listed.add("age_full")
    elif age >= partial:
        listed.add("age_partial")
    if world["sector"] == "non_public":
        listed.add("non_public")
    if facts.get("grassroots"):
        listed.add("grassroots")
    postdoc = facts.get("postdoc", {})
    honoured = postdoc.get("grant") or postdoc.get("project")
    stayed = postdoc.get("left_station") and postdoc.get("stayed_in_region")
    if honoured and stayed and world["title_level"] in SENIOR:
        listed.add("postdoc_senior")
    if any(year in ordinary for year in facts.get("epidemic_years", [])):
        listed.add("epidemic_year")
    moved = begun(facts.get("transfer"))
    if moved is not None and world["sector"] != "government":
        listed.add("transfer_same_year" if moved == YEAR else "transfer_years")
    if kind == "exceptional" and begun(world["tenure_start"]) is not None:
        listed.add("exceptional_tenure")
    return frozenset(listed)


@cache
def begun(month: str | None) -> int | None:
    """The year of a month in writing, unless it lies after the review year."""
    if month is None or (read := month_of(month)) is None:
        return None
    return read[0] if read[0] <= YEAR else None


def ordinary_years(world: World, kind: str) -> list[int]:
    """The years that the ordinary rule asks for."""
    if kind == "annual_duty":
        return [YEAR]
    if kind == "recognition":
        return list(range(YEAR - world["recognition_years"] + 1, YEAR + 1))
    return [YEAR] if world["title_level"] == "junior" else [YEAR - 2, YEAR - 1, YEAR]


def ways(world: World, kind: str, listed: frozenset[str], facts: Mapping[str, Any]) -> tuple[Option, ...]:
    """The options, each enough by itself, in the order in which a tie is broken; none where hours are no bar."""
    if listed & WAIVERS:
        return ()
    ordinary = ordinary_years(world, kind)
    dropped = facts.get("epidemic_years", []) if "epidemic_year" in listed else []
    every = [ordinary]
    if "transfer_years" in listed:
        every.append([year for year in ordinary if year >= (begun(facts["transfer"]) or 0)])
    if "exceptional_tenure" in listed:
        every.append([year for year in ordinary if year >= (begun(world["tenure_start"]) or 0)])
    options = [("every_year", tuple(year for year in years if year not in dropped)) for years in every]
    if "age_partial" in listed and world["title_level"] != "junior":
        options.append(("any_one_year", tuple(ordinary)))
    return tuple(options)


def outcome(options: tuple[Option, ...], training: Credit) -> Outcome:
    """What this one possibility comes to."""
    if not options:
        return Outcome("waived")
    most = [gap(mode, years, training, False) for mode, years in options]
    least = [gap(mode, years, training, True) for mode, years in options]
    at_most, at_least = min(map(total, most)), min(map(total, least))
    first = next(number for number, short in enumerate(most) if total(short) == at_most)
    mode, years = options[first]
    if at_most != at_least:
        return Outcome("uncertain", mode, years, bounds=(at_least, at_most))
    short = tuple(sorted(most[first].items()))
    return Outcome("short" if short else "met", mode, years, short)


def gap(mode: str, years: tuple[int, ...], training: Credit, forgotten_as_done: bool) -> dict[Cell, Fraction]:
    """Missing hours of an option: of all its years, or of its cheapest, the latest where equal."""
    each = []
    for year in years:
        missing = training.missing(year, forgotten_as_done)
        each.append({(year, category): hours for category, hours in missing.items()})
    if mode == "any_one_year":
        return min(reversed(each), key=total)
    return {cell: hours for one in each for cell, hours in one.items()}


def total(short: dict[Cell, Fraction]) -> Fraction:
    """All missing hours."""
    return sum(short.values(), Fraction(0))
