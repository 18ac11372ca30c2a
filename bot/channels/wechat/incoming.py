"""What WeChat delivers, as messages: texts, voice with its words, pictures, and the events a person can cause."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bot.channels.wechat.phrasebook import EMOTICONS, MENU
from bot.messages import Kind, Message

NAME: Final = "wechat"
_OPENID = re.compile(r"[\w-]{1,64}", re.ASCII)
_EMOTICON = re.compile(r"\[(\w{1,6})\]")
KINDS: Final[Mapping[str, Kind]] = {
    "image": "photo", "voice": "voice", "video": "video", "shortvideo": "video", "location": "location", "file": "file",
}  # fmt: skip


def message(fields: Mapping[str, str], account: str) -> Message | None:
    """The message in a delivery's fields, None for an event that nobody expects an answer to.

    Raises: ValueError where the sender, the kind or what tells it from other deliveries is missing.
    """
    sender, kind, at = fields.get("FromUserName", ""), fields.get("MsgType", ""), fields.get("CreateTime", "")
    if not _OPENID.fullmatch(sender) or not fields.get("ToUserName"):
        raise ValueError("no sender")
    if kind == "event":
        words = _event(fields)
        if words is None:
            return None
        id = ":".join(("event", at, fields["Event"], fields.get("EventKey", "")))
        return Message(NAME, account, sender, id[:200], "event", words)
    id = fields.get("MsgId", "")
    if not kind or not id.isdecimal() or len(id) > 30:
        raise ValueError("no kind or no number")
    if kind == "text":
        return _text(account, sender, id, fields.get("Content", ""))
    words = fields.get("Recognition", "") if kind == "voice" else ""
    return Message(NAME, account, sender, id, KINDS.get(kind, "other"), words)


def _text(account: str, sender: str, id: str, content: str) -> Message:
    words = _EMOTICON.sub(lambda found: " " if found[1] in EMOTICONS else found[0], content)
    if words != content and not words.strip():
        return Message(NAME, account, sender, id, "sticker")
    return Message(NAME, account, sender, id, "text", words.strip() if words != content else content)


def _event(fields: Mapping[str, str]) -> str | None:
    """What an event says in words: a code that was scanned is what a link with that code says on other channels."""
    name, key = fields.get("Event", "").lower(), fields.get("EventKey", "").strip()
    if name == "subscribe":
        return f"/start {key.removeprefix('qrscene_')}".strip()
    if name == "scan":
        return f"/start {key}".strip()
    if name == "click":
        return MENU.get(key, key) or "帮助"
    return None
