"""Which notice a case is about, to the letter: by place, year and day; asked where it is open, estimated where there is none."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import rules
from tests.rules.texts import ORIGINAL, changed, loaded, moved_to, relief, without

CHRISTMAS, JANUARY = date(2025, 12, 20), date(2026, 1, 15)
NEW_YEAR, FEBRUARY, APRIL, NOVEMBER = date(2026, 1, 1), date(2026, 2, 1), date(2026, 4, 2), date(2026, 11, 30)
OTHER_2026 = changed(
    moved_to(2026, without(ORIGINAL, "relief", "non_public")),
    ("general = 30\nprofessional = 60\ntotal = 90", "general = 20\nprofessional = 40\ntotal = 60"),
    ('"male" }, { fact = "age", at_least = 55', '"male" }, { fact = "age", at_least = 58'),
    ('"female" }, { fact = "age", at_least = 50', '"female" }, { fact = "age", at_least = 53'),
    ("at_least = 50, below = 55", "at_least = 52, below = 58"),
    ("at_least = 45, below = 50", "at_least = 47, below = 53"),
    relief("skilled", 'kind = "waive"', '{ fact = "highly_skilled", is = true }'),
)
HUNAN = changed(
    ORIGINAL, ('"neimenggu/2025"', '"hunan/2025"'), ('region = "neimenggu"', 'region = "hunan"'),
    ("内蒙古自治区", "湖南省"), ("middle = 3", "middle = 4"), ("look_back_ends = 0", "look_back_ends = -1"),
    ("instead = [{ says = \"近三年指申报年度之前的三年（{Y-3}—{Y-1}）\", set = { look_back_ends = -1 } }]\n", ""),
)  # fmt: skip
PERSON = {"sex": "male", "age": 30, "title_level": "middle", "sector": "public_institution"}


def full(*years: int, general: int = 30, professional: int = 60) -> dict[str, Any]:
    return {str(year): {"general": general, "professional": professional} for year in years}


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> rules.Library:
    return loaded(tmp_path_factory.mktemp("one"), y2025=ORIGINAL)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> rules.Library:
    return loaded(tmp_path_factory.mktemp("two"), y2025=ORIGINAL, y2026=OTHER_2026)


def asked(library: rules.Library, today: date, **facts: Any) -> dict[str, Any]:
    return rules.assess(library, {**PERSON, **facts}, today)


def id_of(found: dict[str, Any]) -> str:
    return str(found["policy"]["id"])


# ---------------------------------------------------------------- the year


@pytest.mark.parametrize("today", [CHRISTMAS, JANUARY, FEBRUARY, APRIL, NOVEMBER, date(2024, 6, 1)])
def test_a_year_that_is_named_is_that_years_notice_on_any_day(two: rules.Library, today: date) -> None:
    for year in (2025, 2026):
        found = asked(two, today, review_year=year, history={})
        assert id_of(found) == f"neimenggu/{year}"
        assert found["requirement"]["years"] == [year - 2, year - 1, year]


@pytest.mark.parametrize(
    ("today", "id"),
    [
        (CHRISTMAS, "neimenggu/2025"),
        (date(2025, 3, 1), "neimenggu/2025"),
        (APRIL, "neimenggu/2026"),
        (NOVEMBER, "neimenggu/2026"),
    ],
)
def test_of_one_notice_open_that_one_is_meant(two: rules.Library, today: date, id: str) -> None:
    found = asked(two, today, history={})
    assert (found["status"], id_of(found)) == ("short", id)


@pytest.mark.parametrize("today", [NEW_YEAR, JANUARY, FEBRUARY, date(2026, 3, 31)])
def test_of_two_notices_open_the_year_is_asked_first_where_it_decides(two: rules.Library, today: date) -> None:
    assert asked(two, today, history=full(2023, 2024, 2025))["needs"] == ["review_year"]
    assert asked(two, today)["needs"] == ["review_year", "history"]
    assert rules.assess(two, {}, today)["needs"][0] == "review_year"


@pytest.mark.parametrize("today", [NEW_YEAR, JANUARY, FEBRUARY, date(2026, 3, 31)])
def test_of_two_notices_open_the_later_answers_where_the_year_does_not_decide(two: rules.Library, today: date) -> None:
    found = asked(two, today, history=full(2023, 2024, 2025, 2026))
    assert (found["status"], id_of(found)) == ("met", "neimenggu/2026")
    assert "needs" not in found


def test_a_woman_who_applies_in_2025_is_judged_by_2025_though_2026_is_loaded(two: rules.Library) -> None:
    facts = {"sex": "female", "age": 51, "history": {}}
    assert asked(two, CHRISTMAS, **facts)["status"] == "waived"
    assert asked(two, APRIL, **facts)["status"] == "short"
    assert asked(two, FEBRUARY, **facts)["needs"] == ["review_year"]


def test_a_relief_that_was_dropped_and_one_that_was_added(two: rules.Library) -> None:
    private, skilled = {"sector": "non_public", "history": {}}, {"highly_skilled": True, "history": {}}
    assert [asked(two, NOVEMBER, review_year=year, **private)["status"] for year in (2025, 2026)] == ["waived", "short"]
    assert [asked(two, NOVEMBER, review_year=year, **skilled)["status"] for year in (2025, 2026)] == ["short", "waived"]


def test_the_day_of_application_tells_the_notice_where_it_is_given(two: rules.Library) -> None:
    assert id_of(asked(two, NOVEMBER, review_date="2025-12-20", history={})) == "neimenggu/2025"
    assert asked(two, NOVEMBER, review_date="2026-02-01", history={})["needs"] == ["review_year"]
    assert asked(two, NOVEMBER, review_date="2026-06-01", review_year=2025)["why"] == "review_date_outside_review_year"


def test_where_none_is_open_the_latest_before_the_day_is_meant(one: rules.Library, two: rules.Library) -> None:
    assert id_of(asked(one, NOVEMBER, history={})) == "neimenggu/2025"
    assert id_of(asked(two, date(2027, 6, 1), history={})) == "neimenggu/2026"
    assert id_of(asked(one, date(2024, 12, 20), history={})) == "neimenggu/2025"


def test_records_of_years_that_are_not_looked_at_are_never_an_error(two: rules.Library) -> None:
    history = full(2021, 2022, 2023, 2024, 2025, 2026)
    assert asked(two, NOVEMBER, review_year=2025, history=history)["status"] == "met"
    records = [
        {"year": year, "category": name, "hours": 60, "source": "ce_base"}
        for year in range(2019, 2027)
        for name in ("general", "professional")
    ]
    assert asked(two, NOVEMBER, review_year=2025, history=records)["status"] == "met"
    assert asked(two, FEBRUARY, review_year=2025, history=full(2023, 2024, 2025, 2026))["status"] == "met"
    assert asked(two, FEBRUARY, review_year=2026, history=full(2027))["why"] == "history_in_future"


def test_the_year_first_whatever_else_is_unknown(two: rules.Library) -> None:
    found = rules.assess(two, {"sector": "public_institution"}, FEBRUARY)
    assert found["status"] == "needs"
    assert found["needs"][0] == "review_year"


# ---------------------------------------------------------------- a year without a notice


def test_a_year_without_a_notice_is_refused_by_name(one: rules.Library) -> None:
    for year in (2024, 2026):
        found = asked(one, NOVEMBER, review_year=year, history={})
        assert (found["status"], found["why"]) == ("refused", "no_policy_pack")
        assert str(year) in found["message"]
    assert asked(one, NOVEMBER, review_year=2024, estimate=True)["why"] == "no_policy_pack"
    assert asked(one, NOVEMBER, review_year=2026, estimate="yes")["why"] == "invalid_type"


def test_an_estimate_moves_the_years_and_keeps_the_hours(one: rules.Library) -> None:
    found = asked(one, NOVEMBER, review_year=2026, estimate=True, history=full(2023, 2024, 2025))
    assert found["policy"] == {**found["policy"], "id": "neimenggu/2025", "estimate_for": 2026}
    assert found["requirement"] == {"mode": "every_year", "years": [2024, 2025, 2026]}
    assert found["short"] == {"2026": {"general": 30, "professional": 60}}
    assert "window" not in found
    assert one.of(found).review_year == 2026


@pytest.mark.parametrize(("year", "today"), [(2026, NOVEMBER), (2027, NOVEMBER), (2026, FEBRUARY), (2026, APRIL)])
def test_what_was_granted_for_its_own_year_lapses_in_an_estimate_and_is_named(
    one: rules.Library, year: int, today: date
) -> None:
    private = asked(one, today, review_year=year, estimate=True, sector="non_public", grassroots=True, history={})
    assert private["status"] == "short"
    lapsed = {line["id"]: line["says"] for line in private["not_applied"]}
    assert {"non_public", "grassroots"} <= lapsed.keys()
    assert "非公有制" in lapsed["non_public"]
    assert "苏木乡镇" in lapsed["grassroots"]
    assert "2025" in lapsed["non_public"]
    assert "新通知" in lapsed["non_public"]


def test_what_was_granted_without_a_year_stays_in_an_estimate(one: rules.Library) -> None:
    found = asked(one, NOVEMBER, review_year=2026, estimate=True, age=56, history={})
    assert (found["status"], [relief["id"] for relief in found["reliefs"]]) == ("waived", ["age_full"])
    moved = asked(one, NOVEMBER, review_year=2026, estimate=True, transfer="2026-05", history={})
    assert [relief["id"] for relief in moved["reliefs"]] == ["transfer_same_year"]


def test_an_estimate_is_none_where_there_is_a_notice(two: rules.Library) -> None:
    found = asked(two, NOVEMBER, review_year=2026, estimate=True, history={})
    assert "estimate_for" not in found["policy"]
    assert id_of(found) == "neimenggu/2026"


def test_an_estimate_has_no_deadline_among_what_time_will_change(one: rules.Library) -> None:
    found = asked(one, NOVEMBER, review_year=2026, estimate=True, history={})
    assert [line["id"] for line in found["changes"]] == []


# ---------------------------------------------------------------- the region


@pytest.fixture(scope="module")
def regions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("regions")
    loaded(folder, neimenggu=ORIGINAL, hunan=HUNAN)
    return folder


def test_with_two_regions_the_region_is_asked_where_it_decides(regions: Path) -> None:
    library = rules.load(regions, shipped=False)
    day = date(2025, 9, 1)
    assert asked(library, day, history=full(2023, 2024, 2025))["needs"] == ["region"]
    assert asked(library, day, history=full(*range(2020, 2026)))["status"] == "met"
    here = asked(library, day, region="hunan", history=full(2021, 2022, 2023, 2024))
    assert (here["status"], id_of(here)) == ("met", "hunan/2025")
    assert asked(library, day, region="sichuan")["why"] == "invalid_value"
    assert rules.assess(library, {}, day)["needs"][0] == "region"


def test_the_region_that_is_served_is_not_asked(regions: Path) -> None:
    for region in ("hunan", "neimenggu"):
        library = rules.load(regions, shipped=False, region=region)
        found = asked(library, date(2025, 9, 1), history={})
        assert id_of(found) == f"{region}/2025"
    with pytest.raises(rules.PolicyError, match="XUESHI_REGION"):
        rules.load(regions, shipped=False, region="sichuan")


def test_a_year_is_estimated_from_the_notice_of_the_region_that_is_named(regions: Path) -> None:
    library = rules.load(regions, shipped=False)
    found = asked(library, NOVEMBER, region="hunan", review_year=2026, estimate=True, history={})
    assert found["policy"] == {**found["policy"], "id": "hunan/2025", "estimate_for": 2026}
    assert found["requirement"]["years"] == [2022, 2023, 2024, 2025]


# ---------------------------------------------------------------- the area


def test_the_shipped_league_is_asked_about_only_where_its_notice_decides() -> None:
    library = rules.load()
    ground = {**PERSON, "review_year": 2025}
    assert rules.assess(library, {**ground, "history": {}}, NOVEMBER)["status"] == "short"
    assert "area" not in rules.assess(library, ground, NOVEMBER)["needs"]
    assert rules.assess(library, {**ground, "area": "neimenggu/nowhere"}, NOVEMBER)["why"] == "invalid_value"
    assert rules.assess(library, {**ground, "area": 3}, NOVEMBER)["why"] == "invalid_type"


def test_an_area_without_a_notice_of_the_year_has_its_regions(tmp_path: Path) -> None:
    library = loaded(tmp_path, shipped=True, y2026=OTHER_2026)
    found = asked(library, NOVEMBER, area="neimenggu/alxa", history={})
    assert found["policy"] == {"id": "neimenggu/2026", "sha256": found["policy"]["sha256"]}
    assert id_of(asked(library, NOVEMBER, area="neimenggu/alxa", review_year=2025)) == "neimenggu/alxa/2025"


# ---------------------------------------------------------------- a new fact


def test_a_relief_may_hang_on_a_fact_that_is_new_in_the_registry(tmp_path: Path) -> None:
    """A copy of the rules with one entry more in the registry, and a notice that asks for it: two files, no code."""
    import shutil

    home = Path(rules.__file__).parent
    shutil.copytree(home, tmp_path / "rules", ignore=shutil.ignore_patterns("__pycache__"))
    registry = tmp_path / "rules" / "registry.toml"
    entry = '\n[[fact]]\nid = "maternity"\nkind = "yes_no"\nname = "产假"\nscreen = "这一年休过产假"\nheader = "产假"\napi = "on maternity leave"\n'
    registry.write_text(registry.read_text(encoding="utf-8") + entry, encoding="utf-8")
    hours = "hours = { general = 30, professional = 0 }"
    loaded_text = changed(
        ORIGINAL, relief("maternity", f'kind = "lower", {hours}', '{ fact = "maternity", is = true }')
    )
    (tmp_path / "rules" / "notices" / "neimenggu" / "2025.toml").write_text(loaded_text, encoding="utf-8")
    code = (
        "import rules, datetime\n"
        "facts = {'sex': 'female', 'age': 30, 'title_level': 'junior', 'sector': 'public_institution', 'review_year': 2025}\n"
        "facts |= {'maternity': True, 'history': {'2025': {'general': 25, 'professional': 0}}}\n"
        "print(rules.assess(rules.load(), facts, datetime.date(2025, 9, 1))['short'])\n"
        "print(rules.assess(rules.load(), {**facts, 'maternity': 1}, datetime.date(2025, 9, 1))['why'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["{'2025': {'general': 5}}", "invalid_type"]
