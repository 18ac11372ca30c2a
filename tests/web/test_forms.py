"""The page without a browser: forms, cookies, headers, and the description of the interface."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import httpx
import orjson
import pytest

import rules
from bot.channels.web.faults import FAULTS
from rules.facts import KNOWN
from rules.registry import FACTS
from rules.training import RECORD_KEYS
from tests.web.conftest import DAY, PACKS, Heard, asking, make_app
from tests.web.test_api import PERSON, TO_RESULT, result_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

JSON = {"Accept": "application/json"}


def hidden(page: str, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


async def fields(client: httpx.AsyncClient) -> dict[str, str]:
    page = (await client.get("/")).text
    return {name: hidden(page, name) for name in ("token", "nonce")}


async def test_a_form_leads_back_to_the_page_with_the_newest_turn_marked(client: httpx.AsyncClient) -> None:
    sent = await client.post("/say", data={**await fields(client), "text": "开始查询"})
    assert (sent.status_code, sent.headers["Location"]) == (303, "/#latest")
    page = (await client.get("/")).text
    assert 'id="latest"' in page
    assert "您现在的单位是哪一种" in page
    assert re.search(r'<button class="key" name="choice" value="[^"]+">事业单位</button>', page)


async def test_the_same_form_sent_twice_is_one_delivery(client: httpx.AsyncClient, heard: Heard) -> None:
    form = {**await fields(client), "text": "开始查询"}
    for _ in range(3):
        assert (await client.post("/say", data=form)).status_code == 303
    assert len(heard.deliveries) == 1


async def test_another_answer_from_a_page_gone_back_to_is_another_delivery(
    client: httpx.AsyncClient, heard: Heard
) -> None:
    await client.post("/say", data={**await fields(client), "text": "开始查询"})
    page = (await client.get("/")).text
    form = {name: hidden(page, name) for name in ("token", "nonce")}
    choices = re.findall(r'name="choice" value="([^"]+)"', page)[:2]
    for choice in choices:
        assert (await client.post("/say", data={**form, "choice": choice})).status_code == 303
    assert [message.choice for message in heard.messages] == ["", *choices]
    assert len(heard.deliveries) == 3


async def test_the_same_word_said_to_two_questions_is_two_deliveries(client: httpx.AsyncClient, heard: Heard) -> None:
    for _ in range(2):
        await client.post("/say", data={**await fields(client), "text": "90"})
    assert len(heard.deliveries) == 2


async def test_the_script_gets_the_same_bubbles_that_the_page_shows(client: httpx.AsyncClient) -> None:
    form = {**await fields(client), "text": "开始查询"}
    told = (await client.post("/say", data=form, headers=JSON)).json()
    page = (await client.get("/")).text
    assert told["html"].strip() in page
    assert told["keys"].strip() in page


async def test_a_form_that_another_site_made_changes_nothing(client: httpx.AsyncClient, heard: Heard) -> None:
    form = {**await fields(client), "text": "删除我的数据"}
    for wrong in ({**form, "token": "0" * 32}, {**form, "token": ""}, {"text": "删除我的数据"}):
        answer = await client.post("/say", data=wrong)
        assert answer.status_code == 403
    async with asking(make_app(heard)) as stranger:
        assert (await stranger.post("/say", data=form)).status_code == 403
    assert heard.messages == []


@pytest.mark.parametrize(("url", "secure"), [("http://127.0.0.1:8080", False), ("https://xueshi.example", True)])
async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    heard: Heard, url: str, secure: bool
) -> None:
    async with asking(make_app(heard, url), url) as client:
        cookie = (await client.get("/")).headers["Set-Cookie"]
        assert {"HttpOnly", "SameSite=lax", "Path=/", f"Max-Age={180 * 86_400}"} <= set(cookie.split("; "))
        assert ("Secure" in cookie) is secure
        kept = client.cookies["xueshi"]
        await client.get("/")
        assert client.cookies["xueshi"] == kept


async def test_a_cookie_that_is_no_session_is_replaced(client: httpx.AsyncClient) -> None:
    answer = await client.get("/", headers={"Cookie": "xueshi=<script>"})
    assert re.search(r"xueshi=[A-Za-z0-9_-]{43};", answer.headers["Set-Cookie"])


@pytest.mark.parametrize("path", ["/", "/docs", "/nothing", "/openapi.json"])
async def test_every_page_forbids_what_it_does_not_need(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/", "/docs", "/result", "/nothing"])
async def test_no_page_refers_to_anything_elsewhere_or_holds_a_script(client: httpx.AsyncClient, path: str) -> None:
    page = (await client.get(path)).text
    for address in re.findall(r'(?:src|href|action)="([^"]*)"', page):
        assert not urlsplit(address).netloc
    assert not re.search(r"<script(?! src=)|<style|\son\w+=|\sstyle=", page)


async def test_static_files_are_kept_for_good_under_an_address_that_names_their_content(
    client: httpx.AsyncClient,
) -> None:
    page = (await client.get("/")).text
    for address in re.findall(r'(?:src|href)="(/pages/[^"]*)"', page):
        answer = await client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert "?v=" in address
    assert (await client.get("/pages/faults.toml")).status_code == 404
    assert (await client.get("/pages/..%2f__init__.py")).status_code == 404


async def test_the_script_uses_no_syntax_that_an_old_phone_lacks(client: httpx.AsyncClient) -> None:
    address = re.search(r'src="([^"]*)"', (await client.get("/")).text)
    assert address
    script = (await client.get(address[1])).text
    assert not re.search(r"=>|`|\b(?:let|const|async|await|class)\s|\?\.|\?\?|\.\.\.", re.sub(r"//.*", "", script))


async def test_who_has_deleted_everything_still_sees_that_it_is_gone(client: httpx.AsyncClient) -> None:
    for text in (*TO_RESULT, "删除我的数据"):
        assert (await client.post("/say", data={**await fields(client), "text": text})).status_code == 303
    sure = re.search(r'value="([^"]+)">确定删除<', (await client.get("/")).text)
    assert sure
    assert (await client.post("/say", data={**await fields(client), "choice": sure[1]})).status_code == 303
    page = (await client.get("/")).text
    assert "已删除您的全部回答" in page
    assert "11.5" not in page


async def test_an_answer_beside_the_result_is_no_second_result(client: httpx.AsyncClient) -> None:
    session = (await result_of(client)).json()["session"]
    client.cookies.set("xueshi", session)
    await client.post("/say", data={**await fields(client), "text": "谢谢"})
    page = (await client.get("/")).text
    assert page.count('class="verdict') == 1
    assert "不客气" in page
    assert "结果没有变：还差 10 学时" in page
    assert "还差 10 学时" in (await client.get("/result")).text


async def test_markup_template_syntax_and_scripts_come_back_as_text(client: httpx.AsyncClient, heard: Heard) -> None:
    await client.post("/say", data={**await fields(client), "text": "<img src=x onerror=alert(1)>{{ 7*7 }}"})
    page = (await client.get("/")).text
    assert "&lt;img src=x onerror=alert(1)&gt;{{ 7*7 }}" in page
    assert "<img" not in page


async def test_the_result_page_names_the_notice_the_day_the_clauses_and_numbers_to_call(
    client: httpx.AsyncClient,
) -> None:
    session = (await result_of(client)).json()["session"]
    client.cookies.set("xueshi", session)
    page = (await client.get("/result")).text
    assert re.search(
        r'<h2 class="verdict verdict-short"[^>]*>还差 10 学时可以现在学，另 11.5 学时要先问单位</h2>', page
    )
    assert "出生年月：1989年6月；申报级别：副高；单位性质：事业单位；申报年度：2025年度" in page
    assert "2025年9月1日" in page
    assert "内人社办发〔2024〕201号" in page
    assert "<dt>一(三)1</dt>" in page
    assert 'href="tel:04716928486"' in page
    assert "████" not in page


async def test_where_one_year_is_enough_the_other_years_are_said_to_be_no_bar(client: httpx.AsyncClient) -> None:
    any_one = [*TO_RESULT[:3], PERSON.replace("1989年6月", "1979年1月"), "看结果"]
    for text in any_one:
        await client.post("/say", data={**await fields(client), "text": text})
    page = (await client.get("/result")).text
    assert "没满，不影响" in page


async def test_without_a_result_its_page_leads_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/result")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


async def test_a_person_who_is_refused_sees_a_page_in_chinese_with_the_way_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nothing")
    assert answer.status_code == 404
    assert FAULTS["not_found"]["message"] in answer.text
    assert 'href="/"' in answer.text


async def test_the_description_knows_every_fact_and_every_key_of_a_record(client: httpx.AsyncClient) -> None:
    schemas = (await client.get("/openapi.json")).json()["components"]["schemas"]
    assert set(schemas["Facts"]["properties"]) == set(KNOWN) | {"id"}
    assert set(schemas["Record"]["properties"]) == set(RECORD_KEYS)
    assert schemas["Facts"]["properties"]["sector"]["enum"] == [value for value, _ in FACTS["sector"].values]
    assert schemas["Record"]["properties"]["category"]["enum"] == list(PACKS.notices[0].category_ids)
    assert all(one["description"] for kind in ("Facts", "Record") for one in schemas[kind]["properties"].values())


async def test_the_description_knows_every_key_that_answers_hold(client: httpx.AsyncClient) -> None:
    schemas = (await client.get("/openapi.json")).json()["components"]["schemas"]
    reply = (await result_of(client)).json()
    assert list(reply) == list(schemas["ChatReply"]["properties"])
    assert list(reply["replies"][0]) == list(schemas["Reply"]["properties"])
    people = (
        {},
        {"sector": "non_public", "sex": "male"},
        {"bad": 1},
        reply["facts"],
        {**reply["facts"], "history": {"2024": None}},
    )
    for facts in people:
        assert set(rules.assess(PACKS, facts, DAY)) <= set(schemas["Assessment"]["properties"])


async def test_the_interface_can_be_tried_on_its_page_without_a_script(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs")).text
    assert "<script" not in page
    bodies = {
        path: orjson.dumps(example)
        for path, example in (("/api/assess", {"age": 500}), ("/api/chat", {"message_id": "1", "text": "开始查询"}))
    }
    for path, expected in (("/api/assess", "invalid_value"), ("/api/chat", "asking:")):
        tried = await client.post("/docs", data={"path": path, "body": bodies[path].decode()})
        assert tried.status_code == 200
        assert expected in tried.text
    assert "状态 400" in (await client.post("/docs", data={"path": "/api/chat", "body": "<b>"})).text


async def test_every_refusal_that_the_interface_can_give_is_described(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    described = set(paths["/api/chat"]["post"]["responses"])
    pages_only = {"not_found", "not_allowed", "stale_page", "wrong_host", "no_metrics", "nothing_ahead"}
    assert {str(fault["status"]) for reason, fault in FAULTS.items() if reason not in pages_only} <= described


async def test_the_page_with_its_first_question_is_at_most_60_kilobytes(client: httpx.AsyncClient) -> None:
    page = await client.get("/")
    parts = [page, *[await client.get(path) for path in set(re.findall(r'(?:src|href)="(/pages/[^"]+)"', page.text))]]
    token, nonce = (re.search(rf'name="{name}" value="([^"]+)"', page.text)[1] for name in ("token", "nonce"))
    asked = {"token": token, "nonce": nonce, "text": "开始查询"}
    parts.append(await client.post("/say", data=asked, headers={"accept": "application/json"}))
    assert "您现在的单位是哪一种" in parts[-1].text
    assert len(parts) == 5
    assert sum(len(part.content) for part in parts) <= 60_000
