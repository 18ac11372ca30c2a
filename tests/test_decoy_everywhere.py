"""Under a notice that nobody issued, nothing of the real one stands on whatever people and clerks read beside the talk."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest

import rules
from bot import roster
from bot.app import conversation, hr_pages, web
from bot.hr import Accounts
from bot.post.wording import CHANNELS, Wordings
from bot.settings import read_settings
from bot.settings.wechat_template import wechat_template
from bot.telling.calendar import ics
from bot.telling.result import result_of
from bot.telling.sheet import plain
from tests.faq.test_decoy import DECOY, LIBRARY, NOTICE, real_ones
from tests.hr.conftest import csrf, finished
from tests.roster.books import with_xlsxwriter

DAY = date(NOTICE.review_year, 6, 1)
NEVER, FULL = {"general": 0, "professional": 0}, dict(NOTICE.requirement)
SOME = {"general": 21, "professional": 36}
LAST, THIS = str(NOTICE.review_year - 1), str(NOTICE.review_year)
ONE = {"sex": "male", "birth": "1990-03", "title_level": "middle", "sector": "public_institution"}
PEOPLE: dict[str, dict[str, Any]] = {
    "met": {**ONE, "history": {LAST: FULL, THIS: FULL}},
    "short": {**ONE, "history": {LAST: SOME, THIS: SOME}},
    "never learned": {**ONE, "history": {LAST: NEVER, THIS: NEVER}},
    "forgotten": {**ONE, "history": {LAST: None, THIS: FULL}},
    "one year of two": {**ONE, "birth": "1983-03", "history": {LAST: SOME, THIS: SOME}},
    "waived by age": {**ONE, "birth": "1970-03", "history": {THIS: SOME}},
    "waived this year": {**ONE, "sector": "non_public", "history": {THIS: SOME}},
    "a dropped year": {**ONE, "epidemic_years": [2029], "history": {LAST: FULL, THIS: SOME}},
    "an exam": {**ONE, "exam_years": [int(LAST)], "history": {LAST: {**SOME, "general": 44}, THIS: SOME}},
    "exceptional": {**ONE, "route": "exceptional", "tenure_start": f"{LAST}-06", "history": {THIS: SOME}},
    "not covered": {**ONE, "route": "recognition"},
    "needs": {"sex": "male", "birth": "1990-03"},
    "duty": {**ONE, "purpose": "annual_duty", "history": {THIS: SOME}},
    "refused": {**ONE, "birth": "1990-13"},
    "minutes": {**ONE, "history": [{"year": int(THIS), "category": "general", "minutes": 900, "source": "listed_platform"}]},
}  # fmt: skip


MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
"""The machine's clock, which is no notice's."""


class Read(HTMLParser):
    """What of a page people read or hear."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        if self.lasttag not in ("style", "script"):
            self.words.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        shown = [value or "" for name, value in attrs if name in ("placeholder", "alt", "title", "aria-label")]
        shown += [value or "" for name, value in attrs if name == "href" and (value or "")[:4] in ("http", "tel:")]
        self.words += shown


def nothing_real(text: str, *own: str) -> None:
    """Nothing of the real notice is in the text; `own` is of the calendar or the service, no policy."""
    text = MOMENT.sub("", text)
    for each in own:
        text = text.replace(each, "")
    found = real_ones(text)
    assert not found, [text[max(text.find(each) - 40, 0) : text.find(each) + 40] for each in found]


def cells(book: Path) -> str:
    """Every cell, and what its drop-downs say."""
    sheets = openpyxl.load_workbook(book).worksheets
    found = [str(cell) for sheet in sheets for row in sheet.values for cell in row if cell is not None]
    for sheet in sheets:
        for rule in sheet.data_validations.dataValidation:
            found += [str(each) for each in (rule.error, rule.errorTitle, rule.prompt, rule.formula1) if each]
    return "\n".join(found)


@pytest.mark.parametrize("name", PEOPLE)
def test_the_sheet_the_picture_and_the_calendar(name: str) -> None:
    facts = PEOPLE[name]
    result = result_of(rules.assess(LIBRARY, facts, DAY), facts, NOTICE, DAY)
    nothing_real(plain(result, "https://example.org/").decode())
    nothing_real(ics(result).decode().replace("\r\n ", ""), "还有30天")


@pytest.mark.parametrize("day", [DAY, NOTICE.window[1].replace(month=12)])
def test_the_letters(day: date) -> None:
    template = wechat_template(
        "TEMPLATE_ID_OF_TWENTY_SIGNS thing1=hours thing2=deadline phone_number3=phone thing4=title"
    )
    words = Wordings(LIBRARY, public_url="https://example.org", key=b"key", wechat_template=template)
    for facts in PEOPLE.values():
        assessment = rules.assess(LIBRARY, facts, day)
        if assessment["status"] in ("short", "uncertain"):
            for channel in CHANNELS:
                letter = words.letter(channel, 1, "c", "学时", assessment, day)
                links = letter.token, letter.open_url
                nothing_real("".join(Read(letter.html).words), *links)
                nothing_real(letter.text + letter.subject + "".join(letter.fields.values()), *links)


def test_the_empty_roster(tmp_path: Path) -> None:
    roster.write_template(tmp_path / "template.xlsx", NOTICE)
    nothing_real(cells(tmp_path / "template.xlsx"))


HEADERS = ("工号", "姓名", "单位性质", "性别", "出生年月", "申报年度", "申报级别", "申报方式", "任现职年月", "取证年份", "疫情防控年度",
           f"{LAST}公需", f"{LAST}专业", f"{THIS}公需", f"{THIS}专业")  # fmt: skip
ROWS = (
    ("A1", "甲", "事业单位", "男", "1990-03", "", "中级", "", "", "", "", 21, 36, 21, 36),
    ("A2", "乙", "事业单位", "男", "1983-03", "", "副高", "", "", "", "", 21, 36, 21, 36),
    ("A3", "丙", "非公有制", "女", "1990-03", "", "正高", "", "", "", "", 41, 53, 41, 53),
    ("A4", "丁", "不知道", "谁", "去年", "明年", "谁知道", "随便", "那时", "那年", "那几年", "多", "少", "-5", "九"),
    ("A5", "戊", "事业单位", "男", "1990-03", "", "中级", "", "", "", "", "", 36, 41, 53),
    ("A6", "己", "事业单位", "男", "1990-03", "", "中级", "破格", f"{LAST}-06", f"{LAST}", "2029", 44, 36, 21, 36),
    ("A7", "庚", "事业单位", "男", "1990-03", "2032", "中级", "", "", "", "", 21, 36, 21, 36),
    ("A8", "辛", "事业单位", "男", "1990-03", "", "中级", "考核认定", "", "", "", 21, 36, 21, 36),
)  # fmt: skip


@pytest.fixture
def people(tmp_path: Path) -> Path:
    return with_xlsxwriter(tmp_path / "people.xlsx", [HEADERS, *ROWS])


def test_the_result_of_a_roster(tmp_path: Path, people: Path) -> None:
    said: list[str] = []
    summary = roster.run(people, tmp_path / "out.xlsx", LIBRARY, DAY, on_header=said.append)
    nothing_real("\n".join([*said, *roster.said_of(summary), cells(tmp_path / "out.xlsx")]))
    without = with_xlsxwriter(tmp_path / "without.xlsx", [HEADERS[:2], ("A1", "甲")])
    summary = roster.run(without, tmp_path / "out.xlsx", LIBRARY, DAY, on_header=said.append)
    nothing_real("\n".join([*said, cells(tmp_path / "out.xlsx")]))


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    """A browser on the whole web, and the code that opens HR's part."""
    given = {"XUESHI_DATA_DIR": str(folder), "XUESHI_TODAY": DAY.isoformat()}
    settings = read_settings(given, dotenv=None)
    async with conversation(settings, LIBRARY) as talks, hr_pages(settings, talks) as (pages, _):
        app = web(settings, talks, pages, metrics=str)
        code = await Accounts(talks.store).invite("管理员", "manager")
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url=settings.public_url, follow_redirects=True, headers={"origin": settings.public_url}
        ) as client:  # fmt: skip
            yield client, code


def fields_of(html: str) -> dict[str, str]:
    """The hidden fields of the page's form."""
    found: dict[str, str] = {}

    class Forms(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            named = dict(attrs)
            if tag == "input" and named.get("type") == "hidden":
                found[str(named["name"])] = str(named["value"])

    Forms().feed(html)
    return found


SAID = (
    ("民营的女工程师90分钟", "开始查询", "公需9999", "中级", "事业单位", "为什么问", "1990年3月生", "都没有", "男", "去年公需21专业36，今年公需21", "专业36", "看结果"),
    ("帮助", "近几年是哪几年", "换平台", "大家好", "嗯嗯嗯", "嗯嗯嗯", "嗯嗯嗯", "嗯嗯嗯"),
)  # fmt: skip


async def test_the_pages_of_people_and_of_programs(tmp_path: Path) -> None:
    async with opened(tmp_path) as (client, _):
        for talk in SAID:
            client.cookies.clear()
            shown = await client.get("/")
            nothing_real("".join(Read(shown.text).words))
            for words in talk:
                shown = await client.post("/say", data={**fields_of(shown.text), "text": words})
                nothing_real("".join(Read(shown.text).words), "90分钟")
            for address in ("/result", "/picture", "/docs", "/b/x", "/n/x", "/nowhere", "/remind.ics"):
                shown_beside = await client.get(address)
                nothing_real("".join(Read(shown_beside.text.replace("\r\n ", "")).words), "还有30天", "90分钟")


TO_ASK = ("培训数据怎么传", "一个学时多少分钟", "花名册怎么填", "多大年纪不要学时", "哪天截止")


async def test_the_pages_of_hr(tmp_path: Path, people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # the process that works a roster through reads the settings itself, and has the shipped notices beside
    theirs = tmp_path / "notices" / "beijiang" / "2031.toml"
    theirs.parent.mkdir(parents=True)
    theirs.write_text(
        (DECOY / "2031.toml").read_text(encoding="utf-8").replace('"neimenggu', '"beijiang'), encoding="utf-8"
    )
    monkeypatch.setenv("XUESHI_POLICIES", str(tmp_path / "notices"))
    monkeypatch.setenv("XUESHI_REGION", "beijiang")
    async with opened(tmp_path / "data") as (client, code):
        shown = await client.post("/hr/sign-in", data={"code": code})
        token, once = csrf(shown.text), fields_of(shown.text)["once"]
        for words in TO_ASK:
            answer = await client.post("/hr/ask", data={"csrf": token, "text": words})
            nothing_real("".join(Read(answer.text).words))
        sent = await client.post(
            "/hr/rosters", data={"csrf": token, "once": once}, files={"file": ("people.xlsx", people.read_bytes())}
        )
        address = str(sent.url.path)
        await finished(client, address)
        rows = [f"{address}/people/{row}" for row in range(2, 2 + len(ROWS))]
        own = "", "/notice?title=学时", "?status=short"
        for one in (
            *(address + end for end in own),
            *rows,
            "/hr",
            "/hr/help",
            "/hr/clauses",
            "/hr/notices",
            "/hr/reports",
            "/hr/accounts",
        ):
            answer = await client.get(one)
            assert answer.status_code == 200, one
            nothing_real("".join(Read(answer.text).words), "期结束或30天", "成绩不到 60")
        book = tmp_path / "template.xlsx"
        book.write_bytes((await client.get("/hr/template.xlsx")).content)
        nothing_real(cells(book))
