"""What people said is sealed before it reaches a disk, under the keys of this process; old keys go on reading what they sealed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Dialect, LargeBinary, TypeDecorator

from .values import Unavailable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SETTING = "XUESHI_ENCRYPTION_KEY"
MARK = b"\x00xs\x01"
"""What sealed bytes begin with, and no JSON does: what was kept before there was a key stays readable."""
NAMED, NONCE = 4, 12  # bytes of a key's name, and of chance for each sealing


class Tampered(Unavailable):
    """What is kept is not what was sealed."""


class Keyring:
    """The keys of this process: the first seals, all of them open. Without any, everything is kept as it is."""

    def __init__(self) -> None:
        self._keys: dict[bytes, AESGCM] = {}
        self._first = b""

    def use(self, keys: Sequence[str]) -> None:
        """From now on these keys, each a long secret text, the newest first."""
        self._keys, self._first = {}, b""
        for key in keys:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM

            whole = hashlib.blake2b(key.encode(), digest_size=32, person=b"xueshi sealing").digest()
            name = hashlib.blake2b(whole, digest_size=NAMED).digest()
            self._keys[name] = AESGCM(whole)
            self._first = self._first or name

    def __bool__(self) -> bool:
        return bool(self._keys)

    def seal(self, plain: bytes, purpose: bytes) -> bytes:
        """The bytes sealed; nothing stays nothing. `purpose` has to be the same when they are opened."""
        if not self._first or not plain:
            return plain
        nonce = os.urandom(NONCE)
        return MARK + self._first + nonce + self._keys[self._first].encrypt(nonce, plain, purpose)

    def open(self, kept: bytes, purpose: bytes) -> bytes:
        """What was sealed, or what was kept before there was a key.

        Raises: Unavailable where the key is not among ours, Tampered where somebody has changed what is kept.
        """
        if not kept.startswith(MARK):
            return kept
        start = len(MARK) + NAMED
        key = self._keys.get(kept[len(MARK) : start])
        if key is None:
            raise Unavailable(f"{SETTING}: 这些内容是用另一把密钥加密的;请把那把密钥也写进去(用逗号隔开,新的在前)")
        from cryptography.exceptions import InvalidTag

        try:
            return key.decrypt(kept[start : start + NONCE], kept[start + NONCE :], purpose)
        except InvalidTag:
            raise Tampered(f"{SETTING}: 有一条加密的内容被改动过或损坏了,请从备份恢复") from None

    def fresh(self, kept: bytes) -> bool:
        """Whether it would be sealed the same way today."""
        if not kept:
            return True
        return kept.startswith(MARK + self._first) if self._first else not kept.startswith(MARK)


KEYRING = Keyring()


class Sealed(TypeDecorator[bytes]):
    """Bytes that are sealed on their way into the database and opened on their way out."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else KEYRING.seal(value, self.purpose.encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else KEYRING.open(bytes(value), self.purpose.encode())
