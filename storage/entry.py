"""One turn in the shape in which both databases write it: JSON encoded, moments as numbers, the new revision known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import orjson

from .sealing import KEYRING
from .tables import micros
from .values import REMEMBERED, Written

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def horizon(now: datetime) -> int:
    """Replies older than this moment (microseconds) are forgotten."""
    return micros(now - REMEMBERED)


@dataclass(frozen=True, slots=True)
class TurnEntry:
    person: str
    expected: int
    revision: int
    session: bytes
    message_id: str
    digest: str
    answer: bytes | None
    reply: bytes
    at: int
    horizon: int
    inbox: int | None
    channel: str
    parts: tuple[bytes, ...]


def entry(turn: Written, now: datetime) -> TurnEntry:
    """The turn as it is written at `now`.

    The first revision of a person is the moment it is made. Somebody who is forgotten and comes back therefore never
    meets a revision that another process still remembers from before.
    """
    return TurnEntry(
        person=turn.person,
        expected=turn.revision,
        revision=turn.revision + 1 if turn.revision else max(1, micros(now)),
        session=turn.session if isinstance(turn.session, bytes) else orjson.dumps(turn.session),
        message_id=turn.message_id,
        digest=turn.digest,
        answer=None if turn.answer is None else orjson.dumps(turn.answer),
        reply=turn.reply,
        at=micros(turn.at),
        horizon=horizon(now),
        inbox=turn.inbox,
        channel=turn.channel,
        parts=turn.parts,
    )


def sealed(one: TurnEntry) -> TurnEntry:
    """The turn as it goes to disk."""
    if not KEYRING:
        return one
    return replace(
        one,
        session=KEYRING.seal(one.session, b"session"),
        answer=None if one.answer is None else KEYRING.seal(one.answer, b"answer"),
        reply=KEYRING.seal(one.reply, b"reply"),
        parts=tuple(KEYRING.seal(part, b"outbox") for part in one.parts),
    )
