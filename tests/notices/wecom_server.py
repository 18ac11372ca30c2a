"""WeCom's interface on loopback, as its documentation has it: a token, application messages, codes, and trouble as told."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

CORP, AGENT, SECRET = "ww0123456789abcdef", "1000002", "a secret of the loopback application"


@dataclass
class Company:
    """`plan`: what the next calls of message/send come to: a code, `cut` (after it was done), `shut` (before), or a status above 99."""

    members: set[str]
    plan: list[int | str] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)
    tokens: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    valid: str = ""

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._client, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def stop(self) -> None:
        self._server.close()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = next(
                    (int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:")), 0
                )
                body = await reader.readexactly(length)
                place = urlsplit(head.split(" ", 2)[1])
                query = {name: values[0] for name, values in parse_qs(place.query).items()}
                found = self._token(query) if place.path.endswith("/gettoken") else self._send(query, json.loads(body))
                if found is None:
                    return
                status, answer = found
                content = json.dumps(answer).encode()
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _token(self, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if query.get("corpid") != CORP:
            return 200, {"errcode": 40013, "errmsg": "invalid corpid"}
        if query.get("corpsecret") != SECRET:
            return 200, {"errcode": 40001, "errmsg": "invalid credential"}
        self.tokens += 1
        self.valid = f"token{self.tokens}"
        return 200, {"errcode": 0, "errmsg": "ok", "access_token": self.valid, "expires_in": 7200}

    def _send(self, query: dict[str, str], body: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        self.calls[str(body.get("touser"))] += 1
        if query.get("access_token") != self.valid:
            return 200, {"errcode": 40014, "errmsg": "invalid access_token"}
        step = self.plan.pop(0) if self.plan else 0
        if step == "shut":
            return None
        if isinstance(step, int) and 100 <= step < 600:
            return step, {}
        if step not in (0, "cut"):
            return 200, {"errcode": step, "errmsg": "as told"}
        if body["agentid"] != int(AGENT) or body["msgtype"] != "text" or len(body["text"]["content"].encode()) > 2048:
            return 200, {"errcode": 40056 if body["agentid"] != int(AGENT) else 45002, "errmsg": "no"}
        user = body["touser"]
        if user.lower() not in self.members:
            return 200, {"errcode": 0, "errmsg": "ok", "invaliduser": user.lower(), "msgid": "m"}
        self.sent.append((user, body["text"]["content"]))
        return None if step == "cut" else (200, {"errcode": 0, "errmsg": "ok", "msgid": f"m{len(self.sent)}"})
