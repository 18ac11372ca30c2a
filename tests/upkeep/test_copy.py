"""导出我的数据: whoever asks is given all that is kept of them, and nothing of anybody else."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import orjson
import pytest
from sqlalchemy import update

from bot.app import conversation
from bot.channels.web import web_app
from bot.conversation import Conversation
from bot.messages import Message
from bot.settings import read_settings
from bot.upkeep.retention import report
from storage import AddressBook, Addressee, Arrived, Campaign, Campaigns, Inbox, rosters
from storage.tables import reply

DAY = date(2025, 9, 1)


@pytest.fixture
async def talks(tmp_path: Path) -> AsyncIterator[Conversation]:
    settings = read_settings({"XUESHI_DATA_DIR": str(tmp_path), "XUESHI_TODAY": DAY.isoformat()}, dotenv=None)
    async with conversation(settings) as talks:
        yield talks


async def told(talks: Conversation, person: str, *texts: str, channel: str = "telegram") -> str:
    shown = ""
    for number, text in enumerate(texts):
        message = Message(channel, "1", person, f"{person}{number}{text[:4]}", text=text)
        turn = await talks.take(message, parts=lambda turn: (b'{"part": 1}',))
        shown = "".join(reply.text for reply in turn.replies)
    return shown


async def test_all_that_is_kept_is_shown_and_nothing_of_others(talks: Conversation) -> None:
    await told(talks, "anna", "我52，女，副高", "2024年专业41")
    await told(talks, "berta", "我48，男，中级", "2024年专业43")
    anna = Message("telegram", "1", "anna", "x").person
    await Inbox(talks.store).put(Arrived("telegram", "1", "77", anna, b'{"waits": true}'))
    await AddressBook(talks.store).hush(anna, True)
    shown = await told(talks, "anna", "导出我的数据")
    start = shown.index("{")
    kept, _ = json.JSONDecoder().raw_decode(shown[start:])
    assert set(kept) == {"session", "reply", "answer", "inbox", "outbox", "silence"}
    said = orjson.dumps(kept).decode()
    assert "我52，女，副高" in said
    assert "2024年专业41" in said
    assert '"waits":true' in said
    assert "我48" not in said
    assert "2024年专业43" not in said


async def test_asking_twice_gives_no_copy_of_the_copy_and_leaves_the_question_where_it_was(talks: Conversation) -> None:
    await told(talks, "anna", "我52，女，副高")
    first = await told(talks, "anna", "导出我的数据")
    second = await told(talks, "anna", "导出数据")
    assert abs(len(second) - len(first)) < 4_000
    assert first.rstrip().endswith("题") or "？" in first[-60:]


async def test_on_the_page_it_is_a_file_for_who_has_the_session(talks: Conversation) -> None:
    async def ready() -> bool:
        return True

    app = web_app(talks, public_url="http://127.0.0.1", retention_days=180, ready=ready, metrics=str)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        assert (await client.get("/mydata.json")).status_code == 303
        page = (await client.get("/")).text
        token = page.partition('name="token" value="')[2].partition('"')[0]
        await client.post("/say", data={"token": token, "nonce": "1", "text": "我52，女，副高"})
        answer = await client.post(
            "/say", data={"token": token, "nonce": "2", "text": "导出我的数据"}, follow_redirects=True
        )
        assert 'href="/mydata.json"' in answer.text
        kept = (await client.get("/mydata.json")).json()
        assert "我52，女，副高" in orjson.dumps(kept).decode()
        for nonce, text in (("3", "删除我的数据"), ("4", "确定删除")):
            await client.post("/say", data={"token": token, "nonce": nonce, "text": text})
        gone = orjson.dumps((await client.get("/mydata.json")).json()).decode()
        assert "我52" not in gone


async def test_what_a_roster_and_a_campaign_tell_of_somebody_is_given_to_who_is_bound_to_it(
    talks: Conversation,
) -> None:
    anna, now = Message("telegram", "1", "anna", "x").person, talks.store.clock()
    await told(talks, "anna", "我52，女，副高")
    accounts, campaigns = AddressBook(talks.store), Campaigns(talks.store)
    await accounts.invite([("anna's code", "pone"), ("berta's code", "ptwo")])
    await accounts.bind("anna's code", "telegram", anna)
    people = [Addressee("pone", {"id": "工号一"}), Addressee("ptwo", {"id": "工号二"})]
    await campaigns.create(Campaign("n1", "t", "roster", "", "", now, now), people)
    line = {"keys": ["k"], "at": 1, "ident": "工号一", "name": "甲", "unit": "", "level": "", "status": "met", "short_total": 0.0,
            "low": 0, "line": b"{}"}  # fmt: skip
    await talks.store.database.write(
        lambda connection: rosters.put(connection, id="r", owner=1, run=1, now=now, lines=[line])
    )
    await talks.store.database.write(lambda connection: connection.execute(update(rosters.entry).values(person="pone")))
    kept = await talks.everything(anna)
    assert [row["facts"] for row in kept["notice"]] == [{"id": "工号一"}]
    assert [row["name"] for row in kept["hr_roster_person"]] == ["甲"]
    assert kept["binding"]
    assert "工号二" not in str(kept)


async def test_a_binding_ends_with_the_period_unless_somebody_tells_of_its_person_again(talks: Conversation) -> None:
    accounts, campaigns, now = AddressBook(talks.store), Campaigns(talks.store), talks.store.clock()
    await accounts.invite([("one", "pone"), ("two", "ptwo"), ("three", "pthree")])
    await accounts.bind("one", "telegram", "a")
    await accounts.bind("two", "telegram", "b")
    later = talks.store.clock()
    await campaigns.create(Campaign("n1", "t", "roster", "", "", later, later), [Addressee("ptwo", {})])
    lines, late = await report(talks.store, days=180)
    assert (late, "绑定：2 条" in "".join(lines)) == (0, True)
    await talks.store.purge(later)
    assert await accounts.subjects("a") == []
    assert await accounts.subjects("b") == ["ptwo"]
    assert await accounts.subject_of("three") is None
    assert now < later


async def test_what_should_be_gone_is_counted_for_who_answers_for_it(talks: Conversation) -> None:
    await told(talks, "anna", "我52，女，副高")
    old = talks.store.clock() - timedelta(days=200)
    await talks.store.database.write(lambda connection: connection.execute(update(reply).values(at=old)))
    lines, late = await report(talks.store, days=180)
    assert late == 1
    assert "过期未删" in lines[-1]
    await talks.store.purge(talks.store.clock() - timedelta(days=180))
    assert (await report(talks.store, days=180))[1] == 0
