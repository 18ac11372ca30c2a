"""A transcript as a file has it: what the person does, line by line, and what is answered.

`# …` says what it shows. `@ 2025-09-01` is the day from there on. `> words` is typed (⏎ stands for a line break), `> [label]` is a tap
on that button of the last prompt, `> ✎ words` edits the last typed message, `> (sticker)` is a delivery without words. All
other lines are the reply as the terminal prints it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.channels.terminal import all_plain
from bot.messages import Reply

FOLDER = Path(__file__).parent
TWELVE = (
    "plain_middle", "elderly_teacher", "woman_of_fifty", "village_doctor", "private_company", "from_government", "postdoc", "exceptional",
    "junior_only_this_year", "impatient", "voice_input", "forgotten_hours",
)  # fmt: skip
"""Twelve people who come to a result on every channel, each in their own way."""
ELSEWHERE = re.compile("关掉这里|手机日历")
"""In a line that reads otherwise where the person can be found again once they have left."""


@dataclass(frozen=True)
class Act:
    """One thing the person does on a day, and the reply that must follow."""

    day: date
    kind: str  # text, tap, edit, or a delivery without words
    words: str
    reply: str


def read_script(path: Path) -> list[Act]:
    """The acts of one file."""
    acts: list[tuple[date, str, str, list[str]]] = []
    day = date(2025, 9, 1)
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("@ "):
            day = date.fromisoformat(line[2:].strip())
        elif line.startswith("> "):
            acts.append((day, *_act(line[2:]), []))
        elif not line.startswith("# ") and acts:
            acts[-1][3].append(line)
    return [Act(day, kind, words, "\n".join(reply).strip()) for day, kind, words, reply in acts]


def _act(words: str) -> tuple[str, str]:
    if words.startswith("✎ "):
        return "edit", words[2:]
    if match := re.fullmatch(r"\[(.+)\]", words):
        return "tap", match[1]
    if match := re.fullmatch(r"\((\w+)\)", words):
        return match[1], ""
    return "text", words.replace("⏎", "\n")


def shown(replies: Iterable[Reply]) -> str:
    """Replies as a transcript has them."""
    return all_plain(tuple(replies)).strip()


def labels(reply: str) -> list[str]:
    """The buttons that a reply shows, in the order of their numbers."""
    found: list[str] = []
    for line in reply.splitlines():
        if buttons := re.match(r"\[\d+\] ", line):
            found = re.split(r" {2}\[\d+\] ", line[buttons.end() :])
    return found


def scripts() -> list[Path]:
    """Every transcript."""
    return sorted(FOLDER.glob("*.txt"))
