"""A document read strictly, by the types that it fills: nothing missing, nothing of another kind, nothing left unread.

A type says what it is made of: a plain one, a list of words or of tables, a table by name, or a class of fields. `Annotated` says what
more: a range, a closed list of words (by what the list is called in `Section.words`), a `Mark`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from functools import cache
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints


class Mark(NamedTuple):
    """What a field's type does not say of it.

    `keys`: what it is called in the document, where otherwise; `rest`: made of whatever keys are left; `every`: a table in which no word
    of its list may be missing; `cites`: a table that names its clause too; `some`: a table of some of the fields of that class; `by`: a
    table that a function makes into something, or says in a ValueError why not; `filled`: a sentence with these places to fill.
    """

    keys: tuple[str, ...] = ()
    rest: bool = False
    every: bool = False
    cites: bool = False
    some: Any = None
    by: Callable[[dict[str, Any]], Any] | None = None
    filled: tuple[str, ...] = ()


class PolicyError(Exception):
    """A policy document is wrong: the file, the id of the line, the reason."""

    def __init__(self, file: str, line: str, reason: str) -> None:
        super().__init__(file, line, reason)
        self.file, self.line, self.reason = file, line, reason

    def __str__(self) -> str:
        return f"{self.file}: {self.line}: {self.reason}"


class Section(NamedTuple):
    """Where in a document something stands. All that reads there raises PolicyError."""

    file: str
    words: Mapping[str, Collection[str]]
    line: str = ""

    def at(self, key: str) -> Section:
        """A place within."""
        return self._replace(line=f"{self.line}.{key}" if self.line else key)

    def fail(self, reason: str) -> PolicyError:
        """The error that names this place."""
        return PolicyError(self.file, self.line or "document", reason)

    def read(self, value: Any, hint: Any) -> Any:
        """The value as what the hint says."""
        marks = getattr(hint, "__metadata__", ())
        kind = hint.__origin__ if marks else hint
        made, inner = get_origin(kind) or kind, get_args(kind)
        if made in (Union, UnionType):
            return self.read(value, inner[0])
        if made is tuple and type(value) is str and get_args(inner[0]):
            value = [value]  # one word for a list of one
        written: Any = _WRITTEN.get(made, dict)
        if type(value) not in (written,):
            raise self.fail("a table is expected" if written is dict else f"{value!r} is of the wrong kind")
        mark = _mark(marks)
        if made is str:
            self._sentence(value, mark.filled)
        elif made is tuple:
            value = self._list(value, inner[0])
        elif mark.by is not None:
            try:
                value = mark.by(value)
            except ValueError as wrong:
                raise self.fail(str(wrong)) from None
        elif mark.some is not None:
            value = self._table(value, get_type_hints(mark.some, include_extras=True))
        elif made is Mapping:
            words = [self.words[word] for word in getattr(inner[0], "__metadata__", ())]
            cited = {"clause": Annotated[str, "clause"]} if mark.cites else {}
            value = self._table(value, dict.fromkeys((words or [value])[0], inner[1]) | cited, every=mark.every)
            value = {key: each for key, each in value.items() if key not in cited}
        elif written is dict:
            value = self.fill(made, value)
        for mark in marks:
            if isinstance(mark, range) and value not in mark:
                raise self.fail(f"{value} is out of range")
            if isinstance(mark, str) and value not in self.words[mark]:
                raise self.fail(f"unknown {mark} {value!r}; there are {sorted(self.words[mark])}")
        return value

    def _sentence(self, text: str, places: tuple[str, ...]) -> None:
        if not text.strip():
            raise self.fail("says nothing")
        if "{" in text and not places:
            raise self.fail(f"{text[text.index('{') :][:12]!r}: no place to fill but {{Y}}, {{Y-1}} …")
        try:
            text.format(**dict.fromkeys(places, 0)) if places else None
        except (KeyError, IndexError, ValueError):
            raise self.fail(f"has other places to fill than {' and '.join(f'{{{name}}}' for name in places)}") from None

    def _list(self, rows: list[Any], hint: Any) -> tuple[Any, ...]:
        """Values of a kind; of tables no two have one id."""
        names = [row.get("id", number) if type(row) is dict else number for number, row in enumerate(rows)]
        for number, name in enumerate(names):
            if name in names[:number]:
                raise self.fail(f"{name!r} stands twice")
        tables = isinstance(hint, type) and hint not in _WRITTEN
        return tuple([
            (self.at(f"{name}") if tables else self).read(row, hint) for name, row in zip(names, rows, strict=True)
        ])  # fmt: skip

    def _table(self, raw: Mapping[str, Any], hints: Mapping[str, Any], every: bool = False) -> dict[str, Any]:
        """Values by name."""
        if unknown := raw.keys() - hints.keys():
            raise self.fail(f"unknown key {min(unknown)!r}; there are {sorted(hints)}")
        if every and (lacking := hints.keys() - raw.keys()):
            raise self.at(min(lacking)).fail("is missing")
        return {key: self.at(key).read(value, hints[key]) for key, value in raw.items()}

    def fill(self, kind: Any, raw: Mapping[str, Any]) -> Any:
        """A table as a class of fields."""
        left, given = dict(raw), {}
        for name, (keys, hint, default) in _fields(kind).items():
            if not keys:  # the last of them
                given[name], left = self.read(left, hint), {}
            elif key := next((key for key in keys if key in left), ""):
                value = left.pop(key)
                given[name] = value if value == default == "" else self.at(key).read(value, hint)
            elif default is ...:
                raise self.at(keys[0]).fail("is missing")
        if left:
            raise self.fail(f"unknown key {min(left)!r}")
        return kind(**given)


_WRITTEN: Mapping[Any, type] = {tuple: list, str: str, int: int, bool: bool, date: date}


def _mark(marks: tuple[Any, ...]) -> Mark:
    return next((mark for mark in marks if isinstance(mark, Mark)), Mark())


@cache
def _fields(kind: Any) -> dict[str, tuple[tuple[str, ...], Any, Any]]:
    """Of each field its keys in the document, its type and its default; the one that has no key takes the rest, and comes last."""
    found, defaults = {}, getattr(kind, "_field_defaults", vars(kind))
    for name, hint in get_type_hints(kind, include_extras=True).items():
        mark = _mark(getattr(hint, "__metadata__", ()))
        found[name] = () if mark.rest else mark.keys or (name,), hint, defaults.get(name, ...)
    return dict(sorted(found.items(), key=lambda field: not field[1][0]))
