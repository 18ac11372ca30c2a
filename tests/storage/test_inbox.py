"""What the inbox promises of deliveries."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from storage import Arrived, Conflict, Inbox, Store

from .turns import turn


def arrived(update_id: str, person: str = "anna", channel: str = "telegram") -> Arrived:
    return Arrived(channel, "bot", update_id, person, f"body of {update_id}".encode())


async def test_a_delivery_is_kept_once_however_often_it_comes(store: Store) -> None:
    inbox = Inbox(store)
    numbers = await asyncio.gather(*(inbox.put(arrived(id)) for id in ("1", "2", "1", "3", "2")))
    assert [number is None for number in numbers] == [False, False, True, False, True]
    assert await inbox.put(arrived("3")) is None
    assert await inbox.put(arrived("3", channel="wechat")) is not None
    assert [update.update_id for update in await inbox.waiting("telegram")] == ["1", "2", "3"]


async def test_a_persons_deliveries_come_first_to_last_and_nobody_waits_for_another(store: Store) -> None:
    inbox = Inbox(store)
    for id, person in (("1", "anna"), ("2", "berta"), ("3", "anna"), ("4", "carla")):
        await inbox.put(arrived(id, person))
    firsts = await asyncio.gather(*(inbox.first(person) for person in ("anna", "berta", "carla", "dora", "anna")))
    assert [first and first.update_id for first in firsts] == ["1", "2", "4", None, "1"]
    assert firsts[0] is not None
    await inbox.done(firsts[0].id)
    following = await inbox.first("anna")
    assert following is not None
    assert (following.update_id, following.body, following.tries) == ("3", b"body of 3", 0)


async def test_a_turn_settles_the_delivery_it_answers_and_a_refused_one_does_not(store: Store) -> None:
    inbox = Inbox(store)
    number, other = await inbox.put(arrived("1")), await inbox.put(arrived("2"))
    revision = await store.commit(turn("anna", 0, "1", inbox=number))
    with pytest.raises(Conflict):
        await store.commit(turn("anna", revision + 5, "2", inbox=other))
    assert [update.id for update in await inbox.waiting("telegram")] == [other]
    await store.commit(turn("anna", revision, "2", inbox=other))
    assert await inbox.waiting("telegram") == []
    assert await inbox.put(arrived("1")) is None  # settled, and still known


async def test_a_poison_delivery_is_set_aside_with_its_reason_and_blocks_nobody(store: Store) -> None:
    inbox = Inbox(store)
    number, following = await inbox.put(arrived("1")), await inbox.put(arrived("2"))
    assert number is not None
    assert [await inbox.failed(number) for _ in range(3)] == [1, 2, 3]
    await inbox.poison(number, "KeyError")
    first = await inbox.first("anna")
    assert first is not None
    assert first.id == following
    assert [(update.body, update.tries, reason) for update, reason in await inbox.poisoned("telegram")] == [
        (b"body of 1", 3, "KeyError")
    ]


async def test_what_a_dead_process_left_is_found_by_its_age(url: str) -> None:
    now = datetime(2025, 5, 1, tzinfo=UTC)
    store = await Store.open(url, clock=lambda: now)
    inbox = Inbox(store)
    await inbox.put(arrived("1"))
    now += timedelta(minutes=2)
    await inbox.put(arrived("2"))
    left = await inbox.waiting("telegram", before=now - timedelta(minutes=1))
    assert [(update.update_id, update.received) for update in left] == [("1", now - timedelta(minutes=2))]
    assert len(await inbox.waiting("telegram", most=1)) == 1
    await store.close()


async def test_forgetting_a_person_takes_their_deliveries_too(store: Store) -> None:
    inbox = Inbox(store)
    await inbox.put(arrived("1"))
    await inbox.put(arrived("2", "berta"))
    assert await store.forget("anna") == 1
    assert [update.person for update in await inbox.waiting("telegram")] == ["berta"]
