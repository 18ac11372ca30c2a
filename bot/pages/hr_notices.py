"""HR's notices: look first, make one from a roster, send, watch, pause, go on, end, and the report."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.channels.web.page import HEADERS
from bot.hr import Accounts, Rosters, Who
from bot.pages.entrance import Gate, attached
from bot.pages.hr_drawing import Drawn
from bot.post import books
from bot.post.audience import NO_AGAIN, read_officers
from bot.post.notice_words import CampaignFault, channel_words, reason_words, words
from bot.post.office import LONGEST_TITLE, STATES, Draft, Office, roster_of, status_of
from bot.post.quiet import ZONE
from storage import Addressee, Campaign, Count, NoticeLine

SHOWN = 50  # people on the page of a campaign; the workbook has everybody
TITLE = "继续教育学时"
LONGEST_WORDING = 1000

Nobody = Callable[[str], Coroutine[Any, Any, None]]
Links = Callable[[Sequence[str]], Awaitable[list[str]]]
"""Where each of these codes is brought by one tap."""
Test = Callable[[Sequence[Addressee], Draft, str], Awaitable[str]]
"""Sends one real message to an address; what came of it, for HR. Raises: CampaignFault."""


class CampaignPages:
    """Everything under `/hr/notices`. `without_channel` carries a campaign out where no channel is configured."""

    def __init__(
        self, draw: Drawn, accounts: Accounts, rosters: Rosters, office: Office, today: Callable[[], date], without_channel: Nobody,
        test: Test, links: Links,
    ) -> None:  # fmt: skip
        self._draw, self._accounts, self._rosters, self._office = draw, accounts, rosters, office
        self._today, self._without_channel, self._test, self._links = today, without_channel, test, links
        self._working: set[asyncio.Task[None]] = set()

    # ------------------------------------------------------------ before

    async def _people(self, who: Who, id: str, only: str = "") -> list[Addressee] | None:
        """Everybody on a roster that somebody may see and that is worked through, or `only` whoever stands in one place of it."""
        found = await self._rosters.one(who, id)
        if found is None or found[1]["state"] != "done":
            return None
        people = await self._office.people(id, found[0].owner, self._today())
        if not only:
            return people
        place = int(only) if only.isascii() and only.isdigit() and len(only) < 10 else -1
        one = await self._rosters.person(id, place)
        return [] if one is None else [other for other in people if other.subject == one["person"]]

    def _plan(self, id: str, asked: Mapping[str, Any], owner: int = 0) -> Draft:
        """What the form says. Raises: CampaignFault."""
        days = [day for name in ("at", "at2", "at3") if (day := _moment(asked, name))]
        last = _moment(asked, "not_after")
        title, once = str(asked.get("title", "") or TITLE)[:LONGEST_TITLE], str(asked.get("once", ""))[:100]
        return Draft(title, owner, id, last.date() if last else None, sorted(days), _wording(asked), once)

    async def preview(
        self, request: Request, who: Who, wrong: str = "", asked: Mapping[str, Any] | None = None, said: str = ""
    ) -> Response:
        """Who would be told, who not and why, and three messages word for word."""
        id = request.path_params["id"]
        asked = request.query_params if asked is None else asked
        people = await self._people(who, id, str(asked.get("only", "")))
        if people is None:
            return self._nothing(who)
        await self._accounts.log(who.name, "notice-preview", id)
        try:
            plan = self._plan(id, asked)
            seen = await self._office.preview(people, plan, self._today())
        except CampaignFault as fault:
            wrong, plan = wrong or f"{fault}。", Draft(TITLE, source=id)
            seen = await self._office.preview(people, plan, self._today())
        return self._draw(
            "notice_new", who, 400 if wrong else 200, id=id, title=plan.title, seen=seen, wrong=wrong, names=words(), said=said,
            channels=self._office.channels, once=secrets.token_urlsafe(12), wording=str(asked.get("wording", ""))[:LONGEST_WORDING],
            asked=asked, why=reason_words,
        )  # fmt: skip

    async def create(self, request: Request, who: Who, form: FormData) -> Response:
        """A campaign that waits to be sent, or one for each time; or a message to oneself, before."""
        id, today = request.path_params["id"], self._today()
        asked = {name: str(value) for name, value in form.items()}
        people = await self._people(who, id, asked.get("only", ""))
        if people is None:
            return self._nothing(who)
        found = await self._rosters.one(who, id)
        try:
            plan = self._plan(id, asked, found[0].owner if found else 0)
            if form.get("do") == "test":
                told = await self._test(people, plan, asked.get("to", "").strip())
                await self._accounts.log(who.name, "notice-test", id)
                return await self.preview(request, who, asked=asked, said=told)
            made = await self._office.create(people, plan, today)
        except CampaignFault as fault:
            return await self.preview(request, who, f"{fault}。", asked)
        for one in made:
            await self._accounts.log(who.name, "notice-create", f"{one.id} {one.title}")
        return RedirectResponse(f"/hr/notices/{made[0].id}" if len(made) == 1 else "/hr/notices", 303, HEADERS)

    async def codes(self, request: Request, who: Who, form: FormData) -> Response:
        """Binding codes for everybody on a roster, as a workbook."""
        people = await self._people(who, request.path_params["id"])
        if people is None:
            return self._nothing(who)
        await self._accounts.log(who.name, "codes", request.path_params["id"])
        invited = await self._office.invite(people)
        links = await self._links([code for _, code in invited])
        return await self._book(
            f"{words()['invite']['sheet']}.xlsx", lambda out: books.write_codes(out, invited, links)
        )

    # ------------------------------------------------------------ while it goes

    async def all(self, request: Request, who: Who) -> Response:
        """Every campaign that somebody may see."""
        found = [one for one in await self._office.campaigns.all() if await self._may_see(who, one)]
        shown = [(one, status_of(one, await self._office.campaigns.count(one.id))) for one in found[:SHOWN]]
        return self._draw("notices", who, shown=shown, states=STATES)

    async def one(self, request: Request, who: Who, wrong: str = "", typed: str = "") -> Response:
        """How one stands: a bar, a chart, the reasons, the people."""
        found = await self._found(request, who)
        if found is None:
            return self._nothing(who)
        count, state = await self._office.campaigns.count(found.id), request.query_params.get("state", "")
        everybody = await self._office.findings(found, self._today())
        rows = [
            row
            for row in everybody.rows
            if row.state == state or (row.state == "sending" and state == "waiting") or (not state and row.state != "left_out")
        ]  # fmt: skip
        since = await asyncio.to_thread(everybody.since)
        await self._accounts.log(who.name, "notice", f"{found.id} {state}")
        newer = [
            kept
            for kept, now in await self._rosters.mine(who)
            if now["state"] == "done" and kept.id != roster_of(found)
        ]
        return self._draw(
            "notice", who, 409 if wrong else 200, campaign=found, counts=status_of(found, count), rows=rows[:SHOWN],
            more=max(0, len(rows) - SHOWN), chosen=state, states=STATES, names=words(), why=reason_words, way=channel_words, wrong=wrong,
            called=everybody.name, newer=newer[:SHOWN], again=_could_be_told(count), left_out=count.left_out, since=since,
            typed=typed, samples=self._samples(found, everybody.rows),
            unopened=count.of("in_doubt") + count.of("told") - count.opened,
        )  # fmt: skip

    def _samples(self, found: Campaign, rows: Sequence[NoticeLine]) -> list[str]:
        """What the first of those who wait will read, in the words that stand."""
        first = [row for row in rows if row.state == "waiting"][:3] if found.wording else []
        plan, today = Draft(found.title, wording=found.wording), self._today()
        return [self._office.text("hand", Addressee("", row.facts), plan, today) for row in first]

    async def progress(self, request: Request, who: Who) -> Response:
        """How far it is, in a frame that looks by itself: the page around it stays as it is under the hand."""
        found = await self._found(request, who)
        if found is None:
            return self._nothing(who)
        count = await self._office.campaigns.count(found.id)
        status = status_of(found, count)
        answer = self._draw(
            "notice_progress", who, campaign=found, counts=status, opened=count.opened, states=STATES, names=words(),
            widest=max(1, status["total"]), drawn=request.query_params.get("drawn", found.state),
        )  # fmt: skip
        answer.headers["Content-Security-Policy"] = HEADERS["Content-Security-Policy"].replace(
            "frame-ancestors 'none'", "frame-ancestors 'self'"
        )
        answer.headers["X-Frame-Options"] = "SAMEORIGIN"
        return answer

    def act(self, name: str) -> Callable[[Request, Who, FormData], Awaitable[Response]]:
        """One of the buttons of a campaign."""

        async def do(request: Request, who: Who, form: FormData) -> Response:
            found = await self._found(request, who)
            if found is None:
                return self._nothing(who)
            try:
                next_ = await self._do(name, found, who, form)
            except CampaignFault as fault:
                return await self.one(request, who, f"{fault}。", _wording(form))
            await self._accounts.log(who.name, f"notice-{name}", found.id)
            return RedirectResponse(f"/hr/notices/{next_}", 303, HEADERS)

        return do

    async def _do(self, name: str, found: Campaign, who: Who, form: FormData) -> str:
        """Does it; the campaign that is to be shown then. Raises: CampaignFault."""
        office, today, line = self._office, self._today(), str(form.get("line", ""))
        if name == "follow":
            officers = read_officers(str(form.get("officers", ""))) if form.get("to") == "officers" else None
            days, at = str(form.get("days", "")).strip() or "0", _moment(form, "at")
            if not (days.isascii() and days.isdigit() and len(days) <= 3):
                raise CampaignFault("days")
            return (await office.follow(found.id, today, at, officers, int(days))).id
        acts: Mapping[str, Callable[[], Awaitable[Any]]] = {
            "send": lambda: office.start(found.id), "pause": lambda: office.move(found.id, "paused"),
            "resume": lambda: office.move(found.id, "sending"), "cancel": lambda: office.move(found.id, "cancelled"),
            "resend": lambda: office.again(found.id, "in_doubt"), "again": lambda: office.again(found.id, "not_told"),
            "skip": lambda: office.stop_for(found.id, int(line) if line.isascii() and line.isdigit() else 0),
            "reword": lambda: office.reword(found.id, _wording(form), today),
        }  # fmt: skip
        if name in ("resume", "send") and (roster := str(form.get("roster", ""))):
            if await self._people(who, roster) is None:
                raise CampaignFault("no_roster")
            await office.anew(found, today, roster)
        await acts[name]()
        if name in ("send", "resume", "resend", "again") and not office.channels:
            task = asyncio.create_task(self._without_channel(found.id))
            self._working.add(task)
            task.add_done_callback(self._working.discard)
        return found.id

    async def report(self, request: Request, who: Who) -> Response:
        """The workbook."""
        found = await self._found(request, who)
        if found is None:
            return self._nothing(who)
        content = await self._office.findings(found, self._today())
        await self._accounts.log(who.name, "notice-report", found.id)
        return await self._book(
            f"{found.title}-{words()['report']['chart']}.xlsx",
            lambda out: books.write(out, content, self._office.wordings),
        )

    async def _book(self, name: str, fill: Callable[[Path], None]) -> Response:
        def write() -> bytes:
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "book.xlsx"
                fill(out)
                return out.read_bytes()

        return attached(await asyncio.to_thread(write), name)

    # ------------------------------------------------------------ who may

    async def _found(self, request: Request, who: Who) -> Campaign | None:
        found = await self._office.campaigns.get(request.path_params["id"])
        return found if found is not None and await self._may_see(who, found) else None

    async def _may_see(self, who: Who, found: Campaign) -> bool:
        """A manager sees all; staff what is their own office's, whatever has become of its roster."""
        return who.manager or found.owner == f"hr{who.id}"

    def _nothing(self, who: Who) -> Response:
        return self._draw.refuse(404, "没有这份通知，或者您不能看。", who)


def _moment(asked: Mapping[str, Any], name: str) -> datetime | None:
    """The moment in a field, in Inner Mongolia; None for an empty one. Raises: CampaignFault."""
    told = str(asked.get(name) or "").strip()
    try:
        return datetime.fromisoformat(told).replace(tzinfo=ZONE) if told else None
    except ValueError:
        raise CampaignFault("moment") from None


def _wording(asked: Mapping[str, Any]) -> str:
    """HR's own words in a form."""
    return "\n".join(str(asked.get("wording") or "").split("\r\n"))[:LONGEST_WORDING].strip()


def _could_be_told(count: Count) -> int:
    """How many were not told though they should be."""
    return sum(number for why, number in count.reasons.items() if why not in NO_AGAIN)


def hr_notice_routes(
    accounts: Accounts, rosters: Rosters, office: Office, *, today: Callable[[], date], retention_days: int, without_channel: Nobody,
    test: Test, links: Links,
) -> list[Route]:  # fmt: skip
    """Every route of HR's notices."""

    draw = Drawn(retention_days)
    gate = Gate(accounts, draw.refuse)
    pages = CampaignPages(draw, accounts, rosters, office, today, without_channel, test, links)
    one = "/hr/notices/{id}"
    return [
        Route("/hr/rosters/{id}/notice", gate.page(pages.preview)),
        Route("/hr/rosters/{id}/notice", gate.form(pages.create), methods=["POST"]),
        Route("/hr/rosters/{id}/codes.xlsx", gate.form(pages.codes), methods=["POST"]),
        Route("/hr/notices", gate.page(pages.all)),
        Route(one, gate.page(pages.one)),
        Route(f"{one}/progress", gate.page(pages.progress)),
        Route(f"{one}/report.xlsx", gate.page(pages.report)),
        *(
            Route(f"{one}/{name}", gate.form(pages.act(name)), methods=["POST"])
            for name in ("send", "pause", "resume", "cancel", "resend", "again", "skip", "follow", "reword")
        ),
    ]
