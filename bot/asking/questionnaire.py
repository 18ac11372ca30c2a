"""The questions and the words on buttons: made from the registry of facts, filled in from the notice of a case."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.reading import BY_RULE, by_words
from rules import Notice
from rules.registry import FACTS, YES_NO, RegistryError, values_of

SCREENING = "circumstances"


@dataclass(frozen=True, slots=True)
class Question:
    """One question in words, with places to fill from the notice. `choices` are (value, label); `unknown`: 记不清 is an answer."""

    id: str
    name: str
    ask: str = ""
    again: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    why: str = ""
    examples: str = ""
    unknown: bool = False

    def label(self, value: Any) -> str:
        """What a value is called; the value itself where it has no button."""
        key = str(value).lower() if isinstance(value, bool) else str(value)
        return next((label for choice, label in self.choices if choice == key), key)


@dataclass(frozen=True)
class Wording:
    """Every question by fact, every word on a button that is no answer, those of the steps towards
    one, and by region the welcome in another script."""

    questions: dict[str, Question]
    labels: dict[str, str]
    steps: dict[str, str]
    also: dict[str, dict[str, str]]


@cache
def wording() -> Wording:
    """The questions and labels."""
    raw = tomllib.loads(Path(__file__).with_name("questions.toml").read_text(encoding="utf-8"))
    questions = {
        fact.id: Question(
            fact.id, fact.name, fact.ask, fact.again, fact.choices or fact.values, fact.why, fact.examples, fact.unknown
        )
        for fact in FACTS.values()
    }
    screening = raw[SCREENING]
    screened = [pair for fact in FACTS.values() for pair in fact.screen]
    choices = (("none", screening.pop("none")), *screened)
    _all_are_read()
    questions[SCREENING] = Question(SCREENING, choices=choices, **screening)
    return Wording(questions, raw["labels"], raw["steps"], raw["also"])


def _all_are_read() -> None:
    """Whether every circumstance can be told in words, and no words tell of one that there is not. Raises: RegistryError."""
    offered = {fact.id for fact in FACTS.values() if fact.screen}
    for name in sorted(offered ^ {*BY_RULE, *by_words()}):
        what = "the reader has no words for it" if name in offered else "is no circumstance of the registry"
        raise RegistryError(f"{name}: {what} ([fact] in bot/reading/data/words.toml)")
    for name in by_words() - {*YES_NO}:
        raise RegistryError(f"{name}: words alone tell a fact of kind yes_no, this one is of kind {FACTS[name].kind}")


def why(asked: str, notice: Notice) -> str:
    """Why a question is asked: what the notice makes of the answer, each with its clause."""
    fact = FACTS.get(asked)
    hangs = {asked, *([fact.year] if fact is not None and fact.year else [])}
    hangs |= {"sex", "age"} if asked in ("sex", "birth", "birth_day") else set()
    hangs |= {"deemed_years"} if asked == "exam_years" else set()
    if asked == SCREENING:
        hangs = {
            name.partition(".")[0] for each in FACTS.values() if each.circumstance for name in (each.id, each.year)
        }
    resting = [
        f"{relief.says}（{relief.clause}）"
        for relief in notice.reliefs
        if any(name.partition(".")[0] in hangs for name in relief.when.facts)
        and ("age" in relief.when.facts or not hangs & {"age"})
    ]
    resting += [
        f"{notice.clauses[rule.clause].says.rstrip('。')}（{rule.clause}）"
        for rule in notice.years.values()
        if rule.when is not None and asked in rule.when.facts
    ]
    own = filled(wording().questions[asked].why, notice)
    return "；".join(resting) + "。" * bool(resting) + own if resting or own else "这一项会改变结果。"


def filled(text: str, notice: Notice) -> str:
    """A question's text with what the notice says in its places."""
    if "{" not in text:
        return text
    by_level: dict[int, list[str]] = {}
    for level in values_of("title_level"):
        by_level.setdefault(notice.look_back(level), []).append(FACTS["title_level"].label(level))
    look_back = "，".join(
        f"{'、'.join(names)}{'只看当年' if years == 1 else f'要看近{years}年'}"
        for years, names in sorted(by_level.items())
    )
    bounds = {f"{name}_until": high for name, (_, high) in notice.limits.items()}
    bounds |= {f"{name}_from": low for name, (low, _) in notice.limits.items()}
    return text.format_map(
        _Places(
            bounds,
            review_year=notice.review_year,
            last_year=notice.review_year - 1,
            look_back=look_back,
            requirement="每年"
            + "、".join(f"{each.short}不少于{each.hours}" for each in notice.categories)
            + (f"、合计不少于{notice.total}" if notice.total > sum(notice.requirement.values()) else ""),
            ages="、".join(map(str, notice.thresholds)),
            minutes=notice.minutes.says,
            categories="和".join(each.short for each in notice.categories),
            an_example="".join(
                f"{each.short}{max(each.hours - 10 * place, 1)}" for place, each in enumerate(notice.categories)
            ),
        )
    )


class _Places(dict[str, object]):
    """What is not known yet stays as it stands, for whoever fills it next."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
