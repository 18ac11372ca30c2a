"""The questions and the words on buttons, as data: read once from `questions.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Question:
    """One question in words. `choices` are (value, label); `unknown`: 记不清 is an answer to it."""

    id: str
    name: str
    ask: str = ""
    again: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    why: str = ""
    examples: str = ""
    unknown: bool = False

    def label(self, value: Any) -> str:
        """What a value is called; the value itself where it has no button."""
        key = str(value).lower() if isinstance(value, bool) else str(value)
        return next((label for choice, label in self.choices if choice == key), key)


@dataclass(frozen=True)
class Wording:
    """Everything in `questions.toml`."""

    questions: dict[str, Question]
    labels: dict[str, str]


@cache
def wording() -> Wording:
    """The questions and labels. Raises: TypeError for a key that no question has."""
    raw = tomllib.loads(Path(__file__).with_name("questions.toml").read_text(encoding="utf-8"))
    labels = raw.pop("labels")
    questions = {}
    for name, body in raw.items():
        body["choices"] = tuple((value, label) for value, label in body.get("choices", ()))
        questions[name] = Question(id=name, **body)
    return Wording(questions, labels)
