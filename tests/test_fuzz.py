"""Whatever bytes come in, somebody is told in a sentence: no parser of ours falls over."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rules
from bot.app import conversation
from bot.channels.web import web_app
from bot.reading.understanding import read
from bot.roster.grid import UnreadableRoster
from bot.roster.mapping import MappingFile
from bot.roster.opening import open_roster
from bot.settings import SettingsError, read_settings
from bot.upkeep.backup import MAGIC, BackupFault, checked
from rules.loading import read_notice
from storage import Unavailable
from tests.examples import examples

pytestmark = pytest.mark.slow

QUICK = examples(40)
DAY = date(2025, 9, 1)
FACTS = ("id", "sex", "birth", "age", "title_level", "route", "sector", "purpose", "review_year", "review_date", "region", "area",
         "estimate", "unit_scope", "history", "grassroots", "recognition_years", "postdoc", "epidemic_years", "exam_years", "transfer",
         "tenure_start", "nothing")  # fmt: skip
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12) | st.dates().map(str)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
people = st.dictionaries(st.sampled_from(FACTS), values, max_size=8)
texts = st.text(max_size=60) | st.text(
    "我女男岁副高正中级初公需专业学时年月日今去前没有零一二三四五六七八九十百0123456789.-~、，。", max_size=40
)


class Door:
    """The whole web app, asked from a test that is not asynchronous."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        chosen = read_settings({"XUESHI_DATA_DIR": str(folder), "XUESHI_TODAY": "2025-09-01"}, None)
        self.opened = conversation(chosen)
        talks = self.loop.run_until_complete(self.opened.__aenter__())
        app = web_app(talks, public_url="http://127.0.0.1", retention_days=180, ready=_ready, metrics=str)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.loop.run_until_complete(self.client.request(method, path, **more))

    def close(self) -> None:
        self.loop.run_until_complete(self.client.aclose())
        self.loop.run_until_complete(self.opened.__aexit__(None, None, None))
        self.loop.close()


async def _ready() -> bool:
    return True


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    made = Door(tmp_path_factory.mktemp("fuzz"))
    yield made
    made.close()


@QUICK
@given(body=st.binary(max_size=80) | values.map(lambda value: _json(value)))
def test_any_body_is_answered(door: Door, body: bytes) -> None:
    for path in ("/api/chat", "/api/assess", "/say", "/docs"):
        answer = door.ask("POST", path, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code < 500, (path, body)


def _json(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except (TypeError, ValueError):
        return repr(value).encode("utf-8", "replace")


@QUICK
@given(facts=people)
def test_any_facts_are_assessed_or_refused_in_a_sentence(door: Door, facts: dict[str, Any]) -> None:
    answer = door.ask("POST", "/api/assess", content=_json(facts))
    assert answer.status_code in (200, 400)
    told = answer.json()
    assert told["status"] != "refused" or told["message"]


@QUICK
@given(said=st.lists(texts.filter(bool), min_size=1, max_size=3))
def test_any_messages_are_answered(door: Door, said: list[str]) -> None:
    session = None
    for number, text in enumerate(said):
        body = _json({"session": session, "message_id": str(number), "text": text})
        answer = door.ask("POST", "/api/chat", content=body)
        assert answer.status_code in (200, 400), text
        if answer.status_code == 200:
            session = answer.json()["session"]
            assert any(reply["text"] for reply in answer.json()["replies"])


SAID_AGAIN = ("嘎查", "个体", "乡镇调到", "除了", "除了公需，", "删除我的数据", "½", "1.", "破格", "24年", "没有不")


@pytest.mark.parametrize("word", SAID_AGAIN)
def test_a_word_said_over_and_over_costs_no_more_than_it_is_long(word: str) -> None:
    def calls(size: int) -> int:
        count = 0

        def note(*_: Any) -> None:
            nonlocal count
            count += 1

        sys.setprofile(note)
        try:
            read((word * size)[:size], DAY)
        finally:
            sys.setprofile(None)
        return count

    calls(100)
    assert calls(8_000) < 6 * calls(2_000)  # sixteen times, where each is held against each


def test_what_can_be_taken_apart_in_many_ways_is_taken_in_one(door: Door) -> None:
    """As long as this it would be read in the midst of everybody's talk, and without the mend for some years."""
    for word in ("特殊情况", "上面的", "没有其他情况", "都没有"):
        body = _json({"session": None, "message_id": "1", "text": (word * 100)[:290]})
        assert door.ask("POST", "/api/chat", content=body).status_code == 200


@QUICK
@given(path=st.text(max_size=20), query=st.text(max_size=20))
def test_any_address_is_answered(door: Door, path: str, query: str) -> None:
    try:
        url = httpx.URL("http://127.0.0.1/" + path.lstrip("/"), params={"page": query})
    except httpx.InvalidURL:
        return
    assert door.ask("GET", str(url)).status_code < 500


@QUICK
@given(content=st.binary(max_size=120) | st.text("XUESHI_WEBPORT=1\n\"'# \\$", max_size=60).map(str.encode))
def test_any_file_of_settings_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("env") / ".env"
    path.write_bytes(content)
    with suppress(SettingsError):
        assert read_settings({}, path).today() >= date(2024, 1, 1)


@QUICK
@given(content=st.binary(max_size=200), whole=st.booleans())
def test_any_file_is_no_backup(tmp_path_factory: pytest.TempPathFactory, content: bytes, whole: bool) -> None:
    path = tmp_path_factory.mktemp("backup") / "copy"
    path.write_bytes(MAGIC + content if whole else content)
    with pytest.raises((BackupFault, Unavailable)):
        checked(path)


# ---------------------------------------------------------------- files that are nearly whole

PACK = (Path(rules.__file__).parent / "notices" / "neimenggu" / "2025.toml").read_bytes()
LIBRARY = rules.load()
HEAD, ROW = (
    ["工号", "姓名", "性别", "出生年月", "单位性质", "申报级别", "2024公需", "2024专业"],
    ["1", "甲", "女", "1975-06", "事业单位", "副高", "30", "41.5"],
)


def _as_html() -> bytes:
    rows = "".join(f"<tr>{''.join(f'<td colspan=1>{cell}</td>' for cell in row)}</tr>" for row in (HEAD, ROW))
    return f"<html><head><meta charset=utf-8></head><body><table>{rows}</table></body></html>".encode()


def _as_xml_2003() -> bytes:
    cell = '<Cell ss:Index="{}"><Data ss:Type="String">{}</Data></Cell>'
    rows = [f"<Row>{''.join(cell.format(*each) for each in enumerate(row, 1))}</Row>" for row in (HEAD, ROW)]
    return (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="a"><Table>'
        f"{''.join(rows)}</Table></Worksheet></Workbook>"
    ).encode()


def _as_workbook() -> bytes:
    book = openpyxl.Workbook()
    for row in (HEAD, ROW):
        book.active.append(row)
    book.save(held := io.BytesIO())
    return held.getvalue()


SHEETS = [_as_html(), _as_xml_2003(), _as_workbook(), "\n".join(map(",".join, (HEAD, ROW))).encode("gb18030")]
blows = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 40),
        st.binary(max_size=6)
        | st.sampled_from(
            [b"<", b"&#x0;", b"<!DOCTYPE a>", b'"', b"-1", b"9" * 30, b"\n", b"true", b"[", b"1e999", b"NaN"]
        ),
    ),
    min_size=1,
    max_size=4,
)


def battered(content: bytes, struck: list[tuple[float, int, bytes]]) -> bytes:
    """The file with some bytes of it taken out, and others in their place."""
    for where, gone, put in struck:
        at = int(where * len(content))
        content = content[:at] + put + content[at + gone :]
    return content


@QUICK
@given(whole=st.sampled_from(SHEETS), struck=blows)
def test_any_sheet_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, whole: bytes, struck: Any) -> None:
    path = tmp_path_factory.mktemp("sheet") / "a"
    path.write_bytes(battered(whole, struck))
    with suppress(UnreadableRoster):
        assert open_roster(path, LIBRARY.notices[0], MappingFile()).tables


@QUICK
@given(struck=blows)
def test_any_notice_is_loaded_or_refused_in_a_sentence(struck: Any) -> None:
    with suppress(rules.PolicyError):
        assert read_notice(battered(PACK, struck), "2025.toml").id
