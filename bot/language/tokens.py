"""The typed spans that a message is cut into: what they can mean and where they stood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(slots=True, eq=False)
class Token:
    """One span. `kind` is `word` (in the lexicon, see `senses`), `number`, `years`, `date`, `duration`, `sep`, `junk`
    or `other` (not understood). The flags are set by later passes: who is meant, and whether the span holds at all."""

    kind: str
    text: str
    start: int
    senses: Mapping[str, str] = field(default_factory=lambda: _NONE)
    value: Any = None
    unit: str = ""
    bounds: tuple[float, float | None] | None = None  # a range instead of a value
    soft: bool = False  # found by sound, to be confirmed by its neighbours
    negated: bool = False
    off: bool = False  # asked, supposed, quoted: does not hold
    other: bool = False  # about somebody else
    past: bool = False  # where somebody was before: a former employer, the place moved from
    used: bool = False  # already read as another fact: no hours
    clause: int = 0  # which stretch between separators it stands in

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    def is_(self, kind: str, value: str | None = None) -> bool:
        """True where the word can mean `kind` (and `value`, if given)."""
        return kind in self.senses if value is None else self.senses.get(kind) == value


@dataclass(frozen=True, slots=True)
class When:
    """A date as far as it was said; `year` None where none was. `possible` is false for 30 February."""

    year: int | None
    month: int | None
    day: int | None
    possible: bool = True
