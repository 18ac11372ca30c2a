"""A policy document into a notice: laid over what it extends, read strictly, and refused for all that the engine cannot express."""

from __future__ import annotations

import copy
import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

from rules.conditions import NAMES, YEARS_FACTS, Condition
from rules.document import PolicyError, Section
from rules.library import Library, library_of
from rules.notice import EFFECTS, SCOPES, Document, Knobs, Notice
from rules.registry import FACTS, REGISTRY, values_of

NOTICES = Path(__file__).with_name("notices")
TO_DO = "TODO"  # what `xueshi policy new` marks: whatever holds it has not been looked at
_ROWS = ("relief", "reading", "source_rule", "platform", "contact")  # lists of tables that know each other by id
# What a person is asked, and what follows from it: a relief that hangs on anything else is never found.
_ASKED = {name for fact in FACTS.values() if fact.core or fact.screen or fact.with_ for name in (fact.id, fact.year)} | {
    "scope", "age", "ordinary_years", "deemed_years",
}  # fmt: skip
_WORDS = {
    "fact": NAMES - REGISTRY.flags.keys(), "fact of years": YEARS_FACTS, "audience": ("everybody", "hr"), "effect": EFFECTS,
    "origin": ("transfer", "tenure"), "level": values_of("title_level"), "scope": SCOPES,
    "counting": ("verified", "in_region", "twice"), "limit": {*(fact.limit for fact in FACTS.values() if fact.limit), "hours", "minutes"},
    "number of years": [fact.id for fact in FACTS.values() if fact.kind == "whole" and fact.limit],
    "birthday": ("next_day", "same_day"), "age_on": ("review_date", "year_end"), "any_of": ("ordinary", "look_back"),
    "status": ("short", "uncertain", "met", "waived", "needs", "not_covered"),
}  # fmt: skip
_FOR_PLATFORMS = "登录、选课、学时到账"
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
    years = year - notice.review_year

    def later(place: str, value: Any) -> Any:
        """Its periods so many years later."""
        if isinstance(value, date) and place != "source.date":
            return value.replace(year=value.year + years)
        return value + years if ".years." in place else value

    body = _walked(notice.document, later)
    lapsed = tuple(relief for relief in notice.reliefs if relief.this_year_only)
    body["relief"] = [row for row in body["relief"] if not row.get("this_year_only")]
    body["review_year"] = year
    source = {name: getattr(notice, name) for name in ("sha256", "own_clauses", "extends", "document")}
    found = _build(body, notice.id, **source)
    lapsed += tuple(
        relief for relief in found.reliefs if not _possible(found, relief.when)
    )  # bound to a year by `when`
    clauses = {name: clause._replace(says=_undated(clause.says)) for name, clause in found.clauses.items()}
    return replace(found, clauses=clauses, estimate_for=year, lapsed=lapsed, plans={}, births={})


def _undated(says: str) -> str:
    """A sentence without the parts that name a day: the next notice may set others."""
    kept = "".join(part for part in re.split("(?<=[；。])", says) if not _DAY.search(part))
    return re.sub("；$", "。", kept) or says


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
        sha256 = hashlib.sha256(raw).hexdigest()
        notice = _build(whole, file, sha256=sha256, own_clauses=own, extends=tuple(under), document=whole)
        for line, reason in chain(_faults(notice), _asked(notice), _readings(notice), _reliefs(notice)):
            raise PolicyError(file, line, reason)
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


def _walked(value: Any, change: Callable[[str, Any], Any], place: str = "") -> Any:
    """A copy of a document with each of its values as `change` makes it of where it stands and what it is."""
    if isinstance(value, dict):
        return {key: _walked(each, change, f"{place}.{key}" if place else key) for key, each in value.items()}
    if isinstance(value, list):
        names = [each.get("id", at) if isinstance(each, dict) else at for at, each in enumerate(value)]
        return [_walked(each, change, f"{place}.{name}") for name, each in zip(names, value, strict=True)]
    return change(place, value)


# ---------------------------------------------------------------- reading one document


def _build(body: Raw, file: str, **source: Any) -> Notice:
    """The notice of a document; `source`: what it comes from. Raises: PolicyError."""

    def dated(place: str, value: Any) -> Any:
        """Every {Y} and {Y-1} as the year that it is."""
        if isinstance(value, str) and TO_DO in value:
            raise PolicyError(
                file, place, f"is still marked {TO_DO}: look it up in the notice, then take the mark away"
            )
        return _YEAR.sub(lambda found: str(year + int(found[1] or 0)), value) if isinstance(value, str) else value

    year = body.get("review_year", 0)
    said = _walked(body, dated)
    called = (*REGISTRY.categories, *said.get("category", {}))
    categories = [name for name in called if name in said.get("requirement", {})]
    for row in said.get("platform", ()):
        row.setdefault("for", _FOR_PLATFORMS)
    words = _WORDS | {
        "clause": said.get("clauses", {}), "reading": [f"{row.get('id')}" for row in said.get("reading", ())],
        "category": categories, "category of hours": {*categories, *REGISTRY.categories},
        "category or total": [*categories, "total"], "not_covered": said.get("not_covered", {}),
    }  # fmt: skip
    return Notice(**vars(Section(file, words).fill(Document, said)), **source)


def _faults(notice: Notice) -> Iterator[tuple[str, str]]:
    """What only the whole of a notice can get wrong: the place, and the reason."""
    last = notice.review_year
    for name, early, period in (("window", last - 1, notice.window), ("applications", last, notice.applications)):
        if period.begins > period.ends:
            yield name, "ends before it begins"
        if period.begins.year not in (early, last) or period.ends.year not in (last, last + 1):
            yield name, f"is none of the review year {last}"
    if not re.fullmatch("[0-9a-f]{64}", notice.source.sha256) and not notice.source.second_hand:
        yield "source.sha256", "is no SHA-256"
    if notice.source.date > notice.year_end:
        yield "source.date", f"{notice.source.date} is after the review year {last}"
    if notice.id != (id := f"{notice.area or notice.region}/{last}"):
        yield "id", f"{notice.id!r}: of this place and review year it is {id!r}"
    if notice.area and not notice.area.startswith(f"{notice.region}/"):
        yield "area", f"{notice.area!r} does not begin with {notice.region}/"
    if notice.area and not notice.area_name:
        yield "area_name", "is missing"
    for name, clause in notice.clauses.items():
        if not (clause.quote or notice.source.second_hand):
            yield f"clauses.{name}.quote", "is missing"
    for name, limit in notice.limits.items():
        if limit.low > limit.high:
            yield f"limits.{name}.until", f"{limit.high} is out of range"
    named: dict[str, str] = {}
    for name, id in [(name, place.id) for place in notice.platforms for name in (place.name, *place.aliases)]:
        if named.setdefault(name, id) != id:
            yield f"platform.{id}", f"{name!r} is {named[name]} too"
    everybody = ["platforms", *[place.id for place in notice.contacts if place.audience == "everybody"]]
    for status, names in notice.show.items():
        if unknown := [name for name in names if name not in everybody]:
            yield f"show.{status}", f"no such contact for everybody: {unknown[0]!r}"


def _asked(notice: Notice) -> Iterator[tuple[str, str]]:
    """Of the hours and years that are asked, and of what counts."""
    if not notice.categories:
        yield "requirement", f"names no category; there are {sorted({*REGISTRY.categories, *(notice.called or ())})}"
    for level, ask in notice.asks.items():
        if ask.total < sum(ask.floors):
            yield f"requirement.{level and f'by_level.{level}.'}total", f"{ask.total} is out of range"
    for scope, rule in notice.years.items():
        lacking = {*values_of("title_level")} - rule.by_level.keys()
        if rule.by_level and (rule.fact or rule.fixed):
            yield f"years.{scope}", f"unknown key {min(rule.by_level)!r}"
        if lacking and not (rule.fact or rule.fixed):
            yield f"years.{scope}.{min(lacking)}", "is missing"
        if rule.when is not None and not rule.otherwise:
            yield f"years.{scope}.otherwise", "is missing"
    for source in notice.source_rules:
        if not source.categories:
            yield f"source_rule.{source.id}.categories", "counts in no category"
        if 0 < source.at_most < source.an_event:
            reason = f"{source.at_most} a year is less than the {source.an_event} of one record"
            yield f"source_rule.{source.id}.at_most", reason


def _readings(notice: Notice) -> Iterator[tuple[str, str]]:
    """Of how contested points are read."""
    settled: set[str] = set()
    for point in notice.readings:
        at = f"reading.{point.id}"
        if settled & point.setting.keys():
            yield at, "sets what another reading has set"
        settled |= point.setting.keys()
        for number, other in enumerate(point.instead):
            if other.apply not in ("", point.id):
                yield f"{at}.instead.{number}.apply", f"unknown reading {other.apply!r}: it is its own, {point.id!r}"
            if bool(other.apply) == bool(other.setting) or not other.setting.keys() <= point.setting.keys():
                yield f"{at}.instead.{number}", "changes what this reading sets, or applies its id"
    if lacking := {*Knobs._fields} - settled:
        yield "reading", f"readings must set each of {sorted(lacking)}"


def _reliefs(notice: Notice) -> Iterator[tuple[str, str]]:
    """Of reliefs, those that nobody can have."""
    last, most = notice.review_year, notice.look_back(None)
    for relief in notice.reliefs:
        at, effect = f"relief.{relief.id}", relief.effect
        if unasked := {name.partition(".")[0] for name in relief.when.facts} - _ASKED:
            yield f"{at}.when", f"hangs on {min(unasked)!r}, which nobody is asked"
        if not _possible(notice, relief.when):
            yield f"{at}.when", f"can never apply in {last}"
        if not all(_possible(notice, branch) for branch in relief.when.narrower):
            yield f"{at}.when", f"one branch of an `any` can never hold in {last}"
        must, may = EFFECTS[effect.kind]
        for key, value in zip(("k", "years", "origin", "category", "hours"), effect[1:], strict=True):
            if key in must and not value:
                yield f"{at}.effect.{key}", "is missing"
            if value and key not in (*must, *may):
                yield f"{at}.effect", f"unknown key {key!r}"
        if effect.k > most:
            yield f"{at}.effect.k", f"{effect.k}: no review looks at more than {most} years"
        if effect.kind == "deem" and not any(rule.deems for rule in notice.source_rules):
            yield f"{at}.effect", "nothing deems a category complete: no source has `deems`"


def _possible(notice: Notice, when: Condition) -> bool:
    """Whether anybody can meet a condition in the notice's year."""
    everybody = {"review_year": notice.review_year, "ordinary_years": tuple(notice.review_years(None))}
    return when.possible(everybody, notice.limits)
