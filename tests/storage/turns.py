"""Turns to write, made up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from storage import Stored, Written


def turn(person: str, loaded: Stored | int, message_id: str, **more: Any) -> Written:
    """A turn whose session, answer and reply name the message they came from."""
    values: dict[str, Any] = {
        "session": {"last": message_id, "facts": {"历年学时": 59.5}},
        "digest": f"digest of {message_id}",
        "answer": {"fact": "sex", "from": message_id},
        "reply": f"reply to {message_id}".encode(),
        "at": datetime.now(UTC),
    }
    revision = loaded if isinstance(loaded, int) else loaded.revision
    return Written(person=person, revision=revision, message_id=message_id, **(values | more))
