"""When a channel fails too often: it rests a little longer each time, then its campaign pauses itself and says why."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable

RESTS = 12  # in a row, some minutes in all, before somebody is asked to look
LONGEST_REST = 30.0
SEEN = 60  # last outcomes that are looked at
ENOUGH = 30  # of them, before anything is concluded
TOO_MANY = 0.5  # of them that failed


class Health:
    """How one channel has been doing."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._last: deque[str] = deque(maxlen=SEEN)
        self._in_a_row = 0
        self._counted = 0.0
        self.rest_until = 0.0

    def told(self) -> None:
        """One arrived."""
        self._in_a_row, self.rest_until = 0, 0.0
        self._last.append("")

    def failed(self, reason: str) -> None:
        """One was refused, or nobody knows."""
        self._last.append(reason)

    def troubled(self, began: float) -> None:
        """The server could not, or was not there; calls that were under way together count once."""
        now = self._clock()
        if began >= self._counted:
            self._in_a_row += 1
            self._counted = now
            self.rest_until = now + min(LONGEST_REST, 0.2 * 2 ** (self._in_a_row - 1))

    def resting(self) -> bool:
        """Whether it is better to wait a moment."""
        return self._clock() < self.rest_until

    def why_pause(self) -> str:
        """Why nothing more should be sent before somebody has looked; empty while all is well."""
        if self._in_a_row >= RESTS:
            return f"连续{self._in_a_row}次连不上或对方服务器出错"
        bad = Counter(reason for reason in self._last if reason)
        if len(self._last) >= ENOUGH and bad.total() > TOO_MANY * len(self._last):
            often = "、".join(f"{reason} {number}次" for reason, number in bad.most_common())
            return f"最近{len(self._last)}条里有{bad.total()}条没发成（{often}）"
        return ""

    def begin_anew(self) -> None:
        """Somebody has looked."""
        self._last.clear()
        self._in_a_row, self.rest_until = 0, 0.0
