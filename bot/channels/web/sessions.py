"""Session tokens: unguessable, kept nowhere in the clear, and the form token that goes with each."""

from __future__ import annotations

import hashlib
import re
import secrets

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # what token_urlsafe(32) gives: 256 bits


def new_session() -> str:
    """A fresh token, which nobody can guess."""
    return secrets.token_urlsafe(32)


def is_session(token: object) -> bool:
    """Whether it has a token's form; one that was never given out is simply a person without data."""
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
