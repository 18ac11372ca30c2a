"""Campaigns over WeCom's interface on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.post.office import Office
from bot.post.providers.wecom import SLOTS, WecomNotices
from bot.post.worker import Way, Worker
from tests.notices.conftest import Bench, people
from tests.notices.wecom_server import AGENT, CORP, SECRET, Company

pytestmark = [pytest.mark.parametrize("url", ["sqlite"], indirect=True), pytest.mark.slow]


@pytest.fixture
async def company() -> AsyncIterator[tuple[Company, str]]:
    made = Company({f"u{number}" for number in range(1, 60) if number % 10})
    address = await made.start()
    yield made, address
    made.stop()


async def sent(bench: Bench, address: str, count: int, secret: str = SECRET) -> dict[str, tuple[str, str]]:
    """State and reason of everybody after a campaign."""
    if await bench.campaigns.get("ntest") is None:
        await bench.campaign(people(count))
        await bench.bind({str(n): f"wecom:{CORP}:U{n}" for n in range(1, count + 1)}, channel="wecom")
    way = Way(WecomNotices(address, CORP, AGENT, secret), 0, SLOTS)
    async with asyncio.timeout(90):
        await bench.worker([way], ["ntest"]).run()
    await way.provider.close()
    return {row.subject: (row.state, row.reason) for row in await bench.campaigns.rows("ntest")}


async def test_members_are_told_and_who_is_none_is_said_to_be_unknown(
    bench: Bench, company: tuple[Company, str]
) -> None:
    found = await sent(bench, company[1], 30)
    assert {who for who, (state, _) in found.items() if state == "not_told"} == {"10", "20", "30"}
    assert found["10"] == ("not_told", "unknown")
    assert sorted(user for user, _ in company[0].sent) == sorted(f"U{n}" for n in range(1, 30) if n % 10)
    assert company[0].tokens == 1
    assert "还差 20 学时" in company[0].sent[0][1]


@pytest.mark.parametrize(
    ("plan", "row"),
    [
        ([42001], ("told", "")),
        ([-1], ("told", "")),
        ([503], ("told", "")),
        ([81013], ("not_told", "unknown")),
        ([45002], ("not_told", "refused")),
        (["cut"], ("in_doubt", "no_answer")),
        (["shut"], ("in_doubt", "no_answer")),
    ],
)
async def test_each_answer_is_taken_for_what_it_means(
    bench: Bench, company: tuple[Company, str], plan: list[int | str], row: tuple[str, str]
) -> None:
    company[0].plan = list(plan)
    assert await sent(bench, company[1], 1) == {"1": row}
    assert len(company[0].sent) == (row[0] == "told" or plan == ["cut"])


async def test_a_wrong_secret_pauses_the_campaign_and_costs_nobody_their_notice(
    bench: Bench, company: tuple[Company, str]
) -> None:
    await sent(bench, company[1], 5, secret="wrong")
    status = await bench.status()
    assert (status["state"], status["waiting"]) == ("paused", 5)
    assert "企业微信" in status["why"]
    await bench.campaigns.move("ntest", "sending", out_of=("paused",))
    await sent(bench, company[1], 5)
    assert (await bench.status())["told"] == 5


async def test_where_nobody_listens_it_waits_and_goes_on_when_somebody_does(bench: Bench) -> None:
    made = Company({"u1", "u2"})
    address = await made.start()
    made.stop()
    working = asyncio.create_task(sent(bench, address, 2))
    await asyncio.sleep(1.5)
    assert (await bench.status())["waiting"] == 2
    made._server = await asyncio.start_server(made._client, "127.0.0.1", int(address.rpartition(":")[2]))
    assert set((await working).values()) == {("told", "")}
    made.stop()


async def test_where_an_office_is_a_company_of_its_own_the_number_is_the_account(
    bench: Bench, company: tuple[Company, str]
) -> None:
    way = Way(WecomNotices(company[1], CORP, AGENT, SECRET), 0, SLOTS)
    company[0].members |= {"1"}
    for id, known_as in (("n1", ""), ("n2", CORP)):
        await bench.campaign(people(1), id=id)
        office = Office(bench.store, bench.packs, bench.wordings, ["wecom"], company=known_as)
        async with asyncio.timeout(90):
            await Worker(office, [way], lambda: bench.today, [id]).run()
    await way.provider.close()
    assert (await bench.status("n1"))["reasons"] == {"no_channel": 1}
    assert (await bench.status("n2"))["told"] == 1
    assert [user for user, _ in company[0].sent] == ["1"]


async def test_a_number_is_no_account_where_there_are_two_offices_that_count_from_one(
    bench: Bench, company: tuple[Company, str]
) -> None:
    way = Way(WecomNotices(company[1], CORP, AGENT, SECRET), 0, SLOTS)
    company[0].members |= {"1"}
    for id, owner in (("n1", "hr1"), ("n2", "hr2")):
        await bench.campaign(people(1), id=id, owner=owner)
    office = Office(bench.store, bench.packs, bench.wordings, ["wecom"], company=CORP)
    async with asyncio.timeout(90):
        await Worker(office, [way], lambda: bench.today, ["n2"]).run()
    await way.provider.close()
    assert (await bench.status("n2"))["reasons"] == {"no_channel": 1}
    assert company[0].sent == []
