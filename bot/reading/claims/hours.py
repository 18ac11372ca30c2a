"""Hours by year and category out of the stream of items: tables, headings, and the blocks that years cut it into."""

from __future__ import annotations

import re

from bot.reading.claims.block import Block
from bot.reading.claims.ledger import BOTH, ClaimedHours
from bot.reading.claims.rows import bare
from bot.reading.claims.stream import Item, category_of
from bot.reading.claims.walk import walk
from bot.reading.lexing.lexicon import limits
from bot.reading.lexing.tokens import year_like
from bot.reading.reading import EVERY


def read_hours(hours: ClaimedHours, items: list[Item]) -> None:
    """Fill `hours` from the stream."""
    body = _tables(hours, items)
    header: str | None = hours.asked_category
    blocks = _blocks(body, hours)
    hours.dated = any(
        it.kind in ("Y", "end") or (it.token.kind == "duration" and it.token.unit == "年" and (it.token.value or 9) < 5)
        for it in items
    )
    for n, (years, block, loose) in enumerate(blocks):
        if _heading(hours, block) and n + 1 < len(blocks):
            continue
        trailing = _trailing(block, header) if n + 1 < len(blocks) else None
        if trailing is not None:
            block = block[: block.index(trailing)]
        own = [it for it in block if it.kind == "C"]
        if years is not None or any(it.kind in ("N", "S") for it in block):
            numbered = n > 0 and _ends_in_a_number(blocks[n - 1][1])
            _read(Block(hours, years, block, header, loose, numbered))
        if trailing is not None:
            header = category_of(trailing)
        elif own and any(it.kind in ("N", "S") for it in block):
            undated = category_of(own[-1]) if years is None and _state_next(block, blocks[n + 1 :]) else None
            header = hours.asked_category or _going_on(own, blocks[n + 1 :]) or undated


def _going_on(own: list[Item], ahead: list[tuple[tuple[int, ...] | None, list[Item], bool]]) -> str | None:
    """上年公需三十，本年十五，专业上年六十: the category of the next year's number where a row of the other follows."""
    told = (it for _, block, _ in ahead for it in block if it.kind in ("C", "N"))
    first = next(told, None) if len(own) == 1 else None
    if first is None or first.kind != "N":
        return None
    later = next((category_of(it) for it in told if it.kind == "C"), None)
    return category_of(own[0]) if later not in (None, category_of(own[0])) else None


def _ends_in_a_number(block: list[Item]) -> bool:
    """三四十个学时吧今年专业: hours of no category, and a year right behind them."""
    own = [it.kind for it in block if it.kind in ("C", "N", "S", "sep")]
    return own[-1:] == ["N"] and "C" not in own


def _state_next(block: list[Item], ahead: list[tuple[tuple[int, ...] | None, list[Item], bool]]) -> bool:
    """60个专业今年学够了: what is said of the year behind it is said of that category."""
    first = next((it for it in ahead[0][1] if it.kind in ("C", "N", "S")), None) if ahead else None
    return first is not None and first.kind == "S" and first.token.clause == block[-1].token.clause


def _heading(hours: ClaimedHours, block: list[Item]) -> bool:
    """公需/专业 2023:30/60: two categories and nothing else give the order of what follows."""
    own = [it for it in block if it.kind in ("C", "N", "S")]
    if [it.kind for it in own] != ["C", "C"]:
        return False
    hours.order, hours.headed = (category_of(own[0]), category_of(own[1])), True
    return True


def _trailing(block: list[Item], header: str | None) -> Item | None:
    """The category at the end of a block that heads the next year's hours (…，专业23年60), or None."""
    marks = [it for it in block if it.kind in ("C", "N", "S", "sep")]
    while marks and marks[-1].kind == "sep":
        marks.pop()
    if not marks or marks[-1].kind != "C":
        return None
    last = marks[-1]
    values = [it for it in marks if it.kind in ("N", "S")]
    counted = header is None and marks[0].kind != "C" and len(values) == sum(it.kind == "C" for it in marks)
    if counted and marks[-2].kind in ("N", "S") and marks[-2].token.end == last.token.start:
        return None  # 23个公需 25年…
    return last


def _tables(hours: ClaimedHours, items: list[Item]) -> list[Item]:
    """Takes tables with a heading line out of the stream: columns named by category, or by year."""
    if "\n" not in hours.text:
        return items
    lines: list[list[Item]] = [[]]
    for it in items:
        lines[-1].append(it)
        if it.kind == "sep" and it.token.text == "\n":
            lines.append([])
    _drop_ordinals(lines)
    _date_rows(lines)
    body: list[Item] = []
    columns: tuple[int, ...] = ()
    for n, line in enumerate(lines):
        marks = [it for it in line if it.kind in ("Y", "C", "N", "S")]
        kinds = {it.kind for it in marks}
        years = tuple(y for it in marks if it.token.kind == "years" for y in it.token.value)
        if kinds == {"Y"} and len(years) >= 2 and n + 1 < len(lines):
            columns = years
        elif columns and kinds == {"C", "N"} and marks[0].kind == "C" and len(marks) == len(columns) + 1:
            for year, it in zip(columns, marks[1:], strict=True):
                if it.token.value is not None:
                    hours.put(
                        (year,), category_of(marks[0]), ("hours", it.token.value), marks[0].token.text + it.token.text
                    )
        else:
            body += line
    return body


def _drop_ordinals(lines: list[list[Item]]) -> None:
    """1 2023 30 60, 2 2024 30 62: a first column that only counts the rows is no column of hours."""
    rows = []
    for line in lines:
        marks = [it for it in line if it.kind in ("Y", "C", "N", "S")]
        if [it.kind for it in marks[:2]] == ["N", "Y"] and len(marks) > 3:
            rows.append((line, marks[0]))
    counted = [it.token.value for _, it in rows]
    if len(rows) > 1 and counted == list(range(1, len(rows) + 1)):
        for line, it in rows:
            line.remove(it)


def _date_rows(lines: list[list[Item]]) -> None:
    """22 30 60, 23 30 60: a first column that counts up by ones is of years."""
    rows = [line for line in ([it for it in line if it.kind in ("Y", "C", "N", "S")] for line in lines) if line]
    rows = [row for row in rows if [it.kind for it in row] == ["N", "N", "N"]]
    first = [row[0].token.value for row in rows]
    if (
        len(rows) > 1
        and all(year_like(row[0].token) for row in rows)
        and first == list(range(first[0], first[0] + len(rows)))
    ):
        for row in rows:
            row[0].kind, row[0].token.kind, row[0].token.value = "Y", "years", (2000 + int(row[0].token.text),)


def _blocks(items: list[Item], hours: ClaimedHours) -> list[tuple[tuple[int, ...] | None, list[Item], bool]]:
    """The stream cut at its years; years that share what follows are joined."""
    blocks: list[tuple[tuple[int, ...] | None, list[Item], bool]] = []
    loose = False  # 三年, which may mean each or all together
    years: tuple[int, ...] | None = hours.asked_years or None
    block: list[Item] = []
    for n, it in enumerate(items):
        if it.kind == "end":
            blocks.append((years, block, loose))
            years, block, loose = None, [], False
        elif it.kind == "Y":
            named = it.token.value if it.token.kind == "years" else (it.token.value.year,)
            if it.token.unit == "window":
                hours.spans[named] = EVERY if it.token.is_("year", "every") else len(named)
                hours.vague = named if it.token.is_("year", "lately") else hours.vague
            if years is not None and not block and _studied_in(hours, items[n - 1].token.end, it.token.start):
                years = tuple(dict.fromkeys(years + named))
                hours.doubt(years, it.token.text, "unclear")
                hours.blocked |= {(year, category) for year in years for category in (*BOTH, "")}
            elif years is not None and len(years) > 1 and blocks and not block and it.token.is_("year", "every"):
                loose = False  # 前两年每年: of each of those years
            elif years is not None and blocks and blocks_joined(block, items[n + 1 :]):
                wide = years in hours.spans and it.token.unit != "window"  # 近三年嘛，去年今年满: of those two
                years, block = named if wide else tuple(dict.fromkeys(years + named)), []
                loose = False
            else:
                blocks.append((years, block, loose))
                years, block, loose = named, [], _loose(it, hours)
        else:
            block.append(it)
    blocks.append((years, block, loose))
    return [b for k, b in enumerate(blocks) if k or b[1] or len(blocks) == 1]


def _studied_in(hours: ClaimedHours, begin: int, end: int) -> bool:
    """2025年学的2023年课程: of which year they are is asked."""
    return re.fullmatch(limits()["studied_in"], hours.text[begin:end]) is not None


def _loose(it: Item, hours: ClaimedHours) -> bool:
    """三年, which may mean each or all together; 三年都 is each."""
    behind = hours.text[it.token.end : it.token.end + 1]
    return (
        it.token.unit == "window"
        and it.token.text[0] not in limits()["yearly"]
        and behind not in tuple(limits()["each"])
    )


def blocks_joined(block: list[Item], rest: list[Item]) -> bool:
    """True where two years stand side by side and share what follows (22、23年…, 去年 今年都没学)."""
    if any(it.kind not in ("sep", "all") or (it.kind == "sep" and it.token.text not in " ,、") for it in block):
        return False
    ahead = next((it for it in rest if it.kind != "sep"), None)
    shared = ahead is not None and (ahead.kind == "all" or ahead.token.text[0] in limits()["each"])
    return shared or all(it.token.text == "、" for it in block if it.kind == "sep")


def _read(block: Block) -> None:
    seq = [it for it in block.items if it.kind in ("C", "N", "S")]
    kinds = "".join(it.kind for it in seq)
    if "fix" in [it.kind for it in block.items]:
        block.hours.fixing = True
    if not seq:
        return
    if _copied(block, seq):
        return
    if "C" not in kinds:
        bare(block, seq)
    elif _counted(block, seq, kinds.removesuffix("S")):
        if kinds[-1] == "S" and not seq[-1].token.is_("state", "full"):
            block.hours.doubt(block.years, block.text_of(*seq), "unclear")
            return
        for number, cat in zip(seq[: len(kinds) // 2 * 2 : 2], seq[1::2], strict=True):
            block.give([category_of(cat)], number, block.text_of(number, cat))
    else:
        walk(block)
    _finish(block)


def _counted(block: Block, seq: list[Item], kinds: str) -> bool:
    """30个公需60个专业: each number stands right before its category."""
    return kinds == "NC" * (len(kinds) // 2) != "" and all(
        not set(block.hours.text[n.token.end : c.token.start]) & set(",;。\n ")
        for n, c in zip(seq[: len(kinds) : 2], seq[1 : len(kinds) : 2], strict=True)
    )


def _copied(block: Block, seq: list[Item]) -> bool:
    """大前年也一样: the row before, again."""
    same = [it.kind == "S" and it.token.is_("state", "same") for it in seq]
    if not any(same) or not all(same[n] or it.kind == "C" for n, it in enumerate(seq)):
        return False
    told = [category_of(it) for it in seq if it.kind == "C"] or BOTH
    for category, value in dict(block.hours.last_row).items():
        if category in told:
            block.hours.put(block.years, category, value, seq[-1].token.text)
    return True


def _finish(block: Block) -> None:
    """A total gives the category that was not told; a number that is left over has none."""
    total = block.total
    if total is not None and total.token.value is not None:
        block.hours.put(block.years, None, ("total", total.token.value), total.token.text)
    for it in block.strays if total is None else ():
        block.hours.put(block.years, None, ("short" if it.short else "number", it.token.value), it.token.text)
