"""Session tokens: unguessable, kept nowhere in the clear, known again without a list, and the form token that goes with each."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes, as one writes them in an address
CHANCE = 24  # bytes of them that nobody can guess; the rest proves that they came from us


class Sessions:
    """Gives out tokens and knows its own again."""

    def __init__(self, key: bytes) -> None:
        self._key = hashlib.blake2b(key, digest_size=32, person=b"web session").digest()

    def new(self) -> str:
        """A fresh token."""
        chance = secrets.token_bytes(CHANCE)
        return _written(chance + self._proof(chance))

    def ours(self, token: str) -> bool:
        """Whether it was given out under this key."""
        if not is_session(token):
            return False
        whole = base64.urlsafe_b64decode(token + "=")
        return hmac.compare_digest(_written(whole[:CHANCE] + self._proof(whole[:CHANCE])), token)

    def _proof(self, chance: bytes) -> bytes:
        return hashlib.blake2b(chance, digest_size=32 - CHANCE, key=self._key).digest()


def _written(whole: bytes) -> str:
    return base64.urlsafe_b64encode(whole).rstrip(b"=").decode()


def is_session(token: object) -> bool:
    """Whether it has a token's form."""
    return isinstance(token, str) and TOKEN.fullmatch(token) is not None


def sender(session: str) -> str:
    """The name this session's person is kept under: a digest, so that a copy of the database opens no session."""
    return hashlib.sha256(session.encode()).hexdigest()[:40]


def form_token(session: str) -> str:
    """What a form carries to show that it came from a page of this session; another site cannot compute it."""
    return hashlib.sha256(b"form:" + session.encode()).hexdigest()[:32]


def same_token(one: str, other: str) -> bool:
    """Compared in constant time."""
    return secrets.compare_digest(one.encode(), other.encode())


def delivery_id(nonce: str, kind: str, content: str) -> str:
    """The id of what one form sends: sent twice it is one delivery, another answer of that page is another."""
    return f"{nonce}.{hashlib.sha256(f'{kind}:{content}'.encode()).hexdigest()[:16]}"
