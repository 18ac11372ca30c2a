"""How many examples a property is tried on: few in each run of the suite, the same each time; many new ones in `make explore`."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings

EXPLORES = os.environ.get("XUESHI_TEST_EXAMPLES") == "explore"


def examples(count: int, **more: Any) -> settings:
    """Settings for so many examples, or thirty times as many; of tests that take their time, as most with a whole talk do."""
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    return settings(max_examples=count * (30 if EXPLORES else 1), deadline=None, suppress_health_check=checks, **more)
