"""Takes the pictures that README shows, of the page on a phone, into tests/web/screenshots.

python -m tests.web.screenshots
"""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import uvicorn
from playwright.async_api import Page

from tests.web.conftest import make_app, opened_browser
from tests.web.talk import PlannedTalk

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
    for label in ("开始查询", "女", "副高"):
        await page.get_by_role("button", name=label, exact=True).click()
    await page.get_by_role("button", name="事业单位").wait_for()
    if look == "light":
        await keep(page, "question")
    await page.get_by_role("button", name="事业单位").click()
    await page.get_by_text("这几年的学时学得怎么样").wait_for()
    await page.get_by_label("您的回答或问题").fill("今年公需20专业60，去年30和48.5，前年学满了")
    await page.get_by_role("button", name="发送").click()
    await page.locator(".verdict").wait_for()
    await page.evaluate("document.activeElement.blur()")
    await keep(page, "result" if look == "light" else "result-dark")


async def main() -> None:
    """Light and dark."""
    FOLDER.mkdir(exist_ok=True)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(make_app(PlannedTalk()), log_level="warning", lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        async with opened_browser() as browser:
            for look in ("light", "dark"):
                context = await browser.new_context(
                    viewport=PHONE,
                    color_scheme=look,
                    base_url=f"http://127.0.0.1:{listener.getsockname()[1]}",
                    reduced_motion="reduce",
                )
                await walk(await context.new_page(), look)
        server.should_exit = True
        await serving


if __name__ == "__main__":
    asyncio.run(main())
