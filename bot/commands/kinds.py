"""What an argument of the command line may be besides words: `commands.toml` names one by its `type`."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any


def day(told: str) -> date:
    """A day, YYYY-MM-DD."""
    try:
        if len(told) == len("YYYY-MM-DD"):
            return date.fromisoformat(told)
    except ValueError:
        pass
    raise ArgumentTypeError(f"{told!r} is no day, YYYY-MM-DD is")


def moment(told: str) -> datetime:
    """A moment without a zone, `2025-12-01 09:00`; a day alone begins at nine."""
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        raise ArgumentTypeError(f"{told!r} is no moment, YYYY-MM-DD HH:MM is") from None
    return at.replace(hour=9) if len(told) == len("YYYY-MM-DD") else at


def text(name: str) -> str:
    """What a file says."""
    try:
        return Path(name).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ArgumentTypeError(f"{name} is no UTF-8") from None
    except OSError as wrong:
        raise ArgumentTypeError(f"{name}: {wrong.strerror}") from None


def workbook(name: str) -> Path:
    """Where a workbook is to be written."""
    out = Path(name)
    if out.suffix.lower() != ".xlsx":
        raise ArgumentTypeError(f"{out.name} is no .xlsx")
    if not out.parent.is_dir():
        raise ArgumentTypeError(f"there is no folder {out.parent}")
    return out


KINDS: dict[str, Callable[[str], Any]] = {
    "int": int, "day": day, "moment": moment, "text": text, "workbook": workbook, "path": Path,
}  # fmt: skip
