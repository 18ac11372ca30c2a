"""Counts what is asked of the web server, and turns what goes wrong into one sentence and a log line without private facts."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.web.faults import HttpFault
from bot.settings.logs import NUMBER, places

log = logging.getLogger("xueshi.web")
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)  # seconds
# A line more for every number, which nobody reads.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library gives this function no types
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 O 1 I: it is read out on the telephone


class Counts:
    """Requests by path and status, and how long they took; only known paths are named."""

    def __init__(self, paths: frozenset[str]) -> None:
        self.paths = paths
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "xueshi_http_requests", "Requests answered.", ("path", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "xueshi_http_request_seconds", "Time to answer.", buckets=BOUNDS, registry=self._registry
        )

    def add(self, path: str, status: int, seconds: float) -> None:
        """One request answered."""
        self._requests.labels(path if path in self.paths else "other", status).inc()
        self._seconds.observe(seconds)

    def text(self) -> str:
        """The counts so far, as Prometheus reads them."""
        return generate_latest(self._registry).decode()


class Watch:
    """The outermost layer. `refuse` draws what somebody is told; `busy` are the exceptions that mean: nothing can be stored now."""

    def __init__(
        self,
        app: ASGIApp,
        counts: Counts,
        refuse: Callable[[Request, HttpFault], Response],
        busy: tuple[type[Exception], ...],
    ) -> None:
        self.app, self.counts, self.refuse, self.busy = app, counts, refuse, busy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0
        number = "".join(secrets.choice(LETTERS) for _ in range(6))
        NUMBER.set(number)

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(raw=message["headers"])["X-Request-Id"] = number
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except ClientDisconnect:
            status = status or 499  # gone before it had said everything
        except Exception as error:
            fault = self._fault(error, scope)
            if not status:
                await self.refuse(Request(scope), fault)(scope, receive, noting)
        finally:
            self.counts.add(scope["path"], status, time.perf_counter() - started)

    def _fault(self, error: Exception, scope: Scope) -> HttpFault:
        if isinstance(error, self.busy):
            log.warning("nothing can be stored: %s", error)
            return HttpFault("unavailable", retry_after=5)
        if isinstance(error, HttpFault):
            return error
        known = scope["path"] if scope["path"] in self.counts.paths else "…"
        log.error("%s %s failed: %s", scope["method"], known, places(error))
        return HttpFault("broken")
