"""A policy document into a notice: read strictly, laid over what it extends, and refused for all that the engine cannot express."""

from __future__ import annotations

import copy
import hashlib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, get_type_hints

from rules.conditions import NAMES, YEARS_FACTS, check
from rules.document import Table
from rules.library import Library, library_of
from rules.notice import (
    Alternative,
    Ask,
    Category,
    Check,
    Clause,
    Counting,
    Effect,
    Knobs,
    Minutes,
    Notice,
    Place,
    PolicyError,
    Reading,
    Relief,
    Source,
    SourceRule,
    YearsRule,
)  # fmt: skip
from rules.registry import FACTS, REGISTRY, values_of

NOTICES = Path(__file__).with_name("notices")
SHOWN = ("short", "uncertain", "met", "waived", "needs", "not_covered")
TO_DO = "TODO"  # what `xueshi policy new` marks: whatever holds it has not been looked at
_KNOB_WORDS = {
    "birthday": ("next_day", "same_day"),
    "age_on": ("review_date", "year_end"),
    "any_of": ("ordinary", "look_back"),
}
_SCOPES = ("review", "exceptional", "recognition", "annual_duty")
_LIMITS = tuple(dict.fromkeys((*(fact.limit for fact in FACTS.values() if fact.limit), "hours", "minutes")))
_LONGEST = 100  # years that anything looks back
_ROWS = ("relief", "reading", "source_rule", "platform", "contact")  # lists of tables that know each other by id
_YEAR = re.compile(r"\{Y([+-]\d+)?\}")
Raw = dict[str, Any]
Cite = Callable[..., str]


def load(*folders: Path, shipped: bool = True, region: str = "") -> Library:
    """Every notice that comes with the product (`shipped`) and every one under the folders.

    Raises: PolicyError.
    """
    documents: dict[str, tuple[Raw, bytes, str]] = {}
    for folder in ((NOTICES,) if shipped else ()) + folders:
        if not folder.is_dir():
            raise PolicyError(str(folder), "folder", "there is no such folder")
        for path in sorted(folder.rglob("*.toml")):
            raw, file = path.read_bytes(), str(path.relative_to(folder))
            body = _parsed(raw, file)
            id = body.get("id")
            if not isinstance(id, str):
                raise PolicyError(file, "id", "is missing")
            if id in documents and documents[id][1] != raw:
                raise PolicyError(file, "id", f"{id!r} stands in {documents[id][2]} too")
            documents[id] = body, raw, file
    if not documents:
        raise PolicyError(", ".join(map(str, folders)), "policies", "no notice found")
    return library_of((_notice(documents, id) for id in documents), region)


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
    found = _build(body, notice.sha256, notice.id, notice.own_clauses, notice.extends, document=notice.document)
    return _with(found, estimate_for=year, lapsed=lapsed)


def _with(notice: Notice, **changed: Any) -> Notice:
    fields = {name: getattr(notice, name) for name in Notice.__dataclass_fields__ if name != "plans"}
    return Notice(**{**fields, **changed})


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
    body, raw, file = documents[id]
    under: list[str] = []
    whole = copy.deepcopy(body)
    while (base := whole.pop("extends", None)) is not None:
        if not isinstance(base, str) or base not in documents or base in (id, *under):
            raise PolicyError(file, "extends", f"no notice {base!r} to extend")
        under.append(base)
        whole = _over(copy.deepcopy(documents[base][0]), whole, file)
    own = frozenset(body.get("clauses", {}))
    return _build(whole, hashlib.sha256(raw).hexdigest(), file, own, tuple(under), document=whole)


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
    body: Raw,
    sha256: str,
    file: str,
    own_clauses: frozenset[str],
    extends: tuple[str, ...],
    document: Mapping[str, Any],
) -> Notice:
    if undone := _undone(body):
        raise PolicyError(file, undone, f"is still marked {TO_DO}: look it up in the notice, then take the mark away")
    head = Table(file, "", body)
    review_year = head.number("review_year", 1000, 9000)
    top = Table(file, "", _dated(body, review_year))
    top.left.pop("review_year")
    source = _source(top.table("source"))
    clauses = {name: _clause(file, name, row, source) for name, row in top.take("clauses", dict).items()}

    def cite(table: Table, default: Any = ...) -> str:
        clause: str = table.take("clause", str, default)
        if clause not in clauses:
            raise table.fail(f"cites the unknown clause {clause!r}")
        return clause

    categories, asks, requirement_clause = _requirement(top, cite)
    names = tuple(category.id for category in categories)
    knobs, points, alternatives = _readings(top, top.rows("reading"), cite)
    known = {point.id for point in points}
    platforms = tuple(_place(row, cite, "platform") for row in top.rows("platform"))
    contacts = tuple(_place(row, cite, "contact") for row in top.rows("contact"))
    sources = {rule.id: rule for rule in (_source_rule(row, cite, known, names) for row in top.rows("source_rule"))}
    window, window_clause = _period(top.table("window"), "opens", "closes", cite, (review_year - 1, review_year))
    applications, _ = _period(top.table("applications"), "from", "until", cite, (review_year, review_year))
    years = _years(top.table("years"), cite)
    area = top.text("area", "")
    notice = Notice(
        id=top.text("id"), sha256=sha256, extends=extends, region=top.text("region"), region_name=top.text("region_name"),
        area=area, area_name=top.text("area_name", "" if not area else ...), review_year=review_year, source=source,
        clauses=clauses, own_clauses=own_clauses, window=window, window_clause=window_clause, applications=applications,
        categories=categories, asks=asks, requirement_clause=requirement_clause, years=years,
        limits=_limits(top.table("limits"), cite), minutes=_minutes(top.table("minutes"), cite, known),
        counting=_counting(top.table("counting"), cite, known), sources=sources,
        reliefs=tuple(_relief(row, cite, names) for row in top.rows("relief")), knobs=knobs, readings=points,
        alternatives=alternatives, platforms=platforms, contacts=contacts,
        shown=_shown(top.table("show"), platforms, contacts), not_covered=_not_covered(top.table("not_covered"), cite),
        rules_as_written=repr([(name, body.get(name)) for name in _JUDGING]),
        sources_as_written={row["id"]: repr(row) for row in body["source_rule"]}, document=document,
    )  # fmt: skip
    top.done()
    _whole(notice, file)
    return notice


_JUDGING = (
    "review_year", "requirement", "category", "years", "limits", "minutes", "counting", "relief", "reading", "not_covered",
)  # fmt: skip


def _whole(notice: Notice, file: str) -> None:
    """What only the whole of a notice can get wrong. Raises: PolicyError."""
    for rule in notice.years.values():
        if rule.otherwise and rule.otherwise not in notice.not_covered:
            raise PolicyError(file, "years", f"{rule.otherwise!r} is not in not_covered")
    everybody = {
        "review_year": notice.review_year,
        "ordinary_years": tuple(range(notice.review_year - notice.look_back(None) + 1, notice.review_year + 1)),
    }
    for relief in notice.reliefs:
        if not relief.when.possible(everybody):
            raise PolicyError(file, f"relief.{relief.id}.when", f"can never apply in {notice.review_year}")


def _source(table: Table) -> Source:
    found = Source(
        table.text("title"), table.text("number"), table.take("date", date), table.text("sha256", ""),
        table.take("second_hand", bool, False),
    )  # fmt: skip
    if not found.second_hand and not re.fullmatch("[0-9a-f]{64}", found.sha256):
        raise table.fail("is no SHA-256", "sha256")
    table.done()
    return found


def _clause(file: str, name: str, body: Any, source: Source) -> Clause:
    table = Table(file, f"clauses.{name}", body)
    quote = table.text("quote", "" if source.second_hand else ...)
    clause = Clause(table.text("says"), ((quote,) if quote else ()) + table.texts("also", []))
    table.done()
    return clause


def _requirement(top: Table, cite: Cite) -> tuple[tuple[Category, ...], dict[str, Ask], str]:
    """The categories, what a year asks by level, and the clause."""
    named = dict(REGISTRY.categories)
    more = top.take("category", dict, {})
    for name in more:
        row = Table(top.file, f"category.{name}", more[name])
        named[name] = row.text("name"), row.text("short")
        row.done()
    table = top.table("requirement")
    clause = cite(table)
    by_level = table.take("by_level", dict, {})
    floors = {name: table.number(name, 0) for name in named if name in table.left}
    if not floors:
        raise table.fail(f"names no category; there are {sorted(named)}")
    total = table.number("total", sum(floors.values()), None, sum(floors.values()))
    table.done()
    asks = {"": Ask(tuple(floors.values()), total)}
    for level in by_level:
        row = Table(top.file, f"requirement.by_level.{level}", by_level[level])
        if level not in values_of("title_level"):
            raise row.fail(f"no such level; there are {values_of('title_level')}")
        own = tuple(row.number(name, 0, None, floor) for name, floor in floors.items())
        asks[level] = Ask(
            own, row.number("total", sum(own), None, max(sum(own), total if own == asks[""].floors else 0))
        )
        row.done()
    return tuple(Category(name, *named[name], hours) for name, hours in floors.items()), asks, clause


def _period(table: Table, first: str, last: str, cite: Cite, begins: tuple[int, int]) -> tuple[tuple[date, date], str]:
    """A period that begins in one of the years, and ends in the last of them or in the next."""
    clause = cite(table)
    period = (table.take(first, date), table.take(last, date))
    table.done()
    if period[0] > period[1]:
        raise table.fail("ends before it begins")
    if period[0].year not in begins or not begins[1] <= period[1].year <= begins[1] + 1:
        raise table.fail(f"is none of the review year {begins[1]}")
    return period, clause


def _years(table: Table, cite: Cite) -> dict[str, YearsRule]:
    rules = {}
    wholes = tuple(fact.id for fact in FACTS.values() if fact.kind == "whole" and fact.limit)
    for scope in _SCOPES:
        row = table.table(scope)
        clause = cite(row)
        fact = row.one_of("fact", wholes, "number of years", "")
        count = row.number("count", 1, _LONGEST, 0)
        when = row.condition("when") if "when" in row.left else None
        otherwise = row.text("otherwise", "" if when is None else ...)
        by_level = None
        if not fact and not count:
            by_level = {level: row.number(level, 1, _LONGEST) for level in values_of("title_level")}
        row.done()
        rules[scope] = YearsRule(clause, by_level, fact, count, when, otherwise)
    table.done()
    return rules


def _limits(table: Table, cite: Cite) -> dict[str, tuple[int, int]]:
    cite(table)
    found = {}
    for name in _LIMITS:
        row = table.table(name)
        least = row.number("from", 0)
        found[name] = (least, row.number("until", least))
        row.done()
    table.done()
    return found


def _minutes(table: Table, cite: Cite, known: set[str]) -> Minutes:
    rule = Minutes(
        cite(table), table.number("a_hour", 1), table.condition("when"), _point(table, "reading", known), table.text("says"),
    )  # fmt: skip
    table.done()
    return rule


def _counting(table: Table, cite: Cite, known: set[str]) -> dict[str, Counting]:
    rules = {}
    for name in ("verified", "in_region", "twice"):
        row = table.table(name)
        rules[name] = Counting(cite(row), row.text("says"), _point(row, "reading", known))
        row.done()
    table.done()
    return rules


def _point(row: Table, key: str, known: set[str]) -> str:
    point = row.take(key, str, "")
    if point and point not in known:
        raise row.fail(f"names the unknown reading {point!r}", key)
    return str(point)


def _named(row: Table, key: str, allowed: Iterable[str], default: Any = ...) -> tuple[str, ...]:
    """A word or a list of words, of those allowed."""
    value = row.take(key, (str, list), default)
    words = tuple([value] if isinstance(value, str) else value)
    wrong = [word for word in words if word not in allowed]
    if wrong:
        raise row.fail(f"unknown {wrong[0]!r}; there are {sorted(allowed)}", key)
    return words


def _source_rule(row: Table, cite: Cite, known: set[str], names: tuple[str, ...]) -> SourceRule:
    wrong = row.table("wrong_category", {})
    rule = SourceRule(
        id=row.text("id"), clause=cite(row), categories=_named(row, "categories", (*names, *REGISTRY.categories)),
        wrong_category=wrong.text("says", ""), wrong_category_reading=_point(wrong, "reading", known),
        outside_region=row.take("outside_region", bool, False), deems=_named(row, "deems", names, []),
        an_event=row.number("hours_an_event", 1, None, 0), at_most=row.number("at_most", 1, None, 0),
        checks=tuple(_check(check, known) for check in row.rows("checks", [])),
    )  # fmt: skip
    wrong.done()
    row.done()
    if not rule.categories:
        raise row.fail("counts in no category", "categories")
    return rule


_BEARING = ("scope", "review_year")  # what a check may look at beside facts of the registry


def _check(row: Table, known: set[str]) -> Check:
    kinds = [kind for kind in ("flag", "fact", "year", "years", "never") if kind in row.left]
    if len(kinds) != 1:
        raise row.fail("needs exactly one of flag, fact, year, years, never")
    kind, name, isnt = kinds[0], "", "isnt" in row.left
    wanted: Any = True
    if kind == "flag":
        name = row.one_of("flag", REGISTRY.flags, "flag")
        wanted = row.take("isnt" if isnt else "is", bool)
    elif kind == "fact":
        plain = (*_BEARING, *(fact.id for fact in FACTS.values() if fact.kind in ("one_of", "yes_no")))
        name = row.one_of("fact", plain, "fact")
        wanted = row.take("isnt" if isnt else "is", (str, bool, list))
        try:
            check(name, "is", wanted)
        except ValueError as wrong:
            raise row.fail(str(wrong)) from None
    elif kind == "year":
        kind = row.one_of("year", ("before_review_year",), "year")
    elif kind == "years":
        wanted = tuple(row.take("years", list))
        if not wanted or any(type(year) is not int for year in wanted):
            raise row.fail("years are whole numbers", "years")
    elif not row.take("never", bool):
        raise row.fail("is true or left out", "never")
    when = row.one_of("when_flag", REGISTRY.flags, "flag", "")
    readings = _point(row, "reading", known), _point(row, "only_reading", known)
    found = Check(kind, name, wanted, isnt and kind in ("flag", "fact"), when, *readings, row.text("says"))
    row.done()
    return found


EFFECTS = ("waive", "any_k_of", "restrict_to", "drop_years", "lower", "deem")


def _effect(row: Table, names: tuple[str, ...]) -> Effect:
    kind = row.one_of("kind", EFFECTS, "effect")
    hours: list[tuple[str, int]] = []
    if kind == "lower" or (kind == "any_k_of" and "hours" in row.left):
        table = row.table("hours")
        hours = [(name, table.number(name, 0)) for name in (*names, "total") if name in table.left]
        table.done()
        if not hours:
            raise row.fail("names no hours", "hours")
    effect = Effect(
        kind,
        k=row.number("k", 1, _LONGEST) if kind == "any_k_of" else 0,
        years=row.one_of("years", YEARS_FACTS, "fact of years", ... if kind == "drop_years" else "")
        if kind in ("drop_years", "lower")
        else "",
        origin=row.one_of("origin", ("transfer", "tenure"), "origin") if kind == "restrict_to" else "",
        categories=_named(row, "category", names) if kind == "deem" else (),
        hours=tuple(hours),
    )
    row.done()
    return effect


def _relief(row: Table, cite: Cite, names: tuple[str, ...]) -> Relief:
    missing = row.text("missing")
    try:
        missing.format(need=0, wait="")
    except (KeyError, IndexError, ValueError):
        raise row.fail("has other places to fill than {need} and {wait}", "missing") from None
    relief = Relief(
        row.text("id"), cite(row), row.text("says"), missing, row.one_of("quiet_without", NAMES, "fact", ""),
        _effect(row.table("effect"), names), row.condition("when"), row.take("this_year_only", bool, False),
    )  # fmt: skip
    row.done()
    return relief


def _readings(
    top: Table, rows: Iterable[Table], cite: Cite
) -> tuple[Knobs, tuple[Reading, ...], tuple[Alternative, ...]]:
    chosen: dict[str, Any] = {}
    points: list[Reading] = []
    others: list[tuple[str, str, dict[str, Any], str]] = []
    for row in rows:
        name = row.text("id")
        setting = row.take("set", dict, {})
        _check_knobs(row, setting)
        if setting.keys() & chosen.keys():
            raise row.fail("sets what another reading has set")
        chosen |= setting
        instead = []
        for other in row.rows("instead", []):
            says, apply = other.text("says"), other.one_of("apply", (name,), "reading", "")
            change = other.take("set", dict, {})
            if bool(apply) == bool(change) or not change.keys() <= setting.keys():
                raise other.fail("changes what this reading sets, or applies its id")
            _check_knobs(other, change)
            other.done()
            instead.append(says)
            others.append((name, says, change, apply))
        points.append(Reading(name, cite(row), row.text("asks"), row.text("chosen"), row.text("why"), tuple(instead)))
        row.done()
    if chosen.keys() != set(Knobs._fields):
        raise top.fail(f"readings must set each of {sorted(set(Knobs._fields) ^ chosen.keys())}", "reading")
    knobs = Knobs(**chosen)
    alternatives = [Alternative(name, says, knobs._replace(**change), apply) for name, says, change, apply in others]
    return knobs, tuple(points), tuple(alternatives)


def _check_knobs(row: Table, setting: dict[str, Any]) -> None:
    """What a reading sets must be a value that the engine knows. Raises: PolicyError."""
    kinds = get_type_hints(Knobs)
    for key, value in setting.items():
        if type(value) is not kinds.get(key, type(value)):
            raise row.fail(f"{key} = {value!r} is of the wrong kind", "set")
        if key in _KNOB_WORDS and value not in _KNOB_WORDS[key]:
            raise row.fail(f"{key} = {value!r}; there are {_KNOB_WORDS[key]}", "set")


def _place(row: Table, cite: Cite, kind: str) -> Place:
    place = Place(
        id=row.text("id"), name=row.text("name"), clause=cite(row),
        what_for=row.text("for", "登录、选课、学时到账" if kind == "platform" else ...), phones=row.texts("phones"),
        url=row.text("url", ""), email=row.text("email", ""), apps=row.texts("apps", []), aliases=row.texts("aliases", []),
        audience=row.one_of("audience", ("everybody", "hr"), "audience", "everybody"),
    )  # fmt: skip
    row.done()
    return place


def _shown(table: Table, platforms: tuple[Place, ...], contacts: tuple[Place, ...]) -> dict[str, tuple[Place, ...]]:
    lines = {"platforms": platforms, **{place.id: (place,) for place in contacts}}
    shown = {}
    for status in SHOWN:
        names = table.texts(status)
        for name in names:
            if name not in lines or any(place.audience != "everybody" for place in lines[name]):
                raise table.fail(f"no such contact for everybody: {name!r}", status)
        shown[status] = tuple(place for name in names for place in lines[name])
    table.done()
    return shown


def _not_covered(table: Table, cite: Cite) -> dict[str, dict[str, str]]:
    found = {}
    for code in sorted(table.left):
        row = table.table(code)
        found[code] = {"clause": cite(row), "says": row.text("says")}
        row.done()
    return found
