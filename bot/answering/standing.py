"""What of the questions and answers holds under a notice: which entries have something to rest on, and which clauses have no entry."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable

from bot.answering.entries import Topic
from bot.answering.evidence import squeeze
from bot.answering.finder import finder
from rules import Notice
from rules.notice import Relief, SourceRule
from rules.registry import FACTS, REGISTRY

_LABEL = 15
_ALIKE = 0.5  # of the pairs of characters of two sentences, that are the same where they tell one rule
_LISTS = frozenset(("reliefs", "sources"))
_LISTED = _LISTS | {"platforms"}
_NUMBER = re.compile(r"[\d.]+|[一二三四五六七八九十两]+(?=年|个|种)")
_OF_EVERYBODY = frozenset(("scope", "title_level", "review_year", "ordinary_years", "sex"))
_SAID = re.compile(r"says\('(.+?)'\)")
_SOURCES = frozenset(REGISTRY.sources)
_OFFICES = frozenset(("card", "policy", "exam", "plans"))  # that an entry may rest on


class Standing:
    """Entries held against one notice.

    An entry names clauses by what they regulate (hours, a source of training, an office), whatever a notice calls them; or by their names
    in the notice for which it was written: of another notice that is the clause that says nearly the same.
    """

    def __init__(self, notice: Notice, entries: Collection[Topic], base: Notice | None = None) -> None:
        """`base`: the notice for which the entries were written."""
        self._notice, self._base = notice, base or notice
        self._pairs = {name: _pairs(clause.says) for name, clause in notice.clauses.items()}
        self._cites = {entry.id: self._resolved(entry, notice) for entry in entries}
        self._rests = {entry.id: self._has(entry) for entry in entries}
        self._own = {entry.id: self._cites[entry.id] for entry in entries if self._speaks_for_itself(entry)}
        # An entry that lists whatever reliefs there are knows none of them.
        own = [entry for entry in entries if not _LISTS.intersection(entry.clauses)]
        cited = {clause for entry in own for clause in self._cites[entry.id]}
        cited |= {clause for entry in entries for clause in self.named(_SAID.findall(entry.answer))}
        unknown = [clause for clause in notice.clauses if clause not in cited]
        self.clauses = {f"clause-{n}": clause for n, clause in enumerate(unknown, 1)}
        known = {_about(relief) for relief in self._base.reliefs}
        self._new = [relief for relief in notice.reliefs if _about(relief) and _about(relief) not in known]

    def stands(self, id: str) -> bool:
        """Whether the notice has what the entry of that id rests on."""
        return self._rests.get(id, id in self.clauses)

    def cites(self, id: str) -> tuple[str, ...]:
        """The clauses of the notice that an entry rests on."""
        return self._cites.get(id, ())

    def own(self, id: str) -> tuple[str, ...]:
        """The clauses whose own sentences answer instead of the entry, which was written for a notice that says it otherwise."""
        return self._own.get(id, ())

    def beside(self, id: str, text: str) -> list[Relief]:
        """The reliefs of somebody whom the text names that the entry of that id does not tell: 高技能人才有什么优惠, 老师要学多少."""
        if not text:
            return []
        said = finder().things(text)
        return [relief for relief in self._new if relief.clause not in self.cites(id) and _people(relief) & said]

    def _speaks_for_itself(self, entry: Topic) -> bool:
        if self._notice.id == self._base.id or _LISTED.intersection(entry.clauses):
            return False
        theirs = {_masked(self._base.clauses[name].says) for name in self._resolved(entry, self._base)}
        return any(_masked(self._notice.clauses[name].says) not in theirs for name in self._cites[entry.id])

    def label(self, id: str) -> str:
        """What stands on the button of a clause that no entry knows. Raises: KeyError."""
        says = self._notice.clauses[self.clauses[id]].says
        return says if len(says) <= _LABEL else f"{says[:_LABEL]}…"

    def clause_of(self, text: str) -> tuple[str, float]:
        """The topic of the clause without an entry that has most of what a text says, and how much that is in 0 … 1."""
        said = _pairs(text)
        if not said or not self.clauses:
            return "", 0.0
        spoken = {pair: sum(pair in pairs for pairs in self._pairs.values()) for pair in said}
        told = {
            id: sum(1 / spoken[pair] for pair in said & self._pairs[clause]) / len(said)
            for id, clause in self.clauses.items()
        }
        return max(told.items(), key=lambda each: each[1])

    def named(self, names: Iterable[str]) -> list[str]:
        """The clauses of the notice that are meant by these names."""
        return [clause for name in names for clause in self._meant_by(name, self._notice)]

    def _meant_by(self, name: str, notice: Notice) -> list[str]:
        offices = {place.id: place.clause for place in notice.contacts}
        if name in _REGULATED:
            found = _REGULATED[name](notice)
        elif name in _SOURCES or name in notice.sources:
            found = [rule.clause for id, rule in notice.sources.items() if id == name and counts(rule)]
        elif name in offices or name in _OFFICES:
            found = [offices[name]] if name in offices else []
        else:
            found = [name] if notice is self._base else self._like(name)
        return [clause for clause in found if clause in notice.clauses]

    def _like(self, name: str) -> list[str]:
        """The clause that says what the clause of that name says in the notice for which the entries were written."""
        if name not in self._base.clauses:
            return []
        says = _pairs(self._base.clauses[name].says)
        shares = {other: 2 * len(says & pairs) / len(says | pairs or {""}) for other, pairs in self._pairs.items()}
        best = max(shares, key=lambda other: (shares[other], other == name))
        return [best] if shares[best] >= _ALIKE else []

    def _has(self, entry: Topic) -> bool:
        if entry.clauses:
            return bool(self.named(entry.clauses[:1]))
        return bool(self._cites[entry.id]) or not entry.reliefs

    def _resolved(self, entry: Topic, notice: Notice) -> tuple[str, ...]:
        about = [_about(relief) for relief in self._base.reliefs if relief.id in entry.reliefs]
        reliefs = [
            relief.clause
            for relief in notice.reliefs
            if relief.id in entry.reliefs or any(facts and facts == _about(relief) for facts in about)
        ]
        silent = [name for name, clause in notice.clauses.items() if any(word in clause.says for word in entry.unless)]
        named = [clause for name in entry.clauses for clause in self._meant_by(name, notice)]
        return tuple(dict.fromkeys((*named, *reliefs, *silent)))


_REGULATED: dict[str, Callable[[Notice], list[str]]] = {
    "hours": lambda notice: [notice.required.clause],
    "categories": lambda notice: [notice.required.clause] if len(notice.categories) > 1 else [],
    "window": lambda notice: [notice.window.clause],
    "years": lambda notice: [notice.years["review"].clause],
    "duty": lambda notice: [notice.years["annual_duty"].clause] if "annual_duty" in notice.years else [],
    "recognition": lambda notice: [notice.years["recognition"].clause] if "recognition" in notice.years else [],
    "minutes": lambda notice: [notice.minutes.clause],
    "platforms": lambda notice: [place.clause for place in notice.platforms],
    "makeup": lambda notice: [rule.clause for id, rule in notice.sources.items() if id == "makeup_course"],
    "reliefs": lambda notice: [relief.clause for relief in notice.reliefs],
    "sources": lambda notice: [rule.clause for rule in notice.sources.values()],
}


def counts(rule: SourceRule) -> bool:
    """Whether training of a source can count at all, as open points are read."""
    return bool(rule.categories) and not any(check.never and not check.only_reading for check in rule.checks)


def _about(relief: Relief) -> frozenset[str]:
    """What a relief is about: the facts that make somebody's case special."""
    return frozenset(name.partition(".")[0] for name in relief.when.facts) - _OF_EVERYBODY


def _people(relief: Relief) -> frozenset[str]:
    """The things that the names of what it is about mention."""
    names = [FACTS[name].name for name in _about(relief) if name in FACTS]
    return frozenset(thing for name in names for thing in finder().things(name))


def _masked(text: str) -> str:
    """A sentence without its numbers, which an answer takes from the notice."""
    return _NUMBER.sub("#", text)


def _pairs(text: str) -> set[str]:
    plain = squeeze(text)
    return {plain[at : at + 2] for at in range(len(plain) - 1)}
