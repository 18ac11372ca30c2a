"""A Bot API server on loopback: hands out updates and takes calls as the documentation says, and fails when it is told to."""

from __future__ import annotations

import asyncio
import json
import math
import time
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.botapi.faults import Fault, Kind
from tests.botapi.refusals import CAPTION, TOAST, Refused, bad, keyboard_of, text_of
from tests.botapi.world import Chat, Json, Person, Query, buttons, own

TOKEN = "4711000:AAOurOwnLoopbackTokenForTests_000001"
USERNAME = "xueshi_trial_bot"


@dataclass
class Call:
    """One call of the bot and how it was answered (0: not at all)."""

    method: str
    params: Json
    code: int = 0
    description: str = ""
    at: float = 0.0


class BotApi:
    """`async with BotApi() as api`; everything runs in the caller's event loop, over real sockets."""

    def __init__(self, *, query_life: float = 15.0) -> None:
        self.query_life = query_life
        self.chats: dict[int, Chat] = {}
        self.queries: dict[str, Query] = {}
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.hammered = 0  # calls made before the wait they had been told was over
        self.a_second: float | None = None  # messages one chat may get a second; None: as many as it likes
        self.changed = 0.0
        self.webhook: Json = {}
        self.commands: list[Json] = []
        self.files: list[bytes] = []
        self.polls = 0
        self._number = 100
        self._pending: list[Json] = []
        self._again: list[Json] = []
        self._news = asyncio.Event()
        self._poll = 0
        self._posting: set[asyncio.Task[None]] = set()
        self._queues: dict[tuple[int, bool], asyncio.Lock] = {}

    # ------------------------------------------------------------ start and stop

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=50 << 20)
        app.router.add_post("/bot{token}/{method}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self._client = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._posting:
            task.cancel()
        await asyncio.gather(*self._posting, return_exceptions=True)
        await self._client.close()
        await self._runner.cleanup()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # ------------------------------------------------------------ people and what they do

    def number(self) -> int:
        self._number += 1
        return self._number

    def person(self) -> Person:
        return Person(self, 7_000_000 + self.number())

    def group(self) -> Chat:
        chat = Chat(-self.number(), "group")
        self.chats[chat.id] = chat
        return chat

    def card_of(self, chat: Chat) -> Json:
        return {
            "id": chat.id,
            "type": chat.type,
            **({"title": "单位群"} if chat.type == "group" else {"first_name": "张老师"}),
        }

    def message(self, chat: Chat, content: Json) -> Json:
        message = {"message_id": self.number(), "chat": self.card_of(chat), "date": int(time.time()), **content}
        chat.messages[message["message_id"]] = message
        return message

    def push(self, content: Json) -> Json:
        """A new update."""
        update = {"update_id": self.number(), **json.loads(json.dumps(content))}
        self._pending.append(update)
        self._news.set()
        if self.webhook:
            self._post_soon(update)
        return update

    def again(self, update: Json, new_id: bool = False) -> None:
        """Delivers an update once more, as it was or under a new update id."""
        if new_id:
            self.push({key: value for key, value in update.items() if key != "update_id"})
        elif self.webhook:
            self._post_soon(update)
        else:
            self._again.append(update)
            self._news.set()

    def fail(self, kind: Kind, method: str = "send*", **more: Any) -> Fault:
        fault = Fault(kind, method, **more)
        self.faults.append(fault)
        return fault

    def waiting(self) -> int:
        """Updates that the bot has not confirmed."""
        return len(self._pending)

    def refused(self, *, but: tuple[str, ...] = ("answercallbackquery", "getupdates")) -> list[str]:
        """The calls that were wrong."""
        return [
            f"{call.method}: {call.description}" for call in self.calls if call.code == 400 and call.method not in but
        ]

    # ------------------------------------------------------------ a call

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"].lower()
        form = await request.post()
        params: Json = {key: value for key, value in form.items() if isinstance(value, str)}
        files = [value.file.read() for value in form.values() if isinstance(value, web.FileField)]
        call = Call(method, params, at=time.monotonic())
        self.calls.append(call)
        chat = int(params["chat_id"]) if params.get("chat_id") else None
        fault = next((fault for fault in self.faults if fault.strikes(method, chat)), None)
        kind = fault.kind if fault else None
        if kind == "slow" and fault:
            await asyncio.sleep(fault.seconds)
        if kind == "drop":
            return self._hang_up(request)
        if kind == "page":
            call.code = 502
            return web.Response(status=502, text="<html><h1>502 Bad Gateway</h1></html>", content_type="text/html")
        try:
            if request.match_info["token"] != TOKEN:
                raise Refused(401, "Unauthorized")
            if kind == "429" and fault:
                raise Refused(429, "Too Many Requests: retry later", retry_after=int(fault.seconds))
            if kind == "500":
                raise Refused(500, "Internal Server Error")
            result = await self._updates(params) if method == "getupdates" else self._do(method, params, files)
            call.code, body = 200, {"ok": True, "result": result}
        except Refused as refused:
            call.code, call.description = refused.code, refused.description
            body = {"ok": False, "error_code": refused.code, "description": refused.description}
            if refused.parameters:
                body["parameters"] = refused.parameters
        self.changed = time.monotonic()
        return self._hang_up(request) if kind == "lost" else web.json_response(body, status=call.code)

    @staticmethod
    def _hang_up(request: web.Request) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def _do(self, method: str, params: Json, files: list[bytes]) -> Any:
        match method:
            case "getme":
                return {"id": int(TOKEN.split(":")[0]), "is_bot": True, "first_name": "学时", "username": USERNAME}
            case "sendmessage":
                return self._send(params, {"text": text_of(params)})
            case "senddocument":
                if not files or not files[0]:
                    raise bad("file must be non-empty")
                self.files.append(files[0])
                return self._send(
                    params,
                    {
                        "document": {"file_id": "1", "file_unique_id": "1"},
                        "caption": text_of(params, "caption", CAPTION),
                    },
                )
            case "sendphoto":
                if not files or not files[0].startswith(b"\x89PNG"):
                    raise bad("wrong file: no picture")
                self.files.append(files[0])
                return self._send(
                    params,
                    {
                        "photo": [{"file_id": "2", "file_unique_id": "2", "width": 900, "height": 1400}],
                        "caption": text_of(params, "caption", CAPTION),
                    },
                )
            case "editmessagetext":
                return self._edit(params)
            case "answercallbackquery":
                return self._acknowledge(params)
            case "setwebhook" | "deletewebhook":
                return self._set_webhook(params if method == "setwebhook" else {})
            case "setmycommands":
                self.commands = json.loads(params["commands"])
                return True
        raise Refused(404, "Not Found: method not found")

    # ------------------------------------------------------------ messages

    def _target(self, params: Json) -> Chat:
        chat = self.chats.get(int(params["chat_id"]))
        if chat is None:
            raise bad("chat not found")
        if chat.moved_to is not None:
            raise Refused(
                400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.moved_to
            )
        if chat.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        if self.a_second is not None:
            self._flood(chat, self.a_second)
        return chat

    def _flood(self, chat: Chat, a_second: float) -> None:
        now = time.monotonic()
        if now < chat.told - 0.05:
            self.hammered += 1
            raise Refused(429, "Too Many Requests", retry_after=math.ceil(chat.told - now))
        while chat.floods and chat.floods[0] < now - 1.0:
            chat.floods.popleft()
        if len(chat.floods) >= a_second:
            chat.told = now + 1.0
            raise Refused(429, "Too Many Requests", retry_after=1)
        chat.floods.append(now)

    def _send(self, params: Json, content: Json) -> Json:
        chat, rows = self._target(params), keyboard_of(params)
        markup = {"reply_markup": {"inline_keyboard": rows}} if rows else {}
        sender = {"id": int(TOKEN.split(":")[0]), "is_bot": True, "first_name": "学时"}
        message = self.message(chat, {"from": sender, **content, **markup})
        chat.shown.append(("message", content.get("text", "[file]"), [button["text"] for button in buttons(message)]))
        return message

    def _edit(self, params: Json) -> Json:
        chat = self._target(params)
        message, text, rows = own(chat, params), text_of(params), keyboard_of(params)
        if "text" not in message:
            raise bad("there is no text in the message to edit")
        if (text, rows) == (message["text"], message.get("reply_markup", {}).get("inline_keyboard", [])):
            raise bad("message is not modified")
        message.pop("reply_markup", None)
        message |= {"text": text} | ({"reply_markup": {"inline_keyboard": rows}} if rows else {})
        chat.shown.append(("edit", text, [button["text"] for button in buttons(message)]))
        return message

    def _acknowledge(self, params: Json) -> bool:
        query = self.queries.get(params.get("callback_query_id", ""))
        toast = str(params.get("text") or "")
        if query is None or query.toast is not None or time.monotonic() - query.made > self.query_life:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if len(toast) > TOAST:
            raise bad("MESSAGE_TOO_LONG")
        query.toast = toast
        return True

    # ------------------------------------------------------------ updates

    async def _updates(self, params: Json) -> list[Json]:
        if self.webhook:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        self.polls += 1
        self._poll = mine = self._poll + 1
        self._news.set()  # whoever polled before is told that there is another
        offset = int(params.get("offset") or 0)
        if offset:
            self._pending = [update for update in self._pending if update["update_id"] >= offset]
        until = time.monotonic() + float(params.get("timeout") or 0)
        while True:
            await asyncio.sleep(0)
            if mine != self._poll:
                raise Refused(409, "Conflict: terminated by other getUpdates request")
            again, self._again = self._again, []
            found = [*again, *self._pending[:100]]
            if found or time.monotonic() >= until:
                return found
            self._news.clear()
            try:
                async with asyncio.timeout(min(1.0, max(0.01, until - time.monotonic()))):
                    await self._news.wait()
            except TimeoutError:
                pass

    def _set_webhook(self, params: Json) -> bool:
        changed = self.webhook.get("url") != params.get("url")
        self.webhook = dict(params)
        for update in self._pending if changed and params else ():
            self._post_soon(update)
        return True

    def _post_soon(self, update: Json) -> None:
        task = asyncio.get_running_loop().create_task(self._post(update))
        self._posting.add(task)
        task.add_done_callback(self._posting.discard)

    async def _post(self, update: Json) -> None:
        """Posts an update until it is taken, the next of the same queue after it; taps travel in queues of their own."""
        query = update.get("callback_query")
        said = query["message"] if query else update.get("message") or update["edited_message"]
        async with self._queues.setdefault((said["chat"]["id"], query is not None), asyncio.Lock()):
            await self._post_until_taken(update)

    async def _post_until_taken(self, update: Json) -> None:
        while self.webhook:
            headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.get("secret_token", "")}
            try:
                async with self._client.post(self.webhook["url"], json=update, headers=headers) as answer:
                    if answer.status < 300:
                        self._pending = [one for one in self._pending if one["update_id"] != update["update_id"]]
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.3)
