"""The page a person talks on: drawn on the server, complete without JavaScript, quicker with it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qs

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.channels.web.api import CHAT_BYTES, LONGEST_CHOICE, LONGEST_TEXT, Interface, message_of, person_of
from bot.channels.web.card import Bar, Drawing, Notice, number, tone
from bot.channels.web.faults import PAGES, Fault
from bot.channels.web.limits import address, read_body
from bot.channels.web.markup import followable, linked, unbroken, without_bars
from bot.channels.web.sessions import delivery_id, form_token, is_session, new_session, same_token
from bot.messages import Choice, Exchange, Link, Reply

COOKIE = "xueshi"
STATIC = {"chat.css": "text/css", "chat.js": "text/javascript", "icon.svg": "image/svg+xml"}
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Card:
    """The looks of a result: verdict, bars, and what its page shows beside them."""

    verdict: str
    tone: str
    bars: Sequence[Bar]
    beside: Sequence[str]


@dataclass(frozen=True, slots=True)
class Bubble:
    """One reply as the template draws it; `card` where it is the result."""

    html: Markup
    links: Sequence[Link]
    card: Card | None


def longest(replies: Sequence[Reply]) -> int:
    """Which reply holds the result, where a turn that has one says something beside it."""
    return max(range(len(replies)), key=lambda index: len(replies[index].text), default=-1)


class Page:
    """The pages over one conversation."""

    def __init__(
        self,
        interface: Interface,
        *,
        public_url: str,
        retention_days: int,
        notices: Mapping[str, Notice],
        today: Callable[[], date],
    ) -> None:
        self.interface, self.notices, self.today = interface, notices, today
        self.secure, self.keep = public_url.startswith("https:"), retention_days
        self.static = {name: (PAGES / name).read_bytes() for name in STATIC}
        self.templates = Environment(
            loader=FileSystemLoader(PAGES.parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.globals.update(
            asset=self.asset, retention_days=retention_days, number=number, linked=linked, unbroken=unbroken
        )

    def routes(self) -> list[Route]:
        """`/`, `/say`, `/result` and the static files."""
        return [
            Route("/", self.home),
            Route("/say", self.say, methods=["POST"]),
            Route("/say", self.home_again),
            Route("/result", self.result),
            Route("/pages/{name}", self.file),
        ]

    def asset(self, name: str) -> str:
        """The address of a static file, which changes with its content."""
        return f"/pages/{name}?v={hashlib.sha256(self.static[name]).hexdigest()[:10]}"

    def render(self, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """A page."""
        return HTMLResponse(self.templates.get_template(f"page/{template}").render(values), status, HEADERS)

    def refused(self, fault: Fault) -> Response:
        """A request that cannot be taken, told to a person."""
        answer = self.render("refused.html.j2", fault.status, fault=fault)
        if fault.retry_after:
            answer.headers["Retry-After"] = str(fault.retry_after)
        return answer

    def bubbles(self, exchange: Exchange) -> list[Bubble]:
        """The replies of one turn as they are drawn."""
        assessment = exchange.assessment
        result = longest(exchange.replies) if assessment is not None else -1
        drawn = []
        for index, reply in enumerate(exchange.replies):
            links, text, card = [link for link in reply.links if followable(link.url)], reply.text, None
            if index == result and assessment is not None:
                card = self.card(exchange, reply)
                text = without_bars(text.partition("\n")[2]) if card.bars else text.partition("\n")[2].strip()
            drawn.append(Bubble(linked(text), links, card))
        return drawn

    def card(self, exchange: Exchange, reply: Reply) -> Card:
        """The looks of the result that `reply` tells."""
        assessment = exchange.assessment or {}
        notice = self.notices.get((assessment.get("policy") or {}).get("id", ""))
        drawing = Drawing(exchange.facts, assessment, notice)
        return Card(reply.text.partition("\n")[0], tone(assessment), drawing.bars(), drawing.beside())

    async def home(self, request: Request) -> Response:
        """The conversation so far, or the welcome."""
        given = request.cookies.get(COOKIE)
        session = given if given is not None and is_session(given) else new_session()
        past = await self.interface.talks.recent(person_of(session)) if given == session else []
        answer = self.render(
            "chat.html.j2",
            past=[(exchange.said, self.bubbles(exchange)) for exchange in past],
            choices=choices_of(past[-1]) if past else (),
            token=form_token(session),
            nonce=secrets.token_hex(8),
        )
        self.remember(answer, session)
        return answer

    async def home_again(self, request: Request) -> Response:
        """Somebody opened the address that forms are sent to."""
        return RedirectResponse("/", 303)

    def remember(self, answer: Response, session: str) -> None:
        """The session goes into a cookie that scripts cannot read and other sites cannot use."""
        answer.set_cookie(
            COOKIE, session, max_age=self.keep * 86_400, httponly=True, samesite="lax", secure=self.secure, path="/"
        )

    async def say(self, request: Request) -> Response:
        """One message from the page: back to the page, or to its script the new bubbles alone."""
        by_script = request.headers.get("accept", "").startswith("application/json")
        try:
            exchange = await self.taken(request)
        except Fault as fault:
            if by_script:
                wait = {"Retry-After": str(fault.retry_after)} if fault.retry_after else {}
                return Response(orjson.dumps(fault.as_json()), fault.status, {**HEADERS, **wait}, "application/json")
            return self.refused(fault)
        if not by_script:
            return RedirectResponse("/#latest", 303, HEADERS)
        parts: Any = self.templates.get_template("page/parts.html.j2").module
        past = await self.interface.talks.recent(person_of(request.cookies[COOKIE]))
        shown = {
            "html": str(parts.replies(self.bubbles(exchange))),
            "keys": str(parts.keys(choices_of(exchange))),
            "alone": len(past) <= 1,  # nothing earlier is kept: what was deleted goes from the screen too
        }
        return Response(orjson.dumps(shown), headers=HEADERS, media_type="application/json")

    async def taken(self, request: Request) -> Exchange:
        """What came of the form that was sent.

        Raises: Fault.
        """
        body = await read_body(request, CHAT_BYTES)
        try:
            fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=16)
        except ValueError:
            raise Fault("stale_page") from None
        token, nonce, text, choice = (fields.get(name, [""])[0] for name in ("token", "nonce", "text", "choice"))
        session = request.cookies.get(COOKIE, "")
        if (
            not is_session(session)
            or not same_token(token, form_token(session))
            or not 0 < len(nonce) <= 40
            or not nonce.isprintable()
        ):
            raise Fault("stale_page")
        if len(text) > LONGEST_TEXT:
            raise Fault("text_too_long")
        if len(choice) > LONGEST_CHOICE or not choice.isprintable():
            raise Fault("bad_choice")
        text = text.replace("\r\n", "\n")
        message_id = delivery_id(nonce, "choice" if choice else "text", choice or text)
        turn = await self.interface.take(
            session, message_of(session, message_id, text=text, choice=choice), address(request)
        )
        return Exchange("", turn.replies, turn.facts, turn.assessment)

    async def result(self, request: Request) -> Response:
        """The last result, to keep, to show or to print."""
        session = request.cookies.get(COOKIE, "")
        past = await self.interface.talks.recent(person_of(session)) if is_session(session) else []
        found = next((exchange for exchange in reversed(past) if exchange.assessment is not None), None)
        if found is None:
            return RedirectResponse("/", 303, HEADERS)
        [shown] = [bubble for bubble in self.bubbles(found) if bubble.card is not None]
        policy = (found.assessment or {}).get("policy") or {}
        notice = self.notices.get(policy.get("id", ""))
        return self.render(
            "result.html.j2",
            bubble=shown,
            assessment=found.assessment,
            policy=policy,
            notice=notice,
            day=self.today().strftime("%Y年%-m月%-d日"),
        )

    async def file(self, request: Request) -> Response:
        """A static file; its address names its content, so it may be kept for good."""
        name = request.path_params["name"]
        if name not in self.static:
            return self.refused(Fault("not_found"))
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        return Response(self.static[name], headers=headers, media_type=STATIC[name])


def choices_of(exchange: Exchange) -> list[Choice]:
    """The buttons under the newest turn."""
    return [choice for reply in exchange.replies for choice in reply.choices]
