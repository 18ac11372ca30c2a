"""The weights of the reader are what the script makes of the training set."""

from __future__ import annotations

import pytest

from tests.language.training.train import WEIGHTS, written

pytestmark = pytest.mark.slow


def test_the_script_makes_the_same_bytes() -> None:
    assert written() == WEIGHTS.read_text("utf-8")
