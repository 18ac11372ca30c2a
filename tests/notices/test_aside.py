"""What reaches the conversation beside the interview: codes, taps on notices, unsubscribing."""

from __future__ import annotations

import pytest

from bot.conversation import Conversation
from bot.messages import Turn
from bot.post.proofs import Bindings, code_in, line_of, new_code, signed
from storage import AddressBook, Store
from tests.notices.conftest import KEY, Bench, Person, chats, people


@pytest.fixture
def bindings(store: Store) -> Bindings:
    return Bindings(AddressBook(store), KEY)


async def button(bench: Bench, key: bytes = KEY) -> str:
    """What stands in the button of the only notice."""
    [row] = await bench.campaigns.rows("ntest")
    return f"n:{signed(key, row.id, row.campaign)}"


def texts(turn: Turn) -> str:
    return "\n".join(reply.text for reply in turn.replies)


@pytest.mark.parametrize("said", ["/start {}", "{}", "绑定码：{}", "绑定 {}。", "/start@xueshi_bot {}"])
async def test_a_code_binds_however_it_is_brought(talks: Conversation, bindings: Bindings, said: str) -> None:
    [code] = await bindings.invite(["1001"])
    turn = await Person(talks, "7").say(said.format(code.lower()))
    assert "绑定好了" in texts(turn)
    assert (await bindings.accounts.reach(["1001"]))["1001"].accounts == {"telegram": "telegram:bot:7"}


def test_a_code_is_found_however_it_is_copied() -> None:
    code = new_code()
    plain = code.replace("-", "")
    for copied in (code, plain, plain.lower(), code.replace("-", " "), code.replace("-", "—"), f" {code}。"):
        assert code_in(copied) == plain
    for other in ("你好", "13800000000", "180000000000", "2024年公需30专业60", "/start", code + "A"):
        assert code_in(other) is None


async def test_somebody_new_who_brings_a_code_is_greeted_too(talks: Conversation, bindings: Bindings) -> None:
    [code] = await bindings.invite(["1001"])
    turn = await Person(talks, "7").say(f"/start {code}")
    assert "绑定好了" in turn.replies[0].text
    assert any(choice.label == "开始查询" for reply in turn.replies for choice in reply.choices)


async def test_a_code_is_good_once(talks: Conversation, bindings: Bindings) -> None:
    [code] = await bindings.invite(["1001"])
    first, second = Person(talks, "7"), Person(talks, "8")
    await first.say(f"/start {code}")
    assert "已经被别的账号用过" in texts(await second.say(f"/start {code}"))
    assert "绑定好了" in texts(await first.say(f"/start {code}"))
    assert (await bindings.accounts.reach(["1001"]))["1001"].accounts == {"telegram": "telegram:bot:7"}


async def test_an_unknown_code_binds_nobody_and_a_sentence_is_no_code(talks: Conversation, store: Store) -> None:
    person = Person(talks, "7")
    assert "没有这个绑定码" in texts(await person.say(f"/start {new_code()}"))
    assert "绑定码" not in texts(await person.say("我是中级职称"))
    assert await AddressBook(store).subjects(person.key) == []


async def test_no_code_is_taken_where_others_read_along(talks: Conversation, bindings: Bindings) -> None:
    [code] = await bindings.invite(["1001"])
    await Person(talks, "7").say(code, group=True)
    assert (await bindings.accounts.reach(["1001"]))["1001"].accounts == {}


async def test_a_tap_on_a_notice_in_mid_interview_leaves_the_interview_where_it_was(
    talks: Conversation, bench: Bench
) -> None:
    await bench.campaign(people(1))
    await bench.bind(chats(1))
    person = Person(talks, "1")
    before = await person.say("我52，女，中级")
    assert before.state.startswith("asking:")
    seen = await person.say(tap=await button(bench))
    assert "还差 20 学时" in texts(seen)
    assert (seen.state, seen.facts) == (before.state, before.facts)
    tapped = next(choice for reply in before.replies for choice in reply.choices)
    after = await person.say(tap=tapped.id)
    assert after.facts != before.facts or after.state != before.state
    [row] = await bench.campaigns.rows("ntest")
    assert row.opened is not None


async def test_nobody_opens_somebody_elses_result(talks: Conversation, bench: Bench) -> None:
    await bench.campaign(people(1))
    await bench.bind(chats(1))
    assert "不是发给这个账号" in texts(await Person(talks, "2").say(tap=await button(bench)))
    assert "过期" in texts(await Person(talks, "1").say(tap=await button(bench, b"another key")))


async def test_a_link_is_proved_by_its_signature_alone(bench: Bench) -> None:
    await bench.campaign(people(2))
    one, two = await bench.campaigns.rows("ntest")
    token = signed(KEY, one.id, "ntest")
    assert await line_of(bench.campaigns, KEY, token) == one
    proof = token.partition(".")[2]
    for other in (
        "", str(one.id), f"{one.id}.", "x.y", f"{'9' * 30}.aaaaaaaaaaaa", token[:-1], f"{two.id}.{proof}",
        signed(KEY, one.id, "nother"), signed(b"another key", one.id, "ntest"), f"{one.id}.{'字' * 12}", signed(KEY, two.id + 9, "ntest"),
    ):  # fmt: skip
        assert await line_of(bench.campaigns, KEY, other) is None


async def test_unsubscribing_is_honoured_everywhere_and_undone_anywhere(
    talks: Conversation, bench: Bench, store: Store
) -> None:
    accounts = AddressBook(store)
    await bench.bind({"1": "telegram:bot:1"})
    await bench.bind({"1": "wechat:bot:w"}, channel="wechat")
    on_telegram, on_wechat = Person(talks, "1"), Person(talks, "w", "wechat")
    await on_telegram.say("退订")
    assert (await accounts.reach(["1"]))["1"].silent
    await on_wechat.say("恢复提醒")
    assert not (await accounts.reach(["1"]))["1"].silent
    await on_telegram.say("退订")
    await on_telegram.say("恢复提醒")
    assert not (await accounts.reach(["1"]))["1"].silent


async def test_asking_to_be_reminded_undoes_no_unsubscribing(talks: Conversation, bench: Bench, store: Store) -> None:
    await bench.bind(chats(1))
    person = Person(talks, "1")
    await person.say("退订")
    assert "恢复提醒" in texts(await person.say("提醒我"))
    assert (await AddressBook(store).reach(["1"]))["1"].silent
    await person.say("恢复提醒")
    assert "退订过" not in texts(await person.say("提醒我"))
    assert not (await AddressBook(store).reach(["1"]))["1"].silent


@pytest.mark.parametrize("said", ["T", "t", "TD", "退订", "拒收", "不想收了", "停", "停。"])
async def test_every_word_for_no_more_of_this_is_understood(
    talks: Conversation, bench: Bench, store: Store, said: str
) -> None:
    await bench.bind(chats(1))
    person = Person(talks, "1")
    await person.say("你好")
    await person.say(said)
    assert (await AddressBook(store).reach(["1"]))["1"].silent


async def test_stop_in_the_middle_of_questions_stops_the_questions(
    talks: Conversation, bench: Bench, store: Store
) -> None:
    await bench.bind(chats(1))
    person = Person(talks, "1")
    assert (await person.say("我52，女，中级")).state.startswith("asking:")
    await person.say("停")
    assert not (await AddressBook(store).reach(["1"]))["1"].silent


async def test_the_button_under_a_notice_unsubscribes(talks: Conversation, bench: Bench, store: Store) -> None:
    await bench.campaign(people(1))
    await bench.bind(chats(1))
    await Person(talks, "1").say(tap=await button(bench) + ":stop")
    assert (await AddressBook(store).reach(["1"]))["1"].silent


async def test_who_has_their_data_deleted_is_bound_to_nobody_but_stays_unsubscribed(
    talks: Conversation, bench: Bench, store: Store
) -> None:
    await bench.bind(chats(1))
    person = Person(talks, "1")
    await person.say("退订")
    asked = await person.say("删除我的数据")
    await person.say(tap=next(choice.id for reply in asked.replies for choice in reply.choices if "删" in choice.label))
    reached = (await AddressBook(store).reach(["1"]))["1"]
    assert reached.accounts == {}
    assert reached.silent
