"""What goes wrong inside: an update that cannot be handled, a platform that is away at the start, a code that is bound."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.messages import Message, Turn
from storage import Inbox
from tests.botapi import BotApi, Person, acknowledged
from tests.telegram.service import Service, serving

pytestmark = pytest.mark.slow

SECRET_WORDS = "王小明150102198506010011"


async def test_a_poison_update_is_set_aside_its_sender_told_once_and_nobody_is_held_up(
    api: BotApi, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(api, tmp_path) as service:
        person, other = api.person(), api.person()
        take = service.talks.take

        async def fail(message: Message, **more: Any) -> Turn:
            if SECRET_WORDS in message.text:
                raise ZeroDivisionError(message.text)
            return await take(message, **more)

        monkeypatch.setattr(service.talks, "take", fail)  # a fault that the conversation does not have
        with caplog.at_level(logging.INFO):
            person.says(SECRET_WORDS)
            person.says("/start")
            await other.asks("/start")
            text = await person.sees(lambda text: "处理不了" in text and "继续教育" in text)
        await asyncio.sleep(0.5)
        assert (text + "".join(person.news())).count("处理不了") == 1
        ((update, reason),) = await Inbox(service.talks.store).poisoned("telegram")
        assert SECRET_WORDS in update.body.decode()
        assert "ZeroDivisionError" in reason
        assert "set aside" in caplog.text
        assert SECRET_WORDS not in caplog.text
        assert "继续教育" in await person.asks("/start")


async def test_a_tap_that_cannot_be_handled_is_still_acknowledged(
    api: BotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(api, tmp_path) as service:
        person = api.person()
        await person.asks("/start")

        async def fail(message: Message, **more: Any) -> Turn:
            raise ZeroDivisionError

        monkeypatch.setattr(service.talks, "take", fail)
        assert await acknowledged(person.taps("开始查询")) == ""
        assert "处理不了" in await person.sees()


async def test_an_update_that_is_not_what_telegram_sends_is_set_aside(service: Service, api: BotApi) -> None:
    person = api.person()
    api.push({"message": {"chat": {"id": person.id, "type": "private"}, "from": person.card, "text": "x"}})
    assert "处理不了" in await person.sees()
    assert await person.asks("/start")


async def test_a_platform_that_is_away_at_the_start_is_tried_until_it_is_there_and_named_in_the_log(
    api: BotApi, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    api.fail("500", "getme", times=2)
    with caplog.at_level(logging.INFO):
        async with serving(api, tmp_path):
            assert await api.person().asks("/start")
    assert "XUESHI_TELEGRAM_TOKEN" in caplog.text
    assert api.calls[0].method == "getme"
    assert "AAOurOwn" not in caplog.text


@pytest.mark.parametrize("header", [None, "wrong", "\xe9"])
@pytest.mark.parametrize("body", [b'{"update_id": 1}', b"not json"])
async def test_a_posted_update_without_the_secret_is_refused(
    api: BotApi, tmp_path: Path, header: str | None, body: bytes
) -> None:
    async with serving(api, tmp_path, webhook=True), httpx.AsyncClient() as client:
        headers = {} if header is None else {b"X-Telegram-Bot-Api-Secret-Token": header.encode("latin-1")}
        assert (await client.post(api.webhook["url"], content=body, headers=headers)).status_code == 403


async def test_what_is_posted_with_the_secret_and_is_no_update_is_refused(api: BotApi, tmp_path: Path) -> None:
    async with serving(api, tmp_path, webhook=True), httpx.AsyncClient() as client:
        headers = {"X-Telegram-Bot-Api-Secret-Token": api.webhook["secret_token"]}
        for body in (b"not json", b"[]", b'{"update_id": "x"}', b"{}", b"[" * 100_000):
            assert (await client.post(api.webhook["url"], content=body, headers=headers)).status_code == 400
        assert (await client.post(api.webhook["url"], content=b" " * (1 << 21), headers=headers)).status_code == 413


async def test_a_person_in_a_dead_senders_hands_is_answered_by_the_next_process(api: BotApi, tmp_path: Path) -> None:
    person = api.person()
    async with serving(api, tmp_path):
        await person.asks("/start")
        api.fail("slow", "editmessagetext", seconds=30.0)
        person.taps("开始查询")
        await asyncio.sleep(0.5)  # the reply is committed and on its way; the stop does not wait for it for ever
    async with serving(api, tmp_path):
        assert "单位" in await person.sees()


@pytest.fixture
def person(api: BotApi, service: Service) -> Person:
    return api.person()
