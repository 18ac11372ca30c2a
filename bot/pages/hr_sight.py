"""Mapping by sight: a file as it was read, what each column is, what its values mean, and what that would change before it is said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from bot.channels.web.page import HEADERS
from bot.hr import Accounts, Rosters, Who
from bot.pages.hr_drawing import Drawn
from bot.pages.hr_rosters import RosterPages
from bot.roster.cells import clean
from bot.roster.columns import choices, plain, terms_of
from bot.roster.mapping import MappingFile, UnknownColumn
from bot.roster.state import MOST
from bot.roster.verdicts import words
from rules import Library
from storage.hr import KeptRoster

_LONGEST = 100


class SightPages:
    """The columns of a roster, and the cells of one person."""

    def __init__(
        self, draw: Drawn, accounts: Accounts, rosters: Rosters, pages: RosterPages, *, packs: Library, today: Callable[[], date]
    ) -> None:  # fmt: skip
        self._draw, self._accounts, self._rosters, self._pages = draw, accounts, rosters, pages
        self._packs, self._today = packs, today

    async def columns(self, request: Request, who: Who) -> Response:
        """The first rows, a meaning to choose for each column, values that were not understood, what holds for all."""
        found = await self._rosters.one(who, request.path_params["id"])
        if found is None:
            return self._pages.nothing(who)
        return await self._shown(who, found, await self._rosters.told(found[0].id))

    async def _shown(
        self, who: Who, found: tuple[KeptRoster, dict[str, Any]], told: MappingFile, changes: str = "", wrong: str = ""
    ) -> Response:
        sight = await self._rosters.sight(found[0].id)
        chosen = {plain(header): name for header, name in told.by_header(terms_of(self._notice)).items()}
        for table in sight["tables"]:
            for column in table["columns"]:
                key = column["key"] = column["header"] or column["letter"]
                column["chosen"] = chosen.get(plain(key), column["is"])
        return self._draw(
            "columns", who, 400 if wrong else 200, kept=found[0], state=found[1], sight=sight, told=told, changes=changes, wrong=wrong,
            choices=choices(),
        )  # fmt: skip

    @property
    def _notice(self) -> Any:
        return self._packs.on(self._today())

    async def tell(self, request: Request, who: Who, form: FormData) -> Response:
        """What was said of the file: what it would change, or the file read anew by it."""
        found = await self._rosters.one(who, request.path_params["id"])
        if found is None:
            return self._pages.nothing(who)
        before = await self._rosters.told(found[0].id)
        told = _told_of(form, before, await self._rosters.sight(found[0].id))
        try:
            told.by_header(terms_of(self._notice))
        except UnknownColumn as fault:
            return await self._shown(who, found, before, wrong=f"{fault}。")
        if form.get("do") == "try":
            said, wrong = await self._tried(found[0], told)
            if "x-live" in request.headers:
                return PlainTextResponse(said or wrong, headers=HEADERS)
            return await self._shown(who, found, told, said, wrong)
        await self._rosters.again(found[0].id, found[0].name, told)
        await self._accounts.log(who.name, "again", f"{found[0].id} {found[0].name}")
        return RedirectResponse(f"/hr/rosters/{found[0].id}", 303, HEADERS)

    async def cells(self, request: Request, who: Who, form: FormData) -> Response:
        """Cells of one person corrected: what would change, or the file read anew with them."""
        id, row = request.path_params["id"], request.path_params["row"]
        found = await self._rosters.one(who, id)
        person = await self._rosters.person(id, row) if found and found[1]["state"] == "done" else None
        if found is None or person is None:
            return self._pages.nothing(who)
        typed = {place: _text(form, f"cell:{place}") for place, _, _ in person["cells"] if f"cell:{place}" in form}
        changed = {place: typed[place] for place, _, held in person["cells"] if place in typed and typed[place] != held}
        told = await self._rosters.told(id)
        told.cells.update(changed)
        if form.get("do") == "try":
            said, wrong = await self._tried(found[0], told)
            if "x-live" in request.headers:
                return PlainTextResponse(said or wrong, headers=HEADERS)
            return await self._pages.shown(request, who, found, person, typed=typed, changes=said, wrong=wrong)
        if changed:
            await self._rosters.again(id, found[0].name, told)
            await self._accounts.log(who.name, "cells", f"{id} {found[0].name} {'、'.join(changed)}")
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/hr/rosters/{id}/people/{row}{query}", 303, HEADERS)

    async def _tried(self, kept: KeptRoster, told: MappingFile) -> tuple[str, str]:
        """What something would change, in words; and why it cannot be said."""
        found = await self._rosters.trial(kept.id, kept.name, told)
        return ("", f"{found['wrong']}。") if "wrong" in found else (changes_in_words(found), "")

    async def mapping(self, request: Request, who: Who) -> Response:
        """What was said of a file, as the command line takes it."""
        found = await self._rosters.one(who, request.path_params["id"])
        if found is None:
            return self._pages.nothing(who)
        return Response(
            await self._rosters.file(found[0].id, "mapping"), headers=HEADERS, media_type="application/toml"
        )


def changes_in_words(found: dict[str, Any]) -> str:
    """How many verdicts change, from what to what, and the first of them by name."""
    said, statuses = words()["trial"], words()["status"] | {"": words()["trial"]["new"]}
    if not found["changed"]:
        return said["none"].format(**found)
    moves = [
        said["same" if was == now else "move"].format(was=statuses[was], **{"is": statuses[now]}, n=n)
        for was, now, n in found["moves"]
    ]
    moves += [said["gone"].format(n=found["gone"])] if found["gone"] else []
    names = []
    for one in found["named"]:
        now = statuses[one["is"]]
        if one["is"] == "short":
            now = said["missing"].format(**{"is": now}, missing=f"{one['missing']:g}")
        names.append(said["person"].format(name=one["name"], was=statuses[one["was"]], **{"is": now}))
    parts = [said["changed"].format(looked=found["looked"], n=found["changed"], moves="，".join(moves))]
    parts += [said["named"].format(names="；".join(names))] if names else []
    return "".join([*parts, *([said["first"].format(most=MOST)] if found["looked"] == MOST else [])])


def _text(form: FormData, name: str) -> str:
    return str(form.get(name, ""))[:_LONGEST].replace("\0", "").strip()


def _told_of(form: FormData, before: MappingFile, sight: dict[str, Any]) -> MappingFile:
    """What a form says of a file, beside what was said before."""
    told = MappingFile(
        dict(before.columns),
        {name: dict(held) for name, held in before.values.items()},
        dict(before.everybody),
        before.cells,
    )
    taken = {
        column["header"] or column["letter"]: column["is"] for table in sight["tables"] for column in table["columns"]
    }
    for field, text in form.multi_items():
        kind, _, rest = field.partition(":")
        value = str(text)[:_LONGEST].replace("\0", "")
        if kind == "column" and rest in taken and (value != taken[rest] or rest in told.columns):
            told.columns[rest] = value
        elif kind == "everybody":
            told.everybody.pop(rest, None)
            told.everybody.update({rest: value} if value else {})
        elif kind == "value":
            name, _, held = rest.partition(":")
            told.values.setdefault(name, {}).pop(clean(held), None)
            told.values[name].update({clean(held): value} if value else {})
    return told
