"""Every transcript is lived through on the terminal and over the web's interface, and answered as it is written."""

from __future__ import annotations

import io
import re
from html import unescape
from pathlib import Path

import httpx
import pytest

from bot.channels.terminal import talk
from bot.channels.web import web_app
from bot.messages import Choice, Link, Reply
from tests.transcripts.players import Clock, Player, conversation_for
from tests.transcripts.script import FOLDER, TWELVE, Act, labels, read_script, scripts, shown

SCRIPTS = scripts()
TYPED = [
    path for path in SCRIPTS if all(act.kind in ("text", "tap") and "\n" not in act.words for act in read_script(path))
]


def test_there_are_enough_conversations_to_speak_of_and_twelve_people_are_played_on_every_channel() -> None:
    assert len(SCRIPTS) >= 25
    assert {FOLDER / f"{name}.txt" for name in TWELVE} <= set(TYPED)


@pytest.mark.parametrize("name", TWELVE)
async def test_on_the_page_as_forms_and_the_picture_at_the_end(name: str) -> None:
    acts = read_script(FOLDER / f"{name}.txt")
    async with conversation_for() as (talks, clock):
        clock.day = acts[0].day
        app = web_app(talks, public_url="http://web", retention_days=180, ready=_ready, metrics=lambda: "")
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://web") as client:
            page = (await client.get("/")).text
            for act in acts:
                form = dict(re.findall(r'name="(token|nonce)" value="([^"]+)"', page))
                buttons = {
                    label: id for id, label in re.findall(r'name="choice" value="([^"]+)">([^<]+)</button>', page)
                }
                form |= {"choice": buttons[act.words]} if act.words in buttons else {"text": act.words}
                assert (await client.post("/say", data=form)).status_code == 303
                page = (await client.get("/")).text
                seen = unescape(re.sub(r"<[^>]+>|\s", "", page[page.index('id="latest"') :]))
                assert re.sub(r"\s|：$", "", act.reply.splitlines()[0]) in seen, f"after {act.words!r}"
            assert (await client.get("/result.png")).content.startswith(b"\x89PNG")
            assert "按这些情况算" in (await client.get("/result")).text


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
async def test_over_the_conversation(path: Path) -> None:
    async with conversation_for() as (talks, clock):
        player = Player(talks, clock, "somebody")
        for act in read_script(path):
            assert await player.act(act) == act.reply, f"after {act.words!r}"


@pytest.mark.slow
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
async def test_over_the_web(path: Path) -> None:
    acts = read_script(path)
    if any(act.kind not in ("text", "tap") for act in acts):
        acts = acts[: next(place for place, act in enumerate(acts) if act.kind not in ("text", "tap"))]
    async with conversation_for() as (talks, clock):
        app = web_app(talks, public_url="http://web", retention_days=180, ready=_ready, metrics=lambda: "")
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://web") as client:
            session = None
            choices: list[dict[str, str]] = []
            for number, act in enumerate(acts):
                clock.day = act.day
                body: dict[str, object] = {"session": session, "message_id": str(number)}
                if act.kind == "tap":
                    body["choice"] = [choice["id"] for choice in choices if choice["label"] == act.words][-1]
                else:
                    body["text"] = act.words
                answer = await client.post("/api/chat", json=body)
                assert answer.status_code == 200
                said = answer.json()
                session = said["session"]
                choices = [choice for reply in said["replies"] for choice in reply["choices"]]
                assert shown(_replies(said)) == act.reply, f"after {act.words!r}"


async def _ready() -> bool:
    return True


def _replies(said: dict[str, list[dict[str, list[dict[str, str]]]]]) -> list[Reply]:
    return [
        Reply(
            str(reply["text"]),
            tuple(Choice(choice["id"], choice["label"]) for choice in reply["choices"]),
            tuple(Link(link["label"], link["url"]) for link in reply["links"]),
        )
        for reply in said["replies"]
    ]


@pytest.mark.slow
@pytest.mark.parametrize("path", TYPED, ids=lambda path: path.stem)
async def test_on_the_terminal(path: Path) -> None:
    acts = [act for act in read_script(path) if act.day == read_script(path)[0].day]
    async with conversation_for() as (talks, clock):
        clock.day = acts[0].day
        out = io.StringIO()
        await talk(talks, io.StringIO("".join(line + "\n" for line in _typed(acts, clock))), out, "somebody")
    assert out.getvalue().strip() == "\n\n".join(act.reply for act in acts).strip()


def _typed(acts: list[Act], clock: Clock) -> list[str]:
    """Taps as they are made on a terminal: by typing the label of the button."""
    lines, last = [], ""
    for act in acts:
        if act.kind == "tap":
            assert act.words in labels(last)
        lines.append(act.words)
        last = act.reply
    return lines
