"""What is asked, supposed or quoted in a message, and so does not hold of anybody."""

from __future__ import annotations

import re

from bot.reading.lexing.lexicon import kinds, limits
from bot.reading.lexing.tokens import Token, at, spelt, year_like

_FACTS = tuple(kinds()["facts"])
_ASKING = {name: frozenset(words) for name, words in limits()["asking"].items()}
ASKING_TEXTS = frozenset("?").union(*(_ASKING[name] for name in ("whether_not", "guess", "ruled", "or")))
"""Words that may make a question of a clause that has no word of asking."""
_TOLD = frozenset(kinds()["told"])


def mark_quoted(tokens: list[Token]) -> None:
    """A sentence in the words of a regulation, with no 我 in it, tells nothing of the asker."""
    start = 0
    for i, token in enumerate(tokens):
        if i + 1 == len(tokens) or (token.kind == "sep" and token.text in "。!?\n"):
            sentence = tokens[start : i + 1]
            start = i + 1
            if not any(t.is_("self") for t in sentence) and any(_regulates(sentence, t) for t in sentence):
                for t in sentence:
                    t.off = True


def _regulates(sentence: list[Token], token: Token) -> bool:
    if token.is_("rule", "prose"):
        return True
    company = [t for t in sentence if t.clause == token.clause and t is not token and t.kind != "sep"]
    return token.is_("rule", "people") and any(t.of("apply", "age", "move", "cat") for t in company)


def mark_supposed(tokens: list[Token]) -> None:
    """Behind 要是, 比如 … the rest of the sentence is supposed, not said; 的话 supposes what stands before it."""
    on, contact, later, concluded = False, -1, -1, False
    for i, token in enumerate(tokens):
        if token.kind == "sep" and (token.unit == "hard" or (concluded and token.text not in ":+-/~—")):
            on = concluded = False  # 要是能破格我就破格 女 35: what is told behind the conclusion is told
        concluded = concluded or (on and token.text.endswith(tuple(limits()["concluding"])))
        if token.is_("when", "later"):
            later = token.clause
        if token.is_("when", "if"):
            on = True
            before = at(tokens, i - 1)
            topic = before.kind == "years" or before.of("cat", "self")
            if token.text in _ASKING["supposed_behind"] and topic:
                on = False  # 去年的话，公需30: a topic, no condition
            elif token.text in _ASKING["supposed_behind"]:
                back = i
                while back >= 0 and tokens[back].clause == token.clause:
                    tokens[back].off = True
                    back -= 1
        if token.is_("junk") or token.kind == "junk":
            contact = token.clause
        if on or later == token.clause or (contact == token.clause and token.kind in ("number", "date", "years")):
            token.off = True


def _inquires(inside: list[Token], subject: Token) -> bool:
    """我想问一下…: the asker speaks only as one who asks."""
    return spelt(t for t in inside if t.start >= subject.end).startswith(tuple(limits()["inquiring"]))


def mark_asked(tokens: list[Token]) -> None:
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
    for clause in clauses:
        kinds.setdefault(clause, question_kind(clauses[clause]))
    for clause in marked:
        kinds[clause] = kinds.get(clause) or "confirm"
    asked = {clause for clause, kind in kinds.items() if kind not in (None, "result")}
    told = [t for t in tokens if t.clause not in asked and not t.off]
    personal = any(t.is_("self") or t.of(*_FACTS) or (t.kind == "number" and t.unit == "age") for t in told)
    spoken = any(t.is_("self") for t in told) and any(any(t.is_(f) for f in (*_FACTS, "postdoc", "cat")) for t in told)
    for clause in asked:
        inside = clauses.get(clause, [])
        own = any(t.is_("self") and not _inquires(inside, t) for t in inside)
        kind = kinds[clause]
        applying = any(t.is_("apply", "word") for t in inside)
        if own:
            _doubted(inside)
        lenient = own or (kind == "next" and personal)
        tail = _tail(inside, kind)
        for t in inside[tail:]:
            hours = t.kind in ("number", "years", "duration") or t.of("cat", "state")
            level = t.of("level", "title", "apply") and spoken and kind == "word" and applying
            if (not lenient or (hours and kind == "confirm")) and not level:
                t.off = True


def _tail(clause: list[Token], kind: str | None) -> int:
    """Where the question behind what is told begins (女46报副高还用学吗); 0 where the whole clause asks."""
    facts = [i for i, t in enumerate(clause) if _tells(t)]
    first = next((i for i, t in enumerate(clause) if t.is_("ask")), facts[-1] + 1 if facts else 0)
    told, behind = clause[:first], spelt(clause[first:])
    if re.search(limits()["open"], behind) or re.search(limits()["general"], spelt(told)):
        return 0
    personal = {k for t in told for k in _FACTS if t.is_(k)} | {"age" for t in told if t.kind == "number"}
    counted = [t.text for t in told if t.kind == "years" or t.is_("cat")] if "age" in personal else []
    if len(personal) + len(counted) > 2:
        return first  # nobody asks for people in general with so much of one
    if kind not in ("next", "result", "confirm"):
        return 0
    if not all(t.of("ask", "fill") or t.kind == "sep" or t.text in _ASKING["done"] for t in clause[first:]):
        return 0
    if kind == "confirm" and spelt(t for t in clause[first:] if t.is_("ask")) not in limits()["tails"]:
        return 0
    return first if any(_tells(t) for t in told) else 0


def _tells(token: Token) -> bool:
    return token.of(*_TOLD) or token.kind in ("number", "date", "years")


def _doubted(clause: list[Token]) -> None:
    """我是不是民营企业的, 我算国企吗: the asker does not know it of himself."""
    spoken = [t for t in clause if t.kind != "sep"]
    whether = next((i for i, t in enumerate(spoken) if t.text in _ASKING["whether"]), None)
    if whether is None and spoken[-1].text in _ASKING["tags"]:
        plain = all(t.of("fill", "self") or t.of(*_FACTS) or t.text in _ASKING["counts"] for t in spoken[:-1])
        whether = 0 if plain else None
    if whether is not None:
        for token in spoken[whether:]:
            token.off = token.off or token.of(*_FACTS)


def _asks_without_a_word(clause: list[Token]) -> bool:
    """要学时不, 私企评职称学时, 50岁还是55岁: a question by its end, its subject, or its alternative."""
    spoken = [t for t in clause if t.kind != "sep"]
    if len(spoken) < 2:
        return False
    last = spoken[-1]
    plain = not any(t.kind == "number" or t.of("state", "purpose") for t in spoken)
    if last.text in _ASKING["guess"] and plain and any(t.is_("unit") for t in spoken):
        return True
    if last.text in _ASKING["whether_not"]:
        return last.text not in _ASKING["none"] or not (
            spoken[-2].is_("cat") or spoken[-2].kind == "years" or year_like(spoken[-2])
        )  # 专业没有: none
    plain = plain and not (
        spoken[0].text in _ASKING["who_demands"] and any(t.kind == "duration" for t in spoken)
    )  # 单位要求两年学时
    if last.is_("unit") and not last.is_("cat") and len(spoken) > 2 and plain:
        return True
    for i, token in enumerate(spoken):
        if token.text in _ASKING["or"] and 0 < i < len(spoken) - 1:
            before, after = spoken[i - 1], spoken[i + 1]
            return any(before.is_(k) and after.is_(k) for k in ("level", "title", "sector", "place")) or (
                token.text in _ASKING["or_of_numbers"]
                and before.kind == after.kind
                and before.kind in ("number", "years", "duration")
            )
    return False


def mark_scores(tokens: list[Token]) -> None:
    """公需考试90分, 专业测试得了95: a mark in an examination is no number of hours."""
    clause, examined, marked = -1, False, False
    for token in tokens:
        if token.clause != clause:
            clause, examined, marked = token.clause, False, False
        if token.is_("cat"):
            examined = False
        if token.is_("exam_mark"):
            examined = marked = True
        elif marked and token.kind == "number" and token.text.endswith(tuple(_ASKING["mark"])):
            token.off = True  # 考试公需90分专业85分
        elif examined and token.kind == "number" and token.unit in ("", "hours"):
            token.off = not token.text.endswith(tuple(_ASKING["hours"]))
            examined = False


def mark_planned(tokens: list[Token]) -> None:
    """今年计划学完60, 报了公需30: hours behind a word of intent, up to the end of the clause or to what is applied for."""
    clause, planned = -1, False
    for i, token in enumerate(tokens):
        if token.clause != clause:
            clause, planned = token.clause, False
        if token.is_("plan"):
            planned = True
        elif token.is_("apply"):
            behind = [t for t in tokens[i + 1 : i + 4] if not t.is_("fill") or t.is_("cat")]
            planned = any(t.is_("cat") for t in behind[:1]) or (
                [t.kind for t in behind[:2]] == ["number", "word"] and behind[1].is_("cat")
            )
        elif planned and (token.kind in ("number", "duration") or token.of("cat", "state")):
            token.off = True


def _topical(clause: list[Token], i: int) -> bool:
    """去年么差公需五个: 么 behind a topic, with something told of it, asks nothing."""
    if clause[i].text not in _ASKING["topical"] or i == 0 or i + 1 == len(clause):
        return False
    told = any(t.kind == "number" or t.of("state", "short") for t in clause[i + 1 :])
    return told and (clause[i - 1].kind == "years" or clause[i - 1].is_("cat"))


def question_kind(clause: list[Token]) -> str | None:
    """How a clause asks: `result` (about the asker's own case), `next`, `confirm` (a rule), `word`, or None."""
    kinds = {t.senses["ask"] for i, t in enumerate(clause) if "ask" in t.senses and not _topical(clause, i)}
    if not kinds and _asks_without_a_word(clause):
        return "confirm"
    if "topic" in kinds and any(t.kind == "number" or t.is_("state") for t in clause):
        kinds.discard("topic")
    if any(t.is_("state", "unknown") for t in clause):
        kinds.discard("word")  # 学了多少忘了
    return next((k for k in ("result", "next", "confirm", "word", "topic") if k in kinds), None)
