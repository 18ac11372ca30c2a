"""How the work on an uploaded roster is going: a small file beside it, rewritten whole."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import Any

import orjson

STATE, RESULT, PEOPLE = "state.json", "result.xlsx", "people.sqlite"
INTERRUPTED = "处理被中断了，请重新上传"
TOO_LARGE = "这份花名册处理不了：文件太大，或者磁盘写不下"
GONE = "文件已经不在了，请重新上传"
UNDER_WAY = ("waiting", "working")


def tell(directory: Path, **state: Any) -> None:
    """Write the state, whole or not at all, with the service that answers for it: its `token` is told once and stays."""
    made = directory / (STATE + ".new")
    answers = {"token": _told(directory).get("token", "")} | state
    made.write_bytes(orjson.dumps(answers))
    made.replace(directory / STATE)


def read(directory: Path, at_work: Container[str]) -> dict[str, Any]:
    """The state; what is under way in a service that is not `at_work` any more has failed."""
    state = _told(directory)
    if state["state"] in UNDER_WAY and state.get("token") not in at_work:
        return {"state": "failed", "message": INTERRUPTED}
    return state


def settle(directory: Path, message: str = INTERRUPTED) -> None:
    """The process that worked here has ended: if it did not say how, it failed."""
    if directory.is_dir() and _told(directory)["state"] in UNDER_WAY:
        tell(directory, state="failed", message=message)


def _told(directory: Path) -> dict[str, Any]:
    """The state as it was last told, whoever told it."""
    try:
        state: dict[str, Any] = orjson.loads((directory / STATE).read_bytes())
    except (OSError, ValueError):
        return {"state": "failed", "message": GONE}
    return state
