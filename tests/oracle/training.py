"""Adds up training for the oracle: which records count by 一(二) and 一(四), and what hours they come to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import Any

from tests.oracle.faults import whole
from tests.oracle.readings import READINGS

YEAR = 2025
FLOORS = {"general": 30, "professional": 60}
PROFESSIONAL_ONLY = {"industry_department", "industry_association", "seminar", "skill_training", "teacher_training"}

Cell = tuple[int, str]


@dataclass
class Credit:
    """What the training told comes to: known hours, cells with forgotten hours on top, cells deemed done."""

    known: dict[Cell, Fraction] = field(default_factory=dict)
    forgotten: set[Cell] = field(default_factory=set)
    deemed: set[Cell] = field(default_factory=set)
    rejected: set[int] = field(default_factory=set)

    def add(self, cell: Cell, hours: Fraction | None) -> None:
        """Hours earned, None where they are not remembered."""
        if hours is None:
            self.forgotten.add(cell)
        else:
            self.known[cell] = self.known.get(cell, Fraction(0)) + hours

    def missing(self, year: int, forgotten_as_done: bool) -> dict[str, Fraction]:
        """Missing hours of a year by category, without zeros; forgotten hours are either none or enough."""
        short = {}
        for category, least in FLOORS.items():
            cell = (year, category)
            if cell in self.deemed or (forgotten_as_done and cell in self.forgotten):
                continue
            if (hours := self.known.get(cell, Fraction(0))) < least:
                short[category] = least - hours
        return short


def credit(history: Any, sector: str, kind: str, facts: Mapping[str, Any]) -> Credit:
    """What the training told comes to in that sector."""
    sums = Credit()
    if isinstance(history, dict):
        for year, row in history.items():
            for category in FLOORS:
                if row is None or category in row:
                    given = None if row is None else row[category]
                    sums.add((int(year), category), None if given is None else exact(given))
        return sums
    seen: set[str] = set()
    for position, record in enumerate(history):
        record = {key: value for key, value in record.items() if value is not None}
        name = record.get("record")
        again = name in seen
        if name is not None:
            seen.add(name)
        if again or not counts(record, sector, kind, facts):
            sums.rejected.add(position)
        elif record["source"] == "qualification_exam":
            sums.deemed.add((record["year"], "professional"))
        else:
            sums.add((record["year"], record["category"]), hours_of(record, facts))
    return sums


def counts(record: Mapping[str, Any], sector: str, kind: str, facts: Mapping[str, Any]) -> bool:
    """Whether a record is counted, by 一(二) and 一(四)."""
    source, general = record["source"], record.get("category") == "general"
    if source == "qualification_exam":
        verified = record.get("verified", True) or not READINGS["unverified_exam_is_rejected"]
        return record.get("in_region") is True and record.get("certificate") is not False and not general and verified
    if not record.get("verified", True):
        return False
    if record.get("in_region") is False and source != "seminar":
        return False
    if general and source in PROFESSIONAL_ONLY:
        return False
    minutes_only = "hours" not in record and "minutes" in record
    if minutes_only and facts.get("unit_scope") != "region" and not READINGS["minutes_elsewhere_are_unknown"]:
        return False
    if source == "institution_training":
        return sector == "public_institution" and (not record.get("self_organised") or bool(record.get("approved")))
    if source in ("industry_association", "unlisted_platform"):
        return bool(record.get("approved"))
    if source == "seminar":
        return bool(record.get("certificate"))
    if source == "skill_training":
        skilled = facts.get("highly_skilled") or not READINGS["skill_training_needs_highly_skilled"]
        return bool(skilled) and kind in ("review", "exceptional")
    if source == "teacher_training":
        return bool(facts.get("school_teacher") or not READINGS["teacher_training_needs_school_teacher"])
    if source == "makeup_course":
        return bool(record.get("organised")) and record["year"] < YEAR
    return source in ("listed_platform", "ce_base", "industry_department")


def hours_of(record: Mapping[str, Any], facts: Mapping[str, Any]) -> Fraction | None:
    """A record's hours: as given, else 45 minutes to the hour rounded down in 自治区本级 units, else not remembered."""
    if "hours" in record:
        return exact(record["hours"])
    if "minutes" in record and facts.get("unit_scope") == "region":
        return Fraction(floor(exact(record["minutes"]) / 45))
    return None


def exact(value: float) -> Fraction:
    """A JSON number as it was written."""
    return Fraction(value) if whole(value) else Fraction(repr(value))
