"""A whole turn over HTTP (reading, assessing, rendering, a durable commit) against the stock async stack's bare commit.

    python -m tests.benchmarks.turn [--seconds S] [--rounds N] [--web-alone]

32 clients with a connection each talk to `xueshi run` in a process of its own; in turn with it SQLAlchemy + aiosqlite
commits the rows of a turn for 32 people and does nothing else. `--web-alone` measures the web over a conversation that
says one thing and keeps nothing: what the web itself costs.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import uvloop
from sqlalchemy.ext.asyncio import create_async_engine

from bot.messages import Choice, Exchange, Message, Reply, Turn
from storage import Store
from tests.benchmarks.commit import AT_ONCE, Side, durable, measure, of_stock

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


class Client:
    """One kept connection that goes through whole talks, each in a session of its own."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.session: str | None = None
        self.said = 0

    async def connect(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def turn(self) -> None:
        place = self.said % len(SAID)
        if place == 0:
            self.session = None
        message = {"session": self.session, "message_id": str(self.said), "text": SAID[place]}
        self.said += 1
        body = orjson.dumps(message)
        self.writer.write(b"POST /api/chat HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        answer = await self.reader.readexactly(int(length[1]) if length else 0)
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"refused: {head.splitlines()[0].decode()} {answer.decode()}")
        if place == 0:
            self.session = orjson.loads(answer)["session"]


class Nothing:
    """A conversation that says one thing and keeps nothing."""

    turn = Turn("asking:sex", {}, None, (Reply("您是男还是女？还有 4 题", (Choice("1:a", "男"), Choice("1:b", "女"))),))

    async def take(self, message: Message) -> Turn:
        return self.turn

    async def knows(self, person: str) -> bool:
        return True

    async def everything(self, person: str) -> dict[str, Any]:
        return {}

    async def recent(self, person: str) -> list[Exchange]:
        return []

    def welcome(self) -> tuple[Reply, ...]:
        return self.turn.replies

    def assess(self, facts: Any) -> dict[str, Any]:
        return {}


def serve_nothing(port: int) -> None:
    """The web over `Nothing`, as `xueshi run` serves it."""
    import uvicorn

    from bot.channels.web import web_app

    async def ready() -> bool:
        return True

    app = web_app(Nothing(), public_url="http://x", retention_days=1, ready=ready, metrics=str)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


@contextmanager
def serving(command: list[str], folder: str) -> Iterator[int]:
    """The port of a service in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    settings = {"XUESHI_DATA_DIR": folder, "XUESHI_WEB_PORT": str(port), "XUESHI_TODAY": "2025-09-01"}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XUESHI_")} | settings
    with open(Path(folder) / "log", "wb") as log:
        service = subprocess.Popen([arg.format(port=port) for arg in command], env=environment, stdout=log, stderr=log)
    try:
        until = time.monotonic() + 30
        while socket.socket().connect_ex(("127.0.0.1", port)):
            if service.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"the service did not start: {(Path(folder) / 'log').read_text()[-800:]}")
            time.sleep(0.1)
        yield port
    finally:
        service.terminate()
        service.wait(15)


async def compare(port: int, name: str, folder: str, rounds: int, seconds: float) -> None:
    """Rounds in turn, so that a noisy neighbour disturbs both sides alike."""
    clients = [Client(port) for _ in range(AT_ONCE)]
    for client in clients:
        await client.connect()
    url = f"sqlite:///{folder}/stock.sqlite3"
    await (await Store.open(url)).close()  # the same tables
    engine = durable(create_async_engine(url.replace("sqlite:", "sqlite+aiosqlite:"), connect_args={"timeout": 60}))
    ours = Side(name, lambda person: clients[person].turn())
    stock = Side("SQLAlchemy + aiosqlite, the bare commit", of_stock(engine, "stock"))
    for side in (ours, stock):
        await measure(side, 0.5)  # warm
        side.rates.clear(), side.p50.clear(), side.p99.clear()
    for _ in range(rounds):
        for side in (stock, ours):
            await measure(side, seconds)
    await engine.dispose()
    for side in (ours, stock):
        rate, p50, p99 = (statistics.median(values) for values in (side.rates, side.p50, side.p99))
        print(f"  {side.name:<44} {rate:8.0f} turns/s   p50 {p50 * 1e3:7.2f} ms   p99 {p99 * 1e3:7.2f} ms")
    print(
        f"  {ours.name} / {stock.name}: {statistics.median(ours.rates) / statistics.median(stock.rates):.1f} times the turns"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--seconds", type=float, default=2, help="length of a round")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--web-alone", action="store_true", help="no conversation and no store behind the web")
    options.add_argument("--serve-nothing", type=int, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.serve_nothing:
        return serve_nothing(chosen.serve_nothing)
    alone = [sys.executable, "-m", "tests.benchmarks.turn", "--serve-nothing", "{port}"]
    command, name = (
        (alone, "the web alone")
        if chosen.web_alone
        else ([sys.executable, "-m", "bot", "run"], "a whole turn over HTTP")
    )
    with tempfile.TemporaryDirectory() as folder, serving(command, folder) as port:
        print(f"{AT_ONCE} at once, medians of {chosen.rounds} rounds")
        uvloop.run(compare(port, name, folder, chosen.rounds, chosen.seconds))
    return None


if __name__ == "__main__":
    main()
