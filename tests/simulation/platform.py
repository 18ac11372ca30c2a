"""A platform on which people talk: it delivers what they say again and again until it is taken, and what reaches them is remembered."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from bot.messages import Delivery, Message, Turn
from bot.post import Screen
from storage import Letter
from storage.tables import micros

if TYPE_CHECKING:
    from tests.simulation.world import Process, World

CHANNEL = "telegram"  # one for which notices have words


def written_down(message: Message) -> bytes:
    """A message as it is delivered."""
    return orjson.dumps([message.sender, message.id, message.text])


def parts_of(message: Message, turn: Turn) -> tuple[bytes, ...]:
    """What is sent of a turn."""
    return tuple(
        orjson.dumps([message.id, number, reply.text, [one.label for one in reply.choices]])
        for number, reply in enumerate(turn.replies)
    )


@dataclass
class Platform:
    """What has reached whom, in order; and which letters may be repeated, because nobody can know that they arrived."""

    world: World

    def __post_init__(self) -> None:
        self.arrived: list[tuple[str, bytes]] = []
        """Account and content of what was said in the talk."""
        self.noticed: list[tuple[int, str]] = []
        """Line and account of every notice."""
        self.times: Counter[int] = Counter()
        """How often each letter of the talk has arrived."""
        self.doubtful: Counter[int] = Counter()
        self.lines_in_doubt: set[int] = set()
        self.out: dict[tuple[int, int], Process] = {}
        """Who has handed over each letter, by its number and the moment of its claim: a number may come again."""

        self.may_still_come: set[int] | None = None
        """Lines that had left, or were leaving, when their campaign was cancelled."""

    def loses(self, process: Process) -> None:
        """A process is about to die: whether what it had claimed has arrived, nobody can know."""
        for number, line, claimed in self.world.disk.of("SELECT id, line, claimed FROM outbox WHERE state = 'sending'"):
            if self.out.get((number, claimed), process) is process:
                self.doubts(number, line)

    def doubts(self, number: int, line: int | None) -> None:
        """Nobody can know whether a letter arrived."""
        if line is None:
            self.doubtful[number] += 1
        else:
            self.lines_in_doubt.add(line)

    def arrives(self, letter: Letter) -> None:
        if letter.line is None:
            self.times[letter.id] += 1
            self.arrived.append((letter.person, letter.body))
        else:
            self.noticed.append((letter.line, letter.person))


class Line:
    """A carrier of talk and a provider of notices, whose calls may fail in every way that calls fail."""

    channel = CHANNEL

    def __init__(self, platform: Platform, process: Process) -> None:
        self._platform, self._process = platform, process

    async def send(self, letter: Letter) -> Delivery:
        platform, chance = self._platform, self._platform.world.chance
        await self._process.alive()
        platform.out[letter.id, micros(letter.claimed)] = self._process
        await asyncio.sleep(chance.random() * 0.4)
        await self._process.alive()
        luck = chance.random()
        if luck < 0.08:
            return Delivery("retry", chance.random() * 2, "limited")
        if luck < 0.14:
            return Delivery("unreachable")
        platform.arrives(letter)
        await asyncio.sleep(chance.random() * 0.4)
        await self._process.alive()
        if luck > 0.92:
            platform.doubts(letter.id, letter.line)
            return Delivery("doubt", reason="lost")
        return Delivery("sent", platform_id=str(letter.id))

    async def close(self) -> None:
        return

    def read(self, body: bytes) -> Message:
        sender, id, text = orjson.loads(body)
        return Message(CHANNEL, "", sender, id, text=text)

    def parts(self, message: Message, body: bytes, turn: Turn, screen: Screen) -> tuple[bytes, ...]:
        return parts_of(message, turn)

    async def acknowledge(self, message: Message, body: bytes, turn: Turn | None) -> bool:
        return False

    def sorry(self, person: str) -> tuple[bytes, ...]:
        raise AssertionError("nothing was ever to be set aside")
