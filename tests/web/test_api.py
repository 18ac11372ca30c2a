"""The JSON interface: what the contract promises of /api/chat and /api/assess."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Iterator

import httpx
import orjson
import pytest

import rules
from bot.channels.web import web_app
from bot.channels.web.api import CHAT_BYTES
from bot.channels.web.faults import HttpFault
from bot.conversation import Conversation
from bot.messages import Message, Turn
from tests.web.conftest import DAY, PACKS, Heard, asking, make_app

pytestmark = pytest.mark.asyncio(loop_scope="session")

CHINESE_SENTENCE = re.compile(r"[^。？！]*[\u4e00-\u9fff][^。？！]*。$")
PERSON = "女，1989年6月生，报副高，2023年公需30专业60，2024年公需30专业48.5，2025年公需20专业60"
TO_RESULT = ["开始查询", "事业单位", "都没有", PERSON, "看结果"]


async def say(client: httpx.AsyncClient, session: str | None, message_id: str, text: str) -> httpx.Response:
    return await client.post("/api/chat", json={"session": session, "message_id": message_id, "text": text})


async def result_of(client: httpx.AsyncClient) -> httpx.Response:
    session = None
    for number, text in enumerate(TO_RESULT):
        answer = await say(client, session, f"m{number}", text)
        session = answer.json()["session"]
    return answer


async def test_null_starts_a_session_that_nobody_can_guess(client: httpx.AsyncClient) -> None:
    sessions = {(await say(client, None, "1", "你好")).json()["session"] for _ in range(20)}
    assert len(sessions) == 20
    assert all(len(session) >= 43 for session in sessions)


async def test_a_reply_has_exactly_the_keys_of_the_contract(client: httpx.AsyncClient) -> None:
    reply = (await say(client, None, "1", "开始查询")).json()
    assert list(reply) == ["session", "state", "facts", "assessment", "replies"]
    assert reply["state"].startswith("asking:")
    assert (reply["facts"], reply["assessment"]) == ({}, None)
    for one in reply["replies"]:
        assert list(one) == ["text", "choices", "links"]
        assert all(list(choice) == ["id", "label"] for choice in one["choices"])


async def test_a_tapped_choice_answers_like_its_word(client: httpx.AsyncClient) -> None:
    reply = (await say(client, None, "1", "我是女的，报副高")).json()
    [choice] = [one for bubble in reply["replies"] for one in bubble["choices"] if one["label"] == "事业单位"]
    body = {"session": reply["session"], "message_id": "2", "choice": choice["id"]}
    tapped = await client.post("/api/chat", json=body)
    assert tapped.json()["facts"] == {"sex": "female", "title_level": "deputy_senior", "sector": "public_institution"}


async def test_the_same_message_id_again_gives_the_same_bytes_and_changes_nothing(client: httpx.AsyncClient) -> None:
    session = (await say(client, None, "1", "开始查询")).json()["session"]
    first = await say(client, session, "2", "女")
    await say(client, session, "3", "副高")
    assert (await say(client, session, "2", "女")).content == first.content
    facts = (await say(client, session, "4", "事业单位")).json()["facts"]
    assert facts == {"sex": "female", "title_level": "deputy_senior", "sector": "public_institution"}


async def test_the_same_message_id_with_another_text_is_refused_with_409(client: httpx.AsyncClient) -> None:
    session = (await say(client, None, "1", "开始查询")).json()["session"]
    answer = await say(client, session, "1", "重新开始")
    assert answer.status_code == 409
    assert CHINESE_SENTENCE.fullmatch(answer.json()["message"])


async def test_two_sessions_may_use_the_same_message_ids(client: httpx.AsyncClient) -> None:
    one = (await say(client, None, "1", "开始查询")).json()
    other = (await say(client, None, "1", "你好")).json()
    assert one["session"] != other["session"]


@pytest.mark.parametrize("token", ["A" * 43, "_" * 43])
async def test_a_session_nobody_was_given_is_no_session(client: httpx.AsyncClient, token: str) -> None:
    answer = await say(client, token, "1", "开始查询")
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_session")
    assert CHINESE_SENTENCE.fullmatch(answer.json()["message"])


async def test_a_session_that_somebody_is_kept_under_stays_theirs_whoever_gave_it_out(heard: Heard) -> None:
    async with asking(make_app(heard)) as before, asking(make_app(heard)) as after:  # each app has a key of its own
        session = (await say(before, None, "1", "我52，女")).json()["session"]
        assert (await say(after, session, "2", "开始查询")).json()["facts"]["sex"] == "female"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b"[" * 100_000, 400),
        (b'{"session": null, "text": "x"}', 400),
        (b'{"session": null, "message_id": 1, "text": "x"}', 400),
        (b'{"session": null, "message_id": "", "text": "x"}', 400),
        (b'{"session": null, "message_id": "a\\u0000", "text": "x"}', 400),
        (b'{"session": null, "message_id": "%s", "text": "x"}' % (b"a" * 129), 400),
        (b'{"session": 5, "message_id": "1", "text": "x"}', 400),
        (b'{"session": "short", "message_id": "1", "text": "x"}', 400),
        (b'{"session": null, "message_id": "1"}', 400),
        (b'{"session": null, "message_id": "1", "text": "x", "choice": "y"}', 400),
        (b'{"session": null, "message_id": "1", "text": 7}', 400),
        (b'{"session": null, "message_id": "1", "text": ["x"]}', 400),
        (b'{"session": null, "message_id": "1", "choice": ""}', 400),
        (b'{"session": null, "message_id": "1", "choice": 2}', 400),
        (b'{"session": null, "message_id": "1", "choice": "%s"}' % (b"x" * 201), 400),
        (b'{"session": null, "message_id": "1", "text": "%s"}' % (b"x" * 20_001), 413),
        (b" " * (CHAT_BYTES + 1), 413),
        (b'{"session": null, "message_id": "1", "text": "x", "text": "y"}', 400),
        (b'{"session": null, "message_id": "1", "text": "x", "more": {"a": 1, "a": 2}}', 400),
        (b'{"session": null, "message_id": "1", "text": "x", "more": NaN}', 400),
        (b'{"session": null, "message_id": "1", "text": "\\ud83d", "text": "y"}', 400),
        (b'{"session": null, "message_id": "1", "text": "\\ud83d", "more": -Infinity}', 400),
        (b'{"session": null, "message_id": "1\\ud83d", "text": "x"}', 400),
        (b'{"session": null, "message_id": "1", "choice": "\\udc00"}', 400),
        (b'{"session": null, "message_id": "1", "text": "x", "\\udc00": 1}', 400),
        (b'{"session": null, "message_id": "1", "text": "\\ud83d", "more": %s1%s}' % (b"[" * 1_010, b"]" * 1_010), 400),
    ],
)
async def test_what_cannot_be_a_message_is_refused_in_one_plain_chinese_sentence(
    client: httpx.AsyncClient, heard: Heard, body: bytes, status: int
) -> None:
    answer = await client.post("/api/chat", content=body)
    assert answer.status_code == status
    assert CHINESE_SENTENCE.fullmatch(answer.json()["message"])
    assert heard.messages == []


async def test_a_body_of_unknown_length_is_read_no_further_than_the_limit(client: httpx.AsyncClient) -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 65_536
            yield b" " * 65_536

    answer = await client.post("/api/chat", content=endless())
    assert answer.status_code == 413
    assert given <= CHAT_BYTES + 2 * 65_536


async def test_a_text_of_20000_characters_is_taken_however_it_is_escaped(client: httpx.AsyncClient) -> None:
    body = b'{"session": null, "message_id": "1", "text": "%s"}' % (rb"\ud83d\ude00" * 20_000)
    assert (await client.post("/api/chat", content=body)).status_code == 200


@pytest.mark.parametrize(
    "half", [rb"\ud83d", b"\xed\xa0\xbd", b"\xff"], ids=["escaped", "surrogate bytes", "not UTF-8"]
)
async def test_half_a_character_is_replaced_rather_than_refused(
    client: httpx.AsyncClient, heard: Heard, half: bytes
) -> None:
    body = b'{"session": null, "message_id": "1", "text": "\xe5\xa5\xb3' + half + b'"}'
    assert (await client.post("/api/chat", content=body)).status_code == 200
    [message] = heard.messages
    assert message.text.startswith("女\ufffd")
    message.text.encode()  # can be stored


async def test_only_the_half_is_replaced_and_what_looks_like_one_stays(client: httpx.AsyncClient, heard: Heard) -> None:
    body = rb'{"session": null, "message_id": "1", "text": "\\ud83d \n\ud83d\ude00\ud83d"}'
    assert (await client.post("/api/chat", content=body)).status_code == 200
    assert heard.messages[0].text == "\\ud83d \n\U0001f600\ufffd"


async def test_a_byte_order_mark_before_the_json_is_passed_over(client: httpx.AsyncClient) -> None:
    facts = b'{"sex": "male"}'
    marked = await client.post("/api/assess", content=b"\xef\xbb\xbf" + facts)
    assert marked.status_code == 200
    assert marked.content == (await client.post("/api/assess", content=facts)).content
    said = b'\xef\xbb\xbf{"session": null, "message_id": "1", "text": "%s"}'
    for text in (b"x", rb"\ud83d"):
        assert (await client.post("/api/chat", content=said % text)).status_code == 200


async def test_who_keeps_the_result_is_given_its_page(client: httpx.AsyncClient) -> None:
    result = (await result_of(client)).json()
    [choice] = [one for bubble in result["replies"] for one in bubble["choices"] if one["label"] == "存成图片"]
    body = {"session": result["session"], "message_id": "keep", "choice": choice["id"]}
    first = (await client.post("/api/chat", json=body)).json()["replies"][0]
    assert [link["url"] for link in first["links"]] == ["/picture", "/result"]
    client.cookies.set("xueshi", result["session"])
    assert "另 11.5 学时要先问单位" in (await client.get("/result")).text
    assert 'class="link" href="/picture">' in (await client.get("/")).text


async def test_the_session_is_kept_only_as_a_digest(client: httpx.AsyncClient, heard: Heard) -> None:
    session = (await say(client, None, "1", "你好")).json()["session"]
    [message] = heard.messages
    assert session not in repr(message)
    assert message.person.startswith("web::")


async def test_the_assessment_in_a_reply_has_the_bytes_of_the_assessment_alone(client: httpx.AsyncClient) -> None:
    answer = await result_of(client)
    alone = orjson.dumps(rules.assess(PACKS, answer.json()["facts"], DAY))
    assert answer.json()["assessment"]["status"] == "short"
    assert b'"assessment":' + alone + b"," in answer.content
    assert (await client.post("/api/assess", content=orjson.dumps(answer.json()["facts"]))).content == alone


async def test_a_list_of_facts_gives_a_list_in_the_same_order_with_bad_ones_refused_in_their_place(
    client: httpx.AsyncClient,
) -> None:
    asked = [{"id": str(number), "sex": "male"} for number in range(250)]
    asked[7] = {"id": "7", "sex": "robot"}
    answer = await client.post("/api/assess", json=[*asked, "no object"])
    assert answer.status_code == 200
    told = answer.json()
    assert [one["id"] for one in told[:250]] == [str(number) for number in range(250)]
    assert [index for index, one in enumerate(told) if one["status"] == "refused"] == [7, 250]


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"age": NaN}', b'{"age": 50, "age": 51}', b'{"id": "\\ud83d"}', b"\xff", b"\xef\xbb\xbf"]
)
async def test_what_is_not_json_is_an_assessment_refused_as_invalid_json(
    client: httpx.AsyncClient, body: bytes
) -> None:
    answer = await client.post("/api/assess", content=body)
    assert answer.status_code == 400
    assert answer.json()["status"] == "refused"
    assert answer.json()["why"] == "invalid_json"
    assert CHINESE_SENTENCE.fullmatch(answer.json()["message"])


async def test_ready_follows_the_store_and_alive_does_not(heard: Heard) -> None:
    answers: Iterator[bool] = iter([True, False])

    async def ready() -> bool:
        return next(answers)

    app = web_app(heard, public_url="http://x", retention_days=1, ready=ready, metrics=str)
    async with asking(app) as client:
        assert [(await client.get("/readyz")).status_code for _ in range(2)] == [200, 503]
        assert (await client.get("/healthz")).status_code == 200


async def test_metrics_count_requests_and_name_no_person(client: httpx.AsyncClient) -> None:
    session = (await say(client, None, "secret-id", "我52，女")).json()["session"]
    await client.get(f"/{session}")
    text = (await client.get("/metrics")).text
    assert 'xueshi_http_requests_total{path="/api/chat",status="200"} 1.0\n' in text
    assert 'xueshi_http_requests_total{path="other",status="404"} 1.0\n' in text
    assert "xueshi_http_request_seconds_count 2.0\n" in text
    assert "xueshi_turns_total 3\n" in text
    assert session not in text
    assert all(
        re.fullmatch(r"#.*|[a-z_]+(\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*\})? [\d.]+", line)
        for line in text.splitlines()
    )


async def test_turns_are_counted_by_channel_and_a_repeated_delivery_only_once(
    client: httpx.AsyncClient, heard: Heard
) -> None:
    talks = heard.talks
    assert isinstance(talks, Conversation)
    before = talks.turns["web"]
    session = (await say(client, None, "1", "你好")).json()["session"]
    for _ in range(2):
        await say(client, session, "2", "开始查询")
    assert talks.turns["web"] == before + 2


class Broken(Heard):
    """A conversation with a bug in it."""

    async def take(self, message: Message) -> Turn:
        raise RuntimeError(f"private words: {message.text}")


async def test_a_bug_is_one_apology_and_a_log_line_without_what_was_said(
    heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    async with asking(make_app(Broken(heard.talks))) as client:
        with caplog.at_level(logging.INFO):
            answer = await say(client, None, "1", "我52")
    assert answer.status_code == 500
    assert CHINESE_SENTENCE.fullmatch(answer.json()["message"])
    assert "RuntimeError at test_api.py" in caplog.text
    assert "private words" not in caplog.text
    assert "我52" not in caplog.text


async def test_who_is_too_fast_is_told_when_to_come_again(heard: Heard) -> None:
    class Hurried(Heard):
        async def take(self, message: Message) -> Turn:
            raise HttpFault("too_fast", retry_after=3)

    async with asking(make_app(Hurried(heard.talks))) as client:
        answer = await say(client, None, "1", "你好")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    assert CHINESE_SENTENCE.fullmatch(answer.json()["message"])


@pytest.mark.slow
async def test_this_machine_may_open_thousands_of_sessions_at_once(client: httpx.AsyncClient) -> None:
    statuses = {(await say(client, None, "1", "你好")).status_code for _ in range(1_500)}
    assert statuses == {200}


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/chat", 405), ("POST", "/api/nothing", 404)])
async def test_a_wrong_address_under_api_is_answered_as_json(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert CHINESE_SENTENCE.fullmatch(answer.json()["message"])
