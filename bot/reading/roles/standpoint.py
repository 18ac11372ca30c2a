"""Of whom and of when something is said: the asker or somebody else, today's employer or a former one."""

from __future__ import annotations

import re
from itertools import groupby

from bot.reading.lexing.clauses import significant
from bot.reading.lexing.lexicon import limits
from bot.reading.lexing.tokens import Token, at, spelt

_MARKED = frozenset(("move", "sector", "time", "place", "visit"))
_SAID = limits()["said"]
_QUOTING, _RULE = re.compile(_SAID["quoting"]), re.compile(_SAID["rule"])
_SHARED, _OF_YEARS = ("level", "title", "sector", "place"), ("state", "cat")


def mark_wished(tokens: list[Token]) -> None:
    """想跳到国企, 下半年要转到事业单位, 改制前是国企: an employer of another time, and the move there, do not hold."""
    for _, group in groupby(tokens, lambda t: t.clause):
        clause = list(group)
        for i, token in enumerate(clause):
            told = spelt(clause[:i])
            if token.of("sector", "place") and re.search(limits()["wished"], told):
                for one in clause[: i + 1]:
                    one.off = one.off or one.is_("move") or (one is token and token.is_("sector"))


def mark_past(tokens: list[Token]) -> None:
    """Marks former employers and places: 原来在…, 从…调到, …干过."""
    before, clause = False, -1
    origin: list[Token] = []
    leaving = False
    for i, token in enumerate(tokens):
        if token.clause != clause:
            clause, before, leaving, origin = token.clause, False, False, []
        if token.is_("time", "past") or token.is_("year", "vague"):
            before = True
        elif token.is_("time", "now") or (token.kind == "years" and token.unit == "relative"):
            before = False
        elif token.is_("from"):
            leaving = True
        elif token.is_("move", "verb") and not token.off:
            for one in origin:
                one.past = True
            leaving = before = False
        elif token.of("sector", "place"):
            origin.append(token)
            token.past = before or leaving
            if spelt(tokens[i + 1 : i + 4]).startswith(tuple(_SAID["was_there"])):
                token.past = True


def mark_moved(tokens: list[Token]) -> None:
    """公务员，去年7月转到…: an office before the move is where the person came from, and so is an earlier employer."""
    said = [t for t in tokens if t.kind == "word" and t.of(*_MARKED)]
    moves = [
        t
        for t in said
        if t.is_("move", "verb") and t.text[-1] in _SAID["arrived"] and len(t.text) > 1 and not (t.negated or t.off)
    ]
    employers = [t for t in said if t.is_("sector")]
    if moves and employers:
        for token in employers:
            later = any(token.start < m.start < employers[-1].start for m in moves[:1] + moves[-1:])
            if later or (token.is_("sector", "government") and token.start < moves[-1].start):
                token.past = True
    now = {t.clause for t in said if t.is_("time", "now")}
    town = [t for t in said if t.is_("place", "none") and t.clause in now]
    visits = {t.clause for t in said if t.is_("visit")}
    for token in said:
        if token.is_("place") and (token.clause in visits or (town and token.start < town[-1].start)):
            token.past = True


def mark_others(tokens: list[Token]) -> None:
    """Follows the subject: 我妈55 is about her until 我 speaks of itself again. Quoted speech holds for nobody."""
    other, quoted, who = False, -1, 0
    for i, token in enumerate(tokens):
        if token.kind == "word":
            if token.is_("self"):
                ahead = at(tokens, i + 1)
                if ahead.text in _SAID["of"]:
                    ahead = at(tokens, i + 2)
                if not ahead.is_("person") or ahead.is_("person", "pronoun"):
                    other, quoted = False, -1
            elif token.is_("person"):
                before, (other, quoted) = other, _person(tokens, i, other, quoted)
                named_on = i > 0 and (tokens[i - 1].is_("person") or tokens[i - 1].kind == "other")
                if other and i > 1 and tokens[i - 1].text in _SAID["of"]:
                    _theirs(tokens, i)
                who += other and not (before and (token.is_("person", "pronoun") or named_on or _post(token)))
            elif token.is_("said") and (token.text in _SAID["hearsay"] or _QUOTING.fullmatch(token.text)):
                quoted = token.clause
        token.other, token.who = other, who
        if quoted == token.clause:
            token.off = True
    if any(t.is_("said") for t in tokens):
        _quote_rules(tokens)
    _share(tokens)


def _share(tokens: list[Token]) -> None:
    """我48，我老婆46，都报副高: what is said of all of them."""
    for _, group in groupby(tokens, lambda t: t.clause):
        clause = [t for t in group if t.kind != "sep"]
        kinds = {kind for t in clause for kind in t.senses}
        of_all = clause and clause[0].is_("all") and not kinds.isdisjoint(_SHARED) and kinds.isdisjoint(_OF_YEARS)
        for t in clause if of_all else ():
            t.shared = t.other


def _post(token: Token) -> bool:
    """医院护士长: what somebody is, no other person."""
    return token.is_("person", "boss") and not token.text.startswith(tuple(_SAID["own"]))


def _theirs(tokens: list[Token], i: int) -> None:
    """镇中学的同学: what stands before the 的 is where they are."""
    for token in reversed(tokens[:i]):
        if token.clause != tokens[i].clause or token.is_("self"):
            return
        token.other = True


def _quote_rules(tokens: list[Token]) -> None:
    """医院说女的50不用学: a rule that others tell, with no 我 in it, is nobody's fact."""
    for _, clause in groupby(tokens, lambda t: t.clause):
        inside = list(clause)
        told = next((i for i, t in enumerate(inside) if t.is_("said")), None)
        if told is None or (told and inside[told - 1].is_("self")):
            continue
        rest = inside[told + 1 :]
        if not any(t.is_("self") for t in rest) and _RULE.search(spelt(rest)):
            for t in rest:
                t.off = True


def _person(tokens: list[Token], i: int, other: bool, quoted: int) -> tuple[bool, int]:
    token = tokens[i]
    before = at(tokens, i - 1)
    ahead = significant(tokens, i, 1, seps=True)
    if ahead.is_("said"):
        told = significant(tokens, tokens.index(ahead), 1)
        if ahead.text in limits()["inquiring"]:
            return True, quoted  # 帮同事问：女，44
        bidden = ahead.text.startswith(tuple(_SAID["bids"])) and told.is_("apply")
        return (False, quoted) if bidden else (other, token.clause)  # 我们主任让报副高: it is the asker who applies
    owned = before.is_("self") or before.text in _SAID["whose"]
    if _post(token) and not owned:
        return other, quoted
    if before.text in _SAID["with"] and not token.is_("person", "pronoun"):
        return other, quoted
    return True, quoted
