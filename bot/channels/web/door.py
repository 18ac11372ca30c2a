"""What a request must be before anybody looks at it: for one of our names; and what every answer carries."""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.web.faults import HttpFault
from bot.channels.web.quotas import FORWARDED

Refuse = Callable[[Request, HttpFault], Response]
HSTS = "max-age=31536000"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{1,5})?")
HERE = ("localhost", "127.0.0.1", "::1")
OPEN = ("/api/", "/healthz", "/readyz")  # no cookie, no redirect, no page: the name they are called by changes nothing


def names_of(public_url: str, more: Iterable[str] = ()) -> frozenset[str]:
    """The names that the service answers to, beside the address that a connection came in on."""
    public = urlsplit(public_url).hostname or ""
    return frozenset(name.lower() for name in (public, *more, *HERE) if name)


def named(host: str) -> str:
    """The name in a Host header, without its port; nothing where it is no name."""
    whole = HOST.fullmatch(host)
    return (whole[1] or whole[2]).lower() if whole else ""


def foreign(headers: Headers, names: frozenset[str] = frozenset()) -> bool:
    """Whether another site sent a form; browsers say so, each in one of these ways."""
    site, origin = headers.get("sec-fetch-site", "same-origin"), urlsplit(headers.get("origin", "null"))
    elsewhere = origin.netloc != headers.get("host") and origin.hostname not in names
    return site not in ("same-origin", "none") or (origin.path != "null" and elsewhere)


class Door:
    """The layer that turns away what was meant for another name, and puts on every answer what a browser should know."""

    def __init__(self, app: ASGIApp, names: frozenset[str], refuse: Refuse, *, secure: bool) -> None:
        self.app, self.names, self.refuse, self.secure = app, names, refuse, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                for name, value in ALWAYS.items():
                    headers.setdefault(name, value)
                if self.secure:
                    headers["Strict-Transport-Security"] = HSTS
                message["headers"] = headers.raw
            await send(message)

        fault = self._fault(scope)
        if fault is None:
            await self.app(scope, receive, dressed)
        else:
            await self.refuse(Request(scope), fault)(scope, receive, dressed)

    def _fault(self, scope: Scope) -> HttpFault | None:
        if not self._welcome(scope):
            return HttpFault("wrong_host")
        if (
            scope["method"] == "POST"
            and not scope["path"].startswith(OPEN)
            and foreign(Headers(scope=scope), self.names)
        ):
            return HttpFault("stale_page")
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            return HttpFault("not_found")  # no database keeps it, no page of ours has it
        return None

    def _welcome(self, scope: Scope) -> bool:
        hosts = Headers(scope=scope).getlist("host")
        if scope["path"].startswith(OPEN) or (not hosts and scope["http_version"] == "1.0"):
            return True
        name = named(hosts[0]) if len(hosts) == 1 else ""
        return bool(name) and (name in self.names or name == str((scope.get("server") or ("",))[0]))


def may_measure(request: Request, token: str) -> bool:
    """Whether somebody may see the metrics: with the token, or from this machine, by its own name and by no proxy."""
    given = request.headers.get("authorization", "").encode("utf-8", "replace")
    if token and hmac.compare_digest(given, f"Bearer {token}".encode()):
        return True
    try:
        near = ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        near = False
    own = named(request.headers.get("host", "")) in HERE
    return near and own and not any(name in request.headers for name in FORWARDED)
