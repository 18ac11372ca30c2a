"""A turn as WeChat texts: options numbered, since there are no buttons, and cut into pieces that WeChat takes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import orjson

from bot.channels.wechat.phrasebook import SAYS, TAPS
from bot.messages import Choice, Reply, Turn, first_numbers

LIMIT = 2048
"""Bytes of UTF-8 in one text."""
ROOM = LIMIT - max(len(SAYS[name].format(page=99).encode()) for name in ("follows", "more"))
_PAGE = re.compile(r"\s*第\s*(\d{1,2}|[一二三四五六七八九])\s*页[。.!！]?\s*")
_NOT_SHOWN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_TAPS = re.compile("|".join(map(re.escape, TAPS)))
_TAG = re.compile("<(?=[A-Za-z/!?])")


def pages(replies: Iterable[Reply], *, follow: bool) -> tuple[str, ...]:
    """The replies of one turn as texts of at most LIMIT bytes, in order; each but the last says that more is to come:
    by itself where it is to `follow`, else when it is asked for."""
    shown = list(replies)
    numbered = any(reply.choices and reply.numbered for reply in shown)
    firsts = first_numbers(shown) if numbered else [0] * len(shown)
    whole = "\n\n".join(filter(None, (bubble(reply, first) for reply, first in zip(shown, firsts, strict=True))))
    whole = _untapped(whole, {choice.label for reply in shown for choice in reply.choices})
    pieces = split(whole)
    note = SAYS["follows" if follow else "more"]
    return tuple(piece + note.format(page=at + 2) for at, piece in enumerate(pieces[:-1])) + tuple(pieces[-1:])


def _untapped(text: str, labels: set[str]) -> str:
    """The text with invitations to tap put as invitations to reply."""
    names = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    text = re.sub(f"点(?=“(?:{names})”)", "回复", text) if names else text
    return _TAPS.sub(lambda found: TAPS[found[0]], text)


def page_asked(text: str) -> int | None:
    """The number of the piece that somebody asks for ("第2页"), counted from 1."""
    found = _PAGE.fullmatch(text)
    if found is None:
        return None
    return int(found[1]) if found[1].isdecimal() else "一二三四五六七八九".index(found[1]) + 1


def parts(openid: str, texts: Iterable[str]) -> tuple[bytes, ...]:
    """Texts as what the outbox keeps."""
    return tuple(orjson.dumps([openid, text]) for text in texts)


def kept(openid: str, turn: Turn) -> tuple[bytes, ...]:
    """The result as a picture, where the turn asks for it: what it is drawn of, since drawing waits until it is sent."""
    if turn.assessment is None or not any(reply.look and reply.look["kind"] == "keep" for reply in turn.replies):
        return ()
    return (orjson.dumps([openid, {"facts": turn.facts, "assessment": turn.assessment}]),)


def unpack(part: bytes) -> tuple[str, str | dict[str, Any]]:
    """To whom, and the text, or what a picture is drawn of."""
    openid, content = orjson.loads(part)
    return openid, content


def bubble(reply: Reply, first: int) -> str:
    """One bubble in lines: its text, its links, its options, numbered from `first`; with 0 a number alone is not understood."""
    lines = [reply.text.strip()]
    lines += [link.label if link.url.startswith("tel:") else f"{link.label}：{link.url}" for link in reply.unsaid()]
    if reply.aside and reply.look is not None:
        lines.append(SAYS["steps"] + "、".join(choice.label for choice in reply.aside))
    lines += _options(reply.choices, first)
    # WeChat makes links of <a> in a text, also where a person wrote it.
    return _TAG.sub("＜", _NOT_SHOWN.sub("", "\n".join(filter(None, lines))))


def _options(choices: tuple[Choice, ...], first: int) -> list[str]:
    if not choices:
        return []
    if first:
        return [SAYS["options"], *(f"【{number}】{choice.label}" for number, choice in enumerate(choices, first))]
    return [SAYS["words"] + "、".join(choice.label for choice in choices)]


def split(text: str, most: int = ROOM) -> list[str]:
    """The text in pieces: whole if it fits LIMIT, else cut at the end of a paragraph, a line or a sentence, at worst anywhere."""
    pieces: list[str] = []
    rest = text
    while len(rest.encode()) > (LIMIT if not pieces else most):
        fits = rest.encode()[:most].decode(errors="ignore")
        cut = next(
            (at for at in (fits.rfind("\n\n"), fits.rfind("\n"), fits.rfind("。") + 1) if at > len(fits) // 2), 0
        )
        cut = cut or len(fits)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest]
