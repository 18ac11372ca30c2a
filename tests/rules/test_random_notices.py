"""What holds under every notice, not under the real one alone: random hours, totals, look-backs, k and ages, random people."""

from __future__ import annotations

import copy
import re
from datetime import date, timedelta
from typing import Any

from hypothesis import assume, example, given
from hypothesis import strategies as st

import rules
from rules.library import library_of
from rules.loading import read_notice
from tests.examples import examples
from tests.rules.texts import ORIGINAL, changed, relief

TODAY = date(2025, 9, 1)
LEVELS = ("junior", "middle", "deputy_senior", "full_senior")
CATEGORIES = ("general", "professional")
many = examples(20)
SAME_DAY = changed(
    ORIGINAL,
    ('birthday = "next_day"', 'birthday = "kept"'),
    ('birthday = "same_day"', 'birthday = "next_day"'),
    ('birthday = "kept"', 'birthday = "same_day"'),
)
BIRTHDAYS = {
    birthday: library_of([read_notice(text.encode(), "birthdays.toml")])
    for birthday, text in (("next_day", ORIGINAL), ("same_day", SAME_DAY))
}


@st.composite
def notices(draw: st.DrawFn) -> rules.Library:
    """A library of one valid notice, unlike the real one in all its numbers."""
    general, professional = draw(st.integers(0, 60)), draw(st.integers(0, 90))
    total = general + professional + draw(st.sampled_from([0, 0, 5, 30]))
    partial, whole = sorted(draw(st.lists(st.integers(30, 70), min_size=2, max_size=2, unique=True)))
    earlier = draw(st.integers(0, 5))
    years = [draw(st.integers(1, 5)) for _ in LEVELS]
    spans = "\n".join(f"{level} = {count}" for level, count in zip(LEVELS, years, strict=True))
    k, less = draw(st.integers(1, max(years))), draw(st.integers(0, 30))
    text = changed(
        ORIGINAL,
        ("general = 30\nprofessional = 60\ntotal = 90", f"general = {general}\nprofessional = {professional}\ntotal = {total}"),
        ("at_least = 55", f"at_least = {whole}"),
        ('"female" }, { fact = "age", at_least = 50 }', f'"female" }}, {{ fact = "age", at_least = {whole - earlier} }}'),
        ("at_least = 50, below = 55", f"at_least = {partial}, below = {whole}"),
        ("at_least = 45, below = 50", f"at_least = {partial - earlier}, below = {whole - earlier}"),
        ("junior = 1\nmiddle = 3\ndeputy_senior = 3\nfull_senior = 3", spans),
        ("look_back_ends = 0", f"look_back_ends = {draw(st.sampled_from([0, -1]))}"),
        ('effect = { kind = "any_k_of", k = 1 }', f'effect = {{ kind = "any_k_of", k = {k} }}'),
        relief("less", f'kind = "lower", hours = {{ professional = {less} }}', '{ fact = "highly_skilled", is = true }'),
        relief("some", f'kind = "any_k_of", k = {draw(st.integers(1, max(years)))}', '{ fact = "school_teacher", is = true }'),
    )  # fmt: skip
    return library_of([read_notice(text.encode(), "random.toml")])


@st.composite
def people(draw: st.DrawFn) -> dict[str, Any]:
    """Somebody of whom everything is known, with a table of hours."""
    facts: dict[str, Any] = {
        "sex": draw(st.sampled_from(["male", "female"])), "title_level": draw(st.sampled_from(LEVELS)),
        "birth": draw(st.dates(date(1950, 1, 1), date(2000, 12, 31))).isoformat(),
        "sector": draw(st.sampled_from(["public_institution", "state_enterprise"])), "review_date": "2025-09-01",
    }  # fmt: skip
    for flag in ("grassroots", "highly_skilled", "school_teacher"):
        if draw(st.integers(0, 3)) == 0:
            facts[flag] = True
    if draw(st.booleans()):
        facts["epidemic_years"] = draw(st.lists(st.sampled_from([2020, 2021, 2022, 2023]), max_size=2))
    if draw(st.integers(0, 3)) == 0:
        facts["transfer"] = draw(st.sampled_from(["2021-03", "2023-01", "2024-06", "2025-02"]))
    amounts = st.sampled_from([0, 10, 29.5, 30, 45, 60, 90, 150])
    facts["history"] = {
        str(year): {name: draw(amounts) for name in CATEGORIES} for year in range(2020, 2026) if draw(st.booleans())
    }
    return facts


def missing(library: rules.Library, facts: dict[str, Any]) -> float:
    found = rules.assess(library, facts, TODAY)
    assume(found["status"] in ("met", "waived", "short"))
    return 0 if found["status"] == "waived" else float(found["short_total"])


@given(notices(), people(), st.integers(2020, 2025), st.sampled_from(CATEGORIES), st.integers(1, 80))
@many
def test_more_hours_never_raise_what_is_missing(
    library: rules.Library, facts: dict[str, Any], year: int, category: str, hours: int
) -> None:
    more = copy.deepcopy(facts)
    row = more["history"].setdefault(str(year), dict.fromkeys(CATEGORIES, 0))
    row[category] += hours
    assert missing(library, more) <= missing(library, facts)


@given(
    notices(),
    people(),
    st.sampled_from(["grassroots", "highly_skilled", "school_teacher", "epidemic_years", "transfer"]),
)
@many
def test_one_more_relief_never_raises_what_is_missing(library: rules.Library, facts: dict[str, Any], name: str) -> None:
    assume(name not in facts)
    claimed = {"epidemic_years": [2020, 2021, 2022, 2023], "transfer": "2024-02"}.get(name, True)
    assert missing(library, {**facts, name: claimed}) <= missing(library, facts)


@given(notices(), people(), st.integers(1, 9000))
@many
def test_an_earlier_birth_never_raises_what_is_missing(
    library: rules.Library, facts: dict[str, Any], days: int
) -> None:
    earlier = date.fromisoformat(facts["birth"]) - timedelta(days=days)
    assert missing(library, {**facts, "birth": earlier.isoformat()}) <= missing(library, facts)


@given(notices(), people(), st.randoms(use_true_random=False))
@many
def test_the_order_of_records_means_nothing(library: rules.Library, facts: dict[str, Any], random: Any) -> None:
    records = [
        {"year": int(year), "category": name, "hours": hours, "source": "ce_base"}
        for year, row in facts["history"].items()
        for name, hours in row.items()
    ]
    shuffled = random.sample(records, len(records))
    whole = rules.assess(library, facts, TODAY)
    for told in (records, shuffled):
        found = rules.assess(library, {**facts, "history": told}, TODAY)
        assert {key: found.get(key) for key in ("status", "short", "requirement")} == {
            key: whole.get(key) for key in ("status", "short", "requirement")
        }


@given(
    st.sampled_from(["next_day", "same_day"]),
    st.sampled_from(["male", "female"]),
    st.sampled_from([45, 50, 55]),
    st.dates(date(2025, 1, 1), date(2025, 12, 30)),
    st.integers(-3, 40),
)
@examples(150)
@example("same_day", "male", 50, date(2025, 6, 1), 1)
@example("next_day", "female", 45, date(2025, 2, 20), 8)
def test_the_days_told_until_an_age_are_those_on_which_the_assessment_changes(
    birthday: str, sex: str, age: int, day: date, days_to_the_birthday: int
) -> None:
    comes, library = day + timedelta(days=days_to_the_birthday), BIRTHDAYS[birthday]
    facts: dict[str, Any] = {"sex": sex, "birth": f"{comes.year - age}-{comes:%m-%d}", "title_level": "middle"}
    facts |= {"sector": "public_institution", "review_year": 2025, "history": {}}

    def on(day: date) -> tuple[dict[str, Any], list[str]]:
        found = rules.assess(library, {**facts, "review_date": day.isoformat()}, day)
        return found, [relief["id"] for relief in found["reliefs"]]

    found, held = on(day)
    told = {line["id"]: date.fromisoformat(line["from"]) for line in found["changes"] if line["id"] != "window_closes"}
    for line in found["not_applied"]:
        if days := re.search(r"还差(\d+)天", line["says"]):
            told.setdefault(line["id"], day + timedelta(days=int(days[1])))
            assert told[line["id"]] == day + timedelta(days=int(days[1]))
    for id, turns in told.items():
        assert id not in held
        assert id in on(turns)[1]
        assert id not in on(turns - timedelta(days=1))[1]
    for later in (day + timedelta(days=1), date(2025, 12, 31)):  # and nothing turns that was not told
        assert {*on(later)[1]} - {*held} <= {id for id, turns in told.items() if turns <= later}


def done(notice: rules.Notice, row: dict[str, float], hours: dict[str, float]) -> bool:
    """Whether one year's hours are enough, counted by hand."""
    short = [max(hours[name] - row.get(name, 0), 0) for name in CATEGORIES]
    return not any(short) and sum(row.get(name, 0) for name in CATEGORIES) >= hours["total"]


@given(notices(), people())
@many
def test_met_is_said_only_where_a_plain_count_says_so(library: rules.Library, facts: dict[str, Any]) -> None:
    (notice,) = library.notices
    found = rules.assess(library, facts, TODAY)
    if found["status"] != "met":
        return
    assert (found["short"], found["short_total"]) == ({}, 0)
    asked, usual = found["requirement"], {**notice.requirement, "total": notice.total}
    hours = {**usual, **asked.get("hours", {})}
    if "hours" in asked and "total" not in asked["hours"]:
        hours["total"] = sum(asked["hours"].values())
    complete = [year for year in asked["years"] if done(notice, facts["history"].get(str(year), {}), hours)]
    wanted = {"every_year": len(asked["years"]), "any_one_year": 1, "any_years": asked.get("count", 0)}[asked["mode"]]
    assert len(complete) >= wanted
    last = notice.review_year + notice.knobs.look_back_ends
    ordinary = set(range(last - notice.look_back(facts["title_level"]) + 1, last + 1))
    held = {relief["id"] for relief in found["reliefs"]}
    if not held:
        assert set(asked["years"]) == ordinary
        assert (asked["mode"], hours) == ("every_year", usual)
    if "age_partial" not in held and "some" not in held:
        assert asked["mode"] == "every_year"
    if not held & {"epidemic_year", "transfer_years"} and asked["mode"] == "every_year":
        assert set(asked["years"]) == ordinary


@given(notices(), people())
@many
def test_what_is_missing_made_up_is_met(library: rules.Library, facts: dict[str, Any]) -> None:
    found = rules.assess(library, facts, TODAY)
    assume(found["status"] == "short")
    more = copy.deepcopy(facts)
    for year, row in found["short"].items():
        have = more["history"].setdefault(year, dict.fromkeys(CATEGORIES, 0))
        for name, hours in row.items():
            have["general" if name == "any" else name] += hours
    assert rules.assess(library, more, TODAY)["status"] == "met"
