"""Bare answers in the light of the pending question: 47, 12号, 三年, 2024-07, 是, 没有."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from bot.reading.claims.ledger import VALUES
from bot.reading.lexing.lexicon import asked_words, limits
from bot.reading.lexing.spans import when, year_of
from bot.reading.lexing.tokens import Token, spelt
from bot.reading.notes import Notes
from bot.reading.roles.dates import put_review_date

_FLAGS = frozenset(("grassroots", "grassroots_graduate", "school_teacher", "highly_skilled"))
_MONTHS = ("birth", "age", "tenure_start", "transfer")
_ASIDE = frozenset(("fill", "self", "done", "age"))
_OLDEST_SAID = 66  # a larger number alone is the year of birth in two digits


def in_light(tokens: list[Token], text: str, today: date, asking: str) -> list[Token]:
    """The spans as the pending question makes them: 47 is an age, 77.5 a month, 三 a length of years, 25 a year."""
    dated = _digits(text, today) if asking in _MONTHS else None
    if dated is not None and (asking not in ("birth", "age") or dated.value.year <= today.year - 16):
        return [dated]
    token = _only(tokens, today)
    if token is None or token.value is None:
        return tokens
    value, whole = token.value, isinstance(token.value, int)
    if asking in ("birth", "age") and token.kind == "number" and token.unit in ("", "age") and not _hours(tokens):
        spoken = not token.text.isascii()
        year = year_of(token.text, today) if len(token.text) == 2 and all(t.kind != "years" for t in tokens) else None
        said = spoken and re.fullmatch(asked_words()["spoken_year"], token.text) is not None
        if (
            year
            and year <= today.year - 16
            and token.unit == ""
            and "." not in text
            and (said or (not spoken and not 16 <= value <= _OLDEST_SAID))
        ):
            token.kind, token.value, token.unit = "years", (year,), "year"
        elif whole and "." not in text and value <= _OLDEST_SAID:
            token.unit = "age"
    elif asking == "birth_day" and token.kind == "number" and whole and 1 <= value <= 31:
        token.kind, token.value, token.unit = "date", when(None, None, int(value)), ""
    elif asking == "recognition_years" and token.kind == "number" and token.unit == "":
        token.kind, token.unit = "duration", "年"
    return tokens


def _hours(tokens: list[Token]) -> bool:
    """学了55: hours, whatever is asked; 才55 is not."""
    return any(t.of("cat", "unit") or (t.is_("done") and t.text not in asked_words()["merely"]) for t in tokens)


def _digits(text: str, today: date) -> Token | None:
    """197705, 77.5, 77 5 16 and nothing else."""
    match = re.fullmatch(asked_words()["digits"], text)
    year = year_of(match.group("y"), today) if match else None
    if (
        match is None
        or year is None
        or today.year - year > _OLDEST_SAID
        or not 1 <= int(match.group("m")) <= 12
        or int(match.group("d") or 1) > 31
    ):
        return None
    return Token(
        "date",
        match.group().strip(" .。"),
        0,
        value=when(year, int(match.group("m")), int(match.group("d") or 0) or None),
    )


def _only(tokens: list[Token], today: date) -> Token | None:
    """The number of a message that says nothing else, or None."""
    content = [
        t for t in tokens
        if t.kind not in ("sep", "other") and _ASIDE.isdisjoint(t.senses)
        and not (t.kind == "years" and t.value == (today.year,) and t.unit == "relative")
    ]  # fmt: skip
    return content[0] if len(content) == 1 else None


def read_answer(notes: Notes, command: str | None) -> None:
    """Set what a bare answer says, where the general reading found nothing for the pending question."""
    asking = notes.asking or ""
    if not asking.startswith("history") and command is not None:
        notes.claims = [c for c in notes.claims if c.years is not None and c.kind in VALUES]
        notes.doubts = [d for d in notes.doubts if not d.fact.startswith("history")]
    open_ = asking not in notes.facts and not any(d.fact == asking for d in notes.doubts)
    if asking in limits()["one_word"] and open_:
        _word(notes, asking)
    elif asking == "review_date" and open_:
        _review_date(notes)
    elif asking in ("birth", "age") and open_:
        _birth(notes)
    elif asking == "birth_day":
        _birth_day(notes)
    elif asking in _FLAGS and asking not in notes.facts:
        town = [t for t in notes.words_of("place") if t.is_("place", "none") and not t.off]
        if asking == "grassroots" and town:
            notes.put(asking, False, town[0].text)
        elif command in ("yes", "no", "none", "confirm"):
            notes.put(asking, command in ("yes", "confirm"), notes.text)
    elif asking == "epidemic_years" and command in ("no", "none"):
        notes.put(asking, [], notes.text)
    elif asking == "exam_years" and open_:
        _exam_years(notes)
    elif asking.startswith("history") and command == "confirm" and not notes.claims and not notes.doubts:
        notes.doubt(asking, notes.text, "unclear")  # 没问题: of what?
    elif asking == "sector" and open_ and command is None:
        _sector(notes)


def _exam_years(notes: Notes) -> None:
    """2024年, 2023和2025; not of a certificate that is still to come, nor where something is denied."""
    told = [t for t in notes.words_of("years", "date", "number") if not (t.used or t.off or t.negated)]
    said = [
        year
        for token in told
        for year in (token.value if token.kind == "years" else (getattr(token.value, "year", token.value),))
    ]
    years = sorted({int(year) for year in said if year and year == int(year) and 1900 < year <= notes.today.year})
    if years and len(years) == len(set(said)) and not notes.has("neg", "plan", "when", "ask"):
        notes.put("exam_years", years, " ".join(token.text for token in told))


def _sector(notes: Notes) -> None:
    """医院, 中学, 在编 and nothing else that is known: where, but not whether public or private."""
    own = spelt(notes.tokens)  # not what was said of somebody else
    found = re.search(limits()["institution"], own)
    if found and not (notes.facts or notes.claims or notes.denied or notes.has("ask")):
        notes.doubt("sector", found.group(), "unclear_sector", {"said": found.group()})


def _word(notes: Notes, fact: str) -> None:
    if len(notes.text) > 6 or notes.has("ask", "neg"):
        return
    for word, value in limits()["one_word"][fact].items():
        if notes.text.lstrip(asked_words()["before"]).startswith(word):
            notes.put(fact, value, notes.text)
            return


def _review_date(notes: Notes) -> None:
    said = notes.text.strip(asked_words()["before"] + "。")
    match = re.fullmatch(asked_words()["month_day"], said)
    if said in asked_words()["today"]:
        put_review_date(notes, notes.today, notes.text)
    elif match and 1 <= int(match["m"]) <= 12 and 1 <= int(match["d"]) <= monthrange(2000, int(match["m"]))[1]:
        year, month = int(match["y"] or notes.today.year), int(match["m"])
        put_review_date(notes, date(year, month, min(int(match["d"]), monthrange(year, month)[1])), match.group())


def _birth(notes: Notes) -> None:
    """80后, some ten years and a number that can be nothing else than a vague age."""
    if "age" in notes.facts or any(d.fact == "age" for d in notes.doubts):
        return
    decade = re.search(asked_words()["decade"], notes.text)
    token = _only(notes.tokens, notes.today)
    if decade is not None:
        notes.claims, notes.doubts = [], [d for d in notes.doubts if not d.fact.startswith("history")]
        notes.doubt("birth", decade.group(), "vague_age")
    elif (
        token is not None
        and token.kind == "number"
        and token.unit in ("", "age")
        and not (token.used or _hours(notes.tokens))
        and (token.value is None or token.value > _OLDEST_SAID)
    ):
        notes.doubt("age", token.text, "vague_age", {"age": list(token.bounds) if token.bounds else token.value})


def _birth_day(notes: Notes) -> None:
    if len(notes.facts.get("birth", "")) == 10:
        return
    match = re.fullmatch(asked_words()["month_day"], notes.text.strip(" 。"))
    for said in [t for t in notes.words_of("date") if t.value.day and not t.off]:
        if not said.value.possible:
            notes.doubt("birth_day", said.text, "impossible_date")
        else:
            notes.put("birth_day", said.value.day, said.text)
        notes.doubts = [d for d in notes.doubts if d.fact != "birth"]
        return
    if match and 1 <= int(match["d"]) <= 31:
        notes.put("birth_day", int(match["d"]), match.group())
