"""A policy document into a notice: laid over what it extends, read strictly, and refused for all that the engine cannot express."""

from __future__ import annotations

import copy
import hashlib
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

from rules.conditions import NAMES, YEARS_FACTS, Condition
from rules.document import PolicyError, Section
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
Fault = tuple[str, object, str]  # where something may be wrong, whether it is, and what is wrong then


def read_folders(folders: Iterable[Path]) -> dict[str, tuple[Notice, str]]:
    """Every notice under the folders by its id, with its file. Raises: PolicyError."""
    documents: dict[str, tuple[Raw, bytes, str]] = {}
    for folder in folders:
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
    return {id: (_notice(documents, id), file) for id, (_, _, file) in documents.items()}


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
        for line, wrong, reason in chain(_faults(notice), _asked(notice), _read(notice), _reliefs(notice)):
            if wrong:
                raise PolicyError(file, line, reason)
    except PolicyError as error:
        head, name = (*error.line.split("."), "")[:2]
        own_rows = [str(row.get("id", at)) for at, row in enumerate(body.get(head, ()))] if head in _ROWS else [name]
        if under and name not in own_rows:
            error.reason += f" (a line of {under[0]}, over which this one is laid)"
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


def _faults(notice: Notice) -> Iterator[Fault]:
    """What only the whole of a notice can get wrong."""
    last, source, area = notice.review_year, notice.source, notice.area
    id = f"{area or notice.region}/{last}"
    for name, early, period in (("window", last - 1, notice.window), ("applications", last, notice.applications)):
        begins, ends = period.begins.year, period.ends.year
        yield name, period.begins > period.ends, "ends before it begins"
        yield name, begins not in (early, last) or ends not in (last, last + 1), f"is none of the review year {last}"
    hashed = source.second_hand or re.fullmatch("[0-9a-f]{64}", source.sha256)
    yield "source.sha256", not hashed, "is no SHA-256"
    yield "source.date", source.date > notice.year_end, f"{source.date} is after the review year {last}"
    yield "id", notice.id != id, f"{notice.id!r}: of this place and review year it is {id!r}"
    yield (
        "area",
        not f"{area or notice.region}/".startswith(f"{notice.region}/"),
        f"{area!r} is not in {notice.region}/",
    )
    yield "area_name", area and not notice.area_name, "is missing"
    for name, clause in notice.clauses.items():
        yield f"clauses.{name}.quote", not (clause.quote or source.second_hand), "is missing"
    for name, limit in notice.limits.items():
        yield f"limits.{name}.until", limit.low > limit.high, f"{limit.high} is out of range"
    named: dict[str, str] = {}
    for name, id in [(name, place.id) for place in notice.platforms for name in (place.name, *place.aliases)]:
        yield f"platform.{id}", named.setdefault(name, id) != id, f"{name!r} is {named[name]} too"
    everybody = ["platforms", *[place.id for place in notice.contacts if place.audience == "everybody"]]
    for status, name in [(status, name) for status, names in notice.show.items() for name in names]:
        yield f"show.{status}", name not in everybody, f"no such contact for everybody: {name!r}"


def _asked(notice: Notice) -> Iterator[Fault]:
    """Of the hours and years that are asked, and of what counts."""
    known = sorted({*REGISTRY.categories, *(notice.called or ())})
    yield "requirement", not notice.categories, f"names no category; there are {known}"
    for level, ask in notice.asks.items():
        at = f"requirement.{level and f'by_level.{level}.'}total"
        yield at, ask.total < sum(ask.floors), f"{ask.total} is out of range"
    for scope, rule in notice.years.items():
        levels, fixed = [*rule.by_level], rule.fact or rule.fixed
        yield f"years.{scope}", levels and fixed, f"unknown key {levels[:1]}"
        yield f"years.{scope}.otherwise", rule.when and not rule.otherwise, "is missing"
        for level in values_of("title_level"):
            yield f"years.{scope}.{level}", level not in levels and not fixed, "is missing"
    for source in notice.source_rules:
        at, most, each = f"source_rule.{source.id}", source.at_most, source.an_event
        yield f"{at}.categories", not source.categories, "counts in no category"
        yield f"{at}.at_most", 0 < most < each, f"{most} a year is less than the {each} of one record"


def _read(notice: Notice) -> Iterator[Fault]:
    """Of how contested points are read."""
    settled: set[str] = set()
    for point in notice.readings:
        at, own = f"reading.{point.id}", point.setting.keys()
        yield at, settled & own, "sets what another reading has set"
        settled |= own
        for number, (_, apply, setting) in enumerate(point.instead):
            unknown = f"unknown reading {apply!r}: it is its own, {point.id!r}"
            yield f"{at}.instead.{number}.apply", apply not in ("", point.id), unknown
            both = bool(apply) == bool(setting) or setting.keys() - own
            yield f"{at}.instead.{number}", both, "changes what this reading sets, or applies its id"
    lacking = {*Knobs._fields} - settled
    yield "reading", lacking, f"readings must set each of {sorted(lacking)}"


def _reliefs(notice: Notice) -> Iterator[Fault]:
    """Of reliefs, those that nobody can have."""
    last, most, deems = notice.review_year, notice.look_back(None), [rule.deems for rule in notice.source_rules]
    for relief in notice.reliefs:
        at, effect, branches = f"relief.{relief.id}", relief.effect, relief.when.narrower
        for name in {name.partition(".")[0] for name in relief.when.facts} - _ASKED:
            yield f"{at}.when", True, f"hangs on {name!r}, which nobody is asked"
        yield f"{at}.when", not _possible(notice, relief.when), f"can never apply in {last}"
        narrow = not all(_possible(notice, branch) for branch in branches)
        yield f"{at}.when", narrow, f"one branch of an `any` can never hold in {last}"
        must, may = EFFECTS[effect.kind]
        for key, value in zip(("k", "years", "origin", "category", "hours"), effect[1:], strict=True):
            yield f"{at}.effect.{key}", key in must and not value, "is missing"
            yield f"{at}.effect", value and key not in (*must, *may), f"unknown key {key!r}"
        yield f"{at}.effect.k", effect.k > most, f"{effect.k}: no review looks at more than {most} years"
        idle = effect.kind == "deem" and not any(deems)
        yield f"{at}.effect", idle, "nothing deems a category complete: no source has `deems`"


def _possible(notice: Notice, when: Condition) -> bool:
    """Whether anybody can meet a condition in the notice's year."""
    everybody = {"review_year": notice.review_year, "ordinary_years": tuple(notice.review_years(None))}
    return when.possible(everybody, notice.limits)
