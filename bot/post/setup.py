"""Composition: settings → the senders whose settings are present, the office, the worker."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import time
from functools import partial
from typing import Final

from bot.post import bounces
from bot.post.aside import Aside
from bot.post.audience import CampaignFault, sifted
from bot.post.books import link_of
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
NAMED: Final = 8.0  # the same for the Telegram bot's name
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
    share = 1 if s.notices_per_second else 0  # without a limit for one there is none for any
    if name == "telegram":
        from bot.post.providers import telegram

        return Way(
            telegram.TelegramNotices(s.telegram_token, s.telegram_api_base), s.notices_per_second, telegram.SLOTS
        )
    if name == "wechat":
        from bot.channels.wechat import Api
        from bot.post.providers import wechat

        template = s.wechat_template.id if s.wechat_template is not None else ""
        account = wechat.WechatNotices(Api(s.wechat_api_base, s.wechat_app_id, s.wechat_app_secret), template)
        return Way(account, share * WECHAT_A_SECOND, wechat.SLOTS)
    if name == "wecom":
        from bot.post.providers import wecom

        company = wecom.WecomNotices(s.wecom_api_base, s.wecom_corp_id, s.wecom_agent_id, s.wecom_secret)
        return Way(company, share * LETTERS_A_SECOND, wecom.SLOTS)
    from bot.post.providers import mail

    return Way(mail.MailNotices(s.smtp_url, s.mail_from), share * LETTERS_A_SECOND, mail.SLOTS)


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
    key, public_url = service_key(settings.secret_key, settings.data_dir), settings.public_url
    public_url = public_url if settings.has_public_url else ""
    wordings = Wordings(packs, public_url=public_url, key=key, wechat_template=settings.wechat_template)
    return Office(store, packs, wordings, configured(settings), lambda: links_lead_here(settings))


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
async def worker(
    settings: Settings, at: Office, campaigns: list[str] | None = None, *, by_hand: bool = False
) -> AsyncIterator[Worker]:
    """A worker on some campaigns, or on all; `by_hand`: one that only finds out whom to tell otherwise."""
    sys.setswitchinterval(SWITCH)
    async with ways(settings, () if by_hand else at.channels) as made:
        desk = Workplace(
            at.store, at.packs, at.wordings, made, settings.today, (time(), time()) if by_hand else settings.quiet_hours,
            company=settings.wecom_corp_id if settings.wecom_users == "number" else "",
            begin=lambda campaign: at.begin(campaign, settings.today()),
            returned=partial(bounces.read, settings.bounce_url) if settings.bounce_url else None,
        )  # fmt: skip
        yield Worker(desk, campaigns)


async def by_hand(settings: Settings, at: Office, id: str) -> None:
    """Carries a campaign out where no channel is configured: everybody is to be told otherwise."""
    async with worker(settings, at, [id], by_hand=True) as working:
        await working.run()


async def try_out(settings: Settings, at: Office, people: Sequence[Addressee], plan: Draft, to: str) -> str:
    """Sends one real message to an e-mail address, or an account as it is bound: what the first who is short would read. What came
    of it, in a sentence. Raises: CampaignFault."""
    first = next((one for one in sifted(people, at.packs, settings.today()) if not one.out), None)
    if first is None:
        raise CampaignFault("名单里没有还差学时的人，没有可发的消息")
    address = to if ":" in to else f"email:{to}"
    channel, _, account = address.partition(":")
    if channel not in at.channels or not account:
        raise CampaignFault(f"“{to}”发不过去，设置好的渠道有：{'、'.join(at.channels) or '没有'}")
    async with ways(settings, [channel]) as [one]:
        came = await one.provider.send(Letter(0, address, at.letter(channel, first, plan, settings.today()).body()))
    why = f"：{reason_words(came.reason)}" if came.reason and came.outcome != "sent" else ""
    return f"{words()['test'][came.outcome]}{why}"


async def links(settings: Settings, codes: Sequence[str]) -> list[str]:
    """Where each of these codes is brought by one tap: the Telegram bot where there is one that answers, else the page."""
    name = None
    if settings.telegram_token:
        from bot.post.providers.telegram import TelegramNotices

        bot = TelegramNotices(settings.telegram_token, settings.telegram_api_base)
        try:
            async with asyncio.timeout(NAMED):
                name = await bot.name()
        except TimeoutError:
            pass
        finally:
            await bot.close()
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
