"""Policy packs: one notice, one TOML file, read strictly; finds the pack for a review year.

Every value of the policy stands in the pack with its clause. Whatever is wrong with a document is a PolicyError that names
file, line id and reason, and nothing starts with it.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from rules.conditions import Test, ages_in, compile_condition
from rules.facts import CATEGORIES, FLAGS, LEVELS, SOURCES

POLICIES = Path(__file__).with_name("policies")
EFFECTS = {
    "waive": (),
    "any_k_of": ("k",),
    "restrict_to": ("from", "origin"),
    "drop_years": ("years",),
    "deem": ("category",),
}
SHOWN = ("short", "uncertain", "met", "waived", "needs", "not_covered")


class PolicyError(Exception):
    """A policy document is wrong: the file, the id of the line, the reason."""

    def __init__(self, file: str, line: str, reason: str) -> None:
        super().__init__(f"{file}: {line}: {reason}")
        self.file, self.line, self.reason = file, line, reason


class Clause(NamedTuple):
    says: str
    quote: str


class Limits(NamedTuple):
    """The range of each answer, both ends included."""

    age: tuple[int, int]
    hours: tuple[int, int]
    minutes: tuple[int, int]
    epidemic_years: tuple[int, int]
    recognition_years: tuple[int, int]


class Knobs(NamedTuple):
    """How contested points are read; each is set by one `[[reading]]` of the pack."""

    look_back_ends: int  # years before the review year at which the look-back ends: 0 or -1
    birthday: str  # next_day | same_day
    age_on: str  # review_date | year_end
    any_of: str  # ordinary | look_back
    waivers_lift_duty: bool
    waivers_reach_recognition: bool
    recognition_ends: int
    transfer_from: int
    tenure_from: int
    capped: bool
    dropped_counts_as_done: bool
    open_year_promised: bool
    deemed_fills_total: bool


class Alternative(NamedTuple):
    """Another way to read a contested point: other knobs, or checks of training lifted or added (`apply`)."""

    id: str
    says: str
    knobs: Knobs
    apply: str  # "" or the id of the reading whose checks are read the other way


class Reading(NamedTuple):
    id: str
    clause: str
    asks: str
    chosen: str
    why: str
    instead: tuple[str, ...]


class Relief(NamedTuple):
    id: str
    clause: str
    says: str
    missing: str
    quiet_without: str
    kind: str
    effect: dict[str, Any]
    test: Test
    line: dict[str, str]  # as an assessment lists it


class YearsRule(NamedTuple):
    """How many years are looked at: by level, by a number the person gives, or fixed."""

    clause: str
    by_level: dict[str, int] | None
    fact: str
    fixed: int
    test: Test | None
    otherwise: str


class Check(NamedTuple):
    """One condition a record must meet to count; `reading`: lifted when that point is read the other way;
    `only_reading`: asked only then."""

    kind: str  # flag | fact | year | never
    name: str
    wanted: Any
    isnt: bool
    when_flag: str
    reading: str
    only_reading: str
    says: str


class SourceRule(NamedTuple):
    id: str
    clause: str
    categories: frozenset[str]
    wrong_category: str
    wrong_category_reading: str
    outside_region: bool
    deems: str
    checks: tuple[Check, ...]
    asks_nothing: bool  # both categories, no check in the chosen reading


@dataclass(frozen=True, slots=True)
class Place:
    """A platform or an office: whom to call about what."""

    id: str
    name: str
    clause: str
    what_for: str
    phones: tuple[str, ...]
    url: str = ""
    email: str = ""
    apps: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    audience: str = "everybody"


@dataclass(frozen=True)
class PolicyPack:
    """One notice. Hours per year, years of age, dates; everything with the clause it comes from."""

    id: str
    sha256: str
    region: str
    review_year: int
    source: dict[str, Any]
    clauses: dict[str, Clause]
    window: tuple[date, date]
    window_clause: str
    applications: tuple[date, date]
    requirement: dict[str, int]
    requirement_clause: str
    years: dict[str, YearsRule]
    limits: Limits
    minutes_a_hour: int
    minutes_test: Test
    minutes_line: tuple[str, str, str]  # clause, reading, says
    counting: dict[str, dict[str, str]]
    sources: dict[str, SourceRule]
    reliefs: tuple[Relief, ...]
    knobs: Knobs
    readings: tuple[Reading, ...]
    alternatives: tuple[Alternative, ...]
    platforms: tuple[Place, ...]
    contacts: tuple[Place, ...]
    shown: dict[str, list[dict[str, Any]]]
    not_covered: dict[str, dict[str, str]]
    thresholds: tuple[int, ...]  # the ages at which any relief turns
    policy_line: dict[str, str]  # as an assessment names the pack
    window_lines: tuple[dict[str, Any], dict[str, Any]]  # as an assessment shows the window: closed, open
    plain_sources: frozenset[str]  # those whose records count as they stand
    memo: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    cases: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    births: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def application_day(self, today: date) -> date:
        """Today, kept within the review year."""
        first, last = date(self.review_year, 1, 1), date(self.review_year, 12, 31)
        return min(max(today, first), last)

    def contact(self, id: str) -> Place:
        """The platform or office of that id. Raises: KeyError."""
        for place in (*self.platforms, *self.contacts):
            if place.id == id:
                return place
        raise KeyError(id)


@dataclass(frozen=True)
class Packs:
    """All packs loaded, by review year."""

    by_year: dict[int, PolicyPack]

    @property
    def newest(self) -> PolicyPack:
        """The pack of the latest review year."""
        return self.by_year[max(self.by_year)]


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

    source = top.table("source")
    year = top.take("review_year", int)
    about = {
        key: source.take(key, kind) for key, kind in (("title", str), ("number", str), ("date", date), ("sha256", str))
    }
    source.done()
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
    name, sha256 = top.take("id", str), hashlib.sha256(raw).hexdigest()
    pack = PolicyPack(
        id=name,
        sha256=sha256,
        policy_line={"id": name, "sha256": sha256},
        region=top.take("region", str),
        review_year=year,
        source=about,
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
        window_lines=(_window_line(window, False), _window_line(window, True)),
        plain_sources=frozenset(rule.id for rule in sources.values() if rule.asks_nothing),
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


def _window_line(window: tuple[date, date], is_open: bool) -> dict[str, Any]:
    return {"opens": window[0].isoformat(), "closes": window[1].isoformat(), "open": is_open}


def _clause(file: str, name: str, body: Any) -> Clause:
    table = _Table(file, f"clauses.{name}", body)
    clause = Clause(table.take("says", str), table.take("quote", str))
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
