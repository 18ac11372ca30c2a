"""What proves that a code, a link or a button is ours: hashes by the key of this service.

Binding codes are personal, unguessable and used once: whoever brings one has bound the account they brought it with.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Sequence

from storage import AddressBook, Campaigns, NoticeLine

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
        await self.accounts.invite(list(zip(map(self._hashed, codes), subjects, strict=True)))
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
        return hmac.new(self._key, f"binding\x00{plain_code(code)}".encode(), hashlib.sha256).hexdigest()


# ---------------------------------------------------------------- links and buttons

SIGNED = 9  # bytes of a signature in a link: twelve characters that nobody guesses
TOKEN = r"\d{1,18}\.[\w-]{12}"
"""A notice's number, and the proof that it came from us."""


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
