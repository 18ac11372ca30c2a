"""Answers a question about the policy: finds the entry, fills it from the policy pack and from what the asker has told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot.answering import entries as faq
from bot.answering.asking import asks
from bot.answering.index import LONGEST, Found, Index
from bot.answering.platforms import Naming
from bot.answering.words import LEVELS, SECTORS, SEXES, PolicyWords, line
from bot.messages import Link
from bot.reading.plain import plain
from rules import Packs, Place, PolicyPack
from rules import assess as judge

if TYPE_CHECKING:
    from jinja2 import Template

# Somebody is sending a citizen's number or a mobile.
_IDENTITY = re.compile(r"(?<!\d)(?:\d{17}[\dx]|\d{15}|1[3-9]\d{9})(?!\d)")
_SHORT = 320  # characters of an answer that may stand below another
PLATFORM = "platform-"  # topics of this kind are the platforms of the pack
# A relief is said not to apply only to somebody who told what it turns on.
_TURNS_ON = {
    "age_full": ("sex",),
    "age_partial": ("sex",),
    "non_public": ("sector",),
    "grassroots": ("grassroots",),
    "postdoc_senior": ("postdoc",),
    "epidemic_year": ("epidemic_years",),
    "transfer_same_year": ("transfer",),
    "transfer_years": ("transfer",),
    "exceptional_tenure": ("route",),
    "exam_deemed": ("history",),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to a question. `topic` is "" where several are offered; `near`: (topic, label) of buttons to offer."""

    topic: str
    text: str
    clauses: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    near: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and when: what an answer is applied to."""

    facts: Mapping[str, Any]
    assessment: Mapping[str, Any] | None
    hr: bool
    today: date


class Answers:
    """All answers under one policy pack."""

    def __init__(self, packs: Packs, pack: PolicyPack) -> None:
        self._packs, self._pack = packs, pack
        self._entries = {entry.id: entry for entry in faq.entries()}
        self._platforms = {PLATFORM + place.id: place for place in pack.platforms}
        self._naming = Naming(pack.platforms, tuple(contact.url for contact in pack.contacts))
        self._templates: dict[str, Template] = {}

    @classmethod
    def load(cls, packs: Packs) -> Answers:
        """The answers under the newest pack. Raises: bot.faq.FaqError."""
        return cls(packs, packs.newest)

    @cached_property
    def index(self) -> Index:
        """Built with the first question, not at start."""
        return Index(tuple(self._entries.values()), faq.words())

    def topic_of(self, text: str, *, hr: bool = False) -> str | None:
        """The topic that the text surely asks for; None where it tells facts, or could mean several things."""
        return self.find(text, hr=hr).sure

    def ask(
        self,
        text: str,
        *,
        facts: Mapping[str, Any],
        assessment: Mapping[str, Any] | None = None,
        hr: bool = False,
        today: date,
    ) -> Answer | None:
        """The answer to the text, or the topics it may mean, to be offered. None: no question we know anything about."""
        found = self.find(text, hr=hr)
        if found.sure is None:
            near = self._labelled(found.near)
            return Answer("", "我不敢肯定您问的是哪一个，请点一下，或者换个说法：", near=near) if near else None
        asker = Asker(facts, assessment, hr, today)
        answer = self._answer(found.sure, asker, text)
        if not found.near:
            return answer
        second = self._answer(found.near[0], asker, text)
        if found.close and self._fits_beside(found.near[0], second):
            return self._both(answer, second, found.near[1:])
        # Another entry may be meant: say which one this answers, so that a misunderstanding is seen at once.
        text = f"我按“{self.label(found.sure)}”来回答，不是这个请点下面的：\n{answer.text}"
        return replace(answer, text=text, near=answer.near or self._labelled(found.near))

    def topic(
        self,
        id: str,
        *,
        facts: Mapping[str, Any],
        assessment: Mapping[str, Any] | None = None,
        hr: bool = False,
        today: date,
    ) -> Answer:
        """The answer of one topic, for a button. Raises: KeyError for an unknown topic."""
        return self._answer(id, Asker(facts, assessment, hr, today), "")

    def label(self, id: str) -> str:
        """What stands on the button of a topic."""
        return self._platforms[id].name if id in self._platforms else self._entries[id].label

    def _labelled(self, ids: Iterable[str]) -> tuple[tuple[str, str], ...]:
        return tuple((id, self.label(id)) for id in ids)

    def topics(self) -> tuple[str, ...]:
        """Every topic there is."""
        return (*self._entries, *self._platforms)

    def find(self, text: str, *, hr: bool = False) -> Found:
        """The topics that the text may ask for, platforms included."""
        text = text[:LONGEST]
        said = plain(text)
        naming = self._naming.named(said)
        if naming.ids and (naming.alone or any(map(asks, said.split("\n")))):
            entry = self._entries.get(self.index.find(naming.rest, hr=hr, asked=True).sure or "")
            if entry and (entry.platform or entry.first):
                return Found(entry.id)
            return Found(PLATFORM + naming.ids[0] if len(naming.ids) == 1 else "which-platform")
        if naming.elsewhere and any(map(asks, said.split("\n"))):
            return Found("unlisted-platform")
        if _mongolian(text):
            return Found("language")
        if _IDENTITY.search(said):
            return Found("id-number")
        found = self.index.find(text, hr=hr)
        # Side by side stand only answers by one clause: below an answer to the question another matter is only a bother.
        return replace(found, close=found.close and self._akin(found.sure, found.near[:1]))

    def _akin(self, sure: str | None, near: tuple[str, ...]) -> bool:
        clauses = {id: set(self._entries[id].clauses) for id in (sure, *near) if id is not None}
        return len(clauses) == 2 and bool(set.intersection(*clauses.values()))

    def _answer(self, id: str, asker: Asker, text: str) -> Answer:
        if id in self._platforms:
            return self._platform(self._platforms[id], asker)
        entry = self._entries[id]
        if entry.audience == "hr" and not asker.hr:
            raise KeyError(id)
        named = self._naming.named(plain(text)).ids if text else ()
        if id == "which-platform" and named:
            return self._alike(named)
        words = PolicyWords(self._pack, asker.facts, hr=asker.hr)
        paragraphs = [*self._applied(entry, asker), self._template(entry.id).render(words.names())]
        if entry.platform and len(named) == 1:
            paragraphs.append(words.card(self._platforms[PLATFORM + named[0]]))
        if entry.clauses:
            paragraphs.append(f"依据：通知{'、'.join(entry.clauses)}")
        near = tuple((key, self.label(key)) for key in self._platforms) if id == "which-platform" else ()
        links = tuple(dict.fromkeys(words.links))
        return Answer(id, "\n".join(paragraphs), entry.clauses, links, near)

    def _fits_beside(self, id: str, answer: Answer) -> bool:
        """Whether an answer is short and plain enough to stand below another; never a list of numbers, never manners."""
        entry = self._entries[id]
        return len(answer.text) <= _SHORT and not answer.near and bool(entry.clauses or not entry.open)

    def _both(self, first: Answer, second: Answer, near: tuple[str, ...]) -> Answer:
        text = "\n\n".join(f"【{self.label(one.topic)}】\n{one.text}" for one in (first, second))
        clauses = tuple(dict.fromkeys((*first.clauses, *second.clauses)))
        links = tuple(dict.fromkeys((*first.links, *second.links)))
        return Answer(first.topic, text, clauses, links, first.near or self._labelled(near))

    def _platform(self, place: Place, asker: Asker) -> Answer:
        words = PolicyWords(self._pack, asker.facts, hr=asker.hr)
        text = (
            f"{words.card(place)}\n它是通知列出的平台，学时可计入当年公需和专业。名字相近的平台有好几个，先核对网址；"
            "网址不一样的，把网址告诉我，别打错电话。"
        )
        return Answer(PLATFORM + place.id, text, (place.clause,), tuple(words.links))

    def _alike(self, ids: tuple[str, ...]) -> Answer:
        places = [self._platforms[PLATFORM + id] for id in ids]
        lines = "\n".join(f"· {line(place)}" for place in places)
        near = tuple((PLATFORM + place.id, place.name) for place in places)
        return Answer(
            "which-platform", f"名字相近的平台不止一个，请看一下网址是哪一个，别打错电话：\n{lines}", (), (), near
        )

    def _applied(self, entry: faq.Entry, asker: Asker) -> list[str]:
        """What the entry comes to for this asker, from facts told; nothing where nothing is known."""
        facts = asker.facts
        lines = [
            self._says(one.says, asker)
            for one in entry.apply
            if all(facts.get(fact) in values for fact, values in one.when.items())
        ]
        if entry.reliefs and facts:
            judged = asker.assessment or judge(self._packs, dict(facts), asker.today)
            for found, word in ((judged.get("reliefs", ()), "适用"), (judged.get("not_applied", ()), "不适用")):
                for relief in found:
                    known = all(facts.get(fact) is not None for fact in _TURNS_ON.get(relief["id"], ()))
                    if relief["id"] in entry.reliefs and known:
                        lines.append(f"{word}：{relief['says']}")
        if not lines:
            return []
        return [f"按您说的情况（{described(facts)}）：", *lines]

    def _says(self, template: str, asker: Asker) -> str:
        return self._compile(template).render(PolicyWords(self._pack, asker.facts, hr=asker.hr).names())

    def _template(self, id: str) -> Template:
        if id not in self._templates:
            self._templates[id] = self._compile(self._entries[id].answer)
        return self._templates[id]

    @cached_property
    def _compile(self) -> Callable[[str], Template]:
        from jinja2 import Environment, StrictUndefined  # only an answer needs it

        return Environment(undefined=StrictUndefined, autoescape=False).from_string


def described(facts: Mapping[str, Any]) -> str:
    """The asker in a few words: 女，52岁，副高."""
    age = f"{facts['age']}岁" if facts.get("age") is not None else ""
    birth = f"{facts['birth']}出生" if facts.get("birth") else ""
    parts = (
        SEXES.get(facts.get("sex") or ""),
        birth or age,
        LEVELS.get(facts.get("title_level") or ""),
        SECTORS.get(facts.get("sector") or ""),
        "基层一线" if facts.get("grassroots") else "",
    )
    return "，".join(part for part in parts if part) or "已告诉我的"


def _mongolian(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return bool(letters) and sum("\u1800" <= character <= "\u18af" for character in letters) * 2 > len(letters)
