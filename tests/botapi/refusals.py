"""What the Bot API refuses of a message, by the limits its documentation names: texts, entities, buttons."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import urlsplit

TEXT, CAPTION, DATA, TOAST = 4096, 1024, 64, 200
TAGS = {
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
    "strike",
    "del",
    "a",
    "code",
    "pre",
    "blockquote",
    "tg-spoiler",
    "span",
}
RESERVED = "_*[]()~`>#+-=|{}.!"


class Refused(Exception):
    """An answer with `ok: false`."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


def bad(description: str) -> Refused:
    return Refused(400, f"Bad Request: {description}")


def text_of(params: dict[str, Any], key: str = "text", most: int = TEXT) -> str:
    """The text as people see it: entities taken out, trimmed."""
    raw = str(params.get(key) or "")
    mode = str(params.get("parse_mode") or "").lower()
    seen = {"": _plain, "html": _html, "markdownv2": _markdown}.get(mode, _unknown_mode)(raw).strip()
    if key == "text" and not seen:
        raise bad("message text is empty")
    if len(seen) > most:
        raise bad("message is too long" if key == "text" else "message caption is too long")
    return seen


def _plain(raw: str) -> str:
    return raw


def _unknown_mode(raw: str) -> str:
    raise bad("unsupported parse_mode")


def _html(raw: str) -> str:
    opened: list[str] = []
    out: list[str] = []
    place = 0
    for match in re.finditer(r"<(/?)([^\s<>/]*)([^<>]*)>|<", raw):
        out.append(html.unescape(raw[place : match.start()]))
        place = match.end()
        closing, name = match[1], (match[2] or "").lower()
        if name not in TAGS:
            raise bad(f"can't parse entities: unsupported start tag {name!r} at byte offset {match.start()}")
        if not closing:
            opened.append(name)
        elif not opened or opened.pop() != name:
            raise bad(f"can't parse entities: unexpected end tag at byte offset {match.start()}")
    if opened:
        raise bad(f"can't parse entities: can't find end tag of {opened[-1]!r}")
    return "".join(out) + html.unescape(raw[place:])


def _markdown(raw: str) -> str:
    """Of MarkdownV2 only that every reserved character must be escaped; whoever means formatting needs a better server."""
    bare = re.sub(r"\\.", "", raw)
    if found := next((character for character in bare if character in RESERVED), None):
        raise bad(f"can't parse entities: character {found!r} is reserved and must be escaped with the preceding '\\'")
    return re.sub(r"\\(.)", r"\1", raw)


def keyboard_of(params: dict[str, Any]) -> list[list[dict[str, str]]]:
    """The inline keyboard, checked button by button."""
    raw = params.get("reply_markup")
    if not raw:
        return []
    rows = json.loads(raw).get("inline_keyboard", []) if isinstance(raw, str) else raw.get("inline_keyboard", [])
    for button in (button for row in rows for button in row):
        if not str(button.get("text", "")).strip():
            raise bad("text buttons must be non-empty")
        if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= DATA:
            raise bad("BUTTON_DATA_INVALID")
        if "url" in button:
            parts = urlsplit(button["url"])
            if parts.scheme not in ("http", "https", "tg") or "." not in (parts.hostname or ""):
                raise bad(f"inline keyboard button URL '{button['url']}' is invalid")
        if not {"callback_data", "url"} & button.keys():
            raise bad("text buttons are unallowed in the inline keyboard")
    return [row for row in rows if row]
