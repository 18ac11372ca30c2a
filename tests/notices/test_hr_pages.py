"""The pages of HR's notices, in this process: codes, what is logged, whose a campaign is, and that it outlives its roster."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import openpyxl
import pytest

from bot.pages.hr_notices import hr_notice_routes
from bot.post.office import Draft, Office
from bot.post.proofs import Bindings
from bot.post.wording import Wordings
from bot.post.worker import Way, Worker
from storage import Addressee, hr
from tests.hr.conftest import House, a_roster, csrf, opened, uploaded
from tests.notices.conftest import KEY
from tests.notices.test_office import Line
from tests.roster.books import HEADERS, PACKS, TODAY, changed, with_xlsxwriter


@dataclass
class Pages:
    """HR's pages, and the office behind them."""

    house: House
    office: Office

    async def made(self, client: httpx.AsyncClient, address: str, **asked: str) -> str:
        """The address of a campaign made from a roster on the page."""
        form = {"csrf": csrf((await client.get(f"{address}/notice")).text), "title": "年终学时", "do": "create"} | asked
        answer = await client.post(f"{address}/notice", data=form)
        assert answer.url.path.startswith("/hr/notices/n"), answer.text
        return answer.url.path


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    return a_roster(tmp_path / "花名册.xlsx")


@pytest.fixture
async def pages(tmp_path: Path) -> AsyncIterator[Pages]:
    async def nobody(id: str) -> None:
        raise AssertionError("there is a channel")

    async def links(codes: Sequence[str]) -> list[str]:
        return [f"https://xueshi.example/b/{code}" for code in codes]

    async def test(people: Sequence[Addressee], plan: Draft, to: str) -> str:
        return f"{to}：{len(people)}"

    async with opened(tmp_path) as house:
        office = Office(house.store, PACKS, Wordings(PACKS, public_url="http://xueshi.example", key=KEY), ["email"])
        house.app.router.routes[:0] = hr_notice_routes(
            house.accounts, house.rosters, office, today=lambda: TODAY, retention_days=30, without_channel=nobody, test=test,
            links=links,
        )  # fmt: skip
        yield Pages(house, office)


async def worked(pages: Pages, id: str) -> None:
    """Sends all that may go out."""
    await Worker(pages.office, [Way(Line("email"))], lambda: TODAY, [id]).run()


async def test_binding_codes_are_handed_out_on_the_page_one_for_each_person(pages: Pages, roster: Path) -> None:
    async with pages.house.signed_in() as client:
        address = await uploaded(client, roster)
        token = csrf((await client.get(f"{address}/notice")).text)
        answer = await client.post(f"{address}/codes.xlsx", data={"csrf": token})
        rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.values)
        assert [row[0] for row in rows[1:]] == ["A1", "A2", "A3", "A4", "A5"]
        codes = [str(row[2]) for row in rows[1:]]
        everybody = await pages.office.people(address.rpartition("/")[2], 1, TODAY)
        bindings = Bindings(pages.office.book, KEY)
        bound = [await bindings.bind(f"telegram:bot:{at}", code) for at, code in enumerate(codes)]
        assert bound == [one.subject for one in everybody]


async def test_a_campaign_outlives_its_roster_and_its_page_still_opens(pages: Pages, roster: Path) -> None:
    async with pages.house.signed_in() as client:
        address = await uploaded(client, roster)
        made = await pages.made(client, address)
        token = csrf((await client.get(made)).text)
        await client.post(f"{made}/send", data={"csrf": token})
        await client.post(f"{address}/delete", data={"csrf": token})
        page = await client.get(made)
        assert page.status_code == 200
        assert "暂停" in page.text
        await client.post(f"{made}/pause", data={"csrf": token})
        assert "已暂停" in (await client.get(f"{made}/progress")).text
        assert (await client.get(f"{made}/report.xlsx")).status_code == 200


async def test_of_a_campaign_of_another_office_nothing_can_be_seen_or_done(pages: Pages, roster: Path) -> None:
    async with pages.house.signed_in("小李") as ours, pages.house.signed_in("小王") as theirs:
        made = await pages.made(ours, await uploaded(ours, roster))
        token = csrf((await theirs.get("/hr")).text)
        for path in ("", "/progress", "/report.xlsx"):
            assert (await theirs.get(made + path)).status_code == 404
        for act in ("send", "cancel", "again", "follow", "reword", "skip"):
            assert (await theirs.post(f"{made}/{act}", data={"csrf": token})).status_code == 404
        assert (await pages.office.get(made.rpartition("/")[2])).state == "draft"


async def test_two_offices_that_upload_the_same_file_have_people_of_their_own(pages: Pages, roster: Path) -> None:
    async with pages.house.signed_in("小李") as ours, pages.house.signed_in("小王") as theirs:
        rosters = [await uploaded(ours, roster), await uploaded(theirs, a_roster(roster.with_name("同样.xlsx")))]
        people = [
            {one.subject for one in await pages.office.people(address.rpartition("/")[2], 0, TODAY)}
            for address in rosters
        ]
        assert len(people[0]) == len(people[1]) == 5
        assert not people[0] & people[1]


async def test_the_log_says_in_chinese_what_was_done_and_nothing_of_looking_on(pages: Pages, roster: Path) -> None:
    async with pages.house.signed_in("主任", "manager") as client:
        made = await pages.made(client, await uploaded(client, roster))
        before = await pages.house.store.database.read(lambda connection: hr.looked(connection, limit=100))
        for _ in range(5):
            await client.get(f"{made}/progress")
        assert await pages.house.store.database.read(lambda connection: hr.looked(connection, limit=100)) == before
        log = (await client.get("/hr/log")).text
        assert "建通知" in log
        assert "notice-create" not in log.split("<tbody>")[1]


async def test_told_by_mail_is_said_to_be_less_than_read_and_who_is_left_out_is_named(
    pages: Pages, tmp_path: Path
) -> None:
    rows = [
        HEADERS,
        changed(工号="A1", 姓名="还差的", 邮箱="a1@example.com"),
        changed(工号="A2", 姓名="够了的", _2025专业=60),
    ]
    async with pages.house.signed_in() as client:
        made = await pages.made(client, await uploaded(client, with_xlsxwriter(tmp_path / "邮.xlsx", rows)))
        token = csrf((await client.get(made)).text)
        await client.post(f"{made}/send", data={"csrf": token})
        await worked(pages, made.rpartition("/")[2])
        assert "不等于本人看到" in (await client.get(made)).text
        left_out = (await client.get(f"{made}?state=left_out")).text
        assert "够了的" in left_out
        assert "学时够了" in left_out


async def test_who_left_or_retired_is_told_nothing_and_stands_in_the_report(pages: Pages, roster: Path) -> None:
    async with pages.house.signed_in() as client:
        address = await uploaded(client, roster)
        token = csrf((await client.get(address)).text)
        await client.post(f"{address}/people/2/mark", data={"csrf": token, "mark": "retired"})
        made = await pages.made(client, address)
        rows = {
            row.label: (row.state, row.reason) for row in await pages.office.campaigns.rows(made.rpartition("/")[2])
        }
        assert rows["A1"] == ("left_out", "retired")
        assert set(rows) == {"A1", "A2", "A3", "A4", "A5"}
