"""Short phrases that mean something else in each situation: 删除 under an offer, 怎么办 at the result, 我自己呢 in another's case."""

from __future__ import annotations

import re

from bot.asking import commands
from bot.asking.questionnaire import wording
from bot.asking.states import RESULT, REVIEW
from bot.asking.talk import Talk
from bot.reading import Reading
from bot.reading.lexing.normalise import plain

_TAIL = re.compile(r"[\s，,。.！!？?、~～啊呀吧呢嘛哈哦]+$")
_AGREED = {
    "delete": frozenset(("删除", "删", "删了", "删掉", "确认删除", "确定删除", "确定删", "确认删", "都删", "全删")),
    "restart": frozenset(("清空", "重新开始", "确定重新开始", "确认重新开始", "重来", "从头开始", "从头来")),
}  # fmt: skip
_WHAT_NOW = re.compile(
    r"(那|那么)?(我)?(现在|接下来|下面|然后|下一步|后面)?(我)?(该|应该|得|要)?(怎么办|咋办|咋整|咋弄|怎么弄|怎么做|做什么|干什么|干啥)"
)
_NUMBER = re.compile(
    r"(你们|你|你们的|这边|那边|咱们|咱)?(的)?(有)?(没有)?(客服|联系|咨询|办公)?(的)?电话(号码?)?(是)?(多少|几|哪个|给我|给一个|发一下)?|给(我)?个电话|打(哪个|什么|啥)电话"
)
_MINE = re.compile(
    r"(那|那么|还有|再看|看看|算算|算|查查|查|回到)?(我|俺|咱)(自己|本人)(的)?(的情况)?|(那)?(我的|我)(呢)"
)
# 我 as the one of whom something is told; not 我同事, not 我说的是.
_OF_MYSELF = re.compile(
    r"(?:^|[，,。；;\s])(?:那|那么|还有|再算)?(?:我|俺)(?:自己|本人)?(?=[，,。、：:\s]|男|女|\d|[一二三四五六七八九十]{2}|今年|是|也是|报|申报|在|初级|中级|副高|正高)"
)
_SOMEBODY = re.compile(r"[他她]|同事|人家|那位|这位")


def phrase(talk: Talk, text: str, reading: Reading) -> str:
    """The command that a phrase gives here; "" where it gives none."""
    said = plain(text)
    bare = _TAIL.sub("", said)
    offer = talk.s.offer
    if offer is not None and bare in _AGREED.get(offer.do, ()):
        return "yes"
    if talk.s.current != "self" and _MINE.fullmatch(bare if bare != "我" else said.rstrip("？?。！! ")):
        return "mine"
    if reading.command == "yes" and offer is None and talk.s.state == REVIEW:
        return "edit" if bare == wording().labels["yes"] else "confirm"  # 对 to 请核对
    if reading.command:
        return ""
    if offer is None and talk.s.state in (REVIEW, RESULT) and _WHAT_NOW.fullmatch(bare):
        return "next"
    if _NUMBER.fullmatch(bare):
        return "human"
    named = [name for name, label in wording().labels.items() if label == bare]
    return named[0] if named and named[0] in commands.COMMANDS else ""


def of_myself(talk: Talk, text: str, reading: Reading) -> bool:
    """Whether the asker, in the case of somebody they spoke of, tells of themselves.

    A case begun with the button is left alone: whoever it is for may be the one who types.
    """
    if talk.s.current == "self" or not talk.s.other_named or reading.about == "other" or not reading.facts:
        return False
    said = plain(text)
    return bool(_OF_MYSELF.search(said)) and not _SOMEBODY.search(said)
