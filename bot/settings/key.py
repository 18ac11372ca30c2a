"""The key of this service: what codes are hashed and links are signed with."""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

FILE = "secret.key"
LEAST, VARIED = 32, 8  # bytes of a key, and different ones among them: not nothing, and no file of zeros


def service_key(given: str, data_dir: Path) -> bytes:
    """The key of the settings, or one made once and kept among the data.

    Raises: OSError where it cannot be read or written, or what stands there is no key.
    """
    if given:
        return hashlib.sha256(given.encode()).digest()
    path = data_dir / FILE
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _make(path)
    kept = path.read_bytes()
    if len(kept.strip()) < LEAST or len(set(kept)) < VARIED:
        raise OSError(
            f"XUESHI_SECRET_KEY: {path} 不是密钥（{len(kept)} 字节）；请从备份恢复它，或删掉它另生成一把（以前发出的绑定码和链接就作废了）"
        )
    with suppress(PermissionError):
        path.chmod(0o600)
    return hashlib.sha256(kept).digest()


def _make(path: Path) -> None:
    """Whole or not at all, and the first of two processes wins: a key cut short by a full disk is never taken for one."""
    made = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(secrets.token_hex(32).encode())
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(made, path)
    made.unlink()
