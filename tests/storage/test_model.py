"""Whatever two processes do to the same people, the store agrees with a model of a few dictionaries."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from storage import REMEMBERED, Conflict, Earlier, Store, Stored
from tests.examples import examples

from .turns import turn

Result = TypeVar("Result")

people = st.sampled_from(["anna", "berta", "carla"])
messages = st.sampled_from(["1", "2", "3", "4"])
stores = st.integers(0, 1)
PERIOD = timedelta(days=30)


class Talk(RuleBasedStateMachine):
    """Two stores that remember two sessions each, and one that remembers none and shows what is really kept."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.loop = asyncio.new_event_loop()
        self.now = datetime(2025, 1, 1, tzinfo=UTC)
        self.prefix = uuid.uuid4().hex  # people of their own for every run
        self.sessions: dict[str, Stored] = {}
        self.heard: dict[str, datetime] = {}
        self.replies: dict[tuple[str, str], tuple[Earlier, datetime]] = {}
        self.held: dict[str, list[Stored]] = {}
        self.count = 0

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.loop.run_until_complete(asyncio.wait_for(work, 20))

    def clock(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now

    @initialize()
    def open(self) -> None:
        self.stores = [self.run(Store.open(self.url, clock=self.clock, remembered=most)) for most in (2, 2, 0)]

    def teardown(self) -> None:
        for store in self.stores:
            self.run(store.close())
        self.loop.close()

    def kept(self, person: str, message_id: str) -> Stored:
        """What the model says that a load of this message gives."""
        stored = self.sessions.get(person, Stored(0, None))
        earlier, at = self.replies.get((person, message_id), (None, self.now))
        return Stored(stored.revision, stored.session, earlier if self.now - at <= REMEMBERED else None, stored.expired)

    def write(self, person: str, revision: int, message_id: str) -> tuple[Any, Stored | None]:
        """A new turn, and what the model says it makes of the session: None when it is refused."""
        self.count += 1
        made = turn(
            person, revision, message_id, session={"n": self.count}, reply=str(self.count).encode(), at=self.now
        )
        now = self.kept(person, message_id)
        if now.revision != revision or now.earlier is not None:
            return made, None
        return made, Stored(revision + 1, {"n": self.count})

    def accept(self, person: str, message_id: str, stored: Stored, reply: bytes, at: datetime) -> None:
        self.sessions[person] = stored
        self.heard[person] = at
        self.replies[person, message_id] = (Earlier(f"digest of {message_id}", reply), at)

    @rule(at=stores, person=people, message_id=messages)
    def load(self, at: int, person: str, message_id: str) -> None:
        person = self.prefix + person
        loaded = self.run(self.stores[at].load(person, message_id))
        self.held.setdefault(person, []).append(loaded)
        if loaded.revision == self.sessions.get(person, Stored(0, None)).revision and loaded.earlier is not None:
            assert loaded == self.kept(person, message_id)

    @rule(at=stores, person=people, message_id=messages, back=st.integers(1, 3))
    def commit(self, at: int, person: str, message_id: str, back: int) -> None:
        """On what was loaded just now, or some time ago, here or elsewhere."""
        person = self.prefix + person
        loads = self.held.get(person, [Stored(0, None)])
        revision = loads[-min(back, len(loads))].revision
        made, after = self.write(person, revision, message_id)
        try:
            new = self.run(self.stores[at].commit(made))
        except Conflict:
            assert after is None
            # after a conflict the next load is never an old one
            assert self.run(self.stores[at].load(person, message_id)) == self.kept(person, message_id)
        else:
            assert after is not None
            assert new == after.revision or revision == 0
            self.accept(person, message_id, Stored(new, after.session), made.reply, made.at)

    @rule(at=stores, message_id=messages, chosen=st.lists(people, min_size=2, max_size=6))
    def burst(self, at: int, message_id: str, chosen: list[str]) -> None:
        """Several at once, of whom some say the same thing twice."""
        store = self.stores[at]
        turns = [self.write(self.prefix + who, self.kept(self.prefix + who, "").revision, message_id) for who in chosen]

        async def all_at_once() -> list[Any]:
            return await asyncio.gather(*(store.commit(made) for made, _ in turns), return_exceptions=True)

        done: set[str] = set()
        for (made, after), result in zip(turns, self.run(all_at_once()), strict=True):
            if after is None or made.person in done:
                assert isinstance(result, Conflict)
            else:
                assert isinstance(result, int)
                self.accept(made.person, message_id, Stored(result, after.session), made.reply, made.at)
                done.add(made.person)

    @rule(at=stores, person=people)
    def forget(self, at: int, person: str) -> None:
        person = self.prefix + person
        rows = self.run(self.stores[at].forget(person))
        assert (rows > 0) == (person in self.sessions)
        self.sessions.pop(person, None)
        self.heard.pop(person, None)
        self.replies = {key: value for key, value in self.replies.items() if key[0] != person}

    @rule(at=stores, hours=st.sampled_from([1, 47, 48, 24 * 20]))
    def time_passes_and_old_things_go(self, at: int, hours: int) -> None:
        self.now += timedelta(hours=hours)
        before = self.now - PERIOD
        self.run(self.stores[at].purge(before))
        for person, stored in list(self.sessions.items()):
            if stored.expired is not None and stored.expired < before:
                del self.sessions[person], self.heard[person]
            elif stored.expired is None and self.heard[person] < before:
                # `kept` is compared with what the store says, but for the very microsecond
                expired = self.run(self.stores[2].load(person)).expired
                assert expired is not None
                assert abs(expired - self.now) < timedelta(seconds=1)
                self.sessions[person] = Stored(stored.revision + 1, None, None, expired)
                self.replies = {key: value for key, value in self.replies.items() if key[0] != person}

    @invariant()
    def what_is_kept_is_what_the_model_says(self) -> None:
        for person in ("anna", "berta", "carla"):
            for message_id in ("1", "4"):
                key = self.prefix + person
                assert self.run(self.stores[2].load(key, message_id)) == self.kept(key, message_id)


def test_two_stores_agree_with_the_model_in_every_order_of_events(url: str) -> None:
    run_state_machine_as_test(
        lambda: Talk(url),
        settings=examples(8, stateful_step_count=25),
    )
