"""The service as Telegram meets it: the real channel, post box, conversation and store, within the test's own process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.app import conversation, telegram
from bot.channels.telegram import Telegram
from bot.conversation import Conversation
from bot.settings import read_settings
from tests.botapi import TOKEN, BotApi
from tests.databases import prepared
from tests.processes import free_port


@dataclass
class Service:
    """A running service."""

    talks: Conversation
    channel: Telegram


@asynccontextmanager
async def serving(api: BotApi, folder: Path, *, webhook: bool = False, database: str = "") -> AsyncIterator[Service]:
    """The service, connected to that server; stopped in order at the end. The day is 1 September 2025."""
    port = free_port()
    environment = {
        "XUESHI_DATA_DIR": str(folder), "XUESHI_TELEGRAM_TOKEN": TOKEN, "XUESHI_TELEGRAM_API_BASE": api.base, "XUESHI_WEB_PORT": str(port),
        "XUESHI_TELEGRAM_WEBHOOK": "1" if webhook else "0", "XUESHI_TODAY": "2025-09-01",
    }  # fmt: skip
    environment["XUESHI_DATABASE_URL"] = database or prepared(folder)
    settings = read_settings(environment, dotenv=None)
    async with conversation(settings) as talks:
        channel = telegram(settings, talks)
        web = asyncio.create_task(_web(channel, port)) if webhook else None
        running = asyncio.create_task(channel.run())
        try:
            polls = api.polls
            async with asyncio.timeout(60):
                while not running.done() and (not api.webhook if webhook else api.polls == polls):
                    await asyncio.sleep(0.02)
            yield Service(talks, channel)
        finally:
            channel.stop()
            await running
            if web is not None:
                web.cancel()
                await asyncio.gather(web, return_exceptions=True)
            api.webhook = {}


async def _web(channel: Telegram, port: int) -> None:
    import uvicorn
    from starlette.applications import Starlette

    app = Starlette(routes=channel.routes)
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        await asyncio.Event().wait()
    finally:
        server.should_exit = True
        await server.shutdown()
