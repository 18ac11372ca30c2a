"""The typed spans that a message is cut into: what they can mean and where they stood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    senses: Mapping[str, str] = field(default_factory=lambda: _NONE, kw_only=True)
    value: Any = field(default=None, kw_only=True)
    unit: str = field(default="", kw_only=True)
    soft: bool = field(default=False, kw_only=True)  # found by sound, to be confirmed by its neighbours
    clause: int = field(default=0, kw_only=True)  # which stretch between separators it stands in
    bounds: tuple[float, float | None] | None = field(default=None, init=False)  # a range instead of a value
    negated: bool = field(default=False, init=False)
    off: bool = field(default=False, init=False)  # asked, supposed, quoted: does not hold
    other: bool = field(default=False, init=False)  # about somebody else
    who: int = field(default=0, init=False)  # about which of several others
    shared: bool = field(default=False, init=False)  # and about everybody before: 都报副高
    past: bool = field(default=False, init=False)  # where somebody was before: a former employer, the place moved from
    used: bool = field(default=False, init=False)  # already read as another fact: no hours

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


def year_like(token: Token) -> bool:
    """Whether a bare number can be the last two digits of a year of hours."""
    return (
        token.kind == "number"
        and token.unit == ""
        and token.text.isdigit()
        and len(token.text) == 2
        and 18 <= int(token.text) <= 40
    )


def spelt(tokens: Iterable[Token]) -> str:
    """What the spans say, one behind the other."""
    return "".join([t.text for t in tokens])


def joined(kind: str, tokens: Sequence[Token], **known: Any) -> Token:
    """One span in the place of several that stand side by side."""
    return Token(kind, spelt(tokens), tokens[0].start, clause=tokens[0].clause, **known)


@dataclass(frozen=True, slots=True)
class When:
    """A date as far as it was said; `year` None where none was. `possible` is false for 30 February."""

    year: int | None
    month: int | None
    day: int | None
    possible: bool = True
