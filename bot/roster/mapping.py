"""What a person says of a file beside what is read: columns, answers for values, what holds for everybody. Kept as a small TOML file."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.roster.cells import clean
from bot.roster.columns import HeaderTerms, named, names, plain

ABSENT = "没有列的学时"  # of the years that no column tells
NONE_LEARNT, NOT_LISTED = "没学", "没列"
MARKED = "只写合格或打勾的学时"  # in a column of hours that does not ask for it
AS_FULL, AS_OPEN = "按学满算", "按不知道算"


class UnknownColumn(ValueError):
    """Something said of a file names a column that is not there."""


@dataclass(frozen=True)
class MappingFile:
    """`columns`: a header (or a letter) → the name of what it is, "" for nothing. `values`: a column's name → a value as it stands →
    what it means. `everybody`: a column's name → what holds for whoever tells nothing else. `cells`: a cell, as 花名册!F5 → what should
    stand in it."""

    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    everybody: dict[str, str] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.columns or self.values or self.everybody or self.cells)

    def of_the_form(self) -> MappingFile:
        """What holds for another file of the same form too: all but single cells."""
        return MappingFile(self.columns, self.values, self.everybody)

    def by_header(self, terms: HeaderTerms) -> dict[str, str]:
        """The columns as `columns.assign` takes them; a correction may be put either way round.

        Raises: UnknownColumn.
        """
        found = {}
        for one, other in self.columns.items():
            if named(other, terms) is not None or not other:
                header, name = one, other
            elif named(one, terms) is not None:
                header, name = other, one
            else:
                raise UnknownColumn(f"不认识列名“{one}”，可用的列名：{'、'.join(names([terms.review_year], terms))}")
            found[plain(header)] = name
        return found


def read_toml(text: str) -> MappingFile:
    """What a mapping file says.

    Raises: UnknownColumn.
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise UnknownColumn(f"对应表不是合格的 TOML：{fault}") from None
    if unknown := told.keys() - {"columns", "values", "everybody", "cells"}:
        raise UnknownColumn(f"对应表里不认识“{min(unknown)}”，可用的有 columns、values、everybody、cells")
    flat = (value for name in ("columns", "everybody", "cells") for value in told.get(name, {}).values())
    nested = told.get("values", {}).values()
    if not all(isinstance(value, str) for value in flat) or not all(
        isinstance(table, dict) and all(isinstance(value, str) for value in table.values()) for table in nested
    ):
        raise UnknownColumn("对应表里的值都要写成带引号的文字")
    values = {
        name: {clean(value): answer for value, answer in table.items()}
        for name, table in told.get("values", {}).items()
    }
    return MappingFile(told.get("columns", {}), values, told.get("everybody", {}), told.get("cells", {}))


def write_toml(told: MappingFile) -> str:
    """The file that `read_toml` reads."""
    parts = [_table("columns", told.columns)]
    parts += [_table(f"values.{_quoted(name)}", table) for name, table in told.values.items() if table]
    parts += [_table("everybody", told.everybody), _table("cells", told.cells)]
    return "\n".join(part for part in parts if part)


def _table(name: str, lines: Mapping[str, str]) -> str:
    told = [f"{_quoted(key)} = {_quoted(value)}\n" for key, value in lines.items()]
    return "".join([f"[{name}]\n", *told]) if told else ""


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace(
        "\x7f", "\\u007f"
    )  # TOML's strings are JSON's, but for that sign


def read_corrections(texts: Iterable[str]) -> dict[str, str]:
    """Corrections as people write them: 申报级别=职称, several parted by commas or semicolons.

    Raises: UnknownColumn for what has no equals sign.
    """
    found = {}
    for part in re.split(r"[,;，；、\n]", ";".join(texts)):
        name, equals, header = part.replace("＝", "=").partition("=")
        if not part.strip():
            continue
        if not equals or not name.strip():
            raise UnknownColumn(f"“{part.strip()}”不是更正，应写成 申报级别=职称 这样")
        found[name.strip()] = header.strip()
    return found
