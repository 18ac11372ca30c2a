"""The words of `notice_words.toml`: of campaigns to HR, of notices to people."""

from __future__ import annotations

from typing import Any

from bot.settings.wordbook import words_beside
from storage import NoticeLine


def words() -> dict[str, Any]:
    """Everything in it."""
    return words_beside(__file__, "notice_words.toml")


class CampaignFault(ValueError):
    """What cannot be done with a campaign: one plain Chinese sentence, known by its name."""

    def __init__(self, fault: str, **told: object) -> None:
        super().__init__(words()["faults"][fault].format(**told))


def reason_words(reason: str, state: str = "not_told") -> str:
    """Why somebody in a state was not told, as HR reads it; what we have no words for stays as it is."""
    tables = (words()["reasons"], words()["left_out"])
    first, second = tables[::-1] if state == "left_out" else tables
    return str(first.get(reason) or second.get(reason, reason))


def wants_no_more(said: str, where: str = "mail") -> bool:
    """Whether an answer to a notice says no more of them: in a letter, or where no question is open."""
    return said.strip().rstrip("。.!！").lower() in words()["stops"][where]


def channel_words(row: NoticeLine) -> str:
    """How somebody was told, or may have been; empty for who was not."""
    if row.state not in ("told", "in_doubt"):
        return ""
    channel = row.reason if row.state == "told" and row.reason else row.channel
    return str(words()["told_by"].get(channel) or words()["channels"].get(channel, channel))
