"""The pages that links in notices and invitations lead to."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from bot.channels.web import Sessions
from bot.pages.notices import NoticePages
from bot.post.aside import Aside
from bot.post.proofs import signed
from rules import Library
from storage import AddressBook, Store
from tests.notices.conftest import KEY, TODAY, Bench, people

on_sqlite = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


@pytest.fixture
async def browser(store: Store, packs: Library) -> AsyncIterator[httpx.AsyncClient]:
    aside = Aside(store, packs, KEY, lambda: TODAY)
    app = Starlette(routes=NoticePages(aside, Sessions(KEY), store.knows, secure=False, keep_days=180).routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://xueshi.example") as client:
        yield client


async def link(bench: Bench) -> str:
    await bench.campaign(people(1))
    [row] = await bench.campaigns.rows("ntest")
    return f"/n/{signed(KEY, row.id, row.campaign)}"


@on_sqlite
async def test_a_link_shows_the_persons_own_result_and_that_it_was_opened(
    browser: httpx.AsyncClient, bench: Bench
) -> None:
    page = await browser.get(await link(bench))
    assert page.status_code == 200
    assert '<h2 class="verdict verdict-short" tabindex="-1">还差 20 学时' in page.text
    assert '<td role="cell" class="bar bar-short">' in page.text  # drawn as the person's own page draws it
    assert "noindex" in page.text
    [row] = await bench.campaigns.rows("ntest")
    assert row.opened is not None


@on_sqlite
async def test_a_forged_link_shows_nothing(browser: httpx.AsyncClient, bench: Bench) -> None:
    path = await link(bench)
    for other in (path[:-1] + ("A" if path[-1] != "A" else "B"), "/n/1.AAAAAAAAAAAA", "/n/x", "/n/1"):
        page = await browser.get(other)
        assert page.status_code == 404
        assert "还差 20" not in page.text


@on_sqlite
async def test_looking_at_the_link_unsubscribes_nobody_pressing_the_button_does(
    browser: httpx.AsyncClient, bench: Bench, store: Store
) -> None:
    path = await link(bench)
    accounts = AddressBook(store)
    assert (await browser.get(f"{path}/stop")).status_code == 200
    assert not (await accounts.reach(["1"]))["1"].silent
    assert (await browser.post(f"{path}/stop", data={"List-Unsubscribe": "One-Click"})).status_code == 200
    assert (await accounts.reach(["1"]))["1"].silent
    await browser.post(f"{path}/stop", data={"again": "1"})
    assert not (await accounts.reach(["1"]))["1"].silent


@on_sqlite
async def test_a_code_binds_a_browser_once_and_only_by_its_button(browser: httpx.AsyncClient, store: Store) -> None:
    from bot.post.proofs import Bindings

    bindings = Bindings(AddressBook(store), KEY)
    [code] = await bindings.invite(["1001"])
    page = await browser.get(f"/b/{code}")
    assert await bindings.good(code)
    [token] = re.findall(r'name="token" value="(\w+)"', page.text)
    assert (await browser.post(f"/b/{code}", data={"token": "0" * 32})).status_code == 409
    assert (await browser.post(f"/b/{code}", data={"token": token})).status_code == 200
    [person] = (await bindings.accounts.reach(["1001"]))["1001"].accounts.values()
    assert person.startswith("web:")
    assert (await browser.get(f"/b/{code}")).status_code == 404
