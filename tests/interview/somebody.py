"""Somebody who talks with the interview itself, without channel or store; every turn is held against what holds for all."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import orjson

import rules
from bot import asking
from bot.asking import Answered, Session, Step, read_session, written
from bot.asking.casefile import fold, notice_of
from bot.asking.states import ASKING, IDLE, RESULT, REVIEW, WELCOME
from bot.messages import Choice, Kind, Message
from bot.telling.rendering import Rendering

PACKS = rules.load()
TODAY = date(2025, 9, 1)
RENDERING = Rendering(PACKS, retention_days=180)
STATES = {WELCOME, REVIEW, RESULT, IDLE, ASKING}


def ask(text: str, facts: dict[str, Any], assessment: dict[str, Any] | None, *_: Any) -> Answered | None:
    """Knows the answer to one question, as the real answers know many."""
    return Answered("公需是大家都学的，专业是本行的。") if text in ("公需和专业有啥区别", "topic:kinds") else None


class Somebody:
    """One person's talk: what was said last, every keyboard ever shown."""

    def __init__(self, today: date = TODAY, packs: rules.Library = PACKS) -> None:
        self.packs, self.today = packs, today
        self.session: Session | None = None
        self.number = 0
        self.shown: list[Choice] = []
        self.choices: list[Choice] = []
        self.aside: list[Choice] = []
        self.last: Step | None = None
        self.text = ""
        self.look: Any = None

    def say(self, text: str, kind: Kind = "text", replaces: str = "", group: bool = False) -> Step:
        self.number += 1
        return self.send(Message("web", "", "p", f"m{self.number}", kind, text, replaces=replaces, group=group))

    def tap(self, label: str) -> Step:
        """Tap a button of the last reply by its label."""
        found = [choice.id for choice in self.choices if choice.label == label]
        assert found, (label, [choice.label for choice in self.choices], self.text)
        return self.press(found[-1])

    def press(self, id: str) -> Step:
        """Tap a button by its id, whenever it was shown."""
        self.number += 1
        return self.send(Message("web", "", "p", f"m{self.number}", "choice", choice=id))

    def send(self, message: Message) -> Step:
        before = copy.deepcopy(self.session)
        step = asking.take(self.packs, self.session, message, self.today, ask)
        assert self.session == before, "the session given was changed"
        notice = notice_of(self.packs, fold(step.session.case), self.today)
        replies = RENDERING.replies(step.says, step.session.serial, notice, self.today)
        self.check(step, message)
        self.session = read_session(orjson.loads(written(step.session)), self.packs, self.today)
        assert self.session == step.session, "the session does not survive being stored"
        self.text = "\n".join(reply.text for reply in replies)
        self.look = next((reply.look for reply in reversed(replies) if reply.look), None)
        assert replies, message
        assert all(reply.text.strip() for reply in replies), message
        self.text.encode()
        self.choices = [choice for reply in replies for choice in reply.choices]
        self.aside = [choice for reply in replies for choice in reply.aside]
        assert all(len(choice.id.encode("ascii")) <= 64 and choice.label for choice in self.choices)
        self.shown += self.choices
        self.last = step
        return step

    def check(self, step: Step, message: Message) -> None:
        """What holds after every turn."""
        assert step.state.partition(":")[0] in STATES
        found = rules.assess(self.packs, step.facts, self.today)
        assert found["status"] != "refused", (found, message)
        assert (step.assessment is not None) == (step.state == RESULT)
        if step.assessment is not None:
            assert orjson.dumps(step.assessment) == orjson.dumps(found)

    # ------------------------------------------------------------ where the talk is

    @property
    def state(self) -> str:
        assert self.last is not None
        return self.last.state

    @property
    def facts(self) -> dict[str, Any]:
        assert self.last is not None
        return self.last.facts

    @property
    def asked(self) -> str:
        """The pending question with its year and category; empty where none is."""
        assert self.session is not None
        return str(self.session.asking) if self.session.state == ASKING else ""

    @property
    def labels(self) -> list[str]:
        return [choice.label for choice in self.choices]


def begun(today: date = TODAY) -> Somebody:
    """Somebody whose first question is pending."""
    one = Somebody(today)
    one.say("你好")
    one.tap("开始查询")
    return one
