"""The words of `words.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from storage import Row

CHANNELS = ("telegram", "wechat", "wecom", "email")
"""Every way that notices can go, the quickest to be read first."""


@cache
def words() -> dict[str, Any]:
    """Everything in it."""
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def reason_words(reason: str) -> str:
    """Why, as HR reads it; what we have no words for stays as it is."""
    return str(words()["reasons"].get(reason, reason))


def channel_words(row: Row) -> str:
    """How somebody was told, or may have been; empty for who was not."""
    if row.state not in ("told", "in_doubt"):
        return ""
    channel = row.reason if row.state == "told" and row.reason else row.channel
    return str(words()["told_by"].get(channel) or words()["channels"].get(channel, channel))
