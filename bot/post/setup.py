"""Composition: settings → the senders whose settings are present, the office, the worker."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from bot.post.aside import Aside
from bot.post.audience import Audience
from bot.post.campaigns import CampaignFault, Office, Plan
from bot.post.secrets import service_key
from bot.post.wording import Wordings
from bot.post.words import reason_words, words
from bot.post.worker import Desk, Way, Worker
from bot.settings import Settings
from rules import Library
from storage import Letter, Store

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
    if settings.wecom_corp_id:
        channels.append("wecom")
    if settings.smtp_url:
        channels.append("email")
    return channels


def ways(settings: Settings) -> list[Way]:
    """One for each channel whose settings are present, the best first."""
    made: list[Way] = []
    limited = settings.notices_per_second > 0
    if settings.telegram_token:
        from bot.post.providers import telegram

        bot = telegram.TelegramNotices(settings.telegram_token, settings.telegram_api_base)
        made.append(Way(bot, settings.notices_per_second, telegram.SLOTS))
    if settings.wechat_app_secret and settings.wechat_app_id:
        from bot.channels.wechat import Api
        from bot.post.providers import wechat

        api = Api(settings.wechat_api_base, settings.wechat_app_id, settings.wechat_app_secret)
        template_id = settings.wechat_template.id if settings.wechat_template is not None else ""
        made.append(Way(wechat.WechatNotices(api, template_id), WECHAT_A_SECOND * limited, wechat.SLOTS))
    if settings.wecom_corp_id:
        from bot.post.providers import wecom

        company = (settings.wecom_corp_id, settings.wecom_agent_id, settings.wecom_secret)
        made.append(Way(wecom.WecomNotices(settings.wecom_api_base, *company), LETTERS_A_SECOND * limited, wecom.SLOTS))
    if settings.smtp_url:
        from bot.post.providers import mail

        box = mail.MailNotices(settings.smtp_url, settings.mail_from)
        made.append(Way(box, LETTERS_A_SECOND * limited, mail.SLOTS))
    return made


def wordings(settings: Settings, packs: Library) -> Wordings:
    """The words of notices. Raises: OSError where no key can be kept."""
    key = service_key(settings.secret_key, settings.data_dir)
    public_url = settings.public_url if settings.has_public_url else ""
    return Wordings(packs, public_url=public_url, key=key, wechat_template=settings.wechat_template)


def aside(settings: Settings, store: Store, packs: Library) -> Aside:
    """What the conversation asks of notices. Raises: OSError where no key can be kept."""
    return Aside(store, packs, service_key(settings.secret_key, settings.data_dir), settings.today)


def pages(settings: Settings, at: Aside, knows: Callable[[str], Awaitable[bool]]) -> list[Route]:
    """The pages that links in notices lead to."""
    from bot.channels.web import Sessions
    from bot.post.pages import NoticePages

    secure, key = settings.public_url.startswith("https:"), service_key(settings.secret_key, settings.data_dir)
    return list(NoticePages(at, Sessions(key), knows, secure=secure, keep_days=settings.retention_days).routes())


@asynccontextmanager
async def office(settings: Settings, packs: Library | None = None) -> AsyncIterator[Office]:
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
    made = ways(settings)
    desk = Desk(
        at.store, at.packs, at.wordings, made, settings.today, settings.quiet_hours,
        company=settings.wecom_corp_id if settings.wecom_users == "number" else "",
        anew=lambda campaign: at.reread(campaign, settings.today()),
    )  # fmt: skip
    try:
        yield Worker(desk, campaigns)
    finally:
        for one in made:
            await one.provider.close()


async def try_out(settings: Settings, at: Office, audience: Audience, plan: Plan, to: str) -> str:
    """Sends one real message to an e-mail address, or an account as it is bound: what the first who is short would read. What came
    of it, in a sentence. Raises: CampaignFault."""
    if not audience.people:
        raise CampaignFault("名单里没有还差学时的人，没有可发的消息")
    address = to if ":" in to else f"email:{to}"
    made = ways(settings)
    try:
        way = next((one for one in made if one.provider.channel == address.partition(":")[0]), None)
        if way is None or not address.partition(":")[2]:
            raise CampaignFault(f"“{to}”发不过去，设置好的渠道有：{'、'.join(at.channels) or '没有'}")
        said = at.letter(way.provider.channel, audience.people[0], plan, settings.today())
        came = await way.provider.send(Letter(0, address, said.body()))
    finally:
        for one in made:
            await one.provider.close()
    why = f"：{reason_words(came.reason)}" if came.reason and came.outcome != "sent" else ""
    return f"{words()['test'][came.outcome]}{why}"


async def bot_name(settings: Settings) -> str | None:
    """The Telegram bot's name; None without one, or where Telegram does not answer."""
    if not settings.telegram_token:
        return None
    from bot.post.providers.telegram import TelegramNotices

    sender = TelegramNotices(settings.telegram_token, settings.telegram_api_base)
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
