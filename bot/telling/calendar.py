"""The reminder as a calendar file: ahead of the day on which the window closes, with what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from bot.telling.result import Result, day_words
from bot.telling.sentences import said

AHEAD = (30, 7)
"""Days before the end at which one is reminded."""


def days(result: Result) -> tuple[date, ...]:
    """The days to be reminded on, the last day itself among them, those that are past left out; none where nothing is to be learned."""
    if result.closes is None or not any(step.id == "learn" for step in result.steps):
        return ()
    every = (*(result.closes - timedelta(days=each) for each in AHEAD), result.closes)
    return tuple(day for day in every if day > result.day)


def ics(result: Result, address: str = "") -> bytes:
    """The file; empty where there is nothing to be reminded of."""
    ahead = days(result)
    if not ahead or result.closes is None:
        return b""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//xueshi//reminder//ZH", "METHOD:PUBLISH"]
    for day in ahead:
        lines += _event(result, day, result.closes, address)
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in _folded(line)).encode()


def _event(result: Result, day: date, closes: date, address: str) -> Iterator[str]:
    left = (closes - day).days
    missing = result.to_learn or said("days", "hours")
    title = said("days", "title", when=said("days", "left" if left else "last", days=left))
    says = said("days", "says", missing=missing, day=day_words(closes), verdict=result.verdict, address=address)
    yield "BEGIN:VEVENT"
    yield f"UID:{result.mark.replace(' ', '-').replace('/', '-')}-{day:%Y%m%d}@xueshi"
    yield f"DTSTAMP:{result.day:%Y%m%d}T000000Z"
    yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escaped(f'{title}：{missing}')}"
    yield f"DESCRIPTION:{_escaped(says)}"
    yield from (
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_escaped(title)}",
        "TRIGGER:PT9H",
        "END:VALARM",
    )
    yield "END:VEVENT"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Lines of at most 75 bytes, no character cut in two."""
    part, size = "", 0
    for character in line:
        wide = len(character.encode())
        if size + wide > 74:
            yield part
            part, size = " ", 1
        part, size = part + character, size + wide
    yield part
