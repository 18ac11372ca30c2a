"""What one message was understood to say: the values that the interview and `xueshi read` work with."""

from __future__ import annotations

from collections.abc import Mapping
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
    hint: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What was said of the hours of some years, before a notice makes hours of it.

    `years`: the years meant, as of the review year that the reader was given; `last` says how many of the last years were meant
    where they were not named (0: they were named; EVERY: every year that is asked about). None where no year was told. `category`
    None: every category. `kind`: "hours" (`amount` of them), "full", "half" (of what is asked), "none", "unknown", "short" (by
    `amount`), "total" (`amount` in all categories), "number" (`amount`, of a category that is open), "pair" and "row" (two
    amounts for the two categories, in the order of the notice), "owed" (`amount` done or owed, which is not clear), "but"
    (these years and this category are taken out of what is said more widely), "lack" (and they are said not to be full), "void"
    (not recognised by whoever verifies).
    """

    years: tuple[int, ...] | None
    category: str | None
    kind: str
    amount: float | tuple[float, float] | None
    words: str
    last: int = 0


EVERY = -1


@dataclass(frozen=True, slots=True)
class Reading:
    """The whole of one message.

    `facts` has the contract's shape and holds only what was said, without hours: these are `claims`, in the order of the message,
    until a notice makes `history` of them (`bot.asking.claims`). `words` gives for each path ("history.2024.general") the words it came
    from. `denied` lists values said not to hold ("sector=public_institution"). `other` holds the facts of somebody else who was
    mentioned, `others` what was said of each of several, in turn; where the message is wholly about them, `about` is "other" and
    `facts` are the first one's. `command` is one of the closed vocabulary in `commands.toml`, or "option:N", "edit:<fact>"
    (改性别), or None. `unread`: words not understood, and numbers, dates and levels of which nothing was made; `unheeded`:
    words that weigh on what is told beside them (没, 好像, 同事, another year) of which nothing was made; `unknown`: of `unread` those
    that may weigh, for nobody knows.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    claims: tuple[Claim, ...] = ()
    denied: tuple[str, ...] = ()
    other: dict[str, Any] | None = None
    others: tuple[Reading, ...] = ()
    about: str = "self"
    who: str = ""  # of somebody else: what they are called
    question: bool = False
    asks_result: bool = False
    by_year: bool = False  # the age is that of this year: the birthday may still come
    adding: bool = False  # "再加上…": the hours are to be added to what was said before
    command: str | None = None
    claimed: dict[str, float] = field(
        default_factory=dict
    )  # hours told as what is missing of what is asked: 0 where 学满了
    unread: tuple[str, ...] = ()
    own: str = ""  # the message without what it says of others
    unheeded: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
