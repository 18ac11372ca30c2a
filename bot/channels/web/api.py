"""The JSON interface, `/api/chat` and `/api/assess`: bytes in, bytes out; it only translates."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from bot.channels.web.faults import HttpFault
from bot.channels.web.quotas import PROXY, Buckets, Limits, near, outside, proxied
from bot.channels.web.sessions import Sessions, is_session, sender
from bot.messages import Contradiction, Exchange, Kind, Message, Reply, Turn
from bot.telling.result import Result

if TYPE_CHECKING:
    from rules import Library

LONGEST_TEXT = 20_000  # characters
LONGEST_ID = 128
LONGEST_CHOICE = 200
CHAT_BYTES = 12 * LONGEST_TEXT + 16_384  # a character written as two JSON escapes takes twelve bytes
ASSESS_BYTES = 2 * 1024 * 1024
MOST_ASSESSED = 5_000  # people in one request: an answer of a dozen megabytes
BOM = b"\xef\xbb\xbf"  # which some editors and Windows tools put first
ESCAPED = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)", re.DOTALL)
AT_A_STRETCH = 20  # assessments between two looks at the other clients
BREATH = 0.0002  # seconds after each in which the thread lets the others have the interpreter
LONG_FACTS = 20_000  # bytes of one object that others would wait for
WAITING = 8  # requests for many people that may wait for their turn
A_TURN = 2_000  # bytes that a turn costs on disk, beside three times its text

NOT_JSON = {
    "status": "refused",
    "why": "invalid_json",
    "message": "内容不是合格的 JSON，请给一个事实对象，或它们的列表。",
}


class WebTalks(Protocol):
    """What the web needs of the conversation."""

    packs: Library

    async def take(self, message: Message) -> Turn:
        """Raises: Contradiction for an earlier id with other content."""
        ...

    async def knows(self, person: str) -> bool:
        """Whether anything is kept of somebody."""
        ...

    async def everything(self, person: str) -> dict[str, Any]:
        """All that is kept of somebody."""
        ...

    async def recent(self, person: str) -> Sequence[Exchange]:
        """The last turns, oldest first; none where nothing is kept."""
        ...

    def welcome(self) -> Sequence[Reply]:
        """What somebody new is greeted with."""
        ...

    def assess(self, facts: Any) -> dict[str, Any]: ...

    def result(self, told: Exchange) -> Result:
        """What a turn's result says today. Raises: TypeError where it told none."""
        ...


def message_of(session: str, message_id: str, *, text: str = "", choice: str = "") -> Message:
    """The delivery that a session's text or tapped button is."""
    kind: Kind = "choice" if choice else "text"
    text = text.replace("\0", "")  # which PostgreSQL cannot keep
    return Message("web", "", sender(session), message_id, kind=kind, text=text, choice=choice)


def person_of(session: str) -> str:
    """The key under which the conversation keeps this session's person."""
    return message_of(session, "").person


def reply_json(reply: Reply) -> dict[str, Any]:
    """A bubble in the contract's shape."""
    return {
        "text": reply.text,
        "choices": [{"id": choice.id, "label": choice.label} for choice in reply.choices],
        "links": [{"label": link.label, "url": link.url} for link in reply.links],
    }


def turn_json(session: str, turn: Turn) -> bytes:
    """The reply of `/api/chat`; the assessment in it has the bytes that `xueshi assess` prints."""
    return orjson.dumps(
        {
            "session": session,
            "state": turn.state,
            "facts": turn.facts,
            "assessment": turn.assessment,
            "replies": [reply_json(reply) for reply in turn.replies],
        }
    )


def mended(body: bytes, parse: Callable[[bytes], Any]) -> Any:
    """The JSON of a body with half a character in it, as left when an emoji is cut in two: in the text that half is replaced.

    Raises: ValueError where anything else is wrong, or the half is not in the text.
    """
    whole = ESCAPED.sub(lambda one: r"\ufffd" if one[1] else one[0], body.decode("utf-8", "replace"))
    asked = parse(whole.encode())
    if isinstance(asked, dict) and "\ufffd" in str({key: value for key, value in asked.items() if key != "text"}):
        raise ValueError("half a character where only whole ones can be meant")
    return asked


def read_delivery(body: bytes, parse: Callable[[bytes], Any]) -> tuple[str | None, str, str, str]:
    """Session, message id, text and choice of a request.

    Raises: Fault, naming the first thing that is wrong.
    """
    body = body.removeprefix(BOM)
    try:
        asked = parse(body)
    except ValueError:
        try:
            asked = mended(body, parse)
        except (ValueError, RecursionError):
            raise HttpFault("not_json") from None
    if not isinstance(asked, dict):
        raise HttpFault("not_object")
    session, message_id, text, choice = (asked.get(key) for key in ("session", "message_id", "text", "choice"))
    if session is not None and not is_session(session):
        raise HttpFault("bad_session")
    if not isinstance(message_id, str) or not 0 < len(message_id) <= LONGEST_ID or not message_id.isprintable():
        raise HttpFault("bad_message_id")
    if (text is None) == (choice is None):
        raise HttpFault("text_or_choice")
    if text is not None and not isinstance(text, str):
        raise HttpFault("bad_text")
    if choice is not None and not (
        isinstance(choice, str) and 0 < len(choice) <= LONGEST_CHOICE and choice.isprintable()
    ):
        raise HttpFault("bad_choice")
    if text is not None and len(text) > LONGEST_TEXT:
        raise HttpFault("text_too_long")
    return session, message_id, text or "", choice or ""


class Interface:
    """`/api/chat` and `/api/assess` over one conversation."""

    def __init__(
        self, talks: WebTalks, parse: Callable[[bytes], Any], sessions: Sessions, *, public: bool = False
    ) -> None:
        self.talks, self.parse, self.sessions = talks, parse, sessions
        self.per_session = Buckets(rate=30, burst=100)
        self.outside, self.proxied = outside(), proxied()
        self.near = self.proxied if public else near()
        self._many = asyncio.Semaphore(1)
        self._queue = 0
        self._thread = ThreadPoolExecutor(1, "assess")

    def limits(self, client: str) -> Limits:
        """What a client's address is held to; "" is this machine, which stands for a proxy where people come from elsewhere."""
        return self.proxied if client == PROXY else self.outside if client else self.near

    async def known(self, session: str) -> bool:
        """Whether a session is one of ours: given out under our key, or somebody is kept under it."""
        return self.sessions.ours(session) or (is_session(session) and await self.talks.knows(person_of(session)))

    async def take(self, session: str, message: Message, client: str) -> Turn:
        """One message to the conversation, if its sender is not too fast.

        Raises: Fault `too_fast` or `contradiction`.
        """
        limits = self.limits(client)
        self.per_session.take(session)
        limits.requests.take(client)
        limits.bytes.take(client, A_TURN + 3 * len(message.text.encode("utf-8", "replace")))
        if not await self.talks.knows(message.person):
            limits.newcomers.take(client)
        try:
            return await self.talks.take(message)
        except Contradiction:
            raise HttpFault("contradiction") from None

    async def chat(self, body: bytes, client: str) -> bytes:
        """The reply to one request of `/api/chat`.

        Raises: Fault.
        """
        given, message_id, text, choice = read_delivery(body, self.parse)
        if given is not None and not await self.known(given):
            raise HttpFault("bad_session")
        session = given or self.sessions.new()
        turn = await self.take(session, message_of(session, message_id, text=text, choice=choice), client)
        return turn_json(session, turn)

    async def assess(self, body: bytes, client: str) -> tuple[int, bytes | AsyncGenerator[bytes, None]]:
        """Status and body of one request of `/api/assess`: one assessment for an object, a list, piece by piece, for a list.

        Raises: Fault `too_fast`, `too_many`, `busy`.
        """
        self.limits(client).requests.take(client)
        try:
            asked = self.parse(body.removeprefix(BOM))
        except ValueError:
            return 400, orjson.dumps(NOT_JSON)
        if not isinstance(asked, list):
            if len(body) < LONG_FACTS:
                return 200, orjson.dumps(self.talks.assess(asked))
            some = asyncio.get_running_loop().run_in_executor(self._thread, self._some, [asked])
            return 200, await some
        if len(asked) > MOST_ASSESSED:
            raise HttpFault("too_many")
        self.limits(client).requests.take(client, len(asked) / 10)
        if self._queue >= WAITING:
            raise HttpFault("busy", retry_after=2)
        return 200, self._list(asked)

    async def _list(self, asked: list[Any]) -> AsyncGenerator[bytes, None]:
        """One list at a time, on a thread of its own, which leaves off after each stretch: people in conversation go first."""
        self._queue += 1
        try:
            async with self._many:
                yield b"["
                for start in range(0, len(asked), AT_A_STRETCH):
                    stretch = asked[start : start + AT_A_STRETCH]
                    some = await asyncio.get_running_loop().run_in_executor(self._thread, self._some, stretch)
                    yield b"," + some if start else some
                yield b"]"
        finally:
            self._queue -= 1

    def _some(self, stretch: list[Any]) -> bytes:
        some = []
        for facts in stretch:
            some.append(orjson.dumps(self.talks.assess(facts)))
            time.sleep(BREATH)
        return b",".join(some)
