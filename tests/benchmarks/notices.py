"""Notices: how fast they leave, each durable before and after its call, against a bare bot that keeps nothing; and how even.

    python -m tests.benchmarks.notices [PEOPLE] [SECONDS]

First with limits off: PEOPLE (3,000) through our worker on SQLite and, on PostgreSQL where XUESHI_TEST_POSTGRES_URL names
one, against python-telegram-bot's `Bot` with 30 tasks; and through our worker with the library's own HTTP under it. Then with Telegram's limits on and a share of 20 a second, for
SECONDS (40). Last, how long a turn of the conversation takes while a campaign goes out beside it, from the same database, and
while none does. Ratios of one run; the server is a process of its own in all of them. The exit code is 1 below what is promised.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median
from typing import Any

from bot.post.providers.telegram import TelegramNotices
from bot.post.worker import Way
from rules import load
from storage import Store, migrate
from tests.notices.bot_server import TOKEN
from tests.notices.conftest import ROOT, TODAY, Bench, busiest_second, chats, people

TASKS, SHARE, ROUNDS = 30, 20, 3
PAIRS, SLOWER = 8, 1.1
SEND = [sys.executable, "-m", "bot", "notices", "send", "ntalk"]


def server(**settings: Any) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.notices.bot_server", json.dumps(settings)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    return process, f"http://127.0.0.1:{int(process.stdout.readline())}"


def log_of(base: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{base}/log", timeout=60) as answer:
        found: list[dict[str, Any]] = json.load(answer)
    return found


async def bare(base: str, count: int) -> float:
    """Messages a second of a bare bot: nothing assessed, nothing kept."""
    from telegram import Bot
    from telegram.request import HTTPXRequest

    bot = Bot(TOKEN, base_url=f"{base}/bot", request=HTTPXRequest(connection_pool_size=TASKS))
    waiting = iter(range(1, count + 1))

    async def sends() -> None:
        for chat in waiting:
            await bot.send_message(chat, "您还差 20 学时（2025年公需20）。")

    began = time.perf_counter()
    await asyncio.gather(*(sends() for _ in range(TASKS)))
    spent = time.perf_counter() - began
    await bot._request[1].shutdown()
    return count / spent


async def durable(base: str, url: str, count: int, share: int, *, their_http: bool = False) -> float:
    """Messages a second of our worker: everybody assessed, worded, committed before and after; `their_http`: over the library's own."""
    migrate_at(url)
    store = await Store.open(url)
    bench = Bench(store, load())
    id = f"n{time.time_ns()}"
    await bench.campaign(people(count), id=id)
    if not (await reached(bench)):
        await bench.bind(chats(count))
    provider = TelegramNotices(TOKEN, base)
    if their_http:
        from telegram.ext import ExtBot
        from telegram.request import HTTPXRequest

        provider.bot = ExtBot(TOKEN, base_url=f"{base}/bot", request=HTTPXRequest(connection_pool_size=TASKS + 2))
    sender = Way(provider, share)
    began = time.perf_counter()
    await bench.worker([sender], [id]).run()
    spent = time.perf_counter() - began
    await sender.provider.close()
    status = await bench.status(id)
    await store.close()
    assert status["told"] == count, status
    return count / spent


def migrate_at(url: str) -> None:
    """Outside the loop that is measured."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as other:
        other.submit(migrate, url).result()


async def reached(bench: Bench) -> bool:
    from storage import AddressBook

    return bool((await AddressBook(bench.store).reach(["1"]))["1"].accounts)


def run(work: Any) -> float:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found: float = runner.run(work)
    return found


def limits_off(count: int, folder: Path) -> float:
    from tests.databases import create_database, drop_database

    process, base = server()
    places = {"SQLite": f"sqlite:///{folder}/notices.db"}
    try:
        places["PostgreSQL"] = create_database()
    except BaseException as fault:
        print(f"no PostgreSQL: {str(fault)[:80]}")
    ratios: dict[str, list[float]] = {name: [] for name in places}
    try:
        for _ in range(ROUNDS):
            alone = run(bare(base, count))
            for name, url in places.items():
                ours = run(durable(base, url, count, 0))
                ratios[name].append(ours / alone)
                print(f"{name}: {ours:.0f}/s durable, bare bot {alone:.0f}/s", flush=True)
            theirs = run(durable(base, places["SQLite"], count, 0, their_http=True))
            print(f"with the library's own HTTP: {theirs:.0f}/s, {theirs / alone:.2f} times", flush=True)
    finally:
        if "PostgreSQL" in places:
            drop_database(places["PostgreSQL"])
        end(process)
    for name, found in ratios.items():
        print(f"{name}: {median(found):.2f} times a bare bot without durability; at least 1 wanted")
    return min(median(found) for found in ratios.values())


def limits_on(seconds: int, folder: Path) -> float:
    process, base = server(share=30, per_chat=1)
    run(durable(base, f"sqlite:///{folder}/paced.db", seconds * SHARE, SHARE))
    times = sorted(record["t"] for record in log_of(base))
    refused = sum(record["came"] == "429" for record in log_of(base))
    end(process)
    rate = (len(times) - 1) / (times[-1] - times[0])
    most = busiest_second(times)
    print(
        f"share {SHARE}: {rate / SHARE:.3f} of it used, at least 0.97 wanted; {most} in the busiest second; {refused} met 429"
    )
    return 0.0 if most > SHARE or refused else rate / SHARE


async def turns(url: str, name: str, seconds: float) -> float:
    """The median seconds of a turn, one after the other."""
    from bot.answering import Answers
    from bot.conversation import Conversation
    from bot.messages import Message
    from bot.telling.rendering import Rendering

    store, packs = await Store.open(url), load()
    talks = Conversation(packs, store, Rendering(packs, retention_days=180), Answers(packs), lambda: TODAY)
    spent, until, number = [], time.perf_counter() + seconds, 0
    while time.perf_counter() < until:
        number += 1
        began = time.perf_counter()
        await talks.take(Message("web", "", f"{name}{number}", "1", text="我52，女，中级，事业单位，今年公需30专业41"))
        spent.append(time.perf_counter() - began)
        await asyncio.sleep(0.01)
    await store.close()
    return median(spent)


def talk_beside(folder: Path) -> float:
    """A turn alone against a turn beside a campaign, in pairs; 1 is no difference."""
    process, base = server()
    url = f"sqlite:///{folder}/talk.db"
    environment = os.environ | {
        "PYTHONPATH": str(ROOT), "XUESHI_DATABASE_URL": url, "XUESHI_DATA_DIR": str(folder), "XUESHI_TODAY": TODAY.isoformat(),
        "XUESHI_QUIET_HOURS": "00:00-00:00", "XUESHI_TELEGRAM_TOKEN": TOKEN, "XUESHI_TELEGRAM_API_BASE": base,
    }  # fmt: skip
    run(prepared(url))
    ratios = []
    for number in range(PAIRS):
        spent = {}
        order = (True, False) if number % 2 else (False, True)  # neither has always the warmer machine
        for beside in order:
            spent[beside] = with_campaign(base, url, environment, f"{number}{beside}-", beside)
        ratios.append(spent[True] / spent[False])
    end(process)
    shown = " ".join(f"{ratio:.2f}" for ratio in sorted(ratios))
    print(f"a turn beside a campaign takes {median(ratios):.2f} times one without ({shown}); at most {SLOWER} wanted")
    return median(ratios)


def with_campaign(base: str, url: str, environment: dict[str, str], name: str, beside: bool) -> float:
    """The median seconds of a turn, while a campaign goes out or while none does."""
    if not beside:
        return run(turns(url, name, 4))
    sender, then = subprocess.Popen(SEND, cwd=ROOT, env=environment), len(log_of(base))
    while len(log_of(base)) < then + 5:
        time.sleep(0.1)
    spent = run(turns(url, name, 4))
    sender.terminate()
    sender.wait(40)
    return spent


async def prepared(url: str) -> None:
    migrate_at(url)
    store = await Store.open(url)
    bench = Bench(store, load())
    await bench.campaign(people(2000), id="ntalk")
    await bench.bind(chats(2000))
    await store.close()


def end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait(10)


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    with tempfile.TemporaryDirectory() as folder:
        fast = limits_off(count, Path(folder))
        even = limits_on(seconds, Path(folder))
        beside = talk_beside(Path(folder))
    return int(fast < 1 or even < 0.97 or beside > SLOWER)


if __name__ == "__main__":
    sys.exit(main())
