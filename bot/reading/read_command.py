"""`xueshi read`: one message a line in, what was read of it out, as JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from bot.reading.reading import Reading


def run(
    lines: Iterable[str | bytes],
    write: Callable[[str], object],
    read: Callable[[str], Reading],
    *,
    topic: Callable[[str], str | None] = lambda text: None,
) -> None:
    """Write one line for each line read, as `read` reads it. `topic` names the FAQ entry that a message asks for, or None."""
    for line in lines:
        raw = line.decode("utf-8", "replace") if isinstance(line, bytes) else line
        write(one(raw.rstrip("\r\n"), read, topic) + "\n")


def one(line: str, read: Callable[[str], Reading], topic: Callable[[str], str | None]) -> str:
    """The JSON line for one message; a line that is a JSON string is that string."""
    text = line
    if line[:1] == '"':
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        text = value if isinstance(value, str) else line
    reading = read(text)
    asks = list(dict.fromkeys(doubt.fact for doubt in reading.doubts))
    out: dict[str, object] = {
        "facts": reading.facts,
        "topic": topic(text),
        "unread": list(reading.unread),
        "asks": asks,
    }
    out["about"] = reading.about
    if len(reading.others) > (reading.about == "other"):
        out["others"] = [other.facts for other in reading.others]
    return json.dumps(out, ensure_ascii=False)
