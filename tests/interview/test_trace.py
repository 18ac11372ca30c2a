"""One message on its way through the interview: the files that it enters, and how often the rules are asked."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tests.interview.somebody import Somebody

ROOT = Path(__file__).parents[2]
OURS = tuple(str(ROOT / room) for room in ("bot", "rules", "storage"))
MOST_FILES = 30
TOLD = "女 46 报中级 事业单位 23年24年25年都学满了"
HOURS = "23年公需30专业60，24年30/50，今年没学"


def traced(person: Somebody, text: str) -> tuple[list[str], Counter[str]]:
    """The files that a message enters, and the places that ask the rules for an assessment."""
    files: set[str] = set()
    asked: Counter[str] = Counter()

    def entered(frame: FrameType, event: str, _: Any) -> None:
        name = frame.f_code.co_filename
        if event != "call" or not name.startswith(OURS):
            return
        files.add(name.removeprefix(f"{ROOT}/"))
        caller = frame.f_back
        if frame.f_code.co_name == "assess" and caller is not None and caller.f_code.co_filename.startswith(OURS):
            asked[f"{caller.f_code.co_filename.removeprefix(f'{ROOT}/')}:{caller.f_code.co_name}"] += 1

    sys.setprofile(entered)
    try:
        person.say(text)
    finally:
        sys.setprofile(None)
    return sorted(files), asked


@pytest.mark.parametrize(
    ("opening", "said", "most_files", "most_asked"),
    [
        (TOLD, "都没有", MOST_FILES, 1),
        ("女 46 报中级 事业单位", HOURS, None, 2),
    ],
)
def test_a_message_enters_few_files_and_asks_the_rules_for_what_is_said_and_for_what_it_changes(
    opening: str, said: str, most_files: int | None, most_asked: int, capsys: pytest.CaptureFixture[str]
) -> None:
    first, person = Somebody(), Somebody()
    for each in (first, person):
        each.say(opening)
    first.say(said)  # what is read once in a process is no part of a message's way
    files, asked = traced(person, said)
    with capsys.disabled():
        print(
            f"\n{said}: {len(files)} files, the rules asked {asked.total()} times\n  " + "\n  ".join([*files, *asked])
        )
    assert asked.total() <= most_asked, asked
    assert most_files is None or len(files) <= most_files, files
