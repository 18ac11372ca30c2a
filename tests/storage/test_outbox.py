"""What the outbox promises of what is to be said."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from storage import Conflict, Key, Outbox, Outcome, Store

from .turns import turn


async def said(store: Store, person: str, *parts: str, sender: str = "") -> int:
    bodies = tuple(part.encode() for part in parts)
    return await store.commit(turn(person, 0, "1", channel="telegram", sender=sender, parts=bodies))


async def test_parts_wait_with_the_turn_that_made_them_and_a_refused_turn_says_nothing(store: Store) -> None:
    outbox = Outbox(store)
    revision = await said(store, "anna", "one", "two")
    with pytest.raises(Conflict):
        await store.commit(turn("anna", revision + 3, "2", channel="telegram", parts=(b"never",)))
    parts = await outbox.claim("telegram", "me")
    assert [(part.key, part.body) for part in parts] == [(Key("anna", revision, 0), b"one")]
    assert await outbox.count("telegram") == {"sending": 1, "waiting": 1}


async def test_one_persons_parts_leave_in_order_and_others_do_not_wait(store: Store) -> None:
    outbox = Outbox(store)
    anna = await said(store, "anna", "one", "two")
    await said(store, "berta", "b")
    assert [part.body for part in await outbox.claim("telegram", "me")] == [b"one", b"b"]
    assert await outbox.claim("telegram", "me") == []
    await outbox.settle(Outcome(Key("anna", anna, 0), "sent", platform_id="17"))
    assert [part.body for part in await outbox.claim("telegram", "me")] == [b"two"]
    assert await outbox.claim("wechat", "me") == []


async def test_the_parts_of_a_turn_leave_in_order_however_often_turns_were_written(store: Store) -> None:
    """A server makes another plan for a statement that it has seen a few times; the order is none of the plan's."""
    outbox = Outbox(store)
    revision = 0
    for number in range(12):
        bodies = tuple(f"{number}.{part}".encode() for part in range(5))
        one = turn("anna", revision, str(number), channel="telegram", parts=bodies)
        revision = await store.commit(one)
        for ordinal, body in enumerate(bodies):
            [part] = await outbox.claim("telegram", "me")
            assert (part.key.ordinal, part.body) == (ordinal, body)
            await outbox.settle(Outcome(part.key, "sent"))


async def test_several_senders_at_once_never_claim_the_same_part(url: str, store: Store) -> None:
    people = [f"p{n}" for n in range(60)]
    await asyncio.gather(*(said(store, person, "x") for person in people))
    other = await Store.open(url)
    boxes = [Outbox(store), Outbox(other), Outbox(store)]
    claims = await asyncio.gather(
        *(boxes[n % 3].claim("telegram", f"sender {n % 3}", most=11) for n in range(12)), return_exceptions=False
    )
    claimed = [part.key.person for parts in claims for part in parts]
    assert sorted(claimed) == sorted(people)
    await other.close()


async def test_what_did_not_arrive_is_tried_again_after_its_moment_and_not_before(url: str) -> None:
    now = datetime(2025, 5, 1, tzinfo=UTC)
    store = await Store.open(url, clock=lambda: now)
    outbox = Outbox(store)
    revision = await said(store, "anna", "one", "two")
    await outbox.claim("telegram", "me")
    later = now + timedelta(seconds=3)
    await outbox.settle(Outcome(Key("anna", revision, 0), "waiting", reason="429", not_before=later))
    assert await outbox.claim("telegram", "me") == []  # neither this one nor the one after it
    now = later
    assert [(part.body, part.tries) for part in await outbox.claim("telegram", "me")] == [(b"one", 1)]
    await store.close()


async def test_each_outcome_is_kept_and_settles_the_part(store: Store) -> None:
    outbox = Outbox(store)
    keys = [Key(person, await said(store, person, "x"), 0) for person in ("anna", "berta", "carla")]
    await outbox.claim("telegram", "me")
    await asyncio.gather(
        outbox.settle(Outcome(keys[0], "sent", platform_id="17")),
        outbox.settle(Outcome(keys[1], "refused", reason="blocked")),
        outbox.settle(Outcome(keys[2], "doubt", reason="time-out")),
    )
    assert await outbox.count("telegram") == {"sent": 1, "refused": 1, "doubt": 1}
    await outbox.settle(Outcome(keys[2], "sent"))  # the answer came after all
    await outbox.settle(Outcome(keys[0], "doubt"))  # known better already
    assert await outbox.count("telegram") == {"sent": 2, "refused": 1}


async def test_a_sender_named_in_the_turn_has_its_parts_from_the_start(store: Store) -> None:
    outbox = Outbox(store)
    revision = await said(store, "anna", "one", sender="me")
    assert await outbox.claim("telegram", "other") == []
    await outbox.settle(Outcome(Key("anna", revision, 0), "sent"))
    assert await outbox.count("telegram") == {"sent": 1}


async def test_what_a_dead_sender_held_is_sent_again_or_put_in_doubt(url: str) -> None:
    now = datetime(2025, 5, 1, tzinfo=UTC)
    store = await Store.open(url, clock=lambda: now)
    outbox = Outbox(store)
    for person, sender in (("anna", "dead"), ("berta", "dead"), ("carla", "alive")):
        await store.commit(turn(person, 0, "1", channel="telegram", sender=sender, parts=(b"x",), at=now))
        now += timedelta(minutes=1)
    assert await outbox.release("telegram", into="doubt", before=now - timedelta(minutes=2)) == 1
    assert await outbox.release("telegram", into="waiting", of="dead") == 1
    assert [part.key.person for part in await outbox.claim("telegram", "me")] == ["berta"]
    assert await outbox.count("telegram") == {"doubt": 1, "sending": 2}
    assert await outbox.release("telegram", into="waiting") == 2
    await store.close()
