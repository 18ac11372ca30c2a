"""What is made on its first use is made before anybody is let in."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

from bot.app import conversation
from bot.messages import Message
from bot.settings import read_settings


@pytest.mark.parametrize("day", [date(2025, 9, 1), date(2026, 11, 30)])
async def test_the_first_person_loads_nothing_and_nothing_is_kept_of_the_talk_before(tmp_path: Path, day: date) -> None:
    settings = read_settings({"XUESHI_DATA_DIR": str(tmp_path), "XUESHI_TODAY": day.isoformat()}, dotenv=None)
    async with conversation(settings) as talks:
        await talks.warm()
        assert not await talks.knows("::")
        loaded = set(sys.modules)
        await talks.take(Message("web", "", "first", "1", text="女，报副高，事业单位，没有特殊情况"))
        assert set(sys.modules) == loaded
