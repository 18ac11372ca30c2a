"""Whatever order deliveries, repeats, taps, edits and kill -9 come in: one stored answer each, and the question in sight."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import Phase
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from bot.app import conversation
from bot.channels.telegram.parts import bubbles
from bot.channels.telegram.updates import Bot, message_of
from bot.conversation import Conversation
from bot.messages import Turn
from bot.settings import Settings, read_settings
from tests.botapi import TOKEN, USERNAME, BotApi, buttons
from tests.botapi.world import Json
from tests.examples import examples
from tests.processes import free_port
from tests.telegram.process import Nursery

pytestmark = pytest.mark.slow

TEXTS = [
    "/start", "开始查询", "事业单位", "男，1985年6月，中级", "不对，我是副高", "上一步", "为什么问", "都没有", "看结果", "哈哈",
    "删除我的数据", "2023年公需30专业60，2024年公需30专业60", "2025年公需30专业41", "公需和专业有什么区别", "记不清", "重新开始", "👍",
]  # fmt: skip


US = Bot(TOKEN.split(":")[0], USERNAME)


class Delivered(RuleBasedStateMachine):
    """One person; beside the service the same messages, each once and undisturbed, go to a conversation of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.updates: list[Json] = []
        self.keyboards: list[Json] = []
        self.typed: list[Json] = []
        self.kills = 0
        self.nursery = Nursery()

    @initialize()
    def begin(self) -> None:
        self.runner.run(self._begin())

    async def _begin(self) -> None:
        path = Path(self.folder.name)
        self.api = await BotApi(query_life=600.0).__aenter__()
        self.log = path / "log"
        self.environment = {
            "XUESHI_DATA_DIR": str(path), "XUESHI_TELEGRAM_TOKEN": TOKEN, "XUESHI_TELEGRAM_API_BASE": self.api.base,
            "XUESHI_WEB_PORT": str(free_port()), "XUESHI_TODAY": "2025-09-01",
        }  # fmt: skip
        self.person = self.api.person()
        self.service = self.nursery.start(self.environment, self.log)
        await self._say("/start")
        await self.person.sees()

    async def _say(self, text: str) -> None:
        self.typed.append(self.person.says(text))
        self.updates.append(self.typed[-1])

    @rule(text=st.sampled_from(TEXTS))
    def says(self, text: str) -> None:
        self.runner.run(self._say(text))

    @rule(which=st.integers(0, 9), old=st.integers(0, 3))
    def taps(self, which: int, old: int) -> None:
        """A button of what is on the screen, or of what was there some time ago."""
        if not self.person.labels():
            return
        self.keyboards.append(self.person.keyboard())
        shown = self.keyboards[-1 - old % len(self.keyboards)]
        data = [button["callback_data"] for button in buttons(shown)]
        self.updates.append(self.person.taps_data(data[which % len(data)], shown)[1])

    @rule(text=st.sampled_from(TEXTS))
    def edits(self, text: str) -> None:
        self.updates.append(self.person.edits(self.typed[-1], text))

    @rule(which=st.integers(0, 20), new_id=st.booleans())
    def comes_again(self, which: int, new_id: bool) -> None:
        """Only after its first delivery was taken, as it does in life: an update is repeated, not sent ahead."""
        self.runner.run(self._taken())
        update = self.updates[which % len(self.updates)]
        self.updates.append(update)  # changes nothing, unless all was forgotten in between
        self.api.again(update, new_id)

    @rule(pause=st.floats(0, 0.15))
    def waits(self, pause: float) -> None:
        self.runner.run(asyncio.sleep(pause))

    @rule(pause=st.floats(0, 0.1))
    def is_killed(self, pause: float) -> None:
        async def strike() -> None:
            await asyncio.sleep(pause)
            self.nursery.kill(self.service)
            self.kills += 1
            self.service = self.nursery.start(self.environment, self.log)

        self.runner.run(strike())

    async def _taken(self, rest: int = 4) -> None:
        """Returns when everything was confirmed and the bot has been quiet for a while."""
        async with asyncio.timeout(180):
            while self.api.waiting() or self.api._again:
                await asyncio.sleep(0.02)
            quiet = 0
            while quiet < rest or self._at_work():
                calls = len([call for call in self.api.calls if call.method != "getupdates"])
                await asyncio.sleep(0.05)
                same = calls == len([call for call in self.api.calls if call.method != "getupdates"])
                quiet = quiet + 1 if same else 0

    def _at_work(self) -> bool:
        """Whether a message is left that was taken and not answered, or an answer that was not sent."""
        with closing(sqlite3.connect(Path(self.folder.name) / "xueshi.db", timeout=20)) as database:
            left = database.execute(
                "SELECT 1 FROM inbox WHERE state = 'waiting' UNION SELECT 1 FROM outbox WHERE state IN ('waiting', 'sending')"
            )
            return left.fetchone() is not None

    def teardown(self) -> None:
        try:
            if hasattr(self, "service"):
                self.runner.run(self._finish())
        finally:
            self.runner.close()
            self.folder.cleanup()

    async def _finish(self) -> None:
        try:
            await self._taken(rest=16)
            await self.nursery.end(self.service)
            await self._compare()
        finally:
            self.nursery.kill_all()
            await self.api.__aexit__()

    async def _compare(self) -> None:
        path = Path(self.folder.name)
        person = f"telegram:{US.id}:{self.person.id}"
        async with conversation(self._settings(path)) as here:
            stored = await here.store.load(person)
        async with conversation(self._settings(path / "undisturbed")) as there:
            shown, texts = await self._undisturbed(there)
            wanted = await there.store.load(person)
        assert stored.session == wanted.session  # every message was taken, once, in its order
        assert self.person.labels() == shown  # the pending question is in sight
        assert self.api.refused() == []
        said = Counter(text for what, text, _ in self.person.chat.shown if what == "message")
        assert sum((said - texts).values()) <= self.kills

    async def _undisturbed(self, talks: Conversation) -> tuple[list[str], Counter[str]]:
        """The buttons that stand at the end, and every text that was said, when nothing goes wrong."""
        labels: list[str] = []
        texts: Counter[str] = Counter()
        for update in self.updates:
            message = message_of(update, US)
            assert message is not None
            made: list[Turn] = []

            def note(turn: Turn, made: list[Turn] = made) -> tuple[bytes, ...]:
                made.append(turn)
                return ()

            turn = await talks.take(message, parts=note)
            if made and turn is made[-1] and not (turn.toast and message.kind == "choice"):
                texts.update(call["text"] for call in bubbles(0, turn.replies))
                labels = [choice.label for choice in turn.replies[-1].choices]
        return labels, texts

    def _settings(self, path: Path) -> Settings:
        return read_settings({"XUESHI_DATA_DIR": str(path), "XUESHI_TODAY": "2025-09-01"}, dotenv=None)


TestDelivered = Delivered.TestCase
# Every step takes its time: shrinking would take hours.
TestDelivered.settings = examples(5, stateful_step_count=20, phases=(Phase.explicit, Phase.reuse, Phase.generate))
