"""Answers a question about the policy: finds the entry, fills it from a notice and from what the asker has told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot.answering.entries import Topic, entries, written_for
from bot.answering.evidence import LONGEST
from bot.answering.finder import Hit, finder
from bot.answering.placeholders import LEVELS, SECTORS, SEXES, PolicyWords, line
from bot.answering.platforms import Named, Naming
from bot.answering.standing import Standing
from bot.messages import Link
from bot.reading.lexing.normalise import plain
from rules import Contact, Library, Notice
from rules import assess as judge
from rules.registry import FACTS

if TYPE_CHECKING:
    from jinja2 import Template

# Somebody is sending a citizen's number or a mobile; or a password.
_IDENTITY = re.compile(r"(?<!\d)(?:\d{17}[\dx]|\d{15}|1[3-9]\d{9})(?!\d)")
_SECRET = re.compile(r"(?:密码|口令|验证码)[是为: ]{0,3}(?=[a-z]*\d)[a-z0-9@#!_]{4,}")
_OF_CLAUSE, _OF_SILENCE = 0.35, 0.2  # of what is asked, that a clause without an entry must have to answer
_SHORT = 320  # characters of an answer that may stand below another
PLATFORM = "platform-"  # topics of this kind are the platforms of the notice
CLAUSE = "clause-"  # and of this kind its clauses that no entry knows
# A relief is said not to apply only to somebody who told what it turns on.
# What was learned in a year, as 2025年学的, asks nothing of that year's review.
_OF_REVIEW = "年?度?的?(?:政策|通知|文件|要求|规定|标准|减免|平台|[还能可以]*[报评申职]|[要得需]*学?(?:多少|几))"
_NEXT = re.compile(
    rf"(20\d\d){_OF_REVIEW}|(?<!\d)(\d\d)年(?:的|度)?(?:政策|通知|文件|[报评申职])|明年|今年|本年度?|下一?年度?"
)
_MYSELF = re.compile(r"[我俺咱]|本人|(?:今年|去年|前年|\d\d年).*(?:咋办|怎么办|咋整|咋弄|怎么弄)$")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to a question. `topic` is "" where several are offered; `near`: (topic, label) of buttons to offer.

    `general`: the pieces of the question that ask about people in general: what stands in them is no fact of the asker.
    """

    topic: str
    text: str
    clauses: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    near: tuple[tuple[str, str], ...] = ()
    general: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and when: what an answer is applied to."""

    facts: Mapping[str, Any]
    assessment: Mapping[str, Any] | None
    hr: bool
    today: date


class Answers:
    """All answers, under whichever notice."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._by_notice: dict[tuple[str, int | None], NoticeAnswers] = {}

    def of(self, notice: Notice) -> NoticeAnswers:
        """The answers under one notice. Raises: bot.answering.entries.FaqError."""
        key = (notice.id, notice.estimate_for)
        if key not in self._by_notice:
            self._by_notice[key] = NoticeAnswers(self._library, notice)
        return self._by_notice[key]

    def about(self, text: str, notice: Notice, today: date) -> NoticeAnswers:
        """The answers under the notice of the review year for which a text asks, where that is loaded; else under the one given.

        Those of another notice than the one given say of which year they are.
        """
        for year in years_said(text, today):
            other = self._library.at(notice.region, notice.area, year)
            if other is not None and notice.estimate_for is None and year != notice.review_year:
                return self.of(other).instead_of(notice)
        return self.of(notice)


class NoticeAnswers:
    """All answers under one notice."""

    def __init__(self, library: Library, notice: Notice) -> None:
        self._library, self._notice = library, notice
        self._entries = {entry.id: entry for entry in entries()}
        base = [each for each in library.notices if each.id == written_for()]
        self._standing = Standing(notice, self._entries.values(), base[0] if base else None)
        self._platforms = {PLATFORM + place.id: place for place in notice.platforms}
        self._naming = Naming(notice.platforms, tuple(contact.url for contact in notice.contacts))
        strangers = {
            place.name: place
            for each in library.notices
            if each.region == notice.region
            for place in each.platforms
            if place.url not in {own.url for own in notice.platforms}
        }
        self._strangers = Naming(strangers.values())
        self._stranger_names = {place.id: place.name for place in strangers.values()}
        self._templates: dict[str, Template] = {}
        self._asked_of: Notice | None = None

    def instead_of(self, notice: Notice) -> NoticeAnswers:
        """The same answers for somebody whose case is about another notice."""
        found = copy(self)
        found._asked_of = notice
        return found

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
        told: bool = False,
        today: date,
    ) -> Answer | None:
        """The answer to the text, or the topics it may mean, to be offered. None: it asks nothing, or nothing we know anything about.

        `told`: facts of the asker were read in the text.
        """
        found = self.find(text, hr=hr, told=told)
        if found.sure is None:
            near = self._labelled(found.near)
            return Answer("", "我不敢肯定您问的是哪一个，请点一下，或者换个说法：", near=near) if near else None
        asker = Asker(facts, assessment, hr, today)
        answer = replace(self._answer(found.sure, asker, text), general=self.general(text))
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

    def nearest(self, text: str) -> tuple[tuple[str, str], ...]:
        """What a text that we did not understand may be about, else what is asked most: (topic, label) of three."""
        found = (*finder().nearest(text, self._topics(hr=False)), "yearly-hours", "reliefs", "print-card")
        return self._labelled([id for id in dict.fromkeys(found) if self._standing.stands(id)][:3])

    def label(self, id: str) -> str:
        """What stands on the button of a topic."""
        if id in self._platforms:
            return self._platforms[id].name
        return self._entries[id].label if id in self._entries else self._standing.label(id)

    def _labelled(self, ids: Iterable[str]) -> tuple[tuple[str, str], ...]:
        return tuple((id, self.label(id)) for id in ids)

    def topics(self) -> tuple[str, ...]:
        """Every topic that the notice has something on."""
        return (*filter(self._standing.stands, self._entries), *self._platforms, *self._standing.clauses)

    def _topics(self, *, hr: bool) -> set[str]:
        """Every topic that somebody may ask for, also of what this notice does not say."""
        return {id for id, entry in self._entries.items() if hr or entry.audience == "everybody"}

    def find(self, text: str, *, hr: bool = False, told: bool = False) -> Hit:
        """The topics that the text may ask for, platforms included."""
        text = text[:LONGEST]
        said = plain(text)
        naming = self._named(said)
        if _SECRET.search(said):
            return Hit("no-password")
        if naming.ids or naming.elsewhere:
            counted = told or naming.counts
            rest = finder().find(naming.rest, self._topics(hr=hr), told=counted)
            if naming.alone or rest.asks or not counted:
                return self._of_platform(naming.ids, rest)
        if _mongolian(text):
            return Hit("language")
        if _IDENTITY.search(said):
            return Hit("id-number")
        found = finder().find(text, self._topics(hr=hr), told=told)
        clause, share = self._standing.clause_of(text)
        known = found.sure is not None and bool(self._entries[found.sure].clauses)
        if found.asks and share >= (_OF_CLAUSE if known else _OF_SILENCE):
            return Hit(clause)
        near = tuple(id for id in found.near if self._standing.stands(id))
        # Side by side stand only answers by one clause: below an answer to the question another matter is only a bother.
        return replace(found, near=near, close=found.close and self._akin(found.sure, near[:1]))

    def _named(self, said: str) -> Named:
        """What a text says of platforms; one of another notice of the region is named as one that is not listed."""
        naming = self._naming.named(said)
        if naming.ids or naming.elsewhere:
            return naming
        other = self._strangers.named(said)
        if len(other.ids) != 1:
            return naming
        return replace(other, ids=(), elsewhere=self._stranger_names[other.ids[0]])

    def _of_platform(self, ids: tuple[str, ...], rest: Hit) -> Hit:
        entry = self._entries.get(rest.sure or "")
        if entry and (entry.first or (ids and entry.platform)):
            return Hit(entry.id)
        if not ids:
            return Hit("unlisted-platform")
        return Hit(PLATFORM + ids[0] if len(ids) == 1 else "which-platform")

    def _akin(self, sure: str | None, near: tuple[str, ...]) -> bool:
        clauses = [set(self._standing.cites(id)) for id in (sure, *near) if id is not None]
        return len(clauses) == 2 and bool(set.intersection(*clauses))

    def general(self, text: str) -> tuple[str, ...]:
        """The pieces of a text that ask about people in general: 女的50岁就可以还是得55."""
        parts = re.split(r"[,。;!、\s]+", plain(text[:LONGEST]))
        return tuple(part for part in parts if not _MYSELF.search(part) and finder().asks(part))

    def _answer(self, id: str, asker: Asker, text: str) -> Answer:
        answer = self._said(id, asker, text)
        rests = bool(answer.clauses) or id in self._platforms or not self._standing.stands(id)
        year = self._of_which_year(text, asker) if rests else ""
        return replace(answer, text=f"{year}\n{answer.text}") if year else answer

    def _said(self, id: str, asker: Asker, text: str) -> Answer:
        if id in self._platforms:
            return self._platform(self._platforms[id], asker)
        words = self._words(asker)
        if id.startswith(CLAUSE):
            clause = self._standing.clauses[id]
            return Answer(id, f"{self._notice.clauses[clause].says}\n依据：通知{clause}", (clause,))
        if id == "next-year" and self._asked_of is not None:
            id = "overview"  # the notice of that year is there
        entry = self._entries[id]
        if entry.audience == "hr" and not asker.hr:
            raise KeyError(id)
        naming = self._named(plain(text)) if text else None
        named = naming.ids if naming is not None else ()
        if id == "which-platform" and named:
            return self._alike(named)
        if not self._standing.stands(id):
            return Answer(id, words.silent(f"“{entry.label}”"), (), tuple(dict.fromkeys(words.links)))
        words = self._words(asker, entry.reliefs)
        cites = self._standing.cites(id)
        if sentences := self._standing.own(id):
            cites, paragraphs = sentences, [self._notice.clauses[clause].says for clause in sentences]
            if "window" in entry.clauses:  # whether it is open today no clause says
                names = words.names()
                paragraphs.insert(0, f"{names['year']}年的培训{names['until']}。")
        else:
            paragraphs = [*self._applied(entry, asker), self._template(entry.id).render(words.names())]
        if naming is not None and naming.elsewhere and id == "unlisted-platform":
            paragraphs.insert(0, f"{naming.elsewhere} 不在通知列出的平台里。")
        for relief in self._standing.beside(id, text):
            paragraphs.append(f"{relief.says}。".replace("。。", "。"))
            cites = tuple(dict.fromkeys((*cites, relief.clause)))
        if entry.platform and len(named) == 1:
            paragraphs.append(words.card(self._platforms[PLATFORM + named[0]]))
        if cites:
            paragraphs.append(f"依据：通知{'、'.join(cites)}")
        near = tuple((key, self.label(key)) for key in self._platforms) if id == "which-platform" else ()
        return Answer(id, "\n".join(paragraphs), cites, tuple(dict.fromkeys(words.links)), near)

    def _of_which_year(self, text: str, asker: Asker) -> str:
        """Of which year what is said of the notice is, where that may be taken for another."""
        own = self._notice.review_year
        if self._asked_of is not None:
            return f"这是{own}年度的通知的规定，您这次按{self._asked_of.review_year}年度的通知算，两份不一定一样："
        if moved := self._notice.estimate_for:
            return f"{moved}年度还没有通知，这是按上一份通知推算的，以新通知为准："
        year = later_year(text, asker, self._library, self._notice)
        return f"{year}年度的通知还没有收到，下面是{own}年度的规定：" if year else ""

    def _words(self, asker: Asker, reliefs: Iterable[str] = ()) -> PolicyWords:
        return PolicyWords(
            self._notice, asker.facts, asker.today, hr=asker.hr, reliefs=reliefs,
            named=self._standing.named, years=self._library.years(self._notice.region),
        )  # fmt: skip

    def _fits_beside(self, id: str, answer: Answer) -> bool:
        """Whether an answer is short and plain enough to stand below another; never a list of numbers, never manners."""
        return len(answer.text) <= _SHORT and not answer.near and bool(answer.clauses or not self._entries[id].open)

    def _both(self, first: Answer, second: Answer, near: tuple[str, ...]) -> Answer:
        text = "\n\n".join(f"【{self.label(one.topic)}】\n{one.text}" for one in (first, second))
        clauses = tuple(dict.fromkeys((*first.clauses, *second.clauses)))
        links = tuple(dict.fromkeys((*first.links, *second.links)))
        return replace(first, text=text, clauses=clauses, links=links, near=first.near or self._labelled(near))

    def _platform(self, place: Contact, asker: Asker) -> Answer:
        words = self._words(asker)
        text = (
            f"{words.card(place)}\n它是通知列出的平台，学时可计入当年。名字相近的平台有好几个，先核对网址；"
            "网址不一样的，把网址告诉我，别打错电话。学完没有学时的，再问单位人事部门：学时要核定以后才显示。"
        )
        return Answer(PLATFORM + place.id, text, (place.clause,), tuple(words.links))

    def _alike(self, ids: tuple[str, ...]) -> Answer:
        places = [self._platforms[PLATFORM + id] for id in ids]
        lines = "\n".join(f"· {line(place)}" for place in places)
        near = tuple((PLATFORM + place.id, place.name) for place in places)
        text = f"名字相近的平台不止一个，各是各的，不一样；请看一下网址是哪一个，别打错电话：\n{lines}"
        return Answer("which-platform", text, (), (), near)

    def _applied(self, entry: Topic, asker: Asker) -> list[str]:
        """What the entry comes to for this asker, from facts told; nothing where nothing is known."""
        facts = asker.facts
        lines = [
            self._says(one.says, asker)
            for one in entry.apply
            if all(facts.get(fact) in values for fact, values in one.when.items())
        ]
        if entry.reliefs and facts:
            judged = asker.assessment or judge(self._library, dict(facts), asker.today)
            for found, word in ((judged.get("reliefs", ()), "适用"), (judged.get("not_applied", ()), "不适用")):
                lines += [
                    f"{word}：{relief['says']}"
                    for relief in found
                    if relief["id"] in entry.reliefs and self._turns_on(relief["id"]) & facts.keys()
                ]
        if not lines:
            return []
        return [f"按您说的情况（{described(facts)}）：", *lines]

    def _turns_on(self, relief: str) -> set[str]:
        """The facts one of which an asker must have told before it is said whether a relief is theirs."""
        names = [name for each in self._notice.reliefs if each.id == relief for name in each.when.facts]
        found = {fact.id for fact in FACTS.values() for name in names if name.partition(".")[0] in (fact.id, fact.year)}
        found |= {"history", "exam_years"} if "deemed_years" in names else set()
        return found - {"age", "title_level", "review_year"} or {"history"}

    def _says(self, template: str, asker: Asker) -> str:
        return self._compile(template).render(self._words(asker).names())

    def _template(self, id: str) -> Template:
        if id not in self._templates:
            self._templates[id] = self._compile(self._entries[id].answer)
        return self._templates[id]

    @cached_property
    def _compile(self) -> Callable[[str], Template]:
        from jinja2 import Environment, StrictUndefined  # only an answer needs it

        return Environment(undefined=StrictUndefined, autoescape=False).from_string


def years_said(text: str, today: date) -> list[int]:
    """The review years for which a text asks, as 今年, 明年 or a number."""
    years = []
    for found in _NEXT.finditer(plain(text)):
        full, short = found[1], found[2]
        years.append(int(full or f"20{short}") if full or short else today.year + found[0].startswith(("明", "下")))
    return years


def later_year(text: str, asker: Asker, library: Library, notice: Notice) -> int | None:
    """The year that is asked about, or in which it is asked, where that has no notice yet; None where the notice is right."""
    years = [*years_said(text, asker.today), *map(int, re.findall(r"(?<!\d)20\d\d(?!\d)", plain(text)))]
    if asker.today > notice.applications[1] and notice.review_year not in (asker.facts.get("review_year"), *years):
        years.append(asker.today.year)
    last = library.years(notice.region)[-1]
    return max((year for year in years if last < year < last + 20), default=None)


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
