"""Finds the question that a message asks: every topic and act is scored by the weights that the training made of all wordings."""

from __future__ import annotations

import json
from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import sqrt

from bot.answering.entries import words
from bot.answering.features import Features, Lexicon, pieces

_TOLD, _RESULT = "~told", "~result"
_SURE, _CLEAR, _LIKELY = 12, 30, 24  # lead over the next topic and score, in hundredths of what a plain wording has
_BESIDE = 14
_NEAR = 10
_FACTS = 10  # by how much a question must outweigh what is told, where facts were read in the message
_UNKNOWN, _PART = 0.45, 0.35


@dataclass(frozen=True, slots=True)
class Found:
    """`sure`: the entry meant; `near` beside it: what else it may be, the first hardly less likely where `close`.
    `near` alone: up to three to choose from. `asks`: it asks or complains, rather than tells or answers us."""

    sure: str | None = None
    near: tuple[str, ...] = ()
    close: bool = False
    asks: bool = True


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a message, with the topics that it may mean, best first, and what it weighs as something told or a wish for a result."""

    topics: tuple[tuple[float, str], ...]
    told: float
    result: float

    @property
    def lead(self) -> float:
        """By how much the first topic is likelier than the second."""
        return self.topics[0][0] - self.topics[1][0]

    @property
    def asks(self) -> float:
        """By how much it rather asks than tells."""
        return self.topics[0][0] - max(self.told, self.result)


class Finder:
    """All topics, ready to be asked for."""

    def __init__(self, given: list[list[object]], lexicon: Lexicon) -> None:
        """`given`: the kinds, then for each feature its name, what it is worth, and its weights by kind."""
        kinds, *rows = given
        self.kinds = tuple(map(str, kinds))
        self._lexicon = lexicon
        self._rows: dict[str, tuple[int, ...]] = {str(row[0]): tuple(row[1:]) for row in rows}  # type: ignore[arg-type]
        self._unknown = _UNKNOWN * max(row[0] for row in self._rows.values())

    def find(self, text: str, topics: Container[str], *, told: bool = False) -> Found:
        """The topic that the text asks for. `topics`: those that may be found; `told`: facts were read in the text."""
        regions = self.regions(text, topics)
        if not regions:
            return Found(asks=False)
        whole = regions[0]
        asking = [region for region in regions if region.asks > (_FACTS if told else 0)]
        if not asking or whole.result > max(whole.topics[0][0], whole.told):
            return Found(asks=False)
        best = max(asking, key=lambda region: region.topics[0][0] + region.lead / 2)
        (score, sure), *others = best.topics
        near = tuple(topic for other, topic in others if other > max(_NEAR, score * 0.5))[:2]
        if best.lead >= _SURE or (score >= _CLEAR and best.lead >= _SURE / 2):
            return Found(sure, () if best.lead >= _BESIDE else near)
        if score >= _LIKELY:
            return Found(sure, near, close=best.lead < _SURE / 3)
        return Found(near=(sure, *near) if score >= _NEAR else ())

    def nearest(self, text: str, topics: Container[str]) -> tuple[str, ...]:
        """The three topics nearest to a text, whatever it does."""
        regions = self.regions(text, topics)
        return tuple(topic for score, topic in regions[0].topics[:3] if score > 0) if regions else ()

    def regions(self, text: str, topics: Container[str]) -> list[Region]:
        """The whole message first, then its pieces and neighbouring pieces."""
        parts = [self._lexicon.features(piece) for piece in (each.replace("?", "") for each in pieces(text)) if piece]
        if not parts:
            return []
        found = [_joined(parts)]
        if len(parts) > 1:
            found += parts + [_joined(parts[at : at + 2]) for at in range(len(parts) - 1)]
        known = [features for features in dict.fromkeys(found) if any(each in self._rows for each in features)]
        things = len(_things(found[0])) or 1
        return [
            self._weighed(features, topics, 1 - _PART * (1 - len(_things(features)) / things)) for features in known
        ]

    def _weighed(self, features: Features, topics: Container[str], trust: float) -> Region:
        scores = [0.0] * len(self.kinds)
        length = 0.0
        for feature in features:
            row = self._rows.get(feature)
            worth = self._unknown * (0.4 if feature[0] == "~" or "&" in feature else 1.0) if row is None else row[0]
            length += worth * worth
            if row is not None:
                for at in range(1, len(row), 2):
                    scores[row[at]] += worth * row[at + 1]
        each = dict(zip(self.kinds, (score * trust / sqrt(length) for score in scores), strict=True))
        told, result = each.pop(_TOLD), each.pop(_RESULT)
        ranked = sorted(
            ((score, topic) for topic, score in each.items() if topic in topics), key=lambda s: (-s[0], s[1])
        )
        return Region(tuple(ranked[:5]), told, result)


def _things(features: Features) -> list[str]:
    return [feature for feature in features if feature[0] == "#" and "&" not in feature]


def _joined(parts: Sequence[Features]) -> Features:
    return tuple(dict.fromkeys(feature for part in parts for feature in part))


@cache
def finder() -> Finder:
    """The one of this release, read with the first question."""
    return Finder(json.loads(files("bot.answering").joinpath("weights.json").read_text("utf-8")), Lexicon(words()))
