"""The typed spans that a message is cut into: what they can mean and where they stood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

_NONE: Mapping[str, str] = MappingProxyType({})


class Token:
    """One span. `kind` is `word` (in the lexicon, see `senses`), `number`, `years`, `date`, `duration`, `sep`, `junk`
    or `other` (not understood). The flags are set by later passes: who is meant, and whether the span holds at all."""

    __slots__ = (
        "bounds", "clause", "kind", "negated", "off", "other", "past", "senses", "shared", "soft", "start", "text", "unit", "used", "value",
        "who",
    )  # fmt: skip

    def __init__(
        self,
        kind: str,
        text: str,
        start: int,
        *,
        senses: Mapping[str, str] = _NONE,
        value: Any = None,
        unit: str = "",
        soft: bool = False,
    ) -> None:
        self.kind = kind
        self.text = text
        self.start = start
        self.senses = senses
        self.value = value
        self.unit = unit
        self.bounds: tuple[float, float | None] | None = None  # a range instead of a value
        self.clause = 0  # which stretch between separators it stands in
        self.soft = soft  # found by sound, to be confirmed by its neighbours
        self.negated = False
        self.off = False  # asked, supposed, quoted: does not hold
        self.other = False  # about somebody else
        self.who = 0  # about which of several others
        self.shared = False  # and about everybody before: 都报副高
        self.past = False  # where somebody was before: a former employer, the place moved from
        self.used = False  # already read as another fact: no hours

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    def is_(self, kind: str, value: str | None = None) -> bool:
        """True where the word can mean `kind` (and `value`, if given)."""
        return kind in self.senses if value is None else self.senses.get(kind) == value

    def of(self, *kinds: str) -> bool:
        """True where the word can mean any of these kinds."""
        return not self.senses.keys().isdisjoint(kinds)


NOWHERE = Token("end", "", 0)  # before the first span and behind the last: it is nothing and means nothing


def at(tokens: list[Token], i: int) -> Token:
    """The span at `i`, or NOWHERE where there is none."""
    return tokens[i] if 0 <= i < len(tokens) else NOWHERE


@dataclass(frozen=True, slots=True)
class When:
    """A date as far as it was said; `year` None where none was. `possible` is false for 30 February."""

    year: int | None
    month: int | None
    day: int | None
    possible: bool = True
