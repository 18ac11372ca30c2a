"""Facts that are dates: the move out of an office, the appointment, the year and the day of the review."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from bot.reading.lexing.clauses import significant
from bot.reading.lexing.lexicon import limits
from bot.reading.lexing.tokens import Token
from bot.reading.notes import Notes
from bot.reading.roles.employment import employer_before

_REVIEW = frozenset(("apply", "level", "title", "file", "route"))  # what makes a review's year of 今年, 明年
_LATE = 3  # months of the next year in which a review still takes applications
_REVIEWS = 9  # so many years off 年度 is still heard as that of a review


def read_dates(notes: Notes) -> None:
    """Fill in what the dates that have such a role say."""
    _transfer(notes)
    _tenure(notes)
    _review_year(notes)
    _review_date(notes)


def _transfer(notes: Notes) -> None:
    moves = [t for t in notes.standing("move") if t.is_("move", "verb")]
    if notes.asking != "transfer" and not (moves and employer_before(notes)):
        return
    for token in sorted(notes.of_role("transfer"), key=lambda t: t.kind == "years"):
        if token.kind == "years":
            token.used = True
            notes.doubt("transfer", token.text, "month_missing", {"year": token.value[0]})
        elif notes.asking == "transfer" or not any(_somebody(notes, m) for m in moves):
            _put_month(notes, "transfer", token)
        else:
            notes.doubt("transfer", token.text, "whose_move")
        return
    years = [t for m in moves for t in notes.clause(m) if t.kind == "years" and len(t.value) == 1 and not t.used]
    for token in years[:1]:  # 去年转任的 从政府办到医院
        notes.doubt("transfer", token.text, "month_missing", {"year": token.value[0]})


def _somebody(notes: Notes, move: Token) -> bool:
    """我们家那口子从…转到: an unknown word in front may be somebody."""
    lead = [t for t in notes.clause(move) if t.start < move.start]
    start = next((k for k, t in enumerate(lead) if t.is_("from")), 0)
    return any(t.kind == "other" and len(t.text) > 1 for t in lead[:start])


def _put_month(notes: Notes, fact: str, token: Token) -> None:
    token.used = True
    when = token.value
    if not when.possible:
        notes.doubt(fact, token.text, "impossible_date")
    elif (
        when.year is None and any(t.text == "年初" for t in notes.words_of("year")) and when.month <= notes.today.month
    ):
        notes.put(fact, f"{notes.today.year:04}-{when.month:02}", token.text)
    elif when.year is None:
        notes.doubt(fact, token.text, "no_year", {"month": when.month})
    elif (when.year, when.month) > (notes.today.year, notes.today.month) or when.year < 1950:
        notes.doubt(fact, token.text, "future_year", {"year": when.year, "month": when.month})
    else:
        notes.put(fact, f"{when.year:04}-{when.month:02}", token.text)


def _tenure(notes: Notes) -> None:
    asked = notes.asking == "tenure_start"
    for token in sorted(notes.of_role("tenure_start"), key=lambda t: t.kind == "years"):
        near = [t for t in notes.words_of("held") if not t.negated and abs(t.clause - token.clause) <= 1]
        appointed = asked or any(re.match(limits()["appointed"], t.text) for t in near)
        token.used = True
        if token.kind == "years":
            notes.doubt("tenure_start", token.text, "month_missing", {"year": token.value[0]})
        elif appointed and token.value.month:
            _put_month(notes, "tenure_start", token)
        else:
            known = {"year": token.value.year, "month": token.value.month}
            notes.doubt("tenure_start", token.text, "obtained_not_appointed", known)
        return


def _review_year(notes: Notes) -> None:
    """The year of the review that is meant; 今年 is not yet plain while last year's review still takes applications."""
    found = [t for t in notes.of_role("review_year") if t.kind == "years" and not _of_hours(notes, t)]
    found = [t for t in found if t.unit != "relative" or any(not _REVIEW.isdisjoint(o.senses) for o in notes.clause(t))]
    said = [t for t in found if abs(t.value[0] - notes.today.year) <= _REVIEWS]
    named = [t for t in said if t.unit != "relative" and t.text.endswith(limits()["of_a_year"])] or said
    for token in said:
        token.used = True
    open_ = notes.today.month <= _LATE
    notes.one_of(
        "review_year",
        [(t, t.value[0]) for t in named if not (open_ and t.unit == "relative" and t.value[0] == notes.today.year)],
    )


def _of_hours(notes: Notes, token: Token) -> bool:
    """今年报副高，二五年 公需30: hours stand right behind the year, and no word of applying before it."""
    i = notes.tokens.index(token)
    lead, ahead = significant(notes.tokens, i, -1), significant(notes.tokens, i, 1)
    applied = lead.is_("apply") and lead.clause == token.clause
    return not applied and (ahead.of("cat", "state") or ahead.unit == "hours")


def put_review_date(notes: Notes, day: date, words: str) -> None:
    """Set the day of application, if it lies in the review year or in the three months after it."""
    review_year = notes.facts.get("review_year", notes.window[-1])
    if date(review_year, 1, 1) <= day <= date(review_year + 1, _LATE, 31):
        notes.put("review_date", day.isoformat(), words)
    else:
        notes.doubt("review_date", words, "outside_review_year", {"date": day.isoformat(), "review_year": review_year})


def _review_date(notes: Notes) -> None:
    for token in notes.of_role("review_date"):
        when = token.value
        if token.kind == "years" or when.month is None or when.day is None:
            continue
        token.used = True
        if not when.possible:
            notes.doubt("review_date", token.text, "impossible_date")
            continue
        year = when.year or notes.today.year
        if when.year is None and when.month <= 3 < notes.today.month:
            notes.doubt("review_date", token.text, "no_year", {"month": when.month, "day": when.day})
            continue
        put_review_date(notes, date(year, when.month, min(when.day, monthrange(year, when.month)[1])), token.text)
