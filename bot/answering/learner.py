"""Makes the weights by which a question is found from the wordings of all entries: `python -m bot.answering.learner`.

A perceptron with a margin, averaged, in whole numbers: the same wordings give the same file on any machine.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files
from math import log, sqrt
from pathlib import Path

from bot.answering.entries import entries, words
from bot.answering.evidence import Features, Thesaurus, pieces

EPOCHS, MARGIN, SCALE, RIVALS, TOLD = 6, 20_000, 100, 3, 5000
COARSE, LEAST = 8, 4  # weights are kept in steps of 8, and small ones not at all
Wording = tuple[str, str]  # what it is, what is said


def topics() -> list[Wording]:
    """Every wording with the topic that it asks for."""
    return [(entry.id, said) for entry in entries() for said in dict.fromkeys((*entry.ask, entry.label))]


def acts() -> list[Wording]:
    """Sentences told, wished for and asked, as acts: from the frames and parts in acts.toml, and from those of all topics."""
    table = tomllib.loads(files("bot.answering").joinpath("acts.toml").read_text("utf-8"))
    slots, parts = table["slots"], table["parts"]
    turn = _Turn()

    def filled(frame: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda slot: turn.of(slots[slot[1]]), frame)

    found = [
        (f"~{act}", filled(frame))
        for act in ("told", "result")
        for frame in table[act]["frames"]
        for _ in range(table[act]["times"] if "{" in frame else 1)
    ]
    asked = [said for _, said in topics()]
    kinds = list(parts)
    for n in range(TOLD):
        several = [filled(turn.of(parts[turn.of(kinds)])) for _ in range(1 + n % 4)]
        told = turn.of(("，", " ", "", "，")).join(several)
        found.append(("~told", told))
        if n % 3 == 0:
            found.append(("~asks", turn.of(("，", " ", "")).join((told, turn.of(asked)))))
    found += [("~asks", said) for said in asked]
    return list(dict.fromkeys(found))


class _Turn:
    """Picks, the same on any machine: a linear congruence."""

    def __init__(self) -> None:
        self._state = 1

    def of(self, choices: Sequence[str]) -> str:
        self._state = (self._state * 1103515245 + 12345) % 2**31
        return choices[(self._state >> 8) % len(choices)]


class Model:
    """Weights under training."""

    def __init__(self, given: Sequence[Wording]) -> None:
        lexicon = Thesaurus(words())
        told = [(kind, lexicon.features("".join(pieces(said)).replace("?", ""))) for kind, said in given]
        seen = Counter(feature for _, features in told for feature in features)
        self.kinds = tuple(dict.fromkeys(kind for kind, _ in given))
        self.worth = {feature: round(SCALE * log(1 + len(told) / n)) for feature, n in seen.items()}
        self.weights: dict[str, dict[int, int]] = {feature: {} for feature in seen}
        self._moved: dict[str, dict[int, int]] = {feature: {} for feature in seen}
        number = {kind: n for n, kind in enumerate(self.kinds)}
        self._told = [(number[kind], self._valued(features)) for kind, features in told]

    def _valued(self, features: Features) -> list[tuple[str, int]]:
        length = sqrt(sum(self.worth[feature] ** 2 for feature in features)) or 1.0
        return [(feature, round(SCALE * self.worth[feature] / length)) for feature in features]

    def train(self) -> Model:
        """Every wording in turn, several times round, from another place in the list each time."""
        step, total = 0, len(self._told)
        stride = next(
            n for n in (1009, 1013, 1019) if total % n
        )  # a prime: every wording once a round, neighbours apart
        for epoch in range(EPOCHS):
            for at in range(total):
                step += 1
                self._learn(*self._told[(at * stride + epoch * 97) % total], step)
        for feature, moved in self._moved.items():
            own = self.weights[feature]
            for kind, amount in moved.items():
                own[kind] -= amount // step
        return self

    def _learn(self, kind: int, valued: list[tuple[str, int]], step: int) -> None:
        scores = [0] * len(self.kinds)
        for feature, value in valued:
            for each, weight in self.weights[feature].items():
                scores[each] += value * weight
        rivals = [n for n, score in enumerate(scores) if n != kind and score > scores[kind] - MARGIN]
        for rival in sorted(rivals, key=lambda n: -scores[n])[:RIVALS]:
            for feature, value in valued:
                for each, change in ((kind, value), (rival, -value)):
                    for table, amount in ((self.weights, change), (self._moved, step * change)):
                        table[feature][each] = table[feature].get(each, 0) + amount

    def rows(self) -> dict[str, list[int]]:
        """For each feature what it is worth and its weights by kind; small ones left out."""
        rows = {}
        for feature, weights in self.weights.items():
            coarse = [(kind, int(weight / COARSE)) for kind, weight in sorted(weights.items())]
            kept = [n for kind, weight in coarse if abs(weight) >= LEAST for n in (kind, weight)]
            if kept:
                rows[feature] = [self.worth[feature], *kept]
        return rows


def written() -> str:
    """The file: the kinds of topics and of acts, then the rows of the one and of the other."""
    models = (Model(topics()).train(), Model(acts()).train())
    lines = [json.dumps([model.kinds for model in models], ensure_ascii=False)]
    for model in models:
        rows = model.rows()
        body = (
            f"{json.dumps(feature, ensure_ascii=False)}:{json.dumps(rows[feature], separators=(',', ':'))}"
            for feature in sorted(rows)
        )
        lines.append("{" + ",\n".join(body) + "}")
    return "[" + ",\n".join(lines) + "]\n"


if __name__ == "__main__":
    Path(__file__).with_name("weights.json").write_text(written(), "utf-8")
