"""Prints how well questions are found: recall at 1 and 3, wrong answers, refusals (`make language`)."""

from __future__ import annotations

import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import rules
from bot.answering import Answers
from bot.answering.answers import NoticeAnswers
from bot.reading import read

HERE = Path(__file__).parent


def questions(name: str) -> Iterator[tuple[str, str]]:
    """(topic, question) of one set."""
    for topic, asked in tomllib.loads((HERE / f"{name}.toml").read_text("utf-8")).items():
        for question in asked:
            yield topic, question


def variants(question: str) -> Iterator[str]:
    """The same question as other keyboards and hands write it."""
    yield question
    yield question + "？"
    yield "请问" + question
    yield question.replace(" ", "，") + "。谢谢"
    yield "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in question)
    yield traditional(question)
    yield unicodedata.normalize("NFD", question)


def traditional(text: str) -> str:
    from opencc import OpenCC

    return str(OpenCC("s2t").convert(text))


def outcome(answers: NoticeAnswers, topic: str, said: str) -> str:
    """`right`; `both`: answered below another; `beside`: another answered, this one a button; `wrong`: another answered;
    `offered`: one of up to three buttons; `misled`: buttons, none of them right; `refused`: not understood."""
    found = answers.find(said)
    if found.sure is None:
        return "refused" if not found.near else "offered" if topic in found.near else "misled"
    if found.sure == topic:
        return "right"
    if found.close and found.near[:1] == (topic,):
        return "both"
    return "beside" if topic in found.near else "wrong"


def taken_for_questions(answers: NoticeAnswers) -> Iterator[str]:
    """Statements, results asked for and junk in which a topic is found."""
    for kind, said in questions("statements"):
        reading = read(said, date(2025, 9, 1))
        found = answers.find(said, told=bool(reading.facts or reading.claims or reading.doubts))
        if not reading.command and (found.sure or found.near):
            yield f"{kind}: {said!r} → {found.sure or found.near}"


def main() -> None:
    packs = rules.load()
    answers = Answers(packs).of(packs.by_id("neimenggu/2025"))
    for name in ("held_out", "platforms"):
        outcomes = Counter(outcome(answers, topic, question) for topic, question in questions(name))
        asked = outcomes.total()
        at_once = outcomes["right"] + outcomes["both"]
        reached = at_once + outcomes["offered"] + outcomes["beside"]
        print(f"{name}: {asked} questions, recall at 1 {at_once / asked:.1%}, at 3 {reached / asked:.1%}")
        rest = ("both", "beside", "offered", "wrong", "misled", "refused")
        print("  of these: " + ", ".join(f"{word} {outcomes[word] / asked:.1%}" for word in rest))
    for found in taken_for_questions(answers):
        print(f"  taken for a question: {found}")


if __name__ == "__main__":
    main()
