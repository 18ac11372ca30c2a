"""`python -m tests.web.screenshots [FOLDER]`: every state of the page on phones and a desk, light and dark, in large text and without a
script, to be looked at; without a folder only the few that the README shows."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page

from tests.web.conftest import opened_browser, running

SHOWN = Path(__file__).with_name("screenshots")
README = {"hours": "question", "result": "result", "picture": "picture", "result-dark": "result-dark"}
LOOKS = [
    ("390", 390, "light", True, False), ("360-dark", 360, "dark", True, False), ("360-large", 360, "light", True, True),
    ("360-no-script", 360, "light", False, False), ("1280", 1280, "light", True, False), ("1280-dark", 1280, "dark", True, False),
]  # fmt: skip


async def tap(page: Page, label: str) -> None:
    await page.get_by_role("button", name=label, exact=True).first.click()
    await page.wait_for_timeout(400)


async def keep(page: Page, folder: Path, name: str, *, whole: bool = False) -> None:
    await page.evaluate("document.activeElement.blur()")
    await page.screenshot(path=folder / f"{name}.png", full_page=whole)


async def walk(page: Page, folder: Path, *, large: bool) -> None:
    """From the welcome to the result and what is kept of it."""
    await page.goto("/")
    if large:
        await tap(page, "大字")
    await keep(page, folder, "welcome")
    for name, label in (("sector", "开始查询"), ("circumstances", "事业单位"), ("level", "都没有"), ("birth", "副高")):
        await tap(page, label)
        await keep(page, folder, name)
    for name, said in (("answer", "公需和专业有什么区别"), ("doubt", "专业40")):
        await page.get_by_label("您的回答或问题").fill(said)
        await tap(page, "发送")
        await keep(page, folder, name)
    await page.get_by_label("年", exact=True).select_option("1989")
    await page.get_by_label("月", exact=True).select_option("6")
    await tap(page, "填好了")
    years = page.locator("fieldset")
    await years.nth(0).get_by_label("满", exact=True).check()
    await years.nth(1).get_by_label("专业").fill("48.5")
    await years.nth(1).get_by_label("公需").fill("30")
    await years.nth(2).get_by_label("公需").fill("20")
    await years.nth(2).get_by_label("专业").fill("60")
    await keep(page, folder, "hours")
    await tap(page, "填好了")
    await keep(page, folder, "review")
    await tap(page, "看结果")
    await keep(page, folder, "result")
    await page.locator("summary").first.click()
    await keep(page, folder, "steps", whole=True)
    await tap(page, "修改")
    await tap(page, "改申报级别")
    await tap(page, "中级")
    await keep(page, folder, "offer")
    await tap(page, "改")
    await tap(page, "看结果")
    for path in ("result", "picture", "nothing"):
        await page.goto(f"/{path}")
        await keep(page, folder, {"result": "sheet", "nothing": "refused"}.get(path, path), whole=path != "nothing")


async def main(folder: Path | None) -> None:
    """All looks into their folders, or the README's few."""
    with tempfile.TemporaryDirectory() as data, running(Path(data)) as address:
        async with opened_browser() as browser:
            for look, width, scheme, script, large in (
                LOOKS if folder else [LOOKS[0], ("dark", 390, "dark", True, False)]
            ):
                own = (folder or Path(data)) / look
                own.mkdir(parents=True, exist_ok=True)
                context = await browser.new_context(
                    viewport={"width": width, "height": 844}, color_scheme="dark" if scheme == "dark" else "light",
                    base_url=address, reduced_motion="reduce", java_script_enabled=script,
                )  # fmt: skip
                page = await context.new_page()
                await walk(page, own, large=large)
                if folder is None:
                    for name, shown in README.items():
                        made = own / f"{name.removesuffix('-dark')}.png"
                        if name.endswith("-dark") == (look == "dark"):
                            (SHOWN / f"{shown}.png").write_bytes(made.read_bytes())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
