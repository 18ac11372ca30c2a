"""The words an answer takes from the notice: hours, years, ages, reliefs, platforms, offices, dates, the notice's own name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from bot.answering.standing import counts
from bot.messages import Link
from rules import Contact, Notice

LEVELS = {"junior": "初级", "middle": "中级", "deputy_senior": "副高", "full_senior": "正高"}
SEXES = {"male": "男", "female": "女"}
SECTORS = {
    "public_institution": "事业单位",
    "state_enterprise": "国有企业",
    "non_public": "非公有制",
    "government": "党政机关",
}
_NUMERALS = "零一二三四五六七八九十"
_NO_WAY = ("makeup_course", "unlisted_platform", "other")  # sources that are no way to hours by themselves
_CHAPTER = re.compile(r"[二三四五六七八九十]+")


class PolicyWords:
    """What a template may say of the notice. One for each answer, because it remembers which numbers were said."""

    def __init__(
        self, notice: Notice, facts: Mapping[str, Any], today: date, *, hr: bool, reliefs: Iterable[str] = (),
        named: Callable[[Iterable[str]], list[str]], years: Iterable[int] = (),
    ) -> None:  # fmt: skip
        """`reliefs`: those that the answer is about; `named`: the clauses meant by names; `years`: those with a notice."""
        self._notice, self._facts, self._today, self._hr = notice, facts, today, hr
        self._named, self._loaded = named, years
        self._about = [relief.says for relief in notice.reliefs if relief.id in reliefs]
        self.links: list[Link] = []

    def names(self) -> dict[str, Any]:
        """Everything a template can name."""
        notice, facts = self._notice, self._facts
        opens, closes, _ = notice.window
        longest = notice.look_back(None)
        return {
            "floors": "，".join(f"{each.name}不少于{each.hours}学时" for each in notice.categories),
            "amounts": self._amounts(None),
            "junior_amounts": self._amounts("junior"),
            "subjects": "和".join(each.name for each in notice.categories),
            "both": "和".join(each.short for each in notice.categories),
            "total": notice.total,
            "minutes": notice.minutes.a_hour,
            "year": notice.review_year,
            "rule": "；".join(self._rules()),
            "near": f"近{numeral(longest)}年",
            "years": _listed(notice.review_years(None)),
            "years_other": self._otherwise(),
            "years_kind": "含申报年度" if notice.review_year in notice.review_years(None) else "申报年度之前",
            "junior_years": self._looked_at("junior"),
            "level": LEVELS.get(facts.get("title_level") or "", ""),
            "own_years": self._looked_at(facts.get("title_level")),
            "opens": day(opens),
            "closes": day(closes),
            "open": self._today <= closes,
            "begun": self._today >= opens,
            "until": self._until(),
            "later": self._later(),
            "apply_from": day(notice.applications[0]),
            "apply_until": day(notice.applications[1]),
            "apply_over": self._today > notice.applications[1],
            "learn_at": self._learn_at(),
            "has_base": self.has("ce_base"),
            "platform_subjects": self._platform_subjects(),
            "unlisted": self._unlisted(),
            "self_enrolled": self._self_enrolled(),
            "seminar": self._worth("seminar"),
            "own": "".join(f"{says}。" for says in self._about),
            "reliefs": "\n".join(f"{n}. {relief.says}" for n, relief in enumerate(notice.reliefs, 1)),
            "relief_count": f"有{numeral(len(notice.reliefs))}种情况" if notice.reliefs else "没有写",
            "sources": self._sources(),
            "others": "".join(f"· {text.says}\n" for name, text in notice.clauses.items() if _CHAPTER.fullmatch(name)),
            "source": {**notice.source._asdict(), "date": day(notice.source.date)},
            "platform_count": f"{numeral(len(notice.platforms))}个",
            "platform_list": "\n".join(f"{n}. {line(place)}" for n, place in enumerate(notice.platforms, 1)),
            "platform_names": "、".join(place.name for place in notice.platforms),
            "mobile_list": "\n".join(
                f"· {place.name}（{host(place)}）：{'；'.join(place.apps)}" for place in notice.platforms if place.apps
            ),
            "offline": "\n".join(
                f"· {quote}" for clause in notice.clauses.values() for quote in clause.quotes if "离线" in quote
            ),
            "duty": "这只管评审：年度考核、聘任要的当年学时照常要求；最后以审核部门认定为准。",
            "hr": self._hr,
            **{name: getattr(self, name) for name in _SAYABLE},
        }

    def _amounts(self, level: str | None) -> str:
        floors = zip(self._notice.categories, self._notice.ask(level).floors, strict=True)
        return "、".join(f"{each.short}{hours}" for each, hours in floors)

    def _worth(self, source: str) -> str:
        """What a record of a source is worth, where the notice says it."""
        rule = self._notice.sources.get(source)
        each = f"每次折合{rule.an_event}学时" if rule is not None and rule.an_event else ""
        most = f"一年最多计{rule.at_most}学时" if rule is not None and rule.at_most else ""
        return "，".join(filter(None, (each, most)))

    # ------------------------------------------------------------ days

    def _until(self) -> str:
        opens, closes, _ = self._notice.window
        if self._today > closes:
            return f"已经在{day(closes)}截止了"
        return f"到{day(closes)}截止" if self._today >= opens else f"{day(opens)}才开始，到{day(closes)}截止"

    def _later(self) -> str:
        """The years after this one that have a notice, too."""
        years = [year for year in self._loaded if year > self._notice.review_year]
        return _listed(years).replace("年", "年度") if years else ""

    # ------------------------------------------------------------ training

    def _learn_at(self) -> str:
        return "列出的平台或继续教育基地" if self.has("ce_base") else "列出的平台"

    def _platform_subjects(self) -> str:
        """The categories into which hours of a listed platform count."""
        rule = self._notice.sources.get("listed_platform")
        return "、".join(each.short for each in self._notice.categories if rule and each.id in rule.categories)

    def _unlisted(self) -> str:
        """What training on a platform that is not listed comes to."""
        rule = self._notice.sources.get("unlisted_platform")
        if rule is None or not counts(rule):
            return "算不算通知没有写，我不算进去"
        asked = [check.says for check in rule.checks if not check.only_reading]
        says = "；".join(asked) or self.says("unlisted_platform").rstrip("。")
        return f"{says}，算也要按权限核定"

    def _self_enrolled(self) -> str:
        """What hours come to that somebody enrolled for without the employer."""
        rule = self._notice.sources.get("listed_platform")
        checks = [check for check in rule.checks if "organised" in check.when.facts] if rule else []
        if any(not check.only_reading for check in checks):
            return f"{checks[0].says}，个人自己报名的我不算进去"
        if checks:
            return "通知写的是各地、各单位“组织”人员在列出的平台参加培训，个人自己报名的没有单独写；我按“按权限核定了就算”来算"
        return "在通知列出的平台学的，要不要单位组织、自己报名认不认，通知没有写；要按权限核定"

    # ------------------------------------------------------------ years

    def _looked_at(self, level: str | None) -> str:
        years = self._notice.review_years(level)
        return f"{'当年' if len(years) == 1 else f'近{numeral(len(years))}年'}（{_listed(years)}）"

    def _rules(self) -> list[str]:
        """For which levels which years are looked at."""
        spans: dict[str, list[str]] = {}
        for level, name in LEVELS.items():
            spans.setdefault(self._looked_at(level), []).append(name)
        return [f"申报{'、'.join(names)}看{years}" for years, names in spans.items()]

    def _otherwise(self) -> str:
        """The years, where the look-back may also be read as ending in another one."""
        ends = self._notice.knobs.look_back_ends
        others = [each.knobs.look_back_ends for each in self._notice.alternatives if each.knobs.look_back_ends != ends]
        return _listed(year + others[0] - ends for year in self._notice.review_years(None)) if others else ""

    def _sources(self) -> str:
        """What counts as training, a line each."""
        clauses = dict.fromkeys(
            rule.clause for id, rule in self._notice.sources.items() if id not in _NO_WAY and counts(rule)
        )
        return "\n".join(f"{n}. {self._notice.clauses[clause].says}" for n, clause in enumerate(clauses, 1))

    # ------------------------------------------------------------ what a template calls

    def has(self, name: str) -> bool:
        """Whether the notice has a clause of that name, as entries name them."""
        return bool(self._named([name]))

    def says(self, name: str) -> str:
        """The notice's own sentences for what a name means; nothing where it has none."""
        return "".join(self._notice.clauses[clause].says for clause in self._named([name]))

    def quotes(self, name: str) -> str:
        """The operative words of what a name means, as printed."""
        return "".join(
            f"“{quote}”。" for clause in self._named([name]) for quote in self._notice.clauses[clause].quotes
        )

    def phones(self, id: str) -> str:
        """The numbers of an office, joined; each becomes a link of the answer."""
        place = self._place(id)
        self.links += calls(place)
        return "、".join(place.phones)

    def office(self, id: str) -> str:
        """An office by name with its numbers."""
        return f"{self.name(id)} {self.phones(id)}".strip()

    def name(self, id: str) -> str:
        """What an office is called."""
        return self._place(id).name

    def site(self, id: str) -> str:
        """The address of an office's site; it becomes a link of the answer."""
        place = self._place(id)
        self.links += [Link(f"打开 {host(place)}", place.url)] if place.url else []
        return host(place)

    def mail(self, id: str) -> str:
        """The mailbox of an office."""
        return self._place(id).email

    def silent(self, subject: str) -> str:
        """That the notice says nothing of the subject, and whom to ask."""
        return f"{subject}，本通知未规定。请先问单位人事部门或当地人社局，政策咨询{self.phones('policy')}。"

    def card(self, place: Contact) -> str:
        """One platform, for somebody who named it."""
        self.links += [*calls(place), Link(f"打开 {host(place)}", place.url)]
        apps = f"\n手机端：{'；'.join(place.apps)}" if place.apps else ""
        return f"{place.name}\n网址：{host(place)}{apps}\n客服电话：{'、'.join(place.phones)}"

    def _place(self, id: str) -> Contact:
        place = self._notice.contact(id)
        if place.audience == "hr" and not self._hr:
            raise PermissionError(f"{id} is for bound HR accounts only")
        return place


_SAYABLE = ("has", "says", "quotes", "phones", "office", "name", "site", "mail", "silent")


def _listed(years: Iterable[int]) -> str:
    return "、".join(map(str, years)) + "年"


def host(place: Contact) -> str:
    """The address as people type it: without the scheme."""
    return (urlsplit(place.url).netloc + urlsplit(place.url).path).rstrip("/")


def line(place: Contact) -> str:
    """One platform in a list."""
    apps = f"；{'；'.join(place.apps)}" if place.apps else ""
    return f"{place.name} {host(place)}{apps}；电话{'、'.join(place.phones)}"


def calls(place: Contact) -> list[Link]:
    """A place's telephone numbers to tap, each saying whose it is."""
    return [
        Link(f"{place.what_for or host(place)} {phone}", "tel:" + re.sub(r"\D", "", phone)) for phone in place.phones
    ]


def day(date: date) -> str:
    """A date as it is read aloud."""
    return f"{date.year}年{date.month}月{date.day}日"


def numeral(number: int) -> str:
    """A small number as it is said; 两 stands before a measure."""
    if number == 2:
        return "两"
    return _NUMERALS[number] if number <= 10 else f"十{_NUMERALS[number - 10]}" if number < 20 else str(number)
