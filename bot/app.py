"""The composition root: settings → packs, store, words, channels; starts and stops them, no logic."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.answering import Answers
from bot.conversation import Conversation
from bot.post.setup import aside, beside
from bot.settings import Settings, SettingsError
from bot.settings.key import service_key
from bot.telling.rendering import Rendering
from bot.upkeep.data_folder import close_to_others
from rules import Library
from storage import Clock, Conflict, Store, Unavailable

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.routing import BaseRoute, Route

    from bot.channels.telegram import Telegram
    from bot.hr import Rosters

log = logging.getLogger("xueshi")
PURGE_EVERY = 3600.0
"""Seconds between two looks for facts that have outlived the retention period."""
BUSY = (Unavailable, Conflict)
"""What the conversation raises where nothing can be stored now."""


def make_room(settings: Settings) -> None:
    """The folder for files, which nobody else reads. Raises: SettingsError where it cannot be made."""
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        close_to_others(settings.data_dir)
    except OSError as wrong:
        raise SettingsError([f"XUESHI_DATA_DIR: {settings.data_dir}: {wrong.strerror}"]) from None


def listen(settings: Settings) -> tuple[Settings, socket.socket]:
    """The socket that the web will be served on, bound, and the settings with the port it really has.

    Raises: SettingsError where the address cannot be had.
    """
    host, port = settings.web_host, settings.web_port
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, UnicodeError) as wrong:
        reason = getattr(wrong, "strerror", None) or str(wrong)
        raise SettingsError([f"XUESHI_WEB_HOST, XUESHI_WEB_PORT: {host}:{port}: {reason}"]) from None
    real = listening.getsockname()[1]
    address = (
        settings.public_url.removesuffix(":0") + f":{real}"
        if settings.public_url.endswith(":0")
        else settings.public_url
    )
    return replace(settings, web_port=real, public_url=address), listening


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Store]:
    """The store, migrated and open, closed at the end. Raises: storage.Unavailable."""
    make_room(settings)
    store = await Store.open(settings.database_url)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def conversation(settings: Settings, packs: Library | None = None) -> AsyncIterator[Conversation]:
    """The conversation over an open store, closed at the end.

    Raises: rules.PolicyError, storage.Unavailable.
    """
    packs = packs or settings.library()
    async with opened(settings) as store:
        rendering = Rendering(packs, retention_days=settings.retention_days, public_url=settings.public_url)
        notices = aside(settings, store, packs)
        yield Conversation(packs, store, rendering, Answers(packs), settings.today, notices)


async def purge(store: Store, retention: timedelta) -> None:
    """Deletes what has outlived its period, unless the clock has jumped since it was last believed.

    Raises: Unavailable, also where it has.
    """
    clock = Clock(store, retention)
    if not await clock.look():
        raise Unavailable(
            f"the clock says {store.clock():%Y-%m-%d}, but the database last saw {await clock.last():%Y-%m-%d}: "
            "nothing is deleted until `xueshi db trust-clock` says that it is right"
        )
    rows = await store.purge(store.clock() - retention)
    if rows:
        log.info("retention: %d rows deleted", rows)


@asynccontextmanager
async def wechat(settings: Settings, talks: Conversation) -> AsyncIterator[list[BaseRoute]]:
    """The callback of the WeChat account, where one is set; with its secret, customer-service messages too."""
    if not settings.wechat_token:
        yield []
        return
    from bot.channels.wechat import Api, Callback, WeChat, WechatGate
    from bot.post import Postbox
    from bot.telling.keepsakes import Keepsakes

    app_id, busy = settings.wechat_app_id, BUSY
    gate = WechatGate(settings.wechat_token, app_id, settings.wechat_aes_key)
    if not settings.wechat_app_secret:
        yield list(Callback(gate, app_id, talks, None, busy=busy).routes())
        return
    api = Api(settings.wechat_api_base, app_id, settings.wechat_app_secret)
    try:
        keepsakes = Keepsakes(talks.result, f"{settings.public_url}/")
        async with Postbox(talks, talks.store, WeChat(app_id, api, keepsakes)) as post:
            yield list(Callback(gate, app_id, talks, post, busy=busy).routes())
    finally:
        await api.close()


async def run(settings: Settings, listening: socket.socket) -> None:
    """Serve on a bound socket until SIGTERM or SIGINT, finish what is in hand, and return."""
    from prometheus_client import CollectorRegistry, generate_latest

    from bot.channels.web.serving import Crowd, most_connections, serve
    from bot.hr.roster_desk import LEASE
    from bot.upkeep.gauges import watch_service
    from bot.upkeep.jobs import Jobs

    packs, registry, retention = settings.library(), CollectorRegistry(), timedelta(days=settings.retention_days)
    jobs, crowd = Jobs(registry), Crowd(most_connections())
    async with (
        conversation(settings, packs) as talks,
        wechat(settings, talks) as routes,
        hr_pages(settings, talks) as (pages, rosters),
        asyncio.TaskGroup() as tasks,
    ):
        await Clock(talks.store, retention).look()  # before anybody is told that their time is over
        await talks.warm()
        watch_service(registry, talks, crowd, settings.data_dir)
        channel = telegram(settings, talks) if settings.telegram_token else None
        app = web(settings, talks, [*routes, *pages, *([] if channel is None else channel.routes)],
                  metrics=lambda: generate_latest(registry).decode())  # fmt: skip
        if channel is not None:
            tasks.create_task(jobs.lasting("telegram", channel.run))
        beside_us = [
            tasks.create_task(jobs.lasting("notices", lambda: beside(settings))),
            tasks.create_task(jobs.every("rosters", LEASE, rosters.look)),
            tasks.create_task(jobs.every("purge", PURGE_EVERY, lambda: purge(talks.store, retention))),
        ]
        print(f"网页地址：{settings.public_url}/", flush=True)
        await serve(app, listening, crowd, settings.trusted_proxies)
        if channel is not None:
            channel.stop()
        for one in beside_us:
            one.cancel()


def web(settings: Settings, talks: Conversation, routes: Sequence[BaseRoute], metrics: Callable[[], str]) -> Starlette:
    """The web app with every page."""
    from bot.channels.web import Sessions, web_app
    from bot.lines.jsonl import parse
    from bot.upkeep.readiness import Readiness

    return web_app(
        talks, public_url=settings.public_url, retention_days=settings.retention_days,
        ready=Readiness(talks.store, settings.data_dir), metrics=metrics, parse=parse,
        routes=[*routes, *notice_pages(settings, talks)],
        sessions=Sessions(service_key(settings.secret_key, settings.data_dir)), busy=BUSY,
        hosts=[settings.web_host, *settings.allowed_hosts], metrics_token=settings.metrics_token,
    )  # fmt: skip


def hr_notices(settings: Settings, talks: Conversation, rosters: Rosters) -> list[Route]:
    """HR's pages of notices; where no channel is configured, a campaign only finds out whom to tell by hand."""
    from bot.hr import Accounts
    from bot.pages.hr_notices import hr_notice_routes
    from bot.post.setup import by_hand, links, office_over, try_out

    office = office_over(settings, talks.store, talks.packs)
    return hr_notice_routes(
        Accounts(talks.store), rosters, office, today=settings.today, retention_days=settings.retention_days,
        without_channel=partial(by_hand, settings, office), test=partial(try_out, settings, office), links=partial(links, settings),
    )  # fmt: skip


def notice_pages(settings: Settings, talks: Conversation) -> list[Route]:
    """The pages that links in notices and invitations lead to."""
    from bot.channels.web import Sessions
    from bot.pages.notices import NoticePages
    from bot.post.aside import Aside

    assert isinstance(talks.beside, Aside)
    sessions = Sessions(service_key(settings.secret_key, settings.data_dir))
    secure = settings.public_url.startswith("https:")
    return NoticePages(talks.beside, sessions, talks.knows, secure=secure, keep_days=settings.retention_days).routes()


@asynccontextmanager
async def hr_pages(settings: Settings, talks: Conversation) -> AsyncIterator[tuple[list[Route], Rosters]]:
    """The pages of HR and the rosters behind them; what is under way ends with them."""
    from bot.hr import Accounts, Rosters
    from bot.pages.hr_desk import hr_routes

    rosters = Rosters(
        talks.store,
        settings.data_dir / "rosters",
        settings.today,
        salt=service_key(settings.secret_key, settings.data_dir),
    )
    with suppress(Unavailable):  # then it is looked for a minute later
        await rosters.look()  # what a process left that was stopped or killed
    try:
        routes = hr_routes(
            Accounts(talks.store), rosters, packs=talks.packs, answers=talks.answers,
            today=settings.today, retention_days=settings.retention_days, public_url=settings.public_url, reports=talks.reports,
        )  # fmt: skip
        notices = hr_notices(settings, talks, rosters)
        yield [*notices, *routes], rosters
    finally:
        await rosters.close()


def telegram(settings: Settings, talks: Conversation) -> Telegram:
    """The Telegram channel over the conversation; connects when it runs."""
    from bot.channels.telegram import Telegram
    from bot.post import Postbox
    from bot.telling.keepsakes import Keepsakes

    return Telegram(
        settings,
        lambda carrier: Postbox(talks, talks.store, carrier),
        talks.store.database.lock,
        Keepsakes(talks.result, f"{settings.public_url}/"),
    )
