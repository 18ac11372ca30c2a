"""The passes over the spans, in order: each sets what the surroundings make of them."""

from __future__ import annotations

from datetime import date

from bot.reading.claims.limits import counted, excepted, soften, unrecognised, unsettled
from bot.reading.lexing.clauses import UNTIL, confirm, date_words, join_dates, join_years, negate, number_clauses
from bot.reading.lexing.lexicon import limits
from bot.reading.lexing.tokens import Token
from bot.reading.roles.questions import ASKING_TEXTS, mark_asked, mark_planned, mark_quoted, mark_scores, mark_supposed
from bot.reading.roles.standpoint import mark_moved, mark_others, mark_past, mark_wished

_MAY_BE_WRONG = ("title", "level")


def settle(tokens: list[Token], today: date, window: tuple[int, ...]) -> list[Token]:
    """The tokens with misheard words confirmed or dropped, years worked out, and every flag set."""
    number_clauses(tokens)
    said = {t.kind for t in tokens}.union(*[t.senses for t in tokens])
    texts = {t.text for t in tokens}
    if True in [t.soft for t in tokens] or not said.isdisjoint(_MAY_BE_WRONG) or "apply" in said:
        confirm(tokens)
    if "year" in said:
        date_words(tokens, today, window)
    if ("years" in said or "year" in said) and ("since" in said or not texts.isdisjoint(UNTIL)):
        tokens = join_years(tokens, today)
    if "date" in said:
        tokens = join_dates(tokens)
    if "years" in said or "year" in said:
        tokens = counted(tokens)
    if "neg" in said or "wrong" in said:
        negate(tokens)
    if "state" in said or "number" in said:
        unrecognised(tokens)
    if "state" in said:
        tokens = soften(tokens)
    if "except" in said or not texts.isdisjoint(limits()["left_out"]):
        tokens = excepted(tokens, today, window)
    if ("state" in said or "number" in said) and ("years" in said or "year" in said or "cat" in said):
        tokens = unsettled(tokens)
    if "sector" in said or "place" in said:
        mark_wished(tokens)
        mark_past(tokens)
        mark_moved(tokens)
    if "person" in said or "said" in said:
        mark_others(tokens)
    if "when" in said or "junk" in said:
        mark_supposed(tokens)
    if "plan" in said or ("apply" in said and "cat" in said):
        mark_planned(tokens)
    if "exam_mark" in said:
        mark_scores(tokens)
    if "rule" in said:
        mark_quoted(tokens)
    if "ask" in said or "unit" in said or not texts.isdisjoint(ASKING_TEXTS):
        mark_asked(tokens)
    return tokens
