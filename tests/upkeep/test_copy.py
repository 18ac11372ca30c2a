"""导出我的数据: whoever asks is given all that is kept of them, and nothing of anybody else."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import httpx
import orjson
import pytest

from bot.app import conversation
from bot.channels.web import web_app
from bot.conversation import Conversation
from bot.messages import Message
from bot.settings import read_settings
from storage import Accounts, Arrived, Inbox

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
    await Accounts(talks.store).hush(anna, True)
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
