"""The hours of one year, or of years that share them: what is given to which category, and what has to be asked."""

from __future__ import annotations

import re
from itertools import zip_longest

from bot.reading.claims.ledger import BOTH, ClaimedHours, Value
from bot.reading.claims.rows import bare
from bot.reading.claims.stream import Item, category_of
from bot.reading.claims.walk import walk
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
    ) -> None:
        self.hours, self.years, self.header = hours, years, header
        self.items = [it for it, ahead in zip_longest(items, items[1:]) if not _superseded(it, ahead)]
        self.loose = loose
        self.detail = False
        self.pending: list[Item] = []
        self.last: list[str] = []
        self.all = self.gap = False
        self.total: Item | None = None
        self.strays: list[Item] = []
        self.partial: Item | None = None
        self.done: dict[str, float | None] = {}

    def read(self) -> None:
        seq = [it for it in self.items if it.kind in ("C", "N", "S")]
        kinds = "".join(it.kind for it in seq)
        if "fix" in [it.kind for it in self.items]:
            self.hours.fixing = True
        if not seq:
            return
        if self._copied(seq):
            return
        if "C" not in kinds:
            bare(self, seq)
        elif self._counted(seq, kinds.removesuffix("S")):
            if kinds[-1] == "S" and not seq[-1].token.is_("state", "full"):
                self.hours.doubt(self.years, self.text_of(*seq), "unclear")
                return
            for number, cat in zip(seq[: len(kinds) // 2 * 2 : 2], seq[1::2], strict=True):
                self.give([category_of(cat)], number, self.text_of(number, cat))
        else:
            walk(self)
        self._finish()

    def _counted(self, seq: list[Item], kinds: str) -> bool:
        """30个公需60个专业: each number stands right before its category."""
        return kinds == "NC" * (len(kinds) // 2) != "" and all(
            not set(self.hours.text[n.token.end : c.token.start]) & set(",;。\n ")
            for n, c in zip(seq[: len(kinds) : 2], seq[1 : len(kinds) : 2], strict=True)
        )

    def text_of(self, *parts: Item) -> str:
        start = min(p.token.start for p in parts)
        end = max(p.token.end for p in parts)
        return self.hours.text[start:end]

    def _copied(self, seq: list[Item]) -> bool:
        """大前年也一样: the row before, again."""
        same = [it.kind == "S" and it.token.is_("state", "same") for it in seq]
        if not any(same) or not all(same[n] or it.kind == "C" for n, it in enumerate(seq)):
            return False
        told = [category_of(it) for it in seq if it.kind == "C"] or BOTH
        for category, value in dict(self.hours.last_row).items():
            if category in told:
                self.hours.put(self.years, category, value, seq[-1].token.text)
        return True

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
        said = self.hours.text[it.token.start : it.token.end] if it.token.is_("state", "nothing") else ""
        return re.search(limits()["of_hours"], lead) is not None or re.search(limits()["learning"], said) is not None

    def _finish(self) -> None:
        """A total gives the category that was not told; a number that is left over has none."""
        total = self.total
        if total is not None and total.token.value is not None:
            self.hours.put(self.years, None, ("total", total.token.value), total.token.text)
        for it in self.strays if total is None else ():
            self.hours.put(self.years, None, ("short" if it.short else "number", it.token.value), it.token.text)
