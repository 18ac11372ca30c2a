"""Full hours that are denied, hedged, partial or only heard of: they become a doubt and are never taken as done."""

from __future__ import annotations

import re
from itertools import groupby
from types import MappingProxyType

from bot.reading.lexing.lexicon import lexicon, limits
from bot.reading.lexing.tokens import Token

_PARTIAL = MappingProxyType({"state": "partial"})
_UNRECOGNISED = MappingProxyType({"state": "void"})
_SAID = MappingProxyType({"fill": "word"})
_ONLY_SO_MANY = re.compile(r"(?:就|只|才)(?:给)?(?:我)?(?:认|算|核定?|审)了?(?=[\d一二三四五六七八九十])")
_ONLY_THEN = re.compile(r"才(?:能|可以|行|让|给|准|算)")
_BETWEEN = "都也还就单位平台系统基地人家最后来结果但可是不过学时 ,。;:!?、\n"
_LEARNING = tuple("学修上听看刷做弄整搞习成")
_COMPLETE = tuple("完满够全齐足")
_SMALL = frozenset(
    ("一些", "些", "一点", "一点点", "一点儿", "点", "点儿", "几", "部分", "一阵", "一阵子", "一会", "一段")
)
_NONE = frozenset(("没有", "没", "未", "无", "还没有", "还没", "并没有"))
_LINKS = frozenset(("是", "有", "必", "曾", "并", "还", "也", "已", "已经", "把"))
_COUNTED = ("things", "days", "lessons", "clock", "minutes")


def unrecognised(tokens: list[Token]) -> None:
    """公需30没认, 学完了，没算上: hours that nobody verified do not count, so what was told of them is asked. And
    三年都满了才能报 says what must be, not what is."""
    before: list[Token] = []
    for _, group in groupby(tokens, lambda t: t.clause):
        clause = list(group)
        text, start = "".join(t.text for t in clause), clause[0].start
        if match := re.search(limits()["void"], text):
            lead = text[: match.start()].strip(_BETWEEN)
            _void([t for t in clause if t.start - start < match.start()] if lead else before)
        if match := _ONLY_SO_MANY.search(text):
            for token in clause:
                if token.kind == "number" and token.end - start == match.start():  # 专业60只认了20
                    token.kind, token.senses = "word", _SAID
        if match := _ONLY_THEN.search(text):
            for token in clause:
                token.off = token.off or (token.is_("state", "full") and token.start - start < match.start())
        before = clause


def _void(tokens: list[Token]) -> None:
    counted = any(t.is_("cat") for t in tokens)
    for token in tokens:
        if token.is_("state", "full") or (counted and token.kind == "number" and token.unit in ("", "hours")):
            token.kind, token.senses, token.value = "word", _UNRECOGNISED, None


def soften(tokens: list[Token]) -> list[Token]:
    """The tokens with every state that is not plainly full made partial (没有都学满, 好像满了, 满了一半, 单位说够了)."""
    tokens = _unfinished(tokens)
    hedges = lexicon().hedges
    doubtful = short_of = False
    clause = -1
    for i, token in enumerate(tokens):
        if token.clause != clause:
            led = token.text in " ," and _ends_in_doubt(tokens, i, hedges)  # 单位说，都满了
            clause, doubtful, short_of = token.clause, led, False
        if _full(tokens, i):
            if doubtful or short_of or _qualified(tokens, i, hedges):
                token.senses = _PARTIAL
        elif _casts_doubt(tokens, i, hedges):
            doubtful = True
            if i and tokens[i - 1].kind == "sep":
                _look_back(tokens, i, hedges)
        elif token.kind == "number":
            doubtful = short_of = False
        elif _obliges(tokens, i):
            doubtful = True
        elif token.is_("cat") or token.kind == "years":
            short_of = False
        elif token.is_("state", "partial"):
            short_of = True
        elif token.is_("neg") or token.text in _NONE:
            _deny(tokens, i)
    return _whole(tokens, hedges)


def _whole(tokens: list[Token], hedges: frozenset[str]) -> list[Token]:
    """好像, 都 and 学满了 become one span: what is read back as a question is the whole of what was said."""
    out: list[Token] = []
    for token in tokens:
        if token.senses is _PARTIAL:
            lead = 0
            for back in range(1, len(out) + 1):
                last = out[-back]
                casts = last.text in hedges or last.is_("neg") or last.text in _NONE
                if last.clause != token.clause or not (casts or last.is_("all") or last.text in _LINKS):
                    break
                lead = back if casts else lead
            if lead:
                first = out[-lead]
                token.text, token.start = "".join(t.text for t in out[-lead:]) + token.text, first.start
                del out[-lead:]
        elif out and out[-1].senses is _PARTIAL and out[-1].end == token.start and _small(token):
            out[-1].text += token.text
            continue
        out.append(token)
    return out


def _small(token: Token) -> bool:
    return token.text in _SMALL or token.is_("state", "partial")


def _full(tokens: list[Token], i: int) -> bool:
    """满55 is an age, no state of hours."""
    if not tokens[i].is_("state", "full"):
        return False
    return not (tokens[i].is_("age") and i + 1 < len(tokens) and tokens[i + 1].kind == "number")


def _unfinished(tokens: list[Token]) -> list[Token]:
    """还没学 and 完, 都没有学 and 满: what was begun and not ended is neither full nor nothing."""
    out: list[Token] = []
    for token in tokens:
        last = out[-1] if out else None
        undone = last is not None and (last.is_("state", "zero") or last.is_("state", "nothing"))
        ended = token.text.startswith(_COMPLETE) and len(token.text) <= 3 and (token.kind == "other" or token.senses)
        if last is not None and undone and ended and last.text.endswith(_LEARNING) and token.kind != "number":
            last.senses, last.text = _PARTIAL, last.text + token.text
        else:
            out.append(token)
    return out


def _casts_doubt(tokens: list[Token], i: int, hedges: frozenset[str]) -> bool:
    """好像, 可能 … and the word of somebody else; what the asker says of himself is said."""
    if tokens[i].text in hedges:
        return True
    return tokens[i].is_("said") and not (i and tokens[i - 1].is_("self"))


def _obliges(tokens: list[Token], i: int) -> bool:
    """单位要求三年都学满, 三年都会学满: what must be or will be is not; 按要求 and 要求的 are."""
    said = limits()["obliging"]
    word = tokens[i].text in said["words"] or (
        tokens[i].kind == "other" and tokens[i].text.endswith(tuple(said["ends"]))
    )
    lead, behind = (tokens[i - 1].text if i else ""), (tokens[i + 1].text if i + 1 < len(tokens) else "")
    return word and not lead.endswith(tuple(said["kept_to"])) and not behind.startswith("的")


def _ends_in_doubt(tokens: list[Token], i: int, hedges: frozenset[str]) -> bool:
    k = i - 1
    while k > 0 and tokens[k].is_("fill") and tokens[k].text not in hedges:
        k -= 1
    return k >= 0 and _casts_doubt(tokens, k, hedges)


def _qualified(tokens: list[Token], i: int, hedges: frozenset[str]) -> bool:
    """满了一半, 学了一些, 满了吧, 学满了好像, 都学了5门: what stands right behind takes it back in part."""
    for token in tokens[i + 1 : i + 4]:
        if token.clause != tokens[i].clause:
            return False
        if token.text in limits()["but_words"]:
            return True  # 三年都满了就是没打卡
        if (
            token.text == "吧"
            or token.text in hedges
            or _small(token)
            or (token.kind == "other" and token.text.isalpha())
        ):
            return True
        if token.kind in ("number", "duration"):
            return token.unit in _COUNTED and tokens[i].text.endswith("了")
        if not token.is_("fill"):
            return False
    return False


def _look_back(tokens: list[Token], i: int, hedges: frozenset[str]) -> None:
    """都满了，应该吧: a clause that only hedges is about the one before."""
    clause = tokens[i].clause
    for k in range(i, len(tokens)):
        token = tokens[k]
        if token.clause != clause:
            break
        if not (token.text in hedges or token.is_("fill") or token.kind == "sep"):
            return
    for k in range(i - 1, -1, -1):
        if tokens[k].clause < clause - 1:
            return
        if _full(tokens, k):
            tokens[k].senses = _PARTIAL


def _deny(tokens: list[Token], i: int) -> None:
    """没有都学满, 不是每年都满; but 不是去年，是前年满的 denies a year, and 专业没有公需满了 tells of two categories."""
    none, years = tokens[i].text in _NONE, 0
    for k in range(i + 1, len(tokens)):
        token = tokens[k]
        if _full(tokens, k):
            token.senses = _PARTIAL
            if none:
                tokens[i].senses = MappingProxyType({"fill": "word"})
            return
        if token.kind == "years":
            years += token.unit != "window"
            if years > 1:
                return
        elif token.is_("cat"):
            if none:
                return
        elif not (
            token.is_("all")
            or token.is_("fill")
            or token.kind == "duration"
            or (token.kind == "other" and len(token.text) == 1)
        ):
            return
