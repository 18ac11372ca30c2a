"""Bugs of each kind, planted, are found by a few histories, and a seed shows the same again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from bot.messages import Delivery, Message, Turn
from storage import Letter, Unavailable
from storage.entry import TurnEntry
from storage.tables import session
from tests.simulation.histories import live
from tests.simulation.world import Process

pytestmark = pytest.mark.slow

ENOUGH = 240
"""Histories in which a planted bug has to show itself."""


def acknowledged_before_it_is_durable(process: Process) -> None:
    commit, under_way = process.store.commit, set[asyncio.Task[Any]]()

    async def early(turn: Any) -> int:
        task = asyncio.ensure_future(commit(turn))
        under_way.add(task)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return 1

    process.store.commit = early


def a_failure_taken_for_success(process: Process) -> None:
    commit = process.store.commit

    async def careless(turn: Any) -> int:
        try:
            return await commit(turn)
        except Unavailable:
            return 1

    process.store.commit = careless


def written_whatever_the_revision(process: Process) -> None:
    database = process.store.database
    commit = database.commit

    async def over(entries: Sequence[TurnEntry]) -> Sequence[bool]:
        now = {}
        for one in entries:
            row = process.world.disk.connection.scalar(select(session.c.revision).where(session.c.person == one.person))
            now[one.person] = row or 0
        process.world.disk.connection.rollback()
        return await commit(
            [
                replace(
                    one, expected=now[one.person], revision=now[one.person] + 1 if now[one.person] else one.revision
                )
                for one in entries
            ]
        )

    database.commit = over


def answers_sent_to_somebody_else(process: Process) -> None:
    take, given = process.talks.take, list[Turn]()

    async def crossed(message: Message) -> Turn:
        given.append(await take(message))
        return given[-2] if len(given) % 3 == 0 else given[-1]

    process.talks.take = crossed


def what_was_answered_not_remembered(process: Process) -> None:
    process.store.clock_believed = True
    process.store._horizon = lambda: 1 << 62


def a_clock_believed_whatever_it_says(process: Process) -> None:
    process.trusting = True


# ---------------------------------------------------------------- by post: deliveries and notices


def confirmed_before_it_is_kept(process: Process) -> None:
    accept, under_way = process.post.accept, set[asyncio.Task[Any]]()

    async def early(*update: Any) -> bool:
        task = asyncio.ensure_future(accept(*update))
        under_way.add(task)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return True

    process.post.accept = early


def taken_for_sent_when_it_was_not(process: Process) -> None:
    send = process.line.send

    async def hopeful(letter: Letter) -> Delivery:
        delivery = await send(letter)
        return Delivery("sent") if delivery.outcome == "unreachable" else delivery

    process.line.send = hopeful


def sent_again_when_its_answer_is_lost(process: Process) -> None:
    send = process.line.send

    async def insistent(letter: Letter) -> Delivery:
        delivery = await send(letter)
        return await send(letter) if delivery.outcome == "doubt" else delivery

    process.line.send = insistent


def taken_from_the_living(process: Process) -> None:
    process.believes_in_no_lock = True


def never_taken_from_the_dead(process: Process) -> None:
    async def none(of: str) -> int:
        return 0

    process.post._sending.outbox.release = none


def claimed_and_not_known(process: Process) -> None:
    async def forgets(sender: str, but: Sequence[int]) -> None:
        return

    process.post._sending.outbox.unclaim = forgets


TALK = [
    acknowledged_before_it_is_durable, a_failure_taken_for_success, written_whatever_the_revision,
    answers_sent_to_somebody_else, what_was_answered_not_remembered, a_clock_believed_whatever_it_says,
]  # fmt: skip
POST = [
    confirmed_before_it_is_kept, taken_for_sent_when_it_was_not, sent_again_when_its_answer_is_lost,
    taken_from_the_living, never_taken_from_the_dead, claimed_and_not_known,
]  # fmt: skip
PLANTED = [(bug, share) for bugs, share in ((TALK, 0.0), (POST, 1.0)) for bug in bugs]


@pytest.mark.parametrize(("bug", "share"), PLANTED, ids=[bug.__name__ for bug, _ in PLANTED])
def test_a_planted_bug_is_found_and_its_seed_shows_it_again(bug: Callable[[Process], None], share: float) -> None:
    found = next((seed for seed in range(ENOUGH) if failing(seed, bug, share)), None)
    assert found is not None, "nobody noticed"
    assert f"seed {found}" in failing(found, bug, share)
    assert failing(found, bug, share) == failing(found, bug, share)


def failing(seed: int, bug: Callable[[Process], None], share: float) -> str:
    """What is wrong with a history; nothing where nothing is."""
    try:
        live(seed, bug, share)
    except AssertionError as wrong:
        return str(wrong)
    return ""
