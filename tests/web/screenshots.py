"""Takes the pictures that README shows, of the page on a phone, into tests/web/screenshots.

python -m tests.web.screenshots
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import Page

from tests.web.conftest import opened_browser, running
from tests.web.test_page import BOX

FOLDER = Path(__file__).parent / "screenshots"
PHONE = {"width": 390, "height": 844}


async def keep(page: Page, name: str) -> None:
    """One picture, once everything has settled."""
    await page.wait_for_timeout(300)
    await page.screenshot(path=FOLDER / f"{name}.png")


async def walk(page: Page, look: str) -> None:
    """From the first screen to the result: a picture at each of three places, of the dark page at the last alone."""
    await page.goto("/")
    if look == "light":
        await keep(page, "welcome")
    await page.get_by_role("button", name="开始查询").click()
    await page.get_by_role("button", name="事业单位").click()
    await page.get_by_role("button", name="都没有").click()
    await page.get_by_text("您是哪年哪月出生的").wait_for()
    await page.get_by_label(BOX).fill("女，1989年6月")
    await page.get_by_role("button", name="发送").click()
    await page.get_by_role("button", name="副高").wait_for()
    await page.evaluate("document.activeElement.blur()")
    if look == "light":
        await keep(page, "question")
    await page.get_by_role("button", name="副高").click()
    await page.get_by_text("可以一次说完").wait_for()
    await page.get_by_label(BOX).fill("前年学满了，去年公需30专业48.5，今年公需20专业60")
    await page.get_by_role("button", name="发送").click()
    await page.get_by_role("button", name="看结果").click()
    await page.locator(".verdict").wait_for()
    await page.evaluate("document.activeElement.blur()")
    await keep(page, "result" if look == "light" else "result-dark")


async def main() -> None:
    """Light and dark."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as address:
        async with opened_browser() as browser:
            for look in ("light", "dark"):
                context = await browser.new_context(
                    viewport=PHONE, color_scheme=look, base_url=address, reduced_motion="reduce"
                )
                await walk(await context.new_page(), look)


if __name__ == "__main__":
    asyncio.run(main())
