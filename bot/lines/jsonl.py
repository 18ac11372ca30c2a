"""JSON read strictly and fast: what is not plain JSON, or says one key twice, is no JSON here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import orjson

LINE_BYTES = 1 << 20
"""The longest line that is read; a person's facts need a few thousand bytes."""

_LONG_NUMBER = re.compile(rb"[0-9.]{16}")


class NotJson(ValueError):
    """Not JSON, NaN, a key said twice, nested too deep, or a text that no character set holds; `fault` names which."""

    def __init__(self, fault: str = "json") -> None:
        super().__init__(fault)
        self.fault = fault


def parse(raw: bytes) -> Any:
    """The value that `raw` holds; numbers of more digits than a float keeps come as Decimal.

    Raises: NotJson.
    """
    try:
        value = orjson.loads(raw)
        # As many colons as keys: no key can have been said twice.
        if _keys(value) == raw.count(b":") and (b"." not in raw or _LONG_NUMBER.search(raw) is None):
            return value
        return json.loads(raw, object_pairs_hook=_once, parse_float=Decimal, parse_constant=_no_constant)
    except NotJson:
        raise
    except (ValueError, RecursionError) as wrong:
        raise NotJson(_fault(raw, str(wrong))) from None


def _fault(raw: bytes, said: str) -> str:
    """Which fault it is that a parser complains of."""
    if "surrogate" in said or "utf-8" in said.lower():
        return "json_text"
    if "recursion" in said.lower() or "nest" in said.lower():
        return "json_deep"
    try:
        json.loads(raw, object_pairs_hook=_once, parse_constant=_no_constant)
    except NotJson as wrong:
        return wrong.fault
    except RecursionError:
        return "json_deep"
    except UnicodeDecodeError:
        return "json_text"
    except ValueError:
        return "json"
    return "json_number"  # only a number too large stands between the two parsers


def _keys(facts: Any) -> int:
    """How many keys a facts object holds; what is nested deeper than facts are is not counted, and so read the long way."""
    if type(facts) is not dict:
        return -1
    count = len(facts)
    history = facts.get("history")
    try:
        if type(history) is list:
            count += sum(map(len, history))
        elif type(history) is dict:
            count += len(history) + sum(map(len, history.values()))
    except TypeError:
        return -1
    postdoc = facts.get("postdoc")
    return count + len(postdoc) if type(postdoc) is dict else count


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("json_twice")
    return found


def _no_constant(name: str) -> Any:
    raise NotJson("json_number")


def lines(read: Callable[[int], bytes], limit: int = LINE_BYTES) -> Iterator[list[bytes | None]]:
    """The lines of a stream, as many at a time as have arrived; None for a line longer than `limit`, which is skipped unread.

    `read` gives what is there, at most so many bytes, and nothing at the end.
    """
    rest = b""
    skipping = False
    while chunk := read(1 << 16):
        parts = (rest + chunk).split(b"\n")
        rest = parts.pop()
        found: list[bytes | None] = []
        for part in parts:
            found.append(None if skipping or len(part) > limit else part)
            skipping = False
        if len(rest) > limit:
            rest, skipping = b"", True
        if found:
            yield found
    if skipping:
        yield [None]
    elif rest:
        yield [rest if len(rest) <= limit else None]
