"""The people of a roster as lists: a workbook or a print of those filtered, a month against another, a unit's own page, who is gone."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.channels.web.page import HEADERS
from bot.hr import Accounts, Rosters, Who
from bot.hr.roster_desk import Filter
from bot.pages.entrance import attached
from bot.pages.hr_drawing import Drawn
from bot.pages.hr_rosters import RosterPages, filter_of
from bot.roster.verdicts import Results, levels, short_years, words
from rules import Library, Notice, assess

PRINTED = 2_000  # people on one print
MAY_APPLY = ("met", "waived")


class ListPages:
    """Lists of people, whole and to be taken away."""

    def __init__(
        self, draw: Drawn, accounts: Accounts, rosters: Rosters, pages: RosterPages, *, packs: Library, today: Callable[[], date],
        public_url: str,
    ) -> None:  # fmt: skip
        self._draw, self._accounts, self._rosters, self._pages = draw, accounts, rosters, pages
        self._packs, self._today, self._url = packs, today, public_url

    async def _found(self, request: Request, who: Who) -> Any:
        found = await self._rosters.one(who, request.path_params["id"])
        return found if found is not None and found[1]["state"] == "done" else None

    async def workbook(self, request: Request, who: Who) -> Response:
        """Those filtered, as a workbook."""
        if (found := await self._found(request, who)) is None:
            return self._pages.nothing(who)
        people = await self._rosters.all_of(found[0].id, filter_of(request))
        await self._accounts.log(who.name, "list", f"{found[0].id} {found[0].name} {len(people)} 人")
        return _book(self._rows(people), self._draw.words["list"], Path(found[0].name).stem)

    def _rows(self, people: list[dict[str, Any]]) -> list[dict[str, Any]]:
        said, notice = self._draw.words["list"], self._notice
        results, rows = Results(self._packs, notice, short_years(notice), self._today()), []
        for one in people:
            row = dict(zip(said["headers"], (
                one["ident"], one["name"], one["unit"], levels().get(one["level"], one["level"]), words()["status"][one["status"]],
                one["short_total"] if one["status"] == "short" else None,
            ), strict=True))  # fmt: skip
            for year in short_years(notice):
                for category in notice.categories:
                    missing = (one["short"] or {}).get(str(year), {}).get(category.id)
                    row[said["short"].format(year=year, category=category.short)] = missing
            rows.append(
                row | {said["next"]: results.advice(assess(self._packs, one["facts"], self._today()), one["why"] or ())}
            )
        return rows

    @property
    def _notice(self) -> Notice:
        return self._packs.on(self._today())

    async def printed(self, request: Request, who: Who) -> Response:
        """Those filtered on one page to print, as a list or a slip each."""
        if (found := await self._found(request, who)) is None:
            return self._pages.nothing(who)
        people = await self._rosters.all_of(found[0].id, filter_of(request), PRINTED)
        await self._accounts.log(who.name, "print", f"{found[0].id} {found[0].name} {len(people)} 人")
        return self._print(request, who, found[0].name, people)

    def _print(
        self, request: Request, who: Who | None, name: str, people: list[dict[str, Any]], **more: Any
    ) -> Response:
        slips = request.query_params.get("slips") == "1"
        query = urlencode([(key, value) for key, value in request.query_params.items() if key not in ("page", "slips")])
        return self._draw(
            "print", who, name=name, people=people, rows=self._rows(people), slips=slips, day=self._today(), said=self._draw.words["list"],
            most=PRINTED, query=query, **{"unit": ""} | more,
        )  # fmt: skip

    # ------------------------------------------------------------ month against month

    async def against(self, request: Request, who: Who) -> Response:
        """What became of everybody since another roster."""
        found, other = (
            await self._found(request, who),
            await self._rosters.one(who, request.query_params.get("other", "")),
        )
        if found is None or other is None or other[1]["state"] != "done":
            return self._pages.nothing(who)
        now, before = [await self._rosters.all_of(kept.id, Filter()) for kept, _ in (found, other)]
        await self._accounts.log(who.name, "against", f"{found[0].name} / {other[0].name}")
        return self._draw(
            "against", who, kept=found[0], other=other[0], turns=turns_of(before, now),
            only=request.query_params.get("only", ""), names=self._draw.words["turns"],
        )  # fmt: skip

    async def mark(self, request: Request, who: Who, form: FormData) -> Response:
        """Somebody marked as gone, or no more."""
        found, row = await self._found(request, who), request.path_params["row"]
        person = await self._rosters.person(found[0].id, row) if found else None
        mark = str(form.get("mark", ""))
        if person is None or mark not in ("", *self._draw.words["marks"]):
            return self._pages.nothing(who)
        await self._rosters.mark(person["person"], mark)
        await self._accounts.log(
            who.name, "mark", f"{found[0].name} 第{row}行 {self._draw.words['marks'].get(mark, '—')}"
        )
        return RedirectResponse(f"/hr/rosters/{found[0].id}/people/{row}", 303, HEADERS)

    # ------------------------------------------------------------ a unit's own officer

    async def share(self, request: Request, who: Who, form: FormData) -> Response:
        """A link to one unit, shown once; or one shut."""
        if (found := await self._found(request, who)) is None:
            return self._pages.nothing(who)
        kept, unit = found[0], str(form.get("unit", ""))
        if digest := str(form.get("close", "")):
            await self._rosters.close_share(kept.id, digest)
            await self._accounts.log(who.name, "unshare", f"{kept.id} {kept.name}")
            return RedirectResponse(f"/hr/rosters/{kept.id}#units", 303, HEADERS)
        if unit not in found[1]["units"]:
            return self._pages.nothing(who)
        token = await self._rosters.share(who, kept.id, unit)
        await self._accounts.log(who.name, "share", f"{kept.id} {kept.name} {unit}")
        return self._draw("shared", who, kept=kept, unit=unit, link=f"{self._url or ''}/hr/unit/{token}")

    async def unit(self, request: Request) -> Response:
        """One unit's people, for whoever has its link."""
        found = await self._rosters.shared(request.path_params["token"])
        if found is None:
            return self._draw("refused", None, 404, message="这个链接不对，或者已经过期、关掉了，请找发给您的人。")
        share, kept, _ = found
        asked = filter_of(request)
        people = await self._rosters.all_of(
            kept.id, Filter(asked.status, share.unit or "—", order=asked.order), PRINTED
        )
        await self._accounts.log("—", "unit", f"{kept.id} {kept.name} {share.unit}")
        return self._print(request, None, kept.name, people, unit=share.unit)


def turns_of(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Everybody by what became of them between two rosters, each with `was` where they stood in the first."""
    held = {one["person"]: one for one in before}
    turns: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("caught_up", "fell_behind", "still", "new", "gone", "same")
    }
    for one in now:
        was = held.pop(one["person"], None)
        turns[_turn(was, one)].append(one | {"was": was})
    turns["gone"] = [{**one, "was": one} for one in held.values()]
    return turns


def _turn(was: dict[str, Any] | None, now: dict[str, Any]) -> str:
    if was is None:
        return "new"
    enough, before = now["status"] in MAY_APPLY, was["status"] in MAY_APPLY
    if enough != before:
        return "caught_up" if enough else "fell_behind"
    if not enough and now["status"] == was["status"] == "short" and now["short_total"] > was["short_total"]:
        return "fell_behind"
    return "same" if enough else "still"


def _book(rows: list[dict[str, Any]], said: dict[str, Any], name: str) -> Response:
    from rustpy_xlsxwriter import Format, write_worksheet

    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "list.xlsx"
        write_worksheet(
            rows or [dict.fromkeys(said["headers"])], str(out), sheet_name=said["sheet"], autofilter=True, freeze_row=1,
            header_format=Format().set_bold(),
        )  # fmt: skip
        return attached(out.read_bytes(), said["file"].format(name=name))
