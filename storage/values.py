"""What goes in and out of the store: plain values, and the two ways in which it says no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

REMEMBERED = timedelta(hours=48)
"""How long a message id is remembered together with its reply."""


class Conflict(Exception):
    """Nothing of this turn was written: the session has moved on, or its message id is taken. Load again."""


class Unavailable(Exception):
    """The database cannot be used now; the text is one plain sentence that names the setting, without secrets."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A message id that this person has already used within the last 48 hours, and the reply that was given."""

    digest: str
    reply: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """What is kept of a person. `revision` is opaque, 0 for somebody unknown; `expired` is when the facts were deleted
    because their retention period had passed (then `session` is None)."""

    revision: int
    session: dict[str, Any] | None
    earlier: Earlier | None = None
    expired: datetime | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """One turn to be written whole or not at all.

    `revision` is the one that was loaded. `inbox` is the row of the inbox that this turn answers; `parts` are what
    `channel` is to send to the person out of the outbox, in this order.
    """

    person: str
    revision: int
    session: Mapping[str, Any] | bytes
    message_id: str
    digest: str
    answer: Mapping[str, Any] | None
    reply: bytes
    at: datetime
    inbox: int | None = None
    channel: str = ""
    parts: tuple[bytes, ...] = ()
