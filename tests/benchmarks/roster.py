"""How long a roster takes against bare reading and writing: `python -m tests.benchmarks.roster [ROWS]`.

One run, each side in a process of its own, taking turns; the best of three counts, since neighbours only ever slow one down.
Bare: the same 14 columns read with Calamine and written with rustpy-xlsxwriter, and both with openpyxl; nothing assessed, no
second sheet. Ours: everybody assessed, 26 columns, styles, filters, summary with charts.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEADERS = [
    "工号", "姓名", "单位", "单位性质", "性别", "出生年月", "申报级别", "申报方式",
    *[f"{year}{name}" for year in (2023, 2024, 2025) for name in ("公需", "专业")],
]  # fmt: skip

FAST = """
from python_calamine import CalamineWorkbook
from rustpy_xlsxwriter import write_worksheet
rows = CalamineWorkbook.from_path(source).get_sheet_by_index(0).iter_rows()
head = next(rows)
write_worksheet((dict(zip(head, row)) for row in rows), out, sheet_name="a")
"""
OPENPYXL = """
import openpyxl
book = openpyxl.Workbook(write_only=True)
sheet = book.create_sheet()
for row in openpyxl.load_workbook(source, read_only=True).active.iter_rows(values_only=True):
    sheet.append(row)
book.save(out)
"""
OURS = """
from datetime import date
from pathlib import Path
import rules
from bot.roster import run
run(Path(source), Path(out), rules.load(), date(2025, 11, 25))
"""
AROUND = """
import json, resource, sys
source, out = sys.argv[1:]
{}
own, kids = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(json.dumps({{"cpu": own.ru_utime + own.ru_stime + kids.ru_utime + kids.ru_stime, "mb": max(own.ru_maxrss, kids.ru_maxrss) / 1024}}))
"""


def roster(path: Path, people: int) -> None:
    """Write a roster of random people."""
    import xlsxwriter

    dice = random.Random(1)
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("花名册")
        sheet.write_row(0, 0, HEADERS)
        for number in range(1, people + 1):
            sheet.write_row(number, 0, _person(dice, number))


def _person(dice: random.Random, number: int) -> list[str | float]:
    name = dice.choice("王李张刘陈") + dice.choice("伟芳娜敏静") + dice.choice("一二三四")
    unit, sector = f"第{dice.randint(1, 40)}中学", dice.choice(["事业单位", "事业单位", "国有企业", "非公有制"])
    birth = f"{dice.randint(1962, 1999)}-{dice.randint(1, 12):02d}"
    level, route = dice.choice(["初级", "中级", "副高", "正高"]), dice.choice(["评审"] * 9 + ["破格"])
    usual = [0, 10, 20, 30, 30, 30, 45, 60, 60, 60, 72, 12.5, 90]
    hours = [dice.choice([*usual, dice.randint(0, 90)]) for _ in range(6)]
    return [f"NM{number:06d}", name, unit, sector, dice.choice("男女"), birth, level, route, *hours]


def measure(work: str, source: Path, out: Path) -> dict[str, float]:
    """Seconds, CPU seconds and megabytes of one piece of work in a process of its own."""
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", AROUND.format(work), str(source), str(out)], check=True, capture_output=True, text=True
    )
    return {"s": time.perf_counter() - begun, **json.loads(done.stdout)}


def main(people: int = 100_000) -> None:
    """Print times and ratios."""
    sides = {"fast": FAST, "openpyxl": OPENPYXL, "ours": OURS}
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "roster.xlsx"
        roster(source, people)
        for attempt in range(3):
            for name, work in sides.items():
                if name == "openpyxl" and attempt:
                    continue
                run = measure(work, source, Path(scratch) / f"{name}.xlsx")
                best = found.setdefault(name, run)
                found[name] = {key: min(best[key], value) for key, value in run.items()}
        size = source.stat().st_size / 1e6
    for name, run in found.items():
        print(f"{name:9} {run['s']:6.2f} s  {run['cpu']:6.2f} s CPU  {run['mb']:5.0f} MB")
    ours, fast, slow = found["ours"], found["fast"], found["openpyxl"]
    print(f"ours / fast     {ours['s'] / fast['s']:.2f} (at most 2.5)   CPU {ours['cpu'] / fast['cpu']:.2f}")
    print(f"openpyxl / ours {slow['s'] / ours['s']:.2f} (at least 4)")
    print(f"memory          {ours['mb'] / size:.0f} times the file's {size:.1f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
