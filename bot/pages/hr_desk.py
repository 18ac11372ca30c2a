"""The HR pages under `/hr`: signing in, rosters, people, questions, clauses, and for managers accounts and the log."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.answering import Answers
from bot.channels.web.page import HEADERS, asset_bytes
from bot.hr import Accounts, NotInvited, Rosters, Who
from bot.hr.accounts import LONGEST
from bot.pages.entrance import COOKIE, UPLOAD_BYTES, Gate, attached
from bot.pages.hr_drawing import Drawn, moment
from bot.pages.hr_lists import ListPages
from bot.pages.hr_questions import Questions
from bot.pages.hr_rosters import RosterPages
from bot.pages.hr_sight import SightPages
from rules import Library

if TYPE_CHECKING:
    from bot.conversation.reports import Reports


class Doors:
    """Signing in and out, accounts and the log."""

    def __init__(self, draw: Drawn, accounts: Accounts, gate: Gate, home: RosterPages, *, secure: bool) -> None:
        self._draw, self._accounts, self._gate, self._home, self._secure = draw, accounts, gate, home, secure

    async def home(self, request: Request) -> Response:
        """The desk of whoever is signed in, else the door."""
        who = await self._gate.who(request)
        return self._draw("sign_in", None, wrong=False) if who is None else await self._home.desk(request, who)

    async def sign_in(self, request: Request) -> Response:
        """A one-time code traded for a session."""
        if refused := self._gate.sign_in_allowed(request):
            return refused
        async with request.form(max_files=0, max_fields=5) as form:
            code = str(form.get("code", ""))[:100]
        if not await self._accounts.invited(code) and (refused := self._gate.wrong_code(request, code)):
            return refused
        try:
            _, token = await self._accounts.sign_in(code)
        except NotInvited:
            return self._draw("sign_in", None, 403, wrong=True)
        answer = RedirectResponse("/hr", 303, HEADERS)
        answer.set_cookie(
            COOKIE,
            token,
            max_age=int(LONGEST.total_seconds()),
            path="/hr",
            httponly=True,
            samesite="lax",
            secure=self._secure,
        )
        return answer

    async def sign_out(self, request: Request, who: Who, form: FormData) -> Response:
        """The session ended."""
        await self._accounts.sign_out(who, request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("/hr", 303, HEADERS)
        answer.delete_cookie(COOKIE, path="/hr")
        return answer

    async def accounts(self, request: Request, who: Who, code: str = "", wrong: str = "") -> Response:
        """Everybody who was invited."""
        return self._draw("accounts", who, accounts=await self._accounts.everybody(), code=code, wrong=wrong)

    async def invite(self, request: Request, who: Who, form: FormData) -> Response:
        """A code for somebody; it is shown once."""
        try:
            code = await self._accounts.invite(str(form.get("name", "")), str(form.get("role", "")), who.name)
        except ValueError as wrong:
            return await self.accounts(request, who, wrong=str(wrong))
        return await self.accounts(request, who, code=code)

    async def revoke(self, request: Request, who: Who, form: FormData) -> Response:
        """An account shut."""
        id = str(form.get("account", ""))
        if id.isdecimal() and len(id) < 10 and int(id) != who.id:
            await self._accounts.revoke(int(id), who.name)
        return RedirectResponse("/hr/accounts", 303, HEADERS)

    async def log(self, request: Request, who: Who) -> Response:
        """Who looked at what; as a page, or whole as a table to keep."""
        wanted = {name: request.query_params.get(name, "").strip()[:60] for name in ("who", "action", "search")}
        whole = request.url.path.endswith(".csv")
        said = self._draw.words["actions"]
        lines = await self._accounts.looked(100_000 if whole else 500, **wanted)
        await self._accounts.log(who.name, "log-file" if whole else "log", " ".join(filter(None, wanted.values())))
        if not whole:
            people = [account.name for account in await self._accounts.everybody()]
            return self._draw("log", who, lines=lines, wanted=wanted, people=people, query=request.url.query)
        out = io.StringIO()
        table = csv.writer(out)
        table.writerow(self._draw.words["log"]["headers"])
        table.writerows(
            [moment(line.at), _plain(line.who), said.get(line.action, line.action), _plain(line.subject)]
            for line in lines
        )
        return attached("\ufeff" + out.getvalue(), self._draw.words["log"]["file"], "text/csv")


def _plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return "'" + text if text.lstrip()[:1] in tuple("=+-@＝＋－＠") else text


async def static(request: Request) -> Response:
    """How the pages look, and the little that they do by themselves."""
    name, kind = ("hr.css", "text/css") if request.url.path.endswith("css") else ("hr.js", "text/javascript")
    headers = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Response(asset_bytes(name), headers=headers, media_type=kind)


def hr_routes(
    accounts: Accounts,
    rosters: Rosters,
    *,
    packs: Library,
    answers: Answers,
    today: Callable[[], date],
    retention_days: int,
    public_url: str,
    reports: Reports,
) -> list[Route]:
    """Every route under `/hr`."""
    draw = Drawn(retention_days)
    gate = Gate(accounts, draw.refuse)
    pages = RosterPages(draw, accounts, rosters, packs=packs, today=today)
    sight = SightPages(draw, accounts, rosters, pages, packs=packs, today=today)
    lists = ListPages(draw, accounts, rosters, pages, packs=packs, today=today, public_url=public_url)
    doors = Doors(draw, accounts, gate, pages, secure=public_url.startswith("https:"))
    questions = Questions(draw, accounts, packs=packs, answers=answers, today=today, reports=reports)
    roster = "/hr/rosters/{id}"
    return [
        Route("/hr", doors.home),
        Route("/hr/", doors.home),
        Route("/hr/hr.css", static),
        Route("/hr/hr.js", static),
        Route("/hr/sign-in", doors.sign_in, methods=["POST"]),
        Route("/hr/sign-out", gate.form(doors.sign_out), methods=["POST"]),
        Route("/hr/rosters", gate.form(pages.upload, limit=UPLOAD_BYTES), methods=["POST"]),
        Route("/hr/template.xlsx", gate.page(pages.template)),
        Route(roster, gate.page(pages.roster)),
        Route(roster + "/result.xlsx", gate.page(pages.download)),
        Route(roster + "/people/{row:int}", gate.page(pages.person)),
        Route(roster + "/columns", gate.page(sight.columns)),
        Route(roster + "/columns", gate.form(sight.tell, limit=1 << 20, fields=3_000), methods=["POST"]),
        Route(roster + "/people/{row:int}/cells", gate.form(sight.cells, fields=300), methods=["POST"]),
        Route(roster + "/delete", gate.form(pages.delete), methods=["POST"]),
        Route(roster + "/bring-back", gate.form(pages.bring_back), methods=["POST"]),
        Route(roster + "/mapping.toml", gate.page(sight.mapping)),
        Route("/hr/ask", gate.form(questions.ask), methods=["POST"]),
        Route("/hr/clauses", gate.page(questions.clauses)),
        Route("/hr/help", gate.page(questions.handbook)),
        Route("/hr/accounts", gate.page(doors.accounts, manager=True)),
        Route("/hr/accounts/invite", gate.form(doors.invite, manager=True), methods=["POST"]),
        Route("/hr/accounts/revoke", gate.form(doors.revoke, manager=True), methods=["POST"]),
        Route("/hr/reports", gate.page(questions.reports, manager=True)),
        Route("/hr/log", gate.page(doors.log, manager=True)),
        Route("/hr/log.csv", gate.page(doors.log, manager=True)),
        Route(roster + "/list.xlsx", gate.page(lists.workbook)),
        Route(roster + "/print", gate.page(lists.printed)),
        Route(roster + "/against", gate.page(lists.against)),
        Route(roster + "/people/{row:int}/mark", gate.form(lists.mark), methods=["POST"]),
        Route(roster + "/share", gate.form(lists.share), methods=["POST"]),
        Route("/hr/unit/{token}", gate.linked(lists.unit)),
    ]
