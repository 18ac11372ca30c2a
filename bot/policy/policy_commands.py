"""`xueshi policy`: what notices there are, what they say, whether they hold, and what rests on a clause."""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.commands import DONE, FAILED, Fault, library
from bot.policy.cases import cases_of, differences
from bot.policy.checking import faults, printed
from bot.policy.shelf import CASES, book, notice_of, under
from rules import Library, Notice
from rules.registry import FACTS


def list_packs(options: argparse.Namespace) -> int:
    """Every notice, a line each."""
    for notice in library().notices:
        said = notice.source
        place = notice.area_name or notice.region_name
        print(f"{notice.id}\t{place}\t{notice.review_year}\t{said.number}\t{said.title}\t{notice.sha256[:12]}")
    return DONE


def show_pack(options: argparse.Namespace) -> int:
    """One notice in words: requirements, reliefs, contested points, contacts."""
    notice = notice_of(options.id)
    said = notice.source
    print(f"{notice.id}  {said.title}（{said.number}，{said.date}）")
    if notice.extends:
        print(f"在 {'、'.join(notice.extends)} 之上，只写不同的地方")
    hours = "，".join(f"{one.short}{one.hours}" for one in notice.categories)
    print(f"学时：{hours}，合计{notice.total}（{notice.required.clause}）")
    for years, levels in _look_backs(notice).items():
        print(f"看哪几年：{'、'.join(levels)}看{'、'.join(map(str, years))}年（{notice.years['review'].clause}）")
    print(f"培训期：{notice.window[0]} 至 {notice.window[1]}（{notice.window.clause}）")
    print(f"申报期：{notice.applications[0]} 至 {notice.applications[1]}")
    print("\n减免：")
    for relief in notice.reliefs:
        print(f"  {relief.id}\t{relief.clause}\t{relief.says}")
    print("\n没写明的地方（按冒号后的读法算，另一种也会计算）：")
    for reading in notice.readings:
        other = f"；另一种：{'、'.join(other.says for other in reading.instead)}" if reading.instead else ""
        print(f"  {reading.id}\t{reading.clause}\t{reading.asks}：{reading.chosen}（{reading.why}）{other}")
    print("\n电话：")
    for place in (*notice.platforms, *notice.contacts):
        if place.audience == "everybody":
            print(f"  {place.name}\t{place.url or place.email}\t{'、'.join(place.phones)}")
    return DONE


def _look_backs(notice: Notice) -> dict[range, list[str]]:
    """The levels by the years that a review of them looks at."""
    found: dict[range, list[str]] = {}
    for level, name in FACTS["title_level"].values:
        found.setdefault(notice.review_years(level), []).append(name)
    return found


# ---------------------------------------------------------------- check


def check_packs(options: argparse.Namespace) -> int:
    """Validate; every fault on a line of its own."""
    every, ids = under(Path(options.folder)) if options.folder else (library(), None)
    checked = [notice for notice in every.notices if ids is None or notice.id in ids]
    texts = _texts(options.notice or (), checked)
    home, found = Path(options.cases or CASES), 0
    for notice in checked:
        cases = _cases(home, notice) if home.is_dir() else None
        if cases is None and not home.is_dir():
            print(
                f"{notice.id}: no cases are installed: whether each relief is reached was not looked at",
                file=sys.stderr,
            )
        elif cases is None and options.cases:
            print(f"{notice.id}: {home / notice.id}.toml: no such file")
            found += 1
        for fault in (*faults(notice, cases if home.is_dir() else None, texts.get(notice.id)), *_failing(every, cases)):
            print(fault)
            found += 1
    print(f"{len(checked)} notices, {found} faults")
    return FAILED if found else DONE


def _texts(names: list[str] | tuple[()], checked: list[Notice]) -> dict[str, str]:
    """The texts given, each under the notice whose SHA-256 it has; one text beside one notice is that notice's."""
    texts = {}
    for name in names:
        try:
            raw = Path(name).read_bytes()
            text = raw.decode("utf-8")
        except OSError as wrong:
            raise Fault(f"{name}: {wrong.strerror}") from None
        except UnicodeDecodeError:
            raise Fault(f"{name}: is no text in UTF-8") from None
        digest = hashlib.sha256(raw).hexdigest()
        of = [notice for notice in checked if notice.source.sha256 == digest] or (checked if len(checked) == 1 else [])
        if not of:
            raise Fault(f"{name}: no notice has the SHA-256 {digest} under source.sha256")
        if of[0].source.sha256 != digest:
            print(f"{of[0].id}: source.sha256: the text's is {digest}", file=sys.stderr)
        texts[of[0].id] = text
    return texts


def _cases(home: Path, notice: Notice) -> list[dict[str, Any]]:
    """The cases written for a notice. Raises: Fault where they are not written as the guide says."""
    written = book(home, notice)
    if written is None:
        return []
    try:
        return cases_of(written, notice.category_ids)
    except (KeyError, TypeError, ValueError) as wrong:
        raise Fault(f"{home / notice.id}.toml: {wrong}", FAILED) from None


def _failing(every: Library, cases: list[dict[str, Any]] | None) -> Iterator[str]:
    for case in cases or ():
        for key, wanted, came in differences(every, case):
            yield f"case {case['id']}: {key}: {wanted!r} is expected, {came!r} came"


# ---------------------------------------------------------------- explain


def explain_clause(options: argparse.Namespace) -> int:
    """Our sentence, the quotation, what rests on the clause, and every case, of each notice that has it."""
    wanted = printed(options.clause.replace("（", "(").replace("）", ")"))
    notices = [notice_of(options.id)] if options.id else list(library().notices)
    told = [_explained(notice, wanted, options) for notice in notices]
    if not any(told):
        names = dict.fromkeys(name for notice in notices for name in notice.clauses)
        raise Fault(f"no clause {options.clause!r}; there are {' '.join(names)}")
    print("\n\n".join("\n".join(lines) for lines in told if lines))
    return DONE


def _explained(notice: Notice, name: str, options: argparse.Namespace) -> list[str]:
    lines = []
    for reading in notice.readings:
        if reading.id == options.clause.upper():
            lines.append(f"{reading.id}  {reading.asks}：按“{reading.chosen}”——{reading.why}")
            lines += [f"另一种：{other.says}（会改变结论时一并报告）" for other in reading.instead]
            name = reading.clause
    clause = notice.clauses.get(name)
    if clause is None or (name not in notice.own_clauses and not options.id):
        return []
    lines += [f"{notice.id} {name}  {clause.says}", *(f"原文：“{quote}”" for quote in clause.quotes)]
    lines += [f"减免 {relief.id}：{relief.says}" for relief in notice.reliefs if relief.clause == name]
    lines += [
        f"没写明 {reading.id}：{reading.asks}——按“{reading.chosen}”"
        for reading in notice.readings
        if reading.clause == name
    ]
    home = Path(options.cases or CASES)
    resting = [case for case in (book(home, notice) or {}).get("case", ()) if name in _clauses_of(case)]
    lines.append(f"例子 {len(resting)} 个：" if resting else "没有例子。")
    return lines + [f"  {case['id']}  {case['says']}" for case in resting]


def _clauses_of(case: Mapping[str, Any]) -> list[str]:
    clauses = case.get("clauses", case.get("clause", []))
    return [printed(name) for name in ([clauses] if isinstance(clauses, str) else clauses)]
