"""`python -m tests.web.screenshots [FOLDER]`: every state of the pages on phones and a desk, light and dark, in large text and without a
script, to be looked at; without a folder only the few that the README shows."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from playwright.async_api import Page

from tests.web.conftest import opened_browser, running
from tests.web.test_page import tap, type_in

SHOWN = Path(__file__).with_name("screenshots")
README = {"hours": "question", "result": "result", "picture": "picture", "result-dark": "result-dark"}
LOOKS = [
    ("390", 390, "light", True, False), ("390-dark-large", 390, "dark", True, True), ("360-dark", 360, "dark", True, False),
    ("360-large", 360, "light", True, True), ("360-no-script", 360, "light", False, False), ("1280", 1280, "light", True, False),
    ("1280-dark", 1280, "dark", True, False), ("1280-large", 1280, "light", True, True),
]  # fmt: skip
Keep = Callable[[str], Awaitable[None]]
FULL = "2023年公需30专业60，2024年公需30专业60，2025年公需30专业"
OTHERS = {
    "met": f"女，1989年6月生，报中级，事业单位，没有特殊情况，{FULL}60",
    "day": f"女，1989年6月生，报中级，事业单位，没有特殊情况，{FULL}41",
    "waived": "男，1990年3月生，私企，没有特殊情况，2025年公需30专业5",
    "uncertain": "女，1989年6月生，报副高，事业单位，没有特殊情况，2023年记不清，2024年公需30专业60，2025年公需20专业40",
    "one-year": "女，1979年1月生，报副高，事业单位，没有特殊情况，2023年公需10专业60，2024年没学，2025年公需20专业0",
    "years": "女，1989年6月生，报副高，破格，2016年1月聘的，事业单位，没有其他特殊情况，2016到2022年没学，2023年公需30专业40，2024年公需0专业60，2025年公需3专业8",
}
"""Who else there is, in one breath."""


async def still(page: Page) -> None:
    """Waits until what was said is answered."""
    await page.wait_for_function(
        "() => !document.querySelector('.sending') && !document.querySelector('#buttons button:disabled')"
    )


async def touch(page: Page, *labels: str) -> None:
    """Taps, one after the other."""
    for label in labels:
        await tap(page, label)
        await still(page)


async def say(page: Page, *words: str) -> None:
    """Types, one message after the other."""
    for each in words:
        await type_in(page, each)
        await still(page)


async def walk(page: Page, keep: Keep, *, large: bool = False) -> None:
    """From the welcome to the result, its changes, and what is kept of it; `keep` is told each state by name."""
    await page.goto("/")
    if large:
        await tap(page, "大字")
    await keep("welcome")
    for name, label in (("sector", "开始查询"), ("circumstances", "事业单位"), ("level", "都没有"), ("birth", "副高")):
        await touch(page, label)
        await keep(name)
    for name, said in (
        ("answer", "公需和专业有什么区别"),
        ("doubt", "专业40"),
        ("lost", "呜啦啦啦"),
        ("why", "为什么问"),
    ):
        await say(page, said)
        await keep(name)
    await page.get_by_label("年", exact=True).select_option("1989")
    await page.get_by_label("月", exact=True).select_option("6")
    await touch(page, "填好了")
    years = page.locator("fieldset")
    await years.nth(0).get_by_label("满", exact=True).check()
    for at, general, professional in ((1, "30", "48.5"), (2, "20", "60")):
        await years.nth(at).get_by_label("专业").fill(professional)
        await years.nth(at).get_by_label("公需").fill(general)
    await keep("hours")
    await touch(page, "填好了")
    await keep("review")
    await touch(page, "看结果")
    await keep("result")
    for step in await page.locator(".step summary").all():
        await step.click()
    await keep("steps")
    await touch(page, "修改", "改申报级别", "中级")
    await keep("offer")
    await touch(page, "不改", "看结果")
    for name, said in (
        ("platforms", "换平台"), ("human", "人工"), ("remind", "提醒我"), ("keep", "存成图片"), ("code", "续接码"),
        ("feedback", "反馈 看不清"), ("help", "帮助"), ("data", "导出我的数据"), ("delete", "删除我的数据"),
    ):  # fmt: skip
        await say(page, said)
        await keep(name)
    await touch(page, "先不")
    for path, name in (("result", "sheet"), ("picture", "picture"), ("nothing", "refused"), ("b/AAAA-BBBB", "bind")):
        await page.goto(f"/{path}")
        await keep(name)
    await page.goto("/")
    await say(page, "不留记录")


async def others(page: Page, keep: Keep, names: Iterable[str] = OTHERS) -> None:
    """The results of other people, told in one breath."""
    for name in names:
        await page.context.clear_cookies(name="xueshi")
        await page.goto("/")
        await say(page, OTHERS[name], "看结果")
        if await page.get_by_role("button", name="看结果", exact=True).count():  # what was left open is read back first
            await touch(page, "看结果")
        await keep(f"result-{name}")


def keeper(page: Page, folder: Path) -> Keep:
    """Keeps each state as a picture of its name: the screen as it is seen, or a whole page that is read."""

    async def keep(name: str) -> None:
        await page.evaluate("document.activeElement.blur()")
        whole = name in ("sheet", "picture")
        await page.screenshot(path=folder / f"{name}.png", full_page=whole)

    return keep


async def main(folder: Path | None, only: str = "") -> None:
    """All looks into their folders, or the README's few."""
    looks = [look for look in LOOKS if re.fullmatch(only or ".*", look[0])]
    with tempfile.TemporaryDirectory() as data, running(Path(data)) as address:
        async with opened_browser() as browser:
            for look, width, scheme, script, large in (
                looks if folder else [LOOKS[0], ("dark", 390, "dark", True, False)]
            ):
                own = (folder or Path(data)) / look
                own.mkdir(parents=True, exist_ok=True)
                context = await browser.new_context(
                    viewport={"width": width, "height": 844}, color_scheme="dark" if scheme == "dark" else "light",
                    base_url=address, reduced_motion="reduce", java_script_enabled=script,
                )  # fmt: skip
                page = await context.new_page()
                await walk(page, keeper(page, own), large=large)
                if folder is not None:
                    await others(page, keeper(page, own))
                    continue
                for name, shown in README.items():
                    if name.endswith("-dark") == (look == "dark"):
                        made = own / f"{name.removesuffix('-dark')}.png"
                        (SHOWN / f"{shown}.png").write_bytes(made.read_bytes())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None, *sys.argv[2:3]))
