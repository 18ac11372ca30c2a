"""How fast letters may leave by one provider: never more than a share in any one-second window, as its server sees it.

Each letter that leaves takes one of as many permits as the share allows. A permit comes back a second after the answer came: the
letter that had it arrived before that, and the one that has it next arrives after, however late either was on its way. Of a long way
to the server its steady part is given back, or every round trip would be lost to the rate. Without a share letters leave as they
come, until the server asks to wait; where it asks several people's at once it is meant for all, and they go slowly for a while.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import datetime
from itertools import islice, takewhile

WINDOW = 1.0
AHEAD = 0.02  # seconds before its moment at which a letter is claimed, so that the commit takes nothing from the rate
SLACK = 0.8  # of an even spacing: what one late answer has cost, the next ones catch up
UNANSWERED = 12.0  # seconds after which a permit comes back without an answer
ORPHANED = 3.0  # the same, where the sender has died
ENOUGH = 100  # round trips seen before the quickest is taken for what the way always takes
UNSTEADY = 0.03  # seconds of the quickest round trip that are not taken for steady
CAUTIOUS = 30.0  # seconds for which letters leave slowly after a limit of all was met
SLOW = 15  # letters a second while cautious; platforms allow about 30, and notices have their share of them
LONGEST_REST = 60.0


class Pace:
    """The pace of one provider in the one process that sends. `share`: so many a second, 0 for any number; `crowd`: so many people
    asked to wait within a second mean everybody."""

    def __init__(self, share: int = 0, *, crowd: int = 1, clock: Callable[[], float] = time.time) -> None:
        self.share, self._crowd, self._clock = share, crowd, clock
        self.until = 0.0  # nothing leaves before
        self._cautious_until = 0.0
        self._refused: deque[tuple[float, str]] = deque()
        self._out: dict[Hashable, float] = {}  # when the permit of each letter comes back
        self._next = 0.0
        self._floor, self._seen = float("inf"), 0
        self._troubles, self._troubled = 0, 0.0
        self._latest = 0.0

    def _now(self) -> float:
        """The time; where it has been set back, what was reckoned by the wrong one is forgotten."""
        now = self._clock()
        if now < self._latest - LONGEST_REST:
            self._out.clear()
            self.until = self._next = self._cautious_until = self._troubled = 0.0
        self._latest = now
        return now

    def moments(self, most: int) -> list[float]:
        """When so many letters may leave of those that may now, or so soon that it is time to claim them."""
        now = self._now()
        if not self._share(now):
            return [now] * most if now >= self.until else []
        return list(takewhile(lambda start: start <= now + AHEAD, islice(self._starts(now), most)))

    def soonest(self) -> float:
        """The moment from which one more may be claimed."""
        now = self._now()
        return next(self._starts(now)) - AHEAD / 2 if self._share(now) else self.until

    def _starts(self, now: float) -> Iterator[float]:
        """When the next letters may leave, as far as it is known which permits come back when."""
        self._out = {letter: back for letter, back in self._out.items() if back > now}
        share, backs, start = self._share(now), sorted(self._out.values()), max(now, self._next, self.until)
        for back in [0.0] * (share - len(backs)) + backs[max(0, len(backs) - share) :]:
            start = max(start, back)
            yield start
            start += SLACK / share

    def leaves(self, letter: Hashable, at: float) -> None:
        """A letter, another one each time, takes its permit."""
        now = self._now()
        at = min(at, now + AHEAD)  # reckoned before the clock was set back
        if share := self._share(now):
            self._out[letter] = at + UNANSWERED
            self._next = max(self._next, at + SLACK / share)

    def answered(self, letter: Hashable, began: float, ended: float) -> None:
        """Its answer came, or is given up."""
        self._floor = min(self._floor, max(0.0, ended - began))
        self._seen += 1
        steady = max(0.0, self._floor - UNSTEADY) if self._seen >= ENOUGH else 0.0
        if letter in self._out:
            self._out[letter] = ended + WINDOW - steady

    def unused(self, letter: Hashable) -> None:
        """A letter that was claimed did not leave after all."""
        self._out.pop(letter, None)

    def remember(self, letters: Iterable[tuple[int, datetime, datetime | None]]) -> None:
        """What left before by other senders of this provider: number, when, and when its answer was known. What was put off left no
        trace, so that a limited share begins a window later."""
        if self.share:
            self.until = max(self.until, self._now() + WINDOW)
        for number, left, answered in letters:
            self._out[-number] = answered.timestamp() + WINDOW if answered else left.timestamp() + ORPHANED

    # ------------------------------------------------------------ what the server says

    def asked_to_wait(self, person: str, seconds: float) -> None:
        """The server took nothing for this person and asked to wait."""
        now = self._now()
        self._refused.append((now, person))
        while self._refused and self._refused[0][0] < now - 1.0:
            self._refused.popleft()
        if len({name for _, name in self._refused}) >= self._crowd:
            self.until = max(self.until, now + seconds)
            if self._crowd > 1:
                self._cautious_until = self.until + CAUTIOUS

    def troubled(self, began: float) -> None:
        """The server could not, or was not there: a rest, a little longer each time. Calls under way together count once."""
        if began >= self._troubled:
            now = self._now()
            self._troubled = now
            self.until = max(self.until, now + min(LONGEST_REST, 0.2 * 2 ** min(self._troubles, 10)))
            self._troubles += 1

    def well(self) -> None:
        """A letter was taken."""
        self._troubles = 0

    def _share(self, now: float) -> int:
        return self.share or (SLOW if now < self._cautious_until else 0)
