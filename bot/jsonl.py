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
    """Not JSON, NaN, a key said twice, nested too deep, or a text that no character set holds."""


def parse(raw: bytes) -> Any:
    """The value that `raw` holds; numbers of more digits than a float keeps come as Decimal.

    Raises: NotJson.
    """
    try:
        value = orjson.loads(raw)
        if _keys(value) == raw.count(b":") and _LONG_NUMBER.search(raw) is None:
            return value  # as many colons as keys: no key can have been said twice
        return json.loads(raw, object_pairs_hook=_once, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as wrong:
        raise NotJson(str(wrong)) from None


def _keys(value: Any) -> int:
    if type(value) is dict:
        count = len(value)
        for inner in value.values():
            if type(inner) is dict or type(inner) is list:
                count += _keys(inner)
        return count
    if type(value) is list:
        count = 0
        for inner in value:
            if type(inner) is dict:
                count += len(inner)
                for each in inner.values():
                    if type(each) is dict or type(each) is list:
                        count += _keys(each)
            elif type(inner) is list:
                count += _keys(inner)
        return count
    return 0


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("a key is said twice")
    return found


def _no_constant(name: str) -> Any:
    raise NotJson(name)


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
