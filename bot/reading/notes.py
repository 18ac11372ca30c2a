"""What the passes over a message write down: facts, the words behind them, doubts and denials."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.reading.lexing.tokens import Token
from bot.reading.reading import Claim, Doubt


@dataclass(slots=True)
class Notes:
    """One person's half of the message: the tokens about them, and what was taken from these."""

    tokens: list[Token]
    text: str
    today: date
    window: tuple[int, ...]
    asking: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)
    by_kind: dict[str, list[int]] = field(default_factory=dict)  # where the words of a kind stand
    overview: dict[str, Any] = field(default_factory=dict)  # what the scorer knows of the message as a whole
    whole: Any = None  # and what decides whose a place is
    by_clause: dict[int, list[Token]] = field(default_factory=dict)
    years: list[int] = field(default_factory=list)
    moments: dict[int, str] = field(default_factory=dict)  # what dates and years say when, by their places
    by_year: bool = False  # the age told is that of this year: 今年五十

    def __post_init__(self) -> None:
        by_kind: defaultdict[str, list[int]] = defaultdict(list)
        for i, token in enumerate(self.tokens):
            by_kind[token.kind].append(i)
            for kind in token.senses:
                by_kind[kind].append(i)
        self.by_kind = dict(by_kind)
        self.years = self.by_kind.get("years", [])

    def told(self) -> bool:
        """True where anything was taken, or is to be asked."""
        return bool(self.facts or self.claims or self.doubts)

    def has(self, *kinds: str) -> bool:
        """True where any word or span of these kinds was said."""
        return not self.by_kind.keys().isdisjoint(kinds)

    def indexed(self, *kinds: str) -> list[tuple[int, Token]]:
        """The words and spans of these kinds, in order, with their places."""
        if len(kinds) == 1:
            return [(i, self.tokens[i]) for i in self.by_kind.get(kinds[0], ())]
        return [(i, self.tokens[i]) for i in sorted({i for kind in kinds for i in self.by_kind.get(kind, ())})]

    def words_of(self, *kinds: str) -> list[Token]:
        """The words and spans of these kinds, in order."""
        return [t for _, t in self.indexed(*kinds)]

    def put(self, fact: str, value: Any, words: str) -> None:
        """Set a fact."""
        self.facts[fact] = value
        self.words[fact] = words

    def doubt(self, fact: str, words: str, reason: str, hint: Mapping[str, Any] | None = None) -> None:
        """Note something to be asked."""
        self.doubts.append(Doubt(fact, words, reason, hint))

    def deny(self, fact: str, value: str) -> None:
        """Note a value said not to hold."""
        if f"{fact}={value}" not in self.denied:
            self.denied.append(f"{fact}={value}")

    def of_role(self, role: str) -> list[Token]:
        """The dates and years of a role, where they are of no other fact."""
        return [self.tokens[i] for i, found in self.moments.items() if found == role and not self.tokens[i].used]

    def standing(self, kind: str) -> list[Token]:
        """The words of a kind that hold."""
        return [t for t in self.words_of(kind) if not t.off and not t.negated and not t.past]

    def of_the_past(self, token: Token) -> bool:
        """True where the clause says that it was so before."""
        return any(t.is_("time", "past") for t in self.clause(token))

    def clause(self, token: Token) -> list[Token]:
        """The tokens of the clause in which `token` stands."""
        if not self.by_clause:
            for one in self.tokens:
                self.by_clause.setdefault(one.clause, []).append(one)
        return self.by_clause[token.clause]

    def between(self, a: Token, b: Token) -> str:
        """The text between two tokens."""
        return self.text[a.end : b.start]

    def one_of(self, fact: str, found: list[tuple[Token, Any]]) -> bool:
        """Set `fact` where all that was found agrees or a correction stands before the last, else ask. True if set."""
        if not found:
            return False
        values = {repr(v) for _, v in found}
        last, value = found[-1]
        if len(values) > 1 and not self.corrected(found[-2][0], last):
            self.doubt(
                fact, " / ".join(dict.fromkeys(t.text for t, _ in found)), "conflict", {"values": [v for _, v in found]}
            )
            return False
        self.put(fact, value, last.text)
        return True

    def corrected(self, first: Token, last: Token) -> bool:
        """True where a word of correction stands between two tokens, or the first one is said to have been wrong."""
        return any(first.start < t.start < last.start for t in self.words_of("fix"))
