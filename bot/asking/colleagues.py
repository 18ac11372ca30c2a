"""Several people told of in one message: a case for each, taken one by one, each recalled by name or button."""

from __future__ import annotations

import re

from bot.asking import intake, remarks
from bot.asking.casefile import Case, with_entry
from bot.asking.session import Place
from bot.asking.talk import Talk
from bot.reading import Reading

_RECALL = re.compile(r"(?:算|看|查|再看|再算|回到)?(.+?)(?:的情况|的|呢|吧)?[？?。！!]?")


def queue(talk: Talk, reading: Reading) -> None:
    """The others' cases begin with what was told of them; that of the first is in hand already, unless it is the asker's own."""
    own = {key: case for key, case in talk.s.cases.items() if key in ("self", "other")}
    names: dict[str, str] = {}
    waiting: dict[str, Case] = {}
    for n, one in enumerate(reading.others, 1):
        key = "other" if n == 1 else f"other{n}"
        name = one.who if one.who and one.who not in names.values() else f"{one.who}{n}"
        names[key] = name
        if n > 1 or reading.about == "self":
            new, _ = intake.wanted(talk, one, {})
            case = with_entry(Case(), talk.entry(new, talk.message.text, one))
            waiting[key] = remarks.noted(case, talk.message.text, one.unheeded, paths=new)
    talk.s.cases, talk.s.names = {**own, **waiting}, names
    talk.say("people", names=list(names.values()), own=reading.about == "self")


def go(talk: Talk, key: str) -> None:
    """To the case of one of them."""
    if talk.s.current == "self":
        talk.s.before_other = talk.s.place
    talk.s.current = key
    talk.s.go(Place(state=talk.s.state))
    talk.s.fails, talk.s.held = {}, ()
    talk.say("person", name=talk.s.names[key])
    talk.advance("other")


def named(talk: Talk, text: str) -> str | None:
    """Whose case a message calls for by the name."""
    match = _RECALL.fullmatch(text)
    return next((key for key, name in talk.s.names.items() if match and name == match[1]), None)


def buttons(talk: Talk) -> tuple[tuple[str, str], ...]:
    """Under a result: the others."""
    return tuple((f"person:{key}", name) for key, name in talk.s.names.items() if key != talk.s.current)
