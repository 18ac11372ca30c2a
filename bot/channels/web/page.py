"""The page a person talks on: drawn on the server, complete without JavaScript, quicker with it."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import orjson
from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.channels.web.api import CHAT_BYTES, LONGEST_CHOICE, LONGEST_TEXT, Interface, message_of, person_of
from bot.channels.web.bubbles import Bubble, bubbles, choices_of, edits_of, form_of
from bot.channels.web.faults import PAGES, HttpFault, fault_answer
from bot.channels.web.forms import composed
from bot.channels.web.quotas import address, read_body
from bot.channels.web.safe_html import DRAWN_WITH, linked
from bot.channels.web.sessions import delivery_id, form_token, is_session, same_token
from bot.messages import Exchange
from bot.settings.logs import NUMBER
from bot.telling import templates
from bot.telling.calendar import ics
from bot.telling.fonts import faces
from bot.telling.picture import NoFont, pdf, png
from bot.telling.result import Result

COOKIE = "xueshi"
LARGE = "xueshi-large"
LONGEST_NONCE = 40
DRAWN = 20  # requests that a picture costs as much as
View = Callable[[Request], Awaitable[Response]]
STATIC = {"chat.css": "text/css", "chat.js": "text/javascript", "icon.svg": "image/svg+xml"}
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers older than frame-ancestors
}


def read_form(body: bytes, session: str) -> tuple[str, str, str]:
    """Nonce, text and choice of a form of this session's page; what was filled in is the text.

    Raises: Fault.
    """
    try:
        many = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=64)
    except ValueError:
        raise HttpFault("stale_page") from None
    fields = {name: values[0] for name, values in many.items()}
    token, nonce, text, choice = (fields.get(name, "") for name in ("token", "nonce", "text", "choice"))
    if not is_session(session) or not same_token(token, form_token(session)):
        raise HttpFault("stale_page")
    if not 0 < len(nonce) <= LONGEST_NONCE or not nonce.isprintable():
        raise HttpFault("stale_page")
    if len(text) > LONGEST_TEXT:
        raise HttpFault("text_too_long")
    if len(choice) > LONGEST_CHOICE or not choice.isprintable():
        raise HttpFault("bad_choice")
    if "filled" in fields and not choice:
        text = composed(fields) or fields["filled"]
    return nonce, text.replace("\r\n", "\n"), choice


def asset_bytes(name: str) -> bytes:
    """A file that pages are drawn with; a style sheet begins with how a result looks."""
    own = (PAGES / name).read_bytes()
    return (PAGES / "result.css").read_bytes() + own if name.endswith(".css") else own


def named(name: str, how: str = "inline") -> dict[str, str]:
    """The headers of a file that is somebody's own, shown or saved under a name."""
    kept = {key: HEADERS[key] for key in ("Cache-Control", "Referrer-Policy", "X-Content-Type-Options")}
    return {**kept, "Content-Disposition": f'{how}; filename="{name}"'}


def drawn(request: Request, templates: Environment, name: str, status: int = 200, **values: object) -> HTMLResponse:
    """A page for a person, in large text where they wished for it."""
    return HTMLResponse(templates.get_template(name).render(values, large=LARGE in request.cookies), status, HEADERS)


class Page:
    """The pages over one conversation."""

    def __init__(
        self, interface: Interface, *, public_url: str, retention_days: int, busy: tuple[type[Exception], ...] = ()
    ) -> None:
        self.interface, self.busy = interface, busy
        self.address = f"{public_url}/"
        self.secure, self.keep = public_url.startswith("https:"), retention_days
        self.static = {name: asset_bytes(name) for name in STATIC}
        self.templates = templates(asset=self.asset, retention_days=retention_days, **DRAWN_WITH)
        for name in self.templates.list_templates(filter_func=lambda name: name.startswith("page/")):
            self.templates.get_template(name)  # made before anybody waits for one

    def routes(self) -> list[Route]:
        """`/`, `/say`, `/result` and the static files."""
        return [
            Route("/", self.held(self.home)),
            Route("/say", self.say, methods=["POST"]),
            Route("/say", self.home_again),
            Route("/result", self.held(self.result)),
            Route("/mydata.json", self.held(self.everything)),
            Route("/picture", self.held(self.picture_page)),
            Route("/result.png", self.held(self.picture, DRAWN)),
            Route("/result.pdf", self.held(self.picture, DRAWN)),
            Route("/remind.ics", self.held(self.reminder)),
            Route("/text", self.text_size, methods=["POST"]),
            Route("/pages/{name}", self.file),
        ]

    def held(self, view: View, cost: int = 1) -> View:
        """A view that one address may open only so often: one that is drawn counts for `cost` others."""

        async def answer(request: Request) -> Response:
            client = address(request)
            try:
                self.interface.limits(client).requests.take(client, cost)
            except HttpFault as fault:
                return self.refused(request, fault)
            return await view(request)

        return answer

    def asset(self, name: str) -> str:
        """The address of a static file, which changes with its content."""
        return f"/pages/{name}?v={hashlib.sha256(self.static[name]).hexdigest()[:10]}"

    def render(self, request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """A page of the talk."""
        return drawn(request, self.templates, f"page/{template}", status, **values)

    def refused(self, request: Request, fault: HttpFault, again: Mapping[str, str] | None = None) -> Response:
        """A request that cannot be taken, told to a person; `again` are the fields of a form that may be sent once more."""
        fields = {name: value for name, value in (again or {}).items() if name in ("token", "nonce", "text", "choice")}
        answer = self.render(request, "refused.html.j2", fault.status, fault=fault, again=fields, number=NUMBER.get())
        if fault.retry_after:
            answer.headers["Retry-After"] = str(fault.retry_after)
        return answer

    def bubbles(self, exchange: Exchange) -> list[Bubble]:
        """The replies of one turn as they are drawn."""
        return bubbles(exchange, self.interface.talks.result)

    def talk(self, request: Request, session: str, past: Sequence[Exchange]) -> Response:
        """The page of one session: what was said so far, or the welcome."""
        greeting = [] if past else self.interface.talks.welcome()
        answer = self.render(
            request,
            "chat.html.j2",
            past=[(exchange.said, self.bubbles(exchange)) for exchange in past],
            look=next((reply.look for reply in greeting if reply.look), {"example": "", "also": None}),
            greeting=[linked(reply.text) for reply in greeting],
            openings=[choice.label for reply in greeting for choice in reply.choices],
            choices=choices_of(past[-1]) if past else (),
            edits=edits_of(past[-1]) if past else {},
            form=form_of(past[-1]) if past else None,
            token=form_token(session),
            nonce=secrets.token_hex(8),
        )
        answer.set_cookie(  # which scripts cannot read and other sites cannot use
            COOKIE, session, max_age=self.keep * 86_400, httponly=True, samesite="lax", secure=self.secure, path="/"
        )
        return answer

    async def home(self, request: Request) -> Response:
        """The conversation so far."""
        given = request.cookies.get(COOKIE, "")
        if not await self.interface.known(given):
            return self.talk(request, self.interface.sessions.new(), [])
        return self.talk(request, given, await self.interface.talks.recent(person_of(given)))

    async def home_again(self, request: Request) -> Response:
        """Somebody opened the address that forms are sent to."""
        return RedirectResponse("/", 303, HEADERS)

    async def say(self, request: Request) -> Response:
        """One message from the page: back to the page, or to its script the new bubbles alone."""
        by_script = request.headers.get("accept", "").startswith("application/json")
        body = b""
        try:
            body = await read_body(request, CHAT_BYTES)
            session, exchange = await self.taken(request, body)
        except HttpFault as fault:
            return fault_answer(fault, HEADERS) if by_script else self.refused(request, fault)
        except self.busy:
            # The same form sent again is the same delivery: nothing is said twice.
            busy, again = HttpFault("unavailable", retry_after=5), dict(parse_qsl(body.decode("utf-8", "replace")))
            again |= {"text": composed(again)} if "filled" in again else {}
            return fault_answer(busy, HEADERS) if by_script else self.refused(request, busy, again)
        past = await self.interface.talks.recent(person_of(session))
        if by_script:
            return self.parts(exchange, alone=len(past) <= 1)
        if not past:  # the person wants nothing kept: this page is all there is of the answer
            return self.talk(request, session, [exchange])
        return RedirectResponse("/#latest", 303, HEADERS)

    def parts(self, exchange: Exchange, *, alone: bool) -> Response:
        """The new bubbles and buttons; `alone`: nothing earlier is kept, so it goes from the screen too."""
        parts: Any = self.templates.get_template("page/parts.html.j2").module
        html = str(parts.replies(self.bubbles(exchange), edits_of(exchange)))
        keys = str(parts.keys(choices_of(exchange), form_of(exchange)))
        body = orjson.dumps({"said": exchange.said, "html": html, "keys": keys, "alone": alone})
        return Response(body, headers=HEADERS, media_type="application/json")

    async def taken(self, request: Request, body: bytes) -> tuple[str, Exchange]:
        """The session of the form that was sent, and what came of it.

        Raises: Fault.
        """
        session = request.cookies.get(COOKIE, "")
        nonce, text, choice = read_form(body, session)
        if not await self.interface.known(session):
            raise HttpFault("stale_page")
        message_id = delivery_id(nonce, "choice" if choice else "text", choice or text)
        message = message_of(session, message_id, text=text, choice=choice)
        turn = await self.interface.take(session, message, address(request))
        return session, Exchange(text, turn.replies, turn.facts, turn.assessment)

    async def told(self, request: Request) -> Result | None:
        """The last result of the session, as of today."""
        session = request.cookies.get(COOKIE, "")
        past = await self.interface.talks.recent(person_of(session)) if is_session(session) else []
        last = next((one for one in reversed(past) if any(reply.result for reply in one.replies)), None)
        return None if last is None else self.interface.talks.result(last)

    async def result(self, request: Request) -> Response:
        """The last result, to keep, to show or to print."""
        result = await self.told(request)
        return (
            RedirectResponse("/", 303, HEADERS) if result is None else self.render(request, "result.html.j2", r=result)
        )

    async def picture_page(self, request: Request) -> Response:
        """The picture on a page, where a long press keeps it also in a browser that neither prints nor downloads."""
        result = await self.told(request)
        if result is None or faces() is None:
            return RedirectResponse("/" if result is None else "/result", 303, HEADERS)
        return self.render(request, "picture.html.j2", r=result)

    async def picture(self, request: Request) -> Response:
        """The same as one picture, or on a sheet of A4; where there is no font to draw it with, as the page."""
        result = await self.told(request)
        if result is None:
            return RedirectResponse("/", 303, HEADERS)
        draw, kind = (pdf, "application/pdf") if request.url.path.endswith(".pdf") else (png, "image/png")
        try:
            drawn = await asyncio.to_thread(draw, result, self.address)
        except NoFont:
            return RedirectResponse("/result", 303, HEADERS)
        return Response(drawn, headers=named(f"xueshi-{result.day}{request.url.path[-4:]}"), media_type=kind)

    async def reminder(self, request: Request) -> Response:
        """The days to be reminded on, for the phone's own calendar."""
        result = await self.told(request)
        file = ics(result, self.address) if result is not None else b""
        if not file:
            return self.refused(request, HttpFault("nothing_ahead"))
        return Response(file, headers=named("xueshi.ics", "attachment"), media_type="text/calendar; charset=utf-8")

    async def text_size(self, request: Request) -> Response:
        """Large text on, or off again; the browser remembers it."""
        answer = RedirectResponse("/", 303, HEADERS)
        if request.cookies.get(LARGE):
            answer.delete_cookie(LARGE, path="/")
        else:
            answer.set_cookie(LARGE, "1", max_age=365 * 86_400, httponly=True, samesite="lax", secure=self.secure)
        return answer

    async def everything(self, request: Request) -> Response:
        """All that is kept of whoever asks, as a file."""
        session = request.cookies.get(COOKIE, "")
        if not await self.interface.known(session):
            return RedirectResponse("/", 303, HEADERS)
        body = orjson.dumps(await self.interface.talks.everything(person_of(session)), option=orjson.OPT_INDENT_2)
        headers = {**HEADERS, "Content-Disposition": 'attachment; filename="mydata.json"'}
        return Response(body, headers=headers, media_type="application/json")

    async def file(self, request: Request) -> Response:
        """A static file; its address names its content, so it may be kept for good."""
        name = request.path_params["name"]
        if name not in self.static:
            return self.refused(request, HttpFault("not_found"))
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        return Response(self.static[name], headers=headers, media_type=STATIC[name])
