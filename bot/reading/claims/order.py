"""Brings the stream of items into one order: years and categories in front of the numbers that they belong to."""

from __future__ import annotations

import re
from itertools import pairwise

from bot.reading.claims.stream import Item
from bot.reading.lexing.tokens import year_like


def in_order(items: list[Item]) -> list[Item]:
    """The items with leading two-digit years, brackets and years behind their hours resolved."""
    return _backward(_redated(_parentheses(_leading_years(items))))


_MARKS = frozenset(("C", "N", "S", "Y"))
_ROW = re.compile("N(?:S|(?:C[NS])+)")
_ALTERNATING = re.compile("NC[NS](?:.*[NSY])?")


def _leading_years(items: list[Item]) -> list[Item]:
    """23公需30专业60: in a clause that begins and ends with a number, the first one is a year if it can be."""
    dated = any(it.kind == "Y" for it in items)
    runs: list[list[Item]] = [[]]
    for it in items:
        if it.kind in _MARKS:
            runs[-1].append(it)
        elif it.kind == "sep" and it.token.text not in ":+-/~":
            runs.append([])
    listed = [run for run in runs if _ROW.fullmatch("".join([it.kind for it in run])) and year_like(run[0].token)]
    if len(listed) > 1 and all(b[0].token.value - a[0].token.value in (1, -1) for a, b in pairwise(listed)):
        for run in listed:
            _date(run[0])  # 23满、24满、25公需满专业没学
    for run in runs:
        _lead(run, dated)
        dated = dated or any(it.kind == "Y" for it in run)
    return items


def _lead(run: list[Item], dated: bool) -> None:
    if not run or run[0].kind != "N":
        return
    kinds = "".join([it.kind for it in run])
    if (_ALTERNATING.fullmatch(kinds) or (dated and kinds == "NS")) and year_like(run[0].token):
        _date(run[0])
        return
    rows = [run[row.start()] for row in _ROW.finditer(kinds)]
    following = [
        b.token.value == a.token.value + 1 for a, b in pairwise(rows) if year_like(a.token) and year_like(b.token)
    ]
    if len(rows) > 1 and _ROW.sub("", kinds) == "" and all(following) and len(following) == len(rows) - 1:
        for it in rows:
            _date(it)  # 23满24满25公需满专业二十


def _date(item: Item) -> None:
    item.kind, item.token.kind, item.token.value = "Y", "years", (2000 + int(item.token.text),)


def _parentheses(items: list[Item]) -> list[Item]:
    """30(2024) and 30(公需): what stands in the brackets goes before the number."""
    if "(" not in [it.token.text for it in items]:
        return items
    out = list(items)
    dated = sum(it.kind == "Y" for it in items)
    for i in range(len(out) - 3):
        value, opened, inner, closed = out[i : i + 4]
        if (
            value.kind in ("N", "S")
            and inner.kind in ("Y", "C")
            and opened.token.text == "("
            and closed.token.text == ")"
        ):
            if inner.kind == "Y" and dated == 1:
                continue  # 公需25专业50(去年): of both
            out[i], out[i + 2] = inner, value
    return out


def _redated(items: list[Item]) -> list[Item]:
    """今年专业60，不对，那是去年的: a year alone behind a correction takes the place of the year before it."""
    out = list(items)
    for k, it in [(k, it) for k, it in enumerate(items) if it.kind == "fix"]:
        ahead = next((j for j in range(k + 1, len(out)) if out[j].kind != "sep"), k)
        if out[ahead].kind != "Y" or (ahead + 1 < len(out) and out[ahead + 1].kind != "sep"):
            continue
        before = next((j for j in range(k - 1, -1, -1) if out[j].kind == "Y"), k)
        if any(each.kind in ("N", "S") for each in out[before:k]):
            out[before], out[k], out[ahead] = out[ahead], Item("end", it.token), Item("end", out[ahead].token)
    return out


def _backward(items: list[Item]) -> list[Item]:
    """公需30专业60 去年: a year behind its hours is moved in front of them."""
    kinds = [it.kind for it in items if it.kind in _MARKS]
    if "Y" not in kinds or kinds[0] == "Y":
        return items
    marks = [(i, it) for i, it in enumerate(items) if it.kind in _MARKS]
    pattern = "".join("Y" if it.kind == "Y" else "c" if it.kind == "C" else "v" for _, it in marks)
    groups = [g for g in pattern.replace("Y", " Y ").split() if g]
    alternating = all((g == "Y") == bool(k % 2) for k, g in enumerate(groups)) and groups[-1] == "Y"
    valued = all("v" in g for g in groups[::2])
    if (
        alternating
        and valued
        and (len(groups) > 2 or "c" not in groups[0] or groups[0][-1] == "v" or groups[0][0] == "v")
    ):
        return _move(items, all_of_them=True)
    first = next(i for i, it in marks if it.kind == "Y")
    if groups[0].endswith("v") and len(groups) == 3 and "v" in groups[2] and items[first].token.unit == "relative":
        behind_it = items[first + 1 : first + 2]  # 公需30 去年的 专业不清楚: of both
        if items[first - 1].kind == "sep" and behind_it and behind_it[0].kind == "sep":
            return [items[first], *items[:first], *items[first + 1 :]]
    behind = [it for i, it in marks if i > first]
    if "v" in groups[0] and (not behind or (behind[0].kind == "Y" and len(groups) > 2)):
        return _move(items, all_of_them=False)
    return items


def _move(items: list[Item], *, all_of_them: bool) -> list[Item]:
    out: list[Item] = []
    start = 0
    for it in items:
        if it.kind == "Y" and (all_of_them or start == 0):
            out.insert(start, it)
            out.append(Item("end", it.token))
            start = len(out)
        else:
            out.append(it)
    return out
