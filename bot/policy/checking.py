"""A notice held against the text that it quotes and the cases written from it."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rules.notice import Notice
from rules.registry import FACTS

_HOURS = re.compile(r"(\d+(?:\.\d+)?)(?=学时|周岁)|(?:公需|专业|不少于|满)(\d+(?:\.\d+)?)")
_COUNT = re.compile(r"([一二两三四五六七八九十]|\d+)个(?:完整的?)?年度")
_SPAN = re.compile(r"近([一二三四五六七八九十]|\d+)年")
_PLATFORMS = re.compile(r"([一二三四五六七八九十]|\d+)个(?:网络|培训)*平台")
_MINUTES = re.compile(r"(\d+)分钟")
_DAY = re.compile(r"(\d+)月(\d+)日")
_PRINTED_YEAR = re.compile(r"(?<![\d〔])(?:19|20)\d\d(?![\d〕])")  # 〔…〕 is a document's number


def printed(clause: str) -> str:
    """A clause as the notice prints it: 一(五)1a is the first half of 一(五)1."""
    return clause.rstrip("ab")


def faults(notice: Notice, cases: Sequence[Mapping[str, Any]] | None, text: str | None) -> Iterator[str]:
    """What is wrong, a sentence each: a quotation not found exactly once, a clause or relief without a case, a number in words that is
    no number of the notice. What is None is not looked at."""
    if text is not None:
        for name in notice.own_clauses:
            for count in map(text.count, notice.clauses[name].quotes):
                if count != 1:
                    yield f"{notice.id}: clauses.{name}: a quotation stands {count} times in the notice"
    if cases is not None:
        yield from _reached(notice, cases)
    yield from _typed(notice)
    yield from _gaps(notice)


def _gaps(notice: Notice) -> Iterator[str]:
    """Ages at which no relief helps though one does before and one after: a notice may mean that, or a number is a slip."""
    by_age = [relief for relief in notice.reliefs if relief.when.ages]
    for sex, label in FACTS["sex"].values:
        person = {"scope": "review", "sex": sex}
        helped = [
            [one.id for one in by_age if one.when.test({**person, "age": age})] for age in range(len(notice.steps))
        ]
        for age in notice.thresholds:
            later = next((other for other in notice.thresholds if other > age and helped[other]), None)
            if helped[age - 1] and not helped[age] and later is not None:
                place = f"{notice.id}: relief.{helped[age - 1][0]}"
                yield f"{place}: of {label} it ends at {age}, and relief.{helped[later][0]} begins at {later}"


def _reached(notice: Notice, cases: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    reached = {relief for case in cases for relief in case.get("expect", {}).get("reliefs", ())}
    own = [relief for relief in notice.reliefs if relief.clause in notice.own_clauses]
    for relief in own:
        if relief.id not in reached:
            yield f"{notice.id}: relief.{relief.id}: no case reaches it"
    known = set(notice.clauses)
    cited: set[str] = set()
    for case in cases:
        names = {printed(name) for name in case.get("clauses", ())}
        cited |= names
        for name in sorted(names - known):
            yield f"{notice.id}: case {case.get('id')}: cites the unknown clause {name!r}"
    resting = {relief.clause for relief in own} | {notice.required.clause, notice.years["review"].clause}
    resting |= {rule.clause for rule in notice.sources.values()}
    for name in sorted((resting & notice.own_clauses) - cited):
        yield f"{notice.id}: clauses.{name}: no case rests on it"


def _typed(notice: Notice) -> Iterator[str]:
    """Numbers that stand in a sentence of ours and nowhere else in the notice: hours, ages, years, how many years or platforms."""
    known = {str(number) for ask in notice.asks.values() for number in (*ask.floors, ask.total)}
    known |= {str(age) for age in notice.thresholds} | {str(notice.minutes.a_hour), "1"}
    known |= {str(hours) for relief in notice.reliefs for hours in relief.effect.hours.values()}
    for rule in notice.sources.values():
        known |= {str(rule.an_event), str(rule.at_most)}
    spans = {str(count) for rule in notice.years.values() for count in rule.by_level.values()}
    years = {str(year) for limit in notice.limits.values() for year in limit} | {
        str(knob) for knobs in (notice.knobs, *(each.knobs for each in notice.alternatives)) for knob in knobs
    }
    years |= {
        str(year)
        for rule in notice.sources.values()
        for check in rule.checks
        for name, _, years in check.when.leaves
        if name == "year" and isinstance(years, list)
        for year in years
    }
    days = {(day.month, day.day) for day in (*notice.window[:2], *notice.applications[:2])}
    suffice = {
        place: {str(other.effect.k) for other in notice.reliefs if other.effect.k and other.clause == relief.clause}
        for relief in notice.reliefs
        if relief.effect.k
        for place in (f"relief.{relief.id}", f"clauses.{relief.clause}")
    }
    for place, sentence in _sentences(notice):
        says = f"{notice.id}: {place}: says"
        for found in _HOURS.finditer(sentence):
            if (number := found[1] or found[2]) not in known:
                yield f"{says} {number}, which is no hours and no age of the notice"
        for found in _SPAN.finditer(sentence):
            if _digits(found[1]) not in spans:
                yield f"{says} {found[0]}, which is no look-back of the notice"
        for found in _COUNT.finditer(sentence) if place in suffice else ():
            if _digits(found[1]) not in suffice[place]:
                yield f"{says} {found[0]}; {' or '.join(sorted(suffice[place]))} suffice by the relief"
        for found in _PLATFORMS.finditer(sentence):
            if _digits(found[1]) != str(len(notice.platforms)):
                yield f"{says} {found[0]}; there are {len(notice.platforms)}"
        for found in _MINUTES.finditer(sentence):
            if found[1] != str(notice.minutes.a_hour):
                yield f"{says} {found[0]}; an hour has {notice.minutes.a_hour}"
        for found in _DAY.finditer(sentence):
            if (int(found[1]), int(found[2])) not in days and int(found[2]) <= monthrange(2000, int(found[1]))[1]:
                yield f"{says} {found[0]}, which is no day of the notice"
        for found in _PRINTED_YEAR.finditer(sentence):
            if found[0] not in years:
                yield f"{says} {found[0]}: write {{Y}}, {{Y-1}} … so that the sentence moves with the year"


def _sentences(notice: Notice) -> Iterator[tuple[str, str]]:
    """Every sentence of ours that is the notice's own, as written, and where it stands."""
    body, own = notice.document, notice.own_clauses
    for name in sorted(own):
        yield f"clauses.{name}", body["clauses"][name]["says"]
    for heading in ("relief", "reading", "source_rule"):
        for row in body.get(heading, ()):
            if row["clause"] in own:
                parts = [row, *row.get("instead", ()), *row.get("checks", ()), row.get("wrong_category", {})]
                for part, key in (
                    (part, key) for part in parts for key in ("says", "missing", "asks", "chosen", "why")
                ):
                    if key in part:
                        yield f"{heading}.{row['id']}", part[key]


def _digits(number: str) -> str:
    return (
        str("零一二三四五六七八九十".index(number.replace("两", "二")))
        if number in "一二三四五六七八九十两"
        else number
    )
