"""Calls to a platform of Tencent's: the access token, kept and renewed by one caller for all, and what each answer comes to."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

import orjson

from bot.messages import LIMITED, Delivery

if TYPE_CHECKING:
    import httpx

log = logging.getLogger("xueshi.wechat")

MARGIN = 300.0  # seconds before its end at which a token is renewed
PAUSE = 30.0  # seconds before another try where no token is given
LOST: Final = Delivery("doubt", reason="no_answer")

Answer = dict[str, Any] | Delivery
"""The platform's object, or what a call without one comes to."""
Asked = tuple[str, str, Mapping[str, str], Mapping[str, Any] | None]
"""A call: its method, path, query and JSON."""


class TokenCalls:
    """One account's calls. Platforms differ in how a token is asked for, and in what their codes mean: ENDED, that the token is renewed,
    MEANS, what a message comes to; a code that is in neither refuses. `client` may be another's; it is closed by `close`."""

    ENDED: ClassVar[frozenset[int]]
    MEANS: ClassVar[Mapping[int, Delivery]]

    def __init__(
        self, base: str, *, client: httpx.AsyncClient | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        import httpx

        self.base, self.clock = base, clock
        self.client = client or httpx.AsyncClient(timeout=httpx.Timeout(10.0, connect=5.0))
        self._token, self._until = "", 0.0
        self._renewing = asyncio.Lock()

    async def close(self) -> None:
        await self.client.aclose()

    def token_call(self, *, force: bool) -> Asked:
        """How a token is asked for; with `force` one that the platform has not given out before, where it can be asked for."""
        raise NotImplementedError

    async def called(self, path: str, body: Mapping[str, Any] | None = None, **more: Any) -> Answer:
        """One call with the token, which is renewed once if the platform takes it for ended. `more`: a query, or files."""
        query, ended = more.pop("query", {}), ""
        for _ in range(2):
            token = await self._access(ended)
            if isinstance(token, Delivery):
                return token
            answer = await self._call("POST", path, {"access_token": token, **query}, body, **more)
            if isinstance(answer, Delivery) or answer.get("errcode", 0) not in self.ENDED:
                return answer
            ended = token
        return Delivery("retry", PAUSE, "account")

    def came(self, answer: Answer) -> Delivery:
        """What a message comes to."""
        if isinstance(answer, Delivery):
            return answer
        code = answer.get("errcode")
        if code == 0:
            return Delivery("sent", platform_id=str(answer.get("msgid", "")))
        if not isinstance(code, int):
            return LOST
        log.info("a message was not taken: code %d", code)
        return self.MEANS.get(code, Delivery("refused", reason="refused"))

    async def _access(self, ended: str) -> str | Delivery:
        """A token other than the `ended` one. Everybody who needs a new one waits for the same call."""
        async with self._renewing:
            if self._token and self._token != ended and self.clock() < self._until:
                return self._token
            token = await self._renewed(force=False)
            if token == ended:  # the platform still hands out what it no longer takes
                token = await self._renewed(force=True)
            return token

    async def _renewed(self, *, force: bool) -> str | Delivery:
        answer = await self._call(*self.token_call(force=force))
        if isinstance(answer, Delivery):  # nothing was sent yet, so nothing is in doubt
            return Delivery("retry", 2.0, "unreachable") if answer == LOST else answer
        token, lasts = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(lasts, int):
            code = answer.get("errcode", 0)
            log.error("no access token is given: code %s", code)
            passing = self.MEANS.get(code)
            return (
                passing if passing is not None and passing.outcome == "retry" else Delivery("retry", PAUSE, "account")
            )
        self._token, self._until = token, self.clock() + max(lasts - MARGIN, lasts / 2)
        return token

    async def _call(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None, **more: Any
    ) -> Answer:
        import httpx

        if body is not None:
            more |= {"content": orjson.dumps(body), "headers": {"Content-Type": "application/json"}}
        try:
            answer = await self.client.request(method, self.base + path, params=query, **more)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return Delivery("unreachable", 2.0)
        except (httpx.HTTPError, httpx.InvalidURL):
            return LOST
        if answer.status_code == 429 or answer.status_code in (500, 502, 503):
            return Delivery("retry", 5.0, LIMITED if answer.status_code == 429 else "server_error")
        try:
            found = orjson.loads(answer.content)
        except orjson.JSONDecodeError:
            found = None
        return found if answer.status_code == 200 and isinstance(found, dict) else LOST


class Api(TokenCalls):
    """An official account of WeChat: customer-service messages, possible for a while after the person did something, and templates."""

    ENDED = frozenset({40001, 40014, 42001})
    MEANS: ClassVar[Mapping[int, Delivery]] = {
        -1: Delivery("retry", 2.0, "server_error"),  # too busy
        45009: Delivery("retry", 3600.0, LIMITED),  # the day's calls are used up
        45011: Delivery("retry", 60.0, LIMITED),  # too many calls a minute
        **dict.fromkeys((45015, 45047), Delivery("refused", reason="out_of_window")),
        **dict.fromkeys((40003, 43004), Delivery("refused", reason="unknown")),
        **dict.fromkeys((48001, 50002), Delivery("refused", reason="account")),
        **dict.fromkeys((40037, 47003), Delivery("refused", reason="wrong_template")),
    }

    def __init__(
        self, base: str, app_id: str, secret: str, *, client: httpx.AsyncClient | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        super().__init__(base, client=client, clock=clock)
        self.app_id, self.secret = app_id, secret

    def token_call(self, *, force: bool) -> Asked:
        """The stable kind: another process that renews does not end ours."""
        body = {"grant_type": "client_credential", "appid": self.app_id, "secret": self.secret, "force_refresh": force}
        return "POST", "/cgi-bin/stable_token", {}, body

    async def say(self, openid: str, text: str) -> Delivery:
        """A text."""
        return await self._custom(openid, "text", {"content": text})

    async def image(self, openid: str, content: bytes) -> Delivery:
        """A picture (PNG), which WeChat keeps for three days; an upload that was lost has sent nothing to anybody."""
        files = {"media": ("xueshi.png", content, "image/png")}
        found = await self.called("/cgi-bin/media/upload", query={"type": "image"}, files=files)
        if isinstance(found, Delivery):
            return Delivery("retry", 2.0, found.reason) if found == LOST else found
        media = found.get("media_id")
        if not isinstance(media, str) or not media:
            return Delivery("refused", reason="picture not taken")
        return await self._custom(openid, "image", {"media_id": media})

    async def _custom(self, openid: str, kind: str, held: Mapping[str, str]) -> Delivery:
        body = {"touser": openid, "msgtype": kind, kind: held}
        return self.came(await self.called("/cgi-bin/message/custom/send", body))

    async def template(self, openid: str, template_id: str, url: str, fields: Mapping[str, str]) -> Delivery:
        """A template message, at any time to who follows the account; a tap on it opens `url`."""
        data = {name: {"value": value} for name, value in fields.items()}
        body = {"touser": openid, "template_id": template_id, "url": url, "data": data}
        return self.came(await self.called("/cgi-bin/message/template/send", body))
