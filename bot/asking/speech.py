"""What the interview is given and gives: plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.asking.session import Session
from bot.messages import Link, Message
from rules import Notice


@dataclass(frozen=True, slots=True)
class Say:
    """One thing to say: a template and what it needs; the codes of the buttons under it, with labels of their own where not the usual."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    choices: tuple[tuple[str, str], ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a question, ready to be shown; `near`: (topic, label) to offer; not `sure`: it does nothing but offer.

    `rests`: it rests on clauses of a notice. `general`: the pieces of the message that ask about people in general, so that what
    they say is no fact of the asker.
    """

    text: str
    links: tuple[Link, ...] = ()
    near: tuple[tuple[str, str], ...] = ()
    sure: bool = True
    topic: str = ""
    general: tuple[str, ...] = ()
    rests: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What one message led to. `forget`: everything of this person is to be deleted; `toast`: a word for the tap alone;
    `report`: the topic of an answer that is said to be wrong, and what was asked, without facts."""

    session: Session
    says: tuple[Say, ...]
    state: str
    facts: dict[str, Any]
    assessment: dict[str, Any] | None
    answer: dict[str, Any] | None
    toast: str = ""
    forget: bool = False
    report: tuple[str, str] | None = None


# (text, "topic:ID", "platform:ID" or "nearest:TEXT"; facts, assessment, notice; whether the text told facts)
# -> the answer, or None where it is no question we know
Ask = Callable[[str, dict[str, Any], dict[str, Any] | None, Notice, bool], Answered | None]


def visible(text: str, limit: int) -> str:
    """What can be seen of a text, without the characters that turn others round or cannot be stored, and not too long."""
    shown = "".join(
        " " if char.isspace() else char for char in text[: limit * 2] if char.isspace() or char.isprintable()
    )
    return shown[:limit] + ("…" if len(shown) > limit or len(text) > limit * 2 else "")


def storable(message: Message) -> Message:
    """The message without halves of characters, which no database and no network takes."""
    texts = {name: getattr(message, name) for name in ("id", "text", "choice", "replaces")}
    changed = {name: text.encode("utf-8", "replace").decode() for name, text in texts.items() if not _whole(text)}
    return replace(message, **changed) if changed else message


def _whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
