"""What is still worth asking of a person: the first question that can still change the result is the next one.

No route between questions is written anywhere; what is asked follows from what is known and from the policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from bot.asking.casefile import (
    DETAILED,
    Case,
    Values,
    asked_years,
    choice_of,
    claims_of,
    facts_of,
    notice_of,
    values_of,
    year_open,
)  # fmt: skip
from rules import Library, Notice, assess
from rules.registry import FACTS, parts_of

WHERE = ("region", "review_year", "area")  # which notice it is about comes before all else
QUESTIONS = (
    *WHERE, "sector", "circumstances", "title_level", "birth", "birth_day", "sex", "grassroots_graduate", "recognition_years",
    "tenure_start", *DETAILED, "history",
)  # fmt: skip
RANK = {name: place for place, name in enumerate(QUESTIONS)}
MAY_APPLY = ("met", "waived")
_MEMO_LIMIT = 50_000
_without_hours: dict[Any, dict[str, Any]] = {}


class State(NamedTuple):
    """All of a case that bears on what is asked next."""

    values: Values
    claims: frozenset[str]
    skipped: frozenset[str]
    screened: bool


class View:
    """A case looked at on a day: what follows from it, worked out once and only when it is wanted.

    `stood` is shared by the views of one turn: of equal values it stands alike, whatever else the case remembers.
    """

    def __init__(self, library: Library, case: Case, today: date, stood: dict[str, dict[str, Any]]) -> None:
        self.library, self.case, self.today, self._stood = library, case, today, stood

    @cached_property
    def values(self) -> Values:
        return values_of(self.library, self.case, self.today)

    @cached_property
    def claims(self) -> frozenset[str]:
        return claims_of(self.case)

    @cached_property
    def notice(self) -> Notice:
        return notice_of(self.library, self.values, self.today)

    @cached_property
    def facts(self) -> dict[str, Any]:
        return facts_of(self.values, self.notice, self.today)

    @cached_property
    def assessment(self) -> dict[str, Any]:
        return assess(self.library, self.facts, self.today)

    @cached_property
    def state(self) -> State:
        return State(self.values, self.claims, frozenset(self.case.skipped), self.case.screened)

    @cached_property
    def questions(self) -> list[str]:
        return list(questions(self.library, self.state, self.today, self.standing))

    @cached_property
    def standing(self) -> dict[str, Any]:
        """How it stands while hours not told are unknown; `refused` where the answers cannot all be true."""
        key = repr(self.values)
        if key not in self._stood:
            self._stood[key] = _standing(self.library, self.facts, self.values, self.notice, self.today)
        return self._stood[key]

    @cached_property
    def years(self) -> list[int]:
        """The years whose hours bear on the result; all that the ordinary rule asks for where none does."""
        every = asked_years(self.values, self.notice)
        told = {path.split(".")[1] for path in self.values if path.startswith("history.")}
        if told or len(every) == 1:
            return every
        known = {**self.facts, "history": {}}
        return [
            year for year in every if _year_matters(self.library, known, year, every, self.notice, self.today)
        ] or every


def questions(library: Library, state: State, today: date, standing: dict[str, Any] | None = None) -> Iterator[str]:
    """What can still change the result, in the order in which it is best asked; nothing when the answer stands.

    Each is looked for when it is wanted: whether an answer could change anything takes several assessments to tell.
    """
    values = state.values
    notice = notice_of(library, values, today)
    facts = facts_of(values, notice, today)
    standing = standing or _standing(library, facts, values, notice, today)
    if standing["status"] == "refused":
        return
    wanted, claimed = set(standing.get("needs", ())), frozenset[str]()
    wanted -= {"review_year"} if not year_open(library, values, today) else set()
    annual = values.get("purpose") == "annual_duty"
    recognition = values.get("route") == "recognition"
    if not annual and recognition and "grassroots_graduate" not in values:
        wanted = {"grassroots_graduate"}
    elif not annual and not recognition:
        settled = standing["status"] in MAY_APPLY
        if not state.screened and not (settled and "route" in values):
            wanted.add("circumstances")
        if not settled or not (state.screened or "route" in values):
            claimed = state.claims - wanted
    wanted |= {"history"} if "history" in facts else set()
    wanted |= {"region"} if "region" in choice_of(library, values, today).open else set()
    wanted |= {"review_year"} if year_open(library, values, today) else set()
    for name in sorted(wanted | claimed, key=RANK.__getitem__):
        asked = _open_hours(library, facts, state, notice, standing, today) if name == "history" else name
        if not asked or asked in state.skipped:
            continue
        if name in wanted or _claim_matters(library, name, facts, values, notice, today):
            yield asked


def _standing(library: Library, facts: dict[str, Any], values: Values, notice: Notice, today: date) -> dict[str, Any]:
    """The assessment in which hours not mentioned are unknown, not zero."""
    if "history" in facts:
        table = with_unmentioned(facts["history"], asked_years(values, notice), notice)
        return assess(library, {**facts, "history": table}, today, beside=())
    # Without hours few persons differ, so that the answer for one is kept for the next.
    key = (
        *(each.sha256 for each in library.notices),
        notice.id,
        today,
        *((name, repr(value)) for name, value in facts.items()),
    )
    found = _without_hours.get(key)
    if found is None:
        if len(_without_hours) >= _MEMO_LIMIT:
            _without_hours.clear()
        whole = assess(library, facts, today, beside=())
        found = _without_hours[key] = {name: whole[name] for name in ("status", "needs") if name in whole}
    return found


def with_unmentioned(
    table: Mapping[str, Mapping[str, Any]], years: Iterable[int], notice: Notice, hours: Any = None
) -> dict[str, dict[str, Any]]:
    """The table with `hours` for everything that was not mentioned."""
    rows = {year: dict(row) for year, row in table.items()}
    for year in years:
        row = rows.setdefault(str(year), {})
        for category in notice.category_ids:
            row.setdefault(category, hours)
    return dict(sorted(rows.items()))


# ---------------------------------------------------------------- whether an answer could change anything


def outcome(assessment: Mapping[str, Any]) -> Any:
    """What two assessments must share to be the same result."""
    if assessment["status"] in MAY_APPLY:
        return True
    return tuple(assessment.get(name) for name in ("status", "short", "bounds", "needs"))


def _differ(library: Library, variants: Iterable[dict[str, Any]], today: date) -> bool:
    found = (outcome(assess(library, facts, today, beside=())) for facts in variants)
    first = next(found)
    return any(each != first for each in found)


def _claim_matters(
    library: Library, name: str, facts: dict[str, Any], values: Values, notice: Notice, today: date
) -> bool:
    """Whether the details of a claimed circumstance are missing, and could still help."""
    answers: list[Any]
    kind = FACTS[name].kind
    if kind == "month" and name in DETAILED and name not in values:
        answers = [None, f"{notice.review_year}-01", *(f"{year}-01" for year in asked_years(values, notice))]
    elif kind == "years" and name not in values:
        answers = [None, years_of(name, values, notice)]
    elif kind == "flags" and any(f"{name}.{part}" not in values for part in parts_of(name)):
        told = facts.get(name, {})
        answers = [{part: told.get(part, flag) for part in parts_of(name)} for flag in (False, True)]
    else:
        return False  # `tenure_start` is among the needs wherever it decides
    # Hours not told yet are taken for none, which tells the ways to be done apart; of the years it is asked about later.
    table = with_unmentioned(
        facts.get("history", {}), asked_years(values, notice), notice, None if "history" in facts else 0
    )
    known = {**facts, "history": table}
    return _differ(library, ({**known, name: answer} for answer in answers), today)


def years_of(name: str, values: Values, notice: Notice) -> list[int]:
    """The years that a fact of years may name."""
    low, high = notice.limits.get(FACTS[name].limit, (0, 0))
    return list(range(low, high + 1)) if high else asked_years(values, notice)


def _open_hours(
    library: Library, facts: dict[str, Any], state: State, notice: Notice, standing: Mapping[str, Any], today: date
) -> str:
    """`history` while nothing is told; then the first year, or one category of it, whose hours would still change the result."""
    if "history" not in facts:
        return "history"
    if standing["status"] not in ("uncertain", "needs"):
        return ""
    every = asked_years(state.values, notice)
    for year in every:
        missing = [category for category in notice.category_ids if f"history.{year}.{category}" not in state.values]
        if missing and _year_matters(library, facts, year, every, notice, today):
            return f"history.{year}" if len(missing) == len(notice.category_ids) else f"history.{year}.{missing[0]}"
    return ""


def _year_matters(
    library: Library, facts: Mapping[str, Any], year: int, every: list[int], notice: Notice, today: date
) -> bool:
    """Whether the hours of one year, none or all of them, would give another result."""
    tables = (
        with_unmentioned(with_unmentioned(facts["history"], [year], notice, hours), every, notice)
        for hours in (0, max(notice.requirement.values()))
    )
    return _differ(library, ({**facts, "history": table} for table in tables), today)
