"""The key of this service: what codes are hashed and links are signed with."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

FILE = "secret.key"
SIGNED = 9  # bytes of a signature in a link: twelve characters that nobody guesses


def service_key(given: str, data_dir: Path) -> bytes:
    """The key of the settings, or one made once and kept among the data.

    Raises: OSError.
    """
    if given:
        return hashlib.sha256(given.encode()).digest()
    path = data_dir / FILE
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return hashlib.sha256(path.read_bytes()).digest()
    with os.fdopen(made, "wb") as file:
        file.write(secrets.token_hex(32).encode())
        file.flush()
        os.fsync(file.fileno())
    return hashlib.sha256(path.read_bytes()).digest()


def keyed(key: bytes, purpose: str, what: str) -> str:
    """A hash that only this service can make; different for each purpose."""
    return hmac.new(key, f"{purpose}\x00{what}".encode(), hashlib.sha256).hexdigest()


def signed(key: bytes, number: int, campaign: str) -> str:
    """A notice's number in a link, with the proof that it came from us. A database may give a number again when a
    campaign is long forgotten, so the proof is of both."""
    proof = hmac.new(key, f"notice\x00{campaign}\x00{number}".encode(), hashlib.sha256).digest()[:SIGNED]
    return f"{number}.{base64.urlsafe_b64encode(proof).decode()}"


def number_in(token: str) -> int | None:
    """The number that a link claims; None for what can be no link of ours."""
    number, _, proof = token.partition(".")
    return int(number) if proof and number.isascii() and number.isdigit() and len(number) < 19 else None


def proved(key: bytes, token: str, number: int, campaign: str) -> bool:
    """Whether the link is ours."""
    return hmac.compare_digest(signed(key, number, campaign).encode(), token.encode("utf-8", "replace"))
