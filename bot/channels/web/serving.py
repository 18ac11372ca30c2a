"""The server under the web: who is slow is cut off, who crowds makes room, a signal ends it in order."""

from __future__ import annotations

import asyncio
import logging
import resource
import signal
import socket
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, cast

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.channels.web.quotas import household

log = logging.getLogger("xueshi.web")

HEAD_WITHIN = 10.0
"""Seconds from the first byte of a request, or from the connection, to the end of its headers."""
HEAD_BYTES = 64 << 10
SILENT = 15.0
"""Seconds that a body may pause."""
GRACE, SLOWEST = 20.0, 4_096
"""After these seconds, a body that has come with fewer bytes a second is cut off."""
UNREAD = 30.0
"""Seconds that a client may leave an answer unread."""
EACH = 256
"""Connections of one address."""
MOST = 10_000
SPARE = 200
"""Files that are left for the store, rosters and platforms."""
LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


def most_connections() -> int:
    """As many as this process may hold open, after asking for all that it may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return MOST if hard == resource.RLIM_INFINITY else max(16, min(MOST, hard - SPARE))


class Connection(Protocol):
    """What a crowd knows of one."""

    @property
    def address(self) -> str: ...

    @property
    def answering(self) -> bool: ...

    def late(self, now: float) -> bool: ...

    def cut(self, why: str) -> None: ...


class Crowd:
    """Every open connection. Where there is no room, the one goes that has waited longest without a whole request."""

    def __init__(self, most: int, each: int = EACH) -> None:
        self.most, self.each = most, each
        self.by_address: dict[str, dict[Connection, None]] = {}
        self.closed: Counter[str] = Counter()
        """Connections cut off, by reason."""

    def __len__(self) -> int:
        return sum(map(len, self.by_address.values()))

    def enter(self, one: Connection) -> None:
        """Makes room and lets it in; this machine, through which a proxy comes, may have all the room there is."""
        theirs = self.by_address.setdefault(one.address, {})
        theirs[one] = None
        if one.address and len(theirs) > self.each:
            self._make_room(theirs, one)
        elif len(self) > self.most:
            self._make_room(max(self.by_address.values(), key=len), one)

    def leave(self, one: Connection) -> None:
        theirs = self.by_address.get(one.address, {})
        theirs.pop(one, None)
        if not theirs:
            self.by_address.pop(one.address, None)

    def _make_room(self, among: dict[Connection, None], new: Connection) -> None:
        idle = next((one for one in among if one is not new and not one.answering), new)
        idle.cut("crowd")

    def look(self, now: float) -> None:
        """Cuts off who is late."""
        for theirs in list(self.by_address.values()):
            for one in list(theirs):
                if one.late(now):
                    one.cut("slow")


class Careful(HttpToolsProtocol):
    """uvicorn's protocol with an eye on the clock."""

    crowd: Crowd

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.address, self.stage = "", "head"
        self.since = self.heard_at = self.loop.time()
        self.heard = 0
        self.unread_since: float | None = None

    @property
    def answering(self) -> bool:
        """Whether a whole request is being answered."""
        return self.stage == "answer"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast("asyncio.Transport", transport))
        self.address = household(self.client[0] if self.client else "")
        self.crowd.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.crowd.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self.heard += len(data)
        self.heard_at = self.loop.time()
        if self.stage == "idle":
            self._begin()
        super().data_received(data)
        if self.stage == "head" and self.heard > HEAD_BYTES and not self.transport.is_closing():
            self.crowd.closed["large"] += 1
            self.transport.write(LARGE)
            self.transport.close()

    def _begin(self) -> None:
        self.stage, self.since, self.heard = "head", self.loop.time(), 0

    def on_headers_complete(self) -> None:
        self.stage = "body"
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self.stage = "answer"
        super().on_message_complete()

    def on_response_complete(self) -> None:
        if self.stage == "answer":
            self.stage = "idle"  # uvicorn closes it when nothing follows
        super().on_response_complete()

    def pause_writing(self) -> None:
        self.unread_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self.unread_since = None
        super().resume_writing()

    def late(self, now: float) -> bool:
        """Whether it has kept us waiting for too long."""
        if self.unread_since is not None:
            return now - self.unread_since > UNREAD
        waited = now - self.since
        if self.stage == "head":
            return waited > HEAD_WITHIN
        if self.stage == "body" and not self.flow.read_paused:
            return now - self.heard_at > SILENT or (waited > GRACE and self.heard < waited * SLOWEST)
        return False

    def cut(self, why: str) -> None:
        """Ends the connection; who has only been slow is told so."""
        self.crowd.closed[why] += 1
        if why == "slow" and self.unread_since is None and self.stage == "head" and self.heard:
            self.transport.write(LATE)
            self.transport.close()
        else:
            self.transport.abort()


class Server(uvicorn.Server):
    """Ends in order at SIGTERM and SIGINT: uvicorn's own handler would raise the signal again, and the exit would not be 0."""

    def __init__(self, config: uvicorn.Config, crowd: Crowd) -> None:
        super().__init__(config)
        self._crowd = crowd

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, lambda: setattr(self, "should_exit", True))
        yield

    async def on_tick(self, counter: int) -> bool:
        if counter % 10 == 0:
            self._crowd.look(asyncio.get_running_loop().time())
        return await super().on_tick(counter)


async def serve(app: Starlette, listening: socket.socket, crowd: Crowd, trusted: Sequence[str] = ()) -> None:
    """Serve until a signal. `trusted` are the proxies whose word is taken for where a request comes from."""
    protocol = type("Ours", (Careful,), {"crowd": crowd})
    config = uvicorn.Config(
        app, http=protocol, log_level="error", access_log=False, lifespan="off", ws="none", server_header=False, date_header=False,
        timeout_graceful_shutdown=10, proxy_headers=bool(trusted), forwarded_allow_ips=list(trusted),
    )  # fmt: skip
    await Server(config, crowd).serve(sockets=[listening])
