"""Whatever habits an office has: nobody is lost, nobody invented, and no verdict is wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import orjson
import pytest

import rules
from bot.roster import run
from tests.roster.books import PACKS, TODAY
from tests.roster.habits import make

OPEN = ("needs", "uncertain")
FILES, AT_ONCE = 160, 20


def standing(assessment: dict[str, Any]) -> tuple[Any, ...]:
    """What two assessments have in common that are the same answer: those that only ask are one."""
    status = assessment["status"]
    if status in OPEN:
        return ("open",)
    return ("may apply",) if status in ("met", "waived") else (status, str(assessment.get("short")))


@pytest.mark.parametrize("first", range(0, FILES, AT_ONCE))
def test_a_file_of_any_habit_gives_everybody_the_verdict_of_what_is_true_of_them(tmp_path: Path, first: int) -> None:
    found: Counter[str] = Counter()
    for seed in range(first, first + AT_ONCE):
        source, layout = make(seed, tmp_path)
        run(source, tmp_path / "o.jsonl", PACKS, TODAY, people=tmp_path / "people")
        read = [orjson.loads(line) for line in (tmp_path / "people").read_bytes().splitlines()]
        told = [orjson.loads(line) for line in (tmp_path / "o.jsonl").read_bytes().splitlines()]
        assert Counter(one["name"] for one in read) == Counter(person.name for person in layout.people), layout.told
        by = defaultdict(list)
        for one, assessment in zip(read, told, strict=True):
            by[one["name"]].append((one["unit"], assessment))
        for person in layout.people:
            mine = next(each for unit, each in by[person.name] if len(by[person.name]) == 1 or unit == person.unit)
            true = {standing(rules.assess(PACKS, truth, TODAY)) for truth in person.truths}
            if standing(mine) not in (true if len(true) == 1 else {("open",)}):
                assert mine["status"] in (*OPEN, "refused"), (layout.told, person.name, true, mine)
                found["asked"] += 1
            found["people"] += 1
    assert found["asked"] * 50 <= found["people"]
