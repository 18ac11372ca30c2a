"""The guide for whoever writes a notice is followed to the end, and every example in it loads and does what it says."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

import rules
from rules.library import load
from rules.loading import NOTICES
from rules.notice import EFFECTS, Knobs
from rules.registry import REGISTRY
from tests.processes import run as xueshi
from tests.rules.texts import written

pytestmark = pytest.mark.slow

GUIDE = (NOTICES / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
CASES = re.findall(r"```cases\n(.*?)```", GUIDE, re.DOTALL)[0]
HEAD = """id = "neimenggu/example/2025"
region = "neimenggu"
region_name = "内蒙古自治区"
area = "neimenggu/example"
area_name = "例"
extends = "neimenggu/2025"
review_year = 2025
[source]
title = "例"
number = "例"
date = 2025-01-01
second_hand = true
[clauses."例"]
says = "例"
"""


def looked_up(draft: str) -> str:
    """The draft as somebody leaves it who has found every value as it was."""
    draft = re.sub(r'"TODO (\d{1,4}|\d{4}-\d\d-\d\d)"', r"\1", draft)
    return draft.replace("TODO ", "")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.partition("\n")[0])
def test_every_example_loads_over_the_regions_notice(example: str, tmp_path: Path) -> None:
    assert load(written(tmp_path, example=HEAD + example)).by_id("neimenggu/example/2025").area == "neimenggu/example"


def test_every_word_of_the_language_stands_in_the_guide() -> None:
    words = [*REGISTRY.sources, *REGISTRY.flags, *EFFECTS, *Knobs._fields]
    for notice in rules.load().notices:
        document = notice.document
        words += [key for key in document if isinstance(key, str)]
        for heading in ("relief", "reading", "source_rule", "platform", "contact"):
            words += [key for row in document.get(heading, ()) for key in row]
    assert [word for word in dict.fromkeys(words) if f"{word}" not in GUIDE] == []


def test_the_guide_followed_to_the_end(tmp_path: Path) -> None:
    """new -> fill -> check -> diff -> assess, with nothing but what the guide says."""
    packs, cases = tmp_path / "packs", tmp_path / "cases"
    file = packs / "neimenggu" / "2026.toml"
    made = xueshi("policy", "new", "neimenggu/2026", "--from", "neimenggu/2025", "-o", str(file))
    assert made.returncode == 0, made.stderr.decode()
    refused = xueshi("policy", "list", "--policies", str(packs))
    assert (refused.returncode, b"is still marked TODO" in refused.stderr) == (2, True)
    marked = xueshi("policy", "check", str(packs))
    assert marked.returncode == 1
    for mark in ("source.sha256".rpartition(".")[2], "quote", "opens", "general = ", "at_least = "):
        assert mark in marked.stderr.decode()

    file.write_text(looked_up(file.read_text(encoding="utf-8")), encoding="utf-8")
    (cases / "neimenggu").mkdir(parents=True)
    (cases / "neimenggu" / "2026.toml").write_text(CASES, encoding="utf-8")
    checked = xueshi("policy", "check", str(packs), "--cases", str(cases)).stdout.decode()
    assert "relief.age_full: no case reaches it" in checked
    assert "\ncase " not in "\n" + checked  # those that there are hold
    facts = {"sex": "male", "age": 30, "title_level": "middle", "sector": "public_institution", "history": {}}
    done = xueshi("assess", "--policies", str(packs), given=json.dumps(facts).encode(), XUESHI_TODAY="2026-09-01")
    found = json.loads(done.stdout)
    assert (found["policy"]["id"], found["requirement"]["years"]) == ("neimenggu/2026", [2024, 2025, 2026])


@pytest.mark.parametrize(
    ("id", "base", "holds"),
    [
        ("neimenggu/baotou/2025", "neimenggu/2025", 'extends = "neimenggu/2025"'),
        ("neimenggu/alxa/2026", "neimenggu/alxa/2025", 'extends = "TODO neimenggu/2026"'),
        ("hunan/2025", "neimenggu/2025", 'region_name = "TODO '),
    ],
)
def test_a_local_notice_and_another_region_are_begun_the_same_way(
    id: str, base: str, holds: str, tmp_path: Path
) -> None:
    made = xueshi("policy", "new", id, "--from", base, "--policies", str(tmp_path))
    assert made.returncode == 0, made.stderr.decode()
    draft = (tmp_path / f"{id}.toml").read_text(encoding="utf-8")
    assert holds in draft
    assert f'id = "{id}"' in draft
    assert xueshi("policy", "list", "--policies", str(tmp_path)).returncode == 2
    assert xueshi("policy", "new", id, "--from", base, "-o", str(tmp_path / f"{id}.toml")).returncode == 2


def test_of_another_region_every_name_is_marked_to_be_looked_at(tmp_path: Path) -> None:
    file = tmp_path / "hunan.toml"
    assert xueshi("policy", "new", "hunan/2025", "--from", "neimenggu/2025", "-o", str(file)).returncode == 0
    draft = tomllib.loads(file.read_text(encoding="utf-8"))
    assert draft["region_name"].startswith("TODO ")
    for place in (*draft["platform"], *draft["contact"]):
        texts = [
            text
            for key, value in place.items()
            if key not in ("id", "clause", "audience")
            for text in ([value] if isinstance(value, str) else value)
        ]
        assert all(text.startswith("TODO ") for text in texts), place
    for row in (*draft["relief"], *draft["reading"]):
        assert all(
            row[key].startswith("TODO ") for key in ("says", "missing", "asks", "chosen", "why") if key in row
        ), row


@pytest.mark.parametrize("id", ["2026", "neimenggu", "neimenggu/26", "a/b/c/2026", "内蒙古/2026", "neimenggu/2025"])
def test_an_id_that_is_none_or_is_taken_is_refused(id: str, tmp_path: Path) -> None:
    done = xueshi("policy", "new", id, "--from", "neimenggu/2025", "-o", str(tmp_path / "x.toml"))
    assert done.returncode == 2
    assert not (tmp_path / "x.toml").exists()
