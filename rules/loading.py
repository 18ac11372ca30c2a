"""Reading policy packs strictly: TOML in, a PolicyPack out, or a PolicyError that names file, line and reason."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any, get_type_hints

from rules.conditions import NAMES, ages_in, check
from rules.document import Table
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
EFFECTS: dict[str, dict[str, tuple[str, ...]]] = {  # what each effect names, and of which words; `k` is a number
    "waive": {},
    "any_k_of": {"k": ()},
    "restrict_to": {"from": ("transfer_year", "tenure_year"), "origin": ("transfer", "tenure")},
    "drop_years": {"years": ("epidemic_years", "deemed_years")},
    "deem": {"category": CATEGORIES},
}
_BEARING = (
    "scope",
    "sector",
    "unit_scope",
    "school_teacher",
    "highly_skilled",
    "review_year",
)  # as `Case.settle` notes them
_KNOB_WORDS = {
    "birthday": ("next_day", "same_day"),
    "age_on": ("review_date", "year_end"),
    "any_of": ("ordinary", "look_back"),
}
_LONGEST = 100  # years that anything looks back
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


def read_pack(raw: bytes, file: str) -> PolicyPack:
    """One pack from the bytes of its document.

    Raises: PolicyError.
    """
    try:
        top = Table(file, "", tomllib.loads(raw.decode("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError) as wrong:
        raise PolicyError(file, "document", str(wrong)) from None
    clauses = {name: _clause(file, name, body) for name, body in top.take("clauses", dict).items()}

    def cite(table: Table, default: Any = ...) -> str:
        clause: str = table.take("clause", str, default)
        if clause not in clauses:
            raise table.fail(f"cites the unknown clause {clause!r}")
        return clause

    review_year = top.number("review_year", 1000, 9000)
    window, window_clause = _period(top.table("window"), "opens", "closes", cite, (review_year, review_year))
    applications, _ = _period(top.table("applications"), "from", "until", cite, (review_year, review_year + 1))
    requirement = top.table("requirement")
    requirement_clause = cite(requirement)
    hours = {category: requirement.number(category, 0) for category in CATEGORIES}
    requirement.done()
    readings = top.rows("reading")
    knobs, points, alternatives = _readings(top, readings, cite)
    known = {point.id for point in points}
    minutes = top.table("minutes")
    minutes_line = (cite(minutes), _point(minutes, "reading", known), minutes.text("says"))
    a_hour, minutes_test = minutes.number("a_hour", 1), minutes.test("when")
    minutes.done()
    relief_rows = top.rows("relief")
    conditions = [row.left.get("when") for row in relief_rows]
    reliefs = tuple(_relief(row, cite) for row in relief_rows)
    thresholds = tuple(sorted(ages_in(conditions)))
    platforms = tuple(_place(row, cite, "platform") for row in top.rows("platform"))
    contacts = tuple(_place(row, cite, "contact") for row in top.rows("contact"))
    sources = {rule.id: rule for rule in (_source_rule(row, cite, known) for row in top.rows("source_rule"))}
    pack = PolicyPack(
        id=top.text("id"),
        sha256=hashlib.sha256(raw).hexdigest(),
        region=top.text("region"),
        review_year=review_year,
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


def _source(table: Table) -> dict[str, Any]:
    found = {"title": table.text("title"), "number": table.text("number"), "date": table.take("date", date)}
    found["sha256"] = table.text("sha256")
    if not re.fullmatch("[0-9a-f]{64}", found["sha256"]):
        raise table.fail("is no SHA-256", "sha256")
    table.done()
    return found


def _clause(file: str, name: str, body: Any) -> Clause:
    table = Table(file, f"clauses.{name}", body)
    clause = Clause(table.text("says"), (table.text("quote"), *table.texts("also", [])))
    table.done()
    return clause


def _period(table: Table, first: str, last: str, cite: Any, years: tuple[int, int]) -> tuple[tuple[date, date], str]:
    """A period that begins in the first of `years` and ends no later than in the second."""
    clause = cite(table)
    period = (table.take(first, date), table.take(last, date))
    table.done()
    if period[0] > period[1]:
        raise table.fail("ends before it begins")
    if period[0].year != years[0] or period[1].year > years[1]:
        raise table.fail(f"is none of the review year {years[0]}")
    return period, clause


def _years(table: Table, cite: Any) -> dict[str, YearsRule]:
    rules = {}
    for scope in ("review", "exceptional", "recognition", "annual_duty"):
        row = table.table(scope)
        clause = cite(row)
        fact = row.one_of("fact", ("recognition_years",), "number of years", "")
        count = row.number("count", 1, _LONGEST, 0)
        test = row.test("when") if "when" in row.left else None
        otherwise = row.text("otherwise", "" if test is None else ...)
        by_level = {level: row.number(level, 1, _LONGEST) for level in LEVELS} if not fact and not count else None
        row.done()
        rules[scope] = YearsRule(clause, by_level, fact, count, test, otherwise)
    table.done()
    return rules


def _limits(table: Table, cite: Any) -> Limits:
    cite(table)
    found = []
    for name in Limits._fields:
        row = table.table(name)
        least = row.number("from", 0)
        found.append((least, row.number("until", least)))
        row.done()
    table.done()
    return Limits(*found)


def _counting(table: Table, cite: Any, known: set[str]) -> dict[str, dict[str, str]]:
    rules = {}
    for name in ("verified", "in_region", "twice"):
        row = table.table(name)
        rules[name] = {"clause": cite(row), "says": row.text("says"), "reading": _point(row, "reading", known)}
        row.done()
    table.done()
    return rules


def _point(row: Table, key: str, known: set[str]) -> str:
    point = row.take(key, str, "")
    if point and point not in known:
        raise row.fail(f"names the unknown reading {point!r}", key)
    return str(point)


def _source_rule(row: Table, cite: Any, known: set[str]) -> SourceRule:
    name = row.one_of("id", SOURCES, "source")
    clause = cite(row)
    categories = frozenset(row.texts("categories"))
    if not categories or not categories <= frozenset(CATEGORIES):
        raise row.fail("unknown category", "categories")
    wrong = row.table("wrong_category", {})
    wrong_says, wrong_reading = wrong.text("says", ""), _point(wrong, "reading", known)
    wrong.done()
    outside = row.take("outside_region", bool, False)
    deems = row.one_of("deems", CATEGORIES, "category", "")
    checks = tuple(_check(check, known) for check in row.rows("checks", []))
    row.done()
    plain = len(categories) == len(CATEGORIES) and not deems and all(check.only_reading for check in checks)
    return SourceRule(name, clause, categories, wrong_says, wrong_reading, outside, deems, checks, plain)


def _check(row: Table, known: set[str]) -> Check:
    kinds = [kind for kind in ("flag", "fact", "year", "never") if kind in row.left]
    if len(kinds) != 1:
        raise row.fail("needs exactly one of flag, fact, year, never")
    kind = kinds[0]
    wanted: Any = True
    isnt = "isnt" in row.left
    if kind == "flag":
        name = row.one_of("flag", FLAGS, "flag")
        wanted = row.take("isnt" if isnt else "is", bool)
    elif kind == "fact":
        name = row.one_of("fact", _BEARING, "fact")
        wanted = row.take("isnt" if isnt else "is", (str, bool, list))
        try:
            check(name, "is", wanted)
        except ValueError as wrong:
            raise row.fail(str(wrong)) from None
    elif kind == "year":
        name = row.one_of("year", ("before_review_year",), "year")
    else:
        name = str(row.take("never", bool))
        if name != "True":
            raise row.fail("is true or left out", "never")
    when = row.one_of("when_flag", FLAGS, "flag", "")
    readings = _point(row, "reading", known), _point(row, "only_reading", known)
    found = Check(kind, name, wanted, isnt and kind in ("flag", "fact"), when, *readings, row.text("says"))
    row.done()
    return found


def _relief(row: Table, cite: Any) -> Relief:
    name, clause, says = row.text("id"), cite(row), row.text("says")
    missing, quiet = row.text("missing"), row.one_of("quiet_without", NAMES, "fact", "")
    try:
        missing.format(need=0, wait="")
    except (KeyError, IndexError, ValueError):
        raise row.fail("has other places to fill than {need} and {wait}", "missing") from None
    effect = row.table("effect")
    kind = effect.one_of("kind", EFFECTS, "effect")
    body: dict[str, Any] = {
        key: effect.one_of(key, allowed, "word") if allowed else effect.number(key, 1)
        for key, allowed in EFFECTS[kind].items()
    }
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
    top: Table, rows: Iterable[Table], cite: Any
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
            says, apply, change = (
                other.text("says"),
                other.one_of("apply", (name,), "reading", ""),
                other.take("set", dict, {}),
            )
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
    return (
        knobs,
        tuple(points),
        tuple(Alternative(name, says, knobs._replace(**change), apply) for name, says, change, apply in others),
    )


def _check_knobs(row: Table, setting: dict[str, Any]) -> None:
    """What a reading sets must be a value that the engine knows. Raises: PolicyError."""
    kinds = get_type_hints(Knobs)
    for key, value in setting.items():
        if type(value) is not kinds.get(key, type(value)):
            raise row.fail(f"{key} = {value!r} is of the wrong kind", "set")
        if key in _KNOB_WORDS and value not in _KNOB_WORDS[key]:
            raise row.fail(f"{key} = {value!r}; there are {_KNOB_WORDS[key]}", "set")


def _place(row: Table, cite: Any, kind: str) -> Place:
    place = Place(
        id=row.text("id"),
        name=row.text("name"),
        clause=cite(row),
        what_for=row.text("for") if kind == "contact" else "登录、选课、学时到账",
        phones=row.texts("phones"),
        url=row.text("url", ""),
        email=row.text("email", ""),
        apps=row.texts("apps", []),
        aliases=row.texts("aliases", []),
        audience=row.one_of("audience", ("everybody", "hr"), "audience", "everybody"),
    )
    row.done()
    return place


def _shown(table: Table, platforms: tuple[Place, ...], contacts: tuple[Place, ...]) -> dict[str, list[dict[str, Any]]]:
    lines = {"platforms": list(platforms), **{place.id: [place] for place in contacts}}
    shown = {}
    for status in SHOWN:
        places = []
        for name in table.texts(status):
            if name not in lines or any(place.audience != "everybody" for place in lines[name]):
                raise table.fail(f"no such contact for everybody: {name!r}", status)
            places += lines[name]
        shown[status] = [{"name": place.name, "phones": list(place.phones), "for": place.what_for} for place in places]
    table.done()
    return shown


def _not_covered(table: Table, cite: Any) -> dict[str, dict[str, str]]:
    found = {}
    for code in sorted(table.left):
        row = table.table(code)
        found[code] = {"clause": cite(row), "says": row.text("says")}
        row.done()
    return found
