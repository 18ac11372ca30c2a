"""Work beside the talk: done at its time or for ever, never the end of the service, and known by when it last succeeded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic, time

from prometheus_client import CollectorRegistry, Counter, Gauge

from bot.settings.logs import places
from storage import Unavailable

log = logging.getLogger("xueshi.jobs")
AGAIN = 60.0
"""Seconds after which work that failed is tried again."""
LASTED = 300.0
"""Seconds after which work that is to last counts as well begun."""


class Jobs:
    """Every piece of work, each under a name."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._succeeded = Gauge(
            "xueshi_job_last_success_timestamp_seconds",
            "When it last succeeded, or was begun where it lasts.",
            ("job",),
            registry=registry,
        )
        self._failures = Counter("xueshi_job_failures", "Times that it failed.", ("job",), registry=registry)

    async def every(self, name: str, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        """Does the work now and every so often; a failure is logged, and it is tried again soon."""
        self._failures.labels(name)
        while True:
            fine = await self._once(name, work)
            await asyncio.sleep(seconds if fine else min(AGAIN, seconds))

    async def lasting(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """Does work that ends only when the service does; where it fails, it is begun again, each time a little later."""
        self._failures.labels(name)
        pause = 1.0
        while True:
            began = monotonic()
            self._succeeded.labels(name).set(time())
            if await self._once(name, work):
                return
            pause = 1.0 if monotonic() - began > LASTED else min(AGAIN, pause * 2)
            await asyncio.sleep(pause)

    async def _once(self, name: str, work: Callable[[], Awaitable[object]]) -> bool:
        try:
            await work()
        except Exception as fault:
            self._failures.labels(name).inc()
            said = str(fault) if isinstance(fault, Unavailable) else places(fault)
            log.error("%s failed and is tried again: %s", name, said)
            return False
        self._succeeded.labels(name).set(time())
        return True
