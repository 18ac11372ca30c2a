"""Whom a campaign is for."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import pytest

from bot.conversation import Conversation
from bot.messages import Delivery
from bot.post.audience import addressee, is_short, sifted
from bot.post.notice_words import CampaignFault
from bot.post.office import Draft, Office
from bot.post.quiet import default_end, end_of, is_quiet
from bot.post.wording import NoticeText
from bot.post.worker import Way
from rules import Library, assess
from storage import Addressee, Letter, Store
from tests.notices.conftest import TODAY, Bench, Person, facts

on_sqlite = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


def test_who_is_short_for_certain_is_told_who_might_be_is_not(packs: Library) -> None:
    forgotten = facts(1)
    forgotten["history"]["2024"] = {"general": None, "professional": 60}
    assert assess(packs, forgotten, TODAY)["bounds"]["at_least"] == 20
    assert is_short(assess(packs, forgotten, TODAY))
    enough = facts(1, short=False)
    enough["history"]["2024"] = {"general": None, "professional": 60}
    assert not is_short(assess(packs, enough, TODAY))
    assert not is_short(assess(packs, facts(1, short=False), TODAY))


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("a@x.cn、b@y.cn", "a@x.cn"), ("a@x.cn;b@y.cn", "a@x.cn"), ("王 <a@x.cn>", "a@x.cn"), ("无；a@x.cn", "a@x.cn"), (" a@x.cn ", "a@x.cn"),
        ("没有", ""), ("a@", ""), ("a@@x.cn", ""), ("王@公司", ""),
    ],
)  # fmt: skip
def test_the_first_address_of_a_cell_is_taken(cell: str, address: str) -> None:
    person = {"row": 2, "unit": "", "name": "", "email": cell, "facts": {"id": "1"}, "status": "short"}
    assert addressee(person).email == address


def test_after_the_window_has_closed_nobody_is_reminded(packs: Library) -> None:
    assert [one.out for one in sifted([Addressee("1", facts(1))], packs, date(2026, 1, 5))] == ["closed"]


@on_sqlite
async def test_those_who_asked_to_be_reminded_are_told_what_they_told(
    talks: Conversation,
    bench: Bench,
    store: Store,
) -> None:
    asking, silent = Person(talks, "7"), Person(talks, "8")
    for person in (asking, silent):
        await person.say(
            "男，1985年3月，中级，事业单位，没有特殊情况，2023年公需30专业60，2024年公需30专业60，2025年公需10专业60"
        )
        await person.say("提醒我")
    await silent.say("退订")
    office = Office(store, bench.packs, bench.wordings, ["telegram"])
    people = await office.asked(TODAY)
    assert [one.subject for one in people] == ["telegram:bot:7"]
    [made] = await office.create(people, Draft("您要的提醒"), TODAY)
    await office.start(made.id)

    class Told:
        channel = "telegram"

        def __init__(self) -> None:
            self.sent: list[tuple[str, str]] = []

        async def send(self, letter: Letter) -> Delivery:
            self.sent.append((letter.person, NoticeText.read(letter.body).text))
            return Delivery("sent")

        async def close(self) -> None: ...

    sender = Told()
    async with asyncio.timeout(90):
        await bench.worker([Way(sender)], [made.id]).run()
    [(address, text)] = sender.sent
    assert address == "telegram:bot:7"
    assert "还差 20 学时（2025年公需20）" in text


@on_sqlite
async def test_a_title_and_a_last_day_are_checked_before_anything_is_kept(bench: Bench, store: Store) -> None:
    office = Office(store, bench.packs, bench.wordings, [])
    audience = [Addressee("1", facts(1))]
    for title in ("", " ", "长" * 61, "换\x00行"):
        with pytest.raises(CampaignFault):
            await office.create(audience, Draft(title), TODAY)
    assert await bench.campaigns.all() == []


async def test_a_form_sent_twice_makes_one_campaign(bench: Bench, store: Store) -> None:
    office = Office(store, bench.packs, bench.wordings, [])
    audience = [Addressee("1", facts(1))]
    made = await asyncio.gather(*(office.create(audience, Draft("年终学时", once="a"), TODAY) for _ in range(3)))
    assert len({one.id for [one] in made}) == 1
    others = [
        await office.create(audience, Draft(title, once=once), TODAY)
        for title, once in (("年终学时", "b"), ("年中学时", "a"), ("年终学时", ""), ("年终学时", ""))
    ]
    assert len({one.id for [one] in (made[0], *others)}) == len(await bench.campaigns.all()) == 5


def test_quiet_hours_run_over_midnight_in_the_zone_of_inner_mongolia() -> None:
    from datetime import time

    night = (time(21), time(8))
    shanghai = {22: True, 3: True, 8: False, 12: False, 21: True, 20: False}
    for hour, quiet in shanghai.items():
        assert is_quiet(night, datetime(2025, 11, 20, (hour - 8) % 24, tzinfo=UTC)) == quiet
    assert not is_quiet((time(0), time(0)), datetime(2025, 11, 20, 1, tzinfo=UTC))


def test_a_campaign_ends_with_the_window_it_is_about() -> None:
    closes = date(2025, 12, 31)
    assert default_end(date(2025, 12, 20), closes) == closes
    assert default_end(date(2025, 6, 1), closes) == date(2025, 7, 1)
    assert default_end(date(2026, 2, 1), closes) == date(2026, 3, 3)
    assert end_of(date(2025, 11, 20)) == datetime(2025, 11, 20, 16, tzinfo=UTC)
