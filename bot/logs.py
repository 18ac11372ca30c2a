"""Logging for operators: one line an event, without anything a person told."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname, "from": record.name, "says": record.getMessage()}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def begin(level: str, form: str) -> None:
    """Set up logging for a service. Libraries that print addresses with secrets in them are kept quiet."""
    out = logging.StreamHandler()
    out.setFormatter(
        _Json() if form == "json" else logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    )
    logging.basicConfig(level=level, handlers=[out], force=True)
    for name in ("httpx", "httpcore", "aiogram", "telegram", "alembic", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
