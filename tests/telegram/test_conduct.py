"""The rules of conduct as somebody on Telegram lives through them, over real sockets, polled and posted alike."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from bot.post.aside import Aside
from storage import Written
from storage.tables import answer
from tests.botapi import USERNAME, BotApi, Person, acknowledged, buttons
from tests.botapi.faults import Kind
from tests.telegram.service import Service

pytestmark = pytest.mark.slow

FACTS = "男，1985年6月出生，中级，事业单位。2023年公需30专业60，2024年公需30专业60，2025年公需30专业41"
WORDLESS = {
    "sticker": {"file_id": "1", "file_unique_id": "1", "type": "regular", "width": 1, "height": 1},
    "voice": {"file_id": "1", "file_unique_id": "1", "duration": 3},
    "photo": [{"file_id": "1", "file_unique_id": "1", "width": 1, "height": 1}],
    "video_note": {"file_id": "1", "file_unique_id": "1", "length": 1, "duration": 1},
    "document": {"file_id": "1", "file_unique_id": "1"},
    "location": {"latitude": 40.8, "longitude": 111.7},
    "contact": {"phone_number": "1", "first_name": "张"},
    "dice": {"emoji": "🎲", "value": 3},
    "story": {"id": 1},
    "something_of_next_year": {"x": 1},
}


async def begun(person: Person) -> None:
    await person.asks("/start")
    await person.presses("开始查询")


async def result(person: Person) -> str:
    """The result of somebody whose facts are all told, who says no to whatever is still asked."""
    for _ in range(8):
        labels = person.labels()
        if "看结果" in labels:
            return await person.presses("看结果")
        await (person.presses("都没有") if "都没有" in labels else person.asks(FACTS))
    raise AssertionError(f"no result; there is {person.labels()}")


async def test_from_hello_to_the_result_by_taps_and_words(person: Person, api: BotApi) -> None:
    await begun(person)
    await person.asks(FACTS)
    assert "还差 19 学时" in await result(person)
    assert api.refused() == []


async def test_the_menu_names_commands_that_the_conversation_knows(person: Person, api: BotApi) -> None:
    await person.asks("/start")
    assert "start" in {command["command"] for command in api.commands}
    for command in api.commands:
        assert "没看懂" not in await person.asks(f"/{command['command']}")


@pytest.mark.parametrize("what", WORDLESS)
async def test_whatever_is_sent_is_answered_and_the_question_stays(person: Person, what: str) -> None:
    await begun(person)
    labels = person.labels()
    person.says({what: WORDLESS[what]})
    assert await person.sees()
    assert person.labels() == labels


async def test_the_words_under_a_picture_are_read(person: Person) -> None:
    await begun(person)
    person.says({"photo": WORDLESS["photo"], "caption": "事业单位"})
    assert "事业单位" in await person.sees()


async def test_a_text_of_the_greatest_length_is_answered(person: Person, api: BotApi) -> None:
    await begun(person)
    assert await person.asks("我想问一下学时" * 585 + "啊")
    assert api.refused() == []


async def test_the_same_delivery_again_changes_nothing_and_says_nothing_new(person: Person, api: BotApi) -> None:
    await begun(person)
    update = person.says("事业单位")
    first = await person.sees()
    labels = person.labels()
    for new_id in (False, True):
        api.again(update, new_id)
        await asyncio.sleep(0.4)
        assert set(person.news()) <= {first}
        assert person.labels() == labels


async def test_three_taps_are_one_answer_and_three_acknowledgements(person: Person) -> None:
    await begun(person)
    before = person.keyboard("事业单位")
    queries = [person.taps("事业单位", on=before) for _ in range(3)]
    toasts = [await acknowledged(query) for query in queries]
    await person.sees()
    assert toasts[1:] == ["已记下", "已记下"]
    assert [kind for kind, *_ in person.chat.shown].count("message") == 1  # the greeting; all else is drawn in place


async def test_a_tap_draws_the_question_anew_in_its_place_and_a_result_stays(person: Person) -> None:
    await begun(person)
    first = person.keyboard()["message_id"]
    await person.presses("事业单位")
    assert person.keyboard()["message_id"] == first
    await person.asks(FACTS)
    await result(person)
    shown = person.keyboard("再算一个人")["message_id"]
    await person.presses("依据")
    assert "还差 19 学时" in person.chat.messages[shown]["text"]


async def test_a_tap_on_an_old_question_becomes_an_offer(person: Person) -> None:
    await begun(person)
    old = person.keyboard("事业单位")
    await person.presses("事业单位")
    await acknowledged(person.taps("国有企业", on=old))
    assert "国有企业" in await person.sees()
    assert {"改", "不改"} <= set(person.labels())


@pytest.mark.parametrize("data", ["v0:sex:male:2019", "a" * 64, "\x00\x7f{}[]", "9999.title_level=middle"])
@pytest.mark.parametrize("hidden", [False, True])
async def test_a_button_of_last_year_is_acknowledged_and_answered(person: Person, data: str, hidden: bool) -> None:
    await begun(person)
    query, _ = person.taps_data(data, person.keyboard(), hidden=hidden)
    assert await acknowledged(query) or await person.sees()


async def test_a_tap_that_is_too_old_for_a_toast_is_answered_by_a_message(person: Person, api: BotApi) -> None:
    await begun(person)
    api.query_life = 0.0
    person.taps_data("9999.go:nothing", person.keyboard())
    assert await person.sees()


async def test_a_tap_on_a_message_that_its_reader_deleted_is_answered_by_a_new_one(person: Person) -> None:
    await begun(person)
    gone = person.keyboard("事业单位")
    del person.chat.messages[gone["message_id"]]
    await acknowledged(person.taps("事业单位", on=gone))
    assert "事业单位" in await person.sees()
    assert person.labels()


async def test_editing_a_message_corrects_its_answer(person: Person) -> None:
    await begun(person)
    update = person.says(FACTS)
    await person.sees()
    person.edits(update, FACTS.replace("专业41", "专业51"))
    await person.sees()
    assert "还差 9 学时" in await result(person)


async def test_an_edit_that_cannot_be_read_keeps_the_old_answer(person: Person) -> None:
    await begun(person)
    update = person.says(FACTS)
    await person.sees()
    person.edits(update, "哈哈哈哈")
    await person.sees()
    assert "还差 19 学时" in await result(person)


async def test_messages_sent_at_once_are_taken_in_order(person: Person) -> None:
    await begun(person)
    for text in ("我是初级", "不对，我是副高", "不对，我是中级", "改"):
        person.says(text)
    await person.sees(lambda text: "已改：中级" in text)
    assert "申报级别：中级" in await person.asks("我的数据")


async def test_nobody_waits_for_somebody_whose_messages_go_out_slowly(person: Person, api: BotApi) -> None:
    slow = api.person()
    api.fail("slow", "*", chat=slow.id, seconds=4.0)
    slow.says("/start")
    await asyncio.sleep(0.2)
    await person.asks("/start")
    assert slow.news() == []
    assert await slow.sees()


@pytest.mark.parametrize("kind", ["429", "500", "page", "drop"])
async def test_the_reply_comes_once_when_the_network_is_well_again(person: Person, api: BotApi, kind: Kind) -> None:
    await begun(person)
    for method in ("sendmessage", "editmessagetext"):
        api.fail(kind, method, chat=person.id, times=2)
    person.says("事业单位")
    assert "事业单位" in await person.sees(lambda text: "事业单位" in text)
    await asyncio.sleep(0.5)
    assert person.news() == []


async def test_a_lost_answer_repeats_a_message_once_at_most(person: Person, api: BotApi) -> None:
    await begun(person)
    api.fail("lost", "sendmessage", chat=person.id)
    person.says("事业单位")
    text = await person.sees(lambda text: text.count("记下了") == 2)
    await asyncio.sleep(1.0)
    assert person.news() == []
    assert text.count("记下了") == 2


async def test_a_wait_that_is_asked_for_is_kept(person: Person, api: BotApi) -> None:
    await begun(person)
    api.fail("429", "sendmessage", chat=person.id, seconds=2.0)
    began = len(api.calls)
    person.says("事业单位")
    await person.sees()
    tries = [call.at for call in api.calls[began:] if call.method == "sendmessage"]
    assert len(tries) == 2
    assert tries[1] - tries[0] >= 2.0


async def test_a_crowd_at_the_platforms_limits_is_answered_without_hammering(person: Person, api: BotApi) -> None:
    crowd = [api.person() for _ in range(20)]
    api.a_second = 1.0
    for one in crowd:
        one.says("/start")
        one.says("开始查询")
    await asyncio.gather(*(one.sees(lambda text: "单位" in text) for one in crowd))
    assert api.hammered == 0


async def test_somebody_who_blocked_the_bot_is_left_alone_and_answered_when_they_are_back(
    person: Person, api: BotApi
) -> None:
    await begun(person)
    person.blocks()
    person.says("事业单位")
    await asyncio.sleep(1.0)
    assert len([call for call in api.calls if call.code == 403]) <= 1
    person.blocks(False)
    assert await person.asks("你好")


async def test_in_a_group_nothing_personal_is_taken_and_the_way_out_is_shown(person: Person, api: BotApi) -> None:
    group = api.group()
    person.says("今天中午吃什么", group)
    await asyncio.sleep(0.4)
    assert group.shown == []
    person.says(f"@{USERNAME} 我52,女,副高,2025年公需30专业41,还差多少？", group)
    async with asyncio.timeout(60):
        while not group.shown:
            await asyncio.sleep(0.02)
    said = next(message for message in reversed(group.messages.values()) if message["from"]["is_bot"])
    assert [button["url"] for button in buttons(said)] == [f"https://t.me/{USERNAME}"]
    assert not re.search(r"(?<!\d)(52|41|19)(?!\d)", said["text"])
    assert "52" not in await person.asks("/start")


async def test_a_tap_in_a_group_gets_a_toast_and_nothing_else(person: Person, api: BotApi) -> None:
    group = api.group()
    await person.asks("/start")
    there = api.message(group, {"from": {"id": 4711000, "is_bot": True}, "text": "x"})
    query, _ = person.taps_data("1.go:begin", there, group)
    assert "私聊" in await acknowledged(query)
    assert group.shown == []


@pytest.mark.parametrize(
    "text",
    [
        "<b>男</b><script>alert(1)</script>", "{{7*191}} {% raw %} ${7*191} %s {0}", "*_[x](tg://user?id=1)`~>#+-=|{}.!\\",
        "'; DROP TABLE session; --", "\u202e男\u202c 1985\u200b年6月 \ufeff中级", "&lt;b&gt; &amp;", "<" * 300, "男\ud83d\ude00\u0000",
    ],
)  # fmt: skip
async def test_text_is_data(person: Person, api: BotApi, text: str) -> None:
    await begun(person)
    answer = await person.asks(text)
    assert "1337" not in answer
    assert not re.search("[\u200b\u202a-\u202e\u2066-\u2069\ufeff]", answer)
    assert api.refused() == []


async def test_a_result_is_kept_as_a_photo_and_the_last_day_as_a_date_in_the_calendar(
    person: Person, api: BotApi
) -> None:
    await begun(person)
    await person.asks(FACTS)
    await result(person)
    await person.presses("存成")
    async with asyncio.timeout(60):
        while not api.files:
            await asyncio.sleep(0.02)
    assert api.files[0].startswith(b"\x89PNG")
    assert "再算一个人" in person.labels()
    await person.presses("提醒我")
    async with asyncio.timeout(60):
        while len(api.files) < 2:
            await asyncio.sleep(0.02)
    assert b"BEGIN:VCALENDAR" in api.files[1]


async def test_what_is_deleted_on_request_is_gone_and_the_person_is_told(person: Person, service: Service) -> None:
    await begun(person)
    await person.asks(FACTS)
    await person.asks("删除我的数据")
    assert "已删除" in await person.presses("确定删除")
    stored = await service.talks.store.load(f"telegram:4711000:{person.id}")
    assert stored.session is not None
    assert stored.session["cases"] == {"self": {}}


async def test_a_deep_link_nobody_takes_is_a_greeting(person: Person) -> None:
    assert "没看懂" not in await person.asks("/start abc-123_X")
    assert "开始查询" in person.labels()


async def test_a_code_in_a_deep_link_binds_and_leaves_the_interview_where_it_was(
    person: Person, api: BotApi, service: Service
) -> None:
    assert isinstance(service.talks.beside, Aside)
    [code] = await service.talks.beside.bindings.invite(["1001"])
    await begun(person)
    pending = person.labels()
    answered = await person.asks(f"/start {code}")
    assert "绑定好了" in answered
    assert "哪一种" in answered
    assert person.labels() == pending
    assert "记下了：事业单位" in await person.presses("事业单位")
    other = api.person()
    assert "已经被别的账号用过" in await other.asks(f"/start {code}")
    assert "开始查询" in other.labels()


async def test_a_tap_after_the_retention_period_is_told_what_has_become_of_the_answers(
    person: Person, service: Service
) -> None:
    await begun(person)
    await person.presses("事业单位")
    service.talks.today = lambda: date(2026, 9, 1)
    assert "过了保存期" in await person.presses("上一步")
    assert "开始查询" in person.labels()
    stored = await service.talks.store.database.read(
        lambda connection: connection.scalar(select(func.count()).select_from(answer))
    )
    assert stored == 0


async def test_a_tap_on_a_question_that_a_release_has_taken_away_brings_the_next_one(
    person: Person, service: Service
) -> None:
    await begun(person)
    await person.presses("事业单位")
    key = f"telegram:4711000:{person.id}"
    async with asyncio.timeout(90):
        stored = await service.talks.store.load(key)
    assert stored.session is not None
    older = {**stored.session, "asking": "shoe_size"}
    await service.talks.store.commit(
        Written(
            person=key,
            revision=stored.revision,
            session=older,
            message_id="",
            digest="",
            answer=None,
            reply=b"",
            at=datetime.now(UTC),
        )
    )
    assert "题目有更新" in await person.presses("上一步")
    assert "都没有" in person.labels()
