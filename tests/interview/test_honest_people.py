"""Nobody who answers honestly is told that hours are no bar to them, when they are."""

from __future__ import annotations

import pytest

import rules
from tests.interview.honest import somebody, talk
from tests.interview.somebody import PACKS, TODAY, Somebody

MAY_APPLY = ("met", "waived")


@pytest.mark.parametrize("kind", ["sector", "circumstances", "birth", "history"])
def test_nobody_honest_is_promised_too_much(kind: str) -> None:
    told_too_much = {}
    for seed in range(40):
        person = somebody(kind, seed)
        truth = rules.assess(PACKS, person.facts, TODAY)["status"]
        found = talk(person, Somebody())
        if (found in MAY_APPLY and truth not in MAY_APPLY) or found not in (*MAY_APPLY, "short", "uncertain"):
            told_too_much[person.remark[1], person.first] = (found, truth)
    assert told_too_much == {}
