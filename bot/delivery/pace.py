"""How fast parts may leave: as fast as they come, until the platform asks several people's parts to wait at once."""

from __future__ import annotations

from collections import deque

CROWD = 3
"""So many people refused within a second: the limit that was met is the bot's own, not one chat's."""
CAUTIOUS = 30.0
"""Seconds for which parts leave slowly after the bot's own limit was met."""
SLOW = 15
"""Parts a second while cautious; platforms allow about 30, and notices have their share of them."""


class Pace:
    """Knows no clock: `now` is always an argument, in seconds."""

    def __init__(self) -> None:
        self._refused: deque[tuple[float, str]] = deque()
        self._quiet_until = 0.0
        self._cautious_until = 0.0
        self._left: deque[float] = deque()

    def asked_to_wait(self, person: str, seconds: float, now: float) -> None:
        """The platform took no part for this person and asked to wait."""
        self._refused.append((now, person))
        while self._refused and self._refused[0][0] < now - 1.0:
            self._refused.popleft()
        if len({name for _, name in self._refused}) >= CROWD:
            self._quiet_until = max(self._quiet_until, now + seconds)
            self._cautious_until = self._quiet_until + CAUTIOUS

    def room(self, now: float) -> int:
        """How many parts may leave now."""
        if now < self._quiet_until:
            return 0
        if now >= self._cautious_until:
            return 1 << 30
        while self._left and self._left[0] <= now - 1.0:
            self._left.popleft()
        return max(0, SLOW - len(self._left))

    def wait(self, now: float) -> float:
        """Seconds until there may be room again; 0 when there is."""
        if self.room(now):
            return 0.0
        return self._quiet_until - now if now < self._quiet_until else self._left[0] + 1.0 - now

    def left(self, count: int, now: float) -> None:
        """So many parts have left."""
        if now < self._cautious_until:
            self._left.extend([now] * count)
