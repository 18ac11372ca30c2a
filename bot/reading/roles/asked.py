"""Bare answers in the light of the pending question: 47, 12号, 三年, 2024-07, 是, 没有."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from bot.reading.claims.ledger import VALUES
from bot.reading.lexing.lexicon import limits
from bot.reading.lexing.spans import year_of
from bot.reading.lexing.tokens import Token
from bot.reading.notes import Notes
from bot.reading.reading import Claim
from bot.reading.roles.age import of_something_unknown
from bot.reading.roles.circumstances import put_review_date

_FLAGS = frozenset(("grassroots", "grassroots_graduate", "school_teacher", "highly_skilled"))
_DATE6 = re.compile(r"(\d{4}|\d{2})(?:年[ ,、]?|[ .,、\-/])?(\d{1,2})(?:[ .\-/月]?(\d{1,2}))?[日号]?")
_MONTH_DAY = re.compile(r"(?:\d{4}[ .\-/年])?(\d{1,2})[.\-/月 ](\d{1,2})[日号]?")
_BARE_NUMBER = frozenset(("", "hours", "age"))
_OLDEST_SAID = 66  # a larger number alone is the year of birth in two digits
_BORN_IN = re.compile(
    r"([4-9]\d|0\d|[四五六七八九零][零一二三四五六七八九])(?:年代)?(?:生人|后|末|初)|([4-9]0|[四五六七八九][零十])年代"
)
_TWO_DIGITS = re.compile(r"\d\d|[四五六七八九零][零一二三四五六七八九]")
_MERELY = frozenset(("才", "就", "只", "仅", "只有", "仅有", "才有"))


def read_answer(notes: Notes, command: str | None) -> None:
    """Set what a bare answer says, where the general reading found nothing for the pending question."""
    asking = notes.asking or ""
    if not asking.startswith("history") and command is not None:
        notes.claims = [c for c in notes.claims if c.years is not None and c.kind in VALUES]
        notes.doubts = [d for d in notes.doubts if not d.fact.startswith("history")]
    if asking in limits()["one_word"]:
        _word(notes, asking)
    elif asking == "review_date":
        _review_date(notes)
    elif asking in ("birth", "age"):
        _birth(notes)
    elif asking == "birth_day":
        _birth_day(notes)
    elif asking in _FLAGS:
        _flag(notes, asking, command)
    elif asking == "recognition_years":
        _years(notes)
    elif asking == "epidemic_years" and command in ("no", "none"):
        notes.put("epidemic_years", [], notes.text)
    elif asking in ("tenure_start", "transfer"):
        _month(notes, asking)
    elif asking == "review_year":
        _review_year(notes)
    elif asking.startswith("history") and command == "confirm" and not notes.claims and not notes.doubts:
        notes.doubt(asking, notes.text, "unclear")  # 没问题: of what?
    elif asking == "sector":
        _sector(notes, command)
    elif asking.startswith("history.") and asking.count(".") == 2:
        _one_cell(notes, asking, command)


def _sector(notes: Notes, command: str | None) -> None:
    """医院, 中学, 在编 and nothing else that is known: where, but not whether public or private."""
    own = "".join(token.text for token in notes.tokens)  # not what was said of somebody else
    found = re.search(limits()["institution"], own)
    read = notes.denied or any(d.fact == "sector" for d in notes.doubts)
    if found and not notes.facts and not notes.claims and not read and command is None and not notes.has("ask"):
        notes.doubt("sector", found.group(), "unclear_sector", {"said": found.group()})


def _word(notes: Notes, fact: str) -> None:
    if fact in notes.facts or len(notes.text) > 6 or notes.has("ask"):
        return
    for word, value in limits()["one_word"][fact].items():
        if notes.text.lstrip("是就走按我们的 ").startswith(word) and not notes.has("neg"):
            if not any(d.fact == fact for d in notes.doubts):
                notes.put(fact, value, notes.text)
            return


def _review_date(notes: Notes) -> None:
    if "review_date" in notes.facts:
        return
    if notes.text.strip(" 。就") in ("今天", "今日", "当天", "现在"):
        put_review_date(notes, notes.today, notes.text)
        return
    match = _MONTH_DAY.fullmatch(notes.text.strip(" 。"))
    if (
        match
        and 1 <= int(match.group(1)) <= 12
        and 1 <= int(match.group(2)) <= monthrange(2000, int(match.group(1)))[1]
    ):
        year = int(notes.text[:4]) if notes.text[:4].isdigit() else notes.today.year
        month, day = int(match.group(1)), min(int(match.group(2)), monthrange(year, int(match.group(1)))[1])
        put_review_date(notes, date(year, month, day), match.group())


_ASIDE = frozenset(("fill", "self", "done", "age"))


def _only(notes: Notes) -> Token | None:
    """The number of a message that says nothing else, or None."""
    content = [
        t
        for t in notes.tokens
        if t.kind not in ("sep", "other")
        and _ASIDE.isdisjoint(t.senses)
        and not (t.kind == "years" and t.value == (notes.today.year,) and t.unit == "relative")
    ]
    return content[0] if len(content) == 1 else None


def _birth(notes: Notes) -> None:
    if "age" in notes.facts or "birth" in notes.facts:
        return
    decade = _BORN_IN.search(notes.text)
    if decade is not None and not any(d.fact == "birth" for d in notes.doubts):
        notes.claims, notes.doubts = (
            [],
            [d for d in notes.doubts if d.fact != "age" and not d.fact.startswith("history")],
        )
        notes.doubt("birth", decade.group(), "vague_age")  # 80后: some ten years
        return
    if any(t.is_("cat") or t.is_("unit") or (t.is_("done") and t.text not in _MERELY) for t in notes.tokens):
        return  # 学了55: hours
    near = any((t.is_("age") and not t.is_("age", "full")) for t in notes.tokens)
    token = _only(notes)
    if token is not None and token.kind == "number" and token.unit in ("", "age") and not token.used:
        if _year_said(notes, token):
            return
        whose = token.value is not None and of_something_unknown(notes, notes.tokens.index(token))  # 教龄55
        if whose and not any(d.fact == "age" for d in notes.doubts):
            notes.doubt("age", token.text, "whose_age", {"likely": token.value})
        if token.value is None or near or whose or (token.value > _OLDEST_SAID and "." not in notes.text):
            if not any(d.fact == "age" for d in notes.doubts):
                notes.doubt(
                    "age", token.text, "vague_age", {"age": list(token.bounds) if token.bounds else token.value}
                )
            return
        if isinstance(token.value, int) and 16 <= token.value <= _OLDEST_SAID and "." not in notes.text:
            notes.put("age", token.value, token.text)
            notes.claims, notes.doubts = [], [d for d in notes.doubts if not d.fact.startswith("history")]
            return
    month = [t for t in notes.words_of("date") if t.value.year is None and t.value.month and not t.used]
    if month and not notes.doubts:
        notes.doubt("birth", month[0].text, "no_year", {"month": month[0].value.month, "day": month[0].value.day})
    _digits_date(notes)


def _year_said(notes: Notes, token: Token) -> bool:
    """75, 七五: no age of somebody at work but the year of birth; 今年90 and 六十八 are neither."""
    spoken = not token.text.isascii()
    if token.value is None or not _TWO_DIGITS.fullmatch(token.text) or "." in notes.text or notes.has("years"):
        return False
    year = year_of(token.text, notes.today)
    if year is None or year > notes.today.year - 16 or not (spoken or token.value > _OLDEST_SAID or token.value < 16):
        return False
    notes.claims, notes.doubts = [], [d for d in notes.doubts if not d.fact.startswith("history")]
    notes.doubt("birth", token.text, "birth_year_only", {"birth_year": year})
    return True


def _digits_date(notes: Notes) -> None:
    """197705, 77.5, 77 5 16: only where a birth date is asked for."""
    match = _DATE6.fullmatch(notes.text.strip(" .。生出的我是"))
    if not match:
        return
    year = year_of(match.group(1), notes.today)
    month, day = int(match.group(2)), int(match.group(3) or 0)
    if year is None or year > notes.today.year - 16 or not 1 <= month <= 12 or not 0 <= day <= 31:
        return
    notes.doubts = [d for d in notes.doubts if not d.fact.startswith("history")]
    notes.claims = []
    if day > monthrange(year, month)[1]:
        notes.doubt("birth", match.group(), "impossible_date")
    else:
        notes.doubts = [d for d in notes.doubts if d.fact != "birth"]
        notes.put("birth", f"{year:04}-{month:02}" + (f"-{day:02}" if day else ""), match.group())


def _birth_day(notes: Notes) -> None:
    if "birth" in notes.facts and len(notes.facts["birth"]) == 10:
        return
    for said in notes.words_of("date"):
        if said.value.day and not said.off:
            if not said.value.possible:
                notes.doubt("birth_day", said.text, "impossible_date")
            else:
                notes.put("birth_day", said.value.day, said.text)
            notes.doubts = [d for d in notes.doubts if d.fact != "birth"]
            return
    match = _MONTH_DAY.fullmatch(notes.text.strip(" 。"))
    if match and 1 <= int(match.group(2)) <= 31:
        notes.put("birth_day", int(match.group(2)), match.group())
        return
    token = _only(notes)
    if token is not None and token.kind == "number" and isinstance(token.value, int) and 1 <= token.value <= 31:
        notes.put("birth_day", token.value, token.text)
        notes.facts.pop("age", None)


def _flag(notes: Notes, fact: str, command: str | None) -> None:
    town = [t for t in notes.words_of("place") if t.is_("place", "none") and not t.off]
    if fact == "grassroots" and fact not in notes.facts and town:
        notes.put(fact, False, town[0].text)
    if fact not in notes.facts and command in ("yes", "no", "none", "confirm"):
        notes.put(fact, command in ("yes", "confirm"), notes.text)


def _years(notes: Notes) -> None:
    if "recognition_years" in notes.facts:
        return
    token = _only(notes)
    value = token.value if token is not None and token.kind in ("number", "duration") else None
    if token is not None and token.kind == "years" and token.unit == "window":
        value = len(token.value)
    if isinstance(value, int) and 1 <= value <= 10 and token is not None:
        notes.put("recognition_years", value, token.text)


def _month(notes: Notes, fact: str) -> None:
    if fact in notes.facts:
        return
    match = _DATE6.fullmatch(re.sub("[^0-9.\\-/年月]", "", notes.text))
    year = year_of(match.group(1), notes.today) if match else None
    if not match or not year or not 1 <= int(match.group(2)) <= 12:
        return
    if (year, int(match.group(2))) > (notes.today.year, notes.today.month):
        if not any(d.fact == fact for d in notes.doubts):
            notes.doubt(fact, match.group(), "future_year", {"year": year, "month": int(match.group(2))})
    else:
        notes.put(fact, f"{year:04}-{int(match.group(2)):02}", match.group())


def _review_year(notes: Notes) -> None:
    token = _only(notes)
    if "review_year" not in notes.facts and token is not None and token.kind == "number" and token.value is not None:
        year = year_of(str(int(token.value)), notes.today)
        if year and notes.today.year - 2 <= year <= notes.today.year + 2:
            notes.put("review_year", year, token.text)


def _one_cell(notes: Notes, asking: str, command: str | None) -> None:
    _, year, category = asking.split(".")
    if any(claim.category in (category, None) for claim in notes.claims if claim.kind in VALUES):
        return
    token = _only(notes)
    if (
        token is not None
        and token.kind == "number"
        and token.unit in _BARE_NUMBER
        and token.value is not None
        and token.value >= 0
    ):
        notes.claims = [Claim((int(year),), category, "hours", token.value, token.text)]
    elif command in ("no", "none"):
        notes.claims = [Claim((int(year),), category, "none", None, notes.text)]
