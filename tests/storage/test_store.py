"""What the store promises of a person's session."""

from __future__ import annotations

import asyncio
import logging
import re
import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage import REMEMBERED, Arrived, Conflict, Earlier, Inbox, Outbox, Store, Stored, Unavailable

from .turns import turn


async def test_somebody_unknown_has_revision_0_and_no_session(store: Store) -> None:
    assert await store.load("web:x:anna", "1") == Stored(0, None, None, None)


async def test_what_was_committed_is_loaded_by_any_other_process(url: str, store: Store) -> None:
    revision = await store.commit(turn("anna", 0, "1", session={"字": ["学时", 59.5, None, True]}))
    other = await Store.open(url, create=False)
    assert await other.load("anna") == Stored(revision, {"字": ["学时", 59.5, None, True]})
    await other.close()


async def test_a_session_given_as_bytes_is_the_json_it_holds(url: str, store: Store) -> None:
    await store.commit(turn("anna", 0, "1", session=b'{"state": "idle"}'))
    other = await Store.open(url)
    assert (await other.load("anna")).session == (await store.load("anna")).session == {"state": "idle"}
    await other.close()


@pytest.mark.parametrize("remembered", [0, 100])
async def test_a_message_that_was_answered_is_found_with_its_digest_and_reply(url: str, remembered: int) -> None:
    store = await Store.open(url, remembered=remembered)
    revision = await store.commit(turn("anna", 0, "1", reply=b"\x00\xff"))
    again = await store.load("anna", "1")
    assert again.earlier == Earlier("digest of 1", b"\x00\xff")
    assert again.revision == revision
    assert (await store.load("anna", "2")).earlier is None
    assert (await store.load("berta", "1")).earlier is None
    await store.close()


async def test_of_two_turns_on_the_same_revision_one_is_refused_and_leaves_nothing(store: Store, url: str) -> None:
    first = await store.commit(turn("anna", 0, "1"))
    results = await asyncio.gather(
        store.commit(turn("anna", first, "2")), store.commit(turn("anna", first, "3")), return_exceptions=True
    )
    assert [type(one) for one in results] == [int, Conflict]
    other = await Store.open(url)
    assert (await other.load("anna", "2")).earlier is not None
    assert (await other.load("anna", "3")).earlier is None
    assert (await other.load("anna")).session == {"last": "2", "facts": {"历年学时": 59.5}}
    await other.close()


async def test_two_first_turns_of_one_person_are_one(store: Store) -> None:
    results = await asyncio.gather(*(store.commit(turn("anna", 0, str(n))) for n in range(3)), return_exceptions=True)
    assert [type(one) for one in results] == [int, Conflict, Conflict]


async def test_a_message_id_that_is_taken_is_refused_even_on_the_right_revision(store: Store, url: str) -> None:
    first = await store.commit(turn("anna", 0, "1"))
    second = await store.commit(turn("anna", first, "2"))
    with pytest.raises(Conflict):
        await store.commit(turn("anna", second, "1", session={"last": "wrong"}))
    other = await Store.open(url)
    assert await other.load("anna", "1") == Stored(
        second, {"last": "2", "facts": {"历年学时": 59.5}}, Earlier("digest of 1", b"reply to 1")
    )
    await other.close()


async def test_a_conflict_does_not_touch_the_turns_of_others_in_the_same_commit(store: Store) -> None:
    await store.commit(turn("stale", 0, "1"))
    turns = [turn(f"p{n}", 0, "1") for n in range(20)]
    turns[7:7] = [turn("stale", 12345, "2"), turn("nobody", 12345, "1"), turn("stale", 0, "3")]
    results = await asyncio.gather(*(store.commit(one) for one in turns), return_exceptions=True)
    assert [n for n, one in enumerate(results) if isinstance(one, Conflict)] == [7, 8, 9]
    assert sum(isinstance(one, int) for one in results) == 20
    assert (await store.load("nobody")).revision == 0


async def test_a_message_id_may_be_used_again_after_48_hours(url: str) -> None:
    now = datetime(2025, 5, 1, tzinfo=UTC)
    store = await Store.open(url, clock=lambda: now)
    revision = await store.commit(turn("anna", 0, "1", at=now))
    now += REMEMBERED
    assert (await store.load("anna", "1")).earlier is not None
    now += timedelta(microseconds=1)
    assert (await store.load("anna", "1")).earlier is None
    await store.commit(turn("anna", revision, "1", reply=b"new", at=now))
    fresh = await Store.open(url, clock=lambda: now)
    assert (await fresh.load("anna", "1")).earlier == Earlier("digest of 1", b"new")
    await fresh.close()
    await store.close()


async def test_another_process_that_moves_a_session_on_makes_a_remembered_one_conflict_then_reload(url: str) -> None:
    here, there = await Store.open(url), await Store.open(url)
    first = await here.commit(turn("anna", 0, "1"))
    second = await there.commit(turn("anna", first, "2"))
    stale = await here.load("anna", "2")
    assert stale.revision == first  # remembered
    with pytest.raises(Conflict):
        await here.commit(turn("anna", stale, "2"))
    fresh = await here.load("anna", "2")
    assert (fresh.revision, fresh.earlier) == (second, Earlier("digest of 2", b"reply to 2"))
    await here.commit(turn("anna", fresh, "3"))
    await here.close()
    await there.close()


async def test_somebody_forgotten_who_comes_back_never_meets_a_revision_remembered_elsewhere(url: str) -> None:
    here, there = await Store.open(url), await Store.open(url)
    await here.commit(turn("anna", 0, "1"))
    await there.forget("anna")
    await there.commit(turn("anna", 0, "1", session={"new": True}))
    with pytest.raises(Conflict):
        await here.commit(turn("anna", await here.load("anna"), "2"))
    assert (await here.load("anna")).session == {"new": True}
    await here.close()
    await there.close()


async def test_changing_a_loaded_session_changes_nothing_that_is_kept(store: Store) -> None:
    await store.commit(turn("anna", 0, "1"))
    loaded = await store.load("anna")
    assert loaded.session is not None
    loaded.session["facts"]["历年学时"] = 0
    assert (await store.load("anna")).session == {"last": "1", "facts": {"历年学时": 59.5}}


async def test_no_more_sessions_are_remembered_than_asked_for(url: str) -> None:
    store = await Store.open(url, remembered=2)
    for person in ("anna", "berta", "carla"):
        await store.commit(turn(person, 0, "1"))
    other = await Store.open(url)
    for person in ("anna", "berta", "carla"):
        await other.commit(turn(person, await other.load(person), "2"))
    seen = [(await store.load(person)).session for person in ("anna", "berta", "carla")]
    assert [session["last"] for session in seen if session] == ["2", "1", "1"]
    await store.close()
    await other.close()


async def test_a_cancelled_caller_leaves_the_others_their_turns(store: Store) -> None:
    waiting = [asyncio.ensure_future(store.commit(turn(f"p{n}", 0, "1"))) for n in range(40)]
    await asyncio.sleep(0)
    for task in waiting[::3]:
        task.cancel()
    await asyncio.sleep(0.001)
    for task in waiting[1::3]:
        task.cancel()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(one, int) for one in results[2::3])
    for number in range(40):  # and everybody can go on, from whatever was written
        person = f"p{number}"
        loaded = await store.load(person, "1")
        assert (loaded.earlier is not None) == (loaded.revision != 0)
        await store.commit(turn(person, loaded, "2"))


async def test_closing_finishes_what_is_queued(url: str) -> None:
    store = await Store.open(url)
    waiting = [asyncio.ensure_future(store.commit(turn(f"p{n}", 0, "1"))) for n in range(500)]
    await asyncio.sleep(0)
    await store.close()
    assert all(isinstance(one, int) for one in await asyncio.gather(*waiting))
    other = await Store.open(url)
    assert (await other.load("p499")).revision > 0
    await other.close()


async def test_forgetting_a_person_deletes_every_row_of_theirs_and_nobody_elses(store: Store, url: str) -> None:
    first = await store.commit(turn("anna", 0, "1", channel="telegram", parts=(b"a", b"b")))
    await store.commit(turn("anna", first, "2", answer=None))
    await store.commit(turn("berta", 0, "1"))
    assert await store.forget("anna") == 1 + 2 + 1 + 2
    assert await store.forget("anna") == 0
    assert await store.load("anna", "1") == Stored(0, None)
    other = await Store.open(url)
    assert await other.load("anna", "1") == Stored(0, None)
    assert (await other.load("berta", "1")).earlier is not None
    await other.close()


async def test_the_turn_that_deletes_is_the_first_of_what_is_kept_from_then_on(url: str) -> None:
    store = await Store.open(url)
    inbox, outbox = Inbox(store), Outbox(store)
    first = await store.commit(turn("anna", 0, "1", channel="telegram", parts=(b"private",)))
    number = await inbox.put(Arrived("telegram", "bot", "2", "anna", b"delete"))
    last = turn("anna", first, "2", inbox=number, session={}, reply=b"deleted", channel="telegram", parts=(b"deleted",))
    with pytest.raises(Conflict):
        await store.forget("anna", replace(last, revision=first + 1))
    with pytest.raises(Conflict):
        await store.forget("anna", replace(last, message_id="1"))
    assert (await store.load("anna", "1")).earlier is not None
    assert await store.forget("anna", last) == 5
    again = await store.load("anna", "2")
    assert (again.session, again.earlier) == ({}, Earlier("digest of 2", b"deleted"))
    assert (await store.load("anna", "1")).earlier is None
    assert await inbox.waiting("telegram") == []
    assert [part.body for part in await outbox.claim("telegram", "me")] == [b"deleted"]
    with pytest.raises(Conflict):
        await store.commit(turn("anna", first, "3"))
    await store.commit(turn("anna", again, "3"))
    assert await store.forget("berta", turn("berta", 0, "1", session={})) == 0
    await store.close()


async def test_the_last_replies_come_back_in_order_while_they_are_kept(url: str) -> None:
    now = datetime(2025, 1, 1, tzinfo=UTC)
    store = await Store.open(url, clock=lambda: now)
    revision = 0
    for number in range(5):
        revision = await store.commit(turn("anna", revision, str(number), at=now))
        now += timedelta(hours=1)
    await store.commit(turn("berta", 0, "1", at=now))
    assert await store.recent("anna", 3) == [b"reply to 2", b"reply to 3", b"reply to 4"]
    assert len(await store.recent("anna", 10)) == 5
    now += timedelta(hours=45)
    await store.purge(now - timedelta(days=90))
    assert await store.recent("anna", 10) == [b"reply to 2", b"reply to 3", b"reply to 4"]
    assert await store.recent("carla", 10) == []
    await store.close()


async def test_facts_past_their_period_are_deleted_and_the_person_can_be_told(url: str) -> None:
    now = datetime(2025, 1, 1, tzinfo=UTC)
    store = await Store.open(url, clock=lambda: now)
    old = await store.commit(turn("anna", 0, "1", at=now, channel="telegram", parts=(b"a",)))
    now += timedelta(days=100)
    kept = await store.commit(turn("berta", 0, "1", at=now))
    assert await store.purge(now - timedelta(days=90)) == 4
    gone = await store.load("anna", "1")
    assert (gone.session, gone.earlier, gone.expired) == (None, None, now)
    assert (await store.load("berta", "1")).revision == kept
    with pytest.raises(Conflict):  # a turn that was under way when the facts expired
        await store.commit(turn("anna", old, "2", at=now))
    back = await store.commit(turn("anna", gone, "2", at=now))
    assert (await store.load("anna")) == Stored(back, {"last": "2", "facts": {"历年学时": 59.5}})
    assert await store.purge(now - timedelta(days=90)) == 0
    await store.close()


async def test_a_tombstone_goes_after_a_second_period(url: str) -> None:
    now = datetime(2025, 1, 1, tzinfo=UTC)
    store = await Store.open(url, clock=lambda: now)
    await store.commit(turn("anna", 0, "1", at=now))
    now += timedelta(days=91)
    await store.purge(now - timedelta(days=90))
    now += timedelta(days=91)
    assert await store.purge(now - timedelta(days=90)) == 1
    assert await store.load("anna") == Stored(0, None)
    await store.close()


async def test_a_purge_of_more_than_one_portion_is_whole(url: str) -> None:
    store = await Store.open(url)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    await asyncio.gather(*(store.commit(turn(f"p{n}", 0, "1", at=long_ago)) for n in range(1100)))
    assert await store.purge(datetime(2021, 1, 1, tzinfo=UTC)) == 3300
    assert (await store.load("p1099")).session is None
    await store.close()


async def test_replies_go_after_48_hours_also_of_those_who_are_still_here(url: str) -> None:
    now = datetime(2025, 1, 1, tzinfo=UTC)
    store = await Store.open(url, clock=lambda: now)
    await store.commit(turn("anna", 0, "1", at=now))
    now += REMEMBERED + timedelta(hours=1)
    assert await store.purge(now - timedelta(days=90)) == 1
    assert (await store.load("anna")).session is not None
    await store.close()


async def test_a_moment_without_a_time_zone_is_a_mistake(store: Store) -> None:
    with pytest.raises(TypeError):
        await store.commit(turn("anna", 0, "1", at=datetime(2025, 1, 1)))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("sqlite:///{tmp}/missing.sqlite3", "文件不存在"),
        ("sqlite:////proc/no/xueshi.sqlite3", "XUESHI_DATABASE_URL"),
        ("sqlite://", "内存"),
        ("mysql://root@localhost/x", "mysql"),
        ("nonsense", "XUESHI_DATABASE_URL"),
        ("postgresql+asyncpg://anna:geheim@127.0.0.1:9/x", "127.0.0.1"),
        ("postgresql://postgres@127.0.0.1:5432/no_such_database", "no_such_database"),
    ],
)
async def test_a_database_that_is_not_there_is_one_sentence_that_names_the_setting(
    wrong: str, says: str, tmp_path: Path, postgres: str
) -> None:
    with pytest.raises(Unavailable) as failure:
        await Store.open(wrong.format(tmp=tmp_path), create=wrong.startswith("sqlite:////proc"))
    message = str(failure.value)
    assert "XUESHI_DATABASE_URL" in message
    assert says in message
    assert "\n" not in message
    assert "geheim" not in message
    assert len(re.findall("Traceback", "".join(traceback.format_exception(failure.value)))) == 1
    assert not list(tmp_path.iterdir())


async def test_nothing_private_is_logged(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    first = await store.commit(turn("anna-4711", 0, "1", session={"secret": "秘密"}, reply="秘密".encode()))
    with pytest.raises(Conflict) as refused:
        await store.commit(turn("anna-4711", first + 9, "2", session={"secret": "秘密"}))
    await store.load("anna-4711")
    await store.forget("anna-4711")
    assert not [word for word in ("4711", "秘密", "secret") if word in caplog.text + str(refused.value)]
