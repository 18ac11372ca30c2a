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
    """Outcome counts by topic: right, offered (one of three), beside (another answer, this one offered),
    wrong (another answer), offered_wrong, refused."""
    outcomes: dict[str, Counter[str]] = {}
    for topic, question in questions(name):
        for said in variants(question) if varied else [question]:
            outcomes.setdefault(topic, Counter())[outcome(answers, topic, said)] += 1
    return outcomes


def outcome(answers: Answers, topic: str, said: str) -> str:
    sure, near = answers._find(said, False)
    if sure:
        return "right" if sure == topic else "beside" if topic in near else "wrong"
    if near:
        return "offered" if topic in near else "offered_wrong"
    return "refused"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--varied", action="store_true", help="each question in seven writings")
    parser.add_argument("--failures", action="store_true", help="show the questions of the open set that fail")
    options = parser.parse_args()
    answers = Answers.load(rules.load())
    for name in ("questions", "held_out"):
        outcomes = measure(answers, name, varied=options.varied)
        total: Counter[str] = sum(outcomes.values(), Counter())
        asked = total.total()
        print(f"{name}: {asked} questions, {len(outcomes)} topics")
        print(
            f"  right at once {total['right'] / asked:.1%}, at once or among three {(total['right'] + total['offered']) / asked:.1%}"
        )
        print(
            f"  wrong answer {total['wrong'] / asked:.1%}, wrong offer {total['offered_wrong'] / asked:.1%}, refused {total['refused'] / asked:.1%}"
        )
        if name == "questions":
            for topic, counts in sorted(outcomes.items(), key=lambda item: item[1]["right"] / item[1].total())[:12]:
                print(f"    {topic}: " + ", ".join(f"{word} {n}" for word, n in counts.items()))
    for kind, said in questions("statements"):
        sure, near = answers._find(said, False)
        if sure or near:
            print(f"  {kind} taken for a question: {said!r} → {sure or near}")
    if options.failures:
        for topic, question in questions("questions"):
            if outcome(answers, topic, question) != "right":
                best = [f"{h.id} {h.score:.2f}/{h.coverage:.2f}" for h in answers.index.rank(question)[:3]]
                print(
                    f"{outcome(answers, topic, question):8} {topic:22} {question}  → {answers._find(question, False)[0]} {best}"
                )


if __name__ == "__main__":
    main()
