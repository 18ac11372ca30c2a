"""Whether an employer or a place of work is plainly the asker's own one of today: only then may it open a relief."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.reading.lexing.lexicon import own_words
from bot.reading.lexing.tokens import Token
from bot.reading.notes import Notes

_ASIDE = frozenset(
    (
        "title",
        "level",
        "teacher",
        "cat",
        "year",
        "short",
        "unit",
        "sex",
        "age",
        "birth",
        "apply",
        "held",
    )
)


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    table = own_words()
    return {name: re.compile(said if isinstance(said, str) else "|".join(said)) for name, said in table.items()}


def plainly_own(notes: Notes, token: Token) -> bool:
    """True where nothing in the breath of `token` makes the employer or place another's, a former or a second one, and no
    word that we do not know stands where it could."""
    if token.soft:
        return False
    breath = _breath(notes, token)
    said = "".join("@" + t.text if t is token else t.text if _ASIDE.isdisjoint(t.senses) else "|" for t in breath)
    patterns = _patterns()
    since = max((m.end() for m in patterns["now"].finditer(said[: said.index("@")])), default=0)
    if patterns["not_mine"].search(said) or patterns["former"].search(said, since):
        return False
    place = breath.index(token)
    return all(
        _harmless(breath, place, k)
        for k, t in enumerate(breath)
        if t.kind in ("other", "junk") and t.clause == token.clause
    )


def _breath(notes: Notes, token: Token) -> list[Token]:
    """The clause, and what stands before it with but a space between, where that tells no fact of its own."""
    clause = notes.clause(token)
    first = notes.tokens.index(clause[0])
    if first and clause[0].kind == "sep" and clause[0].text in " ,":
        before = notes.clause(notes.tokens[first - 1])
        if len("".join(t.text for t in before)) <= 8 and all(_ASIDE.isdisjoint(t.senses) for t in before):
            return [*before, *clause]
    return clause


def _harmless(
    breath: list[Token],
    place: int,
    k: int,
) -> bool:
    """True where the unknown stretch can only be part of a name, or the work done there."""
    unknown, patterns = breath[k].text, _patterns()
    working = patterns["working"]
    if patterns["doing"].search(unknown):
        return False
    if k < place:
        return (
            k == place - 1
            or working.fullmatch("".join(t.text for t in breath[k + 1 : place] if _ASIDE.isdisjoint(t.senses)))
            is not None
        )
    run = place + 1  # 苏木综合保障和技术推广中心: the rest of a name
    while run < len(breath) and (
        breath[run].kind == "other" or (breath[run].is_("fill") and len(breath[run].text) == 1)
    ):
        run += 1
    if k < run:
        name = "".join(t.text for t in breath[place + 1 : run])
        if len(name) == 1 and not patterns["working"].fullmatch(name):
            return False  # 苏木尔: a name
        return len(name) <= 8 or patterns["named"].fullmatch(name) is not None
    return working.fullmatch("".join(t.text for t in breath[run:k] if _ASIDE.isdisjoint(t.senses))) is not None
