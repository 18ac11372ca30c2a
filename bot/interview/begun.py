"""How sessions begin."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.casefile import new_case
from bot.interview.said import Session
from bot.states import WELCOME
from rules import Packs


def new_session(packs: Packs, today: date) -> Session:
    """Nothing known, nothing asked. The first serial tells the day: no button of a session that is gone fits a new one."""
    return {
        "v": 1, "serial": today.toordinal() * 100, "shown": "", "current": "self", "cases": {"self": new_case()}, "fails": {},
        **new_place(), "day": today.isoformat(), "pack": packs.newest.sha256,
    }  # fmt: skip


def new_place() -> dict[str, Any]:
    """At the beginning of a case."""
    return {"state": WELCOME, "asking": None, "redo": None, "editing": False, "hint": None, "offer": None, "undo": []}
