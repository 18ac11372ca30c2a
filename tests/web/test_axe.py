"""axe-core finds nothing to object to in any state of the pages, light or dark, with every rule that it has."""

from __future__ import annotations

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

from tests.web.conftest import Contexts
from tests.web.test_page import tap, type_in

pytestmark = pytest.mark.asyncio(loop_scope="session")

FOUND = """options => axe.run(document, options).then(
  found => found.violations.map(one => `${one.id}: ${one.nodes.map(node => node.html.slice(0, 200)).join(" ")}`))"""
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
HOURS = "公需30，专业60，去年公需20专业60，前年学满了"


async def objected(page: Page) -> list[str]:
    """What axe-core objects to, as the page is shown now, and to its colours in the dark."""
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(AXE_SCRIPT)
    found: list[str] = await page.evaluate(FOUND, {})
    await page.emulate_media(color_scheme="dark")
    found += await page.evaluate(FOUND, CONTRAST)
    await page.emulate_media(color_scheme="light")
    return found


@pytest.mark.chromium
async def test_axe_objects_to_no_state_of_the_talk(phone: Contexts) -> None:
    page = await (await phone()).new_page()
    await page.goto("/")
    assert await objected(page) == []
    for said in (
        "开始查询",
        "公需和专业有什么区别",
        "事业单位",
        "都没有",
        "副高",
        "1989年6月",
        "今年" + HOURS,
        "帮助",
        "看结果",
        "换平台",
        "存成图片",
    ):
        await type_in(page, said)
        await page.wait_for_function("said => document.getElementById('log').innerText.includes(said)", arg=said)
        await page.wait_for_function("() => !document.querySelector('.sending')")
        assert await objected(page) == [], said
    await page.locator("summary").first.click()
    assert await objected(page) == []


@pytest.mark.chromium
async def test_axe_objects_to_no_page_beside_it(phone: Contexts) -> None:
    page = await (await phone()).new_page()
    await page.goto("/")
    await type_in(page, "女，1989年6月生，报副高，事业单位，没有特殊情况，今年" + HOURS)
    await tap(page, "看结果")
    for address in ("/result", "/picture", "/docs", "/nowhere", "/b/AAAA", "/hr"):
        await page.goto(address)
        assert await objected(page) == [], address
