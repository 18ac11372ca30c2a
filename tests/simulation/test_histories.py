"""Two thousand histories by seed; `make explore` lives through a hundred thousand."""

from __future__ import annotations

import os

import pytest

from tests.simulation.histories import live

pytestmark = pytest.mark.slow

HISTORIES = 100_000 if os.environ.get("XUESHI_TEST_EXAMPLES") == "explore" else 2_000
CHUNK = 100


@pytest.mark.parametrize("first", range(0, HISTORIES, CHUNK))
def test_in_every_history_what_was_acknowledged_is_kept_once_and_seen_by_nobody_else(first: int) -> None:
    for seed in range(first, first + CHUNK):
        live(seed)


@pytest.mark.parametrize("seed", [4_838, 19_150, 28_537, 45_006, 56_289, 71_177])
def test_histories_that_once_went_wrong_end_well(seed: int) -> None:
    """A letter held up by a clock set back; a message given up because starts failed that never came to it; a notice claimed by a commit
    whose answer was lost, while its campaign was held back."""
    live(seed)
