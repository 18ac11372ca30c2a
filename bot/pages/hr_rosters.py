"""The desk, a roster with its progress and filters, and a person of it."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.asking.casefile import flatten
from bot.channels.web.page import HEADERS
from bot.hr import Accounts, Rosters, Who
from bot.hr.roster_desk import PAGE, Filter
from bot.pages.entrance import attached
from bot.pages.hr_drawing import Drawn
from bot.roster import write_template
from bot.roster.columns import choices
from bot.roster.files import BOOKS, PLAIN
from bot.roster.verdicts import levels, words
from bot.telling.facts_in_words import fact_lines
from bot.telling.result import result_of
from rules import Library, Notice, assess
from storage.hr import KeptRoster

_CHUNK = 1 << 20


class RosterPages:
    """Everything that shows a roster."""

    def __init__(
        self,
        draw: Drawn,
        accounts: Accounts,
        rosters: Rosters,
        *,
        packs: Library,
        today: Callable[[], date],
    ) -> None:
        self._draw, self._accounts, self._rosters = draw, accounts, rosters
        self._packs, self._today = packs, today

    async def desk(self, request: Request, who: Who, wrong: str = "", status: int = 200) -> Response:
        """Where one begins: upload, one's rosters, a question."""
        once = secrets.token_urlsafe(12)
        return self._draw("desk", who, status, rosters=await self._rosters.mine(who), wrong=wrong, once=once)

    async def template(self, request: Request, who: Who) -> Response:
        """The empty roster."""
        with tempfile.TemporaryDirectory() as scratch:
            out = Path(scratch) / "template.xlsx"
            write_template(out, self._packs.on(self._today()))
            return attached(out.read_bytes(), "花名册模板.xlsx")

    async def upload(self, request: Request, who: Who, form: FormData) -> Response:
        """A roster taken in; the work starts."""
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            return await self.desk(request, who, "请先选一个文件。", 400)
        name = Path(file.filename.replace("\\", "/")).name
        suffix = Path(name).suffix.lower()
        if suffix not in BOOKS | PLAIN:
            return await self.desk(request, who, f"“{name}”不是 .xlsx 或 .csv 文件。", 400)
        once = str(form.get("once", ""))[:100]
        id, new = await self._rosters.take(who, once, name, partial(file.read, _CHUNK))
        if new:
            await self._accounts.log(who.name, "upload", f"{id} {name}")
        return RedirectResponse(f"/hr/rosters/{id}", 303, HEADERS)

    async def roster(self, request: Request, who: Who) -> Response:
        """Progress while it is worked on; then counts, filters and people."""
        id = request.path_params["id"]
        found = await self._rosters.one(who, id)
        if found is None:
            return self.nothing(who)
        kept, state = found
        if state["state"] != "done":
            return self._draw("progress", who, kept=kept, state=state)
        wanted = filter_of(request)
        listed, notice = await self._rosters.people(id, wanted), self._packs.on(self._today())
        query = urlencode([(key, value) for key, value in request.query_params.items() if key != "page"])
        await self._accounts.log(who.name, "roster", f"{id} {kept.name} {_looked_for(wanted)}")
        return self._draw(
            "roster", who, kept=kept, state=state, wanted=wanted, listed=listed, query=query,
            pages=max(1, -(-listed.count // PAGE)), widest=max(state["by_status"].values(), default=1),
            most=max(notice.categories, key=lambda category: category.hours), year=str(notice.review_year),
            closes=notice.window[1] if self._today() <= notice.window[1] else None,
            labels={category.id: category.short for category in notice.categories}, shares=await self._rosters.shares(id),
            others=[one for one, _ in await self._rosters.mine(who) if one.id != id and one.run and not one.removed],
        )  # fmt: skip

    async def person(self, request: Request, who: Who) -> Response:
        """One person: what was read, and the explanation that the person would get."""
        id, row = request.path_params["id"], request.path_params["row"]
        found = await self._rosters.one(who, id)
        person = await self._rosters.person(id, row) if found and found[1]["state"] == "done" else None
        if found is None or person is None:
            return self.nothing(who)
        await self._accounts.log(who.name, "person", f"{id} {found[0].name} 第{row}行 {person['facts'].get('id', '')}")
        return await self.shown(request, who, found, person)

    async def shown(
        self, request: Request, who: Who, found: tuple[KeptRoster, dict[str, Any]], person: dict[str, Any], **more: Any
    ) -> Response:
        """The page of one person; `more`: what was typed into cells, and what that would change."""
        id, row = found[0].id, person["at"]
        facts, today = person["facts"], self._today()
        assessment = assess(self._packs, facts, today)
        notice = self._packs.of(assessment) if "policy" in assessment else self._packs.on(today)
        before, after = await self._rosters.beside(id, row, filter_of(request))
        earlier = [one for one in await self._rosters.of_person(who, person["person"]) if one["roster"] != id]
        return self._draw(
            "person", who, state=found[1], choices=choices(), **{"typed": {}, "changes": "", "wrong": ""} | more,
            before=before, after=after,
            mark=(await self._rosters.marks(id)).get(person["person"], ""), earlier=earlier, query=request.url.query,
            kept=found[0], person=person, r=result_of(assessment, facts, notice, today),
            assessment=assessment, today=today, lines=_told(facts, notice) if assessment["status"] != "refused" else [],
        )  # fmt: skip

    async def download(self, request: Request, who: Who) -> Response:
        """The result workbook."""
        found = await self._rosters.one(who, request.path_params["id"])
        if found is None or found[1]["state"] != "done":
            return self.nothing(who)
        await self._accounts.log(who.name, "download", f"{found[0].id} {found[0].name}")
        name = f"{Path(found[0].name).stem}-学时结果.xlsx"
        return attached(await self._rosters.file(found[0].id, "result"), name)

    async def bring_back(self, request: Request, who: Who, form: FormData) -> Response:
        """A roster that was deleted less than a day ago, back."""
        id = request.path_params["id"]
        if not await self._rosters.bring_back(who, id):
            return self.nothing(who)
        await self._accounts.log(who.name, "bring-back", id)
        return RedirectResponse(f"/hr/rosters/{id}", 303, HEADERS)

    async def delete(self, request: Request, who: Who, form: FormData) -> Response:
        """A roster deleted with all that was made of it."""
        found = await self._rosters.one(who, request.path_params["id"])
        if found is None:
            return self.nothing(who)
        await self._rosters.delete(found[0].id)
        await self._accounts.log(who.name, "delete", f"{found[0].id} {found[0].name}")
        return RedirectResponse("/hr", 303, HEADERS)

    def nothing(self, who: Who) -> Response:
        return self._draw.refuse(404, "没有这份花名册，或者您不能看。", who)


def filter_of(request: Request) -> Filter:
    asked = request.query_params
    page = asked.get("page", "1")
    return Filter(
        status=asked.get("status", ""), unit=asked.get("unit", ""), level=asked.get("level", ""), low=asked.get("low") == "1",
        search=asked.get("search", "").strip()[:60], page=_page(page), order=asked.get("order", "at"),
    )  # fmt: skip


def _page(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 1
    return number if 0 < number < 10**6 else 1


def _looked_for(wanted: Filter) -> str:
    """A filter and a page in words, for the log."""
    labels = words()
    parts = [
        labels["status"].get(wanted.status, wanted.status),
        wanted.unit,
        levels().get(wanted.level, wanted.level),
    ]
    parts += [wanted.search, "有一年不够" if wanted.low else "", f"第{wanted.page}页"]
    return " ".join(part for part in parts if part)


def _told(facts: dict[str, Any], notice: Notice) -> list[str]:
    return fact_lines(((path, value) for path, value in flatten(facts).items() if path != "id"), notice)
