"""Prints how well questions are found: recall at 1 and 3, wrong answers, refusals, by topic (`make language`)."""

from __future__ import annotations

import argparse
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import rules
from bot.answering import Answers

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


def measure(answers: Answers, name: str, *, varied: bool = False) -> dict[str, Counter[str]]:
    """Outcomes counted by topic."""
    outcomes: dict[str, Counter[str]] = {}
    for topic, question in questions(name):
        for said in variants(question) if varied else [question]:
            outcomes.setdefault(topic, Counter())[outcome(answers, topic, said)] += 1
    return outcomes


def outcome(answers: Answers, topic: str, said: str) -> str:
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


def taken_for_questions(answers: Answers) -> Iterator[str]:
    """Statements, results asked for and junk in which a topic is found."""
    for kind, said in questions("statements"):
        found = answers.find(said)
        if found.sure or found.near:
            yield f"{kind}: {said!r} → {found.sure or found.near}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--varied", action="store_true", help="each question in seven writings")
    parser.add_argument("--failures", action="store_true", help="show the questions of the open set that fail")
    options = parser.parse_args()
    answers = Answers(rules.load())
    for name in ("questions", "held_out"):
        outcomes = measure(answers, name, varied=options.varied)
        total: Counter[str] = sum(outcomes.values(), Counter())
        asked = total.total()
        at_once = total["right"] + total["both"]
        reached = at_once + total["offered"] + total["beside"]
        print(f"{name}: {asked} questions, {len(outcomes)} topics")
        print(f"  recall at 1 {at_once / asked:.1%}, at 3 {reached / asked:.1%}")
        rest = ("both", "beside", "offered", "wrong", "misled", "refused")
        print("  of these: " + ", ".join(f"{word} {total[word] / asked:.1%}" for word in rest))
        if name == "questions":
            for topic, counts in sorted(outcomes.items(), key=lambda item: item[1]["right"] / item[1].total())[:12]:
                print(f"    {topic}: " + ", ".join(f"{word} {n}" for word, n in counts.items()))
    for found in taken_for_questions(answers):
        print(f"  taken for a question: {found}")
    if options.failures:
        for topic, question in questions("questions"):
            if (how := outcome(answers, topic, question)) != "right":
                best = ", ".join(f"{hit.id} {hit.score:.2f}" for hit in answers.index.rank(question)[:3])
                print(f"{how:8} {topic:22} {question} → {best}")


if __name__ == "__main__":
    main()
