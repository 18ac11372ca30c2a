"""Plain text to safe HTML: all of it escaped, with links on numbers and addresses, drawn bars hidden from listeners."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup, escape

CALL = r"(?P<tel>(?:[(（]0\d{2,3}[)）]\s?\d{7,8}|\b0\d{2,3}-\d{7,8}|\b[48]00-\d{3}-\d{4}|\b[48]00\d{7})(?!\d))"
MAIL = r"(?P<mail>[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
PAGE = r"(?P<page>https?://[A-Za-z0-9./_~:?#@!$&'*+,;=%-]*[A-Za-z0-9/_=-]|\b(?:[a-z0-9-]+\.)+(?:com|cn|net|org)\b(?:/[A-Za-z0-9/_-]*)?)"
DRAWN = r"(?P<drawn>[\u2580-\u259f\u25a0-\u25ff]{2,})"
SPECIAL = re.compile("|".join((CALL, MAIL, PAGE, DRAWN)), re.ASCII)  # a Chinese character ends a number or an address
LONGEST_LABEL = 6  # characters before a colon that still look like a label
NUMBER = re.compile(f"({CALL.replace('(?P<tel>', '(?:')})", re.ASCII)
FOLLOWED = re.compile(r"(?:https?|mailto):|tel:\+?[0-9-]+$|/(?!/)", re.IGNORECASE)


def telephone(number: str) -> str:
    """`（0471）6944094` as `tel:04716944094`."""
    return "tel:" + re.sub(r"\D", "", number)


def marked(found: re.Match[str]) -> Markup:
    """One special place of a text."""
    word = found.group()
    if found["drawn"]:
        return Markup('<span aria-hidden="true" class="drawn">{}</span>').format(word)
    if found["tel"]:
        return Markup('<a href="{}">{}</a>').format(telephone(word), word)
    if found["mail"]:
        return Markup('<a href="mailto:{}">{}</a>').format(word, word)
    url = word if word.startswith("http") else f"https://{word}"
    return Markup('<a href="{}" rel="noopener noreferrer" target="_blank">{}</a>').format(url, word)


def linked(text: str) -> Markup:
    """The text as HTML in which one can tap numbers and addresses; its line breaks stay line breaks."""
    parts, end = [], 0
    for found in SPECIAL.finditer(text):
        parts += [escape(text[end : found.start()]), marked(found)]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def labelled(line: str) -> Markup:
    """The same with what stands before a first colon made prominent: 减免：… is found at a glance."""
    label, colon, rest = line.partition("：")
    name = 0 < len(label) <= LONGEST_LABEL and bool(colon)
    return Markup("<b>{}</b>").format(label + colon) + linked(rest) if name else linked(line)


def unbroken(label: str) -> Markup:
    """A label whose telephone number stays on one line."""
    parts = NUMBER.split(label)
    return Markup("").join(
        Markup('<span class="number">{}</span>').format(p) if i % 2 else p for i, p in enumerate(parts)
    )


def followable(url: str) -> bool:
    """Whether a link may be offered: a page, a number, a mail address or a path of ours; never a script."""
    return FOLLOWED.match(url) is not None


DRAWN_WITH: dict[str, Any] = {each.__name__: each for each in (linked, labelled, unbroken, telephone)}
"""What the templates of pages know by name."""
