"""Campaigns over a real SMTP server on loopback."""

from __future__ import annotations

import asyncio
import email
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email import policy
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from bot.post.providers.mail import SLOTS, MailNotices
from bot.post.worker import Way
from rules import Library
from storage import NOTICE, Addressee, Outbox, Store
from tests.notices.conftest import Bench, busiest_second, facts

pytestmark = pytest.mark.slow


class Mailroom:
    """Takes letters; fails as told by the number in an address, `p12@example.com`."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, bytes]] = []
        self.times: list[float] = []
        self.put_off: Counter[str] = Counter()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        number = int(address[1:].partition("@")[0])
        if number % 20 == 3:
            return "550 5.1.1 no such mailbox"
        if number % 20 == 4 and not self.put_off[address]:
            self.put_off[address] += 1
            return "451 4.7.1 greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        number = int(envelope.rcpt_tos[0][1:].partition("@")[0])
        if number % 20 == 6:
            return "554 5.7.1 not wanted"
        self.times.append(asyncio.get_running_loop().time())
        if number % 20 != 5:
            self.letters.append((envelope.rcpt_tos[0], envelope.content))
        if number % 20 in (5, 7):  # the line breaks before or after the letter is kept: nobody can tell which
            server.transport.abort()
        return "250 kept"


@pytest.fixture
async def mailroom() -> AsyncIterator[tuple[Mailroom, int]]:
    room = Mailroom()
    loop = asyncio.get_running_loop()

    def session() -> Any:
        return SMTP(room, hostname="loopback", loop=loop)

    listening = await loop.create_server(session, "127.0.0.1", 0)
    yield room, listening.sockets[0].getsockname()[1]
    listening.close()


def people(count: int) -> list[Addressee]:
    return [Addressee(str(number), facts(number), f"p{number}@example.com") for number in range(1, count + 1)]


async def test_every_letter_arrives_once_or_it_is_known_why_not(bench: Bench, mailroom: tuple[Mailroom, int]) -> None:
    room, port = mailroom
    await bench.campaign([*people(100), Addressee("none", facts(101))])
    sender = Way(MailNotices(f"smtp://127.0.0.1:{port}", "hr@example.com"), 0, SLOTS)
    async with asyncio.timeout(60):
        await bench.worker([sender], ["ntest"]).run()
    await sender.provider.close()
    status = await bench.status()
    assert (status["told"], status["in_doubt"], status["total"]) == (80, 10, 101)
    assert status["reasons"] == {"bad_address": 5, "refused": 5, "no_channel": 1}
    got = Counter(address for address, _ in room.letters)
    assert max(got.values()) == 1
    for row in await bench.campaigns.rows("ntest"):
        if row.state != "in_doubt":
            assert got[row.email] == (row.state == "told")


async def test_letters_keep_their_share_of_a_second(bench: Bench, mailroom: tuple[Mailroom, int]) -> None:
    room, port = mailroom
    some = [one for one in people(60) if int(one.subject) % 20 > 7]
    await bench.campaign(some)
    sender = Way(MailNotices(f"smtp://127.0.0.1:{port}", "hr@example.com"), 10, SLOTS)
    async with asyncio.timeout(90):
        await bench.worker([sender], ["ntest"]).run()
    await sender.provider.close()
    assert len(room.letters) == len(some)
    assert busiest_second(room.times) <= 10


async def test_a_letter_says_what_is_needed_and_how_to_stop_it(bench: Bench, mailroom: tuple[Mailroom, int]) -> None:
    room, port = mailroom
    await bench.campaign(people(1))
    sender = Way(MailNotices(f"smtp://127.0.0.1:{port}", "人事处 <hr@example.com>"), 0, SLOTS)
    async with asyncio.timeout(90):
        await bench.worker([sender], ["ntest"]).run()
    await sender.provider.close()
    [(_, raw)] = room.letters
    letter = email.message_from_bytes(raw, policy=policy.default)
    body, page = letter.get_body(("plain",)), letter.get_body(("html",))
    assert body is not None
    assert page is not None
    text = body.get_content()
    assert letter["Subject"] == "学时提醒：年终学时"
    assert "还差 20 学时（2025年公需20）" in text
    assert "12月31日前" in text
    assert "http://xueshi.example/n/" in text
    assert "看我的结果" in page.get_content()
    assert letter["List-Unsubscribe"].startswith("<http://xueshi.example/n/")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


async def test_a_mailbox_that_is_not_accepted_pauses_the_campaign(bench: Bench, mailroom: tuple[Mailroom, int]) -> None:
    _, port = mailroom
    await bench.campaign(people(2))
    sender = Way(MailNotices(f"smtp://who:wrong@127.0.0.1:{port}", "hr@example.com"), 10, SLOTS)
    async with asyncio.timeout(90):
        await bench.worker([sender], ["ntest"]).run()
    await sender.provider.close()
    status = await bench.status()
    assert (status["state"], status["waiting"]) == ("paused", 2)


class Clock:
    """A clock that is put on."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("says", ["451 4.7.1 greylisted", "452 4.2.2 mailbox full", "552 5.2.2 mailbox full"])
async def test_a_server_that_puts_off_everybody_for_five_minutes_costs_nobody_their_letter(
    url: str, packs: Library, mailroom: tuple[Mailroom, int], says: str
) -> None:
    room, port = mailroom
    clock, tried = Clock(), Counter[str]()
    began = clock()

    async def greylist(server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        tried[address] += 1
        if clock() - began < timedelta(minutes=5):
            return says
        envelope.rcpt_tos.append(address)
        return "250 OK"

    room.handle_RCPT = greylist
    store = await Store.open(url, clock=clock)
    bench = Bench(store, packs)
    await bench.campaign([one for one in people(40) if int(one.subject) % 20 > 7])
    sender = Way(MailNotices(f"smtp://127.0.0.1:{port}", "hr@example.com"), 0, SLOTS)
    async with asyncio.timeout(60):
        working = asyncio.create_task(bench.worker([sender]).run())
        while (status := await bench.status())["state"] == "sending":
            await asyncio.sleep(0.2)
            clock.ahead += timedelta(seconds=10)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    await sender.provider.close()
    await store.close()
    assert (status["told"], status["total"]) == (24, 24)
    assert 6 <= max(tried.values()) <= 12  # with growing gaps


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_an_address_that_is_dead_is_not_tried_again_until_somebody_says_so(
    bench: Bench, mailroom: tuple[Mailroom, int]
) -> None:
    _, port = mailroom
    sender = Way(MailNotices(f"smtp://127.0.0.1:{port}", "hr@example.com"), 0, SLOTS)
    dead = [one for one in people(4) if one.subject == "3"]
    for id in ("n1", "n2"):
        await bench.campaign(dead, id=id)
        async with asyncio.timeout(90):
            await bench.worker([sender], [id]).run()
        assert (await bench.status(id))["reasons"] == {"bad_address": 1}
    outbox = Outbox(bench.store)
    assert await outbox.count("email", NOTICE) == {"refused": 1}
    [row] = await bench.campaigns.rows("n1")  # where it was tried
    assert await bench.campaigns.again("n1", [row.id], fresh=True) == 1
    assert await outbox.dead(["email:p3@example.com"], ["bad_address"]) == {}
    await sender.provider.close()
