"""People assessed one after another."""

from __future__ import annotations

import hashlib
import hmac
import signal
from collections import Counter
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import orjson

import rules
from bot.answering.platforms import Naming
from bot.roster import cells
from bot.roster.cells import clean
from bot.roster.columns import named, terms_of
from bot.roster.dossier import Reader, Somebody
from bot.roster.mapping import ABSENT, NONE_LEARNT
from bot.roster.opening import Opened
from bot.roster.people import Person
from bot.roster.sight import cells_of
from bot.roster.tally import Tally
from bot.roster.verdicts import Results, Value
from rules import Library, Notice
from rules.assess import BESIDE
from rules.registry import FACTS, parts_of

Progress = Callable[[int, int], None]
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # the last where the terminal is closed
_AT_ONCE = 250  # people taken together
_DOUBTS: dict[str, tuple[Any, ...]] = {  # circumstances that a cell left open, and what else they may be
    fact.id: (True, False) if fact.kind == "yes_no" else tuple(value for value, _ in fact.values)
    for fact in FACTS.values() if fact.kind in ("yes_no", "one_of") and not fact.core
}  # fmt: skip
_LEVELS = tuple(value for value, _ in FACTS["title_level"].values)


@dataclass(frozen=True)
class Job:
    """What is to be done with a roster. `secret`: what people are known by is kept only as digests with it; b"" where none are kept."""

    opened: Opened
    packs: Library
    notice: Notice  # of the roster
    today: date
    years: tuple[int, ...]  # those that can count
    book: bool = True
    lines: bool = False
    people: bool = False
    secret: bytes = b""
    year: int | None = None  # of people who tell no 申报年度


class Done(NamedTuple):
    """What became of somebody: the result's cells; the assessment and what is kept of them as JSON; empty where it is not wanted."""

    cells: list[Value]
    line: bytes
    kept: bytes


class Clerk:
    """Reads and assesses one person after another."""

    def __init__(self, job: Job) -> None:
        notice, opened, said = job.notice, job.opened, job.opened.mapping.everybody
        naming = Naming(notice.platforms)
        self._job, self._notice, self.people = job, notice, opened.gathered.people
        absent = 0 if said.get(ABSENT) == NONE_LEARNT else None
        self._reader = Reader(
            opened,
            notice,
            notice.application_day(job.today),
            job.years,
            lambda text: bool(naming.named(text).ids),
            absent,
        )
        self._results = Results(job.packs, notice, job.years, job.today)
        self._called = Counter((person.name, person.unit) for person in self.people if job.people)
        self._everybody = {
            meaning.key: value
            for name, text in said.items()
            if (meaning := named(name, terms_of(notice)))
            and (value := cells.reads(meaning.kind, text).value) is not None
        }
        self._areas = {
            job.packs.name_of(area): area for region in job.packs.regions for area in job.packs.areas(region)
        }
        self._beside: Container[str] = BESIDE if job.lines else ("changes", "readings") if job.book else ()

    def everybody(self, progress: Progress | None, tally: Tally) -> Iterator[Done]:
        """What becomes of everybody, in the roster's order; `tally` counts while they go by. Step by step for some people at a time: each
        step finds what it works with where it left it, which makes them a fifth faster."""
        for begin in range(0, len(self.people), _AT_ONCE):
            people = self.people[begin : begin + _AT_ONCE]
            read = [self._read(person) for person in people]
            judged = [self._judged(*each) for each in zip(people, read, strict=True)]
            yield from [self._done(*each, tally) for each in zip(people, read, judged, strict=True)]
            if progress:
                progress(begin + len(people), len(self.people))

    def judged(self, person: Person) -> dict[str, Any]:
        """Somebody's assessment."""
        return self._judged(person, self._read(person))

    def _read(self, person: Person) -> Somebody:
        read = self._reader.facts(person)
        self._complete(read.facts)
        return read

    def _done(self, person: Person, read: Somebody, assessment: dict[str, Any], tally: Tally) -> Done:
        job, (facts, faults, *_) = self._job, read
        tally.add(person.unit, str(facts.get("title_level", "none")), assessment, faults)
        why = [f"{fault.cell} {fault.header}：{fault.why}" for fault in faults]
        return Done(
            self._results.cells(assessment, facts, why) if job.book else [],
            orjson.dumps(assessment) if job.lines else b"",
            self._kept(person, facts, assessment, why) if job.people else b"",
        )

    def _judged(self, person: Person, read: Somebody) -> dict[str, Any]:
        assessment = self._assessed(person, read)
        return self._in_doubt(read, assessment) if read.doubts or read.spoilt else assessment

    def _complete(self, facts: dict[str, Any]) -> None:
        """What is said of everybody, and of the whole file."""
        for key, value in self._everybody.items():
            facts.setdefault(key, value)
        if "area" in facts:
            facts["area"] = self._areas.get(facts["area"], rules.ELSEWHERE)
        if self._job.year and "review_year" not in facts:
            facts["review_year"] = self._job.year
            if self._job.year not in self._job.packs.years():
                facts["estimate"] = True

    def _kept(self, person: Person, facts: dict[str, Any], assessment: dict[str, Any], why: list[str]) -> bytes:
        known_by = keys(person, self._job.secret, alone=self._called[person.name, person.unit] == 1)
        email = next((clean(raw) for line in person.lines if (raw := line.cell("email")) != ""), "")
        return orjson.dumps(
            {"row": person.lines[0].number, "name": person.name, "unit": person.unit, "email": email, "facts": facts,
             "status": assessment["status"], "short_total": assessment.get("short_total", 0), "short": assessment.get("short") or {},
             "why": why, "needs": assessment.get("needs") or [], "keys": known_by, "low": int(self._low(facts)),
             "cells": [*cells_of(person.lines[:40])]}
        )  # fmt: skip

    def _of(self, facts: dict[str, Any]) -> dict[str, Any]:
        return rules.assess(self._job.packs, facts, self._job.today, beside=self._beside)

    def _assessed(self, person: Person, read: Somebody) -> dict[str, Any]:
        """The assessment; a fact that cannot be is taken out, named, and so asked for."""
        facts, faults, *_ = read
        for _ in range(6):
            assessment = self._of(facts)
            if assessment["status"] != "refused":
                return assessment
            path = rules.refused_field(self._job.packs, facts, self._job.today)
            root = path.partition(".")[0]
            if root not in facts or root in ("id", "review_year"):
                return assessment
            faults.append(self._reader.refused(person, path, assessment["message"]))
            if root != "history" or not self._reader.forget(facts["history"], path):
                del facts[root]
        return assessment

    def _in_doubt(self, read: Somebody, assessment: dict[str, Any]) -> dict[str, Any]:
        """Where what a cell left open would change the result, it is asked for. Of hours told twice the least and the most are tried."""
        facts, _, doubts, spoilt = read
        if assessment["status"] in ("refused", "needs", "not_covered"):
            return assessment
        said = {
            key for key in _DOUBTS if f"said {key}" in doubts and key not in facts
        }  # and no answer for the whole file
        either = {key: values for key, values in _DOUBTS.items() if key in doubts or key in said}
        if "transfer" not in facts and not doubts.isdisjoint(("transfer", "said transfer")):
            either["transfer"] = (f"{self._notice.review_year}-01",)
        if "said postdoc" in doubts:
            either["postdoc"] = (dict.fromkeys(parts_of("postdoc"), True),)
        if "said exam_years" in doubts:
            either["exam_years"] = tuple([[year] for year in self._job.years])
        if "age" in doubts and "age" in facts:
            either["age"] = (facts["age"] + 1,)
        if "title_level" in doubts and (level := facts.get("title_level")) in _LEVELS:  # may be the one held
            either["title_level"] = _LEVELS[_LEVELS.index(level) + 1 :]
        others = [(key, {**facts, key: value}) for key, values in either.items() for value in values]
        if spoilt and "history" in facts:
            least, most = ({"history": _picked(facts["history"], spoilt, pick)} for pick in (min, max))
            assessment = self._of(facts | least)
            others.append(("history", facts | most))
        for key, case in others:
            if _result(self._of(case)) != _result(assessment):
                return _asked("birth" if key == "age" else key, facts, assessment)
        if "said short" in doubts and assessment["status"] == "met":
            return _asked("history", facts, assessment)
        # of another year another notice speaks
        return _asked("review_year", facts, assessment) if doubts & {"review_year", "said review_year"} else assessment

    def _low(self, facts: dict[str, Any]) -> bool:
        """Whether a year is known to have fewer hours than are asked for of the category that asks most."""
        history = facts.get("history")
        least = max(self._notice.categories, key=lambda category: category.hours)
        told = [history[year].get(least.id) for year in history] if isinstance(history, dict) else []
        return any(amount is not None and amount < least.hours for amount in told)


def _picked(
    history: Any, spoilt: dict[tuple[int, str], list[float]], pick: Callable[..., float]
) -> dict[str, dict[str, Any]] | list[dict[str, Any]]:
    """The history with one of the amounts that were told of the same hours."""
    if isinstance(history, list):
        more = {at: pick(amounts) - min(amounts) for at, amounts in spoilt.items() if amounts}
        return [
            *history,
            *(
                {"year": year, "category": category, "hours": hours, "source": "listed_platform"}
                for (year, category), hours in more.items()
                if hours
            ),
        ]
    found = {year: dict(told) for year, told in history.items()}
    for (year, category), amounts in spoilt.items():
        if str(year) in found and amounts:
            found[str(year)][category] = pick(amounts)
    return found


def _asked(key: str, facts: dict[str, Any], assessment: dict[str, Any]) -> dict[str, Any]:
    """The assessment of somebody of whom that fact is still to be told."""
    first, last = ("policy", "reliefs", "not_applied", "changes", "rejected"), ("window", "contacts", "clauses")
    asked = {name: facts[name] for name in ("id",) if name in facts} | {"status": "needs"}
    asked |= {name: assessment[name] for name in first if name in assessment} | {"needs": [key]}
    return asked | {name: assessment[name] for name in last if name in assessment}


def _result(assessment: dict[str, Any]) -> tuple[Any, ...]:
    status = assessment["status"]
    return (
        ("may apply",) if status in ("met", "waived") else (status, assessment.get("short"), assessment.get("bounds"))
    )


def keys(person: Person, secret: bytes, *, alone: bool) -> list[str]:
    """What somebody is known by from month to month, the surest first, as digests that begin with their kind: identity number; 工号 with
    unit and name; where there is neither, name with unit, if they are `alone` under it; else nothing."""
    whole = f"{person.unit}|{person.name}"
    told = [("card", person.card), ("id", person.id and f"{person.id}|{whole}")]
    if not (person.card or person.id) and alone:
        told.append(("name", person.name and whole))
    return [
        key[0] + hmac.new(secret, f"{key}|{value}".encode(), hashlib.sha256).hexdigest()[:32]
        for key, value in told
        if secret and value
    ]


@contextmanager
def stops_held() -> Iterator[None]:
    """A stop from outside waits until this is over."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
