"""Hours that are full only perhaps, in part, of another kind or not verified: they become a doubt and are never taken as done."""

from __future__ import annotations

import re
from itertools import groupby
from types import MappingProxyType

from bot.reading.lexing.lexicon import kinds, lexicon, limits
from bot.reading.lexing.tokens import Token

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


def unrecognised(tokens: list[Token]) -> None:
    """公需30没认, 学完了，没算上: hours that nobody verified do not count, so what was told of them is asked. And
    三年都满了才能报 says what must be, not what is."""
    said = limits()
    before: list[Token] = []
    for _, group in groupby(tokens, lambda t: t.clause):
        clause = list(group)
        text, start = "".join(t.text for t in clause), clause[0].start
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
        if token.text in limits()["of_hours_only"] and not any(t.is_("unit") or t.is_("cat") for t in out):
            odd.append(i)  # 每年都合格: which may be the yearly appraisal
        if odd:
            first, last_one = min(i, *odd), max(i, *odd)
            span = Token("word", "".join(t.text for t in out[first : last_one + 1]), out[first].start, senses=_PARTIAL)
            span.clause = token.clause
            out[i] = span
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
    return said and all(
        t.kind in ("sep", "other") or t.text in lexicon().hedges or any(t.is_(kind) for kind in plain) for t in clause
    )
