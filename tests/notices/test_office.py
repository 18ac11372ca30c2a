"""What HR asks of campaigns: send again to who was not told, warnings, wording, times, one person left out."""

from __future__ import annotations

import asyncio
import csv
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.messages import Delivery
from bot.post.notice_words import CampaignFault
from bot.post.office import Draft, Office
from bot.post.wording import NoticeText, Wordings
from bot.post.worker import Way, Worker
from storage import Addressee, Letter, Store
from tests.notices.conftest import KEY, TODAY, Bench, facts
from tests.notices.test_commands import HEADER, write_roster

pytestmark = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


class Line:
    """A provider that takes everything, or refuses who is named."""

    def __init__(self, channel: str = "telegram", refuse: dict[str, str] | None = None) -> None:
        self.channel, self.refuse = channel, refuse or {}
        self.sent: list[tuple[str, NoticeText]] = []

    async def send(self, letter: Letter) -> Delivery:
        if why := self.refuse.get(letter.person):
            return Delivery("refused", reason=why)
        self.sent.append((letter.person, NoticeText.read(letter.body)))
        return Delivery("sent")

    async def close(self) -> None: ...


def listed(*numbers: int, short: bool = True) -> list[Addressee]:
    return [Addressee(str(number), facts(number, short=short), name=f"人{number}") for number in numbers]


@pytest.fixture
def office(bench: Bench, store: Store) -> Office:
    return Office(store, bench.packs, bench.wordings, ["telegram", "email"])


def roster_of(path: Path, *people: tuple[str, str, int] | tuple[str, str, int, str]) -> Path:
    """A roster of number, name, general hours of 2025 and unit."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(HEADER)
        for number, name, general, *unit in people:
            person = (number, name, unit[0] if unit else "某院", "事业单位", "男", "1985-03", "中级", "")
            rows.writerow((*person, 30, 60, 30, 60, general, 60))
    return path


async def made(office: Office, people: list[Addressee], **plan: object) -> str:
    [one] = await office.create(people, Draft("年终学时", source=Path(__file__), **plan), TODAY)
    return one.id


async def sent(office: Office, bench: Bench, id: str, *lines: Line) -> dict[str, str]:
    """State of everybody after sending."""
    await office.start(id)
    async with asyncio.timeout(90):
        await bench.worker([Way(line) for line in lines], [id]).run()
    return {row.subject: row.state for row in await office.campaigns.rows(id)}


async def test_sending_again_tells_who_can_be_reached_since_and_nobody_else(office: Office, bench: Bench) -> None:
    await bench.bind({"1": "telegram:bot:1"})
    id = await made(office, listed(1, 2, 3))
    line = Line()
    assert await sent(office, bench, id, line) == {"1": "told", "2": "not_told", "3": "not_told"}
    assert await sent(office, bench, id, line) == {"1": "told", "2": "not_told", "3": "not_told"}
    await bench.bind({"2": "telegram:bot:2"})
    assert await sent(office, bench, id, line) == {"1": "told", "2": "told", "3": "not_told"}
    assert [person for person, _ in line.sent] == ["telegram:bot:1", "telegram:bot:2"]


async def test_who_was_refused_is_tried_again_when_hr_says_so_but_who_wants_none_is_not(
    office: Office, bench: Bench
) -> None:
    await bench.bind({str(number): f"telegram:bot:{number}" for number in (1, 2)})
    id = await made(office, listed(1, 2))
    await office.book.hush("telegram:bot:2", True)
    line = Line(refuse={"telegram:bot:1": "blocked"})
    assert await sent(office, bench, id, line) == {"1": "not_told", "2": "not_told"}
    line.refuse.clear()
    assert await sent(office, bench, id, line) == {"1": "not_told", "2": "not_told"}
    assert await office.again(id, "not_told") == 1
    assert await sent(office, bench, id, line) == {"1": "told", "2": "not_told"}


async def test_who_cannot_be_reached_one_way_is_told_another(office: Office, bench: Bench) -> None:
    await bench.bind({"1": "telegram:bot:1"})
    people = [replace(one, email="p1@example.com") for one in listed(1)]
    id = await made(office, people)
    mail = Line("email")
    assert await sent(office, bench, id, Line(refuse={"telegram:bot:1": "blocked"}), mail) == {"1": "told"}
    assert [person for person, _ in mail.sent] == ["email:p1@example.com"]


async def test_a_campaign_that_repeats_one_says_so_before(office: Office, bench: Bench) -> None:
    await bench.bind({"1": "telegram:bot:1", "2": "telegram:bot:2"})
    audience = listed(1, 2, 3)
    assert await office.warnings(audience, Draft("年终学时"), TODAY) == ()
    await sent(office, bench, await made(office, listed(1, 2, 3)), Line())
    [warning] = await office.warnings(audience, Draft("年终学时"), TODAY)
    assert "“年终学时”" in warning
    assert "2 人" in warning


async def test_a_title_with_another_deadline_than_the_notices_is_pointed_out(office: Office, bench: Bench) -> None:
    audience = listed(1)
    [warning] = await office.warnings(audience, Draft("请12月20日前学完"), TODAY)
    assert "12月31日" in warning
    assert await office.warnings(audience, Draft("请12月31日前学完"), TODAY) == ()


async def test_without_a_public_address_no_link_leads_to_this_machine_and_hr_is_told(
    bench: Bench, store: Store
) -> None:
    bench.wordings = Wordings(bench.packs, public_url="", key=KEY)
    office = Office(store, bench.packs, bench.wordings, ["email"])
    people = [replace(one, email="p1@example.com") for one in listed(1)]
    seen = await office.preview(people, Draft("年终学时"), TODAY)
    assert any("XUESHI_PUBLIC_URL" in warning for warning in seen.warnings)
    line = Line("email")
    await sent(office, bench, await made(office, people), line)
    [(_, said)] = line.sent
    for text in (said.text, said.html, office.text("hand", people[0], Draft("年终学时"), TODAY)):
        assert "http" not in text
        assert "/n/" not in text
    assert said.stop_url == ""
    assert "回复“退订”" in said.text


async def test_hrs_own_words_are_filled_with_everybodys_own_and_checked_before(office: Office, bench: Bench) -> None:
    await bench.bind({"1": "telegram:bot:1"})
    wording = "请抓紧：还差 {学时} 学时（{明细}），{截止}前。\n电话 {电话}"
    line = Line()
    await sent(office, bench, await made(office, listed(1), wording=wording), line)
    assert line.sent[0][1].text == "请抓紧：还差 20 学时（2025年公需20），12月31日前。\n电话 (0471)6944061"
    for wrong, why in (("没有字段", "{学时}"), ("{学时} {姓名}", "姓名")):
        with pytest.raises(CampaignFault, match=why):
            await made(office, listed(1), wording=wrong)


async def test_a_series_is_a_campaign_for_each_time_each_assessed_anew_from_the_roster_of_then(
    bench: Bench, store: Store, office: Office, tmp_path: Path
) -> None:
    roster = write_roster(tmp_path / "r.csv", 3)
    people = await office.people(roster, 0, TODAY)
    await bench.bind({one.subject: f"telegram:bot:{one.label}" for one in people})
    days = [datetime(2025, 12, day, 1, tzinfo=UTC) for day in (1, 20)]
    first, second = await office.create(people, Draft("年终学时", source=roster, days=days), TODAY)
    assert first.series == second.series != ""
    day, line = [TODAY], Line()
    await office.start(first.id)
    assert (await office.get(second.id)).state == "sending"  # the whole of the series goes

    async def work(until: date, told: int) -> list[str]:
        day[0], then = until, len(line.sent)
        worker = Worker(office, [Way(line, spacing=0.0)], lambda: day[0])
        working = asyncio.create_task(worker.run())
        async with asyncio.timeout(60):
            while len(line.sent) < then + told:
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)  # in which nobody else is told
        worker.stop()
        await working
        return sorted(person for person, _ in line.sent[then:])

    assert await work(date(2025, 11, 25), 0) == []
    assert await work(date(2025, 12, 2), 3) == ["telegram:bot:1", "telegram:bot:2", "telegram:bot:3"]
    write_roster(roster, 3, enough=1)  # the third has caught up
    assert await work(date(2025, 12, 21), 2) == ["telegram:bot:1", "telegram:bot:2"]


async def test_a_corrected_roster_is_taken_in_a_pause_and_everybody_stands_in_one_line(
    office: Office, bench: Bench, tmp_path: Path
) -> None:
    roster = roster_of(tmp_path / "r.csv", ("1", "甲", 10), ("2", "乙", 10), ("3", "丙", 10), ("5", "戊", 30))
    who = await bench.bound(roster, 4)
    [made_] = await office.create(await office.people(roster, 0, TODAY), Draft("年终学时", source=roster), TODAY)
    id = made_.id
    await office.start(id)
    found = await office.move(id, "paused")
    roster_of(
        roster, ("1", "甲", 10), ("2", "乙", 30), ("4", "丁", 10), ("5", "戊", 10)
    )  # 3 has gone, 4 is new, 5 falls short
    assert await office.anew(found, TODAY) == 3
    await office.move(id, "sending")
    line = Line()
    await sent(office, bench, id, line)
    rows = {row.label: (row.state, row.reason) for row in await office.campaigns.rows(id)}
    assert rows == {
        "1": ("told", ""), "2": ("not_told", "caught_up"), "3": ("not_told", "not_on_roster"), "4": ("not_told", "no_channel"),
        "5": ("told", ""),
    }  # fmt: skip
    assert who["1"] in {row.subject for row in await office.campaigns.rows(id)}


async def test_one_person_can_be_left_out_and_is_called_by_the_unit_where_several_have_the_number(
    office: Office, bench: Bench, tmp_path: Path
) -> None:
    roster = roster_of(
        tmp_path / "r.csv", ("001", "甲", 10, "一院"), ("001", "乙", 10, "二院"), ("002", "丙", 10, "一院")
    )
    await bench.bound(roster, 3)
    people = await office.people(roster, 0, TODAY)
    await bench.bind({one.subject: f"telegram:bot:{one.unit}{one.label}" for one in people}, channel="web")
    [made_] = await office.create(people, Draft("年终学时", source=roster), TODAY)
    for wrong in ("001", "9"):
        with pytest.raises(CampaignFault, match=wrong):
            await office.line_of(made_.id, wrong)
    assert await office.stop_for(made_.id, await office.line_of(made_.id, "001@二院")) == 1
    assert await office.stop_for(made_.id, await office.line_of(made_.id, "001@二院")) == 0
    await sent(office, bench, made_.id, Line())
    rows = {(row.unit, row.label): (row.state, row.reason) for row in await office.campaigns.rows(made_.id)}
    assert rows["二院", "001"] == ("not_told", "stopped")
    assert rows["一院", "001"][0] == rows["一院", "002"][0] == "told"


async def test_what_is_to_be_sent_after_its_last_day_is_refused(office: Office) -> None:
    with pytest.raises(CampaignFault, match="之后"):
        await made(office, listed(1), days=[datetime(2026, 1, 5, tzinfo=UTC)], not_after=date(2025, 12, 31))
