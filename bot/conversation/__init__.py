"""One message in, replies out: the one place where rules, storage and words meet. Answer and reply are committed before they return."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any, Protocol

import orjson

from bot import asking
from bot.answering import Answer, Answers
from bot.asking import Answered, Session, Step
from bot.asking.casefile import fold, notice_of
from bot.asking.questionnaire import wording
from bot.asking.states import ASKING
from bot.conversation import copy
from bot.conversation.reports import Reports
from bot.conversation.resume import ASKED, LASTS, Codes
from bot.messages import Choice, Contradiction, Exchange, Link, Message, Reply, Turn
from bot.telling.rendering import Rendering
from bot.telling.result import Result, result_of
from rules import Assessment, Library, Notice, assess
from storage import Conflict, Store, Stored, Written

__all__ = ["Beside", "Contradiction", "Conversation"]

_ATTEMPTS = 20
LONG = 300
"""Characters that are read at once; what is longer is read on a thread of its own."""
_FLAGS = ("numbered", "edits", "result")  # of a Reply


class Beside(Protocol):
    """What is none of the interview's: it may be asked and told again for the same message, and leaves the interview alone."""

    async def take(self, message: Message, *, asking: bool) -> tuple[Reply, ...] | None:
        """The answer to a message that is its own; `asking`: a question of the interview is open."""

    async def said(self, person: str, says: tuple[asking.Say, ...]) -> tuple[Reply, ...]:
        """What the interview is about to tell the person; what is to be told before it."""

    async def forget(self, person: str) -> None:
        """Everything of the person is about to be deleted."""


class Conversation:
    """Every channel's talk with every person; safe for any number of tasks, and for several processes on one store."""

    def __init__(
        self, packs: Library, store: Store, rendering: Rendering, answers: Answers, today: Callable[[], date],
        beside: Beside | None = None,
    ) -> None:  # fmt: skip
        self.beside = beside
        self.packs, self.store, self.rendering, self.answers, self.today = packs, store, rendering, answers, today
        self.codes, self.reports = Codes(store), Reports(store)
        self._waiting: dict[str, tuple[asyncio.Lock, int]] = {}
        self.turns: Counter[str] = Counter()  # by channel, since this process began

    async def take(
        self, message: Message, *, inbox: int | None = None, parts: Callable[[Turn], tuple[bytes, ...]] | None = None
    ) -> Turn:
        """The turn that a delivery leads to, stored before it returns; the same delivery again gives the same turn.

        `inbox` is the row of the inbox that this answers, `parts` makes of the turn what the outbox is to send; both are
        written in the same transaction.

        Raises:
            Contradiction: the id was used for something else.
            storage.Unavailable: the database cannot be used now.
        """
        digest = _digest(message)
        async with self._one_at_a_time(message.person):
            for attempt in range(_ATTEMPTS):
                stored = await self.store.load(message.person, message.id)
                if stored.earlier is not None:
                    if stored.earlier.digest != digest:
                        raise Contradiction(message.id)
                    return _turn(orjson.loads(stored.earlier.reply))
                today = self.today()
                over = self._over(message, stored, today)
                if over:
                    stored = replace(stored, session=None, expired=datetime.combine(today, time(), UTC))
                session = None if stored.session is None else asking.read_session(stored.session, self.packs, today)
                expired = stored.expired.date() if stored.expired is not None and session is None else None
                step, turn = await self._step(message, session, today, expired)
                kept = orjson.dumps(_stored(turn, _said(message, session, self, today)))
                written = Written(
                    person=message.person, revision=stored.revision, session=asking.written(step.session), message_id=message.id,
                    digest=digest, answer=step.answer, reply=kept, at=self.store.clock(), inbox=inbox,
                    channel=message.channel, parts=parts(turn) if parts is not None else (),
                )  # fmt: skip
                if step.report is not None:  # again is the same as once: it knows neither whose it is nor the hour
                    await self.reports.add(*step.report)
                try:
                    if step.forget or over:
                        await self.store.forget(message.person, written)
                    else:
                        await self.store.commit(written)
                except Conflict:
                    if attempt == _ATTEMPTS - 1:
                        raise
                    continue
                self.turns[message.channel] += 1
                return turn
        raise AssertionError("unreachable")

    def _over(self, message: Message, stored: Stored, today: date) -> bool:
        """Whether what is kept has outlived its period, although nobody has deleted it yet."""
        if stored.session is None or message.group or not self.store.clock_believed:
            return False
        last = date.fromisoformat(stored.session.get("day", today.isoformat()))
        return (today - last).days > self.rendering.retention_days

    async def _resumed(
        self, message: Message, own: Session | None, today: date
    ) -> tuple[tuple[Reply, ...], Message, Session | None]:
        """A code that opens the case of another phone: what is said of it, and the message and session that the interview is to
        go on with."""
        if message.group or message.kind not in ("text", "choice"):
            return (), message, own
        label, sure = wording().labels["resume"], message.choice.partition(".resume:")[2]
        sure = sure or (own.resume if own is not None and message.text.strip() == label else "")
        code = sure or self.codes.code_in(message.text)
        if not code:
            return (), message, own
        raw = await self.codes.open(code)
        opened = None if raw is None else asking.read_session(raw, self.packs, today)
        message = replace(message, kind="text", choice="", text="继续" if own else "/start")
        if opened is None:
            return (Reply(self.rendering.words("resumed", found=False)),), message, own
        if own is not None and own.cases["self"].log and code not in (sure, own.resume):
            way = Choice(f"{own.serial}.resume:{code}", label)
            return (Reply(self.rendering.words("resume_first"), aside=(way,)),), message, replace(own, resume=code)
        found = opened.taken_over(own or asking.new_session(self.packs, today))
        found.resume = ""
        return (Reply(self.rendering.words("resumed", found=True)),), replace(message, text="继续"), found

    async def _step(
        self, message: Message, session: Session | None, today: date, expired: date | None
    ) -> tuple[Step, Turn]:
        resumed, message, session = await self._resumed(message, session, today)
        step, turn = await self._interviewed(message, session, today, expired)
        return step, replace(turn, replies=resumed + turn.replies) if resumed else turn

    async def _interviewed(
        self, message: Message, session: Session | None, today: date, expired: date | None
    ) -> tuple[Step, Turn]:
        pending = session is not None and session.state == ASKING
        beside = None if self.beside is None else await self.beside.take(message, asking=pending)
        if beside is None and session is not None and copy.asked(message):
            beside = await copy.replies(self.store, message)
        if beside is None and session is not None and not message.group and ASKED.fullmatch(message.text.strip()):
            code = await self.codes.give(message.person) if session.cases["self"].log else ""
            beside = (Reply(self.rendering.words("resume_code", code=code, minutes=LASTS.seconds // 60)),)
        if beside is not None and session is not None:
            step = asking.untouched(self.packs, session, message, today)
            turn = self._turn(step, today)
            return step, replace(turn, replies=beside + turn.replies)
        if beside is not None or message.text.startswith("/start "):
            # their first word: they are greeted, too; and so is who brings a link or a code that nobody has taken
            message = replace(message, kind="text", text="/start")
        ask = self._ask(today)
        if len(message.text) > LONG:  # others go on meanwhile
            step = await asyncio.to_thread(asking.take, self.packs, session, message, today, ask, expired)
        else:
            step = asking.take(self.packs, session, message, today, ask, expired)
        if self.beside is not None:
            more = await self.beside.said(message.person, step.says)
            beside = (beside or ()) + more if more else beside
            if step.forget:
                await self.beside.forget(message.person)
        turn = self._turn(step, today)
        return step, turn if beside is None else replace(turn, replies=beside + turn.replies)

    async def everything(self, person: str) -> dict[str, Any]:
        """All that is kept of somebody, by table. Raises: storage.Unavailable."""
        return await copy.everything(self.store, person)

    async def knows(self, person: str) -> bool:
        """Whether anything is kept of somebody. Raises: storage.Unavailable."""
        return await self.store.knows(person)

    def assess(self, facts: Any) -> Assessment:
        """The assessment of one facts object, as of today."""
        return assess(self.packs, facts, self.today())

    def result(self, told: Turn | Exchange) -> Result:
        """The result that a turn told, as of today. Raises: TypeError where it told none."""
        if told.assessment is None:
            raise TypeError("no result was told")
        return result_of(told.assessment, told.facts, self.packs.of(told.assessment), self.today())

    def welcome(self) -> tuple[Reply, ...]:
        """What somebody new is greeted with, for a page that opens before a word is said; nothing is stored."""
        today = self.today()
        hello = Message("web", "", "", "", text="你好")
        return self._turn(asking.take(self.packs, None, hello, today, self._ask(today)), today).replies

    async def warm(self) -> None:
        """A talk of nobody's, kept nowhere, so that whoever comes first waits for nothing that is made on its first use.

        Raises: storage.Unavailable.
        """
        await self.store.load("", "")
        today, session, said = self.today(), None, Message("", "", "", "", text=wording().labels["begin"])
        while True:
            step = asking.take(self.packs, session, said, today, self._ask(today))
            session, _ = (
                asking.read_session(orjson.loads(asking.written(step.session)), self.packs, today),
                self._turn(step, today),
            )
            if step.assessment is not None:
                break
            codes = [code for code, _ in asking.codes(self.packs, session, today)]
            answer = next((code for code in codes if "=" in code or code in ("go:result", "go:unknown")), codes[0])
            said = Message("", "", "", "", "choice", choice=f"{session.serial}.{answer}")
        words = Message("", "", "", "", text=wording().questions["circumstances"].examples)
        self._turn(asking.take(self.packs, session, words, today, self._ask(today)), today)

    async def recent(self, person: str, limit: int = 20) -> list[Exchange]:
        """The last turns of a person, oldest first, for a page that is opened again."""
        found = []
        for raw in await self.store.recent(person, limit):
            body = orjson.loads(raw)
            turn = _turn(body)
            found.append(Exchange(body["said"], turn.replies, turn.facts, turn.assessment))
        return found

    def _ask(self, today: date) -> asking.Ask:
        def ask(
            text: str, facts: dict[str, Any], assessment: dict[str, Any] | None, notice: Notice, told: bool
        ) -> Answered | None:
            answers, (kind, _, name) = self.answers.of(notice), text.partition(":")
            if kind == "nearest":
                return Answered("", near=answers.nearest(name), sure=False)
            if kind in ("topic", "platform") and name.replace("-", "").isalnum() and name.isascii():
                try:
                    id = name if kind == "topic" else f"platform-{name}"
                    found: Answer | None = answers.topic(id, facts=facts, assessment=assessment, today=today)
                except KeyError:
                    return None
            else:
                found = self.answers.about(text, notice, today).ask(
                    text, facts=facts, assessment=assessment, told=told, today=today
                )
            if found is None:
                return None
            return Answered(
                found.text,
                found.links,
                found.near,
                sure=bool(found.topic),
                topic=found.topic,
                general=found.general,
                rests=bool(found.clauses),
            )

        return ask

    def _turn(self, step: Step, today: date) -> Turn:
        pack = notice_of(self.packs, fold(step.session.case), today)
        replies = self.rendering.replies(step.says, step.session.serial, pack, today)
        return Turn(step.state, step.facts, step.assessment, replies, step.toast)

    @asynccontextmanager
    async def _one_at_a_time(self, person: str) -> AsyncIterator[None]:
        """One person's messages in the order of their arrival; others never wait."""
        lock, count = self._waiting.get(person, (asyncio.Lock(), 0))
        self._waiting[person] = (lock, count + 1)
        try:
            async with lock:
                yield
        finally:
            lock, count = self._waiting[person]
            if count == 1:
                del self._waiting[person]
            else:
                self._waiting[person] = (lock, count - 1)


def _digest(message: Message) -> str:
    whole = "\x00".join((message.kind, message.text, message.choice, message.replaces))
    return hashlib.blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _said(message: Message, session: Session | None, talk: Conversation, today: date) -> str:
    """What the person said, as their page shows it: the words, or the label of the button; nothing of a group's talk."""
    if message.group:
        return ""
    if message.kind != "choice":
        return message.text or f"[{message.kind}]"
    if session is None:
        return message.choice
    labels = dict(asking.codes(talk.packs, session, today))
    code = message.choice.partition(".")[2]
    return labels.get(code) or _label_of(code)


def _label_of(code: str) -> str:
    """The label of a button of an earlier prompt."""
    asked, answers, value = code.partition("=")
    question = wording().questions.get(asked.partition(".")[0])
    if answers:
        return question.label(value) if question is not None else value
    kind, _, name = code.partition(":")
    return wording().labels.get(name) or wording().labels.get(kind, code)


def _stored(turn: Turn, said: str) -> dict[str, Any]:
    return {
        "said": said, "state": turn.state, "facts": turn.facts, "assessment": turn.assessment, "toast": turn.toast,
        "replies": [
            {
                "text": reply.text,
                "choices": [[choice.id, choice.label] for choice in reply.choices],
                "links": [[link.label, link.url] for link in reply.links],
                **({"aside": [[each.id, each.label] for each in reply.aside]} if reply.aside else {}),
                **({"look": reply.look} if reply.look else {}),
                "is": [name for name in _FLAGS if getattr(reply, name)],
            }
            for reply in turn.replies
        ],
    }  # fmt: skip


def _turn(body: dict[str, Any]) -> Turn:
    replies = tuple(
        Reply(
            reply["text"],
            tuple(Choice(*choice) for choice in reply["choices"]),
            tuple(Link(*link) for link in reply["links"]),
            aside=tuple(Choice(*choice) for choice in reply.get("aside", ())),
            look=reply.get("look"),
            **{name: True for name in reply.get("is", ()) if name in _FLAGS},
        )
        for reply in body["replies"]
    )
    return Turn(body["state"], body["facts"], body["assessment"], replies, body["toast"])
