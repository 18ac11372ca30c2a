"""HR's journey with the whole service running: upload, preview, a test message, an hour, words changed, send, watch, pause, go on,
follow up, report, in a real Chromium."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from playwright.async_api import FrameLocator, expect

from bot.hr import Accounts
from storage import Store
from tests.notices.conftest import SECRET, Bench, BotServer, at_rest, busiest_second
from tests.notices.test_commands import write_roster
from tests.processes import Xueshi, environment, free_port, ready
from tests.web.conftest import follow, opened_browser

pytestmark = pytest.mark.slow

on_sqlite = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
COUNT = 110


@dataclass
class Service:
    """`xueshi run`, with the sender that it keeps beside itself."""

    address: str
    code: str
    server: BotServer


@pytest.fixture
async def service(
    url: str, tmp_path: Path, bot_api: Callable[..., BotServer], store: Store, bench: Bench
) -> AsyncIterator[Service]:
    server = bot_api(unknown=50)
    port = str(free_port())
    settings = environment(
        XUESHI_DATABASE_URL=url, XUESHI_DATA_DIR=str(tmp_path / "data"), XUESHI_WEB_PORT=port, XUESHI_TODAY="2025-11-20",
        XUESHI_QUIET_HOURS="00:00-00:00", XUESHI_TELEGRAM_TOKEN=server.token, XUESHI_TELEGRAM_API_BASE=server.base,
        XUESHI_SECRET_KEY=SECRET,
    )  # fmt: skip
    process = Xueshi(["run"], env=settings, stdout=subprocess.DEVNULL)
    try:
        address = await asyncio.to_thread(ready, process, port)
        yield Service(address, await Accounts(store).invite("小李", "staff"), server)
    finally:
        process.terminate()
        assert await asyncio.to_thread(process.wait, 40) == 0


async def told(page: FrameLocator) -> int:
    """The number in the chart."""
    text = await page.get_by_role("row", name="已告知").first.inner_text()
    found = re.search(r"\d+", text)
    assert found is not None
    return int(found[0])


@on_sqlite
async def test_hr_uploads_previews_sends_watches_pauses_resumes_and_reports(
    service: Service, bench: Bench, tmp_path: Path
) -> None:
    roster = write_roster(tmp_path / "花名册.csv", COUNT, enough=5)
    async with opened_browser() as browser:
        context = await browser.new_context(base_url=service.address, java_script_enabled=False)
        context.set_default_timeout(60_000)
        page = await context.new_page()
        await page.goto("/hr")
        await page.get_by_label("登录码").fill(service.code)
        await follow(page, page.get_by_role("button", name="登录"))
        await page.get_by_label("上传花名册").set_input_files(roster)
        await follow(page, page.get_by_role("button", name="上传并核对"))
        ready = page.get_by_role("link", name="给还差的人发通知")
        await expect(ready).to_be_visible()  # the page refreshes itself until then
        await follow(page, ready)

        await expect(page.get_by_text(f"要告知 {COUNT - 5} 人")).to_be_visible()
        await expect(page.get_by_text("学时够了：5 人")).to_be_visible()
        await expect(page.locator("figure")).to_have_count(3)
        await page.get_by_label("标题").fill("年终学时")
        await follow(page, page.get_by_role("button", name="再看一遍"))
        await expect(page.locator("figure").first).to_contain_text("【学时提醒】年终学时")
        await page.get_by_label("先给自己发一条").fill("telegram:bot:777")
        await follow(page, page.get_by_role("button", name="发测试消息"))
        await expect(page.get_by_text("测试消息：已发出")).to_be_visible()
        await page.get_by_label("什么时候发").fill("2025-11-20T00:00")  # which has come
        await follow(page, page.get_by_role("button", name="建通知"))
        await expect(page.get_by_text("定在 2025-11-20 00:00")).to_be_visible()
        await page.get_by_text("改话").click()
        await page.get_by_label("还没发的人看到的话").fill("{姓名}还差 {学时} 学时")
        await follow(page, page.get_by_role("button", name="按这样说"))
        await expect(page.get_by_role("alert")).to_contain_text("没有“姓名”这个字段")  # and what was typed stays
        await page.get_by_label("还没发的人看到的话").fill("您还差 {学时} 学时，请在{截止}前学完。电话 {电话}")
        await follow(page, page.get_by_role("button", name="按这样说"))
        await page.get_by_text("改话").click()
        await expect(page.locator("figure")).to_have_count(3)
        await expect(page.get_by_role("button", name="发送", exact=True)).to_be_visible()
        rows = await bench.campaigns.rows(page.url.rpartition("/")[2])  # people as the office's own register knows them
        await bench.bind({row.subject: f"telegram:bot:{row.label}" for row in rows if int(row.label) <= 100})

        await follow(page, page.get_by_role("button", name="发送", exact=True))
        await expect(page.get_by_role("button", name="暂停")).to_be_visible()
        while len(service.server.log()) < 5:
            await asyncio.sleep(0.1)
        await follow(page, page.get_by_role("button", name="暂停"))
        frame = page.frame_locator("iframe")
        await expect(frame.get_by_text("已暂停")).to_be_visible()
        assert await at_rest(service.server) < 100
        await follow(page, page.get_by_role("button", name="继续发送"))
        await page.get_by_text("取消这份通知").click()  # asks first, and stays open under the hand
        await expect(frame.get_by_text("已完成")).to_be_visible()
        await expect(page.get_by_role("button", name="确定取消")).to_be_visible()
        assert await told(frame) == 98
        await frame.get_by_role("link", name="刷新").click()
        await expect(page.get_by_text("找不到该账号：2 人")).to_be_visible()
        await expect(page.get_by_text("没有绑定账号，也没有可用邮箱：5 人")).to_be_visible()

        await expect(page.get_by_role("cell", name="人1", exact=True)).to_be_visible()  # a name, not a number alone
        await expect(page.get_by_role("row", name="告知后已够")).to_contain_text("0")
        await page.get_by_text("跟一份：").click()
        await page.get_by_label("各单位负责人的邮箱").fill("某院 li@example.com")
        await follow(page, page.get_by_role("button", name="给负责人建一份"))
        await expect(page.get_by_text("跟着上一份发")).to_be_visible()
        await expect(page.get_by_role("cell", name="某院")).to_be_visible()
        await page.goto("/hr/notices")
        await follow(page, page.get_by_role("link", name="年终学时").last)
        async with page.expect_download() as download:
            await page.get_by_role("link", name="下载报告").click()
        await (await download.value).save_as(tmp_path / "report.xlsx")
        book = openpyxl.load_workbook(tmp_path / "report.xlsx")
        assert book["明细"].max_row == COUNT + 1  # with the five who are short of nothing
        assert book["人工转告"].max_row == 7 + 1
        assert set(service.server.delivered().values()) == {1}
        texts = {record["text"] for record in service.server.log() if record["done"] and record["chat"] != 777}
        assert texts == {"您还差 20 学时，请在12月31日前学完。电话 (0471)6944061"}
        assert busiest_second([record["t"] for record in service.server.log()]) <= 20
