"""Binding codes: personal, unguessable, used once; whoever brings one has bound the account they brought it with."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Sequence

from bot.post.secrets import keyed
from storage import AddressBook

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: nothing that is read aloud or copied for something else
LENGTH = 12  # sixty bits
_LIKE = str.maketrans("ILO", "110")
_TYPED = re.compile(
    r"(?:绑定码?|验证码|code)?[\s:：]*([0-9A-Z]{4}[-\s_—–]*[0-9A-Z]{4}[-\s_—–]*[0-9A-Z]{4})[\s。.!！]*", re.I
)
_START = re.compile(r"/(?:start|bind)(?:@\w+)?\s+(.+)", re.I | re.S)


def new_code() -> str:
    """A code as it is printed: three groups of four. It holds a letter, so that no bare number is taken for one."""
    while True:
        signs = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        if not signs.isdigit():
            return "-".join(signs[at : at + 4] for at in range(0, LENGTH, 4))


def code_in(text: str) -> str | None:
    """The code that a message holds and nothing else, in its plain form; None where it holds none."""
    plain = unicodedata.normalize("NFKC", text).strip()
    start = _START.fullmatch(plain)
    found = _TYPED.fullmatch((start[1] if start else plain).strip())
    if found is None:
        return None
    code = plain_code(found[1])
    return None if code.isdigit() else code


def plain_code(code: str) -> str:
    """A code without groups and case, misread signs put right."""
    return re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", code).upper()).translate(_LIKE)


class Bindings:
    """Codes given out and taken back."""

    def __init__(self, accounts: AddressBook, key: bytes) -> None:
        self.accounts, self._key = accounts, key

    async def invite(self, subjects: Sequence[str]) -> list[str]:
        """A new code for each; those handed out before stay good until they are used."""
        codes = [new_code() for _ in subjects]
        await self.accounts.invite(
            [(self._hashed(code), subject) for code, subject in zip(codes, subjects, strict=True)]
        )
        return codes

    async def bind(self, person_key: str, code: str) -> str | None:
        """Binds an account (`channel:account:sender`) to whoever the code was made for, and tells who that is; None for no code of ours.

        The same account with the same code again is the same as once. Raises: storage.Taken.
        """
        return await self.accounts.bind(self._hashed(code), person_key.partition(":")[0], person_key)

    async def good(self, code: str) -> bool:
        """Whether the code is ours and unused."""
        return await self.accounts.subject_of(self._hashed(code)) is not None

    def _hashed(self, code: str) -> str:
        return keyed(self._key, "binding", plain_code(code))
