"""`.env`, read so that no line is passed over in silence; and, from the registry, what `.env.example` and README say."""

from __future__ import annotations

import difflib
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.settings.entries import PREFIX, registry

CLOSE = 0.82
FIRST = "Every setting is optional; without any, `xueshi run` serves the web chat on 127.0.0.1:8080 with a SQLite file under data/."


def near(key: str, names: Sequence[str]) -> str:
    """The setting that was probably meant, as words to add; nothing where none is near."""
    whole = {key.upper(), PREFIX + key.upper()}
    found = [name for one in whole for name in difflib.get_close_matches(one, names, 1, CLOSE)]
    return f"; did you mean {found[0]}?" if found else ""


def read(path: Path, names: Sequence[str], faults: list[str]) -> dict[str, tuple[str, str]]:
    """The settings in a file, each with the words that say on which line; none where there is no file. Faults are added."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as wrong:
        faults.append(f"{path}: cannot be read: {wrong.strerror}")
        return {}
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = raw[: wrong.start].count(b"\n") + 1
        faults.append(f"{path}: line {line} is not UTF-8; save the file as UTF-8")
        return {}
    if "\0" in text:
        faults.append(
            f"{path}: line {text[: text.index(chr(0))].count(chr(10)) + 1} is not text; save the file as UTF-8"
        )
        return {}
    return _lines(path, text, names, faults)


def _lines(path: Path, text: str, names: Sequence[str], faults: list[str]) -> dict[str, tuple[str, str]]:
    from dotenv.parser import parse_stream

    found: dict[str, tuple[str, str]] = {}
    lines: dict[str, int] = {}
    for one in parse_stream(io.StringIO(text)):
        lead = len(one.original.string) - len(one.original.string.lstrip("\r\n"))
        line = one.original.line + one.original.string[:lead].count("\n")
        if one.error:
            faults.append(
                f"{path}: line {line} is not NAME=value: {one.original.string.strip().partition('=')[0][:30]}…"
            )
        elif one.key is None:
            continue
        elif one.key in lines:
            faults.append(f"{one.key}: stands twice in {path}, on lines {lines[one.key]} and {line}")
        elif one.key in names:
            lines[one.key] = line
            if one.value is None:
                faults.append(f"{one.key}: has no value on line {line} of {path}")
            found[one.key] = (one.value or "", f" ({path}, line {line})")
        elif one.key.startswith(PREFIX + "TEST_"):
            continue
        elif one.key.upper().startswith(PREFIX) or near(one.key, names):
            faults.append(f"{one.key}: no such setting ({path}, line {line}){near(one.key, names)}")
    return found


def example() -> str:
    """The text of `.env.example`."""
    parts = [f"# {FIRST}\n"]
    known = {one["name"].lower(): one.get("default", "") for group in registry()["group"] for one in group["settings"]}
    for group in registry()["group"]:
        lines = [f"# {line}" for line in _wrapped(group["says"])]
        for one in group["settings"]:
            shown = one.get("example", one.get("default", "")).format(**known)
            lines.append(f"# {PREFIX}{one['name']}={shown}")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def table() -> str:
    """The table in README."""
    rows = ["| setting | |", "|---|---|"]
    for group in registry()["group"]:
        named = ", ".join(f"`{PREFIX}{one['name']}`" for one in group["settings"])
        rows.append(f"| {named} | {group['says']} |")
    return "\n".join(rows) + "\n"


def _wrapped(says: str, width: int = 140) -> Iterable[str]:
    line = ""
    for word in says.split(" "):
        if line and len(line) + len(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    yield line
