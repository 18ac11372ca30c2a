"""Reading policy packs strictly: TOML in, a PolicyPack out, or a PolicyError that names file, line and reason."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any, get_type_hints

from rules.conditions import Test, ages_in, compile_condition
from rules.facts import CATEGORIES, FLAGS, LEVELS, SOURCES
from rules.policy import (
    Alternative,
    Check,
    Clause,
    Knobs,
    Limits,
    Packs,
    Place,
    PolicyError,
    PolicyPack,
    Reading,
    Relief,
    SourceRule,
    YearsRule,
)  # fmt: skip

POLICIES = Path(__file__).with_name("policies")
EFFECTS = {
    "waive": (),
    "any_k_of": ("k",),
    "restrict_to": ("from", "origin"),
    "drop_years": ("years",),
    "deem": ("category",),
}
SHOWN = ("short", "uncertain", "met", "waived", "needs", "not_covered")
Cite = Callable[..., str]


def load(folder: Path | None = None) -> Packs:
    """Every pack under `folder` (the packs that come with the product, when None).

    Raises: PolicyError.
    """
    by_year: dict[int, PolicyPack] = {}
    folder = folder or POLICIES
    for path in sorted(folder.rglob("*.toml")):
        pack = read_pack(path.read_bytes(), str(path.relative_to(folder)))
        if pack.review_year in by_year:
            raise PolicyError(path.name, "review_year", f"{pack.review_year} has two packs")
        by_year[pack.review_year] = pack
    if not by_year:
        raise PolicyError(str(folder), "policies", "no pack found")
    years = sorted(by_year)
    for year in range(years[0], years[-1]):
        if year not in by_year:
            raise PolicyError(str(folder), "review_year", f"no pack for {year}")
    return Packs(by_year)


# ---------------------------------------------------------------- reading one document


class _Table:
    """A table of the document that knows its place; what is left unread is an unknown key."""

    def __init__(self, file: str, line: str, raw: Any) -> None:
        if not isinstance(raw, dict):
            raise PolicyError(file, line, "a table is expected")
        self.file, self.line, self.left = file, line, dict(raw)

    def fail(self, reason: str, key: str = "") -> PolicyError:
        return PolicyError(self.file, f"{self.line}.{key}" if key else self.line, reason)

    def take(self, key: str, kind: type[Any] | tuple[type[Any], ...], default: Any = ...) -> Any:
        if key not in self.left:
            if default is ...:
                raise self.fail("is missing", key)
            return default
        value = self.left.pop(key)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
            raise self.fail(f"{value!r} is of the wrong kind", key)
        return value

    def table(self, key: str, default: Any = ...) -> _Table:
        return _Table(self.file, f"{self.line}.{key}" if self.line else key, self.take(key, dict, default))

    def rows(self, key: str, default: Any = ...) -> list[_Table]:
        rows, seen = [], set()
        for number, raw in enumerate(self.take(key, list, default)):
            name = raw.get("id") if isinstance(raw, dict) else None
            if name is not None and name in seen:
                raise self.fail(f"{name!r} stands twice", key)
            seen.add(name)
            rows.append(_Table(self.file, f"{key}.{name if name is not None else number}", raw))
        return rows

    def test(self, key: str) -> Test:
        try:
            return compile_condition(self.take(key, dict))
        except ValueError as wrong:
            raise self.fail(str(wrong), key) from None

    def done(self) -> None:
        if self.left:
            raise self.fail(f"unknown key {sorted(self.left)[0]!r}")


def read_pack(raw: bytes, file: str) -> PolicyPack:
    """One pack from the bytes of its document.

    Raises: PolicyError.
    """
    try:
        top = _Table(file, "", tomllib.loads(raw.decode("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError) as wrong:
        raise PolicyError(file, "document", str(wrong)) from None
    clauses = {name: _clause(file, name, body) for name, body in top.take("clauses", dict).items()}

    def cite(table: _Table, default: Any = ...) -> str:
        clause = table.take("clause", str, default)
        if clause not in clauses:
            raise table.fail(f"cites the unknown clause {clause!r}")
        return str(clause)

    window, window_clause = _period(top.table("window"), "opens", "closes", cite)
    applications, _ = _period(top.table("applications"), "from", "until", cite)
    requirement = top.table("requirement")
    requirement_clause = cite(requirement)
    hours = {category: requirement.take(category, int) for category in CATEGORIES}
    requirement.done()
    minutes = top.table("minutes")
    minutes_line = (cite(minutes), minutes.take("reading", str, ""), minutes.take("says", str))
    a_hour, minutes_test = minutes.take("a_hour", int), minutes.test("when")
    minutes.done()
    readings = top.rows("reading")
    knobs, points, alternatives = _readings(top, readings, cite)
    known = {point.id for point in points}
    relief_rows = top.rows("relief")
    thresholds = tuple(sorted(ages_in([row.left.get("when") for row in relief_rows])))
    reliefs = tuple(_relief(row, cite) for row in relief_rows)
    platforms = tuple(_place(row, cite, "platform") for row in top.rows("platform"))
    contacts = tuple(_place(row, cite, "contact") for row in top.rows("contact"))
    sources = {rule.id: rule for rule in (_source_rule(row, cite, known) for row in top.rows("source_rule"))}
    pack = PolicyPack(
        id=top.take("id", str),
        sha256=hashlib.sha256(raw).hexdigest(),
        region=top.take("region", str),
        review_year=top.take("review_year", int),
        source=_source(top.table("source")),
        clauses=clauses,
        window=window,
        window_clause=window_clause,
        applications=applications,
        requirement=hours,
        requirement_clause=requirement_clause,
        years=_years(top.table("years"), cite),
        limits=_limits(top.table("limits"), cite),
        minutes_a_hour=a_hour,
        minutes_test=minutes_test,
        minutes_line=minutes_line,
        counting=_counting(top.table("counting"), cite, known),
        sources=sources,
        reliefs=reliefs,
        knobs=knobs,
        readings=points,
        alternatives=alternatives,
        platforms=platforms,
        contacts=contacts,
        shown=_shown(top.table("show"), platforms, contacts),
        not_covered=_not_covered(top.table("not_covered"), cite),
        thresholds=thresholds,
    )
    top.done()
    for rule in pack.years.values():
        if rule.otherwise and rule.otherwise not in pack.not_covered:
            raise PolicyError(file, "years", f"{rule.otherwise!r} is not in not_covered")
    return pack


def _source(table: _Table) -> dict[str, Any]:
    kinds = (("title", str), ("number", str), ("date", date), ("sha256", str))
    found = {key: table.take(key, kind) for key, kind in kinds}
    table.done()
    return found


def _clause(file: str, name: str, body: Any) -> Clause:
    table = _Table(file, f"clauses.{name}", body)
    clause = Clause(table.take("says", str), (table.take("quote", str), *table.take("also", list, [])))
    table.done()
    return clause


def _period(table: _Table, first: str, last: str, cite: Any) -> tuple[tuple[date, date], str]:
    clause = cite(table)
    period = (table.take(first, date), table.take(last, date))
    table.done()
    if period[0] > period[1]:
        raise table.fail("ends before it begins")
    return period, clause


def _years(table: _Table, cite: Any) -> dict[str, YearsRule]:
    rules = {}
    for scope in ("review", "exceptional", "recognition", "annual_duty"):
        row = table.table(scope)
        clause = cite(row)
        fact, count = row.take("fact", str, ""), row.take("count", int, 0)
        test = row.test("when") if "when" in row.left else None
        otherwise = row.take("otherwise", str, "")
        by_level = {level: row.take(level, int) for level in LEVELS} if not fact and not count else None
        row.done()
        rules[scope] = YearsRule(clause, by_level, fact, count, test, otherwise)
    table.done()
    return rules


def _limits(table: _Table, cite: Any) -> Limits:
    cite(table)
    found = []
    for name in Limits._fields:
        row = table.table(name)
        found.append((row.take("from", int), row.take("until", int)))
        row.done()
    table.done()
    return Limits(*found)


def _counting(table: _Table, cite: Any, known: set[str]) -> dict[str, dict[str, str]]:
    rules = {}
    for name in ("verified", "in_region", "twice"):
        row = table.table(name)
        rules[name] = {"clause": cite(row), "says": row.take("says", str), "reading": _point(row, "reading", known)}
        row.done()
    table.done()
    return rules


def _point(row: _Table, key: str, known: set[str]) -> str:
    point = row.take(key, str, "")
    if point and point not in known:
        raise row.fail(f"names the unknown reading {point!r}", key)
    return str(point)


def _source_rule(row: _Table, cite: Any, known: set[str]) -> SourceRule:
    name = row.take("id", str)
    if name not in SOURCES:
        raise row.fail(f"unknown source {name!r}")
    clause = cite(row)
    categories = frozenset(row.take("categories", list))
    if not categories or not categories <= frozenset(CATEGORIES):
        raise row.fail("unknown category", "categories")
    wrong = row.table("wrong_category", {})
    wrong_says, wrong_reading = wrong.take("says", str, ""), _point(wrong, "reading", known)
    wrong.done()
    outside = row.take("outside_region", bool, False)
    deems = row.take("deems", str, "")
    checks = tuple(_check(check, known) for check in row.rows("checks", []))
    row.done()
    plain = len(categories) == len(CATEGORIES) and not deems and all(check.only_reading for check in checks)
    return SourceRule(name, clause, categories, wrong_says, wrong_reading, outside, deems, checks, plain)


def _check(row: _Table, known: set[str]) -> Check:
    kinds = [kind for kind in ("flag", "fact", "year", "never") if kind in row.left]
    if len(kinds) != 1:
        raise row.fail("needs exactly one of flag, fact, year, never")
    kind = kinds[0]
    name = row.take(kind, (str, bool))
    wanted: Any = True
    isnt = False
    if kind in ("flag", "fact"):
        isnt = "isnt" in row.left
        wanted = row.take("isnt" if isnt else "is", (str, bool, list))
    if kind == "flag" and name not in FLAGS:
        raise row.fail(f"unknown flag {name!r}")
    when = row.take("when_flag", str, "")
    check = Check(
        kind,
        str(name),
        wanted,
        isnt,
        when,
        _point(row, "reading", known),
        _point(row, "only_reading", known),
        row.take("says", str),
    )
    row.done()
    return check


def _relief(row: _Table, cite: Any) -> Relief:
    name, clause, says = row.take("id", str), cite(row), row.take("says", str)
    missing, quiet = row.take("missing", str), row.take("quiet_without", str, "")
    effect = row.table("effect")
    kind = effect.take("kind", str)
    if kind not in EFFECTS:
        raise effect.fail(f"unknown effect {kind!r}; there are {sorted(EFFECTS)}")
    body = {key: effect.take(key, (str, int)) for key in EFFECTS[kind]}
    effect.done()
    test = row.test("when")
    row.done()
    return Relief(
        name,
        clause,
        says,
        missing,
        quiet,
        kind,
        body,
        test,
        {"id": name, "clause": clause, "effect": kind, "says": says},
    )


def _readings(
    top: _Table, rows: Iterable[_Table], cite: Any
) -> tuple[Knobs, tuple[Reading, ...], tuple[Alternative, ...]]:
    chosen: dict[str, Any] = {}
    points: list[Reading] = []
    others: list[tuple[str, str, dict[str, Any], str]] = []
    for row in rows:
        name = row.take("id", str)
        setting = row.take("set", dict, {})
        if setting.keys() & chosen.keys():
            raise row.fail("sets what another reading has set")
        chosen |= setting
        instead = []
        for other in row.rows("instead", []):
            says, apply, change = other.take("says", str), other.take("apply", str, ""), other.take("set", dict, {})
            if bool(apply) == bool(change) or not change.keys() <= setting.keys():
                raise other.fail("changes what this reading sets, or applies its id")
            other.done()
            instead.append(says)
            others.append((name, says, change, apply))
        points.append(
            Reading(
                name, cite(row), row.take("asks", str), row.take("chosen", str), row.take("why", str), tuple(instead)
            )
        )
        row.done()
    if chosen.keys() != set(Knobs._fields):
        raise top.fail(f"readings must set each of {sorted(set(Knobs._fields) ^ chosen.keys())}", "reading")
    kinds = get_type_hints(Knobs)
    for key, value in chosen.items():
        if type(value) is not kinds[key]:
            raise top.fail(f"{key} = {value!r} is of the wrong kind", "reading")
    knobs = Knobs(**chosen)
    return (
        knobs,
        tuple(points),
        tuple(Alternative(name, says, knobs._replace(**change), apply) for name, says, change, apply in others),
    )


def _place(row: _Table, cite: Any, kind: str) -> Place:
    place = Place(
        id=row.take("id", str),
        name=row.take("name", str),
        clause=cite(row),
        what_for=row.take("for", str) if kind == "contact" else "登录、选课、学时到账",
        phones=tuple(row.take("phones", list)),
        url=row.take("url", str, ""),
        email=row.take("email", str, ""),
        apps=tuple(row.take("apps", list, [])),
        aliases=tuple(row.take("aliases", list, [])),
        audience=row.take("audience", str, "everybody"),
    )
    row.done()
    return place


def _shown(table: _Table, platforms: tuple[Place, ...], contacts: tuple[Place, ...]) -> dict[str, list[dict[str, Any]]]:
    lines = {"platforms": list(platforms), **{place.id: [place] for place in contacts}}
    shown = {}
    for status in SHOWN:
        places = []
        for name in table.take(status, list):
            if name not in lines or any(place.audience != "everybody" for place in lines[name]):
                raise table.fail(f"no such contact for everybody: {name!r}", status)
            places += lines[name]
        shown[status] = [{"name": place.name, "phones": list(place.phones), "for": place.what_for} for place in places]
    table.done()
    return shown


def _not_covered(table: _Table, cite: Any) -> dict[str, dict[str, str]]:
    found = {}
    for code in sorted(table.left):
        row = table.table(code)
        found[code] = {"clause": cite(row), "says": row.take("says", str)}
        row.done()
    return found
