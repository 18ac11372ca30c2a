"""What WeChat delivers as messages, and what goes back as texts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat import incoming, layout
from bot.channels.wechat.phrasebook import MENU
from bot.messages import Choice, Link, Message, Reply
from tests.examples import examples

HEAD = {"ToUserName": "gh", "FromUserName": "oPerson", "CreateTime": "5", "MsgId": "77"}
ASK = Reply("您的性别？", (Choice("3.sex=male", "男"), Choice("3.sex=female", "女")), numbered=True)


def came(kind: str, **more: str) -> Message | None:
    return incoming.message(HEAD | {"MsgType": kind} | more, "wx1")


def event(name: str, key: str = "") -> Message | None:
    return came("event", Event=name, EventKey=key)


def said(message: Message | None) -> str:
    assert message is not None
    return message.text


@pytest.mark.parametrize(
    ("kind", "becomes"),
    [
        ("text", "text"), ("image", "photo"), ("voice", "voice"), ("video", "video"), ("shortvideo", "video"),
        ("location", "location"), ("link", "other"), ("file", "file"), ("hologram", "other"),
    ],
)  # fmt: skip
def test_every_kind_of_message_is_a_message_so_that_none_meets_silence(kind: str, becomes: str) -> None:
    message = came(kind, Content="男" if kind == "text" else "")
    assert message is not None
    assert (message.kind, message.id, message.person) == (becomes, "77", "wechat:wx1:oPerson")


def test_the_words_that_wechat_heard_in_a_voice_are_its_text() -> None:
    assert said(came("voice", Recognition="男，1985年6月。")) == "男，1985年6月。"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("男[微笑]", "男"),
        ("[强]中级[强]", "中级"),
        ("[事业单位]", "[事业单位]"),
        ("2024年[公需30]", "2024年[公需30]"),
        (" 男 ", " 男 "),
    ],
)
def test_emoticons_are_no_words_and_words_in_brackets_are(content: str, text: str) -> None:
    assert said(came("text", Content=content)) == text


def test_nothing_but_emoticons_is_a_sticker() -> None:
    message = came("text", Content="[捂脸][捂脸]")
    assert message is not None
    assert message.kind == "sticker"


def test_following_with_a_code_and_scanning_it_say_the_same_as_a_link_with_it() -> None:
    assert said(event("subscribe", "qrscene_AB12")) == said(event("SCAN", "AB12")) == "/start AB12"
    assert said(event("subscribe")) == "/start"


def test_a_menu_tap_says_its_words() -> None:
    assert said(event("CLICK", "begin")) == MENU["begin"] == "开始查询"
    assert said(event("CLICK", "有哪些平台")) == "有哪些平台"
    assert said(event("CLICK")) == "帮助"


@pytest.mark.parametrize("name", ["unsubscribe", "VIEW", "LOCATION", "TEMPLATESENDJOBFINISH", "new_one"])
def test_events_that_nobody_waits_on_are_no_messages(name: str) -> None:
    assert event(name, "x") is None


def test_two_taps_in_one_second_are_two_and_one_tap_twice_is_one() -> None:
    one, again, other = event("CLICK", "begin"), event("CLICK", "begin"), event("CLICK", "help")
    assert one == again != other
    assert one is not None
    assert other is not None
    assert one.id != other.id


@pytest.mark.parametrize("lacks", ["FromUserName", "ToUserName", "MsgId"])
def test_a_message_without_sender_or_number_is_refused(lacks: str) -> None:
    with pytest.raises(ValueError, match="no "):
        incoming.message({"MsgType": "text", "Content": "男"} | {k: v for k, v in HEAD.items() if k != lacks}, "wx1")


def test_options_are_numbered_where_the_number_is_understood() -> None:
    assert layout.pages([ASK], follow=True) == ("您的性别？\n回复数字或文字：\n【1】男\n【2】女",)


def test_where_a_number_would_be_an_answer_the_options_are_words() -> None:
    assert layout.pages([replace(ASK, numbered=False)], follow=True) == ("您的性别？\n可以回复：男、女",)


def test_numbers_run_on_through_all_that_is_shown() -> None:
    near = Reply("您是想问哪一个？", (Choice("3.topic:a", "公需课"), Choice("3.topic:b", "专业课")))
    (text,) = layout.pages([near, ASK], follow=True)
    assert (
        text
        == "您是想问哪一个？\n回复数字或文字：\n【1】公需课\n【2】专业课\n\n您的性别？\n回复数字或文字：\n【3】男\n【4】女"
    )


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("没有就点“男”；在网页上点“打印”。", "没有就回复“男”；在网页上点“打印”。"),
        ("哪一项不对，点它，或直接说", "哪一项不对，回复它的数字，或直接说"),
        ("早上8点，重点说", "早上8点，重点说"),
    ],
)
def test_nobody_is_asked_to_tap_what_cannot_be_tapped(text: str, becomes: str) -> None:
    assert layout.pages([replace(ASK, text=text)], follow=True)[0].partition("\n")[0] == becomes


def test_a_telephone_number_stands_as_text_and_an_address_as_it_is() -> None:
    links = (Link("审验卡打印 (0471)6928486", "tel:04716928486"), Link("去学习", "https://example.org/a"))
    assert layout.pages([Reply("好", links=links)], follow=True) == (
        "好\n审验卡打印 (0471)6928486\n去学习：https://example.org/a",
    )


def test_nothing_that_a_person_wrote_becomes_a_link_or_turns_the_line_round() -> None:
    (text,) = layout.pages([Reply("您说的“<a href='http://evil.example'>x</a>\u202e男\x00”没看懂，5<6")], follow=True)
    assert text == "您说的“＜a href='http://evil.example'>x＜/a>男”没看懂，5<6"


@examples(40)
@given(st.text("学时年。\n a😀", max_size=4000), st.booleans())
def test_no_page_is_too_long_and_together_they_say_everything(text: str, follow: bool) -> None:
    pages = layout.pages([Reply(text)], follow=follow)
    assert all(len(page.encode()) <= layout.LIMIT for page in pages)
    assert all(page.strip() for page in pages[1:])
    bare = "".join(page.partition("\n（下面还有")[0] for page in pages)
    assert bare.split() == text.split() or "".join(bare.split()) == "".join(text.split())


def test_a_long_reply_is_cut_at_the_end_of_a_line() -> None:
    pages = layout.pages(
        [Reply("\n".join(f"{n}. 公需三十学时，专业六十学时，都要学满。" for n in range(100)))], follow=False
    )
    assert len(pages) > 1
    assert all(page.partition("\n（")[0].endswith("。") for page in pages)
    assert pages[0].endswith("（下面还有，请回复“第2页”）")


@pytest.mark.parametrize(
    ("text", "page"), [("第2页", 2), (" 第 3 页。", 3), ("第二页", 2), ("第2页的内容", None), ("2", None)]
)
def test_a_page_is_asked_for_by_its_number(text: str, page: int | None) -> None:
    assert layout.page_asked(text) == page
