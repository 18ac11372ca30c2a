"""HR's notices: look first, make one from a roster, send, watch, pause, go on, end, and the report."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.channels.web.page import HEADERS
from bot.hr import Accounts, Rosters, Who
from bot.pages.gate import Gate
from bot.post import report
from bot.post.audience import Listed, choose, everybody
from bot.post.campaigns import STATES, CampaignFault, Office, Plan, status_of
from bot.post.words import channel_words, reason_words, words
from storage import Campaign

if TYPE_CHECKING:
    from bot.pages.hr import Drawn

_BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 100  # people on the page of a campaign; the workbook has everybody
TITLE = "继续教育学时"

Nobody = Callable[[str], Coroutine[Any, Any, None]]


class NoticePages:
    """Everything under `/hr/notices`. `without_channel` carries a campaign out where no channel is configured."""

    def __init__(
        self,
        draw: Drawn,
        accounts: Accounts,
        rosters: Rosters,
        office: Office,
        *,
        today: Callable[[], date],
        without_channel: Nobody,
    ) -> None:
        self._draw, self._accounts, self._rosters, self._office = draw, accounts, rosters, office
        self._today, self._without_channel = today, without_channel
        self._working: set[asyncio.Task[None]] = set()

    # ------------------------------------------------------------ before

    async def _people(self, who: Who, id: str) -> list[Listed] | None:
        """Everybody on a roster that somebody may see and that is worked through."""
        found = await self._rosters.one(who, id)
        if found is None or found[1]["state"] != "done":
            return None
        return everybody(await self._rosters.everybody(id), f"hr{found[0].owner}", id)

    async def preview(self, request: Request, who: Who, wrong: str = "") -> Response:
        """Who would be told, who not and why, and three messages word for word."""
        id, title = request.path_params["id"], request.query_params.get("title", TITLE)[:60] or TITLE
        people = await self._people(who, id)
        if people is None:
            return self._nothing(who)
        await self._accounts.log(who.name, "notice-preview", id)
        plan = Plan(title, source=self._rosters.source(id))
        seen = await self._office.preview(people, plan, self._today())
        return self._draw(
            "notice_new", who, 400 if wrong else 200, id=id, title=title, seen=seen, wrong=wrong, names=words(),
            channels=self._office.channels, once=secrets.token_urlsafe(12),
        )  # fmt: skip

    async def create(self, request: Request, who: Who, form: FormData) -> Response:
        """A campaign that waits to be sent."""
        id, today = request.path_params["id"], self._today()
        people = await self._people(who, id)
        if people is None:
            return self._nothing(who)
        try:
            last = str(form.get("not_after", "")).strip()
            not_after = date.fromisoformat(last) if last else None
            audience = choose(people, self._office.packs, today)
            title, once = str(form.get("title", "")), str(form.get("once", ""))[:100]
            plan = Plan(title, source=self._rosters.source(id), not_after=not_after, once=once)
            [made] = await self._office.create(audience, plan, today)
        except ValueError:
            return await self.preview(request, who, "截止日写成 2025-12-01 这样。")
        except CampaignFault as fault:
            return await self.preview(request, who, f"{fault}。")
        await self._accounts.log(who.name, "notice-create", f"{made.id} {made.title}")
        return RedirectResponse(f"/hr/notices/{made.id}", 303, HEADERS)

    # ------------------------------------------------------------ while it goes

    async def all(self, request: Request, who: Who) -> Response:
        """Every campaign that somebody may see."""
        found = [one for one in await self._office.campaigns.all() if await self._may_see(who, one)]
        shown = [(one, status_of(one, await self._office.campaigns.count(one.id))) for one in found[:SHOWN]]
        return self._draw("notices", who, shown=shown, states=STATES)

    async def one(self, request: Request, who: Who, wrong: str = "") -> Response:
        """How one stands: a bar, a chart, the reasons, the people."""
        found = await self._found(request, who)
        if found is None:
            return self._nothing(who)
        count = await self._office.campaigns.count(found.id)
        status = status_of(found, count)
        state = request.query_params.get("state", "")
        rows = [
            row
            for row in await self._office.campaigns.rows(found.id)
            if not state or row.state == state or (state == "waiting" and row.state == "sending")
        ]
        await self._accounts.log(who.name, "notice", f"{found.id} {state}")
        return self._draw(
            "notice", who, 409 if wrong else 200, campaign=found, counts=status, opened=count.opened, rows=rows[:SHOWN],
            more=max(0, len(rows) - SHOWN), chosen=state, states=STATES, names=words(), why=reason_words, way=channel_words, wrong=wrong,
            widest=max(1, status["total"]),
        )  # fmt: skip

    def act(self, name: str) -> Callable[[Request, Who, FormData], Awaitable[Response]]:
        """One of the buttons of a campaign."""

        async def do(request: Request, who: Who, form: FormData) -> Response:
            found = await self._found(request, who)
            if found is None:
                return self._nothing(who)
            try:
                await self._do(name, found.id)
            except CampaignFault as fault:
                return await self.one(request, who, f"{fault}。")
            await self._accounts.log(who.name, f"notice-{name}", found.id)
            return RedirectResponse(f"/hr/notices/{found.id}", 303, HEADERS)

        return do

    async def _do(self, name: str, id: str) -> None:
        acts: Mapping[str, Callable[[str], Awaitable[Any]]] = {
            "send": self._office.start, "pause": self._office.pause, "resume": self._office.resume,
            "cancel": self._office.cancel, "resend": self._office.resend_doubt,
        }  # fmt: skip
        await acts[name](id)
        if name in ("send", "resume", "resend") and not self._office.channels:
            task = asyncio.create_task(self._without_channel(id))
            self._working.add(task)
            task.add_done_callback(self._working.discard)

    async def report(self, request: Request, who: Who) -> Response:
        """The workbook."""
        found = await self._found(request, who)
        if found is None:
            return self._nothing(who)
        people = await self._people(who, _roster_of(found)) or []
        names, now = {one.subject: one.name for one in people}, {one.subject: one.facts for one in people}
        rows = await self._office.campaigns.rows(found.id)
        content = report.Content(found, rows, names, now, self._office.packs, self._office.wordings, self._today())
        await self._accounts.log(who.name, "notice-report", found.id)

        def write() -> bytes:
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "report.xlsx"
                report.write(out, content)
                return out.read_bytes()

        book = await asyncio.to_thread(write)
        name = quote(f"{found.title}-告知情况.xlsx")
        headers = {**HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(book, headers=headers, media_type=_BOOK)

    # ------------------------------------------------------------ who may

    async def _found(self, request: Request, who: Who) -> Campaign | None:
        found = await self._office.campaigns.get(request.path_params["id"])
        return found if found is not None and await self._may_see(who, found) else None

    async def _may_see(self, who: Who, found: Campaign) -> bool:
        """A manager sees all; staff what was made from a roster of theirs."""
        return who.manager or await self._rosters.one(who, _roster_of(found)) is not None

    def _nothing(self, who: Who) -> Response:
        return self._draw.refuse(404, "没有这份通知，或者您不能看。", who)


def _roster_of(found: Campaign) -> str:
    """The uploaded roster that a campaign was made from."""
    return Path(found.source).parent.name


def hr_notice_routes(
    accounts: Accounts,
    rosters: Rosters,
    office: Office,
    *,
    today: Callable[[], date],
    retention_days: int,
    without_channel: Nobody,
) -> list[Route]:
    """Every route of HR's notices."""
    from bot.pages.hr import Drawn

    draw = Drawn(retention_days)
    gate = Gate(accounts, draw.refuse)
    pages = NoticePages(draw, accounts, rosters, office, today=today, without_channel=without_channel)
    one = "/hr/notices/{id}"
    return [
        Route("/hr/rosters/{id}/notice", gate.page(pages.preview)),
        Route("/hr/rosters/{id}/notice", gate.form(pages.create), methods=["POST"]),
        Route("/hr/notices", gate.page(pages.all)),
        Route(one, gate.page(pages.one)),
        Route(f"{one}/report.xlsx", gate.page(pages.report)),
        *(
            Route(f"{one}/{name}", gate.form(pages.act(name)), methods=["POST"])
            for name in ("send", "pause", "resume", "cancel", "resend")
        ),
    ]
