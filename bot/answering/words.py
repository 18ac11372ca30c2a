"""The words an answer takes from the policy pack: offices, platforms, hours, dates, the notice's own name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from bot.messages import Link
from rules import Place, PolicyPack

LEVELS = {"junior": "初级", "middle": "中级", "deputy_senior": "副高", "full_senior": "正高"}
SEXES = {"male": "男", "female": "女"}
SECTORS = {
    "public_institution": "事业单位",
    "state_enterprise": "国有企业",
    "non_public": "非公有制",
    "government": "党政机关",
}


class PolicyWords:
    """What a template may say of the policy. One for each answer, because it remembers which numbers were said."""

    def __init__(self, pack: PolicyPack, facts: Mapping[str, Any], *, hr: bool) -> None:
        self._pack, self._facts, self._hr = pack, facts, hr
        self.links: list[Link] = []

    def names(self) -> dict[str, Any]:
        """Everything a template can name."""
        pack, year = self._pack, self._pack.review_year
        requirement = pack.requirement
        return {
            "general": requirement["general"],
            "professional": requirement["professional"],
            "total": sum(requirement.values()),
            "minutes": pack.minutes.a_hour,
            "opens": day(pack.window[0]),
            "closes": day(pack.window[1]),
            "year": year,
            "three": _years(year - 2),
            "three_before": _years(year - 3),
            "source": {**pack.source._asdict(), "date": day(pack.source.date)},
            "hr": self._hr,
            "level": LEVELS.get(self._facts.get("title_level") or "", ""),
            "platform_list": "\n".join(f"{n}. {line(place)}" for n, place in enumerate(pack.platforms, 1)),
            "platform_names": "、".join(place.name for place in pack.platforms),
            "mobile_list": "\n".join(
                f"· {place.name}（{host(place)}）：{'；'.join(place.apps)}" for place in pack.platforms if place.apps
            ),
            "duty": "这只管评审：年度考核、聘任要的当年学时照常要求；最后以审核部门认定为准。",
            "says": self.says,
            "phones": self.phones,
            "office": self.office,
            "site": self.site,
            "mail": self.mail,
            "silent": self.silent,
        }

    def says(self, clause: str) -> str:
        """The pack's own sentence for a clause."""
        return self._pack.clauses[clause].says

    def phones(self, id: str) -> str:
        """The numbers of an office, joined; each becomes a link of the answer."""
        place = self._place(id)
        self.links += map(call, place.phones)
        return "、".join(place.phones)

    def office(self, id: str) -> str:
        """An office by name with its numbers."""
        return f"{self._place(id).name} {self.phones(id)}"

    def site(self, id: str) -> str:
        """The address of an office's site; it becomes a link of the answer."""
        place = self._place(id)
        self.links.append(Link(f"打开 {host(place)}", place.url))
        return host(place)

    def mail(self, id: str) -> str:
        """The mailbox of an office."""
        return self._place(id).email

    def silent(self, subject: str) -> str:
        """That the notice says nothing of the subject, and whom to ask."""
        return f"{subject}，本通知未规定。请先问单位人事部门或当地人社局，政策咨询{self.phones('policy')}。"

    def card(self, place: Place) -> str:
        """One platform, for somebody who named it."""
        self.links += map(call, place.phones)
        self.links.append(Link(f"打开 {host(place)}", place.url))
        apps = f"\n手机端：{'；'.join(place.apps)}" if place.apps else ""
        return f"{place.name}\n网址：{host(place)}{apps}\n客服电话：{'、'.join(place.phones)}"

    def _place(self, id: str) -> Place:
        place = self._pack.contact(id)
        if place.audience == "hr" and not self._hr:
            raise PermissionError(f"{id} is for bound HR accounts only")
        return place


def host(place: Place) -> str:
    """The address as people type it: without the scheme."""
    return (urlsplit(place.url).netloc + urlsplit(place.url).path).rstrip("/")


def line(place: Place) -> str:
    """One platform in a list."""
    apps = f"；{'；'.join(place.apps)}" if place.apps else ""
    return f"{place.name} {host(place)}{apps}；电话{'、'.join(place.phones)}"


def call(phone: str) -> Link:
    """A telephone number to tap."""
    return Link(f"拨打 {phone}", "tel:" + re.sub(r"\D", "", phone))


def day(date: date) -> str:
    """A date as it is read aloud."""
    return f"{date.year}年{date.month}月{date.day}日"


def _years(first: int) -> str:
    return f"{first}、{first + 1}、{first + 2}年"
