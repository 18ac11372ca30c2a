"""An SMTP server on loopback that puts off, refuses and breaks as told.

    python -m tests.notices.mail_server '{"unknown": 50, "lose": 103}'

Prints two ports, then serves until its standard input ends: SMTP, and one that answers the line `count` or `log` with JSON, every
letter as it was begun. People are numbers, `p12@example.com`. Settings, none by default:

`unknown`, `unwanted`: every so-many-th person has no mailbox (550), wants no letters (554)
`put_off`: every so-many-th letter is put off (451) · `cut`, `drop`, `lose`: at every so-many-th the line breaks before the
letter, in it before it is kept, after it is kept · `slow`: seconds that keeping a letter takes
`storm`: every so-many-th letter begins `storm_for` seconds in which everything is 421
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from collections import Counter
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailroom:
    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.log: list[dict[str, Any]] = []
        self.began = self.calm = 0.0
        self.turns: Counter[str] = Counter()

    def due(self, name: str) -> bool:
        """Whether this time is the so-many-th."""
        every = self.settings.get(name, 0)
        self.turns[name] += 1
        return bool(every) and self.turns[name] % every == 0

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        now = time.monotonic()
        self.began = self.began or now
        record = {"t": now - self.began, "person": 0, "came": "", "done": False}
        self.log.append(record)
        if self.due("storm"):
            self.calm = now + self.settings["storm_for"]
        if now < self.calm:
            record["came"] = "421"
            asyncio.get_running_loop().call_soon(server.transport.close)
            return "421 4.3.2 too busy"
        session.record = record
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        record = session.record
        number = record["person"] = int(address[1:].partition("@")[0])
        if self.due("cut"):
            record["came"] = "cut"
            server.transport.abort()
            return "451 broken"
        if self.due("put_off"):
            record["came"] = "put_off"
            return "451 4.7.1 greylisted, try again later"
        if self.settings.get("unknown") and number % self.settings["unknown"] == 0:
            record["came"] = "unknown"
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        record = session.record
        if self.settings.get("unwanted") and record["person"] % self.settings["unwanted"] == 0:
            record["came"] = "unwanted"
            return "554 5.7.1 not wanted"
        if self.due("drop"):
            record["came"] = "drop"
            server.transport.abort()
            return "451 broken"
        record["done"] = True
        if self.due("lose"):
            record["came"] = "lose"
            server.transport.abort()
            return "250 kept"
        if self.settings.get("slow"):
            await asyncio.sleep(self.settings["slow"])
        record["came"] = "ok"
        return "250 kept"


async def main(settings: dict[str, Any]) -> None:
    room = Mailroom(settings)
    loop = asyncio.get_running_loop()
    logging.getLogger("mail").setLevel(logging.CRITICAL)  # lines that break are what it is for

    async def tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readline()).strip()
        writer.write(json.dumps(len(room.log) if asked == b"count" else room.log).encode())
        await writer.drain()
        writer.close()

    listening = await loop.create_server(lambda: SMTP(room, hostname="loopback", loop=loop), "127.0.0.1", 0)
    telling = await asyncio.start_server(tell, "127.0.0.1", 0)
    print(*(one.sockets[0].getsockname()[1] for one in (listening, telling)), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}))
