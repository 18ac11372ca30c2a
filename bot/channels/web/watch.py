"""Counts what is asked of the web server, and turns a bug into one apology and a log line without private facts."""

from __future__ import annotations

import logging
import time
import traceback
from bisect import bisect_left
from collections import Counter

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.web.faults import Fault

log = logging.getLogger("xueshi.web")
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)  # seconds


class Counts:
    """Requests by path and status, and how long they took, as Prometheus text; only known paths are named."""

    def __init__(self, paths: frozenset[str]) -> None:
        self.paths = paths
        self.requests: Counter[tuple[str, int]] = Counter()
        self.buckets = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def add(self, path: str, status: int, seconds: float) -> None:
        """One request answered."""
        self.requests[path if path in self.paths else "other", status] += 1
        self.buckets[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds

    def text(self) -> str:
        """The counts so far."""
        lines = ["# HELP xueshi_http_requests_total Requests answered.", "# TYPE xueshi_http_requests_total counter"]
        for (path, status), number in sorted(self.requests.items()):
            lines.append(f'xueshi_http_requests_total{{path="{path}",status="{status}"}} {number}')
        lines += ["# HELP xueshi_http_request_seconds Time to answer.", "# TYPE xueshi_http_request_seconds histogram"]
        total = 0
        for bound, number in zip((*BOUNDS, "+Inf"), self.buckets, strict=True):
            total += number
            lines.append(f'xueshi_http_request_seconds_bucket{{le="{bound}"}} {total}')
        lines += [
            f"xueshi_http_request_seconds_sum {self.seconds:.6f}",
            f"xueshi_http_request_seconds_count {total}",
            "",
        ]
        return "\n".join(lines)


def places(error: BaseException) -> str:
    """Where an error came from, without its message: that could quote what a person wrote."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return f"{type(error).__name__} at " + " < ".join(
        f"{f.filename.rpartition('/')[2]}:{f.lineno} {f.name}" for f in reversed(frames)
    )


class Watch:
    """The one layer round the routes."""

    def __init__(self, app: ASGIApp, counts: Counts) -> None:
        self.app, self.counts = app, counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except ClientDisconnect:
            status = status or 499  # gone before it had said everything
        except Exception as error:
            log.error(
                "%s %s failed: %s",
                scope["method"],
                scope["path"] if scope["path"] in self.counts.paths else "…",
                places(error),
            )
            if not status:
                await JSONResponse(Fault("broken").as_json(), 500)(scope, receive, noting)
        finally:
            self.counts.add(scope["path"], status, time.perf_counter() - started)
