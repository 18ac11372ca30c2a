"""The service under test on a port of this machine, over the real conversation and a real database."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from bot.app import conversation
from bot.channels.wechat import Api, Callback, WeChat, WechatGate
from bot.conversation import Conversation
from bot.post import Postbox
from bot.settings import read_settings
from bot.telling.keepsakes import Keepsakes
from storage import Conflict, Unavailable
from tests.databases import prepared
from tests.wechat.peer import APP_ID, SECRET, TOKEN, Account, Platform

DAY = date(2025, 9, 1)
UNHURRIED = 30.0


@dataclass
class Service:
    """What a test needs of it: the conversation behind it, and both ends of WeChat."""

    talks: Conversation
    account: Account
    platform: Platform
    folder: Path


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[str]:
    """The address of an app, served until the end."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", access_log=False))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving


@asynccontextmanager
async def running(
    folder: Path, *, key: str = "", push: bool = True, patience: float = UNHURRIED
) -> AsyncIterator[Service]:
    """A service whose WeChat account has a key or none, and may send customer-service messages or not.

    `patience`: seconds after which it answers 稍后; long, where a busy machine must not decide what is seen.
    """
    prepared(folder)
    settings = read_settings({"XUESHI_DATA_DIR": str(folder)}, dotenv=None)
    platform = Platform()
    async with AsyncExitStack() as stack:
        talks = await stack.enter_async_context(conversation(settings))
        talks.today = lambda: DAY
        post = None
        if push:
            api = Api(await platform.start(), APP_ID, SECRET)
            stack.push_async_callback(platform.stop)
            stack.push_async_callback(api.close)
            post = await stack.enter_async_context(
                Postbox(talks, talks.store, WeChat(APP_ID, api, Keepsakes(talks.result, "https://example.org/")))
            )
        callback = Callback(
            WechatGate(TOKEN, APP_ID, key),
            APP_ID,
            talks,
            post,
            busy=(Unavailable, Conflict),
            patience=patience,
        )
        base = await stack.enter_async_context(serving(Starlette(routes=callback.routes())))
        account = Account(f"{base}/wechat", key=key, patience=UNHURRIED + 10)
        stack.push_async_callback(account.client.aclose)
        yield Service(talks, account, platform, folder)
