"""What a message says of hours, as a plain sequence: years, categories, numbers, states and what joins them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.reading.claims.ledger import BOTH
from bot.reading.claims.limits import nothing_then
from bot.reading.lexing.clauses import UNTIL
from bot.reading.lexing.lexicon import kinds, limits
from bot.reading.lexing.tokens import Token, at

_FACTS = frozenset(kinds()["aside_of_hours"])
_ELSEWHERE = frozenset(kinds()["elsewhere"])
_RANGE_WORDS = frozenset(limits()["range_words"])
_MARKS = ("total", "of", "each", "all", "fix")
_GRAMMAR = frozenset(kinds()["of_hours"])
_SAID = {name: frozenset(words) for name, words in limits()["of_hours_said"].items()}
_SHORT_OF = frozenset(limits()["short_of"])
_ODD_UNITS = frozenset(kinds()["odd_units"])


@dataclass(slots=True, eq=False)
class Item:
    """`kind`: Y years, C category, N number, S state, X something else, `sep`, or total/of/each/all/fix."""

    kind: str
    token: Token
    short: bool = False
    total: bool = False
    led: bool = False  # 只学了 stands before it, or 有了 behind it and no number
    unsure: bool = False  # it is not clear whether these hours are done or owed


@dataclass(slots=True)
class _Breath:
    """What the words of one clause say of the numbers behind them: required, owed, a total, a range."""

    clause: int = -1
    require: bool = False
    short: bool = False
    total: bool = False
    near: bool = False
    owed_one: bool = False  # 公需差5: owed is the one number behind its category
    unsure: bool = False  # 公需差5专业20: the second number may be owed or done

    def hear(self, token: Token, kind: str | None, items: list[Item]) -> None:
        """Take in a word that changes how the next numbers are meant."""
        senses = token.senses
        if "done" in senses:
            self.require = self.short = self.unsure = False
        if kind == "S" and senses["state"] == "full":
            self.require = self.short = False
        if kind is None and "require" in senses:
            self.require = True
        if kind in (None, "S") and "short" in senses:
            self.short, self.require, self.unsure = True, False, False
            self.owed_one = bool(items) and items[-1].kind == "C" and items[-1].token.clause == self.clause
        self.total = self.total or "total" in senses

    def number(self, tokens: list[Token], i: int) -> Item | None:
        """The item for the number at `i`, or None where it is what is required."""
        token = tokens[i]
        if _half_said(tokens, i):
            return Item("X", token)
        if self.require or (i + 1 < len(tokens) and tokens[i + 1].is_("ask", "topic")):
            return None  # 专业60的要求没达到
        if (self.near or _not_reached(tokens, i)) and token.value is not None:
            token.bounds, token.value = (0, token.value), None
        if i and tokens[i - 1].is_("unit") and token.unit == "":
            token.unit = "hours"  # 学时30
        owed = self.short or _owing(tokens, i)
        item = Item("N", token, short=owed, total=self.total)
        item.unsure = self.unsure and (i == 0 or tokens[i - 1].text != ":")
        self.unsure = self.unsure or (self.short and self.owed_one)
        return item

    def year(self, tokens: list[Token], i: int) -> None:
        """A year begins anew, but 差24年的专业20学时 owes what is behind the year, and 规定是今年公需30 requires it."""
        self.short = self.short and i > 0 and tokens[i - 1].is_("short")
        self.require = (
            self.require
            and i > 0
            and tokens[i - 1].text in _SAID["ruled"]
            and not (i > 1 and tokens[i - 2].text.endswith(tuple(_SAID["kept_by"])))
        )
        self.total = False


def stream(tokens: list[Token], window: tuple[int, ...]) -> list[Item]:
    """The items of the asker's (or the other's) own hours, as they were said."""
    items: list[Item] = []
    breath = _Breath()
    dead = _dead_years(tokens)
    seen: set[int] = set()
    compared = -1  # 24年比23年少学20个
    for i, token in enumerate(tokens):
        if token.clause != breath.clause:
            going_on = breath.require and token.text == " " and i + 2 < len(tokens) and tokens[i + 1].is_("cat")
            breath = _Breath(token.clause, require=going_on and tokens[i + 2].kind == "number")
        compared = token.clause if token.text in _SAID["than"] and at(tokens, i + 1).kind == "years" else compared
        if token.kind == "sep":
            items.append(Item("sep", token))
        elif token.off or token.used or compared == token.clause:
            items.append(Item("X", token))
        elif token.kind == "word" and not token.of(*_GRAMMAR):
            if token.of(*_FACTS):
                items.append(Item("X", token))
        else:
            kind = _kind(token, dead, at(tokens, i - 1).kind == "years")
            if kind == "S" and token.text in _SAID["only_at_an_end"] and not _ended(tokens, i):
                kind = None  # 满55, 够评: no 学满
            if "rest" in token.senses:
                kind = _rest(token, tokens, i, items, [y for y in window if y not in seen] if seen else [])
            if token.kind == "word":
                breath.hear(token, kind, items)
            _take(items, breath, tokens, i, kind, seen, window)
            breath.near = token.text in _RANGE_WORDS or token.text in _SHORT_OF
    return items


def _take(
    items: list[Item],
    breath: _Breath,
    tokens: list[Token],
    i: int,
    kind: str | None,
    seen: set[int],
    window: tuple[int, ...],
) -> None:
    token = tokens[i]
    if kind == "N":
        item = breath.number(tokens, i)
        if item is not None:
            items.append(item)
    elif kind == "Y":
        breath.year(tokens, i)
        if token.unit != "window":
            seen.update(token.value if token.kind == "years" else (token.value.year,))
        items.append(Item(kind, token))
    elif kind is not None:
        if kind == "C" and breath.unsure:
            breath.short = False
        had = (
            at(tokens, i + 1).is_("done")
            and not at(tokens, i + 2).of("state", "all")
            and at(tokens, i + 2).kind != "number"
        )
        items.append(Item(kind, token, led=kind == "C" and (had or at(tokens, i - 1).is_("done"))))


def _not_reached(tokens: list[Token], i: int) -> bool:
    """专业60没到: fewer than that."""
    ahead = at(tokens, i + 1)
    if ahead.text not in _SHORT_OF:
        return False
    ahead.kind, ahead.senses, ahead.used = "word", {}, True
    return True


def _half_said(tokens: list[Token], i: int) -> bool:
    """True for the one Chinese digit that begins a word we do not know: no number was meant."""
    ahead = at(tokens, i + 1)
    return len(tokens[i].text.rstrip("个")) == 1 and not tokens[i].text[0].isascii() and ahead.kind == "other"


def _owing(tokens: list[Token], i: int) -> bool:
    """还有20个专业没学: what is left, not what is done."""
    lead = at(tokens, i - 1)
    if lead.text not in _SAID["left"]:
        return False
    for ahead in tokens[i + 1 : i + 6]:
        if ahead.kind == "sep":
            return False
        if ahead.is_("state", "zero") or ahead.is_("state", "partial"):
            ahead.used = True
            return True
    return False


def _ended(tokens: list[Token], i: int) -> bool:
    ahead = at(tokens, i + 1)
    if ahead.kind == "number" and i and tokens[i - 1].kind == "number":
        return True  # 23满24满
    if ahead.kind == "years" and tokens[i].is_("state", "full") and i:
        lead = tokens[i - 1]
        return lead.kind == "years" or lead.of("cat", "unit", "fill")  # 二二年满二三年满
    return ahead.kind in ("end", "sep") or ahead.of("cat", "ask") or (ahead.is_("fill") and not ahead.is_("apply"))


def _rest(token: Token, tokens: list[Token], i: int, items: list[Item], years: list[int]) -> str:
    """其余两年都满了: the years of the window not named before. 其他 that may mean a category is nothing."""
    ahead = at(tokens, i + 1)
    named = "年" in token.text
    cats = {category_of(it) for it in items if it.kind == "C"}
    if not named and len(cats) == 1 and ahead.is_("state"):
        token.senses = {"cat": next(c for c in BOTH if c not in cats)}  # 公需30，别的没弄
        return "C"
    if not years or not (named or not cats):
        return "X"
    token.kind, token.value, token.unit = "years", tuple(years), "list"
    return "Y"


def _kind(token: Token, dead: set[int], named: bool) -> str | None:
    """What a span is in the stream; `named`: a year stands right before it."""
    if token.kind == "years" or (
        token.kind == "date" and token.value.year and token.value.year >= 2015 and token.value.month
    ):
        return "X" if token.negated or id(token) in dead else "Y"
    if token.kind == "number":
        if token.negated:
            return "neg"
        return "X" if token.unit in ("things", "age") else "N"
    if token.kind == "duration":
        return "N" if token.unit in _ODD_UNITS else "X"
    if token.kind in ("other", "junk", "date"):
        return "X"
    senses = token.senses
    if token.kind == "but":
        return "end" if token.value[0] else None  # 23年学了公需，专业只有20: of 2023, or of nobody knows which
    if "cat" in senses:
        return None if token.negated else "C"
    if "course" in senses:
        return "C"
    if "state" in senses:
        return "S"
    for mark in _MARKS:
        if mark in senses:
            return mark
    if senses.get("year") == "vague":
        return None if token.text in _SAID["that_year"] and named else "end"
    return None


def _dead_years(tokens: list[Token]) -> set[int]:
    """Years that say when something else happened (2019年毕业, 今年报副高): no hours belong to them."""
    dead: set[int] = set()
    for i, token in enumerate(tokens):
        if token.kind not in ("years", "date"):
            continue
        for ahead in tokens[i + 1 :]:
            if (
                ahead.clause != token.clause
                or ahead.of("cat", "state")
                or (ahead.kind == "number" and ahead.unit in ("", "hours"))
            ):
                break
            if ahead.of(*_ELSEWHERE) and not (ahead.is_("event", "word") or ahead.text in UNTIL):
                if not (ahead.is_("event") and nothing_then(tokens, token.clause + 1)):
                    dead.add(id(token))
                break
    return dead


def category_of(item: Item) -> str:
    """general or professional."""
    senses = item.token.senses
    return senses.get("cat") or senses["course"]
