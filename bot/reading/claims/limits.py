"""What limits a claim: years that count themselves, what is excepted, not verified, or full only perhaps, in part, or of another kind."""

from __future__ import annotations

import re
from datetime import date
from itertools import groupby
from types import MappingProxyType

from bot.reading.lexing.lexicon import kinds, lexicon, limits
from bot.reading.lexing.tokens import Token, joined, spelt

_ELSEWHERE = ("ask", "apply", "move", "from", "held", "birth")  # what makes a clause tell something else than hours
_ASIDE = frozenset(" ,、")
_EARLIEST = 2015  # year of hours that can still matter to anybody
_LONGEST = 60  # spans of a phrase, and of what stands round it
_PARTIAL = MappingProxyType({"state": "partial"})
_UNRECOGNISED = MappingProxyType({"state": "void"})
_SAID = MappingProxyType({"fill": "word"})
_LEARNING = tuple("学修上听看刷做弄整搞习成")
_COMPLETE = tuple("完满够全齐足")
_TOLD = frozenset(kinds()["told_beside"])
"""Facts and questions beside a claim, at which what may limit it ends."""
_NEAR = 12  # spans of a clause beside
_ODD = frozenset(kinds()["limiting"])
"""Kinds of words that limit a claim right beside it."""


def counted(tokens: list[Token]) -> list[Token]:
    """2022、2023、2024三年: a count behind named years counts those, and no others."""
    out: list[Token] = []
    for token in tokens:
        named = _run(out) if _is_count(token) else []
        years = tuple(y for t in named for y in t.value)
        if len(years) > 1:
            place = out.index(named[0])
            out[place:] = [joined("years", [*out[place:], token], value=years, unit="list")]
        else:
            out.append(token)
    return out


def _is_count(token: Token) -> bool:
    return (token.kind == "years" and token.unit == "window" and token.text[0] not in "每年") or (
        token.kind == "duration" and token.unit == "年" and isinstance(token.value, int) and 1 < token.value < 10
    )


def _run(out: list[Token]) -> list[Token]:
    """The years named at the end of what was heard so far, with nothing but marks between."""
    found: list[Token] = []
    for token in reversed(out):
        if token.kind == "years" and token.unit in ("year", "bare", "list") and not token.negated:
            found.append(token)
        elif not (token.kind == "sep" and token.text in _ASIDE) and token.text not in ("和", "跟", "与", "及"):
            break
    return found[::-1]


def excepted(tokens: list[Token], today: date, window: tuple[int, ...]) -> list[Token]:
    """除了2024年专业, 2024年除外: the years and the category become one span that takes them out of wider claims."""
    out: list[Token] = []
    i = 0
    while i < len(tokens):
        end = _phrase_end(tokens, i) if tokens[i].is_("except") else i
        if end > i + 1:
            end = _with_rest(tokens, i, end)
            out += _but(tokens[i:end], out, tokens[end : end + _LONGEST], window)
            i = end
        elif tokens[i].text in limits()["left_out"]:
            start = len(out)
            while start and (
                out[start - 1].kind == "years" or out[start - 1].is_("cat") or out[start - 1].text == "的"
            ):
                start -= 1
            span = [*out[start:], tokens[i]]
            del out[start:]
            out += _but(span, out, tokens[i + 1 : i + 1 + _LONGEST], window) if len(span) > 1 else span
            i += 1
        else:
            out.append(tokens[i])
            i += 1
    return out


def _phrase_end(tokens: list[Token], i: int) -> int:
    """Where the phrase that begins with 除了 ends; `i` where it tells hours of its own or names nothing."""
    named = False
    for k, token in enumerate(tokens[i + 1 : i + 1 + _LONGEST], i + 1):
        if token.kind in ("years", "date") or token.of("cat", "year"):
            named = True
        elif token.text in limits()["outside"]:
            return k + 1 if k > i + 1 else i
        elif token.kind == "sep" and token.text not in "、 ":
            return k if named or k > i + 1 else i
        elif token.is_("all") or token.is_("state", "full"):
            return k if named else i
        elif token.kind == "number" or token.of("state", "short", "done"):
            return i
    return min(len(tokens), i + 1 + _LONGEST) if named else i


def _with_rest(tokens: list[Token], i: int, end: int) -> int:
    """除了2024年，别的年都学满了: 别的年 are those that the phrase leaves, and none that it names."""
    if any(t.is_("cat") for t in tokens[i:end]) or not any(_years(t) for t in tokens[i:end]):
        return end
    behind = end
    while behind < len(tokens) and tokens[behind].kind == "sep" and tokens[behind].text in _ASIDE:
        behind += 1
    return behind + 1 if behind < len(tokens) and tokens[behind].is_("rest") else end


def _but(said: list[Token], before: list[Token], behind: list[Token], window: tuple[int, ...]) -> list[Token]:
    years = tuple(y for t in said for y in _years(t))
    categories = [t.senses["cat"] for t in said if t.is_("cat")]
    but = joined("but", said, value=(years, categories[0] if len(set(categories)) == 1 else None, "but"))
    spoken = next((t for t in behind if t.kind == "years" or t.is_("state")), None)
    direct = spoken is not None and spoken.is_("state", "full") and spoken.clause == said[-1].clause
    elsewhere = not direct and any(t.kind == "years" for t in before[-_LONGEST:] + behind)
    if years and not elsewhere and any(t.is_("state", "full") for t in behind):
        rest = tuple(y for y in window if y not in years) if not categories else window
        dated = joined("years", said, value=rest, unit="list")
        return [but, dated] if categories else [dated]
    return [but]


def _years(token: Token) -> tuple[int, ...]:
    if token.kind == "years":
        return tuple(token.value)
    return (token.value.year,) if token.kind == "date" and token.value.year else ()


def unsettled(tokens: list[Token]) -> list[Token]:
    """三年都满了，就是去年的专业没核定: a clause that names a year or a category, tells no hours of it and says no or but."""
    full = any(t.is_("state", "full") or t.is_("state", "void") for t in tokens)
    out: list[Token] = []
    for inside in _sayings(tokens):
        text = spelt(inside)
        named = [t for t in inside if (any(y >= _EARLIEST for y in _years(t)) and not t.negated) or t.is_("cat")]
        known = not named or _valued(inside, text) or nothing_then(tokens, inside[0].clause + 1)
        void = re.search(limits()["void"], text)
        lacking = re.search(limits()["lacking"], text)  # 今年公需而已 says nothing of the other
        if known or not (full or void):
            out += inside
            continue
        category = next((t.senses["cat"] for t in named if t.is_("cat") and lacking), None)
        years = tuple(y for t in named for y in _years(t))
        span = joined("but", inside, value=(years, category, "void" if void else "lack" if lacking else "but"))
        span.text = text.strip(" ,。;")
        out += [*(t for t in inside[:1] if t.kind == "sep"), span]
    return out


def _sayings(tokens: list[Token]) -> list[list[Token]]:
    """The clauses, cut once more where a year or a category follows what is said to be full: 三年都满了今年还在学."""
    found: list[list[Token]] = []
    full = False
    for token in tokens:
        new = not found or token.clause != found[-1][-1].clause
        if new or (full and (token.kind in ("years", "date") or token.is_("cat"))):
            found.append([])
            full = False
        found[-1].append(token)
        full = full or token.is_("state", "full")
    return found


def _valued(clause: list[Token], text: str) -> bool:
    """Whether a clause that names a year or a category tells hours, or something that has nothing to do with hours."""
    if any(t.text.startswith(tuple(limits()["taken_off"])) for t in clause):
        return False  # 扣了十个
    if any(t.is_("exam") for t in clause) or (
        re.search(limits()["asked"], text) and not any(t.is_("cat") for t in clause)
    ):
        return True  # 今年还用学吗
    asked = any(t.is_("ask") for t in clause)  # 不知道过没过
    if any(t.kind == "but" or (t.is_("state") and not (asked and t.is_("state", "unknown"))) for t in clause):
        return True
    owed = any(t.of("plan", "require", "short", "soon") for t in clause)
    if all(t.kind in ("years", "sep") or t.is_("fill") for t in clause):
        return True  # 2024 公需完成30: what is told of it stands behind
    counts = [t for t in clause if t.kind == "number" and t.unit != "things"]
    if any(t.text.isascii() or len(t.text) > 1 for t in counts):  # 病了一场
        return not any(t.is_("require") for t in clause) or any(t.is_("done") for t in clause)  # 今年需要再学20
    both = len({t.senses["cat"] for t in clause if t.is_("cat")}) > 1
    about_hours = owed or any(t.is_("cat") for t in clause)
    return both or (not about_hours and any(t.is_(kind) for t in clause for kind in _ELSEWHERE))


def nothing_then(tokens: list[Token], clause: int) -> bool:
    """24年休产假，一个学时没学: the clause before names the year, and why."""
    said = next((t for t in tokens if t.clause == clause and not (t.kind == "sep" or t.is_("fill"))), None)
    return said is not None and (said.is_("state", "zero") or said.is_("state", "nothing"))


def unrecognised(tokens: list[Token]) -> None:
    """公需30没认, 学完了，没算上: hours that nobody verified do not count, so what was told of them is asked. And
    三年都满了才能报 says what must be, not what is."""
    said = limits()
    before: list[Token] = []
    for _, group in groupby(tokens, lambda t: t.clause):
        clause = list(group)
        text, start = spelt(clause), clause[0].start
        if match := re.search(said["void"], text):
            lead = text[: match.start()].strip(said["between"])
            _void([t for t in clause if t.start - start < match.start()] if lead else before)
            for token in clause:
                if token.kind == "number" and match.start() <= token.start - start < match.end():
                    token.kind, token.senses = "word", _SAID  # 清零
        if match := re.search(said["only_so_many"], text):
            for token in clause:
                if token.kind == "number" and token.end - start == match.start():  # 专业60只认了20
                    token.kind, token.senses = "word", _SAID
        if match := re.search(said["only_then"], text):
            for token in clause:
                if token.is_("state", "full") and token.start - start < match.start():
                    token.senses = _PARTIAL
        before = clause


def _void(tokens: list[Token]) -> None:
    counted = any(t.is_("cat") for t in tokens)
    for token in tokens:
        if token.is_("state", "full") or (counted and token.kind == "number" and token.unit in ("", "hours")):
            token.kind, token.senses, token.value = "word", _UNRECOGNISED, None


def soften(tokens: list[Token]) -> list[Token]:
    """The tokens with every state that is not plainly full made partial (没有都学满, 好像满了, 满了一半, 单位说够了): between it
    and the next fact, whichever way, nothing may stand that is not known to be harmless."""
    out: list[Token] = []
    for token in tokens:  # 还没学 and 完, 都没有学 and 满: what was begun and not ended is neither full nor nothing
        last = out[-1] if out else None
        undone = last is not None and (last.is_("state", "zero") or last.is_("state", "nothing"))
        ended = token.text.startswith(_COMPLETE) and len(token.text) <= 3 and (token.kind == "other" or token.senses)
        if last is not None and undone and ended and last.text.endswith(_LEARNING) and token.kind != "number":
            last.senses, last.text = _PARTIAL, last.text + token.text
        else:
            out.append(token)
    for i, token in enumerate(out):
        if not token.is_("state", "full") or (token.is_("age") and i + 1 < len(out) and out[i + 1].kind == "number"):
            continue
        odd = [j for step in (-1, 1) if (j := _limit(out, i, step)) is not None]
        if token.text in limits()["of_hours_only"] and not any(t.of("unit", "cat") for t in out):
            odd.append(i)  # 每年都合格: which may be the yearly appraisal
        if token.text in limits()["alone"] and all(t is token or t.kind == "sep" for t in out):
            odd.append(i)
        if odd:
            first, last_one = min(i, *odd), max(i, *odd)
            out[i] = joined("word", out[first : last_one + 1], senses=_PARTIAL)
            out[i].clause = token.clause
    return out


def _limit(tokens: list[Token], i: int, step: int) -> int | None:
    """Where the word stands that limits what is said to be full at `i`, looking one way; None where it is said plainly."""
    j = i + step
    while 0 <= j < len(tokens):
        token = tokens[j]
        if token.clause != tokens[j - step].clause and not _of_sureness(tokens, j, step):
            return None
        if step > 0 and (token.kind == "years" or token.is_("cat")):
            return None
        if (odd := _odd(tokens, j, step)) is not None:
            return j if odd else None
        j += step
    return None


def _odd(tokens: list[Token], j: int, step: int) -> bool | None:
    """Whether a word limits what is beside it (True), ends the looking (False) or says nothing (None)."""
    token, senses = tokens[j], tokens[j].senses
    if token.text in limits()["both"]:
        return None
    if "except" in senses or ("said" in senses and j and tokens[j - 1].is_("self")):
        return None
    if token.text in lexicon().hedges or token.text in limits()["but_words"]:
        return True
    if token.kind in ("other", "junk"):
        return True if token.text.isalpha() else None
    if token.kind in ("number", "date", "duration"):
        return token.unit == "credits" or (step > 0 and token.unit in limits()["things_done"])
    if "state" in senses:
        return "neg" in senses if step < 0 else senses["state"] in ("partial", "void")
    if "neg" in senses or senses.keys() & _ODD:
        return not ("require" in senses and token.text.startswith(tuple(limits()["obliging"]["kept_to"])))
    return None if not senses.keys() & _TOLD else False


def _of_sureness(tokens: list[Token], j: int, step: int) -> bool:
    """True where the neighbouring clause, entered at `j`, tells no fact of its own: 单位说，都满了; 都满了，在外省学的."""
    if tokens[max(j, j - step)].text not in " ,":
        return False
    clause = [t for t in tokens[max(0, j - _NEAR) : j + _NEAR] if t.clause == tokens[j].clause]
    plain = ("fill", "said", "self", "unit", "rest", "all") if step > 0 else ("fill", "said", "person")
    said = step > 0 or any(t.is_("said") or t.text in lexicon().hedges for t in clause)
    return said and all(t.kind in ("sep", "other") or t.text in lexicon().hedges or t.of(*plain) for t in clause)
