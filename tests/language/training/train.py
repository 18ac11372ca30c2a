"""Writes the weights of the reader's roles, from composed messages and our own sentences; the same bytes on any machine.

python -m tests.language.training.train [--check]
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

from bot.reading.lexing.normalise import normalise
from bot.reading.notes import Notes
from bot.reading.roles.features import levels, numbers, of_level, of_number
from bot.reading.roles.moments import ROLES, candidates, evidence
from bot.reading.understanding import noted
from tests.language.sentences import DAY, Sentence, sentences
from tests.language.training.composed import composed

WEIGHTS = Path(__file__).parents[3] / "bot" / "reading" / "data" / "weights.json"
COUNT, ROUNDS, MARGIN, SCALE, OURS = 36_000, 8, 12, 8, 16
Example = tuple[int, int, list[str]]  # +1 or -1, weight, evidence


def examples() -> dict[str, list[Example]]:
    """Evidence and answer for every number and every level of the training set."""
    out: dict[str, list[Example]] = {question: [] for question in ("number", "level", *ROLES)}
    for message in composed(11, COUNT):
        notes = noted(normalise(message.text), DAY)
        for question, answer, said in _of(notes, message.slots):
            out[question].append((answer, 1, said))
    for sentence in sentences():
        if not sentence.held_out:
            for question, answer, said in _of_ours(sentence):
                out[question].append((answer, OURS, said))
    return out


def _of(notes: Notes, slots: tuple[tuple[int, int, str], ...]) -> Iterator[tuple[str, int, list[str]]]:
    for question, found, look in (("number", numbers(notes), of_number), ("level", levels(notes), of_level)):
        for i in found:
            yield question, 1 if _slot(notes, i, slots) in ("a", "A") else -1, look(notes, i)
    for i in candidates(notes):
        said, slot = evidence(notes, i), _slot(notes, i, slots)
        for role, name in zip(ROLES, "btmrf", strict=True):
            yield role, 1 if slot == name else -1, said


def _slot(notes: Notes, i: int, slots: tuple[tuple[int, int, str], ...]) -> str:
    token = notes.tokens[i]
    return next((s for a, b, s in slots if a < token.end and token.start < b), "")


def _of_ours(sentence: Sentence) -> Iterator[tuple[str, int, list[str]]]:
    notes = noted(normalise(sentence.text), sentence.today, sentence.asking)
    age, level = sentence.facts.get("age"), sentence.facts.get("title_level")
    open_ = {d.partition(".")[0] for d in (*sentence.doubts, *sentence.free)}
    same = [i for i in numbers(notes) if notes.tokens[i].value == age]
    if len(same) < 2 and (age is not None or not {"age", "birth"} & open_) and sentence.about == "self":
        for i in numbers(notes):
            yield "number", 1 if i in same else -1, of_number(notes, i)
    if sentence.about == "self":
        yield from _moments_of_ours(sentence, notes)
    said = levels(notes)
    mine = [i for i in said if level in (notes.tokens[i].senses.get("level"), notes.tokens[i].senses.get("title"))]
    if len(mine) < 2 and "title_level" not in open_ and sentence.about == "self":
        for i in said:
            yield "level", 1 if i in mine else -1, of_level(notes, i)


def _moments_of_ours(sentence: Sentence, notes: Notes) -> Iterator[tuple[str, int, list[str]]]:
    """Dates and years that a fact of the sentence names; where a doubt may be about several of them, none is an example."""
    told = {role: str(sentence.facts[role]) for role in ROLES if role in sentence.facts}
    doubted = [role for role in ROLES if role in sentence.doubts and role not in told]
    found = candidates(notes)
    for i in found:
        role = next((role for role, value in told.items() if _names(notes, i, role, value)), "")
        if not role and doubted:
            if len(found) > 1 or len(doubted) > 1:
                continue
            role = doubted[0]
        said = evidence(notes, i)
        unsaid = {*sentence.free, "review_year"} if role == "" and _this_year(notes, i) else sentence.free
        for each in ROLES:
            if each not in unsaid:
                yield each, 1 if each == role else -1, said


def _this_year(notes: Notes, i: int) -> bool:
    """今年报副高: the year of a review, which the sentences need not say."""
    token = notes.tokens[i]
    return (
        token.kind == "years"
        and token.value[0] == notes.today.year
        and any(t.is_("apply") for t in notes.clause(token))
    )


def _names(notes: Notes, i: int, role: str, value: str) -> bool:
    token = notes.tokens[i]
    if token.kind == "years":
        return value[:4] == str(token.value[0]) and (role == "birth" or not notes.has("cat", "state"))
    when = token.value
    if role == "review_date":
        return value[5:] == f"{when.month or 0:02}-{when.day or 0:02}"
    return value[:4] == str(when.year or value[:4]) and value[5:7] == f"{when.month or 0:02}"


def learn(found: list[Example]) -> dict[str, int]:
    """Weights of a perceptron with a margin, averaged over its steps: whole numbers throughout."""
    now: dict[str, int] = {}
    total: dict[str, int] = {}
    step = 0
    for turn in range(ROUNDS):
        order = list(range(len(found)))
        random.Random(turn).shuffle(order)
        for n in order:
            answer, weight, evidence = found[n]
            step += 1
            if answer * sum([now.get(each, 0) for each in evidence]) < MARGIN:
                for each in evidence:
                    now[each] = now.get(each, 0) + answer * weight
                    total[each] = total.get(each, 0) + answer * weight * step
    averaged = {each: (now[each] * (step + 1) - total[each]) * SCALE // step for each in now}
    return {each: weight for each, weight in sorted(averaged.items()) if abs(weight) > SCALE // 2}


def written() -> str:
    """The file of weights, as text."""
    learned = {question: learn(rows) for question, rows in examples().items()}
    return json.dumps(learned, ensure_ascii=False, indent=0, sort_keys=True) + "\n"


if __name__ == "__main__":
    WEIGHTS.write_text(written(), "utf-8")
