"""Age: told apart from hours, years and rules by what stands beside the number."""

from __future__ import annotations

import re

from bot.language.clauses import significant
from bot.language.lexicon import limits
from bot.language.notes import Notes
from bot.language.tokens import Token

YOUNGEST, OLDEST = 16, 100
_BARE = range(18, 76)
_HOURS_KINDS = ("cat", "done", "short", "require", "total", "of")
_DEMANDS = frozenset(limits()["demands"])
_AWAITED = re.compile(r"(?:等|等到|熬到|拖到|想到|挨到)我?满?$")
_THEN = re.compile(
    r"周?岁?[ ,]?(?:了|以后|之后|后|那年|的时候|时)?[ ,]?(?:我|就)?"
    r"(?:再[报评说申考晋弄参]|再去|才[报评申参]|那[年会阵]|的时候|(?:以|之)后(?!的))"
)
_FUTURE_UNITS = ("relative",)


def read_age(notes: Notes) -> None:
    """Full years today. 虚岁, 快五十, 五十出头 are doubts; 差俩月五十 is one year less."""
    found: list[tuple[Token, int]] = []
    vague: list[tuple[Token, str]] = []
    coming: list[tuple[Token, int]] = []
    for i, token in notes.indexed("number"):
        if token.used or token.unit not in ("", "age"):
            continue
        if token.text.endswith(("以上", "以下", "之间", "以内")) and (token.unit or _beside_sex(notes, i)):
            _rule(notes, i)  # 女50以上的都不用学
            token.used = True
            continue
        if _both_sexes(notes, token):
            for sex in (t for t in notes.clause(token) if t.is_("sex")):
                sex.off = True
            token.used = True
            continue
        if _reached_this_year(notes, i, token):
            token.used = True
            notes.doubt(
                "birth", token.text, "birth_year_only", {"birth_year": notes.today.year - int(token.value or 0)}
            )
            continue
        if notes.text.startswith(("退", "岁退"), token.end):
            token.used = True  # 男的60退休
            continue
        told = not _owned(notes, i) and _told_age(notes, i, token)
        if not told:
            continue
        token.used = True
        if _demanded(notes, token):
            if not any(t.text in ("我", "俺", "本人") for t in notes.clause(token)):
                for sex in (t for t in notes.clause(token) if t.is_("sex")):
                    sex.off = True  # 要求女的满50岁
            continue
        if _heads_a_rule(notes, i):
            _rule(notes, i - 1)
            continue
        _claim_year(notes, i)
        if token.negated or token.off:
            continue
        if _later(notes, token):
            vague.append((token, "another_time"))
            continue
        nearness = _nearness(notes.tokens, i)
        short_of = _months_short(notes.tokens, i)
        if short_of and token.value is not None:
            coming.append((token, int(token.value) - 1))
        elif nearness == "nominal":
            vague.append((token, "virtual_age"))
        elif nearness or token.value is None:
            vague.append((token, "vague_age"))
        elif YOUNGEST <= token.value <= OLDEST:
            found.append((token, int(token.value)))
        else:
            vague.append((token, "impossible_age"))
    if found and coming and found[-1][1] != coming[-1][1]:
        found += coming
    if notes.one_of("age", found or coming):
        return
    for token, reason in vague[-1:]:
        notes.doubt("age", token.text, reason, {"age": _number(token)})


def _reached_this_year(notes: Notes, i: int, token: Token) -> bool:
    """今年满55: born fifty-five years ago, which does not say whether the birthday has been."""
    if not isinstance(token.value, int) or token.value not in _BARE or token.text[-1] == "半":
        return False
    lead, this_year = [], False
    for before in reversed(notes.tokens[:i]):
        if before.kind == "years":
            this_year = before.value == (notes.today.year,) and before.clause == token.clause
            break
        if not (
            before.is_("fill")
            or before.is_("all")
            or before.is_("done")
            or before.is_("state")
            or before.is_("age")
            or before.is_("move")
        ):
            break
        lead.append(before.text)
    said = "".join(reversed(lead))
    ahead = notes.tokens[i + 1] if i + 1 < len(notes.tokens) else None
    return (
        this_year
        and said.endswith(("满", "到", "够"))
        and not said.startswith(("已", "刚"))
        and not (ahead is not None and (ahead.is_("cat") or ahead.is_("unit")))
    )


def _owned(notes: Notes, i: int) -> bool:
    """25年60, 专业：2023年60、2024年50: the number is its year's; so is that of 今年 where another year has one too."""
    tokens = notes.tokens
    before = significant(tokens, i, -1)
    if tokens[i].unit == "age" or before is None or before.kind not in ("years", "date"):
        return False
    if before.kind == "date" or before.unit != "relative" or before.value != (notes.today.year,):
        return True
    others = [k for k in notes.years if tokens[k] is not before and _is_number(significant(tokens, k, 1))]
    return any(tokens[k].unit != "window" and not _counts_hours(tokens, k) for k in others)


def _number(token: Token) -> object:
    return list(token.bounds) if token.value is None and token.bounds else token.value


def _beside_sex(notes: Notes, i: int) -> bool:
    near = (significant(notes.tokens, i, -1), significant(notes.tokens, i, 1))
    return any(t is not None and t.is_("sex") for t in near)


def _claim_year(notes: Notes, i: int) -> None:
    """The 今年 of 今年五十 says when the age holds: no hours belong to it."""
    before = significant(notes.tokens, i, -1)
    if (
        before is not None
        and before.kind == "years"
        and before.unit == "relative"
        and before.clause == notes.tokens[i].clause
    ):
        before.used = True


def _demanded(notes: Notes, token: Token) -> bool:
    """要求满55岁才行, 满50岁，才能免: what somebody demands is nobody's age."""
    before = [t for t in notes.clause(token) if t.start < token.start] if notes.has("require") else []
    if any(t.text in _DEMANDS or t.text.startswith(("要求", "规定")) for t in before):
        return True
    behind = notes.text[token.end : token.end + 12].lstrip("了的以上周岁 ,")
    return behind.startswith(tuple(limits()["granted"]))


def _heads_a_rule(notes: Notes, i: int) -> bool:
    """男满55 and not a word more: a line of a regulation; 我男满55 and 男满55了 are somebody's age."""
    tokens = notes.tokens
    if notes.asking is not None or i < 2 or not tokens[i - 1].is_("age", "full") or not tokens[i - 2].is_("sex"):
        return False
    return all(t.kind == "sep" or t.is_("sex") or t.is_("age", "full") or t.kind == "number" for t in tokens)


def _both_sexes(notes: Notes, token: Token) -> bool:
    """男的到55女的到50: a rule for everybody."""
    said = {t.senses["sex"] for t in notes.clause(token) if t.is_("sex")}
    return said >= {"male", "female"} and not any(t.is_("self") for t in notes.clause(token))


def _rule(notes: Notes, i: int) -> None:
    for token in (significant(notes.tokens, i, -1), significant(notes.tokens, i, 1)):
        if token is not None and token.is_("sex"):
            token.off = True


def _later(notes: Notes, token: Token) -> bool:
    """True where the clause speaks of another time than today (明年我满50, 去年就满50了, 下个月50, 等50岁再报)."""
    clause = notes.clause(token)
    if any(t.is_("soon") for t in clause):
        return True
    if _AWAITED.search(notes.text[max(0, token.start - 5) : token.start]):
        return True
    if _THEN.match(notes.text, token.end):
        return True
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
    before = tokens[j] if j >= 0 else None
    if before is not None and before.clause == tokens[i].clause and before.is_("age") and not before.is_("age", "full"):
        return before.senses["age"]
    behind = tokens[i + 1 : i + 4]
    if behind and behind[0].text == "(":
        behind = behind[1:]
    if behind and behind[0].is_("age", "nominal") and not _is_number(behind[1] if len(behind) > 1 else None):
        return "nominal"
    return ""


def _months_short(tokens: list[Token], i: int) -> bool:
    """差俩月五十, 再有三个月55岁, 55岁还差俩月."""
    j = i - 1
    while j >= 0 and (tokens[j].is_("age", "full") or tokens[j].text in ("就", "到", "才", "够", "就是", "是", "整")):
        j -= 1
    if j >= 1 and tokens[j].kind == "duration" and _under_a_year(tokens[j]):
        lead = tokens[j - 1]
        return lead.is_("short") or lead.text in ("还有", "再有", "有", "再", "过", "剩")
    ahead = tokens[i + 1 : i + 4]
    if not any(t.kind == "duration" for t in ahead):
        return False
    ahead = [t for t in ahead if not t.is_("fill") or t.is_("short")]
    return (
        len(ahead) > 1
        and (ahead[0].is_("short") or ahead[0].text in ("还有", "还"))
        and ahead[1].kind == "duration"
        and _under_a_year(ahead[1])
    )


def _under_a_year(token: Token) -> bool:
    return token.unit in ("月", "days", "星期", "礼拜") or (token.unit == "年" and (token.value or 1) < 1)


def _told_age(notes: Notes, i: int, token: Token) -> bool:
    """True where the number is an age: by its unit, a word for age, or the company it keeps."""
    tokens = notes.tokens
    if token.unit == "age":
        return True
    joined = tokens[i - 1] if i else None
    if token.value is not None and (token.value not in _BARE or not isinstance(token.value, int)):
        return False
    if joined is not None and "cat" in joined.senses and joined.senses.keys().isdisjoint(("age", "fix")):
        return False
    before, ahead = significant(tokens, i, -1), significant(tokens, i, 1)
    if joined is not None and joined.is_("age") and not joined.is_("short"):
        if joined.text == "满":
            return _personal(notes, i, significant(tokens, i - 1, -1))
        return not joined.is_("age", "near") or _personal(notes, i, before)
    if joined is not None and joined.text in ":)" and i > 1 and tokens[i - 2].is_("age", "full"):
        return True
    if before is not None and before.is_("fix") and (_corrects_age(notes, i, token) or _age_was_wrong(notes, before)):
        return True
    if _months_short(tokens, i) and (before is None or not before.is_("cat")):
        return True
    if token.value is None and not (token.text.endswith(("出头", "开外", "挂零")) or token.text[0] in "奔小"):
        return False
    if ahead is not None and ahead.is_("cat") and ahead.clause == token.clause:
        return False
    if before is not None and (not before.senses.keys().isdisjoint(_HOURS_KINDS) or before.kind == "number"):
        return False
    return _personal(notes, i, before) or _listed(notes, i)


def _age_was_wrong(notes: Notes, fix: Token) -> bool:
    """年龄错了，47."""
    place = next(i for i, t in notes.indexed("fix") if t is fix)
    named = significant(notes.tokens, place, -1)
    return named is not None and named.text in ("年龄", "岁数", "年纪")


def _corrects_age(notes: Notes, i: int, token: Token) -> bool:
    """45，哦不对46: a number behind a word of correction, where the last number was an age."""
    earlier = [k for k in notes.by_kind.get("number", ()) if k < i]
    hours = any(t.is_("cat") for t in notes.clause(token))
    return bool(earlier) and not hours and notes.tokens[earlier[-1]].used


def _personal(notes: Notes, i: int, before: Token | None) -> bool:
    """女 50, 俺男 51, 我33, 我今年五十二, 47女."""
    tokens, token = notes.tokens, notes.tokens[i]
    ahead = significant(tokens, i, 1)
    if before is not None and (before.is_("sex", "male") or before.is_("sex", "female")):
        return True
    if (
        ahead is not None
        and ahead.is_("sex")
        and not ahead.is_("sex", "none")
        and not (before and before.kind == "years" and before.value != (notes.today.year,))
    ):
        return True
    this_year = (
        before is not None
        and before.kind == "years"
        and before.unit == "relative"
        and before.value == (notes.today.year,)
    )
    lead = _before(tokens, i, before) if this_year else before
    subject = lead is not None and (lead.is_("self") or lead.is_("person") or lead.is_("sex"))
    if lead is not None and lead.is_("said"):
        return False
    if lead is not None and lead.is_("time", "now") and "sex" in notes.by_kind:
        return _ends(tokens, i) and not any(t.is_(k) for t in notes.clause(token) for k in ("cat", "done"))
    if this_year:
        others = [k for k in notes.years if tokens[k] is not before and tokens[k].unit != "window"]
        others = [k for k in others if min(tokens[k].value) <= notes.today.year]
        behind = tokens[i + 1].text if i + 1 < len(tokens) else ""
        if subject and behind in ("了", "咧", "嘞", "啦", "啊"):
            return True
        if subject:  # 我今年20 去年30 are hours; 我今年五十二 … 去年公需30 is an age
            others = [k for k in others if _is_number(significant(tokens, k, 1)) and not _counts_hours(tokens, k)]
        facts = ahead is not None and any(ahead.is_(k) for k in ("sex", "level", "title", "apply", "sector"))
        alone = (lead is None or lead.clause != token.clause) and facts
        return (subject or alone) and not others and _ends(tokens, i)
    return subject and lead is not None and lead.clause == token.clause and _ends(tokens, i)


def _counts_hours(tokens: list[Token], k: int) -> bool:
    """去年25个公需: what stands behind the year is a number of hours, with its category."""
    return any(t.is_("cat") for t in tokens[k + 1 : k + 4])


def _is_number(token: Token | None) -> bool:
    return token is not None and token.kind == "number"


def _before(tokens: list[Token], i: int, this_year: Token | None) -> Token | None:
    j = next((k for k in range(i - 1, -1, -1) if tokens[k] is this_year), 0)
    return significant(tokens, j, -1)


def _ends(tokens: list[Token], i: int) -> bool:
    """True where behind the number comes an end, 了, a title or the like: no thing that is counted."""
    nxt = tokens[i + 1] if i + 1 < len(tokens) else None
    if nxt is not None and nxt.kind == "sep":
        return nxt.text not in "/+-~:"
    if nxt is None or nxt.text in (
        "了",
        "的",
        "咧",
        "嘞",
        "啦",
        "哩",
        "呢",
        "整",
        "还",
        "他",
        "她",
        "想",
        "已经",
        "呀",
        "啊",
        "哈",
    ):
        return True
    return any(
        nxt.is_(k)
        for k in ("apply", "level", "title", "sex", "sector", "self", "route", "held", "age", "person", "event")
    )


def _listed(notes: Notes, i: int) -> bool:
    """副高,47,事业单位: a number alone between two facts of the person, in a message whose hours are elsewhere."""
    tokens = notes.tokens
    alone = [t for t in notes.clause(tokens[i]) if t.kind != "sep" and not t.is_("fill")]
    if len(alone) != 1 or tokens[i].unit:
        return False
    kinds = ("sex", "level", "title", "sector", "apply", "place", "route", "teacher")
    before, ahead = significant(tokens, i, -1), significant(tokens, i, 1)
    near = [t is not None and any(t.is_(k) for k in kinds) for t in (before, ahead)]
    return (
        all(near)
        or (near[1] and before is None)
        or (near[0] and ahead is None and sum(len(notes.by_kind.get(k, ())) for k in kinds) >= 3)
    )
