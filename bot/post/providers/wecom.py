"""Notices as messages of a WeCom (企业微信) application, by plain HTTP: its token, its codes, and whom a message did not reach."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any, Final

import httpx
import orjson

from bot.messages import Delivery
from bot.post.outcomes import LIMITED
from bot.post.wording import NoticeText
from storage import Letter

log = logging.getLogger("xueshi.notices")

SLOTS = 8
MARGIN = 300.0  # seconds before its end at which a token is renewed
TOKEN_ENDED: Final = frozenset({40014, 41001, 42001})
AGAIN: Final[Mapping[int, Delivery]] = {
    -1: Delivery("retry", 2.0, "server_error"),
    45009: Delivery("retry", 60.0, LIMITED),
    45033: Delivery("retry", 5.0, LIMITED),
}
"""Codes of WeCom's that pass: too busy, too many calls, too many at once."""
MEND: Final = frozenset({40001, 40013, 40056, 48002, 60011, 60020, 301002})
"""Secret, company or application are wrong, or this machine may not call: for somebody to mend."""
NOBODY: Final = frozenset({40003, 60111, 81013})
"""There is no such member, or the application is not theirs."""


class WecomNotices:
    """One application of one company; a member's account is the end of their address."""

    channel = "wecom"

    def __init__(self, base: str, corp_id: str, agent_id: str, secret: str) -> None:
        self._base, self._corp_id, self._agent_id, self._secret = base, corp_id, agent_id, secret
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(10.0, connect=5.0))
        self._token, self._until = "", 0.0
        self._renewing = asyncio.Lock()

    async def send(self, letter: Letter) -> Delivery:
        """One message; the same one within half an hour the platform shows once."""
        said, user = NoticeText.read(letter.body), letter.person.rpartition(":")[2]
        body = {
            "touser": user, "msgtype": "text", "agentid": int(self._agent_id), "text": {"content": said.text},
            "enable_duplicate_check": 1, "duplicate_check_interval": 1800,
        }  # fmt: skip
        ended = ""
        for _ in range(2):
            token = await self._access(ended)
            if isinstance(token, Delivery):
                return token
            answer = await self._call("POST", "/cgi-bin/message/send", {"access_token": token}, body)
            if isinstance(answer, Delivery):
                return answer
            if answer.get("errcode") not in TOKEN_ENDED:
                return _delivery(answer, user)
            ended = token
        return Delivery("retry", reason="account")

    async def close(self) -> None:
        await self._client.aclose()

    async def _access(self, ended: str) -> str | Delivery:
        """A token other than the `ended` one. Everybody who needs a new one waits for the same call."""
        async with self._renewing:
            if self._token and self._token != ended and time.monotonic() < self._until:
                return self._token
            query = {"corpid": self._corp_id, "corpsecret": self._secret}
            answer = await self._call("GET", "/cgi-bin/gettoken", query)
            if isinstance(answer, Delivery):  # nothing was sent yet, so nothing is in doubt
                return answer if answer.outcome != "doubt" else Delivery("unreachable")
            token, lasts = answer.get("access_token"), answer.get("expires_in")
            if not isinstance(token, str) or not token or not isinstance(lasts, int):
                code = answer.get("errcode")
                log.error("wecom gives no access token: code %s", code)
                return (
                    AGAIN.get(code, Delivery("retry", reason="account"))
                    if isinstance(code, int)
                    else Delivery("unreachable")
                )
            self._token, self._until = token, time.monotonic() + max(lasts - MARGIN, lasts / 2)
            return token

    async def _call(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None = None
    ) -> dict[str, Any] | Delivery:
        """WeCom's answer as an object, or what a call without one comes to."""
        content = None if body is None else orjson.dumps(body)
        try:
            answer = await self._client.request(method, self._base + path, params=query, content=content)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return Delivery("unreachable")
        except (httpx.HTTPError, httpx.InvalidURL):
            return Delivery("doubt", reason="no_answer")
        if answer.status_code == 429 or answer.status_code in (500, 502, 503):
            return Delivery("retry", 5.0, LIMITED if answer.status_code == 429 else "server_error")
        try:
            found = orjson.loads(answer.content)
        except orjson.JSONDecodeError:
            found = None
        return found if answer.status_code == 200 and isinstance(found, dict) else Delivery("doubt", reason="no_answer")


def _delivery(answer: Mapping[str, Any], user: str) -> Delivery:
    """What an answer to a message means."""
    code = answer.get("errcode")
    if code == 0:
        missed = str(answer.get("invaliduser") or "").lower().split("|")
        unlicensed = str(answer.get("unlicenseduser") or "").lower().split("|")
        if user.lower() in missed or user.lower() in unlicensed:
            return Delivery("refused", reason="unknown")
        return Delivery("sent", platform_id=str(answer.get("msgid", "")))
    if not isinstance(code, int):
        return Delivery("doubt", reason="no_answer")
    if code in MEND:
        return Delivery("retry", reason="account")
    return AGAIN.get(code) or Delivery("refused", reason="unknown" if code in NOBODY else "refused")
