"""Logging for operators: one line an event, without anything a person told."""

from __future__ import annotations

import json
import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime

NUMBER: ContextVar[str] = ContextVar("request", default="")
"""The number of the request being answered, as the person sees it and can read it out."""


def places(error: BaseException) -> str:
    """Where an error came from, without its message: that could quote what a person wrote."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return f"{type(error).__name__} at " + " < ".join(
        f"{f.filename.rpartition('/')[2]}:{f.lineno} {f.name}" for f in reversed(frames)
    )


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        number = NUMBER.get()
        return super().format(record) + (f" [{number}]" if number else "")


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname, "from": record.name, "says": record.getMessage()}
        if number := NUMBER.get():
            line["request"] = number
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def begin(level: str, form: str) -> None:
    """Set up logging for a service. Libraries that print addresses with secrets in them are kept quiet."""
    out = logging.StreamHandler()
    out.setFormatter(_Json() if form == "json" else _Text("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[out], force=True)
    for name in ("httpx", "httpcore", "aiogram", "telegram", "alembic", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
