"""A Bot API server on loopback that takes thousands of messages a second, limits as Telegram does, and fails as told.

    python -m tests.notices.bot_server '{"blocked": 50, "share": 30}'

Prints its port, then serves until its standard input ends. `GET /log` gives every sendMessage as it arrived. Settings:

`share`: messages a second over all chats before 429, `per_chat`: the same for one chat; both none by default
`blocked`: every so-many-th chat has blocked the bot · `unknown`: the same for chats that don't exist
`error`, `html`, `drop`, `lose`, `hang`: every so-many-th call is a 500, a proxy's 502, cut off before it is done, cut off
after it was done, cut off after `hang_for` seconds · `slow`: seconds that every answer takes
`storms`: [[begins, lasts, retry_after], …] seconds after the first call
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter, defaultdict, deque
from typing import Any
from urllib.parse import parse_qs

TOKEN = "7000000001:AAFakeTokenForLoopbackUseOnly_0123456789"
NAME = "xueshi_loopback_bot"


class Server:
    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.log: list[dict[str, Any]] = []
        self.began = 0.0
        self.waits: dict[str, float] = {}
        self.recent: dict[str, deque[float]] = defaultdict(deque)
        self.turns: Counter[str] = Counter()
        self.message = 0

    async def client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self.call(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        path = head.split(" ", 2)[1]
        length = next((int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:")), 0)
        body = await reader.readexactly(length) if length else b""
        if path == "/log":
            return answer(writer, 200, self.log)
        method = path.rpartition("/")[2].lower()
        if path.split("/")[1] != f"bot{TOKEN}":
            return answer(writer, 401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        if method == "getme":
            me = {"id": int(TOKEN.partition(":")[0]), "is_bot": True, "first_name": "学时", "username": NAME}
            return answer(writer, 200, {"ok": True, "result": me})
        if method == "getupdates":
            await asyncio.sleep(1)
            return answer(writer, 200, {"ok": True, "result": []})
        if method != "sendmessage":
            return answer(writer, 200, {"ok": True, "result": True})
        form = not body.startswith(b"{")
        fields = {name: values[0] for name, values in parse_qs(body.decode()).items()} if form else json.loads(body)
        return await self.send(fields, writer)

    def due(self, name: str) -> bool:
        """Whether this call is the so-many-th."""
        every = self.settings.get(name, 0)
        self.turns[name] += 1
        return bool(every) and self.turns[name] % every == 0

    async def send(self, fields: dict[str, Any], writer: asyncio.StreamWriter) -> bool:
        now = time.monotonic()
        self.began = self.began or now
        chat = int(fields["chat_id"])
        record = {"t": now - self.began, "chat": chat, "came": "", "done": False}
        self.log.append(record)
        wait = self.flood(chat, now)
        if wait:
            record["came"] = "429"
            parameters = {"retry_after": wait}
            said = {"ok": False, "error_code": 429, "description": f"Too Many Requests: retry after {wait}"}
            return answer(writer, 429, {**said, "parameters": parameters})
        if self.due("error"):
            record["came"] = "500"
            return answer(writer, 500, {"ok": False, "error_code": 500, "description": "Internal Server Error"})
        if self.due("html"):
            record["came"] = "502"
            writer.write(
                b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>"
            )
            return True
        if self.due("drop"):
            record["came"] = "drop"
            return False
        for name, code, said in (
            ("blocked", 403, "Forbidden: bot was blocked by the user"),
            ("unknown", 400, "Bad Request: chat not found"),
        ):
            if self.settings.get(name) and chat % self.settings[name] == 0:
                record["came"] = name
                return answer(writer, code, {"ok": False, "error_code": code, "description": said})
        record["done"] = True
        record["text"] = fields["text"]
        if self.due("lose"):
            record["came"] = "lose"
            return False
        if self.due("hang"):
            record["came"] = "hang"
            await asyncio.sleep(self.settings.get("hang_for", 1.0))
            return False
        if self.settings.get("slow"):
            await asyncio.sleep(self.settings["slow"])
        record["came"] = "ok"
        self.message += 1
        message = {
            "message_id": self.message, "date": int(time.time()), "chat": {"id": chat, "type": "private"}, "text": fields["text"],
        }  # fmt: skip
        return answer(writer, 200, {"ok": True, "result": message})

    def flood(self, chat: int, now: float) -> int:
        """Whole seconds to wait; 0 where it may go."""
        at = now - self.began
        for begins, lasts, after in self.settings.get("storms", ()):
            if begins <= at < begins + lasts:
                return int(after)
        for key, most in ((str(chat), self.settings.get("per_chat", 0)), ("all", self.settings.get("share", 0))):
            if not most:
                continue
            if now < self.waits.get(key, 0.0) - 0.02:
                return max(1, round(self.waits[key] - now + 0.5))
            recent = self.recent[key]
            while recent and recent[0] <= now - 1.0:
                recent.popleft()
            if len(recent) >= most:
                self.waits[key] = now + 1.0
                return 1
            recent.append(now)
        return 0


def answer(writer: asyncio.StreamWriter, status: int, body: Any) -> bool:
    content = json.dumps(body).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    writer.write(head.encode() + content)
    return True


async def main(settings: dict[str, Any]) -> None:
    server = Server(settings)
    listening = await asyncio.start_server(server.client, "127.0.0.1", settings.get("port", 0), backlog=512)
    print(listening.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, sys.stdin.read)
    listening.close()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}))
