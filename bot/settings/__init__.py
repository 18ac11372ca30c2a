"""The environment and `.env`, read once by the registry in registry.toml; every fault is reported at once, by name and line."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from bot.settings.dotenv import near, read
from bot.settings.entries import PREFIX, entries, names, registry

if TYPE_CHECKING:
    from bot.settings.wechat_template import WechatTemplate
    from rules import Library

LEAST_KEY = 32  # characters


class SettingsError(Exception):
    """Wrong or missing settings: one sentence each, every one of them."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator may set; see .env.example for each."""

    database_url: str
    policies: tuple[Path, ...]
    region: str
    data_dir: Path
    web_host: str
    web_port: int
    public_url: str
    trusted_proxies: tuple[str, ...]
    allowed_hosts: tuple[str, ...]
    metrics_token: str
    secret_key: str
    encryption_key: tuple[str, ...]
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
    bounce_url: str
    notices_per_second: int
    wecom_corp_id: str
    wecom_agent_id: str
    wecom_secret: str
    wecom_api_base: str
    wecom_users: str
    has_public_url: bool  # set by the operator: else links lead nowhere but to this machine

    def today(self) -> date:
        """The day that the service takes for today, in Inner Mongolia."""
        if self.fixed_today is not None:
            return self.fixed_today
        from zoneinfo import ZoneInfo

        return datetime.now(ZoneInfo("Asia/Shanghai")).date()

    def library(self) -> Library:
        """Every notice that is loaded: those of the product and those under the folders set. Raises: rules.PolicyError."""
        from rules import load

        return load(*self.policies, region=self.region)


class Given(NamedTuple):
    """A value as it was given, and where."""

    value: str
    place: str


def read_settings(environment: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env")) -> Settings:
    """The settings; the environment goes before `.env`.

    Raises: SettingsError naming every setting at fault.
    """
    faults: list[str] = []
    given = {} if dotenv is None else {name: Given(*line) for name, line in read(dotenv, names(), faults).items()}
    for key, value in (os.environ if environment is None else environment).items():
        if key.startswith(PREFIX) and not key.startswith(PREFIX + "TEST_"):
            given[key] = Given(value, "")
            if key not in names():
                faults.append(f"{key}: no such setting{near(key, names())}")
    values: dict[str, Any] = {}
    for name, entry in entries().items():
        value, place = given.get(PREFIX + name, Given("", ""))
        usual = str(entry.get("default", "")).format(**{known: _in_url(one) for known, one in values.items()})
        try:
            values[entry.get("field", name.lower())] = _read(entry, value.strip() or usual)
        except ValueError as wrong:
            faults.append(f"{PREFIX}{name}: {wrong}{place}")
            values[entry.get("field", name.lower())] = _read(entry, usual)
    for rule in registry()["together"]:
        if values[rule["when"].lower()]:
            faults += [
                f"{PREFIX}{name}: is needed with {PREFIX}{rule['when']}"
                for name in rule["needs"]
                if not values[name.lower()]
            ]
    if faults:
        raise SettingsError(faults)
    public_url = given.get(PREFIX + "PUBLIC_URL")
    return Settings(**values, has_public_url=public_url is not None and bool(public_url.value.strip()))


def _in_url(value: Any) -> Any:
    """An IPv6 address as it stands in an address of the web."""
    return f"[{value}]" if isinstance(value, str) and ":" in value else value


def _read(entry: Mapping[str, Any], text: str) -> Any:
    """Raises: ValueError with what it should be."""
    if not text and "default" not in entry:
        return _NOTHING.get(entry.get("kind", "text"), "")
    if "pattern" in entry and not re.fullmatch(entry["pattern"], text):
        raise ValueError(entry["must"])
    if len(text) < entry.get("shortest", 0):
        raise ValueError(f"has at least {entry['shortest']} characters")
    return _KINDS[entry.get("kind", "text")](entry, text)


def _whole(entry: Mapping[str, Any], text: str) -> int:
    low, high = entry["low"], entry["high"]
    if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise ValueError(f"is a whole number from {low} to {high}")
    return int(text)


def _switch(entry: Mapping[str, Any], text: str) -> bool:
    if text.lower() not in ("0", "1", "true", "false", "no", "yes"):
        raise ValueError("is 0 or 1")
    return text.lower() in ("1", "true", "yes")


def _one_of(entry: Mapping[str, Any], text: str) -> str:
    for value in entry["allowed"]:
        if text.lower() == value.lower():
            return str(value)
    raise ValueError(f"is one of {', '.join(entry['allowed'])}")


def _url(entry: Mapping[str, Any], text: str) -> str:
    try:
        scheme = urlsplit(text).scheme
    except ValueError:
        raise ValueError("is not an address") from None
    if scheme not in entry["schemes"]:
        raise ValueError(f"begins with {' or '.join(one + '://' for one in entry['schemes'])}")
    return text


def _site(entry: Mapping[str, Any], text: str) -> str:
    parts = urlsplit(_url(entry, text))
    try:
        whole = bool(parts.hostname) and (parts.port or 0) >= 0
    except ValueError:
        whole = False
    if not whole or parts.query or parts.fragment or set(text) & set(" \t\\"):
        raise ValueError(f"is not the address of a site, as {entry['schemes'][-1]}://name:port")
    return text.rstrip("/")


def _day(entry: Mapping[str, Any], text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("is a day, YYYY-MM-DD") from None


def _hours(entry: Mapping[str, Any], text: str) -> tuple[time, time]:
    match = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])-([01]?[0-9]|2[0-3]):([0-5][0-9])", text)
    if match is None:
        raise ValueError("is a span of the day, HH:MM-HH:MM")
    first, second, third, fourth = map(int, match.groups())
    return time(first, second), time(third, fourth)


def _folders(entry: Mapping[str, Any], text: str) -> tuple[Path, ...]:
    return tuple(Path(one) for one in text.split(":") if one.strip())


def _several(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _networks(entry: Mapping[str, Any], text: str) -> tuple[str, ...]:
    from ipaddress import ip_network

    try:
        return tuple(str(ip_network(one, strict=False)) for one in _several(text))
    except ValueError:
        raise ValueError("is a list of addresses or networks, as 127.0.0.1,10.0.0.0/8") from None


def _names(entry: Mapping[str, Any], text: str) -> tuple[str, ...]:
    if not all(re.fullmatch(r"[A-Za-z0-9.:_-]+", one) for one in _several(text)):
        raise ValueError("is a list of names, as xueshi.example.com,10.1.2.3")
    return tuple(one.lower() for one in _several(text))


def _keys(entry: Mapping[str, Any], text: str) -> tuple[str, ...]:
    if any(len(one) < LEAST_KEY for one in _several(text)):
        raise ValueError(f"is a key of at least {LEAST_KEY} characters, or several, the newest first, apart by commas")
    return _several(text)


def _wechat_template(entry: Mapping[str, Any], text: str) -> WechatTemplate:
    from bot.settings.wechat_template import wechat_template

    return wechat_template(text)


_KINDS: dict[str, Callable[[Mapping[str, Any], str], Any]] = {
    "text": lambda entry, text: text,
    "folders": _folders,
    "path": lambda entry, text: Path(text),
    "whole": _whole,
    "switch": _switch,
    "one_of": _one_of,
    "url": _url,
    "site": _site,
    "day": _day,
    "hours": _hours,
    "networks": _networks,
    "keys": _keys,
    "names": _names,
    "wechat_template": _wechat_template,
}
_NOTHING: dict[str, Any] = {
    "day": None,
    "wechat_template": None,
    "networks": (),
    "names": (),
    "folders": (),
    "keys": (),
}
