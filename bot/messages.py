"""What goes between a channel and the conversation: plain frozen values that know no platform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Kind = Literal[
    "text",
    "choice",
    "edit",
    "deleted",
    "sticker",
    "voice",
    "photo",
    "video",
    "file",
    "location",
    "contact",
    "event",
    "other",
]


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery of one person: text typed (`text`, `edit`, `voice` with words recognised) or a button tapped (`choice`).

    `id` is unique within (channel, account, sender): the same id again is the same delivery. `choice` is the id of the
    button, which carries the serial of its prompt. `replaces` is the id of the message that an `edit` or `deleted` is about.
    """

    channel: str
    account: str
    sender: str
    id: str
    kind: Kind = "text"
    text: str = ""
    choice: str = ""
    replaces: str = ""
    group: bool = False  # said where others read along: no personal facts are taken
    name_hint: str = ""  # never stored

    @property
    def person(self) -> str:
        """The key under which everything of this person is kept."""
        return f"{self.channel}:{self.account}:{self.sender}"


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: `id` goes back when it is tapped (ASCII, at most 64 bytes), `label` is what is read."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Link:
    """Something to follow: a page, or a telephone number as `tel:`."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One bubble: plain text (data, never markup), the buttons under it, links."""

    text: str
    choices: tuple[Choice, ...] = ()
    links: tuple[Link, ...] = ()
    aside: tuple[Choice, ...] = ()
    """Buttons about the reply itself, where a channel has buttons: they are not numbered, and their words do the same."""
    numbered: bool = False  # a bare number said next is understood as the choice of that number: they run on through the turn's replies
    edits: bool = False  # a channel that can may redraw the prompt that was tapped instead of sending a new bubble
    result: bool = False  # this bubble tells the turn's assessment, verdict on its first line: a page may draw it
    look: Mapping[str, Any] | None = None
    """What a page may draw in place of the text, as JSON values: `kind` is `question`, `review`, `places` or `result`;
    `keep` and `remind` ask a channel that can for the result as a picture, and for the days to be reminded on."""

    def unsaid(self) -> tuple[Link, ...]:
        """The links whose address or number does not stand in the text already."""
        digits = "".join(filter(str.isdigit, self.text))
        return tuple(
            link for link in self.links
            if (link.url[4:] not in digits if link.url.startswith("tel:") else link.url.partition("://")[2] not in self.text)
        )  # fmt: skip


def first_numbers(replies: Sequence[Reply]) -> list[int]:
    """For each reply the number of its first choice: numbers run on through all that is shown."""
    numbers, following = [], 1
    for reply in replies:
        numbers.append(following)
        following += len(reply.choices)
    return numbers


@dataclass(frozen=True, slots=True)
class Turn:
    """What one message led to. `facts` is what is understood of the person asked about, in the contract's shape;
    `assessment` is the object the result was written from, in state `result` only."""

    state: str
    facts: dict[str, Any]
    assessment: dict[str, Any] | None
    replies: tuple[Reply, ...]
    toast: str = ""  # a word for platforms that acknowledge a tap apart from replying
    forgotten: bool = False  # everything of this person was deleted, this turn included


@dataclass(frozen=True, slots=True)
class Exchange:
    """One past turn as a page shows it again: what the person said (a tapped button's label), and what came back.

    `facts` and `assessment` are those of the turn, so that a result is drawn again just as it was drawn first.
    """

    said: str
    replies: tuple[Reply, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    assessment: dict[str, Any] | None = None


class Contradiction(Exception):
    """The id of an earlier delivery came again with other content."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of something sent: a value, never an exception out of a channel.

    `outcome`: `sent`; `retry` after `after` seconds (429, 5xx: known not to have arrived); `unreachable` (there was no connection: the
    same); `refused` (blocked, unknown, too old: never will); `doubt` (the call went out and its answer never came).
    """

    outcome: Literal["sent", "retry", "refused", "unreachable", "doubt"]
    after: float = 0.0
    reason: str = ""
    platform_id: str = ""


LIMITED: Final = "limited"
"""The reason of a `retry` that is meant for every message of the platform."""
