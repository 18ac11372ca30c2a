"""A mailbox on loopback that speaks as much IMAP as is needed to look for what came back."""

from __future__ import annotations

import asyncio
import re


class Mailbox:
    """Letters by number from 1, and which of them were seen."""

    def __init__(self, letters: list[bytes]) -> None:
        self.letters, self.seen = letters, set[int]()

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._client, "127.0.0.1", 0)
        return f"imap://hr:secret@127.0.0.1:{self._server.sockets[0].getsockname()[1]}/INBOX"

    def stop(self) -> None:
        self._server.close()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := (await reader.readline()).decode().strip():
            tag, verb, *rest = line.split(" ")
            writer.write(b"".join(self._answers(verb.upper(), " ".join(rest))) + f"{tag} OK done\r\n".encode())
            if verb.upper() == "LOGOUT":
                break
        writer.close()

    def _answers(self, verb: str, rest: str) -> list[bytes]:
        if verb == "CAPABILITY":
            return [b"* CAPABILITY IMAP4rev1\r\n"]
        if verb == "SELECT":
            return [f"* {len(self.letters)} EXISTS\r\n".encode()]
        if verb == "SEARCH":
            unseen = [str(number) for number in range(1, len(self.letters) + 1) if number not in self.seen]
            return [f"* SEARCH {' '.join(unseen)}\r\n".encode()]
        number = int((re.findall(r"^\d+", rest) or ["0"])[0])
        if verb == "FETCH":
            body = self.letters[number - 1]
            return [f"* {number} FETCH (BODY[] {{{len(body)}}}\r\n".encode(), body, b")\r\n"]
        if verb == "STORE":
            self.seen.add(number)
        return []
