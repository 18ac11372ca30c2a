"""Conditions over named facts, as a policy pack writes them: checked once, compiled to a plain function.

A condition is a table: `{all = [...]}`, `{any = [...]}`, `{not = {...}}` or a leaf
`{fact = NAME, is | at_least | at_most | below | meets = VALUE}`. VALUE may name another fact (`review_year`,
`ordinary_years`). A fact that is not known in the case at hand fails every leaf: unknown is never taken for true.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

Profile = Mapping[str, Any]
Test = Callable[[Profile], bool]

NAMES = frozenset(
    (
        "scope", "sex", "age", "title_level", "sector", "unit_scope", "grassroots", "grassroots_graduate",
        "school_teacher", "highly_skilled", "recognition_years", "postdoc", "postdoc.grant", "postdoc.project",
        "postdoc.left_station", "postdoc.stayed_in_region", "transfer", "transfer_year", "tenure_start", "tenure_year",
        "epidemic_years", "deemed_years", "review_year", "ordinary_years",
    )
)  # fmt: skip
_REFERENCES = frozenset(("review_year", "ordinary_years"))
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
    return _joined("all", [_comparison(name, word, table[word]) for word in sorted(words)])


def _comparison(name: str, word: str, wanted: Any) -> Test:
    if word == "is" and isinstance(wanted, list):
        return lambda profile: profile.get(name) is not None and profile[name] in wanted
    if isinstance(wanted, str) and wanted in _REFERENCES:
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
