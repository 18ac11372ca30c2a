"""Where notices lie: the folders that are read, the file of each notice, and the cases that are written for it."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot.commands import FAILED, Fault, library, settings
from rules import Library, Notice, PolicyError, load
from rules.loading import NOTICES, TO_DO

CASES = Path(__file__).parents[2] / "tests" / "cases"


def notice_of(id: str) -> Notice:
    """The notice of that id. Raises: Fault."""
    every = library()
    try:
        return every.by_id(id)
    except KeyError:
        raise Fault(f"no notice {id!r}; there are {', '.join(notice.id for notice in every.notices)}") from None


def folders() -> tuple[Path, ...]:
    """The folders that are read, the product's own first."""
    return (NOTICES, *settings().policies)


def files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The id of every notice under a folder, and its file; what cannot be read is left to the loader to refuse."""
    for path in sorted(folder.rglob("*.toml")):
        try:
            yield str(tomllib.loads(path.read_text(encoding="utf-8")).get("id")), path
        except (OSError, ValueError):
            continue


def file_of(id: str) -> Path:
    """The file of a notice that is loaded. Raises: Fault."""
    for folder in folders():
        for name, path in files(folder):
            if name == id:
                return path
    raise Fault(f"no notice {id!r}")


def under(folder: Path) -> tuple[Library, frozenset[str]]:
    """The notices under a folder beside all others, or alone where they stand in the place of others; and their ids.

    Raises: Fault.
    """
    if not folder.is_dir():
        raise Fault(f"{folder}: no such folder")
    if undone := list(_undone(folder)):
        raise Fault("\n".join((f"{len(undone)} values are still marked {TO_DO}:", *undone)), FAILED)
    ids = frozenset(name for name, _ in files(folder))
    beside = tuple(one for one in settings().policies if one.resolve() != folder.resolve())
    try:
        return load(*beside, folder), ids
    except PolicyError as wrong:
        with suppress(PolicyError):
            alone = load(folder, shipped=False)
            print(f"checked alone; beside the others it would be refused: {wrong}", file=sys.stderr)
            return alone, ids
        raise Fault(str(wrong), FAILED) from None


def _undone(folder: Path) -> Iterator[str]:
    """Every line that a draft has marked and nobody has looked up."""
    for path in sorted(folder.rglob("*.toml")):
        with suppress(OSError, ValueError):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if TO_DO in line.partition("#")[0]:
                    yield f"  {path}:{number}: {line.strip()}"


def book(home: Path, notice: Notice) -> dict[str, Any] | None:
    """The file of cases for a notice, as written; None where there is none. Raises: Fault."""
    path = home / f"{notice.id}.toml"
    if not path.is_file():
        return None
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise Fault(f"{path}: {wrong}", FAILED) from None
