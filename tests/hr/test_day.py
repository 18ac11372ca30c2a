"""HR's whole day in a real Chromium, at a desk and on a phone: three files as offices have them, from signing in to the print."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import xlsxwriter
from playwright.async_api import Browser, Page, expect

from tests.upkeep.conftest import Service, running, xueshi
from tests.web.conftest import follow, opened_browser
from tests.web.test_axe import objected
from tests.web.test_page import WIDE

pytestmark = [pytest.mark.chromium, pytest.mark.asyncio(loop_scope="session")]

YEARS = (2023, 2024, 2025)
Person = tuple[str, str, str, str, str, list[int]]
OCTOBER: list[Person] = [
    ("巴特尔", "男", "1985-05", "一级教师", "第一中学", [30, 60, 30, 60, 30, 0]),
    ("乌日娜", "女", "1979-03", "高级教师", "第一中学", [30, 60, 15, 60, 30, 60]),
    ("王建国", "男", "1969-02", "高级教师", "第一中学", [0, 0, 0, 0, 0, 0]),
    ("李敏", "女", "1990-11", "二级教师", "蒙医医院", [30, 60, 30, 60, 30, 60]),
    ("斯琴高娃", "女", "1988-07", "一级教师", "蒙医医院", [30, 60, 30, 60, 0, 30]),
    ("张志强", "男", "1992-09", "一级教师", "蒙医医院", [30, 60, 30, 60, 30, 40]),
]


def register(path: Path, people: list[Person]) -> Path:
    """As a personnel office keeps it: a title, years merged over their categories, who filled it in below."""
    top = ["序号", "姓名", "性别", "出生年月", "拟申报职称", "工作单位", "单位性质"]
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("花名册")
        sheet.merge_range(0, 0, 0, 12, "2025年度专业技术人员继续教育学时统计表")
        sheet.write_row(1, 0, ["填报单位（盖章）：某旗教育局", "", "", "", "填报时间：2025年11月20日"])
        for at, head in enumerate(top):
            sheet.merge_range(2, at, 3, at, head)
        for at, year in enumerate(YEARS):
            sheet.merge_range(2, 7 + 2 * at, 2, 8 + 2 * at, f"{year}年")
            sheet.write_row(3, 7 + 2 * at, ["公需科目", "专业科目"])
        for number, (*who, hours) in enumerate(people, 1):
            sheet.write_row(3 + number, 0, [number, *who, "事业单位", *hours])
        sheet.write_row(4 + len(people), 0, ["合计", f"{len(people)}人"])
        sheet.write_row(5 + len(people), 0, ["单位负责人：李建国", "", "", "审核人：张敏"])
    return path


def export(path: Path) -> Path:
    """As another system writes it: a page under the name of a workbook, with words that have to be explained."""
    head = [
        "工号",
        "姓名",
        "性别",
        "生于",
        "申报级别",
        "单位性质",
        *[f"{year}{name}" for year in YEARS for name in ("公需", "专业")],
    ]
    rows = [
        ["0017", "包芳", "女", "1987-04", "中级", "民办非企业", *["30", "60"] * 2, "30", "20"],
        ["0021", "白伟", "男", "1991-08", "中级", "民办非企业", *["30", "60"] * 3],
    ]
    cells = ["<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in (head, *rows)]
    path.write_text(
        f"<html><head><meta charset=utf-8></head><body><table>{''.join(cells)}</table></body></html>", "utf-8"
    )
    return path


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("office"), XUESHI_TODAY="2025-11-25") as service:
        yield service


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with opened_browser() as browser:
        yield browser


class Day:
    """A page of somebody at work; each place where they stop is looked at and its picture kept."""

    def __init__(self, page: Page, pictures: Path) -> None:
        self.page, self._pictures, self._seen = page, pictures, 0

    async def look(self, name: str) -> None:
        """Nothing runs over the edge, and nothing stands in the way of whoever cannot see it."""
        self._seen += 1
        scroll, client = await self.page.evaluate(WIDE)
        assert scroll <= client, name
        assert await objected(self.page) == [], name
        await self.page.screenshot(path=self._pictures / f"{self._seen:02}-{name}.png", full_page=True)

    async def press(self, name: str) -> None:
        await follow(self.page, self.page.get_by_role("button", name=name, exact=True))

    async def go(self, name: str) -> None:
        await follow(self.page, self.page.get_by_role("link", name=name).first)

    async def upload(self, roster: Path) -> None:
        await self.page.goto("/hr")
        await self.page.get_by_label("上传花名册").set_input_files(roster)
        await self.press("上传并核对")
        await expect(self.page.get_by_role("link", name="下载结果")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
async def test_hr_lives_through_a_whole_day(chromium: Browser, office: Service, tmp_path: Path, width: int) -> None:
    context = await chromium.new_context(viewport={"width": width, "height": 800}, base_url=office.address)
    context.set_default_timeout(60_000)
    day = Day(page := await context.new_page(), tmp_path)
    code = xueshi(office.folder, "hr", "invite", f"小李{width}").stdout.split()[0]

    await page.goto("/hr")
    await day.look("sign-in")
    await page.get_by_label("登录码").fill(code)
    await day.press("登录")
    await day.look("desk")

    # Last month's file, this month's, and what changed between them.
    await day.upload(register(tmp_path / "十月花名册.xlsx", OCTOBER))
    await expect(page.get_by_text("共 6 人")).to_be_visible()
    await day.look("october")
    new: Person = ("额尔敦", "男", "1986-01", "一级教师", "第一中学", [30, 60, 30, 60, 30, 10])
    await day.upload(register(tmp_path / "十一月花名册.xlsx", [(*OCTOBER[0][:5], [30, 60] * 3), *OCTOBER[1:-1], new]))
    november = page.url
    await page.get_by_label("和哪一份比").select_option(label=await _option(page, "十月"))
    await day.press("比一比")
    for turn in ("赶上了 1 人", "新来的 1 人", "这份里没有了 1 人"):
        await expect(page.get_by_role("link", name=turn)).to_be_visible()
    await day.look("compared")

    # A file that has to be explained: mapped by sight, and what that changes is said before it is done.
    await day.upload(export(tmp_path / "平台导出.xls"))
    await day.look("to-explain")
    await day.go("核对认出的列")
    await day.look("sight")
    await page.get_by_label("D 生于").select_option("出生年月")
    await page.get_by_label("单位性质“民办非企业” 2 人，都算").select_option("事业单位")
    await expect(page.get_by_text("2 人里有 1 人的结论会变")).to_be_visible()
    await day.look("sight-live")
    await day.press("按这样重新核对")
    await expect(page.locator(".people .status.short")).to_be_visible()
    await expect(page.locator(".people .status.met")).to_be_visible()

    # One person: a cell corrected with its consequence seen first, and marked as gone.
    await day.go("包芳")
    await day.look("person")
    await page.get_by_label("2025专业").fill("60")
    await page.get_by_label("2025专业").press("Tab")
    await expect(page.get_by_text("还差变满足 1 人")).to_be_visible()
    await day.look("person-live")
    await day.press("改正并重新核对")
    await expect(page.get_by_role("heading", name="学时够了")).to_be_visible()
    await day.go("下一人")
    await day.press("标为已退休")
    await expect(page.get_by_role("button", name="撤销")).to_be_visible()
    await day.look("person-retired")

    # A unit handed on to its own officer, who sees that unit alone.
    await page.goto(november)
    if not await page.locator("#units").get_attribute("open"):
        await page.evaluate("document.querySelector('#units').open = true")
    await page.get_by_label("给哪家开一个只看自家的链接").select_option("蒙医医院")
    await day.press("开链接")
    await day.look("link")
    link = (await page.locator(".code").inner_text()).strip()
    officer = await chromium.new_context(viewport={"width": width, "height": 800})
    theirs = Day(await officer.new_page(), tmp_path)
    await theirs.page.goto(link)
    await expect(theirs.page.get_by_text("斯琴高娃")).to_be_visible()
    await expect(theirs.page.get_by_text("乌日娜")).to_have_count(0)
    await theirs.look("officer")
    await officer.close()

    # One of those who are short is told, and the list of them is printed.
    await page.goto(f"{november}?status=short#people")
    await day.look("short")
    await day.go("斯琴高娃")
    await day.go("只通知这一个人")
    await day.look("notice")
    await day.press("建通知")
    await day.press("发送")
    await day.look("told")
    await page.goto(f"{november}?status=short")
    await day.go("打印这个名单")
    await page.emulate_media(media="print")
    await expect(page.get_by_role("navigation")).to_have_count(0)
    await page.screenshot(path=tmp_path / "90-print.png", full_page=True)
    await page.goto(f"{november}/print?status=short&slips=1")
    await page.screenshot(path=tmp_path / "91-slips.png", full_page=True)
    await context.close()


async def _option(page: Page, part: str) -> str:
    texts = await page.get_by_label("和哪一份比").locator("option").all_inner_texts()
    return next(text for text in texts if part in text)
