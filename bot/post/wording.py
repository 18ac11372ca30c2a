"""What a notice says, on each channel: the hours, the deadline, the one number to call, and how to see one's own result."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson
from jinja2 import Template

from bot.post.secrets import signed
from bot.post.words import CampaignFault, words
from bot.settings.wechat_template import WechatTemplate
from bot.telling import templates
from bot.telling.facts_in_words import short_words
from bot.telling.result import day_words, gap_words, parted
from rules import Library, Notice

CHANNELS = ("telegram", "wechat", "email", "hand")  # each with a template of its own
LIKE = {"wecom": "wechat"}


@dataclass(frozen=True, slots=True)
class NoticeText:
    """One notice as it leaves. `token` stands in its buttons and links, and proves that they are ours; `fields` are those of
    WeChat's template, where one is set and can say it."""

    text: str
    subject: str = ""
    html: str = ""
    token: str = ""
    open_url: str = ""
    stop_url: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        """As a letter of the outbox holds it."""
        return orjson.dumps({name: value for name in self.__slots__ if (value := getattr(self, name))})

    @classmethod
    def read(cls, body: bytes) -> NoticeText:
        """What a letter holds."""
        return cls(**orjson.loads(body))


Verdict = Mapping[str, Any]


class Wordings:
    """The words of one service's notices."""

    def __init__(
        self, packs: Library, *, public_url: str, key: bytes, wechat_template: WechatTemplate | None = None
    ) -> None:
        self.packs, self.public_url, self.key, self._wechat = packs, public_url, key, wechat_template
        found = templates()
        self._text: dict[str, Template] = {name: found.get_template(f"notice/{name}.j2") for name in CHANNELS}
        self._subject = found.get_template("notice/email_subject.j2")
        self._html = found.get_template("notice/email.html.j2")
        self._officer = found.get_template("notice/officer.j2")

    def letter(
        self, channel: str, number: int, campaign: str, title: str, assessment: Verdict, today: date, wording: str = ""
    ) -> NoticeText:
        """The notice of that `number` in a campaign, to somebody who is short; in HR's own `wording` where there is one.

        Raises: CampaignFault where that names what is none of its fields.
        """
        pack = self.packs.of(assessment)
        token = signed(self.key, number, campaign)
        open_url = f"{self.public_url}/n/{token}" if self.public_url else ""
        said = {
            "title": title, "open_url": open_url, "stop_url": open_url and f"{open_url}/stop", **words_of(assessment, pack, today),
        }  # fmt: skip
        text = own_words(wording, said) if wording else self._text[LIKE.get(channel, channel)].render(said).strip()
        if channel != "email":
            fields = self._wechat.says(said) if channel == "wechat" and self._wechat is not None else {}
            return NoticeText(text, token=token, open_url=open_url, stop_url=said["stop_url"], fields=fields)
        subject = " ".join(self._subject.render(said).split())
        html = self._html.render({**said, "own": text.splitlines() if wording else []})
        return NoticeText(text, subject, html, token, open_url, said["stop_url"])

    def officers(
        self, number: int, campaign: str, title: str, unit: str, people: Sequence[Sequence[str]]
    ) -> NoticeText:
        """To the officer of a unit: who of it is short still, each by number, name and hours."""
        subject, _, text = self._officer.render(title=title, unit=unit, people=people).strip().partition("\n")
        return NoticeText(text.strip(), subject, token=signed(self.key, number, campaign))

    def short_of(self, assessment: Mapping[str, Any]) -> str:
        """How much somebody is short of, in words: 20（2025年公需20）."""
        short = assessment.get("short")
        parts = short_words(short, self.packs.of(assessment)) if short else ""
        return gap_words(assessment) + (f"（{parts}）" if parts else "")


def own_words(wording: str, said: Mapping[str, Any]) -> str:
    """HR's own words, with what stands in braces put in. Raises: CampaignFault where a name is no field, or the hours are left out."""
    fields = words()["fields"]

    def put(found: re.Match[str]) -> str:
        if found[1] not in fields:
            raise CampaignFault("no_field", name=found[1], fields="、".join(fields))
        return str(said[fields[found[1]]])

    if "{学时}" not in wording:
        raise CampaignFault("no_hours")
    return re.sub(r"\{([^{}]*)\}", put, wording).strip()


def words_of(assessment: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
    """What every template may say; nothing that tells who somebody is."""
    office = pack.contact("policy")
    asked: dict[str, Any] = {str(year): {} for year in assessment["requirement"]["years"]}
    now, past, closes = parted({"short": asked, **assessment}, pack, today)
    short = assessment.get("short", {})
    return {
        "hours": gap_words(assessment),
        "parts": short_words(short, pack) if short else "",
        "years": sorted(map(int, (*now, *past))),
        "review_year": pack.review_year,
        "closes_on": pack.window[1],
        "closes": day_words(closes, closes) if now and closes else "",
        "closed": str(pack.review_year) in past,
        "past": "、".join(sorted(past.keys() - {str(pack.review_year)})),
        "phone": office.phones[0],
        "phone_for": office.what_for,
    }
