"""A turn as calls of the Bot API, each a small JSON object that can wait in the outbox: texts cut, buttons in rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from unicodedata import east_asian_width
from urllib.parse import urlsplit

from bot.messages import Choice, Link, Reply

LONGEST = 4096
"""Code points of a text that Telegram takes."""
STAYS = "!"
"""Marks the platform's id of a message that a later tap must not redraw: a result is there to be kept."""

Call = dict[str, Any]
Row = list[dict[str, str]]


def bubbles(chat: int, replies: Iterable[Reply], *, redraw: str = "") -> list[Call]:
    """The calls that show these replies, in order. With `redraw` the first replaces that message, the rest follow."""
    calls: list[Call] = []
    for reply in replies:
        *firsts, last = split(_with_links(reply)) or [""]
        rows = [
            *rows_of(reply.aside),
            *rows_of(reply.choices),
            *([{"text": label(link.label), "url": link.url}] for link in _pages(reply.links)),
        ]
        if not last.strip() and not rows:
            continue
        calls += [{"call": "send", "chat": chat, "text": text} for text in firsts]
        call: Call = {"call": "send", "chat": chat, "text": last}
        if rows:
            call["rows"] = rows
        if reply.result:
            call["stays"] = True
        calls.append(call)
    if redraw and calls:
        calls[0] |= {"call": "edit", "message": int(redraw)}
    return calls


def split(text: str) -> list[str]:
    """A text in pieces that Telegram takes, cut at a line's end where there is one."""
    pieces = []
    text = text.strip()
    while len(text) > LONGEST:
        cut = text.rfind("\n", LONGEST // 2, LONGEST)
        cut = LONGEST if cut < 0 else cut
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip("\n")
    return [*pieces, text] if text else pieces


def rows_of(choices: Sequence[Choice]) -> list[Row]:
    """Buttons in rows: long labels two a row at most, very long ones by themselves, no short one among longer ones."""
    rows: list[Row] = []
    room = 0
    for choice in choices:
        most = _a_row(choice.label)
        if not rows or most != room or len(rows[-1]) >= room:
            rows.append([])
            room = most
        rows[-1].append({"text": label(choice.label), "callback_data": choice.id})
    return rows


def _a_row(label: str) -> int:
    width = sum(2 if east_asian_width(character) in "WFA" else 1 for character in label)
    return 4 if width <= 4 else 3 if width <= 8 else 2 if width <= 18 else 1


def label(text: str) -> str:
    """A button's text: one line, never empty."""
    return " ".join(text.split())[:64] or "…"


def _pages(links: Iterable[Link]) -> list[Link]:
    """Links that Telegram takes as buttons: web addresses whose host has a dot."""
    return [link for link in links if _is_page(link.url)]


def _is_page(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and "." in (parts.hostname or "")


def _with_links(reply: Reply) -> str:
    """The text; telephone numbers, which no button may hold, stand in it, where phones make them tappable."""
    unsaid = (link for link in reply.unsaid() if not _is_page(link.url))
    lines = (link.label if link.url.startswith("tel:") else f"{link.label} {link.url}" for link in unsaid)
    return "\n".join((reply.text, *lines))
