"""Conditions over named facts, as a policy pack writes them: checked once, compiled to a plain function.

A condition is a table: `{all = [...]}`, `{any = [...]}`, `{not = {...}}` or a leaf
`{fact = NAME, is | at_least | at_most | below | meets = VALUE}`. VALUE may name another fact (`review_year`,
`ordinary_years`). A fact that is not known in the case at hand fails every leaf: unknown is never taken for true.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from rules.facts import BOOLS, LEVELS, POSTDOC, ROUTES, SECTORS, SEXES, UNIT_SCOPES

Profile = Mapping[str, Any]
Test = Callable[[Profile], bool]

_PRESENT, _YES_NO, _NUMBER, _YEARS = "present", "yes or no", "number", "years"
_KINDS: Mapping[str, str | tuple[str, ...]] = {
    "scope": (*ROUTES, "annual_duty"), "sex": SEXES, "title_level": LEVELS, "sector": SECTORS, "unit_scope": UNIT_SCOPES,
    **dict.fromkeys((*BOOLS, *(f"postdoc.{name}" for name in POSTDOC)), _YES_NO),
    **dict.fromkeys(("age", "recognition_years", "transfer_year", "tenure_year", "review_year"), _NUMBER),
    **dict.fromkeys(("epidemic_years", "deemed_years", "ordinary_years"), _YEARS),
    **dict.fromkeys(("postdoc", "transfer", "tenure_start"), _PRESENT),
}  # fmt: skip
NAMES = frozenset(_KINDS)
_REFERENCES = {_NUMBER: "review_year", _YEARS: "ordinary_years"}
_WORDS = {_YES_NO: ("is",), _NUMBER: ("is", "at_least", "at_most", "below"), _YEARS: ("meets",), _PRESENT: ()}
_LEAF = frozenset(("is", "at_least", "at_most", "below", "meets"))


def compile_condition(table: Any) -> Test:
    """The condition as a function of a profile.

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
        return lambda profile: not inner(profile)
    if word not in ("all", "any") or not isinstance(parts, list) or not parts:
        raise ValueError(f"unknown condition {word!r}")
    return _joined(word, [compile_condition(part) for part in parts])


def _joined(word: str, tests: list[Test]) -> Test:
    """All or any of the tests; nested two by two, since the interpreter runs that faster than a loop."""
    first, *rest = tests
    if not rest:
        return first
    others = _joined(word, rest)
    if word == "all":
        return lambda profile: first(profile) and others(profile)
    return lambda profile: first(profile) or others(profile)


def _leaf(table: dict[str, Any]) -> Test:
    name = table["fact"]
    if name not in NAMES:
        raise ValueError(f"unknown fact {name!r}")
    words = set(table) - {"fact"}
    if not words or words - _LEAF:
        raise ValueError(f"{name}: one of {sorted(_LEAF)} is needed, not {sorted(words)}")
    for word in sorted(words):
        check(name, word, table[word])
    return _joined("all", [_comparison(name, word, table[word]) for word in sorted(words)])


def check(name: str, word: str, wanted: Any) -> None:
    """Whether a fact can be compared with that: a word nobody's sector can be is a slip that would never apply.

    Raises: ValueError.
    """
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
    if isinstance(wanted, str) and wanted in _REFERENCES.values():
        compare = _COMPARISONS[word]
        return lambda profile: profile.get(name) is not None and compare(profile[name], profile[wanted])
    if word == "is":
        return lambda profile: profile.get(name) is not None and bool(profile[name] == wanted)
    compare = _COMPARISONS[word]
    return lambda profile: profile.get(name) is not None and compare(profile[name], wanted)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "is": operator.eq,
    "meets": lambda have, wanted: not set(have).isdisjoint(wanted),
    "at_least": operator.ge,
    "at_most": operator.le,
    "below": operator.lt,
}


def ages_in(table: Any) -> set[int]:
    """Every age at which a condition may turn."""
    if isinstance(table, list):
        return set().union(*map(ages_in, table)) if table else set()
    if not isinstance(table, dict):
        return set()
    if table.get("fact") == "age":
        found = {table[word] for word in ("at_least", "below") if word in table}
        return found | ({table["at_most"] + 1} if "at_most" in table else set())
    return set().union(*(ages_in(part) for part in table.values())) if table else set()
