"""kill -9 at any moment: WeChat's next try gets the answer, nothing is counted twice, what was acknowledged is answered."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.channels.wechat.phrasebook import SAYS
from tests.processes import Xueshi, environment, free_port, ready
from tests.wechat import peer
from tests.wechat.peer import Account, Platform

pytestmark = pytest.mark.slow


class Program:
    """`xueshi run` as a process that can be killed and started again on the same data."""

    def __init__(self, folder: Path, base: str) -> None:
        self.port, self.folder = free_port(), folder
        self.environment = environment(
            XUESHI_DATA_DIR=str(folder / "data"), XUESHI_WEB_PORT=str(self.port), XUESHI_WECHAT_TOKEN=peer.TOKEN,
            XUESHI_WECHAT_APP_ID=peer.APP_ID, XUESHI_WECHAT_APP_SECRET=peer.SECRET, XUESHI_WECHAT_API_BASE=base,
        )  # fmt: skip

    async def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = Xueshi(["run"], stdout=log, stderr=log, env=self.environment)
        await asyncio.to_thread(ready, self.process, self.port)

    async def end(self, number: signal.Signals = signal.SIGKILL) -> int:
        self.process.send_signal(number)
        return await asyncio.to_thread(self.process.wait, 20)


@asynccontextmanager
async def program(folder: Path) -> AsyncIterator[tuple[Program, Account, Platform]]:
    platform = Platform()
    one = Program(folder, await platform.start())
    account = Account(f"http://127.0.0.1:{one.port}/wechat")
    await one.start()
    try:
        yield one, account, platform
    finally:
        await one.end()
        await account.client.aclose()
        await platform.stop()


async def test_a_message_in_hand_when_the_process_is_killed_counts_once(tmp_path: Path) -> None:
    async with program(tmp_path) as (one, account, _):
        for delay in (0.0, 0.004, 0.02):
            killed, other = f"oKilled{delay}", f"oOther{delay}"
            for person in (killed, other):
                for text in ("开始查询", "事业单位", "都没有", "中级"):
                    await account.say(person, text)
            wanted = await account.say(other, "上一步")
            back = account.message(killed, Content="上一步")
            first = asyncio.create_task(account.deliver(back, killed))
            await asyncio.sleep(delay)
            await one.end()
            await first
            await one.start()
            again = await account.deliver(back, killed)
            assert again.text == wanted.text
            assert (await account.say(killed, "上一步")).text == (await account.say(other, "上一步")).text


async def test_what_was_acknowledged_is_answered_after_a_kill(tmp_path: Path) -> None:
    async with program(tmp_path) as (one, account, platform):
        account.client.timeout = 10  # so that a single try sees the acknowledgement
        platform.acted("oA")
        await account.say("oA", "开始查询")
        held = sqlite3.connect(next((tmp_path / "data").glob("*.db")), isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        first = asyncio.create_task(account.say("oA", "事业单位"))
        await asyncio.sleep(0.2)
        second = asyncio.create_task(account.say("oA", "都没有"))
        await asyncio.sleep(4.6)
        held.execute("ROLLBACK")
        held.close()
        assert "【1】都没有" in (await first).text
        assert (await second).text == SAYS["later"]
        await one.end()
        await one.start()
        for _ in range(200):
            if platform.texts("oA"):
                break
            await asyncio.sleep(0.05)
        assert "哪一级" in platform.texts("oA")[-1]
        assert len(platform.texts("oA")) <= 2, "at most one message is repeated"


async def test_a_stop_finishes_what_is_in_hand_and_exits_0(tmp_path: Path) -> None:
    async with program(tmp_path) as (one, account, _):
        waiting = [asyncio.create_task(account.say(f"o{n}", "开始查询")) for n in range(10)]
        await asyncio.sleep(0.02)
        code = await one.end(signal.SIGTERM)
        replies = await asyncio.gather(*waiting)
        assert code == 0
        assert all(reply.text or reply.status == 0 for reply in replies), (
            "in hand: answered; after it: refused by nobody"
        )
        assert "Traceback" not in (tmp_path / "log").read_text()
