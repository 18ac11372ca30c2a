"""What `xueshi doctor` looks at, and what it says to do."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from bot.settings import Settings
from bot.upkeep.data_folder import open_to_others
from bot.upkeep.readiness import room

PATIENCE = 8.0
"""Seconds that a platform may take to answer."""
ENOUGH = 1 << 30
"""Bytes of room that nobody need think about."""
MARKS = {"fine": "好  ", "mind": "留意", "act": "要办"}


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `act`: something has to be done; `mind`: somebody should know."""

    state: Literal["fine", "mind", "act"]
    about: str
    says: str

    def __str__(self) -> str:
        return f"{MARKS[self.state]} {self.about}：{self.says}"


async def examine(settings: Settings) -> list[Finding]:
    """Everything, each look by itself: what breaks one hides no other."""
    findings: list[Finding] = [Finding("fine", "设置", "都读得懂")]
    for look in (_address, _folder, _keys, _store, _packs, _channels):
        try:
            findings += [one async for one in look(settings)]
        except Exception as fault:
            findings.append(Finding("act", look.__name__.strip("_"), f"没有查成（{type(fault).__name__}: {fault}）"))
    return findings


async def _address(settings: Settings) -> AsyncIterator[Finding]:
    public = urlsplit(settings.public_url)
    inside = public.hostname in ("127.0.0.1", "localhost", "::1")
    if not inside and public.scheme != "https":
        yield Finding("act", "网址", "XUESHI_PUBLIC_URL 不是 https：请在前面放一个带证书的反向代理，再改成 https://…")
    elif not inside and not settings.trusted_proxies:
        yield Finding("mind", "网址", "XUESHI_TRUSTED_PROXIES 没有设：所有人会被当成一个来源限速；请写上反向代理的地址")
    else:
        yield Finding("fine", "网址", settings.public_url)
    with socket.socket() as probe:
        probe.settimeout(1)
        host = "127.0.0.1" if settings.web_host in ("0.0.0.0", "::", "") else settings.web_host
        running = probe.connect_ex((host, settings.web_port)) == 0 if ":" not in host else False
    yield Finding("fine" if running else "mind", "服务", "正在运行" if running else "没有在运行（或不在这台机器上）")


async def _folder(settings: Settings) -> AsyncIterator[Finding]:
    folder = settings.data_dir
    if not folder.is_dir():
        yield Finding("mind", "数据目录", f"{folder} 还没有；第一次运行时会建")
        return
    free = room(folder)
    state: Literal["fine", "mind"] = "fine" if free > ENOUGH else "mind"
    yield Finding(
        state,
        "磁盘",
        f"还有 {free / (1 << 30):.1f} GB" + ("" if free > ENOUGH else "；请腾出地方，满了就存不下新的回答"),
    )
    if seen := open_to_others(folder):
        yield Finding("act", "文件权限", f"{seen[0]} 等 {len(seen)} 个别人也能读；请运行 chmod -R go-rwx {folder}")
    else:
        yield Finding("fine", "文件权限", "只有本人能读")


async def _keys(settings: Settings) -> AsyncIterator[Finding]:
    from bot.settings.key import FILE, service_key

    if settings.secret_key or (settings.data_dir / FILE).exists():
        try:
            service_key(settings.secret_key, settings.data_dir)
            yield Finding("fine", "签名密钥", "可用")
        except OSError as wrong:
            yield Finding("act", "签名密钥", str(wrong))
    else:
        yield Finding("mind", "签名密钥", "还没有；第一次运行时会生成")
    if settings.encryption_key:
        old = len(settings.encryption_key) - 1
        more = f"，另有 {old} 把旧的：xueshi db rotate-key 之后就可以去掉" if old else ""
        yield Finding("mind" if old else "fine", "加密", f"存下的内容是加密的{more}")
    else:
        yield Finding(
            "mind",
            "加密",
            "XUESHI_ENCRYPTION_KEY 没有设：存下的内容不加密；写上一串随机字符，再运行 xueshi db rotate-key",
        )


async def _store(settings: Settings) -> AsyncIterator[Finding]:
    from storage import Clock, Store, Unavailable, pulse

    if settings.database_url.startswith("sqlite") and not settings.data_dir.is_dir():
        return
    try:
        store = await Store.open(settings.database_url, create=False)
    except Unavailable as wrong:
        yield Finding("act", "数据库", str(wrong))
        return
    try:
        try:
            await pulse(store)
            yield Finding("fine", "数据库", "连得上，写得进，版本对")
        except Unavailable as wrong:
            yield Finding("act", "数据库", f"连得上，写不进：{wrong}")
        clock = Clock(store, timedelta(days=settings.retention_days))
        yield _clock(await clock.last(), clock.bearable, datetime.now(UTC))
    finally:
        await store.close()


def _clock(last: datetime | None, bearable: timedelta, now: datetime) -> Finding:
    told = f"现在是 {now:%Y-%m-%d %H:%M}，数据库上次见到的是 {last or now:%Y-%m-%d %H:%M}（UTC）"
    if last is not None and now - last > bearable:
        return Finding("act", "时钟", f"{told}：时钟若没有错，运行 xueshi db trust-clock；在那之前什么都不会删")
    if last is not None and last - now > timedelta(hours=1):
        return Finding("act", "时钟", f"{told}：时钟倒退了，请校准")
    return Finding("fine", "时钟", told)


async def _packs(settings: Settings) -> AsyncIterator[Finding]:
    from rules import PolicyError

    try:
        library = settings.library()
    except PolicyError as wrong:
        yield Finding("act", "政策包", str(wrong))
        return
    yield Finding("fine", "政策包", "、".join(notice.id for notice in library.notices))


async def _channels(settings: Settings) -> AsyncIterator[Finding]:
    looks: list[tuple[str, str, str]] = []
    if settings.telegram_token:
        looks.append(("Telegram", settings.telegram_api_base, "XUESHI_TELEGRAM_API_BASE"))
    if settings.wechat_token:
        looks.append(("微信", settings.wechat_api_base, "XUESHI_WECHAT_API_BASE"))
    if settings.smtp_url:
        looks.append(("邮件", settings.smtp_url, "XUESHI_SMTP_URL"))
    if settings.bounce_url:
        looks.append(("退信邮箱", settings.bounce_url, "XUESHI_BOUNCE_URL"))
    for about, url, name in looks:
        yield await _reachable(about, url, name)
    if not looks:
        yield Finding("mind", "渠道", "只有网页；Telegram、微信、邮件都没有设")


PORTS: dict[str, int] = {"http": 80, "https": 443, "smtp": 25, "smtps": 465, "imap": 143, "imaps": 993}


async def _reachable(about: str, url: str, name: str) -> Finding:
    parts = urlsplit(url)
    place = f"{parts.hostname}:{parts.port or PORTS[parts.scheme]}"
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or PORTS[parts.scheme])
        writer.close()
    except (OSError, TimeoutError) as wrong:
        return Finding("act", about, f"{place} 连不上（{wrong or type(wrong).__name__}）；请检查网络和 {name}")
    return Finding("fine", about, f"{place} 连得上")
