"""How much one client may ask for: requests, new people and bytes, each by address or session. Its memory is bounded."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.requests import Request

from bot.channels.web.faults import HttpFault

NETWORK = 64  # bits of an IPv6 address that are one household's or one office's
SITE, HOUSEHOLDS = 48, 16  # bits that one customer may have whole, who may do as much as so many households
THIS_MACHINE = ipaddress.IPv4Address("127.0.0.1")
PROXY = "proxy"
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")  # by which a proxy shows itself


class Buckets:
    """A token bucket for each key: `rate` a second, `burst` at once; the `keep` keys seen last are remembered."""

    def __init__(
        self, rate: float, burst: float, keep: int = 20_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.rate, self.burst, self.keep, self.clock = rate, burst, keep, clock
        self.levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, cost: float = 1) -> None:
        """Let one request of `key` through; one that costs more than a whole burst empties it.

        Raises: Fault `too_fast` with the seconds to wait.
        """
        if key.endswith(f"/{NETWORK}"):
            self.take(str(ipaddress.ip_network(key).supernet(new_prefix=SITE)), cost / HOUSEHOLDS)
        now = self.clock()
        level, seen = self.levels.pop(key, (self.burst, now))
        level = min(self.burst, level + (now - seen) * self.rate)
        cost = min(cost, self.burst)
        allowed = level >= cost
        self.levels[key] = (level - cost if allowed else level, now)
        if len(self.levels) > self.keep:
            self.levels.popitem(last=False)
        if not allowed:
            raise HttpFault("too_fast", retry_after=max(1, math.ceil((cost - level) / self.rate)))


class Limits:
    """What one address may do in a second: requests, people not seen before, bytes left on the disk; and much more at once."""

    def __init__(self, requests: float, newcomers: float, size: float) -> None:
        self.requests = Buckets(rate=requests, burst=10 * requests)
        self.newcomers = Buckets(rate=newcomers, burst=max(300, 25 * newcomers))
        self.bytes = Buckets(rate=size, burst=100 * size)


def outside() -> Limits:
    """For an address out there: a whole hospital or school goes out through one."""
    return Limits(requests=100, newcomers=1, size=20_000)


def proxied() -> Limits:
    """For everybody together, where a proxy does not say who asks, or is not to be believed (XUESHI_TRUSTED_PROXIES)."""
    return Limits(requests=1_000, newcomers=20, size=400_000)


def near() -> Limits:
    """For this machine, where nobody else can reach us: checks, and whoever tries it out."""
    return Limits(requests=10_000, newcomers=250, size=10_000_000)


async def read_body(request: Request, limit: int) -> bytes:
    """The request's body, read no further than `limit` bytes.

    Raises: Fault `too_large`.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > 18 or int(announced) > limit):
        raise HttpFault("too_large")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise HttpFault("too_large")
        parts.append(part)
    return b"".join(parts)


def household(host: str) -> str:
    """What is counted as one client: an IPv4 address, or the network an IPv6 address is of; nothing for this machine."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return "" if host in ("", "localhost", "testclient") else host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            network = ipaddress.ip_network((address, NETWORK), strict=False)
            return "" if address.is_loopback else str(network)
        address = address.ipv4_mapped
    return "" if address == THIS_MACHINE else str(address)


def address(request: Request) -> str:
    """The client as the limits count it: PROXY for who comes through this machine, nothing for this machine itself."""
    found = household(request.client.host if request.client else "")
    return PROXY if not found and any(name in request.headers for name in FORWARDED) else found
