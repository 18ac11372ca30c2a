"""How the work on an uploaded roster is going: a small file beside it, rewritten whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

STATE, RESULT, PEOPLE, SIGHT, MAPPING = "state.json", "result.xlsx", "people.jsonl", "sight.json", "mapping.toml"
INTERRUPTED = "处理被中断了，请重新上传"
TOO_LARGE = "这份花名册处理不了：文件太大，或者磁盘写不下"
MOST = 3_000  # people that a trial looks at
UNDER_WAY = ("waiting", "working")


def tell(directory: Path, **state: Any) -> None:
    """Write the state, whole or not at all."""
    made = directory / (STATE + ".new")
    made.write_bytes(orjson.dumps(state))
    made.replace(directory / STATE)


def read(directory: Path) -> dict[str, Any]:
    """The state as it was last told; empty where nothing was."""
    try:
        state: dict[str, Any] = orjson.loads((directory / STATE).read_bytes())
    except (OSError, ValueError):
        return {}
    return state
