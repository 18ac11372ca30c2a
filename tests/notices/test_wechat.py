"""Campaigns over WeChat's API on loopback: a customer-service message where it may be sent, else the template that is set."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import pytest_asyncio

from bot.channels.wechat import Api
from bot.messages import Delivery
from bot.post.books import write
from bot.post.office import Draft, Findings, Office
from bot.post.providers.wechat import SLOTS, WechatNotices
from bot.post.wording import Wordings
from bot.post.worker import Way
from bot.settings.wechat_template import wechat_template
from rules import assess
from storage import Addressee, Letter
from tests.notices.conftest import KEY, TODAY, Bench, facts, people
from tests.notices.test_commands import cells
from tests.wechat.peer import APP_ID, SECRET, Card, Platform

ID = "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY"
LINE = f"{ID} thing1=hours time2=deadline phone_number3=phone phrase4=还差学时"
CUSTOM, TEMPLATE = "/message/custom/send", "/message/template/send"
pytestmark = [pytest.mark.parametrize("url", ["sqlite"], indirect=True), pytest.mark.slow]


class Hall:
    """The platform, the account, and a campaign to people who have never written to it."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.platform = bench, Platform()
        self.platform.templates[ID] = ("thing1", "time2", "phone_number3", "phrase4")
        self.template = wechat_template(LINE)
        self.address = ""

    async def send(self, some: list[Addressee], *others: Any) -> dict[str, tuple[str, str, str]]:
        """State, channel and reason of everybody afterwards."""
        if await self.bench.campaigns.get("ntest") is None:
            await self.bench.campaign(some)
            await self.bench.bind({one.subject: f"wechat:{APP_ID}:o{one.subject}" for one in some}, channel="wechat")
        self.bench.wordings = Wordings(
            self.bench.packs, public_url="https://xueshi.example", key=KEY, wechat_template=self.template
        )
        api = Api(self.address, APP_ID, SECRET)
        api.client.timeout = 5.0
        sender = Way(WechatNotices(api, self.template.id), 0, SLOTS)
        async with asyncio.timeout(90):
            await self.bench.worker([sender, *others], ["ntest"]).run()
        await sender.provider.close()
        return {row.subject: (row.state, row.channel, row.reason) for row in await self.bench.campaigns.rows("ntest")}


@pytest_asyncio.fixture
async def hall(bench: Bench) -> AsyncIterator[Hall]:
    hall = Hall(bench)
    hall.address = await hall.platform.start()
    yield hall
    await hall.platform.stop()


class Mailbox:
    channel = "email"

    async def send(self, letter: Letter) -> Delivery:
        return Delivery("sent")

    async def close(self) -> None: ...


async def test_who_may_not_be_written_to_gets_the_template_and_it_is_known_who_was_told_how(hall: Hall) -> None:
    hall.platform.acted("o1")
    rows = await hall.send(people(3))
    assert rows == {
        "1": ("told", "wechat", ""), "2": ("told", "wechat", "template"), "3": ("told", "wechat", "template"),
    }  # fmt: skip
    assert [openid for openid, _ in hall.platform.sent] == ["o1"]
    assert sorted(card.openid for card in hall.platform.cards) == ["o2", "o3"]
    assert (await hall.bench.status())["reasons"] == {}


async def test_the_report_tells_template_messages_apart(hall: Hall, tmp_path: Any) -> None:
    hall.platform.acted("o1")
    await hall.send(people(2))
    campaign = await hall.bench.campaigns.get("ntest")
    assert campaign is not None
    rows = await hall.bench.campaigns.rows("ntest")
    write(tmp_path / "r.xlsx", Findings(campaign, rows, {}, hall.bench.packs, hall.bench.today), hall.bench.wordings)
    assert [row[2:4] for row in cells(tmp_path / "r.xlsx", "明细")[1:]] == [
        ["已告知", "微信"],
        ["已告知", "微信模板消息"],
    ]


async def test_a_card_says_hours_deadline_and_number_names_nobody_and_opens_ones_own_result(hall: Hall) -> None:
    await hall.send(people(2))
    first, second = sorted(hall.platform.cards, key=lambda card: card.openid)
    assert first.fields == {
        "thing1": "还差20学时（2025年公需20）", "time2": "2025年12月31日 23:59", "phone_number3": "0471-6944061",
        "phrase4": "还差学时",
    }  # fmt: skip
    assert first.url.startswith("https://xueshi.example/n/")
    assert first.url != second.url


async def test_without_a_template_it_goes_by_mail_or_it_is_said_why(hall: Hall) -> None:
    hall.template = replace(hall.template, id="")
    hall.platform.acted("o1")
    some = people(3)
    rows = await hall.send([some[0], replace(some[1], email="p2@example.com"), some[2]], Way(Mailbox()))
    assert rows == {
        "1": ("told", "wechat", ""), "2": ("told", "email", ""), "3": ("not_told", "wechat", "out_of_window"),
    }  # fmt: skip
    assert hall.platform.cards == []


async def test_where_the_template_has_no_words_for_it_the_notice_goes_another_way(hall: Hall) -> None:
    hall.template = wechat_template(f"{ID} number1=hours")
    hall.platform.templates[ID] = ("number1",)
    forgotten = facts(1)
    forgotten["history"]["2024"] = {"general": None, "professional": 60}
    rows = await hall.send([Addressee("1", forgotten, "p1@example.com"), Addressee("2", facts(2))], Way(Mailbox()))
    assert rows == {"1": ("told", "email", ""), "2": ("told", "wechat", "template")}
    assert [(card.openid, card.fields) for card in hall.platform.cards] == [("o2", {"number1": "20"})]


@pytest.mark.parametrize(
    ("plan", "row"),
    [
        ("cut", ("in_doubt", "wechat", "no_answer")),
        ("shut", ("in_doubt", "wechat", "no_answer")),
        ("page", ("in_doubt", "wechat", "no_answer")),
        (43004, ("not_told", "wechat", "unknown")),
        (40003, ("not_told", "wechat", "unknown")),
        (99999, ("not_told", "wechat", "refused")),
        (-1, ("told", "wechat", "template")),
        (500, ("told", "wechat", "template")),
        (40001, ("told", "wechat", "template")),
    ],
)
async def test_refused_first_what_becomes_of_the_template_becomes_of_the_notice(
    hall: Hall, plan: int | str, row: tuple[str, str, str]
) -> None:
    hall.platform.plan[TEMPLATE] = [plan]
    assert await hall.send(people(1)) == {"1": row}
    assert len(hall.platform.cards) == (plan == "cut") + (row[0] == "told")


@pytest.mark.parametrize("call", [CUSTOM, TEMPLATE])
async def test_a_day_whose_calls_are_used_up_keeps_nobody_on_another_channel_waiting(hall: Hall, call: str) -> None:
    hall.platform.plan[call] = [45009] * 200
    some = [
        *people(160),
        *(Addressee(str(number), facts(number), f"p{number}@example.com") for number in range(161, 171)),
    ]
    await hall.bench.bind({one.subject: f"wechat:{APP_ID}:o{one.subject}" for one in some[:160]}, channel="wechat")
    await hall.bench.campaign(some)
    sending = asyncio.create_task(hall.send(some, Way(Mailbox())))
    async with asyncio.timeout(90):
        while (await hall.bench.status())["told"] < 10:
            await asyncio.sleep(0.1)
    assert not sending.done()
    await hall.bench.campaigns.move("ntest", "cancelled", out_of=("sending",))
    rows = await sending
    assert [state for state, _, _ in rows.values()] == ["not_told"] * 160 + ["told"] * 10
    assert len([path for path, _ in hall.platform.calls if path.endswith(call)]) <= 2 * SLOTS
    assert hall.platform.cards == []


async def test_an_answer_that_never_comes_to_the_first_call_is_in_doubt_and_no_template_follows(hall: Hall) -> None:
    hall.platform.plan[CUSTOM] = ["cut"]
    assert await hall.send(people(1)) == {"1": ("in_doubt", "wechat", "no_answer")}
    assert hall.platform.cards == []


async def test_who_has_left_gets_nothing_and_it_is_said_why(hall: Hall) -> None:
    hall.platform.left.add("o1")
    assert await hall.send(people(2)) == {"1": ("not_told", "wechat", "unknown"), "2": ("told", "wechat", "template")}


@pytest.mark.parametrize("wrong", ["id", "missing", "kind"])
async def test_a_wrong_template_costs_nobody_their_notice_and_the_campaign_says_which_setting(
    hall: Hall, wrong: str
) -> None:
    if wrong == "id":
        hall.platform.templates = {f"another-{ID}": ("thing1",)}
    elif wrong == "missing":
        hall.platform.templates[ID] += ("thing5",)
    else:
        hall.platform.templates[ID] = ("thing1", "time2", "phone_number3", "phrase9")
    await hall.send(people(30))
    status = await hall.bench.status()
    assert (status["state"], status["waiting"]) == ("paused", 30)
    assert "XUESHI_WECHAT_TEMPLATE" in status["why"]
    hall.platform.templates[ID] = ("thing1", "time2", "phone_number3", "phrase4")
    await hall.bench.campaigns.move("ntest", "sending", out_of=("paused",))
    await hall.send([])
    assert (await hall.bench.status())["told"] == 30
    assert len({card.openid for card in hall.platform.cards}) == len(hall.platform.cards) == 30


async def test_a_preview_shows_both(bench: Bench) -> None:
    bench.wordings = Wordings(
        bench.packs, public_url="https://xueshi.example", key=KEY, wechat_template=wechat_template(LINE)
    )
    await bench.bind({"1": f"wechat:{APP_ID}:o1"}, channel="wechat")
    office = Office(bench.store, bench.packs, bench.wordings, ["wechat"])
    [(channel, text), (hand, by_hand)] = (
        await office.preview([Addressee("1", facts(1)), Addressee("2", facts(2))], Draft("年终学时"), TODAY)
    ).messages
    assert (channel, hand) == ("wechat", "hand")
    assert "【学时提醒】年终学时" in text
    assert "模板消息" in text
    assert "thing1：还差20学时（2025年公需20）" in text
    assert "模板消息" not in by_hand


FULL = {"general": 30, "professional": 60}
NONE = {"general": 0, "professional": 0}


@pytest.mark.parametrize(
    ("history", "today", "hours", "deadline"),
    [
        ({"2023": FULL, "2024": FULL, "2025": NONE}, TODAY, "还差2025年公需30、专业60学时", "2025年12月31日前学完"),
        ({"2023": FULL, "2024": NONE, "2025": NONE}, TODAY, "还差180学时（2024、2025年）", "2025年的12月31日前，往年先问单位"),
        ({"2023": NONE, "2024": NONE, "2025": NONE}, TODAY, "还差270学时，共3个年度", "2025年的12月31日前，往年先问单位"),
        ({"2023": FULL, "2024": FULL | {"general": 9.5}, "2025": FULL}, TODAY, "还差2024年公需20.5学时",
         "往年能否补学，请问单位人事部门"),
        ({"2023": FULL, "2024": FULL, "2025": NONE}, date(2026, 1, 9), "还差2025年公需30、专业60学时", "培训期已过，补学请问单位人事部门"),
        ({"2023": FULL, "2024": FULL | {"general": None}, "2025": FULL | {"general": 18}}, TODAY, "还差12-42学时，有学时记不清",
         "2025年的12月31日前，往年先问单位"),
    ],
)  # fmt: skip
async def test_whoever_it_is_hours_and_deadline_fit_into_twenty_characters(
    bench: Bench, history: dict[str, Any], today: date, hours: str, deadline: str
) -> None:
    line = f"{ID} thing1=hours thing2=deadline thing3=phone thing4=phone_for thing5=title"
    wordings = Wordings(
        bench.packs, public_url="https://xueshi.example", key=KEY, wechat_template=wechat_template(line)
    )
    known = facts(1) | {"history": history}
    letter = wordings.letter("wechat", 1, "n", "题" * 60, assess(bench.packs, known, today), today)
    assert letter.fields == {
        "thing1": hours, "thing2": deadline, "thing3": "政策咨询(0471)6944061", "thing4": "政策咨询", "thing5": "题" * 19 + "…",
    }  # fmt: skip
    assert all(len(said) <= 20 for said in letter.fields.values())


async def test_the_platform_of_these_tests_takes_nothing_that_wechat_would_not(hall: Hall) -> None:
    api = Api(hall.address, APP_ID, SECRET)
    good = {"thing1": "好", "time2": "2025年12月31日 23:59", "phone_number3": "0471-6944061", "phrase4": "好"}
    wrong = (
        {"thing1": "字" * 21}, {"thing1": "换\n行"}, {"thing1": ""}, {"time2": "年底"}, {"phone_number3": "(0471)6944061转1234"},
        {"phrase4": "六个汉字太长"}, {"thing9": "多"},
    )  # fmt: skip
    for one in wrong:
        assert (await api.template("o1", ID, "", good | one)).reason == "wrong_template"
    assert (await api.template("o1", ID[1:], "", good)).reason == "wrong_template"
    assert (await api.template("o1", ID, "https://xueshi.example/", good)).outcome == "sent"
    assert hall.platform.cards == [Card("o1", "https://xueshi.example/", good)]
    await api.close()
