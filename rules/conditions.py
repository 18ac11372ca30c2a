"""Conditions over named facts, as a notice writes them: checked once, compiled to a plain function.

A condition is a table: `{all = [...]}`, `{any = [...]}`, `{not = {...}}` or a leaf
`{fact = NAME, is | at_least | at_most | below | meets = VALUE}`. VALUE may name another fact (`review_year`,
`ordinary_years`). A fact that is not known in the case at hand fails every leaf: unknown is never taken for true.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any, NamedTuple

from rules.registry import FACTS, REGISTRY, parts_of, values_of

Profile = Mapping[str, Any]
Test = Callable[[Profile], bool]

_PRESENT, _YES_NO, _NUMBER, _YEARS = "present", "yes or no", "number", "years"
_REFERENCES = {_NUMBER: "review_year", _YEARS: "ordinary_years"}
_WORDS = {_YES_NO: ("is",), _NUMBER: ("is", "at_least", "at_most", "below"), _YEARS: ("meets",), _PRESENT: ()}
_LEAF = frozenset(("is", "at_least", "at_most", "below", "meets"))
_MOST_TRIED = 200_000


def _kinds() -> dict[str, str | tuple[str, ...]]:
    """What a condition may look at, of every fact of the registry and of what follows from them."""
    kinds: dict[str, str | tuple[str, ...]] = {
        "scope": (*values_of("route"), "annual_duty"), "age": _NUMBER, "review_year": _NUMBER,
        "ordinary_years": _YEARS, "deemed_years": _YEARS, "year": _NUMBER, **dict.fromkeys(REGISTRY.flags, _YES_NO),
    }  # fmt: skip
    for fact in FACTS.values():
        if fact.kind == "one_of":
            kinds[fact.id] = values_of(fact.id)
        elif fact.kind == "yes_no":
            kinds[fact.id] = _YES_NO
        elif fact.kind == "whole":
            kinds.setdefault(fact.id, _NUMBER)
        elif fact.kind == "years":
            kinds[fact.id] = _YEARS
        elif fact.kind == "month":
            kinds |= {fact.id: _PRESENT, fact.year: _NUMBER}
        elif fact.kind == "flags":
            kinds |= {fact.id: _PRESENT, **dict.fromkeys((f"{fact.id}.{part}" for part in parts_of(fact.id)), _YES_NO)}
    return kinds


_KINDS: Mapping[str, str | tuple[str, ...]] = _kinds()
NAMES = frozenset(_KINDS)
# What a check of a record may look at: what the record says, and what is known of the person.
_OF_A_CHECK = {
    "flag": (*REGISTRY.flags,),
    "fact": ("scope", "review_year", *[fact.id for fact in FACTS.values() if fact.kind in ("one_of", "yes_no")]),
}
YEARS_FACTS = frozenset(name for name, kind in _KINDS.items() if kind == _YEARS)


class Condition(NamedTuple):
    """A condition: whether it holds of a profile, and what it looks at with what it compares that to."""

    test: Test
    leaves: tuple[tuple[str, str, Any], ...]  # (fact, word, value)
    narrower: tuple[Condition, ...] = ()  # the same with one branch of one `any` alone in its place

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that it hangs on, each once."""
        return tuple(dict.fromkeys(name for name, _, _ in self.leaves))

    @property
    def ages(self) -> frozenset[int]:
        """Every age at which it may turn."""
        return frozenset(
            value + (word == "at_most")
            for name, word, value in self.leaves
            if name == "age" and word in ("at_least", "below", "at_most")
        )

    def possible(self, known: Mapping[str, Any], limits: Mapping[str, tuple[int, int]]) -> bool:
        """Whether anybody can meet it, where `known` holds of everybody and a notice takes numbers within these limits."""
        domains = {
            name: (known[name],) if name in known else tuple(self._tries(name, known, limits)) for name in self.facts
        }
        size = 1
        for values in domains.values():
            size *= len(values)
        if size > _MOST_TRIED:
            return True
        return any(
            self.test({**known, **dict(zip(domains, values, strict=True))}) for values in product(*domains.values())
        )

    def _tries(self, name: str, known: Mapping[str, Any], limits: Mapping[str, tuple[int, int]]) -> Iterator[Any]:
        kind = _KINDS[name]
        low, high = limits.get(FACTS[name].limit if name in FACTS else "", (0, 9999))
        if isinstance(kind, tuple):
            yield from kind
        elif kind == _YES_NO:
            yield from (True, False)
        elif kind == _PRESENT:
            yield True
        elif kind == _YEARS:
            yield known["ordinary_years"]
            for _, _, value in self.leaves:
                if isinstance(value, list):
                    yield tuple(value)
        else:
            for _, _, value in (leaf for leaf in self.leaves if leaf[0] == name):
                for one in value if isinstance(value, list) else [value]:
                    number = known[one] if isinstance(one, str) else one
                    yield from (each for each in (number - 1, number, number + 1) if low <= each <= high)


def compile_condition(table: Any) -> Condition:
    """The condition of a table.

    Raises: ValueError saying what is wrong with the table.
    """
    if not isinstance(table, dict) or not table:
        raise ValueError(f"a condition is a table, not {table!r}")
    if "fact" in table:
        return _leaf(table)
    if len(table) != 1:
        raise ValueError(f"a condition has one of all, any, not: {sorted(table)}")
    ((word, parts),) = table.items()
    if word == "not":
        inner = compile_condition(parts)
        return Condition(lambda profile: not inner.test(profile), inner.leaves)
    if word not in ("all", "any") or not isinstance(parts, list) or not parts:
        raise ValueError(f"unknown condition {word!r}")
    return _compound(word, [compile_condition(part) for part in parts])


def record_condition(table: dict[str, Any]) -> Condition:
    """The condition of a check of a record, which is written shorter: it looks at what the record says too.

    Raises: ValueError saying what is wrong with the table.
    """
    match table:
        case {"when_flag": name, **rest}:
            without = {"not": {"fact": _known("flag", name), "is": True}}
            return _compound("any", [compile_condition(without), record_condition(rest)])
        case {"isnt": value, **rest}:
            inner = record_condition({**rest, "is": value})
            return Condition(lambda profile: not inner.test(profile), inner.leaves)
        case {"flag": name, "is": value, **rest}:
            leaf = {"fact": _known("flag", name), "is": value}
        case {"fact": name, "is": value, **rest}:
            leaf = {"fact": _known("fact", name), "is": value}
        case {"year": "before_review_year", **rest}:
            leaf = {"fact": "year", "below": "review_year"}
        case {"years": [*years], **rest}:
            leaf = {"fact": "year", "is": years}
        case {"never": True, **rest} if not rest:
            return Condition(lambda profile: False, ())
        case _:
            raise ValueError("needs exactly one of flag, fact (with is or isnt), year, years, never")
    if rest:
        raise ValueError(f"unknown key {min(rest)!r}")
    return compile_condition(leaf)


def _known(kind: str, name: Any) -> str:
    if name not in _OF_A_CHECK[kind]:
        raise ValueError(f"unknown {kind} {name!r}; there are {sorted(_OF_A_CHECK[kind])}")
    return str(name)


def _compound(word: str, made: list[Condition]) -> Condition:
    narrower = [
        one if word == "any" else _compound(word, [*made[:place], one, *made[place + 1 :]])
        for place, part in enumerate(made)
        for one in ((part,) if word == "any" else ()) + part.narrower
    ]
    leaves = tuple(leaf for each in made for leaf in each.leaves)
    return Condition(_joined(word, [each.test for each in made]), leaves, tuple(narrower))


def _joined(word: str, tests: list[Test]) -> Test:
    """All or any of the tests; nested two by two, since the interpreter runs that faster than a loop."""
    first, *rest = tests
    if not rest:
        return first
    others = _joined(word, rest)
    if word == "all":
        return lambda profile: first(profile) and others(profile)
    return lambda profile: first(profile) or others(profile)


def _leaf(table: dict[str, Any]) -> Condition:
    name = table["fact"]
    words = sorted(set(table) - {"fact"})
    if not words or set(words) - _LEAF:
        raise ValueError(f"{name}: one of {sorted(_LEAF)} is needed, not {words}")
    for word in words:
        _check(name, word, table[word])
    tests = [_comparison(name, word, table[word]) for word in words]
    return Condition(_joined("all", tests), tuple((name, word, table[word]) for word in words))


def _check(name: str, word: str, wanted: Any) -> None:
    """Whether a fact can be compared with that: a word nobody's sector can be is a slip that would never apply."""
    kind = _KINDS.get(name)
    if kind is None:
        raise ValueError(f"unknown fact {name!r}")
    if word not in (("is",) if isinstance(kind, tuple) else _WORDS[kind]):
        raise ValueError(f"{name}: no {word!r} for a fact of this kind")
    for one in wanted if isinstance(wanted, list) and wanted and word in ("is", "meets") else [wanted]:
        if isinstance(kind, tuple):
            fits = isinstance(one, str) and one in kind
        else:
            fits = type(one) is bool if kind == _YES_NO else type(one) is int and (kind != _YEARS or one is not wanted)
        if not fits and (one is not wanted or one != _REFERENCES.get(str(kind))):
            raise ValueError(f"{name}: {one!r} is none of its values")


def _comparison(name: str, word: str, wanted: Any) -> Test:
    if word == "is" and isinstance(wanted, list):
        return lambda profile: profile.get(name) is not None and profile[name] in wanted
    compare = _COMPARISONS[word]
    if isinstance(wanted, str) and wanted in _REFERENCES.values():
        return lambda profile: profile.get(name) is not None and compare(profile[name], profile[wanted])
    return lambda profile: profile.get(name) is not None and compare(profile[name], wanted)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "is": operator.eq,
    "meets": lambda have, wanted: not set(have).isdisjoint(wanted),
    "at_least": operator.ge,
    "at_most": operator.le,
    "below": operator.lt,
}
