"""WeChat's side over real sockets, written from its documentation: callbacks with their retries, and the API with its limits.

Independent of the product: it seals, signs and reads XML by other means, so that one mistake cannot hide in both.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import httpx
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

TOKEN, APP_ID, SECRET, NAME = "peertoken", "wxpeer0123456789", "peersecret0123456789", "gh_peer"
TEXT_BYTES = 2048
FIELD_RULES = {
    "thing": r"[^\r\n]{1,20}", "character_string": r"[\x21-\x7e]{1,32}", "number": r"[0-9.]{1,32}", "phone_number": r"[0-9+()-]{1,17}",
    "time": r"(\d{4}年\d{1,2}月\d{1,2}日 )?\d{1,2}:\d{2}", "date": r"\d{4}年\d{1,2}月\d{1,2}日( \d{1,2}:\d{2})?", "phrase": r"[一-龥]{1,5}",
}  # fmt: skip
FAULT = "该公众号提供的服务出现故障，请稍后再试"


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")


def seal(text: bytes, key: str, app_id: str) -> str:
    raw = base64.b64decode(key + "=")
    whole = secrets.token_bytes(16) + len(text).to_bytes(4, "big") + text + app_id.encode()
    padder = PKCS7(256).padder()
    cipher = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).encryptor()
    return base64.b64encode(cipher.update(padder.update(whole) + padder.finalize()) + cipher.finalize()).decode()


def unseal(sealed: str, key: str) -> tuple[bytes, str]:
    """The text and the app id."""
    raw = base64.b64decode(key + "=")
    cipher = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).decryptor()
    unpadder = PKCS7(256).unpadder()
    plain = unpadder.update(cipher.update(base64.b64decode(sealed)) + cipher.finalize()) + unpadder.finalize()
    size = int.from_bytes(plain[16:20], "big")
    return plain[20 : 20 + size], plain[20 + size :].decode()


def document(**values: str | int) -> bytes:
    return ("<xml>" + "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in values.items()) + "</xml>").encode()


@dataclass
class Reply:
    """What came back to one delivery, and what the person reads of it."""

    status: int
    body: bytes = b""
    text: str = ""
    fault: str = ""
    took: float = 0.0
    tries: int = 1


class Account:
    """The platform's end of one official account: calls the callback and judges what comes back."""

    def __init__(
        self, url: str, *, key: str = "", patience: float = 5.0, clock: Callable[[], float] = time.time
    ) -> None:
        self.url, self.key, self.patience, self.clock = url, key, patience, clock
        self.client = httpx.AsyncClient(timeout=patience, limits=httpx.Limits(max_connections=200))
        self.numbers = itertools.count(23_000_000_000_000_000)

    def query(self, **more: str) -> dict[str, str]:
        stamp, nonce = str(int(self.clock())), secrets.token_hex(5)
        return {"signature": sign(TOKEN, stamp, nonce), "timestamp": stamp, "nonce": nonce, **more}

    def message(self, sender: str, kind: str = "text", **values: str | int) -> bytes:
        number: dict[str, str | int] = {} if kind == "event" else {"MsgId": next(self.numbers)}
        head = {"ToUserName": NAME, "FromUserName": sender, "CreateTime": int(self.clock()), "MsgType": kind}
        return document(**(head | number | values))

    async def call(self, query: dict[str, str], body: bytes) -> httpx.Response:
        return await self.client.post(self.url, params=query, content=body, headers={"Content-Type": "text/xml"})

    async def deliver(self, body: bytes, sender: str) -> Reply:
        """One try."""
        query = self.query(openid=sender)
        if self.key:
            sealed = seal(body, self.key, APP_ID)
            query |= {"encrypt_type": "aes", "msg_signature": sign(TOKEN, query["timestamp"], query["nonce"], sealed)}
            body = document(ToUserName=NAME, Encrypt=sealed)
        began = time.monotonic()
        try:
            answer = await self.call(query, body)
        except httpx.HTTPError as error:
            return Reply(0, fault=type(error).__name__, took=time.monotonic() - began)
        reply = Reply(answer.status_code, answer.content, took=time.monotonic() - began)
        try:
            reply.text = self.judge(answer, sender)
        except (ValueError, AssertionError, ElementTree.ParseError) as error:
            reply.fault, reply.text = str(error) or type(error).__name__, FAULT
        return reply

    async def push(self, body: bytes, sender: str) -> Reply:
        """As WeChat does: again, with a new signature, where nothing came in time; three times in all."""
        reply = Reply(0)
        for tries in (1, 2, 3):
            reply = await self.deliver(body, sender)
            reply.tries = tries
            if reply.status:
                break
        return reply

    async def say(self, sender: str, text: str) -> Reply:
        return await self.push(self.message(sender, Content=text), sender)

    def judge(self, answer: httpx.Response, sender: str) -> str:
        if answer.status_code != 200:
            raise ValueError(f"status {answer.status_code}")
        if answer.content in (b"", b"success"):
            return ""
        fields = {one.tag: one.text or "" for one in ElementTree.fromstring(answer.content)}
        if self.key:
            proof = sign(TOKEN, fields["TimeStamp"], fields["Nonce"], fields["Encrypt"])
            assert proof == fields["MsgSignature"], "a wrong signature"
            inner, app_id = unseal(fields["Encrypt"], self.key)
            assert app_id == APP_ID, "of another account"
            fields = {one.tag: one.text or "" for one in ElementTree.fromstring(inner)}
        assert (fields["ToUserName"], fields["FromUserName"]) == (sender, NAME), "addressed wrongly"
        assert fields["MsgType"] == "text", "no text"
        assert fields["CreateTime"].isdigit(), "no time"
        assert fields["Content"].strip(), "an empty text"
        assert len(fields["Content"].encode()) <= TEXT_BYTES, "too long"
        return fields["Content"]


@dataclass
class Allowance:
    """How many customer-service messages a person may still be sent, and until when."""

    left: int
    until: float


@dataclass(frozen=True)
class Card:
    """A template message as it was shown."""

    openid: str
    url: str
    fields: dict[str, str]


@dataclass
class Platform:
    """api.weixin on a port of this machine. `plan` holds what befalls the next calls of a path: an errcode, an HTTP
    status, "page" (a proxy's), "cut" (the answer is lost after the call was carried out) or "shut" (before it)."""

    lifetime: int = 7200
    clock: Callable[[], float] = time.time
    plan: dict[str, list[int | str]] = field(default_factory=dict)
    tokens: dict[str, float] = field(default_factory=dict)
    current: str = ""
    fetched: int = 0
    calls: list[tuple[str, int]] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)
    pictures: list[bytes] = field(default_factory=list)
    allowed: dict[str, Allowance] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    templates: dict[str, tuple[str, ...]] = field(default_factory=dict)  # the account's own: id and fields
    cards: list[Card] = field(default_factory=list)
    pause: float = 0.0  # seconds that every call takes
    server: asyncio.Server | None = None

    async def start(self) -> str:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        host, port = self.server.sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"

    async def stop(self) -> None:
        if self.server is not None:
            self.server.close()

    def acted(self, openid: str, *, menu: bool = False) -> None:
        """The person wrote (five messages in two days), or tapped the menu or followed (three within a minute)."""
        count, seconds = (3, 60.0) if menu else (5, 48 * 3600.0)
        self.allowed[openid] = Allowance(count, self.clock() + seconds)

    def expire(self) -> None:
        self.tokens.clear()
        self.current = ""

    def texts(self, openid: str) -> list[str]:
        return [text for to, text in self.sent if to == openid]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                target, size = line.split()[1].decode(), 0
                while (header := await reader.readline()).strip():
                    name, _, value = header.decode().partition(":")
                    size = int(value) if name.lower() == "content-length" else size
                body = await reader.readexactly(size)
                await asyncio.sleep(self.pause)
                answer = self._answer(urlsplit(target).path, parse_qs(urlsplit(target).query), body)
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _answer(self, path: str, query: dict[str, list[str]], body: bytes) -> bytes | None:
        planned = next((plan.pop(0) for end, plan in self.plan.items() if path.endswith(end) and plan), None)
        if planned == "shut":
            return None
        if planned == "page":
            return b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>"
        if isinstance(planned, int) and 400 <= planned < 600:
            return b"HTTP/1.1 %d Fault\r\nContent-Length: 0\r\n\r\n" % planned
        data = {"picture": body} if path.endswith("/media/upload") else json.loads(body)
        result = {"errcode": planned} if isinstance(planned, int) else self._carry_out(path, query, data)
        self.calls.append((path, int(result.get("errcode", 0))))
        if planned == "cut":
            return None
        found = json.dumps(result).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
            len(found),
            found,
        )

    def _carry_out(self, path: str, query: dict[str, list[str]], data: dict[str, Any]) -> dict[str, Any]:
        if path == "/cgi-bin/stable_token":
            if (data["appid"], data["secret"], data["grant_type"]) != (APP_ID, SECRET, "client_credential"):
                return {"errcode": 40125}
            self.fetched += 1
            if data["force_refresh"] or self.tokens.get(self.current, 0) <= self.clock():
                self.current = secrets.token_hex(20)
                self.tokens[self.current] = self.clock() + self.lifetime
            return {"access_token": self.current, "expires_in": int(self.tokens[self.current] - self.clock())}
        until = self.tokens.get(query["access_token"][0])
        if until is None:
            return {"errcode": 40001}
        if until <= self.clock():
            return {"errcode": 42001}
        if path == "/cgi-bin/message/template/send":
            code = self._template(data)
            return (
                {"errcode": code, "msgid": 3_000_000_000_000_000_000 + len(self.cards)}
                if not code
                else {"errcode": code}
            )
        if path == "/cgi-bin/media/upload":
            self.pictures.append(data["picture"])
            return {"type": "image", "media_id": f"media{len(self.pictures)}"}
        assert path == "/cgi-bin/message/custom/send", path
        return {"errcode": self._custom(data)}

    def _template(self, data: dict[str, Any]) -> int:
        """Every field of the template, each within the rules of its kind, to who follows the account."""
        openid, names = data["touser"], self.templates.get(data["template_id"])
        if not re.fullmatch(r"[\w-]{1,64}", openid):
            return 40003
        if names is None:
            return 40037
        if openid in self.left:
            return 43004
        said = {name: str(given["value"]) for name, given in data["data"].items()}
        if set(said) != set(names):
            return 47003
        if not all(re.fullmatch(FIELD_RULES[name.rstrip("0123456789")], value) for name, value in said.items()):
            return 47003
        self.cards.append(Card(openid, data.get("url", ""), said))
        return 0

    def _custom(self, data: dict[str, Any]) -> int:
        openid, kind = data["touser"], data["msgtype"]
        text = data["text"]["content"] if kind == "text" else f"[{data['image']['media_id']}]"
        allowance = self.allowed.get(openid)
        if openid in self.left:
            return 43004
        if allowance is None or allowance.until <= self.clock():
            return 45015
        if allowance.left <= 0:
            return 45047
        if not text.strip() or len(text.encode()) > TEXT_BYTES:
            return 45002
        allowance.left -= 1
        self.sent.append((openid, text))
        return 0
