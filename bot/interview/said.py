"""What the interview is given and gives: plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.messages import Link

Session = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Say:
    """One thing to say: a template and what it needs; the codes of the buttons under it, with labels of their own where not the usual."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    choices: tuple[tuple[str, str], ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a question, ready to be shown; `near`: (topic, label) to offer; not `sure`: it does nothing but offer."""

    text: str
    links: tuple[Link, ...] = ()
    near: tuple[tuple[str, str], ...] = ()
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """What one message led to. `forget`: everything of this person is to be deleted; `toast`: a word for the tap alone."""

    session: Session
    says: tuple[Say, ...]
    state: str
    facts: dict[str, Any]
    assessment: dict[str, Any] | None
    answer: dict[str, Any] | None
    toast: str = ""
    forget: bool = False


# (text or "topic:ID" or "platform:ID", facts, assessment) -> the answer, or None where it is no question we know
Ask = Callable[[str, dict[str, Any], dict[str, Any] | None], Answered | None]
