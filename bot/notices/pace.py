"""Never more than a share in any one-second window, over all processes that send for one account, as its server sees it.

Each notice that leaves takes one of as many permits as the share allows. A permit comes back a second after the answer
came: the request that had it arrived before that, and the one that has it next arrives after, however late either was
on its way. Of a long way to the server its steady part is given back, or every round trip would be lost to the rate.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

WINDOW = 1.0
AHEAD = (
    0.08  # seconds before its moment at which a notice is let through, so that the commit takes nothing from the rate
)
SLACK = 0.8  # of an even spacing: what one late answer has cost, the next ones catch up
UNANSWERED = 12.0  # seconds after which a permit comes back without an answer
ORPHANED = 3.0  # the same, where the sender has died
ENOUGH = 100  # round trips seen before the quickest is taken for what the way always takes
UNSTEADY = 0.03  # seconds of the quickest round trip that are not taken for steady


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider takes: so many a second in all (0: any number), and how far apart to one address."""

    share: int
    spacing: float = 1.0


class Pace:
    """The gate of one account; `storage.Gate`."""

    def __init__(self, account: str, limits: Limits, sender: str, clock: Callable[[], float] = time.time) -> None:
        self.account, self.limits, self._sender, self._clock = account, limits, sender, clock
        self.spacing = timedelta(seconds=limits.spacing)
        self.starts: dict[int, float] = {}
        self.again = 0.0
        self.until = 0.0
        self.alone = True
        self._answered: dict[int, float] = {}
        self._floor, self._seen = float("inf"), 0
        self._untold = False
        self._next = 0.0

    @property
    def urgent(self) -> bool:
        """Whether a wait is known that the other senders don't know yet."""
        return self._untold

    def answered(self, number: int, began: float, ended: float) -> None:
        """A notice's answer came (or is given up)."""
        self._floor = min(self._floor, max(0.0, ended - began))
        self._seen += 1
        steady = max(0.0, self._floor - UNSTEADY) if self._seen >= ENOUGH else 0.0
        back = self._answered[number] = ended + WINDOW - steady
        self.again = min(
            self.again, max(back, self.until, self._next) - AHEAD / 2
        )  # its permit comes back sooner than was feared

    def unused(self, number: int) -> None:
        """A notice that was let through did not leave after all."""
        self._answered[number] = 0.0
        self.again = min(self.again, max(self.until, self._next))

    def wait(self, seconds: float) -> None:
        """Nothing leaves for so long: the server said so."""
        until = self._clock() + seconds
        if until > self.until:
            self.until, self._untold = until, True

    def heard(self, body: bytes | None) -> None:
        """Another sender may have been told to wait since this one's last turn."""
        if body:
            self.until = max(self.until, orjson.loads(body)["until"])

    def shut(self) -> bool:
        """Whether the server's wait is not over."""
        return self._clock() < self.until

    def admit(
        self, body: bytes | None, wanted: Sequence[int], living: frozenset[str]
    ) -> tuple[bytes | None, list[int]]:
        """Who may go, and when: `starts` has the moment of each."""
        now = self._clock()
        kept: dict[str, Any] = orjson.loads(body) if body else {"until": 0.0, "next": 0.0, "out": {}}
        out: dict[str, list[Any]] = kept["out"]  # number: [sender, start, back]; back is None while it is unanswered
        for number, back in self._answered.items():
            if str(number) in out:
                out[str(number)][2] = back
        self._answered.clear()
        self.alone = living <= {self._sender}
        self.until = kept["until"] = max(kept["until"], self.until)
        self._untold = False
        for key, (sender, start, back) in list(out.items()):
            patience = UNANSWERED if sender in living or sender == self._sender else ORPHANED
            if (back if back is not None else start + patience) <= now:
                del out[key]
        going: list[int] = []
        self.again = kept["until"]
        for number in wanted if now >= kept["until"] else ():
            start = max(now, kept["next"], self._free(out))
            if start > now + AHEAD:
                self.again = start - AHEAD / 2
                break
            out[str(number)] = [self._sender, start, None]
            kept["next"] = start + SLACK / self.limits.share
            self.starts[number] = start
            going.append(number)
        else:
            self.again = max(self.again, kept["next"] - AHEAD / 2)
        self._next = kept["next"]
        return orjson.dumps(kept), going

    def _free(self, out: dict[str, list[Any]]) -> float:
        """The first moment at which a permit is free."""
        if len(out) < self.limits.share:
            return 0.0
        backs = sorted(back if back is not None else start + UNANSWERED for _, start, back in out.values())
        return float(backs[len(backs) - self.limits.share])
