"""Age: told apart from hours, years and rules by what stands beside the number."""

from __future__ import annotations

import re

from bot.reading.lexing.clauses import significant
from bot.reading.lexing.lexicon import limits
from bot.reading.lexing.tokens import Token, at
from bot.reading.notes import Notes
from bot.reading.roles.features import numbers, of_number
from bot.reading.roles.scorer import LIKELY, SURE, SURE_AMONG_HOURS, score

YOUNGEST, OLDEST = 16, 75
_A_RULE = 4  # spans: a sex, 满 and a number
_BARE = range(18, 76)
_DEMANDS = frozenset(limits()["demands"])
_SAID = limits()["of_age"]
_AWAITED, _NOT_YET, _THEN, _WAITING, _LACKING, _REACHED = (
    re.compile(limits()["age_of_another_time"][name])
    for name in ("awaited", "reached", "then", "waiting", "lacking", "this_year")
)


def read_age(notes: Notes) -> None:
    """Full years today. 虚岁, 快五十, 五十出头 are doubts; 差俩月五十 is one year less."""
    told = _told(notes)
    judged = [(token, _judged(notes, i, token, told)) for i, token in notes.indexed("number")]
    found = [(token, int(token.value)) for token, what in judged if what == "own"]
    coming = [(token, int(token.value) - 1) for token, what in judged if what == "coming"]
    if found and coming and found[-1][1] != coming[-1][1]:
        found += coming
    if found and _birthday_to_come(notes):
        notes.doubt("birth", found[-1][0].text, "vague_age")
    elif not notes.one_of("age", found or coming):
        for token, reason in [(token, what) for token, what in judged if what not in ("", "own", "coming")][-1:]:
            known = {"age": _number(token)}
            notes.doubt("age", token.text, reason, known | ({"likely": known["age"]} if reason == "whose_age" else {}))


def _judged(notes: Notes, i: int, token: Token, told: set[int]) -> str:
    """What a number is: "" no age, "own" the person's, "coming" one that is reached within a year, else why it is in doubt."""
    if token.used or token.unit not in ("", "age") or _learned(notes.tokens, i):
        return ""
    near = token.unit == "age" or _behind_age_word(notes, i) or _beside_sex(notes, i)
    demanded = _demanded(notes, token)
    ruled = _ruled(notes, i, token)
    coming_of_age = not ruled and _reached_this_year(notes, token)
    if not (ruled or coming_of_age or i in told or (near and demanded)):
        return ""
    token.used = True
    own = demanded and any(t.text in _SAID["self"] for t in notes.clause(token))
    for sex in (t for t in notes.clause(token) if t.is_("sex") and (ruled or (demanded and not own))):
        sex.off = True  # 要求女的满50岁
    if coming_of_age:
        notes.doubt("birth", token.text, "birth_year_only", {"birth_year": notes.today.year - token.value})
    if ruled or coming_of_age or demanded:
        return ""
    _claim_year(notes, i)
    return "" if token.negated or token.off else _how_sure(notes, i, token)


def _how_sure(notes: Notes, i: int, token: Token) -> str:
    if _later(notes, token):
        return "another_time"
    nearness = _nearness(notes.tokens, i)
    if token.value is not None and _months_short(notes, token):
        return "coming"
    if nearness == "nominal":
        return "virtual_age"
    if nearness or token.value is None or token.text.endswith(tuple(limits()["doubtful_endings"])):
        return "vague_age"
    if of_something_unknown(notes, i) or any(t.is_("person", "kin") and not t.other for t in notes.clause(token)):
        return "whose_age"
    return "own" if YOUNGEST <= token.value <= OLDEST else "impossible_age"


def settle_birth(notes: Notes) -> None:
    """55岁，1980年5月生: years apart, neither is taken. Of one year, which may be counted by the calendar, the birth decides."""
    age, birth = notes.facts.get("age"), str(notes.facts.get("birth", ""))
    if age is None or len(birth) < len("1980-05"):
        return
    if abs(notes.today.year - int(birth[:4]) - age) > 1:
        said = f"{notes.words.pop('age')} / {notes.words.pop('birth')}"
        del notes.facts["age"], notes.facts["birth"]
        notes.doubt("birth", said, "conflict")


def of_something_unknown(notes: Notes, i: int) -> bool:
    """孩子五十五岁, 教龄55, 55岁还早, 55缺几个月: what stands right beside it may make it another's, or no age."""
    beside = [significant(notes.tokens, i, step) for step in (-1, 1)]
    return not any(t.is_("sex") for t in beside) and any(
        t.clause == notes.tokens[i].clause
        and (
            t.is_("state", "partial")
            or (t.is_("age", "near") and t.start > notes.tokens[i].start)
            or (t.kind == "other" and t.text.isalpha())
        )
        for t in beside
    )


def _birthday_to_come(notes: Notes) -> bool:
    """45周岁，生日是今年12月1号, 55，还没过生日, 身份证小一岁: the age may count from another birthday."""
    return re.search(limits()["another_birth"], notes.text) is not None or any(
        t.value.year in (None, notes.today.year)
        and (t.value.month or 0) >= notes.today.month
        and any(near.is_("birth") for near in notes.clause(t))
        for t in notes.words_of("date")
    )


def _told(notes: Notes) -> set[int]:
    """Where the ages stand: by their unit, or by what speaks for it. One person has one age, unless they correct it."""
    found = notes.indexed("number")
    marked = {
        i
        for i, token in found
        if token.unit == "age"
        or (token.unit == "" and (_short_of_age(notes, i) or _named_age(notes, i) or _asked_with(notes, i)))
    }
    scored = {i: score("number", of_number(notes, i)) for i in numbers(notes)}
    likely = {i: p for i, p in scored.items() if p > LIKELY and not (notes.tokens[i].negated or notes.tokens[i].off)}
    likely = {
        i: points
        for i, points in likely.items()
        if not (_of_a_year_gone(notes, i) or _reached_this_year(notes, notes.tokens[i]))
    }
    if (marked or len(likely) > 1) and not notes.has("fix"):
        best = max(likely.values(), default=0) if not marked else SURE + 1
        likely = {i: points for i, points in likely.items() if points >= best}
    asked = notes.asking in ("birth", "age")
    of_hours = notes.has("cat") or (notes.asking or "").startswith("history")
    sure = LIKELY if asked else SURE_AMONG_HOURS if of_hours else SURE
    for i, points in likely.items():
        if points <= sure:
            notes.tokens[i].used = True
            notes.doubt("age", notes.tokens[i].text, "age_or_hours", {"likely": _number(notes.tokens[i])})
    return marked | {i for i, points in likely.items() if points > sure}


def _learned(tokens: list[Token], i: int) -> bool:
    """专业满50了, 25年学满50了: hours that were reached, where nothing says 岁."""
    j = i - 1
    while j >= 0 and (tokens[j].is_("fill") or tokens[j].is_("age", "full") or tokens[j].is_("merely")):
        j -= 1
    full = any(t.is_("state", "full") for t in tokens[j + 1 : i])
    verb = tokens[j].is_("done") and len(tokens[j].text) > 1
    state = tokens[j].is_("state") and len(tokens[j].text) > 1
    return tokens[i].unit == "" and j >= 0 and (state or (full and (verb or tokens[j].is_("cat"))))


def _of_a_year_gone(notes: Notes, i: int) -> bool:
    """去年才45: hours."""
    year = at(notes.tokens, i - 2)
    return notes.tokens[i - 1].is_("merely") and year.kind == "years" and year.value != (notes.today.year,)


def _short_of_age(notes: Notes, i: int) -> bool:
    """差俩月五十, 下个月满50, 年过半百: an age, but not yet, or nearly."""
    if notes.tokens[i].value not in _BARE or any(t.of("cat", "done") for t in notes.clause(notes.tokens[i])):
        return False
    near = _behind_age_word(notes, i) and (_later(notes, notes.tokens[i]) or bool(_nearness(notes.tokens, i)))
    return near or _months_short(notes, notes.tokens[i])


def _behind_age_word(notes: Notes, i: int) -> bool:
    return i > 0 and notes.tokens[i - 1].is_("age")


def _named_age(notes: Notes, i: int) -> bool:
    """年龄41, 岁数：50."""
    before = significant(notes.tokens, i, -1)
    return before.text in limits()["age_named"] and notes.tokens[i].value in _BARE


def _asked_with(notes: Notes, i: int) -> bool:
    """女 满45怎么办, 女 满45，谢谢: nothing in the clause but the age and what is asked about oneself; 女 满45 alone may be a rule."""
    token = notes.tokens[i]
    if token.value not in _BARE or i == 0 or not notes.tokens[i - 1].is_("age", "full") or not notes.has("sex"):
        return False
    rest = [t for t in notes.clause(token) if t not in (token, notes.tokens[i - 1]) and t.kind != "sep"]
    apart = not any(t.is_("sex") for t in notes.clause(token)) and len(notes.tokens) > _A_RULE
    return (bool(rest) or apart) and all(t.of("ask", "fill") for t in rest)


def _reached_this_year(notes: Notes, token: Token) -> bool:
    """今年满55: born fifty-five years ago, which does not say whether the birthday has been."""
    if token.value not in _BARE or token.text.endswith(tuple(_SAID["half"])):
        return False
    before = [t for t in notes.clause(token) if t.kind == "years" and t.start < token.start]
    this_year = bool(before) and before[-1].value == (notes.today.year,)
    return this_year and _REACHED.fullmatch(notes.between(before[-1], token)) is not None


def _number(token: Token) -> object:
    return list(token.bounds) if token.value is None and token.bounds else token.value


def _beside_sex(notes: Notes, i: int) -> bool:
    return any(significant(notes.tokens, i, step).is_("sex") for step in (-1, 1))


def _claim_year(notes: Notes, i: int) -> None:
    """The 今年 of 今年五十 says when the age holds: no hours belong to it."""
    before = significant(notes.tokens, i, -1)
    if (
        before.kind == "years"
        and before.unit == "relative"
        and before.value == (notes.today.year,)
        and before.clause == notes.tokens[i].clause
    ):
        before.used = True
        exact = notes.tokens[i].text.endswith(tuple(_SAID["exact"])) or notes.tokens[i - 1].is_("age", "full")
        notes.by_year = notes.by_year or not exact


def _demanded(notes: Notes, token: Token) -> bool:
    """要求满55岁才行, 满50岁，才能免: what somebody demands is nobody's age."""
    before = [t for t in notes.clause(token) if t.start < token.start] if notes.has("require") else []
    if any(t.text in _DEMANDS or t.text.startswith(tuple(_SAID["demanded"])) for t in before):
        return True
    behind = notes.text[token.end : token.end + 12].lstrip("".join(_SAID["behind"]))
    return behind.startswith(tuple(limits()["granted"]))


def _ruled(notes: Notes, i: int, token: Token) -> bool:
    """女50以上的都不用学, 男的到55女的到50, 男的60退休, and 男满55 with not a word more: a rule, nobody's age."""
    sexes = {t.senses["sex"] for t in notes.clause(token) if t.is_("sex")}
    both = sexes >= {"male", "female"} and not any(t.is_("self") for t in notes.clause(token))
    ranged = token.text.endswith(tuple(_SAID["ranges"])) and bool(token.unit or _beside_sex(notes, i))
    headed = (
        notes.asking is None and i > 1 and notes.tokens[i - 1].is_("age", "full") and notes.tokens[i - 2].is_("sex")
    )
    bare = headed and all(t.kind in ("sep", "number") or t.is_("sex") or t.is_("age", "full") for t in notes.tokens)
    sexed = sexes and not any(t.is_("self") for t in notes.clause(token))
    if sexed and re.match(limits()["not_limited"], notes.text[token.end :]):
        return True
    return both or ranged or bare or notes.text.startswith(tuple(_SAID["retires"]), token.end)


def _later(notes: Notes, token: Token) -> bool:
    """True where the clause speaks of another time than today (明年我满50, 去年就满50了, 下个月50, 等50岁再报)."""
    clause = notes.clause(token)
    lead = [t for t in clause if t.start < token.start][-3:]
    if any(t.is_("soon") or (t.is_("year", "vague") and t.text not in limits()["a_year"]) for t in lead):
        return True
    before = notes.text[max(0, token.start - 5) : token.start]
    if _AWAITED.search(before) or _THEN.match(notes.text, token.end):
        return True
    if _NOT_YET.search(before) and not notes.text.startswith(tuple(limits()["ended"]), token.end):
        return True  # 到55岁, which may be to come; 到55岁了 is not
    for t in reversed([t for t in clause if t.start < token.start]):
        if t.is_("cat") or (t.is_("state") and not t.is_("age")) or t.kind == "number":
            return False  # a year before that is about hours
        if t.kind == "years" and t.unit == "relative":
            return notes.today.year not in t.value and not t.used
        if t.kind == "date" and t.value.year in (None, notes.today.year) and (t.value.month or 0) >= notes.today.month:
            return True
    return False


def _nearness(tokens: list[Token], i: int) -> str:
    """nominal for 虚岁, near for 快/奔/不到 in front of the number (or 虚岁 behind it), empty for neither."""
    j = i - 1
    while j >= 0 and (tokens[j].is_("fill") or tokens[j].is_("age", "full") or tokens[j].text == ":"):
        j -= 1
    before = at(tokens, j)
    if before.clause == tokens[i].clause and before.is_("age") and not before.is_("age", "full"):
        return before.senses["age"]
    behind = tokens[i + 1 : i + 4]
    if behind and behind[0].text == "(":
        behind = behind[1:]
    if behind and behind[0].is_("age", "nominal") and not (len(behind) > 1 and behind[1].kind == "number"):
        return "nominal"
    return ""


def _months_short(notes: Notes, token: Token) -> bool:
    """差俩月五十, 再有三个月55岁, 55岁还差俩月."""
    before = notes.text[max(0, token.start - 14) : token.start]
    return _WAITING.search(before) is not None or _LACKING.match(notes.text, token.end) is not None
