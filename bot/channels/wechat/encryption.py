"""WeChat's signatures and its message encryption: AES-256-CBC over a random head, the length, the text and the app id."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import struct

BLOCK = 32  # bytes to which a message is padded, twice that of AES itself


def signature(*parts: str) -> str:
    """The SHA-1 of the parts in their order of sorting, in hexadecimal."""
    return hashlib.sha1("".join(sorted(parts)).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def signed(given: str, *parts: str) -> bool:
    """Whether a signature is the right one, in a time that tells nothing of the right one."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), signature(*parts).encode())


class Seal:
    """One account's key. Raises: ValueError for a key that is not 43 characters of base64."""

    def __init__(self, key: str, app_id: str) -> None:
        # Some keys end in bits that stand for nothing; WeChat takes them, so do we.
        self._key = base64.b64decode(key + "=")
        if len(self._key) != 32:
            raise ValueError("a key of 43 characters")
        self._app_id = app_id.encode()

    def close(self, text: bytes) -> str:
        """The text sealed for this account, in base64."""
        plain = os.urandom(16) + struct.pack(">I", len(text)) + text + self._app_id
        pad = BLOCK - len(plain) % BLOCK
        return base64.b64encode(self._crypt(plain + bytes([pad]) * pad, seal=True)).decode()

    def open(self, sealed: str) -> bytes:
        """The text within. Raises: ValueError where it is not whole, or of another account."""
        try:
            data = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValueError("not base64") from error
        if not data or len(data) % 16:
            raise ValueError("not whole blocks")
        plain = self._crypt(data, seal=False)
        pad = plain[-1]
        if not 1 <= pad <= BLOCK or plain[-pad:] != bytes([pad]) * pad:
            raise ValueError("wrong padding")
        plain = plain[:-pad]
        if len(plain) < 20:
            raise ValueError("too short")
        end = 20 + struct.unpack(">I", plain[16:20])[0]
        if end > len(plain) or plain[end:] != self._app_id:
            raise ValueError("of another account")
        return plain[20:end]

    def _crypt(self, data: bytes, *, seal: bool) -> bytes:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        # The vector is part of the key by WeChat's definition; the random head makes every message differ.
        cipher = Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))
        step = cipher.encryptor() if seal else cipher.decryptor()
        return step.update(data) + step.finalize()
