"""How much one client may ask for."""

from __future__ import annotations

import pytest

from bot.channels.web.faults import Fault
from bot.channels.web.limits import Buckets


def test_a_bucket_fills_again_with_time_and_remembers_only_so_many_keys() -> None:
    now = [0.0]
    buckets = Buckets(rate=2, burst=3, keep=2, clock=lambda: now[0])
    for _ in range(3):
        buckets.take("a")
    with pytest.raises(Fault, match="too_fast"):
        buckets.take("a")
    now[0] = 0.5
    buckets.take("a")
    for key in "bcde":
        buckets.take(key)
    assert list(buckets.levels) == ["d", "e"]
