"""Whether an employer or a place of work is plainly the asker's own one of today: only then may it open a relief."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from bot.reading.lexing.lexicon import kinds, own_words
from bot.reading.lexing.tokens import Token, spelt
from bot.reading.notes import Notes

_ASIDE = frozenset(kinds()["harmless"])
_OF_ONESELF = ("sex", "age", "birth", "title_level")
_DATED = ("years", "date", "duration", "number", "sep")


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    return {name: re.compile(said if isinstance(said, str) else "|".join(said)) for name, said in own_words().items()}


def plainly_own(notes: Notes, token: Token) -> bool:
    """True where every word in the clause of `token` is one of working there, of another fact, or of a name; a word that
    is none of these may make the employer or place another's, a former or a second one: then it is asked."""
    if token.soft:
        return False
    clause = notes.clause(token)
    place = clause.index(token)
    whole = _whole(notes)
    if whole.unsettled or whole.moved > token.start or _patterns()["elsewhere"].search(_before(notes, clause)):
        return False
    if _patterns()["compared"].search(spelt(clause)):
        return False
    run = place + 1  # 苏木综合保障和技术推广中心: the rest of a name
    while run < len(clause) and (
        clause[run].kind == "other"
        or clause[run].is_("sector", "ask")
        or (clause[run].is_("fill") and len(clause[run].text) <= 2)
    ):
        run += 1
    named = _named(spelt(clause[place + 1 : run]))
    clause = clause[: _asked_at_the_end(notes, clause, run)]
    for k, t in enumerate(clause):
        of_many = k < place and (
            t.is_("all") or (t.is_("name") and k + 1 < place and not clause[k + 1].is_("name"))
        )  # 我们这儿都是私企, 三支一扶在苏木
        if of_many or (t.kind == "years" and max(t.value) > notes.today.year):  # 明年调到乡镇
            return False
    return all(
        _harmless(t) or (k == place - 1 and t.kind == "other" and not _patterns()["doing"].search(t.text))
        for k, t in enumerate(clause)
        if k != place and not (named and place < k < run)
    )


def _asked_at_the_end(notes: Notes, clause: list[Token], run: int) -> int:
    """Where the asker's own outcome is asked about behind the last of several facts: 护师升主管 28 女 私立医院怎么办."""
    asked = next(
        (k for k in range(run, len(clause)) if clause[k].is_("ask", "result") or clause[k].is_("ask", "next")), None
    )
    told = sum(name in notes.facts for name in _OF_ONESELF)
    enough = (
        0 if asked is not None and clause[asked].is_("ask", "result") else 1
    )  # 怎么办 asks of oneself, 行不行 perhaps of a rule
    plain = asked is not None and told > enough and all(t.of("ask", "fill") or t.kind == "sep" for t in clause[asked:])
    return asked if asked is not None and plain else len(clause)


@dataclass(frozen=True, slots=True)
class _Whole:
    """What holds of a message whichever of its places is looked at."""

    unsettled: bool
    moved: int  # where the last move is told; one out of an 机关 says nothing of the place


def _whole(notes: Notes) -> _Whole:
    if notes.whole is None:
        moves = [t.start for t in notes.words_of("move") if t.is_("move", "verb") and not t.negated
                 and not any(one.is_("office") or one.is_("sector", "government") for one in notes.clause(t))]  # fmt: skip
        notes.whole = _Whole(_patterns()["unsettled"].search(notes.text) is not None, max(moves, default=-1))
    whole: _Whole = notes.whole
    return whole


def _before(notes: Notes, clause: list[Token]) -> str:
    """What stands before the clause with but a space or a comma between, where that tells no fact of its own."""
    first = notes.tokens.index(clause[0])
    if not first or clause[0].kind != "sep" or clause[0].text not in " ,":
        return ""
    before = notes.clause(notes.tokens[first - 1])
    said = "".join(t.text for t in before if not (t.other and t.is_("person")))
    return said if len(said) <= 8 and all((_ASIDE - {"self"}).isdisjoint(t.senses) for t in before) else ""


def _named(name: str) -> bool:
    return _patterns()["named"].fullmatch(name) is not None and not (name and _patterns()["doing"].search(name))


def _harmless(token: Token) -> bool:
    """True for a word that says nothing of whose the place is, or that it is one's own."""
    if token.kind in _DATED or not _ASIDE.isdisjoint(token.senses):
        return not token.is_("state", "partial")  # 差点去了嘎查
    subject = token.other and token.is_("person") and not token.is_("person", "boss")  # in what is said of them
    moved = token.is_("move", "verb") and not token.negated
    return subject or moved or _patterns()["working"].fullmatch(token.text) is not None
