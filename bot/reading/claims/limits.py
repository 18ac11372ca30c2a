"""What limits a claim: years that count themselves, what is excepted (除了2024年专业) and what was not verified."""

from __future__ import annotations

import re
from datetime import date

from bot.reading.lexing.lexicon import limits
from bot.reading.lexing.tokens import Token

_ELSEWHERE = ("ask", "apply", "move", "from", "held", "birth")  # what makes a clause tell something else than hours
_ASIDE = frozenset(" ,、")
_LONGEST = 60  # spans of a phrase, and of what stands round it


def counted(tokens: list[Token]) -> list[Token]:
    """2022、2023、2024三年: a count behind named years counts those, and no others."""
    out: list[Token] = []
    for token in tokens:
        named = _run(out) if _is_count(token) else []
        years = tuple(y for t in named for y in t.value)
        if len(years) > 1 and (token.unit != "window" or _beside(out[-1], token, len(years))):
            first = named[0]
            place = out.index(first)
            whole = Token(
                "years", "".join(t.text for t in out[place:]) + token.text, first.start, value=years, unit="list"
            )
            whole.clause = token.clause
            del out[place:]
            out.append(whole)
        else:
            out.append(token)
    return out


def _is_count(token: Token) -> bool:
    return (token.kind == "years" and token.unit == "window" and token.text[0] not in "每年") or (
        token.kind == "duration" and token.unit == "年" and isinstance(token.value, int) and 1 < token.value < 10
    )


def _beside(last: Token, token: Token, count: int) -> bool:
    return last.kind == "years" or len(token.value) == count


def _run(out: list[Token]) -> list[Token]:
    """The years named at the end of what was heard so far, with nothing but marks between."""
    found: list[Token] = []
    for token in reversed(out):
        if token.kind == "years" and token.unit in ("year", "bare", "list") and not token.negated:
            found.append(token)
        elif not (token.kind == "sep" and token.text in _ASIDE) and token.text not in ("和", "跟", "与", "及"):
            break
    return found[::-1]


def excepted(tokens: list[Token], today: date, window: tuple[int, ...]) -> list[Token]:
    """除了2024年专业, 2024年除外: the years and the category become one span that takes them out of wider claims."""
    out: list[Token] = []
    i = 0
    while i < len(tokens):
        end = _phrase_end(tokens, i) if tokens[i].is_("except") else i
        if end > i + 1:
            out += _but(tokens[i:end], out, tokens[end : end + _LONGEST], window)
            i = end
        elif tokens[i].text in limits()["left_out"]:
            start = len(out)
            while start and (
                out[start - 1].kind == "years" or out[start - 1].is_("cat") or out[start - 1].text == "的"
            ):
                start -= 1
            span = [*out[start:], tokens[i]]
            del out[start:]
            out += _but(span, out, tokens[i + 1 : i + 1 + _LONGEST], window) if len(span) > 1 else span
            i += 1
        else:
            out.append(tokens[i])
            i += 1
    return out


def _phrase_end(tokens: list[Token], i: int) -> int:
    """Where the phrase that begins with 除了 ends; `i` where it tells hours of its own or names nothing."""
    named = False
    for k, token in enumerate(tokens[i + 1 : i + 1 + _LONGEST], i + 1):
        if token.kind in ("years", "date") or token.is_("cat") or token.is_("year"):
            named = True
        elif token.text in limits()["outside"]:
            return k + 1 if k > i + 1 else i
        elif token.kind == "sep" and token.text not in "、 ":
            return k if named or k > i + 1 else i
        elif token.is_("all") or (token.is_("state", "full") and token.text[0] in limits()["every"]):
            return k if named else i
        elif token.kind == "number" or token.is_("state") or token.is_("short") or token.is_("done"):
            return i
    return min(len(tokens), i + 1 + _LONGEST) if named else i


def _but(said: list[Token], before: list[Token], behind: list[Token], window: tuple[int, ...]) -> list[Token]:
    years = tuple(y for t in said for y in _years(t))
    categories = [t.senses["cat"] for t in said if t.is_("cat")]
    whole = "".join(t.text for t in said)
    but = Token("but", whole, said[0].start, value=(years, categories[0] if len(set(categories)) == 1 else None, "but"))
    but.clause = said[0].clause
    spoken = next((t for t in behind if t.kind == "years" or t.is_("state")), None)
    direct = spoken is not None and spoken.is_("state", "full") and spoken.clause == said[-1].clause
    elsewhere = not direct and any(t.kind == "years" for t in before[-_LONGEST:] + behind)
    if years and not elsewhere and any(t.is_("state", "full") for t in behind):
        rest = tuple(y for y in window if y not in years) if not categories else window
        dated = Token("years", whole, but.start, value=rest, unit="list")
        dated.clause = but.clause
        return [but, dated] if categories else [dated]
    return [but]


def _years(token: Token) -> tuple[int, ...]:
    if token.kind == "years":
        return tuple(token.value)
    return (token.value.year,) if token.kind == "date" and token.value.year else ()


def unsettled(tokens: list[Token]) -> list[Token]:
    """三年都满了，就是去年的专业没核定: a clause that names a year or a category, tells no hours of it and says no or but."""
    if not any(t.is_("state", "full") or t.is_("state", "void") for t in tokens):
        return tokens
    clauses: dict[int, list[Token]] = {}
    for token in tokens:
        clauses.setdefault(token.clause, []).append(token)
    out: list[Token] = []
    for inside in clauses.values():
        text = "".join(t.text for t in inside)
        named = [t for t in inside if (t.kind in ("years", "date") and not t.negated) or t.is_("cat")]
        taken_off = any(t.text.startswith(tuple(limits()["taken_off"])) for t in inside)  # 扣了十个
        told = any(t.kind in ("number", "but") or t.is_("state") for t in inside) and not taken_off
        valued = told or any(t.is_(kind) for t in inside for kind in _ELSEWHERE)
        void = re.search(limits()["void"], text)
        if not named or (valued and not (void and not any(t.kind == "number" or t.is_("state") for t in inside))):
            out += inside
            continue
        unknown = any(t.kind == "other" and t.text.isalpha() for t in inside)
        if not (void or unknown or taken_off or re.search(limits()["but"], text)):
            out += inside
            continue
        span = Token("but", text.strip(" ,。;"), inside[0].start, value=(
            tuple(y for t in named for y in _years(t)),
            next((t.senses["cat"] for t in named if t.is_("cat")), None), "void" if void else "but",
        ))  # fmt: skip
        span.clause = inside[0].clause
        out += [*(t for t in inside[:1] if t.kind == "sep"), span]
    return out
