"""What is made from the report of a campaign: to who has not opened, to each unit's officer; and what came back to the mailbox."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.post import bounces
from bot.post.audience import read_officers
from bot.post.bounces import returned
from bot.post.notice_words import CampaignFault
from bot.post.office import Draft, Findings, Office
from bot.post.proofs import signed
from bot.post.setup import links_lead_here
from bot.post.worker import Way, Worker
from bot.settings import read_settings
from storage import NOTICE, Outbox
from tests.notices.conftest import KEY, TODAY, Bench
from tests.notices.imap_server import Mailbox
from tests.notices.test_office import Line, roster_of, sent

pytestmark = [pytest.mark.parametrize("url", ["sqlite"], indirect=True), pytest.mark.slow]


@pytest.fixture
def office(bench: Bench) -> Office:
    return bench.office


def with_mail(path: Path) -> Path:
    """A roster on which everybody has an address as well."""
    path.write_text(path.read_text(encoding="utf-8").replace("中级,,", "中级,p@example.com,"), encoding="utf-8")
    for number in range(1, 10):
        path.write_text(
            path.read_text(encoding="utf-8").replace("p@example.com", f"p{number}@example.com", 1), encoding="utf-8"
        )
    return path


async def begun(office: Office, bench: Bench, id: str, *lines: Line, day: date = TODAY) -> dict[str, tuple[str, str]]:
    """State and reason of everybody, once all that may go out has gone."""
    await office.start(id)
    ways = [Way(line, spacing=0.0) for line in lines]
    async with asyncio.timeout(60):
        await Worker(office, ways, lambda: day, [id]).run()
    return {row.label: (row.state, row.reason) for row in await office.campaigns.rows(id)}


async def test_who_has_not_opened_is_told_by_another_channel_who_has_or_has_caught_up_is_not(
    office: Office, bench: Bench, tmp_path: Path
) -> None:
    roster = with_mail(roster_of(tmp_path / "r.csv", *((str(n), f"人{n}", 10) for n in range(1, 6)), ("6", "人6", 30)))
    await bench.bound(roster, 4)
    [first] = await office.create(await office.people(roster, 0, TODAY), Draft("年终学时", source=roster), TODAY)
    phone = Line(refuse={"telegram:bot:4": "blocked"})
    await sent(office, bench, first.id, phone)
    lines = {row.label: row.id for row in await office.campaigns.rows(first.id)}
    await office.campaigns.opened(lines["1"])
    made = await office.follow(first.id, TODAY)
    assert (made.follows, made.state) == (first.id, "draft")
    with_mail(roster_of(roster, *((str(n), f"人{n}", 10 if n != 2 else 30) for n in range(1, 6)), ("6", "人6", 30)))
    mail = Line("email")
    rows = await begun(office, bench, made.id, Line(), mail)
    assert rows == {
        "1": ("left_out", "opened"), "2": ("not_told", "caught_up"), "3": ("told", ""), "4": ("told", ""), "5": ("told", ""),
        "6": ("left_out", "met"),
    }  # fmt: skip
    assert sorted(person for person, _ in mail.sent) == [f"email:p{n}@example.com" for n in (3, 4, 5)]
    assert [person for person, _ in phone.sent] == [f"telegram:bot:{n}" for n in (1, 2, 3)]


async def test_each_officer_reads_who_of_their_unit_is_short_on_that_day_and_of_no_other(
    office: Office, bench: Bench, tmp_path: Path
) -> None:
    roster = roster_of(
        tmp_path / "r.csv", ("1", "王伟", 10, "一院"), ("2", "李娜", 20, "一院"), ("3", "赵敏", 10, "二院"), ("4", "钱多", 30, "三院")
    )  # fmt: skip
    [first] = await office.create(await office.people(roster, 0, TODAY), Draft("年终学时", source=roster), TODAY)
    await begun(office, bench, first.id, Line())
    officers = read_officers("单位，邮箱\n一院 a@example.com\n二院，b@example.com\n\n三院\tc@example.com")
    made = await office.follow(first.id, TODAY, officers=officers)
    roster_of(
        roster,
        ("1", "王伟", 30, "一院"),
        ("2", "李娜", 20, "一院"),
        ("3", "赵敏", 10, "二院"),
        ("4", "钱多", 30, "三院"),
    )
    mail = Line("email")
    rows = await begun(office, bench, made.id, mail)
    assert rows == {"一院": ("told", ""), "二院": ("told", ""), "三院": ("left_out", "nobody_short")}
    said = dict(mail.sent)
    assert said["email:a@example.com"].text.startswith("您单位还差学时的有 1 人")
    assert "李娜（2）：还差 10（2025年公需10）" in said["email:a@example.com"].text
    assert not any(name in said["email:a@example.com"].text for name in ("王伟", "赵敏", "钱多"))
    assert "一院" in said["email:a@example.com"].subject
    with pytest.raises(CampaignFault, match="看不出"):
        read_officers("一院 a@example.com\n二院")


async def test_a_warning_tells_of_a_draft_that_holds_the_same_people_too(
    office: Office, bench: Bench, tmp_path: Path
) -> None:
    roster = roster_of(tmp_path / "r.csv", ("1", "王伟", 10))
    people = await office.people(roster, 0, TODAY)
    await office.create(people, Draft("年终学时", source=roster), TODAY)
    [warning] = await office.warnings(people, Draft("再一份"), TODAY)
    assert "还没发完" in warning


async def test_words_are_changed_while_it_goes_and_hold_for_who_was_not_told_yet(
    office: Office, bench: Bench, tmp_path: Path
) -> None:
    roster = roster_of(tmp_path / "r.csv", ("1", "王伟", 10))
    await bench.bound(roster, 1)
    [made] = await office.create(await office.people(roster, 0, TODAY), Draft("年终学时", source=roster), TODAY)
    with pytest.raises(CampaignFault, match="姓名"):
        await office.reword(made.id, "{姓名} {学时}", TODAY)
    await office.reword(made.id, "还差 {学时}", TODAY)
    line = Line()
    await begun(office, bench, made.id, line)
    assert line.sent[0][1].text == "还差 20"


async def test_the_public_address_is_tried_as_people_would_reach_it(url: str) -> None:
    async def healthy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % (200 if b"/healthz" in asked else 404))
        writer.close()

    serving = await asyncio.start_server(healthy, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{serving.sockets[0].getsockname()[1]}"
    settings = read_settings({"XUESHI_PUBLIC_URL": address}, None)
    assert await links_lead_here(settings)
    serving.close()
    await serving.wait_closed()
    assert not await links_lead_here(settings)


async def test_links_are_looked_at_before_anything_goes_out(bench: Bench) -> None:
    async def dead() -> bool:
        return False

    office = Office(bench.store, bench.packs, bench.wordings, ["email"], dead)
    [warning] = await office.warnings([], Draft("年终学时"), TODAY)
    assert "http://xueshi.example 打不开" in warning


def bounce(token: str, status: str, action: str = "failed") -> bytes:
    """A letter that came back, as mail servers write them."""
    return (
        "From: Mail Delivery System <MAILER-DAEMON@example.com>\r\nTo: hr@example.com\r\nSubject: Undelivered Mail\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\nMIME-Version: 1.0\r\n\r\n'
        "--B\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
        f"--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
        f"--B\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: x\r\nMessage-ID: <{token}@example.com>\r\n\r\n--B--\r\n"
    ).encode()


def answer(token: str, words: str) -> bytes:
    """What somebody wrote back."""
    head = (
        f"From: p@example.com\r\nIn-Reply-To: <{token}@example.com>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    return f"{head}{words}\r\n> 您还差 20 学时\r\n".encode()


def test_what_came_back_is_told_from_delays_answers_and_other_letters(url: str) -> None:
    token = signed(KEY, 12, "ntest")
    assert returned(bounce(token, "5.1.1")) == (token, "bounce", "bad_address")
    assert returned(bounce(token, "5.2.2")) == (token, "bounce", "put_off")
    assert returned(bounce(token, "5.7.1")) == (token, "bounce", "refused")
    assert returned(bounce(token, "4.4.1", "delayed")) is None
    assert returned(answer(token, "退订")) == (token, "answer", "退订")
    assert returned(b"From: a@example.com\r\nSubject: hello\r\n\r\nSee you\r\n") is None
    plain = f"From: postmaster@qq.com\r\n\r\n550 Mailbox not found\r\nMessage-ID: <{token}@example.com>\r\n".encode()
    assert returned(plain) == (token, "bounce", "bad_address")


async def test_a_letter_that_came_back_is_not_told_and_an_answer_of_no_more_is_honoured(
    office: Office, bench: Bench, tmp_path: Path
) -> None:
    roster = with_mail(roster_of(tmp_path / "r.csv", *((str(n), f"人{n}", 10) for n in range(1, 5))))
    [made] = await office.create(await office.people(roster, 0, TODAY), Draft("年终学时", source=roster), TODAY)
    await begun(office, bench, made.id, Line("email"))
    token = {row.label: signed(KEY, row.id, row.campaign) for row in await office.campaigns.rows(made.id)}
    who = {row.label: row.subject for row in await office.campaigns.rows(made.id)}
    forged = f"{token['4'].partition('.')[0]}.AAAAAAAAAAAA"
    box = Mailbox(
        [bounce(token["1"], "5.1.1"), answer(token["2"], "退订。"), answer(token["3"], "收到，谢谢"), bounce(forged, "5.1.1"), b"From: a@b.cn\r\n\r\nhi"]
    )  # fmt: skip
    address = await box.start()
    worker = Worker(office, [Way(Line("email"))], lambda: TODAY, returned=partial(bounces.read, address))
    working = asyncio.create_task(worker.run())
    async with asyncio.timeout(60):
        while len(box.seen) < 4:
            await asyncio.sleep(0.1)
        while not (await office.book.reach([who["2"]]))[who["2"]].silent:
            await asyncio.sleep(0.1)
    worker.stop()
    await working
    box.stop()
    rows = {row.label: (row.state, row.reason) for row in await office.campaigns.rows(made.id)}
    assert rows == {"1": ("not_told", "bad_address"), "2": ("told", ""), "3": ("told", ""), "4": ("told", "")}
    reach = await office.book.reach(who.values())
    assert [label for label in who if reach[who[label]].silent] == ["2"]
    assert await Outbox(bench.store).count("email", NOTICE) == {"sent": 3, "refused": 1}
    assert box.seen == {1, 2, 3, 4}  # the letter that is none of ours stays unread


async def test_the_report_says_who_opened_and_who_has_caught_up_since(
    office: Office, bench: Bench, tmp_path: Path
) -> None:
    roster = roster_of(tmp_path / "r.csv", *((str(n), f"人{n}", 10) for n in range(1, 4)))
    await bench.bound(roster, 3)
    [made] = await office.create(await office.people(roster, 0, TODAY), Draft("年终学时", source=roster), TODAY)
    await sent(office, bench, made.id, Line())
    rows = await office.campaigns.rows(made.id)
    await office.campaigns.opened(rows[0].id)
    roster_of(roster, ("1", "人1", 10), ("2", "人2", 30), ("3", "人3", 30))
    now = await office.as_it_stands(made, TODAY)
    found = Findings(made, await office.campaigns.rows(made.id), now, bench.packs, TODAY)
    assert found.since() == {"told": 3, "opened": 1, "caught_up": 2}
    assert [found.name(row) for row in rows] == ["人1", "人2", "人3"]


async def test_a_follow_up_begins_at_its_hour_and_not_before(office: Office, bench: Bench, tmp_path: Path) -> None:
    roster = with_mail(roster_of(tmp_path / "r.csv", ("1", "王伟", 10)))
    await bench.bound(roster, 1)
    [first] = await office.create(await office.people(roster, 0, TODAY), Draft("年终学时", source=roster), TODAY)
    await sent(office, bench, first.id, Line())
    later = await office.follow(first.id, TODAY, datetime(2025, 12, 1, 1, tzinfo=UTC))
    mail = Line("email")
    assert await begun(office, bench, later.id, mail) == {"1": ("waiting", "")}
    assert await begun(office, bench, later.id, mail, day=date(2025, 12, 2)) == {"1": ("told", "")}
    assert len(mail.sent) == 1


async def test_everybody_has_the_days_they_are_left_before_another_channel_is_tried(
    office: Office, bench: Bench, tmp_path: Path
) -> None:
    roster = with_mail(roster_of(tmp_path / "r.csv", *((str(n), f"人{n}", 10) for n in range(1, 4))))
    await bench.bound(roster, 2)
    [first] = await office.create(await office.people(roster, 0, TODAY), Draft("年终学时", source=roster), TODAY)
    await begun(office, bench, first.id, Line(refuse={"telegram:bot:2": "blocked"}))
    later = await office.follow(first.id, TODAY, days=3)
    mail = Line("email")
    two, three = TODAY + timedelta(days=2), TODAY + timedelta(days=3)
    rows = await begun(office, bench, later.id, mail, day=two)
    assert {state for state, _ in rows.values()} == {"waiting"}
    lines = {row.label: row.id for row in await office.campaigns.rows(first.id)}
    await office.campaigns.opened(lines["3"])
    rows = await begun(office, bench, later.id, mail, day=three)
    assert rows == {"1": ("told", ""), "2": ("told", ""), "3": ("not_told", "opened")}
    assert sorted(person for person, _ in mail.sent) == ["email:p1@example.com", "email:p2@example.com"]


async def test_who_is_told_after_the_follow_up_was_made_has_days_of_their_own(
    office: Office, bench: Bench, tmp_path: Path
) -> None:
    roster = with_mail(roster_of(tmp_path / "r.csv", ("1", "王伟", 10), ("2", "李娜", 10)))
    await bench.bound(roster, 2)
    [first] = await office.create(await office.people(roster, 0, TODAY), Draft("年终学时", source=roster), TODAY)
    later = await office.follow(first.id, TODAY, days=3)
    assert later.not_before is None
    await begun(office, bench, first.id, Line())
    mail, day = Line("email"), [TODAY]
    assert set((await begun(office, bench, later.id, mail)).values()) == {("waiting", "early")}
    worker = Worker(office, [Way(mail)], lambda: day[0])
    working = asyncio.create_task(worker.run())
    await asyncio.sleep(1.0)
    assert mail.sent == []
    now = bench.store.clock()
    bench.store.clock = lambda: now + timedelta(days=3)
    day[0] += timedelta(days=3)
    async with asyncio.timeout(30):
        while len(mail.sent) < 2:
            await asyncio.sleep(0.05)
    worker.stop()
    await working
    assert {row.state for row in await office.campaigns.rows(later.id)} == {"told"}
