"""Several people of one message are taken one by one, and each is recalled."""

from __future__ import annotations

from tests.interview.somebody import Somebody

THREE = "张姐48女报副高国企，小李30男报中级国企，老王55男报正高国企"


def finish(one: Somebody) -> None:
    for _ in range(6):
        if one.state == "result":
            return
        one.say({"circumstances": "都没有", "history": "都没学", "birth": "1990年5月"}.get(one.asked, "看结果"))
    raise AssertionError(one.text)


def test_the_first_is_taken_and_the_others_wait() -> None:
    one = Somebody()
    one.say(THREE)
    assert all(name in one.text for name in ("3位", "张姐", "小李", "老王"))
    assert one.facts["age"] == 48
    finish(one)
    assert {"小李", "老王"} <= set(one.labels)
    assert "小李：还没答完" in one.text


def test_each_is_recalled_by_button_and_by_name_with_what_was_told() -> None:
    one = Somebody()
    one.say(THREE)
    finish(one)
    one.tap("小李")
    assert (one.facts["age"], one.facts["title_level"]) == (30, "middle")
    finish(one)
    one.say("张姐")
    assert one.facts["age"] == 48
    one.say("老王呢")
    assert one.facts["title_level"] == "full_senior"
    one.say("回到我自己的")
    assert one.facts == {}


def test_another_message_about_one_other_forgets_the_names() -> None:
    one = Somebody()
    one.say(THREE)
    one.say("回到我自己的")
    one.say("我同事女42报中级")
    assert one.session is not None
    assert one.session.names == {}
