"""The terminal: the same conversation, read line by line; a transcript can be piped through."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import Sequence
from typing import TextIO

from bot.channels import Talks
from bot.messages import Message, Reply, Turn, first_numbers


def plain(reply: Reply, first: int = 1) -> str:
    """A bubble as plain lines: the text, its buttons numbered from `first`, its links."""
    lines = [reply.text]
    if reply.choices:
        lines.append("  ".join(f"[{number}] {choice.label}" for number, choice in enumerate(reply.choices, first)))
    lines += [f"{link.label}  {link.url}" for link in reply.unsaid()]
    return "\n".join(lines)


def all_plain(replies: Sequence[Reply]) -> str:
    """A turn's bubbles, their buttons numbered through."""
    return "\n\n".join(plain(reply, first) for reply, first in zip(replies, first_numbers(replies), strict=True))


async def talk(talks: Talks, source: TextIO, out: TextIO, person: str) -> None:
    """Talk until the input ends. `person` is the key of whoever sits there."""
    loop = asyncio.get_running_loop()
    prompt = source.isatty()
    session = uuid.uuid4().hex
    await _say(await talks.take(Message("terminal", "", person, f"{session}-0", text="你好")) if prompt else None, out)
    number = 1
    while True:
        if prompt:
            print("> ", end="", file=out, flush=True)
        line = await loop.run_in_executor(None, source.readline)
        if not line:
            break
        if not line.strip():
            continue
        turn = await talks.take(Message("terminal", "", person, f"{session}-{number}", text=line.rstrip("\n")))
        number += 1
        await _say(turn, out)
    if prompt:
        print(file=sys.stderr)


async def _say(turn: Turn | None, out: TextIO) -> None:
    if turn is not None:
        print(all_plain(turn.replies), file=out)
        print(file=out, flush=True)
