"""A policy document read strictly, by the types that it fills: nothing missing, nothing of another kind, nothing left unread."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from rules.conditions import Condition, compile_condition
from rules.notice import KeyName, PolicyError

Row = TypeVar("Row")
Words = dict[str, Collection[str]]  # closed lists of words, by what one of them is called


class Section:
    """A table of the document that knows its place; what is left unread is an unknown key. All readers raise PolicyError."""

    def __init__(self, file: str, line: str, raw: Any, words: Words) -> None:
        if type(raw) is not dict:
            raise PolicyError(file, line, "a table is expected")
        self.file, self.line, self.left, self.words = file, line, dict(raw), words

    def fail(self, reason: str, key: str = "") -> PolicyError:
        """The error that names this place."""
        return PolicyError(self.file, self._at(key) or "document", reason)

    def _at(self, key: str) -> str:
        return ".".join(part for part in (self.line, key) if part)

    def take(self, key: str, kind: Any = str, default: Any = ...) -> Any:
        """The value of that type: a plain one, a list or table of such, a condition, or `Annotated` with a range or a closed list."""
        if key not in self.left:
            if default is ...:
                raise self.fail("is missing", key)
            return default
        value = self.left.pop(key)
        return value if value == default == "" else self._read(value, kind, key)

    def _read(self, value: Any, kind: Any, key: str) -> Any:
        marks = getattr(kind, "__metadata__", ())
        kind = kind.__origin__ if marks else kind
        inner, origin = get_args(kind), get_origin(kind) or kind
        if origin is tuple and type(value) is str and get_args(inner[0]):
            value = [value]  # one word for a list of one
        if type(value) is not {tuple: list, Mapping: dict, Condition: dict}.get(origin, origin):
            raise self.fail(f"{value!r} is of the wrong kind", key)
        if origin is str and not value.strip():
            raise self.fail("says nothing", key)
        if origin is str and "{" in value and key != "missing":
            raise self.fail(f"{value[value.index('{') :][:12]!r}: no place to fill but {{Y}}, {{Y-1}} …", key)
        if origin is tuple:
            if any(type(each) is not str for each in value):
                raise self.fail(f"{value!r}: words are expected", key)
            return tuple(self._read(each, inner[0], key) for each in value)
        if origin is Condition:
            try:
                return compile_condition(value)
            except ValueError as wrong:
                raise self.fail(str(wrong), key) from None
        for mark in marks:
            if isinstance(mark, range) and value not in mark:
                raise self.fail(f"{value} is out of range", key)
            if isinstance(mark, str) and value not in self.words[mark]:
                raise self.fail(f"unknown {mark} {value!r}; there are {sorted(self.words[mark])}", key)
        return value

    def fill(self, kind: type[Row], /, **given: Any) -> Row:
        """All that is left as a named tuple, field by field; `given` are those that are made elsewhere."""
        for name, (key, hint, default) in _fields(cast(Any, kind)).items():
            if name not in given:
                given[name] = self.take(key, hint, default)
        self.done()
        return kind(**given)

    def table(self, key: str, default: Any = ...) -> Section:
        """A table within."""
        return Section(self.file, self._at(key), self.take(key, dict, default), self.words)

    def tables(self) -> dict[str, Section]:
        """All that is left, which is tables."""
        return {key: self.table(key) for key in tuple(self.left)}

    def rows(self, key: str, default: Any = ...) -> list[Section]:
        """A list of tables, no two of one id."""
        rows: dict[Any, Section] = {}
        for number, raw in enumerate(self.take(key, list, default)):
            name = raw.get("id", number) if type(raw) is dict else number
            if name in rows:
                raise self.fail(f"{name!r} stands twice", key)
            rows[name] = Section(self.file, f"{self._at(key)}.{name}", raw, self.words)
        return list(rows.values())

    def done(self) -> None:
        """Nothing may be left."""
        if self.left:
            raise self.fail(f"unknown key {min(self.left)!r}")


@cache
def _fields(kind: Any) -> dict[str, tuple[str, Any, Any]]:
    """Of each field of a named tuple its key in the document, its type and its default."""
    found = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        keys = [mark.name for mark in getattr(hint, "__metadata__", ()) if isinstance(mark, KeyName)]
        found[name] = keys[0] if keys else name, hint, kind._field_defaults.get(name, ...)
    return found
