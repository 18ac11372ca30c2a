"""What proves that a code, a link or a button is ours: hashes by the key of this service."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from storage import Campaigns, NoticeLine

SIGNED = 9  # bytes of a signature in a link: twelve characters that nobody guesses
TOKEN = r"\d{1,18}\.[\w-]{12}"
"""A notice's number, and the proof that it came from us."""


def keyed(key: bytes, purpose: str, what: str) -> str:
    """A hash that only this service can make; different for each purpose."""
    return hmac.new(key, f"{purpose}\x00{what}".encode(), hashlib.sha256).hexdigest()


def signed(key: bytes, number: int, campaign: str) -> str:
    """A notice's number in a link with its proof. A database may give a number again when a
    campaign is long forgotten, so the proof is of both."""
    proof = hmac.new(key, f"notice\x00{campaign}\x00{number}".encode(), hashlib.sha256).digest()[:SIGNED]
    return f"{number}.{base64.urlsafe_b64encode(proof).decode()}"


async def line_of(campaigns: Campaigns, key: bytes, token: str) -> NoticeLine | None:
    """The notice that a link, a button or a letter of ours belongs to, while it is kept; None for any other."""
    row = await campaigns.row(int(token.partition(".")[0])) if re.fullmatch(TOKEN, token, re.ASCII) else None
    ours = row is not None and hmac.compare_digest(signed(key, row.id, row.campaign), token)
    return row if ours else None
