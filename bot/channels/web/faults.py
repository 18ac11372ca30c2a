"""Requests that cannot be taken: a reason each, with the one plain sentence for it from `bot/pages/faults.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.responses import JSONResponse, Response

from bot.settings.wordbook import words_beside

PAGES = Path(__file__).parents[2] / "pages"
FAULTS: dict[str, dict[str, Any]] = words_beside(str(PAGES / "pages"), "faults.toml")


class HttpFault(Exception):
    """A request refused for `reason`, a key of faults.toml; `retry_after` in whole seconds where waiting helps."""

    def __init__(self, reason: str, retry_after: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status: int = FAULTS[reason]["status"]
        self.message: str = FAULTS[reason]["message"]
        self.retry_after = retry_after

    def as_json(self) -> dict[str, str]:
        """The body that an interface answers with."""
        return {"error": self.reason, "message": self.message}


def fault_answer(fault: HttpFault, headers: Mapping[str, str]) -> Response:
    """A refusal as JSON, with the time to wait where there is one."""
    wait = {"Retry-After": str(fault.retry_after)} if fault.retry_after else {}
    return JSONResponse(fault.as_json(), fault.status, {**headers, **wait})
