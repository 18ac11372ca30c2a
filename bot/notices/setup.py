"""Composition: settings → the senders whose settings are present, the office, the worker."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from bot.notices.aside import Aside
from bot.notices.campaigns import Office
from bot.notices.pace import Limits
from bot.notices.secrets import service_key
from bot.notices.sender import Sender
from bot.notices.wording import Wordings
from bot.notices.worker import Desk, Worker
from bot.settings import Settings
from bot.telling.rendering import Rendering
from rules import Packs
from storage import Store

if TYPE_CHECKING:
    from starlette.routing import Route

LETTERS_A_SECOND: Final = 20
"""What a mail server of a public office takes without complaint."""
WECHAT_A_SECOND: Final = 10
"""Far below what WeChat takes in a minute, and nobody waits for the last notice."""
SWITCH: Final = 0.001
"""Seconds after which a thread that commits lets the one go on that watches the network: answers are timed."""
RESTART: Final = 5.0  # seconds before a worker that died is started again


def configured(settings: Settings) -> list[str]:
    """The channels whose settings are present, the best first."""
    channels = []
    if settings.telegram_token:
        channels.append("telegram")
    if settings.wechat_app_secret and settings.wechat_app_id:
        channels.append("wechat")
    if settings.smtp_url:
        channels.append("email")
    return channels


def senders(settings: Settings) -> list[Sender]:
    """One for each channel whose settings are present."""
    made: list[Sender] = []
    if settings.telegram_token:
        from bot.notices.telegram_sender import TelegramSender

        limits = Limits(settings.notices_per_second)
        made.append(TelegramSender(settings.telegram_token, settings.telegram_api_base, limits))
    if settings.wechat_app_secret and settings.wechat_app_id:
        from bot.channels.wechat import Api
        from bot.notices.wechat_sender import WechatSender

        api = Api(settings.wechat_api_base, settings.wechat_app_id, settings.wechat_app_secret)
        limits = Limits(WECHAT_A_SECOND if settings.notices_per_second else 0)
        template_id = settings.wechat_template.id if settings.wechat_template is not None else ""
        made.append(WechatSender(api, settings.wechat_app_id, limits, template_id))
    if settings.smtp_url:
        from bot.notices.mail_sender import MailSender

        share = LETTERS_A_SECOND if settings.notices_per_second else 0
        made.append(MailSender(settings.smtp_url, settings.mail_from, Limits(share)))
    return made


def wordings(settings: Settings, packs: Packs) -> Wordings:
    """The words of notices. Raises: OSError where no key can be kept."""
    key = service_key(settings.secret_key, settings.data_dir)
    return Wordings(packs, public_url=settings.public_url, key=key, wechat_template=settings.wechat_template)


def aside(settings: Settings, store: Store, packs: Packs, rendering: Rendering) -> Aside:
    """What the conversation asks of notices. Raises: OSError where no key can be kept."""
    return Aside(store, packs, rendering, service_key(settings.secret_key, settings.data_dir), settings.today)


def pages(settings: Settings, at: Aside, knows: Callable[[str], Awaitable[bool]]) -> list[Route]:
    """The pages that links in notices lead to."""
    from bot.channels.web import Sessions
    from bot.notices.pages import NoticePages

    secure, key = settings.public_url.startswith("https:"), service_key(settings.secret_key, settings.data_dir)
    return list(NoticePages(at, Sessions(key), knows, secure=secure, keep_days=settings.retention_days).routes())


@asynccontextmanager
async def office(settings: Settings, packs: Packs | None = None) -> AsyncIterator[Office]:
    """Campaigns over an open store. Raises: rules.PolicyError, storage.Unavailable, OSError."""
    packs = packs or settings.library()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    store = await Store.open(settings.database_url)
    try:
        yield Office(store, packs, wordings(settings, packs), configured(settings))
    finally:
        await store.close()


@asynccontextmanager
async def worker(settings: Settings, at: Office, campaigns: list[str] | None = None) -> AsyncIterator[Worker]:
    """A worker on some campaigns, or on all."""
    sys.setswitchinterval(SWITCH)
    made = senders(settings)
    desk = Desk(at.store, at.packs, at.wordings, made, settings.today, settings.quiet_hours)
    try:
        yield Worker(desk, campaigns)
    finally:
        for one in made:
            await one.close()


async def bot_name(settings: Settings) -> str | None:
    """The Telegram bot's name; None without one, or where Telegram does not answer."""
    if not settings.telegram_token:
        return None
    from bot.notices.telegram_sender import TelegramSender

    sender = TelegramSender(settings.telegram_token, settings.telegram_api_base, Limits(0))
    try:
        async with asyncio.timeout(8):
            return await sender.name()
    except TimeoutError:
        return None
    finally:
        await sender.close()


async def beside(settings: Settings) -> None:
    """Keeps one worker process beside the service until this is cancelled; returns at once where no channel is configured."""
    if not configured(settings):
        return
    while True:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "notices",
            "worker",
            "--beside",
            stdin=asyncio.subprocess.PIPE,  # never written to; its end tells that we are gone
        )
        try:
            await process.wait()
        except asyncio.CancelledError:
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(40):
                await process.wait()
            raise
        await asyncio.sleep(RESTART)
