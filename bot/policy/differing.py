"""`xueshi policy diff`: what changes from one notice to another in plain Chinese, for whom in general, and for whom of ours."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from bot.commands import DONE, Fault, day, library
from bot.policy.shelf import notice_of
from rules import Library, Notice, assess
from rules.registry import FACTS, REGISTRY, parts_of, values_of

Facts = dict[str, Any]
_YOUNG, _OPEN_ENDED = 20, 999
_GROUND = {"sex": "male", "age": _YOUNG, "sector": "public_institution"}
_HEADINGS = {"relief": "减免", "source_rule": "培训来源", "reading": "没写明的地方"}
_PARTS = {"minutes": "分钟折学时", "counting": "哪些算", "limits": "填写范围", "not_covered": "通知未规定的"}
_AMOUNTS = {
    "at_most": "每年最多", "hours_an_event": "每次折合", "a_hour": "几分钟一学时", "from": "至少", "until": "至多",
    "hours": "学时", "minutes": "分钟", "verified": "没有核定的", "in_region": "区外的", "twice": "重复的",
}  # fmt: skip
_PLACES = {"platform": "平台", "contact": "电话"}


def diff_packs(options: argparse.Namespace) -> int:
    """Print the changes: the document's, the people's, ours."""
    old, new = notice_of(options.old), notice_of(options.new)
    changes = [*_document(old, new)]
    print(f"{old.id} → {new.id}")
    print("\n".join(changes) if changes else "条文没有变化。")
    print("\n对谁有变化（学时还一点没学的人，看要求什么）：")
    print("\n".join(_everybody(library(), old, new)) or "  没有人。")
    if options.roster:
        print("\n本单位：")
        print("\n".join(_ours(library(), old, new, Path(options.roster), day(None))))
    return DONE


# ---------------------------------------------------------------- the document


def _document(old: Notice, new: Notice) -> Iterator[str]:
    """What stands otherwise, a line each."""
    if _hours(old) != _hours(new):
        yield f"学时：{_hours(old)} → {_hours(new)}"
    for level in values_of("title_level"):
        name = FACTS["title_level"].label(level)
        if old.ask(level) != new.ask(level) and (old.asks.keys() | new.asks.keys()) > {""}:
            yield f"{name}的学时：{_hours(old, level)} → {_hours(new, level)}"
        if old.look_back(level) != new.look_back(level):
            yield f"{name}看几年：{old.look_back(level)}年 → {new.look_back(level)}年"
    later = new.review_year - old.review_year
    for name, one, two in (
        ("培训期", old.window[:2], new.window[:2]),
        ("申报期", old.applications[:2], new.applications[:2]),
    ):
        if tuple(_moved(each, later) for each in one) != two:
            yield f"{name}：{one[0]}至{one[1]} → {two[0]}至{two[1]}"
    for heading, called in _HEADINGS.items():
        yield from _rows(old, new, heading, called)
    for name, called in _PARTS.items():
        yield from _parts(called, old.document[name], new.document[name])
    for heading, called in _PLACES.items():
        yield from _places(old.document, new.document, heading, called)


def _hours(notice: Notice, level: str | None = None) -> str:
    ask = notice.ask(level)
    parts = "、".join(f"{one.short}{floor}" for one, floor in zip(notice.categories, ask.floors, strict=True))
    return f"{parts}，合计{ask.total}"


def _moved(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def _said(notice: Notice, row: Mapping[str, Any]) -> str:
    if row["id"] in notice.sources:
        categories = "、".join(notice.short_names[name] for name in notice.sources[row["id"]].categories)
        return f"{REGISTRY.sources.get(row['id'], row['id'])}，计入{categories}"
    told = {one.id: one.says for one in notice.reliefs} | {one.id: one.chosen for one in notice.readings}
    return f"{row['id']}：{told[row['id']]}"


def _rows(old: Notice, new: Notice, heading: str, called: str) -> Iterator[str]:
    before = {row["id"]: row for row in old.document.get(heading, ())}
    after = {row["id"]: row for row in new.document.get(heading, ())}
    yield from (f"{called}取消：{_said(old, before[id])}" for id in before if id not in after)
    yield from (f"{called}新增：{_said(new, after[id])}" for id in after if id not in before)
    for id in before:
        if id in after and _judging(before[id]) != _judging(after[id]):
            yield f"{called}改动：{_said(old, before[id])}{_amounts(before[id])} → {_said(new, after[id])}{_amounts(after[id])}"


def _parts(called: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """What judges otherwise in a part that is one table, or a table of them."""
    if "clause" in before and "says" in before:
        before, after = {"": before}, {"": after}
    for name in {**before, **after}:
        one, two = ({} if name not in part or name == "clause" else part[name] for part in (before, after))
        if _judging(one) != _judging(two):
            label = FACTS[name].name if name in FACTS else _AMOUNTS.get(name, name)
            yield f"{called}改动：{label}{_amounts(one)} → {_amounts(two) or two.get('says', '没有了')}"


def _amounts(row: Mapping[str, Any]) -> str:
    """The numbers of a row that a clerk would ask for."""
    told = [f"{says}{row[key]}" for key, says in _AMOUNTS.items() if key in row]
    return f"（{'，'.join(told)}）" if told else ""


def _judging(row: Mapping[str, Any]) -> Any:
    """A row without its words, which may be put otherwise and mean the same."""
    return {
        key: value for key, value in row.items() if key not in ("says", "missing", "asks", "why", "clause", "chosen")
    }


def _places(old: Mapping[str, Any], new: Mapping[str, Any], heading: str, called: str) -> Iterator[str]:
    before = {row["id"]: row for row in old.get(heading, ())}
    after = {row["id"]: row for row in new.get(heading, ())}
    yield from (f"{called}取消：{before[id]['name']}" for id in before if id not in after)
    yield from (
        f"{called}新增：{after[id]['name']}（{'、'.join(after[id]['phones'])}）" for id in after if id not in before
    )
    for id in before:
        if id in after and (one := before[id]["phones"]) != (two := after[id]["phones"]):
            yield f"{called}换号：{after[id]['name']} {'、'.join(one)} → {'、'.join(two)}"


# ---------------------------------------------------------------- for whom in general


def asked_of(every: Library, notice: Notice, facts: Mapping[str, Any], today: date) -> str:
    """What the notice asks of somebody who has learned nothing yet, in words that do not hang on the year."""
    where = {"region": notice.region, "area": notice.area or "other", "review_year": notice.review_year}
    found = assess(every, {"history": {}, **facts, **where}, today)
    if found["status"] == "waived":
        return "学时不作限制"
    if "requirement" not in found:
        said = {"not_covered": "通知未规定", "needs": "要先问清"}
        return said.get(found["status"]) or str(found.get("message", "不适用"))
    asked = found["requirement"]
    years = [year - notice.review_year for year in asked["years"]]
    plain = years == list(range(-len(years) + 1, 1))
    span = f"近{len(years)}年" if plain and len(years) > 1 else "当年" if years == [0] else _listed(years)
    how = {
        "every_year": "都要" if len(years) > 1 else "",
        "any_one_year": "完成其中一年",
        "any_years": f"完成其中{asked.get('count')}年",
    }[asked["mode"]]
    hours = asked.get("hours") or {
        one.id: floor for one, floor in zip(notice.categories, notice.ask(None).floors, strict=True)
    }
    names = {one.id: one.short for one in notice.categories} | {"total": "合计"}
    if "total" not in hours and notice.total > sum(hours.values()) and "hours" not in asked:
        hours = {**hours, "total": notice.total}
    return f"{span}{how}，{'' if years == [0] else '每年'}{'、'.join(f'{names[name]}{amount}' for name, amount in hours.items())}"


def _listed(years: list[int]) -> str:
    return "、".join("申报当年" if year == 0 else f"前{-year}年" if year < 0 else f"后{year}年" for year in years)


def _everybody(every: Library, old: Notice, new: Notice) -> Iterator[str]:
    """Groups of people whose requirement changes, a line each; a circumstance only where it changes more than its absence does."""

    def changes(facts: Facts) -> dict[str, tuple[str, str]]:
        found = {}
        for level in values_of("title_level"):
            before, after = (
                asked_of(
                    every,
                    each,
                    {**_of_year(facts, each.review_year), "title_level": level},
                    date(each.review_year, 7, 1),
                )
                for each in (old, new)
            )
            found[level] = before, after
        return found

    for sex in values_of("sex"):
        bands: list[list[Any]] = []
        for low, high in pairwise(sorted({_YOUNG, *old.thresholds, *new.thresholds, _OPEN_ENDED})):
            found = changes({**_GROUND, "sex": sex, "age": low})
            if bands and bands[-1][2] == found:
                bands[-1][1] = high
            else:
                bands.append([low, high, found])
        for low, high, found in bands:
            young = f"不满{high}周岁" if high != _OPEN_ENDED else "各年龄"
            span = young if low == _YOUNG else f"满{low}周岁" if high == _OPEN_ENDED else f"满{low}不满{high}周岁"
            yield from _lines(f"{FACTS['sex'].label(sex)}，{span}", found)
    ground = changes(_GROUND)
    for who, facts in _circumstances(old, new):
        yield from _lines(who, {level: pair for level, pair in changes(facts).items() if pair != ground[level]})


def _lines(who: str, found: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    groups: dict[tuple[str, str], list[str]] = {}
    for level, pair in found.items():
        if pair[0] != pair[1]:
            groups.setdefault(pair, []).append(FACTS["title_level"].label(level))
    for (before, after), names in groups.items():
        of = "" if len(names) == len(values_of("title_level")) else f"（{'、'.join(names)}）"
        yield f"  {who}{of}：{before} → {after}"


def _circumstances(old: Notice, new: Notice) -> Iterator[tuple[str, Facts]]:
    """People of every circumstance on which a relief of either hangs, who are otherwise as most are."""
    for name in sorted({fact.partition(".")[0] for fact in old.facts | new.facts}):
        for fact in FACTS.values():
            if name in (fact.id, fact.year) and fact.id not in ("sex", "age", "title_level"):
                beside = dict([fact.with_]) if fact.with_ else {}
                for label, value in _values(fact.id):
                    yield f"{fact.name}：{label}", {**_GROUND, **beside, fact.id: value}


def _values(name: str) -> Iterator[tuple[str, Any]]:
    """What a circumstance may be, in words; years are told as so many before the review."""
    fact = FACTS[name]
    if fact.kind == "one_of":
        yield from ((label, value) for value, label in fact.values)
    elif fact.kind == "yes_no":
        yield fact.label(True), True
    elif fact.kind == "flags":
        yield "样样都有", dict.fromkeys(parts_of(name), True)
    elif fact.kind == "month":
        yield from (("申报当年", 0), ("申报前一年", -1))
    elif fact.kind == "years":
        yield "申报前一年", [-1]


def _of_year(facts: Facts, year: int) -> Facts:
    """The facts with years told from a review year."""
    told = dict(facts)
    for name, value in facts.items():
        kind = FACTS[name].kind
        if kind == "month":
            told[name] = f"{year + value}-01"
        elif kind == "years":
            told[name] = [year + each for each in value]
    return told


# ---------------------------------------------------------------- for whom of ours


def _ours(every: Library, old: Notice, new: Notice, path: Path, today: date) -> Iterator[str]:
    """Everybody on a roster of whom something else is asked."""
    from bot.post.audience import addressee, roster_lines
    from bot.roster import UnreadableRoster

    try:
        people = [addressee(line) for line in roster_lines(path, every, today)[0]]
    except UnreadableRoster as wrong:
        raise Fault(str(wrong)) from None
    except OSError as wrong:
        raise Fault(f"{path}: {wrong.strerror}") from None
    changed = 0
    for one in people:
        facts = {
            key: value
            for key, value in one.facts.items()
            if key not in ("history", "review_year", "review_date", "estimate")
        }
        before, after = (asked_of(every, notice, facts, today) for notice in (old, new))
        if before != after:
            changed += 1
            yield f"  {one.label} {one.name}：{before} → {after}"
    yield f"  {len(people)}人，其中{changed}人要求有变化。"
