"""`python -m tests.transcripts.write [FILE …]`: plays transcripts and writes down what is answered, to be read before it is kept."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.transcripts.players import Player, conversation_for
from tests.transcripts.script import read_script, scripts


async def play(path: Path) -> None:
    acts = read_script(path)
    async with conversation_for() as (talks, clock):
        player = Player(talks, clock, "writer")
        replies = [await player.act(act) for act in acts]
    kept = iter(zip(acts, replies, strict=True))
    lines: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(("# ", "@ ")):
            lines.append(line)
        elif line.startswith("> "):
            lines += ["", line, next(kept)[1]]
    path.write_text("\n".join(lines).strip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    for name in [Path(name) for name in sys.argv[1:]] or scripts():
        asyncio.run(play(name))
