"""The mailbox that letters come back to: which notices did not arrive after all, and who answered that they want no more."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Final, Literal, NamedTuple
from urllib.parse import unquote, urlsplit

from bot.post.proofs import TOKEN

MOST: Final = 200  # letters looked at in one go
TIMEOUT: Final = 20.0
_OURS = re.compile(rf"<({TOKEN})@")  # as the Message-ID of a notice begins
_STATUS = re.compile(r"(?im)^Status:\s*([245]\.\d{1,3}\.\d{1,3})|\b(5\.\d{1,3}\.\d{1,3})\b|\b(55[0-4])\b")
_DAEMON = re.compile(r"mailer-daemon|postmaster", re.I)


class Returned(NamedTuple):
    """What came for the notice of a token: it did not arrive, for a reason, or the reader's own `words`."""

    token: str
    kind: Literal["bounce", "answer"]
    words: str


def read(url: str) -> list[Returned]:
    """What has come for notices of ours since the last look; other letters stay unread. Blocks. Raises: OSError."""
    place = urlsplit(url)
    secure = place.scheme == "imaps"
    try:
        context = ssl.create_default_context()
        host, port = place.hostname or "localhost", place.port or (993 if secure else 143)
        box = (
            imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=TIMEOUT)
            if secure
            else imaplib.IMAP4(host, port, TIMEOUT)
        )
        with box:
            if not secure and "STARTTLS" in box.capabilities:
                box.starttls(context)
            box.login(unquote(place.username or ""), unquote(place.password or ""))
            box.select(unquote(place.path.strip("/")) or "INBOX")
            return [*_looked(box)]
    except imaplib.IMAP4.error as fault:
        raise OSError(type(fault).__name__) from None


def _looked(box: imaplib.IMAP4) -> Iterator[Returned]:
    _, (found, *_) = box.search(None, "UNSEEN")
    for number in (found or b"").split()[:MOST]:
        _, parts = box.fetch(number.decode(), "(BODY.PEEK[])")
        raw = next((part[1] for part in parts if isinstance(part, tuple)), b"")
        if (came := returned(raw)) is not None:
            box.store(number.decode(), "+FLAGS", r"(\Seen)")
            yield came


def returned(raw: bytes) -> Returned | None:
    """What a letter says of a notice of ours; None where it says nothing. A delay is no failure."""
    message = message_from_bytes(raw, policy=policy.default)
    text = _text(message)
    by_machine = message.get_content_type() == "multipart/report" or bool(_DAEMON.search(str(message.get("From", ""))))
    if not by_machine:
        token = _OURS.search(f"{message.get('In-Reply-To', '')} {message.get('References', '')}")
        return None if token is None else Returned(token[1], "answer", _first_line(text))
    token, status = _OURS.search(text), _STATUS.search(text)
    told = next(filter(None, status.groups())) if status else ""
    if token is None or not told.startswith("5"):
        return None
    gone = re.match(r"5\.1\.|550", told)
    return Returned(token[1], "bounce", "bad_address" if gone else "put_off" if told == "5.2.2" else "refused")


def _text(message: EmailMessage) -> str:
    """Every line of it that can be read, the letter that came back included."""
    found = []
    for part in message.walk():
        found += [f"{name}: {value}" for name, value in part.items()]
        if not part.is_multipart() and part.get_content_maintype() == "text":
            held = part.get_payload(decode=True)
            found.append(held.decode(part.get_content_charset("utf-8"), "replace") if isinstance(held, bytes) else "")
    return "\n".join(found)


def _first_line(text: str) -> str:
    """What somebody wrote above the letter that they answer."""
    body = [line.strip() for line in text.splitlines() if line.strip() and not re.match(r"[\w-]+:\s", line)]
    return body[0] if body else ""
