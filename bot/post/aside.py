"""What reaches the conversation but is none of the interview's: binding codes, taps on notices, wanting no more of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date

from bot.asking import Say
from bot.messages import Message, Reply
from bot.post.notice_words import wants_no_more, words
from bot.post.proofs import TOKEN, Bindings, code_in, line_of
from bot.telling.rendering import phone_link
from bot.telling.result import Result, result_of
from rules import Library, assess
from storage import AddressBook, Campaigns, NoticeLine, Store, Taken

_TAP = re.compile(rf"n:({TOKEN})(:stop)?", re.ASCII)
_EXPLICIT = re.compile(r"\s*(?:/start\b|/bind\b|绑定)|.*\w-\w+-\w")  # meant as a code, whatever it is
_HUSH = {"unsubscribed": True, "resubscribed": False}


class Aside:
    """`bot.conversation.Beside` for notices: what it answers leaves the interview where it was."""

    def __init__(self, store: Store, packs: Library, key: bytes, today: Callable[[], date]) -> None:
        self._campaigns, self.accounts = Campaigns(store), AddressBook(store)
        self.bindings = Bindings(self.accounts, key)
        self._packs, self._key, self._today = packs, key, today

    async def take(self, message: Message, *, asking: bool) -> tuple[Reply, ...] | None:
        """The answer to a message that is ours; None for one that is the interview's, which may be `asking` just now."""
        if message.group:
            return None
        if not asking and wants_no_more(message.text, "asking_nothing") and await self._noticed(message.person):
            await self.accounts.hush(message.person, True)
            return _said("stopped")
        if message.kind == "choice":
            tap = _TAP.fullmatch(message.choice)
            return None if tap is None else await self._tapped(message.person, tap[1], stop=tap[2] is not None)
        code = code_in(message.text) if message.kind in ("text", "event", "voice") else None
        return None if code is None else await self._brought(message, code)

    async def said(self, person: str, says: Iterable[Say]) -> tuple[Reply, ...]:
        """Honours everywhere at once what the interview has just told the person; what is to be said beside it. Asking to be
        reminded undoes no refusal: that is asked for by its own word."""
        for say in says:
            if say.template in _HUSH:
                await self.accounts.hush(person, _HUSH[say.template])
            elif say.template == "remind" and await self.accounts.silent(person):
                return _said("still_silent")
        return ()

    async def _noticed(self, person: str) -> bool:
        """Whether notices may reach this account."""
        return bool(await self.accounts.subjects(person)) and not await self.accounts.silent(person)

    async def forget(self, person: str) -> None:
        """The person wants nothing kept of them."""
        await self.accounts.forget(person)

    async def _brought(self, message: Message, code: str) -> tuple[Reply, ...] | None:
        try:
            bound = await self.bindings.bind(message.person, code)
        except Taken:
            return _said("taken")
        if bound is None:
            return _said("no_code") if _EXPLICIT.match(message.text) else None
        return _said("bound")

    async def _tapped(self, person: str, token: str, *, stop: bool) -> tuple[Reply, ...]:
        row = await self.row(token)
        if row is None:
            return _said("gone")
        if row.address != person and row.subject not in await self.accounts.subjects(person):
            return _said("not_yours")
        if stop:
            await self.accounts.hush(person, True)
            return _said("stopped")
        result = await self.opened(row)
        if result is None:
            return _said("gone")
        places = [place for step in result.steps if step.id in ("card", "policy") for place in step.places]
        links = tuple(phone_link(place.name, phone) for place in places for phone in place.phones)
        return (Reply(f"{result.words}\n{words()['says']['from_roster']}", links=links),)

    async def row(self, token: str) -> NoticeLine | None:
        """The notice that a link or button of ours belongs to, while it is kept; None for any other."""
        return await line_of(self._campaigns, self._key, token)

    async def opened(self, row: NoticeLine) -> Result | None:
        """The person's own result as it stands today; that they looked is noted. None where no notice is loaded any more that it could be
        told from."""
        await self._campaigns.opened(row.id)
        try:
            assessment = assess(self._packs, row.facts, self._today())
            return result_of(assessment, row.facts, self._packs.of(assessment), self._today())
        except KeyError:
            return None


def _said(what: str) -> tuple[Reply, ...]:
    return (Reply(words()["says"][what]),)
