"""The description of the interface: one OpenAPI document, and a page drawn from it on which everything can be tried."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.web.api import Interface
from bot.channels.web.faults import PAGES
from bot.channels.web.page import HEADERS, Page


class Docs:
    """`/openapi.json` and `/docs`."""

    def __init__(self, interface: Interface, page: Page, public_url: str) -> None:
        self.interface, self.page = interface, page
        self.document: dict[str, Any] = orjson.loads((PAGES / "openapi.json").read_bytes())
        self.document["servers"] = [{"url": public_url}]

    def routes(self) -> list[Route]:
        """Where the description is found."""
        return [Route("/openapi.json", self.openapi)]

    async def openapi(self, request: Request) -> Response:
        """The document for programs."""
        return Response(orjson.dumps(self.document), headers=HEADERS, media_type="application/json")
