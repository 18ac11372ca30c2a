"""Every transcript is lived through on WeChat too: what stands in it is read there, and options are chosen by their number."""

from __future__ import annotations

import itertools
import re
from functools import partial
from pathlib import Path

import pytest

from tests.transcripts.script import ELSEWHERE, Act, labels, read_script, scripts
from tests.wechat.service import Service, running

pytestmark = pytest.mark.slow

# What people do there: nothing is edited or taken back, and a picture of WeChat's own is a sticker.
POSSIBLE = {"text", "tap", "sticker", "voice", "photo", "video", "location", "file"}
ONLY_THERE = ("点", "<")  # buttons, markup
_OPTIONS = re.compile(r"\[\d+\] .*|.* {2}tel:.*|.* {2}https?://.*")


def acts_of(path: Path) -> list[Act]:
    """The acts up to the first that WeChat does not have."""
    return list(itertools.takewhile(lambda act: act.kind in POSSIBLE, read_script(path)))


SCRIPTS = [path for path in scripts() if acts_of(path)]


class Follower:
    """One person on WeChat, who answers by number wherever a number is offered."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.numbers: dict[str, str] = {}

    async def act(self, act: Act) -> str:
        account = self.service.account
        if act.kind in ("text", "tap", "sticker"):
            words = {"tap": self.numbers.get(act.words, act.words), "sticker": "[微笑]"}.get(act.kind, act.words)
            body = account.message("oA", Content=words)
        else:
            body = account.message("oA", "image" if act.kind == "photo" else act.kind, MediaId="m")
        self.service.platform.acted("oA")
        self.service.platform.sent.clear()
        reply = await account.push(body, "oA")
        assert not reply.fault, reply.fault
        pages = [reply.text]
        while (more := re.search(r"\n（下面还有，接着发给您；没收到就回复“(第\d+页)”）$", pages[-1])) is not None:
            pages[-1] = pages[-1][: more.start()]
            pages.append((await account.say("oA", more[1])).text)
        text = "\n".join(pages)
        self.numbers = {label: number for number, label in re.findall(r"(?m)^【(\d+)】(.+)$", text)}
        return text


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
async def test_on_wechat(path: Path, tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        follower = Follower(service)
        for act in acts_of(path):
            service.talks.today = partial(lambda day: day, act.day)
            text = await follower.act(act)
            rows = text.splitlines()
            for row in act.reply.splitlines():
                if (
                    row
                    and not _OPTIONS.fullmatch(row)
                    and not ELSEWHERE.search(row)
                    and not any(word in row for word in ONLY_THERE)
                ):
                    assert row.rstrip() in rows, f"after {act.words!r}: {row!r} is missing in\n{text}"
            for label in labels(act.reply):
                assert label in text, f"after {act.words!r}: no option {label!r}"
