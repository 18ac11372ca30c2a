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
from bot.reading.roles.candidates import levels, numbers
from bot.reading.roles.features import of_level, of_number
from bot.reading.understanding import noted
from tests.language.sentences import DAY, Sentence, sentences
from tests.language.training.composed import composed

WEIGHTS = Path(__file__).parents[3] / "bot" / "reading" / "data" / "weights.json"
COUNT, ROUNDS, MARGIN, SCALE, OURS = 30_000, 7, 12, 8, 12
Example = tuple[int, int, list[str]]  # +1 or -1, weight, evidence


def examples() -> dict[str, list[Example]]:
    """Evidence and answer for every number and every level of the training set."""
    out: dict[str, list[Example]] = {"number": [], "level": []}
    for message in composed(11, COUNT):
        notes = noted(normalise(message.text), DAY)
        for question, answer, evidence in _of(notes, dict.fromkeys("aA"), message.slots):
            out[question].append((answer, 1, evidence))
    for sentence in sentences():
        if not sentence.held_out:
            for question, answer, evidence in _of_ours(sentence):
                out[question].append((answer, OURS, evidence))
    return out


def _of(
    notes: Notes, wanted: dict[str, None], slots: tuple[tuple[int, int, str], ...]
) -> Iterator[tuple[str, int, list[str]]]:
    for question, found, evidence in (("number", numbers(notes), of_number), ("level", levels(notes), of_level)):
        for i in found:
            token = notes.tokens[i]
            slot = next((s for a, b, s in slots if a < token.end and token.start < b), "")
            yield question, 1 if slot in wanted else -1, evidence(notes, i)


def _of_ours(sentence: Sentence) -> Iterator[tuple[str, int, list[str]]]:
    notes = noted(normalise(sentence.text), sentence.today, sentence.asking)
    age, level = sentence.facts.get("age"), sentence.facts.get("title_level")
    open_ = {d.partition(".")[0] for d in (*sentence.doubts, *sentence.free)}
    same = [i for i in numbers(notes) if notes.tokens[i].value == age]
    if len(same) < 2 and (age is not None or not {"age", "birth"} & open_) and sentence.about == "self":
        for i in numbers(notes):
            yield "number", 1 if i in same else -1, of_number(notes, i)
    said = levels(notes)
    mine = [i for i in said if level in (notes.tokens[i].senses.get("level"), notes.tokens[i].senses.get("title"))]
    if len(mine) < 2 and "title_level" not in open_ and sentence.about == "self":
        for i in said:
            yield "level", 1 if i in mine else -1, of_level(notes, i)


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
