"""A copy of everything in one file: the database's rows as of one moment, the key, rosters; sealed where a key is set.

The file: a line that says what it is, then frames, each its length and its bytes; the last holds the digest of all. What the frames
hold is a gzipped tar.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

import orjson

from storage import Store
from storage.sealing import KEYRING, Tampered

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

MAGIC = b"xueshi backup 1\n"
FRAME = 1 << 20  # bytes, before sealing
LARGEST = FRAME + 1024
FILES = ("secret.key", "rosters")
"""What of the folder of data goes with it, beside the database."""
MANIFEST = "manifest.json"
BROKEN = "备份文件不完整，可能没有写完，或者坏了"


class BackupFault(Exception):
    """Why there is no copy, or none can be restored: one sentence."""


class _Out(io.RawIOBase):
    """Cuts what is written into frames and seals each under its number: none can be left out, doubled or moved."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._held, self._number, self._told = file, bytearray(), 0, hashlib.sha256()
        file.write(MAGIC)

    def writable(self) -> bool:
        return True

    def write(self, some: ReadableBuffer) -> int:
        part = bytes(some)
        self._held += part
        while len(self._held) >= FRAME:
            self._frame(bytes(self._held[:FRAME]), b"part")
            del self._held[:FRAME]
        return len(part)

    def _frame(self, plain: bytes, kind: bytes) -> None:
        sealed = KEYRING.seal(plain, b"backup %s %d" % (kind, self._number))
        self._file.write(len(sealed).to_bytes(4) + sealed)
        self._told.update(plain)
        self._number += 1

    def end(self) -> None:
        """Writes what is left, and the digest by which a file cut short is known."""
        if self._held:
            self._frame(bytes(self._held), b"part")
        self._frame(b"end " + self._told.digest(), b"end")


def _plain(file: IO[bytes]) -> Iterator[bytes]:
    """What the frames hold, one after another. Raises: BackupFault where the file is not whole; storage.Unavailable without its key."""
    if file.read(len(MAGIC)) != MAGIC:
        raise BackupFault("这不是学时服务的备份文件")
    told, number, held = hashlib.sha256(), 0, b""
    while head := file.read(4):
        length = int.from_bytes(head)
        kept = file.read(length) if length <= LARGEST else b""
        if len(head) < 4 or len(kept) < length or not length:
            raise BackupFault(BROKEN)
        following = file.peek(1)[:1] if isinstance(file, io.BufferedReader) else b"?"
        try:
            held = KEYRING.open(kept, b"backup %s %d" % (b"part" if following else b"end", number))
        except Tampered:
            raise BackupFault(BROKEN) from None
        number += 1
        if not following:
            break
        told.update(held)
        yield held
    if held != b"end " + told.digest():
        raise BackupFault(BROKEN)


class _In(io.RawIOBase):
    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts, self._held = parts, b""

    def readable(self) -> bool:
        return True

    def readinto(self, space: WriteableBuffer) -> int:
        room = memoryview(space)
        while not self._held:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._held = part
        some, self._held = self._held[: len(room)], self._held[len(room) :]
        room[: len(some)] = some
        return len(some)


async def backup(store: Store, data_dir: Path, out: Path) -> int:
    """Writes the copy, whole or not at all, readable by its owner alone; bytes of the file. Raises: OSError, storage.Unavailable."""
    made = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            framed = _Out(file)
            with tarfile.open(fileobj=framed, mode="w|gz", bufsize=FRAME) as archive:
                counts: dict[str, int] = {}

                def keep(name: str, piece: bytes) -> None:
                    counts[name] = counts.get(name, 0) + 1
                    _add(archive, f"db/{name}/{counts[name]:08}", piece)

                version = await store.copy_out(keep)
                for path in _files(data_dir):
                    _add(archive, f"files/{path.relative_to(data_dir)}", path.read_bytes())
                told = {"database": version, "at": store.clock().isoformat(), "pieces": counts}
                _add(archive, MANIFEST, orjson.dumps(told))
            framed.end()
            file.flush()
            os.fsync(file.fileno())
        made.replace(out)
    finally:
        made.unlink(missing_ok=True)
    return out.stat().st_size


def _files(data_dir: Path) -> Iterator[Path]:
    for name in FILES:
        place = data_dir / name
        if place.is_file():
            yield place
        elif place.is_dir():
            yield from (one for one in sorted(place.rglob("*")) if one.is_file() and not one.is_symlink())


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    archive.addfile(member, io.BytesIO(content))


def _members(source: Path) -> Iterator[tuple[str, bytes]]:
    with source.open("rb") as file:
        parts = _plain(file)
        with tarfile.open(fileobj=io.BufferedReader(_In(parts), FRAME), mode="r|gz") as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content is not None:
                    yield member.name, content.read()
        for _ in parts:  # to the end, which holds the digest
            pass


def checked(source: Path) -> str:
    """The version of the tables in a copy that was read to its end and found whole. Raises: BackupFault, OSError, storage.Unavailable."""
    version, pieces = "", dict[str, int]()
    for name, content in _read(source):
        if name == MANIFEST:
            told = orjson.loads(content)
            version = str(told["database"])
            if told["pieces"] != pieces:
                raise BackupFault("备份文件缺了几块")
        elif name.startswith("db/"):
            table = name.split("/")[1]
            pieces[table] = pieces.get(table, 0) + 1
    if not version:
        raise BackupFault(BROKEN)
    return version


def _read(source: Path) -> Iterator[tuple[str, bytes]]:
    try:
        yield from _members(source)
    except (tarfile.TarError, EOFError, ValueError) as wrong:
        raise BackupFault(f"备份文件坏了（{type(wrong).__name__}）") from None


async def restore(source: Path, url: str, data_dir: Path) -> int:
    """Puts a copy into an empty database and the folder of data; the number of rows. The file is read through before anything is touched.

    Raises: BackupFault, OSError, storage.Unavailable.
    """
    version = checked(source)
    pieces = ((name.split("/")[1], content) for name, content in _read(source) if name.startswith("db/"))
    try:
        rows = await Store.fill(url, version, pieces)
    except ValueError as wrong:
        raise BackupFault(str(wrong)) from None
    for name, content in _read(source):
        if name.startswith("files/"):
            _put(data_dir, name.removeprefix("files/"), content)
    return rows


def _put(data_dir: Path, name: str, content: bytes) -> None:
    place = data_dir / name
    if Path(name).parts[0] not in FILES or ".." in Path(name).parts:
        raise BackupFault("备份文件里有不该有的文件名")
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
