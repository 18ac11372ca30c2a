"""Another notice is another file: other hours, ages, years, one relief less and one more, with no change to the engine; what is wrong
in a file is refused with its place."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import rules
from rules.loading import read_notice as read_pack
from tests.rules.texts import ORIGINAL, moved_to, without

NIGHT_WORK = """
[[relief]]
id = "highly_skilled_two_years"
clause = "一(四)6"
says = "高技能人才近四年完成两个年度即可"
missing = "不是高技能人才"
effect = { kind = "any_k_of", k = 2 }
when = { all = [{ fact = "scope", is = ["review"] }, { fact = "highly_skilled", is = true }] }
"""


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> rules.Library:
    """Made-up: year 2031, 20 + 40 hours, men 58 and 53, women 53 and 48, four years back, nothing for 非公有制."""
    text = ORIGINAL
    for old, new in (
        ('id = "neimenggu/2025"', 'id = "neimenggu/2031"'),
        ("review_year = 2025", "review_year = 2031"),
        ("general = 30\n", "general = 20\n"),
        ("professional = 60\ntotal = 90\n", "professional = 40\n"),
        ("at_least = 55", "at_least = 58"),
        ("at_least = 50, below = 55", "at_least = 53, below = 58"),
        ('is = "female" }, { fact = "age", at_least = 50 }', 'is = "female" }, { fact = "age", at_least = 53 }'),
        ("at_least = 45, below = 50", "at_least = 48, below = 53"),
        ("middle = 3", "middle = 4"),
        ("opens = 2025-01-01", "opens = 2031-01-01"),
        ("closes = 2025-12-31", "closes = 2031-12-31"),
        ("from = 2025-01-01", "from = 2031-01-01"),
        ("until = 2026-03-31", "until = 2032-03-31"),
    ):
        assert old in text
        text = text.replace(old, new)
    text = without(text, "relief", "non_public") + NIGHT_WORK
    folder = tmp_path_factory.mktemp("policies")
    (folder / "2031.toml").write_text(text, encoding="utf-8")
    return rules.load(folder, shipped=False)


def assessed(packs: rules.Library, **facts: Any) -> dict[str, Any]:
    ground = {
        "sex": "male",
        "birth": "1990-01-01",
        "title_level": "middle",
        "sector": "public_institution",
        "review_date": "2031-06-01",
    }
    return rules.assess(packs, {**ground, "history": {}, **facts}, date(2031, 6, 1))


def table(general: int, professional: int, *years: int) -> dict[str, Any]:
    return {str(year): {"general": general, "professional": professional} for year in years}


def test_its_own_hours_and_years_are_asked(packs: rules.Library) -> None:
    found = assessed(packs, history=table(20, 30, 2028, 2029, 2030, 2031))
    assert found["requirement"] == {"mode": "every_year", "years": [2028, 2029, 2030, 2031]}
    assert found["short"] == {str(year): {"professional": 10} for year in (2028, 2029, 2030, 2031)}


@pytest.mark.parametrize(
    ("sex", "birth", "reliefs"),
    [
        ("male", "1973-05-31", ["age_full"]),
        ("male", "1973-06-01", ["age_partial"]),
        ("male", "1978-05-31", ["age_partial"]),
        ("male", "1978-06-01", []),
        ("female", "1978-05-31", ["age_full"]),
        ("female", "1983-05-31", ["age_partial"]),
        ("female", "1983-06-01", []),
    ],
)
def test_its_own_ages_turn_the_day_after_the_birthday(
    packs: rules.Library, sex: str, birth: str, reliefs: list[str]
) -> None:
    assert [relief["id"] for relief in assessed(packs, sex=sex, birth=birth)["reliefs"]] == reliefs


def test_a_relief_it_does_not_have_is_not_given(packs: rules.Library) -> None:
    assert assessed(packs, sector="non_public")["status"] == "short"


def test_a_relief_of_its_own_is_given(packs: rules.Library) -> None:
    found = assessed(packs, highly_skilled=True, history=table(20, 40, 2029))
    assert found["requirement"] == {"mode": "any_years", "count": 2, "years": [2028, 2029, 2030, 2031]}
    assert found["short"] == {"2031": {"general": 20, "professional": 40}}
    assert assessed(packs, highly_skilled=True, history=table(20, 40, 2029, 2030))["status"] == "met"


def test_a_year_without_a_notice_is_refused(packs: rules.Library) -> None:
    assert assessed(packs, review_year=2025)["why"] == "no_policy_pack"


# ---------------------------------------------------------------- documents that are wrong


def refused(text: str) -> rules.PolicyError:
    with pytest.raises(rules.PolicyError) as caught:
        read_pack(text.encode(), "made-up.toml")
    return caught.value


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("general = 30\n", "general = 30\ngenerall = 30\n", "requirement", "unknown key 'generall'"),
        ("closes = 2025-12-31", "closes = 2025-11-31", "document", ""),
        ("closes = 2025-12-31", "closes = 2024-12-31", "window", "ends before it begins"),
        ('clause = "一(二)"\nopens', "opens", "window.clause", "is missing"),
        ('clause = "一(二)"\nopens', 'clause = "九"\nopens', "window", "unknown clause"),
        ('kind = "any_k_of", k = 1', 'kind = "halve", k = 1', "relief.age_partial", "unknown effect 'halve'"),
        ('fact = "grassroots", is = true', 'fact = "height", is = true', "relief.grassroots", "unknown fact 'height'"),
        ('flag = "certificate", is = true', 'flag = "stamp", is = true', "checks", "unknown flag"),
        ("general = 30\n", 'general = "30"\n', "requirement.general", "wrong kind"),
        (
            'short = ["platforms", "card", "policy"]',
            'short = ["transfer-of-records"]',
            "show.short",
            "no such contact for everybody",
        ),
        ('reading = "A16"', 'reading = "A99"', "reading", "unknown reading 'A99'"),
        ("set = { look_back_ends = 0 }", 'set = { look_back_ends = "0" }', "reading", "wrong kind"),
        ("set = { look_back_ends = 0 }\n", "", "instead", "changes what this reading sets"),
        ('region = "', 'regoin = 1\nregion = "', "document", "unknown key 'regoin'"),
        ("review_year = 2025", "review_year = 2026", "window", "none of the review year 2026"),
        ("from = 2025-01-01", "from = 2024-01-01", "applications", "none of the review year 2025"),
        ("opens = 2025-01-01", "opens = 2025-01-01T00:00:00", "window.opens", "wrong kind"),
        ("general = 30\n", "general = -30\n", "requirement.general", "out of range"),
        ("middle = 3", "middle = 0", "years.review.middle", "out of range"),
        ('fact = "recognition_years"', 'fact = "sex"', "years.recognition.fact", "unknown number of years 'sex'"),
        ('otherwise = "recognition_not_covered"\n', "", "years.recognition.otherwise", "is missing"),
        ("from = 16, until = 100", "from = 100, until = 16", "limits.age.until", "out of range"),
        ("a_hour = 45", "a_hour = 0", "minutes.a_hour", "out of range"),
        ('reading = "A15"', 'reading = "A99"', "minutes.reading", "unknown reading 'A99'"),
        (
            'fact = "sex", is = "male"',
            'fact = "sex", is = "man"',
            "relief.age_full.when",
            "'man' is none of its values",
        ),
        ('is = "non_public"', 'is = ["private"]', "relief.non_public.when", "'private' is none of its values"),
        ("at_least = 55", 'at_least = "55"', "relief.age_full.when", "'55' is none of its values"),
        ("at_least = 55", "at_least = [55]", "relief.age_full.when", "none of its values"),
        (
            'fact = "grassroots", is = true',
            'fact = "grassroots", is = 1',
            "relief.grassroots.when",
            "none of its values",
        ),
        ('is = "non_public"', 'at_least = "non_public"', "relief.non_public.when", "no 'at_least'"),
        ('meets = "ordinary_years"', "meets = 3", "relief.epidemic_year.when", "3 is none of its values"),
        ('below = "review_year"', 'below = "ordinary_years"', "relief.transfer_years.when", "none of its values"),
        ("k = 1", "k = 0", "relief.age_partial.effect.k", "out of range"),
        ('origin = "transfer"', 'origin = "sex"', "relief.transfer_years.effect.origin", "unknown origin 'sex'"),
        (
            'years = "epidemic_years"',
            'years = "sex"',
            "relief.epidemic_year.effect.years",
            "unknown fact of years 'sex'",
        ),
        (
            'category = "professional" }',
            'category = "x" }',
            "relief.exam_deemed.effect.category",
            "unknown category 'x'",
        ),
        ("total = 90", "total = 80", "requirement.total", "out of range"),
        ("this_year_only = true", "this_year_only = 1", "relief.non_public.this_year_only", "wrong kind"),
        (
            '{ fact = "sector", is = "non_public" }',
            '{ fact = "sector", is = "non_public" }, { fact = "review_year", is = 2024 }',
            "relief.non_public.when",
            "can never apply in 2025",
        ),
        (
            '{ fact = "postdoc.grant", is = true }, ',
            '{ all = [{ fact = "postdoc.grant", is = true }, { fact = "review_year", is = 2024 }] }, ',
            "relief.postdoc_senior.when",
            "one branch of an `any` can never hold in 2025",
        ),
        ('says = "近三年', 'says = "TODO 近三年', "reading", "still marked TODO"),
        ('missing = "满{need}', 'missing = "满{age}', "relief.age_full.missing", "other places to fill"),
        (
            'quiet_without = "postdoc"',
            'quiet_without = "doctor"',
            "relief.postdoc_senior.quiet_without",
            "unknown fact",
        ),
        ('deems = "professional"', 'deems = "x"', "source_rule.qualification_exam.deems", "unknown category 'x'"),
        (
            'fact = "school_teacher", is = true',
            'fact = "age", is = 3',
            "source_rule.teacher_training.checks.0",
            "unknown fact",
        ),
        ('when_flag = "self_organised"', 'when_flag = "own"', "source_rule.institution_training", "unknown flag 'own'"),
        ('birthday = "next_day"', 'birthday = "tomorrow"', "reading.A2.set", "unknown birthday 'tomorrow'"),
        ('birthday = "same_day"', 'birthday = "today"', "reading.A2.instead.0.set", "unknown birthday 'today'"),
        ('apply = "A12"', 'apply = "A13"', "reading.A12.instead.0.apply", "unknown reading 'A13'"),
        ('phones = ["(0471)6944094"]', "phones = [4716944094]", "platform.wlxy.phones", "of the wrong kind"),
        ('audience = "hr"', 'audience = "staff"', "contact.transfer-of-records.audience", "unknown audience 'staff'"),
        ('quote = "自行打印审验卡"', 'quote = ""', "clauses.一(六)2.quote", "is missing"),
        ('short = ["platforms", "card", "policy"]', 'short = [["card"]]', "show.short", "of the wrong kind"),
    ],
)
def test_a_document_that_is_wrong_is_refused_with_file_line_and_reason(
    old: str, new: str, line: str, reason: str
) -> None:
    assert ORIGINAL.count(old) >= 1
    error = refused(ORIGINAL.replace(old, new, 1))
    assert error.file == "made-up.toml"
    assert line in error.line
    assert reason in error.reason


def test_two_notices_of_one_place_and_year_or_a_year_left_out_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(ORIGINAL, encoding="utf-8")
    (tmp_path / "b.toml").write_text(f"{ORIGINAL}\n", encoding="utf-8")
    with pytest.raises(rules.PolicyError, match=r"b\.toml: id: 'neimenggu/2025' stands in .*a\.toml too"):
        rules.load(tmp_path, shipped=False)
    (tmp_path / "b.toml").write_text(moved_to(2027, ORIGINAL), encoding="utf-8")
    with pytest.raises(rules.PolicyError, match=r"b\.toml: review_year: no notice for 2026"):
        rules.load(tmp_path, shipped=False)
