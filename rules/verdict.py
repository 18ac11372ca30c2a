"""The verdict: what has been done held against what is asked, over every possibility that is still open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from rules.facts import ASK_ORDER, Case
from rules.notice import Ask, Hours, Notice, Relief
from rules.reliefs import EVERY, Entitlement, Option
from rules.space import Key, Point, Space, Watched, key_of, sample_trainings, space
from rules.training import Cells, Training, count

MAY_APPLY = ("met", "waived")
ANY = "any"  # hours that may be of any category, where the total asks more than the floors
_ENDLESS = 1_000_000
_PLANS_KEPT = 20_000
Short = dict[str, dict[str, int | float]]


def number(value: Hours) -> int | float:
    """The amount as a JSON number: a whole one without a point."""
    if type(value) is int:
        return value
    whole = int(value)
    return whole if whole == value else float(value)


# ---------------------------------------------------------------- one possibility


class Result(NamedTuple):
    """`status` met, short, uncertain, waived or not_covered; hours missing with what is not remembered taken as nothing (`short`,
    `most`) and as everything (`least`)."""

    status: str
    option: Option | None
    short: Short
    least: Hours
    most: Hours

    @property
    def standing(self) -> str:
        """Whether the person may apply, or the status otherwise: what another reading can flip."""
        return "may_apply" if self.status in MAY_APPLY else self.status

    @property
    def view(self) -> Any:
        """What two possibilities must share to count as the same result."""
        if self.status in MAY_APPLY:
            return True
        return (self.least, self.most) if self.status == "uncertain" else (self.status, self.short)


WAIVED = Result("waived", None, {}, 0, 0)
Missing = tuple[Hours, ...]  # by category, and last what may be of any


def measure(notice: Notice, asked: Entitlement, done: Training, fills_total: bool = True) -> Result:
    """The cheapest way to be done; on a tie the option that stands first.

    `fills_total`: whether a category deemed complete also fills the year's total (reading.md A30).
    """
    if asked.waived:
        return WAIVED
    if asked.silent:
        return Result("not_covered", None, {}, 0, 0)
    most, option, rows = _cheapest(asked.options, done, fills_total)
    if not most:
        return Result("met", option, {}, 0, 0)
    if done.unknown:
        least = _cheapest(asked.options, _hopeful(notice, done), fills_total)[0]
        if most != least:
            return Result("uncertain", option, {}, least, most)
    names = (*notice.category_ids, ANY)
    short: Short = {}
    for year, row in sorted(rows):
        if any(row):
            short[str(year)] = {name: number(hours) for name, hours in zip(names, row, strict=True) if hours}
    return Result("short", option, short, most, most)


def _cheapest(
    options: Sequence[Option], done: Training, fills_total: bool
) -> tuple[Hours, Option, list[tuple[int, Missing]]]:
    """What is missing in all, the option that asks least (on a tie the first), and what it misses of each year."""
    best: tuple[Hours, Option, list[tuple[int, Missing]]] | None = None
    for option in options:
        rows = [
            (year, _missing(ask, year, done, fills_total))
            for year, ask in zip(option.years, option.asks, strict=True)
            if year not in option.free
        ]
        if option.k != EVERY:  # of equal years the latest are taken; free ones are done
            left = max(option.k - (len(option.years) - len(rows)), 0)
            rows = sorted(rows, key=lambda row: (sum(row[1]), -row[0]))[:left]
        total = sum([sum(row) for _, row in rows])
        if best is None or total < best[0]:
            best = total, option, rows
        if not total:
            break
    assert best is not None
    return best


def _missing(ask: Ask, year: int, done: Training, fills_total: bool) -> Missing:
    """What is missing of one year."""
    floors, total = ask
    had = done.hours.get(year)
    if had is None and not done.deemed:
        return *floors, max(total - sum(floors), 0)
    had = had or (0,) * len(floors)
    row = [floor - hours if hours < floor else 0 for floor, hours in zip(floors, had, strict=True)]
    filled = sum(had) + sum(row)
    deemed = [place for place in range(len(floors)) if (year, place) in done.deemed] if done.deemed else ()
    for place in deemed:
        filled -= 0 if fills_total else row[place]
        row[place] = 0
    rest = max(total - filled, 0)
    if rest and deemed:
        row[deemed[0]], rest = rest, 0
    return *row, rest


def _hopeful(notice: Notice, done: Training) -> Training:
    """The training with all that is not remembered taken for plenty."""
    hours = dict(done.hours)
    for year, place in done.unknown:
        row = list(hours.get(year, (0,) * len(notice.categories)))
        row[place] += _ENDLESS
        hours[year] = tuple(row)
    return done._replace(hours=hours, unknown=frozenset())


# ---------------------------------------------------------------- every possibility


class Plan(NamedTuple):
    """What can be said of a key before any training is looked at; the lists are shared and never changed."""

    key: Key
    space: Space
    reliefs: tuple[Relief, ...]  # those that hold in every possibility
    lightened: bool  # a relief that covers the review alone is in force
    turns: frozenset[str]  # the knobs that can turn it
    lists: dict[str, Any]  # what follows from the plan alone, made when first asked for


class Outcome(NamedTuple):
    """The result under one reading: `needs` where an unknown fact decides. `rejected` is true in every possibility."""

    result: Result
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
        return "needs" if self.needs else self.result.standing


def plan_of(case: Case, deemed_years: tuple[int, ...]) -> Plan:
    """The plan of a person whose training deems these years complete: worked out once for everybody of the same key."""
    key, notice = key_of(case, deemed_years), case.notice
    plan: Plan | None = notice.plans.get(key)
    if plan is None:
        if len(notice.plans) >= _PLANS_KEPT:
            notice.plans.clear()
        knobs = Watched(notice.knobs)
        possible = space(notice, knobs, key)
        sets = [frozenset(point.ruling.reliefs) for point in possible.points]
        certain = tuple(relief for relief in notice.reliefs if all(relief.id in held for held in sets))
        lightened = key.scope in ("review", "exceptional") and any(relief.kind != "deem" for relief in certain)
        plan = notice.plans[key] = Plan(key, possible, certain, lightened, frozenset(knobs.seen), {})
    return plan


class Trained(NamedTuple):
    """What somebody has learned: `history` as told, `done` what it is worth (of an untold one: what certificates alone deem), and
    how to count it again, for another sector or with one point read the other way."""

    history: Any
    done: Training
    again: Callable[[str | None, str], Training]


def trained(case: Case, history: Any) -> Trained:
    """The training of a case, counted. `history` is checked."""
    profile = case.counting()

    def again(sector: str | None, apply: str) -> Training:
        return count(case.notice, history, {**profile, "sector": sector}, apply)

    return Trained(history, count(case.notice, history, profile), again)


def views_of(
    notice: Notice,
    possible: Space,
    learned: Trained,
    samples: Sequence[Training] | None,
    apply: str = "",
    fills: bool = True,
) -> tuple[list[list[Result]], dict[str | None, Training]]:
    """For each kind of possibility the results, one for each history that it may be; and what the training is worth by sector."""
    worth: dict[str | None, Training] = {}
    if samples is not None:
        return [[measure(notice, kind.ruling.asked, one, fills) for one in samples] for kind in possible.kinds], worth
    if type(learned.history) is list and possible.kinds[0].sector is not None:
        worth = {sector: learned.again(sector, apply) for sector in {kind.sector for kind in possible.kinds}}
    return [
        [measure(notice, kind.ruling.asked, worth.get(kind.sector, learned.done), fills)] for kind in possible.kinds
    ], worth


def outcome_of(case: Case, possible: Space, learned: Trained, apply: str = "", fills_total: bool = True) -> Outcome:
    """The result over every possibility."""
    notice, done = case.notice, learned.done
    if len(possible.kinds) == 1 and learned.history is not None:
        point = possible.kinds[0]
        return Outcome(measure(notice, point.ruling.asked, done, fills_total), point, (), done.rejected)
    samples = None
    if learned.history is None:
        samples = [one for (one,) in sample_trainings((notice,), possible.points, done.deemed)]
    tried, worth = views_of(notice, possible, learned, samples, apply, fills_total)
    views = [[result.view for result in each] for each in tried]
    needs = differing(views, possible.moves)
    if samples is not None and any(view != each[0] for each in views for view in each):
        needs.add("history")
    results = [each[0] for each in tried]
    place = min(range(len(results)), key=lambda place: _demand(results[place]))
    point = possible.kinds[place]
    rejected = worth.get(point.sector, done).rejected
    if worth:
        everywhere = [{line["record"] for line in one.rejected} for one in worth.values()]
        rejected = tuple(line for line in rejected if all(line["record"] in names for names in everywhere))
    return Outcome(results[place], point, in_order(needs), rejected)


def differing(views: Sequence[Any], moves: Mapping[str, frozenset[tuple[int, int]]]) -> set[str]:
    """The unknown facts that alone can tell two results apart."""
    return {name for name, pairs in moves.items() if any(views[one] != views[other] for one, other in pairs)}


def in_order(needs: set[str]) -> tuple[str, ...]:
    """Facts as they are best asked."""
    return tuple([name for name in ASK_ORDER if name in needs])


def _demand(result: Result) -> tuple[Any, ...]:
    """Most demanding first: met before waived, more years before fewer, any k of them last."""
    option = result.option
    if option is None:
        return (1, 0, 0)
    return (0, option.k != EVERY, -len(option.years))


__all__ = [
    "ANY",
    "MAY_APPLY",
    "Cells",
    "Outcome",
    "Plan",
    "Result",
    "Trained",
    "measure",
    "number",
    "outcome_of",
    "plan_of",
]
