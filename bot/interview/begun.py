"""How sessions begin."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from bot.casefile import new_case
from bot.interview.said import Session
from bot.states import WELCOME
from rules import Library


def new_session(library: Library, today: date) -> Session:
    """Nothing known, nothing asked. The first serial tells the day: no button of a session that is gone fits a new one."""
    return {
        "v": 1, "serial": today.toordinal() * 100, "shown": "", "current": "self", "cases": {"self": new_case()}, "fails": {},
        **new_place(), "day": today.isoformat(), "pack": mark_of(library),
    }  # fmt: skip


def mark_of(library: Library) -> str:
    """What tells one set of notices from another."""
    return hashlib.blake2b("".join(notice.sha256 for notice in library.notices).encode(), digest_size=16).hexdigest()


def new_place() -> dict[str, Any]:
    """At the beginning of a case."""
    return {"state": WELCOME, "asking": None, "redo": None, "editing": False, "hint": None, "offer": None, "undo": []}
