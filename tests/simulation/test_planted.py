"""Bugs of each kind, planted, are found by a few histories, and a seed shows the same again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from bot.messages import Message, Turn
from storage import Unavailable
from storage.entry import Entry
from storage.tables import session
from tests.simulation.histories import live
from tests.simulation.world import Process

ENOUGH = 120
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

    async def over(entries: Sequence[Entry]) -> Sequence[bool]:
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


PLANTED = [
    acknowledged_before_it_is_durable, a_failure_taken_for_success, written_whatever_the_revision,
    answers_sent_to_somebody_else, what_was_answered_not_remembered,
    a_clock_believed_whatever_it_says,
]  # fmt: skip


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.__name__)
def test_a_planted_bug_is_found_and_its_seed_shows_it_again(bug: Callable[[Process], None]) -> None:
    found = next((seed for seed in range(ENOUGH) if failing(seed, bug)), None)
    assert found is not None, "nobody noticed"
    assert f"seed {found}" in failing(found, bug)
    assert failing(found, bug) == failing(found, bug)


def failing(seed: int, bug: Callable[[Process], None]) -> str:
    """What is wrong with a history; nothing where nothing is."""
    try:
        live(seed, bug)
    except AssertionError as wrong:
        return str(wrong)
    return ""
