"""The pace: whatever a network does, no window of one second at the server holds more than the share."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.post.pace import Pace
from tests.examples import examples
from tests.notices.conftest import busiest_second

SHARE = 5


class World:
    """A sender, a clock, and letters under way."""

    def __init__(self, ways: list[float], share: int = SHARE, step: float = 0.005) -> None:
        self.now, self.step = 1000.0, step
        self.ways = ways
        self.pace = Pace(share, clock=lambda: self.now)
        self.arrived: list[float] = []
        self.answers: list[tuple[float, int, float]] = []
        self.number = 0

    def way(self) -> float:
        """Seconds a letter or its answer takes, one after the other and around again."""
        self.number += 1
        return self.ways[self.number % len(self.ways)]

    def run(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            if (
                self.now >= self.pace.soonest()
            ):  # as whoever sends does: nobody asks before the moment that the pace has named
                for began in self.pace.moments(30):
                    letter = len(self.arrived)
                    self.pace.leaves(letter, began)
                    arrived = began + self.way()
                    self.arrived.append(arrived)
                    self.answers.append((arrived + self.way(), letter, began))
            self.now += self.step
            for answer in [answer for answer in self.answers if answer[0] <= self.now]:
                self.answers.remove(answer)
                ended, one, began = answer
                self.pace.answered(one, began, ended)


@examples(20)
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


def test_nothing_leaves_while_the_server_says_wait() -> None:
    world = World([0.002])
    world.run(2)
    world.pace.asked_to_wait("anna", 3.0)
    then = world.now
    world.run(5)
    assert [moment for moment in world.arrived if then + 0.1 < moment < then + 3.0] == []
    assert busiest_second(world.arrived) <= SHARE


def test_what_a_sender_that_died_had_on_its_way_counts_against_the_next() -> None:
    world = World([0.002])
    left = datetime.fromtimestamp(world.now, UTC)
    world.pace.remember([(number, left, None) for number in range(1, SHARE)] + [(9, left, left)])
    world.run(0.9)
    assert world.arrived == []
    world.run(1.5)
    assert 0 < len(world.arrived) <= 2
    world.run(10)
    assert len(world.arrived) > 8 * SHARE


def test_what_a_sender_that_died_was_told_to_send_later_counts_though_nobody_wrote_it_down() -> None:
    world = World([0.002])
    world.pace.remember([])
    world.run(0.99)
    assert world.arrived == []
    world.run(10)
    assert len(world.arrived) > 8 * SHARE


def test_only_a_crowd_that_must_wait_slows_down_everybody_who_talks() -> None:
    now = [1000.0]
    pace = Pace(crowd=3, clock=lambda: now[0])
    pace.asked_to_wait("anna", 5.0)
    pace.asked_to_wait("anna", 5.0)
    pace.asked_to_wait("berta", 5.0)
    assert len(pace.moments(100)) == 100
    pace.asked_to_wait("carla", 5.0)
    assert pace.moments(100) == []
    now[0] += 5.0
    assert 0 < len(pace.moments(100)) <= 15


def test_a_server_in_trouble_is_left_alone_a_little_longer_each_time() -> None:
    now = [1000.0]
    pace = Pace(clock=lambda: now[0])
    rests = []
    for _ in range(12):
        pace.troubled(now[0])
        pace.troubled(now[0] - 0.1)  # under way together with it
        rests.append(pace.until - now[0])
        now[0] = pace.until
    assert rests == sorted(rests)
    assert (round(rests[0], 3), rests[-1]) == (0.2, 60.0)
    pace.well()
    pace.troubled(now[0])
    assert round(pace.until - now[0], 3) == 0.2


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
