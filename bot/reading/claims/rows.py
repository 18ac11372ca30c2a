"""Hours without a category beside them: pairs like 30/60 in the order of a heading, states, bare totals."""

from __future__ import annotations

from bot.reading.claims.block import Block
from bot.reading.claims.ledger import BOTH, JOINS
from bot.reading.claims.stream import Item


def bare(block: Block, seq: list[Item]) -> None:
    numbers = [it for it in seq if it.kind == "N"]
    states = [it for it in seq if it.kind == "S" and not it.token.is_("state", "same")]
    cats = [block.header] if block.header and not any(it.total for it in numbers) else []  # 今年两样都是零
    if states and not numbers:
        unsure = [it for it in states if it.token.is_("state", "unknown") or it.token.is_("state", "partial")]
        said = unsure[0] if unsure and states[0].token.is_("state", "full") else states[0]
        block.state(cats or list(BOTH), said, whole=not cats)  # 满了，记不清了: not taken as full
    elif cats and numbers:
        _under_header(block, cats, numbers)
    elif _pairs(block, numbers) or _rows(block, numbers):
        return
    elif numbers:
        _bare_total(block, numbers)


def learned(state: Item, number: Item) -> bool:
    """完成30, 学了一半30: the number says it all."""
    return state.token.is_("state", "full") or state.token.is_("state", "partial")


def _under_header(block: Block, cats: list[str], numbers: list[Item]) -> None:
    if len(numbers) == 1 or block.hours.fixing:
        block.give(cats, numbers[-1], numbers[-1].token.text)
    else:
        block.hours.doubt(block.years, block.text_of(*numbers), "conflict", cats[0])


def _pairs(block: Block, numbers: list[Item]) -> bool:
    """30/60, 30+60, 30 60 (90): general and professional in the order of the heading, or of the notice."""
    if any(it.short or it.total or it.token.value is None or it.token.unit not in ("", "hours") for it in numbers):
        return False
    if any(
        it.kind in ("of", "X")
        for it in block.items
        if numbers and numbers[0].token.start < it.token.start < numbers[-1].token.start
    ):
        return False
    values = [it.token.value for it in numbers]
    if len(values) == 3 and values[0] == values[1] + values[2] and values[1] <= values[2]:
        numbers, values = numbers[1:], values[1:]  # 90(30+60)
    if len(values) == 3 and values[0] + values[1] == values[2]:
        numbers, values = numbers[:2], values[:2]
    if len(values) != 2:
        return False
    between = block.hours.text[numbers[0].token.end : numbers[1].token.start].strip()
    if between not in JOINS:
        return False
    words = block.hours.text[numbers[0].token.start : numbers[1].token.end]
    first, second = values
    if block.years is None:
        block.hours.doubt(None, words, "no_year", hint={"first": first, "second": second})
    elif block.hours.headed:
        for category, number in zip(block.hours.order, numbers, strict=True):
            block.give([category], number, words)
    else:
        kind = "pair" if block.hours.asked_years is None else "row"
        block.hours.put(block.years, None, (kind, (first, second)), words)
    return True


def _rows(block: Block, numbers: list[Item]) -> bool:
    """30 60 30 60 30 60, asked about all years: taken only where every year has the same, so that their order is none."""
    window = block.hours.window
    if block.hours.asked_years != () or block.years is not None or len(numbers) < 4:
        return False
    values = [it.token.value for it in numbers]
    plain = all(it.token.unit in ("", "hours") and it.token.value is not None and not it.short for it in numbers)
    words = block.hours.text[numbers[0].token.start : numbers[-1].token.end]
    alike = set(values[::2]) == {values[0]} and set(values[1::2]) == {values[1]} and values[0] < values[1]
    if (
        plain
        and len(values) == 2 * len(window)
        and alike
        and all(it in numbers or it.kind == "sep" for it in block.items)
    ):
        for category, number in zip(block.hours.order, numbers[:2], strict=True):
            block.give([category], number, words, years=window)
    else:
        block.hours.doubt(None, words, "no_year", hint={"numbers": values})
    return True


def _bare_total(block: Block, numbers: list[Item]) -> None:
    number = numbers[0]
    if number.token.value == 0 and block.years is not None:
        for category in BOTH:
            block.give([category], number, number.token.text)
        return
    words = number.token.text
    if number.token.unit in ("days", "minutes", "clock", "lessons", "credits"):
        if block.years is not None:
            block.hours.doubt(block.years, words, number.token.unit, hint={"amount": number.token.value})
    elif block.years is not None and max(block.years) > block.hours.today_year:
        pass  # nothing can have been learned yet
    elif block.years is not None or number.token.unit == "hours" or number.short or block.hours.asked_years == ():
        if number.short:
            block.hours.doubt(block.years, words, "no_category", hint={"short": number.token.value})
        else:
            block.hours.doubt(block.years, words, "bare_total", hint={"total": number.token.value})
