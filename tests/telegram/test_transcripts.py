"""The transcripts that every channel is held to, lived through on Telegram."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from tests.botapi import BotApi, Person, acknowledged
from tests.botapi.world import Json
from tests.telegram.service import Service, serving
from tests.transcripts.script import ELSEWHERE, Act, labels, read_script, scripts

pytestmark = pytest.mark.slow

WORDLESS: dict[str, Json] = {
    "sticker": {"sticker": {}}, "voice": {"voice": {}}, "photo": {"photo": []}, "video": {"video": {}}, "file": {"document": {}},
    "location": {"location": {}}, "contact": {"contact": {}}, "other": {"dice": {}},
}  # fmt: skip


def lines(text: str) -> list[str]:
    """What is said, line by line, without the numbers that Telegram has in the text and a terminal beside it."""
    return [
        line.strip()
        for line in text.splitlines()
        if line.strip()
        and not re.match(r"\[\d+\] ", line)
        and not re.search(r"  (tel:|https?://)|\(\d{4}\)\d+$", line)
        and not ELSEWHERE.search(line)
    ]


async def play(person: Person, act: Act, typed: list[Json]) -> None:
    """Do it, and see what must be seen; a tap that only tells what is known already may be answered by a toast."""
    if act.kind == "deleted":
        return  # Telegram tells a bot nothing of it
    if act.kind == "tap":
        query = person.taps(act.words)
        toast = await acknowledged(query)
        if toast and not person.news():
            return
    elif act.kind == "edit":
        person.edits(typed[-1], act.words)
    elif act.kind == "text":
        typed.append(person.says(act.words))
    else:
        person.says(WORDLESS[act.kind])
    wanted = lines(act.reply)
    said = await person.sees(lambda text: len(lines(text)) >= len(wanted))
    assert lines(said) == wanted, f"after {act.words!r}"
    if shown := labels(act.reply):
        beside = [label for label in person.labels() if label not in shown]  # steps, and 答错了
        assert [label for label in person.labels() if label not in beside] == shown


@pytest.mark.parametrize("path", scripts(), ids=lambda path: path.stem)
async def test_on_telegram(path: Path, api: BotApi, tmp_path: Path) -> None:
    async with serving(api, tmp_path) as service:
        person = api.person()
        typed: list[Json] = []
        for act in read_script(path):
            set_day(service, act.day)
            await play(person, act, typed)
    assert api.refused() == []


def set_day(service: Service, day: date) -> None:
    service.talks.today = lambda: day
