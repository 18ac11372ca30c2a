"""A crowd on Telegram that all talk at once: the whole service against aiogram's bare echo bot with the same durable commit.

    python -m tests.benchmarks.telegram [--people N] [--turns N] [--rounds N]

Either side is one process; the server and its crowd are another. The echo bot reads nothing, keeps nothing in order,
forgets what is in hand when it dies, and writes one turn of the same size through the same store before it answers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

TOKEN = "4711000:AAOurOwnLoopbackTokenForTests_000001"


async def echo(base: str, path: str) -> None:
    """The bare echo bot."""
    from aiogram import Bot, Dispatcher
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import Message

    from storage import Store, Written

    store = await Store.open(f"sqlite:///{path}/echo.db")
    dispatcher = Dispatcher()
    revisions: dict[int, int] = {}
    session = {"v": 1, "log": [{"asked": "x", "set": {"history.2025.general": 30}, "said": "x" * 60}] * 5}

    @dispatcher.message()
    async def answer(message: Message) -> None:
        person = message.chat.id
        turn = Written(
            person=f"telegram:{person}", revision=revisions.get(person, 0), session=session, message_id=str(message.message_id),
            digest="x" * 32, answer={"said": message.text}, reply=b"x" * 900, at=datetime.now(UTC), channel="telegram",
        )  # fmt: skip
        revisions[person] = await store.commit(turn)
        await message.answer(message.text or "")

    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(base)))
    await dispatcher.start_polling(bot, handle_signals=False)


def measure(side: str, people: int, turns: int) -> dict[str, float]:
    """One run of one side: updates a second, and the seconds from a message to the first answer."""
    with tempfile.TemporaryDirectory() as folder:
        crowd = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.crowd", str(people), str(turns)], stdout=subprocess.PIPE, text=True
        )
        assert crowd.stdout is not None
        base = f"http://127.0.0.1:{crowd.stdout.readline().strip()}"
        environment = os.environ | {
            "XUESHI_DATA_DIR": folder, "XUESHI_TELEGRAM_TOKEN": TOKEN, "XUESHI_TELEGRAM_API_BASE": base, "XUESHI_WEB_PORT": "0",
            "XUESHI_TODAY": "2025-09-01",
        }  # fmt: skip
        command = {"xueshi": ["-m", "bot", "run"], "echo": ["-m", "tests.benchmarks.telegram", "--echo", base, folder]}
        with Path(folder, "out").open("wb") as quiet:
            service = subprocess.Popen([sys.executable, *command[side]], env=environment, stdout=quiet, stderr=quiet)
            try:
                line = crowd.stdout.readline()
            finally:
                for process in (service, crowd):
                    process.kill()
                    process.wait()
    found: dict[str, float] = json.loads(line)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--echo", nargs=2, metavar=("BASE", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.echo:
        asyncio.run(echo(*options.echo))
        return
    sides: dict[str, list[dict[str, float]]] = {"echo": [], "xueshi": []}
    for number in range(options.rounds):
        for side, runs in sides.items():
            runs.append(measure(side, options.people, options.turns))
            shown = "  ".join(f"{name} {value:.3g}" for name, value in runs[-1].items())
            print(f"round {number + 1}  {side:7} {shown}", flush=True)
    middle = {side: statistics.median(run["a_second"] for run in runs) for side, runs in sides.items()}
    tail = {side: statistics.median(run["p99"] for run in runs) for side, runs in sides.items()}
    print(
        f"{options.people} people at once: xueshi {middle['xueshi']:.0f} updates a second, {middle['xueshi'] / middle['echo']:.2f} of "
        f"the echo bot's {middle['echo']:.0f}; p99 of a turn {tail['xueshi']:.2f} s against {tail['echo']:.2f} s"
    )


if __name__ == "__main__":
    main()
