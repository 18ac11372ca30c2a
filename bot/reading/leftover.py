"""What is left of a message once its facts are taken: words not understood, and words that may make those facts untrue."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise

from bot.reading.imperatives import nothing_special
from bot.reading.lexing.lexicon import limits, unlearned, unsettled, weighs
from bot.reading.lexing.tokens import Token
from bot.reading.notes import Notes

_LOOSE = ("other", "number", "date", "duration")  # spans that may mean anything
_PERSONAL = ("sex", "birth", "age")  # facts of a word or two: what touches them may make another word of them
_ENDED = (*_PERSONAL, "sector", "grassroots")  # of which 吧 makes a guess
_RELIEF = frozenset(("sector", "grassroots", "age", "birth", "title_level", "postdoc", "transfer", "epidemic_years"))
_SPAN = re.compile("2[0-9]-2[0-9]")  # 近三年（22-24）都满了, read as something else


class Leftover:
    """What is left of the tokens of a message. `heard`: of the persons that it names something was told."""

    def __init__(self, tokens: list[Token], told: Notes, *, heard: bool) -> None:
        self.tokens, self.told, self.heard = tokens, told, heard
        self.pieces = [*told.words.values(), *(d.words for d in told.doubts), *(c.words for c in told.claims)]
        self.read_anew = "\n".join(piece for piece in self.pieces if piece not in told.text)
        self.covered = bytearray(len(told.text) + 1)
        for begin, end in self._spans(self.pieces):
            self.covered[begin:end] = b"1" * (end - begin)

    def _taken(self, token: Token) -> bool:
        """Whether it stands in the words of what is told, 需 of 公需 not being 需."""
        return any(self.covered[token.start : token.end]) or token.text in self.read_anew

    @cached_property
    def unread(self) -> list[Token]:
        """What was not understood, and the numbers, dates and levels of which nothing was made."""
        left = []
        for token in self.tokens:
            said = token.kind in ("number", "date") or token.of("level", "title")
            unused = said and not (token.used or token.off or token.other or self._taken(token))
            if unused or (token.kind == "other" and any(sign.isalnum() for sign in token.text)):
                left.append(token)
        return left

    @property
    def unknown(self) -> list[Token]:
        """Of what was not understood that which nobody knows."""
        return self._beside_none([token for token in self.unread if token.kind in _LOOSE])

    @property
    def unheeded(self) -> list[Token]:
        """What weighs on what is told, and of which nothing was made: 没, 好像, 同事, another year; a clause of its own of which
        nothing was taken (55岁，实际54); what touches a word for the sex or the age (女装店, 55岁吧)."""
        told = self.told
        years = {year for claim in told.claims for year in claim.years or ()}
        years |= {int(part) for doubt in told.doubts for part in doubt.fact.split(".") if part.isdecimal()}
        loose, personal, ended = self._loose_clauses(), self._ends(_PERSONAL), self._ends(_ENDED)
        past = not told.claims and not {"sector", "grassroots", "title_level"}.isdisjoint(told.facts)  # 前年在乡镇
        left = []
        for token, behind in pairwise((*self.tokens, self.tokens[-1])) if self.tokens else ():
            if token.kind == "word":
                found = not self._heeded(token, behind) and any(weighs(*sense) for sense in token.senses.items())
                found |= token.start in ended and token.text in limits()["doubtful_endings"]
            elif token.kind == "years":
                said = token.value or (told.today.year,)
                another = (years or not told.facts) and not years.issuperset(said)
                found = another or (past and max(said) < told.today.year) or (token.clause in loose and not told.claims)
                found |= token.clause in loose and token.start > self._last_claim and years != set(said)
            else:
                found = token.kind in _LOOSE and token.clause in loose
                found |= token.kind == "other" and token.start in personal
                left += [token] if told.claims and _SPAN.fullmatch(token.text) else []
            found &= not (token.used or self._taken(token)) and any(sign.isalnum() for sign in token.text)
            if found or any(begin < token.end and token.start < end for begin, end in self._unlearned):
                left.append(token)
        return self._beside_none(left)

    @cached_property
    def _unlearned(self) -> list[tuple[int, int]]:
        """Where hours are told as what must be, is being or will be learned, or of other years: 得满, 满了才行, 正在学, 上三年."""
        told = self.told
        frames = [*(unlearned() if told.claims else ()), *([unsettled()] if _RELIEF.intersection(told.facts) else ())]
        return [found.span() for frame in frames for found in frame.finditer(told.text)]

    @property
    def _last_claim(self) -> int:
        return max((end for _, end in self._spans(claim.words for claim in self.told.claims)), default=0)

    def _heeded(self, token: Token, behind: Token) -> bool:
        """Whether a word that may weigh did its work: a person who was told of, a 没 before what is denied, a station."""
        person = token.is_("person") and self.heard
        return person or (token.is_("neg") and behind.negated) or token.is_("postdoc")

    def _loose_clauses(self) -> set[int]:
        """The clauses of which nothing was taken, and in which nothing is asked."""
        taken = {t.clause for t in self.tokens if t.used or t.is_("ask") or any(self.covered[t.start : t.end])}
        return {token.clause for token in self.tokens} - taken

    def _ends(self, facts: Iterable[str]) -> set[int]:
        """Where the words for these facts end."""
        return {end for _, end in self._spans(self.told.words[name] for name in facts if name in self.told.words)}

    def _spans(self, pieces: Iterable[str]) -> list[tuple[int, int]]:
        parts = dict.fromkeys(part for piece in pieces for part in piece.split(" / ") if part)
        return [found.span() for part in parts for found in re.finditer(re.escape(part), self.told.text)]

    @cached_property
    def _none(self) -> list[tuple[int, int]]:
        return self._spans(nothing_special(self.told.text))

    def _beside_none(self, found: list[Token]) -> list[Token]:
        """Those that do not stand in 没有特殊情况 and its like."""
        return [token for token in found if not any(begin <= token.start < end for begin, end in self._none)]


def texts(tokens: Iterable[Token]) -> tuple[str, ...]:
    """What they say, each once, in order."""
    return tuple(dict.fromkeys(token.text for token in sorted(tokens, key=lambda token: token.start)))


def spoiling(text: str) -> list[tuple[str, str, str]]:
    """Facts that words of the text may take away, the fact that the text must not have told else, and these words:
    今年的还没核定 of `history`, 借调到镇上 of `grassroots`."""
    found = [(each["of"], each.get("unless", ""), re.search(each["found"], text)) for each in limits()["spoils"]]
    return [(fact, unless, match[0]) for fact, unless, match in found if match is not None]
