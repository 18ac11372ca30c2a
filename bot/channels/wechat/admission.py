"""Who may speak: signatures, the window against replays, and the two modes, in the clear and sealed."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

from bot.channels.wechat.encryption import Seal, signature, signed
from bot.channels.wechat.xml import document, fields

WINDOW = 300.0
"""Seconds that a call's timestamp may be off our clock."""
REMEMBERED = 50_000


class CallRefused(Exception):
    """A call that is not WeChat's, or that nobody can read: the HTTP status it gets, and why, for the log."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class WechatGate:
    """One account's token and, where its messages are sealed, its key."""

    def __init__(self, token: str, app_id: str, aes_key: str = "", *, clock: Callable[[], float] = time.time) -> None:
        self.token, self.clock = token, clock
        self.seal = Seal(aes_key, app_id) if aes_key else None
        self._bodies: OrderedDict[tuple[str, str], tuple[float, bytes]] = OrderedDict()

    def echo(self, query: Mapping[str, str]) -> str:
        """What WeChat wants back when the address is entered. Raises: Refused."""
        self._check(query, "signature")
        if not query.get("echostr"):
            raise CallRefused(400, "no echostr")
        return query["echostr"]

    def open(self, query: Mapping[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        """The fields of a delivery, and its XML in the clear. Raises: Refused."""
        if self.seal is None:
            self._check(query, "signature")
            self._once(query, body)
            return self._fields(body), body
        outer = self._fields(body)
        if not outer.get("Encrypt"):
            raise CallRefused(400, "in the clear, though messages are sealed")
        self._check(query, "msg_signature", outer["Encrypt"])
        self._once(query, body)
        try:
            inner = self.seal.open(outer["Encrypt"])
        except ValueError as error:
            raise CallRefused(400, f"the seal: {error}") from error
        return self._fields(inner), inner

    def close(self, reply: bytes) -> bytes:
        """A reply as it goes out: as it is, or sealed and signed."""
        if self.seal is None:
            return reply
        sealed, stamp, nonce = self.seal.close(reply), int(self.clock()), secrets.token_hex(8)
        proof = signature(self.token, str(stamp), nonce, sealed)
        return document({"Encrypt": sealed, "MsgSignature": proof, "TimeStamp": stamp, "Nonce": nonce})

    @staticmethod
    def _fields(body: bytes) -> dict[str, str]:
        try:
            return fields(body)
        except ValueError as error:
            raise CallRefused(400, str(error)) from error

    def _check(self, query: Mapping[str, str], name: str, *more: str) -> None:
        stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not (stamp and nonce and query.get(name)):
            raise CallRefused(403, "no signature")
        if not signed(query[name], self.token, stamp, nonce, *more):
            raise CallRefused(403, "a wrong signature")
        if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
            raise CallRefused(403, "no timestamp")
        if abs(self.clock() - int(stamp)) > WINDOW:
            raise CallRefused(403, "a timestamp far off this machine's clock")

    def _once(self, query: Mapping[str, str], body: bytes) -> None:
        """In the clear a signature does not cover the body: it stands for the first that came with it, and its retries."""
        key, now = (query["timestamp"], query["nonce"]), self.clock()
        print_ = hashlib.blake2b(body, digest_size=16).digest()
        while self._bodies:
            oldest = next(iter(self._bodies))
            if self._bodies[oldest][0] > now - 2 * WINDOW and len(self._bodies) < REMEMBERED:
                break
            del self._bodies[oldest]
        if self._bodies.setdefault(key, (now, print_))[1] != print_:
            raise CallRefused(403, "a signature that was used for another message")
