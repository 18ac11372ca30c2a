"""A small interview to hold against the web until the real conversation can be used; it keeps all in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import rules
from bot.messages import Choice, Contradiction, Exchange, Link, Message, Reply, Turn

QUESTIONS: list[tuple[str, str, list[tuple[str, Any]]]] = [
    ("sex", "您是男还是女？还有 4 题", [("男", "male"), ("女", "female")]),
    (
        "title_level",
        "您申报的是哪一级职称？还有 3 题",
        [("初级", "junior"), ("中级", "middle"), ("副高", "deputy_senior"), ("正高", "full_senior")],
    ),
    (
        "sector",
        "您单位是哪一类？还有 2 题",
        [
            ("事业单位", "public_institution"),
            ("国有企业", "state_enterprise"),
            ("非公有制", "non_public"),
            ("党政机关", "government"),
        ],
    ),
    (
        "history",
        "这几年的学时学得怎么样？比如“三年都学满了”，或“今年公需20专业45”",
        [("都学满了", {}), ("记不清", None)],
    ),
]
HISTORY = {
    "2022": {"general": 30, "professional": 60},
    "2023": {"general": 30, "professional": 60},
    "2024": {"general": 30, "professional": 48.5},
    "2025": {"general": 20, "professional": 60},
}
DAY = date(2025, 9, 1)
PACKS = rules.load()
RESULT = """还差 21.5 学时
2024年专业 ████████░░ 48.5/60
2025年公需 ███████░░░ 20/30

怎么办：2025年的在12月31日前补上公需10学时；2024年的11.5学时，问单位人事能不能补学。
依据：一(二)、一(三)1。以审验卡和审核部门认定为准。
平台的事打内蒙古人才培训网 400-160-8686，审验卡的事打（0471）6928486。"""
LINKS = (
    Link("内蒙古人才培训网 400-160-8686", "tel:4001608686"),
    Link("审验卡打印 (0471)6928486", "tel:04716928486"),
    Link("去学习：zj.nmgrcpx.com", "https://zj.nmgrcpx.com"),
)


class PlannedTalk:
    """Asks four questions, then tells one result; the same id twice is the same turn."""

    def __init__(self) -> None:
        self.answers: dict[str, dict[str, Any]] = {}
        self.turns: dict[tuple[str, str], tuple[Message, Turn]] = {}
        self.past: dict[str, list[Exchange]] = {}

    async def take(self, message: Message) -> Turn:
        key = (message.person, message.id)
        if key in self.turns:
            before, turn = self.turns[key]
            if before != message:
                raise Contradiction
            return turn
        if message.text == "!bug":
            raise RuntimeError("private words")
        if message.text == "不留记录":
            return self.say({})
        answers = self.answers.setdefault(message.person, {})
        said = message.text
        if message.choice:
            name, _, index = message.choice.partition(":")
            question = next(one for one in QUESTIONS if one[0] == name)
            said, answers[name] = question[2][int(index)]
        elif message.text == "重新开始":
            answers.clear()
        elif message.text == "删除我的数据":
            answers.clear()
            self.past.pop(message.person, None)
        elif message.text not in ("你好", "开始查询"):
            pending = next((one for one in QUESTIONS if one[0] not in answers), None)
            if pending is not None:
                answers[pending[0]] = dict(pending[2]).get(message.text, message.text)
        turn = self.say(answers)
        if message.text == "谢谢":
            turn = replace(turn, replies=(Reply("不客气。"),))
        self.turns[key] = (message, turn)
        self.past.setdefault(message.person, []).append(Exchange(said, turn.replies, turn.facts, turn.assessment))
        return turn

    def say(self, answers: dict[str, Any]) -> Turn:
        facts = dict(answers)
        for name, words, options in QUESTIONS:
            if name not in answers:
                choices = tuple(Choice(f"{name}:{index}", label) for index, (label, _) in enumerate(options))
                return Turn(f"asking:{name}", facts, None, (Reply(words, choices),))
        facts |= {"age": 36, "history": HISTORY}
        choices = tuple(Choice(f"sex:{i}", word) for i, word in enumerate(("修改", "再算一个人")))
        return Turn(
            "result", facts, self.assess(facts), (Reply("都记下了。"), Reply(RESULT, choices, LINKS, result=True))
        )

    async def recent(self, person: str) -> list[Exchange]:
        return self.past.get(person, [])

    def assess(self, facts: Any) -> dict[str, Any]:
        return rules.assess(PACKS, facts, DAY)
