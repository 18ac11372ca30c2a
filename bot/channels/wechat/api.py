"""Calls to WeChat: the access token, kept and renewed by one caller for all, customer-service and template messages."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import orjson

from bot.messages import Delivery

if TYPE_CHECKING:
    import httpx

log = logging.getLogger("xueshi.wechat")

TOKEN_ENDED: Final = frozenset({40001, 40014, 42001})
AGAIN_AFTER: Final[Mapping[int, float]] = {-1: 2.0, 45009: 3600.0, 45011: 60.0}
"""Codes of WeChat's that pass: too busy, the day's calls used up, too many calls a minute; seconds to wait."""
REASONS: Final[Mapping[int, str]] = {
    40003: "unknown", 43004: "not subscribed", 40037: "no such template", 47003: "not what the template takes",
    45015: "out of window", 45047: "too many", 48001: "not permitted", 50002: "limited",
}  # fmt: skip
MARGIN = 300.0  # seconds before its end at which a token is renewed
PAUSE = 30.0  # seconds before another try where no token is given


class NoToken(Exception):
    """WeChat gives no access token now; what a sending becomes of it."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__(delivery.reason)
        self.delivery = delivery


class Api:
    """One account's calls. `client` may be another's; it is closed by `close`."""

    def __init__(
        self, base: str, app_id: str, secret: str, *, client: httpx.AsyncClient | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        import httpx

        self.base, self.app_id, self.secret, self.clock = base, app_id, secret, clock
        self.client = client or httpx.AsyncClient(timeout=httpx.Timeout(10.0, connect=5.0))
        self._token, self._until = "", 0.0
        self._renewing = asyncio.Lock()

    async def close(self) -> None:
        await self.client.aclose()

    async def say(self, openid: str, text: str) -> Delivery:
        """A customer-service message; possible for a while after the person did something."""
        body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        return await self.call("/cgi-bin/message/custom/send", body)

    async def image(self, openid: str, content: bytes) -> Delivery:
        """A picture (PNG) as a customer-service message."""
        media = await self._upload(content)
        if isinstance(media, Delivery):
            return media
        body = {"touser": openid, "msgtype": "image", "image": {"media_id": media}}
        return await self.call("/cgi-bin/message/custom/send", body)

    async def _upload(self, content: bytes) -> str | Delivery:
        """The id under which WeChat keeps a picture for three days; an upload that was lost has sent nothing to anybody."""
        import httpx

        ended = ""
        for _ in range(2):
            try:
                token = await self._access(ended)
                answer = await self.client.post(
                    f"{self.base}/cgi-bin/media/upload", params={"access_token": token, "type": "image"},
                    files={"media": ("xueshi.png", content, "image/png")},
                )  # fmt: skip
                found = orjson.loads(answer.content)
            except NoToken as missing:
                return missing.delivery
            except (httpx.HTTPError, orjson.JSONDecodeError) as error:
                return Delivery("retry", 2.0, type(error).__name__)
            if isinstance(found, dict) and found.get("errcode", 0) in TOKEN_ENDED:
                ended = token
                continue
            media = found.get("media_id") if isinstance(found, dict) else None
            if isinstance(media, str) and media:
                return media
            return Delivery("refused", reason="picture not taken")
        return Delivery("retry", PAUSE, "no valid token")

    async def template(self, openid: str, template_id: str, url: str, fields: Mapping[str, str]) -> Delivery:
        """A template message, at any time to who follows the account; a tap on it opens `url`."""
        data = {name: {"value": value} for name, value in fields.items()}
        body = {"touser": openid, "template_id": template_id, "url": url, "data": data}
        return await self.call("/cgi-bin/message/template/send", body)

    async def call(self, path: str, body: Mapping[str, Any]) -> Delivery:
        """One call with the access token, which is renewed once if WeChat takes it for ended; what became of it."""
        ended = ""
        for _ in range(2):
            try:
                token = await self._access(ended)
            except NoToken as missing:
                return missing.delivery
            answer = await self._post(path, {"access_token": token}, body)
            if isinstance(answer, Delivery):
                return answer
            code = answer.get("errcode", 0)
            if code not in TOKEN_ENDED:
                return _delivery(code, str(answer.get("msgid", "")))
            ended = token
        return Delivery("retry", PAUSE, "no valid token")

    async def _access(self, ended: str) -> str:
        """A token other than the `ended` one. Everybody who needs a new one waits for the same call."""
        async with self._renewing:
            if self._token and self._token != ended and self.clock() < self._until:
                return self._token
            token = await self._fetch(force=False)
            if token == ended:  # WeChat still hands out what it no longer takes
                token = await self._fetch(force=True)
            return token

    async def _fetch(self, *, force: bool) -> str:
        # The stable kind: another process that renews does not end ours.
        body = {"grant_type": "client_credential", "appid": self.app_id, "secret": self.secret, "force_refresh": force}
        answer = await self._post("/cgi-bin/stable_token", {}, body)
        if isinstance(answer, Delivery):
            # Nothing was sent yet, so nothing is in doubt.
            raise NoToken(Delivery("retry", answer.after or 2.0, answer.reason))
        token, lasts = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(lasts, int):
            code = answer.get("errcode", 0)
            log.error("wechat gives no access token: code %s", code)
            raise NoToken(Delivery("retry", AGAIN_AFTER.get(code, PAUSE), f"no token: {code}"))
        self._token, self._until = token, self.clock() + max(lasts - MARGIN, lasts / 2)
        return token

    async def _post(self, path: str, query: dict[str, str], body: Mapping[str, Any]) -> dict[str, Any] | Delivery:
        """WeChat's answer as an object, or what a call without such an answer comes to."""
        import httpx

        try:
            answer = await self.client.post(
                self.base + path, params=query, content=orjson.dumps(body), headers={"Content-Type": "application/json"}
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Delivery("retry", 2.0, type(error).__name__)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Delivery("doubt", reason=type(error).__name__)
        if answer.status_code == 429 or answer.status_code >= 500:
            return Delivery("retry", 5.0, f"status {answer.status_code}")
        try:
            found = orjson.loads(answer.content)
        except orjson.JSONDecodeError:
            found = None
        if answer.status_code != 200 or not isinstance(found, dict):
            return Delivery("doubt", reason=f"status {answer.status_code}, not WeChat's answer")
        return found


def _delivery(code: object, id: str) -> Delivery:
    if code == 0:
        return Delivery("sent", platform_id=id)
    if not isinstance(code, int):
        return Delivery("doubt", reason="not WeChat's answer")
    if code in AGAIN_AFTER:
        return Delivery("retry", AGAIN_AFTER[code], f"code {code}")
    return Delivery("refused", reason=f"{code} {REASONS.get(code, '')}".strip())
