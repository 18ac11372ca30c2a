"""Made-up notices, as changes of the text of the real one: each says what it has that the other has not."""

from __future__ import annotations

import re
from pathlib import Path

import rules
from rules.loading import NOTICES

ORIGINAL = (NOTICES / "neimenggu" / "2025.toml").read_text(encoding="utf-8")


def changed(text: str, *pairs: tuple[str, str]) -> str:
    """The text with the first of each of these words as the other; a word that does not stand in it is a slip of the test."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def moved_to(year: int, text: str = ORIGINAL) -> str:
    """The document with its id, its review year and its periods so many years later."""
    later = re.sub("= 202[56](?=-|$)", lambda found: f"= {int(found[0][2:]) + year - 2025}", text, flags=re.MULTILINE)
    return later.replace('"neimenggu/2025"', f'"neimenggu/{year}"', 1)


def without(text: str, heading: str, name: str) -> str:
    """The document without one row of an array of tables."""
    start = text.index(f'[[{heading}]]\nid = "{name}"')
    end = re.compile(r"^\[|^# -", re.MULTILINE).search(text, start + 1)
    assert end is not None
    # a sub-table of the row, as [relief.when], goes with it
    while text[end.start() :].startswith(f"[{heading}."):
        end = re.compile(r"^\[|^# -", re.MULTILINE).search(text, end.end())
        assert end is not None
    return text[:start] + text[end.start() :]


def row(text: str, heading: str, name: str) -> str:
    """One row of an array of tables, as written."""
    rest = without(text, heading, name)
    start = text.index(f'[[{heading}]]\nid = "{name}"')
    return text[start : start + len(text) - len(rest)]


def written(folder: Path, **texts: str) -> Path:
    """The folder with these documents in it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def loaded(folder: Path, *, shipped: bool = False, region: str = "", **texts: str) -> rules.Library:
    """The library of these documents."""
    return rules.load(written(folder, **texts), shipped=shipped, region=region)


def relief(
    id: str, effect: str, when: str, says: str = "另有一条减免", missing: str = "不符合这一条"
) -> tuple[str, str]:
    """A change that adds a relief after the others."""
    text = f'[[relief]]\nid = "{id}"\nclause = "一(五)1"\nsays = "{says}"\nmissing = "{missing}"\neffect = {{ {effect} }}\n'
    mark = "# ---------------------------------------------------------------- contested points"
    return mark, f"{text}when = {when}\n\n{mark}"
