"""The pace: whatever a network does, no window of one second at the server holds more than the share."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.notices.pace import Limits, Pace
from tests.notices.conftest import busiest_second

SHARE = 5
LIVING = frozenset({"a", "b"})


class World:
    """Senders that share what the store keeps, a clock, and requests under way."""

    def __init__(self, ways: list[float], share: int = SHARE) -> None:
        self.now = 1000.0
        self.body: bytes | None = None
        self.ways = ways
        self.senders = [Pace("telegram:1", Limits(share), name, lambda: self.now) for name in ("a", "b")]
        self.arrived: list[float] = []
        self.answers: list[tuple[float, int, Pace, float]] = []
        self.number = 0

    def way(self) -> float:
        """Seconds a request or its answer takes, one after the other and around again."""
        self.number += 1
        return self.ways[self.number % len(self.ways)]

    def run(self, seconds: float) -> None:
        number = 0
        until = self.now + seconds
        while self.now < until:
            for pace in self.senders:
                if self.now < pace.again:
                    continue  # as whoever sends does: nobody asks before the moment that the pace has named
                number += 1
                body, going = pace.admit(self.body, [number], LIVING)
                self.body = body if body is not None else self.body
                for one in going:
                    began = max(self.now, pace.starts.pop(one))
                    arrived = began + self.way()
                    self.arrived.append(arrived)
                    self.answers.append((arrived + self.way(), one, pace, began))
            self.now += 0.01
            for answer in [answer for answer in self.answers if answer[0] <= self.now]:
                self.answers.remove(answer)
                ended, one, pace, began = answer
                pace.answered(one, began, ended)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.0, 0.9), min_size=1, max_size=40))
def test_no_second_holds_more_than_the_share_however_late_requests_and_answers_are(ways: list[float]) -> None:
    world = World(ways)
    world.run(8)
    assert busiest_second(world.arrived) <= SHARE


def test_a_near_server_gets_all_of_the_share() -> None:
    world = World([0.004, 0.002, 0.009, 0.003])
    world.run(60)
    assert len(world.arrived) >= 0.97 * 60 * SHARE


def test_a_far_but_steady_server_gets_nearly_all_of_it() -> None:
    world = World([0.1, 0.101, 0.102, 0.1])
    world.run(30)  # until it is known to be steady
    then = len(world.arrived)
    world.run(60)
    assert len(world.arrived) - then >= 0.96 * 60 * SHARE
    assert busiest_second(world.arrived) <= SHARE


def test_nothing_leaves_while_the_server_says_wait_whoever_was_told_so() -> None:
    world = World([0.002])
    world.run(2)
    world.senders[0].wait(3.0)
    then = world.now
    world.run(5)
    assert [moment for moment in world.arrived if then + 0.1 < moment < then + 3.0] == []
    assert busiest_second(world.arrived) <= SHARE


def test_the_permits_of_a_dead_sender_come_back() -> None:
    world = World([0.002])
    world.body, going = world.senders[1].admit(None, list(range(SHARE)), LIVING)
    assert going
    for _ in range(200):
        world.now += 0.05
        world.body, _ = world.senders[1].admit(world.body, [99 + world.number], LIVING)
        world.number += 1
    world.senders = world.senders[:1]
    alone = frozenset({"a"})
    world.now += 4
    _, going = world.senders[0].admit(world.body, [5000], alone)
    assert going == [5000]


def test_an_answer_wakes_who_waits_for_a_permit() -> None:
    slow = World([0.45], share=20)
    slow.run(20)  # until it is known to be steady
    then = len(slow.arrived)
    slow.run(30)
    assert len(slow.arrived) - then >= 0.93 * 30 * 20
    assert busiest_second(slow.arrived) <= 20
    alone = World([0.01], share=1)
    alone.run(30)
    assert len(alone.arrived) >= 28
