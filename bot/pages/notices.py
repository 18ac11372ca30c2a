"""The pages that links in notices and invitations lead to: one's own result, no more reminders, binding this browser."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.channels.web.api import person_of
from bot.channels.web.faults import HttpFault
from bot.channels.web.page import COOKIE, asset_bytes, drawn
from bot.channels.web.quotas import Buckets, address, read_body
from bot.channels.web.safe_html import DRAWN_WITH
from bot.channels.web.sessions import Sessions, form_token, is_session, same_token
from bot.post.aside import Aside
from bot.post.notice_words import words
from bot.post.proofs import code_in
from bot.telling import templates
from storage import NoticeLine, Taken

_FORM = 4096
CODES_A_MINUTE = 10  # from one address; a code has sixty bits


class NoticePages:
    """`/n/…` and `/b/…`."""

    def __init__(
        self, aside: Aside, sessions: Sessions, knows: Callable[[str], Awaitable[bool]], *, secure: bool, keep_days: int
    ) -> None:
        self._aside, self._sessions, self._knows, self._secure, self._keep = aside, sessions, knows, secure, keep_days
        self._tries = Buckets(rate=CODES_A_MINUTE / 60, burst=CODES_A_MINUTE)
        self._templates = templates(asset=_asset, **DRAWN_WITH)

    def routes(self) -> list[Route]:
        """Every address."""
        return [
            Route("/n/{token}", self.result),
            Route("/n/{token}/stop", self.ask_stop),
            Route("/n/{token}/stop", self.stop, methods=["POST"]),
            Route("/b/{code}", self.ask_bind),
            Route("/b/{code}", self.bind, methods=["POST"]),
        ]

    def _draw(self, request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        return drawn(request, self._templates, f"notice/page/{template}.html.j2", status, **values)

    def _said(self, request: Request, what: str, status: int = 200) -> HTMLResponse:
        return self._draw(request, "said", status, text=words()["says"][what])

    async def _row(self, request: Request) -> NoticeLine | None:
        return await self._aside.row(request.path_params["token"])

    async def result(self, request: Request) -> Response:
        """The person's own result."""
        row = await self._row(request)
        result = None if row is None else await self._aside.opened(row)
        if result is None:
            return self._said(request, "gone", 404)
        says = words()["says"]["from_roster"]
        return self._draw(request, "result", r=result, from_roster=says, token=request.path_params["token"])

    async def ask_stop(self, request: Request) -> Response:
        """A question first: mail programs follow links by themselves."""
        if await self._row(request) is None:
            return self._said(request, "gone", 404)
        return self._draw(request, "stop", token=request.path_params["token"])

    async def stop(self, request: Request) -> Response:
        """No more notices to this person, on any channel; or again."""
        row = await self._row(request)
        if row is None:
            return self._said(request, "gone", 404)
        again = b"again=1" in await read_body(request, _FORM)
        await self._aside.accounts.hush(row.subject, not again)
        return self._said(request, "resumed" if again else "stopped")

    async def ask_bind(self, request: Request) -> Response:
        """What the code is for, and a button: a link that is merely looked at uses up nothing."""
        code = code_in(request.path_params["code"])
        if refused := self._slow(request):
            return refused
        if code is None or not await self._aside.bindings.good(code):
            return self._said(request, "no_code", 404)
        given = request.cookies.get(COOKIE, "")
        known = self._sessions.ours(given) or (is_session(given) and await self._knows(person_of(given)))
        session = given if known else self._sessions.new()
        answer = self._draw(request, "bind", code=request.path_params["code"], token=form_token(session))
        answer.set_cookie(
            COOKIE, session, max_age=self._keep * 86_400, httponly=True, samesite="lax", secure=self._secure, path="/"
        )
        return answer

    async def bind(self, request: Request) -> Response:
        """This browser is now where the person is reached on the web."""
        session, code = request.cookies.get(COOKIE, ""), code_in(request.path_params["code"])
        if refused := self._slow(request):
            return refused
        body = (await read_body(request, _FORM)).decode("ascii", "replace")
        if not is_session(session) or not same_token(
            body.partition("token=")[2].partition("&")[0], form_token(session)
        ):
            return self._said(request, "stale", 409)
        try:
            bound = None if code is None else await self._aside.bindings.bind(person_of(session), code)
        except Taken:
            return self._said(request, "taken", 409)
        return self._said(request, "no_code", 404) if bound is None else self._said(request, "bound_web")

    def _slow(self, request: Request) -> Response | None:
        """Nobody tries codes by the thousand."""
        client = address(request)
        try:
            if client:
                self._tries.take(client)
        except HttpFault as fault:
            answer = self._said(request, "slow", 429)
            answer.headers["Retry-After"] = str(fault.retry_after)
            return answer
        return None


def _asset(name: str) -> str:
    return f"/pages/{name}?v={hashlib.sha256(asset_bytes(name)).hexdigest()[:10]}"
