"""The web: a page for people and a JSON interface for programs, translated to and from the conversation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import StatelessLifespan

from bot.channels.web.api import ASSESS_BYTES, CHAT_BYTES, Interface, Talks
from bot.channels.web.docs import Docs
from bot.channels.web.faults import Fault, fault_answer
from bot.channels.web.limits import address, read_body
from bot.channels.web.page import Page
from bot.channels.web.watch import Counts, Watch

__all__ = ["Talks", "web_app"]

API_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def json_answer(body: bytes, status: int = 200) -> Response:
    """A body that is JSON already."""
    return Response(body, status, API_HEADERS, "application/json")


def interface_routes(interface: Interface) -> list[Route]:
    """`/api/chat` and `/api/assess`."""

    async def chat(request: Request) -> Response:
        try:
            body = await read_body(request, CHAT_BYTES)
            return json_answer(await interface.chat(body, address(request)))
        except Fault as fault:
            return fault_answer(fault, API_HEADERS)

    async def assess(request: Request) -> Response:
        try:
            body = await read_body(request, ASSESS_BYTES)
            status, answer = await interface.assess(body, address(request))
            return json_answer(answer, status)
        except Fault as fault:
            return fault_answer(fault, API_HEADERS)

    return [Route("/api/chat", chat, methods=["POST"]), Route("/api/assess", assess, methods=["POST"])]


def health_routes(ready: Callable[[], Awaitable[bool]], metrics: Callable[[], str], counts: Counts) -> list[Route]:
    """`/healthz` and `/metrics`."""

    async def healthz(request: Request) -> Response:
        fine = await ready()
        return PlainTextResponse("ok\n" if fine else "not ready\n", 200 if fine else 503, API_HEADERS)

    async def show_metrics(request: Request) -> Response:
        text = counts.text() + metrics()
        return PlainTextResponse(text, headers=API_HEADERS, media_type="text/plain; version=0.0.4")

    return [Route("/healthz", healthz), Route("/metrics", show_metrics)]


def refusal(page: Page) -> Callable[[Request, Exception], Response]:
    """What answers a wrong address or method: a page for people, JSON under /api."""

    def refuse(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        fault = Fault("not_allowed" if status == 405 else "not_found")
        return fault_answer(fault, API_HEADERS) if request.url.path.startswith("/api/") else page.refused(fault)

    return refuse


def web_app(
    talks: Talks,
    *,
    public_url: str,
    retention_days: int,
    ready: Callable[[], Awaitable[bool]],
    metrics: Callable[[], str],
    parse: Callable[[bytes], Any] = orjson.loads,
    routes: Sequence[BaseRoute] = (),
    lifespan: StatelessLifespan[Starlette] | None = None,
) -> Starlette:
    """The whole web over one conversation.

    `parse` reads the body of `/api/chat` and `/api/assess` and raises ValueError for what is not JSON; `routes` are those of
    other parts (webhooks, HR pages).
    """
    interface = Interface(talks, parse)
    page = Page(interface, public_url=public_url, retention_days=retention_days)
    docs = Docs(interface, page, public_url)
    own = [*interface_routes(interface), *page.routes(), *docs.routes()]
    counts = Counts(frozenset(route.path for route in own if "{" not in route.path) | {"/healthz", "/metrics"})
    return Starlette(
        routes=[*own, *health_routes(ready, metrics, counts), *routes],
        middleware=[Middleware(Watch, counts=counts)],
        exception_handlers={404: refusal(page), 405: refusal(page)},
        lifespan=lifespan,
    )
