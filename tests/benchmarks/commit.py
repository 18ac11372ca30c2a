"""A turn's writes alone, durable before they are acknowledged: the store against SQLAlchemy's stock async stack.

    python -m tests.benchmarks.commit [--seconds S] [--rounds N] [--sqlite | --postgres]

Both sides write the same rows (the session under its revision, the reply, the answer) for 32 people at once. The stock
side is what SQLAlchemy's documentation shows: an async engine with its default pool, Core statements, a commit a turn;
beside it, on SQLite, the same with a pool of one connection. Rounds alternate; ratios are of the medians.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage import Store, Written
from storage.tables import answer, reply, session

AT_ONCE = 32
POSTGRES = os.environ.get("XUESHI_TEST_POSTGRES_URL", "postgresql+asyncpg://postgres@127.0.0.1:5432/test")

SESSION = {
    "state": "asking:history",
    "serial": 7,
    "log": [
        {
            "fact": f"fact_{n}",
            "value": ["deputy_senior", n, {"general": 30, "professional": 41.5}],
            "words": "去年公需三十专业四十一",
        }
        for n in range(12)
    ],
}
ANSWER = {
    "fact": "history",
    "value": {"2024": {"general": 30, "professional": 41.5}},
    "words": "去年公需三十专业四十一",
}
REPLY = orjson.dumps({"replies": [{"text": "近三年的学时还差多少,要看每一年。" * 40, "choices": ["上一步", "记不清"]}]})

Turn = Callable[[int], Awaitable[None]]
"""Commits the next turn of the person with this number."""


@dataclass
class Side:
    name: str
    turn: Turn
    rates: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)


async def measure(side: Side, seconds: float) -> None:
    took: list[float] = []

    async def talk(person: int) -> None:
        now = time.perf_counter()
        while now < until or not took:  # at least one turn, however little a busy machine gets done in that time
            await side.turn(person)
            start, now = now, time.perf_counter()
            took.append(now - start)

    gc.collect()
    began = time.perf_counter()
    until = began + seconds
    await asyncio.gather(*(talk(person) for person in range(AT_ONCE)))
    elapsed = time.perf_counter() - began
    took.sort()
    side.rates.append(len(took) / elapsed)
    side.p50.append(took[len(took) // 2])
    side.p99.append(took[int(len(took) * 0.99)])


def of_store(store: Store) -> Turn:
    revisions = [0] * AT_ONCE
    numbers = [0] * AT_ONCE

    async def turn(person: int) -> None:
        numbers[person] += 1
        revisions[person] = await store.commit(
            Written(
                person=f"web:xueshi:{person}",
                revision=revisions[person],
                session={**SESSION, "serial": numbers[person]},
                message_id=str(numbers[person]),
                digest="0123456789abcdef",
                answer=ANSWER,
                reply=REPLY,
                at=datetime.now(UTC),
            )
        )

    return turn


def of_stock(engine: AsyncEngine, prefix: str) -> Turn:
    revisions = [0] * AT_ONCE

    async def turn(person: int) -> None:
        key, revision, now = f"{prefix}:{person}", revisions[person], datetime.now(UTC)
        body = orjson.dumps({**SESSION, "serial": revision})
        async with engine.begin() as connection:
            if revision == 0:
                await connection.execute(session.insert(), {"person": key, "revision": 1, "session": body, "at": now})
            else:
                moved = await connection.execute(
                    session.update().where(session.c.person == key, session.c.revision == revision),
                    {"revision": revision + 1, "session": body, "at": now},
                )
                assert moved.rowcount == 1
            await connection.execute(
                reply.insert(),
                {"person": key, "message_id": str(revision), "digest": "0123456789abcdef", "reply": REPLY, "at": now},
            )
            await connection.execute(
                answer.insert(), {"person": key, "revision": revision + 1, "answer": orjson.dumps(ANSWER), "at": now}
            )
        revisions[person] = revision + 1

    return turn


def durable(engine: AsyncEngine) -> AsyncEngine:
    """SQLite as the store has it: a write-ahead log, synchronised at each commit."""

    def prepare(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    event.listen(engine.sync_engine, "connect", prepare)
    return engine


def report(database: str, ours: Side, stock: list[Side]) -> None:
    print(f"\n{database}: {AT_ONCE} at once, medians of {len(ours.rates)} rounds")
    for side in (ours, *stock):
        rate, p50, p99 = (statistics.median(values) for values in (side.rates, side.p50, side.p99))
        print(f"  {side.name:<44} {rate:8.0f} turns/s   p50 {p50 * 1e3:7.2f} ms   p99 {p99 * 1e3:7.2f} ms")
    for side in stock:
        faster = statistics.median(ours.rates) / statistics.median(side.rates)
        tail = statistics.median(ours.p99) / statistics.median(side.p99)
        print(f"  store / {side.name}: {faster:.1f} times the turns, {tail:.3f} of the p99")


async def alternate(ours: Side, stock: list[Side], rounds: int, seconds: float) -> None:
    for side in (ours, *stock):
        await measure(side, 0.3)  # warm: connections, compiled statements, the first rows
        side.rates.clear(), side.p50.clear(), side.p99.clear()
    for _ in range(rounds):
        for side in (*stock, ours):
            await measure(side, seconds)


async def on_sqlite(rounds: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = await Store.open(f"sqlite:///{folder}/ours.sqlite3")
        engines: list[AsyncEngine] = []
        stock: list[Side] = []
        for name, options in (("default pool", {}), ("pool of 1", {"pool_size": 1, "max_overflow": 0})):
            url = f"sqlite:///{folder}/{len(engines)}.sqlite3"
            await (await Store.open(url)).close()  # the same tables
            waiting = {"connect_args": {"timeout": 60}}  # or the default pool fails with "database is locked"
            engine = durable(create_async_engine(url.replace("sqlite:", "sqlite+aiosqlite:"), **options, **waiting))
            engines.append(engine)
            stock.append(Side(f"SQLAlchemy + aiosqlite, {name}", of_stock(engine, "stock")))
        ours = Side("the store", of_store(store))
        await alternate(ours, stock, rounds, seconds)
        await store.close()
        for engine in engines:
            await engine.dispose()
        report("SQLite", ours, stock)


async def on_postgres(rounds: int, seconds: float) -> None:
    name = f"xueshi_bench_{uuid.uuid4().hex[:12]}"
    server = create_async_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    url = server.url.set(database=name)
    async with server.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        store = await Store.open(url.render_as_string(hide_password=False))
        engine = create_async_engine(url)
        ours = Side("the store", of_store(store))
        stock = [Side("SQLAlchemy + asyncpg, default pool", of_stock(engine, "stock"))]
        await alternate(ours, stock, rounds, seconds)
        await store.close()
        await engine.dispose()
        report("PostgreSQL", ours, stock)
    finally:
        async with server.connect() as connection:
            await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        await server.dispose()


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--seconds", type=float, default=1.5, help="length of a round")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--sqlite", action="store_true", help="SQLite only")
    options.add_argument("--postgres", action="store_true", help="PostgreSQL only")
    chosen = options.parse_args()
    if not chosen.postgres:
        asyncio.run(on_sqlite(chosen.rounds, chosen.seconds))
    if not chosen.sqlite:
        asyncio.run(on_postgres(chosen.rounds, chosen.seconds))


if __name__ == "__main__":
    main()
