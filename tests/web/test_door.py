"""What stands between the world and the pages: names, headers, methods, metrics, and a store that is away."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping, Sequence
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.web import web_app
from bot.messages import Exchange, Message, Turn
from bot.settings.logs import begin
from tests.web.conftest import Heard, asking, is_ready, make_app

pytestmark = pytest.mark.asyncio(loop_scope="session")
EVIL = {"Host": "evil.example"}


@pytest.mark.parametrize("path", ["/", "/docs/", "/docs", "/result", "/say", "/metrics", "/nowhere"])
async def test_a_request_for_somebody_elses_name_is_turned_away_and_told_nothing(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path, headers=EVIL)
    assert answer.status_code == 421
    assert "evil.example" not in answer.text + str(answer.headers)
    assert "网址" in answer.text


@pytest.mark.parametrize(
    "host",
    ["a b", "evil.example:80", "127.0.0.1@evil.example", "[::", "evil.example#127.0.0.1", "", "[::1]evil.example",
     "127.0.0.1:evil", "localhost:8080/x", "127.0.0.1,evil.example"],
)  # fmt: skip
async def test_a_name_that_only_looks_like_ours_is_turned_away_too(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/", headers={"Host": host})).status_code in (400, 421)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8080", "LOCALHOST:1", "[::1]:8080"])
async def test_our_own_names_are_answered(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/", headers={"Host": host})).status_code == 200


async def test_the_interface_and_the_probes_are_answered_by_any_name_since_nothing_in_them_depends_on_it(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.get("/healthz", headers=EVIL)).status_code == 200
    assert (await client.get("/readyz", headers=EVIL)).status_code == 200
    assert (await client.post("/api/assess", headers=EVIL, content=b"{}")).status_code == 200


@pytest.mark.parametrize(
    "path", ["/api/chat/", "/api/assess/", "/healthz/", "/readyz/", "/docs/", "//evil.example/docs/"]
)
async def test_no_redirect_is_made_of_the_name_that_a_request_calls_us_by(client: httpx.AsyncClient, path: str) -> None:
    for method in ("GET", "POST"):
        answer = await client.request(method, path, headers=EVIL)
        assert answer.status_code in (404, 421)
        assert "location" not in answer.headers


async def test_behind_https_every_answer_tells_the_browser_to_stay_with_it(heard: Heard) -> None:
    async with asking(make_app(heard, "https://xueshi.example"), "https://xueshi.example") as client:
        for path in ("/", "/healthz", "/nowhere", "/api/chat", "/pages/chat.css"):
            assert "max-age=" in (await client.get(path)).headers["strict-transport-security"]
        assert "secure" in (await client.get("/")).headers["set-cookie"].lower()
        assert "strict-transport-security" in (await client.get("/", headers=EVIL)).headers


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/nowhere", "/api/chat", "/metrics", "/pages/chat.css", "/openapi.json"]
)
async def test_every_answer_carries_what_a_browser_should_know(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert len(headers["x-request-id"]) == 6


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", "/api/chat", "/say", "/docs", "/metrics"])
async def test_odd_methods_are_refused_and_the_others_named(client: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"]
    assert method not in answer.headers["allow"]


@pytest.mark.parametrize(("version", "status"), [("1.0", 200), ("1.1", 421)])
async def test_only_the_oldest_browsers_may_leave_out_whom_they_call(heard: Heard, version: str, status: int) -> None:
    answers: list[MutableMapping[str, Any]] = []
    scope = {"type": "http", "http_version": version, "method": "GET", "scheme": "http", "path": "/", "raw_path": b"/",
             "root_path": "", "query_string": b"", "headers": [], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80)}  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        answers.append(message)

    await make_app(heard)(scope, receive, send)
    assert answers[0]["status"] == status


async def test_a_form_that_cannot_be_taken_apart_is_answered_in_our_words(heard: Heard) -> None:
    async def form(request: Request) -> Response:
        async with request.form(max_fields=1):
            return Response()

    app = web_app(heard, public_url="http://127.0.0.1", retention_days=1, ready=is_ready, metrics=str,
                  routes=[Route("/form", form, methods=["POST"])])  # fmt: skip
    async with asking(app) as client:
        answer = await client.post("/form", data={"a": "1", "b": "2"}, files={"c": b""})
    assert answer.status_code == 400
    assert "表单" in answer.text
    assert "Too many" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"},
     {"Origin": "http://127.0.0.1.evil.example"}],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/text", "/say", "/docs"])
async def test_no_form_of_another_site_does_anything(
    client: httpx.AsyncClient, path: str, headers: dict[str, str]
) -> None:
    answer = await client.post(path, headers=headers, data={"path": "/api/assess", "body": "{}"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    ours = {"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1"}
    assert (await client.post("/text", headers=ours)).status_code == 303
    assert (await client.post("/api/assess", headers=headers, content=b"{}")).status_code == 200


async def test_metrics_are_for_this_machine_or_for_who_has_the_token(heard: Heard) -> None:
    app = web_app(
        heard,
        public_url="https://xueshi.example",
        retention_days=1,
        ready=is_ready,
        metrics=str,
        metrics_token="t" * 20,
    )
    outside = httpx.ASGITransport(app, client=("203.0.113.9", 1))
    async with httpx.AsyncClient(transport=outside, base_url="http://127.0.0.1") as client:
        assert (await client.get("/metrics")).status_code == 403
        assert (await client.get("/metrics", headers={"Authorization": "Bearer " + "x" * 20})).status_code == 403
        assert (await client.get("/metrics", headers={"Authorization": "Bearer " + "t" * 20})).status_code == 200
    async with asking(app) as near:
        assert (await near.get("/metrics")).status_code == 200
        assert (await near.get("/metrics", headers={"Host": "xueshi.example"})).status_code in (403, 421)
        for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
            assert (await near.get("/metrics", headers={header: "203.0.113.9"})).status_code == 403


@pytest.mark.parametrize("path", ["/%00", "/n/1.%00", "/?page=%00", "/pages/%00.css"])
async def test_a_sign_that_no_database_keeps_is_no_address(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


class Away(Heard):
    """A conversation whose store is away."""

    class Gone(Exception):
        pass

    async def take(self, message: Message) -> Turn:
        raise self.Gone("the database at postgresql://secret is away")

    async def recent(self, person: str) -> Sequence[Exchange]:
        raise self.Gone("away")


async def test_while_nothing_can_be_stored_people_read_a_page_and_programs_a_503_with_a_sentence(heard: Heard) -> None:
    app = web_app(
        Away(heard.talks),
        public_url="http://127.0.0.1",
        retention_days=1,
        ready=is_ready,
        metrics=str,
        busy=(Away.Gone,),
    )
    async with asking(app) as client:
        page = await client.get("/")
        token = page.text.partition('name="token" value="')[2].partition('"')[0]
        assert page.status_code == 200  # somebody new needs no store
        program = await client.post("/api/chat", json={"session": None, "message_id": "1", "text": "你好"})
        assert (program.status_code, program.json()["error"]) == (503, "unavailable")
        assert int(program.headers["retry-after"]) > 0
        form = {"token": token, "nonce": "n1", "text": "我52，女 <b>"}
        person = await client.post("/say", data=form)
        assert person.status_code == 503
        assert person.headers["content-type"].startswith("text/html")
        assert "再发一次" in person.text
        assert 'value="我52，女 &lt;b&gt;"' in person.text  # what was written is not lost
        assert 'value="n1"' in person.text
        script = await client.post("/say", data=form, headers={"Accept": "application/json"})
        assert (script.status_code, script.json()["error"]) == (503, "unavailable")
        again = await client.get("/")
        assert (again.status_code, again.headers["content-type"][:9]) == (503, "text/html")
        for answer in (program, person, script, again):
            assert "postgresql" not in answer.text


@pytest.mark.parametrize("form", ["text", "json"])
async def test_the_number_on_the_page_is_the_number_in_the_log(
    heard: Heard, capfd: pytest.CaptureFixture[str], form: str
) -> None:
    class Broken(Heard):
        async def take(self, message: Message) -> Turn:
            raise RuntimeError("private words")

    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    begin("INFO", form)
    try:
        async with asking(make_app(Broken(heard.talks))) as client:
            token = (await client.get("/")).text.partition('name="token" value="')[2].partition('"')[0]
            page = await client.post("/say", data={"token": token, "nonce": "n", "text": "我52"})
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    number = page.headers["x-request-id"]
    assert page.status_code == 500
    assert number in page.text
    logged = capfd.readouterr().err
    assert number in logged
    assert "private words" not in logged
