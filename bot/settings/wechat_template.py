"""The WeChat template that the account's owner chose: which of its fields holds what, and what each says to one person."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FIELD = re.compile(r"([a-z_]+)(\d{1,2})", re.ASCII)
_NAME = re.compile(r"[a-z_]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class WechatTemplate:
    """`fields`: what each holds, a name of ours or words that stay as they are."""

    id: str
    fields: Mapping[str, str]

    def says(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Every field's words, as the platform takes them; empty where they cannot be said in its room."""
        said = {field: _words(field, what, values) for field, what in self.fields.items()}
        return said if all(said.values()) else {}


def wechat_template(line: str) -> WechatTemplate:
    """What a line like `TEMPLATE_ID thing1=hours time2=deadline phrase3=还差学时` says.

    Raises: ValueError with one sentence.
    """
    id, *pairs = line.split()
    if not re.fullmatch(r"[\w-]{20,64}", id, re.ASCII):
        raise ValueError("begins with the template's id, then a space and FIELD=WHAT for each of its fields")
    fields: dict[str, str] = {}
    for pair in pairs:
        field, _, what = pair.partition("=")
        if (wrong := _wrong(field, what)) or field in fields:
            raise ValueError(f"{pair!r}: {wrong or 'the field was there before'}")
        fields[field] = what
    if "hours" not in fields.values():
        raise ValueError("has a field for the hours, thing1=hours")
    return WechatTemplate(id, fields)


def _wrong(field: str, what: str) -> str:
    """What is wrong with a pair; empty where nothing is."""
    data = _data()
    named = _FIELD.fullmatch(field)
    if named is None or named[1] not in data["kinds"]:
        return f"a field is named as on the platform, one of {', '.join(data['kinds'])} and its number"
    if not _NAME.fullmatch(what):
        return "" if re.fullmatch(data["kinds"][named[1]], what) else f"a {named[1]} does not take {what!r}"
    if what not in data["says"]:
        return f"a field holds one of {', '.join(data['says'])}, or Chinese words that stay as they are"
    kinds = data["says"][what]
    return "" if named[1] in kinds else f"{what} is held by a field of the kind {' or '.join(kinds)}"


def _words(field: str, what: str, values: Mapping[str, Any]) -> str:
    kind = field.rstrip("0123456789")
    if not _NAME.fullmatch(what):
        return what
    taken = re.compile(_data()["kinds"][kind])
    for wording in _wordings(what, kind):
        said = " ".join(wording.render(values).split())
        if taken.fullmatch(said):
            return said
    return ""


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("wechat_fields.toml").read_text(encoding="utf-8"))


@cache
def _wordings(what: str, kind: str) -> tuple[Any, ...]:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(undefined=StrictUndefined, autoescape=False)  # plain text: WeChat shows it as it is
    return tuple(environment.from_string(wording) for wording in _data()["says"][what][kind])
