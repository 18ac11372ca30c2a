"""HR's journey in a real Chromium, at a desk and on a phone, with scripts switched off; and what strangers get: nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import openpyxl
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.hr.conftest import Served, a_roster
from tests.web.conftest import follow, opened_browser
from tests.web.test_axe import objected
from tests.web.test_page import WIDE

pytestmark = pytest.mark.asyncio(loop_scope="session")

SMALL = """() => [...document.querySelectorAll("button, .button, input:not([type=hidden]):not([type=checkbox]), select")]
  .filter(e => e.checkVisibility()).map(e => [e.textContent.trim() || e.name, e.getBoundingClientRect()])
  .filter(([, box]) => box.height < 44).map(([text, box]) => `${text} ${box.width}x${box.height}`)"""

Open = Callable[..., Awaitable[BrowserContext]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with opened_browser() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def visit(chromium: Browser, served: Served) -> AsyncIterator[Open]:
    """Opens browsers of their own, without scripts, each with its own cookies; any request elsewhere fails the test."""
    opened: list[BrowserContext] = []
    elsewhere: list[str] = []

    async def open_one(width: int = 1100, height: int = 800) -> BrowserContext:
        context = await chromium.new_context(
            viewport={"width": width, "height": height}, base_url=served.address, java_script_enabled=False
        )
        context.set_default_timeout(60_000)
        context.on(
            "request", lambda asked: None if asked.url.startswith(served.address) else elsewhere.append(asked.url)
        )
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        await context.close()
    assert elsewhere == []


async def sign_in(context: BrowserContext, code: str) -> Page:
    page = await context.new_page()
    await page.goto("/hr")
    await page.get_by_label("登录码").fill(code)
    await follow(page, page.get_by_role("button", name="登录"))
    return page


async def upload(page: Page, roster: Path) -> None:
    await page.get_by_label("上传花名册").set_input_files(roster)
    await follow(page, page.get_by_role("button", name="上传并核对"))
    await expect(page.get_by_role("link", name="下载结果")).to_be_visible()  # the page refreshes itself


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    return a_roster(tmp_path / "一中花名册.xlsx")


@pytest.mark.parametrize("width", [1100, 390])
async def test_hr_signs_in_uploads_filters_opens_a_person_and_downloads(
    served: Served, visit: Open, roster: Path, tmp_path: Path, width: int
) -> None:
    page = await sign_in(await visit(width), served.invite(f"小李{width}"))
    await upload(page, roster)
    await expect(page.get_by_text("共 5 人")).to_be_visible()

    await page.get_by_label("结论").select_option(label="只看还差")
    await page.get_by_label("单位").select_option("一中")
    await follow(page, page.get_by_role("button", name="筛选"))
    await expect(page.get_by_text("共 1 人")).to_be_visible()

    await follow(page, page.get_by_role("link", name="还差的", exact=True))
    await expect(page.get_by_role("heading", name="还差 20 学时")).to_be_visible()
    await expect(page.get_by_text("以审验卡和审核部门认定为准").first).to_be_visible()
    await follow(page, page.get_by_role("link", name="回到"))

    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="下载结果").click()
    download = await waiting.value
    assert download.suggested_filename == "一中花名册-学时结果.xlsx"
    await download.save_as(tmp_path / "out.xlsx")
    assert openpyxl.load_workbook(tmp_path / "out.xlsx")["结果"].max_row == 6


async def test_a_file_is_mapped_by_sight_on_a_phone_without_scripts(
    served: Served, visit: Open, tmp_path: Path
) -> None:
    source = tmp_path / "三月.csv"
    source.write_text(
        "工号,姓名,性别,生于,拟评职称,单位性质,2025公需,2025专业\n1,甲乙,男,1985-05,初级,民办非企业,30,40\n", "utf-8"
    )
    page = await sign_in(await visit(390), served.invite("小周"))
    await upload(page, source)
    await follow(page, page.get_by_role("link", name="核对认出的列"))
    await page.get_by_label("D 生于").select_option("出生年月")
    await page.get_by_label("单位性质“民办非企业” 1 人，都算").select_option("事业单位")
    await follow(page, page.get_by_role("button", name="先看看会改变多少"))
    await expect(page.get_by_text("1 人里有 1 人的结论会变：需补充变还差 1 人。")).to_be_visible()
    assert await page.evaluate(SMALL) == []
    await follow(page, page.get_by_role("button", name="按这样重新核对"))
    await expect(page.locator(".status.short")).to_be_visible(timeout=20_000)


async def test_hr_asks_as_hr_and_looks_up_a_clause(served: Served, visit: Open) -> None:
    page = await sign_in(await visit(390), served.invite("小张"))
    await page.get_by_label("按人事来回答").fill("公需科目和专业科目有什么区别")
    await follow(page, page.get_by_role("button", name="提问"))
    await expect(page.locator(".words")).to_contain_text("公需")
    await follow(page, page.get_by_role("link", name="查条款"))
    await page.get_by_label("条款号").fill("一(五)2")
    await follow(page, page.get_by_role("button", name="查"))
    await expect(page.get_by_text("1 条。")).to_be_visible()
    await expect(page.locator("dd")).to_contain_text("非公有制")


async def test_the_uninvited_the_revoked_and_staff_on_a_managers_page_get_nothing(
    served: Served, visit: Open, roster: Path
) -> None:
    page = await sign_in(await visit(), served.invite("小赵"))
    await upload(page, roster)
    address = page.url

    await page.goto("/hr/log")
    await expect(page.get_by_role("heading", name="看不了这一页")).to_be_visible()
    await expect(page.get_by_role("table")).to_have_count(0)

    stranger = await (await visit()).new_page()
    await stranger.goto(address)
    await expect(stranger.get_by_label("登录码")).to_be_visible()
    await expect(stranger.get_by_text("还差的")).to_have_count(0)

    other = await sign_in(await visit(), served.invite("小钱"))
    await other.goto(address)
    await expect(other.get_by_text("没有这份花名册，或者您不能看")).to_be_visible()

    served.revoke("小赵")
    await page.goto(address)
    await expect(page.get_by_label("登录码")).to_be_visible()
    await expect(page.get_by_text("还差的")).to_have_count(0)


async def test_a_manager_invites_by_a_code_shown_once_and_revokes(served: Served, visit: Open) -> None:
    page = await sign_in(await visit(), served.invite("主任", "manager"))
    await follow(page, page.get_by_role("link", name="人员"))
    await page.get_by_label("名字").fill("新来的")
    await follow(page, page.get_by_role("button", name="给一个登录码"))
    code = await page.locator(".code").inner_text()
    newcomer = await sign_in(await visit(), code)
    await expect(newcomer.get_by_role("heading", name="花名册", exact=True)).to_be_visible()
    await follow(page, page.get_by_role("button", name="停用新来的"))
    await newcomer.reload()
    await expect(newcomer.get_by_label("登录码")).to_be_visible()
    await follow(page, page.get_by_role("link", name="查看记录"))
    await expect(page.get_by_role("row").filter(has_text="停用")).not_to_have_count(0)


async def test_every_page_is_wide_enough_large_enough_and_nothing_that_axe_objects_to_on_a_phone(
    chromium: Browser, served: Served, roster: Path
) -> None:
    context = await chromium.new_context(viewport={"width": 360, "height": 740}, base_url=served.address)
    context.set_default_timeout(60_000)
    page = await sign_in(context, served.invite("主任甲", "manager"))
    await upload(page, roster)
    address = page.url
    for place in (
        "/hr",
        address,
        f"{address}/people/2",
        f"{address}/people/5",
        "/hr/clauses",
        "/hr/help",
        "/hr/accounts",
        "/hr/log",
    ):
        await page.goto(place)
        scroll, client = await page.evaluate(WIDE)
        assert scroll <= client, place
        assert await objected(page) == [], place
        assert await page.evaluate(SMALL) == [], place
    await context.close()
