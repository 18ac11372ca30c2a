"""A question asked as HR, the clauses of the notice, and how to fill in a roster."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from bot.answering import Answer, Answers
from bot.answering.answers import NoticeAnswers
from bot.asking.questionnaire import filled
from bot.asking.report import FEEDBACK
from bot.hr import Accounts, Who
from bot.pages.hr_drawing import Drawn
from rules import Library

if TYPE_CHECKING:
    from bot.conversation.reports import Reports

_LONGEST = 500
_SHOWN = 500


class Questions:
    """What HR can look up."""

    def __init__(
        self, draw: Drawn, accounts: Accounts, *, packs: Library, answers: Answers, today: Callable[[], date],
        reports: Reports,
    ) -> None:  # fmt: skip
        self._draw, self._accounts, self._packs = draw, accounts, packs
        self._answers, self._today, self._reports = answers, today, reports

    async def ask(self, request: Request, who: Who, form: FormData) -> Response:
        """The answer for HR, which may hold what individuals are not given."""
        answers = self._answers.of(self._packs.on(self._today()))
        text, topic = str(form.get("text", "")).strip()[:_LONGEST], str(form.get("topic", ""))
        answer: Answer | None = None
        if topic:
            try:
                answer = answers.topic(topic, facts={}, hr=True, today=self._today())
            except KeyError:
                answer = None
        elif text:
            answer = answers.ask(text, facts={}, hr=True, today=self._today())
        await self._accounts.log(who.name, "ask", answer.topic if answer else "")
        return self._draw("answer", who, asked=text or (answer and answers.label(topic)) or "", answer=answer)

    async def clauses(self, request: Request, who: Who) -> Response:
        """The clauses of the notice of these days, those that hold the words asked for."""
        words = request.query_params.get("q", "").strip()[:60]
        pack = self._packs.on(self._today())
        found = [
            (name, clause)
            for name, clause in pack.clauses.items()
            if all(word in name + clause.says + "".join(clause.quotes) for word in words.split())
        ]
        return self._draw("clauses", who, words=words, clauses=found, pack=pack)

    async def reports(self, request: Request, who: Who) -> Response:
        """What people say of the answers, without who they are."""
        answers = self._answers.of(self._packs.on(self._today()))
        found = [(line.day, _topic(answers, line.topic), line.words) for line in await self._reports.last(_SHOWN)]
        await self._accounts.log(who.name, "reports", "")
        return self._draw("reports", who, reports=found)

    async def handbook(self, request: Request, who: Who) -> Response:
        """How to fill in a roster, read its result, and reach everybody."""
        text = Path(__file__).with_name("handbook.md").read_text(encoding="utf-8")
        return self._draw("help", who, sections=sections(filled(text, self._packs.on(self._today()))))


def _topic(answers: NoticeAnswers, topic: str) -> str:
    """What a topic is called; "" for what was said of no answer, the id where there is no such entry any more."""
    if topic == FEEDBACK:
        return ""
    return answers.label(topic) if topic in answers.topics() else topic


def sections(text: str) -> list[tuple[str, list[list[str]]]]:
    """A text of `## headings` and paragraphs: a paragraph whose lines begin with `- ` is a list, else it is one item."""
    found: list[tuple[str, list[list[str]]]] = []
    for part in text.split("\n\n"):
        if part.startswith("## "):
            found.append((part.removeprefix("## ").strip(), []))
        elif part.strip() and found:
            found[-1][1].append(part.strip().splitlines())
    return found
