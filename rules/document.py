"""A policy document read strictly: every value of the kind, range and list that is expected, and nothing left unread."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from rules.conditions import Condition, compile_condition
from rules.notice import PolicyError


class Table:
    """A table of the document that knows its place; what is left unread is an unknown key. All readers raise PolicyError."""

    def __init__(self, file: str, line: str, raw: Any) -> None:
        if not isinstance(raw, dict):
            raise PolicyError(file, line, "a table is expected")
        self.file, self.line, self.left = file, line, dict(raw)

    def fail(self, reason: str, key: str = "") -> PolicyError:
        """The error that names this place."""
        return PolicyError(self.file, self._at(key) or "document", reason)

    def _at(self, key: str) -> str:
        return ".".join(part for part in (self.line, key) if part)

    def take(self, key: str, kind: type[Any] | tuple[type[Any], ...], default: Any = ...) -> Any:
        """A value of that kind; True is no number, and a moment is no day."""
        if key not in self.left:
            if default is ...:
                raise self.fail("is missing", key)
            return default
        value = self.left.pop(key)
        wrong = (isinstance(value, bool) and kind is int) or (isinstance(value, datetime) and kind is date)
        if wrong or not isinstance(value, kind):
            raise self.fail(f"{value!r} is of the wrong kind", key)
        return value

    def text(self, key: str, default: Any = ...) -> str:
        """Words; none only where that is the default."""
        words: str = self.take(key, str, default)
        if not words.strip() and words != default:
            raise self.fail("says nothing", key)
        return words

    def texts(self, key: str, default: Any = ...) -> tuple[str, ...]:
        """A list of words."""
        words = self.take(key, list, default)
        if not all(isinstance(word, str) and word.strip() for word in words):
            raise self.fail(f"{words!r}: words are expected", key)
        return tuple(words)

    def number(self, key: str, least: int, most: int | None = None, default: Any = ...) -> int:
        """A whole number from `least` to `most`."""
        value: int = self.take(key, int, default)
        if value != default and not (least <= value and (most is None or value <= most)):
            raise self.fail(f"{value} is out of range", key)
        return value

    def one_of(self, key: str, allowed: Collection[str], what: str, default: Any = ...) -> str:
        """One word of a closed list; `what` it is called."""
        word: str = self.take(key, str, default)
        if word not in allowed and word != default:
            raise self.fail(f"unknown {what} {word!r}; there are {sorted(allowed)}", key)
        return word

    def table(self, key: str, default: Any = ...) -> Table:
        """A table within."""
        return Table(self.file, self._at(key), self.take(key, dict, default))

    def rows(self, key: str, default: Any = ...) -> list[Table]:
        """A list of tables, no two of one id."""
        rows, seen = [], set()
        for number, raw in enumerate(self.take(key, list, default)):
            name = raw.get("id") if isinstance(raw, dict) else None
            if name is not None and not isinstance(name, str):
                raise self.fail(f"the id {name!r} is of the wrong kind", key)
            if name is not None and name in seen:
                raise self.fail(f"{name!r} stands twice", key)
            seen.add(name)
            rows.append(Table(self.file, f"{self._at(key)}.{name if name is not None else number}", raw))
        return rows

    def condition(self, key: str) -> Condition:
        """A condition, compiled."""
        try:
            return compile_condition(self.take(key, dict))
        except ValueError as wrong:
            raise self.fail(str(wrong), key) from None

    def done(self) -> None:
        """Nothing may be left."""
        if self.left:
            raise self.fail(f"unknown key {sorted(self.left)[0]!r}")
