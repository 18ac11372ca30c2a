"""Who gets past the door of the HR pages: signed in, of the right role, with a form of our own, and not too fast."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.channels.web.door import foreign
from bot.channels.web.faults import HttpFault
from bot.channels.web.page import HEADERS
from bot.channels.web.quotas import Buckets, address
from bot.channels.web.sessions import same_token
from bot.hr import Accounts, Who

COOKIE = "xueshi_hr"
UPLOAD_BYTES = 64 << 20
_FORM_BYTES = 64 << 10
_BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

View = Callable[[Request, Who], Awaitable[Response]]
FormView = Callable[[Request, Who, FormData], Awaitable[Response]]
Refuse = Callable[[int, str, Who | None], Response]


def attached(content: bytes | str, name: str, kind: str = _BOOK) -> Response:
    """A file to take away, a workbook where nothing else is said."""
    headers = {**HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(content, headers=headers, media_type=kind)


class Gate:
    """Wraps views, so that none can forget to ask."""

    def __init__(self, accounts: Accounts, refuse: Refuse) -> None:
        self.accounts, self._refuse = accounts, refuse
        self._pages = Buckets(rate=5, burst=60)
        self._wrong = Buckets(rate=1 / 6, burst=10)

    async def who(self, request: Request) -> Who | None:
        """Who is signed in."""
        return await self.accounts.who(request.cookies.get(COOKIE, ""))

    def page(self, view: View, *, manager: bool = False) -> Callable[[Request], Awaitable[Response]]:
        """A page for whoever is signed in; others are sent to sign in, staff see nothing of a manager's page."""

        async def answer(request: Request) -> Response:
            who = await self.who(request)
            if who is None:
                return RedirectResponse("/hr", 303, HEADERS)
            refused = self._held_back(who, manager)
            return refused or await view(request, who)

        return answer

    def form(
        self, view: FormView, *, manager: bool = False, limit: int = _FORM_BYTES, fields: int = 30
    ) -> Callable[[Request], Awaitable[Response]]:
        """A form sent by whoever is signed in, from a page of ours."""

        async def answer(request: Request) -> Response:
            who = await self.who(request)
            if who is None:
                return RedirectResponse("/hr", 303, HEADERS)
            refused = (
                self._held_back(who, manager) or self._foreign(request, who) or self._too_large(request, limit, who)
            )
            if refused:
                return refused
            async with request.form(max_files=1, max_fields=fields) as form:
                if not same_token(str(form.get("csrf", "")), who.csrf):
                    return self._refuse(403, "这一页放得太久了，请刷新后再试。", who)
                return await view(request, who, form)

        return answer

    def linked(self, view: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """A page for whoever has its link."""

        async def answer(request: Request) -> Response:
            try:
                self._pages.take(f"from {address(request)}")
            except HttpFault as fault:
                return self._wait(fault, None)
            return await view(request)

        return answer

    def sign_in_allowed(self, request: Request) -> Response | None:
        """The refusal of an attempt to sign in that came from another site."""
        return self._foreign(request, None) or self._too_large(request, _FORM_BYTES, None)

    def wrong_code(self, request: Request, code: str) -> Response | None:
        """The refusal after too many wrong codes from one address, or too many times the same. A right one is never refused for
        the wrong ones of others: whoever comes through one proxy or one office is locked out by nobody."""
        try:
            self._wrong.take(f"from {address(request)}")
            self._wrong.take(f"code {code}")
        except HttpFault as fault:
            return self._wait(fault, None)
        return None

    def _held_back(self, who: Who, manager: bool) -> Response | None:
        if manager and not who.manager:
            return self._refuse(403, "没有这一页，或者您不能看。", who)
        try:
            self._pages.take(str(who.id))
        except HttpFault as fault:
            return self._wait(fault, who)
        return None

    def _foreign(self, request: Request, who: Who | None) -> Response | None:
        return self._refuse(403, "请从本站的页面提交。", who) if foreign(request.headers) else None

    def _too_large(self, request: Request, limit: int, who: Who | None) -> Response | None:
        length = request.headers.get("content-length", "")
        if not length.isdecimal():
            return self._refuse(411, "没有说明文件大小，请换一个浏览器再试。", who)
        if int(length) > limit:
            return self._refuse(413, f"文件太大，最多 {limit >> 20} MB；可以分成几份上传。", who)
        return None

    def _wait(self, fault: HttpFault, who: Who | None) -> Response:
        answer = self._refuse(429, "太快了，请稍等再试。", who)
        answer.headers["Retry-After"] = str(fault.retry_after)
        return answer
