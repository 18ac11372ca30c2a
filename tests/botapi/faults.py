"""What may go wrong between a bot and the Bot API, planned call by call."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Literal

Kind = Literal["429", "500", "page", "drop", "lost", "slow"]
"""`page`: a proxy's 502 in HTML; `drop`: hung up, nothing done; `lost`: done, then hung up; `slow`: done after a while."""


@dataclass
class Fault:
    """Strikes the next `times` calls of a method (a pattern) in a chat (None: any)."""

    kind: Kind
    method: str = "send*"
    chat: int | None = None
    times: int = 1
    seconds: float = 1.0

    def strikes(self, method: str, chat: int | None) -> bool:
        if self.times <= 0 or not fnmatch(method, self.method.lower()) or (self.chat is not None and chat != self.chat):
            return False
        self.times -= 1
        return True
