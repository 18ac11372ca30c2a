"""How updates come in: polled by one process at a time, or posted to a secret address by the platform."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.telegram.updates import loads
from bot.channels.web.faults import HttpFault
from bot.channels.web.quotas import read_body

if TYPE_CHECKING:
    from bot.channels.telegram.calls import Calls
    from storage import ProcessLock

log = logging.getLogger("xueshi.telegram")

STANDBY = 1.0
"""Seconds between two tries to become the one that polls."""
LARGEST = 1 << 20
"""Bytes of an update; the platform's are far smaller."""
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"

Accept = Callable[[Mapping[str, Any]], Awaitable[None]]
"""Keeps an update; durable when it returns. Raises what says that it was not kept."""


async def poll(calls: Calls, accept: Accept, lock: ProcessLock) -> None:
    """Polls for ever while the lock is held; stands by while another process holds it."""
    while True:
        try:
            mine = await lock.take()
        except Exception as wrong:  # the database is away: nobody can keep updates anyway
            log.warning("telegram: %s", wrong)
            mine = False
        if not mine:
            await asyncio.sleep(STANDBY)
            continue
        listening = asyncio.create_task(_listen(calls, accept))
        try:
            while await lock.held():
                await asyncio.wait({listening}, timeout=STANDBY)
                if listening.done():
                    listening.result()
            log.warning("telegram: the right to poll was lost; standing by")
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            await lock.give_back()


async def _listen(calls: Calls, accept: Accept) -> None:
    """Keeps what comes, then confirms it with the next call."""
    from bot.channels.telegram.calls import Failed

    offset: int | None = None
    pause, last = 0.0, ""
    while True:
        try:
            updates = await calls.updates(offset)
            await asyncio.gather(*(accept(update) for update in updates))
            if updates:
                offset = max(offset or 0, *(int(update["update_id"]) + 1 for update in updates))
            if pause:
                log.info("telegram: updates come again")
            pause, last = 0.0, ""
        except Exception as fault:
            # Whatever it is, the updates are not confirmed and come again.
            said = str(fault) if isinstance(fault, Failed) else type(fault).__name__
            if said != last:
                log.warning("telegram: no updates: %s", said)
            last, pause = said, min(20.0, max(0.5, pause * 2))
            await asyncio.sleep(pause)


def secret(key: str, token: str, use: str) -> str:
    """A secret that every process with the same settings knows, and nobody else."""
    return hmac.new(f"{key}\0{token}".encode(), f"telegram {use}".encode(), hashlib.sha256).hexdigest()[:40]


def webhook(path: str, token: str, accept: Accept) -> Route:
    """The address at which the platform posts updates; confirmed when they are kept."""
    expected = token.encode()

    async def take(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, expected):
            return Response(status_code=403)
        try:
            update = loads(await read_body(request, LARGEST))
            if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
                return Response(status_code=400)
        except HttpFault as fault:
            return Response(status_code=fault.status)
        except ValueError:
            return Response(status_code=400)
        try:
            await accept(update)
        except Exception as fault:
            log.warning("telegram: an update could not be kept: %s", type(fault).__name__)
            return Response(status_code=503)  # it is delivered again
        return Response(status_code=200)

    return Route(path, take, methods=["POST"])
