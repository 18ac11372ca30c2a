"""What sends notices on one channel, as the worker sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.messages import Delivery
from bot.notices.pace import Limits
from bot.notices.wording import Letter

LIMITED = "limited"  # of a retry: the server wants nothing at all for so long
ACCOUNT = "account"  # of a retry: our own account is not accepted; nobody can be told before that is mended
WRONG_TEMPLATE = "wrong_template"  # the same of the template that is set


@dataclass(slots=True)
class Wire:
    """When a call was under way, by the wall clock."""

    began: float = 0.0
    ended: float = 0.0


class Sender(Protocol):
    """One provider. Raises nothing for what network or provider do."""

    @property
    def channel(self) -> str:
        """As a binding names it; `email` for addresses of a roster."""
        ...

    @property
    def account(self) -> str:
        """Whose limits it is that are kept."""
        ...

    @property
    def limits(self) -> Limits: ...

    @property
    def slots(self) -> int:
        """How many calls may be under way at once."""
        ...

    async def send(self, address: str, letter: Letter, wire: Wire) -> Delivery:
        """One call. `address` is the binding's account key, or an e-mail address."""
        ...

    async def close(self) -> None: ...
