"""`xueshi assess`, a person's whole assessment, against a bare function with the same explanation and a fast JSON codec.

Prints ratios measured in one run, the two in turn, as whole processes reading and writing JSON Lines; and the memory of a long run.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import orjson

LEVELS = ("junior", "middle", "deputy_senior", "full_senior")


def somebody(rng: Random, number: int) -> dict[str, Any]:
    """Ten facts and eight records."""
    history = [
        {
            "year": year,
            "category": category,
            "source": "listed_platform",
            "hours": rng.choice((full, full, full, rng.randint(0, full))),
        }
        for year in (2022, 2023, 2024, 2025)
        for category, full in (("general", 30), ("professional", 60))
    ]
    return {
        "id": f"P{number}", "sex": rng.choice(("male", "female")),
        "birth": f"{rng.randint(1964, 2000)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
        "title_level": rng.choice(LEVELS), "route": "review", "review_year": 2025, "review_date": "2025-09-01", "unit_scope": "league",
        "sector": rng.choice(("public_institution",) * 5 + ("state_enterprise", "non_public")),
        "grassroots": rng.random() < 0.1, "history": history,
    }  # fmt: skip


BARE = '''
import sys, orjson

POLICY = {"id": "neimenggu/2025", "sha256": "0" * 64}
WINDOW = {"opens": "2025-01-01", "closes": "2025-12-31", "open": True}
PLACES = __PLACES__
CLAUSES = __CLAUSES__
FULL, HALF = __LINES__


def assess(facts):
    """Ages, four reliefs, three years, the other look-back, and the same explanation, typed straight into code."""
    sex, level = facts["sex"], facts["title_level"]
    year, month, day = int(facts["birth"][:4]), int(facts["birth"][5:7]), int(facts["birth"][8:])
    age = 2025 - year - ((9, 1) <= (month, day))
    hours = {}
    for record in facts["history"]:
        if record["source"] != "listed_platform" or record["hours"] < 0 or record["year"] > 2025:
            raise ValueError
        row = hours.setdefault(record["year"], [0, 0])
        row[record["category"] == "professional"] += record["hours"]
    full, part = (55, 50) if sex == "male" else (50, 45)
    reliefs, passed_over = [], []
    for need, line in ((full, FULL), (part, HALF)):
        if age >= need and not reliefs:
            reliefs.append(line)
        elif age < need:
            months = (year + need) * 12 + month - 2025 * 12 - 9
            passed_over.append({"id": line["id"], "clause": line["clause"], "says": f"满{need}周岁还差{months // 12}年{months % 12}个月"})
    waived = age >= full
    for id, applies, says in (("non_public", facts["sector"] == "non_public", "单位不属于非公有制经济领域"),
                              ("grassroots", facts.get("grassroots"), "不在苏木乡镇、嘎查村等基层一线")):
        if applies:
            waived = True
            reliefs.append({"id": id, "clause": "一(五)2", "effect": "waive", "says": says})
        else:
            passed_over.append({"id": id, "clause": "一(五)2", "says": says})
    years = (2025,) if level == "junior" else (2023, 2024, 2025)

    def gap(years, any_one):
        short = {}
        for each in years:
            general, professional = hours.get(each, (0, 0))
            row = {}
            if general < 30:
                row["general"] = 30 - general
            if professional < 60:
                row["professional"] = 60 - professional
            if row:
                short[str(each)] = row
            elif any_one:
                return {}
        if any_one and short:
            best = min(short, key=lambda each: (sum(short[each].values()), -int(each)))
            return {best: short[best]}
        return short

    short = gap(years, age >= part and level != "junior")
    out = {"id": facts["id"], "status": "waived" if waived else "short" if short else "met", "policy": POLICY}
    if not waived:
        out["requirement"] = {"mode": "any_one_year" if age >= part else "every_year", "years": list(years)}
        out["short"] = short
        out["short_total"] = sum(sum(row.values()) for row in short.values())
    out["reliefs"], out["not_applied"] = reliefs, passed_over
    out["changes"] = [] if not short else [{"from": "2026-01-01", "id": "window_closes", "says": "2025年度的培训到12月31日截止"}]
    out["rejected"] = []
    other = gap(tuple(each - 1 for each in years), age >= part) if level != "junior" else short
    line = {"id": "A1", "reading": "近三年指申报年度之前的三年", "status": "short" if other else "met", "short": other}
    out["readings"] = [] if waived or bool(other) == bool(short) else [line]
    if waived:
        out["annual_duty"] = {"years": [2025], "short": gap((2025,), False)}
    out["window"], out["contacts"], out["clauses"] = WINDOW, PLACES if short and not waived else PLACES[7:], CLAUSES
    return out


for line in sys.stdin.buffer:
    sys.stdout.buffer.write(orjson.dumps(assess(orjson.loads(line))) + b"\\n")
'''


def bare(folder: Path) -> Path:
    """The bare function as a program, with the product's own sentences in it."""
    import rules

    notice = rules.load().by_id("neimenggu/2025")
    lines = [relief.line for relief in notice.reliefs[:2]]
    clauses = [notice.line(name) for name in ("一(二)", "一(三)1")]
    text = (
        BARE.replace("__PLACES__", repr([place.line for place in notice.shown["short"]]))
        .replace("__CLAUSES__", repr(clauses))
        .replace("__LINES__", repr(lines))
    )
    path = folder / "bare.py"
    path.write_text(text, encoding="utf-8")
    return path


def seconds(command: list[str], source: Path) -> tuple[float, int]:
    """CPU seconds of a whole process over a file, and the bytes it wrote."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with source.open("rb") as lines:
        done = subprocess.run(
            command, stdin=lines, stdout=subprocess.PIPE, check=True, env={**os.environ, "XUESHI_TODAY": "2025-09-01"}
        )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, len(done.stdout)


def main(people: int = 100_000, rounds: int = 3) -> None:
    """Print the ratio of CPU time a person, and the memory of runs of two lengths."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        few, many = folder / "few", folder / "many"
        rng = Random(1)
        rows = [orjson.dumps(somebody(rng, number)) for number in range(people)]
        few.write_bytes(b"\n".join(rows[:1000]) + b"\n")
        many.write_bytes(b"\n".join(rows) + b"\n")
        ours, theirs = [sys.executable, "-m", "bot", "assess"], [sys.executable, str(bare(folder))]
        ratios = []
        for _ in range(rounds):
            cost = []
            for command in (ours, theirs):
                start, _ = seconds(command, few)
                whole, written = seconds(command, many)
                cost.append(((whole - start) / (people - 1000) * 1e6, written / people))
            ratios.append(cost[0][0] / cost[1][0])
            print(
                f"  ours {cost[0][0]:.1f} us, {cost[0][1]:.0f} bytes a person; bare {cost[1][0]:.1f} us, {cost[1][1]:.0f} bytes"
            )
        print(
            f"assess against a bare function: {median(ratios):.2f} times (from {min(ratios):.2f} to {max(ratios):.2f}); at most 3 wanted"
        )
        print(
            "memory over a long run: "
            + ", ".join(
                f"{lines:,} lines {peak(ours, many, lines // people):.0f} MB" for lines in (people, people * 10)
            )
        )


def peak(command: list[str], source: Path, times: int) -> float:
    """Peak resident megabytes while the file goes through so many times."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        data = source.read_bytes()
        for _ in range(times):
            process.stdin.write(data)
        process.stdin.flush()
        time.sleep(0.5)
        status = Path(f"/proc/{process.pid}/status").read_text()
        process.stdin.close()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
