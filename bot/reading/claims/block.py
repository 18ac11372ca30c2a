"""The hours of one year, or of years that share them: what is given to which category, and what has to be asked."""

from __future__ import annotations

import re
from itertools import zip_longest

from bot.reading.claims.ledger import BOTH, ClaimedHours, Value
from bot.reading.claims.stream import Item
from bot.reading.lexing.lexicon import limits


def _superseded(it: Item, ahead: Item | None) -> bool:
    """学了一半30: the number behind the state says it all."""
    beside = ahead is not None and ahead.kind == "N" and ahead.token.start - it.token.end <= 1
    return beside and it.kind == "S" and it.token.is_("state", "partial")


_STATES: dict[str, Value] = {"full": ("full", None), "unknown": ("unknown", None)}
_NONE: Value = ("none", None)
_MOST = 8784  # hours of a year


class Block:
    """The hours of one year (or of years that share them)."""

    def __init__(
        self,
        hours: ClaimedHours,
        years: tuple[int, ...] | None,
        items: list[Item],
        header: str | None,
        loose: bool = False,
        numbered: bool = False,
    ) -> None:
        self.hours, self.years, self.header = hours, years, header
        self.items = [it for it, ahead in zip_longest(items, items[1:]) if not _superseded(it, ahead)]
        self.loose = loose
        self.numbered = numbered  # 三四十个学时吧今年专业: a number of it stands before its year
        self.detail = False
        self.pending: list[Item] = []
        self.last: list[str] = []
        self.all = self.gap = False
        self.total: Item | None = None
        self.strays: list[Item] = []
        self.partial: Item | None = None
        self.done: dict[str, float | None] = {}

    def text_of(self, *parts: Item) -> str:
        start = min(p.token.start for p in parts)
        end = max(p.token.end for p in parts)
        return self.hours.text[start:end]

    def state(self, cats: list[str], it: Item, *, whole: bool = False) -> None:
        state = it.token.senses["state"]
        years = self.years
        if (
            years is None
            and whole
            and not self.hours.dated
            and ((state in ("nothing", "zero") and self._of_learning(it)) or self.hours.asked_years == ())
        ):
            years = self.hours.window  # 甚也没学: whatever year is asked about
        words = self.hours.text[min([c.token.start for c in self.pending] or [it.token.start]) : it.token.end]
        if state == "partial" and years is not None and re.search(limits()["half"], words) and cats and not whole:
            for name in cats:
                self.hours.put(years, name, ("half", None), words)
            return
        if state in ("partial", "void"):
            self.partial = it
            for category in cats if not whole else (None,):
                self.hours.doubt(years, words, "partial" if state == "partial" else "unrecognised", category)
            return
        value = _STATES.get(state, _NONE)
        if whole and not self.done:
            self.hours.put(years, None, value, words)
            self.done = dict.fromkeys(BOTH)
            return
        for category in cats:
            self.hours.put(years, category, value, words)
            self.done[category] = None

    def give(self, cats: list[str], it: Item, words: str, years: tuple[int, ...] | None = None) -> None:
        token, years = it.token, years or self.years
        for category in cats:
            if token.unit in ("days", "minutes", "clock", "lessons", "credits"):
                self.hours.doubt(years, words, token.unit, category, {"amount": token.value})
            elif token.unit == "negative" or (token.value is not None and not 0 <= token.value <= _MOST):
                self.hours.doubt(years, words, "impossible_hours", category, {"amount": token.value})
            elif token.value is None:
                self.hours.doubt(years, words, "range", category, {"bounds": list(token.bounds or ())})
                if years is not None:
                    self.hours.put(years, category, ("unknown", None), words)
                    self.done[category] = None
            else:
                kind = "owed" if it.unsure else "short" if it.short else "hours"
                self.hours.put(years, category, (kind, token.value), words)
                if kind == "hours":
                    self.done[category] = token.value
        self.last = cats

    def _of_learning(self, it: Item) -> bool:
        """True where 一个没有 is about hours, by its own words or by those before it."""
        lead = self.hours.text[max(0, it.token.start - 8) : it.token.start]
        lead = lead.rpartition(" ")[2] if it.token.is_("state", "zero") else lead  # 交了90学时的钱 还没看课
        said = self.hours.text[it.token.start : it.token.end] if it.token.is_("state", "nothing") else ""
        return re.search(limits()["of_hours"], lead) is not None or re.search(limits()["learning"], said) is not None
