"""`xueshi policy`: what packs there are, what they say, whether they hold, and what rests on a clause."""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path
from typing import Any

from bot.cli import DONE, FAILED, Fault
from rules import Packs, PolicyError, PolicyPack, load
from rules.checking import faults, printed

CASES = Path(__file__).parent.parent / "tests" / "cases"


def _packs(folder: str | None = None) -> Packs:
    if folder is not None and not Path(folder).is_dir():
        raise Fault(f"{folder}: no such folder")
    try:
        return load(Path(folder), shipped=False) if folder else load()
    except PolicyError as wrong:
        raise Fault(str(wrong), FAILED) from None


def _pack(year: int | None) -> PolicyPack:
    packs = _packs()
    if year is None:
        return packs.newest
    if year not in packs.by_year:
        raise Fault(f"no pack for {year}; there are {', '.join(map(str, sorted(packs.by_year)))}")
    return packs.by_year[year]


def _cases(folder: str | None, pack: PolicyPack) -> list[dict[str, Any]] | None:
    """The cases written for a pack; None where the product is installed without any."""
    home = Path(folder) if folder else CASES
    path = home / f"{pack.id}.toml"
    if not path.is_file():
        if folder:
            raise Fault(f"{path}: no such file")
        return [] if home.is_dir() else None
    try:
        cases: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    except (tomllib.TOMLDecodeError, KeyError) as wrong:
        raise Fault(f"{path}: {wrong}", FAILED) from None
    return cases


def list_packs(options: argparse.Namespace) -> int:
    """Every pack, a line each."""
    for year, pack in sorted(_packs().by_year.items()):
        print(f"{pack.id}\t{year}\t{pack.source.number}\t{pack.source.title}\t{pack.sha256[:12]}")
    return DONE


def show_pack(options: argparse.Namespace) -> int:
    """One pack in words: requirements, reliefs, contested points, contacts."""
    pack = _pack(options.year)
    print(f"{pack.id}  {pack.source.title}（{pack.source.number}，{pack.source.date}）")
    print(
        f"学时：公需{pack.requirement['general']}，专业{pack.requirement['professional']}（{pack.requirement_clause}）"
    )
    print(f"培训期：{pack.window[0]} 至 {pack.window[1]}")
    print("\n减免：")
    for relief in pack.reliefs:
        print(f"  {relief.id}\t{relief.clause}\t{relief.says}")
    print("\n没写明的地方（按冒号后的读法算，另一种也会计算）：")
    for reading in pack.readings:
        other = f"；另一种：{'、'.join(reading.instead)}" if reading.instead else ""
        print(f"  {reading.id}\t{reading.clause}\t{reading.asks}：{reading.chosen}（{reading.why}）{other}")
    print("\n电话：")
    for place in (*pack.platforms, *pack.contacts):
        if place.audience == "everybody":
            print(f"  {place.name}\t{place.url or place.email}\t{'、'.join(place.phones)}")
    return DONE


def check_packs(options: argparse.Namespace) -> int:
    """Validate; every fault on a line of its own."""
    packs = _packs(options.folder)
    notice = None
    if options.notice:
        try:
            notice = Path(options.notice).read_text(encoding="utf-8")
        except OSError as wrong:
            raise Fault(f"{options.notice}: {wrong.strerror}") from None
    found = 0
    for pack in packs.by_year.values():
        cases = _cases(options.cases, pack)
        if cases is None:
            print(
                f"{pack.id}: no cases are installed: whether each relief is reached was not looked at", file=sys.stderr
            )
        for fault in faults(pack, cases, notice if pack is packs.newest else None):
            print(fault)
            found += 1
    print(f"{len(packs.by_year)} packs, {found} faults")
    return FAILED if found else DONE


def explain_clause(options: argparse.Namespace) -> int:
    """Our sentence, the quotation, what rests on the clause in the pack, and every case."""
    pack = _pack(options.year)
    name = printed(options.clause.replace("（", "(").replace("）", ")"))
    for reading in pack.readings:
        if reading.id == options.clause.upper():
            print(f"{reading.id}  {reading.asks}：按“{reading.chosen}”——{reading.why}")
            print("\n".join(f"另一种：{other}（会改变结论时一并报告）" for other in reading.instead))
            name = reading.clause
    clause = pack.clauses.get(name)
    if clause is None:
        raise Fault(f"no clause {options.clause!r}; there are {' '.join(pack.clauses)}")
    print(f"{name}  {clause.says}")
    for quote in clause.quotes:
        print(f"原文：“{quote}”")
    for relief in pack.reliefs:
        if relief.clause == name:
            print(f"减免 {relief.id}：{relief.says}")
    for reading in pack.readings:
        if reading.clause == name:
            print(f"没写明 {reading.id}：{reading.asks}——按“{reading.chosen}”")
    resting = [case for case in _cases(options.cases, pack) or () if name in _clauses_of(case)]
    print(f"例子 {len(resting)} 个：" if resting else "没有例子。")
    for case in resting:
        print(f"  {case['id']}  {case['says']}")
    return DONE


def _clauses_of(case: dict[str, Any]) -> list[str]:
    clauses = case.get("clauses", case.get("clause", []))
    return [printed(name) for name in ([clauses] if isinstance(clauses, str) else clauses)]
