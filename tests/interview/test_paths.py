"""Every way through the questions: only what can change the result is asked, it ends, and the count of questions left is true."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rules
from bot.asking.casefile import asked_years, facts_of, fold, notice_of
from bot.asking.open_questions import outcome
from tests.examples import examples
from tests.interview.answers import answer, answers_to, offered, walk
from tests.interview.somebody import PACKS, TODAY, Somebody, begun

some = examples(10)

BIRTHS = ("1990-01-05", "1978-01-05", "1973-01-05", "1968-01-05")
LEVELS = ("junior", "middle", "deputy_senior", "full_senior")
SECTORS = ("public_institution", "state_enterprise", "non_public", "government")
FULL = {"general": 30, "professional": 60}
CANDIDATES: dict[str, list[dict[str, Any]]] = {
    "sector": [{"sector": sector} for sector in SECTORS],
    "sex": [{"sex": "male"}, {"sex": "female"}],
    "birth": [{"birth": birth} for birth in BIRTHS],
    "title_level": [{"title_level": level} for level in LEVELS],
    "circumstances": [{}, {"grassroots": True}, {"route": "recognition"}],
    "grassroots_graduate": [{"grassroots_graduate": True}, {"grassroots_graduate": False}],
    "recognition_years": [{"recognition_years": 1}, {"recognition_years": 5}],
    "tenure_start": [{"tenure_start": f"{year}-01"} for year in (2025, 2024, 2020)],
    "transfer": [{}, {"transfer": "2025-02"}, {"transfer": "2024-02"}],
    "postdoc": [{"postdoc": {}}, {"postdoc": dict.fromkeys(("grant", "project", "left_station", "stayed_in_region"), True)}],
    "epidemic_years": [{"epidemic_years": []}, {"epidemic_years": [2020, 2021, 2022, 2023]}],
}  # fmt: skip


def can_matter(one: Somebody) -> bool:
    """By brute force: two answers to the pending question that give two results, all else being equal."""
    assert one.session is not None
    case = one.session.case
    values = fold(case)
    known = facts_of(values, notice_of(PACKS, values, TODAY), TODAY)
    years = asked_years(values, notice_of(PACKS, values, TODAY))
    root, *part = one.asked.split(".")
    for rest in completions(known, root, years, part):
        table = rest.pop("history")
        if root == "history":
            year = part[0] if part else str(years[0])
            tables: Iterator[dict[str, Any]] = ({**table, year: row} for row in (rows_of(table.get(year, {}), part)))
            variants = [{**rest, "history": each} for each in tables]
            if not part:
                variants += [{**rest, "history": {str(each): FULL for each in years}}]
        elif root == "birth_day":
            variants = [{**rest, "history": table, "birth": f"{known['birth'][:7]}-{day:02}"} for day in (1, 28)]
        else:
            variants = [{**rest, "history": table, **candidate} for candidate in CANDIDATES[root]]
        found = [outcome(rules.assess(PACKS, facts, TODAY)) for facts in variants]
        if any(each != found[0] for each in found):
            return True
    return False


def rows_of(row: dict[str, Any], part: list[str]) -> list[dict[str, Any]]:
    if len(part) == 2:
        return [{**row, part[1]: hours} for hours in (0, 60)]
    return [{"general": 0, "professional": 0}, FULL]


def completions(known: dict[str, Any], root: str, years: list[int], part: list[str]) -> Iterator[dict[str, Any]]:
    """The facts with everything unknown, but for the pending question, filled in."""
    open_facts = [
        name
        for name in ("sector", "birth", "sex", "title_level")
        if name not in known and name != root and not (name == "birth" and "age" in known)
    ]
    hours = [dict.fromkeys(map(str, years), dict.fromkeys(FULL, 0)), {}, {str(years[-1]): FULL}, {str(years[0]): FULL}]
    hours.append({str(year): FULL for year in years[1:]})
    told = known.get("history", {})
    choices = [CANDIDATES[name] for name in open_facts]
    for table in hours:
        for chosen in product(*choices):
            rest = {**known, **{name: value for each in chosen for name, value in each.items()}}
            if rest.get("route") == "exceptional" and root != "tenure_start":
                rest.setdefault("tenure_start", "2018-01")
            if rest.get("route") == "recognition" and root not in ("grassroots_graduate", "recognition_years"):
                rest = {"grassroots_graduate": True, "recognition_years": 3, **rest}
            if rest.get("route") == "recognition" and root == "recognition_years":
                rest.setdefault("grassroots_graduate", True)
            rest["history"] = {
                year: {**row, **told.get(year, {})} for year, row in ({key: {} for key in told} | table).items()
            }
            yield rest


@given(st.data())
@some
def test_nothing_is_asked_that_cannot_change_the_result(data: st.DataObject) -> None:
    one = begun()
    for _ in range(30):
        if not one.asked:
            break
        assert can_matter(one), (one.asked, one.facts)
        answer(
            one, data.draw(st.sampled_from([each for each in answers_to(one.asked) if offered(one, each)]), one.asked)
        )
    assert one.state == "review"


@pytest.mark.slow
@given(st.data())
@some
def test_the_count_of_questions_left_is_true_on_every_path(data: st.DataObject) -> None:
    one = begun()
    shown: list[tuple[int, int, bool]] = []
    units: list[str] = []
    special: list[bool] = []
    for _ in range(30):
        if not one.asked:
            break
        assert f"最多{'还有' * bool(one.look['answered'])}{one.look['most']}题" in one.text
        shown.append((one.look["fewest"], one.look["most"], one.look["more"]))
        units.append(unit(one))
        words = data.draw(
            st.sampled_from([each for each in answers_to(one.asked, partly=True) if offered(one, each)]), one.asked
        )
        special.append(one.asked == "circumstances" and words != "都没有")
        answer(one, words)
    assert one.state == "review"
    for place, (fewest, most, more) in enumerate(shown):
        asked = len(dict.fromkeys(units[place:]))
        assert fewest <= asked, (place, units, shown)
        assert asked <= most or (more and any(special[place:])), (place, units, shown)


@pytest.mark.parametrize("pace", [1, 2, 3])
def test_with_many_circumstances_the_most_that_is_left_is_never_too_few(pace: int) -> None:
    one = begun()
    answer(one, "事业单位")
    shown, units = [], []
    for label in ("破格申报", "出站博士后", "从党政机关转到技术岗", "有疫情防控书面认定", "考过职业资格证书"):
        one.tap(label)
    for at in range(30):
        if not one.asked:
            break
        shown.append(one.look["most"])
        units.append(unit(one))
        words = [each for each in answers_to(one.asked) if offered(one, each)]
        answer(one, words[at * pace % len(words)] if not one.asked.startswith("circumstances") else "都没有")
    assert one.state == "review"
    assert all(len(dict.fromkeys(units[place:])) <= most for place, most in enumerate(shown)), (units, shown)


def unit(one: Somebody) -> str:
    """A question put again because it was answered in part counts once; of hours a year is a question."""
    assert one.session is not None
    root, *part = one.asked.split(".")
    if root != "history":
        return root
    values = fold(one.session.cases["self"])
    untold = [
        year
        for year in asked_years(values, notice_of(PACKS, values, TODAY))
        if f"history.{year}.professional" not in values or f"history.{year}.general" not in values
    ]
    return f"history.{part[0] if part else untold[0]}"


@given(st.data())
@some
def test_circumstances_are_asked_about_once_and_until_there_are_no_more(data: st.DataObject) -> None:
    one = begun()
    taken = walk(one, data)
    screens = [place for place, (asked, _) in enumerate(taken) if asked == "circumstances"]
    for place in screens[1:]:
        assert taken[place - 1][0] in ("circumstances", "sector"), taken
    assert sum(words == "都没有" for asked, words in taken if asked == "circumstances") <= 1


def test_whoever_remembers_nothing_at_all_still_gets_an_answer() -> None:
    one = begun()
    for _ in range(12):
        if not one.asked:
            break
        answer(one, "都没有" if one.asked == "circumstances" else "记不清")
    one.tap("看结果")
    assert one.last is not None
    assert one.last.assessment is not None
    assert one.last.assessment["status"] == "needs"
    assert "还要知道" in one.text


@pytest.mark.slow
@given(st.data())
@some
def test_every_path_ends_with_the_assessment_of_what_was_understood(data: st.DataObject) -> None:
    one = begun()
    walk(one, data, partly=True)
    one.tap("看结果")
    assert one.state == "result"
    assert "以审验卡和审核部门认定为准" in one.text
