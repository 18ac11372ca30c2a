"""Says everything that is wrong with a facts object, for the oracle only: the set of all fault codes, in no order.

Part of the independent second implementation (see `reference.py`); shares nothing with the engine.
"""

import calendar
import math
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

PACK_YEAR = 2025
CHOICES = {
    "sex": ("invalid_value", ("male", "female")),
    "title_level": ("invalid_title_level", ("junior", "middle", "deputy_senior", "full_senior")),
    "route": ("invalid_value", ("review", "exceptional", "recognition")),
    "sector": ("invalid_value", ("public_institution", "state_enterprise", "non_public", "government")),
    "purpose": ("unsupported_purpose", ("title_review", "annual_duty")),
    "unit_scope": ("invalid_value", ("region", "league")),
}
BOOLS = ("grassroots", "grassroots_graduate", "school_teacher", "highly_skilled")
POSTDOC = ("grant", "project", "left_station", "stayed_in_region")
KEYS = {"id", "birth", "age", "review_year", "review_date", "history", "recognition_years", "postdoc", "epidemic_years"}
KEYS |= {"area"}  # only to say that it is none with a notice of its own
KEYS |= {"transfer", "tenure_start", *CHOICES, *BOOLS}
SOURCES = ["listed_platform", "ce_base", "institution_training", "industry_department", "industry_association"]
SOURCES += ["seminar", "qualification_exam", "skill_training", "teacher_training", "makeup_course"]
SOURCES += ["unlisted_platform", "other"]
CATEGORIES = ["general", "professional"]
FLAGS = ("verified", "certificate", "approved", "self_organised", "in_region", "organised")
RECORD = {"year", "category", "hours", "minutes", "source", "record", *FLAGS}
ABOUT_DATES = {"invalid_date", "invalid_birth", "implausible_birth", "review_date_outside_review_year"}
ABOUT_DATES |= {"history_in_future", "transfer_after_review_date"}


def whole(value: Any) -> bool:
    """A JSON integer; `true` is not 1."""
    return isinstance(value, int) and not isinstance(value, bool)


def day_of(text: str) -> date | None:
    """The day that YYYY-MM-DD names, ASCII digits only."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date(int(text[:4]), int(text[5:7]), int(text[8:]))
    except ValueError:
        return None


def month_of(text: str) -> tuple[int, int] | None:
    """The month that YYYY-MM names."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", text) or day_of(text + "-01") is None:
        return None
    return int(text[:4]), int(text[5:])


def birth_days(text: str) -> list[date]:
    """Every day that the birth can be; none when it is no birth at all."""
    if (day := day_of(text)) is not None:
        return [day]
    if (month := month_of(text)) is None:
        return []
    return [date(*month, n) for n in range(1, calendar.monthrange(*month)[1] + 1)]


def years_reached(born: date, on: date) -> int:
    """Full years in the sense of A2: N is reached the day after the N-th birthday (born on Feb 29: the month's end)."""
    years = on.year - born.year
    last = min(born.day, calendar.monthrange(on.year, born.month)[1])
    return years if (on.month, on.day) > (born.month, last) else years - 1


def review_day(facts: dict[str, Any], today: date) -> date | None:
    """The day of application: as given, else today kept within the review year; None when it is no day."""
    given = facts.get("review_date")
    if given is None:
        return min(max(today, date(PACK_YEAR, 1, 1)), date(PACK_YEAR, 12, 31))
    return day_of(given) if isinstance(given, str) else None


def faults(facts: Any, today: date) -> set[str]:
    """Every code that a refusal of these facts may name; empty when they are good."""
    if not isinstance(facts, dict):
        return {"invalid_type"}
    found = {*alone(facts), *history_alone(facts.get("history"))}
    if any(odd_number(value) for value in facts.values()):
        found |= {"invalid_json", "invalid_type", "invalid_value", "invalid_hours"}
    if whole(facts.get("review_year")) and facts["review_year"] != PACK_YEAR:
        # "no_policy_pack precedes every date": nothing that is wrong with a date may be named instead.
        return (found - ABOUT_DATES) | {"no_policy_pack"}
    if (on := review_day(facts, today)) is not None:
        found |= {*against_review_date(facts, on)}
    return found


def alone(facts: dict[str, Any]) -> Iterator[str]:
    """What can be said of each fact without looking at another."""
    if facts.keys() - KEYS:
        yield "unknown_field"
    if not isinstance(facts.get("id"), str | None):
        yield "invalid_type"
    for key, (code, accepted) in CHOICES.items():
        yield from one_of(facts.get(key), accepted, code)
    for key in BOOLS:
        yield from boolean(facts.get(key))
    yield from integer(facts.get("review_year"), None)
    # Ambiguous: "ignored where `birth` is given" might spare a bad age its refusal. Ignored is taken to be its value.
    yield from integer(facts.get("age"), range(16, 101))
    yield from integer(facts.get("recognition_years"), range(1, 11))
    years = facts.get("epidemic_years")
    if not isinstance(years, list | None):
        yield "invalid_type"
    for year in years if isinstance(years, list) else []:
        yield from integer(year, range(2020, 2024), null=False)
    postdoc = facts.get("postdoc")
    if not isinstance(postdoc, dict | None):
        yield "invalid_type"
    elif postdoc is not None:
        if postdoc.keys() - set(POSTDOC):
            yield "unknown_field"
        for flag in POSTDOC:
            yield from boolean(postdoc.get(flag))
    yield from text(facts.get("birth"), lambda given: bool(birth_days(given)), "invalid_birth")
    yield from text(facts.get("review_date"), lambda given: day_of(given) is not None, "invalid_date")
    for key in ("transfer", "tenure_start"):
        yield from text(facts.get(key), lambda given: month_of(given) is not None, "invalid_date")


def against_review_date(facts: dict[str, Any], on: date) -> Iterator[str]:
    """What is wrong only on that day of application."""
    if not date(PACK_YEAR, 1, 1) <= on <= date(PACK_YEAR + 1, 3, 31):
        yield "review_date_outside_review_year"
    birth = facts.get("birth")
    days = birth_days(birth) if isinstance(birth, str) else []
    # Full years are counted as for `age`, in the sense of A2: on the sixteenth birthday itself one is fifteen.
    if days and all(born > on or not 16 <= years_reached(born, on) <= 100 for born in days):
        yield "implausible_birth"
    for key, code in (("transfer", "transfer_after_review_date"), ("tenure_start", "invalid_value")):
        given = facts.get(key)
        month = month_of(given) if isinstance(given, str) else None
        if month is not None and month > (on.year, on.month):
            yield code
    history = facts.get("history")
    years: list[Any] = (
        [record.get("year") for record in history if isinstance(record, dict)] if isinstance(history, list) else []
    )
    if isinstance(history, dict):
        years = [int(year) for year in history if re.fullmatch("[0-9]{4}", year)]
    if any(whole(year) and year > on.year for year in years):
        yield "history_in_future"


def history_alone(history: Any) -> Iterator[str]:
    """What is wrong with the training told, whatever the day."""
    if not isinstance(history, dict | list | None):
        yield "invalid_type"
    elif isinstance(history, dict):
        for year, row in history.items():
            if not re.fullmatch("[0-9]{4}", year):
                yield "invalid_value"
            if not isinstance(row, dict | None):
                yield "invalid_type"
            elif row is not None:
                if row.keys() - set(CATEGORIES):
                    yield "unknown_field"
                for category in CATEGORIES:
                    yield from amount(row.get(category), 8784)
    elif history is not None:
        seen: dict[str, Any] = {}
        for record in history:
            if not isinstance(record, dict):
                yield "invalid_type"
                continue
            yield from record_alone(record)
            name = record.get("record")
            if isinstance(name, str) and plain(seen.setdefault(name, record)) != plain(record):
                yield "invalid_value"


def record_alone(record: dict[str, Any]) -> Iterator[str]:
    """What is wrong with one record."""
    if record.keys() - RECORD:
        yield "unknown_field"
    yield from integer(record.get("year"), None, null=False)
    yield from one_of(record.get("source"), SOURCES, "invalid_value", null=False)
    exam = record.get("source") == "qualification_exam"
    yield from one_of(record.get("category"), CATEGORIES, "invalid_value", null=exam)
    # An examination's hours "are ignored", yet hours that can't be are still refused (ambiguous, as with `age`).
    yield from amount(record.get("hours"), 8784)
    yield from amount(record.get("minutes"), 527040)
    for flag in FLAGS:
        yield from boolean(record.get(flag))
    if not isinstance(record.get("record"), str | None):
        yield "invalid_type"


def plain(record: dict[str, Any]) -> dict[str, Any]:
    """A record without nulls and with its defaults, so that a flag left out equals its default (ambiguous)."""
    flags = {flag: flag == "verified" for flag in FLAGS}
    return flags | {key: value for key, value in record.items() if value is not None}


def one_of(value: Any, accepted: Sequence[str], code: str, null: bool = True) -> Iterator[str]:
    """A word of a closed list."""
    if value is None:
        if not null:
            yield "invalid_value"
    elif not isinstance(value, str):
        yield "invalid_type"
    elif value not in accepted:
        yield code


def boolean(value: Any) -> Iterator[str]:
    """True, false or not known."""
    if not isinstance(value, bool | None):
        yield "invalid_type"


def integer(value: Any, accepted: range | None, null: bool = True) -> Iterator[str]:
    """A whole number; 52.0 and 52.5 are refused, and of which fault is not judged."""
    if value is None:
        if not null:
            yield from ("invalid_value", "invalid_type")
    elif not whole(value):
        yield "invalid_type"
        if isinstance(value, float):
            yield "invalid_value"
    elif accepted is not None and value not in accepted:
        yield "invalid_value"


def amount(value: Any, most: int) -> Iterator[str]:
    """Hours or minutes; null is "can't remember"."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield "invalid_type"
    elif not 0 <= value <= most:  # NaN is in no range
        yield "invalid_hours"


def text(value: Any, good: Callable[[str], bool], code: str) -> Iterator[str]:
    """A day or a month in writing."""
    if not isinstance(value, str | None):
        yield "invalid_type"
    elif value is not None and not good(value):
        yield code


def odd_number(value: Any) -> bool:
    """Whether NaN, an infinity or an integer beyond 64 bits stands anywhere: a JSON reader may stumble there."""
    if isinstance(value, dict):
        return any(odd_number(item) for item in value.values())
    if isinstance(value, list):
        return any(odd_number(item) for item in value)
    if isinstance(value, float):
        return not math.isfinite(value)
    return whole(value) and abs(value) >= 2**63
