"""The sentences inside an assessment that hang on a person's own dates, and why input was refused."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from rules.facts import Birth, Born, Case, Refused, Wait, month_days
from rules.policy import Packs, PolicyPack, Relief
from rules.space import Point

Points = tuple[Point, ...]
Row = TypeVar("Row")
_NEVER: Wait = ("", 0)
_OPEN = ("short", "uncertain", "needs")  # to whom the end of the training period still makes a difference


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


# ---------------------------------------------------------------- refused


def refusal(packs: Packs, facts: Any, refused: Refused) -> dict[str, Any]:
    """The assessment of input that cannot be taken."""
    words = _words()
    pack = packs.newest
    bounds: dict[str, Any] = {}
    for name, (low, high) in zip(pack.limits._fields, pack.limits, strict=True):
        bounds |= {f"{name}_from": low, f"{name}_until": high}
    year = facts.get("review_year") if isinstance(facts, dict) else None
    bounds |= {
        "applications_from": pack.applications[0], "applications_until": pack.applications[1],
        "year": year, "years": "、".join(str(each) for each in sorted(packs.by_year)),
    }  # fmt: skip
    head, _, rest = refused.field.partition(".")
    name, bracket, place = head.partition("[")
    field = words["fields"].get(name, _printable(name)) + _printable(bracket + place + ("." + rest if rest else ""))
    accepts = words["accepts"].get(refused.accepts, "").format(**bounds)
    message = words["refusals"][refused.code].format(field=field, accepts=accepts, **bounds)
    out: dict[str, Any] = {}
    if isinstance(facts, dict) and isinstance(facts.get("id"), str):
        out["id"] = facts["id"]
    return out | {"status": "refused", "why": refused.code, "message": message}


def refused(packs: Packs, code: str, accepts: str = "json") -> dict[str, Any]:
    """The assessment of input that never became facts; `accepts` names what would have been taken."""
    return refusal(packs, None, Refused(code, "facts", accepts))


def _printable(text: str) -> str:
    """What somebody typed, short and harmless enough to stand in a message."""
    clean = "".join(sign if sign.isprintable() else "?" for sign in text)
    return clean if len(clean) <= 40 else clean[:40] + "…"


# ---------------------------------------------------------------- what does not apply, and what time will change


def not_applied(case: Case, born: Born | None, points: Points, lists: dict[Any, Any]) -> list[dict[str, str]]:
    """The reliefs looked at that apply in no possibility, each with what is missing. `lists` remembers what hangs on the key alone."""
    known = lists.get("not_applied")
    if known is None:
        rows = _in_all(_looked_at(case.pack, point) for point in points)
        known = lists["not_applied"] = [line for _, line in rows if line is not None], rows
    ready: list[dict[str, str]]
    ready, rows = known
    if len(ready) == len(rows):
        return ready
    waits: dict[Wait, dict[str, str]] = {} if born is None else born.waits
    found = [line or waits.get(wait) or _waiting(case, born, wait) for wait, line in rows]
    return found if born is not None or case.age is not None else [line for line in found if line]


def _waiting(case: Case, born: Born | None, wait: Wait) -> dict[str, str]:
    """The line of a relief that an age will open; empty where the age is not known."""
    name, need = wait
    if born is not None:
        how_long = _wait(case.on, born.birth, need)
    elif case.age is not None:
        how_long = _words()["phrases"]["about_years"].format(n=need - case.age)
    else:
        return {}
    line: dict[str, str] | None = case.pack.waits.get((wait, how_long))
    if line is None:
        relief = next(each for each in case.pack.reliefs if each.id == name)
        line = {"id": relief.id, "clause": relief.clause, "says": relief.missing.format(need=need, wait=how_long)}
        case.pack.waits[wait, how_long] = line
    if born is not None:
        born.waits[wait] = line
    return line


def _in_all(found: Iterable[list[Row]]) -> list[Row]:
    """The rows that stand in every one of the lists, in the order of the first."""
    lists = list(found)
    first = lists[0]
    return [row for row in first if all(row in other for other in lists[1:])]


def _looked_at(pack: PolicyPack, point: Point) -> list[tuple[Wait, dict[str, str] | None]]:
    """For each relief that does not apply the age that would open it, or its line."""
    rows: list[tuple[Wait, dict[str, str] | None]] = []
    profile = {**point.profile, "ordinary_years": point.ruling.ordinary}
    for relief in pack.reliefs:
        if relief.id in point.ruling.reliefs or (relief.quiet_without and not profile.get(relief.quiet_without)):
            continue
        says = relief.missing
        opens = [age for age in (0, *pack.thresholds) if relief.test({**profile, "age": age})]
        if profile["scope"] not in ("review", "exceptional") and relief.test({**profile, "scope": "review"}):
            says = _words()["phrases"]["scope"]
        elif opens and opens[0] > profile["age"]:
            rows.append(((relief.id, opens[0]), None))
            continue
        elif opens or "{need}" in says:
            continue  # outgrown, or never within reach
        rows.append((_NEVER, {"id": relief.id, "clause": relief.clause, "says": says}))
    return rows


def time_alone(
    case: Case, born: Born | None, points: Points, lists: dict[Any, Any], status: str
) -> list[dict[str, str]]:
    """What the calendar alone will change before the review year is over: a birthday, the end of the training period."""
    pack = case.pack
    gains = lists.get("gains")
    if gains is None:
        gains = {}
        for age, reliefs in _in_all(_gains(pack, point) for point in points):
            gains.setdefault(pack.review_year - age, []).append((age, reliefs))
        lists["gains"] = gains  # whole at once: reports are written in another thread
    found = []
    if gains and born is not None:
        for age, reliefs in gains.get(born.birth.year, ()):  # most people have no such birthday in the year
            day = _reached(born.birth, age)
            if case.on < day <= date(pack.review_year, 12, 31):
                for relief in reliefs:
                    says = _words()["phrases"]["turns"].format(month=day.month, day=day.day, age=age, says=relief.says)
                    found.append({"from": day.isoformat(), "id": relief.id, "says": says})
    if status in _OPEN and case.on <= pack.window[1]:
        closing = lists.get("closing")
        if closing is None:
            closing = lists["closing"] = [_closing(pack)]
        return found + closing if found else closing
    return found


def _closing(pack: PolicyPack) -> dict[str, str]:
    """What the end of the training period will change."""
    closes = pack.window[1]
    says = _words()["phrases"]["closes"].format(year=pack.review_year, month=closes.month, day=closes.day)
    return {"from": (closes + timedelta(days=1)).isoformat(), "id": "window_closes", "says": says}


def _gains(pack: PolicyPack, point: Point) -> list[tuple[int, list[Relief]]]:
    """For each higher threshold the reliefs it would open."""
    profile = {**point.profile, "ordinary_years": point.ruling.ordinary}
    gains = []
    for age in pack.thresholds:
        if age > profile["age"]:
            opened = [r for r in pack.reliefs if r.id not in point.ruling.reliefs and r.test({**profile, "age": age})]
            if opened:
                gains.append((age, opened))
    return gains


def _reached(birth: Birth, age: int) -> date:
    """The day on which an age is surely reached (reading.md A2); of a bare month, by everybody born in it."""
    year = birth.year + age
    day = birth.day or month_days(birth)
    try:
        return date(year, birth.month, day) + timedelta(days=1)
    except ValueError:  # 29 February in a common year: the period ends with the month
        return date(year, 3, 1)


def _wait(on: date, birth: Birth, age: int) -> str:
    """How long until an age is reached, in words."""
    if 0 < birth.day < 28:  # reached on the next day of the same month
        months = (birth.year + age - on.year) * 12 + birth.month - on.month - (birth.day + 1 < on.day)
    else:
        target = _reached(birth, age)
        months = (target.year - on.year) * 12 + target.month - on.month - (target.day < on.day)
    if months < 1:
        return _words()["phrases"]["days"].format(n=max((_reached(birth, age) - on).days, 1))
    return _months(months)


@cache
def _months(months: int) -> str:
    phrases = _words()["phrases"]
    years, months = divmod(months, 12)
    return (phrases["year"].format(n=years) if years else "") + (phrases["months"].format(n=months) if months else "")
