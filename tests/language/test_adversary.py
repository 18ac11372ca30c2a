"""Nothing that opens a relief, and no hours, are taken from words that do not tell them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.language.adversary import KINDS, Invitation, invitations
from tests.language.sentences import DAY, flat, read

ALL = invitations(1, 150)


def taken(invitation: Invitation) -> dict[str, Any]:
    """What was set although it must not be."""
    reading = read(invitation.text, DAY)
    have = flat(reading.facts) if reading.about == "self" else {}
    return {
        name: found for name, found in have.items() if any(_forbids(never, name, found) for never in invitation.never)
    }


def _forbids(never: str, name: str, found: Any) -> bool:
    path, _, value = never.removesuffix(">0").partition("=")
    if never.endswith(">0") and not found:
        return False  # none and "cannot remember" claim nothing
    return (name == path or name.startswith(path + ".")) and (not value or str(found) == value)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_near_a_relief_is_not_taken(kind: str) -> None:
    assert {i.text: t for i in ALL if i.kind == kind and (t := taken(i)) and set(t.values()) != {False}} == {}
