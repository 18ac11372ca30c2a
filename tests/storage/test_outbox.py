"""What the outbox promises of what is to be said."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage import AddressBook, Addressee, Campaign, Campaigns, Conflict, Letter, Made, Outbox, Settled, Store

from .turns import turn


async def said(store: Store, person: str, *parts: str) -> int:
    bodies = tuple(part.encode() for part in parts)
    return await store.commit(turn(person, 0, "1", channel="telegram", parts=bodies))


async def test_parts_wait_with_the_turn_that_made_them_and_a_refused_turn_says_nothing(store: Store) -> None:
    outbox = Outbox(store)
    revision = await said(store, "anna", "one", "two")
    with pytest.raises(Conflict):
        await store.commit(turn("anna", revision + 3, "2", channel="telegram", parts=(b"never",)))
    parts = await outbox.claim("telegram", "me")
    assert [(part.person, part.body) for part in parts] == [("anna", b"one")]
    assert await outbox.count("telegram") == {"sending": 1, "waiting": 1}


async def test_one_persons_parts_leave_in_order_and_others_do_not_wait(store: Store) -> None:
    outbox = Outbox(store)
    await said(store, "anna", "one", "two")
    await said(store, "berta", "b")
    letters = await outbox.claim("telegram", "me")
    assert [letter.body for letter in letters] == [b"one", b"b"]
    assert await outbox.claim("telegram", "me") == []
    await outbox.settle(Settled(letters[0], "sent", platform_id="17"))
    assert [letter.body for letter in await outbox.claim("telegram", "me")] == [b"two"]
    assert await outbox.claim("wechat", "me") == []


async def test_the_parts_of_a_turn_leave_in_order_however_often_turns_were_written(store: Store) -> None:
    """A server makes another plan for a statement that it has seen a few times; the order is none of the plan's."""
    outbox = Outbox(store)
    revision = 0
    for number in range(12):
        bodies = tuple(f"{number}.{part}".encode() for part in range(5))
        one = turn("anna", revision, str(number), channel="telegram", parts=bodies)
        revision = await store.commit(one)
        for body in bodies:
            [part] = await outbox.claim("telegram", "me")
            assert part.body == body
            await outbox.settle(Settled(part, "sent"))


async def test_several_senders_at_once_never_claim_the_same_part(url: str, store: Store) -> None:
    people = [f"p{n}" for n in range(60)]
    await asyncio.gather(*(said(store, person, "x") for person in people))
    other = await Store.open(url)
    boxes = [Outbox(store), Outbox(other), Outbox(store)]
    claims = await asyncio.gather(
        *(boxes[n % 3].claim("telegram", f"sender {n % 3}", most=11) for n in range(12)), return_exceptions=False
    )
    claimed = [part.person for parts in claims for part in parts]
    assert sorted(claimed) == sorted(people)
    await other.close()


async def test_what_did_not_arrive_is_tried_again_after_its_moment_and_not_before(url: str) -> None:
    now = datetime(2025, 5, 1, tzinfo=UTC)
    store = await Store.open(url, clock=lambda: now)
    outbox = Outbox(store)
    await said(store, "anna", "one", "two")
    [letter] = await outbox.claim("telegram", "me")
    later = now + timedelta(seconds=3)
    await outbox.settle(Settled(letter, "waiting", reason="429", not_before=later))
    assert await outbox.claim("telegram", "me") == []  # neither this one nor the one after it
    now = later
    assert [(letter.body, letter.tries) for letter in await outbox.claim("telegram", "me")] == [(b"one", 1)]
    await store.close()


async def test_each_outcome_is_kept_and_settles_the_part(store: Store) -> None:
    outbox = Outbox(store)
    for person in ("anna", "berta", "carla"):
        await said(store, person, "x")
    letters = await outbox.claim("telegram", "me")
    await asyncio.gather(
        outbox.settle(Settled(letters[0], "sent", platform_id="17")),
        outbox.settle(Settled(letters[1], "refused", reason="blocked")),
        outbox.settle(Settled(letters[2], "doubt", reason="time-out")),
    )
    assert await outbox.count("telegram") == {"sent": 1, "refused": 1, "doubt": 1}
    await outbox.settle(Settled(letters[2], "sent"))  # the answer came after all
    await outbox.settle(Settled(letters[0], "doubt"))  # known better already
    assert await outbox.count("telegram") == {"sent": 2, "refused": 1}


async def test_what_a_dead_sender_held_is_sent_again_as_in_doubt(store: Store) -> None:
    outbox = Outbox(store)
    for person, sender in (("anna", "dead"), ("berta", "dead"), ("carla", "alive")):
        await said(store, person, "x")
        [_] = await outbox.claim("telegram", sender)
    assert await outbox.senders() == ["dead", "alive"]
    assert await outbox.release("dead") == 2
    letters = await outbox.claim("telegram", "me")
    assert [(letter.person, letter.doubt) for letter in letters] == [("anna", True), ("berta", True)]
    assert await outbox.count("telegram") == {"sending": 3}


async def notice_to(store: Store, *people: str) -> None:
    """A campaign that is being sent, to each of these."""
    now = datetime.now(UTC)
    campaigns = Campaigns(store)
    made = Campaign("n1", "题", "roster", "", "", now + timedelta(days=1), now, "sending")
    await campaigns.create(made, [Addressee(person, {"id": person}) for person in people])


async def made(store: Store) -> list[Made]:
    """Notices for everybody of that campaign, as it stands."""
    campaigns = Campaigns(store)
    head = await campaigns.get("n1")
    assert head is not None
    return [Made(row, head, "telegram", row.subject, b"{}", store.clock()) for row in await campaigns.rows("n1")]


async def leaving(store: Store, notices: list[Made] | None = None, **more: Any) -> list[Letter]:
    """Those of these notices, or of all, that leave now."""
    letters, _ = await Campaigns(store).post(await made(store) if notices is None else notices, "me", **more)
    return letters


async def test_a_notice_waits_for_what_is_said_to_the_same_person_and_talk_never_for_a_notice(store: Store) -> None:
    outbox = Outbox(store)
    await notice_to(store, "anna", "berta")
    await said(store, "anna", "answer")
    assert [letter.person for letter in await leaving(store)] == ["berta"]
    [answer] = await outbox.claim("telegram", "me")
    assert answer.body == b"answer"
    await outbox.settle(Settled(answer, "sent"))
    assert [letter.person for letter in await leaving(store)] == ["anna"]


async def test_a_notice_leaves_only_while_its_campaign_is_sent_it_is_not_late_and_its_reader_wants_it(
    store: Store,
) -> None:
    campaigns, accounts = Campaigns(store), AddressBook(store)
    await notice_to(store, "anna", "berta")
    before = await made(store)
    assert await leaving(store, before, moment=datetime.now(UTC) + timedelta(days=2)) == []
    await campaigns.move("n1", "paused", out_of=("sending",))
    assert await leaving(store, before) == await leaving(store) == []
    await campaigns.move("n1", "sending", out_of=("paused",))
    await accounts.hush("berta", True)
    assert [letter.person for letter in await leaving(store)] == ["anna"]
    assert await leaving(store, before) == await leaving(store) == []  # hers is on its way
    assert [row.state for row in await campaigns.rows("n1")] == ["sending", "waiting"]


async def test_a_notice_does_not_leave_as_it_was_made_once_what_it_was_made_from_has_changed(store: Store) -> None:
    campaigns = Campaigns(store)
    await notice_to(store, "anna", "berta")
    before = await made(store)
    await campaigns.reword("n1", "别的话")
    assert await leaving(store, before) == []
    before = await made(store)
    now = {
        one: Addressee(one, {"id": one, "sex": "male"} if one == "anna" else {"id": one}) for one in ("anna", "berta")
    }
    head = before[0].campaign
    await campaigns.refresh("n1", head.source, head.digest, now)
    assert [letter.person for letter in await leaving(store, before)] == ["berta"]
    assert [letter.person for letter in await leaving(store)] == ["anna"]


async def test_two_notices_to_one_account_leave_one_after_the_other(store: Store) -> None:
    outbox = Outbox(store)
    await notice_to(store, "anna", "berta")
    both = [one._replace(person="anna") for one in await made(store)]
    [first] = await leaving(store, both)
    assert await leaving(store, both) == []
    await outbox.settle(Settled(first, "sent"))
    assert await leaving(store, both[1:], spacing=timedelta(minutes=1)) == []
    assert len(await leaving(store, both[1:])) == 1


async def test_notices_claimed_without_anybody_hearing_of_it_wait_again(store: Store) -> None:
    outbox = Outbox(store)
    await notice_to(store, "anna", "berta")
    [heard, _] = await leaving(store)
    await outbox.unclaim("me", [heard.id])
    assert [row.state for row in await Campaigns(store).rows("n1")] == ["sending", "waiting"]
    assert [letter.person for letter in await leaving(store)] == ["berta"]


async def test_what_becomes_of_a_letter_becomes_of_its_line(store: Store) -> None:
    outbox, campaigns = Outbox(store), Campaigns(store)
    await notice_to(store, *"abcde")
    letters = await leaving(store)
    later = store.clock() + timedelta(minutes=5)
    for letter, outcome in zip(letters, (
        Settled(letters[0], "sent", platform_id="17"), Settled(letters[1], "refused", reason="blocked"),
        Settled(letters[2], "doubt", reason="no_answer"), Settled(letters[3], "waiting", reason="put_off", not_before=later),
    ), strict=False):  # fmt: skip
        assert outcome.letter == letter
        await outbox.settle(outcome)
    assert await outbox.release("me") == 1
    rows = {row.subject: (row.state, row.reason, row.tried, row.not_before) for row in await campaigns.rows("n1")}
    assert rows == {
        "a": ("told", "", "", None), "b": ("waiting", "blocked", "b:blocked ", None), "c": ("in_doubt", "no_answer", "", None),
        "d": ("waiting", "put_off", "", later), "e": ("in_doubt", "sender_died", "", None),
    }  # fmt: skip
    await outbox.settle(Settled(letters[4], "sent"))  # it was not dead after all
    assert (await campaigns.rows("n1"))[4].state == "told"


async def test_an_answer_noted_once_more_takes_nothing_from_who_has_claimed_the_letter_since(store: Store) -> None:
    """A commit whose own answer was lost is tried again: the letter may be on its way with somebody else by then."""
    outbox = Outbox(store)
    await said(store, "anna", "one")
    (letter,) = await outbox.claim("telegram", "me")
    put_off = Settled(letter, "waiting", reason="doubt")
    await outbox.settle(put_off)
    (again,) = await outbox.claim("telegram", "you")
    assert again.doubt
    await outbox.settle(put_off)
    assert await outbox.claim("telegram", "me") == []
    assert await outbox.senders() == ["you"]
    await outbox.settle(Settled(again, "sent"))
    assert await outbox.count("telegram") == {"sent": 1}


async def test_a_notice_put_off_twice_in_the_books_is_made_anew_once(store: Store) -> None:
    outbox, campaigns = Outbox(store), Campaigns(store)
    await notice_to(store, "a")
    (letter,) = await leaving(store)
    put_off = Settled(letter, "waiting", reason="put_off")
    await outbox.settle(put_off)
    assert len(await leaving(store)) == 1
    await outbox.settle(put_off)
    assert (await campaigns.rows("n1"))[0].state == "sending"
    assert await leaving(store) == []


async def test_what_was_on_its_way_when_its_campaign_ended_is_told_or_not_but_never_waits(store: Store) -> None:
    outbox, campaigns = Outbox(store), Campaigns(store)
    await notice_to(store, "a", "b", "c")
    letters = await leaving(store)
    await campaigns.move("n1", "cancelled", out_of=("sending",))
    await outbox.settle(Settled(letters[0], "sent"))
    await outbox.settle(Settled(letters[1], "refused", reason="blocked"))
    await outbox.settle(Settled(letters[2], "waiting", not_before=store.clock()))
    assert [(row.state, row.reason) for row in await campaigns.rows("n1")] == [
        ("told", ""), ("not_told", "cancelled"), ("not_told", "cancelled"),
    ]  # fmt: skip


async def test_whoever_is_forgotten_takes_no_notice_of_a_campaign_with_them(store: Store) -> None:
    outbox, campaigns = Outbox(store), Campaigns(store)
    await notice_to(store, "anna")
    [letter] = await leaving(store)
    await said(store, "anna", "one")
    await store.forget("anna")
    await outbox.settle(Settled(letter, "sent"))
    assert [row.state for row in await campaigns.rows("n1")] == ["told"]
    assert await outbox.count("telegram") == {}
