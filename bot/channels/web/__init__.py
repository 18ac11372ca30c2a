"""The web: a page for people and a JSON interface for programs, translated to and from the conversation."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import StatelessLifespan

from bot.channels.web.api import ASSESS_BYTES, CHAT_BYTES, Interface, WebTalks
from bot.channels.web.docs import Docs
from bot.channels.web.door import Door, may_measure, names_of
from bot.channels.web.faults import HttpFault, fault_answer
from bot.channels.web.page import Page
from bot.channels.web.quotas import address, household, read_body
from bot.channels.web.sessions import Sessions
from bot.channels.web.watch import Counts, Watch

__all__ = ["Sessions", "WebTalks", "web_app"]

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
        except HttpFault as fault:
            return fault_answer(fault, API_HEADERS)

    async def assess(request: Request) -> Response:
        try:
            body = await read_body(request, ASSESS_BYTES)
            status, answer = await interface.assess(body, address(request))
            if isinstance(answer, bytes):
                return json_answer(answer, status)
            return StreamingResponse(answer, status, API_HEADERS, "application/json")
        except HttpFault as fault:
            return fault_answer(fault, API_HEADERS)

    return [Route("/api/chat", chat, methods=["POST"]), Route("/api/assess", assess, methods=["POST"])]


def health_routes(
    ready: Callable[[], Awaitable[bool]], metrics: Callable[[], str], counts: Counts, token: str
) -> list[Route]:
    """`/healthz`: the process answers. `/readyz`: people can be answered, which takes a store that can be written. `/metrics`."""

    async def healthz(request: Request) -> Response:
        return PlainTextResponse("ok\n", headers=API_HEADERS)

    async def readyz(request: Request) -> Response:
        fine = await ready()
        return PlainTextResponse("ready\n" if fine else "not ready\n", 200 if fine else 503, API_HEADERS)

    async def show_metrics(request: Request) -> Response:
        if not may_measure(request, token):
            return fault_answer(HttpFault("no_metrics"), API_HEADERS)
        text = counts.text() + metrics()
        return PlainTextResponse(text, headers=API_HEADERS, media_type="text/plain; version=0.0.4")

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", show_metrics)]


def refusal(page: Page) -> Callable[[Request, HttpFault], Response]:
    """What answers a request that cannot be taken: a page for people, JSON for programs and for the page's own script."""

    def refuse(request: Request, fault: HttpFault) -> Response:
        by_program = request.url.path.startswith("/api/") or request.headers.get("accept", "").startswith(
            "application/json"
        )
        return fault_answer(fault, API_HEADERS) if by_program else page.refused(request, fault)

    return refuse


def turned_down(refuse: Callable[[Request, HttpFault], Response]) -> Callable[[Request, Exception], Response]:
    """What answers a wrong address or method, or a form that no library can take apart: in no words of the library's."""

    def answer(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        refused = refuse(request, HttpFault({404: "not_found", 405: "not_allowed"}.get(error.status_code, "bad_form")))
        refused.headers.update(error.headers or {})  # which methods are allowed
        return refused

    return answer


def web_app(
    talks: WebTalks,
    *,
    public_url: str,
    retention_days: int,
    ready: Callable[[], Awaitable[bool]],
    metrics: Callable[[], str],
    parse: Callable[[bytes], Any] = orjson.loads,
    routes: Sequence[BaseRoute] = (),
    sessions: Sessions | None = None,
    busy: tuple[type[Exception], ...] = (),
    hosts: Sequence[str] = (),
    metrics_token: str = "",
    lifespan: StatelessLifespan[Starlette] | None = None,
) -> Starlette:
    """The whole web over one conversation.

    `parse` reads the body of `/api/chat` and `/api/assess` and raises ValueError for what is not JSON; `routes` are those of
    other parts (webhooks, HR pages).
    `sessions` gives out tokens (without it, none outlives the app); `busy` are the exceptions that mean: nothing can be stored now;
    `hosts` are the names, beside the public one, that the service is called by.
    """
    public = household(urlsplit(public_url).hostname or "") != ""
    interface = Interface(talks, parse, sessions or Sessions(secrets.token_bytes(32)), public=public)
    page = Page(interface, public_url=public_url, retention_days=retention_days, busy=busy)
    docs = Docs(interface, page, public_url)
    own = [*interface_routes(interface), *page.routes(), *docs.routes()]
    counts = Counts(
        frozenset(route.path for route in own if "{" not in route.path) | {"/healthz", "/readyz", "/metrics"}
    )
    refuse = refusal(page)
    names, secure = names_of(public_url, hosts), public_url.startswith("https:")
    app = Starlette(
        routes=[*own, *health_routes(ready, metrics, counts, metrics_token), *routes],
        middleware=[
            Middleware(Door, names=names, refuse=refuse, secure=secure),
            Middleware(Watch, counts=counts, refuse=refuse, busy=busy),
        ],
        exception_handlers={HTTPException: turned_down(refuse)},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # such a redirect is made of what the request says that we are called
    return app
