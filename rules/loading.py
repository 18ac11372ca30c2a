"""A policy document into a notice: laid over what it extends, read strictly, and refused for all that the engine cannot express."""

from __future__ import annotations

import copy
import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from rules.conditions import NAMES, YEARS_FACTS, Condition, check
from rules.document import Section, Words
from rules.library import Library, library_of
from rules.notice import (
    Alternative,
    Ask,
    Category,
    Check,
    Cited,
    Clause,
    Contact,
    Counting,
    Effect,
    Knobs,
    Minutes,
    Natural,
    Notice,
    OpenPoint,
    Point,
    PolicyError,
    Relief,
    Source,
    SourceRule,
    Years,
    YearsRule,
)  # fmt: skip
from rules.registry import FACTS, REGISTRY, values_of

NOTICES = Path(__file__).with_name("notices")
SHOWN = ("short", "uncertain", "met", "waived", "needs", "not_covered")
TO_DO = "TODO"  # what `xueshi policy new` marks: whatever holds it has not been looked at
_SCOPES = ("review", "exceptional", "recognition", "annual_duty")
_COUNTING = ("verified", "in_region", "twice")
_LIMITS = tuple(dict.fromkeys((*(fact.limit for fact in FACTS.values() if fact.limit), "hours", "minutes")))
_ROWS = ("relief", "reading", "source_rule", "platform", "contact")  # lists of tables that know each other by id
_JUDGING = (
    "review_year", "requirement", "category", "years", "limits", "minutes", "counting", "relief", "reading", "not_covered",
)  # fmt: skip
_PLAIN = [fact.id for fact in FACTS.values() if fact.kind in ("one_of", "yes_no")]
# What a person is asked, and what follows from it: a relief that hangs on anything else is never found.
_ASKED = {name for fact in FACTS.values() if fact.core or fact.screen or fact.with_ for name in (fact.id, fact.year)} | {
    "scope", "age", "ordinary_years", "deemed_years",
}  # fmt: skip
_WORDS: Words = {
    "fact": NAMES, "fact of years": YEARS_FACTS, "flag": REGISTRY.flags, "audience": ("everybody", "hr"),
    "origin": ("transfer", "tenure"), "year": ("before_review_year",), "fact of a check": ("scope", "review_year", *_PLAIN),
    "number of years": [fact.id for fact in FACTS.values() if fact.kind == "whole" and fact.limit],
    "birthday": ("next_day", "same_day"), "age_on": ("review_date", "year_end"), "any_of": ("ordinary", "look_back"),
}  # fmt: skip
# What an effect must say, and what it may.
EFFECTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "waive": ((), ()), "any_k_of": (("k",), ("hours",)), "restrict_to": (("origin",), ()), "drop_years": (("years",), ()),
    "lower": (("hours",), ("years",)), "deem": (("category",), ()),
}  # fmt: skip
_DAY = re.compile(r"\d月")
_YEAR = re.compile(r"\{Y([+-]\d+)?\}")
Raw = dict[str, Any]


def load(*folders: Path, shipped: bool = True, region: str = "") -> Library:
    """Every notice that comes with the product (`shipped`) and every one under the folders.

    Raises: PolicyError.
    """
    documents: dict[str, tuple[Raw, bytes, str]] = {}
    for folder in ((NOTICES,) if shipped else ()) + folders:
        if not folder.is_dir():
            raise PolicyError(str(folder), "folder", "there is no such folder")
        for path in sorted(folder.rglob("*.toml")):
            raw, file = path.read_bytes(), str(path.relative_to(folder) if folder == NOTICES else path)
            body = _parsed(raw, file)
            id = body.get("id")
            if not isinstance(id, str):
                raise PolicyError(file, "id", "is missing")
            if id in documents and documents[id][1] != raw:
                raise PolicyError(file, "id", f"{id!r} stands in {documents[id][2]} too")
            documents[id] = body, raw, file
    if not documents:
        raise PolicyError(", ".join(map(str, folders)), "policies", "no notice found")
    try:
        return library_of([_notice(documents, id) for id in documents], region)
    except PolicyError as wrong:  # of notices that do not go together, which know their ids alone
        wrong.file = documents[wrong.file][2] if wrong.file in documents else wrong.file
        raise


def read_notice(raw: bytes, file: str) -> Notice:
    """One notice that extends none, from the bytes of its document.

    Raises: PolicyError.
    """
    body = _parsed(raw, file)
    return _notice({str(body.get("id")): (body, raw, file)}, str(body.get("id")))


def moved(notice: Notice, year: int) -> Notice:
    """The notice moved to a year that has none: every date by as many years; what it granted for its own year only has lapsed."""
    body = _later(copy.deepcopy(dict(notice.document)), year - notice.review_year)
    lapsed = tuple(relief for relief in notice.reliefs if relief.this_year_only)
    body["relief"] = [row for row in body["relief"] if not row.get("this_year_only")]
    body["review_year"] = year
    found = _build(body, notice.sha256, notice.id, notice.own_clauses, notice.extends, notice.document)
    lapsed += tuple(
        relief for relief in found.reliefs if not _possible(found, relief.when)
    )  # bound to a year by `when`
    clauses = {name: clause._replace(says=_undated(clause.says)) for name, clause in found.clauses.items()}
    return replace(found, clauses=clauses, estimate_for=year, lapsed=lapsed, plans={}, births={})


def _undated(says: str) -> str:
    """A sentence without the parts that name a day: the next notice may set others."""
    kept = "".join(part for part in re.split("(?<=[；。])", says) if not _DAY.search(part))
    return re.sub("；$", "。", kept) or says


def _later(body: Raw, years: int) -> Raw:
    """The document with its periods so many years later."""
    for name in ("window", "applications"):
        for key, value in body[name].items():
            if isinstance(value, date):
                body[name][key] = value.replace(year=value.year + years)
    for row in body["source_rule"]:
        for each in row.get("checks", ()):
            if "years" in each:
                each["years"] = [year + years for year in each["years"]]
    return body


# ---------------------------------------------------------------- one document over another


def _parsed(raw: bytes, file: str) -> Raw:
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError) as wrong:
        raise PolicyError(file, "document", str(wrong)) from None


def _notice(documents: Mapping[str, tuple[Raw, bytes, str]], id: str) -> Notice:
    try:
        return _laid(documents, id)
    except (AttributeError, KeyError, TypeError) as wrong:  # a list where a word is meant, and the like
        raise PolicyError(
            documents[id][2], "document", f"is not written as rules/notices/README.md says: {wrong}"
        ) from None


def _laid(documents: Mapping[str, tuple[Raw, bytes, str]], id: str) -> Notice:
    """The notice, over those that it extends. Raises: PolicyError."""
    body, raw, file = documents[id]
    under: list[str] = []
    whole = copy.deepcopy(body)
    while (base := whole.pop("extends", None)) is not None:
        if not isinstance(base, str) or base not in documents or base in (id, *under):
            raise PolicyError(file, "extends", f"no notice {base!r} to extend")
        under.append(base)
        whole = _over(copy.deepcopy(documents[base][0]), whole, file)
    own = frozenset(body.get("clauses", {}))
    try:
        notice = _build(whole, hashlib.sha256(raw).hexdigest(), file, own, tuple(under), whole)
        _whole(notice, file)
    except PolicyError as wrong:
        head, name = (*wrong.line.split("."), "")[:2]
        if (
            under
            and head in _ROWS
            and name not in [str(row.get("id", at)) for at, row in enumerate(body.get(head, ()))]
        ):
            wrong.reason += f" (a line of {under[0]}, over which this one is laid)"
        raise
    return notice


def _over(base: Raw, body: Raw, file: str) -> Raw:
    """A document laid over the one that it extends: tables are joined, rows are replaced by id, `drop` takes away."""
    for name, ids in body.pop("drop", {}).items():
        known = {row["id"] for row in base.get(name, ())}
        if name not in _ROWS or not isinstance(ids, list) or not set(ids) <= known:
            raise PolicyError(file, f"drop.{name}", f"{ids!r}: there are {sorted(known)}")
        base[name] = [row for row in base[name] if row["id"] not in ids]
    for name, value in body.items():
        if name in _ROWS and isinstance(value, list):
            ours = {row.get("id"): row for row in value if isinstance(row, dict)}
            base[name] = [ours.pop(row["id"], row) for row in base.get(name, ())] + list(ours.values())
        elif name == "clauses" or (isinstance(value, dict) and name in ("show", "not_covered", "category")):
            base[name] = {**base.get(name, {}), **value}
        else:
            base[name] = value
    return base


def _dated(value: Any, year: int) -> Any:
    """The document with every {Y} and {Y-1} in its texts as the year that it is."""
    if isinstance(value, str):
        return _YEAR.sub(lambda found: str(year + int(found[1] or 0)), value)
    if isinstance(value, list):
        return [_dated(each, year) for each in value]
    if isinstance(value, dict):
        return {key: _dated(each, year) for key, each in value.items()}
    return value


def _undone(value: Any, place: str = "") -> str:
    """The first place that is still marked to be looked at, or nothing."""
    if isinstance(value, str):
        return place if TO_DO in value else ""
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in rows:
        name = each.get("id", key) if isinstance(each, dict) else key
        if found := _undone(each, f"{place}.{name}" if place else str(name)):
            return found
    return ""


# ---------------------------------------------------------------- reading one document


def _build(
    body: Raw, sha256: str, file: str, own: frozenset[str], extends: tuple[str, ...], document: Mapping[str, Any]
) -> Notice:
    if undone := _undone(body):
        raise PolicyError(file, undone, f"is still marked {TO_DO}: look it up in the notice, then take the mark away")
    year = Section(file, "", body, {}).take("review_year", Annotated[int, range(1000, 9001)])
    words: Words = {**_WORDS, "effect": EFFECTS}
    top = Section(file, "", _dated(body, year), words)
    source = _source(top.table("source"))
    clauses = {name: _clause(row, source) for name, row in top.table("clauses").tables().items()}
    words["clause"] = clauses
    categories, asks, requirement_clause = _requirement(top)
    words["category"] = names = tuple(category.id for category in categories)
    words["category of hours"] = {*names, *REGISTRY.categories}
    knobs, points, alternatives = _readings(top, top.rows("reading"))
    words["reading"] = {point.id: point for point in points}
    platforms = tuple(_platform(row) for row in top.rows("platform"))
    contacts = tuple(row.fill(Contact) for row in top.rows("contact"))
    sources = {rule.id: rule for rule in map(_source_rule, top.rows("source_rule"))}
    window, window_clause = _period(top.table("window"), "opens", "closes", (year - 1, year))
    applications, _ = _period(top.table("applications"), "from", "until", (year, year))
    area = top.take("area", str, "")
    notice = Notice(
        id=top.take("id"), sha256=sha256, extends=extends, region=top.take("region"), region_name=top.take("region_name"),
        area=area, area_name=top.take("area_name", str, ... if area else ""), review_year=top.take("review_year", int),
        source=source, clauses=clauses, own_clauses=own, window=window, window_clause=window_clause, applications=applications,
        categories=categories, asks=asks, requirement_clause=requirement_clause, years=_years(top.table("years")),
        limits=_limits(top.table("limits")), minutes=top.table("minutes").fill(Minutes), counting=_counting(top.table("counting")),
        sources=sources, reliefs=tuple(map(_relief, top.rows("relief"))), knobs=knobs, readings=points,
        alternatives=alternatives, platforms=platforms, contacts=contacts, shown=_shown(top.table("show"), platforms, contacts),
        not_covered={code: row.fill(Counting)._asdict() for code, row in top.table("not_covered").tables().items()},
        as_written={**{name: repr(_judging(body, name)) for name in _JUDGING}, **{row["id"]: repr(row) for row in body["source_rule"]}},
        document=document,
    )  # fmt: skip
    top.done()
    return notice


def _judging(body: Raw, name: str) -> Any:
    """A part of the document as far as it judges anybody: a reading that sets nothing only says something."""
    part = body.get(name)
    return [row for row in part if row.keys() & {"set", "instead"}] if name == "reading" and part else part


def _whole(notice: Notice, file: str) -> None:
    """What only the whole of a notice can get wrong. Raises: PolicyError."""
    for rule in notice.years.values():
        if rule.otherwise and rule.otherwise not in notice.not_covered:
            raise PolicyError(file, "years", f"{rule.otherwise!r} is not in not_covered")
    last = notice.review_year
    for relief in notice.reliefs:
        at = f"relief.{relief.id}"
        if unasked := {name.partition(".")[0] for name in relief.when.facts} - _ASKED:
            raise PolicyError(file, f"{at}.when", f"hangs on {min(unasked)!r}, which nobody is asked")
        if not _possible(notice, relief.when):
            raise PolicyError(file, f"{at}.when", f"can never apply in {last}")
        if not all(_possible(notice, branch) for branch in relief.when.narrower):
            raise PolicyError(file, f"{at}.when", f"one branch of an `any` can never hold in {last}")
        effect, most = relief.effect, notice.look_back(None)
        if effect.k > most:
            raise PolicyError(file, f"{at}.effect.k", f"{effect.k}: no review looks at more than {most} years")
        if effect.kind == "deem" and not any(rule.deems for rule in notice.sources.values()):
            raise PolicyError(file, f"{at}.effect", "nothing deems a category complete: no source has `deems`")
    if notice.area and not notice.area.startswith(f"{notice.region}/"):
        raise PolicyError(file, "area", f"{notice.area!r} does not begin with {notice.region}/")
    if notice.id != (id := f"{notice.area or notice.region}/{last}"):
        raise PolicyError(file, "id", f"{notice.id!r}: of this place and review year it is {id!r}")
    if notice.source.date > notice.year_end:
        raise PolicyError(file, "source.date", f"{notice.source.date} is after the review year {last}")
    named: dict[str, str] = {}
    for name, id in [(name, place.id) for place in notice.platforms for name in (place.name, *place.aliases)]:
        if named.setdefault(name, id) != id:
            raise PolicyError(file, f"platform.{id}", f"{name!r} is {named[name]} too")


def _possible(notice: Notice, when: Condition) -> bool:
    """Whether anybody can meet a condition in the notice's year."""
    everybody = {"review_year": notice.review_year, "ordinary_years": tuple(notice.review_years(None))}
    return when.possible(everybody, notice.limits)


def _source(table: Section) -> Source:
    source = table.fill(Source)
    if not source.second_hand and not re.fullmatch("[0-9a-f]{64}", source.sha256):
        raise table.fail("is no SHA-256", "sha256")
    return source


def _clause(row: Section, source: Source) -> Clause:
    quote = row.take("quote", str, "" if source.second_hand else ...)
    also = row.take("also", tuple[str, ...], ())
    return row.fill(Clause, quotes=((quote,) if quote else ()) + also)


def _requirement(top: Section) -> tuple[tuple[Category, ...], dict[str, Ask], str]:
    """The categories, what a year asks by level, and the clause."""
    named = dict(REGISTRY.categories)
    for name, row in top.table("category", {}).tables().items():
        named[name] = row.take("name"), row.take("short")
        row.done()
    table = top.table("requirement")
    clause, by_level = table.take("clause", Cited), table.table("by_level", {}).tables()
    floors = {name: table.take(name, Natural) for name in named if name in table.left}
    if not floors:
        raise table.fail(f"names no category; there are {sorted(named)}")
    usual = asks = {"": _ask(table, floors, None)}
    for level, row in by_level.items():
        if level not in values_of("title_level"):
            raise row.fail(f"no such level; there are {values_of('title_level')}")
        asks[level] = _ask(row, floors, usual[""])
    return tuple(Category(name, *named[name], hours) for name, hours in floors.items()), asks, clause


def _ask(table: Section, floors: Mapping[str, int], usual: Ask | None) -> Ask:
    """The hours that a table asks; what it does not name is as in `floors`, and as usual in all where it names no category."""
    own = tuple(table.take(name, Natural, floor) for name, floor in floors.items())
    least = sum(own)
    total = usual.total if usual is not None and own == usual.floors else least
    found = Ask(own, table.take("total", Annotated[int, range(least, 10**9)], max(total, least)))
    table.done()
    return found


def _period(table: Section, first: str, last: str, years: tuple[int, int]) -> tuple[tuple[date, date], str]:
    """A period that begins in one of the years and ends in the last of them or in the next, and its clause."""
    clause, begins, ends = table.take("clause", Cited), table.take(first, date), table.take(last, date)
    table.done()
    if begins > ends:
        raise table.fail("ends before it begins")
    if begins.year not in years or ends.year - years[1] not in (0, 1):
        raise table.fail(f"is none of the review year {years[1]}")
    return (begins, ends), clause


def _years(table: Section) -> dict[str, YearsRule]:
    rules = {}
    for scope in _SCOPES:
        row = table.table(scope)
        when = row.take("when", Condition, None)
        by_level = None
        if not row.left.keys() & {"fact", "count"}:
            by_level = {level: row.take(level, Years) for level in values_of("title_level")}
        otherwise = row.take("otherwise", str, "" if when is None else ...)
        rules[scope] = row.fill(YearsRule, by_level=by_level, when=when, otherwise=otherwise)
    table.done()
    return rules


def _limits(table: Section) -> dict[str, tuple[int, int]]:
    table.take("clause", Cited)
    found = {}
    for name in _LIMITS:
        row = table.table(name)
        least = row.take("from", Natural)
        found[name] = (least, row.take("until", Annotated[int, range(least, 10**9)]))
        row.done()
    table.done()
    return found


def _counting(table: Section) -> dict[str, Counting]:
    rules = {name: table.table(name).fill(Counting) for name in _COUNTING}
    table.done()
    return rules


def _source_rule(row: Section) -> SourceRule:
    wrong = row.table("wrong_category", {})
    checks = tuple(map(_check, row.rows("checks", [])))
    says, reading = wrong.take("says", str, ""), wrong.take("reading", Point, "")
    wrong.done()
    rule = row.fill(SourceRule, wrong_category=says, wrong_category_reading=reading, checks=checks)
    if not rule.categories:
        raise row.fail("counts in no category", "categories")
    if 0 < rule.at_most < rule.an_event:
        raise row.fail(f"{rule.at_most} a year is less than the {rule.an_event} of one record", "at_most")
    return rule


def _check(row: Section) -> Check:
    kinds = [kind for kind in ("flag", "fact", "year", "years", "never") if kind in row.left]
    if len(kinds) != 1:
        raise row.fail("needs exactly one of flag, fact, year, years, never")
    kind, name, isnt = kinds[0], "", False
    wanted: Any = True
    if kind in ("flag", "fact"):
        name, isnt = row.take(kind, Annotated[str, "flag" if kind == "flag" else "fact of a check"]), "isnt" in row.left
        wanted = row.left.pop("isnt" if isnt else "is", None)
        try:
            check(name, "is", wanted) if kind == "fact" else None
        except ValueError as wrong:
            raise row.fail(str(wrong)) from None
        if kind == "flag" and type(wanted) is not bool:
            raise row.fail(f"{wanted!r} is of the wrong kind", "isnt" if isnt else "is")
    elif kind == "year":
        kind = row.take("year", Annotated[str, "year"])
    elif kind == "years":
        wanted = tuple(row.take("years", list))
        if not wanted or any(type(year) is not int for year in wanted):
            raise row.fail("years are whole numbers", "years")
    elif not row.take("never", bool):
        raise row.fail("is true or left out", "never")
    return row.fill(Check, kind=kind, name=name, wanted=wanted, isnt=isnt)


def _relief(row: Section) -> Relief:
    relief = row.fill(Relief, effect=_effect(row.table("effect")))
    try:
        relief.missing.format(need=0, wait="")
    except (KeyError, IndexError, ValueError):
        raise row.fail("has other places to fill than {need} and {wait}", "missing") from None
    return relief


def _effect(row: Section) -> Effect:
    kind = row.take("kind", Annotated[str, "effect"])
    must, may = EFFECTS[kind]
    if lacking := row.left.keys() ^ {*must, *(row.left.keys() & {*may})}:
        key = min(lacking)
        raise row.fail("is missing", key) if key in must else row.fail(f"unknown key {key!r}")
    table = row.table("hours", {})
    hours = tuple((name, table.take(name, Natural)) for name in (*row.words["category"], "total") if name in table.left)
    if gone := table.left.keys() & {*REGISTRY.categories}:
        raise row.fail(f"{min(gone)!r} is no category of [requirement]", "hours")
    table.done()
    if not hours and "hours" in must:
        raise row.fail("names no hours", "hours")
    return row.fill(Effect, kind=kind, hours=hours)


def _readings(top: Section, rows: Iterable[Section]) -> tuple[Knobs, tuple[OpenPoint, ...], tuple[Alternative, ...]]:
    chosen: Raw = {}
    points: list[OpenPoint] = []
    others: list[tuple[str, str, Raw, str]] = []
    for row in rows:
        name, setting, instead = row.take("id"), _setting(row), []
        if setting.keys() & chosen.keys():
            raise row.fail("sets what another reading has set")
        chosen |= setting
        for other in row.rows("instead", []):
            says, apply, change = other.take("says"), other.take("apply", str, ""), _setting(other)
            if apply not in ("", name):
                raise other.fail(f"unknown reading {apply!r}: it is its own, {name!r}", "apply")
            if bool(apply) == bool(change) or not change.keys() <= setting.keys():
                raise other.fail("changes what this reading sets, or applies its id")
            other.done()
            instead.append(says)
            others.append((name, says, change, apply))
        points.append(row.fill(OpenPoint, id=name, instead=tuple(instead)))
    if chosen.keys() != set(Knobs._fields):
        raise top.fail(f"readings must set each of {sorted(set(Knobs._fields) ^ chosen.keys())}", "reading")
    knobs = Knobs(**chosen)
    alternatives = [Alternative(name, says, knobs._replace(**change), apply) for name, says, change, apply in others]
    return knobs, tuple(points), tuple(alternatives)


def _setting(row: Section) -> Raw:
    """The knobs that a reading sets, each to a value that the engine knows. Raises: PolicyError."""
    setting: Raw = row.take("set", dict, {})
    kinds = get_type_hints(Knobs)
    for key, value in setting.items():
        if type(value) is not kinds.get(key, type(value)):
            raise row.fail(f"{key} = {value!r} is of the wrong kind", "set")
        if key in row.words and value not in row.words[key]:
            raise row.fail(f"{key} = {value!r}; there are {row.words[key]}", "set")
    return setting


def _platform(row: Section) -> Contact:
    row.left.setdefault("for", "登录、选课、学时到账")
    return row.fill(Contact)


def _shown(
    table: Section, platforms: tuple[Contact, ...], contacts: tuple[Contact, ...]
) -> dict[str, tuple[Contact, ...]]:
    lines = {"platforms": platforms, **{place.id: (place,) for place in contacts}}
    shown = {}
    for status in SHOWN:
        names = table.take(status, tuple[str, ...])
        for name in names:
            if name not in lines or any(place.audience != "everybody" for place in lines[name]):
                raise table.fail(f"no such contact for everybody: {name!r}", status)
        shown[status] = tuple(place for name in names for place in lines[name])
    table.done()
    return shown
