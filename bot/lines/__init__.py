"""`xueshi assess`: a stream of facts in, a stream of assessments out, in the same order, one a line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, BinaryIO

import orjson

from bot.lines.jsonl import NotJson, lines, parse
from rules import Library, assess, refused


def stream(read: Callable[[int], bytes], out: BinaryIO, packs: Library, today: date) -> None:
    """Assess every line of the stream; blank lines are skipped, a bad line gives a `refused` one and never a stop."""
    dumps = orjson.dumps
    first = True
    for batch in lines(read):
        done = []
        if first and batch[0] is not None:
            batch[0] = batch[0].removeprefix(b"\xef\xbb\xbf")  # what editors and Excel put before UTF-8
        first = False
        for line in batch:
            if line is not None and not line.strip():
                continue
            done.append(dumps(one(line, packs, today)))
        if done:
            done.append(b"")
            out.write(b"\n".join(done))
            out.flush()


def one(line: bytes | None, packs: Library, today: date) -> dict[str, Any]:
    """The assessment of one line; None is a line that was too long to be read."""
    if line is None:
        return refused(packs, "invalid_json", "json_long")
    try:
        facts = parse(line)
    except NotJson as wrong:
        return refused(packs, "invalid_json", wrong.fault)
    return assess(packs, facts, today)
