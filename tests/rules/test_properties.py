"""What holds for everybody: reliefs and hours only ever help, order means nothing, nothing is invented."""

import copy
import json
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import rules
from tests.examples import examples
from tests.oracle.people import person

PACKS = rules.load()
TODAY = date(2025, 9, 1)
SEEDS = st.integers(0, 10**6)
# Many random people are refused or must say more first: they are filtered.
many = settings(suppress_health_check=[HealthCheck.filter_too_much])


def somebody(seed: int) -> dict[str, Any]:
    """A random person whom the contract accepts."""
    facts = person(Random(seed), TODAY)
    assume(isinstance(facts, dict) and rules.assess(PACKS, facts, TODAY)["status"] not in ("refused", "not_covered"))
    return facts


def missing(facts: Any) -> float | None:
    """The hours missing at most; 0 for whoever may apply, None where the answer is not yet one."""
    found = rules.assess(PACKS, facts, TODAY)
    if found["status"] in ("met", "waived"):
        return 0
    if found["status"] == "short":
        return float(found["short_total"])
    return float(found["bounds"]["at_most"]) if found["status"] == "uncertain" else None


def never_more(before: Any, after: Any) -> None:
    old, new = missing(before), missing(after)
    assume(old is not None and new is not None)
    assert old is not None
    assert new is not None
    assert new <= old, after


@given(SEEDS, st.integers(2022, 2025), st.sampled_from(["general", "professional"]), st.integers(1, 80))
@many
def test_more_hours_never_raise_what_is_missing(seed: int, year: int, category: str, hours: int) -> None:
    facts = somebody(seed)
    more = copy.deepcopy(facts)
    history = more.get("history")
    assume(history is not None)
    if isinstance(history, list):
        history.append({"year": year, "category": category, "source": "ce_base", "hours": hours})
    else:
        row = history.setdefault(str(year), {}) or {}
        assume(row.get(category, 0) is not None)
        history[str(year)] = {**row, category: row.get(category, 0) + hours}
    never_more(facts, more)


RELIEFS: list[dict[str, Any]] = [
    {"grassroots": True},
    {"postdoc": {"grant": True, "project": False, "left_station": True, "stayed_in_region": True}},
    {"epidemic_years": [2020, 2021, 2022, 2023]},
    {"transfer": "2024-02"},
    {"transfer": "2025-01"},
    {"route": "exceptional", "tenure_start": "2024-03"},
]


@given(SEEDS, st.sampled_from(RELIEFS))
@many
def test_one_more_true_relief_never_raises_what_is_missing(seed: int, relief: dict[str, Any]) -> None:
    facts = somebody(seed)
    assume(facts.get("route") != "recognition")
    assume(not facts.keys() & relief.keys() - {"epidemic_years", "route"})
    assume("review_date" not in facts or facts["review_date"] >= "2025-03")
    never_more(facts, {**facts, **relief})


@given(SEEDS, st.dates(date(1960, 1, 1), date(2000, 12, 31)), st.integers(1, 4000))
@many
def test_an_earlier_birth_date_never_raises_what_is_missing(seed: int, born: date, days: int) -> None:
    facts = {**somebody(seed), "birth": born.isoformat()}
    never_more(facts, {**facts, "birth": (born - timedelta(days=days)).isoformat()})


@given(SEEDS, st.randoms())
def test_the_order_of_records_and_of_keys_changes_nothing(seed: int, rng: Random) -> None:
    facts = somebody(seed)
    mixed = copy.deepcopy(facts)
    if isinstance(mixed.get("history"), list):
        assume(not any(record.get("record") for record in mixed["history"]))
        rng.shuffle(mixed["history"])
    keys = list(mixed)
    rng.shuffle(keys)
    before = rules.assess(PACKS, facts, TODAY)
    after = rules.assess(PACKS, {key: mixed[key] for key in keys}, TODAY)
    for found in (before, after):
        found.pop("rejected", None)  # names records by their place
        found.pop("clauses", None)
    assert before == after


@given(SEEDS)
def test_the_same_facts_give_the_same_bytes_and_are_left_alone(seed: int) -> None:
    facts = somebody(seed)
    kept = copy.deepcopy(facts)
    first = json.dumps(rules.assess(PACKS, facts, TODAY))
    assert json.dumps(rules.assess(rules.load(), facts, TODAY)) == first
    assert facts == kept


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["sex", "birth", "history", "year", "2024", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON)
@examples(100)
def test_anything_that_json_can_hold_gives_an_assessment(value: Any) -> None:
    found = rules.assess(PACKS, value, TODAY)
    assert found["status"] in ("met", "short", "waived", "uncertain", "needs", "not_covered", "refused")
    if found["status"] == "refused":
        assert found["why"]
        assert found["message"]


@given(SEEDS)
def test_a_fact_that_is_needed_is_unknown_and_can_be_told(seed: int) -> None:
    facts = somebody(seed)
    found = rules.assess(PACKS, facts, TODAY)
    for name in found.get("needs", ()):
        key = {"birth_day": "birth"}.get(name, name)
        assert facts.get(key) is None or (name == "birth_day" and len(facts["birth"]) == 7)
