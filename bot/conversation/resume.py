"""A short code that opens the same case on another phone or channel: eight digits, said in two breaths, good for half an hour.

What is kept under a code is whose case it is, never the case: once that is deleted, the code opens nothing.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from storage import Conflict, Store, Written

LASTS = timedelta(minutes=30)
ASKED = re.compile(r"(?:我?要?)(?:续接码|换(?:个|部)?手机(?:看|继续|接着看)?)[。！!]?")
_CODE = re.compile(r"(?:续接码[：:]?\s*)?([3-9]\d{3})[ -]?(\d{4})")  # no code is a date: those begin with 1 or 2
WRONG_A_MINUTE = 10
"""Codes that were none, from everybody together: guessing one takes years."""


class Codes:
    """The codes of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._wrong: list[float] = []

    async def give(self, person: str) -> str:
        """A code for the case of a person. Raises: storage.Unavailable."""
        now = datetime.now(UTC)
        while True:
            code = f"{secrets.randbelow(70_000_000) + 30_000_000}"
            row = {"of": person, "until": (now + LASTS).isoformat(), "state": "code", "day": now.date().isoformat()}
            stored = await self._store.load(_key(code))
            try:
                await self._store.commit(
                    Written(
                        person=_key(code), revision=stored.revision, session=row, message_id=secrets.token_hex(8), digest="",
                        answer=None, reply=b"{}", at=now, inbox=None, channel="code", parts=(),
                    )
                )  # fmt: skip
            except Conflict:
                continue  # somebody was given the same one just now
            return f"{code[:4]} {code[4:]}"

    def code_in(self, text: str) -> str:
        """The code that a message is, without its blank; nothing where it is none."""
        found = _CODE.fullmatch(text.strip())
        return found[1] + found[2] if found else ""

    async def open(self, code: str) -> dict[str, Any] | None:
        """The session that a code opens; None where there is none, it is over, or too many wrong ones were tried.

        Raises: storage.Unavailable.
        """
        now = time.monotonic()
        self._wrong = [moment for moment in self._wrong if now - moment < 60]
        if len(self._wrong) >= WRONG_A_MINUTE:
            return None
        row = (await self._store.load(_key(code))).session
        if row is not None and datetime.fromisoformat(row["until"]) > datetime.now(UTC):
            session = (await self._store.load(row["of"])).session
            if session is not None and session.get("cases", {}).get("self", {}).get("log"):
                return session
        self._wrong.append(now)
        return None


def _key(code: str) -> str:
    return f"code::{hashlib.sha256(code.encode()).hexdigest()[:40]}"
