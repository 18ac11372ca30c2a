"""Composition: settings → the senders whose settings are present, the office, the worker."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import time
from functools import partial
from typing import Final

from bot.post import bounces
from bot.post.aside import Aside
from bot.post.audience import CampaignFault, sifted
from bot.post.campaigns import Draft, Office
from bot.post.secrets import service_key
from bot.post.wording import Wordings
from bot.post.words import reason_words, words
from bot.post.worker import Way, Worker, Workplace
from bot.settings import Settings
from rules import Library
from storage import Addressee, Letter, Store

LETTERS_A_SECOND: Final = 20
"""What a mail server of a public office takes without complaint."""
WECHAT_A_SECOND: Final = 10
"""Far below what WeChat takes in a minute, and nobody waits for the last notice."""
SWITCH: Final = 0.001
"""Seconds after which a thread that commits lets the one go on that watches the network: answers are timed."""
LINKS: Final = 4.0  # seconds for which the public address may think about it
RESTART: Final = 5.0  # seconds before a worker that died is started again


def configured(settings: Settings) -> list[str]:
    """The channels whose settings are present, the best first."""
    return [name for name, field, _ in WAYS if getattr(settings, field)]


def ways(settings: Settings) -> list[Way]:
    """One for each channel whose settings are present, the best first."""
    return [make(settings) for _, field, make in WAYS if getattr(settings, field)]


def _telegram(settings: Settings) -> Way:
    from bot.post.providers import telegram

    bot = telegram.TelegramNotices(settings.telegram_token, settings.telegram_api_base)
    return Way(bot, settings.notices_per_second, telegram.SLOTS)


def _wechat(settings: Settings) -> Way:
    from bot.channels.wechat import Api
    from bot.post.providers import wechat

    api = Api(settings.wechat_api_base, settings.wechat_app_id, settings.wechat_app_secret)
    template_id = settings.wechat_template.id if settings.wechat_template is not None else ""
    return Way(wechat.WechatNotices(api, template_id), _share(settings, WECHAT_A_SECOND), wechat.SLOTS)


def _wecom(settings: Settings) -> Way:
    from bot.post.providers import wecom

    company = (settings.wecom_corp_id, settings.wecom_agent_id, settings.wecom_secret)
    box = wecom.WecomNotices(settings.wecom_api_base, *company)
    return Way(box, _share(settings, LETTERS_A_SECOND), wecom.SLOTS)


def _mail(settings: Settings) -> Way:
    from bot.post.providers import mail

    box = mail.MailNotices(settings.smtp_url, settings.mail_from)
    return Way(box, _share(settings, LETTERS_A_SECOND), mail.SLOTS)


def _share(settings: Settings, most: int) -> int:
    return most if settings.notices_per_second else 0


WAYS: Final[tuple[tuple[str, str, Callable[[Settings], Way]], ...]] = (
    ("telegram", "telegram_token", _telegram),
    ("wechat", "wechat_app_secret", _wechat),
    ("wecom", "wecom_corp_id", _wecom),
    ("email", "smtp_url", _mail),
)
"""Channel, the setting that turns it on, and how it is made; the quickest to be read first."""


def wordings(settings: Settings, packs: Library) -> Wordings:
    """The words of notices. Raises: OSError where no key can be kept."""
    key = service_key(settings.secret_key, settings.data_dir)
    public_url = settings.public_url if settings.has_public_url else ""
    return Wordings(packs, public_url=public_url, key=key, wechat_template=settings.wechat_template)


def aside(settings: Settings, store: Store, packs: Library) -> Aside:
    """What the conversation asks of notices. Raises: OSError where no key can be kept."""
    return Aside(store, packs, service_key(settings.secret_key, settings.data_dir), settings.today)


def office_over(settings: Settings, store: Store, packs: Library) -> Office:
    """Campaigns over a store. Raises: OSError where no key can be kept."""
    return Office(store, packs, wordings(settings, packs), configured(settings), lambda: links_lead_here(settings))


async def links_lead_here(settings: Settings) -> bool:
    """Whether the address that notices lead to answers, as far as this machine can see."""
    import httpx

    try:
        async with httpx.AsyncClient(timeout=LINKS, follow_redirects=True) as client:
            return (await client.get(f"{settings.public_url}/healthz")).is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


@asynccontextmanager
async def office(settings: Settings, packs: Library | None = None) -> AsyncIterator[Office]:
    """Campaigns over an open store. Raises: rules.PolicyError, storage.Unavailable, OSError."""
    packs = packs or settings.library()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    store = await Store.open(settings.database_url)
    try:
        yield office_over(settings, store, packs)
    finally:
        await store.close()


@asynccontextmanager
async def worker(
    settings: Settings, at: Office, campaigns: list[str] | None = None, *, by_hand: bool = False
) -> AsyncIterator[Worker]:
    """A worker on some campaigns, or on all; `by_hand`: one that only finds out whom to tell otherwise."""
    sys.setswitchinterval(SWITCH)
    made = [] if by_hand else ways(settings)
    desk = Workplace(
        at.store, at.packs, at.wordings, made, settings.today, (time(), time()) if by_hand else settings.quiet_hours,
        company=settings.wecom_corp_id if settings.wecom_users == "number" else "",
        begin=lambda campaign: at.begin(campaign, settings.today()),
        returned=partial(bounces.read, settings.bounce_url) if settings.bounce_url else None,
    )  # fmt: skip
    try:
        yield Worker(desk, campaigns)
    finally:
        for one in made:
            await one.provider.close()


async def try_out(settings: Settings, at: Office, people: Sequence[Addressee], plan: Draft, to: str) -> str:
    """Sends one real message to an e-mail address, or an account as it is bound: what the first who is short would read. What came
    of it, in a sentence. Raises: CampaignFault."""
    first = next((one for one in sifted(people, at.packs, settings.today()) if not one.out), None)
    if first is None:
        raise CampaignFault("名单里没有还差学时的人，没有可发的消息")
    address = to if ":" in to else f"email:{to}"
    made = ways(settings)
    try:
        way = next((one for one in made if one.provider.channel == address.partition(":")[0]), None)
        if way is None or not address.partition(":")[2]:
            raise CampaignFault(f"“{to}”发不过去，设置好的渠道有：{'、'.join(at.channels) or '没有'}")
        said = at.letter(way.provider.channel, first, plan, settings.today())
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
