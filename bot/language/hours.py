"""Hours by year and category out of the stream of items: who says which number of what, and what has to be asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.language.reading import Doubt
from bot.language.stream import Item

NEEDED = {"general": 30, "professional": 60}
"""What 学满, 差20 and the like are reckoned from: hours a year, clause 一(二)."""
MOST = 8784
BOTH = ("general", "professional")
_JOINS = frozenset(("", "/", "+", ",", "、", "和", "-", "—", "&", ";", "比", "加", "，", "跟", "与"))

Cell = tuple[int, str]


@dataclass(slots=True)
class Hours:
    """`cells`: (year, category) → hours, None = can't remember or a range; `words` per cell; `doubts` to be asked."""

    window: tuple[int, ...]
    today_year: int
    text: str
    asked_years: tuple[int, ...] | None = None  # the years that the pending question is about
    asked_category: str | None = None
    cells: dict[Cell, float | None] = field(default_factory=dict)
    words: dict[Cell, str] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    order: tuple[str, ...] = BOTH
    headed: bool = False  # the order was given by a heading
    fixing: bool = False
    last_row: dict[str, float | None] = field(default_factory=dict)
    blocked: set[Cell] = field(default_factory=set)
    turned: list[tuple[Block, list[Item], str]] = field(default_factory=list)  # pairs that may be the wrong way round
    rows_in_order: int = 0

    def doubt(
        self, years: tuple[int, ...] | None, words: str, reason: str, category: str | None = None, hint: object = None
    ) -> None:
        """Something about these years that must be asked; `hint` gets the year."""
        for year in years or (None,):
            fact = "history" if year is None else f"history.{year}" + (f".{category}" if category else "")
            known = {"year": year, "category": category} if category else {"year": year}
            self.doubts.append(Doubt(fact, words, reason, known | hint if isinstance(hint, dict) else known))

    def put(self, years: tuple[int, ...] | None, category: str, value: float | None, words: str) -> None:
        """Set one category of these years, unless that is impossible or contradicts what was said before."""
        if years is None:
            self.doubt(None, words, "no_year", hint={"category": category, "hours": value})
            return
        for year in years:
            if year > self.today_year:
                self.doubt((year,), words, "future_year", category)
                continue
            cell = (year, category)
            if cell in self.cells and self.cells[cell] != value and not self.fixing:
                del self.cells[cell]
                self.blocked.add(cell)
                self.doubt((year,), words, "conflict", category)
            elif cell not in self.blocked:
                self.cells[cell] = value
                self.words[cell] = words
                self.last_row[category] = value


def read_hours(hours: Hours, items: list[Item]) -> None:
    """Fill `hours` from the stream."""
    body = _tables(hours, items)
    header: str | None = hours.asked_category
    blocks = _blocks(body, hours)
    for n, (years, block, loose) in enumerate(blocks):
        if _heading(hours, block) and n + 1 < len(blocks):
            continue
        trailing = _trailing(block) if n + 1 < len(blocks) else None
        if trailing is not None:
            block = block[: block.index(trailing)]
        own = [it for it in block if it.kind == "C"]
        if years is None and not any(it.kind in ("N", "S") for it in block):
            if own and n + 1 < len(blocks) and trailing is None:
                header = category_of(own[-1])
        else:
            Block(hours, years, block, header, loose).read()
        if trailing is not None:
            header = category_of(trailing)
        elif own and any(it.kind in ("N", "S") for it in block):
            header = hours.asked_category
    _turned(hours)


def _heading(hours: Hours, block: list[Item]) -> bool:
    """公需/专业 2023:30/60: two categories and nothing else give the order of what follows."""
    own = [it for it in block if it.kind in ("C", "N", "S")]
    if [it.kind for it in own] != ["C", "C"] or category_of(own[0]) == category_of(own[1]):
        return False
    hours.order, hours.headed = (category_of(own[0]), category_of(own[1])), True
    return True


def _turned(hours: Hours) -> None:
    """60/30 may be meant the other way round: it is taken only where the question or other rows give the order."""
    for block, numbers, words in hours.turned:
        first, second = (it.token.value for it in numbers)
        ordered = hours.asked_years is not None or hours.rows_in_order > 0
        if ordered and second != 30 and block.years is not None:
            block.pair(numbers, words)
        else:
            hours.doubt(block.years, words, "reversed_pair", hint={"first": first, "second": second})


def category_of(item: Item) -> str:
    """general or professional."""
    senses = item.token.senses
    return senses.get("cat") or senses["course"]


def _trailing(block: list[Item]) -> Item | None:
    """The category at the end of a block that heads the next year's hours (…，专业23年60), or None."""
    marks = [it for it in block if it.kind in ("C", "N", "S", "sep")]
    while marks and marks[-1].kind == "sep":
        marks.pop()
    if not marks or marks[-1].kind != "C" or marks[-1].paired:
        return None
    last = marks[-1]
    if len(marks) > 1 and marks[-2].kind in ("N", "S") and marks[-2].token.end == last.token.start:
        return None  # 23个公需 25年…
    return last


def _tables(hours: Hours, items: list[Item]) -> list[Item]:
    """Takes tables with a heading line out of the stream: columns named by category, or by year."""
    lines: list[list[Item]] = [[]]
    for it in items:
        lines[-1].append(it)
        if it.kind == "sep" and it.token.text == "\n":
            lines.append([])
    if len(lines) < 2:
        return items
    body: list[Item] = []
    columns: tuple[int, ...] = ()
    for n, line in enumerate(lines):
        marks = [it for it in line if it.kind in ("Y", "C", "N", "S")]
        kinds = {it.kind for it in marks}
        years = tuple(y for it in marks if it.kind == "Y" for y in it.token.value) if _plain_years(marks) else ()
        if kinds == {"C"} and len(marks) == 2 and n + 1 < len(lines) and category_of(marks[0]) != category_of(marks[1]):
            hours.order, hours.headed = tuple(category_of(it) for it in marks), True
        elif kinds == {"Y"} and len(years) >= 2 and n + 1 < len(lines):
            columns = years
        elif columns and kinds == {"C", "N"} and marks[0].kind == "C" and len(marks) == len(columns) + 1:
            for year, it in zip(columns, marks[1:], strict=True):
                if it.token.value is not None:
                    hours.put((year,), category_of(marks[0]), it.token.value, marks[0].token.text + it.token.text)
        else:
            body += line
    return body


def _plain_years(marks: list[Item]) -> bool:
    return all(it.token.kind == "years" for it in marks if it.kind == "Y")


def _blocks(items: list[Item], hours: Hours) -> list[tuple[tuple[int, ...] | None, list[Item], bool]]:
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
            between = [b.kind for b in block]
            if (
                years is not None
                and blocks_joined(block, items[n + 1 :])
                and "X" not in between
                and (blocks or not hours.asked_years)
            ):
                years, block = tuple(dict.fromkeys(years + named)), []
                loose = loose and _loose(it)
            else:
                blocks.append((years, block, loose))
                years, block, loose = named, [], _loose(it)
        else:
            block.append(it)
    blocks.append((years, block, loose))
    return [b for k, b in enumerate(blocks) if k or b[1] or len(blocks) == 1]


def _loose(it: Item) -> bool:
    return it.token.unit == "window" and it.token.text[0] not in "每年各历"


def blocks_joined(block: list[Item], rest: list[Item]) -> bool:
    """True where two years stand side by side and share what follows (22、23年…, 去年 今年都没学)."""
    if any(it.kind not in ("sep", "all") for it in block):
        return False
    seps = {it.token.text for it in block}
    if not seps or seps <= {"、"}:
        return True
    if not seps <= {" ", ",", "、"}:
        return False
    ahead = next((it for it in rest if it.kind != "sep"), None)
    return ahead is not None and (ahead.kind == "all" or ahead.token.text.startswith(("都", "全", "均")))


def _superseded(it: Item, ahead: Item | None) -> bool:
    """都学了30, 完成40: the number behind the state says it all."""
    if ahead is None or it.kind != "S" or ahead.kind != "N" or ahead.token.start - it.token.end > 1:
        return False
    return it.token.is_("state", "full") or it.token.is_("state", "partial")


class Block:
    """The hours of one year (or of years that share them)."""

    def __init__(
        self, hours: Hours, years: tuple[int, ...] | None, items: list[Item], header: str | None, loose: bool = False
    ) -> None:
        self.hours, self.years, self.header = hours, years, header
        self.items = [
            it for k, it in enumerate(items) if not _superseded(it, items[k + 1] if k + 1 < len(items) else None)
        ]
        self.loose = loose
        self.detail = False
        self.pending: list[Item] = []
        self.last: list[str] = []
        self.all = self.gap = self.each = False
        self.total: Item | None = None
        self.strays: list[Item] = []
        self.partial: Item | None = None
        self.done: dict[str, float | None] = {}
        self.shorts: dict[str, float] = {}

    def read(self) -> None:
        seq = [it for it in self.items if it.kind in ("C", "N", "S")]
        kinds = "".join(it.kind for it in seq)
        if any(it.kind == "fix" for it in self.items):
            self.hours.fixing = True
        if not seq:
            return
        if self._copied(seq):
            return
        if "C" not in kinds:
            self._bare(seq)
        elif kinds[-1] == "S" and self._counted(seq[:-1], kinds[:-1]) and not seq[-1].token.is_("state", "full"):
            self.hours.doubt(self.years, self._text(*seq), "unclear")
        elif self._counted(seq, kinds):
            for number, cat in zip(seq[::2], seq[1::2], strict=True):
                self._give([category_of(cat)], number, self._text(number, cat))
        else:
            self._walk()
        self._finish()

    def _counted(self, seq: list[Item], kinds: str) -> bool:
        """30个公需60个专业: each number stands right before its category."""
        if not kinds or kinds != "NC" * (len(kinds) // 2) or seq[0].paired:
            return False
        return all(
            not set(self.hours.text[n.token.end : c.token.start]) & set(",;。\n ")
            for n, c in zip(seq[::2], seq[1::2], strict=True)
        )

    def _text(self, *parts: Item) -> str:
        start = min(p.token.start for p in parts)
        end = max(p.token.end for p in parts)
        return self.hours.text[start:end] if end - start <= 24 else " ".join(p.token.text for p in parts)

    def _copied(self, seq: list[Item]) -> bool:
        """大前年也一样: the row before, again."""
        if not any(it.token.is_("state", "same") for it in seq):
            return False
        values = [it for it in seq if it.kind == "N" or (it.kind == "S" and not it.token.is_("state", "same"))]
        if values:
            return False
        cats = [category_of(it) for it in seq if it.kind == "C"] or list(self.hours.last_row)
        row = dict(self.hours.last_row)
        for category in cats:
            if category in row and self.years is not None:
                self.hours.put(self.years, category, row[category], seq[-1].token.text)
            else:
                self.hours.doubt(self.years, seq[-1].token.text, "same_as_what", category)
        return True

    # -- without a category in the block --

    def _bare(self, seq: list[Item]) -> None:
        numbers = [it for it in seq if it.kind == "N"]
        states = [it for it in seq if it.kind == "S" and not it.token.is_("state", "same")]
        cats = [self.header] if self.header else []
        if states and not (numbers and self._learned(states[0], numbers[0])):
            if not numbers:
                for state in states[:1]:
                    self._state(cats or list(BOTH), state, whole=not cats)
                return
            if states[0].token.is_("state", "unknown"):
                self._state(cats or list(BOTH), states[0], whole=not cats)
                return
        if cats and numbers:
            self._under_header(cats, numbers)
        elif self._pairs(numbers):
            return
        elif numbers:
            self._bare_total(numbers)

    @staticmethod
    def _learned(state: Item, number: Item) -> bool:
        """完成30, 学了一半30: the number says it all."""
        return state.token.is_("state", "full") or state.token.is_("state", "partial") or number.short

    def _under_header(self, cats: list[str], numbers: list[Item]) -> None:
        if self.years and len(numbers) == len(self.years) > 1:
            for year, number in zip(self.years, numbers, strict=True):
                self._give(cats, number, number.token.text, years=(year,))
        elif len(numbers) == 1 or self.hours.fixing:
            self._give(cats, numbers[-1], numbers[-1].token.text)
        else:
            self.hours.doubt(self.years, self._text(*numbers), "conflict", cats[0])

    def _pairs(self, numbers: list[Item]) -> bool:
        """30/60, 30+60, 30 60 (90): general and professional in the order of the heading, or of the notice."""
        if any(it.short or it.total or it.token.value is None or it.token.unit not in ("", "hours") for it in numbers):
            return False
        if any(
            it.kind in ("of", "X")
            for it in self.items
            if numbers and numbers[0].token.start < it.token.start < numbers[-1].token.start
        ):
            return False
        values = [it.token.value for it in numbers]
        if self.years and self.each and len(numbers) == 2 * len(self.years):
            return False
        if len(values) == 3 and values[0] + values[1] == values[2]:
            numbers, values = numbers[:2], values[:2]
        if len(values) != 2:
            return False
        between = self.hours.text[numbers[0].token.end : numbers[1].token.start].strip()
        if between not in _JOINS:
            return False
        words = self.hours.text[numbers[0].token.start : numbers[1].token.end]
        first, second = values
        if first >= 60 and 0 < second <= 30 and not self.hours.headed:
            self.hours.turned.append((self, numbers, words))
            return True
        self.hours.rows_in_order += first < second
        if self.years is None:
            self.hours.doubt(None, words, "no_year", hint={"first": first, "second": second})
            return True
        self.pair(numbers, words)
        return True

    def pair(self, numbers: list[Item], words: str) -> None:
        """Give two numbers to the two categories, in the order of the heading or of the notice."""
        for category, number in zip(self.hours.order, numbers, strict=True):
            self._give([category], number, words)

    def _bare_total(self, numbers: list[Item]) -> None:
        number = numbers[0]
        words = number.token.text
        if number.token.unit in ("days", "minutes", "clock", "lessons", "credits"):
            if self.years is not None:
                self.hours.doubt(self.years, words, number.token.unit, hint={"amount": number.token.value})
        elif number.token.unit == "negative":
            self.hours.doubt(self.years, words, "impossible_hours")
        elif self.years is not None and max(self.years) > self.hours.today_year:
            pass  # nothing can have been learned yet
        elif self.years is not None or number.token.unit == "hours" or number.short:
            if number.short:
                self.hours.doubt(self.years, words, "no_category", hint={"short": number.token.value})
            else:
                self.hours.doubt(self.years, words, "bare_total", hint={"total": number.token.value})

    # -- with categories --

    def _walk(self) -> None:
        for n, it in enumerate(self.items):
            if it.kind == "C":
                if self.pending and (self.gap or self._apart(self.pending[-1], it)):
                    self.pending = []
                self.pending.append(it)
                self.gap = self.all = self.detail = False
            elif it.kind in ("all", "each"):
                self.all = True
            elif it.kind == "fix":
                self.hours.fixing = True
            elif it.kind == "of":
                if self.strays and self.total is None:
                    self.total = self.strays.pop()
                elif self.done:
                    self.detail = True
            elif it.kind == "neg":
                if not self.pending:
                    self.pending = []
            elif it.kind == "X":
                self.gap = True
            elif it.kind == "S":
                self._meet_state(n, it)
            elif it.kind == "N":
                self._meet_number(n, it)

    def _apart(self, first: Item, second: Item) -> bool:
        """True where two categories stand in different clauses with words between: they share no number."""
        between = self.hours.text[first.token.end : second.token.start]
        return any(c in between for c in ",;。\n ") and bool(between.strip(",;。\n 、和及与/"))

    def _meet_number(self, n: int, it: Item) -> None:
        if self.gap and it.token.unit != "hours":
            if self.pending:
                self.hours.doubt(self.years, self._text(self.pending[-1], it), "unclear", category_of(self.pending[-1]))
            self.pending, self.gap = [], False
            return
        self.gap = False
        if not self.pending:
            behind = self.items[n + 1 : n + 3]
            if behind and behind[0].kind == "C" and (len(behind) == 1 or behind[1].kind not in ("N", "S")):
                self._give([category_of(behind[0])], it, self._text(it, behind[0]))
                behind[0].kind = "taken"
            elif self.header and not self.done:
                self._give([self.header], it, it.token.text)
            elif it.short and len(self.last) == 1:
                self._give(self.last, it, it.token.text)  # 专业学了40，还差20
            elif self.last and self.hours.fixing:
                self._give(self.last, it, it.token.text)
            elif self.detail:
                pass  # 其中网课20
            elif it.total or (self.last and self._is_sum(it)):
                self.total = it
            elif it.token.unit in ("", "hours"):
                self.strays.append(it)
                self._unset(self.last, it)
            return
        cats = [category_of(c) for c in self.pending]
        words = self._text(*self.pending, it)
        run = self._run(n)
        if len(cats) == 1 and self.years and 1 < len(self.years) == len(run):
            for year, number in zip(self.years, run, strict=True):
                self._give(cats, number, self._text(self.pending[0], number), years=(year,))
            for number in run:
                number.kind = "taken"
        elif len(cats) == 2 and len(run) == 2:
            for category, number in zip(cats, run, strict=True):
                self._give([category], number, self._text(*self.pending, *run))
            run[1].kind = "taken"
        elif len(cats) == 1 and len(run) > 1 and self._added(run):
            it.token.value = sum(number.token.value for number in run)
            for number in run[1:]:
                number.kind = "taken"
            self._give(cats, it, self._text(*self.pending, *run))
        elif len(cats) == 1 or self.all:
            if not self._summed(cats, it, words):
                self._give(cats, it, words)
        else:
            self.hours.doubt(self.years, words, "bare_total", hint={"total": it.token.value})
        self.pending, self.last, self.partial = [], cats, None

    def _added(self, run: list[Item]) -> bool:
        """专业24+36."""
        text = self.hours.text
        joins = {text[a.token.end : b.token.start].strip() for a, b in zip(run, run[1:], strict=False)}
        return joins <= {"+", "加"} and all(n.token.value is not None and n.token.unit in ("", "hours") for n in run)

    def _summed(self, cats: list[str], it: Item, words: str) -> bool:
        """三年公需90: of all three years together, unless 都 or 每年 says that it is of each."""
        together = self.loose and not self.all and not it.short and bool(it.token.value)
        if together or (it.total and self.years is not None and len(self.years) > 1):
            for category in cats:
                self.hours.doubt(self.years, words, "sum_of_years", category, {"total": it.token.value})
            return True
        return False

    def _is_sum(self, it: Item) -> bool:
        known = [v for v in self.done.values() if v is not None]
        return len(known) == 2 and sum(known) == it.token.value

    def _unset(self, cats: list[str], it: Item) -> None:
        """Two numbers for one category and no word how they belong together: neither is taken."""
        for category in cats:
            for year in self.years or ():
                if self.hours.cells.pop((year, category), None) is not None:
                    self.hours.blocked.add((year, category))
                    self.hours.doubt((year,), it.token.text, "several_numbers", category)

    def _run(self, n: int) -> list[Item]:
        """The numbers from item `n` on that stand side by side."""
        out = [self.items[n]]
        for it in self.items[n + 1 :]:
            if it.kind == "N":
                if self.hours.text[out[-1].token.end : it.token.start].strip() not in _JOINS:
                    break
                out.append(it)
            elif it.kind != "sep":
                if it.kind == "C" and len(out) > 1:
                    out.pop()  # 公需30 60个专业
                break
        return out

    def _meet_state(self, n: int, it: Item) -> None:
        ahead = self.items[n + 1] if n + 1 < len(self.items) else None
        if ahead is not None and ahead.kind == "sep" and ahead.token.text in " :" and "完" in it.token.text:
            ahead = self.items[n + 2] if n + 2 < len(self.items) else None
        if (
            ahead is not None
            and (ahead.kind == "N" or ahead.token.is_("state", "partial"))
            and self._learned(it, ahead)
        ):
            return
        before = self.items[n - 1] if n else None
        share = (
            ahead is not None
            and ahead.kind == "X"
            and ahead.token.kind == "number"
            and ahead.token.start - it.token.end <= 1
        )
        if share and self.pending:
            self.hours.doubt(self.years, self._text(self.pending[-1], it), "partial", category_of(self.pending[-1]))
            self.pending = []
            return
        undone = it.token.is_("state", "zero") or it.token.is_("state", "nothing") or it.token.is_("state", "partial")
        if (
            undone
            and before is not None
            and not before.short
            and (before.kind in ("N", "taken", "all"))
            and not self.pending
            and self.last
            and not self.detail
        ):
            if self.items[n - 1].token.end + 2 >= it.token.start:
                self._unset(
                    self.last if before.kind == "N" else list(self.done), it
                )  # 专业60没学: of sixty none, or those sixty not
                return
        if it.token.is_("state", "same"):
            return
        cats = [category_of(c) for c in self.pending]
        if not cats:
            if ahead is not None and ahead.kind == "C" and not self._valued(n + 1):
                self._state([category_of(ahead)], it)
                ahead.kind = "taken"
            elif not self.done and not self.shorts and not any(c.kind == "C" for c in self.items[:n]):
                if not any(c.kind == "C" for c in self.items[n:]):
                    self._state(list(BOTH), it, whole=True)
                elif it.token.is_("state", "zero") or it.token.is_("state", "nothing") or it.token.is_("state", "full"):
                    self.strays.clear()
            return
        self._state(cats, it)
        if it.token.is_("state", "partial"):
            return
        self.pending, self.last = [], cats

    def _valued(self, n: int) -> bool:
        """True where the category at item `n` has a value of its own behind it."""
        for it in self.items[n + 1 :]:
            if it.kind in ("N", "S"):
                return True
            if it.kind == "C" or (it.kind == "sep" and it.token.unit == "hard"):
                return False
        return False

    def _state(self, cats: list[str], it: Item, *, whole: bool = False) -> None:
        state = it.token.senses["state"]
        years = self.years
        if years is None and whole and (state == "nothing" or self.hours.asked_years == ()):
            years = self.hours.window  # 甚也没学: whatever year is asked about
        words = self.hours.text[min([c.token.start for c in self.pending] or [it.token.start]) : it.token.end]
        if state == "partial":
            self.partial = it
            for category in cats if not whole else (None,):
                self.hours.doubt(years, words, "partial", category)
            return
        if years is None and state == "unknown":
            self.hours.doubt(None, words, "no_year")
            return
        for category in cats:
            value = {"full": NEEDED[category], "unknown": None}.get(state, 0)
            if self.done.get(category, value) == value:
                self.hours.put(years, category, value, words)
                self.done[category] = value

    def _give(self, cats: list[str], it: Item, words: str, years: tuple[int, ...] | None = None) -> None:
        token, years = it.token, years or self.years
        for category in cats:
            if token.unit in ("days", "minutes", "clock", "lessons", "credits"):
                self.hours.doubt(years, words, token.unit, category, {"amount": token.value})
            elif token.unit == "negative" or (token.value is not None and not 0 <= token.value <= MOST):
                self.hours.doubt(years, words, "impossible_hours", category, {"amount": token.value})
            elif token.value is None:
                self.hours.doubt(years, words, "range", category, {"bounds": list(token.bounds or ())})
                if years is not None:
                    self.hours.put(years, category, None, words)
                    self.done[category] = None
            elif it.short:
                self._short(years, category, token.value, words)
            else:
                if category in self.shorts and token.value + self.shorts[category] != NEEDED[category]:
                    self.hours.doubt(years, words, "conflict", category)
                    continue
                self.hours.put(years, category, token.value, words)
                self.done[category] = token.value
        self.last = cats

    def _short(self, years: tuple[int, ...] | None, category: str, missing: float, words: str) -> None:
        self.shorts[category] = missing
        have = self.done.get(category)
        if have is not None:
            if have + missing != NEEDED[category]:
                for year in years or ():
                    self.hours.cells.pop((year, category), None)
                self.hours.doubt(years, words, "conflict", category, {"short": missing})
        elif missing > NEEDED[category]:
            self.hours.doubt(years, words, "impossible_hours", category, {"short": missing})
        else:
            self.hours.put(years, category, NEEDED[category] - missing, words)

    def _finish(self) -> None:
        total = self.total
        if total is None and self.strays:
            for it in self.strays:
                self.hours.doubt(self.years, it.token.text, "bare_total", hint={"total": it.token.value})
            return
        if total is None or total.token.value is None:
            return
        known = {c: v for c, v in self.done.items() if v is not None}
        if len(known) == 1 and len(self.done) == 1:
            (category, value), whole = next(iter(known.items())), total.token.value
            rest = next(c for c in BOTH if c != category)
            if whole >= value:
                self.hours.put(self.years, rest, whole - value, total.token.text)
            else:
                self.hours.doubt(self.years, total.token.text, "conflict", rest)
        elif not known:
            self.hours.doubt(self.years, total.token.text, "bare_total", hint={"total": total.token.value})
