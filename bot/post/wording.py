"""What a notice says, on each channel: the hours, the deadline, the one number to call, and how to see one's own result."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson

from bot.post.notice_words import CampaignFault, words
from bot.post.proofs import signed
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
        self._templates = templates()

    def _says(self, template: str, said: Mapping[str, Any]) -> str:
        return self._templates.get_template(f"notice/{template}.j2").render(said).strip()

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
        text = own_words(wording, said) if wording else self._says(LIKE.get(channel, channel), said)
        if channel != "email":
            fields = self._wechat.says(said) if channel == "wechat" and self._wechat is not None else {}
            return NoticeText(text, token=token, open_url=open_url, stop_url=said["stop_url"], fields=fields)
        html = self._says("email.html", said | {"own": text.splitlines() if wording else []})
        return NoticeText(
            text, " ".join(self._says("email_subject", said).split()), html, token, open_url, said["stop_url"]
        )

    def officers(
        self, number: int, campaign: str, title: str, unit: str, people: Sequence[Sequence[str]]
    ) -> NoticeText:
        """To the officer of a unit: who of it is short still, each by number, name and hours."""
        said = {"title": title, "unit": unit, "people": people}
        subject, _, text = self._says("officer", said).partition("\n")
        return NoticeText(text.strip(), subject, token=signed(self.key, number, campaign))

    def short_of(self, assessment: Mapping[str, Any]) -> str:
        """How much somebody is short of, in words: 20（2025年公需20）."""
        parts = _parts(assessment, self.packs.of(assessment))
        return gap_words(assessment) + (f"（{parts}）" if parts else "")


def _parts(assessment: Verdict, pack: Notice) -> str:
    return short_words(assessment["short"], pack) if assessment.get("short") else ""


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
    return {
        "hours": gap_words(assessment),
        "parts": _parts(assessment, pack),
        "years": sorted(map(int, (*now, *past))),
        "review_year": pack.review_year,
        "closes_on": pack.window[1],
        "closes": day_words(closes, closes) if now and closes else "",
        "closed": str(pack.review_year) in past,
        "past": "、".join(sorted(past.keys() - {str(pack.review_year)})),
        "phone": office.phones[0],
        "phone_for": office.what_for,
    }
