"""Telegram's updates as messages: plain JSON in, so that a field this program does not know stops nobody."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from bot.messages import Kind, Message
from bot.settings.wordbook import words_beside

CHANNEL = "telegram"
WORDS = words_beside(__file__)
WANTED = ["message", "edited_message", "callback_query"]
"""The kinds of updates that are asked for; of the others nothing is to be said."""

KINDS: dict[str, Kind] = {
    "sticker": "sticker", "voice": "voice", "audio": "voice", "photo": "photo", "video": "video", "video_note": "video",
    "animation": "video", "document": "file", "location": "location", "venue": "location", "contact": "contact",
}  # fmt: skip
"""What a message holds beside text, and what the conversation calls it; anything else is `other`."""

SERVICE = frozenset(
    (
        "pinned_message", "message_auto_delete_timer_changed", "chat_background_set", "write_access_allowed",
        "boost_added", "new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo", "delete_chat_photo",
        "group_chat_created", "supergroup_chat_created", "channel_chat_created", "migrate_to_chat_id",
        "migrate_from_chat_id", "video_chat_scheduled", "video_chat_started", "video_chat_ended",
        "video_chat_participants_invited", "forum_topic_created", "forum_topic_edited", "forum_topic_closed",
        "forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden",
    )
)  # fmt: skip
"""What Telegram itself writes into a chat: nobody said anything."""

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bot:
    """Who we are: the number in the token, and the name that groups address (empty until the platform has told it)."""

    id: str
    username: str = ""


@dataclass(frozen=True, slots=True)
class ChatPlace:
    """Where an update comes from: the chat, who acted, and whether others read along."""

    chat: int
    user: int
    group: bool

    @property
    def sender(self) -> str:
        """What is said in a group stays apart from the same person's private talk."""
        return f"{self.chat}.{self.user}" if self.group else str(self.user)


def chat_of(sender: str) -> int:
    """The chat in which a sender is to be answered."""
    return int(sender.split(".")[0])


def place_of(update: Json) -> ChatPlace | None:
    """Where an update comes from; None for what no person did to us."""
    query = update.get("callback_query")
    said = (query or {}).get("message") if query else update.get("message") or update.get("edited_message")
    actor = (query or said or {}).get("from")
    if not said or not actor or (actor.get("is_bot") and not query) or said["chat"]["type"] == "channel":
        return None
    return ChatPlace(int(said["chat"]["id"]), int(actor["id"]), said["chat"]["type"] != "private")


def person_of(update: Json, bot: Bot) -> str | None:
    """The key under which an update is handled; None for what needs no answer."""
    place = place_of(update)
    if place is None or (place.group and not _heard(update, bot)):
        return None
    return f"{CHANNEL}:{bot.id}:{place.sender}"


def message_of(update: Json, bot: Bot) -> Message | None:
    """What an update says; None where there is nothing to answer."""
    place = place_of(update)
    if place is None or (place.group and not _heard(update, bot)):
        return None
    if (query := update.get("callback_query")) is not None:
        return Message(CHANNEL, bot.id, place.sender, f"c{query['id']}", "choice", choice=str(query.get("data") or ""))
    if (edited := update.get("edited_message")) is not None:
        text = _text(edited)
        if not text and "location" in edited:
            return None  # a live location that moves is still the same message
        # Two edits within a second have the same date.
        mark = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4).hexdigest()
        number = f"e{edited['message_id']}:{edited.get('edit_date', 0)}:{mark}"
        return Message(CHANNEL, bot.id, place.sender, number, "edit", text, replaces=f"m{edited['message_id']}")
    said = update["message"]
    if SERVICE & said.keys():
        return None
    text = _text(said)
    if place.group or text.startswith("/"):
        text = _without_name(text, bot)
    return Message(CHANNEL, bot.id, place.sender, f"m{said['message_id']}", _kind(said), text, group=place.group)


def _text(said: Json) -> str:
    return str(said.get("text") or said.get("caption") or "")


def _kind(said: Json) -> Kind:
    if "text" in said:
        return "text"
    return next((kind for name, kind in KINDS.items() if name in said), "other")


def _heard(update: Json, bot: Bot) -> bool:
    """Whether something in a group is meant for us: a command, our name, an answer to something we said."""
    said = update.get("message")
    if said is None:
        return False
    text = _text(said)
    if not bot.username:
        return True  # not known yet: looked at again when it is handled
    if command := re.match(r"/\w+(?:@(\w+))?", text):
        return command.group(1) is None or command.group(1).lower() == bot.username.lower()
    named = re.search(rf"@{re.escape(bot.username)}\b", text, re.IGNORECASE) is not None
    answered = (said.get("reply_to_message") or {}).get("from") or {}
    return named or str(answered.get("id")) == bot.id


def _without_name(text: str, bot: Bot) -> str:
    return re.sub(rf"@{re.escape(bot.username)}\b", "", text, flags=re.IGNORECASE).strip() if bot.username else text


def loads(text: str | bytes) -> Any:
    """JSON; half a surrogate pair, which is no text, is let through for its own update to fail on. Raises: ValueError."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            return json.loads(text)
        except RecursionError:
            raise ValueError("nested too deep") from None
