"""How many questions are left, truthfully: the fewest and the most that the answers still open could lead to.

A question put again because it was answered in part counts once, and so does each year of hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from bot.asking.casefile import AGES, CIRCUMSTANCES, Values, asked_years, facts_of, notice_of, years_offered
from bot.asking.open_questions import WHERE, State, View, questions, years_of
from rules import ELSEWHERE, Library, Notice
from rules.ages import Birth, age_reached, month_days
from rules.registry import FACTS, parts_of

_DATES = tuple(fact.id for fact in FACTS.values() if fact.kind == "month" and fact.id not in AGES)
_BIRTHDAY = "-01-05"  # of whoever stands for everybody of the same age
_MEMO_LIMIT = 50_000
MANY = 3
"""Circumstances whose details are open; from there on the paths are too many to walk while somebody waits."""
_memo: dict[Any, tuple[int, int]] = {}


class Left(NamedTuple):
    """Questions until the check page, the pending one included; `more`: special circumstances would add some."""

    fewest: int
    most: int
    more: bool


def questions_left(view: View, pending: str = "") -> Left:
    """`pending` is put once more although it is answered: after a step back, or off the check page."""
    library, today = view.library, view.today
    state = _plain(view.state, view.notice, today)
    more = "circumstances" in (pending, *view.questions)
    if not pending or pending in view.questions:
        return Left(*_explore(library, state, today), more)
    if pending.startswith("history"):
        return Left(1, _years_untold(library, state, today), more)
    if len(_unsettled(state)) >= MANY:
        return Left(1, 1 + _at_most(library, state, today), more)
    ends = [_explore(library, after, today) for after in _answered(library, _without(state, pending), pending, today)]
    return Left(1 + min(low for low, _ in ends), 1 + max(high for _, high in ends), more)


def _without(state: State, pending: str) -> State:
    """The state in which the pending question is not answered yet; 都没有 takes back every circumstance."""
    if pending != "circumstances":
        return state
    gone = CIRCUMSTANCES
    values = {path: value for path, value in state.values.items() if path.partition(".")[0] not in gone}
    return state._replace(values=values, claims=frozenset())


def _unsettled(state: State) -> set[str]:
    """The circumstances claimed whose details are not told."""
    return {name for name in state.claims - state.skipped if not any(path.startswith(name) for path in state.values)}


def _at_most(library: Library, state: State, today: date) -> int:
    """Everything that could still be asked, whether or not it could change anything."""
    told = {path.partition(".")[0] for path in state.values} | state.skipped
    about = {"sector", "title_level", "birth", "birth_day", "sex"} | ({"tenure_start"} if "route" in told else set())
    about |= _unsettled(state) | (set() if state.screened else {"circumstances"})
    about -= {"birth", "birth_day"} if "age" in told else set()
    return len(about - told) + _years_untold(library, state, today)


def _explore(library: Library, state: State, today: date) -> tuple[int, int]:
    if len(_unsettled(state)) >= MANY:
        return 1, _at_most(library, state, today)
    today = _any_day(library, state, today)
    key = _key(library, state, today)
    known = _memo.get(key)
    if known is not None:
        return known
    ahead = next(questions(library, state, today), "")
    if not ahead:
        found = (0, 0)
    elif ahead.startswith("history"):
        found = (1, _years_untold(library, state, today))
    else:
        ends = [_explore(library, after, today) for after in _answered(library, state, ahead, today)]
        found = (1 + min(low for low, _ in ends), 1 + max(high for _, high in ends))
    if len(_memo) >= _MEMO_LIMIT:
        _memo.clear()
    _memo[key] = found
    return found


def _key(library: Library, state: State, today: date) -> Any:
    values = tuple(sorted((path, repr(value)) for path, value in state.values.items()))
    return tuple(each.sha256 for each in library.notices), today, values, state.claims, state.skipped, state.screened


def _years_untold(library: Library, state: State, today: date) -> int:
    notice = notice_of(library, state.values, today)
    rows = [[f"history.{year}.{name}" for name in notice.category_ids] for year in asked_years(state.values, notice)]
    return max(1, sum(not state.values.keys() >= {*row} for row in rows))


# ---------------------------------------------------------------- standing for everybody of the same age


def _plain(state: State, notice: Notice, today: date) -> State:
    """The same state of a person of another birthday, who is asked the same; of other dates only the year counts."""
    facts = facts_of(state.values, notice, today)
    months = {name: f"{state.values[name][:4]}-01" for name in _DATES if name in state.values}
    state = state._replace(values={**state.values, **months}) if months else state
    on = date.fromisoformat(facts["review_date"]) if "review_date" in facts else notice.application_day(today)
    if "age" in facts:
        reached = notice.steps[facts["age"]]
    elif "birth" in facts:
        year, month, *day = map(int, facts["birth"].split("-"))
        birth = Birth(year, month, day[0] if day else 0)
        days = [birth._replace(day=each) for each in ([birth.day] if day else [1, month_days(birth)])]
        ages = {notice.steps[age_reached(each, on)] for each in days}
        if len(ages) > 1:
            return state
        reached = ages.pop()
    else:
        return state
    values = {path: value for path, value in state.values.items() if path not in AGES}
    return state._replace(values=values | _of_age(reached, on))


def _any_day(library: Library, state: State, today: date) -> date:
    """A day on which the same is asked as today of whoever's age is not just turning.

    On the first of a month nobody born in it has reached a year of age: the day of birth is asked on the others only.
    """
    turning = any(name in state.values for name in AGES) and not str(state.values.get("birth")).endswith(_BIRTHDAY)
    if turning or "review_date" in state.values:
        return today
    notice = notice_of(library, state.values, today)
    return date(notice.review_year, 12, 1 if notice.application_day(today).day == 1 else 31)


def _of_age(reached: int, on: date) -> Values:
    return {"birth": f"{on.year - (reached + 1 if reached else 30):04}{_BIRTHDAY}"}


# ---------------------------------------------------------------- one answer of each kind


def _answered(library: Library, state: State, question: str, today: date) -> Iterator[State]:
    """The state after each kind of answer to one question, 记不清 among them."""
    values = state.values
    notice = notice_of(library, values, today)
    if question in WHERE:
        regions = library.regions if question == "region" else ()
        areas = (ELSEWHERE, *library.areas(notice.region)) if question == "area" else ()
        years = years_offered(library, values, today) if question == "review_year" else ()
        yield from (state._replace(values=values | {question: value}) for value in (*regions, *areas, *years))
        return
    if question == "circumstances":  # the details of any but the one that ends it all are counted when they are claimed
        yield state._replace(screened=True)
        yield state._replace(screened=True, values=values | {"grassroots": True})
        return
    for answer in _answers(question, state, notice, today):
        rest = values
        if question in ("birth", "birth_day"):
            rest = {path: value for path, value in values.items() if path not in AGES}
        yield _plain(state._replace(values=rest | answer), notice, today)
    yield state._replace(skipped=state.skipped | {question})


def _answers(question: str, state: State, notice: Notice, today: date) -> list[Values]:
    values, year = state.values, notice.review_year
    on = date.fromisoformat(values["review_date"]) if "review_date" in values else notice.application_day(today)
    if question == "birth":
        turning = [{"birth": f"{on.year - age:04}-{on.month:02}"} for age in notice.thresholds]
        return [*(_of_age(reached, on) for reached in (0, *notice.thresholds)), *turning]
    if question == "birth_day":
        month = str(values.get("birth", on.isoformat()))[:7]
        last = month_days(Birth(int(month[:4]), int(month[5:7]), 0))
        return [{"birth": f"{month}-01"}, {"birth": f"{month}-{last:02}"}]
    if question == "title_level":
        levels = ("junior", "middle", "deputy_senior")
        return [{question: level} for level in levels if level != "deputy_senior" or _may_be_postdoc(state)]
    months = [{question: f"{each:04}-01"} for each in range(year - 3, year + 1)]
    qualified = dict.fromkeys((f"postdoc.{part}" for part in parts_of("postdoc")), True)
    found: dict[str, list[Values]] = {
        "sector": [{question: sector} for sector in ("public_institution", "non_public")],
        "sex": [{question: "male"}, {question: "female"}],
        "grassroots_graduate": [{question: True}, {question: False}],
        "recognition_years": [{question: years} for years in notice.limits["recognition_years"]],
        "tenure_start": months,
        "transfer": months,
        "postdoc": [qualified, dict.fromkeys(qualified, False)],
    }
    if question not in found:
        return [{question: []}, {question: years_of(question, values, notice)}]
    return found[question]


def _may_be_postdoc(state: State) -> bool:
    """Only for them the higher levels differ from the middle one."""
    return "postdoc" in state.claims or any(path.startswith("postdoc.") for path in state.values)
