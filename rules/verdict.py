"""The verdict: what has been done held against what is asked, over every possibility that is still open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from rules.facts import ASK_ORDER
from rules.notice import Hours, Notice
from rules.reliefs import EVERY, Entitlement, Option
from rules.space import Point, Space, sample_trainings
from rules.training import Applicant, Training

MAY_APPLY = ("met", "waived")
ANY = "any"  # hours that may be of any category, where the total asks more than the floors
_ENDLESS = 1_000_000
Missing = tuple[Hours, ...]  # by category, and last what may be of any
Rows = tuple[tuple[int, Missing], ...]  # the years in which something is missing, ascending


class Measure(NamedTuple):
    """`status` met, short, uncertain, waived or not_covered; hours missing with what is not remembered taken as nothing (`rows`,
    `most`) and as everything (`least`)."""

    status: str
    option: Option | None = None
    rows: Rows = ()
    least: Hours = 0
    most: Hours = 0

    @property
    def view(self) -> Any:
        """What two possibilities must share to count as the same result."""
        if self.status in MAY_APPLY:
            return True
        return (self.least, self.most) if self.status == "uncertain" else (self.status, self.rows)

    def missing(self, notice: Notice) -> dict[str, Any]:
        """What is missing, as an assessment lists it."""
        if self.status == "uncertain":
            return {"bounds": {"at_least": number(self.least), "at_most": number(self.most)}}
        return {"short": self.short(notice), "short_total": number(self.most)}

    def short(self, notice: Notice) -> dict[str, dict[str, int | float]]:
        """The hours missing by year and category, no zero entries."""
        if self.status != "short":
            return {}
        names = (*notice.category_ids, ANY)
        return {
            str(year): {name: number(hours) for name, hours in zip(names, row, strict=True) if hours}
            for year, row in self.rows
        }


WAIVED = Measure("waived")


def number(value: Hours) -> int | float:
    """The amount as a JSON number: a whole one without a point."""
    if type(value) is int:
        return value
    whole = int(value)
    return whole if whole == value else float(value)


def measure(asked: Entitlement, done: Training, fills_total: bool) -> Measure:
    """The cheapest way to be done; on a tie the option that stands first.

    `fills_total`: whether a category deemed complete also fills the year's total (reading.md A30).
    """
    if asked.waived:
        return WAIVED
    if asked.silent:
        return Measure("not_covered")
    most, option, rows = _cheapest(asked.options, done, fills_total)
    if not most:
        return Measure("met", option)
    if done.unknown:
        least = _cheapest(asked.options, _hopeful(done), fills_total)[0]
        if most != least:
            return Measure("uncertain", option, (), least, most)
    return Measure("short", option, rows, most, most)


def _cheapest(options: Sequence[Option], done: Training, fills_total: bool) -> tuple[Hours, Option, Rows]:
    """What is missing in all, the option that asks least (on a tie the first), and what it misses of each year."""
    best: tuple[Hours, Option, Rows] | None = None
    for option in options:
        total, rows = 0, []
        for year, floors, beside in option.rows:
            missing = _missing(year, floors, beside, done, fills_total)
            if missing:
                total += sum(missing)
                rows.append((year, missing))
        if option.k != EVERY and rows:  # of equal years the latest are taken
            left = max(option.k - (len(option.years) - len(rows)), 0)
            rows = sorted(sorted(rows, key=lambda row: (sum(row[1]), -row[0]))[:left])
            total = sum([sum(row) for _, row in rows])
        if best is None or total < best[0]:
            best = total, option, tuple(rows)
        if not total:
            break
    assert best is not None
    return best


def _missing(year: int, floors: Missing, beside: Hours, done: Training, fills_total: bool) -> Missing:
    """What is missing of one year; nothing where it is complete."""
    had = done.hours.get(year)
    if not done.deemed:
        return _lacking(floors, beside, tuple(had)) if had is not None else (*floors, beside)
    deemed = tuple([place for place in range(len(floors)) if (year, place) in done.deemed])
    return _lacking(floors, beside, tuple(had or (0,) * len(floors)), deemed, fills_total)


@lru_cache(20_000)
def _lacking(
    floors: Missing, beside: Hours, had: tuple[Hours, ...], deemed: tuple[int, ...] = (), fills_total: bool = False
) -> Missing:
    """What so many hours lack; the same few numbers come again and again."""
    row = [floor - hours if hours < floor else 0 for floor, hours in zip(floors, had, strict=True)]
    filled = sum(had) + sum(row)
    for place in deemed:
        filled -= 0 if fills_total else row[place]
        row[place] = 0
    rest = max(sum(floors) + beside - filled, 0) if beside or deemed else 0
    if len(deemed) == 1 and not beside:  # the total asks what that category itself lacks, and no more
        row[deemed[0]], rest = rest, 0
    return (*row, rest) if rest or any(row) else ()


def _hopeful(done: Training) -> Training:
    """The training with all that is not remembered taken for plenty."""
    hours = {year: list(row) for year, row in done.hours.items()}
    for year, place in done.unknown:
        hours[year][place] += _ENDLESS
    return done._replace(hours=hours, unknown=frozenset())


# ---------------------------------------------------------------- every possibility


class Outcome(NamedTuple):
    """The result under one reading: `needs` where an unknown fact decides. `rejected` is true in every possibility."""

    result: Measure
    point: Point
    needs: tuple[str, ...]
    rejected: tuple[dict[str, Any], ...]

    @property
    def status(self) -> str:
        """The word of the contract."""
        return "needs" if self.needs else self.result.status

    @property
    def standing(self) -> str:
        """Whether the person may apply, is short, is uncertain, or must say more: what a reading can flip."""
        return "may_apply" if self.status in MAY_APPLY else self.status

    def short(self, notice: Notice) -> dict[str, Any]:
        """The hours missing, where that is the answer."""
        return {} if self.needs else self.result.short(notice)


def views_of(
    case: Applicant, possible: Space, samples: Sequence[Training] | None, fills: bool, apply: str = ""
) -> tuple[list[list[Measure]], dict[str | None, Training]]:
    """For each kind of possibility the results, one for each history that it may be; and what the training is worth by sector."""
    worth: dict[str | None, Training] = {}
    if type(case.history) is list and possible.kinds[0].sector is not None:
        worth = {sector: case.again(sector, apply).done for sector in {kind.sector for kind in possible.kinds}}
    return [
        [measure(kind.ruling.asked, one, fills) for one in samples or [worth.get(kind.sector, case.done)]]
        for kind in possible.kinds
    ], worth


def outcome_of(case: Applicant, possible: Space, apply: str = "", fills: bool | None = None) -> Outcome:
    """The result over every possibility. `fills`: as in `measure`, None as the notice is read."""
    done, fills = case.done, case.notice.knobs.deemed_fills_total if fills is None else fills
    if len(possible.kinds) == 1 and case.history is not None:
        point = possible.kinds[0]
        return Outcome(measure(point.ruling.asked, done, fills), point, (), done.rejected)
    samples = None
    if case.history is None:
        samples = [one for (one,) in sample_trainings((case.notice,), possible.points, done.deemed)]
    tried, worth = views_of(case, possible, samples, fills, apply)
    needs = differing([[result.view for result in each] for each in tried], possible.moves)
    results = [each[0] for each in tried]
    place = min(range(len(results)), key=lambda place: _demand(results[place]))
    point = possible.kinds[place]
    rejected = worth.get(point.sector, done).rejected
    if worth:
        everywhere = [{line["record"] for line in one.rejected} for one in worth.values()]
        rejected = tuple(line for line in rejected if all(line["record"] in names for names in everywhere))
    return Outcome(results[place], point, in_order(needs), rejected)


def differing(views: Sequence[Sequence[Any]], moves: Mapping[str, frozenset[tuple[int, int]]]) -> set[str]:
    """The unknown facts that alone can tell two results apart, training among them."""
    needs = {name for name, pairs in moves.items() if any(views[one] != views[other] for one, other in pairs)}
    return needs | ({"history"} if any(view != row[0] for row in views for view in row) else set())


def in_order(needs: set[str]) -> tuple[str, ...]:
    """Facts as they are best asked."""
    return tuple([name for name in ASK_ORDER if name in needs])


def _demand(result: Measure) -> tuple[Any, ...]:
    """Most demanding first: met before waived, more years before fewer, any k of them last."""
    option = result.option
    if option is None:
        return (1, 0, 0)
    return (0, option.k != EVERY, -len(option.years))
