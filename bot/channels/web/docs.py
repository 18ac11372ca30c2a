"""The description of the interface: one OpenAPI document, and a page drawn from it on which everything can be tried."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.web.api import CHAT_BYTES, Interface
from bot.channels.web.faults import PAGES, HttpFault
from bot.channels.web.page import HEADERS, Page
from bot.channels.web.quotas import address, read_body
from bot.telling.schemas import written_into

TRIED = ("/api/chat", "/api/assess")
MOST_SHOWN = 1 << 18  # bytes of an answer: a page is for trying, the interface for work


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every operation of the document, with its path, its method and the example that its form starts from."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            examples = {name: pretty(one["value"]) for name, one in content.get("examples", {}).items()}
            yield {**operation, "path": path, "method": method.upper(), "examples": examples, "tried": path in TRIED}


def pretty(value: Any) -> str:
    """JSON to be read by people."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


async def shown(answer: AsyncGenerator[bytes, None]) -> bytes:
    """The whole of a list. Raises: HttpFault `too_large` as soon as it is more than a page shows."""
    whole = b""
    async with aclosing(answer):
        async for part in answer:
            whole += part
            if len(whole) > MOST_SHOWN:
                raise HttpFault("too_large")
    return whole


class Docs:
    """`/openapi.json` and `/docs`; trying goes through a form, so it needs no script and nothing from elsewhere."""

    def __init__(self, interface: Interface, page: Page, public_url: str) -> None:
        self.interface, self.page = interface, page
        self.document: dict[str, Any] = orjson.loads((PAGES / "openapi.json").read_bytes())
        written_into(self.document, interface.talks.packs)
        self.document["servers"] = [{"url": public_url}]

    def routes(self) -> list[Route]:
        """Where the description is found."""
        return [
            Route("/openapi.json", self.openapi),
            Route("/docs", self.show),
            Route("/docs", self.attempt, methods=["POST"]),
        ]

    async def openapi(self, request: Request) -> Response:
        """The document for programs."""
        return Response(orjson.dumps(self.document), headers=HEADERS, media_type="application/json")

    async def show(self, request: Request) -> Response:
        """The document for people."""
        return self.render(request, {})

    def render(self, request: Request, tried: dict[str, Any]) -> Response:
        """The page; `tried` holds path, body, status and answer of an attempt."""
        schemas = self.document["components"]["schemas"]
        return self.page.render(
            request,
            "docs.html.j2",
            info=self.document["info"],
            operations=list(operations(self.document)),
            schemas=schemas,
            tried=tried,
        )

    async def attempt(self, request: Request) -> Response:
        """What the interface says to the body written into a form."""
        try:
            form = parse_qs((await read_body(request, CHAT_BYTES)).decode("utf-8", "replace"), keep_blank_values=True)
        except HttpFault as fault:
            return self.page.refused(request, fault)
        path, body = form.get("path", [""])[0], form.get("body", [""])[0]
        if path not in TRIED:
            return self.page.refused(request, HttpFault("not_found"))
        status, answer = await self.ask(path, body.encode("utf-8", "replace"), address(request))
        return self.render(
            request, {"path": path, "body": body, "status": status, "answer": pretty(orjson.loads(answer))}
        )

    async def ask(self, path: str, body: bytes, client: str) -> tuple[int, bytes]:
        """Status and body of the interface's answer."""
        try:
            if path == "/api/assess":
                status, answer = await self.interface.assess(body, client)
                return status, answer if isinstance(answer, bytes) else await shown(answer)
            return 200, await self.interface.chat(body, client)
        except HttpFault as fault:
            return fault.status, orjson.dumps(fault.as_json())
