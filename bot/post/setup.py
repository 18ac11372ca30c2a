"""Composition: settings → the senders whose settings are present, the office, the worker."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from bot.post import bounces
from bot.post.aside import Aside
from bot.post.audience import sifted
from bot.post.books import link_of
from bot.post.notice_words import CampaignFault, reason_words, words
from bot.post.office import Draft, Office
from bot.post.wording import Wordings
from bot.post.worker import NEVER, Way, Worker
from bot.settings import Settings
from bot.settings.key import service_key
from rules import Library
from storage import Addressee, Letter, Store

LETTERS_A_SECOND: Final = 20  # what a mail server of a public office takes without complaint
WECHAT_A_SECOND: Final = 10  # far below what WeChat takes in a minute, and nobody waits for the last notice
SWITCH: Final = 0.001  # seconds until a thread that commits lets the one go on that watches the network
LINKS: Final = 4.0  # seconds for which the public address may think about it
RESTART: Final = 5.0  # seconds before a worker that died is started again
CHANNELS: Final = {
    "telegram": "telegram_token",
    "wechat": "wechat_app_secret",
    "wecom": "wecom_corp_id",
    "email": "smtp_url",
}
"""The setting that turns each channel on; the quickest to be read first."""


def configured(settings: Settings) -> list[str]:
    """The channels whose settings are present, the best first."""
    return [name for name, field in CHANNELS.items() if getattr(settings, field)]


def way(name: str, s: Settings) -> Way:
    """How notices go on a channel."""
    from bot.channels.wechat import Api
    from bot.post.providers import mail, telegram, wechat, wecom

    own = {
        "telegram": s.notices_per_second,
        "wechat": WECHAT_A_SECOND,
        "wecom": LETTERS_A_SECOND,
        "email": LETTERS_A_SECOND,
    }
    share = own[name] if s.notices_per_second else 0  # without a limit for one there is none for any
    match name:
        case "telegram":
            return Way(telegram.TelegramNotices(s.telegram_token, s.telegram_api_base), share, telegram.SLOTS)
        case "wechat":
            api = Api(s.wechat_api_base, s.wechat_app_id, s.wechat_app_secret)
            template = s.wechat_template.id if s.wechat_template is not None else ""
            return Way(wechat.WechatNotices(api, template), share, wechat.SLOTS)
        case "wecom":
            company = wecom.WecomNotices(s.wecom_api_base, s.wecom_corp_id, s.wecom_agent_id, s.wecom_secret)
            return Way(company, share, wecom.SLOTS)
    return Way(mail.MailNotices(s.smtp_url, s.mail_from), share, mail.SLOTS)


@asynccontextmanager
async def ways(settings: Settings, names: Sequence[str]) -> AsyncIterator[list[Way]]:
    """One for each of these channels, closed at the end."""
    made = [way(name, settings) for name in names]
    try:
        yield made
    finally:
        for one in made:
            await one.provider.close()


def aside(settings: Settings, store: Store, packs: Library) -> Aside:
    """What the conversation asks of notices. Raises: OSError where no key can be kept."""
    return Aside(store, packs, service_key(settings.secret_key, settings.data_dir), settings.today)


def office_over(settings: Settings, store: Store, packs: Library) -> Office:
    """Campaigns over a store. Raises: OSError where no key can be kept."""
    key, url = service_key(settings.secret_key, settings.data_dir), settings.public_url
    url = url if settings.has_public_url else ""
    wordings = Wordings(packs, public_url=url, key=key, wechat_template=settings.wechat_template)
    company = settings.wecom_corp_id if settings.wecom_users == "number" else ""
    return Office(store, packs, wordings, configured(settings), partial(links_lead_here, settings), company)


async def links_lead_here(settings: Settings) -> bool:
    """Whether the address that notices lead to answers, as far as this machine can see."""
    import httpx

    try:
        async with httpx.AsyncClient(timeout=LINKS, follow_redirects=True) as client:
            return (await client.get(f"{settings.public_url}/healthz")).is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


@asynccontextmanager
async def office(settings: Settings) -> AsyncIterator[Office]:
    """Campaigns over an open store. Raises: rules.PolicyError, storage.Unavailable, OSError."""
    packs = settings.library()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    store = await Store.open(settings.database_url)
    try:
        yield office_over(settings, store, packs)
    finally:
        await store.close()


@asynccontextmanager
async def worker(settings: Settings, at: Office, campaigns: list[str] | None = None) -> AsyncIterator[Worker]:
    """A worker on some campaigns, or on all."""
    sys.setswitchinterval(SWITCH)
    returned = partial(bounces.read, settings.bounce_url) if settings.bounce_url else None
    async with ways(settings, at.channels) as made:
        yield Worker(at, made, settings.today, campaigns, quiet=settings.quiet_hours, returned=returned)


async def by_hand(settings: Settings, at: Office, id: str) -> None:
    """Carries a campaign out where no channel is configured: everybody is to be told otherwise."""
    await Worker(at, (), settings.today, [id], quiet=NEVER).run()


async def try_out(settings: Settings, at: Office, people: Sequence[Addressee], plan: Draft, to: str) -> str:
    """Sends one real message to an e-mail address, or an account as it is bound: what the first who is short would read. What came
    of it, in a sentence. Raises: CampaignFault."""
    first = next((one for one in sifted(people, at.packs, settings.today()) if not one.out), None)
    if first is None:
        raise CampaignFault("nobody_short")
    address = to if ":" in to else f"email:{to}"
    channel, _, account = address.partition(":")
    if channel not in at.channels or not account:
        raise CampaignFault("no_way", to=to, channels="、".join(at.channels) or "没有")
    async with ways(settings, [channel]) as [one]:
        came = await one.provider.send(Letter(0, address, at.letter(channel, first, plan, settings.today()).body()))
    why = f"：{reason_words(came.reason)}" if came.reason and came.outcome != "sent" else ""
    return f"{words()['test'][came.outcome]}{why}"


async def links(settings: Settings, codes: Sequence[str]) -> list[str]:
    """Where each of these codes is brought by one tap: the Telegram bot where there is one that answers, else the page."""
    name = None
    if settings.telegram_token:
        from bot.post.providers.telegram import name_of

        name = await name_of(settings.telegram_token, settings.telegram_api_base)
    return [link_of(code, public_url=settings.public_url, bot=name) for code in codes]


async def beside(settings: Settings) -> None:
    """Keeps one worker process beside the service until this is cancelled; returns at once where no channel is configured."""
    command = (sys.executable, "-m", "bot", "notices", "worker", "--beside")
    while configured(settings):
        # Its standard input is never written to; the end of that tells that we are gone.
        process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE)
        try:
            await process.wait()
        except asyncio.CancelledError:
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(40):
                await process.wait()
            raise
        await asyncio.sleep(RESTART)
