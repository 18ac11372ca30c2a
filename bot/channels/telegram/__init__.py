"""The Telegram channel: connects when the library is loaded and the platform answers, and never holds up the web."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from bot.channels.telegram.receiving import poll, secret, webhook
from bot.channels.telegram.transport import TelegramCarrier
from bot.channels.telegram.updates import WORDS, Bot, person_of, place_of

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from bot.channels.telegram.calls import Calls
    from bot.post import Postbox
    from bot.settings import Settings
    from bot.telling.keepsakes import Keepsakes
    from storage import ProcessLock

__all__ = ["Telegram"]

log = logging.getLogger("xueshi.telegram")


class Telegram:
    """One bot. `routes` belong to the web app from the start; `run` lives until it is stopped or cancelled."""

    def __init__(
        self,
        settings: Settings,
        post: Callable[[TelegramCarrier], Postbox],
        lock: Callable[[str], ProcessLock],
        keepsakes: Keepsakes | None = None,
    ) -> None:
        self._settings = settings
        self.account = settings.telegram_token.partition(":")[0]
        self.carrier = TelegramCarrier(Bot(self.account), keepsakes)
        self._post = post(self.carrier)
        self._lock = lock(f"telegram polling {self.account}")
        key, token = settings.secret_key, settings.telegram_token
        self._path, self._secret = f"/telegram/{secret(key, token, 'path')}", secret(key, token, "header")
        self._stopping = asyncio.Event()

    @property
    def routes(self) -> list[BaseRoute]:
        return [webhook(self._path, self._secret, self.accept)] if self._settings.telegram_webhook else []

    async def accept(self, update: Mapping[str, Any]) -> None:
        """Keeps an update that is to be answered. Raises: storage.Unavailable."""
        place = place_of(update)
        if place is not None and place.group and "callback_query" in update:
            await self._tap_in_group(update)
        elif (person := person_of(update, self.carrier.bot)) is not None:
            await self._post.accept(self.account, str(update["update_id"]), person, _dumps(update))

    async def _tap_in_group(self, update: Mapping[str, Any]) -> None:
        """Nothing of a person is tapped where others look on."""
        if self.carrier.calls is not None:
            await self.carrier.calls.acknowledge(str(update["callback_query"]["id"]), WORDS["group_tap"])

    # ------------------------------------------------------------ life

    async def run(self) -> None:
        """Connects, receives and answers until `stop`; then finishes what is in hand."""
        stopping = asyncio.create_task(self._stopping.wait())
        living = asyncio.create_task(self._live())
        await asyncio.wait({stopping, living}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not living.done():
            living.cancel()
        try:
            await living
        except asyncio.CancelledError:
            if not self._stopping.is_set():
                raise
        finally:
            if self.carrier.calls is not None:
                await self.carrier.calls.close()

    def stop(self) -> None:
        """Makes `run` end in order."""
        self._stopping.set()

    async def _live(self) -> None:
        calls = await self._connected()
        async with self._post:
            log.info("telegram: connected as @%s", self.carrier.bot.username)
            if self._settings.telegram_webhook:
                await self._until(lambda: calls.receive_at(self._settings.public_url + self._path, self._secret))
                await self._menu(calls)
                await asyncio.Event().wait()
            else:
                await self._until(lambda: calls.receive_at("", ""))
                menu = asyncio.create_task(self._menu(calls))
                try:
                    await poll(calls, self.accept, self._lock)
                finally:
                    menu.cancel()

    async def _connected(self) -> Calls:
        """The calls, once the platform has told who we are."""
        calls = await asyncio.to_thread(self._load)
        self.carrier.calls = calls

        async def ask() -> None:
            self.carrier.bot = Bot(self.account, await calls.username())

        await self._until(ask)
        return calls

    def _load(self) -> Calls:
        import gc

        from bot.channels.telegram.calls import Calls

        gc.freeze()  # the library leaves half a million objects, which no collection need look at again
        return Calls(self._settings.telegram_token, self._settings.telegram_api_base)

    async def _until(self, work: Callable[[], Awaitable[None]]) -> None:
        """Tries until it succeeds; each new reason is said once."""
        from bot.channels.telegram.calls import Failed

        pause, last = 0.5, ""
        while True:
            try:
                return await work()
            except Failed as fault:
                if str(fault) != last:
                    last = str(fault)
                    log.error(
                        "telegram: no connection (%s); see XUESHI_TELEGRAM_TOKEN and XUESHI_TELEGRAM_API_BASE", last
                    )
            await asyncio.sleep(pause)
            pause = min(30.0, pause * 2)

    async def _menu(self, calls: Calls) -> None:
        from bot.channels.telegram.calls import Failed

        try:
            await calls.show_commands(WORDS["commands"])
        except Failed as fault:
            log.warning("telegram: the menu was not set: %s", fault)


def _dumps(update: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(update)
    except (TypeError, orjson.JSONEncodeError):
        return json.dumps(update).encode()  # half a surrogate pair: kept as it came, to fail by itself
