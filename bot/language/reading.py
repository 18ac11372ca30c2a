"""What one message was understood to say: the values that the interview and `xueshi read` work with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something said but not certain enough to set: it is read back as a question.

    `fact` is a fact's name (`age`, `history.2024`), `words` what it came from, `reason` a short code and `hint` what is
    known of it, machine-readable (`{"year": 2024, "total": 90}`, `{"birth_year": 1985}`), or None.
    """

    fact: str
    words: str
    reason: str
    hint: object | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The whole of one message.

    `facts` has the contract's shape and holds only what was said; `words` gives for each path ("history.2024.general")
    the words it came from. `denied` lists values said not to hold ("sector=public_institution"). `other` holds the
    facts of somebody else who was mentioned; where the message is wholly about them, `about` is "other" and `facts`
    are theirs too. `command` is one of the closed vocabulary in `commands.toml`, or "option:N", "edit:<fact>" (改性别), or None.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    denied: tuple[str, ...] = ()
    other: dict[str, Any] | None = None
    about: str = "self"
    question: bool = False
    asks_result: bool = False
    adding: bool = False  # "再加上…": the hours are to be added to what was said before
    command: str | None = None
    unread: tuple[str, ...] = ()
