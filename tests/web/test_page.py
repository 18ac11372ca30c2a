"""The page in a real browser: with a script and without, by touch and by keyboard, large, dark, printed, and on a bad line."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Locator, Page, Route, expect

from bot.telling.picture import WIDTH as WIDTH_OF_PICTURE
from tests.web.conftest import Contexts, follow, opened_browser
from tests.web.test_api import PERSON

pytestmark = pytest.mark.asyncio(loop_scope="session")

BOX = "您的回答或问题"
WALK = ["开始查询", "事业单位", "都没有"]

SMALL = """() => [...document.querySelectorAll("button, a.link, textarea, .keep a")].filter(e => e.checkVisibility())
  .map(e => [e.textContent.trim(), e.getBoundingClientRect()])
  .filter(([, box]) => box.height < 44 || box.width < 44).map(([text, box]) => `${text} ${box.width}x${box.height}`)"""
WIDE = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"


# A button whose click leads to another document: every one where no script runs, and those that have a place of their own.
LEADS_AWAY = "one => one.hasAttribute('formaction') || matchMedia('(scripting: none)').matches"


async def tap(page: Page, label: str) -> None:
    """Clicks; where that leads to another document, returns when it stands there."""
    button = page.get_by_role("button", name=label, exact=True)
    if await button.evaluate(LEADS_AWAY):
        await follow(page, button)
    else:
        await button.click()


async def type_in(page: Page, text: str) -> None:
    await page.get_by_label(BOX).fill(text)
    await tap(page, "发送")


async def focused(one: Locator) -> None:
    """Waits until the element has the focus, whether or not the browser's window has it."""
    for _ in range(200):
        if await one.evaluate("one => one === document.activeElement"):
            return
        await asyncio.sleep(0.1)
    pytest.fail(f"not in focus: {one}")


async def to_result(context: BrowserContext) -> Page:
    page = await context.new_page()
    await page.goto("/")
    for label in WALK:
        await tap(page, label)
    await expect(page.get_by_text("您这次申报哪一级职称")).to_be_visible()
    await type_in(page, PERSON)
    # a tap on what still moves may be lost
    await expect(page.get_by_role("heading", name="请核对")).to_be_in_viewport()
    await tap(page, "看结果")
    await expect(page.locator(".verdict")).to_be_visible()
    return page


async def bubbles(page: Page) -> list[str]:
    """What is said; what a script alone can do, 复制结果 and 分享, left out."""
    shown = await page.locator(".turn .bubble").all_inner_texts()
    return [re.sub(r"\s+", " ", re.sub("复制结果|分享", "", text)).strip() for text in shown]


async def test_a_talk_with_and_without_a_script_leads_to_the_same_bubbles(phone: Contexts) -> None:
    with_script = await to_result(await phone())
    without = await to_result(await phone(java_script_enabled=False))
    assert await bubbles(with_script) == await bubbles(without)
    said = await with_script.locator(".mine").all_inner_texts()
    assert [text.removeprefix("您：").strip() for text in said] == [*WALK, PERSON, "看结果"]
    assert with_script.url == f"{await origin(with_script)}/"
    assert without.url.endswith("/#latest")


async def origin(page: Page) -> str:
    return str(await page.evaluate("location.origin"))


async def test_after_a_reload_everything_said_stands_there_as_before(phone: Contexts) -> None:
    page = await to_result(await phone())
    before, keys = await bubbles(page), await page.locator("#buttons .key").all_inner_texts()
    await page.reload()
    assert await bubbles(page) == before
    assert await page.locator("#buttons .key").all_inner_texts() == keys


async def test_what_was_deleted_is_gone_from_the_screen_too(phone: Contexts) -> None:
    page = await to_result(await phone())
    await tap(page, "删除我的数据")
    await tap(page, "确定删除")
    await expect(page.locator(".mine")).to_have_text(["您：确定删除"])
    await expect(page.locator(".verdict")).to_have_count(0)


async def test_a_double_click_is_one_answer(phone: Contexts) -> None:
    page = await (await phone()).new_page()
    await page.goto("/")
    await tap(page, "开始查询")
    await page.get_by_role("button", name="事业单位", exact=True).dblclick()
    await expect(page.get_by_text("您有没有")).to_be_visible()
    await page.reload()
    assert await page.locator(".mine").count() == 2


async def test_the_whole_talk_goes_by_keyboard_alone(phone: Contexts) -> None:
    page = await (await phone()).new_page()
    await page.goto("/")
    await page.keyboard.press("Tab")
    await focused(page.get_by_role("link", name="跳到输入框"))
    await page.keyboard.press("Enter")
    await page.keyboard.press("Shift+Tab")
    await focused(page.get_by_role("button", name="只问问题"))
    await page.keyboard.press("Shift+Tab")
    for label in WALK:
        for _ in range(4):
            if await page.evaluate("document.activeElement.textContent") == label:
                break
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await focused(page.locator(".turn:last-child .ask"))  # not on an answer: a second Enter says nothing unread
    await page.get_by_label(BOX).focus()
    await page.keyboard.type(PERSON)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="看结果")).to_be_visible()
    await focused(page.get_by_label(BOX))
    await expect(page.get_by_label(BOX)).to_have_value("")
    await page.keyboard.type("看结果")
    await page.keyboard.press("Enter")
    await expect(page.locator(".verdict")).to_contain_text("还差 10 学时可以现在学，另 11.5 学时")


async def test_shift_and_enter_is_a_new_line_and_enter_in_an_input_method_sends_nothing(phone: Contexts) -> None:
    page = await (await phone()).new_page()
    await page.goto("/")
    box = page.get_by_label(BOX)
    await box.fill("一")
    await box.press("Shift+Enter")
    composing = (
        "new KeyboardEvent('keydown', {key: 'Enter', keyCode: 229, isComposing: true, bubbles: true, cancelable: true})"
    )
    assert await box.evaluate(f"(box) => box.dispatchEvent({composing})")
    await expect(box).to_have_value("一\n")
    await expect(page.locator(".mine")).to_have_count(0)


async def test_a_focus_can_always_be_seen(phone: Contexts) -> None:
    page = await to_result(await phone())
    await page.reload()
    stops = "[...document.querySelectorAll('button, a, textarea, summary')].filter(e => e.checkVisibility() && e.tabIndex >= 0)"
    for _ in range(await page.evaluate(f"{stops}.length")):
        await page.keyboard.press("Tab")
        seen = await page.evaluate(
            """() => { const e = document.activeElement, box = e.getBoundingClientRect(), x = box.x + box.width / 2;
            const at = document.elementFromPoint(x, box.y + Math.min(box.height, 40) / 2);
            return [getComputedStyle(e).outlineStyle, e === at || e.contains(at) || e.matches(".skip"), e.textContent]; }"""
        )
        assert seen[:2] == ["solid", True], seen


async def test_an_answer_lost_on_the_way_is_asked_for_again_and_counts_once(phone: Contexts) -> None:
    context = await phone()
    page = await context.new_page()
    await page.goto("/")
    await tap(page, "开始查询")
    await expect(page.get_by_text("您现在的单位是哪一种")).to_be_visible()
    lost = 0

    async def lose(route: Route) -> None:
        nonlocal lost
        lost += 1
        if lost == 1:
            await route.fetch()  # it arrives, its answer does not
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/say", lose)
    await tap(page, "事业单位")
    await expect(page.get_by_text("网络不通，正在再发一次")).to_be_visible()
    await expect(page.get_by_text("您有没有")).to_be_visible()
    assert lost == 2
    await page.reload()
    assert await page.locator(".mine").count() == 2


async def test_without_a_network_the_page_says_so_and_sends_later_what_was_written(phone: Contexts) -> None:
    context = await phone()
    page = await context.new_page()
    await page.goto("/")
    await context.set_offline(True)
    await expect(page.get_by_text("网络断了")).to_be_visible()
    await type_in(page, "开始查询")
    await expect(page.get_by_text("网络不通")).to_be_visible()
    await context.set_offline(False)
    await expect(page.get_by_text("您现在的单位是哪一种")).to_be_visible()
    await expect(page.get_by_text("网络断了")).to_be_hidden()
    await expect(page.locator(".mine")).to_have_count(1)


async def test_a_refusal_is_told_and_the_buttons_can_be_used_again(phone: Contexts) -> None:
    context = await phone()
    page = await context.new_page()
    await page.goto("/")
    await context.clear_cookies()
    await page.evaluate("document.cookie")  # the cookie is gone, the page is old
    await page.route(
        "**/say", lambda route: route.fulfill(status=403, json={"error": "stale_page", "message": "请刷新。"})
    )
    await tap(page, "开始查询")
    await expect(page.get_by_text("请刷新。")).to_be_visible()
    await expect(page.get_by_role("button", name="开始查询")).to_be_enabled()


async def test_numbers_can_be_called_and_pages_opened(phone: Contexts) -> None:
    page = await to_result(await phone())
    await page.locator("summary", has_text="打印审验卡").click()
    call = page.get_by_role("link", name="拨打 (0471)6928486")
    await expect(page.get_by_text("审验卡打印、人才信息库使用：内蒙古人才信息库")).to_be_visible()  # whose number it is
    assert await call.get_attribute("href") == "tel:04716928486"
    await type_in(page, "nmg.chinahrt.com 登录不上，打哪个电话")
    number = page.locator(".turn:last-child").get_by_role("link", name="400-015-0009")
    assert await number.first.get_attribute("href") == "tel:4000150009"
    platform = page.locator(".turn:last-child a[href^='https://nmg.chinahrt.com']").first
    assert await platform.get_attribute("rel") == "noopener noreferrer"


async def test_a_listener_hears_what_everything_is(phone: Contexts) -> None:
    page = await to_result(await phone())
    tree = await page.locator("body").aria_snapshot()
    for heard in (
        "- heading",
        '- log "对话"',
        '- heading "还差 10 学时可以现在学，另 11.5 学时要先问单位" [level=2]',
        '- table "每年的学时：学了多少 / 要求多少"',
        '- rowheader "2024年"',
        '- cell "专业 48.5/60 差11.5"',
        '- group "可以点的回答"',
        '- textbox "您的回答或问题"',
        '- button "发送"',
        '- link "存成图片"',
    ):
        assert heard in tree, tree
    assert "█" not in tree
    log = page.get_by_role("log")
    assert await log.get_attribute("aria-live") == "polite"
    assert await page.locator("html").get_attribute("lang") == "zh-CN"
    assert (
        await page.locator(":is(button, a, svg[role=img], textarea):not([aria-label])").evaluate_all(
            "all => all.filter(e => !e.textContent.trim() && !(e.labels && e.labels.length)).length"
        )
        == 0
    )


async def test_every_target_can_be_hit(phone: Contexts) -> None:
    context = await phone()
    page = await context.new_page()
    await page.goto("/")
    assert await page.evaluate(SMALL) == []
    page = await to_result(context)
    for path in ("/", "/result", "/docs", "/nothing"):
        await page.goto(path)
        assert await page.evaluate(SMALL) == []


async def test_at_twice_the_text_size_on_320_points_nothing_runs_off_the_side(served: str) -> None:
    async with opened_browser("--blink-settings=defaultFontSize=32") as browser:
        context = await browser.new_context(
            viewport={"width": 320, "height": 568}, base_url=served, reduced_motion="reduce"
        )
        page = await context.new_page()
        await page.goto("/")
        assert await page.evaluate("getComputedStyle(document.body).fontSize") == "36px"
        assert await page.evaluate(WIDE) == [320, 320]
        page = await to_result(context)
        for path in ("/", "/result", "/docs", "/nothing"):
            await page.goto(path)
            scroll, view = await page.evaluate(WIDE)
            assert scroll <= view, path
        await page.goto("/")


@pytest.mark.parametrize("larger", ["by the browser's setting", "by the page's own size"])
async def test_at_twice_the_text_size_the_screen_is_left_to_the_words_and_numbers_stay_whole(
    served: str, larger: str
) -> None:
    by_setting = larger == "by the browser's setting"
    async with opened_browser(*["--blink-settings=defaultFontSize=32"] * by_setting) as browser:
        context = await browser.new_context(
            viewport={"width": 320, "height": 568}, base_url=served, reduced_motion="reduce"
        )
        page = await to_result(context)
        await page.reload()
        if not by_setting:
            await page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert await page.evaluate("getComputedStyle(document.body).fontSize") == "36px"
        await page.evaluate("scrollTo(0, 0)")
        assert await page.evaluate("document.getElementById('typing').getBoundingClientRect().top") > 568
        await page.locator("summary", has_text="打印审验卡").click()
        numbers = page.locator("details[open] .number")
        lines = await numbers.evaluate_all("all => all.map(one => one.getClientRects().length)")
        assert lines == [1, 1]
        assert await page.evaluate(WIDE) == [320, 320]
        assert await page.evaluate(SMALL) == []


async def test_on_a_phone_the_box_to_write_in_stays_in_sight(phone: Contexts) -> None:
    page = await to_result(await phone())
    await page.evaluate("scrollTo(0, 0)")
    assert await page.evaluate("innerHeight - document.getElementById('typing').getBoundingClientRect().bottom") == 0


async def test_nothing_that_a_person_writes_becomes_markup(phone: Contexts) -> None:
    context = await phone()
    page = await context.new_page()
    await page.goto("/")
    hostile = "<img src=x onerror=\"document.title='bad'\"><b>粗</b>"
    await type_in(page, hostile)
    await expect(page.locator(".turn .theirs").first).to_be_visible()
    for _ in range(2):
        await expect(page.locator(".mine")).to_have_text(f"您：{hostile}")
        await page.reload()
    assert "bad" not in await page.title()


async def test_answering_otherwise_from_an_old_page_is_taken_as_another_answer(phone: Contexts) -> None:
    context = await phone(java_script_enabled=False)
    page, old = await context.new_page(), await context.new_page()
    await page.goto("/")
    await tap(page, "开始查询")
    await old.goto("/")
    await page.goto("/")
    await tap(page, "事业单位")
    await tap(old, "国有企业")
    await expect(old.locator(".mine")).to_have_text(["您：开始查询", "您：事业单位", "您：国有企业"])
    await expect(old.locator(".theirs").last).to_contain_text(
        "事业单位"
    )  # an offer, not an answer to the next question


@pytest.mark.parametrize("script", [True, False])
async def test_a_button_of_an_old_tab_or_after_going_back_answers_no_later_question(
    phone: Contexts, script: bool
) -> None:
    context = await phone(java_script_enabled=script)
    page, old = await context.new_page(), await context.new_page()
    await page.goto("/")
    await tap(page, "开始查询")
    await type_in(page, "事业单位，女，1989年6月生，副高")
    await expect(page.get_by_role("button", name="都没有")).to_be_visible()
    await old.goto("/")
    await tap(page, "都没有")
    await expect(page.get_by_role("button", name="都没学")).to_be_visible()
    if not script:
        await page.go_back()  # the page is not kept, so what is asked now stands there
        await expect(page.get_by_role("button", name="都没学")).to_be_visible()
    await tap(old, "都没有")
    await expect(old.get_by_text("这是之前的按钮")).to_be_visible()
    await expect(old.get_by_role("button", name="都没学")).to_be_visible()  # the hours are still asked for


async def test_the_result_prints_on_one_sheet_of_a4_without_buttons(phone: Contexts) -> None:
    page = await to_result(await phone())
    await follow(page, page.get_by_role("link", name="打印", exact=True))
    await expect(page.get_by_role("button", name="打印")).to_be_visible()
    await page.emulate_media(media="print")
    await expect(page.get_by_role("button", name="打印")).to_be_hidden()
    await expect(page.get_by_role("link", name="回到对话")).to_be_hidden()
    colours = await page.evaluate(
        "() => [...document.querySelectorAll('main *')].map(e => getComputedStyle(e)).flatMap(s => [s.color, s.fill])"
    )
    grey: list[Any] = [re.findall(r"\d+", colour)[:3] for colour in colours if colour.startswith("rgb")]
    assert grey
    assert all(len(set(channels)) == 1 for channels in grey)
    sheet = await page.pdf(format="A4", print_background=False)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1


async def filled_in(phone: Contexts, script: bool) -> Page:
    """The hours asked for, this year's typed and the others by a chip."""
    page = await (await phone(java_script_enabled=script)).new_page()
    await page.goto("/")
    for label in [*WALK, "副高"]:
        await tap(page, label)
    await page.get_by_label("年", exact=True).select_option("1989")
    await page.get_by_label("月", exact=True).select_option("6")
    await tap(page, "填好了")
    years = page.locator("fieldset")
    await years.nth(0).get_by_label("满", exact=True).check()
    await years.nth(1).get_by_label("记不清", exact=True).check()
    await years.nth(2).get_by_label("公需").fill("20")
    await years.nth(2).get_by_label("专业").fill("41.5")
    return page


@pytest.mark.parametrize("script", [True, False])
async def test_birth_and_hours_are_filled_in_and_sent_as_one_would_say_them(phone: Contexts, script: bool) -> None:
    page = await filled_in(phone, script)
    if script:
        await expect(page.locator("fieldset").nth(0).get_by_label("专业")).to_have_value("60")
    await tap(page, "填好了")
    said = page.locator(".mine")
    await expect(said.nth(-2)).to_have_text("您：1989年6月出生")
    await expect(said.last).to_have_text("您：2023年公需30，专业60；2024年记不清；2025年公需20，专业41.5")
    await expect(page.locator(".check")).to_contain_text("2025年：公需20、专业41.5")


async def test_enter_in_a_field_sends_what_was_filled_in(phone: Contexts) -> None:
    page = await filled_in(phone, script=True)
    await page.locator("fieldset").nth(2).get_by_label("公需").press("Enter")
    await expect(page.locator(".check")).to_be_visible()


async def test_a_second_enter_on_a_button_answers_nothing_unread(phone: Contexts) -> None:
    page = await (await phone()).new_page()
    await page.goto("/")
    await page.get_by_role("button", name="开始查询").focus()
    await page.keyboard.press("Enter")
    await focused(page.locator(".ask"))
    await page.keyboard.press("Enter")
    await expect(page.locator(".mine")).to_have_text(["您：开始查询"])


async def test_on_the_check_page_each_line_is_changed_at_its_end_in_the_order_asked(phone: Contexts) -> None:
    page = await filled_in(phone, script=True)
    await tap(page, "填好了")
    rows = page.locator(".check dt")
    await expect(rows).to_have_text(["单位性质", "特殊情况", "申报级别", "出生年月", "学时"])
    await page.get_by_role("button", name="改申报级别").click()
    await expect(page.locator(".turn:last-child .ask")).to_have_text("您这次申报哪一级职称？")


async def test_a_long_answer_starts_at_its_first_line_and_the_question_is_one_tap_away(phone: Contexts) -> None:
    page = await (await phone(viewport={"width": 360, "height": 640})).new_page()
    await page.goto("/")
    await tap(page, "开始查询")
    await type_in(page, "换平台")
    first = page.locator(".turn:last-child .theirs").first
    await expect(first).to_contain_text("请按网址认")
    assert await first.evaluate("one => one.getBoundingClientRect().top") >= 0
    await page.get_by_role("link", name="回到题目").click()
    await expect(page.get_by_role("button", name="事业单位")).to_be_in_viewport()


async def test_large_text_is_one_tap_and_is_remembered(phone: Contexts) -> None:
    page = await (await phone(viewport={"width": 360, "height": 740}, java_script_enabled=False)).new_page()
    await page.goto("/")
    size = "parseFloat(getComputedStyle(document.documentElement).fontSize)"
    before = await page.evaluate(size)
    await tap(page, "大字")
    assert await page.evaluate(size) > 1.3 * before
    scroll, view = await page.evaluate(WIDE)
    assert scroll <= view
    for elsewhere in ("/nothing", "/b/AAAA-BBBB", "/docs"):
        await page.goto(elsewhere)
        assert await page.evaluate(size) > 1.3 * before, elsewhere
    await page.goto("/")
    await tap(page, "标准字")
    assert await page.evaluate(size) == before


async def test_the_result_is_kept_as_a_picture_that_shows_on_a_page_and_as_days_in_the_calendar(
    phone: Contexts,
) -> None:
    page = await to_result(await phone())
    file = await page.request.get("/remind.ics")
    assert file.headers["content-type"].startswith("text/calendar")
    days = re.findall(r"DTSTART;VALUE=DATE:(\d+)", (await file.body()).decode())
    assert days == ["20251201", "20251224", "20251231"]
    await follow(page, page.get_by_role("link", name="存成图片"))
    picture = page.get_by_role("img", name="还差 10 学时可以现在学")
    assert await picture.evaluate("one => one.decode().then(() => one.naturalWidth)") == WIDTH_OF_PICTURE
    for address, kind in (("/result.png", b"\x89PNG"), ("/result.pdf", b"%PDF")):
        assert (await (await page.request.get(address)).body()).startswith(kind)
