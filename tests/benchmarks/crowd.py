"""A Bot API server that does nothing but time a crowd: each of them says the next thing when the last was answered.

    python -m tests.benchmarks.crowd PEOPLE TURNS

Prints its port, then, when everybody has had their answers, one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import sys
import time
from collections import deque
from typing import ClassVar

SAID = (
    "你好",
    "我52，女，报副高，医院的，今年公需30专业41",
    "去年30和60，前年学满了",
    "公需和专业有啥区别",
    "都没有",
    "看结果",
    "不对，我是中级",
    "审验卡在哪打印",
)
WARM = 500_000
"""The number of the first person; others before them only warm the service up."""


class Crowd(asyncio.Protocol):
    """One connection; what all share is kept in the class."""

    waiting: ClassVar[deque[bytes]] = deque()
    polls: ClassVar[list[Crowd]] = []
    said: ClassVar[dict[int, float]] = {}  # when somebody who waits for an answer spoke
    left: ClassVar[dict[int, int]] = {}
    waits: ClassVar[list[float]] = []
    number: ClassVar[int] = 1
    done: ClassVar[asyncio.Event]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            match = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            length = int(match[1]) if match else 0
            if len(self.buffer) < end + 4 + length:
                return
            body, self.buffer = self.buffer[end + 4 : end + 4 + length], self.buffer[end + 4 + length :]
            self.call(head.split(b" ", 2)[1].rsplit(b"/", 1)[-1].lower(), body)

    def call(self, method: bytes, body: bytes) -> None:
        if method == b"getupdates":
            self.polls.append(self)
            hand_out()
        elif method == b"getme":
            self.answer(b'{"id":4711000,"is_bot":true,"first_name":"x","username":"x_bot"}')
        elif method in (b"sendmessage", b"editmessagetext"):
            named = re.search(rb"chat_id=(\d+)", body)
            assert named is not None, "a message to nobody"
            chat = int(named[1])
            self.answer(
                b'{"message_id":%d,"date":1,"chat":{"id":%d,"type":"private"},"text":"x"}' % (self.next(), chat)
            )
            self.heard(chat)
        else:
            self.answer(b"true")

    def heard(self, chat: int) -> None:
        """Somebody has an answer: they say the next thing."""
        since = self.said.pop(chat, None)
        if since is None:
            return  # a second bubble
        self.waits.append(time.monotonic() - since)
        self.left[chat] -= 1
        if self.left[chat]:
            say(chat)
            hand_out()
        elif not any(self.left.values()):
            self.done.set()

    def next(self) -> int:
        Crowd.number += 1
        return Crowd.number

    def answer(self, result: bytes) -> None:
        body = b'{"ok":true,"result":%b}' % result
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )


def say(chat: int) -> None:
    Crowd.number += 1
    text = SAID[-Crowd.left[chat] % len(SAID)]
    update = {
        "update_id": Crowd.number,
        "message": {
            "message_id": Crowd.number, "date": 1, "chat": {"id": chat, "type": "private", "first_name": "x"},
            "from": {"id": chat, "is_bot": False, "first_name": "x"}, "text": text,
        },
    }  # fmt: skip
    Crowd.said[chat] = time.monotonic()
    Crowd.waiting.append(json.dumps(update).encode())


def hand_out() -> None:
    if Crowd.polls and Crowd.waiting:
        batch = [Crowd.waiting.popleft() for _ in range(min(100, len(Crowd.waiting)))]
        Crowd.polls.pop().answer(b"[%b]" % b",".join(batch))
        Crowd.polls.clear()


async def main(people: int, turns: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Crowd, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await talk(range(WARM - 20, WARM), 3)
    Crowd.waits.clear()
    began = time.monotonic()
    await talk(range(WARM, WARM + people), turns)
    took = time.monotonic() - began
    waits = statistics.quantiles(Crowd.waits, n=100)
    print(json.dumps({"a_second": people * turns / took, "p50": waits[49], "p99": waits[98]}), flush=True)


async def talk(people: range, turns: int) -> None:
    Crowd.done = asyncio.Event()
    Crowd.left = dict.fromkeys(people, turns)
    for person in people:
        say(person)
    hand_out()
    await Crowd.done.wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
