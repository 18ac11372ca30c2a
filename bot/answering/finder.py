"""Finds the question that a message asks: every topic and act is scored by the weights that the training made of all wordings."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from heapq import nlargest
from importlib.resources import files
from math import sqrt

from bot.answering.entries import words
from bot.answering.evidence import SOUNDS, Features, Thesaurus, pieces, squeeze

_SURE, _CLEAR, _NEAR, _BESIDE, _OFFERED = 8, 24, 10, 14, 18  # hundredths of what a plain wording scores, about
_FACTS = 28  # by how much a question must outweigh what is told, where facts were read in the message
_UNKNOWN, _RARE, _SPARSE = 0.45, 0.4, 6

Row = Sequence[int]  # what a feature is worth, then kind and weight in turn


@dataclass(frozen=True, slots=True)
class Hit:
    """`sure`: the entry meant; `near` beside it: what else it may be, the first hardly less likely where `close`.
    `near` alone: up to three to choose from. `asks`: it asks or complains, rather than tells or answers us."""

    sure: str | None = None
    near: tuple[str, ...] = ()
    close: bool = False
    asks: bool = True


@dataclass(frozen=True, slots=True)
class Scores:
    """Weights of one training, by feature."""

    kinds: tuple[str, ...]
    rows: Mapping[str, Row]
    unknown: float

    def of(self, features: Features) -> dict[str, float]:
        """How much the features speak for each kind. What no wording has speaks for none, and so lowers all."""
        scores, length = [0.0] * len(self.kinds), 0.0
        for feature in features:
            row = self.rows.get(feature)
            if row is None:
                length += (self.unknown * (_RARE if feature[0] == "~" or "&" in feature else 1.0)) ** 2
                continue
            worth = row[0]
            length += worth * worth
            for kind, weight in zip(row[1::2], row[2::2], strict=True):
                scores[kind] += worth * weight
        share = 1 / sqrt(length or 1.0)
        return dict(zip(self.kinds, [score * share for score in scores], strict=True))


class Finder:
    """All topics, ready to be asked for."""

    def __init__(self, topics: Scores, acts: Scores, lexicon: Thesaurus) -> None:
        self._topics, self._acts, self._lexicon = topics, acts, lexicon

    def find(self, text: str, topics: Container[str], *, told: bool = False) -> Hit:
        """The topic that the text asks for. `topics`: those that may be found; `told`: facts were read in the text."""
        parts = self._parts(text)
        if not parts:
            return Hit(asks=False)
        acts = [self._acts.of(part) for part in (*parts, _joined(parts))]
        if any(act["~result"] > max(act["~asks"], act["~told"]) for act in acts):
            return Hit(asks=False)
        leads = [
            (act["~asks"] - act["~told"]) * len(part) / (len(part) + _SPARSE)
            for act, part in zip(acts, (*parts, _joined(parts)), strict=True)
        ]
        if max(leads) <= (_FACTS if told else 0):
            return Hit(asks=False)
        regions = {_joined(parts): 1.0}
        if min(leads) < 0:  # the question is but a part of it
            for at in (at for at, lead in enumerate(leads[:-1]) if lead > 0):
                pair, own = _joined(parts[max(0, at - 1) : at + 1]), parts[at]
                regions |= {each: len(each) / (len(each) + _SPARSE) for each in (pair, own) if each not in regions}
        best = max((self._ranked(*region, topics) for region in regions.items()), key=lambda ranked: ranked[0][0])
        (score, sure), (second, _), *_ = best
        near = tuple(topic for other, topic in best[1:3] if other > max(_NEAR, score * 0.5))
        if score < _NEAR:
            return Hit()
        if score < _CLEAR and score - second < _SURE * (1 - score / _CLEAR) * 2:
            return Hit(near=(sure, *near))
        return Hit(sure, () if score - second >= _BESIDE else near, close=score - second < _SURE / 2)

    def asks(self, text: str) -> bool:
        """Whether a piece of text surely asks or complains, rather than tells."""
        parts = self._parts(text)
        act = self._acts.of(_joined(parts)) if parts else {}
        return bool(act) and act["~asks"] - max(act["~told"], act["~result"]) > _FACTS

    def things(self, text: str) -> frozenset[str]:
        """The things that a text mentions, in whichever words."""
        said = squeeze(text)
        return frozenset(self._lexicon.mentions(said, said.translate(SOUNDS)))

    def nearest(self, text: str, topics: Container[str]) -> tuple[str, ...]:
        """The topics nearest to a text, at most three, whatever it does."""
        ranked = self._ranked(_joined(self._parts(text)), 1.0, topics)
        return tuple(topic for score, topic in ranked if score > _OFFERED)

    def _parts(self, text: str) -> list[Features]:
        found = (self._lexicon.features(piece) for each in pieces(text) if (piece := each.replace("?", "")))
        return list(found)

    def _ranked(self, features: Features, trust: float, topics: Container[str]) -> list[tuple[float, str]]:
        scores = self._topics.of(features)
        return nlargest(3, ((score * trust, topic) for topic, score in scores.items() if topic in topics))


def _joined(parts: Sequence[Features]) -> Features:
    return tuple(dict.fromkeys(feature for part in parts for feature in part))


@cache
def finder() -> Finder:
    """The one of this release, read with the first question."""
    kinds, *trained = json.loads(files("bot.answering").joinpath("weights.json").read_text("utf-8"))
    topics, acts = (
        Scores(tuple(names), rows, _UNKNOWN * max(row[0] for row in rows.values()))
        for names, rows in zip(kinds, trained, strict=True)
    )
    return Finder(topics, acts, Thesaurus(words()))
