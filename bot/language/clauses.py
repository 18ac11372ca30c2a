"""What a span's surroundings make of it: who is meant, what is asked, supposed or quoted, what is denied, what is past."""

from __future__ import annotations

from datetime import date

from bot.language.tokens import Token, When

_CONTENT = (
    "sex",
    "level",
    "title",
    "sector",
    "place",
    "route",
    "cat",
    "scope",
    "teacher",
    "postdoc",
    "skilled",
    "purpose",
    "epidemic",
)
_FACTS = ("sex", "level", "title", "sector", "place", "route", "teacher", "scope")
_MAY_BE_WRONG = ("title", "level")
_GREETINGS = frozenset({"您好", "你好", "好", "请", "麻烦"})


def settle(tokens: list[Token], today: date, window: tuple[int, ...]) -> list[Token]:
    """The tokens with misheard words confirmed or dropped, years worked out, and every flag set."""
    _number_clauses(tokens)
    said = {kind for t in tokens for kind in t.senses} | {t.kind for t in tokens}
    if not said.isdisjoint(_MAY_BE_WRONG) or any(t.soft for t in tokens):
        _confirm(tokens)
    if "year" in said:
        _date_words(tokens, today, window)
    if "date" in said:
        tokens = _join_dates(tokens)
    if "neg" in said or "wrong" in said:
        _negate(tokens)
    if "sector" in said or "place" in said:
        _past(tokens)
        _moved(tokens)
    if "person" in said or "said" in said:
        _who(tokens)
    if "when" in said or "junk" in said:
        _suppose(tokens)
    if "ask" in said or any(t.text == "?" for t in tokens if t.kind == "sep"):
        _question(tokens)
    return tokens


def _number_clauses(tokens: list[Token]) -> None:
    clause = 0
    for token in tokens:
        if token.kind == "sep" and token.text not in ":+-/~":
            clause += 1
        token.clause = clause


def significant(tokens: list[Token], i: int, step: int, *, seps: bool = False) -> Token | None:
    """The next token from `i` in direction `step` that is neither filler nor (unless `seps`) a separator."""
    j = i + step
    while 0 <= j < len(tokens):
        token = tokens[j]
        skipped = (token.kind == "sep" and not seps) or (token.kind == "word" and set(token.senses) == {"fill"})
        if not skipped:
            return token
        j += step
    return None


def _drop(token: Token) -> None:
    token.kind, token.senses, token.soft = "other", {}, False


def _confirm(tokens: list[Token]) -> None:
    """A misheard word holds only where its neighbours expect it; so does a short title, which may be part of a longer word."""
    for i, token in enumerate(tokens):
        if token.kind != "word":
            continue
        if token.soft and token.is_("cat"):
            ahead, behind = significant(tokens, i, 1), significant(tokens, i, -1, seps=True)
            expected = ahead is not None and (
                ahead.kind == "number"
                and ahead.unit in ("", "hours")
                or ahead.is_("state")
                or ahead.is_("short")
                or ahead.is_("done")
                or ahead.is_("cat")
            )
            counted = behind is not None and (behind.kind == "number" and behind.unit == "hours" or behind.is_("cat"))
            if not (expected or counted):
                _drop(token)
        elif token.soft or (len(token.text) <= 2 and (token.is_("title") or token.is_("level"))):
            before, after = (tokens[i - 1] if i else None), (tokens[i + 1] if i + 1 < len(tokens) else None)
            if any(t is not None and t.kind in ("other", "junk") for t in (before, after)) and not _joined(
                before, after
            ):
                _drop(token)


def _joined(before: Token | None, after: Token | None) -> bool:
    """True where the unknown text around is only in front and ends a phrase of its own (林业 + 高工)."""
    if after is not None and after.kind in ("other", "junk"):
        return False
    return before is not None and before.kind == "other" and len(before.text) >= 2


def _date_words(tokens: list[Token], today: date, window: tuple[int, ...]) -> None:
    for token in tokens:
        said = token.senses.get("year")
        if said is None or said == "vague":
            continue
        token.kind = "years"
        if said == "every":
            token.value, token.unit = window, "window"
        else:
            token.value, token.unit = (today.year + int(said),), "relative"


def _join_dates(tokens: list[Token]) -> list[Token]:
    """今年 and 3月 make one date; 生 behind a bare year is kept apart."""
    out: list[Token] = []
    for token in tokens:
        last = out[-1] if out else None
        if (
            token.kind == "date"
            and token.value.year is None
            and last is not None
            and last.kind == "years"
            and len(last.value) == 1
        ):
            day = token.value
            out[-1] = Token(
                "date", last.text + token.text, last.start, value=When(last.value[0], day.month, day.day, day.possible)
            )
            out[-1].unit = "relative" if last.unit == "relative" else ""
            out[-1].clause = last.clause
        else:
            out.append(token)
    return out


def _negate(tokens: list[Token]) -> None:
    for i, token in enumerate(tokens):
        if token.is_("neg"):
            _deny_next(tokens, i)
        elif token.is_("wrong"):
            ahead = significant(tokens, i, 1, seps=True)
            if ahead is not None and (ahead.kind in ("number", "years") or any(ahead.is_(k) for k in _CONTENT)):
                ahead.negated = True


def _deny_next(tokens: list[Token], i: int) -> None:
    strong = tokens[i].text not in ("不", "没", "未", "别", "非", "无", "没有")
    for token in tokens[i + 1 : i + 6]:
        if token.kind == "sep" or token.kind == "other" or token.is_("held"):
            if token.is_("held"):
                token.negated = True
            return
        if token.is_("apply", "job") or token.is_("postdoc", "host"):
            token.negated = True
            if token.is_("apply"):
                return
            continue
        if token.kind in ("number", "years", "date", "duration"):
            token.negated = strong or token.kind == "number"
            return
        if any(token.is_(kind) for kind in _CONTENT):
            token.negated = True
            return
        if token.is_("self") or token.is_("person") or token.is_("ask"):
            return


def _moved(tokens: list[Token]) -> None:
    """公务员，去年7月转到…: an office before the move is where the person came from; so is any employer if a new one follows."""
    moves = [
        t for t in tokens if t.is_("move", "verb") and t.text[-1] in "到入任来" and len(t.text) > 1 and not t.negated
    ]
    employers = [t for t in tokens if t.is_("sector")]
    if moves and employers:
        for token in employers:
            later = any(token.start < m.start < employers[-1].start for m in moves[:1] + moves[-1:])
            if later or (token.is_("sector", "government") and token.start < moves[-1].start):
                token.past = True
    now = {t.clause for t in tokens if t.is_("time", "now")}
    town = [t for t in tokens if t.is_("place", "none") and t.clause in now]
    visits = {t.clause for t in tokens if t.is_("visit")}
    for token in tokens:
        if token.is_("place") and (token.clause in visits or (town and token.start < town[-1].start)):
            token.past = True


def _past(tokens: list[Token]) -> None:
    """Marks former employers and places: 原来在…, 从…调到, …干过."""
    before, clause = False, -1
    origin: list[Token] = []
    leaving = False
    for i, token in enumerate(tokens):
        if not token.senses and token.kind != "years":
            continue
        if token.clause != clause:
            clause, before, leaving, origin = token.clause, False, False, []
        if token.is_("time", "past"):
            before = True
        elif token.is_("time", "now") or (token.kind == "years" and token.unit == "relative"):
            before = False
        elif token.is_("from"):
            leaving = True
        elif token.is_("move", "verb"):
            for one in origin:
                one.past = True
            leaving = before = False
        elif token.is_("sector") or token.is_("place"):
            origin.append(token)
            token.past = before or leaving
            if "".join(t.text for t in tokens[i + 1 : i + 4]).startswith(
                ("干过", "待过", "呆过", "工作过", "做过", "上过班", "当过")
            ):
                token.past = True


def _who(tokens: list[Token]) -> None:
    """Follows the subject: 我妈55 is about her until 我 speaks of itself again. Quoted speech holds for nobody."""
    other, quoted = False, -1
    for i, token in enumerate(tokens):
        if token.kind == "word":
            if token.is_("self"):
                ahead = tokens[i + 1] if i + 1 < len(tokens) else None
                if ahead is not None and ahead.text == "的" and i + 2 < len(tokens):
                    ahead = tokens[i + 2]
                if ahead is None or not ahead.is_("person") or ahead.is_("person", "pronoun"):
                    other, quoted = False, -1
            elif token.is_("person"):
                other, quoted = _person(tokens, i, other, quoted)
            elif token.is_("said") and token.text in (
                "听说",
                "据说",
                "通知说",
                "群里说",
                "文件说",
                "网上说",
                "听人说",
                "说是",
            ):
                quoted = token.clause
        token.other = other
        if quoted == token.clause:
            token.off = True


def _person(tokens: list[Token], i: int, other: bool, quoted: int) -> tuple[bool, int]:
    token = tokens[i]
    before = tokens[i - 1] if i else None
    ahead = significant(tokens, i, 1, seps=True)
    if ahead is not None and ahead.is_("said"):
        return other, token.clause
    following = tokens[i + 1].text if i + 1 < len(tokens) else ""
    if following in _GREETINGS:
        return other, quoted
    owned = before is not None and (before.is_("self") or before.text in ("的", "替", "帮", "给", "有个", "有位"))
    if token.is_("person", "boss") and not (owned or token.text.startswith(("我", "俺", "咱"))):
        return other, quoted
    if before is not None and before.text in ("和", "跟", "与", "是", "算") and not token.is_("person", "pronoun"):
        return other, quoted
    if token.text == "人家自己":
        return False, quoted
    return True, quoted


def _suppose(tokens: list[Token]) -> None:
    """What stands behind 要是, 比如, 以后 … to the end of the sentence is supposed, not said; 的话 supposes what is before it."""
    on, contact, later = False, -1, -1
    for i, token in enumerate(tokens):
        if token.kind == "sep" and token.unit == "hard":
            on = False
        if token.is_("when", "later"):
            later = token.clause
        if token.is_("when", "if"):
            on = True
            if token.text == "的话":
                back = i
                while back >= 0 and tokens[back].clause == token.clause:
                    tokens[back].off = True
                    back -= 1
        if token.is_("junk") or token.kind == "junk":
            contact = token.clause
        if on or later == token.clause or (contact == token.clause and token.kind in ("number", "date", "years")):
            token.off = True


def question_kind(clause: list[Token]) -> str | None:
    """How a clause asks: `result` (about the asker's own case), `next`, `confirm` (a rule), `word`, or None."""
    kinds = {t.senses["ask"] for t in clause if "ask" in t.senses}
    if any(t.is_("state", "unknown") for t in clause):
        kinds.discard("word")  # 学了多少忘了
    return next((k for k in ("result", "next", "confirm", "word") if k in kinds), None)


_INQUIRING = ("想问", "问", "请问", "咨询", "想咨询", "想知道", "想了解", "就问", "想打听", "打听")


def _inquires(inside: list[Token], subject: Token) -> bool:
    """我想问一下…: the asker speaks only as one who asks."""
    return "".join(t.text for t in inside if t.start >= subject.end).startswith(_INQUIRING)


def _question(tokens: list[Token]) -> None:
    kinds: dict[int, str | None] = {}
    marked: list[int] = []
    last_clause = 0
    for token in tokens:
        if token.kind != "sep":
            last_clause = token.clause
        elif token.text == "?":
            marked.append(last_clause)
    clauses: dict[int, list[Token]] = {}
    for token in tokens:
        clauses.setdefault(token.clause, []).append(token)
    for clause in {t.clause for t in tokens if "ask" in t.senses}:
        kinds.setdefault(clause, question_kind(clauses[clause]))
    for clause in marked:
        kinds[clause] = kinds.get(clause) or "confirm"
    asked = {clause for clause, kind in kinds.items() if kind not in (None, "result")}
    told = [t for t in tokens if t.clause not in asked and not t.off]
    personal = any(
        t.is_("self") or any(t.is_(f) for f in _FACTS) or (t.kind == "number" and t.unit == "age") for t in told
    )
    spoken = any(t.is_("self") for t in told) and any(any(t.is_(f) for f in _FACTS) for t in told)
    for clause in asked:
        inside = clauses[clause]
        own = any(t.is_("self") and not _inquires(inside, t) for t in inside)
        kind = kinds[clause]
        applying = any(t.is_("apply", "word") for t in inside)
        lenient = own or (kind == "next" and personal)
        for t in inside:
            hours = t.kind in ("number", "years", "duration") or t.is_("cat") or t.is_("state")
            level = (t.is_("level") or t.is_("title") or t.is_("apply")) and spoken and kind == "word" and applying
            if (not lenient or (hours and kind == "confirm")) and not level:
                t.off = True
