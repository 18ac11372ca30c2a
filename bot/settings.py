"""The environment and `.env`, read once; every fault is reported at once, by name."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from bot.post.wechat_template import WechatTemplate

PREFIX = "XUESHI_"


class SettingsError(Exception):
    """Wrong or missing settings: one sentence each, every one of them."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator may set; see .env.example for each."""

    database_url: str
    data_dir: Path
    web_host: str
    web_port: int
    public_url: str
    has_public_url: bool  # set by the operator: without it links lead nowhere but to this machine
    secret_key: str
    telegram_token: str
    telegram_api_base: str
    telegram_webhook: bool
    log_level: str
    log_format: str
    retention_days: int
    fixed_today: date | None
    quiet_hours: tuple[time, time]
    wechat_token: str
    wechat_app_id: str
    wechat_app_secret: str
    wechat_aes_key: str
    wechat_api_base: str
    wechat_template: WechatTemplate | None
    smtp_url: str
    mail_from: str
    notices_per_second: int

    def today(self) -> date:
        """The day that the service takes for today, in Inner Mongolia."""
        if self.fixed_today is not None:
            return self.fixed_today
        from zoneinfo import ZoneInfo

        return datetime.now(ZoneInfo("Asia/Shanghai")).date()


NAMES = tuple(
    PREFIX + name
    for name in (
        "DATABASE_URL", "DATA_DIR", "WEB_HOST", "WEB_PORT", "PUBLIC_URL", "SECRET_KEY", "TELEGRAM_TOKEN", "TELEGRAM_API_BASE",
        "TELEGRAM_WEBHOOK", "LOG_LEVEL", "LOG_FORMAT", "RETENTION_DAYS", "TODAY", "QUIET_HOURS", "WECHAT_TOKEN", "WECHAT_APP_ID",
        "WECHAT_APP_SECRET", "WECHAT_AES_KEY", "WECHAT_API_BASE", "WECHAT_TEMPLATE", "SMTP_URL", "MAIL_FROM", "NOTICES_PER_SECOND",
    )
)  # fmt: skip


def read_settings(environment: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env")) -> Settings:
    """The settings; the environment goes before `.env`.

    Raises: SettingsError naming every setting at fault.
    """
    given = dict(_dotenv(dotenv)) if dotenv is not None else {}
    given |= {
        key: value
        for key, value in (os.environ if environment is None else environment).items()
        if key.startswith(PREFIX)
    }
    faults = [
        f"{name}: no such setting"
        for name in sorted(given)
        if name not in NAMES and not name.startswith(PREFIX + "TEST_")
    ]
    reader = _Reader(given, faults)
    data_dir = Path(reader.text("DATA_DIR", "data"))
    host, port = reader.text("WEB_HOST", "127.0.0.1"), reader.whole("WEB_PORT", 8080, 0, 65535)
    settings = Settings(
        database_url=reader.url(
            "DATABASE_URL",
            f"sqlite:///{data_dir / 'xueshi.db'}",
            ("sqlite", "sqlite+aiosqlite", "postgresql", "postgresql+asyncpg"),
        ),
        data_dir=data_dir,
        web_host=host,
        web_port=port,
        public_url=reader.url("PUBLIC_URL", f"http://{host}:{port}", ("http", "https")).rstrip("/"),
        has_public_url=bool(reader.text("PUBLIC_URL", "")),
        secret_key=reader.text("SECRET_KEY", ""),
        telegram_token=reader.text("TELEGRAM_TOKEN", ""),
        telegram_api_base=reader.url("TELEGRAM_API_BASE", "https://api.telegram.org", ("http", "https")).rstrip("/"),
        telegram_webhook=reader.switch("TELEGRAM_WEBHOOK"),
        log_level=reader.one_of("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
        log_format=reader.one_of("LOG_FORMAT", "text", ("text", "json")),
        retention_days=reader.whole("RETENTION_DAYS", 180, 1, 3650),
        fixed_today=reader.day("TODAY"),
        quiet_hours=reader.hours("QUIET_HOURS", "21:00-08:00"),
        wechat_token=reader.text("WECHAT_TOKEN", ""),
        wechat_app_id=reader.text("WECHAT_APP_ID", ""),
        wechat_app_secret=reader.text("WECHAT_APP_SECRET", ""),
        wechat_aes_key=reader.text("WECHAT_AES_KEY", ""),
        wechat_api_base=reader.url("WECHAT_API_BASE", "https://api.weixin.qq.com", ("http", "https")).rstrip("/"),
        wechat_template=reader.wechat_template("WECHAT_TEMPLATE"),
        smtp_url=reader.url("SMTP_URL", "", ("smtp", "smtps")),
        mail_from=reader.text("MAIL_FROM", ""),
        notices_per_second=reader.whole("NOTICES_PER_SECOND", 20, 0, 1000),
    )
    _together(settings, faults)
    if faults:
        raise SettingsError(faults)
    return settings


def _together(settings: Settings, faults: list[str]) -> None:
    """What only makes sense with something else beside it."""
    if settings.secret_key and len(settings.secret_key) < 32:
        faults.append("XUESHI_SECRET_KEY: has at least 32 characters")
    if settings.telegram_token and not re.fullmatch(r"\d+:[\w-]{20,}", settings.telegram_token):
        faults.append("XUESHI_TELEGRAM_TOKEN: is not a bot token (digits, a colon, letters)")
    if settings.telegram_webhook and not settings.telegram_token:
        faults.append("XUESHI_TELEGRAM_TOKEN: is needed for XUESHI_TELEGRAM_WEBHOOK=1")
    if settings.wechat_aes_key and not re.fullmatch(r"[A-Za-z0-9+/]{43}", settings.wechat_aes_key):
        faults.append("XUESHI_WECHAT_AES_KEY: has 43 letters and digits")
    if settings.wechat_token and not settings.wechat_app_id:
        faults.append("XUESHI_WECHAT_APP_ID: is needed with XUESHI_WECHAT_TOKEN")
    if settings.wechat_app_id and not settings.wechat_token:
        faults.append("XUESHI_WECHAT_TOKEN: is needed with XUESHI_WECHAT_APP_ID")
    if settings.wechat_template is not None and not (settings.wechat_app_id and settings.wechat_app_secret):
        faults.append("XUESHI_WECHAT_APP_SECRET: is needed, and XUESHI_WECHAT_APP_ID, with XUESHI_WECHAT_TEMPLATE")
    if settings.smtp_url and not settings.mail_from:
        faults.append("XUESHI_MAIL_FROM: is needed with XUESHI_SMTP_URL")


class _Reader:
    def __init__(self, given: Mapping[str, str], faults: list[str]) -> None:
        self.given, self.faults = given, faults

    def text(self, name: str, default: str) -> str:
        return self.given.get(PREFIX + name, "").strip() or default

    def _fault(self, name: str, reason: str) -> None:
        self.faults.append(f"{PREFIX}{name}: {reason}")

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        text = self.text(name, str(default))
        if not re.fullmatch(r"\d{1,9}", text) or not low <= int(text) <= high:
            self._fault(name, f"is a whole number from {low} to {high}")
            return default
        return int(text)

    def switch(self, name: str) -> bool:
        text = self.text(name, "0").lower()
        if text not in ("0", "1", "true", "false", "no", "yes"):
            self._fault(name, "is 0 or 1")
        return text in ("1", "true", "yes")

    def one_of(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        text = self.text(name, default)
        for value in allowed:
            if text.lower() == value.lower():
                return value
        self._fault(name, f"is one of {', '.join(allowed)}")
        return default

    def url(self, name: str, default: str, schemes: tuple[str, ...]) -> str:
        text = self.text(name, default)
        try:
            if text and urlsplit(text).scheme not in schemes:
                self._fault(name, f"begins with {' or '.join(scheme + '://' for scheme in schemes)}")
        except ValueError:
            self._fault(name, "is not an address")
        return text

    def day(self, name: str) -> date | None:
        text = self.text(name, "")
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self._fault(name, "is a day, YYYY-MM-DD")
            return None

    def wechat_template(self, name: str) -> WechatTemplate | None:
        text = self.text(name, "")
        if not text:
            return None
        from bot.post.wechat_template import wechat_template

        try:
            return wechat_template(text)
        except ValueError as wrong:
            self._fault(name, str(wrong))
            return None

    def hours(self, name: str, default: str) -> tuple[time, time]:
        text = self.text(name, default)
        match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-3]):([0-5]\d)", text)
        if match is None:
            self._fault(name, "is a span of the day, HH:MM-HH:MM")
            return time(21), time(8)
        first, second, third, fourth = map(int, match.groups())
        return time(first, second), time(third, fourth)


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values

    return {key: value or "" for key, value in dotenv_values(path).items() if key.startswith(PREFIX)}
