"""How much one client may ask for: requests a second, and bytes a request. Its memory is bounded."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.requests import Request

from bot.channels.web.faults import Fault

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost", "testclient"})


class Buckets:
    """A token bucket for each key: `rate` a second, `burst` at once; the `keep` keys seen last are remembered."""

    def __init__(
        self, rate: float, burst: float, keep: int = 20_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.rate, self.burst, self.keep, self.clock = rate, burst, keep, clock
        self.levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> None:
        """Let one request of `key` through.

        Raises: Fault `too_fast` with the seconds to wait.
        """
        now = self.clock()
        level, seen = self.levels.pop(key, (self.burst, now))
        level = min(self.burst, level + (now - seen) * self.rate)
        allowed = level >= 1
        self.levels[key] = (level - 1 if allowed else level, now)
        if len(self.levels) > self.keep:
            self.levels.popitem(last=False)
        if not allowed:
            raise Fault("too_fast", retry_after=max(1, math.ceil((1 - level) / self.rate)))


async def read_body(request: Request, limit: int) -> bytes:
    """The request's body, read no further than `limit` bytes.

    Raises: Fault `too_large`.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise Fault("too_large")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise Fault("too_large")
        parts.append(part)
    return b"".join(parts)


def address(request: Request) -> str:
    """The client's address, or nothing for this machine itself, which is a proxy or a check and is not held back."""
    host = request.client.host if request.client else ""
    return "" if host in LOOPBACK else host
