"""Hours with their categories: which number and which state belongs to 公需 and which to 专业."""

from __future__ import annotations

import itertools

from bot.reading.claims.block import Block
from bot.reading.claims.ledger import BOTH, JOINS
from bot.reading.claims.rows import learned
from bot.reading.claims.stream import Item, category_of


def walk(block: Block) -> None:
    for n, it in enumerate(block.items):
        if it.kind == "C":
            if block.pending and (block.gap or block.partial or _apart(block, block.pending[-1], it)):
                _leave(block)
            block.partial = None
            block.pending.append(it)
            block.gap = block.all = block.detail = False
        elif it.kind in ("all", "each"):
            block.all = True
        elif it.kind == "of":
            if block.strays and block.total is None:
                block.total = block.strays.pop()
            elif block.done:
                block.detail = True
        elif it.kind == "X":
            block.gap = True
        elif it.kind == "S":
            _meet_state(block, n, it)
        elif it.kind == "N":
            _meet_number(block, n, it)
    _leave(block)


def _leave(block: Block) -> None:
    """去年只学了公需，专业没顾上: of the category before something was said, but not how much. Alone it says nothing of the other."""
    led = [it for it in block.pending if it.led]
    for it in led:
        alone = len(led) == 1 and not (
            block.done or block.partial or any(c.kind == "C" and c is not it for c in block.items)
        )
        block.hours.doubt(block.years, it.token.text, "partial", None if alone else category_of(it))
    block.pending = []


def _apart(block: Block, first: Item, second: Item) -> bool:
    """True where two categories stand in different clauses with words between: they share no number."""
    between = block.hours.text[first.token.end : second.token.start]
    words = between.strip(",;。\n 、和跟及与/")
    if first.led and (first.token.clause != second.token.clause or words):
        return True
    return any(c in between for c in ",;。\n ") and bool(words)


def _meet_number(block: Block, n: int, it: Item) -> None:
    if block.gap and block.hours.fixing and block.last:
        unset(block, block.last, it)  # 记错了，翻了下卡是51
    elif block.gap and it.token.unit != "hours":
        if block.pending:
            block.hours.doubt(
                block.years, block.text_of(block.pending[-1], it), "unclear", category_of(block.pending[-1])
            )
        block.pending, block.gap = [], False
        return
    block.gap = False
    if not block.pending:
        behind = [
            b for b in block.items[n + 1 : n + 4] if b.kind != "sep" or b.token.text != " " or it.token.unit != "hours"
        ]
        if behind and behind[0].kind == "C" and (len(behind) == 1 or behind[1].kind not in ("N", "S")):
            block.give([category_of(behind[0])], it, block.text_of(it, behind[0]))
            behind[0].kind = "taken"
        elif block.header and not block.done:
            block.give([block.header], it, it.token.text)
        elif it.short and len(block.last) == 1 and len(block.done) < len(BOTH):
            block.give(block.last, it, it.token.text)  # 专业学了40，还差20
        elif block.last and block.hours.fixing:
            block.give(block.last, it, it.token.text)
        elif block.detail:
            pass  # 其中网课20
        elif it.total or (block.last and _is_sum(block, it)):
            block.total = it
        elif it.token.unit in ("", "hours"):
            block.strays.append(it)
            if not it.short:
                unset(block, block.last, it)
        return
    cats = [category_of(c) for c in block.pending]
    words = block.text_of(*block.pending, it)
    needed = _needed_behind(block, n, cats)
    if needed is not None:
        needed.kind = "taken"
    run = _run(block, n)
    if len(cats) == 1 and block.years and 1 < len(block.years) == len(run):
        for year, number in zip(block.years, run, strict=True):
            block.give(cats, number, block.text_of(block.pending[0], number), years=(year,))
        for number in run:
            number.kind = "taken"
    elif len(cats) == 2 and len(run) == 2:
        for category, number in zip(cats, run, strict=True):
            block.give([category], number, block.text_of(*block.pending, *run))
        run[1].kind = "taken"
    elif len(cats) == 1 and len(run) > 1 and _added(block, run):
        it.token.value = sum(number.token.value for number in run)
        for number in run[1:]:
            number.kind = "taken"
        block.give(cats, it, block.text_of(*block.pending, *run))
    elif len(cats) == 1 or block.all:
        if not _summed(block, cats, it, words):
            block.give(cats, it, words)
    elif block.total is None:
        block.total = it  # 公需专业共90
    else:
        block.hours.doubt(block.years, words, "bare_total", hint={"total": it.token.value})
    block.pending, block.last, block.partial = [], cats, None


def _needed_behind(block: Block, n: int, cats: list[str]) -> Item | None:
    """公需20/30, 专业15(60): the hours done of those needed; the second number says nothing new."""
    ahead = [it for it in block.items[n + 1 : n + 3] if it.kind != "sep"]
    if len(cats) != 1 or not ahead or ahead[0].kind != "N" or not _at_least(ahead[0], block.items[n]):
        return None
    between = block.hours.text[block.items[n].token.end : ahead[0].token.start].strip()
    return ahead[0] if between in ("/", "(") else None


def _at_least(needed: Item, done: Item) -> bool:
    return needed.token.value is not None and done.token.value is not None and needed.token.value >= done.token.value


def _is_sum(block: Block, it: Item) -> bool:
    known = [v for v in block.done.values() if v is not None]
    return len(known) == 2 and sum(known) == it.token.value


def unset(block: Block, cats: list[str], it: Item) -> None:
    """Two numbers for one category and no word how they belong together: neither is taken."""
    for category in cats:
        for year in block.years or ():
            if block.hours.withdraw((year,), [category]):
                block.hours.blocked.add((year, category))
                block.hours.doubt((year,), it.token.text, "several_numbers", category)


def _run(block: Block, n: int) -> list[Item]:
    """The numbers from item `n` on that stand side by side."""
    out = [block.items[n]]
    for it in block.items[n + 1 :]:
        if it.kind == "N":
            if block.hours.text[out[-1].token.end : it.token.start].strip() not in JOINS:
                break
            out.append(it)
        elif it.kind != "sep":
            break
    return out


def _added(block: Block, run: list[Item]) -> bool:
    """专业24+36."""
    text = block.hours.text
    joins = {text[a.token.end : b.token.start].strip() for a, b in itertools.pairwise(run)}
    return joins <= {"+", "加"} and all(n.token.value is not None and n.token.unit in ("", "hours") for n in run)


def _summed(block: Block, cats: list[str], it: Item, words: str) -> bool:
    """三年公需90: of all three years together, unless 都 or 每年 says that it is of each."""
    together = block.loose and not block.all and not it.short and bool(it.token.value)
    if together or (it.total and block.years is not None and len(block.years) > 1):
        for category in cats:
            block.hours.doubt(block.years, words, "sum_of_years", category, {"total": it.token.value})
        return True
    return False


def _meet_state(block: Block, n: int, it: Item) -> None:
    ahead = block.items[n + 1] if n + 1 < len(block.items) else None
    if ahead is not None and ahead.kind == "sep" and ahead.token.text in " :" and "完" in it.token.text:
        ahead = block.items[n + 2] if n + 2 < len(block.items) else None
    if ahead is not None and (ahead.kind == "N" or ahead.token.is_("state", "partial")) and learned(it, ahead):
        return
    before = block.items[n - 1] if n else None
    beside = ahead is not None and ahead.token.start == it.token.end and ahead.token.unit == "things"
    share = beside and ahead is not None and ahead.kind == "X"  # 完成80%
    if share and block.pending:
        block.hours.doubt(block.years, block.text_of(block.pending[-1], it), "partial", category_of(block.pending[-1]))
        block.pending = []
        return
    undone = it.token.is_("state", "zero") or it.token.is_("state", "nothing") or it.token.is_("state", "partial")
    if (
        undone
        and before is not None
        and not before.short
        and (before.kind in ("N", "taken", "all"))
        and not block.pending
        and block.last
        and not block.detail
    ) and block.items[n - 1].token.end + 2 >= it.token.start:
        unset(
            block, block.last if before.kind == "N" else list(block.done), it
        )  # 专业60没学: of sixty none, or those sixty not
        return
    if it.token.is_("state", "same"):
        return
    _part(block, it, undone=undone)
    cats = [category_of(c) for c in block.pending]
    if not cats:
        if ahead is not None and ahead.kind == "C" and not _valued(block, n + 1):
            block.state([category_of(ahead)], it)
            ahead.kind = "taken"
        return
    block.state(cats, it)
    if it.token.is_("state", "partial"):
        return
    block.pending, block.last = [], cats


def _part(block: Block, it: Item, *, undone: bool) -> None:
    """Leaves the first of two categories that do not share what is said: 学了公需专业一节没看, 三四十吧今年专业，公需满的."""
    if len(block.pending) < 2 or block.all:
        return
    if (block.pending[-2].led and undone) or (block.numbered and it.token.is_("state", "full")):
        led, block.pending = block.pending[:-1], block.pending[-1:]
        for each in led:
            block.hours.doubt(block.years, block.text_of(each), "partial", category_of(each))


def _valued(block: Block, n: int) -> bool:
    """True where the category at item `n` has a value of its own behind it."""
    for it in block.items[n + 1 :]:
        if it.kind in ("N", "S"):
            return True
        if it.kind == "C" or (it.kind == "sep" and it.token.unit == "hard"):
            return False
    return False
