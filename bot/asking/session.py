"""What is kept of a talk between two messages, typed; and the one reader of it, also as older releases kept it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from bot.asking.casefile import Case, Entry
from bot.asking.open_questions import RANK
from bot.asking.states import ASKING, IDLE, RESULT, REVIEW, WELCOME
from rules import Library

VERSION = 2  # 1: the same by name, with whatever that release did not know left out
_STATES = (WELCOME, ASKING, REVIEW, RESULT, IDLE)
_OFFERS = ("change", "restart", "delete", "remark")


@dataclass(frozen=True, slots=True)
class Offer:
    """What is done on a yes: `change` (by the entry), `restart`, `delete`, or the result in spite of a `remark`."""

    do: str
    entry: Entry = field(default_factory=Entry)


@dataclass(frozen=True, slots=True)
class Undo:
    """Where 撤销 leads back to: how long the log was, what lay behind, and what was put then."""

    log: int
    path: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    screened: bool = False
    state: str = REVIEW
    asking: str | None = None


@dataclass(frozen=True, slots=True)
class Half:
    """What was told half: a doubt that the next message may complete."""

    reason: str
    words: str
    fact: str
    hint: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Place:
    """Where somebody is within one case. `redo`: a question put once more; `hint`: a year of birth whose month is still to come."""

    state: str = WELCOME
    asking: str | None = None
    redo: str | None = None
    editing: bool = False
    hint: int | None = None
    offer: Offer | None = None
    undo: tuple[Undo, ...] = ()


@dataclass(slots=True)
class Session(Place):
    """All of it. Made anew by each message; what lies in it is replaced, never changed.

    `serial` and `shown`: the prompt that was put last, and `repeats` how often before; `above`: the buttons over it; `fails`:
    messages not understood, by place; `names`: what the several people of one message are called, by case; `answered`: the topic of
    the last answer and what was asked, without facts; `resume`: a code that waits for a yes; `step`: how far the pending answer is
    narrowed down; `remind`, `silent`, `forgetful`: asked for reminders, for none, for no record.
    """

    v: int = 1
    serial: int = 0
    shown: str = ""
    repeats: int = 0
    current: str = "self"
    cases: dict[str, Case] = field(default_factory=dict)
    fails: dict[str, int] = field(default_factory=dict)
    day: str = ""
    pack: str = ""
    before_other: Place | None = None
    other_named: bool = False
    names: dict[str, str] = field(default_factory=dict)
    which_year: bool = False
    held: tuple[Half, ...] = ()
    above: tuple[str, ...] = ()
    answered: tuple[str, str] = ("", "")
    resume: str = ""
    step: str = ""
    remind: bool = False
    silent: bool = False
    forgetful: bool = False

    def go(self, place: Place) -> None:
        """To another place, as far as places go."""
        for each in fields(Place):
            setattr(self, each.name, getattr(place, each.name))

    def taken_over(self, by: Session) -> Session:
        """One's own case, where it stands, as it goes on in the talk of another phone."""
        found = replace(
            by, cases={"self": self.cases["self"]}, current="self", fails={}, names={}, day=self.day, pack=self.pack
        )
        found.go(replace(self.place, undo=()))
        found.serial, found.shown = max(by.serial, self.serial) + 1, ""
        return found

    @property
    def case(self) -> Case:
        """The case in hand."""
        return self.cases[self.current]

    @property
    def place(self) -> Place:
        """Where they are now."""
        return Place(**{each.name: getattr(self, each.name) for each in fields(Place)})


def new_session(library: Library, today: date) -> Session:
    """Nothing known, nothing asked. The first serial tells the day: no button of a session that is gone fits a new one."""
    return Session(
        v=VERSION,
        serial=today.toordinal() * 100,
        cases={"self": Case()},
        day=today.isoformat(),
        pack=mark_of(library),
    )


def mark_of(library: Library) -> str:
    """What tells one set of notices from another."""
    return hashlib.blake2b("".join(notice.sha256 for notice in library.notices).encode(), digest_size=16).hexdigest()


# ---------------------------------------------------------------- kept and read


@cache
def _adapter() -> TypeAdapter[Session]:
    return TypeAdapter(Session)


def written(session: Session) -> bytes:
    """The session as it is stored."""
    return _adapter().dump_json(session, exclude_defaults=True)


def read_session(raw: Mapping[str, Any], library: Library, today: date) -> Session:
    """A stored session; what the release that stored it did not keep is as with somebody new."""
    new = new_session(library, today)
    cases = {"self": {}, **raw.get("cases", {})}
    begun = {"serial": new.serial, "day": new.day, "pack": new.pack}
    found = _adapter().validate_python({**begun, **raw, "cases": cases})
    found.v = VERSION
    if found.current not in found.cases:
        found.current = "self"
    return found


def asked_here(question: str, library: Library) -> bool:
    """Whether this release asks a question, of that year and category where it names them."""
    root, *parts = question.split(".")
    if root == "history":
        categories = {name for notice in library.notices for name in notice.short_names}
        return all(part.isdecimal() for part in parts[:1]) and categories.issuperset(parts[1:])
    return root in RANK


def settled(session: Session, library: Library) -> Session:
    """A copy in which no place is one that this release has not: what is lost is before or outside the questions."""
    found = replace(session)
    found.go(_settled(session.place, session.case, library))
    if session.before_other is not None:
        found.before_other = _settled(session.before_other, session.cases["self"], library)
    return found


def _settled(place: Place, case: Case, library: Library) -> Place:
    found = replace(place, undo=tuple(each for each in place.undo if asked_here(each.asking or "history", library)))
    if found.offer is not None and found.offer.do not in _OFFERS:
        found.offer = None
    if found.redo is not None and not asked_here(found.redo, library):
        found.redo, found.editing, found.hint = None, False, None
    if not (asked_here(found.asking or "", library) if found.state == ASKING else found.state in _STATES):
        found.state, found.asking = IDLE if case.log else WELCOME, None
    return found
